"""The report of rejected rows that goes back to the department, and the same file when it comes back corrected.

In charge of one form, written and read here: the department's own columns, spelled and ordered as it delivered them,
between the number of the row and the reasons in Chinese. CSV in the encoding, with the byte order mark and the
separator it came in (UTF-8 with mark and commas where it came as something else); XLSX with every cell as text, so that
opening and saving it damages no number. Refuses what a workbook cannot hold, and a file without row numbers.
Touches no database.

A cell that a spreadsheet would take for a formula (``=``, ``+``, ``-``, ``@`` at its start) is a text cell in XLSX, and
does nothing. CSV has no types: there it gets one apostrophe before it, which is taken off again when the file comes
back, so that nothing is altered for good; plain numbers such as ``-5.00`` stay as they are. Rows are numbered as they
stood in the files, without titles and headers.
"""

import csv
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO, StringIO
from pathlib import Path
from typing import Literal

import polars as pl
import xlsxwriter

from hub.errors import IntakeError
from hub.intake.connector import Connector
from hub.intake.extract import Chunk, Delivered, Report, read
from hub.intake.extract.header import normal

REASON = "拒绝原因"
ROW = "数据行号"
OURS = (ROW, REASON)

MOST_ROWS = 1_048_575  # of a sheet, below its header
MOST_CHARACTERS = 32_767  # of a cell

_FORMULA = r"'*[=+\-@\t\r]"
_PLAIN = re.compile(r"[-+]*[\d.,%]*")


@dataclass(frozen=True, slots=True)
class Line:
    """One source row: its number, its cells by normalized header, and its reasons as the department reads them."""

    row: int
    cells: dict[str, str]
    reasons: str


def write(path: Path, form: Literal["csv", "xlsx"], files: list[Report], lines: list[Line]) -> None:
    """Write the report, in clear, readable by its owner alone. ``files``: what was told of those delivered."""
    header = columns(files, lines)
    rows = ([str(line.row), *(line.cells.get(name, "") for name in header), line.reasons] for line in lines)
    titles = [ROW, *header.values(), REASON]
    content = _workbook(titles, rows, len(lines)) if form == "xlsx" else _text(titles, rows, files)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)  # also where the file was there before
        file.write(content)


def columns(files: list[Report], lines: list[Line]) -> dict[str, str]:
    """Normalized header → header as delivered, in the order of the files; last what only the rows name."""
    spelled = {normal(header)[0]: header for file in reversed(files) for header in reversed(file.get("columns", []))}
    ordered = {normal(header)[0]: header for file in files for header in file.get("columns", [])}
    named = dict.fromkeys(name for line in lines for name in line.cells)
    return {name: spelled[name] for name in ordered if name in named} | {n: n for n in named if n not in ordered}


def _text(titles: list[str], rows: Iterable[list[str]], files: list[Report]) -> bytes:
    told = next((file for file in files if "encoding" in file), {})
    separator = told.get("separator", ",")
    guarded = [titles, *([guard(cell) for cell in row] for row in rows)]
    if len(separator) > 1:  # such a file knows no quotation marks
        text = "".join(separator.join(cell.replace(separator, " ") for cell in row) + "\r\n" for row in guarded)
    else:
        buffer = StringIO(newline="")
        csv.writer(buffer, delimiter=separator).writerows(guarded)
        text = buffer.getvalue()
    return text.encode(told.get("encoding", "utf-8-sig"))


def guard(cell: str) -> str:
    """A cell that no spreadsheet runs; ``unguarded`` gives it back as it was."""
    return "'" + cell if re.match(_FORMULA, cell) and not _PLAIN.fullmatch(cell) else cell


def unguarded(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.with_columns(pl.all().str.replace(rf"^'({_FORMULA})", "$1"))


def _workbook(titles: list[str], rows: Iterable[list[str]], length: int) -> bytes:
    if length > MOST_ROWS:
        raise IntakeError("INTAKE_REPORT", f"{length} rows are more than a sheet holds", "", "write it with --csv")
    buffer = BytesIO()
    # In memory: what is in clear must not lie in temporary files.
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet, text = book.add_worksheet(), book.add_format({"num_format": "@"})
        sheet.set_column(0, len(titles) - 1, 18, text)
        for place, cells in enumerate([titles, *rows]):
            for column, cell in enumerate(cells):
                if len(cell) > MOST_CHARACTERS:
                    raise IntakeError(
                        "INTAKE_REPORT", "a cell is longer than a workbook holds", f"row {cells[0]}",
                        "write it with --csv",
                    )  # fmt: skip
                if cell:
                    sheet.write_string(place, column, cell, text)
        sheet.freeze_panes(1, 1)
    return buffer.getvalue()


def corrected(file: Delivered, connector: Connector, reports: list[Report] | None = None) -> Iterator[Chunk]:
    """The rows of a report that came back, each under the number of the row it stands for. IntakeError: no report."""
    told: list[Report] = [] if reports is None else reports
    seen: set[int] = set()
    for chunk in read([file], _as_returned(connector), told):
        if ROW not in chunk.cells.columns:
            raise IntakeError(
                "INTAKE_REPLAY", f"{file.name} has no column '{ROW}'", "without it no row can be told from another",
                "correct the rows in the file that hub rejected has written, and send that file back",
            )  # fmt: skip
        numbers = chunk.cells.get_column(ROW).str.strip_chars(" \t'").cast(pl.Int32, strict=False)
        wrong = chunk.row_no.filter(numbers.is_null() | numbers.is_duplicated() | numbers.is_in(seen))
        if len(wrong):
            raise IntakeError(
                "INTAKE_REPLAY", f"{file.name} does not say of every row once which it is",
                f"no number, or one that stands twice, in its rows {', '.join(map(str, wrong[:10]))}",
                f"the column '{ROW}' must stay as hub rejected wrote it",
            )  # fmt: skip
        seen |= set(numbers.to_list())
        cells = chunk.cells.drop(OURS, strict=False)
        yield replace(
            chunk,
            cells=unguarded(cells) if told[-1]["format"] == "csv" else cells,
            row_no=numbers,
            numeric={name: mark for name, mark in chunk.numeric.items() if name not in OURS},
        )


def _as_returned(connector: Connector) -> Connector:
    """The connector, but of a file that has our two columns as well and comes as we write it."""
    source = {"format": [*connector.source.format, "csv", "xlsx"], "sheet": None, "separator": None}
    return connector.model_copy(
        update={
            "ignored": (*connector.ignored, *OURS),
            "source": connector.source.model_copy(update=source),
        }
    )
