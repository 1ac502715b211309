"""Days, months and spells. A month is its first day; a spell is half-open; what has no end ends on `OPEN`. No I/O.

Reads dates in the spellings that deliveries use. Refuses, as `InvalidDate`, what is not one; a message never quotes it,
because a birth date may stand there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from hub.terms.invalid import InvalidTerm
from hub.terms.text import is_null_text, normalize_text

OPEN = date(9999, 12, 31)  # not infinity, which database drivers cannot read
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)

_CHINA = timezone(timedelta(hours=8), "China")
_OPEN_WORDS = frozenset({"长期", "至今", "永久", "无期限", "长期有效"})
_PARTS = re.compile(
    r"(\d{4}) ?[-/.年] ?(\d{1,2}) ?(?:[-/.月] ?(\d{1,2}) ?日?|月)?"
    r"(?:[T ]?\d{1,2}:[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?",  # a time of day, which is passed over
    re.ASCII,
)
_DIGITS = re.compile(r"(\d{4})(\d\d)(?:(\d\d)(?:\d{4}|\d{6})?)?", re.ASCII)
_YEAR = re.compile(r"(\d{4}) ?(?:年度?)?", re.ASCII)
_SERIAL = re.compile(r"[1-7]\d{4}(?:\.\d+)?", re.ASCII)
_EPOCH_1900 = date(1899, 12, 30)  # day 0; right from day 61 on, because the format believes in 29 February 1900
_EPOCH_1904 = date(1904, 1, 1)


class InvalidDate(InvalidTerm):
    """Not a date. `reason` is one of blank, date."""


def day(text: str, *, epoch_1904: bool = False) -> date:
    """The day that a text means: 2023-1-1, 2023/1/1, 2023.01.01, 2023年1月1日, 20230101, a time behind it, a serial.

    Ends that never come (9999-9-9, 99991231, 长期, 至今) are `OPEN`. A serial is a spreadsheet's day number (44927), by
    the file's epoch. A month alone is refused: only the reader knows which of its days is meant.
    """
    year, month_number, day_number = _parts(text, epoch_1904=epoch_1904)
    if year == 9999:
        return OPEN
    if day_number is None:
        raise InvalidDate("date", "a month, where a day is needed")
    return _date(year, month_number, day_number)


def month(value: str | date) -> date:
    """The first day of a month, of a day's text or date, or of a month's text (202301, 2023-01, 2023年1月).

    `OPEN` and its spellings (999912, 长期) stay `OPEN`: no month, but the absence of an end.
    """
    if isinstance(value, date):
        return OPEN if value.year == 9999 else date(value.year, value.month, 1)
    year, month_number, day_number = _parts(value)
    if year == 9999:
        return OPEN
    return _date(year, month_number, day_number or 1).replace(day=1)


def year(text: str) -> date:
    """The first day of a year, of a year's text (2026, 2026年, 2026年度) or of that of a day or month in it."""
    alone = _YEAR.fullmatch(normalize_text(text).strip("'"))
    found = month(f"{alone[1]}-01" if alone else text)
    return found if found == OPEN else found.replace(month=1)


def add_months(start: date, months: int) -> date:
    """The month so many months later, or earlier where negative. `OPEN` stays `OPEN`."""
    if start == OPEN:
        return OPEN
    years, index = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(years, index + 1, 1)


def months_between(first: date, last: date) -> int:
    """How many months the month of `last` comes after that of `first`; negative where it comes before."""
    return (last.year - first.year) * 12 + last.month - first.month


def instant_in_china(text: str) -> datetime:
    """An instant: an ISO date and time, in China where it says no zone; a day alone is the last instant of that day."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            begun = datetime.fromisoformat(text).replace(tzinfo=_CHINA)
            return begun + timedelta(days=1) - timedelta(microseconds=1)
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidDate("date", "an instant is written 2026-03-01 or 2026-03-01T14:00") from None
    return at if at.tzinfo else at.replace(tzinfo=_CHINA)


def today_in_china() -> date:
    return day_in_china(datetime.now(tz=_CHINA))


def day_in_china(at: datetime) -> date:
    """The day that an instant falls on in China."""
    return at.astimezone(_CHINA).date()


@dataclass(frozen=True, slots=True, order=True)
class Spell:
    """A stretch of days from `starts_on` up to but not including `ends_on`; at least one day."""

    starts_on: date
    ends_on: date = OPEN

    def __post_init__(self) -> None:
        if self.starts_on >= self.ends_on:
            raise InvalidDate("date", "a spell ends after it starts")

    @property
    def is_open(self) -> bool:
        return self.ends_on == OPEN

    def covers(self, on: date) -> bool:
        return self.starts_on <= on < self.ends_on

    def overlaps(self, other: "Spell") -> bool:
        return self.starts_on < other.ends_on and other.starts_on < self.ends_on

    def months(self, until: date = OPEN) -> Iterator[date]:
        """Each month of which the spell covers a day before `until`, in order. An open spell needs an `until`."""
        end = min(self.ends_on, until)
        if end == OPEN:
            raise InvalidDate("date", "an open spell has no last month; say until when")
        current = month(self.starts_on)
        while current < end and self.starts_on < end:
            yield current
            current = add_months(current, 1)


def _parts(text: str, *, epoch_1904: bool = False) -> tuple[int, int, int | None]:
    """Year, month and, where it is given, day: as written, not yet a date that exists."""
    normal = normalize_text(text).strip("'")
    if normal in _OPEN_WORDS:
        return 9999, 12, 31
    if is_null_text(normal, zero=True):
        raise InvalidDate("blank", "nothing is given")
    found = _DIGITS.fullmatch(normal) or _PARTS.fullmatch(normal)
    if found:
        if found[1] == "0000":
            raise InvalidDate("blank", "nothing is given")
        return int(found[1]), int(found[2]), int(found[3]) if found[3] else None
    if _SERIAL.fullmatch(normal):
        serial = (_EPOCH_1904 if epoch_1904 else _EPOCH_1900) + timedelta(days=int(normal[:5]))
        return serial.year, serial.month, serial.day
    raise InvalidDate("date", "not a date in any spelling known here")


def _date(year: int, month_number: int, day_number: int) -> date:
    try:
        if 1800 <= year < 3000:
            return date(year, month_number, day_number)
    except ValueError:
        pass  # refused outside this block, so that the chain of causes holds no part of a birth date
    raise InvalidDate("date", "no such day in the calendar")
