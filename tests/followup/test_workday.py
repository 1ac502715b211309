"""Working days: make-up days work, holidays do not, and what is not announced is only provisional."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.followup.workday import ANNOUNCED, add_workdays, is_workday

DAYS = st.dates(date(2004, 1, 1), date(2032, 12, 31))
UNKNOWN = max(ANNOUNCED) + 1


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 27), True),  # a Friday
        (date(2026, 11, 28), False),  # a Saturday
        (date(2026, 2, 14), True),  # a Saturday on which the days of the spring festival are made up for
        (date(2026, 2, 28), True),
        (date(2026, 2, 16), False),  # the festival's eve
        (date(2026, 2, 23), False),  # its last day
        (date(2026, 2, 24), True),
        (date(2026, 10, 7), False),
        (date(2026, 10, 10), True),  # made up for
    ],
)
def test_a_day_works_as_the_notice_says(day: date, works: bool) -> None:
    assert is_workday(day) is works


def test_a_deadline_does_not_count_its_first_day() -> None:
    assert add_workdays(date(2026, 11, 25), 1) == (date(2026, 11, 26), False)
    assert add_workdays(date(2026, 11, 27), 1) == (date(2026, 11, 30), False)  # over a weekend


def test_a_deadline_counts_make_up_days_and_passes_over_the_spring_festival() -> None:
    # Friday 13; Saturday 14 works; 15 to 23 rest; then Tuesday 24 to Friday 27, and Saturday 28 works.
    assert add_workdays(date(2026, 2, 13), 1) == (date(2026, 2, 14), False)
    assert add_workdays(date(2026, 2, 13), 2) == (date(2026, 2, 24), False)
    assert add_workdays(date(2026, 2, 13), 6) == (date(2026, 2, 28), False)
    assert add_workdays(date(2026, 2, 13), 7) == (date(2026, 3, 2), False)


def test_a_year_that_is_not_announced_is_counted_by_the_law_alone_and_said_to_be_provisional() -> None:
    assert not is_workday(date(UNKNOWN, 1, 1))
    assert not is_workday(date(UNKNOWN, 10, 3))
    first = add_workdays(date(UNKNOWN - 1, 12, 31), 1)
    assert first.provisional
    assert first.on > date(UNKNOWN, 1, 1)
    assert not add_workdays(date(UNKNOWN - 1, 12, 25), 1).provisional


def test_what_ends_before_the_year_that_is_not_announced_is_certain_and_what_passes_it_is_not() -> None:
    assert [add_workdays(date(UNKNOWN - 1, 12, 28), n).provisional for n in (1, 2, 3, 4)] == [False] * 3 + [True]


@pytest.mark.parametrize("count", [0, -1])
def test_a_deadline_is_never_today(count: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        add_workdays(date(2026, 11, 25), count)


@given(DAYS, st.integers(1, 60))
def test_a_deadline_is_the_nth_working_day(day: date, count: int) -> None:
    found = add_workdays(day, count).on
    passed = [day + timedelta(days=n) for n in range(1, (found - day).days + 1)]
    assert is_workday(found)
    assert sum(map(is_workday, passed)) == count


@given(DAYS, st.integers(1, 30), st.integers(1, 30))
def test_days_add_up(day: date, first: int, then: int) -> None:
    assert add_workdays(add_workdays(day, first).on, then).on == add_workdays(day, first + then).on
