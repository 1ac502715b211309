"""Authlib's authorization server, put right where it is loose.

In charge of authenticating a client (client_secret_basic, private_key_jwt), of which scope it may have, and of the
token it gets; runs in a worker thread, inside the transaction of its request. Refuses with OAuth's errors.

Whatever fails before a client has proved who it is gives one error, word for word: an unknown client, a wrong secret
and a wrong signature are not to be told apart, and cost the same. What is wrong with an assertion that is truly the
client's is said.
Source: RFC 6749 §2.3, §4.4, §5; RFC 7523 §3; RFC 9068.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from time import time
from typing import Any, Final, Protocol

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    ClientCredentialsGrant,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidScopeError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws, jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import KeySet, OKPKey
from sqlalchemy import Connection, delete
from sqlalchemy.dialects.postgresql import insert

from hub.policy.client import Client, find_client, find_keys, verify_secret
from hub.store.access import assertion_used
from hub.terms import today_in_china

from .bearer import TokenKey, claims
from .credentials import UNAUTHENTICATED, Credentials

LIFE: Final = 300  # seconds that an assertion may still have
SKEW: Final = 30  # seconds that a client's clock may be off
SIGNED_WITH: Final = ("Ed25519", "EdDSA", "ES256", "ES384", "PS256", "RS256")
MOST_KEYS: Final = 10  # of a client that are tried
METHODS: Final = ("client_secret_basic", "private_key_jwt")


class Term(Protocol):
    """Of what a scope names, what a token depends on."""

    @property
    def starts(self) -> date | None: ...
    @property
    def expires(self) -> date: ...


@dataclass(frozen=True, slots=True)
class Unending:
    """The term of a delivery: a department may deliver as long as its client is enabled."""

    starts: date | None = None
    expires: date = date.max


@dataclass(frozen=True, slots=True)
class Applicant:
    """A client under Authlib's names for what is asked of it."""

    client: Client

    def get_client_id(self) -> str:
        return self.client.id

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method in METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"


class TokenRequest(OAuth2Request):  # type: ignore[misc]
    """A token request whose form is already known to be well-formed, and the transaction it is decided in."""

    def __init__(self, credentials: Credentials, connection: Connection) -> None:
        # Authlib wants to see https here. What the client speaks, the proxy in front knows; the hub does not.
        super().__init__("POST", "https://hub.invalid/oauth/token")
        self.payload = BasicOAuth2Payload(credentials.form)
        self.basic, self.connection = credentials.basic, connection

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data  # type: ignore[no-any-return]


class TokenServer(AuthorizationServer):  # type: ignore[misc]
    """The token endpoint's decisions. `grants`: all that a scope may name, by the scope."""

    def __init__(
        self, *, issuer: str, audience: str, endpoint: str, key: TokenKey, seconds: int, grants: Mapping[str, Term]
    ) -> None:
        super().__init__()
        self.issuer, self.audience, self.key, self.seconds, self.grants = issuer, audience, key, seconds, grants
        self.assertion_audiences = [endpoint, issuer]
        self.register_grant(OneScope)

    def create_oauth2_request(self, request: TokenRequest) -> TokenRequest:
        return request

    def handle_response(self, status: int, body: Any, _headers: object) -> tuple[int, dict[str, Any]]:
        return status, body

    def send_signal(self, name: str, *args: object, **more: object) -> None:
        """Nobody listens."""

    def save_token(self, token: object, request: TokenRequest) -> None:
        """A signed token is not kept; that it was issued is in the access log."""

    def authenticate_client(self, request: TokenRequest, *_: object) -> Applicant:
        if request.basic is not None:
            request.auth_method = "client_secret_basic"
            client = verify_secret(request.connection, *request.basic)
            if client is None:
                raise unauthenticated()
            return Applicant(client)
        request.auth_method = "private_key_jwt"
        applicant: Applicant | None = Assertion(request, self.assertion_audiences)(None, request)
        if applicant is None:
            raise unauthenticated()
        return applicant

    def generate_token(self, client: Applicant, scope: str, **_: object) -> dict[str, Any]:
        said = claims(
            issuer=self.issuer,
            audience=self.audience,
            client_id=client.get_client_id(),
            scope=scope,
            seconds=self.seconds,
        )
        return {
            "access_token": self.key.sign(said),  # with a kid, which Authlib's generator leaves out
            "token_type": "Bearer",
            "expires_in": self.seconds,
            "scope": scope,
            "jti": said["jti"],
        }


class OneScope(ClientCredentialsGrant):  # type: ignore[misc]
    """client_credentials for exactly one scope: a grant is used one at a time, so that two never add up."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_requested_scope(self) -> None:
        client = self.request.client.client
        scopes = (self.request.payload.scope or "").split()
        held = ", ".join(client.scopes) or "none"
        if len(scopes) != 1:
            asked = "Two scopes or more were asked for" if scopes else "No scope was asked for"
            raise InvalidScopeError(
                f"{asked}. A token is for exactly one: a grant is used one at a time, so that two never add up. "
                f"This client holds: {held}"
            )
        if scopes[0] not in client.scopes:
            raise InvalidScopeError(f"This client does not hold that scope. It holds: {held}")
        term = self.server.grants.get(scopes[0])
        today = today_in_china()
        if term is None:
            raise InvalidScopeError(
                "This hub has not read that grant or delivery: where it was added just now, "
                "hub serve must be started again"
            )
        if term.expires < today:
            raise InvalidScopeError(f"The grant expired on {term.expires}")
        if term.starts is not None and term.starts > today:
            raise InvalidScopeError(f"The grant starts on {term.starts}")


class Assertion(JWTBearerClientAssertion):  # type: ignore[misc]
    """private_key_jwt for one request."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, request: TokenRequest, audiences: list[str]) -> None:
        super().__init__(leeway=SKEW)
        self._connection, self._audiences = request.connection, audiences
        self._kid: str | None = None

    def __call__(self, _query_client: object, request: TokenRequest) -> Any:
        # A client that nobody is has keys that nobody has: it fails where a wrong signature does.
        found: list[Client | None] = []

        def find(client_id: str) -> Any:
            found.append(find_client(self._connection, client_id))
            return Applicant(found[-1] or Client(client_id, "", "", {}, ()))

        applicant = super().__call__(find, request)
        return applicant if found and found[-1] is not None else None

    def extract_assertion(self, assertion: str) -> Any:
        try:
            header, claims = super().extract_assertion(assertion)
        except Exception:  # noqa: BLE001 -- an assertion is a stranger's bytes: whatever it breaks, it proves nothing
            raise unauthenticated() from None
        self._kid = header.get("kid")
        return header, claims

    def resolve_client_public_key(self, client: Applicant) -> KeySet:
        keys = find_keys(self._connection, client.get_client_id())
        try:
            return KeySet.import_key_set(keys) if keys else _NOBODY  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError):  # keys that are none
            return _NOBODY

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> Any:
        for key in resolve_key.keys[:MOST_KEYS]:
            if self._kid is not None and key.kid != self._kid:
                continue
            try:
                said = jwt.decode(assertion, key, registry=_REGISTRY).claims
            except (JoseError, ValueError, TypeError, KeyError, RecursionError):
                continue
            self.verify_claims(said)
            return said
        raise unauthenticated()

    def get_audiences(self) -> list[str]:
        return self._audiences

    def verify_claims(self, claims: dict[str, Any]) -> None:
        exp, jti = claims.get("exp"), claims.get("jti")
        if isinstance(exp, bool) or not isinstance(exp, int | float) or not exp <= time() + LIFE + SKEW:
            raise InvalidClientError(
                status_code=401, description=f"exp must be there and at most {LIFE} seconds ahead: sign a new assertion"
            )
        if not isinstance(jti, str) or not 0 < len(jti) <= 255 or "\0" in jti:
            raise InvalidClientError(status_code=401, description="jti must be a text of at most 255 characters")
        try:
            super().verify_claims(claims)
        except InvalidClientError as error:
            raise InvalidClientError(status_code=401, description=str(error.description)) from None
        except (TypeError, ValueError, OverflowError):
            raise InvalidClientError(status_code=401, description="a claim is of the wrong kind") from None

    def validate_jti(self, claims: dict[str, Any], jti: str) -> bool:
        """Whether the assertion is used for the first time, by any process of the hub; and forget what has expired."""
        now = datetime.now(UTC)
        expires_at = datetime.fromtimestamp(claims["exp"] + 2 * SKEW, UTC)
        row = {"client_id": claims["sub"], "jti": jti, "expires_at": expires_at}
        forgotten = delete(assertion_used).where(
            assertion_used.c.client_id == claims["sub"], assertion_used.c.expires_at < now
        )
        self._connection.execute(forgotten)
        first = insert(assertion_used).values(row).on_conflict_do_nothing().returning(assertion_used.c.jti)
        return self._connection.execute(first).first() is not None


def unauthenticated() -> InvalidClientError:
    """The one thing that is said to who has not proved to be a client."""
    return InvalidClientError(status_code=401, description=UNAUTHENTICATED)


class _Registry(jws.JWSRegistry):
    """The algorithms a client may sign with. 'EdDSA' is what most libraries still write for Ed25519."""

    def get_alg(self, name: str) -> Any:
        if name not in SIGNED_WITH:
            raise UnsupportedAlgorithmError(f"not one of {', '.join(SIGNED_WITH)}")
        return self.algorithms[name]


_REGISTRY: Final = _Registry(algorithms=list(SIGNED_WITH))
_NOBODY: Final = KeySet([OKPKey.import_key(Ed25519PrivateKey.generate())])
