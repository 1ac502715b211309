"""Deliveries in, findings out."""

import getpass
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from sqlalchemy import Row, select, text

from hub import checks, intake
from hub.errors import HubError
from hub.followup import clearing, remind
from hub.followup.worklist import follow
from hub.settings import settings
from hub.store.lineage import LAST_BATCHES
from hub.store.lineage import batch as batches
from hub.terms import day_in_china
from hub.terms.due import Last, Standing, State, standing

from . import parts
from .console import out, progress, table


def load(
    delivery: Annotated[str, typer.Argument(help="Who gives / what: civil_affairs/low_income.")],
    files: Annotated[list[Path], typer.Argument(help="The files that make up one batch.", exists=True, dir_okay=False)],
    period: Annotated[str, typer.Option(help="The month it is of: 2026-10.")],
    manifest: Annotated[
        Path | None,
        typer.Option(help="The department's manifest, if it is not beside the files.", exists=True, dir_okay=False),
    ] = None,
) -> None:
    """Load a batch: whole or not at all. Loading the same files again changes nothing."""
    month = parts.a_month(period)
    with progress() as bars:
        report = load_one(delivery, files, month, bars(delivery), manifest)
    show([report])


def load_one(
    delivery: str,
    files: list[Path],
    period: date,
    report: intake.Progress,
    manifest: Path | None = None,
    channel: str = "file",
) -> intake.BatchReport:
    """Load a batch with the parts of this process."""
    return intake.load(
        delivery,
        files,
        period=period,
        engine=parts.writer(),
        keyring=parts.bound_keyring(),
        declarations=settings().declarations,
        archive=settings().archive_path,
        by=getpass.getuser(),
        manifest=manifest,
        channel=channel,
        progress=report,
    )


def show(reports: list[intake.BatchReport]) -> None:
    """The table of what was loaded, and what to do where something needs doing."""
    columns = ["batch", "delivery", "period", "declared", "loaded", "rejected", "seconds"]
    rows = [
        [one.batch_id, one.delivery, f"{one.period:%Y-%m}", one.declared, one.loaded, one.rejected, one.seconds]
        for one in reports
    ]
    table("Loaded before: nothing is new" if all(one.already for one in reports) else "Loaded", columns, rows)
    if len(reports) == 1:
        (one,) = reports
        out.print(f"{one.added:,} facts new, {one.changed:,} changed, {one.ended:,} ended.")
        for reason, count in one.reasons.items():
            out.print(f"  {count:,} × {reason}", markup=False)
        for warning in one.warnings:
            out.print(f"Note: {warning}", markup=False)
    if any(one.rejected for one in reports):
        out.print("Rejected rows, masked, with their reasons: hub rejected BATCH; for the department: --csv FILE")


def rejected(
    batch: Annotated[int, typer.Argument(help="The batch.")],
    csv: Annotated[Path | None, typer.Option(help="Write the report for the department, as CSV like its own.")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write it as a workbook, every cell as text.")] = None,
) -> None:
    """The rows of a batch that were rejected and wait, masked, each with all its reasons."""
    known = (parts.writer(), parts.bound_keyring(), settings().declarations)
    for path in (csv, xlsx):
        if path is not None and path.exists():
            raise HubError(
                "REQUEST_FILE", f"{path} is there already", "it may hold what somebody corrected", "Name another file."
            )
    if csv or xlsx:
        written = 0
        for path, form in ((csv, "csv"), (xlsx, "xlsx")):
            if path is not None:
                written = intake.report_back(batch, *known, path, getpass.getuser(), form)  # type: ignore[arg-type]
        out.print(
            f"{written:,} rejected rows written to {' and '.join(str(one) for one in (csv, xlsx) if one)}, "
            "with personal data in clear: "
            "send it to the department that delivered them, and to nobody else."
        )
        return
    rows = [
        [one.row_no, "\n".join(one.reasons), " · ".join(f"{name} {cell}" for name, cell in one.cells.items())]
        for one in intake.rejected(batch, *known, getpass.getuser())
    ]
    table(f"Rejected rows of batch {batch}", ["row", "reasons", "what it says (masked)"], rows)
    with parts.reader().connect() as connection:
        refusal = connection.execute(select(batches.c.refusal).where(batches.c.id == batch)).scalar()
    if refusal:
        out.print(f"The batch was refused whole: {refusal}", markup=False)


def replay(
    batch: Annotated[int, typer.Argument(help="The batch whose rejected rows are tried again.")],
    csv: Annotated[Path | None, typer.Option(help="Their report, corrected by the department.", exists=True)] = None,
    xlsx: Annotated[Path | None, typer.Option(help="The same as a workbook.", exists=True)] = None,
) -> None:
    """Try rejected rows again: after the connector was mended, or with the report that came back corrected."""
    if csv and xlsx:
        raise typer.BadParameter("give the corrected report once: --csv or --xlsx")
    with progress() as bars:
        report = intake.replay(
            batch,
            csv or xlsx,
            engine=parts.writer(),
            keyring=parts.bound_keyring(),
            declarations=settings().declarations,
            archive=settings().archive_path,
            by=getpass.getuser(),
            progress=bars(f"batch {batch}"),
        )
    show([report])


def row(
    batch: Annotated[int, typer.Argument(help="The batch, as a finding's evidence names it.")],
    number: Annotated[int, typer.Argument(help="The row of it.")],
) -> None:
    """Show a row again as it was delivered, from the sealed archive, in clear. The look is recorded."""
    known = (parts.writer(), parts.bound_keyring(), settings().declarations, settings().archive_path)
    cells = intake.row_of(batch, number, *known, getpass.getuser())
    table(f"Row {number} of batch {batch}, as delivered", ["column", "says"], [list(one) for one in cells.items()])


def withdraw(
    batch: Annotated[int, typer.Argument(help="The batch, as a finding's evidence names it.")],
    number: Annotated[int, typer.Argument(help="The row of it.", metavar="ROW")],
) -> None:
    """Take a delivered row back, as its department asks: what it said ends now, and stays known as it was."""
    new = intake.withdraw(batch, number, engine=parts.writer(), signer=parts.signer(), by=getpass.getuser())
    out.print(f"Row {number} of batch {batch} is taken back by batch {new}.")
    out.print(f"A dispute over it is answered with: hub correction answer NUMBER corrected --batch {new}")


def quality(
    delivery: Annotated[str, typer.Argument(help="Who gives / what: civil_affairs/low_income.")],
    last: Annotated[int, typer.Option(help="How many batches.", min=1)] = 12,
) -> None:
    """How full, readable and matched the last batches of a delivery were, and how far their codes moved."""
    intake.read_connector(settings().declarations, delivery)  # or say which delivery is meant
    with parts.reader().connect() as connection:
        batches, trends = intake.trend(connection, delivery, last)
    rows = [[one.name, intake.spark(one.shares), *map(_percent, one.shares[-2:])] for one in trends]
    shown = [f"{period:%Y-%m} (batch {number})" for number, period in batches[-2:]]
    span = f", {batches[0][1]:%Y-%m} to {batches[-1][1]:%Y-%m}" if batches else ": nothing was loaded yet"
    table(f"Quality of {delivery}{span}: shares of the declared rows", ["measure", "trend", *shown], rows)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def check(
    rules: Annotated[list[str] | None, typer.Argument(help="Rules by name or id; all by default.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say what each rule rests on; run nothing.")] = False,
    everybody: Annotated[
        bool, typer.Option("--all", help="Judge everybody, also where nothing or little has changed.")
    ] = False,
    as_known_on: Annotated[
        str | None, typer.Option(help="Judge as on a day (2026-03-01) or at an instant, by what was known then.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="With --as-known-on: every finding of then.")] = False,
) -> None:
    """Run the cross-checks: the data themselves first, then persons, then employers."""
    if explain:
        for rule in rules or [one.name for one in checks.read_rules()]:
            text = checks.explain(
                rule,
                reader=parts.reader(),
                region=settings().region,
                today=parts.today(),
                parameters=checks.city_parameters(),
            )
            out.print(text, markup=False)
        return
    known_at = parts.an_instant(as_known_on) if as_known_on else None
    with progress() as bars:
        reports = check_all(rules or None, bars("cross-checks"), known_at, everybody=everybody)
    if known_at is None:
        show_findings(reports)
    else:
        show_then(reports, known_at, listed=listed)


def check_all(
    rules: list[str] | None, report: intake.Progress, known_at: datetime | None = None, *, everybody: bool = False
) -> list[checks.RunReport]:
    """Run rules with the parts of this process; worklists and notices follow what they found and cleared.

    With ``known_at`` as on that day, and nothing is kept.
    Not ``everybody``: only those whom the batches since a rule's last run can have changed, with the same result.
    """
    reports = checks.check(
        rules,
        reader=parts.reader(),
        writer=parts.writer(),
        signer=parts.signer(),
        region=settings().region,
        today=parts.today() if known_at is None else day_of(known_at),
        known_at=known_at,
        parameters=checks.city_parameters(),
        progress=report,
        everybody=everybody,
    )
    if known_at is None:
        with parts.changing() as change:
            follow(change)
            clearing.settle(change.connection, at=change.at, signer=change.signer)
            remind.hand_out(change)
    return reports


def day_of(known_at: datetime) -> date:
    """The day that an instant was judged for: its own in China, but no later than the hub's today."""
    return min(parts.today(), day_in_china(known_at))


_RECORDED: Final = text("""
    select rule, case when verdict = 'judged' then found end
      from (select *, row_number() over (partition by rule order by id desc) as back
              from check_run where finished_at <= :known_at) as runs
     where back = 1
""")


def show_then(reports: list[checks.RunReport], known_at: datetime, *, listed: bool) -> None:
    """What is found by what was known then, beside what the last run until then had found."""
    with parts.reader().connect() as connection:
        recorded: dict[str, int | None] = dict(connection.execute(_RECORDED, {"known_at": known_at}).all())
    rows = [
        [
            one.id,
            one.name,
            one.found if one.verdict == "judged" else "UNKNOWN",
            one.unknown,
            "never run" if one.name not in recorded else recorded[one.name] or 0,
        ]
        for one in reports
    ]
    out.print(f"As known on {known_at:%Y-%m-%d %H:%M:%S %z}, judged for {day_of(known_at)}. Nothing of it is kept.")
    table("Found then", ["id", "rule", "findings", "unknown", "of the run then"], rows)
    if listed:
        said = [
            [one.id, row.verdict, str(row.id), row.matter, row.area, row.unknown_because]
            for one in reports
            for row in one.rows
        ]
        table("Found", ["rule", "verdict", "finding", "matter", "area", "because"], said)
    not_judged(reports)


def show_findings(reports: list[checks.RunReport]) -> None:
    """The table of what was found, and why a rule was not judged."""
    rows = [
        [one.id, one.name, one.found if one.verdict == "judged" else "UNKNOWN", one.unknown, _judged(one), one.seconds]
        for one in reports
    ]
    table("Found", ["id", "rule", "findings", "unknown", "judged", "seconds"], rows)
    not_judged(reports)


def _judged(one: checks.RunReport) -> str:
    """Of whom a rule was judged, and why of all or of nobody."""
    if one.because:
        return ""
    if one.judged_again is None:
        return f"all: {one.scope}" if one.scope else "all"
    return f"{one.judged_again:,} touched" if one.judged_again else one.scope


def not_judged(reports: list[checks.RunReport]) -> None:
    """The rules that were not judged: why, and what to do about it."""
    waiting = [[one.id, reason.says, remedy(reason)] for one in reports for reason in one.reasons]
    if waiting:
        table("NOT JUDGED", ["id", "because", "what to do"], waiting)


def remedy(reason: checks.Reason) -> str:
    """What somebody has to do so that a rule can be judged."""
    if reason.lacks == "delivery":
        return f"ask for it, then: hub load {reason.name} FILE… --period {parts.today():%Y-%m} (the month it is of)"
    file = settings().parameters_path / f"{reason.name}.toml"
    unit = checks.city_parameters()[reason.name].unit
    return (
        f'decide it, and write into {file}: [[entry]] region = "{settings().region}", from = {parts.today():%Y-01-01}, '
        f'value = …{f" ({unit})" if unit else ""}, source = "who decided it, and where"'
    )


#: What an operator does about a delivery in this state.
REMEDIES: Final[Mapping[State, str]] = {
    "refused": "see why in the log, have it mended, deliver again",
    "missing": "ask for the first delivery, then hub load",
    "empty": "ask whether there is truly nothing",
    "stale": "ask at once: answers no longer rest on it",
    "late": "ask for it",
    "due": "wait, or load it",
    "fresh": "",
}


def standings() -> list[tuple[Standing, Row[Any]]]:
    """How every delivery stands, worst first, with its row of ``LAST_BATCHES``."""
    today, fresh_days, dues = parts.today(), parts.fresh_days(), parts.dues()
    with parts.reader().connect() as connection:
        found = connection.execute(text(LAST_BATCHES)).all()
    stand = []
    for one in found:
        last = Last(one.period, one.sealed_at, one.loaded, one.refusal)
        stand.append((standing(last, one.cadence, dues.get(one.name), fresh_days.get(one.cadence), today), one))
    return sorted(stand, key=lambda pair: (pair[0].worst_first, pair[1].name))


def deliveries() -> None:
    """Every delivery, worst first: how it stands, why, what to do; its last month, and when the next is due."""
    rows = [
        [
            one.name,
            stands.state,
            stands.reason,
            REMEDIES[stands.state],
            one.period and f"{one.period:%Y-%m}",
            one.sealed_at,
            stands.due_on,
            one.loaded,
            one.rejected,
        ]
        for stands, one in standings()
    ]
    columns = ["delivery", "state", "because", "what to do", "last month", "loaded at", "due by", "rows", "rejected"]
    table("Deliveries", columns, rows)
