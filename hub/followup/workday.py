"""Working days in China: by the State Council's yearly notice, make-up days included. Pure.

The notice for a year comes in the last months of the year before. Until the library has it, a day of that year is
taken by the law alone: a weekday that is none of the statutory holidays with a fixed date. What rests on such a day is
*provisional*, and says so.
Source: 国务院办公厅 yearly notices, as chinesecalendar holds them; 全国年节及纪念日放假办法 (国务院令第795号) §2.
"""

from datetime import date, timedelta
from typing import Final, NamedTuple

from chinese_calendar.constants import holidays, workdays

#: Years whose notice the library has.
ANNOUNCED: Final = frozenset(day.year for day in holidays)
#: (month, day) of the statutory holidays whose date the law itself fixes; the others follow moon and sun.
FIXED: Final = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
_FRIDAY: Final = 4


class Workday(NamedTuple):
    """A working day that was counted to. ``provisional``: a day on the way is in a year that is not announced yet."""

    on: date
    provisional: bool


def is_workday(day: date) -> bool:
    """Whether people work on a day; of a year that is not announced, by the law alone."""
    if day.year in ANNOUNCED:
        return day in workdays or (day.weekday() <= _FRIDAY and day not in holidays)
    return day.weekday() <= _FRIDAY and (day.month, day.day) not in FIXED


def add_workdays(day: date, count: int) -> Workday:
    """The ``count``-th working day after ``day``, which itself is not counted (民法典 §201). ValueError below one."""
    if count < 1:
        raise ValueError("a deadline is at least one working day away")
    provisional = False
    while count:
        day += timedelta(days=1)
        provisional = provisional or day.year not in ANNOUNCED
        count -= is_workday(day)
    return Workday(day, provisional)
