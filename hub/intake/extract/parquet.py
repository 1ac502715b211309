"""Parquet, a row group at a time and of that some rows: memory does not grow with the file.

Read by Arrow, which takes any stream (Polars wants a path, or the whole file in memory; a file may lie sealed or in a
ZIP). Typed columns become the text that other formats hold: days as ISO, instants as China's clock shows them, integers
and decimals exactly; floats are marked as numeric. Refuses nested and binary columns, and damaged pages.
"""

from collections.abc import Iterator
from math import isnan

import polars as pl
import pyarrow as pa
from polars import selectors as cs
from pyarrow import parquet

from hub.errors import IntakeError
from hub.intake.connector import Connector

from . import Chunk, Delivered, Report, text_of, without_notes
from .detect import whole
from .header import check, of

ROWS = 50_000
CHINA = "Asia/Shanghai"
BUFFER = 1 << 20  # bytes of each column read at a time


def read(file: Delivered, connector: Connector, report: Report, start: int) -> Iterator[Chunk]:
    """The rows of one file, numbered from ``start``."""
    with file.open() as stream:
        with whole(file.name, "a whole Parquet file"):
            source = parquet.ParquetFile(stream, buffer_size=BUFFER, pre_buffer=False, page_checksum_verification=True)
            batches, declared = source.iter_batches(ROWS, use_threads=False), source.metadata.num_rows
            schema = source.schema_arrow
        header = of(schema.names, connector)
        check(header, connector, file.name)
        for field in schema:
            if not _plain(field.type):
                raise IntakeError(
                    "INTAKE_FORMAT", f"{file.name}: column '{field.name}' is {field.type}", "a cell holds one value",
                    "write it as text, or leave it out",
                )  # fmt: skip
        rows = 0
        while True:
            with whole(file.name, "a whole Parquet file"):
                batch = next(batches, None)
                cells = None if batch is None else _cells(batch, file.name)
            if cells is None:
                break
            rows += len(cells)
            for chunk in without_notes(cells, header, report, start):
                start += len(chunk.row_no)
                yield chunk
    if rows != declared:
        raise IntakeError(
            "INTAKE_FORMAT",
            f"{file.name} is not a whole Parquet file",
            f"{rows} of {declared} rows",
            "ask for it again",
        )


def _plain(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    nested = pa.types.is_nested(kind) or isinstance(kind, pa.BaseExtensionType)
    binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
    return not (nested or binary or pa.types.is_duration(kind) or pa.types.is_interval(kind))


def _cells(batch: pa.RecordBatch, name: str) -> pl.DataFrame:
    """Text columns named by position, and the marks of the floats."""
    names = [str(position) for position in range(batch.num_columns)]
    typed = pl.DataFrame(pa.Table.from_batches([batch]).rename_columns(names))
    floats = typed.select(cs.float())
    texts = typed.with_columns(
        cs.boolean().cast(pl.Int8).cast(pl.String),
        cs.date().dt.to_string("%Y-%m-%d"),
        (cs.integer() | cs.decimal() | cs.categorical() | cs.string() | cs.by_dtype(pl.Null, pl.Time)).cast(pl.String),
        *[_instants(typed.get_column(name)).alias(name) for name in typed.select(cs.datetime()).columns],
        *[_floats(column) for column in floats],
    )
    held = texts.select(pl.any_horizontal(pl.all().str.contains("\0", literal=True)).any()).item() if names else False
    if held:
        raise IntakeError("INTAKE_ENCODING", f"{name} holds NUL bytes", "", "ask for it again")
    return texts.with_columns(column.is_not_null().alias(f"m{column.name}") for column in floats)


def _instants(column: pl.Series) -> pl.Series:
    """Midnights as days, other instants with their time."""
    if column.dtype.time_zone:  # type: ignore[attr-defined]
        column = column.dt.convert_time_zone(CHINA).dt.replace_time_zone(None)
    return column.dt.to_string("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")


def _floats(column: pl.Series) -> pl.Series:
    whole_numbers = (column == column.round()) & (column.abs() < 1e18)
    if whole_numbers.fill_null(value=True).all():
        return column.cast(pl.Int64).cast(pl.String)
    return pl.Series(
        column.name, [None if one is None or isnan(one) else text_of(one) for one in column.to_list()], dtype=pl.String
    )
