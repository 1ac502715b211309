"""The citizen's identity number (公民身份号码) and what is written in its place. No I/O.

Six digits of division, eight of birth, three of sequence (odd: male), one check character. Source: GB 11643-1999.
In charge of: reading the number as departments write it, its canonical 18 characters, its masked form.
Refuses a text for the reasons of `InvalidResidentId`, never for its division: that is where the number was first
issued, may be abolished or younger than the holder, and says nothing about present residence.
No message, cause or repr ever shows the number.
"""

import re
from dataclasses import dataclass
from datetime import date
from operator import mul
from typing import Literal, Self

from hub.terms.invalid import InvalidTerm
from hub.terms.text import INVISIBLE, is_null_text
from hub.terms.time import today_in_china

ResidentKind = Literal["citizen", "hmt_resident", "foreign_resident"]

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_OFFSET = ord("0") * sum(_WEIGHTS)  # the digits are summed as bytes, so what "0" weighs is taken off
_LAST = frozenset("0123456789X")

_EARLIEST = date(1850, 1, 1)  # registers of numbers began in 1984: nobody in them was born before
_SURELY_PAST = date(2025, 1, 1)  # a birth before this day needs no look at the clock

_QUOTES = "'`\"\u2018\u2019\u201c\u201d\u2032\uff07\uff02"
_BLANKS = " \t\r\n\v\f\u00a0\u2002\u2003\u2009\u202f\u3000"
_FOLD: dict[int, str | None] = {
    **dict.fromkeys(map(ord, _BLANKS + _QUOTES + INVISIBLE)),
    **{0xFF10 + digit: str(digit) for digit in range(10)},
    **dict.fromkeys(map(ord, "xＸｘⅩⅹ"), "X"),
    ord("＊"): "*",
    ord("．"): ".",
}
_MASKS = "*#●•×"
_LENGTHS = {15, 18, 20, 22}
_DISABILITY_SUFFIX = re.compile(r"[1-7][1-4](?:B\d)?", re.ASCII)

REASONS = {
    "blank": "nothing is given",
    "masked": "the number is masked; ask for it in full",
    "scientific": "a spreadsheet made the number a floating-point one and lost digits; deliver the column as text",
    "length": "neither 18 characters nor 15 (nor 20 of a disability certificate)",
    "characters": "only digits may stand here, and X at the end",
    "dummy": "a placeholder, not a number that was ever issued",
    "birth_date": "the birth date in the number does not exist",
    "birth_in_future": "the birth date in the number is in the future",
    "check": "the check character does not fit the number",
    "disability": "the two characters after the identity number are no category (1-7) and level (1-4) of disability",
}


class InvalidResidentId(InvalidTerm):
    """Not a resident ID. `reason` is a key of `REASONS`."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(reason, message or REASONS[reason])


@dataclass(frozen=True, slots=True, order=True, repr=False)
class ResidentId:
    """A valid resident ID in its canonical 18 characters. Made by `parse`; the constructor does not look."""

    number: str

    @classmethod
    def parse(cls, text: str, *, today: date | None = None) -> Self:
        """The ID that a text means: 18 characters, 15 (the form until 1999), or 20 of a disability certificate.

        Takes lower-case x, full-width characters, blanks, apostrophes and invisible characters. A birth after `today`
        (by default today in China) is refused. The check character catches any one wrong character and any two
        neighbors swapped, but one in eleven numbers that a spreadsheet rounded passes: see `ends_in_zeros`.
        """
        is_plain = len(text) == 18 and text.isascii() and text[:17].isdigit()
        number = text.upper() if is_plain else _eighteen(_fold(text))
        _verify(number, today)
        return cls(number)

    @property
    def birth_on(self) -> date:
        return date.fromisoformat(self.number[6:14])

    @property
    def sex(self) -> Literal["male", "female"]:
        return "male" if int(self.number[16]) % 2 else "female"

    @property
    def division(self) -> str:
        """Six digits: where the number was first issued, as the division was called then."""
        return self.number[:6]

    @property
    def kind(self) -> ResidentKind:
        """Whose it is: a citizen's, a resident's from Hong Kong, Macao or Taiwan (81, 82, 83), a foreigner's (9)."""
        if self.number[0] == "9":
            return "foreign_resident"
        return "hmt_resident" if self.number[:2] in {"81", "82", "83"} else "citizen"

    @property
    def ends_in_zeros(self) -> bool:
        """Whether it ends in three zeros, as a spreadsheet leaves it; so does one genuine number in about 1,100."""
        return self.number.endswith("000")

    def masked(self) -> str:
        return mask_resident_id(self.number)

    def __repr__(self) -> str:
        return f"ResidentId({self.masked()})"

    __str__ = __repr__  # so that no f-string lets the number out by accident


@dataclass(frozen=True, slots=True)
class DisabilityNumber:
    """The number of a disability certificate (残疾人证): an ID, a category 1 to 7, a level 1 (severest) to 4."""

    resident_id: ResidentId
    category: int
    level: int

    @property
    def title(self) -> str:
        return DISABILITIES[self.category]

    @property
    def is_severe(self) -> bool:
        """重度残疾: levels one and two."""
        return self.level <= 2


DISABILITIES = {1: "视力", 2: "听力", 3: "言语", 4: "肢体", 5: "智力", 6: "精神", 7: "多重"}


def disability(text: str, *, today: date | None = None) -> DisabilityNumber:
    """The parts of a disability certificate's number: 20 characters, and B1, B2 … after a reissue."""
    folded = _fold(text)
    if len(folded) < 20:
        raise InvalidResidentId("blank" if is_null_text(folded, zero=True) else "length")
    number = _eighteen(folded)
    _verify(number, today)
    return DisabilityNumber(ResidentId(number), int(folded[18]), int(folded[19]))


def check_character(first17: str) -> str:
    """The eighteenth character for the first seventeen digits (ISO 7064 MOD 11-2)."""
    if len(first17) != 17 or not (first17.isascii() and first17.isdigit()):
        raise InvalidResidentId("characters", "a check character is computed over seventeen digits")
    return _check(first17)


def mask_resident_id(number: str) -> str:
    """Fourteen asterisks and the last four characters; of anything that is not 18 characters, nothing is shown."""
    return "*" * 14 + (number[14:] if len(number) == 18 else "****")


def _check(number: str) -> str:
    return _CHECKS[(sum(map(mul, _WEIGHTS, number.encode())) - _OFFSET) % 11]  # map ends with the 17 weights


def _fold(text: str) -> str:
    return text.translate(_FOLD).upper()


def _eighteen(folded: str) -> str:
    """Any accepted form, folded, as 18 characters of which 17 are digits; birth and check are not yet looked at."""
    reason = _not_a_number(folded)
    if reason:
        raise InvalidResidentId(reason)
    if len(folded) == 15:
        # 996 to 999 were kept for those who were a hundred years old when the numbers were given out
        century = "18" if folded[12:] >= "996" else "19"
        digits = folded[:6] + century + folded[6:]
        return digits + _check(digits)
    if len(folded) > 18 and not _DISABILITY_SUFFIX.fullmatch(folded, 18):
        raise InvalidResidentId("disability")
    return folded[:18]


def _not_a_number(folded: str) -> str | None:
    """The reason why a text cannot be a number of any accepted form, as far as its looks tell."""
    if is_null_text(folded, zero=True):
        return "blank"
    if any(mask in folded for mask in _MASKS):
        return "masked"
    if ("E+" in folded or "." in folded) and not folded.strip("0123456789.E+"):
        return "scientific"
    if len(set(folded)) == 1 and folded.isdigit():
        return "dummy"
    if len(folded) not in _LENGTHS:
        return "length"
    digits = folded[:17]
    return None if digits.isascii() and digits.isdigit() else "characters"


def _verify(number: str, today: date | None) -> None:
    if number[17] not in _LAST:
        raise InvalidResidentId("characters")
    if number[0] == "0" or number.endswith("0000") or number.count(number[0]) >= 17:
        raise InvalidResidentId("dummy")
    birth_on = _date(number[6:14])
    if birth_on is None or birth_on < _EARLIEST:
        raise InvalidResidentId("birth_date")
    if birth_on > (today or _SURELY_PAST) and birth_on > (today or today_in_china()):
        raise InvalidResidentId("birth_in_future")
    if number[17] != _check(number):
        raise InvalidResidentId("check")


def _date(digits: str) -> date | None:
    try:
        return date.fromisoformat(digits)
    except ValueError:
        return None  # refused by the caller, outside this block: the error's own words quote the birth date
