"""Running a plan: statements, rows, quota, the record, and only then the answer.

The only module of the query layer that opens a connection, but for `lookups`. The order is the promise: decide, fetch,
record, answer.
Refuses (``ExecuteError``, ``LogUnavailable``) rather than disclose what is not recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from hub.errors import RequestError
from hub.policy import Client, Decision, Grant, where
from hub.sealing import Keyring
from hub.terms import InvalidTerm, Uscc, canonical_document

from .bind import Computed, Lookup, Node, Noun, Page
from .compile import Compiler, Statement, part_of
from .finish import Finisher, project
from .freshness import Deliveries
from .lookups import Lookups
from .opaque import Opaque
from .plan import Asking, Pick

MOST_NODES: Final = 100


@dataclass(slots=True)
class Planned:
    """A document under one decision; its statements are compiled once for each shape of their arguments."""

    asking: Asking
    decision: Decision
    statements: dict[Any, Statement] = field(default_factory=dict)
    fixed: dict[int, dict[str, Any]] | None = None  # arguments that rest on no variable; None: not worked out yet
    varying: tuple[Pick, ...] = ()  # the picks whose arguments do
    within_cost: bool = False  # whatever the variables say


@dataclass(slots=True)
class Run:
    """One request on its way: who asks, under what, and what has been fetched so far."""

    planned: Planned
    grant: Grant
    client: Client
    today: date
    keyring: Keyring
    nouns: Mapping[str, Noun]
    deliveries: Deliveries
    opaque: Opaque
    asked: Any
    arguments: dict[int, dict[str, Any]]
    lookups: Lookups
    connection: Any = None
    positions: dict[int, list[Any]] = field(default_factory=dict)
    shown: set[bytes] = field(default_factory=set)
    feeds: set[str] = field(default_factory=set)
    explained: int = 0

    @property
    def decision(self) -> Decision:
        return self.planned.decision

    async def fetch(self, sql: str, *values: Any) -> list[Any]:
        rows: list[Any] = await self.connection.fetch(sql, *values)
        return rows

    async def call(self, verb: Any, *arguments: Any) -> Any:
        """A verb of another package that reads by itself."""
        return await verb(self.connection, *arguments)

    def scope(self, noun: str, alias: str, *, first: int, reached: bool = False) -> tuple[str, list[Any]]:
        """The grant's condition on the rows of a noun, with its values from parameter ``first`` on."""
        values: list[Any] = []

        def parameter(value: Any) -> str:
            values.append(value)
            return f"${first + len(values) - 1}"

        predicates = self.decision.rows.get(noun, ())
        return where(predicates, alias, parameter, self.deliveries.listed, reached=reached), values

    # -- roots ----------------------------------------------------------------------------------------------------

    async def root(self, pick: Pick) -> bytes:
        """The JSON of one root field."""
        bound = pick.bound
        if isinstance(bound, Page):
            return await self._page(pick, bound)
        if isinstance(bound, Lookup):
            return await self._lookup(pick, bound)
        if isinstance(bound, Node):
            return await self._nodes(pick, many=bound.many)
        if isinstance(bound, Computed):
            value = await bound.verb(self, **self.arguments[pick.number])
            picks = pick.inner.get(bound.noun, ())
            masks = self.decision.masks
            return orjson.dumps(project(value, picks, bound.noun, lambda noun, name: masks.get((noun, name))))
        return b'"Query"'

    def _statement(self, shape: Any, build: Any) -> Statement:
        """The statement of a shape: compiled once, kept with the plan as long as the same deliveries are declared."""
        shape = (shape, self.deliveries.edition)
        statement = self.planned.statements.get(shape)
        if statement is None:
            statement = build(Compiler(self.nouns, self.decision, self.deliveries.listed))
            self.planned.statements[shape] = statement
        self.feeds |= statement.feeds
        return statement

    def _values(self, statement: Statement) -> tuple[Any, ...]:
        return tuple(value(self) for value in statement.parameters)

    def _show(self, keys: bytes | None) -> None:
        """Note the persons that a row shows, 16 bytes each."""
        if keys:
            self.shown.update(keys[at : at + 16] for at in range(0, len(keys), 16))

    def _finisher(self, pick: Pick) -> Finisher:
        return Finisher(self.keyring, self.opaque, self.client.department, self._place(pick))

    def _place(self, pick: Pick) -> str:
        return f"{self.grant.name}:{pick.name}"

    async def _lookup(self, pick: Pick, bound: Lookup) -> bytes:
        noun = self.nouns[bound.noun]
        key = self._key(bound, self.arguments[pick.number][bound.argument])
        statement = self._statement(
            pick.number, lambda compiler: compiler.by_key(noun, pick.inner[bound.noun], bound.column)
        )
        values = self._values(statement)
        if self.connection is None:
            row = await self.lookups.row(statement, key, values)
        else:
            row = await self.connection.fetchrow(statement.sql, [key], *values)
        if row is None:
            return b"null"
        self._show(row["keys"])
        return self._finisher(pick).finish(row["answer"], statement.finishing)

    def _key(self, bound: Lookup, text: str) -> UUID:
        try:
            if bound.kind == "person":
                return self.keyring.person_key(canonical_document("resident_id", text))
            return self.keyring.employer_key(Uscc.parse(text).number)
        except InvalidTerm as error:
            what = "a resident ID" if bound.kind == "person" else "a unified social credit code"
            raise RequestError("REQUEST_ARGUMENT", f"{bound.argument}: not {what} ({error.reason})") from None

    async def _nodes(self, pick: Pick, *, many: bool) -> bytes:
        arguments = self.arguments[pick.number]
        texts = arguments["ids"] if many else [arguments["id"]]
        if len(texts) > MOST_NODES:
            raise RequestError("REQUEST_ARGUMENT", f"ids: at most {MOST_NODES}", f"asked: {len(texts)}")
        revealed = [self.opaque.reveal(text, self.client.department) for text in texts]
        found: dict[UUID, orjson.Fragment] = {}
        for name, picks in pick.inner.items():
            noun = self.nouns[name]
            keys = [one[1] for one in revealed if one is not None and one[0] == name.lower()]
            if not keys:
                continue
            statement = self._statement(
                (pick.number, name),
                lambda compiler, noun=noun, picks=picks: compiler.by_key(noun, picks, noun.source.key[0]),
            )
            finisher = self._finisher(pick)
            for row in await self.connection.fetch(statement.sql, keys, *self._values(statement)):
                self._show(row["keys"])
                found[row["key"]] = orjson.Fragment(finisher.finish(row["answer"], statement.finishing))
        answers = [None if one is None else found.get(one[1]) for one in revealed]
        return orjson.dumps(answers if many else answers[0])

    async def _page(self, pick: Pick, bound: Page) -> bytes:
        arguments = self.arguments[pick.number]
        filters = frozenset(name for name in bound.filters if arguments.get(name) is not None)
        after = arguments.get("after")
        if after is not None:
            self.positions[pick.number] = self.opaque.position(after, self._place(pick))
        noun = self.nouns[bound.noun]
        statement = self._statement(
            (pick.number, filters, after is not None),
            lambda compiler: compiler.page(noun, pick, bound, filters, after=after is not None),
        )
        row = await self.connection.fetchrow(statement.sql, *self._values(statement))
        self._show(row["keys"])
        finisher = self._finisher(pick)
        parts = []
        for outer in pick.wrapped:
            if outer.name in {"nodes", "edges"}:
                inner = statement.finishing.inner.get(outer.key)
                answer = row[part_of(outer)]
                part = finisher.finish(answer, inner) if inner else answer
            elif outer.name == "pageInfo":
                position = row["position"]
                told = {
                    "hasNextPage": row["more"],
                    "endCursor": None
                    if position is None
                    else self.opaque.cursor(orjson.loads(position), self._place(pick)),
                    "__typename": "PageInfo",
                }
                part = orjson.dumps({one.key: told[one.name] for one in outer.wrapped})
            else:
                part = orjson.dumps(f"{bound.noun}Connection")
            parts.append(b'"%s":%s' % (outer.key.encode(), part))
        return b"{%s}" % b",".join(parts)


async def carry_out(run: Run, pool: Any) -> bytes:
    """The JSON of ``data``: every root in order, all from one snapshot. A look-up by itself goes in company."""
    roots = run.planned.asking.roots
    try:
        if len(roots) == 1 and isinstance(roots[0].bound, Lookup):
            return await _data(run)
        async with pool.acquire() as run.connection:
            if len(roots) == 1:
                return await _data(run)
            async with run.connection.transaction(isolation="repeatable_read", readonly=True):
                return await _data(run)
    except (asyncpg.DataError, asyncpg.CharacterNotInRepertoireError):  # their words quote the value
        raise RequestError("REQUEST_ARGUMENT", "A value asked with is not one that can be stored") from None


async def _data(run: Run) -> bytes:
    parts = [b'"%s":%s' % (pick.key.encode(), await run.root(pick)) for pick in run.planned.asking.roots]
    return b"{%s}" % b",".join(parts)
