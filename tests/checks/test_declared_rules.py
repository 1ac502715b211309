"""Every example of every rule file, on PostgreSQL, read as the reader; and what every rule must be."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from postgres import Database

from hub import demo
from hub.checks import judge, read_parameters, read_rules
from hub.checks.example import rows, subject_key, variables_of
from hub.checks.rule import COLUMNS, FOLDER, Rule, filled, read_rule
from hub.errors import DeclarationError
from hub.store import views

RULES = {rule.name: rule for rule in read_rules()}
PARAMETERS = read_parameters(demo.PARAMETERS)
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.name}: {example.why}") for rule in RULES.values() for example in rule.example
]


@pytest.fixture(scope="module")
def owner(database: Database) -> Iterator[sa.Engine]:
    engine = database.engine()
    yield engine
    engine.dispose()


def run_example(owner: sa.Engine, rule: Rule, example: Any, schema: str) -> dict[str, set[tuple[Any, str]]]:
    """What the rule says of the example's world: {verdict: {(subject key, matter)}}. Leaves nothing behind."""
    with owner.connect() as connection:
        for table, row in rows(example):
            connection.execute(table.insert().values(row))
        connection.execute(sa.text(f"set local search_path = {schema}, public"))
        connection.execute(sa.text("set local hub.known_at = '2026-11-30 00:00:00+00'"))
        connection.execute(sa.text("set local role hub_reader"))
        values = variables_of(example)
        _, absent = judge.apply(connection, rule, PARAMETERS, values)
        assert not absent, absent
        sql = filled(rule.sql, values | example.parameters)
        names = judge.columns(connection, rule, sql)
        said: dict[str, set[tuple[Any, str]]] = {"FOUND": set(), "UNKNOWN": set()}
        for (row,) in judge.verbatim(connection, judge.as_json(sql, names)):
            assert row["verdict"] == "FOUND" or row["unknown_because"], row
            key = (sa.Uuid().python_type(row["subject_key"]), row.get("matter") or "")
            assert key not in said["FOUND"] | said["UNKNOWN"], "a subject and matter twice"
            said[row["verdict"]].add(key)
            if row["verdict"] == "FOUND":
                assert any(isinstance(row.get(name), dict | list) for name in row if name not in COLUMNS), "no evidence"
        connection.rollback()
    return said


def expected(rule: Rule, labels: tuple[str, ...]) -> set[tuple[Any, str]]:
    pairs = (label.partition("/") for label in labels)
    return {(subject_key(rule.subject, subject), matter) for subject, _, matter in pairs}


@pytest.mark.parametrize("schema", views.SCHEMAS)
@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_rule_finds_what_its_example_says_and_nothing_else(
    owner: sa.Engine, rule: Rule, example: Any, schema: str
) -> None:
    said = run_example(owner, rule, example, schema)
    assert said["FOUND"] == expected(rule, example.finds)
    assert said["UNKNOWN"] == expected(rule, example.unknown)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_shows_a_case_a_near_miss_and_what_it_cannot_decide(rule: Rule) -> None:
    assert any(example.finds for example in rule.example)
    assert any(not example.finds and not example.unknown for example in rule.example) or any(
        example.finds and sum(1 for _ in rows(example)) > len(example.finds) for example in rule.example
    )
    assert any(example.unknown for example in rule.example)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_explains_itself_to_the_official_in_one_paragraph_of_both_languages(rule: Rule) -> None:
    for words, letter, least in ((rule.explanation.zh, r"[\u4e00-\u9fff]", 40), (rule.explanation.en, "[a-z]", 80)):
        assert "\n" not in words
        assert len(re.findall(letter, words)) >= least
    assert not re.search(r"[\u4e00-\u9fff]", rule.explanation.en)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_keeps_to_the_sql_that_also_runs_distributed(rule: Rule) -> None:
    words = re.sub(r"--[^\n]*|'(?:[^']|'')*'", " ", rule.sql).lower()
    for word in (r"\brecursive\b", r"distinct\s+on\b", r"\brollup\b", r"not\s+exists", r"\bhaving\b", r"\bmerge\b"):
        assert not re.search(word, words), word
    assert not re.search(r"\bemployment_month\b", words), "the projection knows only now: use the facts"


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_leaves_it_to_the_views_who_is_away_retired_or_closed(rule: Rule) -> None:
    for word in (
        "'emigrated'",
        "'enlisted'",
        "'imprisoned'",
        "'retired'",
        "income = 'wage' and yuan",
        "employer_closure",
    ):
        assert word not in rule.sql, word


def test_every_shared_view_says_what_it_is_and_is_the_same_in_both_schemas(database: Database) -> None:
    made = re.findall(r"^create (?:view|function) (\w+)", views.SHARED.read_text("utf-8"), re.MULTILINE)
    assert len(made) > 8
    for schema in views.SCHEMAS:
        told = dict(
            database.execute(
                "select relname, obj_description(oid) from pg_class where relnamespace = %s::regnamespace union all"
                " select proname, obj_description(oid) from pg_proc where pronamespace = %s::regnamespace",
                schema,
                schema,
            )
        )
        assert {name for name, words in told.items() if words} == set(made)
        assert all(re.search(r"\(.*[\u4e00-\u9fff].*\)$", told[name]) for name in made)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_needs_and_names_only_what_is_there(rule: Rule) -> None:
    connectors = Path(__file__).parents[2] / "connectors"
    for name in rule.needs:
        assert (connectors / f"{name}.toml").exists(), name
    assert set(rule.parameters) <= set(PARAMETERS)


def test_one_question_may_answer_several_duties_and_no_duty_has_two_rules(tmp_path: Path) -> None:
    assert RULES["differs_from_register"].ids == ("D01", "D02")
    assert RULES["interrupted"].ids == ("P02",)
    for name in ("differs_from_register", "living_but_cremated"):
        (tmp_path / f"{name}.sql").write_text((FOLDER / f"{name}.sql").read_text().replace('"D03"', '"D02"'))
    with pytest.raises(DeclarationError, match="two rules have the same id"):
        read_rules(tmp_path)


def test_an_unknown_key_of_the_form_names_the_nearest() -> None:
    source = (FOLDER / "interrupted.sql").read_text()
    with pytest.raises(Exception, match=r"unknown key 'severitty' \(did you mean 'severity'\?\)"):
        read_rule(source.replace("severity   =", "severitty  =", 1), "interrupted.sql")


def test_an_unknown_table_or_column_of_an_example_names_the_nearest() -> None:
    source = (FOLDER / "interrupted.sql").read_text()
    with pytest.raises(Exception, match="did you mean 'contribution'"):
        read_rule(source.replace("\ncontribution =", "\ncontributon =", 1), "interrupted.sql")
    with pytest.raises(Exception, match=r"contribution has no 'monht' \(did you mean 'month'\?\)"):
        read_rule(source.replace("month = 2026-03-01", "monht = 2026-03-01", 1), "interrupted.sql")


def test_rows_of_an_example_may_name_who_delivered_them() -> None:
    listed = [example for example in RULES["park_not_fully_enrolled"].example if example.employer_listing]
    made = [(table.name, row) for table, row in rows(listed[0])]
    ((name, number),) = {(row["name"], row["id"]) for table, row in made if table == "delivery"}
    assert name == "commerce/park_enterprise"
    assert {row["delivery_id"] for table, row in made if table == "employer_listing"} == {number}
    assert {row["delivery_id"] for table, row in made if table == "enrollment"} == {1}


def test_a_variable_that_no_parameter_names_is_refused() -> None:
    source = (FOLDER / "interrupted.sql").read_text()
    with pytest.raises(Exception, match="variables that no parameter names: headcount_gap"):
        read_rule(source + "\n-- fine\n and 1 = :headcount_gap", "interrupted.sql")
    with pytest.raises(Exception, match="asked of everybody and not used: many"):
        read_rule(
            source.replace("[explanation]", '[everybody]\nmany = "select 1"\n\n[explanation]', 1), "interrupted.sql"
        )
    with pytest.raises(Exception, match="parameters that the SQL does not use: headcount_gap"):
        read_rule(
            source.replace('"interruption_months",', '"interruption_months", "headcount_gap",', 1), "interrupted.sql"
        )


def test_text_comments_and_casts_hold_no_variables() -> None:
    sql = "select ':today', \":region\", x::date -- :nothing\n /* :none */ from t where d = :today and n > :gap"
    filled_in = filled(sql, {"today": "it's", "gap": 0.25})
    assert filled_in.endswith("where d = 'it''s' and n > 0.25")
    assert "':today', \":region\", x::date -- :nothing\n /* :none */" in filled_in
