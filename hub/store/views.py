"""Two ways to read facts, as schemas of views with the tables' own names.

``facts_now.<fact>``: what is known now. ``facts_then.<fact>``: what was known at the instant of the session setting
``hub.known_at``. A rule names plain tables (``enrollment``); the schema that the session's search path puts first
decides which knowledge it reads, so the same file answers both, also in psql:

    set search_path = facts_now, public;

Views are derived from the tables: they are dropped before a migration and made again after it.
"""

from sqlalchemy import Connection, inspect, text

from .base import FOREVER_SQL, metadata
from .roles import READER, WRITER

SCHEMAS = {
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
    """Make the views of every fact table that is there."""
    tables = set(inspect(connection).get_table_names())
    for schema, condition in SCHEMAS.items():
        connection.execute(text(f"create schema {schema}"))
        connection.execute(text(f"grant usage on schema {schema} to {WRITER}, {READER}"))
        for table in metadata.sorted_tables:
            if table.info.get("fact") and table.name in tables:
                connection.execute(
                    text(f"create view {schema}.{table.name} as select * from public.{table.name} where {condition}")
                )
        connection.execute(text(f"grant select on all tables in schema {schema} to {WRITER}, {READER}"))
