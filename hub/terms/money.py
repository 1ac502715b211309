"""Amounts in yuan as exact decimals of two places. No I/O.

Reads amounts as deliveries write them. Refuses, as `InvalidAmount`, what is not one; a message never quotes it, because
a wage may stand there.
"""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from hub.terms.invalid import InvalidTerm
from hub.terms.text import is_null_text, normalize_text

_CENT = Decimal("0.01")
_WAN = Decimal(10_000)
_LIMIT = Decimal("99999999999999.995")  # a hundred trillion yuan, once rounded: what numeric(16, 2) cannot hold
_AMOUNT = re.compile(
    r"(?P<open>\()?(?P<sign>[-+])?[¥￥]?(?P<inner>[-+])?"
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)"
    r"(?P<unit>元整?|圆整?|万元?)?(?P<close>\))?",
    re.ASCII,
)


class InvalidAmount(InvalidTerm):
    """Not an amount. `reason` is one of blank, amount, range."""


def yuan(text: str, unit: Literal["yuan", "wan"] = "yuan") -> Decimal:
    """The amount in yuan, rounded half up to the fen: "1,234.50", "1234.5元", "1.2万元", "(1,234.50)" for a negative.

    `unit` is what the column's header says, for texts that name no unit of their own.
    """
    if is_null_text(text):
        raise InvalidAmount("blank", "nothing is given")
    normal = normalize_text(text).replace(" ", "").replace("−", "-").strip("'")
    found = _AMOUNT.fullmatch(normal)
    marks = [mark for mark in found.group("open", "sign", "inner") if mark] if found else []
    if found is None or bool(found["open"]) != bool(found["close"]) or len(marks) > 1:
        raise InvalidAmount("amount", "not an amount in any spelling known here")
    if len(found["number"]) > 40:
        raise InvalidAmount("range", "larger than any amount could be")
    amount = Decimal(found["number"].replace(",", ""))
    if (found["unit"] or "").startswith("万") or (unit == "wan" and not found["unit"]):
        amount *= _WAN
    if amount >= _LIMIT:
        raise InvalidAmount("range", "larger than any amount could be")
    amount = amount.quantize(_CENT, ROUND_HALF_UP)
    return -amount if amount and marks not in ([], ["+"]) else amount
