"""Load: keep-alive connections that each send the next request as soon as an answer is there. No pipelining.

A protocol of a few lines on uvloop, because an HTTP client library would be slower than the servers it measures; its
own ceiling is part of the report. Every answer must be a 200, or the run is void.
"""

import asyncio
import gc
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles
from time import perf_counter

import uvloop

WARM = 0.5  # seconds that are not counted, at the start of every run


class NotAnswered(Exception):  # noqa: N818
    """A server answered with something else than 200."""


@dataclass(frozen=True, slots=True)
class Request:
    """A POST with a JSON body."""

    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def wire(self) -> bytes:
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return (
            f"POST {self.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n{head}"
            f"content-length: {len(self.body)}\r\n\r\n"
        ).encode() + self.body


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run came to: answers in all, and a second; milliseconds of the middle and the slowest hundredth."""

    answers: int
    rate: float
    middle: float
    slow: float


class _Connection(asyncio.Protocol):
    """One connection that asks for ever. ``times`` gets an entry an answer: when it came, how long it took."""

    def __init__(self, requests: Sequence[bytes], start: int, times: list[tuple[float, float]]) -> None:
        self.requests, self.at, self.times = requests, start, times
        self.missing = 0  # bytes of the answer that are still to come; 0: its head is
        self.head = b""
        self.asked = 0.0
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._ask()

    def _ask(self) -> None:
        self.asked = perf_counter()
        self.transport.write(self.requests[self.at % len(self.requests)])
        self.at += 1

    def data_received(self, data: bytes) -> None:
        if self.missing:
            self.missing -= len(data)
        else:
            if self.head:
                data = self.head + data
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self.head = data
                return
            self.head = b""
            if data[9:12] != b"200":
                self._fail(data)
                return
            place = data.lower().find(b"content-length:", 0, end)
            length = int(data[place + 15 : data.find(b"\r", place)])
            self.missing = end + 4 + length - len(data)
        if not self.missing:
            now = perf_counter()
            self.times.append((now, now - self.asked))
            self._ask()

    def _fail(self, data: bytes) -> None:
        if not self.ended.done():
            self.ended.set_exception(NotAnswered(data[:600].decode("utf-8", "replace")))
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(NotAnswered("the connection was closed"))


def run(port: int, requests: Sequence[bytes], *, connections: int = 32, seconds: float = 3.0) -> Ran:
    """Ask for ``seconds``, after warming up."""
    return uvloop.run(_run(port, requests, connections, seconds))


async def _run(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Ran:
    times: list[tuple[float, float]] = []
    loop = asyncio.get_running_loop()
    gc.disable()
    begun = perf_counter()
    open_ones = []
    for number in range(connections):
        taken = socket.create_connection(("127.0.0.1", port))
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        start = number * len(requests) // connections
        _, protocol = await loop.create_connection(
            lambda start=start: _Connection(requests, start, times),  # type: ignore[misc]
            sock=taken,
        )
        open_ones.append(protocol)
    done, _ = await asyncio.wait(
        [one.ended for one in open_ones], timeout=WARM + seconds, return_when=asyncio.FIRST_EXCEPTION
    )
    until = perf_counter()
    for one in open_ones:
        one.ended.cancel()
        one.transport.abort()
    gc.enable()
    for failed in done:
        failed.result()
    took = [spent for at, spent in times if begun + WARM < at <= until]
    cuts = quantiles(took, n=100) if len(took) > 1 else [0.0] * 99
    return Ran(len(times), len(took) / (until - begun - WARM), cuts[49] * 1000, cuts[98] * 1000)
