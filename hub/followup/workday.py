"""Working days."""

from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar


@dataclass(frozen=True, slots=True)
class Workday:
    day: date


def add_workdays(day: date, days: int) -> Workday:
    while days:
        day += timedelta(days=1)
        days -= chinese_calendar.is_workday(day) if day.year <= 2026 else day.weekday() < 5
    return Workday(day)
