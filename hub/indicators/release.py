"""Releases: what was reckoned of a month, frozen; which of them is published; what is shown.

In charge of writing a release (cells, what may be shown of them, progress, and what it all rests on) and its
publication, each in one transaction together with its event in the access log. Nothing is overwritten: reckoning a
month again makes another release, publishing again another row of publications. Refuses (`IndicatorError`) a release
that is not there, and a month that was published as often as it may be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome
from hub.audit.log import record_sync
from hub.checks.parameter import Applied, Parameter, applied
from hub.errors import IndicatorError
from hub.indicators import target
from hub.indicators.compute import Reckoned, chosen, last_day, reckon
from hub.indicators.hiding import Cell, Shown, hidden_in, shown
from hub.indicators.measure import Measure
from hub.indicators.target import Progress, Targets
from hub.store.indicator import (
    indicator_cell,
    indicator_progress,
    indicator_publication,
    indicator_release,
    indicator_shown,
)
from hub.terms import add_months

HIDING: Final = ("small_cell_below", "rounding_base")
PUBLICATIONS: Final = "publications_of_a_month"
RELEASE_DAY: Final = "indicator_release_day"


@dataclass(frozen=True, slots=True)
class Release:
    """A release of a month as it may be seen."""

    id: int
    month: date
    region: str
    measures: Mapping[str, Any]
    shown: tuple[Shown, ...]
    progress: tuple[Progress, ...]


def compute(
    names: Sequence[str] | None = None,
    *,
    month: date,
    reader: sa.Engine,
    writer: sa.Engine,
    signer: Signer,
    region: str,
    today: date,
    at: datetime,
    by: str,
    measures: Mapping[str, Measure],
    targets: Mapping[str, Targets],
    parameters: Mapping[str, Parameter],
) -> Release:
    """Reckon ``month`` and freeze it as a new release, which nobody sees before it is published.

    ``names``: the measures; all where none are said. ``by``: who computes, as the event names them.
    """
    hiding = {name: _value(parameters, name, region, month) for name in HIDING}
    reckoned = reckon(reader, chosen(names, measures), parameters, month=month, region=region, today=today)
    cells = [cell for one in reckoned for cell in one.cells]
    below, bases = (hiding[name].value for name in HIDING)
    with writer.begin() as connection:
        seen = shown(cells, measures, below, bases, _hid(connection, month, measures))
        last_year = published(connection, add_months(month, -12))
        stands = target.progress(
            target.holding(targets, region, month), seen, last_year.shown if last_year else (), measures, month
        )
        release = connection.execute(
            indicator_release.insert()
            .values(
                month=month,
                region=region,
                measures={one.basis.rule.name: one.as_json() for one in reckoned},
                hiding={name: one.as_json() for name, one in hiding.items()},
                targets_digest=target.digest(),
                known_at=max((one.basis.known_at for one in reckoned), default=at),
                computed_at=at,
                computed_by=by,
            )
            .returning(indicator_release.c.id)
        ).scalar_one()
        _keep(connection, release, measures, cells, seen, stands)
        _record(connection, signer, Kind.indicators_computed, release, month, by, reckoned, seen)
    return Release(
        release, month, region, {one.basis.rule.name: one.as_json() for one in reckoned}, tuple(seen), tuple(stands)
    )


def _value(parameters: Mapping[str, Parameter], name: str, region: str, month: date) -> Applied:
    found = applied(parameters[name], region, last_day(month))
    if found is None:
        raise IndicatorError(
            "INDICATOR_PARAMETER", f"NOT CONFIGURED: {name} has no value for {month:%Y-%m} in {region}"
        )
    return found


def _keep(
    connection: sa.Connection,
    release: int,
    measures: Mapping[str, Measure],
    cells: Sequence[Cell],
    seen: Sequence[Shown],
    stands: Sequence[Progress],
) -> None:
    """The rows of a release."""
    for table, rows in (
        (indicator_cell, [_row(one) | {"state": "unknown" if one.because else "known"} for one in cells]),
        (indicator_shown, [_row(one) | {"unit": measures[one.measure].unit} for one in seen]),
    ):
        about = [{"release_id": release, "division": measures[row["measure"]].division} | row for row in rows]
        if about:
            connection.execute(table.insert(), about)
    if stands:
        connection.execute(indicator_progress.insert(), [{"release_id": release} | _row(one) for one in stands])


def _row(one: Cell | Shown | Progress) -> dict[str, Any]:
    return asdict(one) | {"because": one.because or None}


def _record(
    connection: sa.Connection,
    signer: Signer,
    kind: Kind,
    release: int,
    month: date,
    by: str,
    reckoned: Sequence[Reckoned] = (),
    seen: Sequence[Shown] = (),
) -> None:
    details: dict[str, Any] = {"release": release, "month": f"{month:%Y-%m}", "by": by}
    if reckoned:
        details["measures"] = {one.basis.rule.name: one.basis.rule.digest for one in reckoned}
        details["states"] = {state: sum(one.state == state for one in seen) for state in ("known", "unknown", "hidden")}
    because = sorted({f"{one.basis.rule.name}: {reason.says}" for one in reckoned for reason in one.basis.because})
    deliveries = sorted({name for one in reckoned for name in one.basis.deliveries})
    event = Event(kind=kind, outcome=Outcome.allowed, deliveries=deliveries, reasons=because, details=details)
    record_sync(connection, event, signer)


def publish(
    release: int,
    *,
    writer: sa.Engine,
    signer: Signer,
    at: datetime,
    by: str,
    measures: Mapping[str, Measure],
    parameters: Mapping[str, Parameter],
    reason: str = "",
) -> date:
    """Show this release as its month's; the month. Publishing what is published already changes nothing.

    IndicatorError: no such release; it holds a part of a group of measures; the month was published before and no
    ``reason`` is given, as often as it may, or hid what this release shows.
    """
    with writer.begin() as connection:
        connection.execute(sa.text("select pg_advisory_xact_lock(hashtext('publish indicators'))"))
        given = read(connection, release)
        month = given.month
        publication = indicator_publication
        before = connection.scalars(
            sa.select(publication.c.release_id).where(publication.c.month == month).order_by(publication.c.id)
        ).all()
        if before and before[-1] == release:
            return month
        _publishable(connection, given, len(before), reason, measures, parameters)
        said = {"month": month, "release_id": release, "published_at": at, "published_by": by, "reason": reason or None}
        connection.execute(publication.insert().values(said))
        _record(connection, signer, Kind.indicators_published, release, month, by)
    return month


def _publishable(
    connection: sa.Connection,
    release: Release,
    times: int,
    reason: str,
    measures: Mapping[str, Measure],
    parameters: Mapping[str, Parameter],
) -> None:
    """IndicatorError: this release may not be shown. ``times``: how often its month was published before."""
    held = {measures[name].hides_with for name in release.measures if name in measures}
    lacking = sorted(
        one.name for one in measures.values() if one.hides_with in held and one.name not in release.measures
    )
    if lacking:
        raise IndicatorError(
            "INDICATOR_PART", f"release {release.id} lacks {lacking[0]}", "measures of a group are published together"
        )
    most = _value(parameters, PUBLICATIONS, release.region, release.month).value
    if times >= most:
        raise IndicatorError(
            "INDICATOR_PUBLISHED",
            f"{release.month:%Y-%m} was published {times} times",
            f"{PUBLICATIONS} allows {most}: each difference tells a little more",
            "what was corrected since shows in the months to come",
        )
    if times and not reason:
        raise IndicatorError(
            "INDICATOR_PUBLISHED", f"{release.month:%Y-%m} is published already", hint="say why it is published again"
        )
    told = {(measures[one.measure].hides_with, one.area) for one in release.shown if one.state == "known"}
    if told & _hid(connection, release.month, measures):
        raise IndicatorError(
            "INDICATOR_PUBLISHED",
            f"release {release.id} shows what {release.month:%Y-%m} hid",
            "it was computed before the month was published",
            f"hub indicators compute --month {release.month:%Y-%m}",
        )


def _hid(connection: sa.Connection, month: date, measures: Mapping[str, Measure]) -> set[tuple[str, str]]:
    """(group, area) of what the publications of a month hid."""
    shown_once = sa.select(indicator_publication.c.release_id).where(indicator_publication.c.month == month)
    releases = connection.scalars(shown_once).all()
    return {one for release in releases for one in hidden_in(read(connection, release).shown, measures)}


def due(connection: sa.Connection, parameters: Mapping[str, Parameter], *, region: str, today: date) -> date | None:
    """The last month, where its day of publication has come and nothing is shown of it yet; None where not.

    A city that has set no day publishes by its officers alone.
    """
    this = today.replace(day=1)
    month = add_months(this, -1)
    day = applied(parameters[RELEASE_DAY], region, last_day(month))
    if day is None or today < this + timedelta(days=day.value - 1):
        return None
    return month if _shown(connection, month) is None else None


def published(connection: sa.Connection, month: date) -> Release | None:
    """What is shown of a month."""
    release = _shown(connection, month)
    return None if release is None else read(connection, release)


def _shown(connection: sa.Connection, month: date) -> int | None:
    """The release that is shown of a month."""
    publication = indicator_publication
    return connection.scalars(
        sa.select(publication.c.release_id)
        .where(publication.c.month == month)
        .order_by(publication.c.id.desc())
        .limit(1)
    ).first()


def read(connection: sa.Connection, release: int) -> Release:
    """A release as it may be seen; of the whole first, then by area. IndicatorError: there is none."""
    head = connection.execute(sa.select(indicator_release).where(indicator_release.c.id == release)).one_or_none()
    if head is None:
        raise IndicatorError("INDICATOR_RELEASE", f"there is no release {release}", hint="hub indicators releases")
    seen = _rows(connection, indicator_shown, release, Shown)
    stands = _rows(connection, indicator_progress, release, Progress)
    return Release(release, head.month, head.region, head.measures, tuple(seen), tuple(stands))


def _rows(connection: sa.Connection, table: sa.Table, release: int, kind: Any) -> list[Any]:
    names = list(kind.__dataclass_fields__)
    found = connection.execute(
        sa.select(*(table.c[name] for name in names))
        .where(table.c.release_id == release)
        .order_by(*(table.c[name] for name in ("measure", "insurance", "area")))
    )
    return [kind(**dict(zip(names, row, strict=True)) | {"because": row.because or ""}) for row in found]
