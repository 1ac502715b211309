"""Workbooks, XLSX and XLS: title rows, two-level headers, several sheets, and the type of each cell.

A number in a cell keeps at most fifteen figures, so that an identity number in one is damaged whatever its check
character says; therefore every numeric cell is marked. Hidden sheets are passed over and reported; hidden rows are
rows: a filter that somebody left on does not end facts. Refuses what is no whole workbook, is encrypted, or unpacks to
too much. A workbook is read whole, so that its memory is bounded by ``HUB_WORKBOOK_BYTES`` alone.
"""

import re
from collections.abc import Iterator
from functools import reduce
from io import BytesIO
from struct import unpack_from
from typing import IO, Any
from zipfile import ZipFile

import polars as pl
from olefile import OleFileIO
from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from hub.errors import IntakeError
from hub.intake.connector import Connector
from hub.settings import settings

from . import Chunk, Delivered, Report, text_of, without_notes
from .detect import encrypted, whole
from .header import LOOK, check, find

ROWS = 50_000
#: Records of BIFF: from which day a workbook counts, that it is encrypted, how far a sheet reaches, and cells.
_DATE_MODE, _ENCRYPTED, _DIMENSIONS = 0x22, 0x2F, 0x200
_CELLS = frozenset({0x06, 0xBD, 0xFD, 0x203, 0x204, 0x205, 0x27E})
#: References in a sheet of XLSX to far rows, and to columns from AA on; none is longer than ``_LONGEST`` bytes.
_ROW, _WIDE = re.compile(rb"\sr=[\"'][A-Z]{0,3}(\d{5,7})[\"']"), re.compile(rb"\sr=[\"']([A-Z]{2,3})\d")
_LONGEST, _BLOCK = 16, 1 << 20
#: Bytes that a cell takes when a sheet is laid out.
_CELL = 32
#: What a sheet of XLS can have.
_ROWS, _COLUMNS = 65_536, 256


def read(file: Delivered, connector: Connector, report: Report, start: int) -> Iterator[Chunk]:
    """The rows of every visible sheet that has the declared header, numbered from ``start``."""
    with file.open() as stream:
        content = stream.read(settings().workbook_bytes + 1)
    _bounded(len(content), file.name)
    with whole(file.name, "a whole workbook"):
        counts_from_1904 = _xlsx_from_1904 if report["format"] == "xlsx" else _xls_from_1904
        if counts_from_1904(content, file.name):
            report["epoch_1904"] = True
        workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    del content
    taken: list[str] = []
    passed: list[str] = []
    for sheet in workbook.sheets_metadata:
        wanted = connector.source.sheet in {None, sheet.name}
        if sheet.typ is not SheetTypeEnum.WorkSheet or sheet.visible is not SheetVisibleEnum.Visible or not wanted:
            passed.append(sheet.name)
            continue
        before = len(taken)
        for chunk in _sheet(workbook, sheet.name, connector, report, start, taken):
            start += len(chunk.row_no)
            yield chunk
        if len(taken) == before:
            passed.append(sheet.name)
    report |= {"sheets": taken, "sheets_passed_over": passed}
    if not taken:
        raise IntakeError("INTAKE_COLUMNS", f"{file.name} has no sheet with the header of {connector.name}")


def _sheet(
    workbook: CalamineWorkbook, name: str, connector: Connector, report: Report, start: int, taken: list[str]
) -> Iterator[Chunk]:
    rows: list[list[Any]] = []
    header = None
    with whole(report["name"], "a whole workbook"):
        sheet = workbook.get_sheet_by_name(name)
    for row in sheet.iter_rows():
        rows.append(row)
        if header is None and len(rows) == LOOK:
            header = find([[text_of(cell) for cell in one] for one in rows], connector)
            if header is None:
                return
            rows = rows[header.skipped + header.depth :]
            _take(header, connector, report, name, taken)
        if header and len(rows) >= ROWS:
            for chunk in without_notes(_cells(rows, len(header.columns)), header, report, start):
                start += len(chunk.row_no)
                yield chunk
            rows = []
    if header is None:  # a short sheet
        header = find([[text_of(cell) for cell in one] for one in rows], connector)
        if header is None:
            return
        rows = rows[header.skipped + header.depth :]
        _take(header, connector, report, name, taken)
    if rows:
        yield from without_notes(_cells(rows, len(header.columns)), header, report, start)


def _take(header: Any, connector: Connector, report: Report, name: str, taken: list[str]) -> None:
    check(header, connector, f"sheet '{name}' of {report['name']}")
    report["title_rows"] = report.get("title_rows", 0) + header.skipped
    taken.append(name)


def _cells(rows: list[list[Any]], width: int) -> pl.DataFrame:
    """Text columns named by position, then a mark ``m<position>`` for each column that has a numeric cell."""
    columns = list(zip(*(row[:width] for row in rows), strict=True))
    cells = {str(p): pl.Series([text_of(cell) for cell in column], dtype=pl.String) for p, column in enumerate(columns)}
    for position, column in enumerate(columns):
        mark = pl.Series([isinstance(cell, float | int) and not isinstance(cell, bool) for cell in column])
        if mark.any():
            cells[f"m{position}"] = mark
    return pl.DataFrame(cells)


def _xlsx_from_1904(content: bytes, name: str) -> bool:
    """By its parts. IntakeError: it unpacks to too much, or its reader would lay out too much.

    The reader lays out a sheet's whole rectangle: a stray value in the last row and one in the last column, in an
    otherwise small sheet, take hundreds of gigabytes and end the process.
    """
    with ZipFile(BytesIO(content)) as package:
        _bounded(sum(entry.file_size for entry in package.infolist()), name)
        for entry in package.namelist():
            if entry.startswith("xl/worksheets/"):
                with package.open(entry) as sheet:
                    _laid_out(sheet, name)
        return re.search(rb'date1904="(1|true)"', package.read("xl/workbook.xml")) is not None


def _laid_out(sheet: IO[bytes], name: str) -> None:
    rows = columns = 1
    tail = b""
    while block := sheet.read(_BLOCK):
        text = tail + block
        rows = max([rows, *map(int, _ROW.findall(text))])
        columns = max([columns, *map(_column, set(_WIDE.findall(text)))])
        tail = text[-_LONGEST:]
    if rows * columns * _CELL > settings().workbook_bytes:
        raise IntakeError(
            "INTAKE_SIZE", f"{name} has a sheet that reaches to row {rows:,} and column {columns:,}", "",
            "delete what stands far to the right or far below, or save it as CSV",
        )  # fmt: skip


def _column(letters: bytes) -> int:
    """AA → 27."""
    return reduce(lambda number, letter: number * 26 + letter - 64, letters, 0)


def _xls_from_1904(content: bytes, name: str) -> bool:
    """By its records. IntakeError: it is encrypted; ValueError: it claims rows or columns that no sheet can have.

    The reader takes the room that a sheet claims before it reads a cell: a damaged claim of 170 GB ends the process.
    """
    with OleFileIO(BytesIO(content)) as parts:
        records = parts.openstream("Workbook" if parts.exists("Workbook") else "Book").read()
    counts_from_1904, at = False, 0
    while at + 4 <= len(records):
        kind, length = unpack_from("<HH", records, at)
        body: bytes = records[at + 4 : at + 4 + length]
        if kind == _ENCRYPTED:
            raise encrypted(name)
        if kind == _DATE_MODE:
            counts_from_1904 = body[:1] == b"\1"
        if kind == _DIMENSIONS:
            _, rows, _, columns = unpack_from("<IIHH" if length >= 12 else "<HHHH", body)
            if rows > _ROWS or columns > _COLUMNS:
                raise ValueError("a sheet of more rows or columns than there can be")
        if kind in _CELLS and unpack_from("<H", body, 2)[0] >= _COLUMNS:
            raise ValueError("a cell beyond the last column")
        at += 4 + length
    return counts_from_1904


def _bounded(unpacked: int, name: str) -> None:
    if unpacked > settings().workbook_bytes:
        raise IntakeError(
            "INTAKE_SIZE", f"{name} unpacks to more than {settings().workbook_bytes} bytes", "",
            "save it as CSV, which is read in pieces, or raise HUB_WORKBOOK_BYTES",
        )  # fmt: skip
