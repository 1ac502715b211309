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

from hub.errors import HubError
from hub.settings import settings

Role = Literal["owner", "writer", "reader"]


def database_exists() -> bool:
    """Whether there is a database to speak to: one that is set, or the hub's own, made before."""
    return settings().database_url is not None or (_folder() / "PG_VERSION").exists()


def owner_url() -> str:
    """The database's URL as the owner; starts the hub's own PostgreSQL where none is set.

    HubError where the hub's own was never made: a command in the wrong folder must not make an empty one.
    """
    configured = settings().database_url
    if configured:
        return configured
    if not database_exists():
        raise HubError(
            "EXECUTE_DATABASE",
            f"There is no database in {_folder().parent.absolute()}",
            hint="Make one with: hub db upgrade (or hub demo). Elsewhere? Set HUB_DATA or HUB_DATABASE_URL.",
        )
    return _started(_folder())


def _folder() -> Path:
    return settings().data / "postgres"


@cache
def _started(folder: Path) -> str:
    from . import embedded

    return embedded.start(folder)


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


def psycopg_dsn(role: Role, url: str | None = None, **options: str) -> dict[str, Any]:
    """Arguments for a pool of psycopg's connections whose every session is in ``role``, with more startup options."""
    target = make_url(url or _url(role)).set(drivername="postgresql")
    said = " ".join(f"-c {name}={value}" for name, value in {**_options(role), **options}.items())
    return {"conninfo": target.render_as_string(hide_password=False), "kwargs": {"options": said}}


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
    if url is None and settings().database_url is None:
        _started(_folder())  # made, where it is not there yet
    command.upgrade(alembic_config(url or owner_url()), revision)
