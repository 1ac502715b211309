"""Bearer tokens: who asks. RFC 9068 access tokens that this hub signed, verified once and then remembered.

In charge of the form of a token, of signing it and of refusing one that does not hold (AccessError); touches no
database. A token says one scope: a grant is used one at a time. Verifying costs a signature; what is remembered of a
good token, by its digest, costs a look-up, and its end and its client's standing are asked anew every time.
Source: RFC 9068 §2, §4; RFC 6750.
"""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe
from time import time
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from hub.errors import AccessError

from .clients import Clients

ALGORITHM: Final = "Ed25519"  # the name that RFC 9864 gives to the one curve that "EdDSA" meant here
LONGEST: Final = 4096  # bytes of a token
REMEMBERED: Final = 10_000  # tokens
LEEWAY: Final = 5  # seconds that the clocks of several hosts may differ


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, under which one grant, by which token, from where."""

    client_id: str
    scope: str
    token_id: str
    address: str


class TokenKey:
    """The hub's signing key as JOSE has it; its id is its thumbprint (RFC 7638)."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self.key = OKPKey.import_key(key)
        self.id = self.key.thumbprint()

    def jwks(self) -> dict[str, Any]:
        """The public half, as served at /.well-known/jwks.json."""
        public = {name: value for name, value in self.key.as_dict(private=False).items() if name in {"kty", "crv", "x"}}
        return {"keys": [{**public, "kid": self.id, "use": "sig", "alg": ALGORITHM}]}

    def sign(self, claims: dict[str, Any]) -> str:
        header = {"typ": "at+jwt", "alg": ALGORITHM, "kid": self.id}
        return jwt.encode(header, claims, self.key, algorithms=[ALGORITHM])


def claims(*, issuer: str, audience: str, client_id: str, scope: str, seconds: int) -> dict[str, Any]:
    """The claims of a fresh access token."""
    now = int(time())
    return {
        "iss": issuer,
        "aud": audience,
        "sub": client_id,
        "client_id": client_id,
        "iat": now,
        "exp": now + seconds,
        "jti": token_urlsafe(16),
        "scope": scope,
    }


@dataclass(frozen=True, slots=True)
class _Known:
    client_id: str
    scope: str
    token_id: str
    expires_at: float


class Bearer:
    """Says who asks. `clients` is asked on every request, in memory."""

    def __init__(self, key: TokenKey, *, issuer: str, audience: str, clients: Clients) -> None:
        self._key, self._issuer, self._audience, self._clients = key, issuer, audience, clients
        self._known: OrderedDict[bytes, _Known] = OrderedDict()

    def caller(self, authorization: bytes | None, address: str) -> Caller:
        """The caller behind an Authorization header. AccessError; ExecuteError where clients are not known now."""
        if not authorization:
            raise AccessError(
                "ACCESS_TOKEN_MISSING",
                "No access token",
                detail="Authorization",
                hint="Ask for one at /oauth/token and send it as: Authorization: Bearer <token>",
            )
        scheme, _, token = authorization.partition(b" ")
        token = token.strip()
        if scheme.lower() != b"bearer" or not token or len(token) > LONGEST:
            raise _invalid("The Authorization header is not one bearer token")
        digest = sha256(token).digest()  # the token itself is not kept
        known = self._known.get(digest)
        if known is None:
            known = self._verify(token)
            self._known[digest] = known
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        if known.expires_at <= time():
            self._known.pop(digest, None)
            raise AccessError("ACCESS_TOKEN_EXPIRED", "The access token has expired", hint="Ask for another one")
        client = self._clients.get(known.client_id)
        if client is None or known.scope not in client.scopes:
            raise AccessError(
                "ACCESS_CLIENT",
                "The client may no longer use this grant",
                hint="It was shut out, or the scope was taken from it: ask the hub's operator",
            )
        return Caller(known.client_id, known.scope, known.token_id, address)

    def _verify(self, token: bytes) -> _Known:
        try:
            decoded = jwt.decode(token, self._key.key, registry=_REGISTRY)
        except (JoseError, ValueError, TypeError, RecursionError, KeyError):
            raise _invalid("The access token was not signed by this hub, or was altered") from None
        if str(decoded.header.get("typ", "")).lower() not in {"at+jwt", "application/at+jwt"}:
            raise _invalid("The token is not an access token")
        said = decoded.claims
        client_id, scope, token_id, end, start = (
            said.get(name) for name in ("client_id", "scope", "jti", "exp", "iat")
        )
        if (
            said.get("iss") != self._issuer
            or said.get("aud") != self._audience
            or not all(isinstance(text, str) and text for text in (client_id, scope, token_id))
            or type(end) is not int
            or type(start) is not int
            or start > time() + LEEWAY
        ):
            raise _invalid("The access token is not for this hub")
        return _Known(str(client_id), str(scope), str(token_id), end)


def _invalid(message: str) -> AccessError:
    return AccessError(
        "ACCESS_TOKEN_INVALID", message, detail="Authorization", hint="Ask for another one at /oauth/token"
    )


_REGISTRY: Final = jws.JWSRegistry(algorithms=[ALGORITHM])
