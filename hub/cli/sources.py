"""What deliveries are fetched from, and fetching them."""

import getpass
from datetime import date
from typing import Annotated

import typer

from hub import intake
from hub.errors import DeclarationError
from hub.intake import channel
from hub.settings import settings

from . import parts
from .console import err, progress, table
from .data import show

sources = typer.Typer(help="Where deliveries are fetched from (HUB_SOURCES).", no_args_is_help=True)


@sources.command("check")
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Deliveries; every one that has a source.")] = None,
) -> None:
    """Try each source: is it reached, are its columns known, do the rights suffice. Changes nothing."""
    known = channel.read_sources(settings().sources)
    found = [channel.try_source(one, source_of(known, one), settings().declarations) for one in names or sorted(known)]
    rows = [[one.delivery, one.kind, one.where, one.problem or "; ".join(["good", *one.notes])] for one in found]
    table("Sources", ["delivery", "kind", "where", "found"], rows)
    problems = sum(1 for one in found if one.problem)
    if problems:
        err.print(f"{problems} of {len(found)} sources cannot be fetched from.")
        raise typer.Exit(1)


def fetch(
    delivery: Annotated[str, typer.Argument(help="Who gives / what: public_security/population.")],
    period: Annotated[str | None, typer.Option(help="The month it is of; this one by default: 2026-10.")] = None,
) -> None:
    """Fetch what is new of a delivery from its source, and load it. After a break it goes on."""
    month = parts.a_month(period) if period else parts.today().replace(day=1)
    with progress() as bars:
        report = fetch_one(delivery, month, bars(delivery))
    show([report])


def fetch_one(delivery: str, period: date, report: intake.Progress) -> intake.BatchReport:
    """Fetch a delivery with the parts of this process."""
    source = source_of(channel.read_sources(settings().sources), delivery)
    return channel.fetch(
        delivery,
        source,
        period=period,
        engine=parts.writer(),
        keyring=parts.bound_keyring(),
        declarations=settings().declarations,
        archive=settings().archive_path,
        spool=settings().spool_path,
        by=getpass.getuser(),
        progress=report,
    )


def source_of(known: dict[str, channel.Source], delivery: str) -> channel.Source:
    """DeclarationError: the file of sources says nothing of it."""
    if delivery not in known:
        raise DeclarationError(
            "DECLARATION_SOURCES", f"no source for '{delivery}'", str(settings().sources),
            f'add a table ["{delivery}"]' if known else "the file is empty",
        )  # fmt: skip
    return known[delivery]
