"""The first baseline: the same nouns as ordinary Strawberry resolvers, SQLAlchemy's ORM (asyncio), a DataLoader a link.

Built as the two libraries' documentation has it: mapped classes over the hub's own tables, a session a loader (an
AsyncSession is for one task), loaders a request, Strawberry's ASGI view on uvloop and httptools, as many connections of
the same driver as the hub has. No token, no policy, no record; and without the limits of depth, aliases and tokens that
Strawberry's page on deployment recommends, which would only cost it time. With ``BENCH_CACHED=1`` documents are parsed
and validated once (ParserCache and ValidationCache, made for each request as their documentation has it since 0.341);
that is offered and neither switched on nor recommended there, so it is reported beside the baseline.
"""

# mypy: disable-error-code="attr-defined,arg-type,misc"
# (classes mapped over ready tables have no attributes that a type checker could see)

import os
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

import strawberry
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, aliased
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

from hub.sealing import read_keyring
from hub.settings import settings
from hub.store import FOREVER, NO_EMPLOYER
from hub.store.employer import employer
from hub.store.engine import asyncpg_dsn
from hub.store.insurance import enrollment
from hub.store.person import person
from hub.terms import canonical_document

OPEN = date(9999, 12, 31)


class Base(DeclarativeBase):
    """The mapped classes' base."""


class PersonRow(Base):
    __table__ = person


class EmployerRow(Base):
    __table__ = employer


class EnrollmentRow(Base):
    __table__ = enrollment


@strawberry.type
class Employer:
    key: strawberry.Private[UUID]
    uscc: str | None
    name: str
    kind: str
    industry: str | None
    region: str | None
    area: str | None
    address: str | None
    staff_declared: int | None
    registered_on: date | None
    status: str

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(
            key=row.employer_key,
            uscc=row.uscc,
            name=row.name,
            kind=row.kind,
            industry=row.industry,
            region=row.region,
            area=row.area,
            address=row.address,
            staff_declared=row.staff_declared,
            registered_on=row.registered_on,
            status=row.status,
        )

    @strawberry.field
    async def insured_persons(self, info: strawberry.Info, first: int = 100) -> list["Person"]:
        rows = await info.context["insured"].load((self.key, first))
        return [Person.of(row) for row in rows]


@strawberry.type
class Enrollment:
    employer_key: strawberry.Private[UUID]
    insurance: str
    starts_on: date
    ends_on: date | None
    state: str
    contributor: str | None
    contribution_base: Decimal | None

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(
            employer_key=row.employer_key,
            insurance=row.insurance,
            starts_on=row.starts_on,
            ends_on=None if row.ends_on == OPEN else row.ends_on,
            state=row.state,
            contributor=row.contributor,
            contribution_base=row.contribution_base,
        )

    @strawberry.field
    async def employer(self, info: strawberry.Info) -> Employer | None:
        row = await info.context["employer"].load(self.employer_key)
        return None if row is None else Employer.of(row)


@strawberry.type
class Person:
    key: strawberry.Private[UUID]
    resident_id: str
    name: str
    sex: str | None
    birth_on: date | None
    ethnicity: str | None
    region: str | None
    area: str | None
    status: str

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(
            key=row.person_key,
            resident_id=row.resident_id_masked,
            name=row.name_masked,
            sex=row.sex,
            birth_on=row.birth_on,
            ethnicity=row.ethnicity,
            region=row.region,
            area=row.area,
            status=row.status,
        )

    @strawberry.field
    async def enrollments(self, info: strawberry.Info) -> list[Enrollment]:
        return [Enrollment.of(row) for row in await info.context["enrollments"].load(self.key)]


@strawberry.type
class EmployerConnection:
    nodes: list[Employer]


@strawberry.type
class Query:
    @strawberry.field
    async def person(self, info: strawberry.Info, resident_id: str) -> Person | None:
        key = KEYRING.person_key(canonical_document("resident_id", resident_id))
        async with sessions() as session:
            row = await session.scalar(
                select(PersonRow).where(PersonRow.person_key == key, PersonRow.known_until == FOREVER)
            )
        return None if row is None else Person.of(row)

    @strawberry.field
    async def employers(
        self, info: strawberry.Info, first: int = 50, registered_since: date | None = None
    ) -> EmployerConnection:
        statement = select(EmployerRow).where(EmployerRow.known_until == FOREVER)
        if registered_since is not None:
            statement = statement.where(EmployerRow.registered_on >= registered_since)
        async with sessions() as session:
            rows = await session.scalars(statement.order_by(EmployerRow.employer_key).limit(first))
            return EmployerConnection(nodes=[Employer.of(row) for row in rows])


class Loaders:
    """The loaders of one request."""

    async def enrollments(self, keys: list[UUID]) -> list[list[EnrollmentRow]]:
        found: dict[UUID, list[EnrollmentRow]] = defaultdict(list)
        async with sessions() as session:
            rows = await session.scalars(
                select(EnrollmentRow)
                .where(EnrollmentRow.person_key.in_(keys), EnrollmentRow.known_until == FOREVER)
                .order_by(
                    EnrollmentRow.starts_on,
                    EnrollmentRow.insurance,
                    EnrollmentRow.employer_key,
                    EnrollmentRow.delivery_id,
                )
            )
            for row in rows:
                found[row.person_key].append(row)
        return [found[key] for key in keys]

    async def employers(self, keys: list[UUID]) -> list[EmployerRow | None]:
        wanted = [key for key in keys if str(key) != NO_EMPLOYER]
        async with sessions() as session:
            rows = await session.scalars(
                select(EmployerRow).where(EmployerRow.employer_key.in_(wanted), EmployerRow.known_until == FOREVER)
            )
            found = {row.employer_key: row for row in rows}
        return [found.get(key) for key in keys]

    async def insured(self, keys: list[tuple[UUID, int]]) -> list[list[PersonRow]]:
        """The first persons of each employer: ranked in the database, so that no more come than are asked for."""
        pairs = (
            select(EnrollmentRow.employer_key, EnrollmentRow.person_key)
            .where(
                EnrollmentRow.employer_key.in_([key for key, _ in keys]),
                EnrollmentRow.known_until == FOREVER,
                EnrollmentRow.state == "active",
                EnrollmentRow.ends_on > func.current_date(),
            )
            .distinct()
            .subquery()
        )
        rank = func.row_number().over(partition_by=pairs.c.employer_key, order_by=pairs.c.person_key).label("rank")
        ranked = select(pairs, rank).subquery()
        shown = aliased(PersonRow)
        found: dict[UUID, list[PersonRow]] = defaultdict(list)
        async with sessions() as session:
            rows = await session.execute(
                select(ranked.c.employer_key, shown)
                .join(shown, shown.person_key == ranked.c.person_key)
                .where(shown.known_until == FOREVER, ranked.c.rank <= max(first for _, first in keys))
                .order_by(ranked.c.employer_key, ranked.c.rank)
            )
            for employer_key, row in rows:
                found[employer_key].append(row)
        return [found[key][:first] for key, first in keys]


class View(GraphQL[Any, Any]):
    """Strawberry's ASGI view, with the loaders of the request as its context."""

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        loaders = Loaders()
        return {
            "request": request,
            "response": response,
            "enrollments": DataLoader(load_fn=loaders.enrollments),
            "employer": DataLoader(load_fn=loaders.employers),
            "insured": DataLoader(load_fn=loaders.insured),
        }


KEYRING: Any = None
sessions: async_sessionmaker[AsyncSession] = None  # type: ignore[assignment]


def application() -> Any:
    """The ASGI application, for uvicorn."""
    global KEYRING, sessions  # noqa: PLW0603
    KEYRING = read_keyring(settings().keys_path)
    options = asyncpg_dsn("reader")
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: _connect(options),
        pool_size=settings().connections,
        max_overflow=0,
    )
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    extensions = [ParserCache, ValidationCache] if os.environ.get("BENCH_CACHED") else []
    return View(strawberry.Schema(query=Query, extensions=extensions))


async def _connect(options: dict[str, Any]) -> Any:
    import asyncpg

    return await asyncpg.connect(**options)
