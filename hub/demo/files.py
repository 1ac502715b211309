"""Files as departments export them: CSV in several encodings, XLSX with titles, notes, totals. Writes the files.

Bytes depend on the rows alone: no time, no random name. A CSV is written a chunk of rows at a time;
only what is small comes as XLSX.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import polars as pl
import xlsxwriter

from hub.demo.dirt import NUMERIC

SYNTHETIC = "合成数据，非真实人员"
_CHUNK = 100_000
Encoding = Literal["utf-8", "utf-8-sig", "gb18030"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a title row, one or two header rows, the rows, a total row, notes.

    `groups` are the upper headers of a two-level header as (title, how many columns); an empty title means that the
    column's own header is merged over both rows.
    """

    name: str
    title: str
    rows: pl.DataFrame
    groups: Sequence[tuple[str, int]] = ()
    total: Sequence[str] = ()
    notes: Sequence[str] = field(default_factory=list)


def write_csv(path: Path, parts: Iterable[pl.DataFrame], encoding: Encoding) -> int:
    """The number of rows written. Windows departments (GB18030) end lines with CR LF."""
    rows, ending = 0, "\r\n" if encoding == "gb18030" else "\n"
    with path.open("wb") as file:
        if encoding == "utf-8-sig":
            file.write(b"\xef\xbb\xbf")
        for number, part in enumerate(parts):
            for start in range(0, max(len(part), 1), _CHUNK):
                piece = part.slice(start, _CHUNK)
                text = piece.write_csv(include_header=number == start == 0, line_terminator=ending)
                file.write(text.encode("gb18030" if encoding == "gb18030" else "utf-8"))
            rows += len(part)
    return rows


def write_xlsx(path: Path, sheets: Sequence[Sheet]) -> int:
    """The number of data rows written, over all sheets."""
    book = xlsxwriter.Workbook(
        str(path),
        {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False},
    )
    book.set_properties({"title": SYNTHETIC, "comments": SYNTHETIC, "created": datetime(2026, 11, 1)})  # noqa: DTZ001
    bold = book.add_format({"bold": True, "align": "center", "text_wrap": True})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        _write_sheet(page, sheet, bold)
    book.close()
    return sum(len(sheet.rows) for sheet in sheets)


def _write_sheet(page: Any, sheet: Sheet, bold: Any) -> None:
    columns = sheet.rows.columns
    page.merge_range(0, 0, 0, max(1, len(columns) - 1), f"{sheet.title}（{SYNTHETIC}）", bold)
    line = _write_header(page, 1, sheet, bold)
    under = [row for row in (sheet.total, *([note] for note in sheet.notes)) if row]
    for line, row in enumerate(chain(sheet.rows.iter_rows(), under), start=line + 1):  # noqa: B020
        for place, value in enumerate(row):
            if value and value.startswith(NUMERIC):
                page.write_number(line, place, float(value[1:]))
            elif value:
                page.write_string(line, place, value)


def _write_header(page: Any, line: int, sheet: Sheet, bold: Any) -> int:
    """The line of the last header row."""
    columns, lower, at = sheet.rows.columns, [], 0
    if not sheet.groups:
        for place, header in enumerate(columns):
            page.write_string(line, place, header, bold)
        return line
    for title, width in sheet.groups:
        if title:
            page.merge_range(line, at, line, at + width - 1, title, bold)
            lower += [(place, columns[place].removeprefix(title)) for place in range(at, at + width)]
        else:
            page.merge_range(line, at, line + 1, at, columns[at], bold)
        at += width
    for place, header in lower:
        page.write_string(line + 1, place, header, bold)
    return line + 1
