"""Judging only what a batch can have changed: the same result as judging all, for every rule and every kind of change."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from postgres import Database
from test_check import OCTOBER, TINY, TINY_RULE, TODAY, World, fresh, world  # noqa: F401

from hub import demo
from hub.checks import RunReport, check, judge, read_parameters, read_rules, touched
from hub.checks.context import Context
from hub.checks.example import key_of, rows, variables_of
from hub.checks.judge import Basis
from hub.checks.parameter import read_parameter
from hub.checks.rule import Rule, filled, read_rule
from hub.checks.touched import Touched
from hub.errors import DeclarationError
from hub.store.finding import check_run

RULES = {rule.name: rule for rule in read_rules()}
PARAMETERS = read_parameters(demo.PARAMETERS)
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.name}: {example.why}") for rule in RULES.values() for example in rule.example
]
BEFORE, NOW = datetime(2026, 11, 29, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def owner(database: Database) -> Iterator[sa.Engine]:
    engine = database.engine()
    yield engine
    engine.dispose()


def said(connection: sa.Connection, rule: Rule, sql: str) -> dict[tuple[Any, Any], Any]:
    """What the rule says: (subject, matter) → all of its row."""
    names = judge.columns(connection, rule, sql)
    found = [row for (row,) in judge.verbatim(connection, judge.as_json(sql, names))]
    for row in found:  # evidence comes in any order, and is stored in its own
        row.update({name: sorted(value, key=str) for name, value in row.items() if isinstance(value, list)})
    return {(sa.Uuid().python_type(row["subject_key"]), row.get("matter")): row for row in found}


def judged(connection: sa.Connection, rule: Rule, example: Any, known_at: datetime) -> tuple[Basis[Rule], Any]:
    """What it rests on and says among all, by what was known at an instant."""
    connection.execute(sa.text("set local search_path = facts_then, public, pg_temp"))
    connection.execute(sa.text("select set_config('hub.known_at', :at, true)"), {"at": known_at.isoformat()})
    values = variables_of(example)
    judge.apply(connection, rule, PARAMETERS, values)
    sql = filled(rule.sql, values | example.parameters)
    return Basis(rule, example.today, known_at, {}, {}, {}, (), sql), said(connection, rule, sql)


def of(rows: dict[tuple[Any, Any], Any], subjects: frozenset[Any], *, others: bool = False) -> dict[Any, Any]:
    return {key: row for key, row in rows.items() if (key[0] in subjects) != others}


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_whichever_row_of_an_example_comes_last_those_touched_by_it_are_judged_as_among_all(
    owner: sa.Engine, rule: Rule, example: Any
) -> None:
    with owner.connect() as connection:
        context = Context.prepared(connection)
        connection.execute(sa.text("set local search_path = public, pg_temp"))
        for table, row in rows(example):
            connection.execute(table.insert().values(row))
        for table, row in [one for one in rows(example) if one[0].info.get("fact")]:
            mine = sa.and_(*(table.c[name] == row[name] for name in table.info["key"]))
            connection.execute(table.update().where(mine).values(known_from=NOW))
            then, before = judged(connection, rule, example, BEFORE)
            basis, now = judged(connection, rule, example, NOW)
            run = {"rule": rule.name, "rule_digest": "", "parameters": {}, "batches": {}, "verdict": "judged"}
            run |= {"known_at": BEFORE, "started_at": BEFORE, "finished_at": BEFORE, "today": example.today}
            connection.execute(check_run.insert().values(run | {"statement": touched.statement(then)}))
            context.of = None
            scope = Touched.by([rule], context).scope(basis)
            if then.sql != basis.sql or (touched.looks_farther(rule) and table.name in touched.tables_read(rule.sql)):
                assert scope.subjects is None
            else:
                assert scope.subjects is not None
                assert len(scope.subjects) < 100
                sql = judge.only(Context.within(basis.sql), scope.subjects)
                alone = said(connection, rule, sql) if scope.subjects else {}
                changed = f"{table.name} {row}"
                assert of(before, scope.subjects, others=True) == of(now, scope.subjects, others=True), changed
                assert alone == of(now, scope.subjects), changed
            connection.execute(sa.text("set local search_path = public, pg_temp"))
            connection.execute(table.update().where(mine).values(known_from=row["known_from"]))
        connection.rollback()


def test_the_tables_a_rule_reads_are_those_it_names_itself_or_by_a_view() -> None:
    assert touched.tables_read(RULES["student_of_25"].sql) == {"person", "life_event"}
    assert {"employer_closure", "employer"} <= touched.tables_read(RULES["base_below_wage"].sql)
    assert touched.tables_read("select 1 from pension_spell, months(:today)") == {"enrollment"}
    assert touched.tables_read("select 1 from death") == {"life_event", "person"}


# --- the run


FARTHER = TINY.replace(
    "where enrolled.person_key is null", "where enrolled.person_key is null and (select count(*) from assistance) > 2"
)
FARTHER_RULE = read_rule(FARTHER, "tiny.sql")
A, B, C, D = (key_of(name) for name in "ABCD")


def kept(world: World) -> list[Any]:
    """All that is kept of findings, but for when, and by which run."""
    return [
        world.database.execute(
            'select id, subject_key, matter, state, severity, area, employer_key, person_key, "values",'
            " unknown_because, opened_at, ended_at from finding order by id"
        ),
        world.database.execute("select subject_key, finding_id, event from finding_event order by at, finding_id"),
        world.database.execute(
            "select subject_key, finding_id, fact, batch_id, row_no, row from finding_evidence order by 2, 3, 4, 5"
        ),
    ]


def agrees(world: World, report: RunReport, rule: Rule = TINY_RULE) -> None:
    """Judging everybody changes nothing of what is kept, and counts the same."""
    before = kept(world)
    whole = world.check(rule)
    assert (report.found, report.unknown) == (whole.found, whole.unknown)
    assert kept(world) == before


def test_a_first_run_judges_everybody_and_the_next_only_those_touched(fresh: World) -> None:
    assert fresh.check(everybody=False).scope == "it was not judged before"
    fresh.deliver("human_resources/enrollment", "enrollment", *({"person": p, "starts_on": OCTOBER} for p in "AC"))
    report = fresh.check(everybody=False)
    assert (report.found, report.cleared, report.scope) == (1, 1, "")
    assert report.judged_again == 2  # A is new to the list, and C's row is another batch's
    assert fresh.states() == {A: "cleared", B: "open"}
    agrees(fresh, report)


def test_a_rule_of_which_nothing_has_changed_is_not_run_and_its_findings_are_seen_again(fresh: World) -> None:
    fresh.check(everybody=False)
    fresh.deliver("tax/payroll", "payroll", {"person": "A", "employer": "Shop", "month": OCTOBER, "yuan": 1})
    ((seen, run),) = fresh.database.execute("select max(seen_at), max(run_id) from finding")
    report = fresh.check(everybody=False)
    assert (report.judged_again, report.scope) == (0, "nothing it reads has changed")
    assert (report.found, report.opened, report.cleared) == (2, 0, 0)
    ((seen_then, run_then),) = fresh.database.execute("select min(seen_at), min(run_id) from finding")
    assert seen_then > seen
    assert run_then > run
    assert fresh.database.execute("select judged_again from check_run order by id") == [(None,), (0,)]
    agrees(fresh, report)


@pytest.mark.parametrize(
    "other",
    [
        {"today": date(2026, 11, 22)},
        {"parameters": PARAMETERS | {"working_age_from": read_parameter('title = "测试"\n[[entry]]\nregion = "china"\nfrom = 2020-01-01\nvalue = 18\nsource = "国家规定"', "x")}},
        {"rule": read_rule(TINY.replace("left join", "-- mended\nleft join"), "tiny.sql")},
    ],
    ids=["day", "parameter", "rule"],
)  # fmt: skip
def test_where_more_than_facts_is_another_everybody_is_judged(fresh: World, other: dict[str, Any]) -> None:
    fresh.check(everybody=False)
    report = fresh.check(everybody=False, **other)
    assert report.judged_again is None
    assert report.scope == "the day, a parameter, a month or the rule itself is another"


def test_after_a_run_that_was_not_judged_everybody_is_judged(fresh: World) -> None:
    fresh.check(everybody=False)
    fresh.deliver("human_resources/enrollment", "enrollment", loaded=0)
    assert fresh.check(everybody=False).verdict == "unknown"
    fresh.deliver("human_resources/enrollment", "enrollment", {"person": "C", "starts_on": OCTOBER})
    report = fresh.check(everybody=False)
    assert (report.scope, report.found) == ("it was not judged before", 2)


def test_whom_the_data_do_not_decide_is_counted_over_all(fresh: World) -> None:
    rests = {"person": "A", "state": "suspended"}
    fresh.deliver(
        "civil_affairs/low_income", "assistance", rests, {"person": "B", "state": "suspended"}, {"person": "C"}
    )
    assert fresh.check(everybody=False).unknown == 2
    fresh.deliver("civil_affairs/more", "assistance", {"person": "D", "state": "suspended"})
    report = fresh.check(everybody=False)
    assert (report.judged_again, report.unknown) == (1, 3)
    fresh.deliver("civil_affairs/more", "assistance", {"person": "D"})
    report = fresh.check(everybody=False)
    assert (report.judged_again, report.unknown, report.found) == (1, 2, 1)
    agrees(fresh, report)


def test_a_rejected_row_touches_those_it_speaks_of_until_it_is_no_doubt_any_more(fresh: World) -> None:
    fresh.check(everybody=False)
    other = fresh.deliver("human_resources/enrollment", "enrollment", {"person": "C", "starts_on": OCTOBER})
    fresh.database.execute(
        "insert into rejected_row (batch_id, row_no, sealed, reasons, subjects) values (%s, 9, '', '{}', %s)",
        other,
        [A],
    )
    report = fresh.check(everybody=False)
    assert (report.found, report.unknown, report.scope) == (1, 1, "")
    assert fresh.states() == {A: "unknown", B: "open"}
    agrees(fresh, report)
    fresh.deliver("human_resources/enrollment", "enrollment", {"person": "C", "starts_on": OCTOBER})
    report = fresh.check(everybody=False)
    assert (report.found, report.unknown, report.scope) == (2, 0, "")
    assert fresh.states() == {A: "open", B: "open"}
    agrees(fresh, report)


def test_a_rule_that_looks_farther_than_it_says_is_found_out_and_judged_whole(fresh: World) -> None:
    assert fresh.check(FARTHER_RULE, everybody=False).found == 2
    fresh.deliver("human_resources/more", "enrollment", {"person": "A", "starts_on": OCTOBER})
    report = fresh.check(FARTHER_RULE, everybody=False)
    assert (report.judged_again, report.scope) == (
        None,
        "by themselves those touched are not found as they are among all",
    )
    assert (report.found, fresh.states()) == (1, {A: "cleared", B: "open"})


def test_what_a_rule_asks_of_everybody_has_everybody_judged_once_the_answer_is_another(fresh: World) -> None:
    asked = FARTHER.replace("(select count(*) from assistance) > 2", ":many").replace(
        "[[example]]", '[everybody]\nmany = "select count(*) > 3 from assistance"\n[[example]]'
    )
    rule = read_rule(asked, "tiny.sql")
    assert fresh.check(rule, everybody=False).found == 0
    fresh.deliver("civil_affairs/more", "assistance", {"person": "D"})
    report = fresh.check(rule, everybody=False)
    assert (report.judged_again, report.found) == (None, 3)
    fresh.deliver("human_resources/more", "enrollment", {"person": "A", "starts_on": OCTOBER})
    report = fresh.check(rule, everybody=False)
    assert (report.judged_again, report.found) == (1, 2)
    agrees(fresh, report, rule)


AMONG = """
/*
id         = "X02"
title      = "On the couriers' roll, not enrolled (测试)"
subject    = "employer"
severity   = "low"
among      = ["transport/courier"]
basis      = ["测试"]
needs      = ["transport/courier", "human_resources/enrollment"]
explanation = { zh = "测试", en = "test" }
[[example]]
why        = "somebody on the roll and not enrolled"
today      = 2026-11-21
employment = [{ person = "A", employer = "Shop" }]
finds      = ["Shop"]
*/
select employment.employer_key as subject_key, employment.employer_key, 'FOUND' as verdict,
       array_agg(employment) as employment
from employment
left join (select distinct person_key from enrollment) as enrolled on enrolled.person_key = employment.person_key
where enrolled.person_key is null
group by employment.employer_key;
"""


def test_a_rule_about_listed_employers_is_asked_of_no_others(fresh: World) -> None:
    rule = read_rule(AMONG, "among.sql")
    fresh.deliver(
        "transport/courier", "employment", {"person": "X", "employer": "Shop"}, {"person": "Y", "employer": "Shop"}
    )
    assert fresh.check(rule, everybody=False).found == 1
    fresh.deliver(
        "human_resources/more",
        "enrollment",
        *({"person": p, "employer": e, "starts_on": OCTOBER} for p, e in zip("XZ", ("Shop", "Mill"), strict=True)),
    )
    report = fresh.check(rule, everybody=False)
    assert (report.judged_again, report.found) == (1, 1)
    agrees(fresh, report, rule)
    fresh.deliver("transport/more", "employment", {"person": "V", "employer": "Mill"})
    assert fresh.check(rule, everybody=False).judged_again == 0, "as long as it says the truth of itself"


def test_beside_a_rule_about_all_employers_one_about_listed_ones_is_asked_of_these_alone(fresh: World) -> None:
    said_of_all = AMONG.replace('among      = ["transport/courier"]\n', "").replace("X02", "X03")
    couriers = AMONG.replace("where enrolled", "where employment.kind = 'courier' and enrolled")
    both = [read_rule(couriers, "among.sql"), read_rule(said_of_all, "every.sql")]

    def checked() -> tuple[RunReport, ...]:
        parts = {"reader": fresh.reader, "writer": fresh.writer, "signer": fresh.signer, "today": TODAY}
        return tuple(check(both, **parts, region="371082", parameters=PARAMETERS, everybody=False))

    fresh.deliver("transport/courier", "employment", {"person": "X", "employer": "Shop", "kind": "courier"})
    fresh.deliver("transport/more", "employment", {"person": "V", "employer": "Mill", "kind": "driver"})
    checked()
    enrolled = ({"person": p, "employer": e, "starts_on": OCTOBER} for p, e in zip("XV", ("Shop", "Mill"), strict=True))
    fresh.deliver("human_resources/more", "enrollment", *enrolled)
    listed, every = checked()
    assert (listed.judged_again, every.judged_again, every.cleared) == (1, 2, 2)
    fresh.deliver("human_resources/other", "enrollment", {"person": "W", "employer": "Mill", "starts_on": OCTOBER})
    listed, every = checked()
    assert (listed.judged_again, listed.scope, every.judged_again) == (0, "nobody it speaks of is touched", 1)


@pytest.mark.parametrize(
    "wrong",
    [('among      = ["transport/courier"]', 'among      = ["transport/driver"]'), ('= "employer"', '= "person"')],
    ids=["a delivery that it does not ask for", "a rule about persons"],
)
def test_among_names_deliveries_that_a_rule_about_employers_asks_for(wrong: tuple[str, str]) -> None:
    assert wrong[0] in AMONG
    with pytest.raises(DeclarationError, match="'among' is for rules about employers"):
        read_rule(AMONG.replace(*wrong), "among.sql")


def test_a_rule_that_says_it_looks_farther_is_judged_whole_only_where_what_it_reads_has_changed(fresh: World) -> None:
    farther = read_rule(
        FARTHER.replace('severity   = "low"', 'severity   = "low"\nwhole = "how many are assisted"'), "tiny.sql"
    )
    fresh.check(farther, everybody=False)
    fresh.deliver("tax/payroll", "payroll", {"person": "A", "employer": "Shop", "month": OCTOBER, "yuan": 1})
    assert fresh.check(farther, everybody=False).judged_again == 0
    fresh.deliver("human_resources/more", "enrollment", {"person": "A", "starts_on": OCTOBER})
    report = fresh.check(farther, everybody=False)
    assert (report.judged_again, report.scope, report.found) == (None, "how many are assisted", 1)


def test_where_most_are_touched_everybody_is_judged(fresh: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(touched, "FEW", 1)
    fresh.check(everybody=False)
    fresh.deliver("human_resources/more", "enrollment", *({"person": p, "starts_on": OCTOBER} for p in "AB"))
    report = fresh.check(everybody=False)
    assert (report.judged_again, report.scope, report.found) == (None, "most are touched", 0)
