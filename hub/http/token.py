"""`/oauth/token` and what says how to use it: metadata (RFC 8414) and public keys.

In charge of the HTTP around a token request, of its record in the access log, and of slowing down who guesses.
Touches the database, as the writer: the decision, the use of an assertion and the event are one transaction, committed
before a byte of the answer leaves. Refuses in OAuth's own shape, `{"error", "error_description"}`.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

import orjson
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome, Personal
from hub.audit.log import Seal, record_sync
from hub.errors import ExecuteError, RequestError
from hub.policy.client import Client, find_client

from .body import ClientGone, read_body
from .credentials import UNAUTHENTICATED, BadRequest, Credentials, read_credentials, read_form
from .media import is_form
from .oauth import METHODS, SIGNED_WITH, TokenRequest, TokenServer

_LOGGER = logging.getLogger(__name__)

PATH: Final = "/oauth/token"
BODY_BYTES: Final = 64_000
SECONDS: Final = 15.0  # for a body to arrive, and for the database to decide
AT_ONCE: Final = 4  # requests in the database and at scrypt, each 16 MB and 40 ms of a core


class Guesses:
    """Failed attempts of the last `window` seconds, by whatever they are counted by; holds at most `most` keys."""

    def __init__(self, *, window: float = 60.0, most: int = 10_000) -> None:
        self._window, self._most = window, most
        self._failed: OrderedDict[tuple[str, ...], tuple[float, int]] = OrderedDict()

    def wait(self, key: tuple[str, ...], allowed: int) -> int:
        """Seconds until the next attempt is looked at; 0: now."""
        since, count = self._failed.get(key, (0.0, 0))
        left = since + self._window - monotonic()
        if left <= 0:
            self._failed.pop(key, None)
            return 0
        return int(left) + 1 if count >= allowed else 0

    def note(self, key: tuple[str, ...]) -> None:
        """Count a failure."""
        since, count = self._failed.pop(key, (monotonic(), 0))
        self._failed[key] = since, count + 1
        if len(self._failed) > self._most:
            self._failed.popitem(last=False)

    def forget(self, key: tuple[str, ...]) -> None:
        """The key's owner has proved who it is."""
        self._failed.pop(key, None)


@dataclass(frozen=True, slots=True)
class Issued:
    """What was decided, once that is durable. `client`: who was given a token. `guessed`: nobody was proved."""

    status: int
    body: dict[str, Any]
    client: Client | None
    guessed: bool


def issue(
    server: TokenServer,
    engine: Engine,
    credentials: Credentials,
    *,
    address: str,
    signer: Signer,
    seal: Seal | None,
) -> Issued:
    """Decide a token request and record it, in one transaction; blocks. SQLAlchemyError: nothing was given."""
    with engine.begin() as connection:
        connection.execute(text("set local statement_timeout = '5s'"))
        request = TokenRequest(credentials, connection)
        status, body = server.create_token_response(request)
        given = status == 200
        scope = credentials.form.get("scope", "")
        token_id = body.pop("jti", None)
        # A client id that nobody has is a stranger's text: it does not go into the log. Neither does such a scope.
        known: Client | None = request.client.client if given else find_client(connection, credentials.client_id)
        event = Event(
            kind=Kind.token_issued if given else Kind.token_refused,
            outcome=Outcome.allowed if given else Outcome.refused,
            client=None if known is None else known.id,
            grant=scope if scope in server.grants else None,
            reasons=() if given else (body["error"],),
            details={"method": request.auth_method} | ({"token": token_id} if given else {}),
        )
        record_sync(connection, event, signer, Personal(source=address), seal=seal)
    return Issued(status, body, known if given else None, body.get("error_description") == UNAUTHENTICATED)


class TokenEndpoint:
    """The route. `backend` gives the engine once the database's address is known, and notes clients."""

    def __init__(self, server: TokenServer, backend: Any, signer: Signer, seal: Seal | None) -> None:
        self._server, self._backend, self._signer, self._seal = server, backend, signer, seal
        self._guesses = Guesses()
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._respond(scope, receive)
        except BadRequest as error:
            answer = _refusal(error.status, error.error, error.says)
        except RequestError as error:  # the body's size
            answer = _refusal(413, "invalid_request", error.message)
        except ClientGone:
            return
        except (SQLAlchemyError, OSError, ExecuteError) as error:  # the last: no database was found yet
            name = type(error.orig).__name__ if isinstance(error, DBAPIError) else type(error).__name__
            _LOGGER.error("no token could be issued: %s", name)  # noqa: TRY400 -- its message may quote a row
            answer = _refusal(
                503,
                "temporarily_unavailable",
                "Tokens cannot be issued just now: try again shortly",
                {"retry-after": "1"},
            )
        await answer(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        if scope["method"] != "POST":
            return _refusal(405, "invalid_request", "Tokens are asked for by POST", {"allow": "POST"})
        if scope["query_string"]:
            raise BadRequest("invalid_request", "Parameters go into the body, never into the URL")
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name, []).append(value)
        if not is_form(b", ".join(headers.get(b"content-type", []))) or b"content-encoding" in headers:
            raise BadRequest(
                "invalid_request", "The body is application/x-www-form-urlencoded, in UTF-8, not compressed"
            )
        length = headers.get(b"content-length")
        try:
            async with asyncio.timeout(SECONDS):
                body = await read_body(receive, length[0] if length else None, BODY_BYTES)
        except TimeoutError:
            raise BadRequest("invalid_request", "The body took too long to arrive", 408) from None
        form = read_form(body)
        credentials = read_credentials(form, headers.get(b"authorization", []))
        client = scope.get("client")
        return await self._decided(credentials, client[0] if client else "")

    async def _decided(self, credentials: Credentials, address: str) -> Response:
        # By client and address, so that a stranger who guesses does not shut the client itself out; by client alone
        # ten times as many, so that many addresses do not help.
        narrow, wide = (credentials.client_id, address), (credentials.client_id,)
        async with (
            asyncio.timeout(SECONDS),
            self._at_once,
        ):  # looked at inside: attempts that come at once wait here for one another
            if wait := max(self._guesses.wait(narrow, 10), self._guesses.wait(wide, 100)):
                return _refusal(
                    429, "temporarily_unavailable", "Too many failed attempts: wait", {"retry-after": str(wait)}
                )
            engine = self._backend.engine()
            issued = await asyncio.to_thread(
                issue,
                self._server,
                engine,
                credentials,
                address=address,
                signer=self._signer,
                seal=self._seal,
            )
        if issued.guessed:
            self._guesses.note(narrow)
            self._guesses.note(wide)
        if issued.client is not None:
            self._guesses.forget(narrow)
            self._backend.clients.note(issued.client)
            return _answer(200, issued.body)
        return _refusal(issued.status, issued.body["error"], issued.body.get("error_description", ""))


def _refusal(status: int, error: str, says: str, headers: Mapping[str, str] | None = None) -> Response:
    challenge = {"www-authenticate": 'Basic realm="hub", charset="UTF-8"'} if status == 401 else {}
    if status == 408:
        challenge = {"connection": "close"}
    return _answer(status, {"error": error, "error_description": says}, {**challenge, **(headers or {})})


def _answer(status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    more = {"pragma": "no-cache", "cache-control": "no-store", **(headers or {})}
    return Response(orjson.dumps(body), status, more, "application/json")


def metadata(url: str, scopes: Mapping[str, object]) -> dict[str, Any]:
    """The authorization server's metadata. `url`: the hub's own address, which is the issuer."""
    said = {
        "issuer": url,
        "token_endpoint": f"{url}{PATH}",
        "jwks_uri": f"{url}/.well-known/jwks.json",
        "grant_types_supported": ["client_credentials"],
        # There is no authorization endpoint, but RFC 8414 wants this list and wants it filled.
        "response_types_supported": ["none"],
        "token_endpoint_auth_methods_supported": list(METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(SIGNED_WITH),
        "scopes_supported": sorted(scopes),
    }
    checked = AuthorizationServerMetadata(said)
    checked.validate_response_types_supported()
    checked.validate_token_endpoint_auth_signing_alg_values_supported()
    return said


def document(content: Mapping[str, Any]) -> Any:
    """A route that serves one unchanging JSON document."""
    body = orjson.dumps(content)

    async def serve(_: Request) -> Response:
        return Response(body, media_type="application/json")

    return serve
