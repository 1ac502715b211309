"""A real PostgreSQL for every test that wants one: migrated once, copied for each module.

By default the PostgreSQL of the wheel, in a temporary folder. ``HUB_TEST_DATABASE_URL`` names another server
(any database of it, as a superuser): the tests then make and drop databases of their own there.
"""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine, NullPool, make_url

from hub.sealing import Keyring, new_keyring
from hub.store.engine import Role, asyncpg_dsn, engine_for, migrate


@dataclass(frozen=True)
class Database:
    """A database of its own. ``url`` is the owner's, as SQLAlchemy writes it."""

    url: str

    def engine(self, role: Role = "owner") -> Engine:
        return engine_for(role, self.url, poolclass=NullPool)

    def dsn(self, role: Role = "owner") -> dict[str, Any]:
        """Arguments for ``asyncpg.connect`` or ``create_pool`` in ``role``."""
        return asyncpg_dsn(role, self.url)

    def execute(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run one statement as the owner, with ``%s`` parameters; its rows, if any."""
        with psycopg.connect(libpq(self.url), autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []


def libpq(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a PostgreSQL server, as its superuser."""
    configured = os.environ.get("HUB_TEST_DATABASE_URL")
    if configured:
        yield configured
        return
    from hub.store import embedded

    with tempfile.TemporaryDirectory(prefix="hub-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield embedded.start(Path(folder) / "postgres")
        embedded.stop(Path(folder) / "postgres")


@pytest.fixture(scope="session")
def template(server: str) -> Iterator[str]:
    """The name of a migrated, empty database to copy."""
    name = f"hub_template_{uuid4().hex[:8]}"
    with psycopg.connect(libpq(server), autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
        migrate(_named(server, name))
        yield name
        connection.execute(f"drop database {name} with (force)".encode())


def _copy(server: str, template: str) -> Iterator[Database]:
    name = f"hub_{uuid4().hex[:12]}"
    with psycopg.connect(libpq(server), autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}".encode())
        yield Database(_named(server, name))
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture(scope="module")
def database(server: str, template: str) -> Iterator[Database]:
    """A migrated, empty database that the tests of one module share."""
    yield from _copy(server, template)


@pytest.fixture
def fresh_database(server: str, template: str) -> Iterator[Database]:
    """A migrated, empty database for one test alone."""
    yield from _copy(server, template)


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return new_keyring()
