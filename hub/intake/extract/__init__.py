"""From a delivered file to chunks of text columns, whatever its format. Nothing is interpreted here.

In charge of what a reader of any format gives: every cell as text, rows counted from 1 over a whole delivery, cells
that were numbers marked as such, notes and totals left out and counted. A ZIP is the files in it. Refuses a file it
cannot read for certain. Touches no database.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from hub.errors import IntakeError
from hub.intake.connector import Connector
from hub.terms import normalize_text

from .header import Header

_TOTALS = {"合计", "总计", "小计", "累计", "共计"}
_NOTE = re.compile(r"(注|备注|说明|制表|填表|填报|审核|复核|制单|打印|单位负责人|联系人)[\w()]{0,6}[:.、]")
_MAYBE = (
    r"^\s*$|^\s*'?(?:合|总|小|累|共)\s*计|^\s*(?:注|备注|说明|制表|填表|填报|审核|复核|制单|打印|单位负责人|联系人)"
)


@dataclass(frozen=True, slots=True)
class Delivered:
    """One file of a delivery: its name, and how to open it, as often as needed."""

    name: str
    open: Callable[[], BinaryIO]

    @classmethod
    def at(cls, path: Path) -> "Delivered":
        return cls(path.name, lambda: path.open("rb"))


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows: ``cells`` one text column a header; null where a cell is empty.

    ``numeric``: header → whether each cell was a number, for columns where any was. ``broken``: a reason for each row
    that is no row of this table, else null. ``wan``: headers in ten thousands of yuan.
    """

    cells: pl.DataFrame
    row_no: pl.Series
    numeric: dict[str, pl.Series] = field(default_factory=dict)
    broken: pl.Series | None = None
    wan: frozenset[str] = frozenset()
    epoch_1904: bool = False

    def where(self, rows: pl.Series) -> "Chunk":
        """The rows of a mask."""
        return replace(
            self,
            cells=self.cells.filter(rows),
            row_no=self.row_no.filter(rows),
            numeric={name: mark.filter(rows) for name, mark in self.numeric.items()},
            broken=None if self.broken is None else self.broken.filter(rows),
        )


Report = dict[str, Any]
"""What is told of one file: name, bytes, format, rows, encoding or sheets, columns, and what was left out, by kind.

Of a ZIP also ``files``, the reports of the files in it.
"""


def read(files: list[Delivered], connector: Connector, reports: list[Report] | None = None) -> Iterator[Chunk]:
    """The rows of a delivery, file after file. ``reports`` is filled with one report a file while it is read."""
    start = 1
    for file in files:
        report: Report = {"name": file.name}
        if reports is not None:
            reports.append(report)
        for chunk in _read(file, connector, report, start):
            start += len(chunk.row_no)
            yield chunk


def _read(
    file: Delivered, connector: Connector, report: Report, start: int, *, inside: bool = False
) -> Iterator[Chunk]:
    """The rows of one file, or of every file in a ZIP, numbered from ``start``. ``inside``: it is in one itself."""
    from . import csv, dbf, jsonl, packed, parquet, workbook
    from .detect import detect

    form = detect(file, report)
    rows = start
    if form == "zip" and inside:
        raise IntakeError("INTAKE_FORMAT", f"{file.name} is a ZIP in a ZIP", "", "put the files into one ZIP")
    if form == "zip":
        report["files"] = []
        for one in packed.members(file, report):
            report["files"].append({"name": one.name})
            for chunk in _read(one, connector, report["files"][-1], rows, inside=True):
                rows += len(chunk.row_no)
                yield chunk
    else:
        if form not in connector.source.format:
            raise IntakeError("INTAKE_FORMAT", f"{file.name} is {form}", f"declared: {connector.source.format}")
        readers = {"csv": csv, "dbf": dbf, "jsonl": jsonl, "parquet": parquet, "xls": workbook, "xlsx": workbook}
        for chunk in readers[form].read(file, connector, report, start):
            rows += len(chunk.row_no)
            yield chunk
    report["rows"] = rows - start


def misnamed(reports: list[Report]) -> list[str]:
    """A sentence for each file whose name says another format than its bytes."""
    told = (one for report in reports for one in (report, *report.get("files", ())))
    return [f"{one['name']} is {one['format']}, whatever its name says" for one in told if "named" in one]


def text_of(cell: Any) -> str:
    """A typed cell as text, the same in every format."""
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
    return str(cell)


def without_notes(
    cells: pl.DataFrame, header: Header, report: Report, start: int, broken: pl.Series | None = None
) -> Iterator[Chunk]:
    """The rows that are rows, numbered from ``start``; blank ones, totals and notes are counted in ``report``.

    ``cells``: one column a column of the header, in its order, with the marks of numeric cells behind them.
    """
    names = [name or f"#{position}" for position, name in enumerate(header.columns)]
    report.setdefault("columns", [spelled for spelled in header.spelled if spelled])
    width = len(names)
    suspects = cells.to_series(0).fill_null("").str.contains(_MAYBE).arg_true()
    drop: set[int] = set()
    for position, row in zip(suspects, cells[suspects].iter_rows(), strict=True):
        kind = note_kind([cell or "" for cell in row[:width]])
        if kind:
            report[kind] = report.get(kind, 0) + 1
            drop.add(position)
    if drop:
        keep = ~pl.int_range(len(cells), eager=True).is_in(sorted(drop))
        cells, broken = cells.filter(keep), None if broken is None else broken.filter(keep)
    if not len(cells):
        return
    marks = {names[int(m[1:])]: cells.get_column(m) for m in cells.columns[width:]}
    text = cells[:, :width].rename(dict(zip(cells.columns[:width], names, strict=True)))
    for name in names:
        if name.startswith("#"):
            if (text.get_column(name).str.strip_chars() != "").any():
                raise IntakeError("INTAKE_COLUMNS", f"column {int(name[1:]) + 1} of {report['name']} has no header")
            text = text.drop(name)
    numbers = pl.int_range(start, start + len(text), eager=True, dtype=pl.Int32)
    yield Chunk(text, numbers, marks, broken, header.wan, bool(report.get("epoch_1904")))


def note_kind(row: list[str]) -> str | None:
    """What a row is if it is no row of data: blank, totals, notes."""
    filled = [text for cell in row if (text := normalize_text(cell))]
    if not filled:
        return "blank"
    word = filled[0].replace(" ", "").rstrip(":").strip("'")
    if word in _TOTALS and any(normalize_text(cell) for cell in row[:2]):
        return "totals"
    return "notes" if len(filled) <= 2 and _NOTE.match(filled[0]) else None
