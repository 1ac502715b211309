"""How a batch is joined with what is known: well, whatever statistics the database has."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from intake_factory import Desk, population, resident_id, uscc
from postgres import libpq
from psycopg import connect
from psycopg.sql import SQL, Composed

from hub.intake import projection, read_connector, store, tables

ROOT = Path(__file__).resolve().parents[2]
DELIVERIES = ("public_security/population", "tax/payroll", "human_resources/contribution", "tax/collection")
MONTH = "'2026-09-01'"
KNOWN = """
insert into payroll (person_key, month, employer_key, income, yuan, delivery_id, batch_id, row_no, digest, known_from)
select gen_random_uuid(), '2026-09-01', gen_random_uuid(), 'wage', 1, %s, 1, n, gen_random_uuid(), now()
from generate_series(1, %s) n
"""


@contextmanager
def writer(desk: Desk) -> Iterator[store.Cursor]:
    with connect(libpq(desk.database.url)) as connection, connection.cursor() as cursor:
        cursor.execute("set role hub_writer")
        yield cursor


def know(desk: Desk, *, analyzed: bool = False) -> None:
    """Fill payroll, without the planner being told; ``analyzed``: it was told of what was there before, of another."""
    desk.database.execute("alter table payroll set (autovacuum_enabled = off)")
    if analyzed:
        desk.database.execute(KNOWN, 7, 200)
        desk.database.execute("analyze payroll")
    desk.database.execute(KNOWN, 1, 20_000)


def plan_of(cursor: store.Cursor, statement: Composed) -> str:
    cursor.execute(SQL("explain ") + SQL(statement.as_string(cursor).replace("%s", "null")))
    return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_many_rows_are_never_looped_over_in_a_new_table(delivery: str, desk: Desk) -> None:
    connector = read_connector(ROOT, delivery)
    with writer(desk) as cursor:
        tables.make_staging(cursor, connector)
        store.plan(cursor, 100_000, connector.target)
        for statement in store.facts_statements(connector, 1):
            assert "Nested Loop" not in plan_of(cursor, statement)


def staged(cursor: store.Cursor, rows: int) -> None:
    """Stage so many of the known facts of payroll, with other values."""
    tables.make_staging(cursor, read_connector(ROOT, "tax/payroll"))
    cursor.execute(
        "insert into staging (row_no, person_key, month, employer_key, income, digest) select row_no,"
        " person_key, month, employer_key, income, gen_random_uuid() from payroll limit %s",
        [rows],
    )
    cursor.execute("analyze staging (person_key, month, employer_key, income)")


def compares_all_pairs(plan: str) -> bool:
    """Whether a plan holds each staged row against each known one."""
    looked_up = re.search(r"Index Cond: .*\(person_key = \w+\.person_key\)", plan)
    return "Nested Loop" in plan and not looked_up


@pytest.mark.parametrize("analyzed", [False, True], ids=["never analyzed", "analyzed while it was small"])
@pytest.mark.parametrize("rows", [1, 20, 50, 200, 2_000, 20_000])
def test_no_staged_row_is_held_against_each_known_one(rows: int, analyzed: bool, desk: Desk) -> None:
    know(desk, analyzed=analyzed)
    with writer(desk) as cursor:
        staged(cursor, rows)
        store.plan(cursor, rows, "payroll")
        for statement in store.facts_statements(read_connector(ROOT, "tax/payroll"), 1):
            assert not compares_all_pairs(plan_of(cursor, statement))


def test_left_alone_the_planner_would_hold_them_against_each_other(desk: Desk) -> None:
    know(desk, analyzed=True)
    with writer(desk) as cursor:
        staged(cursor, 200)
        supersede, _, _ = store.facts_statements(read_connector(ROOT, "tax/payroll"), 1)
        assert compares_all_pairs(plan_of(cursor, supersede))


def test_a_few_rows_are_looked_up_in_a_large_table_without_statistics(desk: Desk) -> None:
    know(desk)
    with writer(desk) as cursor:
        staged(cursor, 20)
        store.plan(cursor, 20, "payroll")
        supersede, new, _ = store.facts_statements(read_connector(ROOT, "tax/payroll"), 1)
        for statement in (supersede, new):
            plan = plan_of(cursor, statement)
            assert "Seq Scan on payroll" not in plan
            assert "(person_key = s.person_key)" in plan.split("pk_payroll")[1]


def test_the_months_of_a_few_rows_are_looked_up_too(desk: Desk) -> None:
    know(desk)
    with writer(desk) as cursor:
        cursor.execute(
            "create temp table touched on commit drop as select employer_key, month, person_key from payroll limit 20"
        )
        cursor.execute("analyze touched")
        store.plan(cursor, 20, *projection.SOURCES)
        fresh = SQL(projection.FRESH.as_string(cursor).replace("%(first)s", MONTH).replace("%(last)s", MONTH))
        plan = plan_of(cursor, Composed([fresh]))
        assert "Seq Scan on payroll" not in plan
        assert "(person_key = t.person_key)" in plan.split("pk_payroll")[1]


def test_the_size_of_a_table_is_that_of_its_partitions(desk: Desk) -> None:
    desk.database.execute(
        "insert into contribution (person_key, month, insurance, employer_key, kind, paid, delivery_id, batch_id,"
        " row_no, digest, known_from) select gen_random_uuid(), '2026-01-01', 'injury', gen_random_uuid(), 'regular',"
        " true, 1, 1, n, gen_random_uuid(), now() from generate_series(1, 2000) n"
    )
    with writer(desk) as cursor:
        store.plan(cursor, 3, "contribution")
        assert setting(cursor, "enable_nestloop") == "on"
        assert setting(cursor, "enable_hashjoin") == "off"
        store.plan(cursor, 2_000, "contribution")
        assert setting(cursor, "enable_nestloop") == "off"
        assert setting(cursor, "enable_hashjoin") == "on"
        store.as_usual(cursor)
        assert {setting(cursor, f"enable_{join}") for join in ("nestloop", "hashjoin", "mergejoin")} == {"on"}


def setting(cursor: store.Cursor, name: str) -> Any:
    return (cursor.execute(SQL("select current_setting(%s)"), [name]).fetchone() or (None,))[0]


def test_a_load_that_changes_much_renews_the_statistics_where_the_server_lets_the_writer(desk: Desk) -> None:
    [(version,)] = desk.database.execute("select current_setting('server_version_num')::int")
    desk.rows("public_security/population", population(range(50)))
    known = desk.database.execute("select reltuples from pg_class where oid = 'person'::regclass")
    assert known == ([(50,)] if version >= 170_000 else [(-1,)])
    desk.rows("public_security/population", population(range(51)), period=date(2026, 11, 1))
    assert desk.database.execute("select reltuples from pg_class where oid = 'person'::regclass") == known


def test_what_a_correction_touches_is_made_anew_and_nothing_else(desk: Desk) -> None:
    def paid(number: int, income: str, employer: int = 1) -> dict[str, str]:
        return {
            "扣缴义务人识别号": uscc(employer), "扣缴义务人名称": "示例公司", "姓名": "某某", "证件类型": "居民身份证",
            "证件号码": resident_id(number), "税款所属期起": "2026-10", "所得项目": "正常工资薪金", "本期收入": income,
        }  # fmt: skip

    desk.rows("tax/payroll", [paid(1, "5000"), paid(2, "5000"), paid(2, "300", 2)])
    before = dict(desk.database.execute("select (person_key, employer_key)::text, xmin::text from employment_month"))
    desk.rows("tax/payroll", [paid(2, "6000"), paid(1, "5000")])
    after = desk.database.execute("select (person_key, employer_key)::text, xmin::text, wage from employment_month")
    assert [wage for key, xmin, wage in after if before[key] != xmin] == [6000]
    assert sorted(wage for _, _, wage in after) == [300, 5000, 6000]
