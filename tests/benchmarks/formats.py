"""File formats: the same register in each, through the hub's intake, against the fastest plain reader and COPY.

The plain way reads with Polars (CSV, JSON Lines, Parquet, and each of them out of a ZIP) or with calamine (XLSX, XLS),
writes CSV and copies it into a bare table of text columns. DBF has no plain reader of
either, and is left out.
"""

import shutil
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import loading
import polars as pl
import psycopg
import xlsxwriter
from measure import Databases, Figure, Table, judged, libpq, ratio, tell
from python_calamine import CalamineWorkbook

ROWS: Final = 200_000
BOOK_ROWS: Final = {"xlsx": 100_000, "xls": 60_000}
PERIOD: Final = "2026-09"


def measure(folder: Path, rounds: int) -> list[Table]:
    """The tables of this part of the report."""
    databases = Databases.start(folder)
    files = {form: write(folder) for form, write in WRITERS.items()}
    table = Table(
        "File formats: rows a second, the hub ÷ the plain way",
        ("format", "rows", "plain s", "hub s", "hub ÷ plain", "target"),
    )
    for form, (file, rows) in files.items():
        plain, hub = [], []
        for number in range(rounds):
            plain.append(_plain(databases, READERS[form], file))
            hub.append(loading.hub(folder, file, PERIOD, databases.make("formats"))["seconds"])
            tell(f"{form} {number + 1}/{rounds}: plain {plain[-1]:.1f} s, hub {hub[-1]:.1f} s")
        speed = ratio(plain, hub)
        table.rows.append(
            (
                form,
                f"{rows:,}",
                Figure.of(plain).text(1),
                Figure.of(hub).text(1),
                speed.text(2),
                judged(speed, "at least", 1 / 3),
            )
        )
        table.numbers[form] = {"hub_over_plain": speed.json(), "rows": rows}
    for name in ("formats", "formats_bare"):
        databases.drop(name)
    table.notes.append("Hub: archived, validated, sealed, keyed, superseding, recorded, in a process of its own.")
    return [table]


def _plain(databases: Databases, read: Callable[[Path], pl.DataFrame], file: Path) -> float:
    if not databases.exists("formats_bare"):
        databases.make("formats_bare")
    with psycopg.connect(libpq(databases.url("formats_bare")), autocommit=True) as connection:
        connection.execute("drop table if exists bare")
        connection.execute(f"create table bare ({', '.join(f'{name} text' for name in loading.COLUMNS)})".encode())
        connection.execute("checkpoint")
        begun = perf_counter()
        text = BytesIO()
        read(file).write_csv(text, include_header=False)
        with connection.cursor() as cursor, cursor.copy("copy bare from stdin (format csv)") as out:
            out.write(text.getbuffer())
        return perf_counter() - begun


def _frame(folder: Path, rows: int) -> pl.DataFrame:
    return pl.read_csv(loading.written(folder, rows, PERIOD), infer_schema=False)


def _csv(folder: Path) -> tuple[Path, int]:
    return shutil.copy(loading.written(folder, ROWS, PERIOD), folder / "formats.csv"), ROWS


def _jsonl(folder: Path) -> tuple[Path, int]:
    _frame(folder, ROWS).write_ndjson(folder / "formats.jsonl")
    return folder / "formats.jsonl", ROWS


def _parquet(folder: Path) -> tuple[Path, int]:
    _frame(folder, ROWS).write_parquet(folder / "formats.parquet", row_group_size=50_000)
    return folder / "formats.parquet", ROWS


def _zip(folder: Path) -> tuple[Path, int]:
    with zipfile.ZipFile(folder / "formats.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(loading.written(folder, ROWS, PERIOD), "formats.csv")
    return folder / "formats.zip", ROWS


def _xlsx(folder: Path) -> tuple[Path, int]:
    rows = BOOK_ROWS["xlsx"]
    with xlsxwriter.Workbook(str(folder / "formats.xlsx"), {"constant_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate([loading.COLUMNS, *_frame(folder, rows).iter_rows()]):
            page.write_row(number, 0, [cell or "" for cell in row])
    return folder / "formats.xlsx", rows


def _xls(folder: Path) -> tuple[Path, int]:
    import xlwt

    rows, book = BOOK_ROWS["xls"], xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("1")
    for number, row in enumerate([loading.COLUMNS, *_frame(folder, rows).iter_rows()]):
        for place, cell in enumerate(row):
            if cell:
                page.write(number, place, cell)
    book.save(str(folder / "formats.xls"))
    return folder / "formats.xls", rows


def _sheet(file: Path) -> pl.DataFrame:
    rows: list[list[Any]] = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    return pl.DataFrame([list(map(str, row)) for row in rows[1:]], schema=list(loading.COLUMNS), orient="row")


def _zipped(file: Path) -> pl.DataFrame:
    with zipfile.ZipFile(file) as packed:
        return pl.read_csv(packed.read("formats.csv"), infer_schema=False)


WRITERS: Final[dict[str, Callable[[Path], tuple[Path, int]]]] = {
    "csv": _csv, "jsonl": _jsonl, "parquet": _parquet, "zip": _zip, "xlsx": _xlsx, "xls": _xls,
}  # fmt: skip
READERS: Final[dict[str, Callable[[Path], pl.DataFrame]]] = {
    "csv": lambda file: pl.read_csv(file, infer_schema=False),
    "jsonl": lambda file: pl.read_ndjson(file).select(pl.all().cast(pl.String)),
    "parquet": pl.read_parquet,
    "zip": _zipped,
    "xlsx": _sheet,
    "xls": _sheet,
}

if __name__ == "__main__":
    for one in measure(Path(sys.argv[1]), int(sys.argv[2])):
        print(one.markdown())  # noqa: T201
