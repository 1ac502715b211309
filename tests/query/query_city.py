"""A small city written straight into the store, and a hub that answers about it."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from postgres import Database
from sqlalchemy import Connection, insert

from hub.audit.checkpoint import Signer
from hub.audit.log import Log
from hub.audit.sequencer import integrate, publish
from hub.policy import Client
from hub.policy.grant import parse_grant
from hub.query import Answer, Answers, Limits, Writing, admit_quotas
from hub.sealing import Keyring
from hub.store import NO_EMPLOYER, insurance, lineage, person, work
from hub.store import employer as employers
from hub.store.base import FOREVER
from hub.terms import ResidentId, canonical_document, check_character, uscc_check
from schema import schema

KNOWN = datetime(2026, 11, 5, tzinfo=UTC)
TODAY = date(2026, 11, 21)
OPEN = date(9999, 12, 31)
LIMITS = Limits(depth=12, fields=300, cost=50_000, page=1000)


def resident_id(number: int, division: str = "371082") -> str:
    """A made-up resident ID: born on 1 January 1980, ``number`` in order."""
    first = f"{division}19800101{number:03d}"
    return first + check_character(first)


def uscc(number: int) -> str:
    """A made-up unified social credit code of an enterprise, ``number`` in order."""
    first = f"91371082MA{number:07d}"
    return first + uscc_check(first)


USCC = uscc(0)


@dataclass
class City:
    """Rows in the store, each by one call that says only what matters."""

    connection: Connection
    keyring: Keyring

    def __post_init__(self) -> None:
        self.row_no = 0
        self.batches: dict[str, int] = {}

    def delivery(self, name: str, target: str, period: date | None = date(2026, 10, 1), loaded: int = 10) -> None:
        delivery_id = self.connection.execute(
            insert(lineage.delivery)
            .values(name=name, title=name, owner="office", cadence="monthly", target=target)
            .returning(lineage.delivery.c.id)
        ).scalar_one()
        self.batches[name] = delivery_id
        if period is not None:
            self.connection.execute(
                insert(lineage.batch).values(
                    delivery_id=delivery_id,
                    period=period,
                    digest=b"",
                    files=[],
                    status="loaded",
                    declared=loaded,
                    loaded=loaded,
                    rejected=0,
                    started_at=KNOWN,
                    sealed_at=KNOWN,
                    loaded_by="test",
                )
            )

    def _lineage(self, delivery: str) -> dict[str, Any]:
        self.row_no += 1
        return {
            "delivery_id": self.batches[delivery],
            "batch_id": 1,
            "row_no": self.row_no,
            "digest": UUID(int=self.row_no),
            "known_from": KNOWN,
            "known_until": FOREVER,
        }

    def key(self, number: str) -> UUID:
        return self.keyring.person_key(canonical_document("resident_id", ResidentId.parse(number).number))

    def person(self, number: str, name: str, *, region: str = "371082100", **more: Any) -> UUID:
        key = self.key(number)
        content = orjson.dumps({"resident_id": number, "name": name, "phone": "13900000000", "address": "某村1号"})
        self.connection.execute(
            insert(person.person).values(
                person_key=key,
                resident_id_masked="*" * 14 + number[-4:],
                name_masked=name[0] + "**",
                sealed=self.keyring.seal(content, b"person:" + key.bytes),
                sex="male",
                birth_on=date(1980, 1, 1),
                region=region,
                area=region[:9],
                status="normal",
                **self._lineage("public_security/population"),
                **more,
            )
        )
        return key

    def assisted(self, key: UUID, delivery: str = "civil_affairs/low_income") -> None:
        self.connection.execute(
            insert(person.assistance).values(
                person_key=key,
                kind="low_income",
                certificate_no="D1",
                starts_on=date(2026, 1, 1),
                ends_on=OPEN,
                state="active",
                **self._lineage(delivery),
            )
        )

    def employer(self, uscc: str, name: str, **more: Any) -> UUID:
        key = self.keyring.employer_key(uscc)
        values = {"kind": "enterprise", "area": "371082001", "status": "operating", "registered_on": date(2020, 1, 1)}
        self.connection.execute(
            insert(employers.employer).values(
                employer_key=key,
                uscc=uscc,
                name=name,
                **values | more,
                **self._lineage("market_supervision/registration"),
            )
        )
        return key

    def enrolled(self, key: UUID, kind: str = "employee_pension", at: UUID | str = NO_EMPLOYER, **more: Any) -> None:
        values = {"starts_on": date(2024, 1, 1), "ends_on": OPEN, "state": "active", "contribution_base": 5000}
        self.connection.execute(
            insert(insurance.enrollment).values(
                person_key=key,
                insurance=kind,
                employer_key=at,
                **values | more,
                **self._lineage("human_resources/enrollment"),
            )
        )

    def month(self, employer: UUID, key: UUID, month: date, wage: int | None, base: int | None) -> None:
        self.connection.execute(
            insert(work.employment_month).values(
                employer_key=employer, month=month, person_key=key, wage=wage, pension_base=base
            )
        )


@dataclass
class Hub:
    """Answers questions of one client under one grant, like the server does."""

    runner: asyncio.Runner
    answers: Answers
    clients: dict[str, Client]
    grants: dict[str, Any]
    reader: Any
    writer: Any
    signer: Signer

    def ask(self, document: str, variables: Mapping[str, Any] | None = None, *, grant: str = "office/all") -> "Told":
        return self.runner.run(self._ask(document, variables, grant))

    async def _ask(self, document: str, variables: Mapping[str, Any] | None, grant: str) -> "Told":
        client = grant.partition("/")[0]
        question = SimpleNamespace(document=document, operation=None, variables=dict(variables or {}))
        caller = SimpleNamespace(client_id=client, scope=grant, address="127.0.0.1")
        return Told(await self.answers.answer(question, caller))

    def ask_at_once(self, documents: list[str], *, grant: str) -> list["Told"]:
        return self.all_at_once([(one, grant) for one in documents])

    def all_at_once(self, asked: list[tuple[str, str]]) -> list["Told"]:
        """Documents, each under a grant."""

        async def together() -> list[Told]:
            return list(await asyncio.gather(*(self._ask(one, None, grant) for one, grant in asked)))

        return self.runner.run(together())

    def integrate(self) -> None:
        async def go() -> None:
            async with self.writer.acquire() as connection:
                await integrate(connection)
                await publish(connection, self.signer)

        self.runner.run(go())


class Told:
    """An answer, read."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.json: dict[str, Any] = orjson.loads(answer.body)
        self.status = answer.status
        self.data: Any = self.json.get("data")
        self.extensions: Any = self.json.get("extensions")
        self.codes = [one["extensions"]["code"] for one in self.json.get("errors", [])]
        self.messages = " ".join(one["message"] for one in self.json.get("errors", []))


def everything() -> str:
    """A grant that gives every field of the schema in clear, to everybody: for tests of the engine alone."""
    from hub.query.bind import ROOTS, nouns_of

    nouns = nouns_of(schema)
    lines = [
        'title = "all"',
        'purpose = "tests"',
        'basis = "none"',
        'approved_by = "nobody"',
        "expires = 2099-12-31",
        f"roots = {[*nouns['Query'].fields, '__schema', '__type']}".replace("'", '"'),
        f"mutations = {[*nouns['Mutation'].fields]}".replace("'", '"'),
    ]
    for noun in nouns.values():
        if noun.name not in ROOTS and not noun.by_root:
            lines += [f"[fields.{noun.name}]", *(f"{name} = {{}}" for name in noun.fields)]
    for noun in nouns.values():
        if noun.name not in ROOTS and not noun.by_root:
            lines += [f"[[rows.{noun.name}]]", "everyone = true"]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def city(database: Database, keyring: Keyring) -> City:
    engine = database.engine("owner")
    with engine.begin() as connection:
        city = City(connection, keyring)
        for name, target in {
            "public_security/population": "person",
            "civil_affairs/low_income": "assistance",
            "market_supervision/registration": "employer",
            "human_resources/enrollment": "enrollment",
            "tax/payroll": "payroll",
        }.items():
            city.delivery(name, target)
        works = city.employer(USCC, "荣成市合成渔业有限公司")
        for number in range(1, 41):
            key = city.person(resident_id(number), f"王{number}", region="371082100" if number <= 20 else "371082001")
            if number <= 30:
                city.enrolled(key, at=works)
                city.enrolled(key, "injury", at=works)
                city.month(works, key, date(2026, 10, 1), 6000, 5000)
            if number in {1, 31, 32}:
                city.assisted(key)
        city.enrolled(city.key(resident_id(32)), "resident_pension", state="ended", ends_on=date(2026, 6, 1))
        for number in range(1, 121):
            city.employer(uscc(number), f"合成单位{number}", industry="6110" if number % 2 else "0610")
    return city


@pytest.fixture(scope="module")
def hub(database: Database, keyring: Keyring, city: City) -> Iterator[Hub]:
    grants: dict[str, Any] = {"office/all": parse_grant("office/all", everything())}
    clients = {
        "office": Client("office", "Office", "office", {}, tuple(grants)),
    }
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def start() -> Hub:
            reader = await stack.enter_async_context(
                asyncpg.create_pool(**database.dsn("reader"), min_size=1, max_size=4)
            )
            writer = await stack.enter_async_context(
                asyncpg.create_pool(**database.dsn("writer"), min_size=1, max_size=4)
            )
            signer = Signer("hub.example/test", keyring.log_signer)
            log = await stack.enter_async_context(Log(writer, signer, admit=admit_quotas, seal=keyring.seal))
            answers = Answers(
                schema=schema,
                grants=grants,
                keyring=keyring,
                pool=reader,
                log=log,
                client_of=clients.get,
                fresh_days={"monthly": 45},
                limits=LIMITS,
                today=lambda: TODAY,
                writing=Writing(database.engine("writer"), signer, keyring, "371082"),
            )
            return Hub(runner, answers, clients, grants, reader, writer, signer)

        hub = runner.run(start())
        yield hub
        runner.run(stack.aclose())


@pytest.fixture
def give(hub: Hub) -> Any:
    """Give a client a grant, written as in a file without its head."""

    def given(name: str, body: str, head: str = "", **attributes: Any) -> str:
        text = 'title = "t"\npurpose = "p"\nbasis = "b"\napproved_by = "a"\nexpires = 2099-12-31\n' + head + "\n" + body
        hub.grants[name] = parse_grant(name, text)
        department = name.partition("/")[0]
        known = hub.clients.get(department, Client(department, department, department, {}, ()))
        hub.clients[department] = replace(known, attributes=attributes, scopes=(*known.scopes, name))
        return name

    return given
