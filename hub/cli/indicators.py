"""Indicators of a month, reports of them, and the return to the national participation store."""

import getpass
import tomllib
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from sqlalchemy import text

from hub import indicators as measured
from hub.checks import city_parameters
from hub.indicators import national
from hub.indicators import report as reports
from hub.indicators.report import Period
from hub.settings import settings

from . import parts
from .console import out, table

indicators = typer.Typer(help="Indicators: reckon a month, publish it, look at it.", no_args_is_help=True)
returns = typer.Typer(help="The monthly return to the national participation store.", no_args_is_help=True)

Month = Annotated[str, typer.Option("--month", help="The month: 2026-10.")]

_RELEASES: Final = """
select r.id, r.month, r.computed_at, r.computed_by, p.published_at,
       (select count(*) from indicator_shown s where s.release_id = r.id and s.state = 'known') as known,
       (select count(*) from indicator_shown s where s.release_id = r.id and s.state = 'unknown') as unknown,
       (select count(*) from indicator_shown s where s.release_id = r.id and s.state = 'hidden') as hidden
from indicator_release r
left join (select release_id, max(published_at) as published_at from indicator_publication group by release_id) p
    on p.release_id = r.id
order by r.month desc, r.id desc
"""


@indicators.command("compute")
def compute(
    month: Month,
    measure: Annotated[list[str] | None, typer.Option(help="A measure; all by default.")] = None,
) -> None:
    """Reckon a month into a release of its own. Nobody sees it before it is published."""
    release = reckoned(parts.a_month(month), measure)
    _show(release)
    out.print(f"Release {release.id}. Shown to others by: hub indicators publish {release.id}", markup=False)


def reckoned(month: date, names: list[str] | None = None) -> measured.Release:
    """Reckon a month with the parts of this process."""
    measures = measured.read_measures()
    return measured.compute(
        names,
        month=month,
        reader=parts.reader(),
        writer=parts.writer(),
        signer=parts.signer(),
        region=settings().region,
        today=parts.today(),
        at=datetime.now(UTC),
        by=getpass.getuser(),
        measures=measures,
        targets=measured.read_targets(measures),
        parameters=city_parameters(),
    )


def _show(release: measured.Release) -> None:
    """The whole's figures, and why any is unknown."""
    rows = [
        [one.measure, one.insurance, one.numerator, one.denominator, one.value, one.state]
        for one in release.shown
        if not one.area
    ]
    columns = ["measure", "insurance", "numerator", "denominator", "value", "state"]
    table(f"Indicators of {release.month:%Y-%m}, the whole", columns, rows)
    for name, rests in release.measures.items():
        if rests["because"]:
            out.print(f"{name} is UNKNOWN: {'; '.join(rests['because'])}", markup=False)
    stands = [
        [one.policy, one.clause, one.target, one.value, one.state, one.because]
        for one in release.progress
        if not one.area
    ]
    table("Targets", ["policy", "clause", "target", "value", "state", "because"], stands)


@indicators.command("publish")
def publish(
    release: Annotated[int, typer.Argument(help="The release.")],
    reason: Annotated[str, typer.Option(help="Why a month is published again.")] = "",
) -> None:
    """Show a release as its month's: to the API and to reports."""
    month = shown(release, reason)
    out.print(f"Release {release} is what is shown of {month:%Y-%m}.")


def shown(release: int, reason: str = "") -> date:
    """Publish a release with the parts of this process; its month."""
    return measured.publish(
        release,
        writer=parts.writer(),
        signer=parts.signer(),
        at=datetime.now(UTC),
        by=getpass.getuser(),
        measures=measured.read_measures(),
        parameters=city_parameters(),
        reason=reason,
    )


def month_due() -> date | None:
    """The month whose indicators are to be published now."""
    with parts.reader().connect() as connection:
        return measured.due(connection, city_parameters(), region=settings().region, today=parts.today())


def publish_due() -> None:
    """Reckon the month that is due, if one is, and show it."""
    month = month_due()
    if month is not None:
        shown(reckoned(month).id)


@indicators.command("releases")
def releases() -> None:
    """Every release, and which is published."""
    with parts.reader().connect() as connection:
        rows = [
            [one.id, f"{one.month:%Y-%m}", one.computed_at, one.computed_by, one.published_at, *one[5:]]
            for one in connection.execute(text(_RELEASES))
        ]
    columns = ["release", "month", "computed at", "by", "published at", "known", "unknown", "hidden"]
    table("Releases", columns, rows)


@indicators.command("show")
def show(release: Annotated[int, typer.Argument(help="The release.")]) -> None:
    """A release as it may be seen."""
    with parts.reader().connect() as connection:
        _show(measured.read(connection, release))


def report(
    kind: Annotated[Period, typer.Argument(help="The monthly, quarterly or annual report.")],
    month: Annotated[str, typer.Option("--month", help="A month of the period: 2026-10.")],
    xlsx: Annotated[Path | None, typer.Option(help="Write it as a workbook.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write it as JSON.")] = None,
) -> None:
    """Write a report of what is published (月度报告、季度检查、年度考评)."""
    if not xlsx and not json:
        raise typer.BadParameter("say where to write it: --xlsx or --json")
    measures = measured.read_measures()
    with parts.reader().connect() as connection:
        content = reports.report(
            connection, kind, parts.a_month(month), measures, measured.read_targets(measures), area_names()
        )
    for path, form in ((xlsx, "xlsx"), (json, "json")):
        if path is not None:
            known: Mapping[str, Any] = {"writer": parts.writer(), "signer": parts.signer(), "by": getpass.getuser()}
            reports.write(content, path, form, at=datetime.now(UTC), **known)  # type: ignore[arg-type]
            out.print(f"{content['title']} {content['period']}: {path}", markup=False)
    if not content["complete"]:
        out.print(f"Its last published month is {content['month']}: the period is not complete.", markup=False)


def area_names() -> dict[str, str]:
    """Reporting area → the first of its spellings, as ``connectors/areas.toml`` has them."""
    file = settings().declarations / "connectors" / "areas.toml"
    said = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    return {code: spellings[0] for code, spellings in said.items()}


@returns.command("make")
def return_make(month: Month) -> None:
    """Write what changed since the last return, with identifiers in clear, into the folder of returns."""
    folder = settings().returns_path
    made = national.make(
        parts.a_month(month),
        folder,
        reader=parts.reader(),
        writer=parts.writer(),
        keyring=parts.bound_keyring(),
        signer=parts.signer(),
        parameters=city_parameters(),
        region=settings().region,
        today=parts.today(),
        at=datetime.now(UTC),
        by=getpass.getuser(),
    )
    out.print(
        f"{made.added:,} added, {made.changed:,} changed, {made.ended:,} ended: {folder / made.file}, its manifest and "
        "signature. Identifiers are in clear: it goes to the province, and to nobody else.",
        markup=False,
    )


@returns.command("status")
def return_status(months: Annotated[int, typer.Option(help="How many months.", min=1)] = 3) -> None:
    """Until when each return is due, whether it was made in time, and what is missing to make it."""
    clocks = national.status(
        parts.reader(), city_parameters(), region=settings().region, today=parts.today(), months=months
    )
    rows = [
        [
            f"{one.month:%Y-%m}",
            one.due_on,
            one.state,
            one.made and one.made.made_at,
            one.made and one.made.added + one.made.changed + one.made.ended,
            "\n".join(one.missing),
        ]
        for one in clocks
    ]
    table("Returns", ["month", "due on", "state", "made at", "rows", "what is missing"], rows)


@returns.command("key")
def return_key() -> None:
    """The public key that verifies the manifests of returns (Ed25519, base64)."""
    public = national.signing_key(parts.keyring()).public_key().public_bytes_raw()
    typer.echo(b64encode(public).decode())
