"""XLSX workbooks: title rows, two-level headers, several sheets, and the type of each cell.

A number in a cell keeps at most fifteen figures, so that an identity number in one is damaged whatever its check
character says; therefore every numeric cell is marked. Hidden sheets are passed over and reported; hidden rows are
rows: a filter that somebody left on does not end facts. Refuses what is no workbook, or unpacks to too much.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

import polars as pl
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from hub.errors import IntakeError
from hub.intake.connector import Connector

from . import Chunk, Delivered, Report, without_notes
from .header import LOOK, check, find

ROWS = 50_000
LARGEST = 2 << 30  # bytes unpacked: more is no workbook of a department


def read(file: Delivered, connector: Connector, report: Report, start: int) -> Iterator[Chunk]:
    """The rows of every visible sheet that has the declared header, numbered from ``start``."""
    with file.open() as stream:
        content = stream.read()
    try:
        with ZipFile(BytesIO(content)) as package:
            if sum(entry.file_size for entry in package.infolist()) > LARGEST:
                raise IntakeError("INTAKE_FORMAT", f"{file.name} unpacks to more than {LARGEST >> 30} GiB")
            book = package.read("xl/workbook.xml")
        workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    except (BadZipFile, KeyError, CalamineError):
        raise IntakeError("INTAKE_FORMAT", f"{file.name} is not a whole workbook", "", "ask for it again") from None
    if re.search(rb'date1904="(1|true)"', book):
        report["epoch_1904"] = True
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
    for row in workbook.get_sheet_by_name(name).iter_rows():
        rows.append(row)
        if header is None and len(rows) == LOOK:
            header = find([[_text(cell) for cell in one] for one in rows], connector)
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
        header = find([[_text(cell) for cell in one] for one in rows], connector)
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
    cells = {str(p): pl.Series([_text(cell) for cell in column], dtype=pl.String) for p, column in enumerate(columns)}
    for position, column in enumerate(columns):
        mark = pl.Series([isinstance(cell, float | int) and not isinstance(cell, bool) for cell in column])
        if mark.any():
            cells[f"m{position}"] = mark
    return pl.DataFrame(cells)


def _text(cell: Any) -> str:
    match cell:
        case str():
            return cell
        case bool():
            return "1" if cell else "0"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e18 else repr(cell)
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
        case date():
            return cell.isoformat()
        case time() | timedelta():
            return str(cell)
    return str(cell)
