"""Whatever is asked, under whatever grant: the planned answer is the one that walking the rows gives.

Queries are drawn over the schema (fragments, aliases, conditions, links, collections, pages with filters and cursors),
grants over its fields, masks and row conditions. Compared are the answer, the refusal, and the number of persons that
the log says were shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres import Database
from query_city import KNOWN, OPEN, TODAY, City, give, hub, resident_id, uscc  # noqa: F401
from slow_answer import SCALARS, SEALED, WAYS, Fragment, Picked, Slow, Store, merged
from sqlalchemy import Connection, insert, text

from hub.policy import MASKS, Asked, decide
from hub.query.opaque import Opaque
from hub.sealing import Keyring
from hub.store import NO_EMPLOYER
from hub.store import employer as employers
from hub.store import finding as findings
from hub.store import insurance, person

NAMES = count()
EXAMPLES = 60
AREAS = ("371082001", "371082100", "371082107")

# -- a city with something of everything: nulls, former rows, closed spells, persons that only two deliveries know ------


@pytest.fixture(scope="module")
def city(database: Database, keyring: Keyring) -> Iterator[City]:
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
    yield city


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
                headcount=number, **city._lineage("tax/registration"),  # noqa: SLF001
            )
        )  # fmt: skip
    return key


def _person(city: City, number: int) -> UUID:
    resident, name = resident_id(number + 1), f"王{number}" if number != 7 else "李"
    key = city.key(resident)
    content = orjson.dumps({"resident_id": resident, "name": name, "phone": None if number % 5 == 0 else f"1390000{number:04d}"})
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
    current = row | city._lineage("public_security/population")  # noqa: SLF001
    city.connection.execute(insert(person.person).values(current))
    former = current | {"area": AREAS[0], "status": "normal", "known_until": datetime(2026, 11, 6, tzinfo=UTC)}
    city.connection.execute(insert(person.person).values(former))
    return key


def _finding(city: City, number: int, key: UUID, *, is_person: bool) -> None:
    own = {"subject_key": key, "id" if True else "": UUID(int=number * 7919 + 1)}
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


# -- grants -------------------------------------------------------------------------------------------------------------

TYPES = tuple(SCALARS)
PLAIN = {kind: [*columns, *(name for of, name in SEALED if of == kind)] for kind, (_, columns) in SCALARS.items()}
FIELDS = [
    (kind, name)
    for kind in TYPES
    for name in [*PLAIN[kind], *(["id"] if kind in {"Person", "Employer"} else []), *(n for k, n in WAYS if k == kind)]
]
SUITED = {
    ("Person", "residentId"): ("last4", "yes_no"), ("Person", "name"): ("surname", "yes_no"), ("Person", "phone"): ("last4",),
    ("Person", "birthOn"): ("year",), ("Person", "region"): ("area",), ("Person", "area"): ("area",),
    ("Enrollment", "startsOn"): ("year",), ("Enrollment", "endsOn"): ("year",), ("Enrollment", "contributionBase"): ("band",),
    ("Employer", "uscc"): ("last4", "yes_no"), ("Employer", "name"): ("surname",), ("Employer", "registeredOn"): ("year",),
    ("Employer", "legalRepresentative"): ("surname", "yes_no"), ("EmployerAccount", "accountNo"): ("last4",),
}  # fmt: skip
EVERYONE, REACHED = "everyone = true", "reached = true"
ASSISTED = 'listed_in = ["civil_affairs/low_income", "nobody/nothing"]'
HERE = f'column = "area"\nin = ["{AREAS[0]}", "{AREAS[2]}"]'
MINE = 'column = "area"\nin = ["$client.area"]'
CONDITIONS = {
    "Person": [EVERYONE, REACHED, ASSISTED, HERE, MINE, 'column = "region"\nunder = ["371082107"]', 'column = "birth_on"\nsince = 1984-05-06'],
    "Enrollment": [EVERYONE, REACHED, ASSISTED, 'column = "paid_on_behalf"\nequals = true', 'column = "starts_on"\nequals = 2024-01-01'],
    "Assistance": [EVERYONE, REACHED],
    "Employer": [EVERYONE, REACHED, HERE, 'column = "registered_on"\nsince = "$client.since"', 'listed_in = ["tax/registration"]', 'column = "staff_declared"\nin = [0, 20]'],
    "EmployerAccount": [EVERYONE, REACHED, 'column = "kind"\nequals = "tax"'],
    "CrossCheck": [EVERYONE, REACHED, MINE],
    "Finding": [EVERYONE, REACHED, HERE, 'column = "subject"\nequals = "employer"'],
    "Evidence": [EVERYONE, REACHED, 'column = "position"\nequals = 1'],
}  # fmt: skip
ROOTS = ("person", "persons", "employer", "employers", "crossCheck", "findings", "node")
ATTRIBUTES = {"area": [AREAS[0], AREAS[1]], "since": "2021-01-01"}


@st.composite
def grants(draw: Any) -> str:
    """A grant that gives most of the schema, some of it masked, of each type some rows."""
    without = draw(st.sets(st.sampled_from(FIELDS), max_size=3))
    masked = draw(st.lists(st.sampled_from(sorted(SUITED)), max_size=5, unique=True))
    masks = {coordinate: draw(st.sampled_from(SUITED[coordinate])) for coordinate in masked}
    lines = [f"roots = {list(ROOTS)}".replace("'", '"')]
    for kind in TYPES:
        lines.append(f"[fields.{kind}]")
        for of, name in FIELDS:
            if of == kind and (kind, name) not in without:
                mask = masks.get((kind, name))
                lines.append(f'{name} = {{ mask = "{mask}" }}' if mask else f"{name} = {{}}")
    for kind, conditions in CONDITIONS.items():
        wanted = draw(st.one_of(st.just([EVERYONE]), st.lists(st.sampled_from(conditions), max_size=2, unique=True)))
        for condition in [EVERYONE] if EVERYONE in wanted else wanted:
            lines += [f"[[rows.{kind}]]", condition]
    return "\n".join([*lines, "[[rows.Delivery]]", EVERYONE])


# -- queries ------------------------------------------------------------------------------------------------------------

#: Response keys a client may choose: some of them are names that the engine's own statements use.
ALIASES = {
    "area": "t2", "name": "t3", "sex": "n", "state": "k", "employer": "t5", "nodes": "keys", "edges": "more", "node": "t1",
    "pageInfo": "position", "cursor": "t4", "kind": "total", "person": "j", "insurance": "answer", "rule": "row", "status": "t7",
}  # fmt: skip
CONNECTIONS = {"persons": "Person", "employers": "Employer", "findings": "Finding"}
FILTERS = {
    "persons": {"area": ("Person.area", AREAS), "status": ("Person.status", ("normal", "dead"))},
    "employers": {
        "kind": ("Employer.kind", ("enterprise", "x' or 1=1 --")),
        "registeredSince": ("Employer.registeredOn", ("2022-02-03", "9999-12-31", "0001-01-01")),
    },
    "findings": {"state": ("Finding.state", ("open",)), "rule": ("Finding.rule", ("rule1", "\\u0022"))},
}
LOOKUPS = {
    "person": ("Person", "residentId", [resident_id(number) for number in (1, 5, 10, 12, 900)]),
    "employer": ("Employer", "uscc", [uscc(number) for number in (0, 2, 3, 900)]),
    "crossCheck": ("CrossCheck", "uscc", [uscc(number) for number in (0, 1, 4)]),
}


@dataclass
class Written:
    """A document on the way: its fragments and variables."""

    fragments: list[str] = field(default_factory=list)
    variables: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def variable(self, kind: str, value: Any) -> str:
        name = f"v{len(self.variables)}"
        self.variables[name] = kind, value
        return f"${name}"


@dataclass(frozen=True)
class Question:
    """A root field; ``after`` is the variable of its cursor, where it is a page."""

    root: str
    key: str
    picked: Picked


@st.composite
def selections(draw: Any, written: Written, kind: str, names: list[str], depth: int) -> tuple[str, tuple[Any, ...]]:
    """Fields of a type, in text and as they are meant; some in fragments, some under a condition."""
    parts, meant = [], []
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=4)):
        says_it, picked = draw(fields(written, kind, name, depth))
        form = draw(st.sampled_from(["", "", "", "@", "...", "fragment", "Node"]))
        if form == "@":
            says, included = draw(conditions(written))
            head, brace, rest = text.partition(" {")
            text, picked = f"{head} {says}{brace}{rest}", Picked(picked.key, picked.name, picked.args, picked.inner, included)
        elif form == "Node" and kind in {"Person", "Employer"} and name == "id":
            text, picked = f"... on Node {{ {text} }}", Fragment("Node", (picked,))
        elif form in {"...", "fragment"}:
            says, included = draw(conditions(written))
            if form == "...":
                text = f"... {draw(st.sampled_from(['', f'on {kind} ']))}{says} {{ {text} }}"
            else:
                written.fragments.append(f"fragment F{len(written.fragments)} on {kind} {{ {text} }}")
                text = f"...F{len(written.fragments) - 1} {says}"
            picked = Fragment(kind, (picked,), included)
        parts.append(text)
        meant.append(picked)
    return " ".join(parts), tuple(meant)


@st.composite
def conditions(draw: Any, written: Written) -> tuple[str, bool]:
    directive, value = draw(st.sampled_from(["skip", "include"])), draw(st.booleans())
    says = written.variable("Boolean!", value) if draw(st.booleans()) else str(value).lower()
    return f"@{directive}(if: {says})", value == (directive == "include")


@st.composite
def fields(draw: Any, written: Written, kind: str, name: str, depth: int) -> tuple[str, Picked]:
    key, args, says, inner_text, inner = name, {}, "", "", ()
    if name in ALIASES and draw(st.booleans()):
        key = ALIASES[name]
    way = WAYS.get((kind, name))
    if way is not None:
        if way.order:
            size = draw(st.sampled_from([1, 2, 50]))
            args = {"first": size}
            key = f"{key}{size}"  # a key stands for one spelling, so that fields of one key always merge
            says = f"(first: {written.variable('Int!', size) if draw(st.booleans()) else size})"
        inner_text, inner = draw(selections(written, way.to, choices(way.to, depth - 1), depth - 1))
        inner_text = f" {{ {inner_text} }}"
    return f"{key}: {name}{says}{inner_text}" if key != name else f"{name}{says}{inner_text}", Picked(key, name, args, inner)


def choices(kind: str, depth: int) -> list[str]:
    ways = [name for of, name in WAYS if of == kind] if depth > 0 else []
    ids = ["id"] if kind in {"Person", "Employer"} else []
    return [*PLAIN[kind], *ids, *ways, *ways, "__typename"]


@st.composite
def pages(draw: Any, written: Written, number: int) -> tuple[str, Question]:
    root = draw(st.sampled_from(sorted(CONNECTIONS)))
    kind = CONNECTIONS[root]
    args: dict[str, Any] = {"first": draw(st.sampled_from([1, 2, 5, 50]))}
    says = [f"first: {args['first']}", f"after: {written.variable('String', None)}"]
    for name in draw(st.sets(st.sampled_from(sorted(FILTERS[root])), max_size=2)):
        args[name] = draw(st.sampled_from([None, *FILTERS[root][name][1]]))
        scalar = "Date" if name == "registeredSince" else "String"
        says.append(f"{name}: {written.variable(scalar, args[name])}")
    inner_text, inner = ["end_: pageInfo { hasNextPage endCursor }"], [Picked("end_", "pageInfo", {}, (Picked("hasNextPage", "hasNextPage", {}), Picked("endCursor", "endCursor", {})))]
    for name in draw(st.lists(st.sampled_from(["nodes", "edges", "pageInfo", "__typename"]), min_size=1, max_size=3)):
        key = ALIASES[name] if name in ALIASES and draw(st.booleans()) else name
        text, meant = "", ()
        if name == "nodes":
            text, meant = draw(selections(written, kind, choices(kind, 3), 3))
        elif name == "pageInfo":
            text, meant = "hasNextPage __typename", (Picked("hasNextPage", "hasNextPage", {}), Picked("__typename", "__typename", {}))
        elif name == "edges":
            node_text, node = draw(selections(written, kind, choices(kind, 2), 2))
            text, meant = f"t4: cursor node {{ {node_text} }} __typename", (Picked("t4", "cursor", {}), Picked("node", "node", {}, node), Picked("__typename", "__typename", {}))
        inner_text.append(f"{key}: {name}" + (f" {{ {text} }}" if text else ""))
        inner.append(Picked(key, name, {}, meant))
    picked = Picked(f"r{number}", root, args, tuple(inner))
    return f"r{number}: {root}({', '.join(says)}) {{ {' '.join(inner_text)} }}", Question(root, picked.key, picked)


@st.composite
def lookups(draw: Any, written: Written, number: int) -> tuple[str, Question]:
    root = draw(st.sampled_from([*LOOKUPS, "node"]))
    key = f"r{number}"
    if root == "node":
        wanted = draw(st.sampled_from(["Person", "Employer"]))
        _, argument, values = LOOKUPS[wanted.lower()]
        value = draw(st.sampled_from(values))
        halves = [(kind, *draw(selections(written, kind, choices(kind, 2), 2))) for kind in ("Person", "Employer")]
        text = " ".join(f"... on {kind} {{ {half} }}" for kind, half, _ in halves)
        meant = tuple(Fragment(kind, half) for kind, _, half in halves)
        says = written.variable("ID!", (wanted, value))
        return f"{key}: node(id: {says}) {{ {text} }}", Question(root, key, Picked(key, wanted, {"node": value}, meant))
    kind, argument, values = LOOKUPS[root]
    value = draw(st.sampled_from(values))
    says = written.variable("String!", value) if draw(st.booleans()) else f'"{value}"'
    text, meant = draw(selections(written, kind, choices(kind, 3), 3))
    return f"{key}: {root}({argument}: {says}) {{ {text} }}", Question(root, key, Picked(key, root, {argument: value}, meant))


@st.composite
def documents(draw: Any) -> tuple[str, list[Question], dict[str, tuple[str, Any]]]:
    written = Written()
    drawn = [draw(st.one_of(pages(written, number), lookups(written, number))) for number in range(draw(st.integers(1, 2)))]
    body = " ".join(text for text, _ in drawn)
    head = ", ".join(f"${name}: {kind}" for name, (kind, _) in written.variables.items())
    text = f"query {f'({head})' if head else ''} {{ {body} }} {' '.join(written.fragments)}"
    return text, [question for _, question in drawn], written.variables


# -- what must come -----------------------------------------------------------------------------------------------------


def asked(questions: list[Question]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """The coordinates picked, and those filtered by, conditions counted."""
    picked: set[tuple[str, str]] = set()

    def look(kind: str, selection: Any) -> None:
        for one in merged(selection, kind).values():
            if one.name != "__typename":
                picked.add((kind, one.name))
                if (kind, one.name) in WAYS:
                    look(WAYS[kind, one.name].to, one.inner)

    filters = set()
    for question in questions:
        if question.root in CONNECTIONS:
            kind = CONNECTIONS[question.root]
            filters |= {
                tuple(FILTERS[question.root][name][0].split("."))
                for name in question.picked.args
                if name in FILTERS[question.root]
            }
            for outer in merged(question.picked.inner, f"{kind}Connection").values():
                if outer.name == "nodes":
                    look(kind, outer.inner)
                elif outer.name == "edges":
                    for one in merged(outer.inner, f"{kind}Edge").values():
                        look(kind, one.inner)
        elif question.root == "node":
            for kind in ("Person", "Employer"):
                look(kind, question.picked.inner)
        else:
            look(LOOKUPS[question.root][0], question.picked.inner)
    return picked, filters


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
    rows = [one for one in slow.store.tables[SCALARS[kind][0]] if one[column] == key and slow.given(kind, one, reached=False)]
    return (slow.show(kind, rows[0], picked.inner) if rows else None), None


def _document(number: str) -> str:
    from hub.terms import canonical_document

    return canonical_document("resident_id", number)


@dataclass(repr=False)
class Trial:
    """A hub, and what it should say."""

    hub: Any
    give: Any
    store: Store
    keyring: Keyring
    log: Connection

    def shown_by(self, told: Any) -> int:
        """How many persons the log says that an answer showed."""
        event = told.extensions["receipt"]["event"]
        statement = text("select persons from audit_event where event_id = :event")
        return int(self.log.execute(statement, {"event": event}).scalar_one())


@pytest.fixture
def trial(hub: Any, give: Any, database: Database, keyring: Keyring, city: City) -> Iterator[Trial]:  # noqa: F811
    with database.engine("owner").connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield Trial(hub, give, Store.read(connection), keyring, connection)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(grant=grants(), drawn=st.lists(documents(), min_size=1, max_size=2))
def test_a_planned_answer_is_what_walking_the_rows_gives(trial: Trial, grant: str, drawn: Any) -> None:
    name = trial.give(f"draw/g{next(NAMES)}", grant, **ATTRIBUTES)
    declared, client = trial.hub.grants[name], trial.hub.clients["draw"]
    for document, questions, variables_drawn in drawn:
        fields_asked, filters = asked(questions)
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
