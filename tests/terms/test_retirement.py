from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.terms import (
    RetirementCategory,
    add_months,
    flexible_retirement,
    minimum_contribution_months,
    month,
    retirement_state,
    statutory_retirement,
)

births = st.dates(date(1930, 1, 1), date(2010, 12, 31))


@pytest.mark.parametrize(
    ("category", "birth", "years", "months", "reached"),
    [
        ("male", (1964, 12), 60, 0, (2024, 12)),
        ("male", (1965, 1), 60, 1, (2025, 2)),
        ("male", (1965, 4), 60, 1, (2025, 5)),
        ("male", (1965, 5), 60, 2, (2025, 7)),
        ("male", (1976, 8), 62, 11, (2039, 7)),
        ("male", (1976, 9), 63, 0, (2039, 9)),
        ("male", (1990, 1), 63, 0, (2053, 1)),
        ("female_55", (1969, 12), 55, 0, (2024, 12)),
        ("female_55", (1970, 1), 55, 1, (2025, 2)),
        ("female_55", (1981, 8), 57, 11, (2039, 7)),
        ("female_55", (1981, 9), 58, 0, (2039, 9)),
        ("female_55", (1990, 1), 58, 0, (2048, 1)),
        ("female_50", (1974, 12), 50, 0, (2024, 12)),
        ("female_50", (1975, 1), 50, 1, (2025, 2)),
        ("female_50", (1975, 3), 50, 2, (2025, 5)),
        ("female_50", (1984, 10), 54, 11, (2039, 9)),
        ("female_50", (1984, 11), 55, 0, (2039, 11)),
        ("female_50", (1990, 1), 55, 0, (2045, 1)),
    ],
)
def test_the_published_table_is_followed(
    category: str, birth: tuple[int, int], years: int, months: int, reached: tuple[int, int]
) -> None:
    for day in (1, 28):
        assert statutory_retirement(date(*birth, day), category) == (years, months, date(*reached, 1))


@given(births, st.sampled_from(RetirementCategory))
def test_who_is_born_later_never_retires_earlier(birth: date, category: RetirementCategory) -> None:
    now = statutory_retirement(birth, category)
    later = statutory_retirement(add_months(birth, 1), category)
    assert later.month > now.month
    assert 0 <= (later.years * 12 + later.months) - (now.years * 12 + now.months) <= 1
    assert now.month == add_months(month(birth), now.years * 12 + now.months)


@pytest.mark.parametrize(
    ("category", "birth", "first", "last"),
    [
        ("male", (1964, 12), (2024, 12), (2027, 12)),
        ("male", (1965, 5), (2025, 5), (2028, 7)),
        ("male", (1976, 9), (2036, 9), (2042, 9)),
        ("female_55", (1970, 1), (2025, 1), (2028, 2)),
        ("female_55", (1981, 9), (2036, 9), (2042, 9)),
        ("female_50", (1975, 3), (2025, 3), (2028, 5)),
        ("female_50", (1984, 11), (2036, 11), (2042, 11)),
    ],
)
def test_who_chooses_retires_up_to_three_years_earlier_or_later_and_never_before_the_old_age(
    category: str, birth: tuple[int, int], first: tuple[int, int], last: tuple[int, int]
) -> None:
    assert flexible_retirement(date(*birth, 15), category) == (date(*first, 1), date(*last, 1))


def test_a_man_works_through_the_month_in_which_he_reaches_the_age() -> None:
    birth = date(1965, 1, 15)
    assert retirement_state(birth, "male", date(2025, 2, 28)) == "working_age"
    assert retirement_state(birth, "male", date(2025, 3, 1)) == "retired"


def test_a_womans_state_is_undetermined_between_fifty_and_fifty_eight() -> None:
    birth = date(1975, 6, 15)
    assert retirement_state(birth, "female", date(2025, 5, 31)) == "working_age"
    assert retirement_state(birth, "female", date(2025, 6, 1)) == "undetermined"
    assert retirement_state(birth, "female", date(2033, 6, 30)) == "undetermined"
    assert retirement_state(birth, "female", date(2033, 7, 1)) == "retired"


@given(births, st.dates(date(2000, 1, 1), date(2070, 12, 31)))
def test_a_woman_is_never_judged_against_either_of_her_possible_ages(birth: date, on: date) -> None:
    state = retirement_state(birth, "female", on)
    early = statutory_retirement(birth, "female_50").month
    late = statutory_retirement(birth, "female_55").month
    if state == "working_age":
        assert month(on) < early
    if state == "retired":
        assert month(on) > late


@pytest.mark.parametrize(
    ("year", "months"), [(2025, 180), (2029, 180), (2030, 186), (2031, 192), (2038, 234), (2039, 240), (2060, 240)]
)
def test_the_minimum_of_contributions_rises_from_2030_to_2039(year: int, months: int) -> None:
    assert minimum_contribution_months(year) == months
