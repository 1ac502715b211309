"""Monthly report, quarterly assessment, annual evaluation (月度报告、季度检查、年度考评), from what is published alone.

In charge of the content of a report, which is also its JSON: areas by indicators, with targets, progress and rank.
Writing one, as JSON or as a workbook, is recorded in the access log before the file is there.
Refuses (`IndicatorError`) a period of which no month is published.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

import orjson
import sqlalchemy as sa

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome
from hub.audit.log import record_sync
from hub.errors import IndicatorError
from hub.indicators.compute import UNASSIGNED
from hub.indicators.hiding import WHOLE
from hub.indicators.measure import Measure
from hub.indicators.release import Release, published
from hub.indicators.target import Progress, Targets
from hub.indicators.workbook import as_workbook
from hub.terms import add_months

Period = Literal["month", "quarter", "year"]
#: Months that a report spans.
SPANS: Final[Mapping[Period, int]] = {"month": 1, "quarter": 3, "year": 12}
TITLES_ZH: Final[Mapping[Period, str]] = {"month": "月度报告", "quarter": "季度检查", "year": "年度考评"}


def report(
    connection: sa.Connection,
    kind: Period,
    month: date,
    measures: Mapping[str, Measure],
    targets: Mapping[str, Targets],
    names: Mapping[str, str],
) -> dict[str, Any]:
    """The report of the period in which ``month`` lies, by its last month that is published.

    ``names``: reporting area → what it is called, where the policy does not say. ``complete``: the period's very last
    month is published. ``before`` of a figure is the one of the period before, ``last_year`` of last year's same month.
    """
    first = add_months(month, -((month.month - 1) % SPANS[kind]))
    last, release = _latest(connection, first, SPANS[kind])
    if release is None:
        hint = "Publish a month first: hub indicators compute, hub indicators publish"
        raise IndicatorError("INDICATOR_UNPUBLISHED", f"no month of {_period(kind, first)} is published", hint=hint)
    _, before = _latest(connection, add_months(first, -SPANS[kind]), SPANS[kind])
    earlier, last_year = _values(before), _values(published(connection, add_months(release.month, -12)))
    return {
        "kind": kind,
        "title": TITLES_ZH[kind],
        "period": _period(kind, first),
        "month": f"{release.month:%Y-%m}",
        "complete": release.month == last,
        "release": release.id,
        "policies": [
            _policy(targets[name], [one for one in release.progress if one.policy == name], measures, names, earlier)
            for name in sorted({one.policy for one in release.progress})
            if name in targets
        ],
        "figures": [
            {
                "measure": one.measure,
                "title": measures[one.measure].title_zh if one.measure in measures else one.measure,
                "insurance": one.insurance,
                "area": one.area,
                "name": _name(one.area, names),
                "numerator": one.numerator,
                "denominator": one.denominator,
                "value": one.value,
                "unit": measures[one.measure].unit if one.measure in measures else "",
                "before": earlier.get((one.measure, one.area, one.insurance)),
                "last_year": last_year.get((one.measure, one.area, one.insurance)),
                "state": one.state,
                "because": one.because,
            }
            for one in release.shown
        ],
        "rests_on": release.measures,
    }


def _values(release: Release | None) -> dict[tuple[str, str, str], Decimal | None]:
    """What a release shows, by measure, area and insurance."""
    return {(one.measure, one.area, one.insurance): one.value for one in (release.shown if release else ())}


def _latest(connection: sa.Connection, first: date, span: int) -> tuple[date, Release | None]:
    """The last month of the span, and the release of its last month that is published."""
    months = [add_months(first, number) for number in range(span)]
    found = (published(connection, month) for month in reversed(months))
    return months[-1], next((one for one in found if one is not None), None)


def _period(kind: Period, first: date) -> str:
    return {"month": f"{first:%Y-%m}", "quarter": f"{first:%Y}-Q{first.month // 3 + 1}", "year": f"{first:%Y}"}[kind]


def _name(area: str, names: Mapping[str, str]) -> str:
    return {WHOLE: "全市", UNASSIGNED: "未分区"}.get(area) or names.get(area, area)


def _policy(
    policy: Targets,
    progress: Sequence[Progress],
    measures: Mapping[str, Measure],
    names: Mapping[str, str],
    earlier: Mapping[tuple[str, str, str], Decimal | None],
) -> dict[str, Any]:
    """One policy: its indicators as columns, its areas as rows, in the annex's order where it says one."""
    told = {(one.measure, one.insurance) for one in progress}
    columns = list(
        dict.fromkeys((one.measure, one.insurance) for one in policy.target if (one.measure, one.insurance) in told)
    )
    areas = sorted({one.area for one in progress} - {WHOLE, *policy.names})
    found = {(one.area, one.measure, one.insurance): one for one in progress}
    rows = [WHOLE, *(area for area in policy.names if area in {one.area for one in progress}), *areas]
    return {
        "policy": policy.name,
        "title": policy.title,
        "source": policy.source,
        "indicators": [
            {
                "measure": measure,
                "insurance": insurance,
                "title": measures[measure].title_zh if measure in measures else "",
                "unit": measures[measure].unit if measure in measures else "",
                "clause": next(one.clause for one in progress if (one.measure, one.insurance) == (measure, insurance)),
            }
            for measure, insurance in columns
        ],
        "areas": [
            {
                "area": area,
                "name": _name(area, policy.names if area in policy.names else names),
                "reached": sum(one.state == "reached" for one in progress if one.area == area),
                "figures": [
                    None if one is None else _figure(one, earlier.get((measure, area, insurance)))
                    for measure, insurance in columns
                    for one in [found.get((area, measure, insurance))]
                ],
            }
            for area in rows
        ],
    }


def _figure(one: Progress, before: Decimal | None) -> dict[str, Any]:
    return {
        "value": one.value,
        "target": one.target,
        "compare": one.compare,
        "share": one.share,
        "due_share": one.due_share,
        "last_year": one.last_year,
        "before": before,
        "state": one.state,
        "because": one.because,
        "rank": one.rank,
    }


def as_json(content: Mapping[str, Any]) -> bytes:
    """The report as JSON; amounts as numbers."""
    return orjson.dumps(content, default=_number, option=orjson.OPT_INDENT_2)


def _number(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def write(
    content: Mapping[str, Any], path: Path, form: Literal["xlsx", "json"], *, writer: sa.Engine, signer: Signer,
    at: datetime, by: str,
) -> None:  # fmt: skip
    """Write the report to a file, once that it is written stands in the log."""
    made = as_workbook(content) if form == "xlsx" else as_json(content)
    details = {
        "kind": content["kind"],
        "period": content["period"],
        "release": content["release"],
        "form": form,
        "by": by,
    }
    with writer.begin() as connection:
        record_sync(
            connection, Event(kind=Kind.report_written, outcome=Outcome.allowed, details=details, at=at), signer
        )
    path.write_bytes(made)
