"""The files as they were delivered, kept sealed by their digest, so that row *n* of batch *b* can be shown again.

In charge of a folder; memory stays bounded, whatever the file's size. Refuses what was altered, cut short or reordered.
Touches no database.

A kept file: ``hub-archive/1`` and a line feed, then frames of four bytes of length (big-endian) and a sealed piece of
at most ``PIECE`` bytes. Each piece is bound to the file's digest, to its number, and to whether it is the last.
To change the form: a new first line; old files keep opening.
"""

import os
import secrets
from collections.abc import Iterator
from hashlib import sha256
from io import SEEK_CUR, SEEK_END, SEEK_SET, BufferedReader, RawIOBase
from pathlib import Path
from typing import BinaryIO

from hub.intake.extract import Delivered
from hub.sealing import OVERHEAD, Keyring, SealingError

HEAD = b"hub-archive/1\n"
PIECE = 1 << 20


def digest(file: Delivered) -> tuple[bytes, int]:
    """SHA-256 and length of a file."""
    hashed, length = sha256(), 0
    with file.open() as stream:
        while block := stream.read(PIECE):
            hashed.update(block)
            length += len(block)
    return hashed.digest(), length


def path_of(archive: Path, sha: str) -> Path:
    return archive / sha[:2] / f"{sha}.sealed"


def keep(file: Delivered, sha: bytes, archive: Path, keyring: Keyring) -> Path:
    """Seal a file into the archive, unless it is there; whole or not at all."""
    target = path_of(archive, sha.hex())
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
    try:
        with fresh.open("wb") as out, file.open() as stream:
            out.write(HEAD)
            number, block = 0, stream.read(PIECE)
            while True:
                following = stream.read(PIECE)
                sealed = keyring.seal(block, _context(sha, number, last=not following))
                out.write(len(sealed).to_bytes(4, "big") + sealed)
                if not following:
                    break
                number, block = number + 1, following
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    return target


def sweep(archive: Path, before: float) -> int:
    """Delete files that were begun before an instant (seconds since 1970) and never became whole; how many."""
    begun = [path for path in archive.glob("*/*.sealed.*") if path.stat().st_mtime < before]
    for path in begun:
        path.unlink(missing_ok=True)
    return len(begun)


def kept(name: str, sha: str, archive: Path, keyring: Keyring) -> Delivered:
    """A file of the archive, under the name it was delivered by. SealingError when it is read: it is not as it was."""
    return Delivered(name, lambda: _opened(path_of(archive, sha), bytes.fromhex(sha), keyring))


def _opened(path: Path, sha: bytes, keyring: Keyring) -> BinaryIO:
    return BufferedReader(_Unsealed(path, sha, keyring), PIECE)


def streamed(pieces: Iterator[bytes]) -> BinaryIO:
    """Pieces as one stream, each asked for when it is read."""
    return BufferedReader(_Pieces(pieces), PIECE)


def _context(sha: bytes, number: int, *, last: bool) -> bytes:
    return b"archive:" + sha + number.to_bytes(8, "big") + (b"\1" if last else b"\0")


class _Unsealed(RawIOBase):
    """A kept file as a stream that can be read from any place: every piece but the last is as long as ``PIECE``."""

    def __init__(self, path: Path, sha: bytes, keyring: Keyring) -> None:
        self._sha, self._keyring = sha, keyring
        self._stream = path.open("rb")
        self._at, self._number, self._piece = 0, -1, b""  # where in the file; the piece that is open
        if self._stream.read(len(HEAD)) != HEAD:
            self._stream.close()
            raise SealingError(f"{path} is not a file of this archive")
        self._frame = 4 + OVERHEAD + PIECE
        self._pieces, last = divmod(path.stat().st_size - len(HEAD), self._frame)
        self._pieces += last > 0
        self._length = self._pieces * PIECE - (self._frame - last if last else 0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        self._at = max(offset + {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._length}[whence], 0)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the buffers that occur
        number, start = divmod(self._at, PIECE)
        if number >= max(self._pieces, 1):
            return 0
        if number != self._number:
            self._piece, self._number = self._open(number), number
        block = self._piece[start : start + len(buffer)]
        buffer[: len(block)] = block
        self._at += len(block)
        return len(block)

    def _open(self, number: int) -> bytes:
        self._stream.seek(len(HEAD) + number * self._frame)
        sealed = self._stream.read(int.from_bytes(self._stream.read(4), "big"))
        return self._keyring.open(sealed, _context(self._sha, number, last=number >= self._pieces - 1))

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Pieces(RawIOBase):
    """Pieces as a stream, from the first to the last."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the buffers that occur
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        taken = min(len(buffer), len(self._rest))
        buffer[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken
