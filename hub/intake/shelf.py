"""Where rows wait until their batch is believed: on disk, in the order of their keys.

A fact's key is as good as random, and filling an index at random costs more than all the rest of writing. So rows lie
on shelves by the beginning of their key, and are taken shelf by shelf, sorted; memory holds one shelf at a time.
In charge of one file without a name, which ends with the process; what lies there is sealed all the same, under a key
that only this process has. Touches no database; refuses nothing.
"""

import os
import tempfile
from collections.abc import Iterator
from io import BytesIO
from itertools import count, pairwise
from pathlib import Path
from threading import Lock
from typing import IO, Final

import numpy as np
import polars as pl
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SHELVES: Final = 64
#: The first place of each shelf, in a range of 64 bits.
_FIRST = pl.Series([number << 58 for number in range(SHELVES)], dtype=pl.UInt64)


class Shelves:
    """Rows have a ``row_no``, a ``place`` (64 bits that say where it stands among all), and whatever else is wanted.

    ``folder``: where there is room; by default the system's. Several threads may put rows at a time.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder, self._lock = folder, Lock()
        self._file: IO[bytes] | None = None
        self._key, self._nonces = AESGCM(AESGCM.generate_key(256)), count()
        self._lying: list[list[tuple[int, int]]] = [[] for _ in range(SHELVES)]  # where in the file, how long

    def put(self, rows: pl.DataFrame) -> None:
        """Put rows where they belong."""
        rows = _sorted(rows)
        starts = rows.get_column("place").search_sorted(_FIRST).to_list()
        written = [
            (number, self._sealed(rows[start:end]))
            for number, (start, end) in enumerate(pairwise([*starts, len(rows)]))
            if start < end
        ]
        with self._lock:
            self._file = self._file or tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  # see close
            at = self._file.seek(0, os.SEEK_END)
            self._file.write(b"".join(piece for _, piece in written))
            for number, piece in written:
                self._lying[number].append((at, len(piece)))
                at += len(piece)

    def take(self, wanted: pl.Series) -> Iterator[pl.DataFrame]:
        """The rows of these row numbers, shelf after shelf, sorted."""
        if not len(wanted):
            return
        numbers = wanted.to_numpy()
        is_wanted = np.zeros(int(numbers.max()) + 2, np.bool_)  # the last one stands for all numbers beyond
        is_wanted[numbers] = True
        for lying in self._lying:
            if not lying:
                continue
            rows = pl.concat([self._opened(at, length) for at, length in lying])
            mask = is_wanted[np.minimum(rows.get_column("row_no").to_numpy(), len(is_wanted) - 1)]
            if mask.any():
                yield _sorted(rows if mask.all() else rows.filter(pl.Series(mask)))

    def close(self) -> None:
        """Forget all of it."""
        if self._file:
            self._file.close()

    def _sealed(self, rows: pl.DataFrame) -> bytes:
        nonce, plain = next(self._nonces).to_bytes(12), BytesIO()
        rows.write_ipc_stream(plain)
        return nonce + self._key.encrypt(nonce, plain.getbuffer(), None)

    def _opened(self, at: int, length: int) -> pl.DataFrame:
        if self._file is None:
            raise AssertionError("something lies there")
        self._file.seek(at)
        nonce = self._file.read(12)
        return pl.read_ipc_stream(self._key.decrypt(nonce, self._file.read(length - len(nonce)), None))


def _sorted(rows: pl.DataFrame) -> pl.DataFrame:
    return rows[rows.get_column("place").arg_sort()]
