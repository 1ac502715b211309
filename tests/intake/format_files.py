"""The same table in every format, as departments' systems write it. Nobody in it exists."""

import io
import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
import xlsxwriter
import xlwt
from intake_factory import name, resident_id, write_csv
from pyarrow import parquet

from hub.intake import read_connector
from hub.intake.connector import Source
from hub.intake.extract import Chunk, Delivered, Report, read

ROOT = Path(__file__).resolve().parents[2]
#: Its headers fit into the ten bytes that DBF has for one.
CREMATION = read_connector(ROOT, "civil_affairs/cremation").model_copy(update={"source": Source()})
HEADER = ["序号", "姓名", "性别", "年龄", "住址", "身份证号", "死亡日期", "火化日期", "死亡原因", "家属电话", "发票号"]
Row = Mapping[str, Any]


def cremated(number: int, **changes: Any) -> dict[str, Any]:
    row = (
        str(number),
        name(number),
        "男",
        "80",
        "某地",
        resident_id(number),
        "2026-10-01",
        "2026-10-03",
        "病",
        "",
        "F1",
    )
    return dict(zip(HEADER, row, strict=True)) | changes


def read_all(*files: Path | Delivered, connector: Any = CREMATION) -> tuple[list[Chunk], list[Report]]:
    reports: list[Report] = []
    delivered = [Delivered.at(file) if isinstance(file, Path) else file for file in files]
    return list(read(delivered, connector, reports)), reports


def numbers(chunks: list[Chunk]) -> list[int]:
    return [number for chunk in chunks for number in chunk.row_no]


def cells(chunks: list[Chunk], column: str) -> list[str | None]:
    return [cell for chunk in chunks for cell in chunk.cells[column]]


def marked(chunks: list[Chunk], column: str) -> list[bool]:
    """Whether each cell of a column was a number."""
    return [
        mark
        for chunk in chunks
        for mark in (chunk.numeric[column] if column in chunk.numeric else [False] * len(chunk.row_no))
    ]


def csv(path: Path, rows: Sequence[Row]) -> Path:
    return write_csv(path, rows)


def xlsx(path: Path, rows: Sequence[Row]) -> Path:
    book = xlsxwriter.Workbook(path, {"strings_to_numbers": False})
    sheet = book.add_worksheet("火化")
    sheet.write_row(0, 0, list(rows[0]))
    for line, row in enumerate(rows, 1):
        for place, cell in enumerate(row.values()):
            if cell not in (None, ""):
                (sheet.write_string if isinstance(cell, str) else sheet.write)(line, place, cell)
    book.close()
    return path


def xls(path: Path, rows: Sequence[Row], *, title: str = "", from_1904: bool = False) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = from_1904
    sheet = book.add_sheet("火化")
    if title:
        sheet.write(0, 0, title)
    for line, row in enumerate([list(rows[0]), *[list(row.values()) for row in rows]], bool(title)):
        for place, cell in enumerate(row):
            if cell not in (None, ""):
                sheet.write(line, place, cell)
    hidden = book.add_sheet("草稿")
    hidden.write(0, 0, "无数据")
    hidden.visibility = 1
    with path.open("wb") as file:
        book.save(file)
    return path


def dbf(
    path: Path, rows: Sequence[Row], *, kinds: Mapping[str, tuple[str, int]] | None = None, encoding: str = "gb18030",
    page: int = 0x4D, deleted: Sequence[int] = (), version: int = 0x03,
) -> Path:  # fmt: skip
    """``kinds``: column → letter and width; others are texts of forty bytes. ``deleted``: rows marked so, from 0."""
    fields = [(column, *(kinds or {}).get(column, ("C", 40))) for column in rows[0]]
    described = b"".join(
        column.encode(encoding)[:10].ljust(11, b"\0") + struct.pack("<c4xBB14x", kind.encode(), width, 0)
        for column, kind, width in fields
    )
    width = 1 + sum(width for *_, width in fields)
    head = struct.pack("<4BIHH17xB2x", version, 126, 10, 31, len(rows), 33 + len(described), width, page)
    with path.open("wb") as file:
        file.write(head + described + b"\r")
        for number, row in enumerate(rows):
            file.write(b"*" if number in deleted else b" ")
            for column, kind, size in fields:
                raw = str("" if row[column] is None else row[column]).encode(encoding)[:size]
                file.write(raw.rjust(size) if kind in "NF" else raw.ljust(size))
        file.write(b"\x1a")
    return path


def jsonl(path: Path, rows: Sequence[Row]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def arrow(path: Path, rows: Sequence[Row], **more: Any) -> Path:
    parquet.write_table(pa.Table.from_pylist(list(rows)), path, **more)
    return path


WRITERS = {"csv": csv, "xlsx": xlsx, "xls": xls, "dbf": dbf, "jsonl": jsonl, "parquet": arrow}


def packed(path: Path, files: Mapping[str, bytes]) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as package:
        for inner, content in files.items():
            package.writestr(inner, content)
    return path


def written(form: str, folder: Path, rows: Sequence[Row]) -> bytes:
    return WRITERS[form](folder / f"one.{form}", rows).read_bytes()


def given(content: bytes, called: str = "x") -> Delivered:
    return Delivered(called, lambda: io.BytesIO(content))
