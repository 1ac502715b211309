"""Clients: the offices' systems that may ask for tokens. Touches the database, in the caller's transaction.

In charge of who they are, which grants they may ask for, what ``$client.*`` stands for, and of their secrets, of which
only the scrypt hash is kept. A client has a secret or public keys (it signs assertions), never both.
It refuses (`PolicyError`) a scope that belongs to another department. Recording `client_changed` is the caller's.
"""

import hmac
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import scrypt
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from hub.errors import PolicyError
from hub.store.access import client as clients

from .grant import NAME

ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")  # no colon: it goes into a Basic header
LOG2_COST: Final = 14  # scrypt's N = 2^14, r = 8, p = 1: 16 MB and some 40 ms a try
BLOCK: Final = 8
SALT: Final = 16
LONGEST_SECRET: Final = 1024  # characters; ours have 43
NOBODY: Final = bytes([LOG2_COST]) + bytes(SALT + 32)  # what is compared with where there is no hash

#: What a scope begins with that lets a client deliver: ``deliver:tax/payroll``. It opens nothing else.
DELIVER: Final = "deliver:"

Attributes = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Client:
    """A client that is enabled. `department`: the folder its scopes come from: grants, and `deliver:` deliveries."""

    id: str
    name: str
    department: str
    attributes: Attributes
    scopes: tuple[str, ...]


def register_client(
    connection: Connection,
    *,
    client_id: str,
    name: str,
    department: str,
    attributes: Attributes | None = None,
    scopes: Sequence[str] = (),
) -> str:
    """Add a client and return its secret, which nobody can be shown again."""
    if not ID.fullmatch(client_id):
        raise PolicyError(
            "POLICY_CLIENT_ID", "a client id has letters, digits, dots, dashes and underscores", client_id
        )
    secret = secrets.token_urlsafe(32)
    added = connection.execute(
        upsert(clients)
        .values(
            id=client_id,
            name=name,
            department=department,
            attributes=_attributes(attributes or {}),
            scopes=_scopes(department, scopes),
            secret_hash=_hash(secret),
            created_at=datetime.now(UTC),
        )
        .on_conflict_do_nothing()
        .returning(clients.c.id)
    ).first()
    if added is None:
        raise PolicyError("POLICY_CLIENT_TAKEN", f"there is a client '{client_id}' already", "", "Choose another id")
    return secret


def renew_secret(connection: Connection, client_id: str) -> str:
    """A new secret; the old one, or the keys, no longer serve."""
    secret = secrets.token_urlsafe(32)
    _change(connection, client_id, secret_hash=_hash(secret), jwks=None)
    return secret


def set_keys(connection: Connection, client_id: str, jwks: Mapping[str, Any]) -> None:
    """Its public keys (RFC 7517 key set), with which it signs assertions from now on; a secret no longer serves."""
    keys = jwks.get("keys")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
        raise PolicyError("POLICY_CLIENT_KEYS", 'a key set is {"keys": [...]} with one key or more')
    if any(key.get("kty") == "oct" or {"d", "k"} & key.keys() for key in keys):
        raise PolicyError(
            "POLICY_CLIENT_KEYS", "the key set holds a private key", "", "Make a new key: this one has been shown"
        )
    _change(connection, client_id, secret_hash=None, jwks=dict(jwks))


def set_client(
    connection: Connection,
    client_id: str,
    *,
    attributes: Attributes | None = None,
    scopes: Sequence[str] | None = None,
    enabled: bool | None = None,
) -> None:
    """Change what is given. A client that is not enabled is, to the hub, not there."""
    changes: dict[str, Any] = {}
    if attributes is not None:
        changes["attributes"] = _attributes(attributes)
    if scopes is not None:
        department = connection.scalar(select(clients.c.department).where(clients.c.id == client_id))
        changes["scopes"] = _scopes(department or "", scopes)
    if enabled is not None:
        changes["enabled"] = enabled
    _change(connection, client_id, **changes)


def disable_client(connection: Connection, client_id: str) -> None:
    set_client(connection, client_id, enabled=False)


def find_client(connection: Connection, client_id: str) -> Client | None:
    """The client, if there is one and it is enabled."""
    row = _row(connection, client_id)
    return None if row is None else _client(row)


def list_clients(connection: Connection) -> list[Client]:
    """The enabled clients by id."""
    rows = connection.execute(select(clients).where(clients.c.enabled).order_by(clients.c.id))
    return [_client(row) for row in rows]


def verify_secret(connection: Connection, client_id: str, secret: str) -> Client | None:
    """The client, if this is its secret. One scrypt either way: an id that nobody has takes the same work."""
    row = _row(connection, client_id)
    stored = row.secret_hash if row is not None and row.secret_hash is not None else NOBODY
    given = secret[:LONGEST_SECRET].encode("utf-8", "surrogatepass")
    right = hmac.compare_digest(_scrypt(given, stored), bytes(stored[1 + SALT :]))
    return _client(row) if right and row is not None and row.secret_hash is not None else None


def find_keys(connection: Connection, client_id: str) -> Mapping[str, Any] | None:
    """The public key set of an enabled client that signs assertions."""
    row = _row(connection, client_id)
    return None if row is None else row.jwks


def _row(connection: Connection, client_id: str) -> Row[Any] | None:
    if not ID.fullmatch(client_id):
        return None
    return connection.execute(select(clients).where(clients.c.id == client_id, clients.c.enabled)).first()


def _client(row: Row[Any]) -> Client:
    return Client(row.id, row.name, row.department, row.attributes, tuple(row.scopes))


def _change(connection: Connection, client_id: str, **changes: Any) -> None:
    statement = update(clients).where(clients.c.id == client_id).values(**(changes or {"id": client_id}))
    if connection.execute(statement).rowcount == 0:
        raise PolicyError("POLICY_CLIENT_UNKNOWN", f"there is no client '{client_id}'")


def department_of(scope: str) -> str:
    """The folder that a grant's or a delivery's scope comes from."""
    return scope.removeprefix(DELIVER).partition("/")[0]


def _scopes(department: str, scopes: Collection[str]) -> list[str]:
    for scope in scopes:
        if not NAME.fullmatch(scope.removeprefix(DELIVER)) or department_of(scope) != department:
            raise PolicyError(
                "POLICY_SCOPE",
                f"'{scope}' is not a grant or delivery of {department}",
                "",
                f"Give it what stands under access_policies/{department}/ and connectors/{department}/ only",
            )
    return sorted(set(scopes))


def _attributes(attributes: Attributes) -> dict[str, Any]:
    for name, value in attributes.items():
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(one, str) and one.strip() for one in values):
            raise PolicyError("POLICY_CLIENT_ATTRIBUTE", f"the attribute '{name}' is a text, or a list of texts")
    return dict(attributes)


def _hash(secret: str) -> bytes:
    """log2 N (1 byte) ‖ salt (16) ‖ scrypt (32). A dearer N comes with the next secret; old hashes keep serving."""
    head = bytes([LOG2_COST]) + secrets.token_bytes(SALT)
    return head + _scrypt(secret.encode(), head)


def _scrypt(secret: bytes, stored: bytes) -> bytes:
    cost = 1 << stored[0]
    salt = stored[1 : 1 + SALT]
    return scrypt(secret, salt=salt, n=cost, r=BLOCK, p=1, maxmem=256 * cost * BLOCK, dklen=32)
