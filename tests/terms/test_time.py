from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.terms import FOREVER, OPEN, InvalidDate, Spell, add_months, day, month, months_between, year

days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    "text",
    ["20230101", "2023-1-1", "2023-01-01", "2023/1/1", "2023.01.01", "2023．01．01", "2023年1月1日", "2023 年 1 月 1 日",
     "2023-01-01 00:00:00", "2023-01-01T08:00:00.000+08:00", "20230101000000", "202301010000", "44927", "44927.0", "'20230101",
     "２０２３０１０１\t"],
)  # fmt: skip
def test_the_ways_departments_write_a_day_mean_the_same(text: str) -> None:
    assert day(text) == date(2023, 1, 1)


@pytest.mark.parametrize(
    "text", ["202301", "2023-01", "2023-1", "2023/1", "2023.01", "2023年1月", "2023年01月", "20230131", "2023-01-31"]
)
def test_the_ways_departments_write_a_month_mean_its_first_day(text: str) -> None:
    assert month(text) == date(2023, 1, 1)


@pytest.mark.parametrize(
    "text", ["2023", "2023年", "2023 年度", "２０２３", "'2023", "202306", "2023-06-30", "2023年6月"]
)
def test_the_ways_departments_write_a_year_mean_its_first_day(text: str) -> None:
    assert year(text) == date(2023, 1, 1)


@pytest.mark.parametrize("text", ["", "无", "0000", "23", "20231301", "二〇二三"])
def test_what_is_no_year_is_refused(text: str) -> None:
    with pytest.raises(InvalidDate):
        year(text)


@pytest.mark.parametrize("text", ["9999-9-9", "99991231", "9999-12-31", "长期", "至今", "9999.12.31 00:00:00"])
def test_an_end_that_never_comes_is_open(text: str) -> None:
    assert day(text) == OPEN
    assert month(text) == OPEN
    assert month("999912") == OPEN
    assert year("9999") == OPEN
    assert day("999912") == OPEN


def test_a_serial_counts_from_its_files_epoch() -> None:
    assert day("44927") == date(2023, 1, 1)
    assert day("44927", epoch_1904=True) == date(2027, 1, 2)
    assert day("20190930") == date(2019, 9, 30)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "blank"),
        ("无", "blank"),
        ("0", "blank"),
        ("0000-00-00", "blank"),
        ("00000000", "blank"),
        ("2023-02-29", "date"),
        ("20231301", "date"),
        ("2023-1-1 5", "date"),
        ("2023011", "date"),
        ("4492.7", "date"),
        ("去年", "date"),
        ("99999", "date"),
        ("1101051949", "date"),
        ("٢٠٢٣٠١٠١", "date"),
    ],
)
def test_what_is_no_date_is_refused_and_not_quoted(text: str, why: str) -> None:
    for read in (day, month):
        with pytest.raises(InvalidDate) as refused:
            read(text)
        assert refused.value.reason == why
        assert refused.value.__context__ is None
        assert not text or text not in str(refused.value).split()


def test_a_month_is_not_enough_where_a_day_is_needed() -> None:
    with pytest.raises(InvalidDate):
        day("202301")


@given(days)
def test_every_spelling_of_every_day_is_read_back(on: date) -> None:
    for form in ("%Y%m%d", "%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"):
        assert day(on.strftime(form)) == on
        assert month(on.strftime(form)) == month(on) == on.replace(day=1)


def test_a_moment_has_a_month_too() -> None:
    assert month(datetime(2026, 1, 31, 23, tzinfo=UTC)) == date(2026, 1, 1)


@given(days, st.integers(-600, 600))
def test_months_added_are_months_between(on: date, count: int) -> None:
    later = add_months(on, count)
    assert later.day == 1
    assert months_between(on, later) == count


def test_open_ends_stay_open() -> None:
    assert add_months(OPEN, 5) == OPEN
    assert month(OPEN) == OPEN
    assert datetime(9999, 12, 31, tzinfo=UTC) == FOREVER


def test_a_spell_holds_its_first_day_and_not_its_last() -> None:
    spell = Spell(date(2023, 1, 1), date(2023, 3, 1))
    assert spell.covers(date(2023, 1, 1))
    assert spell.covers(date(2023, 2, 28))
    assert not spell.covers(date(2023, 3, 1))
    assert not spell.is_open
    assert Spell(date(2023, 1, 1)).is_open


@given(days, days, days, days)
def test_two_spells_overlap_where_a_day_is_covered_by_both(a: date, b: date, c: date, d: date) -> None:
    if a < b and c < d:
        shared = max(a, c)
        both = Spell(a, b).covers(shared) and Spell(c, d).covers(shared)
        assert Spell(a, b).overlaps(Spell(c, d)) == Spell(c, d).overlaps(Spell(a, b)) == both


def test_a_spell_without_a_day_is_refused() -> None:
    for ends_on in (date(2023, 1, 1), date(2022, 12, 31)):
        with pytest.raises(InvalidDate):
            Spell(date(2023, 1, 1), ends_on)


def test_the_months_of_a_spell_are_those_of_which_it_covers_a_day() -> None:
    spell = Spell(date(2023, 1, 31), date(2023, 4, 1))
    assert list(spell.months()) == [date(2023, 1, 1), date(2023, 2, 1), date(2023, 3, 1)]
    assert list(Spell(date(2023, 1, 31), date(2023, 4, 2)).months())[-1] == date(2023, 4, 1)
    assert list(Spell(date(2023, 1, 31)).months(until=date(2023, 3, 1))) == [date(2023, 1, 1), date(2023, 2, 1)]
    assert list(spell.months(until=date(2023, 1, 31))) == []


def test_an_open_spell_has_no_last_month() -> None:
    with pytest.raises(InvalidDate):
        list(Spell(date(2023, 1, 1)).months())
