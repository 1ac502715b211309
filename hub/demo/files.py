"""Files as departments export them: CSV in several encodings, XLSX with titles, notes, totals, and what else there is.

Bytes depend on the rows alone: no time, no random name. Tables of any size are written a part at a time; only what is
small comes as XLSX or Parquet. DBF is written by own code: a header, and rows of a fixed width.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from itertools import chain
from pathlib import Path
from struct import pack
from typing import Any, BinaryIO, Literal
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import polars as pl
import xlsxwriter

from hub.demo.dirt import NUMERIC

SYNTHETIC = "合成数据，非真实人员"
_CHUNK = 100_000
#: The first three are CSV, in that encoding; the last is a ZIP of CSV files in GB18030, one for each part.
Format = Literal["utf-8", "utf-8-sig", "gb18030", "xlsx", "jsonl", "parquet", "dbf", "zip"]
_NEVER = (1980, 1, 1, 0, 0, 0)  # when everything in a ZIP was written


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


def suffix(form: Format) -> str:
    """What the name of such a file ends in."""
    return form if form in {"xlsx", "jsonl", "parquet", "dbf", "zip"} else "csv"


def write_rows(path: Path, parts: Iterable[pl.DataFrame], form: Format) -> int:
    """Writes rows without titles or notes; how many."""
    with path.open("wb") as file:
        match form:
            case "jsonl":
                return _write_jsonl(file, parts)
            case "parquet":
                return _write_parquet(file, parts)
            case "dbf":
                return _write_dbf(file, parts)
            case "zip":
                return _write_zip(file, path.stem, parts)
            case "xlsx":
                raise ValueError("a workbook is written by its sheets")
        return _write_csv(file, parts, form)


def _write_csv(file: BinaryIO, parts: Iterable[pl.DataFrame], encoding: str) -> int:
    """Windows departments (GB18030) end lines with CR LF."""
    rows, ending = 0, "\r\n" if encoding == "gb18030" else "\n"
    if encoding == "utf-8-sig":
        file.write(b"\xef\xbb\xbf")
    for number, part in enumerate(parts):
        for start in range(0, max(len(part), 1), _CHUNK):
            piece = part.slice(start, _CHUNK)
            text = piece.write_csv(include_header=number == start == 0, line_terminator=ending)
            file.write(text.encode("gb18030" if encoding == "gb18030" else "utf-8"))
        rows += len(part)
    return rows


def _write_jsonl(file: BinaryIO, parts: Iterable[pl.DataFrame]) -> int:
    rows = 0
    for part in parts:
        file.write(part.write_ndjson().encode())
        rows += len(part)
    return rows


def _write_parquet(file: BinaryIO, parts: Iterable[pl.DataFrame]) -> int:
    whole = pl.concat(parts)
    whole.write_parquet(file, metadata={"note": SYNTHETIC})
    return len(whole)


def _write_dbf(file: BinaryIO, parts: Iterable[pl.DataFrame]) -> int:
    """As dBase III, columns of kind C only. The code page says GBK; what GBK lacks stands in GB18030 all the same."""
    whole = pl.concat(parts).fill_null("")
    names = [name.encode("gb18030") for name in whole.columns]
    cells = [[text.encode("gb18030") for text in column.to_list()] for column in whole.iter_columns()]
    widths = [max(map(len, column), default=0) or 1 for column in cells]
    if max(map(len, names)) > 10 or max(widths) > 254:
        raise ValueError("a name has ten bytes at most, a cell 254")
    file.write(pack("<B3BIHH20x", 3, 126, 11, 1, len(whole), 33 + 32 * len(names), 1 + sum(widths))[:29] + b"\x4d\0\0")
    file.writelines(pack("<11sc4xBB14x", name, b"C", width, 0) for name, width in zip(names, widths, strict=True))
    padded = ([cell.ljust(width) for cell in column] for column, width in zip(cells, widths, strict=True))
    file.write(b"\r")
    file.writelines(b" " + b"".join(row) for row in zip(*padded, strict=True))
    file.write(b"\x1a")
    return len(whole)


def _write_zip(file: BinaryIO, stem: str, parts: Iterable[pl.DataFrame]) -> int:
    """Names stand in GB18030 without the mark of UTF-8, as Windows here packs them.

    zipfile writes such names in ASCII only: so it gets ASCII of the same length, which is then replaced.
    """
    rows, names, packed = 0, {}, BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as package:
        for number, part in enumerate(parts, start=1):
            inner = BytesIO()
            rows += _write_csv(inner, [part], "gb18030")
            name = f"{stem}_{number:02d}.csv".encode("gb18030")
            holder = f"{number:02d}".ljust(len(name), "~")
            names[holder.encode()] = name
            package.writestr(ZipInfo(holder, _NEVER), inner.getvalue(), ZIP_DEFLATED)
    whole = packed.getvalue()
    for ascii_name, local_name in names.items():
        whole = whole.replace(ascii_name, local_name)
    file.write(whole)
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
