"""Reckoning a month: each measure's SQL over the facts, in one snapshot.

In charge of which measures can be judged for the month, and of their cells. Reads in the reader's role; stores nothing.
Refuses (`IndicatorError`) a month that is not over, and a name that no measure has.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final

import sqlalchemy as sa

from hub.checks import judge
from hub.checks.judge import Basis
from hub.checks.parameter import Parameter
from hub.errors import IndicatorError
from hub.indicators.hiding import WHOLE, Cell
from hub.indicators.measure import Measure
from hub.terms import add_months

#: The area of those of whom no delivery tells one.
UNASSIGNED: Final = "unassigned"

_COLUMNS: Final = ("area", "insurance", "numerator", "denominator", "contributors")


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A measure of a month: its cells, and what they rest on."""

    basis: Basis[Measure]
    cells: tuple[Cell, ...]

    def as_json(self) -> dict[str, Any]:
        basis = self.basis
        return {
            "digest": basis.rule.digest,
            "verdict": "unknown" if basis.because else "judged",
            "because": [one.says for one in basis.because],
            "parameters": {name: one.as_json() for name, one in basis.parameters.items()},
            "batches": {name: one.as_json() for name, one in basis.deliveries.items()},
        }


def chosen(names: Iterable[str] | None, measures: Mapping[str, Measure]) -> list[Measure]:
    """The measures of these names; all where none are said. IndicatorError: no such measure."""
    found = []
    for name in measures if names is None else names:
        if name not in measures:
            near = get_close_matches(name, measures, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(measures)}"
            raise IndicatorError("INDICATOR_UNKNOWN_MEASURE", f"no measure is called '{name}'", hint=hint)
        found.append(measures[name])
    return found


def last_day(month: date) -> date:
    return add_months(month, 1) - timedelta(days=1)


def reckon(
    reader: sa.Engine,
    measures: Sequence[Measure],
    parameters: Mapping[str, Parameter],
    *,
    month: date,
    region: str,
    today: date,
) -> list[Reckoned]:
    """Each measure of the month by the facts known now, all of one instant, with the parameters of its last day."""
    if add_months(month, 1) > today:
        raise IndicatorError("INDICATOR_MONTH", f"{month:%Y-%m} is not over", hint="Compute a month that is.")
    reckoned = []
    with judge.session(reader) as session, judge.snapshot(session, None) as facts:
        for measure in measures:
            with judge.explained(measure):
                basis = judge.basis(
                    facts, measure, parameters, region=region, today=last_day(month), known_at=None, period=month
                )
                because = "; ".join(one.says for one in basis.because)
                cells = _unknown(measure, because) if because else cells_of(facts, basis)
            reckoned.append(Reckoned(basis, tuple(cells)))
    return reckoned


def _unknown(measure: Measure, because: str) -> list[Cell]:
    return [Cell(measure.name, WHOLE, insurance, because=because) for insurance in measure.insurances]


def cells_of(facts: sa.Connection, basis: Basis[Measure]) -> list[Cell]:
    """The cells of a measure that can be judged: each area's, and the whole where the areas add up to it."""
    measure = basis.rule
    cells = [
        Cell(
            measure.name,
            row["area"] or UNASSIGNED,
            row["insurance"] or "",
            Decimal(row["numerator"]),
            None if row["denominator"] is None else Decimal(row["denominator"]),
            row["contributors"],
        )
        for row in _rows(facts, measure, basis.sql)
    ]
    if len({(one.area, one.insurance) for one in cells}) < len(cells):
        raise IndicatorError("INDICATOR_ROWS", f"{measure.name} gives an area and insurance more than once")
    if strange := {one.insurance for one in cells} - set(measure.insurances):
        raise IndicatorError("INDICATOR_ROWS", f"{measure.name} gives {min(strange)}, and does not say so")
    if measure.division == "area":
        cells += [_whole(measure, insurance, cells) for insurance in measure.insurances]
    return cells


def _rows(facts: sa.Connection, measure: Measure, sql: str) -> list[dict[str, Any]]:
    cursor = judge.verbatim(facts, sql)
    names = [column.name for column in cursor.description or ()]
    if strange := set(names) - set(_COLUMNS):
        raise IndicatorError("INDICATOR_ROWS", f"{measure.name} gives the column {', '.join(sorted(strange))}")
    return [dict.fromkeys(_COLUMNS) | dict(zip(names, row, strict=True)) for row in cursor]


def _whole(measure: Measure, insurance: str, cells: Sequence[Cell]) -> Cell:
    """The sum of the areas."""
    parts = [one for one in cells if one.insurance == insurance]
    if not parts and measure.denominator is not None:
        return Cell(measure.name, WHOLE, insurance, because="there is nothing to measure")
    return Cell(
        measure.name,
        WHOLE,
        insurance,
        sum((one.numerator or Decimal(0) for one in parts), Decimal(0)),
        sum((one.denominator or Decimal(0) for one in parts), Decimal(0)) if measure.denominator else None,
        sum(one.contributors or 0 for one in parts) if any(one.contributors is not None for one in parts) else None,
    )
