"""Every example of every measure file, on PostgreSQL, read as the reader; and what every measure must be."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from postgres import Database

from hub import demo
from hub.checks import judge, read_parameters
from hub.checks.example import rows, variables_of
from hub.checks.rule import filled
from hub.indicators.compute import UNASSIGNED, cells_of
from hub.indicators.hiding import WHOLE
from hub.indicators.measure import FOLDER, Measure, read_measure, read_measures
from hub.store import views
from hub.terms import add_months

MEASURES = read_measures()
PARAMETERS = read_parameters(demo.PARAMETERS)
EXAMPLES = [
    pytest.param(measure, example, id=f"{measure.name}: {example.why}")
    for measure in MEASURES.values()
    for example in measure.example
]


@pytest.fixture(scope="module")
def owner(database: Database) -> Iterator[sa.Engine]:
    engine = database.engine()
    yield engine
    engine.dispose()


@pytest.mark.parametrize("schema", views.SCHEMAS)
@pytest.mark.parametrize(("measure", "example"), EXAMPLES)
def test_a_measure_gives_the_cells_that_its_example_says_and_no_others(
    owner: sa.Engine, measure: Measure, example: Any, schema: str
) -> None:
    with owner.connect() as connection:
        for table, row in rows(example):
            connection.execute(table.insert().values(row))
        connection.execute(sa.text(f"set local search_path = {schema}, public"))
        connection.execute(sa.text("set local hub.known_at = '2026-11-30 00:00:00+00'"))
        connection.execute(sa.text("set local role hub_reader"))
        values = variables_of(example) | {"data_until": add_months(example.period, 1)}
        used, absent = judge.apply(connection, measure, PARAMETERS, values)
        assert not absent, absent
        sql = filled(measure.sql, values | example.parameters)
        basis = judge.Basis(measure, example.today, datetime.now(UTC), {}, used, values, (), sql)
        cells = cells_of(connection, basis)
        connection.rollback()
    found = {
        (one.area, one.insurance, one.numerator, one.denominator, one.contributors)
        for one in cells
        if one.area != WHOLE
    }
    assert found == {
        (one.area or UNASSIGNED, one.insurance, one.numerator, one.denominator, one.contributors)
        for one in example.gives
    }
    for insurance in measure.insurances if measure.division == "area" else ():
        [whole] = [one for one in cells if (one.area, one.insurance) == (WHOLE, insurance)]
        parts = [one.numerator for one in example.gives if one.insurance == insurance]
        assert (whole.numerator or 0) == sum(parts)


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_a_measure_explains_itself_in_both_languages_and_names_its_clauses(measure: Measure) -> None:
    for words, letter, least in (
        (measure.explanation.zh, r"[\u4e00-\u9fff]", 30),
        (measure.explanation.en, "[a-z]", 60),
    ):
        assert "\n" not in words
        assert len(re.findall(letter, words)) >= least
    assert not re.search(r"[\u4e00-\u9fff]", measure.explanation.en)
    assert re.search(r"[\u4e00-\u9fff]", measure.numerator.zh)


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_a_measure_keeps_to_the_sql_that_also_runs_distributed(measure: Measure) -> None:
    words = re.sub(r"--[^\n]*|'(?:[^']|'')*'", " ", measure.sql).lower()
    for word in (r"\brecursive\b", r"distinct\s+on\b", r"\brollup\b", r"not\s+exists", r"\bhaving\b", r"\bmerge\b"):
        assert not re.search(word, words), word
    assert not re.search(r"\bemployment_month\b", words), "the projection knows only now: use the facts"


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_a_measure_needs_and_names_only_what_is_there(measure: Measure) -> None:
    connectors = Path(__file__).parents[2] / "connectors"
    for name in (*measure.needs, *measure.consults):
        assert (connectors / f"{name}.toml").exists(), name
    assert set(measure.parameters) <= set(PARAMETERS)


def test_a_share_without_a_denominator_is_refused() -> None:
    source = (FOLDER / "payment_rate.sql").read_text()
    with pytest.raises(Exception, match="a share or an average has a denominator, a count has none"):
        read_measure(re.sub(r"denominator = \{[^}]*\}\n", "", source), "payment_rate.sql")


def test_an_insurance_that_there_is_not_and_a_column_of_an_example_that_there_is_not_are_named() -> None:
    source = (FOLDER / "payment_rate.sql").read_text()
    with pytest.raises(Exception, match="no insurance is called pension"):
        read_measure(
            source.replace('insurances = ["employee_pension"]', 'insurances = ["pension"]'), "payment_rate.sql"
        )
    with pytest.raises(Exception, match=r"contribution has no 'monht' \(did you mean 'month'\?\)"):
        read_measure(source.replace("month = 2026-09-01", "monht = 2026-09-01", 1), "payment_rate.sql")


def test_a_measure_of_deliveries_without_an_example_is_refused() -> None:
    source = (FOLDER / "payment_rate.sql").read_text()
    with pytest.raises(Exception, match="at least one example"):
        read_measure(re.sub(r"\[\[example\]\].*?\*/", "*/", source, flags=re.DOTALL), "payment_rate.sql")
