"""Running rules: parameters, freshness, the life of findings, evidence, and what a rule may not do."""

import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from postgres import Database, libpq
from typer.testing import CliRunner

from hub import demo
from hub.audit.checkpoint import Signer
from hub.checks import RunReport, check, explain, findings, judge, read_parameters, read_rule, read_rules
from hub.checks.example import FACTS, Example, key_of, rows
from hub.checks.parameter import Parameter, applied, read_parameter
from hub.checks.rule import FOLDER, Rule, read_rule_file
from hub.cli import app, data
from hub.errors import CheckError, DeclarationError
from hub.settings import Settings
from hub.store import FOREVER
from hub.store.embedded import PROGRAMS
from hub.store.engine import engine_for
from hub.store.lineage import batch, delivery

TODAY = date(2026, 11, 21)
OCTOBER = date(2026, 10, 1)
START = datetime(2026, 11, 10, tzinfo=UTC)
RULES = {rule.name: rule for rule in read_rules()}
PARAMETERS = read_parameters(demo.PARAMETERS)

#: A rule of our own: an assisted person without any enrollment. Small enough to see the whole of it.
TINY = """
/*
id         = "X01"
title      = "Assisted, not enrolled (测试)"
subject    = "person"
severity   = "low"
basis      = ["测试"]
needs      = ["civil_affairs/low_income", "human_resources/enrollment"]
misses     = ["human_resources/enrollment"]
consults   = ["education/student"]
parameters = ["working_age_from"]
explanation = { zh = "测试", en = "test" }
[[example]]
why        = "somebody assisted and not enrolled"
today      = 2026-11-21
assistance = [{ person = "A" }]
finds      = ["A"]
*/
select assistance.person_key as subject_key, assistance.person_key, assistance.area,
       case when assistance.state = 'active' then 'FOUND' else 'UNKNOWN' end as verdict,
       case when assistance.state <> 'active' then 'the assistance rests' end as unknown_because,
       :working_age_from as age, :missing as missing, assistance
from assistance
left join (select distinct person_key from enrollment) as enrolled on enrolled.person_key = assistance.person_key
where enrolled.person_key is null;
"""
TINY_RULE = read_rule(TINY, "tiny.sql")

#: The same of two lists.
POOR, DESTITUTE = read_rule_file(
    TINY.replace('id         = "X01"\n', "")
    .replace('title      = "Assisted, not enrolled (测试)"\n', "")
    .replace('"civil_affairs/low_income"', '":delivery"')
    .replace("is null;", "is null and assistance.kind = :kind;")
    .replace("*/", """
[[list]]
id = "X01A"
name = "poor"
title = "Poor (低保)"
delivery = "civil_affairs/low_income"
kind = "low_income"
[[list]]
id = "X01B"
name = "destitute"
title = "Destitute (特困)"
delivery = "civil_affairs/destitute"
kind = "destitute"
*/"""),
    "tiny.sql",
)  # fmt: skip


@dataclass
class World:
    """A database in which facts are delivered by hand, one batch after the other, a minute apart."""

    database: Database
    owner: sa.Engine
    reader: sa.Engine
    writer: sa.Engine
    at: datetime = START
    ids: dict[str, int] = field(default_factory=dict)
    signer: Signer = field(default_factory=lambda: Signer("hub.example/test", Ed25519PrivateKey.generate()))

    def deliver(
        self, name: str, target: str, *said: dict[str, Any], period: date = OCTOBER, loaded: int | None = None
    ) -> int:
        """Load a snapshot: what the delivery said before is superseded; the batch's number."""
        self.at += timedelta(minutes=1)
        example: Any = Example(why="delivered by hand", today=TODAY, finds=(), **{target: said} if said else {})
        with self.owner.begin() as connection:
            if name not in self.ids:
                values = {"name": name, "title": name, "owner": "局", "cadence": "monthly", "target": target}
                self.ids[name] = connection.execute(
                    delivery.insert().values(values).returning(delivery.c.id)
                ).scalar_one()
            number = len(said) if loaded is None else loaded
            new: int = connection.execute(
                batch.insert()
                .values(
                    delivery_id=self.ids[name],
                    period=period,
                    digest=str(self.at).encode(),
                    files=[],
                    status="loaded",
                    declared=number,
                    loaded=number,
                    rejected=0,
                    started_at=self.at,
                    sealed_at=self.at,
                    loaded_by="test",
                )
                .returning(batch.c.id)
            ).scalar_one()
            table = FACTS[target]
            mine = (table.c.delivery_id == self.ids[name]) & (table.c.known_until == FOREVER)
            connection.execute(table.update().where(mine).values(known_until=self.at))
            for _, row in rows(example):
                lineage = {"delivery_id": self.ids[name], "batch_id": new, "known_from": self.at}
                connection.execute(table.insert().values(row | lineage))
        return new

    def check(self, rule: str | Rule = TINY_RULE, **more: Any) -> RunReport:
        values: dict[str, Any] = {"reader": self.reader, "writer": self.writer, "signer": self.signer, "today": TODAY}
        (report,) = check([rule], **(values | {"region": "371082", "parameters": PARAMETERS} | more))
        return report

    def states(self) -> dict[UUID, str]:
        return dict(self.database.execute("select subject_key, state from finding"))

    def events(self) -> list[str]:
        return [row[0] for row in self.database.execute("select event from finding_event order by run_id, event")]


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    engines = [fresh_database.engine(role) for role in ("owner", "reader", "writer")]
    yield World(fresh_database, *engines)
    for engine in engines:
        engine.dispose()


@pytest.fixture
def fresh(world: World) -> World:
    """A and B are assisted, C is assisted and enrolled."""
    world.deliver("civil_affairs/low_income", "assistance", *({"person": name} for name in "ABC"))
    world.deliver("human_resources/enrollment", "enrollment", {"person": "C", "starts_on": OCTOBER})
    return world


A, B, C = (key_of(name) for name in "ABC")


# --- the life of a finding


def test_a_finding_is_opened_stays_is_cleared_and_comes_back_under_the_same_id(fresh: World) -> None:
    first = fresh.check()
    assert (first.verdict, first.found, first.opened, first.cleared) == ("judged", 2, 2, 0)
    ids = fresh.database.execute("select id from finding order by id")

    again = fresh.check()
    assert (again.found, again.opened, again.cleared) == (2, 0, 0)
    assert fresh.events() == ["opened", "opened"]

    fresh.deliver("human_resources/enrollment", "enrollment", *({"person": p, "starts_on": OCTOBER} for p in "AC"))
    cleared = fresh.check()
    assert (cleared.found, cleared.opened, cleared.cleared) == (1, 0, 1)
    assert fresh.states() == {A: "cleared", B: "open"}
    assert fresh.database.execute("select count(*) from finding where ended_at is not null") == [(1,)]

    fresh.deliver("human_resources/enrollment", "enrollment", {"person": "C", "starts_on": OCTOBER})
    back = fresh.check()
    assert (back.found, back.opened) == (2, 1)
    assert fresh.states() == {A: "open", B: "open"}
    assert fresh.database.execute("select count(*) from finding where ended_at is not null") == [(0,)]
    assert fresh.events() == ["opened", "opened", "cleared", "reopened"]
    assert fresh.database.execute("select id from finding order by id") == ids


def test_still_true_moves_the_day_last_seen_and_not_the_day_opened(fresh: World) -> None:
    fresh.check()
    ((opened, seen, run),) = fresh.database.execute("select max(opened_at), max(seen_at), max(run_id) from finding")
    fresh.check()
    ((opened_then, seen_then, run_then),) = fresh.database.execute(
        "select max(opened_at), max(seen_at), max(run_id) from finding"
    )
    assert opened_then == opened
    assert seen_then > seen
    assert run_then > run


def test_a_subject_the_data_no_longer_decide_becomes_unknown_and_is_not_cleared(fresh: World) -> None:
    fresh.check()
    fresh.deliver("civil_affairs/low_income", "assistance", {"person": "A", "state": "suspended"}, {"person": "B"})
    report = fresh.check()
    assert (report.found, report.unknown, report.cleared) == (1, 1, 0)
    assert fresh.states() == {A: "unknown", B: "open"}
    assert fresh.database.execute("select unknown_because from finding where state = 'unknown'") == [
        ("the assistance rests",)
    ]
    assert fresh.events() == ["opened", "opened", "unknown"]


@pytest.mark.parametrize("everybody", [True, False], ids=["everybody", "whom the news touch"])
def test_a_run_counts_as_unknown_the_subjects_and_not_the_findings_that_became_so(
    world: World, everybody: bool
) -> None:
    def assisted(**states: str) -> RunReport:
        rows = [{"person": who, "kind": "low_income", "state": state} for who, state in states.items()]
        world.deliver("civil_affairs/low_income", "assistance", *rows)
        return world.check(everybody=everybody)

    world.deliver("human_resources/enrollment", "enrollment", {"person": "C", "starts_on": OCTOBER})
    assisted(A="active", B="active")
    # A became unknown, which is an event; D never was found, which is none: two are not decided.
    report = assisted(A="suspended", B="active", D="suspended")
    assert (report.found, report.unknown) == (1, 2)
    assert world.events() == ["opened", "opened", "unknown"]
    # Nothing happens any more, and still two are not decided.
    report = assisted(A="suspended", B="active", D="suspended")
    assert (report.found, report.unknown) == (1, 2)
    assert world.events() == ["opened", "opened", "unknown"]
    assert world.database.execute("select unknown from check_run order by id") == [(0,), (2,), (2,)]


def test_an_undecided_subject_that_never_was_found_makes_no_finding(world: World) -> None:
    world.deliver("civil_affairs/low_income", "assistance", {"person": "A", "state": "suspended"})
    world.deliver("human_resources/enrollment", "enrollment", {"person": "C", "starts_on": OCTOBER})
    assert world.check().unknown == 1
    assert world.states() == {}


def test_rules_that_share_a_session_share_no_rows(fresh: World) -> None:
    wrong = read_rule(TINY.replace("'FOUND' else", "'GUILTY' else"), "tiny.sql")
    writer = engine_for("writer", fresh.database.url)  # with a pool, as the hub's own
    with pytest.raises(CheckError):
        fresh.check(wrong, writer=writer)
    reports = check(
        [TINY_RULE, TINY_RULE], reader=fresh.reader, writer=writer, signer=fresh.signer, region="371082", today=TODAY
    )
    fresh.deliver("civil_affairs/low_income", "assistance", {"person": "A"})
    reports.append(fresh.check(writer=writer))
    writer.dispose()
    assert [(one.found, one.opened, one.cleared) for one in reports] == [(2, 2, 0), (2, 0, 0), (1, 0, 1)]
    assert fresh.database.execute("select count(*) from finding_evidence") == [(3,)]


# --- a missing delivery never makes or clears a finding


@pytest.mark.parametrize(
    ("spoil", "because"),
    [
        (lambda world: world.deliver("human_resources/enrollment", "enrollment", loaded=0), "human_resources/enrollment of 2026-10 is empty"),
        (
            lambda world: world.database.execute("update batch set period = '2026-08-01'"),
            "civil_affairs/low_income is stale: its last month is 2026-08; human_resources/enrollment is stale: its last month is 2026-08",
        ),
        (lambda world: world.database.execute("update batch set status = 'refused' where delivery_id = 2"), "human_resources/enrollment was never delivered"),
        (lambda world: world.database.execute("update delivery set cadence = 'now and then' where id = 2"), "human_resources/enrollment comes now and then, for which delivery_fresh_days says nothing"),
    ],
    ids=["empty", "stale", "missing", "no limit"],
)  # fmt: skip
def test_a_delivery_that_cannot_be_relied_on_neither_makes_nor_clears_a_finding(
    fresh: World, spoil: Any, because: str
) -> None:
    fresh.check()
    before = fresh.database.execute("select id, opened_at, seen_at, ended_at from finding order by id")
    fresh.deliver("civil_affairs/low_income", "assistance", {"person": "B"}, {"person": "D"})
    spoil(fresh)
    report = fresh.check()
    assert (report.verdict, report.because) == ("unknown", because)
    assert (report.found, report.opened, report.cleared) == (0, 0, 0)
    assert fresh.states() == {A: "unknown", B: "unknown"}
    assert fresh.database.execute("select id, opened_at, seen_at, ended_at from finding order by id") == before
    assert fresh.database.execute("select distinct unknown_because from finding") == [(because,)]
    assert fresh.database.execute("select verdict, unknown_because from check_run order by id desc limit 1") == [
        ("unknown", because)
    ]


def test_a_run_that_is_judged_again_sets_unknown_findings_back(fresh: World) -> None:
    fresh.check()
    fresh.deliver("human_resources/enrollment", "enrollment", loaded=0)
    fresh.check()
    fresh.check()
    fresh.deliver("human_resources/enrollment", "enrollment", {"person": "A", "starts_on": OCTOBER})
    report = fresh.check()
    assert (report.verdict, report.found, report.opened, report.cleared) == ("judged", 2, 2, 1)
    assert fresh.states() == {A: "cleared", B: "open", C: "open"}
    assert fresh.database.execute("select count(*) from finding where unknown_because is not null") == [(0,)]
    assert fresh.events() == ["opened", "opened", "unknown", "unknown", "cleared", "opened", "reopened"]


def test_a_delivery_of_the_month_before_last_is_still_fresh_until_the_next_is_overdue(fresh: World) -> None:
    assert fresh.check(today=date(2027, 1, 2)).verdict == "judged"
    assert fresh.check(today=date(2027, 1, 3)).verdict == "unknown"


def test_a_consulted_delivery_that_is_missing_is_named_to_the_rule_and_stops_nothing(fresh: World) -> None:
    fresh.check()
    assert fresh.database.execute("select distinct \"values\" ->> 'missing' from finding") == [("education/student",)]
    fresh.deliver("education/student", "life_event", loaded=1)
    fresh.check()
    assert fresh.database.execute("select distinct \"values\" ->> 'missing' from finding") == [("",)]


def test_months_that_were_never_delivered_stop_a_rule_and_are_named(world: World) -> None:
    for name in RULES["whole_staff_at_floor"].needs:
        target = "contribution" if name.endswith("contribution") else "employer"
        world.deliver(name, target, loaded=1)
    report = world.check("U06")
    assert (report.verdict, report.because) == ("unknown", "human_resources/contribution gave nothing for 2026-09")
    september = {"person": "A", "employer": "Shop", "month": date(2026, 9, 1), "contribution_base": 4416}
    world.deliver("human_resources/contribution", "contribution", september)
    assert world.check("U06").verdict == "judged"


# --- as known on


def test_as_known_on_the_day_of_a_run_the_rule_finds_what_it_found_then_and_keeps_nothing(fresh: World) -> None:
    then = fresh.check()
    ((known_at,),) = fresh.database.execute("select known_at from check_run")
    fresh.deliver("human_resources/enrollment", "enrollment", *({"person": p, "starts_on": OCTOBER} for p in "ABC"))
    assert fresh.check().found == 0
    before = fresh.states()
    back = fresh.check(known_at=known_at)
    assert (back.verdict, back.found, back.unknown) == (then.verdict, then.found, then.unknown)
    assert fresh.states() == before
    assert fresh.check(known_at=START).because.startswith("civil_affairs/low_income was never delivered")


def test_a_correction_that_came_later_changes_nothing_of_what_was_found_then(fresh: World) -> None:
    fresh.check()
    ((instant,),) = fresh.database.execute("select known_at from check_run")
    before = fresh.database.execute("select id, subject_key, matter, 'FOUND', \"values\" from finding order by id")
    fresh.deliver("civil_affairs/low_income", "assistance", {"person": "A", "state": "suspended"}, {"person": "D"})
    fresh.check()
    tables = ("finding", "finding_event", "finding_evidence", "check_run", "audit_event")
    kept = [fresh.database.execute(f"select * from {table} order by 1, 2") for table in tables]
    report = fresh.check(known_at=instant)
    assert [(one.id, one.subject_key, one.matter, one.verdict, one.values) for one in report.rows] == before
    assert [fresh.database.execute(f"select * from {table} order by 1, 2") for table in tables] == kept
    now = fresh.check(known_at=fresh.at)
    assert {one.subject_key: one.verdict for one in now.rows} == {A: "UNKNOWN", key_of("D"): "FOUND"}


def test_the_command_judges_as_on_a_day_of_china_and_shows_what_was_found_then(
    fresh: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = (one for one in RULES.values() if one.name == "student_of_25")
    fresh.deliver("public_security/population", "person", {"person": "S", "birth_on": date(2000, 1, 1)})
    studying = {"person": "S", "kind": "studying", "happened_on": date(2020, 9, 1)}
    fresh.deliver("education/student", "life_event", studying)
    monkeypatch.setattr(data.out, "_width", 200)
    monkeypatch.setattr(data.parts, "reader", lambda: fresh.reader)
    monkeypatch.setattr(data.parts, "writer", lambda: fresh.writer)
    monkeypatch.setattr(data.parts, "signer", lambda: fresh.signer)
    monkeypatch.setattr(data.parts, "today", lambda: date(2026, 12, 20))
    assert fresh.check(file).found == 1
    fresh.at = datetime(2026, 11, 11, 16, 0, tzinfo=UTC)  # the 12th in China
    fresh.deliver("education/student", "life_event", studying | {"state": "graduated"})
    ((finding,),) = fresh.database.execute("select id from finding")
    then = CliRunner().invoke(app, ["check", "D04", "--as-known-on", "2026-11-11", "--list"])
    assert "judged for 2026-11-11" in then.stdout
    assert str(finding) in then.stdout
    later = CliRunner().invoke(app, ["check", "D04", "--as-known-on", "2026-11-12", "--list"])
    assert "judged for 2026-11-12" in later.stdout
    assert str(finding) not in later.stdout
    assert fresh.database.execute("select count(*) from check_run") == [(1,)]
    wrong = CliRunner().invoke(app, ["check", "D04", "--as-known-on", "yesterday"])
    assert (wrong.exit_code, "2026-03-01" in wrong.output) == (2, True)


def test_rules_run_the_data_first_then_persons_then_employers_and_none_reads_what_another_found() -> None:
    kinds = [one.id[0] for one in RULES.values()]
    assert kinds == sorted(kinds)
    assert kinds.index("D") < kinds.index("P") < kinds.index("U")
    for one in RULES.values():
        assert not re.search(r"\b(finding\w*|check_run)\b", one.sql), one.name


# --- evidence


def test_evidence_is_traced_to_batch_and_row_and_names_nobody(world: World) -> None:
    first = world.deliver(
        "civil_affairs/low_income",
        "assistance",
        {"person": "X"},
        {"person": "A", "certificate_no": "371082199006151011"},
    )
    world.deliver("human_resources/enrollment", "enrollment", {"person": "X", "starts_on": OCTOBER})
    world.check()
    ((fact, batch_id, row_no, person, row),) = world.database.execute(
        "select fact, batch_id, row_no, person_key, row from finding_evidence"
    )
    assert (fact, batch_id, row_no, person) == ("assistance", first, 2, A)
    assert row["kind"] == "low_income"
    assert not set(row) & {"certificate_no", "person_key", "digest", "batch_id", "row_no", "known_from"}


def test_no_evidence_of_any_table_repeats_keys_names_numbers_or_what_is_sealed() -> None:
    for name, table in FACTS.items():
        told = {column.name for column in table.c} - set(findings.withheld(table))
        assert not [column for column in told if column.endswith(("_key", "_masked"))], name
        assert not told & {"sealed", "legal_representative", "digest"}
        if "person_key" in table.c:
            assert not told & {"certificate_no", "account_no"}
    assert "uscc" not in findings.withheld(FACTS["employer"])


def test_evidence_is_stored_again_only_when_it_rests_on_other_rows(fresh: World) -> None:
    fresh.check()
    fresh.check()
    assert fresh.database.execute("select count(*), count(distinct run_id) from finding_evidence") == [(2, 1)]
    fresh.deliver("civil_affairs/low_income", "assistance", {"person": "A"}, {"person": "B"})
    fresh.check()
    assert fresh.database.execute("select count(*), count(distinct run_id) from finding_evidence") == [(4, 2)]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_stores_findings_with_evidence_and_without_personal_values(world: World, rule: Rule) -> None:
    found = next(example for example in rule.example if example.finds and not example.parameters)
    world.deliver("anybody/anything", "project_worker")  # the first, of which are the rows that name no delivery
    with world.owner.begin() as connection:
        for table, row in rows(found):
            connection.execute(table.insert().values(row))
    world.ids = dict(world.database.execute("select name, id from delivery"))
    for name in (*rule.needs, *rule.consults):
        world.deliver(name, "project_worker", loaded=1)
    world.database.execute(
        "update delivery set target = case when name = 'tax/payroll' then 'payroll' else 'contribution' end"
    )
    for months in rule.months:
        for month in range(24):
            world.deliver(
                months.delivery, "project_worker", loaded=1, period=date(2025 + month // 12, month % 12 + 1, 1)
            )
    world.database.execute("delete from batch where period > '2026-10-01'")
    report = world.check(rule, today=found.today)
    assert (report.verdict, report.because) == ("judged", "")
    assert report.found == len(found.finds)
    ((without,),) = world.database.execute(
        "select count(*) from finding f where not exists (select from finding_evidence e where e.finding_id = f.id)"
    )
    assert without == 0
    said = str(world.database.execute('select "values" from finding')) + str(
        world.database.execute("select row from finding_evidence")
    )
    assert "某" not in said.replace("某单位", "").replace("某项目", "")
    assert not re.search(r"\\\\x|sealed|_key", said)


# --- the run


def test_a_run_keeps_the_rule_the_parameters_and_the_batches_it_used_and_is_in_the_access_log(fresh: World) -> None:
    fresh.check()
    ((digest, used, batches, today, verdict),) = fresh.database.execute(
        "select rule_digest, parameters, batches, today, verdict from check_run"
    )
    assert (digest, today, verdict) == (TINY_RULE.digest, TODAY, "judged")
    assert used == {
        "working_age_from": {
            "value": 16,
            "from": "2024-03-08",
            "region": "371082",
            "source": "荣政办发〔2024〕3号 措施3",
        }
    }
    assert batches["human_resources/enrollment"]["period"] == "2026-10-01"
    ((leaf,),) = fresh.database.execute("select leaf from audit_event where kind = 'check_run'")
    event = orjson.loads(leaf)
    assert event["details"] == {
        "rule": "tiny", "digest": digest, "run": 1, "today": "2026-11-21", "verdict": "judged",
        "found": 2, "opened": 2, "cleared": 0, "unknown": 0,
    }  # fmt: skip


def test_a_run_that_fails_leaves_nothing_not_even_its_event(fresh: World) -> None:
    twice = read_rule(
        TINY.replace(
            "from assistance\n", "from (select * from assistance union all select * from assistance) as assistance\n"
        ),
        "tiny.sql",
    )
    with pytest.raises(CheckError, match="more than once"):
        fresh.check(twice)
    for table in ("finding", "finding_event", "finding_evidence", "check_run", "audit_event"):
        assert fresh.database.execute(f"select count(*) from {table}") == [(0,)]


def test_a_rule_can_only_read(fresh: World) -> None:
    writes = "with gone as (delete from finding returning id) select id as subject_key, id as person_key, 'FOUND' as verdict from gone"
    changes = (
        "select person_key as subject_key, person_key, 'FOUND' as verdict,"
        " set_config('transaction_read_only', 'off', true) as mode from assistance"
    )
    for body in (writes, changes, "select 1; delete from finding", "select rejected_row as x from rejected_row"):
        rule = read_rule(
            TINY.split("*/", maxsplit=1)[0].replace('parameters = ["working_age_from"]', "") + "*/" + body, "writes.sql"
        )
        with pytest.raises(CheckError):
            fresh.check(rule)
    assert fresh.database.execute("select count(*) from audit_event") == [(0,)]


def test_the_words_of_the_database_about_a_row_do_not_reach_the_error(fresh: World) -> None:
    rule = read_rule(
        TINY.replace(
            ":working_age_from as age",
            "cast(assistance.certificate_no || '-secret' as integer) + :working_age_from as age",
        ),
        "tiny.sql",
    )
    with pytest.raises(CheckError) as refused:
        fresh.check(rule)
    assert "secret" not in str(refused.value)
    assert refused.value.__suppress_context__
    assert "22P02" in str(refused.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            ("'FOUND' else 'UNKNOWN' end as verdict", "'FOUND' else 'UNKNOWN' end as judgment"),
            "gives no column verdict",
        ),
        ((":missing as missing, assistance", ":missing as missing, assistance as proof"), "proof"),
        ((":missing as missing, assistance", ":missing as enrollment, assistance"), "enrollment"),
        (("'the assistance rests'", "null"), "reason for UNKNOWN"),
        (("'FOUND' else", "'GUILTY' else"), "without a subject, a verdict"),
    ],
    ids=["no verdict", "evidence unnamed", "figure named as evidence", "no reason", "no such verdict"],
)
def test_a_rule_that_does_not_give_what_it_must_is_refused(fresh: World, change: tuple[str, str], says: str) -> None:
    fresh.deliver("civil_affairs/low_income", "assistance", {"person": "A"}, {"person": "B", "state": "suspended"})
    with pytest.raises(CheckError, match=says):
        fresh.check(read_rule(TINY.replace(*change), "tiny.sql"))


def test_a_rule_of_several_ids_is_run_by_any_of_them(world: World) -> None:
    assert [world.check(one).name for one in ("D01", "d02")] == ["differs_from_register"] * 2


def test_a_duty_that_has_a_rule_for_each_of_its_lists_runs_them_all(world: World) -> None:
    more: dict[str, Any] = {"reader": world.reader, "writer": world.writer, "signer": world.signer}
    run = {one: sorted(r.id for r in check([one], region="371082", today=TODAY, **more)) for one in ("u16", "U16B")}
    assert run == {"u16": ["U16A", "U16B", "U16C"], "U16B": ["U16B"]}


def test_an_unknown_rule_is_answered_with_the_nearest(world: World) -> None:
    with pytest.raises(CheckError, match="did you mean 'interrupted'"):
        world.check("interupted")


# --- parameters


def parameter(*entries: str) -> Parameter:
    return read_parameter('title = "测试"\n' + "\n".join(f"[[entry]]\n{entry}" for entry in entries), "test.toml")


def test_the_most_specific_region_and_the_day_say_which_value_holds() -> None:
    one = parameter(
        'region = "china"\nfrom = 2020-01-01\nvalue = 1\nsource = "国家规定"',
        'region = "370000"\nfrom = 2020-01-01\nvalue = 2\nsource = "省级规定"',
        'region = "371082"\nfrom = 2024-01-01\nuntil = 2025-01-01\nvalue = 3\nsource = "县级规定"',
        'region = "371082"\nfrom = 2025-06-01\nvalue = 4\nsource = "县级规定"',
    )

    def value(region: str, on: date) -> Any:
        found = applied(one, region, on)
        return found and found.value

    assert value("371082", date(2024, 12, 31)) == 3
    assert value("371082", date(2025, 1, 1)) == 2
    assert value("371082", date(2025, 6, 1)) == 4
    assert value("371083", date(2025, 6, 1)) == 2
    assert value("150300", date(2025, 6, 1)) == 1
    assert value("150300", date(2019, 12, 31)) is None


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (('region = "china"\nfrom = 2020-01-01\nvalue = 1\nsource = ""',), "source"),
        (('region = "china"\nfrom = 2020-01-01\nvalue = 1',), "source"),
        (('region = "china"\nfrom = 2020-01-01\nuntil = 2020-01-01\nvalue = 1\nsource = "国家规定"',), "ends after it begins"),
        (
            (
                'region = "china"\nfrom = 2021-01-01\nvalue = 1\nsource = "国家规定"',
                'region = "china"\nfrom = 2020-01-01\nvalue = 1\nsource = "国家规定"',
            ),
            "not in order",
        ),
        (('region = "37108"\nfrom = 2021-01-01\nvalue = 1\nsource = "国家规定"',), "region"),
    ],
)  # fmt: skip
def test_a_parameter_without_source_or_order_is_refused(entries: tuple[str, ...], says: str) -> None:
    with pytest.raises(DeclarationError, match=says):
        parameter(*entries)


def test_no_rule_judges_a_real_city_by_a_value_that_was_made_up() -> None:
    for one in read_parameters().values():
        assert not [entry.source for entry in one.entry if re.search("演示|示意|demo value", entry.source)], one.name


def test_what_the_demonstration_sets_for_itself_says_that_no_policy_does() -> None:
    own = sorted(demo.PARAMETERS.glob("*.toml"))
    assert {"headcount_gap", "wage_base_gap", "floor_staff_min"} <= {file.stem for file in own}
    for file in own:
        for entry in tomllib.loads(file.read_text("utf-8"))["entry"]:
            assert entry["source"].startswith(("演示取值，非政策规定", "示意值")), file.stem
            assert entry["region"].startswith("37"), file.stem


ENTRY = '[[entry]]\nregion = "{}"\nfrom = {}\nvalue = {}\nsource = "荣成市会议纪要"\n'


def test_what_a_city_sets_for_itself_joins_what_is_declared(tmp_path: Path) -> None:
    assert read_parameters(tmp_path / "not there") == read_parameters()
    (tmp_path / "floor_staff_min.toml").write_text(ENTRY.format("371082", "2026-01-01", 5))
    (tmp_path / "interruption_months.toml").write_text(
        ENTRY.format("371082", "2026-06-01", 4) + ENTRY.format("371082", "2024-01-01", 9) + "until = 2024-03-08\n"
    )
    own = read_parameters(tmp_path)

    def value(name: str, region: str, on: date) -> Any:
        found = applied(own[name], region, on)
        return found and found.value

    assert value("floor_staff_min", "371082", TODAY) == 5
    assert value("floor_staff_min", "371082", date(2025, 12, 31)) is None
    assert value("floor_staff_min", "371083", TODAY) is None
    assert [
        value("interruption_months", "371082", date(*on)) for on in ((2024, 2, 1), (2026, 5, 31), TODAY.timetuple()[:3])
    ] == [9, 6, 4]
    assert own["retirement_scheme"] == read_parameters()["retirement_scheme"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("floor_staf_min", ENTRY.format("371082", "2026-01-01", 5), "did you mean 'floor_staff_min'"),
        ("floor_staff_min", ENTRY.format("371082", "2026-01-01", 5).replace("荣成市会议纪要", ""), "source"),
        ("floor_staff_min", ENTRY.format("37108", "2026-01-01", 5), "region"),
        ("floor_staff_min", 'title = "测试"\n' + ENTRY.format("371082", "2026-01-01", 5), "unknown key 'title'"),
        ("floor_staff_min", "", "'entry' is missing"),
        ("interruption_months", ENTRY.format("371082", "2024-03-08", 5), "are not in order"),
    ],
    ids=["unknown", "no source", "no region", "a title", "empty", "one that is declared for that day"],
)
def test_a_value_of_a_city_keeps_to_what_holds_for_those_declared(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    (tmp_path / f"{name}.toml").write_text(text)
    with pytest.raises(DeclarationError) as refused:
        read_parameters(tmp_path)
    assert says in str(refused.value)
    assert str(tmp_path / f"{name}.toml") in str(refused.value)


def test_the_demonstration_sets_its_values_once_and_leaves_what_somebody_wrote(tmp_path: Path) -> None:
    (tmp_path / "floor_staff_min.toml").write_text(ENTRY.format("371082", "2026-01-01", 7))
    demo.set_parameters(tmp_path)
    demo.set_parameters(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {file.name for file in demo.PARAMETERS.iterdir()}
    held = applied(read_parameters(tmp_path)["floor_staff_min"], "371082", TODAY)
    assert held is not None
    assert held.value == 7


def test_who_runs_a_rule_that_is_not_judged_is_told_what_to_do(
    fresh: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    report = fresh.check("U06", parameters=read_parameters())
    monkeypatch.setattr(
        data, "settings", lambda: Settings(data=tmp_path, parameters=tmp_path / "parameters", region="371082")
    )
    told = {reason.name: data.remedy(reason) for reason in report.reasons}
    assert "hub load human_resources/contribution FILE" in told["human_resources/contribution"]
    assert str(tmp_path / "parameters" / "floor_staff_min.toml") in told["floor_staff_min"]
    assert '[[entry]] region = "371082"' in told["floor_staff_min"]
    assert "value = … (persons)" in told["floor_staff_min"]


def test_a_rule_whose_parameter_has_no_value_is_not_judged_and_says_which(fresh: World) -> None:
    fresh.check()
    fresh.deliver("civil_affairs/low_income", "assistance", {"person": "D"})
    lacking = PARAMETERS | {"working_age_from": parameter()}
    report = fresh.check(parameters=lacking)
    assert report.verdict == "unknown"
    assert report.because == "NOT CONFIGURED: working_age_from has no value for 2026-11 in 371082"
    assert fresh.states() == {A: "unknown", B: "unknown"}


def test_a_parameter_is_looked_up_for_the_month_that_is_judged(world: World) -> None:
    for name in RULES["whole_staff_at_floor"].needs:
        world.deliver(name, "contribution", loaded=1, period=date(2028, 1, 1))
    report = world.check("whole_staff_at_floor", today=date(2028, 2, 20))
    assert report.because == "NOT CONFIGURED: contribution_base_floor has no value for 2027-12 in 371082"


# --- explaining, and psql


def test_an_explanation_shows_what_the_rule_rests_on_and_its_plan(fresh: World) -> None:
    text = explain(TINY_RULE, reader=fresh.reader, region="371082", today=TODAY)
    assert "civil_affairs/low_income: 2026-10, batch 1, 3 rows" in text
    assert "education/student (consulted): not to be had" in text
    assert "16, 371082 from 2024-03-08: 荣政办发〔2024〕3号 措施3" in text
    assert "16 as age" in text
    assert "Join" in text
    assert fresh.database.execute("select count(*) from check_run") == [(0,)]


def test_an_explanation_of_a_rule_that_is_not_judged_says_why(world: World) -> None:
    text = explain("P12", reader=world.reader, region="371082", today=TODAY)
    assert "NOT JUDGED: civil_affairs/cremation was never delivered" in text


@pytest.mark.parametrize("named", ["U17", "listed_not_fully_enrolled"], ids=["a duty", "a file"])
def test_several_rules_of_one_name_are_explained_one_after_the_other(world: World, named: str) -> None:
    text = explain(named, reader=world.reader, region="371082", today=TODAY)
    assert ["U17A park" in text, "U17D leading" in text] == [True, True]


def test_a_subject_whose_row_was_rejected_is_unknown_until_the_row_comes_right(world: World) -> None:
    """The rejected row may be the very enrollment that the rule misses."""
    world.deliver("civil_affairs/low_income", "assistance", {"person": "A"}, {"person": "B"})
    enrollments = world.deliver("human_resources/enrollment", "enrollment", {"person": "C", "starts_on": OCTOBER})
    world.database.execute(
        "insert into rejected_row (batch_id, row_no, sealed, reasons, subjects) values (%s, 1, '', '{}', %s)",
        enrollments,
        [key_of("A")],
    )
    report = world.check()
    assert (report.found, report.unknown) == (1, 1)
    assert world.states() == {key_of("B"): "open"}
    before = world.database.execute("select max(sealed_at) from batch")[0][0]
    replayed = world.deliver("human_resources/enrollment", "enrollment", {"person": "D", "starts_on": OCTOBER})
    world.database.execute("update batch set replays = %s where id = %s", enrollments, replayed)
    assert world.check().unknown == 1  # a replay is not the last snapshot, and this one did not try the row
    world.database.execute("update rejected_row set replayed_in = %s", replayed)
    assert world.check().unknown == 0
    assert world.check(known_at=before).unknown == 1  # nobody had tried it by then
    world.database.execute("update rejected_row set batch_id = %s, replayed_in = null", replayed)
    assert world.check().unknown == 1  # tried again, and rejected again
    world.deliver("human_resources/enrollment", "enrollment", {"person": "C", "starts_on": OCTOBER})
    assert world.check().found == 2
    assert world.states() == {key_of("A"): "open", key_of("B"): "open"}


def test_a_list_that_is_missing_leaves_only_its_own_rule_unjudged_and_both_keep_the_text_of_their_file(
    fresh: World,
) -> None:
    assert (fresh.check(POOR).verdict, fresh.check(DESTITUTE).verdict) == ("judged", "unknown")
    fresh.deliver("civil_affairs/destitute", "assistance", {"person": "D", "kind": "destitute"})
    assert [fresh.check(rule).found for rule in (POOR, DESTITUTE)] == [2, 1]
    assert fresh.database.execute("select rule, subject_key from finding where rule = 'destitute'") == [
        ("destitute", key_of("D"))
    ]
    assert fresh.database.execute("select name, digest, source from rule_version") == [("tiny", POOR.digest, POOR.text)]
    runs = fresh.database.execute("select rule, rule_digest, statement from check_run where verdict = 'judged'")
    assert {(rule, digest) for rule, digest, _ in runs} == {("poor", POOR.digest), ("destitute", POOR.digest)}
    assert len({statement for _, _, statement in runs}) == 2


@pytest.mark.parametrize("rule", [TINY_RULE, POOR], ids=["a file", "a list of a file"])
def test_a_rule_file_runs_in_psql_as_it_is(fresh: World, tmp_path: Path, rule: Rule) -> None:
    psql = PROGRAMS / "psql"
    (tmp_path / "tiny.sql").write_text(rule.text)
    text = explain(rule, reader=fresh.reader, region="371082", today=TODAY)
    script = text.split("In psql\n")[1].split("\nSQL\n")[0]
    result = subprocess.run(
        [psql, "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", libpq(fresh.database.url)],
        input=script, cwd=tmp_path, capture_output=True, text=True, check=True, env=os.environ | {"PGCLIENTENCODING": "UTF8"},
    )  # fmt: skip
    assert str(A) in result.stdout
    assert str(B) in result.stdout
    assert str(C) not in result.stdout
    assert not result.stderr


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_file_runs_in_psql(world: World, rule: Rule) -> None:
    from hub.checks import _in_psql, literal
    from hub.checks.example import variables_of

    psql = PROGRAMS / "psql"
    values = variables_of(rule.example[0])
    with judge.session(world.reader) as session, judge.snapshot(session, None) as facts:
        _, absent = judge.apply(facts, rule, PARAMETERS, values)
    assert not absent
    lines = [f"\\set {name} {_in_psql(literal(value))}" for name, value in values.items()]
    script = "\n".join(["set search_path = facts_now, public;", *lines, f"\\i {FOLDER / (rule.file + '.sql')}"])
    result = subprocess.run(
        [psql, "-X", "-v", "ON_ERROR_STOP=1", libpq(world.database.url)],
        input=script, capture_output=True, text=True, check=False, env=os.environ | {"PGCLIENTENCODING": "UTF8"},
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    assert "(0 rows)" in result.stdout
