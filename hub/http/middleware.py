"""What is around every route: a request id, headers that keep answers to themselves, and no failure unanswered.

Plain ASGI, no object a request but one closure: it stands on the hot path. Touches no database.
"""

import os
from collections.abc import Mapping
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .errors import failed, response

#: Answers are about persons: nothing between the hub and the client may keep, guess at, frame or pass them on.
HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


class Wrapped:
    """Gives every response its id and the headers above, where the route did not set them itself.

    The id is always the hub's own: one that a client chose could be anything, a person's number too, and would be
    logged. A failure inside is answered here, in the one shape, and goes no further: uvicorn would write the
    exception with its message into the log and drop the connection, and the client's next request with it.
    """

    def __init__(self, app: ASGIApp, direct: Mapping[str, ASGIApp]) -> None:
        """``direct``: routes so busy that they are found here, without a router's walk; path to application."""
        self.app, self.direct = app, direct

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = os.urandom(8).hex()  # and of the incident, if it fails
        started = False

        async def sent(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = message["headers"]
                if len(headers) <= 2:  # a plain answer: type and length, nothing that could stand twice
                    headers.extend(HEADERS)
                else:
                    names = {name for name, _ in headers}
                    headers.extend(header for header in HEADERS if header[0] not in names)
                headers.append((b"x-request-id", request_id.encode()))
            await send(message)

        try:
            await self.direct.get(scope["path"], self.app)(scope, receive, sent)
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is answered in the one shape
            says = failed(error, request_id)
            if started:  # too late to say so: the client sees that the answer broke off
                raise ConnectionError("an answer broke off") from None
            await response(says)(scope, receive, sent)
