"""Which database, and in which role.

Three roles: ``owner`` migrates, ``writer`` loads, checks and logs, ``reader`` answers queries and runs rules,
read-only. Where the settings name no URL for a role, the owner's connection is put into the role
(``hub_writer``, ``hub_reader``) by its startup options.
"""

from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, make_url

from hub.settings import settings

Role = Literal["owner", "writer", "reader"]


@cache
def owner_url() -> str:
    """The database's URL as the owner; starts the hub's own PostgreSQL where none is set."""
    configured = settings().database_url
    if configured:
        return configured
    from . import embedded

    return embedded.start(settings().data / "postgres")


def _options(role: Role) -> dict[str, str]:
    """Startup options of a session in ``role``."""
    options = {"timezone": "UTC", "jit": "off"}
    configured = {"owner": None, "writer": settings().writer_url, "reader": settings().reader_url}[role]
    if role != "owner" and not configured:
        options["role"] = f"hub_{role}"
    if role == "reader":
        options["default_transaction_read_only"] = "on"
    return options


def _url(role: Role) -> str:
    configured = {"owner": None, "writer": settings().writer_url, "reader": settings().reader_url}[role]
    return configured or owner_url()


def engine_for(role: Role, url: str | None = None, **more: Any) -> Engine:
    """A SQLAlchemy engine (psycopg) whose every session is in ``role``; ``url`` overrides the settings."""
    options = " ".join(f"-c {name}={value}" for name, value in _options(role).items())
    target = make_url(url or _url(role)).set(drivername="postgresql+psycopg")
    return create_engine(target, connect_args={"options": options}, **more)


def asyncpg_dsn(role: Role, url: str | None = None) -> dict[str, Any]:
    """Arguments for ``asyncpg.create_pool`` whose every session is in ``role``."""
    target = make_url(url or _url(role)).set(drivername="postgresql")
    host = target.query.get("host")
    if isinstance(host, str):  # a socket's folder: asyncpg wants it as an argument
        target = target.difference_update_query(["host"])
        return {
            "dsn": target.set(password=None).render_as_string(hide_password=False),
            "host": host,
            "server_settings": _options(role),
        }
    return {"dsn": target.render_as_string(hide_password=False), "server_settings": _options(role)}


def analyze(url: str | None = None) -> None:
    """Let the planner know what a large load has put into the tables, before autovacuum comes round to it."""
    engine = engine_for("owner", url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("analyze")
    engine.dispose()


def alembic_config(url: str) -> Config:
    """Alembic's configuration for ``url``, for `hub db` and the tests alike."""
    root = Path(__file__).resolve().parents[2]
    config = Config(str(root / "alembic.ini"))
    config.set_main_option("script_location", str(root / "migrations"))
    config.set_main_option("sqlalchemy.url", quote(url, safe=":/?&=@+%,.").replace("%", "%%"))
    return config


def migrate(url: str | None = None, revision: str = "head") -> None:
    """Bring the database to ``revision``; makes the roles where they are missing."""
    command.upgrade(alembic_config(url or owner_url()), revision)
