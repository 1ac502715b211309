"""The functions beside the facts that rules share: who is of working age, and how the database runs them."""

import json
from datetime import date
from typing import Any

import pytest
from postgres import Database

from hub import demo
from hub.checks import read_parameters
from hub.checks.parameter import applied

SCHEME = applied(read_parameters(demo.PARAMETERS)["retirement_scheme"], "371082", date(2026, 11, 21))


def of_working_age(database: Database, birth: date | None, sex: str | None, day: date) -> Any:
    assert SCHEME
    scheme = json.dumps(SCHEME.value, default=str)
    ((said,),) = database.execute(
        "select facts_now.of_working_age(%s, %s, %s, cast(%s as jsonb))", birth, sex, day, scheme
    )
    return said


# The months in which men retire, of the decision's own table: the month before, they are of working age.
@pytest.mark.parametrize(
    ("birth", "last_month"),
    [
        (date(1964, 12, 5), date(2024, 12, 1)),
        (date(1965, 1, 5), date(2025, 2, 1)),
        (date(1965, 5, 5), date(2025, 7, 1)),
        (date(1976, 9, 5), date(2039, 9, 1)),
        (date(1990, 9, 5), date(2053, 9, 1)),
    ],
)
def test_a_man_is_of_working_age_through_the_month_in_which_he_retires_and_no_longer(
    database: Database, birth: date, last_month: date
) -> None:
    after = date(last_month.year + last_month.month // 12, last_month.month % 12 + 1, 1)
    assert of_working_age(database, birth, "male", last_month) is True
    assert of_working_age(database, birth, "male", after) is False


def test_of_a_woman_between_the_ages_that_hang_on_her_post_nobody_knows(database: Database) -> None:
    day = date(2026, 10, 1)
    said = [of_working_age(database, date(year, 3, 1), "female", day) for year in (1990, 1974, 1969, 1960)]
    assert said == [True, None, None, False]


@pytest.mark.parametrize(("birth", "sex"), [(None, "male"), (date(1985, 1, 1), None), (None, None)])
def test_of_whom_birth_or_sex_are_not_told_nobody_knows(
    database: Database, birth: date | None, sex: str | None
) -> None:
    assert of_working_age(database, birth, sex, date(2026, 10, 1)) is None


def test_the_staff_nobody_insures_is_planned_with_the_rule_that_asks_not_run_before_it(database: Database) -> None:
    plan = database.execute(
        "explain select employees from facts_now.unenrolled_staff(date '2026-10-01', date '2026-11-01', '371082', 30,"
        " 25, '', jsonb '[]') where employees = 0"
    )
    assert not any("Function Scan on unenrolled_staff" in line for (line,) in plan)
    assert any("payroll" in line for (line,) in plan)
