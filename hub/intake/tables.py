"""The tables of a batch on its way: which columns each has, and COPY into them.

Staged is what tells which fact a row is about and whether it is new; of a new fact some columns are laid when it is
prepared, and those that are sealed or known only then when it is written. In charge of temporary tables, which vanish
with the transaction, and of every COPY of intake. Touches the database in the writer's role; refuses nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl
import psycopg
from psycopg.sql import SQL, Composable, Identifier
from sqlalchemy import Column, LargeBinary, Uuid
from sqlalchemy.dialects import postgresql

from hub.intake import binary
from hub.intake.binary import Array
from hub.intake.connector import Connector
from hub.store import LINEAGE, metadata

Cursor = psycopg.Cursor[Any]


def columns_of(connector: Connector) -> list[str]:
    return [c.name for c in connector.target_table.columns if c.name not in LINEAGE]


def key_of(connector: Connector) -> list[str]:
    """The columns that say which fact a row of this delivery is about."""
    return [k for k in connector.target_table.info["key"] if k != "delivery_id"]


def staged_of(connector: Connector) -> list[Column[Any]]:
    """The columns that are staged: what a row is about, by every number it may be known under, and its digest."""
    table = connector.target_table
    about = {*key_of(connector), table.info["key"][0], "uscc", "project_code", "person_key"}
    about |= {f"{name}_key" for name in connector.of_kind("employer")}
    about |= {name for name, field in connector.fields.items() if field.alias}
    return binary.ordered([c for c in table.columns if c.name in about or c.name in {"row_no", "digest"}])


def prepared_of(connector: Connector) -> list[Column[Any]]:
    """The columns of a new fact that are laid when it is prepared; ``late_of`` are those laid when it is written."""
    late = {column.name for column in late_of(connector)} | {"known_until"}
    return binary.ordered([column for column in connector.target_table.columns if column.name not in late])


def late_of(connector: Connector) -> list[Column[Any]]:
    """The columns of a new fact that are sealed, and those that are the same in all facts of a batch.

    Until when it is known is the database's to say.
    """
    table = connector.target_table
    return [*sealed_of(connector), *(table.c[name] for name in ("delivery_id", "batch_id", "known_from"))]


def sealed_of(connector: Connector) -> list[Column[Any]]:
    return [column for column in connector.target_table.columns if isinstance(column.type, LargeBinary)]


def staging_tables(connector: Connector) -> dict[str, list[Column[Any]]]:
    """The temporary tables of a batch, and their columns in the order in which they are copied."""
    table, register = connector.target_table, metadata.tables
    number, key = table.c.row_no, table.c[table.info["key"][0]]
    person = register["person"].c
    said = (number, person.person_key, Column("name", Uuid), person.sex, person.birth_on)
    tables: dict[str, Iterable[Column[Any]]] = {
        "staging": staged_of(connector),
        "ending": (number, *(table.c[name] for name in key_of(connector))),
        "subject": (Column("key", key.type),),
        "unsaid": (table.c.digest,),
        "said": said,
        "new_person": (number, *(person[name] for name in PERSON)),
        "new_employer": (number, *(register["employer"].c[name] for name in EMPLOYER)),
    }
    return {name: binary.ordered(columns) for name, columns in tables.items()}


def make_staging(cursor: Cursor, connector: Connector) -> None:
    """Temporary tables that vanish with the transaction."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for name, columns in staging_tables(connector).items():
        described: list[Composable] = [
            SQL("{} {}").format(Identifier(c.name), SQL(c.type.compile(dialect))) for c in columns
        ]
        described += [SQL("wrote boolean")] if name == "ending" else []
        cursor.execute(
            SQL("create temp table {} ({}) on commit drop").format(Identifier(name), SQL(", ").join(described))
        )


PERSON = ("person_key", "resident_id_masked", "name_masked", "sealed", "sex", "birth_on", "status", "digest")
EMPLOYER = ("employer_key", "uscc", "registration_no", "name", "kind", "status", "digest")


def listed(columns: Iterable[str]) -> Composable:
    return SQL(", ").join(map(Identifier, columns))


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as COPY reads them: of which table, which columns, in pieces."""

    table: str
    columns: tuple[str, ...]
    pieces: Iterable[memoryview]


def laid(connector: Connector, table: str, frame: pl.DataFrame) -> Rows:
    """A frame as rows of one of the ``staging_tables``."""
    columns = staging_tables(connector)[table]
    return Rows(table, tuple(c.name for c in columns), [binary.content(binary.rows(frame, columns))])


def copy(cursor: Cursor, rows: Rows) -> int:
    """COPY rows into their table; how many."""
    statement = SQL("copy {} ({}) from stdin (format binary)").format(Identifier(rows.table), listed(rows.columns))
    with cursor.copy(statement) as out:
        out.write(binary.HEAD)
        for piece in rows.pieces:
            for start in range(0, len(piece), 1 << 20):
                out.write(piece[start : start + (1 << 20)])
        out.write(binary.TAIL)
    return cursor.rowcount


def copy_text(cursor: Cursor, table: str, frame: pl.DataFrame) -> None:
    """COPY a frame of text, which PostgreSQL reads as the columns of the same names want it."""
    if not len(frame):
        return
    buffer = BytesIO()
    frame.write_csv(buffer, include_header=False, null_value="\\N")
    statement = SQL("copy {} ({}) from stdin (format csv, null '\\N')").format(Identifier(table), listed(frame.columns))
    with cursor.copy(statement) as out:
        out.write(buffer.getvalue())


def packed(cursor: Cursor, value: str, kind: str, selected: Composable, asked: Sequence[str] | None = None) -> Array:
    """A value of each row that a statement selects for what is ``asked``, as an array.

    They come end to end as one value: a million rows, each a message of its own, cost more than what they say.
    ``value``: an expression of bytes; ``kind``: how NumPy names what they are.
    """
    statement = SQL("select string_agg({}, '') from ({}) as selected").format(SQL(value), selected)
    row = cursor.execute(statement, asked, binary=True).fetchone()
    return np.frombuffer((row and row[0]) or b"", kind)
