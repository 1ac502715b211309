"""The server's side of a connection, less patient than uvicorn's and never in plain text. Touches no database.

uvicorn waits for ever for the rest of a request once its first byte has come, takes a head of any length, and answers
what is no HTTP as text/plain.
"""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hub.errors import RequestError

from .errors import body_of

HEAD_BYTES: Final = 65_536  # of request line and headers
GRACE: Final = 1.25  # times as long as the application, which first says itself that a body took too long

_NO_HTTP: Final = body_of(
    [RequestError("REQUEST_MALFORMED", "This is not HTTP/1.1", hint="The head of a request is at most 64 KiB")]
)


class Impatient(HttpToolsProtocol):
    """Closes a connection when a request on it is not whole in time: `seconds`, and the grace.

    A route that reads a body of any size says so (`hub.patient` in the scope): then each pause has that time, as long
    as the route is reading.
    """

    seconds: float
    _whole = True  # no request has begun that has not ended
    _heads = 0  # how many heads have been read
    _unread = 0  # bytes that have come since, of a head that is not there yet
    _unsent = 0  # bytes of an answer that the client had not taken when it was last looked at
    _deadline: asyncio.TimerHandle | None = None
    _arrived = False  # whether anything has come since the deadline was set

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._arrived = True
        heads, body_follows = self._heads, not self._whole and self._unread == 0 and self._heads > 0
        super().data_received(data)
        if self.transport.is_closing():
            self._disarm()
            return
        if self._heads == heads and not body_follows:
            self._unread += len(data)
            if self._unread > HEAD_BYTES:
                self.send_400_response("")
                return
        if self._deadline is None and (self._unread or not self._whole):
            self._arm()

    def on_message_begin(self) -> None:
        self._whole = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._heads += 1
        self._unread = 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._whole = True
        self._disarm()
        super().on_message_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Close what is idle; uvicorn's would wait for ever for a client that does not read its answer."""
        left, before = self.transport.get_write_buffer_size(), self._unsent
        self._unsent = left
        if left and (before == 0 or left < before):  # it reads, slowly: it gets as long again
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        elif left:
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 -- uvicorn's words
        head = (
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json; charset=utf-8\r\n"
            b"cache-control: no-store\r\nx-content-type-options: nosniff\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n" % len(_NO_HTTP)
        )
        self.transport.write(head + _NO_HTTP)
        self.transport.close()

    def _arm(self) -> None:
        self._arrived = False
        self._deadline = self.loop.call_later(self.seconds * GRACE, self._give_up)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self._arrived and self.cycle is not None and not self.cycle.response_complete and self._is_patient():
            self._arm()
        elif not self.transport.is_closing():
            self.transport.close()

    def _is_patient(self) -> bool:
        return bool(self.cycle.scope.get("hub.patient"))


def protocol(seconds: float) -> type[Impatient]:
    """The protocol with its patience."""
    return type("Impatient", (Impatient,), {"seconds": seconds})
