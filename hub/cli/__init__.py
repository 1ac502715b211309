"""The command line, and the one place where the parts are put together.

One file a group of commands: ``data`` (load, rejected, check, deliveries), ``access`` (clients, grants, the log),
``operate`` (keys, database, schema, settings, serve), ``city`` (the demonstration). Nothing below this package prints.
"""

import sys

import typer

from hub.errors import HubError
from hub.sealing import SealingError

from . import access, city, data, operate
from .console import complain

app = typer.Typer(
    name="hub",
    help="The data-sharing hub for universal social-insurance participation (全民参保).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(city.demo)
app.command("load")(data.load)
app.command("rejected")(data.rejected)
app.command("row")(data.row)
app.command("check")(data.check)
app.command("deliveries")(data.deliveries)
app.command("serve")(operate.serve)
app.command("settings")(operate.settings)
app.add_typer(access.clients, name="client")
app.add_typer(access.grants, name="grant")
app.add_typer(access.log, name="audit")
app.add_typer(operate.keys, name="keys")
app.add_typer(operate.database, name="db")
app.add_typer(operate.schema, name="schema")


def main() -> None:
    """Run a command. Errors are told in sentences, with the exit status 1; interrupting is 130."""
    try:
        app()
    except (HubError, SealingError) as error:
        complain(error)
        sys.exit(1)
    except KeyboardInterrupt:
        complain("Stopped. Nothing half done was kept; the same command goes on from here.")
        sys.exit(130)
