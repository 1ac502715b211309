"""When a delivery is due, and how it stands: the one answer that commands, schedule and API give.

No I/O. Freshness is one part of it: whether rules and answers may still rest on what came last. The state says
what the hub's operator should do about it, so it also knows what is due next and whether the last attempt was refused.

The states, worst first; where several are true, the first is said:

``refused``  the last attempt was refused, and nothing was loaded since
``missing``  nothing was ever delivered
``empty``    the last batch brought no row
``stale``    what came last no longer stands for today
``late``     what was due has not come; what came last still stands
``due``      what comes next can be delivered, and has time until its day
``fresh``    nothing is to be done
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args

from hub.terms.freshness import Freshness, freshness
from hub.terms.time import add_months, day_in_china

Cadence = Literal["daily", "weekly", "monthly", "quarterly", "yearly"]
State = Literal["refused", "missing", "empty", "stale", "late", "due", "fresh"]
STATES: Final[tuple[State, ...]] = get_args(State)

#: Days, or months, from one delivery to the next.
DAYS: Final = {"daily": 1, "weekly": 7}
MONTHS: Final = {"monthly": 1, "quarterly": 3, "yearly": 12}


@dataclass(frozen=True, slots=True)
class Due:
    """The last day in time: day ``day`` of the ``months``-th month after the month delivered."""

    day: int
    months: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.day <= 28 or not 1 <= self.months <= 12:
            raise ValueError("a day that every month has (1 to 28), of one of the 12 months after")


#: Where the connector says nothing. Source of the first: 山东省全面实施全民参保计划工作方案(2018) 二(五)1, by the 10th.
USUAL: Final = {"monthly": Due(day=10), "quarterly": Due(day=15), "yearly": Due(day=28)}


@dataclass(frozen=True, slots=True)
class Last:
    """What came last. ``rows``: facts it brought; ``refusal``: why a later attempt was refused, its code first."""

    period: date | None = None
    loaded_at: datetime | None = None
    rows: int | None = None
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """``due_on``: the last day in time for what comes next; None where nothing ever came."""

    state: State
    reason: str | None
    freshness: Freshness
    due_on: date | None

    @property
    def worst_first(self) -> int:
        return STATES.index(self.state)

    @property
    def wanted(self) -> bool:
        """Whether it should be fetched now, where it can be."""
        return self.state != "fresh"


def standing(last: Last, cadence: str, due: Due | None, fresh_days: int | None, today: date) -> Standing:
    """How a delivery stands on a day in China. ``fresh_days``: as ``freshness`` takes them."""
    fresh = freshness(last.period, last.rows, fresh_days, today)
    if last.period is None or last.loaded_at is None:
        state, reason, due_on = "missing", "nothing was ever delivered", None
    else:
        what, opens, due_on = following(last.period, day_in_china(last.loaded_at), cadence, due)
        if fresh == "empty":
            state, reason = "empty", f"{last.period:%Y-%m} brought no row"
        elif fresh == "stale":
            state, reason = "stale", f"its last month is {last.period:%Y-%m}; {what} was due on {due_on}"
        elif today > due_on:
            state, reason = "late", f"{what} was due on {due_on}"
        elif today >= opens:
            state, reason = "due", f"{what} is due by {due_on}"
        else:
            state, reason = "fresh", None
    if last.refusal is not None:
        state, reason = "refused", code_of(last.refusal)
    return Standing(state, reason, fresh, due_on)  # type: ignore[arg-type]  # one of the literals above


def following(period: date, loaded_on: date, cadence: str, due: Due | None) -> tuple[str, date, date]:
    """What comes next in words, the first day it can come, and the last day in time.

    What comes every day or week has no month of its own: it follows on the day the last one came.
    """
    if cadence in DAYS:
        on = loaded_on + timedelta(days=DAYS[cadence])
        return "the next one", on, on
    expected = add_months(period, MONTHS[cadence])
    given = due or USUAL[cadence]
    return f"{expected:%Y-%m}", add_months(expected, 1), add_months(expected, given.months).replace(day=given.day)


def month_to_fetch(last: Last, cadence: str, today: date) -> date:
    """The month that what is fetched today is of: the last that has ended, for what comes more often this one."""
    now = today.replace(day=1)
    return max(now if cadence in DAYS else add_months(now, -1), last.period or date.min)


def code_of(refusal: str) -> str:
    """The code of a refusal as ``batch.refusal`` keeps it."""
    return refusal.partition(":")[0]
