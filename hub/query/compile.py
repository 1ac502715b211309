"""Picks into SQL: one statement a root, and what is left to do with its rows in Python.

Pure. PostgreSQL builds the answer's JSON; a level is a lateral subquery, so nothing is fetched row by row. Row scopes
and masks are part of the statement. What only Python can do (open a sealed value, make an opaque id or a cursor) is
written down as *finishing*, and an answer that needs none of it is passed on as the bytes that came.

Every level whose rows are persons adds their keys, 16 bytes each, to a second column: who was shown is known before
anything is shown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from hub.errors import PolicyError
from hub.policy import MASKS, Decision, where

from .bind import ALIAS, TODAY, Collection, Identity, Link, Noun, Page, Reckoned, Sealed, Source, Stored
from .plan import Pick

#: The answer's name for what is still sealed; no GraphQL name has a star.
STILL_SEALED: Final = "*"
EMPTY_KEYS: Final = "''::bytea"

Value = Callable[[Any], Any]
"""How a parameter is had from a request: takes the run, gives the value."""


@dataclass(slots=True)
class Finishing:
    """What is left to do with an object of the answer: ``ids`` and ``opens`` here, ``inner`` further in."""

    ids: dict[str, str] = field(default_factory=dict)
    opens: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    context: bytes = b""
    cursor: str = ""
    inner: dict[str, "Finishing"] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.ids or self.opens or self.cursor or self.inner)


@dataclass(slots=True)
class Parts:
    """What one object takes: its columns, the joins they need, whose keys are shown by it, what is left to do."""

    columns: list[str] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    finishing: Finishing = field(default_factory=Finishing)
    sealed: str = ""

    @property
    def all_columns(self) -> str:
        return ", ".join(self.columns)

    @property
    def all_joins(self) -> str:
        return " ".join(self.joins)

    @property
    def all_keys(self) -> str:
        return " || ".join(self.keys) or EMPTY_KEYS


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """``sql`` gives the columns ``answer`` (JSON bytes or null), ``keys`` (persons), and for pages where they stand."""

    sql: str
    parameters: tuple[Value, ...]
    finishing: Finishing
    feeds: frozenset[str]


@dataclass(slots=True)
class Compiler:
    """Compiles under one decision. ``listed`` gives the SQL of "has a current fact from these deliveries"."""

    nouns: Mapping[str, Noun]
    decision: Decision
    listed: Callable[[tuple[str, ...], str], str]
    parameters: list[Value] = field(default_factory=list)
    feeds: set[str] = field(default_factory=set)
    aliases: int = 0
    offset: int = 0  # parameters that are not the statement's own

    # -- small parts ----------------------------------------------------------------------------------------------

    def parameter(self, value: Value) -> str:
        self.parameters.append(value)
        return f"${self.offset + len(self.parameters)}"

    def constant(self, value: Any) -> str:
        value = tuple(value) if isinstance(value, list) else value
        return self.parameter(lambda _run: value)

    def alias(self) -> str:
        """A name that no response key can have: GraphQL's names hold no dollar sign."""
        self.aliases += 1
        return f"t${self.aliases}"

    def over(self, template: str, alias: str) -> str:
        """A binding's SQL over the row called ``alias``."""
        if TODAY in template:
            template = template.replace(TODAY, self.parameter(lambda run: run.today) + "::date")
        return template.replace(ALIAS, alias)

    def scope(self, noun: Noun, alias: str, *, reached: bool) -> list[str]:
        """The conditions on every row of a noun: current, and within the grant."""
        self.feeds.update(noun.source.feeds)
        conditions = [noun.source.where.replace("{a}", alias)] if noun.source.where else []
        if noun.about and not reached:  # a root: what it is about must be in scope, and it is reached from there
            conditions += self.scope(self.nouns[noun.about], alias, reached=False)
            reached = True
        allowed = where(self.decision.rows.get(noun.name, ()), alias, self.constant, self.listed, reached=reached)
        return [*conditions, f"({allowed})"]

    # -- one object -----------------------------------------------------------------------------------------------

    def object(self, noun: Noun, picks: tuple[Pick, ...], alias: str, *, counted: bool = False) -> Parts:
        """What it takes to show one row as an object. ``counted``: the row it is reached from is the same person's."""
        parts = Parts()
        if noun.source.subject == "person" and not counted:
            parts.keys.append(f"coalesce(uuid_send({alias}.person_key), {EMPTY_KEYS})")
        for pick in picks:
            parts.columns.append(f'{self._field(noun, pick, alias, parts)} as "{pick.key}"')
        if parts.finishing.opens:
            column = f"{alias}.{parts.sealed}"
            parts.columns.append(
                f"case when {column} is not null then array[{alias}.{noun.source.key[0]}::text, "
                f"encode({column}, 'hex')] end as \"{STILL_SEALED}\""
            )
        return parts

    def _field(self, noun: Noun, pick: Pick, alias: str, parts: Parts) -> str:
        """The expression of one field; what else it takes is put into ``parts``."""
        bound = pick.bound
        mask = self.decision.masks.get((noun.name, pick.name))
        if bound is None:
            return f"'{noun.name}'::text"
        if mask is not None and not isinstance(bound, Stored | Sealed):
            raise PolicyError("POLICY_MASK", f"{noun.name}.{pick.name} has no masked form: the grant cannot give it so")
        if isinstance(bound, Stored):
            expression = self.over(bound.sql, alias)
            return bound.shown.replace("{x}", expression if mask is None else MASKS[mask].sql(expression))
        if isinstance(bound, Reckoned):
            return self._reckoned(bound, alias)
        if isinstance(bound, Identity):
            parts.finishing.ids[pick.key] = bound.kind
            return f"{alias}.{noun.source.key[0]}"
        if isinstance(bound, Sealed):
            return _sealed(noun, pick, bound, alias, mask, parts)
        if isinstance(bound, Link | Collection):
            child = self.alias()
            same = noun.source.subject == "person" and bound.on.get("person_key") == "person_key"
            sql, inner = (
                self._link(pick, bound, alias, counted=same)
                if isinstance(bound, Link)
                else self._collection(pick, bound, alias, counted=same)
            )
            parts.joins.append(f"left join lateral ({sql}) {child} on true")
            if inner.keys:
                parts.keys.append(f"coalesce({child}.k, {EMPTY_KEYS})")
            if inner.finishing:
                parts.finishing.inner[pick.key] = inner.finishing
            return f"{child}.j"
        raise TypeError(f"{noun.name}.{pick.name} is no field of an object")

    def _reckoned(self, bound: Reckoned, alias: str) -> str:
        table = self.parameter(lambda run: orjson.dumps(bound.table(run)).decode())
        return f"{table}::text::json -> {alias}.{bound.by} ->> '{bound.member}'"

    def _reached(self, bound: Link | Collection, alias: str, parent: str) -> str:
        """The conditions on rows that are reached from ``parent``."""
        conditions = [f"{alias}.{theirs} = {parent}.{ours}" for theirs, ours in bound.on.items()]
        if isinstance(bound, Collection) and bound.where:
            conditions.append(bound.where.replace("{a}", alias).replace("{parent}", parent))
        return " and ".join([*conditions, *self.scope(self.nouns[bound.noun], alias, reached=True)])

    def _link(self, pick: Pick, bound: Link, parent: str, *, counted: bool) -> tuple[str, Parts]:
        noun = self.nouns[bound.noun]
        alias, row = self.alias(), self.alias()
        conditions = self._reached(bound, alias, parent)
        parts = self.object(noun, pick.inner[bound.noun], alias, counted=counted)
        shown = f", {parts.all_keys} as k" if parts.keys else ""
        sql = (
            f"select to_json({row}) as j{shown} from {noun.source.sql} {alias} {parts.all_joins} "
            f"cross join lateral (select {parts.all_columns}) {row} where {conditions} limit 1"
        )
        return sql, parts

    def _collection(self, pick: Pick, bound: Collection, parent: str, *, counted: bool) -> tuple[str, Parts]:
        noun = self.nouns[bound.noun]
        alias, row = self.alias(), self.alias()
        conditions = self._reached(bound, alias, parent)
        order = ", ".join(f"{alias}.{name}" for name in bound.order)
        first = self.parameter(_argument(pick.number, "first"))
        parts = self.object(noun, pick.inner[bound.noun], alias, counted=counted)
        shown = f", coalesce(string_agg({parts.all_keys}, {EMPTY_KEYS}), {EMPTY_KEYS}) as k" if parts.keys else ""
        sql = (
            f"select coalesce(json_agg({row} order by {order}), '[]'::json) as j{shown} "
            f"from (select {alias}.* from {noun.source.sql} {alias} where {conditions} "
            f"order by {order} limit {first}::int) {alias} {parts.all_joins} "
            f"cross join lateral (select {parts.all_columns}) {row}"
        )
        return sql, parts

    # -- roots ----------------------------------------------------------------------------------------------------

    def _done(self, sql: str, finishing: Finishing) -> Statement:
        return Statement(sql, tuple(self.parameters), finishing, frozenset(self.feeds))

    def by_key(self, noun: Noun, picks: tuple[Pick, ...], column: str) -> Statement:
        """A row for each key that is found. The keys are the first parameter, beside those of the statement."""
        self.offset = 1
        alias, row = self.alias(), self.alias()
        conditions = [f"{alias}.{column} = any($1::uuid[])", *self.scope(noun, alias, reached=False)]
        parts = self.object(noun, picks, alias)
        return self._done(
            f"select {alias}.{column} as key, convert_to(to_json({row})::text, 'UTF8') as answer, "
            f"{parts.all_keys} as keys "
            f"from {noun.source.sql} {alias} {parts.all_joins} cross join lateral (select {parts.all_columns}) {row} "
            f"where {' and '.join(conditions)}",
            parts.finishing,
        )

    def page(self, noun: Noun, pick: Pick, bound: Page, filters: frozenset[str], *, after: bool) -> Statement:
        """A page of rows: a column for every part of the connection that is asked for, named by the part's number.

        ``more``: whether rows follow; ``position``: what the last row shown sorts by.
        """
        alias, number = self.alias(), pick.number
        order = ", ".join(f"{alias}.{name}{' desc' if bound.descending else ''}" for name in bound.order)
        position = f"array[{', '.join(f'{alias}.{name}::text' for name in bound.order)}]"
        conditions = self._page_conditions(noun, bound, alias, number, filters, after=after)
        first = self.parameter(_argument(number, "first")) + "::int"
        shown = f"filter (where {alias}.n <= {first})"
        columns: list[str] = []
        joins: list[str] = []
        keys: list[str] = []
        finishing = Finishing()
        for outer in pick.wrapped:
            if outer.name not in {"nodes", "edges"}:
                continue
            row = self.alias()
            parts = (
                self.object(noun, outer.inner[noun.name], alias)
                if outer.name == "nodes"
                else self._edge(noun, outer, alias, position)
            )
            joins.append(f"{parts.all_joins} cross join lateral (select {parts.all_columns}) {row}")
            rows = f"coalesce(json_agg({row} order by {alias}.n) {shown}, '[]'::json)"
            columns.append(f"convert_to({rows}::text, 'UTF8') as \"{part_of(outer)}\"")
            if parts.keys:
                keys.append(f"coalesce(string_agg({parts.all_keys}, {EMPTY_KEYS}) {shown}, {EMPTY_KEYS})")
            if parts.finishing:
                finishing.inner[outer.key] = parts.finishing
        columns.append(f"{' || '.join(keys) or EMPTY_KEYS} as keys")
        columns.append(f"coalesce(bool_or({alias}.n > {first}), false) as more")
        last = f"filter (where {alias}.n = least({first}, {alias}.total))"
        columns.append(f"(array_agg(to_json({position})::text) {last})[1] as position")
        return self._done(
            f"select {', '.join(columns)} from (select {alias}.*, row_number() over (order by {order}) as n, "
            f"count(*) over () as total from (select {alias}.* from {noun.source.sql} {alias} "
            f"where {' and '.join(conditions)} order by {order} limit {first} + 1) {alias}) {alias} {' '.join(joins)}",
            finishing,
        )

    def _page_conditions(
        self, noun: Noun, bound: Page, alias: str, number: int, filters: frozenset[str], *, after: bool
    ) -> list[str]:
        conditions = self.scope(noun, alias, reached=False)
        for name in sorted(filters):
            condition = bound.filters[name]
            value = self.parameter(_argument(number, name))
            conditions.append(self.over(condition.sql, alias).replace("{value}", f"{value}::{condition.cast}"))
        if after:
            ours = ", ".join(f"{alias}.{name}" for name in bound.order)
            theirs = ", ".join(
                f"{self.parameter(_position(number, at))}::text::{_type(noun.source, name)}"
                for at, name in enumerate(bound.order)
            )
            conditions.append(f"({ours}) {'<' if bound.descending else '>'} ({theirs})")
        return conditions

    def _edge(self, noun: Noun, outer: Pick, alias: str, position: str) -> Parts:
        """An edge: its cursor, its node."""
        edge = Parts()
        for one in outer.wrapped:
            if one.name == "cursor":
                expression = position
                edge.finishing.cursor = one.key
            elif one.name == "node":
                node = self.alias()
                parts = self.object(noun, one.inner[noun.name], alias)
                edge.joins.append(f"{parts.all_joins} cross join lateral (select {parts.all_columns}) {node}")
                edge.keys += parts.keys
                if parts.finishing:
                    edge.finishing.inner[one.key] = parts.finishing
                expression = node
            else:
                expression = f"'{noun.name}Edge'::text"
            edge.columns.append(f'{expression} as "{one.key}"')
        return edge


def part_of(outer: Pick) -> str:
    """The column of a part of a connection: never a name that a client chose, which could be one of ours."""
    return f"part {outer.number}"


def _sealed(noun: Noun, pick: Pick, bound: Sealed, alias: str, mask: str | None, parts: Parts) -> str:
    """A masked form that is stored ready; else nothing yet: the value is opened when the answer is finished."""
    if mask is not None and mask in bound.masks:
        return f"{alias}.{bound.masks[mask]}"
    parts.finishing.opens[pick.key] = (bound.member, mask)
    parts.finishing.context = f"{noun.source.sql}:".encode()
    parts.sealed = bound.column
    return "null::text"


def _type(source: Source, column: str) -> str:
    return source.columns.get(column, "bigint")


def _argument(number: int, name: str) -> Value:
    return lambda run: run.arguments[number][name]


def _position(number: int, at: int) -> Value:
    return lambda run: run.positions[number][at]


#: The arguments that say how many rows a pick may give.
SIZES: Final = frozenset({"first", "residentIds", "ids"})


def cells(pick: Pick, arguments: Mapping[int, Mapping[str, Any]], rows: int = 1) -> int:
    """How many cells a pick may put into the answer, by the page sizes asked for."""
    own = arguments.get(pick.number, {})
    rows *= own.get("first") or len(own.get("residentIds") or own.get("ids") or ()) or 1
    inner = [one for picks in pick.inner.values() for one in picks] + list(pick.wrapped)
    return rows + sum(cells(one, arguments, rows) for one in inner)
