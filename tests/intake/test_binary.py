"""Rows laid as COPY reads them: PostgreSQL says what it read."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_factory import Desk
from postgres import libpq
from psycopg import connect
from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, LargeBinary, Numeric, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import TIMESTAMP

from hub.intake import binary

COLUMNS = [
    Column("row_no", Integer, nullable=False),
    Column("key", Uuid, nullable=False),
    Column("other", Uuid),
    Column("words", Text, nullable=False),
    Column("more", Text),
    Column("day", Date, nullable=False),
    Column("until", Date),
    Column("yuan", Numeric(18, 2), nullable=False),
    Column("paid", Numeric(18, 2)),
    Column("large", BigInteger),
    Column("small", SmallInteger),
    Column("told", Boolean, nullable=False),
    Column("asked", Boolean),
    Column("sealed", LargeBinary),
]
LATE = [Column("batch", BigInteger, nullable=False), Column("at", TIMESTAMP(timezone=True), nullable=False)]
AT = datetime(2026, 11, 28, 12, 0, 0, 123456, tzinfo=UTC)

yuan = st.decimals(Decimal(-(10**15)), Decimal(10**15), places=2)
days = st.dates(date(1850, 1, 1), date(9999, 12, 31))
words = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"))
row = st.tuples(
    st.uuids(), st.none() | st.uuids(), words, st.none() | words, days, st.none() | days, yuan, st.none() | yuan,
    st.none() | st.integers(-(2**63), 2**63 - 1), st.none() | st.integers(-(2**15), 2**15 - 1), st.booleans(),
    st.none() | st.booleans(), st.none() | st.binary(),
)  # fmt: skip


def canonical(value: Any) -> Any:
    """A value as intake has it: text, or bytes."""
    match value:
        case UUID():
            return value.bytes
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value:.2f}"
        case int() | date():
            return str(value)
    return value


@pytest.fixture
def table(desk: Desk) -> Any:
    with connect(libpq(desk.database.url), autocommit=True) as connection:
        kinds = {
            "LargeBinary": "bytea", "TIMESTAMP": "timestamptz", "Numeric": "numeric(18,2)", "BigInteger": "bigint",
            "SmallInteger": "smallint",
        }  # fmt: skip
        described = ", ".join(
            f"{c.name} {kinds.get(type(c.type).__name__, type(c.type).__name__)}" for c in [*COLUMNS, *LATE]
        )
        connection.execute(f"create temp table laid ({described})".encode())
        yield connection


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])  # truncated
@given(st.lists(row, min_size=1, max_size=5))
def test_what_postgresql_reads_is_what_was_laid(table: Any, rows: list[tuple[Any, ...]]) -> None:
    names = [column.name for column in COLUMNS]
    said = [(number, *values) for number, values in enumerate(rows, 1)]
    kinds = {"key": pl.Binary, "other": pl.Binary, "sealed": pl.Binary, "row_no": pl.Int32}
    frame = pl.DataFrame(
        {
            name: pl.Series(
                [canonical(one[place]) if place else one[0] for one in said], dtype=kinds.get(name, pl.String)
            )
            for place, name in enumerate(names)
        }
    )
    prepared, late = binary.ordered(COLUMNS[:-1]), [COLUMNS[-1], *LATE]
    laid = pl.Series(pl.from_arrow(binary.rows(frame, prepared, len(late))))
    whole = binary.completed(laid, {"sealed": frame.get_column("sealed")}, late, {"batch": 7, "at": AT})
    table.execute("truncate laid")
    listed = ", ".join(column.name for column in [*prepared, *late])
    with table.cursor() as cursor, cursor.copy(f"copy laid ({listed}) from stdin (format binary)".encode()) as out:
        for piece in (binary.HEAD, binary.content(whole), binary.TAIL):
            out.write(piece)
    found = table.execute(f"select {', '.join(names)}, batch, at from laid order by row_no".encode()).fetchall()
    assert found == [(*one, 7, AT) for one in said]


def test_no_rows_are_nothing() -> None:
    frame = pl.DataFrame(schema={column.name: pl.String for column in COLUMNS[2:4]})
    assert not binary.content(binary.rows(frame, COLUMNS[2:4]))


def test_a_type_that_no_delivery_has_had_is_refused_and_not_guessed() -> None:
    with pytest.raises(TypeError, match="odd"):
        binary.rows(pl.DataFrame({"odd": ["1"]}), [Column("odd", Numeric(10, 4), nullable=False)])
