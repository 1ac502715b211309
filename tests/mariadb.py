"""A real MariaDB or MySQL for tests of front-end databases: the one on 127.0.0.1:3306, or ``HUB_TEST_MARIADB_URL``.

Where none can be reached, the tests that need it are left out, and say so; with ``HUB_TEST_REQUIRE_SERVERS=1`` they
fail instead. Each test has a database of its own, which is dropped.
"""

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

URL = os.environ.get("HUB_TEST_MARIADB_URL", "mysql+pymysql://root@127.0.0.1:3306/mysql")


@pytest.fixture
def mariadb() -> Iterator[str]:
    """The URL of an empty database."""
    engine = create_engine(URL, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5})
    name = f"hub_channels_{uuid4().hex[:8]}"
    try:
        with engine.connect() as connection:
            connection.execute(text(f"create database {name} character set utf8mb4"))
    except OperationalError:
        missing = "no MariaDB can be reached on 127.0.0.1:3306 (HUB_TEST_MARIADB_URL names another)"
        if os.environ.get("HUB_TEST_REQUIRE_SERVERS") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    yield make_url(URL).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"drop database {name}"))
    engine.dispose()
