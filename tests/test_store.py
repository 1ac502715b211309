"""The store: tables equal migrations, every table knows its place, the roles may do what they must and no more."""

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from postgres import Database, libpq
from sqlalchemy import Table

from hub.store import metadata
from hub.store.engine import alembic_config
from hub.store.roles import READER, WRITER

TABLES = metadata.sorted_tables
FACTS = [table for table in TABLES if table.info.get("fact")]


def names(table: Table) -> str:
    return table.name


def test_models_equal_migrations(database: Database) -> None:
    with database.engine().connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_object": lambda _i, name, kind, reflected, _c: (
                    not (kind == "table" and reflected and "_in_" in name)
                ),
            },
        )
        assert compare_metadata(context, metadata) == []


def test_down_migrations_leave_nothing_behind(fresh_database: Database) -> None:
    command.downgrade(alembic_config(fresh_database.url), "base")
    left = fresh_database.execute("select tablename from pg_tables where schemaname = 'public'")
    assert left == [("alembic_version",)]
    command.upgrade(alembic_config(fresh_database.url), "head")
    assert len(fresh_database.execute("select 1 from pg_tables where schemaname = 'public'")) > len(TABLES)


@pytest.mark.parametrize("table", TABLES, ids=names)
def test_every_table_says_where_it_lives_and_can_be_distributed_there(table: Table) -> None:
    place = table.info["place"]
    assert place[0] in {"hash", "reference", "local"}
    if place[0] == "hash":
        column = table.c[place[1]]
        assert not column.nullable
        assert next(iter(table.primary_key.columns)) is column
        for index in table.indexes:
            assert not index.unique or column in list(index.columns)


@pytest.mark.parametrize("table", FACTS, ids=names)
def test_every_fact_is_traced_and_has_one_current_row_a_key(table: Table) -> None:
    assert [column.name for column in table.primary_key.columns] == [*table.info["key"], "known_until"]
    for name in ("delivery_id", "batch_id", "row_no", "digest", "known_from"):
        assert not table.c[name].nullable


@pytest.mark.parametrize("table", FACTS, ids=names)
def test_every_column_of_codes_says_what_it_may_hold(table: Table) -> None:
    for name in {"kind", "status", "state"} & set(table.c.keys()):
        assert table.c[name].comment, f"{table.name}.{name}"


def refused(database: Database, role: str, statement: str) -> bool:
    with psycopg.connect(libpq(database.url), options=f"-c role={role}") as connection:
        try:
            connection.execute(statement.encode())
        except psycopg.errors.InsufficientPrivilege:
            return True
        return False


@pytest.mark.parametrize("table", FACTS, ids=names)
def test_the_writer_may_end_a_fact_but_not_change_it(database: Database, table: Table) -> None:
    other = next(c.name for c in table.columns if c.name not in table.primary_key.columns)
    assert not refused(database, WRITER, f"update {table.name} set known_until = now()")
    assert refused(database, WRITER, f"update {table.name} set {other} = null")
    assert refused(database, WRITER, f"delete from {table.name}")


@pytest.mark.parametrize("table", TABLES, ids=names)
def test_the_reader_writes_nothing(database: Database, table: Table) -> None:
    assert refused(database, READER, f"delete from {table.name}")
    assert refused(database, READER, f"update {table.name} set {next(iter(table.columns)).name} = null")


@pytest.mark.parametrize("secret", ["client", "rejected_row", "quota_person"])
def test_the_reader_does_not_see_secrets(database: Database, secret: str) -> None:
    assert refused(database, READER, f"select * from {secret}")


def test_the_queue_is_made_with_the_tables_anew_where_it_is_another_versions_and_goes_with_them(
    fresh_database: Database,
) -> None:
    jobs = "select count(*) from pg_tables where schemaname = 'jobs'"
    assert not refused(fresh_database, WRITER, "update jobs.procrastinate_jobs set attempts = 1")
    assert refused(fresh_database, READER, "select * from jobs.procrastinate_jobs")
    fresh_database.execute("insert into jobs.procrastinate_workers default values")
    command.upgrade(alembic_config(fresh_database.url), "head")
    assert fresh_database.execute("select count(*) from jobs.procrastinate_workers") == [(1,)]
    fresh_database.execute("comment on schema jobs is 'another version'")
    command.upgrade(alembic_config(fresh_database.url), "head")
    assert fresh_database.execute("select count(*) from jobs.procrastinate_workers") == [(0,)]
    command.downgrade(alembic_config(fresh_database.url), "base")
    assert fresh_database.execute(jobs) == [(0,)]
