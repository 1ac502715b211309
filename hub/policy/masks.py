"""The masks that a grant may name: how a value is shown with less in it. Pure.

A mask is defined here and nowhere else, once as SQL and once in Python, because sealed values are opened in Python;
the two agree (tested). Where the masked form of a sealed value rests ready in the store, `stored` names its column and
nothing need be opened. A mask keeps the type of the field: a masked date is a date. Null stays null.

To add one: an entry here with the kinds of field it suits, and a vector in its test.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Literal

Kind = Literal["identifier", "name", "text", "date", "region", "amount"]

BAND = 1000  # yuan
SHORTEST = 8  # characters: of less than this, four would be half of it


@dataclass(frozen=True, slots=True)
class Mask:
    """`shows` completes "is shown as". `sql` takes and gives an SQL expression; `python` takes a value, never null.

    `kinds`: the fields it suits. `stored`: column → the column that holds its masked form.
    """

    name: str
    shows: str
    kinds: frozenset[Kind]
    sql: Callable[[str], str]
    python: Callable[[Any], Any]
    stored: Mapping[str, str] = field(default_factory=dict)

    def stored_column(self, column: str) -> str | None:
        """The column that holds the masked form of `column`, if one does."""
        return self.stored.get(column)

    def apply(self, value: Any) -> Any:
        return None if value is None else self.python(value)


def _last4(value: str) -> str:
    return "*" * (len(value) - 4) + value[-4:] if len(value) >= SHORTEST else "****"


def _surname(value: str) -> str:
    return value[0] + "*" * (len(value) - 1) if len(value) > 1 else "*"


def _year(value: date) -> date:
    return date(value.year, 1, 1)


def _area(value: str) -> str:
    return value[:9]


def _yes_no(value: str) -> str:
    return "yes" if value.strip(" ") else "no"


def _band(value: Decimal) -> Decimal:
    return (Decimal(value) / BAND).to_integral_value(ROUND_FLOOR) * BAND


MASKS: Mapping[str, Mask] = {
    mask.name: mask
    for mask in (
        Mask(
            "last4",
            "asterisks and its last four characters; of fewer than eight characters, asterisks alone",
            frozenset({"identifier"}),
            lambda x: (
                f"case when length({x}) >= {SHORTEST} "
                f"then repeat('*', length({x}) - 4) || right({x}, 4) when {x} is not null then '****' end"
            ),
            _last4,
            {"resident_id": "resident_id_masked"},
        ),
        Mask(
            "surname",
            "its first character and an asterisk for each further one; of a single character, an asterisk",
            frozenset({"name"}),
            lambda x: (
                f"case when length({x}) > 1 then left({x}, 1) || repeat('*', length({x}) - 1) "
                f"when {x} is not null then '*' end"
            ),
            _surname,
            {"name": "name_masked", "legal_representative": "legal_representative_masked"},
        ),
        Mask(
            "year",
            "the first of January of its year",
            frozenset({"date"}),
            lambda x: f"date_trunc('year', {x}::timestamp)::date",  # a plain timestamp: no time zone has a say
            _year,
        ),
        Mask(
            "area",
            "its first nine digits: the town or street, without the village",
            frozenset({"region"}),
            lambda x: f"left({x}, 9)",
            _area,
        ),
        Mask(
            "yes_no",
            "yes where there is one, no where it is blank",
            frozenset({"text", "identifier", "name"}),
            lambda x: f"case when btrim({x}) <> '' then 'yes' when {x} is not null then 'no' end",
            _yes_no,
        ),
        Mask(
            "band",
            f"the lower end of its band of {BAND} yuan",
            frozenset({"amount"}),
            lambda x: f"floor({x} / {BAND}) * {BAND}",
            _band,
        ),
    )
}
