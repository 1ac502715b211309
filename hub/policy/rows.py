"""Which rows: one predicate, read in two ways. Pure.

``where`` writes the predicates as SQL for the statement that fetches; ``holds`` judges one row that is at hand. They
stand side by side because they must say the same (tested on PostgreSQL), and both say no where nothing is said:
no predicate, a null, a column the row does not have.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from hub.terms.region import significant_digits

from .grant import Operation


@dataclass(frozen=True, slots=True)
class Predicate:
    """One condition on the rows of a type, with the client's values put in. `column` is None where it is about none."""

    type: str
    column: str | None
    op: Operation
    values: tuple[Any, ...] = ()


def holds(
    predicates: Sequence[Predicate], row: Mapping[str, Any], *, reached: bool = False, listed: Collection[str] = ()
) -> bool:
    """Whether a row (column → value) is given.

    `reached`: a link from an allowed row led to it. `listed`: the deliveries that its subject has a current fact from.
    """
    return bool(predicates) and all(_holds(one, row, reached, listed) for one in predicates)


def where(
    predicates: Sequence[Predicate],
    alias: str,
    parameter: Callable[[Any], str],
    listed: Callable[[tuple[str, ...], str], str],
    *,
    reached: bool = False,
) -> str:
    """The same as an SQL condition on the table called `alias`; of three values, only true gives the row.

    `parameter` takes a value (a list for several) and returns its placeholder. `listed` takes deliveries and the alias
    and returns the condition that the subject has a current fact from one of them. `reached`: the statement comes to
    these rows by a link from allowed ones. The text depends on the grant alone, the values are all parameters.
    """
    return " and ".join(_where(one, alias, parameter, listed, reached) for one in predicates) or "false"


def _holds(one: Predicate, row: Mapping[str, Any], reached: bool, listed: Collection[str]) -> bool:
    if one.op == "everyone":
        return True
    if one.op == "reached":
        return reached
    if one.op == "listed_in":
        return any(name in listed for name in one.values)
    value = row.get(one.column or "")
    if value is None:
        return False
    if one.op == "under":
        return isinstance(value, str) and value.startswith(tuple(map(significant_digits, one.values)))
    if one.op == "since":
        return _not_before(value, one.values[0])
    return any(_same(value, wanted) for wanted in one.values)


def _where(
    one: Predicate,
    alias: str,
    parameter: Callable[[Any], str],
    listed: Callable[[tuple[str, ...], str], str],
    reached: bool,
) -> str:
    # Days go as text: asyncpg sends the last one there is, which stands for no end, as ``infinity``.
    column = f"{alias}.{one.column}"
    if one.op == "everyone":
        return "true"
    if one.op == "reached":
        return "true" if reached else "false"
    if one.op == "listed_in":
        return f"({listed(one.values, alias)})"
    if one.op == "under":
        return f"{column} like any({parameter([significant_digits(code) + '%' for code in one.values])})"
    if one.op == "since":
        return f"{column} >= cast(cast({parameter(one.values[0].isoformat())} as text) as date)"
    if isinstance(one.values[0], date):
        return f"{column} = any(cast(cast({parameter([day.isoformat() for day in one.values])} as text[]) as date[]))"
    return f"{column} = any({parameter(list(one.values))})"


def _same(value: Any, wanted: Any) -> bool:
    """Equal, and true is no 1."""
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)


def _not_before(value: Any, day: date) -> bool:
    """An instant counts from the day's midnight in UTC, the time zone of the hub's sessions."""
    if isinstance(value, datetime):
        return value >= datetime.combine(day, time(), UTC)
    return isinstance(value, date) and value >= day
