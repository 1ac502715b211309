"""Two ways to read facts, as schemas of views with the tables' own names.

``facts_now.<fact>``: what is known now. ``facts_then.<fact>``: what was known at the instant of the session setting
``hub.known_at``. A rule names plain tables (``enrollment``); the schema that the session's search path puts first
decides which knowledge it reads, so the same file answers both, also in psql:

    set search_path = facts_now, public;

Beside them stand the views of ``views.sql``, which say once what many rules ask (``absence``, ``pensioner``).

Views are derived from the tables: they are dropped before a migration and made again after it.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from .base import FOREVER_SQL, metadata
from .roles import READER, WRITER

#: One definition for both schemas, over plain table names.
SHARED: Final = Path(__file__).with_suffix(".sql")
SCHEMAS: Final = {
    "facts_now": f"known_until = {FOREVER_SQL}",
    "facts_then": (
        "known_from <= current_setting('hub.known_at')::timestamptz "
        "and known_until > current_setting('hub.known_at')::timestamptz"
    ),
}


def drop(connection: Connection) -> None:
    for schema in SCHEMAS:
        connection.execute(text(f"drop schema if exists {schema} cascade"))


def create(connection: Connection) -> None:
    """Make the views of every fact table that is there; those that several rules share, where all are."""
    there = set(inspect(connection).get_table_names())
    facts = [table.name for table in metadata.sorted_tables if table.info.get("fact")]
    for schema, condition in SCHEMAS.items():
        connection.execute(text(f"create schema {schema}"))
        connection.execute(text(f"grant usage on schema {schema} to {WRITER}, {READER}"))
        for name in there.intersection(facts):
            connection.execute(text(f"create view {schema}.{name} as select * from public.{name} where {condition}"))
        if there.issuperset(facts):
            connection.execute(text(f"set local search_path = {schema}, public"))
            connection.exec_driver_sql(SHARED.read_text("utf-8"))
            connection.execute(text("set local search_path = default"))
        connection.execute(text(f"grant select on all tables in schema {schema} to {WRITER}, {READER}"))
