"""The parameter `retirement_scheme`, by what a rule says with it: the ages of the reform, and no woman whose post decides."""

from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa
from postgres import Database
from test_declared_rules import RULES, run_example

from hub.checks.example import Example
from hub.terms import add_months, retirement_state, statutory_retirement

#: Women of the two posts and men, by the first months of the reform, its steps and its end.
BIRTHS = {
    "male": ((1964, 12), (1965, 1), (1965, 5), (1976, 8), (1976, 9), (1990, 1)),
    "female_55": ((1970, 1), (1981, 8), (1981, 9), (1990, 1)),
    "female_50": ((1975, 1), (1975, 3), (1984, 10), (1984, 11), (1990, 1)),
}
BORN = [(post, date(*birth, 15)) for post, births in BIRTHS.items() for birth in births]


@pytest.fixture(scope="module")
def owner(database: Database) -> Iterator[sa.Engine]:
    engine = database.engine()
    yield engine
    engine.dispose()


def verdict(owner: sa.Engine, sex: str, born: date, period: date) -> str:
    """What a rule of working age says of an uninsured legal representative, judged by a month."""
    example = Example.model_validate(
        {
            "why": "somebody near the age of retirement",
            "today": add_months(period, 1).replace(day=21),
            "person": [{"person": "Someone", "sex": sex, "birth_on": born}],
            "employer": [{"employer": "Mill", "legal_representative": "Someone"}],
            "finds": [],
        }
    )
    said = run_example(owner, RULES["high_income_uninsured"], example, "facts_now")
    (word,) = [word for word, subjects in said.items() if subjects] or ["nothing"]
    return word


@pytest.mark.parametrize(("post", "born"), [pair for pair in BORN if pair[0] == "male"])
def test_a_man_is_of_working_age_through_the_month_in_which_he_reaches_the_age(
    owner: sa.Engine, post: str, born: date
) -> None:
    reached = statutory_retirement(born, post).month
    assert verdict(owner, "male", born, reached) == "FOUND"
    assert verdict(owner, "male", born, add_months(reached, 1)) == "nothing"


@pytest.mark.parametrize(("post", "born"), [pair for pair in BORN if pair[0] != "male"])
def test_a_woman_is_never_found_in_the_month_in_which_either_post_retires_nor_after(
    owner: sa.Engine, post: str, born: date
) -> None:
    reached = statutory_retirement(born, post).month
    for period in (reached, add_months(reached, 1)):
        words = {"undetermined": "UNKNOWN", "retired": "nothing"}
        assert verdict(owner, "female", born, period) == words[retirement_state(born, "female", period)]


def test_a_woman_is_undetermined_from_the_month_of_fifty_through_that_of_fifty_eight(owner: sa.Engine) -> None:
    born = date(1975, 6, 15)
    ages = [(599, "FOUND"), (600, "UNKNOWN"), (696, "UNKNOWN"), (697, "nothing")]
    assert [(age, verdict(owner, "female", born, add_months(date(1975, 6, 1), age))) for age, _ in ages] == ages
