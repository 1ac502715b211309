"""What ``schema/`` says a field is: a column, a reckoned or a sealed value, a link, a collection, a root, a mutation.

A noun of the API is a Strawberry type bound to a *source* (a table, or a named query); its fields are bound to what
they read. Strawberry sees types and descriptions; the planner sees the bindings. Nothing here runs a query.
Refuses, when the schema is loaded, a binding that cannot be.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, get_args

import strawberry
from sqlalchemy import Column, Date, DateTime, Numeric, Table, Uuid
from strawberry.types.base import StrawberryList, StrawberryOptional, get_object_definition
from strawberry.types.lazy_type import LazyType

from hub.store import FOREVER
from hub.store.base import FOREVER_SQL

if TYPE_CHECKING:
    from .execute import Run

#: The types whose fields a document begins with.
ROOTS: Final = ("Query", "Mutation")

Keyed = Literal["person", "employer"]

#: Where a named query or a template says its own alias, and where the day in China.
ALIAS: Final = "{a}"
TODAY: Final = "{today}"


@dataclass(frozen=True, slots=True)
class Source:
    """Rows to read. ``sql`` stands after FROM; ``key`` are the columns that order and identify its rows.

    ``subject`` says whose rows they are where showing one shows a person (``person_key``, null where one is nobody's):
    who was shown is counted by it, with or without a name beside it. ``feeds`` are the tables whose deliveries
    the rows rest on.
    """

    sql: str
    key: tuple[str, ...]
    where: str = ""
    subject: Keyed | None = None
    feeds: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)


def source_of(table: Table, *, subject: Keyed | None = None, key: tuple[str, ...] = ()) -> Source:
    """A table's rows; of facts, the current ones."""
    is_fact = bool(table.info.get("fact"))
    return Source(
        sql=table.name,
        key=key or tuple(c.name for c in table.primary_key.columns if c.name != "known_until"),
        where=f"{ALIAS}.known_until = {FOREVER_SQL}" if is_fact else "",
        subject=subject,
        feeds=(table.name,) if is_fact else (),
        columns={c.name: _cast(c) for c in table.columns},
    )


def _cast(column: Column[Any]) -> str:
    """The PostgreSQL type to read a parameter as, beside this column."""
    if isinstance(column.type, Uuid):
        return "uuid"
    if isinstance(column.type, DateTime):
        return "timestamptz"
    if isinstance(column.type, Date):
        return "date"
    if isinstance(column.type, Numeric):
        return "numeric"
    return str(column.type).lower()


# -- what a field reads ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stored:
    """A SQL expression over the row, with ``{a}`` for its alias and ``{today}`` for the day in China.

    ``shown`` puts it, masked or not, into the answer.
    """

    sql: str
    shown: str = "{x}"


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A member of what Python reckons of each row: ``table(run)`` gives row → members, ``by`` is the row's column."""

    table: Callable[["Run"], Mapping[str, Mapping[str, Any]]]
    by: str
    member: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A member of a sealed value. ``masks``: mask → the column in which that form is stored ready."""

    column: str
    member: str
    masks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Identity:
    """The global id of the row: opaque, and different for every department."""

    kind: Keyed


@dataclass(frozen=True, slots=True)
class Link:
    """The one row of ``noun`` whose columns equal ours: their column → our column."""

    on: Mapping[str, str]
    noun: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """The rows of ``noun`` whose columns equal ours, in order, at most ``first``."""

    on: Mapping[str, str]
    order: tuple[str, ...]
    where: str = ""
    noun: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """What an argument of a page restricts. ``field``: the coordinate a grant must give, in clear, to filter by it."""

    sql: str
    cast: str
    field: str


@dataclass(frozen=True, slots=True)
class Page:
    """A Relay connection over ``noun``: keyset pages in one order."""

    order: tuple[str, ...]
    descending: bool
    filters: Mapping[str, Filter]
    where: str = ""
    noun: str = ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """One row of ``noun`` by its key, which is reckoned from an argument: (argument, key column)."""

    argument: str
    column: str
    kind: Keyed
    noun: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """Rows of any noun by global id."""

    many: bool


@dataclass(frozen=True, slots=True)
class Computed:
    """A root that a function answers: ``await verb(context, **arguments)`` gives plain values to project."""

    verb: Callable[..., Awaitable[Any]]
    noun: str = ""


@dataclass(frozen=True, slots=True)
class Changing:
    """A mutation: ``verb(change, **arguments)`` does it in a transaction and gives plain values to project.

    ``of``: the noun whose row scope says what it may change.
    """

    verb: Callable[..., Mapping[str, Any]]
    of: str
    noun: str = ""


Bound = Stored | Reckoned | Sealed | Identity | Link | Collection | Page | Lookup | Node | Computed | Changing
T = TypeVar("T", bound=type)


def _field(bound: Bound, description: str, resolver: Any = None) -> Any:
    return strawberry.field(resolver=resolver, description=description, metadata={"bound": bound})


def column(what: Column[Any] | str, description: str) -> Any:
    """A field that reads a stored column, or an expression over the row (``{a}`` is the row, ``{today}`` the day).

    A date that stands for "still open" (9999-12-31) is given as null; an amount as a decimal text.
    """
    if isinstance(what, str):
        return _field(Stored(what), description)
    sql = f'{ALIAS}."{what.name}"'
    if isinstance(what.type, Numeric):
        return _field(Stored(sql, "({x})::text"), description)
    if isinstance(what.type, Date) and what.name in {"ends_on", "left_on"}:
        sql = f"nullif({sql}, date '{FOREVER:%Y-%m-%d}')"
    return _field(Stored(sql), description)


def reckoned(table: Callable[["Run"], Mapping[str, Mapping[str, Any]]], by: str, member: str, description: str) -> Any:
    """A field that no column holds: it is reckoned for all rows at once, and found by the row's column ``by``."""
    return _field(Reckoned(table, by, member), description)


def sealed(what: Column[Any], member: str, description: str, *, masks: Mapping[str, Column[Any]] | None = None) -> Any:
    """A field that opens ``member`` of a sealed column, where a grant gives it in clear."""
    return _field(Sealed(what.name, member, {mask: c.name for mask, c in (masks or {}).items()}), description)


def identity(kind: Keyed) -> Any:
    """The field ``id``."""
    return _field(Identity(kind), "Opaque global id; another department gets another id for the same object.")


def link(on: Mapping[str, str], description: str) -> Any:
    """A field that leads to one other row: ``on`` maps their column to ours."""
    return _field(Link(on), description)


def collection(
    on: Mapping[str, str], order: tuple[str, ...], description: str, *, where: str = "", most: int = 100
) -> Any:
    """A field that leads to many rows, in ``order``; ``first`` bounds how many, ``most`` where it is not said."""

    def planned(first: int = most) -> Any:
        raise NotImplementedError  # planned, never resolved: see hub/query

    return _field(Collection(on, order, where), description, planned)


def root(bound: Page | Lookup | Node | Computed, arguments: Callable[..., Any], description: str) -> Any:
    """A root field. ``arguments`` is a function whose signature declares them; it is never called."""
    return _field(bound, description, arguments)


def mutation(verb: Callable[..., Mapping[str, Any]], of: str, arguments: Callable[..., Any], description: str) -> Any:
    """A field of ``Mutation``: see `Changing`. ``arguments`` as of a root."""
    return _field(Changing(verb, of), description, arguments)


# -- nouns -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Noun:
    """A type of the API: its source, and what each of its fields (by API name) reads.

    ``about``: the noun whose row scope decides, where this one is a view of the same rows.
    """

    name: str
    source: Source
    fields: Mapping[str, Bound]
    about: str = ""

    @property
    def by_root(self) -> bool:
        """Whether granting the root grants all of it: it holds nothing of anybody."""
        return self.source is BY_ROOT


SOURCE: Final = "__hub_source__"
EMPTY: Final = Source(sql="", key=())
BY_ROOT: Final = Source(sql="", key=("root",))


ABOUT: Final = "__hub_about__"


def noun(source: Source | Table = EMPTY, *, about: str = "", **more: Any) -> Callable[[T], T]:
    """Make a class a type of the API whose rows come from ``source``; of ``about``'s scope, where it is given."""

    def make(cls: T) -> T:
        made = strawberry.type(cls, description=(cls.__doc__ or "").strip(), **more)
        setattr(made, SOURCE, source_of(source) if isinstance(source, Table) else source)
        setattr(made, ABOUT, about)
        return made

    return make


def _target(annotation: Any) -> str:
    """The name of the noun that a field's type leads to; of a connection, its node's."""
    while isinstance(annotation, StrawberryList | StrawberryOptional):
        annotation = annotation.of_type
    if isinstance(annotation, LazyType):
        annotation = annotation.resolve_type()
    definition = get_object_definition(annotation)
    if definition is None:
        return ""
    variables = definition.type_var_map or {}
    if variables:
        return _target(next(iter(variables.values())))
    return definition.name


def grantable(nouns: Mapping[str, Noun]) -> dict[str, Mapping[str, str | None]]:
    """Type → its fields, as `hub.policy.undeclared` holds grants to them: a mutation with the noun it changes."""
    return {
        name: {key: bound.of if isinstance(bound, Changing) else None for key, bound in noun.fields.items()}
        for name, noun in nouns.items()
    }


def nouns_of(schema: strawberry.Schema) -> dict[str, Noun]:
    """Every bound type of a schema by its API name, the roots as ``Query`` and ``Mutation``."""
    found: dict[str, Noun] = {}
    for graphql_type in schema._schema.type_map.values():  # noqa: SLF001 - the only way from SDL names to classes
        definition = (graphql_type.extensions or {}).get("strawberry-definition")
        origin = getattr(definition, "origin", None)
        if definition is None or not (hasattr(origin, SOURCE) or graphql_type.name in ROOTS):
            continue
        fields: dict[str, Bound] = {}
        for one in definition.fields:
            bound = one.metadata.get("bound")
            if bound is None:
                raise TypeError(f"{graphql_type.name}.{one.python_name} says nothing of what it reads")
            if isinstance(bound, get_args(Link | Collection | Page | Lookup | Computed | Changing)):
                bound = replace(bound, noun=_target(one.type))
            fields[schema.config.name_converter.get_graphql_name(one)] = bound
        found[graphql_type.name] = Noun(
            graphql_type.name, getattr(origin, SOURCE, EMPTY), fields, getattr(origin, ABOUT, "")
        )
    return found
