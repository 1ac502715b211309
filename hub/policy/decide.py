"""May this client, under this one grant, ask this today? All reasons at once where not. Pure.

Nothing is open that the grant does not name: roots, mutations, fields, filters, sorts, rows. One grant is decided at a
time, so that two never add up to a cell that neither gives.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from hub.terms import canonical_region

from .client import Client
from .grant import Grant, Operation, Quota, RowCondition, attribute_of
from .rows import Predicate

Code = Literal[
    "POLICY_ROOT",
    "POLICY_MUTATION",
    "POLICY_FIELD",
    "POLICY_FILTER_MASKED",
    "POLICY_FILTER",
    "POLICY_SORT",
    "POLICY_ROWS",
    "POLICY_EXPIRED",
    "POLICY_NOT_YET",
    "POLICY_SCOPE",
    "POLICY_CLIENT_ATTRIBUTE",
]
Coordinate = tuple[str, str]
"""A type and its field, as the API calls them: ("Person", "birthOn")."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a document asks: roots or mutations called, fields selected, fields filtered and sorted or grouped by.

    The key of a root (the USCC of ``employer(uscc:)``) belongs to the root and is no filter. `purpose`, as the request
    states it, is for the record; the grant's own purpose is what binds.
    """

    roots: frozenset[str] = frozenset()
    mutations: frozenset[str] = frozenset()
    fields: frozenset[Coordinate] = frozenset()
    filters: frozenset[Coordinate] = frozenset()
    sorts: frozenset[Coordinate] = frozenset()
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not. `coordinate`: what was asked for, or the grant; `message` names it, the grant, the remedy."""

    code: Code
    coordinate: str
    message: str


@dataclass(frozen=True, slots=True)
class Decision:
    """`rows` has every type that the grant gives rows of; a type that is not in it has none.

    Where `allowed` is false, `masks` and `rows` are empty: nothing of a refusal can be used by mistake.
    """

    grant: str
    digest: str
    allowed: bool
    reasons: tuple[Reason, ...]
    masks: Mapping[Coordinate, str] = field(default_factory=dict)
    rows: Mapping[str, tuple[Predicate, ...]] = field(default_factory=dict)
    quota: Quota | None = None
    mutations: frozenset[str] = frozenset()


def decide(grant: Grant, client: Client, asked: Asked, today: date) -> Decision:
    """`today` is the day in China. `masks` are those of the fields asked for."""
    rows: dict[str, tuple[Predicate, ...]] = {}
    unbound: list[Reason] = []
    for type_name, conditions in grant.rows.items():
        bound = [_bind(grant, client, type_name, condition) for condition in conditions]
        unbound += [one for one in bound if isinstance(one, Reason)]
        rows[type_name] = tuple(one for one in bound if isinstance(one, Predicate))
    reasons = (*_standing(grant, client, today), *unbound, *_selected(grant, asked), *_arranged(grant, asked))
    if reasons:
        return Decision(grant.name, grant.digest, allowed=False, reasons=reasons)
    masks = {(name, one): mask for name, one in asked.fields if (mask := grant.mask(name, one)) is not None}
    return Decision(
        grant.name,
        grant.digest,
        allowed=True,
        reasons=(),
        masks=masks,
        rows=rows,
        quota=grant.quota,
        mutations=asked.mutations,
    )


def asked_for(asks: Iterable[str]) -> Asked:
    """What an example's ``asks`` say: ``Person.name``, ``root:person``, ``mutation:…``, ``filter:Person.birthOn``, …"""
    found: dict[str, set[Any]] = {"root": set(), "mutation": set(), "": set(), "filter": set(), "sort": set()}
    for ask in asks:
        kind, _, rest = ask.rpartition(":")
        found[kind].add(rest if kind in {"root", "mutation"} else tuple(rest.split(".")))
    return Asked(
        roots=frozenset(found["root"]),
        mutations=frozenset(found["mutation"]),
        fields=frozenset(found[""]),
        filters=frozenset(found["filter"]),
        sorts=frozenset(found["sort"]),
    )


def _standing(grant: Grant, client: Client, today: date) -> Iterator[Reason]:
    if grant.name not in client.scopes:
        held = ", ".join(client.scopes) or "none"
        yield Reason(
            "POLICY_SCOPE", grant.name, f"{client.id} does not hold {grant.name}. Use a grant that it holds ({held})."
        )
    if grant.starts is not None and today < grant.starts:
        yield Reason(
            "POLICY_NOT_YET", grant.name, f"{grant.name} holds from {grant.starts} on. Ask again from that day on."
        )
    if today > grant.expires:
        yield Reason(
            "POLICY_EXPIRED", grant.name, f"{grant.name} expired on {grant.expires}. Apply for it to be renewed."
        )


def _selected(grant: Grant, asked: Asked) -> Iterator[Reason]:
    """Roots, mutations, fields and the rows they would come from."""
    add = f"apply for it to be added to {grant.name}."
    for root in sorted(asked.roots - grant.roots):
        yield Reason(
            "POLICY_ROOT", f"Query.{root}", f"Query.{root} is not in {grant.name}. Use a root that is, or {add}"
        )
    for name in sorted(asked.mutations - grant.mutations):
        yield Reason(
            "POLICY_MUTATION", f"Mutation.{name}", f"Mutation.{name} is not in {grant.name}. Leave it out, or {add}"
        )
    for at, coordinate in _named(asked.fields):
        if not grant.gives(*coordinate):
            yield Reason("POLICY_FIELD", at, f"{at} is not in {grant.name}. Leave it out, or {add}")
    for name in sorted({name for name, one in asked.fields if grant.gives(name, one)}):
        if not grant.rows.get(name):
            message = f"{grant.name} names no rows of {name}, so it gives none. Leave {name} out, or {add}"
            yield Reason("POLICY_ROWS", name, message)


def _arranged(grant: Grant, asked: Asked) -> Iterator[Reason]:
    """Filters and orders: by them, what is masked or not given could be found out all the same."""
    add = f"apply for it to be added to {grant.name}."
    for at, coordinate in _named(asked.filters):
        if not grant.gives(*coordinate):
            message = f"{at} is not in {grant.name}, so nothing is filtered by it. Leave the filter out, or {add}"
            yield Reason("POLICY_FILTER", at, message)
        elif grant.mask(*coordinate) is not None:
            message = f"{at} is masked in {grant.name}, so nothing is filtered by it. Leave the filter out."
            yield Reason("POLICY_FILTER_MASKED", at, message)
    for at, coordinate in _named(asked.sorts):
        if not grant.gives(*coordinate) or grant.mask(*coordinate) is not None:
            state = "masked" if grant.gives(*coordinate) else "not"
            message = f"{at} is {state} in {grant.name}, so nothing is sorted or grouped by it. Choose another order."
            yield Reason("POLICY_SORT", at, message)


def _named(coordinates: Iterable[Coordinate]) -> Iterator[tuple[str, Coordinate]]:
    return ((".".join(one), one) for one in sorted(coordinates))


def _bind(grant: Grant, client: Client, type_name: str, condition: RowCondition) -> Predicate | Reason:
    """The condition with the client's values put in, or the reason why they cannot be."""
    values: list[Any] = []
    for value in condition.values:
        name = attribute_of(value)
        if name is None:
            values.append(value)
            continue
        try:
            values += _attribute(client, name, condition.operation)
        except ValueError as problem:  # its words are ours: no value of the client's is quoted
            at = f"{type_name}.{condition.column}"
            message = f"{at}: {client.id} {problem}, on which {grant.name} rests. Have the hub's operator set it."
            return Reason("POLICY_CLIENT_ATTRIBUTE", at, message)
    return Predicate(type_name, condition.column, condition.operation, tuple(values))


def _attribute(client: Client, name: str, operation: Operation) -> list[Any]:
    """The values of a client's attribute, fit for the operation; ValueError says what the client lacks."""
    said = client.attributes.get(name)
    values: list[Any] = list(said) if isinstance(said, list | tuple) else [said]
    if not values or not all(isinstance(one, str) and one.strip() for one in values):
        raise ValueError(f"has no attribute '{name}'")
    if len(values) > 1 and operation in {"equals", "since"}:
        raise ValueError(f"has several values of the attribute '{name}', where one is needed")
    try:
        if operation == "under":
            return [canonical_region(one) for one in values]
        if operation == "since":
            return [date.fromisoformat(one) for one in values]
    except ValueError:
        kind = "region code" if operation == "under" else "day (YYYY-MM-DD)"
        raise ValueError(f"has no {kind} as its attribute '{name}'") from None
    return values
