"""`/graphql`: GraphQL over HTTP, in both media types, for one answerer.

In charge of the HTTP around a question: who asks (the bearer token), how it is sent, how long it may take, and with
which status the answer goes back. Refuses what is not well-formed; what may be asked and what is answered is the
answerer's. Touches no database. Plain ASGI, few awaits: it stands on the hot path.

Statuses. With `application/graphql-response+json` an answer without data carries the status of what went wrong. With
`application/json` a well-formed request that GraphQL itself refuses (syntax, validation, variables) is 200, as the
specification has it; a refusal by a grant, a quota or a database that is away is the hub's and not GraphQL's, and
keeps its status in both.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol, Self

import asyncpg
from starlette.types import Receive, Scope, Send

from hub.audit.log import LogUnavailable
from hub.errors import ExecuteError, HubError, RequestError

from .backend import AWAY
from .bearer import Caller
from .body import ClientGone, read_body
from .errors import response, status_of
from .media import GRAPHQL_RESPONSE, JSON, answer_type, is_json
from .question import Question, from_body, from_url

if TYPE_CHECKING:
    from hub.query import Answer

PATIENCE: Final = 0.05  # seconds before a request is worth a deadline, and a task that notices that its client has gone
_WANTED: Final = frozenset(
    {b"authorization", b"accept", b"content-type", b"content-encoding", b"content-length", b"transfer-encoding"}
)


class Answerer(Protocol):
    """The query layer. Raises HubError; is cancelled when time is up or the client has gone.

    Whatever else it raises is a failure of the hub, which the middleware answers.
    """

    async def answer(self, question: Question, caller: Caller) -> "Answer": ...


class GraphQL:
    """The route. `caller_of(authorization, address)` says who asks; `answerer()` is there once the hub is composed."""

    def __init__(
        self,
        answerer: Callable[[], Answerer],
        caller_of: Callable[[bytes | None, str], Caller],
        *,
        body_bytes: int,
        seconds: float,
    ) -> None:
        self._answerer, self._caller_of = answerer, caller_of
        self._body_bytes, self._seconds = body_bytes, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in _WANTED:
                headers[name] = headers[name] + b", " + value if name in headers else value
        media_type = answer_type(headers.get(b"accept"))
        try:
            status, body = await self._respond(scope, receive, headers, media_type)
        except HubError as error:
            allow = {"allow": "POST" if scope["method"] == "GET" else "GET, POST"} if status_of(error) == 405 else None
            refusal = response(error, headers=allow, media_type=f"{media_type or JSON}; charset=utf-8")
            await refusal(scope, receive, send)
            return
        except ClientGone:
            return
        content_type = f"{media_type}; charset=utf-8".encode()
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(b"content-type", content_type), (b"content-length", b"%d" % len(body))],
            }
        )
        await send({"type": "http.response.body", "body": body})

    async def _respond(
        self, scope: Scope, receive: Receive, headers: dict[bytes, bytes], media_type: str | None
    ) -> tuple[int, bytes]:
        """Status and body of an answer. HubError: the refusal. ClientGone: nobody to answer."""
        if media_type is None:
            raise RequestError(
                "REQUEST_ACCEPT", "No media type that you accept is spoken here", hint=f"{GRAPHQL_RESPONSE} or {JSON}"
            )
        method = scope["method"]
        if method not in {"POST", "GET"}:
            raise RequestError("REQUEST_METHOD", "Questions come by POST or GET")
        client = scope.get("client")
        caller = self._caller_of(headers.get(b"authorization"), client[0] if client else "")
        patience = _Patience(receive, self._seconds)
        try:
            with patience:
                if method == "GET":
                    question = from_url(scope["query_string"])
                else:
                    _check_body(headers)
                    question = from_body(await read_body(receive, headers.get(b"content-length"), self._body_bytes))
                patience.read()
                answer = await self._answer(question, caller)
        except TimeoutError:
            if patience.reading:
                raise RequestError("REQUEST_TIMEOUT", "The body took too long to arrive") from None
            raise _too_long() from None
        if answer.executed:
            return 200, answer.body
        return 200 if media_type == JSON and answer.status == 400 else answer.status, answer.body

    async def _answer(self, question: Question, caller: Caller) -> "Answer":
        try:
            return await self._answerer().answer(question, caller)
        except LogUnavailable:
            raise ExecuteError(
                "EXECUTE_LOG", "The access log cannot be written, so nothing is disclosed", hint="Try again shortly"
            ) from None
        except asyncpg.QueryCanceledError:  # its statement timeout
            raise _too_long() from None
        except AWAY:
            raise ExecuteError("EXECUTE_DATABASE", "The database is away", hint="Try again shortly") from None


def _check_body(headers: dict[bytes, bytes]) -> None:
    if not is_json(headers.get(b"content-type")):
        raise RequestError("REQUEST_MEDIA_TYPE", "The body is not application/json in UTF-8", detail="Content-Type")
    if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
        raise RequestError(
            "REQUEST_MEDIA_TYPE", "The body is compressed", detail="Content-Encoding", hint="Send it plain"
        )


def _too_long() -> ExecuteError:
    return ExecuteError(
        "EXECUTE_TIMEOUT",
        "The answer took too long and was given up",
        hint="Ask for less at a time: smaller pages, fewer fields. A mutation may be sent again: nothing is done twice",
    )


class _Patience:
    """Cancels the task it is made in when its time is up (TimeoutError), or its client has gone (ClientGone).

    A quick answer pays for one timer: only what is not there after a while gets a deadline and a task that watches.
    """

    def __init__(self, receive: Receive, seconds: float) -> None:
        self.reading = True  # the body; only what comes after it can say that the client has gone
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._until = self._loop.time() + seconds
        self._working = asyncio.current_task()
        self._watching: asyncio.Task[None] | None = None
        self._slow = False
        self._over: Exception | None = None
        self._timer = self._loop.call_later(min(PATIENCE, seconds), self._begin)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()
        if kind is asyncio.CancelledError and self._over and self._working and not self._working.uncancel():
            raise self._over from None

    def read(self) -> None:
        """The body is there."""
        self.reading = False
        if self._slow:
            self._watching = self._loop.create_task(self._watch())

    def _begin(self) -> None:
        self._slow = True
        self._timer = self._loop.call_at(self._until, self._end, TimeoutError())
        if not self.reading:
            self._watching = self._loop.create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._end(ClientGone())

    def _end(self, over: Exception) -> None:
        if self._over is None and self._working is not None:
            self._over = over
            self._working.cancel()
