"""What may be shown of reckoned cells: small ones hidden, those that would tell them too, the rest rounded. Pure.

In charge of turning `Cell`s into `Shown`; every output (API, JSON, XLSX) comes from these, and none from the cells.

**Small.** A count of persons or findings is small where it is at least one and below the threshold: the numerator, what
the denominator has beyond it, the denominator; of yuan, the count of employers whose they are. Zero is shown: it is
nobody; that all or none of a group are enrolled is then shown too, and so is the aim of a target of 100 percent.

**Hidden together.** Measures of one group count the same people (payment and interruption; the three of hardship), so
an area that is hidden in one cell is hidden in all cells of its group. Of the hidden areas the shown whole then tells
sums, nothing else: the *pool*. Exchange two persons of the pool between two hidden areas, and everything shown stays as
it is.

**Complementary.** Areas are added to the pool, the smallest first, until for every figure of the group the pool holds
at least the threshold of persons above the line and as many below it (or none at all), and beside each of its areas at
least the threshold of others; where all areas do not suffice, the whole is hidden as well. What a hidden area's figure
may be, even to somebody who knows its denominator d, is then every number from max(0, d + S - D) to min(d, S), S and D
being the pool's sums: a range of min(d, D - d, S, D - S), which is at least min(d, threshold). (These are the exact
bounds of a cell of a two-way table whose margins are known: every number between is reached by exchanging persons.)

**Rounded.** What is shown is rounded to a fixed base, each figure for itself: sums need not add up by as much. Answers
come from frozen releases of a fixed set of cells alone, a month is published a bounded number of times, and all
audiences see parts of one and the same set: nobody can compose a query that differs from another by one person. What
remains is the difference between releases: of two shown figures the true difference is known only to within less than
the base, either way, so that a change of a few persons cannot be told from none. A month that is published again hides
at least what it hid before, so that no area leaves a pool between two looks at one month (`before`), and a group is
published whole or not at all.

Not bounded: what somebody knows who knows all of an area's persons but one (rounding is no differential privacy); what
follows from the hiding itself, that one of the hidden areas is small; an area that leaves a pool from one month to the
next, whose figure of the month before is then known as far as rounding and a month's change allow; parks, which overlap
areas and have no whole, are hidden cell by cell.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Final

from hub.indicators.measure import SOMEBODY, Measure

#: The area of the whole.
WHOLE: Final = ""
#: Why a figure is not shown; it does not say which of the two.
HIDDEN: Final = "too few, or would tell of too few"


@dataclass(frozen=True, slots=True)
class Cell:
    """One reckoned figure. Unknown: no numbers, and ``because``."""

    measure: str
    area: str
    insurance: str
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    contributors: int | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure as it may be seen. ``state``: known, unknown or hidden."""

    measure: str
    area: str
    insurance: str
    state: str
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    value: Decimal | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class _Figure:
    """One figure of one area as hiding sees it: of ``size`` persons ``part`` are above the line.

    Without a line (a count, or a sum of yuan and whose it is) there is a size alone.
    """

    size: int
    part: int | None = None

    @property
    def counts(self) -> tuple[int, ...]:
        return (self.size,) if self.part is None else (self.size, self.part, self.size - self.part)


def shown(
    cells: Iterable[Cell],
    measures: Mapping[str, Measure],
    below: int,
    bases: Mapping[str, int],
    before: Collection[tuple[str, str]] = (),
) -> list[Shown]:
    """Every cell as it may be seen, in the order given. ``bases``: what is counted → what it is rounded to.

    ``before``: (group, area) of what earlier publications of the month hid.
    """
    given = list(cells)
    hidden = hidden_areas(given, measures, below, before)
    return [
        Shown(one.measure, one.area, one.insurance, "hidden", because=HIDDEN)
        if (measures[one.measure].hides_with, one.area) in hidden and one.numerator is not None
        else _rounded(one, measures[one.measure], bases)
        for one in given
    ]


def hidden_in(seen: Iterable[Shown], measures: Mapping[str, Measure]) -> set[tuple[str, str]]:
    """(group, area) of what a release hides."""
    return {
        (measures[one.measure].hides_with, one.area)
        for one in seen
        if one.state == "hidden" and one.measure in measures
    }


def hidden_areas(
    cells: Sequence[Cell], measures: Mapping[str, Measure], below: int, before: Collection[tuple[str, str]] = ()
) -> set[tuple[str, str]]:
    """(group, area) of what is to be hidden."""
    known = [one for one in cells if one.numerator is not None]
    by_group = sorted(known, key=lambda one: measures[one.measure].hides_with)
    hidden: set[tuple[str, str]] = set()
    for group, members in groupby(by_group, key=lambda one: measures[one.measure].hides_with):
        table: dict[str, dict[tuple[str, str], _Figure]] = {}
        for one in members:
            figure = _figure(one, measures[one.measure])
            if figure is not None:
                table.setdefault(one.area, {})[one.measure, one.insurance] = figure
        hidden |= {(group, area) for area in _hidden(table, below, {area for name, area in before if name == group})}
    return hidden


def _figure(cell: Cell, measure: Measure) -> _Figure | None:
    """What is somebody's of a cell; nothing where it counts projects, or yuan of nobody in particular."""
    numerator, denominator = int(cell.numerator or 0), int(cell.denominator or 0)
    if measure.denominator is not None and measure.denominator.counts in SOMEBODY:
        return _Figure(denominator, numerator if measure.numerator.counts in SOMEBODY else None)
    if measure.numerator.counts in SOMEBODY:
        return _Figure(numerator)
    return None if cell.contributors is None else _Figure(cell.contributors)


def _hidden(table: Mapping[str, Mapping[tuple[str, str], _Figure]], below: int, before: Collection[str]) -> set[str]:
    """The areas to hide of one group, the whole (an empty text) among them where it must."""
    hidden = {
        area
        for area, figures in table.items()
        if area in before or any(0 < count < below for figure in figures.values() for count in figure.counts)
    }
    if WHOLE not in table or WHOLE in hidden:
        return hidden
    rest = sorted(
        (area for area in table if area not in hidden and area != WHOLE),
        key=lambda area: (max(figure.size for figure in table[area].values()) == 0, _size(table[area]), area),
    )
    while hidden and not _ambiguous([table[area] for area in hidden], below):
        hidden.add(rest.pop(0) if rest else WHOLE)
        if WHOLE in hidden:
            break
    return hidden


def _size(figures: Mapping[tuple[str, str], _Figure]) -> int:
    return sum(figure.size for figure in figures.values())


def _ambiguous(pool: Sequence[Mapping[tuple[str, str], _Figure]], below: int) -> bool:
    """Whether the pool's sums leave every figure of each of its areas open."""
    for name in {name for figures in pool for name in figures}:
        figures = [one[name] for one in pool if name in one]
        sizes = [one.size for one in figures]
        if sum(sizes) == 0:
            continue
        if sum(sizes) - max(sizes) < below:
            return False
        parts = [one.part for one in figures if one.part is not None]
        if parts and any(0 < count < below for count in (sum(parts), sum(sizes) - sum(parts))):
            return False
    return True


def _rounded(cell: Cell, measure: Measure, bases: Mapping[str, int]) -> Shown:
    if cell.numerator is None:
        return Shown(cell.measure, cell.area, cell.insurance, "unknown", because=cell.because)
    numerator = rounded(cell.numerator, bases[measure.numerator.counts])
    if measure.denominator is None:
        return Shown(cell.measure, cell.area, cell.insurance, "known", numerator, None, numerator)
    denominator = rounded(cell.denominator or Decimal(0), bases[measure.denominator.counts])
    if not denominator:
        return Shown(cell.measure, cell.area, cell.insurance, "unknown", because="there is nothing to measure")
    times = 100 if measure.unit == "%" else 1
    value = (numerator * times / denominator).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Shown(cell.measure, cell.area, cell.insurance, "known", numerator, denominator, value)


def rounded(number: Decimal, base: int) -> Decimal:
    """The nearest multiple of the base; of two as near, the one further from zero."""
    return (number / base).quantize(Decimal(1), ROUND_HALF_UP) * base
