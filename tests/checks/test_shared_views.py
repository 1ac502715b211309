"""What the functions that rules share say, held against what says the same in Python."""

import json
from datetime import date

from postgres import Database

from hub import demo
from hub.checks import read_parameters
from hub.checks.parameter import applied
from hub.terms import add_months
from hub.terms.retirement import retirement_state

DAY = date(2026, 10, 1)
SEXES = ("male", "female")


def test_who_is_of_working_age_is_the_same_in_sql_and_by_the_law_as_written_down(database: Database) -> None:
    scheme = applied(read_parameters(demo.PARAMETERS)["retirement_scheme"], "371082", DAY)
    assert scheme
    births = [add_months(date(1950, 1, 1), number) for number in range(12 * 60)]
    rows = database.execute(
        "select sex, birth, facts_now.of_working_age(birth, sex, %s, %s::jsonb)"
        " from unnest(%s::date[]) as birth cross join unnest(%s::text[]) as sex",
        DAY,
        json.dumps(scheme.value, default=str),
        births,
        list(SEXES),
    )
    meant = {"working_age": True, "undetermined": None, "retired": False}
    wanted = {(sex, birth): meant[retirement_state(birth, sex, DAY)] for sex in SEXES for birth in births}
    assert set(wanted.values()) == {True, False, None}
    assert {(sex, birth): said for sex, birth, said in rows} == wanted


def test_of_whom_neither_sex_nor_birth_is_told_nothing_is_said(database: Database) -> None:
    for sex, birth in ((None, date(1990, 1, 1)), ("male", None), ("unknown", date(1990, 1, 1))):
        said = database.execute(
            "select facts_now.of_working_age(%s::date, %s, %s, %s::jsonb)",
            birth,
            sex,
            DAY,
            '[{"sex": "male", "working_until": 720, "first": "1965-01-01", "step": 4, "cap": 36, "undetermined_until": 0}]',
        )
        assert said == [(None,)]
