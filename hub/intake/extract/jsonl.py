"""JSON Lines: one object a row, UTF-8, in blocks of lines: memory does not grow with the file.

A block is parsed as one array by orjson, which tells numbers from texts where Polars' reader would not; whatever is out
of the ordinary in it is read again line by line, exactly, by the standard library, which also says in which line.
Integers are exact at any length; numbers with a fraction are marked as numeric. Keys may be missing in any row.
Refuses what is not UTF-8, objects and lists in a row, a key that stands twice, and a damaged line.
"""

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, NoReturn

import orjson
import polars as pl

from hub.errors import IntakeError
from hub.intake.connector import Connector

from . import Chunk, Delivered, Report, text_of, without_notes
from .header import check, of

BLOCK = 4 << 20  # bytes read at a time
LONGEST = 64 << 20  # bytes within which a line must end
_BOM = b"\xef\xbb\xbf"
_PLAIN = {str, int, float, bool, type(None)}
_UNWRITABLE = re.compile("[\\0\ud800-\udfff]")  # NUL, and halves of characters
Row = dict[str, Any]


def read(file: Delivered, connector: Connector, report: Report, start: int) -> Iterator[Chunk]:
    """The rows of one file, numbered from ``start``."""
    report["encoding"] = "utf-8"
    keys: dict[str, None] = {}
    header = of([], connector)
    for first, lines in _blocks(file):
        rows = _quickly(lines)
        if rows is None:
            rows = [_exactly(line, number, file.name) for number, line in enumerate(lines, first) if line.strip()]
        before = len(keys)
        keys |= dict.fromkeys(chain.from_iterable(rows))
        if len(keys) > before:
            header = of(list(keys), connector)
            check(header, connector, file.name, so_far=True)
        if rows:
            for chunk in without_notes(_cells(rows, list(keys)), header, report, start):
                start += len(chunk.row_no)
                yield chunk
    if keys:
        check(header, connector, file.name)


def _blocks(file: Delivered) -> Iterator[tuple[int, list[bytes]]]:
    """The lines of the file, some at a time, with the number of the first."""
    number, held = 1, b""
    with file.open() as stream:
        held = stream.read(len(_BOM)).removeprefix(_BOM)
        while block := stream.read(BLOCK):
            held += block
            cut = held.rfind(b"\n") + 1
            if cut:
                lines = held[: cut - 1].split(b"\n")
                yield number, lines
                number, held = number + len(lines), held[cut:]
            elif len(held) > LONGEST:
                raise IntakeError("INTAKE_FORMAT", f"{file.name}: line {number} never ends", "", "one object a line")
    if held:
        yield number, held.split(b"\n")


def _quickly(lines: list[bytes]) -> list[Row] | None:
    """The rows, where every line is plainly one object of plain values; else None."""
    lines = [line for one in lines if (line := one.strip())]
    if not all(line[0] == 0x7B and line[-1] == 0x7D for line in lines):  # braces
        return None
    block = b"[" + b",\n".join(lines) + b"]"  # no text runs over a line's end, so that no two lines can become one
    try:
        rows: list[Row] = orjson.loads(block)
    except orjson.JSONDecodeError:
        return None
    named = block.count(b'":') + block.count(b'" :')  # more of them than keys: some key may stand twice in its row
    if len(rows) != len(lines) or named != sum(map(len, rows)) or b"\\u0000" in block:
        return None
    values = chain.from_iterable(row.values() for row in rows)
    if not set(map(type, values)) <= _PLAIN:
        return None
    floats = (v for v in chain.from_iterable(row.values() for row in rows) if type(v) is float)
    return None if any(abs(value) >= 2**63 for value in floats) else rows  # orjson's integers end there


def _exactly(line: bytes, number: int, name: str) -> Row:
    """One line. IntakeError: it is not one object of plain values."""
    where = f"{name}: line {number}"
    try:
        row = json.loads(line.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise IntakeError("INTAKE_ENCODING", f"{where} is not UTF-8", "", "write it in UTF-8") from None
    except (ValueError, RecursionError) as error:
        detail = f"at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ""
        raise IntakeError(
            "INTAKE_FORMAT",
            f"{where} is no whole JSON object",
            detail,
            "one object a line, no key twice; ask for it again",
        ) from None
    if not isinstance(row, dict):
        raise IntakeError("INTAKE_FORMAT", f"{where} is no JSON object", "", "one object a line")
    for key, value in row.items():
        if isinstance(value, dict | list):
            raise IntakeError(
                "INTAKE_FORMAT", f"{where}: '{key}' holds more than one value", "", "write each under a key of its own"
            )
        if _UNWRITABLE.search(f"{key}{value}"):
            raise IntakeError("INTAKE_ENCODING", f"{where} holds what is no character", "", "ask for it again")
    return row


def _once(pairs: list[tuple[str, Any]]) -> Row:
    if len(row := dict(pairs)) < len(pairs):
        raise ValueError("a key twice")
    return row


def _no_number(_word: str) -> NoReturn:
    raise ValueError("no number")


def _cells(rows: list[Row], keys: list[str]) -> pl.DataFrame:
    """Text columns named by position, and the marks of those in which a number has a fraction."""
    cells, marks = {}, {}
    for position, key in enumerate(keys):
        column = [row.get(key) for row in rows]
        kinds = set(map(type, column))
        if kinds <= {str, type(None)}:
            cells[str(position)] = pl.Series(column, dtype=pl.String)
            continue
        cells[str(position)] = pl.Series([None if cell is None else text_of(cell) for cell in column], dtype=pl.String)
        if float in kinds:
            marks[f"m{position}"] = pl.Series([type(cell) is float for cell in column])
    return pl.DataFrame(cells | marks)
