"""The spool: what has been fetched and is not yet loaded, on disk, sealed, with how far the fetch has come beside it.

In charge of one folder a delivery: ``pages`` grows by a sealed frame a page, ``state`` says up to where it counts and
what is asked next. Each is flushed to the disk before the other is touched, so that after a kill at any moment a page
is either there with its state, or not there. Both are mode 0600 and sealed. Touches no database.

A frame: four bytes of length (big-endian) and a sealed page: four bytes of length, marks (JSON), then the rows as JSON
Lines. A mark is whatever the channel needs to find the row again where it came from.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import orjson

from hub.intake import archive
from hub.intake.extract import Delivered
from hub.sealing import Keyring, SealingError

CONTEXT = b"spool:state"


@dataclass(slots=True)
class State:
    """How far a fetch has come. ``since``: the position it began at; ``position``: where it ends, once it is done.

    ``asked``: the instant it began, in ISO; ``source``: what it fetches from; ``next``: what the channel asks next.
    """

    source: str
    asked: str
    since: dict[str, Any] | None
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    bytes: int = 0
    pages: int = 0
    rows: int = 0
    total: int | None = None
    next: Any = None
    notes: list[str] = field(default_factory=list)
    position: dict[str, Any] | None = None


@dataclass(slots=True)
class Spool:
    """One fetch on its way."""

    folder: Path
    keyring: Keyring = field(repr=False)
    state: State

    @classmethod
    def begin(cls, folder: Path, keyring: Keyring, state: State) -> Self:
        """A new spool, in the place of whatever was there."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        spool = cls(folder, keyring, state)
        os.close(os.open(spool.pages, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        spool._save()
        return spool

    @classmethod
    def left(cls, folder: Path, keyring: Keyring) -> Self | None:
        """The spool of a fetch that was broken off; None where there is none that opens."""
        try:
            state = State(**orjson.loads(keyring.open((folder / "state").read_bytes(), CONTEXT)))
            spool = cls(folder, keyring, state)
            whole = spool.pages.stat().st_size >= state.bytes
        except (OSError, SealingError, ValueError, TypeError):
            return None
        return spool if whole else None

    @property
    def pages(self) -> Path:
        return self.folder / "pages"

    def append(self, rows: list[bytes], marks: list[Any], following: Any) -> None:
        """Keep a page, and what is asked after it."""
        said = orjson.dumps(marks)
        page = len(said).to_bytes(4, "big") + said + b"".join(row + b"\n" for row in rows)
        sealed = self.keyring.seal(page, self._context(self.state.pages))
        with self.pages.open("r+b") as out:
            out.truncate(self.state.bytes)  # a page whose state was never written is asked for again
            out.seek(self.state.bytes)
            out.write(len(sealed).to_bytes(4, "big") + sealed)
            out.flush()
            os.fsync(out.fileno())
        self.state.bytes += 4 + len(sealed)
        self.state.pages += 1
        self.state.rows += len(rows)
        self.state.next = following
        self._save()

    def finish(self, position: dict[str, Any]) -> None:
        """Nothing more is to be fetched."""
        self.state.position = position
        self._save()

    def discard(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def read(self) -> Iterator[tuple[list[Any], bytes]]:
        """Each page: its marks, and its rows as JSON Lines."""
        with self.pages.open("rb") as stream:
            for page in range(self.state.pages):
                sealed = stream.read(int.from_bytes(stream.read(4), "big"))
                plain = self.keyring.open(sealed, self._context(page))
                cut = 4 + int.from_bytes(plain[:4], "big")
                yield orjson.loads(plain[4:cut]), plain[cut:]

    def last(self) -> list[bytes]:
        """The rows of the last page."""
        rows = b""
        for _, rows in self.read():  # noqa: B007 - only after a break
            pass
        return rows.splitlines()

    def delivered(self, name: str) -> Delivered:
        """What was fetched, as a file that is delivered; nothing of it rests in clear."""
        return Delivered(name, lambda: archive.streamed(rows for _, rows in self.read()))

    def _context(self, page: int) -> bytes:
        return b"spool:" + self.state.id.encode() + page.to_bytes(8, "big")

    def _save(self) -> None:
        fresh = self.folder / "state.new"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(self.keyring.seal(orjson.dumps(asdict(self.state)), CONTEXT))
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self.folder / "state")
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
