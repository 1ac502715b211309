"""The trace: every duty of the policies has a rule or a reason, every rule a duty, and the page is current."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import Database
from typer.testing import CliRunner

from hub.checks import duty, read_rules
from hub.cli import app, parts
from hub.errors import DeclarationError
from hub.settings import settings

ROOT = Path(__file__).parents[2]
README = ROOT / "hub" / "checks" / "README.md"
RULES = read_rules()
DUTIES = duty.read_duties()
TRACED = {one.id: one for one in duty.trace(DUTIES, RULES)}


def test_the_duties_are_those_of_the_policies_and_our_own_of_the_data() -> None:
    asked = [f"{kind}{number:02}" for kind, last in (("U", 27), ("P", 21), ("Q", 4)) for number in range(1, last + 1)]
    assert [one.id for one in DUTIES if one.id[0] != "D"] == asked
    assert list(dict.fromkeys(one[:3] for one in TRACED if one[0] != "D")) == asked


@pytest.mark.parametrize("one", sorted(TRACED))
def test_a_duty_has_a_rule_or_a_reason_and_something_that_is_there(one: str) -> None:
    said = TRACED[one]
    assert said.answered, f"{one} has neither rule nor reason"
    assert said.rule or (ROOT / said.duty.instead).exists(), f"{said.duty.instead} is not there"


def test_every_rule_answers_a_duty_that_is_declared() -> None:
    assert {one for rule in RULES for one in rule.ids} <= set(TRACED)
    with pytest.raises(DeclarationError, match=r"no such duty\. U01 of registered_not_enrolled"):
        duty.trace([one for one in DUTIES if one.id != "U01"], RULES)


def test_a_duty_that_a_rule_answers_has_no_reason_for_having_none() -> None:
    excused = [one.model_copy(update={"instead": "x", "reason": "y"}) if one.id == "U01" else one for one in DUTIES]
    with pytest.raises(DeclarationError, match="no rule answers U01, and one does"):
        duty.trace(excused, RULES)


def test_a_duty_names_clauses_of_the_policies_in_the_form_in_which_rules_cite_them() -> None:
    policies = ("乌海政发〔2020〕17号", "山东省全面实施全民参保计划工作方案(2018)", "盐城市社会保险扩面征缴三年提升行动计划",
                "荣政办发〔2024〕3号", "社会保险法", "政务数据共享条例")  # fmt: skip
    for one in DUTIES:
        for clause in one.clauses:
            assert clause.startswith(tuple(f"{policy} " for policy in policies)), (one.id, clause)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('id      = "U02"', 'id      = "U01"'), "has duties twice. U01"),
        (('id      = "U02"', 'id      = "U2"'), "'duty.1.id'"),
        (('reason  = "Nobody', 'reson  = "Nobody'), "(did you mean 'reason'?)"),
        (('instead = "hub/followup"\n', ""), "'instead' and 'reason' go together"),
    ],
    ids=["twice", "no id", "unknown key", "half a reason"],
)
def test_a_file_of_duties_that_is_not_right_is_refused(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    (tmp_path / "duties.toml").write_text(duty.FILE.read_text("utf-8").replace(*change, 1), "utf-8")
    with pytest.raises(DeclarationError) as refused:
        duty.read_duties(tmp_path / "duties.toml")
    assert says in str(refused.value)


def test_the_page_is_current() -> None:
    text = README.read_text("utf-8")
    assert text == duty.written(text, tuple(TRACED.values())), "run: hub trace --write"
    for rule in RULES:
        assert f"[{rule.name}](rules/{rule.file}.sql)" in text


def test_a_readme_without_the_marks_gets_no_page() -> None:
    with pytest.raises(DeclarationError, match="has no place"):
        duty.written("# Cross-checks", tuple(TRACED.values()))


@pytest.fixture
def told(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    """The command line over a database in which U04 is open twice."""
    for number, state in enumerate(("open", "open", "unknown", "cleared")):
        database.execute(
            "insert into finding (subject_key, id, rule, subject, matter, state, severity, values, opened_at, seen_at, run_id)"
            " values (md5(%s)::uuid, md5(%s)::uuid, 'headcount_above_enrollment', 'employer', '', %s, 'high', '{}', now(), now(), 1)"
            " on conflict do nothing",
            str(number), str(number), state,
        )  # fmt: skip
    monkeypatch.setenv("HUB_DATABASE_URL", database.url)
    for kept in (settings, parts.reader):
        kept.cache_clear()
    yield CliRunner()
    parts.reader().dispose()
    for kept in (settings, parts.reader):
        kept.cache_clear()


def test_the_command_counts_what_is_open_now(told: CliRunner) -> None:
    said = json.loads(told.invoke(app, ["trace", "--json"]).stdout)
    assert [one["id"] for one in said] == list(TRACED)
    (four,) = (one for one in said if one["id"] == "U04")
    assert four["findings"] == {"open": 2, "unknown": 1}
    assert four["rule"]["name"] == "headcount_above_enrollment"
    assert four["rule"]["examples"] == TRACED["U04"].examples


def test_the_command_shows_one_duty_with_all_that_it_rests_on(told: CliRunner) -> None:
    said = told.invoke(app, ["trace", "--duty", "u04"]).stdout
    rule = TRACED["U04"].rule
    assert rule is not None
    for words in (*TRACED["U04"].duty.clauses, *rule.needs, *rule.parameters, *(one.why for one in rule.example)):
        assert re.sub(r"\s", "", words) in re.sub(r"\s", "", said)
    assert "2 open, 1 unknown" in said
    assert "hub/store/views.sql" in told.invoke(app, ["trace", "--duty", "P18"]).stdout


def test_an_unknown_duty_is_refused(told: CliRunner) -> None:
    assert "no duty is called 'U99'" in str(told.invoke(app, ["trace", "--duty", "U99"]).exception)
