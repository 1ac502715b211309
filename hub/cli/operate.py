"""Running a hub: keys, database, schema, settings, serving."""

import socket
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from uvicorn.supervisors import Multiprocess

from hub import settings as configured
from hub.errors import HubError
from hub.sealing import fingerprint, rotated, write_keyring
from hub.store import migrate

from . import parts
from .console import out, table

keys = typer.Typer(help="The key file: without it nothing stored can be read.", no_args_is_help=True)
database = typer.Typer(help="The database's tables and roles.", no_args_is_help=True)
schema = typer.Typer(help="The GraphQL schema.", no_args_is_help=True)


@keys.command("init")
def keys_init() -> None:
    """Make the key file, readable by you alone. Keep a copy where the database's copies are not."""
    chosen = configured.settings()
    parts.make_keyring()
    out.print(f"Keys written to {chosen.keys_path} (mode 0600).")


@keys.command("rotate")
def keys_rotate() -> None:
    """Seal with a new key from now on; what older keys sealed still opens. Restart serving processes afterwards."""
    chosen = configured.settings()
    write_keyring(rotated(parts.keyring()), chosen.keys_path, replace=True)
    out.print("From now on a new key seals.")


@keys.command("show")
def keys_show() -> None:
    """What tells this key file from another; no key is shown."""
    ring = parts.keyring()
    table(
        "Keys",
        ["", ""],
        [
            ["fingerprint", fingerprint(ring)],
            ["suite", ring.suite],
            ["sealing key", ring.sealing],
            ["older keys", ", ".join(sorted(set(ring.roots) - {ring.sealing})) or "none"],
        ],
    )


@database.command("upgrade")
def db_upgrade() -> None:
    """Bring tables, views and roles to this version."""
    migrate()
    out.print("The database is up to date.")


@database.command("downgrade")
def db_downgrade(revision: Annotated[str, typer.Argument(help="Where to go back to: a revision, or base.")]) -> None:
    """Take migrations back. Tables that go take their rows with them."""
    from alembic import command

    from hub.store.engine import alembic_config, owner_url

    command.downgrade(alembic_config(owner_url()), revision)
    out.print(f"The database is at {revision}.")


@database.command("url")
def db_url() -> None:
    """The database's address, for psql: psql "$(hub db url)"."""
    from hub.store import owner_url

    typer.echo(owner_url())


@schema.command("print")
def schema_print(
    file: Annotated[Path, typer.Option(help="Where to; - for the terminal.")] = Path("schema/schema.graphql"),
) -> None:
    """Write the schema as SDL."""
    text = parts.api_schema().as_str() + "\n"
    if str(file) == "-":
        typer.echo(text, nl=False)
    else:
        file.write_text(text, "utf-8")
        out.print(f"Written to {file}.")


def settings() -> None:
    """Every setting: its environment variable, its value now, its meaning."""
    chosen = configured.settings()
    rows = []
    for name, field in type(chosen).model_fields.items():
        value = getattr(chosen, name)
        secret = name.endswith("url") and value is not None and "@" in str(value)
        rows.append([f"HUB_{name.upper()}", "(set)" if secret else value, field.description])
    table("Settings", ["variable", "value", "meaning"], rows)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(help="Serving processes.", min=1)] = 1,
) -> None:
    """Answer GraphQL and token requests until Ctrl-C."""
    parts.keyring()  # told now, not at the first request
    parts.grants()
    listen(bind(host, port), workers)


def bind(host: str, port: int) -> socket.socket:
    """Take the port. HubError where somebody else has it."""
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        raise HubError(
            "EXECUTE_PORT", f"Cannot listen on {host}:{port}", error.strerror or "", "Choose another with --port."
        ) from None
    return taken


def listen(bound: socket.socket, workers: int = 1) -> None:
    """Serve on a bound socket."""
    from hub.http.app import server_options

    options: dict[str, Any] = server_options(configured.settings())
    config = uvicorn.Config("hub.cli.parts:application", factory=True, log_level="warning", workers=workers, **options)
    if workers == 1:
        uvicorn.Server(config).run(sockets=[bound])
    else:
        Multiprocess(config, sockets=[bound]).run()
