"""Targets of the policies, and how shown figures stand against them. Pure but for reading ``targets/*.toml``.

In charge of the form of a file of targets, of which targets hold for a month, and of progress and rank. Refuses unknown
measures and insurances, and two targets for one figure. What is hidden or unknown is never judged: progress is reckoned
from what is shown alone, so that it tells nothing else.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from hub.declaration import Form, read_form
from hub.errors import DeclarationError
from hub.indicators.compute import UNASSIGNED, last_day
from hub.indicators.hiding import WHOLE, Shown
from hub.indicators.measure import Measure
from hub.terms import OPEN, canonical_region, region_parents

FOLDER: Final = Path(__file__).parent / "targets"

NO_LAST_YEAR: Final = "nothing is published for the same month of last year"

Compare = Literal["at_least", "at_most", "rising", "below_last_year"]
State = Literal["reached", "on_track", "behind", "unknown"]


class Target(Form):
    """One target. ``value`` is of the whole city; ``areas`` gives areas their own."""

    measure: str
    insurance: str = ""
    clause: str = Field(min_length=1)
    compare: Compare = "at_least"
    value: Decimal | None = None
    since: date = Field(alias="from")
    until: date = OPEN
    areas: dict[str, Decimal] = Field({})
    #: Why nothing here measures it.
    not_measured: str = ""

    @model_validator(mode="after")
    def _says_a_value(self) -> Self:
        if self.compare in {"at_least", "at_most"} and self.value is None and not self.not_measured:
            raise ValueError("'at_least' and 'at_most' say a value")
        return self


class Targets(Form):
    """The targets of one policy, and what it calls its reporting areas."""

    name: str
    title: str
    source: str
    region: str
    names: dict[str, str] = Field({})
    target: tuple[Target, ...]

    @model_validator(mode="after")
    def _once(self) -> Self:
        seen: list[tuple[str, str, date, date]] = []
        for one in self.target:
            for measure, insurance, since, until in seen:
                if (measure, insurance) == (one.measure, one.insurance) and since < one.until and one.since < until:
                    raise ValueError(f"two targets for {one.measure} {one.insurance} from {one.since}")
            seen.append((one.measure, one.insurance, one.since, one.until))
            if strange := set(one.areas) - set(self.names):
                raise ValueError(f"'areas' names what 'names' does not: {', '.join(sorted(strange))}")
        return self


@dataclass(frozen=True, slots=True)
class Progress:
    """How one figure stands. ``share``: of what is wanted; ``due_share``: of the year, where it accumulates."""

    policy: str
    clause: str
    measure: str
    area: str
    insurance: str
    compare: Compare
    target: Decimal | None
    value: Decimal | None = None
    last_year: Decimal | None = None
    due_share: Decimal | None = None
    share: Decimal | None = None
    state: State = "unknown"
    because: str = ""
    rank: int | None = None


def read_targets(measures: Mapping[str, Measure], folder: Path = FOLDER) -> dict[str, Targets]:
    """Every policy's targets by the file's name. DeclarationError: one names a measure or insurance there is not."""
    found = {}
    for file in sorted(folder.glob("*.toml")):
        one = read_form(Targets, file.read_text("utf-8"), file, name=file.stem)
        for target in one.target:
            measure = measures.get(target.measure)
            if target.not_measured:
                continue
            if measure is None:
                raise DeclarationError("DECLARATION_INVALID", f"{file}: no measure is called '{target.measure}'")
            if target.insurance not in measure.insurances:
                raise DeclarationError(
                    "DECLARATION_INVALID", f"{file}: {target.measure} does not tell '{target.insurance}'"
                )
        found[file.stem] = one
    return found


def digest(folder: Path = FOLDER) -> str:
    """SHA-256 over all files of targets."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(folder.glob("*.toml")))).hexdigest()


def holding(targets: Mapping[str, Targets], region: str, month: date) -> list[tuple[Targets, Target]]:
    """The targets of the hub's region, or one it lies in, that hold on the month's last day."""
    on, places = last_day(month), {canonical_region(region), *region_parents(region)}
    return [
        (policy, one)
        for policy in targets.values()
        if canonical_region(policy.region) in places
        for one in policy.target
        if one.since <= on < one.until
    ]


def progress(
    held: Iterable[tuple[Targets, Target]],
    shown: Sequence[Shown],
    last_year: Sequence[Shown],
    measures: Mapping[str, Measure],
    month: date,
) -> list[Progress]:
    """Each target's whole and areas. ``last_year``: what was shown for the same month of the year before."""
    now = {(one.measure, one.area, one.insurance): one for one in shown}
    before = {(one.measure, one.area, one.insurance): one for one in last_year}
    found: list[Progress] = []
    for policy, target in held:
        measure = measures.get(target.measure)
        due = Decimal(month.month) / 12 if measure is not None and measure.accumulates else None
        judged = [
            _judged(
                Progress(policy.name, target.clause, target.measure, area, target.insurance, target.compare, value),
                now.get((target.measure, area, target.insurance)),
                before.get((target.measure, area, target.insurance)),
                target.not_measured,
                due,
            )
            for area, value in _wanted(target, measure, shown).items()
        ]
        found += _ranked(judged)
    return found


def _wanted(target: Target, measure: Measure | None, shown: Sequence[Shown]) -> dict[str, Decimal | None]:
    """Area → what is wanted of it: a share or an average of every area, a count of those that got their own."""
    wanted: dict[str, Decimal | None] = {WHOLE: target.value, **target.areas}
    if measure is None or target.not_measured or target.areas:
        return wanted
    each = {one.area for one in shown if (one.measure, one.insurance) == (target.measure, target.insurance)} - {WHOLE}
    return wanted | dict.fromkeys(sorted(each), target.value if measure.denominator is not None else None)


def _judged(
    one: Progress, shown: Shown | None, before: Shown | None, not_measured: str, due: Decimal | None
) -> Progress:
    if not_measured:
        return replace(one, because=not_measured)
    last_year = before.value if before is not None else None
    one = replace(one, last_year=last_year, due_share=due and due.quantize(Decimal("0.0001")))
    if shown is None:
        return replace(one, because="no figure tells of this area")
    if shown.value is None:
        return replace(one, because=shown.because)
    one = replace(one, value=shown.value)
    wanted = last_year if one.compare in {"rising", "below_last_year"} else one.target
    if wanted is None:
        told = "the policy gives this area no number" if one.compare in {"at_least", "at_most"} else NO_LAST_YEAR
        return replace(one, because=told)
    share = (shown.value / wanted).quantize(Decimal("0.0001")) if wanted else None
    reached = {
        "at_least": shown.value >= wanted,
        "at_most": shown.value <= wanted,
        "rising": shown.value > wanted,
        "below_last_year": shown.value < wanted,
    }[one.compare]
    on_track = due is not None and one.compare == "at_least" and shown.value >= wanted * due
    return replace(one, share=share, state="reached" if reached else "on_track" if on_track else "behind")


def _ranked(judged: list[Progress]) -> list[Progress]:
    """Areas by their share of the target, or by their figures where none has a number; the best first.

    Equals share a rank; the unknown have none.
    """
    areas = [one for one in judged if one.area not in {WHOLE, UNASSIGNED}]
    by_share = any(one.share is not None for one in areas)
    score = {one.area: one.share if by_share else one.value for one in areas}
    lower_is_better = bool(judged) and judged[0].compare in {"at_most", "below_last_year"}
    best_first = sorted((number for number in score.values() if number is not None), reverse=not lower_is_better)
    return [
        one if (number := score.get(one.area)) is None else replace(one, rank=best_first.index(number) + 1)
        for one in judged
    ]
