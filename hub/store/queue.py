"""The job queue's own tables: a schema beside the hub's, made by the library that works on them.

In charge of the schema ``jobs``: there where the hub's tables are, of the version of the library that is installed.
Nothing stands in it that is not known elsewhere (what is due follows from the batches), so that another version's is
thrown away and made anew rather than migrated. Runs as the owner, after every migration.
"""

from hashlib import sha256
from typing import Final

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, inspect, text

from .roles import WRITER

SCHEMA: Final = "jobs"


def make(connection: Connection) -> None:
    """Bring the queue's tables to the installed version; take them away with the hub's own."""
    script = SchemaManager.get_schema()
    version = sha256(script.encode()).hexdigest()[:16]
    wanted = "batch" in inspect(connection).get_table_names()
    there = connection.scalar(text("select obj_description(to_regnamespace(:name), 'pg_namespace')"), {"name": SCHEMA})
    if wanted and there == version:
        return
    connection.execute(text(f"drop schema if exists {SCHEMA} cascade"))
    if not wanted:
        return
    connection.execute(text(f"create schema {SCHEMA}"))
    connection.execute(text(f"comment on schema {SCHEMA} is '{version}'"))
    connection.execute(text(f"set local search_path = {SCHEMA}"))
    connection.connection.cursor().execute(script)  # the driver's: many statements, and percent signs of its own
    connection.execute(text("reset search_path"))
    connection.execute(text(f"grant usage on schema {SCHEMA} to {WRITER}"))
    connection.execute(text(f"grant select, insert, update, delete on all tables in schema {SCHEMA} to {WRITER}"))
    connection.execute(text(f"grant usage on all sequences in schema {SCHEMA} to {WRITER}"))
