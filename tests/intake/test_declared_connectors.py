"""Every connector, also one added tomorrow: its examples hold, and what they load is stored."""

from pathlib import Path

import pytest
from intake_factory import Desk, write_csv

from hub.intake import connector_names, read_connector
from hub.intake.connector import Connector, names
from hub.intake.extract.header import declared, normal
from hub.intake.map import try_example

ROOT = Path(__file__).resolve().parents[2]
NAMES = connector_names(ROOT)
EXAMPLES = [(name, number) for name in NAMES for number in range(len(read_connector(ROOT, name).example))]


def test_the_deliveries_are_all_declared() -> None:
    assert len(NAMES) >= 20


@pytest.mark.parametrize(("name", "number"), EXAMPLES, ids=str)
def test_an_example_does_what_it_says(name: str, number: int) -> None:
    connector = read_connector(ROOT, name)
    assert try_example(connector, number) is None, connector.example[number].why


@pytest.mark.parametrize("name", NAMES)
def test_a_connector_shows_a_row_that_loads_and_one_that_is_rejected(name: str) -> None:
    examples = read_connector(ROOT, name).example
    assert any(example.loads for example in examples)
    assert any(example.rejected for example in examples)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_uses_declared_columns_only(name: str) -> None:
    connector = read_connector(ROOT, name)
    for example in connector.example:
        assert {normal(column)[0] for column in example.source} <= declared(connector).keys()


@pytest.mark.parametrize("name", NAMES)
def test_what_the_examples_load_is_stored_and_loading_it_again_changes_nothing(name: str, desk: Desk) -> None:
    connector = read_connector(desk.declarations, name)
    rows = [row_of(connector, number) for number, example in enumerate(connector.example) if example.loads]
    first = desk.rows(name, rows)
    assert (first.declared, first.loaded, first.rejected) == (len(rows), len(rows), 0)
    assert first.added == len(rows)
    assert len(desk.facts(connector.target)) == len(rows)
    again = desk.rows(name, [*rows], period=first.period.replace(month=11))
    assert (again.added, again.changed, again.ended) == (0, 0, 0)


def row_of(connector: Connector, number: int) -> dict[str, str]:
    """An example as a whole row under the first spelling of each column."""
    wanted = [field.from_ for field in connector.fields.values() if field.from_ and not field.optional]
    wanted += [column for columns in connector.repeat.values() for column in columns]
    optional = [g for f in connector.fields.values() for g in (f.or_from, f.id_from, f.optional and f.from_) if g]
    given = {normal(column): text for column, text in connector.example[number].source.items()}
    row: dict[str, str] = {}
    for spellings in [*wanted, *optional]:
        if any(normal(s)[0] in {normal(column)[0] for column in row} for s in names(spellings)):
            continue
        found = [key for key in given if key[0] in {normal(s)[0] for s in names(spellings)}]
        wan = any(unit for _, unit in found)
        row[names(spellings)[0] + ("（万元）" if wan else "")] = given[found[0]] if found else ""
    return row


def test_a_csv_row_of_every_column_survives_the_round_trip(tmp_path: Path) -> None:
    connector = read_connector(ROOT, NAMES[0])
    assert write_csv(tmp_path / "x.csv", [row_of(connector, 0)]).read_text().count("\n") == 2
