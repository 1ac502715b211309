"""Where files wait in clear between their arrival and their load: folders of the data folder, gone with the load.

In charge of ``incoming/`` in the data folder: one folder an arrival, readable by the hub alone, locked as long as its
process lives. What a process that was killed left there is known by its open lock and thrown away by the next sweep:
nobody was told that it had arrived. Touches no database.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

INCOMING: Final = "incoming"


class Landing:
    """A folder for one arrival, from now until ``close``."""

    def __init__(self, data: Path) -> None:
        root = data / INCOMING
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(root, fcntl.LOCK_SH):  # no sweep between making the folder and locking it
            self.folder = Path(mkdtemp(dir=root))
            self._lock = os.open(self.folder, os.O_RDONLY)
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def close(self) -> None:
        """Delete what landed. Harmless to repeat."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def sweep(data: Path) -> int:
    """Delete what killed processes left; how many arrivals that were."""
    root = data / INCOMING
    if not root.is_dir():
        return 0
    gone = 0
    with _locked(root, fcntl.LOCK_EX):
        for folder in root.iterdir():
            try:
                with _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
                    shutil.rmtree(folder)
                    gone += 1
            except BlockingIOError:  # its process lives
                continue
    return gone


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, how)
        yield
    finally:
        os.close(lock)
