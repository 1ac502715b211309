"""A delivery before it is one: a connector drafted from a file, and files tried against a connector."""

import getpass
from datetime import date
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from sqlalchemy.exc import DBAPIError

from hub import intake
from hub.errors import HubError, IntakeError
from hub.intake import trial as trials
from hub.intake.draft import draft as drafted
from hub.intake.extract import Delivered
from hub.sealing import SealingError, fingerprint
from hub.settings import settings
from hub.store import database_exists, identity

from . import parts
from .console import out, table

connectors = typer.Typer(help="Draft a connector from a file; try files without loading them.", no_args_is_help=True)


@connectors.command()
def draft(
    file: Annotated[Path, typer.Argument(help="A file of the delivery, with rows.", exists=True, dir_okay=False)],
    name: Annotated[str, typer.Option("--for", help="Who gives / what: civil_affairs/low_income.")],
    target: Annotated[str | None, typer.Option(help="The table of facts, where the best guess is not it.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to; by default <what>.toml here.")
    ] = None,
) -> None:
    """Write a starting connector: what the file says, with the evidence, and what somebody has to decide."""
    path = output or Path(f"{name.rpartition('/')[2]}.toml")
    if path.exists():
        raise HubError("DECLARATION_EXISTS", f"{path} is there already", "a draft never overwrites", "Name another: -o")
    made = drafted(Delivered.at(file), name, settings().declarations, target)
    path.write_text(made.toml, "utf-8")
    out.print(f"Drafted {path} for {made.target}" + (f"; next best: {made.runner_up}." if made.runner_up else "."))
    out.print("Decide what begins with a question mark, with this beside it until nothing is left:")
    out.print(f"  hub connector check {name} {file} --connector {path}", markup=False)
    out.print(f"Then it belongs in connectors/{name}.toml.")


@connectors.command()
def check(
    delivery: Annotated[str, typer.Argument(help="Who gives / what: civil_affairs/low_income.")],
    files: Annotated[list[Path], typer.Argument(help="The files of one batch.", exists=True, dir_okay=False)],
    period: Annotated[str | None, typer.Option(help="The month it is of: 2026-10. Unset: this month.")] = None,
    connector: Annotated[Path | None, typer.Option(help="A connector that is not in its place yet.")] = None,
) -> None:
    """Try files against a connector and store nothing: each column, and what the batch would do."""
    month = parts.a_month(period) if period else parts.today().replace(day=1)
    candidate = trials.read_candidate(settings().declarations, delivery, connector)
    tried = trials.try_files([Delivered.at(path) for path in files], candidate.connector, month)
    rows = [
        [one.column, one.field, _share(one.filled, one.rows), _share(one.understood, one.filled), one.distinct]
        for one in tried.columns
    ]
    columns = ["column", "field", "filled", "understood", "distinct"]
    table(
        f"{tried.rows:,} rows of {delivery}, {month:%Y-%m}",
        columns,
        rows,
    )
    for line in trials.told(tried):
        out.print(f"  {line}", markup=False)
    _would(candidate, tried, files, month)
    if candidate.waiting:
        out.print(f"\nTO DECIDE ({len(candidate.waiting)}):", style="bold")
        for one in candidate.waiting:
            out.print(f"  {one}", markup=False)
    else:
        out.print("\nNothing is left to be decided.")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else ""


def _would(candidate: trials.Candidate, tried: trials.Trial, files: list[Path], month: date) -> None:
    """Say what the batch would do, or why that cannot be told."""
    found, untold = _rehearsed(candidate, tried, files, month)
    if found is None:
        out.print(f"{tried.rejected:,} of {tried.rows:,} rows would be rejected.")
        out.print(f"What the batch would do to the facts cannot be told: {untold}.", markup=False)
    else:
        out.print(
            f"The batch: {found.declared:,} rows, {found.rejected:,} rejected ({found.doubles:,} doubles). Facts: "
            f"{found.added:,} new, {found.changed:,} changed, {found.unchanged:,} unchanged, {found.ended:,} ended."
        )
        if found.already:
            out.print(f"Note: these very files are loaded already, as batch {found.already}: loading changes nothing.")
        for warning in found.warnings:
            out.print(f"Note: {warning}", markup=False)
    refusals = [*tried.refusals, *(found.refusals if found else [])]
    for one in refusals:
        out.print(f"It would be refused: {one.code}: {one.message}: {one.detail}", style="bold red", markup=False)
    if not refusals and found is not None and not candidate.waiting:
        out.print("It would be loaded.")


def _rehearsed(
    candidate: trials.Candidate, tried: trials.Trial, files: list[Path], month: date
) -> tuple[intake.Rehearsal | None, str]:
    """What the batch would do, or why that cannot be told."""
    if candidate.open:
        return None, f"nobody has said yet what these fields hold: {', '.join(candidate.open)}"
    if not database_exists():
        return None, "there is no database (hub db upgrade makes one)"
    try:
        keyring, engine = parts.keyring(), parts.writer()
        with engine.connect() as connection:
            bound = identity.bound_to(connection)
        if bound not in {None, fingerprint(keyring)}:
            return None, "the database was filled under another key file"
        found = intake.rehearse(
            tried.connector, files, period=month, engine=engine, keyring=keyring, by=getpass.getuser()
        )
    except (SealingError, DBAPIError, psycopg.Error) as error:
        return None, f"the key file or the database does not do ({type(error).__name__})"
    except IntakeError as refused:  # what the columns were refused for
        return None, refused.message
    return found, ""
