"""A row of any source as a line of JSON: exactly what it says, without what nobody needs.

In charge of names (the source's columns, the connector's headers), of values as text, and of the operation. Refuses a
value that has no text of its own, by its column. Pure; touches no database.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from hub.errors import IntakeError
from hub.intake.connector import Connector, Operation, names
from hub.intake.extract.header import OPERATION, normal
from hub.terms import normalize_text


@dataclass(frozen=True, slots=True)
class Lines:
    """Makes the lines of one source. ``columns``: its columns → headers; ``ordered``: the last row of a fact counts."""

    connector: Connector
    columns: Mapping[str, str]
    operation: Operation | None
    ordered: bool
    zone: ZoneInfo

    def header(self, column: str) -> str:
        return self.columns.get(column, column)

    def not_needed(self, column: str) -> bool:
        """Whether the connector ignores a column: what is not needed is not kept, where possible not even asked for."""
        return normal(self.header(column))[0] in {normal(one)[0] for one in self.connector.ignored}

    def done(self, row: Mapping[str, Any]) -> str | None:
        """What a row does: ``write``, ``delete``, or the word itself where nobody knows it."""
        if self.operation is None:
            return "write" if self.ordered else None
        column = next((one for one in names(self.operation.from_) if one in row), None)
        word = normalize_text(str(row[column])) if column is not None and row[column] is not None else ""
        return self.operation.spellings.get(word.casefold(), word)

    def line(self, row: Mapping[str, Any], left_out: frozenset[str] = frozenset()) -> bytes:
        """A row as JSON, without the columns that are ``left_out`` or not needed."""
        said = {
            self.header(column): text_of(value, column, self.zone)
            for column, value in row.items()
            if column not in left_out and not self.not_needed(column)
        }
        done = self.done(row)
        return orjson.dumps(said if done is None else {**said, OPERATION: done})


class Number(str):
    """A number as its source spelt it."""

    __slots__ = ()


def text_of(value: Any, column: str, zone: ZoneInfo) -> Any:
    """A value as a JSON value: exact ones as text, floating ones as numbers, because those may have lost figures."""
    match value:
        case None:
            return None
        case Number():
            return str(value) if value.lstrip("-").isdigit() else orjson.Fragment(value)
        case str():
            return value
        case bool():
            return str(value).lower()
        case int() | UUID() | timedelta():
            return str(value)
        case Decimal() if value.is_finite():
            return format(value, "f")
        case float() if math.isfinite(value):
            return value
        case datetime():
            here = value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value
            return here.date().isoformat() if here.time() == time() else here.isoformat(" ")
        case date() | time():
            return value.isoformat()
    kind = type(value).__name__
    raise IntakeError(
        "INTAKE_CHANNEL", f"column '{column}' holds a value that is no text ({kind})", "",
        "leave the column out by the connector's 'ignored', or ask the department for it as text",
    )  # fmt: skip
