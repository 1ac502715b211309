"""Whatever is asked, under whatever grant: the planned answer is the one that walking the rows gives.

Queries are drawn over the schema (fragments, aliases, conditions, links, collections, pages with filters and cursors),
grants over its fields, masks and row conditions. Compared are the answer, the refusal, and the number of persons that
the log says were shown.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

import orjson
import pytest
from drawn import AREAS, ATTRIBUTES, CONNECTIONS, FILTERS, LOOKUPS, Question, documents, grants
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres import Database
from query_city import KNOWN, OPEN, TODAY, City, give, hub, resident_id, uscc  # noqa: F401
from slow_answer import SCALARS, WAYS, Slow, Store, merged
from sqlalchemy import Connection, insert, text

from hub.policy import MASKS, Asked, decide
from hub.query.opaque import Opaque
from hub.sealing import Keyring
from hub.store import NO_EMPLOYER, person
from hub.store import employer as employers
from hub.store import finding as findings
from hub.terms import canonical_document

NAMES = count()
EXAMPLES = 200

# -- a city with something of everything: nulls, former rows, closed spells, persons that only two deliveries know ------


@pytest.fixture(scope="module")
def city(database: Database, keyring: Keyring) -> City:
    with database.engine("owner").begin() as connection:
        city = City(connection, keyring)
        for name, target in {
            "public_security/population": "person",
            "civil_affairs/low_income": "assistance",
            "market_supervision/registration": "employer",
            "human_resources/enrollment": "enrollment",
            "tax/registration": "employer_account",
        }.items():
            city.delivery(name, target)
        works = [_employer(city, number) for number in range(5)]
        people = [_person(city, number) for number in range(12)]
        for number, key in enumerate(people):
            for spell in range(number % 4):
                city.enrolled(
                    key,
                    ("employee_pension", "injury", "resident_pension")[spell],
                    works[(number + spell) % 4] if spell < 2 else NO_EMPLOYER,
                    starts_on=date(2024, 1 + spell, 1),
                    ends_on=OPEN if (number + spell) % 3 else date(2025, 6, 1),
                    state=("active", "suspended", "ended")[(number * spell) % 3],
                    contribution_base=None if number == 5 else 4321.5 + 700 * number,
                    paid_on_behalf=(None, True, False)[number % 3],
                )
            if number % 3 == 0:
                city.assisted(key)
        for number, key in enumerate([*people[:4], *works[:3], works[0]]):
            _finding(city, number, key, is_person=number < 4)
    return city


def _employer(city: City, number: int) -> UUID:
    number_text = uscc(number)
    key = city.keyring.employer_key(number_text)
    sealed = orjson.dumps({"name": f"法人{number}", "resident_id": resident_id(800 + number)})
    city.employer(
        number_text,
        f"单位{number}",
        area=AREAS[number % 3],
        kind=("enterprise", "branch")[number % 2],
        registered_on=None if number == 3 else date(2020 + number, 2, 3),
        staff_declared=None if number == 1 else number * 10,
        legal_representative=None if number == 2 else city.keyring.seal(sealed, b"employer:" + key.bytes),
        legal_representative_masked=None if number == 2 else "法**",
    )
    for kind in ("social_insurance", "tax")[: number % 3]:
        city.connection.execute(
            insert(employers.employer_account).values(
                employer_key=key, kind=kind, insurance="", account_no=f"A{number}", state="normal", ends_on=OPEN,
                headcount=number, **city._lineage("tax/registration"),
            )
        )  # fmt: skip
    return key


def _person(city: City, number: int) -> UUID:
    resident, name = resident_id(number + 1), f"王{number}" if number != 7 else "李"
    key = city.key(resident)
    content = orjson.dumps(
        {"resident_id": resident, "name": name, "phone": None if number % 5 == 0 else f"1390000{number:04d}"}
    )
    row = {
        "person_key": key,
        "resident_id_masked": MASKS["last4"].python(resident),
        "name_masked": MASKS["surname"].python(name),
        "sealed": city.keyring.seal(content, b"person:" + key.bytes),
        "sex": ("male", "female", None)[number % 3],
        "birth_on": None if number == 4 else date(1980 + number, 5, 6),
        "region": None if number == 9 else AREAS[number % 3] + "001",
        "area": None if number == 9 else AREAS[number % 3],
        "status": "normal" if number % 4 else "dead",
    }
    current = row | city._lineage("public_security/population")
    city.connection.execute(insert(person.person).values(current))
    former = current | {"area": AREAS[0], "status": "normal", "known_until": datetime(2026, 11, 6, tzinfo=UTC)}
    city.connection.execute(insert(person.person).values(former))
    return key


def _finding(city: City, number: int, key: UUID, *, is_person: bool) -> None:
    own = {"subject_key": key, "id": UUID(int=number * 7919 + 1)}
    city.connection.execute(
        insert(findings.finding).values(
            **own, rule=f"rule{number % 2}", subject="person" if is_person else "employer", matter="",
            state=("open", "cleared")[number % 2], severity="high", area=AREAS[number % 3], region="371082",
            person_key=key if is_person else None, employer_key=None if is_person else key,
            values={"figure": number, "text": "数"}, opened_at=KNOWN, seen_at=KNOWN, run_id=1,
        )
    )  # fmt: skip
    for run in range(1, 1 + number % 3):
        for position in range(1, 3):
            city.connection.execute(
                insert(findings.finding_evidence).values(
                    subject_key=key, finding_id=own["id"], run_id=run, position=position, fact="enrollment", batch_id=1,
                    row_no=run * 10 + position, person_key=city.key(resident_id(position + run)), row={"state": "active"},
                )
            )  # fmt: skip


# -- what must come -----------------------------------------------------------------------------------------------------


def coordinates(kind: str, selection: Any) -> Iterator[tuple[str, str]]:
    """What is picked of a type and of those it leads to, conditions counted."""
    for one in merged(selection, kind).values():
        if one.name != "__typename":
            yield kind, one.name
        if (kind, one.name) in WAYS:
            yield from coordinates(WAYS[kind, one.name].to, one.inner)


def asked(question: Question) -> Iterator[tuple[str, str]]:
    """The coordinates picked under a root."""
    if question.root == "node":
        for kind in ("Person", "Employer"):
            yield from coordinates(kind, question.picked.inner)
    elif question.root not in CONNECTIONS:
        yield from coordinates(LOOKUPS[question.root][0], question.picked.inner)
    else:
        kind = CONNECTIONS[question.root]
        for outer in merged(question.picked.inner, f"{kind}Connection").values():
            if outer.name == "nodes":
                yield from coordinates(kind, outer.inner)
            elif outer.name == "edges":
                for one in merged(outer.inner, f"{kind}Edge").values():
                    yield from coordinates(kind, one.inner)


def filtered(question: Question) -> Iterator[tuple[str, str]]:
    """The coordinates that a page is filtered by."""
    known = FILTERS.get(question.root, {})
    for name in question.picked.args:
        if name in known:
            kind, _, one = known[name][0].partition(".")
            yield kind, one


def answer(slow: Slow, question: Question, after: Any) -> tuple[Any, Any]:
    """What a root should answer; of a page also the row it ends at, where more follow."""
    root, picked = question.root, question.picked
    if root in CONNECTIONS:
        return slow.page(root, CONNECTIONS[root], picked, after)
    kind = picked.name if root == "node" else LOOKUPS[root][0]
    if kind == "Person":
        key, column = slow.keyring.person_key(_document(next(iter(picked.args.values())))), "person_key"
    else:
        key, column = slow.keyring.employer_key(next(iter(picked.args.values()))), "employer_key"
    rows = [
        one
        for one in slow.store.tables[SCALARS[kind][0]]
        if one[column] == key and slow.given(kind, one, reached=False)
    ]
    return (slow.show(kind, rows[0], picked.inner) if rows else None), None


def _document(number: str) -> str:
    return canonical_document("resident_id", number)


class Trial:
    """A hub, and what it should say. No dataclass: an example that fails is to be told without the city."""

    def __init__(self, hub: Any, give: Any, keyring: Keyring, log: Connection) -> None:
        self.hub, self.give, self.keyring, self.log = hub, give, keyring, log
        self.store = Store.read(log)

    def shown_by(self, told: Any) -> int:
        """How many persons the log says that an answer showed."""
        event = told.extensions["receipt"]["event"]
        statement = text("select persons from audit_event where event_id = :event")
        return int(self.log.execute(statement, {"event": event}).scalar_one())


@pytest.fixture
def trial(hub: Any, give: Any, database: Database, keyring: Keyring, city: City) -> Iterator[Trial]:
    with database.engine("owner").connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield Trial(hub, give, keyring, connection)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(grant=grants(), drawn=st.lists(documents(), min_size=1, max_size=2))
def test_a_planned_answer_is_what_walking_the_rows_gives(trial: Trial, grant: str, drawn: Any) -> None:
    name = trial.give(f"draw/g{next(NAMES)}", grant, **ATTRIBUTES)
    declared, client = trial.hub.grants[name], trial.hub.clients["draw"]
    for document, questions, variables_drawn in drawn:
        fields_asked = {one for question in questions for one in asked(question)}
        filters = {one for question in questions for one in filtered(question)}
        lacking = [one for one in fields_asked if not declared.gives(*one) or not declared.rows.get(one[0])]
        lacking += [one for one in filters if not declared.gives(*one) or declared.mask(*one)]
        decision = decide(declared, client, Asked(fields=frozenset(fields_asked - set(lacking))), TODAY)
        variables = {one: _value(trial.keyring, value) for one, (_, value) in variables_drawn.items()}
        ends: dict[str, Any] = {}
        for _ in range(3):  # the first pages, and those behind them
            told = trial.hub.ask(document, variables, grant=name)
            if lacking:
                assert (told.status, told.data) == (403, None), told.json
                break
            slow = Slow(trial.store, trial.keyring, "draw", name, decision.masks, decision.rows)
            expected = {}
            for question in questions:
                expected[question.key], end = answer(slow, question, ends.get(question.key))
                ends[question.key] = end or ends.get(question.key)
            assert told.data == expected, told.messages
            assert trial.shown_by(told) == len(slow.shown)
            following = _cursors(document, questions, told.data)
            if not following:
                break
            variables |= following


def _value(keyring: Keyring, value: Any) -> Any:
    """A variable's value: of a pair, the global id of what it names."""
    if not isinstance(value, tuple):
        return value
    kind, number = value
    key = keyring.person_key(_document(number)) if kind == "Person" else keyring.employer_key(number)
    return Opaque(keyring).identity(kind.lower(), key, "draw")


def _cursors(document: str, questions: list[Question], data: Any) -> dict[str, str]:
    """The cursor of each page that has a next one, by the variable that takes it."""
    return {
        document.partition(f"{one.key}: {one.root}(")[2].partition("after: $")[2].partition(",")[0].partition(")")[0]: data[one.key]["end_"]["endCursor"]
        for one in questions
        if one.root in CONNECTIONS and data[one.key]["end_"]["hasNextPage"]
    }  # fmt: skip
