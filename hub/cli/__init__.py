"""The command line, and the one place where the parts are put together.

One file a group of commands: ``data`` (load, rejected, replay, quality, check, deliveries), ``trace`` (duties and their
rules), ``connector`` (draft, check), ``sources`` (fetch, and what is fetched from), ``worklist`` (who is to act),
``notices``, ``messages`` (outbox, remind), ``discipline``, ``corrections`` (disputes, evidence), ``indicators``
(measures of a month, reports, the national return), ``access`` (clients, grants, the log), ``work`` (the drop folder,
the schedule and its jobs), ``operate`` (keys, database, schema, settings, serve), ``city`` (the demonstration).
Nothing below this package prints.
"""

import sys

import psycopg
import typer
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, DBAPIError

from hub.errors import HubError
from hub.sealing import SealingError

from . import (
    access,
    city,
    connector,
    corrections,
    data,
    discipline,
    indicators,
    messages,
    notices,
    operate,
    sources,
    worklist,
)
from . import trace as tracing
from . import work as working
from .console import complain, database_problem, settings_problem

INTERRUPTED = 130
STOPPED = "Stopped. Nothing half done was kept; the same command goes on from here."

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
app.command("replay")(data.replay)
app.command("withdraw")(data.withdraw)
app.command("quality")(data.quality)
app.command("row")(data.row)
app.command("check")(data.check)
app.command("trace")(tracing.trace)
app.command("deliveries")(data.deliveries)
app.command("watch")(working.watch)
app.command("work")(working.work)
app.command("serve")(operate.serve)
app.command("settings")(operate.settings)
app.add_typer(connector.connectors, name="connector")
app.command("fetch")(sources.fetch)
app.add_typer(sources.sources, name="sources")
app.add_typer(corrections.corrections, name="correction")
app.add_typer(corrections.evidences, name="evidence")
app.add_typer(worklist.worklists, name="worklist")
app.add_typer(indicators.indicators, name="indicators")
app.add_typer(indicators.returns, name="return")
app.command("report")(indicators.report)
app.add_typer(access.clients, name="client")
app.add_typer(access.grants, name="grant")
app.add_typer(access.log, name="audit")
app.add_typer(notices.notice, name="notice")
app.add_typer(messages.messages, name="outbox")
app.add_typer(messages.reminders, name="remind")
app.add_typer(discipline.listing, name="discipline")
app.add_typer(operate.keys, name="keys")
app.add_typer(operate.database, name="db")
app.add_typer(operate.schema, name="schema")


def main() -> None:
    """Run a command. What goes wrong is told in sentences, with the exit status 1; interrupting is 130."""
    try:
        app()
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            complain(STOPPED)
        raise
    except KeyboardInterrupt:
        complain(STOPPED)
        sys.exit(INTERRUPTED)
    except (HubError, SealingError) as error:
        complain(error)
    except ValidationError as error:
        complain(settings_problem(error))
    except DBAPIError as error:
        complain(database_problem(error.orig or error))
    except (psycopg.Error, ArgumentError) as error:
        complain(database_problem(error))
    except OSError as error:
        complain(f"{error.strerror or type(error).__name__}: {error.filename or ''}")
    sys.exit(1)
