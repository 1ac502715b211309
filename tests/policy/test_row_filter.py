"""The row filter of a statement and the decision about one row are the same predicates: tried on real rows."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres import Database

from hub.policy import Predicate, holds, where
from hub.policy.masks import MASKS
from hub.terms import is_under

REGIONS = ["371082", "371082001", "371082107", "371082107003", "371083", "371000", "370000", "150302", "320900"]
AREAS = ["371082001", "371082107", "371082400", "37108210", "%", "_", "371082107'"]
STATUSES = ["normal", "dead", "moved_out"]
DAYS = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2), date(9999, 12, 31)]
DELIVERIES = ["civil_affairs/low_income", "civil_affairs/destitute", "civil_affairs/cremation"]
LINEAGE = "delivery_id, batch_id, row_no, digest, known_from"
FACT = "{delivery}, 1, 1, '00000000-0000-0000-0000-000000000000', '2026-01-01'"


class People(list[tuple[dict[str, Any], frozenset[str]]]):
    """Each row of person, and the deliveries that name its subject now."""

    __repr__ = object.__repr__  # a failing example need not print them all


class Session:
    """One asyncpg connection, the driver of the request path, used from tests that are not asynchronous."""

    def __init__(self, dsn: dict[str, Any]) -> None:
        self.runner = asyncio.Runner()
        self.connection: Any = self.runner.run(asyncpg.connect(**dsn))

    def fetch(self, statement: str, *values: Any) -> list[Any]:
        return self.runner.run(self.connection.fetch(statement, *values))

    def close(self) -> None:
        self.runner.run(self.connection.close())
        self.runner.close()


@pytest.fixture(scope="module")
def session(database: Database) -> Iterator[Session]:
    session = Session(database.dsn("reader"))
    yield session
    session.close()


@pytest.fixture(scope="module")
def people(database: Database, session: Session) -> "People":
    """Persons with every column possibly null, each with the deliveries that now name it; some were named once."""
    random = Random(7)  # noqa: S311 -- the same persons every time
    for number, name in enumerate(DELIVERIES, 1):
        database.execute(
            "insert into delivery (id, name, title, owner, cadence, target) overriding system value "
            "values (%s, %s, 't', 'o', 'monthly', 'assistance')",
            number,
            name,
        )
    listed: dict[UUID, set[str]] = {}
    for number in range(120):
        key = UUID(int=number + 1)
        row = [random.choice([None, *values]) for values in (REGIONS, AREAS, DAYS)]
        database.execute(
            "insert into person (person_key, resident_id_masked, name_masked, sealed, region, area, status_on, status, "
            f"{LINEAGE}) values (%s, '', '', '', %s, %s, %s, %s, {FACT.format(delivery=1)})",
            key,
            *row,
            random.choice(STATUSES),
        )
        listed[key] = set()
        for delivery, name in enumerate(DELIVERIES, 1):
            state = random.choice(["now", "once", "never", "never"])
            if state == "never":
                continue
            until = "9999-12-31" if state == "now" else "2026-02-01"
            database.execute(
                f"insert into assistance (person_key, kind, certificate_no, starts_on, ends_on, state, {LINEAGE}, "
                f"known_until) values (%s, 'low_income', 'c', '2026-01-01', '9999-12-31', 'active', "
                f"{FACT.format(delivery=delivery)}, %s)",
                key,
                f"{until} 00:00:00+00",
            )
            if state == "now":
                listed[key].add(name)
    rows = [dict(row) for row in session.fetch("select * from facts_now.person")]
    return People((row, frozenset(listed[row["person_key"]])) for row in rows)


def some(values: list[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3).map(tuple)


def one(values: list[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.sampled_from(values).map(lambda value: (value,))


def on(column: str, op: str, values: st.SearchStrategy[tuple[Any, ...]]) -> st.SearchStrategy[Predicate]:
    return values.map(lambda chosen: Predicate("Person", column, op, chosen))  # type: ignore[arg-type]


PREDICATES = st.one_of(
    on("region", "in", some(REGIONS)),
    on("region", "under", some(REGIONS)),
    on("area", "under", some(REGIONS)),
    on("area", "in", some(AREAS)),
    on("area", "equals", one(AREAS)),
    on("status", "equals", one(STATUSES)),
    on("status", "in", some(STATUSES)),
    on("status_on", "equals", one(DAYS)),
    on("status_on", "in", some(DAYS)),
    on("status_on", "since", one(DAYS)),
    on("known_from", "since", one(DAYS)),
    on("sex", "equals", one(["male"])),  # null everywhere
    some(DELIVERIES).map(lambda names: Predicate("Person", None, "listed_in", names)),
    st.just(Predicate("Person", None, "everyone")),
    st.just(Predicate("Person", None, "reached")),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PREDICATES, max_size=3), st.booleans())
def test_the_filter_gives_the_rows_that_the_decision_gives(
    session: Session, people: "People", predicates: list[Predicate], reached: bool
) -> None:
    values: list[Any] = []

    def parameter(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    def listed(names: tuple[str, ...], alias: str) -> str:
        return (
            "exists (select from facts_now.assistance fact join delivery on delivery.id = fact.delivery_id "
            f"where fact.person_key = {alias}.person_key and delivery.name = any({parameter(list(names))}))"
        )

    condition = where(predicates, "asked", parameter, listed, reached=reached)
    rows = session.fetch(f"select person_key from facts_now.person asked where {condition}", *values)
    expected = {row["person_key"] for row, names in people if holds(predicates, row, reached=reached, listed=names)}
    assert {row["person_key"] for row in rows} == expected


def test_the_rows_are_not_all_alike(people: "People") -> None:
    """So that the test above can tell: some are given, some are not, by each kind of predicate."""
    for predicate in (
        Predicate("Person", "region", "under", ("371082",)),
        Predicate("Person", "area", "in", ("371082107", "%")),
        Predicate("Person", "status_on", "since", (date(2026, 1, 2),)),
        Predicate("Person", None, "listed_in", (DELIVERIES[0],)),
    ):
        found = [holds([predicate], row, listed=names) for row, names in people]
        assert 0 < sum(found) < len(found)


@given(st.sampled_from(REGIONS), st.sampled_from(REGIONS))
def test_under_means_what_the_terms_say(code: str, ancestor: str) -> None:
    assert holds([Predicate("Person", "region", "under", (ancestor,))], {"region": code}) == is_under(code, ancestor)


@pytest.mark.parametrize(
    ("predicate", "row"),
    [
        (Predicate("T", "area", "in", ("x",)), {}),
        (Predicate("T", "area", "in", ("x",)), {"area": None}),
        (Predicate("T", "count", "equals", (True,)), {"count": 1}),
        (Predicate("T", "open", "equals", (1,)), {"open": True}),
        (Predicate("T", "region", "under", ("371082",)), {"region": 371082}),
        (Predicate("T", "at", "since", (date(2026, 1, 1),)), {"at": "2026-12-31"}),
        (Predicate("T", "at", "since", (date(2026, 1, 1),)), {"at": datetime(2025, 12, 31, 23, 59, tzinfo=UTC)}),
        (Predicate("T", None, "listed_in", ("a/b",)), {"listed_in": ["a/b"]}),
        (Predicate("T", None, "reached"), {"reached": True}),
    ],
)
def test_what_is_not_said_is_not_given(predicate: Predicate, row: dict[str, Any]) -> None:
    assert holds([predicate], row) is False


def test_all_conditions_of_a_type_must_hold() -> None:
    everyone, reached = Predicate("T", None, "everyone"), Predicate("T", None, "reached")
    assert holds([everyone], {})
    assert not holds([everyone, reached], {})
    assert holds([everyone, reached], {}, reached=True)


VALUES: dict[str, list[Any]] = {
    "identifier": ["11010519491231002X", "13800001111", "12345678", "1234567", "张", ""],
    "name": ["张", "张三", "欧阳某某", "阿依古丽·某某", "Anna Maria", "", "𠮷某"],
    "text": ["x", "", "  ", "　", "\t"],
    "date": [date(1966, 3, 8), date(2000, 1, 1), date(1999, 12, 31), date(9999, 12, 31)],
    "region": ["371082107003", "371082107", "371082", ""],
}
TYPES = {"identifier": "text", "name": "text", "text": "text", "region": "text", "date": "date", "amount": "numeric"}
CASES = [
    (name, kind, value)
    for name, mask in MASKS.items()
    for kind in sorted(mask.kinds - {"amount"})
    for value in [*VALUES[kind], None]
]


@pytest.mark.parametrize(("name", "kind", "value"), CASES)
def test_a_mask_is_the_same_in_sql_and_in_python(session: Session, name: str, kind: str, value: Any) -> None:
    expression = MASKS[name].sql("t.x")
    text = None if value is None else str(value)
    [(masked,)] = session.fetch(f"select {expression} from (select $1::text::{TYPES[kind]} as x) t", text)
    assert masked == MASKS[name].apply(value)


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9))
def test_a_band_is_the_same_in_sql_and_in_python(session: Session, amount: Any) -> None:
    [(masked,)] = session.fetch(f"select {MASKS['band'].sql('t.x')} from (select $1::numeric as x) t", amount)
    assert masked == MASKS["band"].apply(amount)
    assert masked <= amount < masked + 1000
