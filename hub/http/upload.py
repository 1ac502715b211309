"""Reading delivered files from a request's body onto the disk, piece by piece: memory stays bounded, whatever the size.

In charge of the two ways in which files are sent: the body is the file, or multipart/form-data holds several.
Refuses (RequestError) what is too large, compressed, a form, unnamed where it must be named, or too slow.
Touches no database.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from hub.errors import ExecuteError, RequestError

PIECE: Final = 1 << 20  # bytes that are written at a time
MOST_FILES: Final = 1000  # of one delivery
LONGEST: Final = 200  # bytes of a name
UNNAMED: Final = "delivery"
MULTIPART: Final = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that has arrived whole."""

    path: Path
    digest: bytes


async def receive(request: Request, folder: Path, *, most: int | None, seconds: float) -> list[Uploaded]:
    """The files of a request's body, in ``folder``. ``most``: bytes in all; ``seconds``: the longest pause in between.

    RequestError: it is not taken; ExecuteError: the disk does not take it; ClientDisconnect: nobody sends any more.
    """
    media_type = _media_type(request)
    declared = request.headers.get("content-length", "")
    if most is not None and declared.isdigit() and int(declared) > most:
        raise _too_large(most)
    request.scope["hub.patient"] = True  # the protocol bounds the pauses of this body, not the whole of it
    pieces = _pieces(request, most, seconds)
    writing = _Writing(folder)
    try:
        if media_type == MULTIPART:
            await _parts(request, pieces, writing)
        else:
            writing.begin(_name(request.headers.get("content-disposition", "")) or UNNAMED)
            async for piece in pieces:
                await writing.write(piece)
            await writing.end()
    except OSError as error:
        if isinstance(error, FormParserError):
            raise
        raise ExecuteError(
            "EXECUTE_STORAGE", "The delivery cannot be kept", error.strerror or "", "Tell the hub's operator"
        ) from None
    finally:
        writing.close()
    if not any(one.path.stat().st_size for one in writing.done):
        raise RequestError("REQUEST_MALFORMED", "No file was sent", "the body", "Send the file itself as the body")
    return writing.done


def _media_type(request: Request) -> str:
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise RequestError(
            "REQUEST_MEDIA_TYPE", "The body is compressed", "Content-Encoding", "Send it plain, or as a ZIP file"
        )
    name = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if name == "application/x-www-form-urlencoded" or (name.startswith("multipart/") and name != MULTIPART):
        raise RequestError(
            "REQUEST_MEDIA_TYPE",
            "The body is no file",
            "Content-Type",
            f"application/octet-stream, the file as the body; or {MULTIPART} with files (curl: -T FILE, -F f=@FILE)",
        )
    return name


async def _pieces(request: Request, most: int | None, seconds: float) -> AsyncIterator[bytes]:
    size, stream = 0, request.stream()
    while True:
        try:
            async with asyncio.timeout(seconds):
                piece = await anext(stream, None)
        except TimeoutError:
            raise RequestError("REQUEST_TIMEOUT", "The body stopped arriving") from None
        if piece is None:
            return
        size += len(piece)
        if most is not None and size > most:
            raise _too_large(most)
        if piece:
            yield piece


def _too_large(most: int) -> RequestError:
    return RequestError(
        "REQUEST_BODY_SIZE", "The delivery is too large", f"at most {most} bytes", "Deliver it in another way"
    )


class _Writing:
    """Files being written, one after another; in pieces, each in a thread, so that nobody waits for the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path: Path | None = None
        self._out: BinaryIO | None = None
        self._waiting = bytearray()
        self._hash = sha256()
        self.done: list[Uploaded] = []

    def begin(self, name: str) -> None:
        if len(self.done) >= MOST_FILES:
            raise RequestError(
                "REQUEST_MALFORMED", "Too many files", f"at most {MOST_FILES}", "Send them as a ZIP file"
            )
        self._path = self._folder / name
        try:
            self._out = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0)
        except FileExistsError:
            raise RequestError("REQUEST_MALFORMED", "Two files have the same name", "filename") from None
        self._hash = sha256()

    async def write(self, piece: bytes) -> None:
        self._waiting += piece
        if len(self._waiting) >= PIECE:
            await self._flush()

    async def end(self) -> None:
        await self._flush()
        self.close()
        if self._path is not None:
            self.done.append(Uploaded(self._path, self._hash.digest()))

    async def _flush(self) -> None:
        piece = bytes(self._waiting)
        self._waiting.clear()
        await asyncio.to_thread(self._put, piece)

    def _put(self, piece: bytes) -> None:
        self._hash.update(piece)
        view = memoryview(piece)
        while view and self._out is not None:
            view = view[self._out.write(view) :]

    def close(self) -> None:
        if self._out is not None:
            self._out.close()
            self._out = None


@dataclass(slots=True)
class _Part:
    """What the parser told since it was last asked: beginnings, bytes and ends of files, in order."""

    header: bytearray
    value: bytearray
    disposition: bytes = b""


async def _parts(request: Request, pieces: AsyncIterator[bytes], writing: _Writing) -> None:
    """The files of a multipart body. A part that is no file is refused: nothing here reads it."""
    _, options = parse_options_header(request.headers["content-type"])
    told: list[tuple[str, bytes]] = []
    part = _Part(bytearray(), bytearray())

    def header_end() -> None:
        if bytes(part.header).lower() == b"content-disposition":
            part.disposition = bytes(part.value)
        part.header.clear()
        part.value.clear()

    def headers_finished() -> None:
        told.append(("begin", part.disposition))
        part.disposition = b""

    over: list[bool] = []
    try:
        parser = MultipartParser(
            options.get(b"boundary", b""),
            {
                "on_header_field": lambda data, start, end: part.header.extend(data[start:end]),
                "on_header_value": lambda data, start, end: part.value.extend(data[start:end]),
                "on_header_end": header_end,
                "on_headers_finished": headers_finished,
                "on_part_data": lambda data, start, end: told.append(("data", data[start:end])),
                "on_part_end": lambda: told.append(("end", b"")),
                "on_end": lambda: over.append(True),
            },
        )
        async for piece in pieces:
            parser.write(piece)
            for what, data in _taken(told):
                if what == "begin":
                    writing.begin(_part_name(data))
                elif what == "data":
                    await writing.write(data)
                else:
                    await writing.end()
    except FormParserError:  # its words quote the body
        raise _not_multipart() from None
    if not over:  # cut off on its way
        raise _not_multipart()


def _taken(told: list[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    taken = told.copy()
    told.clear()
    return iter(taken)


def _not_multipart() -> RequestError:
    return RequestError("REQUEST_MALFORMED", f"The body is not whole {MULTIPART}", "the body", "RFC 7578")


def _part_name(disposition: bytes) -> str:
    name = _name(disposition.decode("utf-8", "replace"))
    if name is None:
        raise RequestError(
            "REQUEST_MALFORMED", "A part of the body is no file", "filename", "The period goes into the URL"
        )
    return name


def _name(disposition: str) -> str | None:
    """The name that a Content-Disposition gives a file, as it may stand in a folder and in a message."""
    with suppress(UnicodeError):  # a header comes as Latin-1
        disposition = disposition.encode("latin-1").decode("utf-8")
    read = Message()
    read["content-disposition"] = " ".join(disposition.split()) or "attachment"
    given = read.get_filename()
    if not given:
        return None
    name = "".join(one for one in PurePosixPath(given.replace("\\", "/")).name if one.isprintable()).strip(". ")
    name = re.sub(r"\d{15,}[\dXx]?", "#", name)  # whoever names a file after a person
    if not name or len(name.encode("utf-8", "replace")) > LONGEST:
        raise RequestError("REQUEST_MALFORMED", "A file's name will not do", "filename", f"At most {LONGEST} bytes")
    return name
