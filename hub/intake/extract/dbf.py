"""DBF tables of dBase III and IV and of FoxPro, in blocks of rows: memory does not grow with the file.

Own code, because a row has a fixed width: a block is sliced into columns at once, where the libraries there are take a
row, and a cell, at a time. The code page byte says GBK; where it says nothing, UTF-8 and GB18030 are tried strictly
over the whole file, and what was found is reported. Rows marked as deleted are left out and counted. Numbers are marked
as such. Refuses memo columns that are needed, other kinds of columns, and a table without the rows that its head says.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import polars as pl

from hub.errors import IntakeError
from hub.intake.connector import Connector

from . import Chunk, Delivered, Report, without_notes
from .detect import is_dbf
from .header import Header, check, normal, of

BLOCK = 4 << 20  # bytes of rows at a time
GBK = {0x4D, 0x7A}
SILENT = {0x00, 0x03, 0x57}  # no code page, or "as this machine's Windows", which is what writers put that know of none
END = b"\x1a"
_SYSTEM = "0"  # Visual FoxPro's column of null flags, which nobody named


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its name as written, its kind by the letter of dBase, and where it stands in a row."""

    name: bytes
    kind: str
    offset: int
    width: int


@dataclass(frozen=True, slots=True)
class Table:
    """What the head of a file says. ``start``: where the rows begin; ``width``: bytes of one."""

    rows: int
    start: int
    width: int
    code_page: int
    fields: tuple[Field, ...]


def read(file: Delivered, connector: Connector, report: Report, start: int) -> Iterator[Chunk]:
    """The rows of one file that are not deleted, numbered from ``start``."""
    with file.open() as stream:
        table = _head(stream, file.name)
        report["code_page"] = f"{table.code_page:#04x}"
        report["encoding"] = encoding = _encoding(file, table)
        header = of([_name(field.name, encoding) for field in table.fields], connector)
        check(header, connector, file.name)
        _readable(table, header, connector, file.name)
        report["deleted"] = 0
        left, block = table.rows, max(BLOCK // table.width, 1)
        while left:
            taken = min(left, block)
            rows = stream.read(taken * table.width)
            if len(rows) < taken * table.width:
                raise _damaged(file.name, f"it says {table.rows} rows and ends before the last")
            left -= taken
            cells, broken = _cells(rows, table, header, encoding, report)
            for chunk in without_notes(cells, header, report, start, broken):
                start += len(chunk.row_no)
                yield chunk
        if stream.read(1) not in {b"", END} or stream.read(table.width).strip(b"\0 " + END):
            raise _damaged(file.name, f"it says {table.rows} rows and holds more")


def _damaged(name: str, detail: str) -> IntakeError:
    return IntakeError(
        "INTAKE_FORMAT", f"{name} is not a whole DBF table", detail, "ask for it again, or for CSV in UTF-8"
    )


def _head(stream: BinaryIO, name: str) -> Table:
    head = stream.read(32)
    rows, start, width = (int.from_bytes(head[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
    if not is_dbf(head) or len(described := stream.read(start - 32)) < start - 32:
        raise _damaged(name, "its head is cut off")
    if head[15]:
        raise IntakeError(
            "INTAKE_ENCRYPTED", f"{name} is encrypted", "", "save it without a password; the hub seals it"
        )
    fields, offset = [], 1
    for at in range(0, len(described) - 31, 32):
        one = described[at : at + 32]
        if one[0] == 0x0D:
            break
        kind = chr(one[11])
        length = one[16] + (one[17] << 8 if kind == "C" else 0)  # FoxPro's long texts
        fields.append(Field(one[:11].split(b"\0")[0].rstrip(), kind, offset, length))
        offset += length
    else:
        at = len(described) - 1
    if described[at : at + 1] != b"\r" or offset != width or not fields:
        raise _damaged(name, "its columns are not as wide together as its rows")
    return Table(rows, start, width, head[29], tuple(field for field in fields if field.kind != _SYSTEM))


def _encoding(file: Delivered, table: Table) -> str:
    if table.code_page in GBK:
        return "gb18030"
    if table.code_page in SILENT:
        return "utf-8" if _is_utf_8(file, table.start) else "gb18030"
    raise IntakeError(
        "INTAKE_ENCODING", f"{file.name} says code page {table.code_page:#04x}, which is neither GBK nor none", "",
        "save it as CSV in UTF-8",
    )  # fmt: skip


def _is_utf_8(file: Delivered, start: int) -> bool:
    decoder = getincrementaldecoder("utf-8")("strict")
    with file.open() as stream:
        stream.read(start)
        try:
            while block := stream.read(BLOCK):
                decoder.decode(block)
        except UnicodeDecodeError:
            return False
    return True


def _name(name: bytes, encoding: str) -> str:
    """A column's name, which ends after ten bytes, be it within a character."""
    for end in (len(name), len(name) - 1, len(name) - 2, len(name) - 3):
        try:
            return name[: max(end, 0)].decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode(encoding, "replace")


def _readable(table: Table, header: Header, connector: Connector, name: str) -> None:
    """IntakeError: a column that the connector takes is of a kind that is not read here."""
    ignored = {normal(column)[0] for column in connector.ignored}
    for field, column in zip(table.fields, header.columns, strict=True):
        if field.kind not in "CNFDL" and column not in ignored:
            what = "a memo, whose text stands in another file" if field.kind in "MGPB" else f"of kind {field.kind!r}"
            raise IntakeError(
                "INTAKE_FORMAT",
                f"{name}: column '{column}' is {what}",
                "",
                "save the table as .xlsx or as CSV in UTF-8",
            )


def _cells(
    block: bytes, table: Table, header: Header, encoding: str, report: Report
) -> tuple[pl.DataFrame, pl.Series | None]:
    """Text columns named by position, the marks of the numeric ones, and a reason for each row that is not right."""
    rows = pl.Series([block[at : at + table.width] for at in range(0, len(block), table.width)], dtype=pl.Binary)
    flags = block[:: table.width]
    if set(flags) - set(b" *"):
        raise _damaged(report["name"], "a row begins with neither a blank nor a star")
    report["deleted"] += flags.count(b"*")
    if b"*" in flags:
        rows = rows.filter(pl.Series(list(flags), dtype=pl.UInt8) == 0x20)
    cells, marks, reasons = {}, {}, []
    for position, (field, column) in enumerate(zip(table.fields, header.columns, strict=True)):
        if field.kind not in "CNFDL":
            cells[str(position)] = pl.Series([None], dtype=pl.String).new_from_index(0, len(rows))
            continue
        text, bad = _texts(rows.bin.slice(field.offset, field.width), encoding, report)
        if field.kind in "NF":
            text, bad = _numbers(text, bad)
            marks[f"m{position}"] = text.is_not_null()
        elif field.kind == "L":
            known = {"T": "1", "Y": "1", "F": "0", "N": "0", "?": None}
            text = text.str.to_uppercase().replace(known)
        cells[str(position)] = text
        if bad is not None and bad.any():
            reason = pl.Series([f"row: column '{column}' holds what is no text and no number"])
            reasons.append(reason.new_from_index(0, len(rows)).set(~bad, None))
    broken = pl.select(pl.coalesce(reasons)).to_series() if reasons else None
    return pl.DataFrame(cells | marks), broken


def _texts(cells: pl.Series, encoding: str, report: Report) -> tuple[pl.Series, pl.Series | None]:
    """Cells without the blanks that fill them, null where nothing is left; which of them are no text."""
    raw = cells.to_list()
    joined = b"\n".join(raw)
    text, bad = (cells.cast(pl.String), None) if joined.isascii() else _decoded(raw, joined, encoding, report)
    text = text.str.strip_chars(" \0\u3000")
    hidden = text.str.contains("\0", literal=True).fill_null(value=False)
    return text.set(hidden | (text == ""), None), hidden if bad is None else hidden | bad


def _decoded(raw: list[bytes], joined: bytes, encoding: str, report: Report) -> tuple[pl.Series, pl.Series | None]:
    """Cells that are not ASCII. Half a character at the end of a full cell was cut off by the column's width."""
    try:
        found = joined.decode(encoding).split("\n")
    except UnicodeDecodeError:
        found = []
    if len(found) == len(raw):
        return pl.Series(found, dtype=pl.String), None
    texts: list[str | None] = []
    for one in raw:
        try:
            texts.append(one.decode(encoding))
        except UnicodeDecodeError as error:
            cut = error.end == len(one) and error.reason in _UNFINISHED
            texts.append(one[: error.start].decode(encoding) if cut else None)
            if cut:
                report["cut_texts"] = report.get("cut_texts", 0) + 1
    text = pl.Series(texts, dtype=pl.String)
    return text, text.is_null()


#: How the codecs of Python say that the bytes end within a character.
_UNFINISHED = {"incomplete multibyte sequence", "unexpected end of data"}
_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")


def _numbers(text: pl.Series, bad: pl.Series | None) -> tuple[pl.Series, pl.Series]:
    """Numbers as other formats write them: no zeros behind the point. Stars, where one did not fit, are no number."""
    wrong = (~text.str.contains(_NUMBER.pattern)).fill_null(value=False)
    text = text.str.replace(r"\.0*$", "").str.replace(r"(\.\d*[1-9])0+$", "$1").str.replace(r"^([+-]?)\.", "${1}0.")
    return text.set(wrong, None), wrong if bad is None else wrong | bad
