"""Numbers that name something: an account, a certificate, an employer by one of its numbers.

Pure. A person's number in the place of another becomes ``owner:<document>``, which is never stored in clear.
"""

import re

import numpy as np
import polars as pl

from hub.intake import binary
from hub.terms import (
    InvalidResidentId,
    InvalidTerm,
    ResidentId,
    canonical_organization_code,
    is_null_text,
    is_organization_code,
    normalize_text,
)
from hub.terms.uscc import ALPHABET, AUTHORITIES, WEIGHTS, InvalidUscc, Uscc

from .validate import DAMAGED, EXACT, Column, Reading, of_length, plainly, refused_where

_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d+", re.ASCII)
#: Byte → the value of a code's character; of any other, none that a code has.
_VALUES = np.array([ALPHABET.find(chr(one)) if chr(one) in ALPHABET else 99 for one in range(256)], np.int16)
_AUTHORITIES = np.frombuffer("".join(AUTHORITIES).encode(), np.uint8)
_FUNDS = ("provident_fund", "social_insurance", "medical_insurance")


def numbers(column: Column) -> Reading:
    """A number that names something. One that is a person's becomes ``owner:<document>``."""

    def parse(one: str) -> str | None:
        word = normalize_text(one).replace(" ", "").strip("'`").upper()
        if is_null_text(word, zero=True):
            return None
        if _SCIENTIFIC.fullmatch(word):
            raise InvalidTerm("scientific", DAMAGED)
        if len(word) > 64:
            raise InvalidTerm("length", "longer than any number")
        owner = _owner(word)
        return owner + word[18:] if owner else word  # of a reissued certificate only the tail is new

    plain = column.text.str.contains(r"^[0-9A-Z]{1,14}$|^[0-9A-Z]{16}$").fill_null(value=True)
    plain &= ~column.text.str.contains(r"^0+$|^\d+E\d+$|^NULL$|^NONE$|^NAN$").fill_null(value=False)
    return _undamaged(plainly(column.text, plain, column.text, parse), column)


def _owner(word: str) -> str | None:
    """A person's number in the place of an employer's: 18 characters, or 20 as tax offices number persons.

    A disability certificate's number has 20 too, and 22 once it was issued again (B1).
    """
    if not re.fullmatch(r"\d{17}[\dX](?:\d\d(?:B\d)?)?", word) or _is_uscc(word):
        return None
    try:
        return f"owner:CN:{ResidentId.parse(word[:18]).number}"
    except InvalidResidentId:
        return None


def _is_uscc(word: str) -> bool:
    try:
        Uscc.parse(word)
    except InvalidUscc:
        return False
    return True


def employers(column: Column, accepted: list[str]) -> Reading:
    """An employer's number: its USCC, or ``<kind>:<number>`` of the kinds accepted, the surest first.

    A code that is plainly one is told by column arithmetic.
    """
    text = column.text
    plain = _plain_usccs(text) if "uscc" in accepted else text.is_null()
    return _undamaged(plainly(text, plain, text, lambda one: _employer(one, accepted)), column)


def _plain_usccs(text: pl.Series) -> pl.Series:
    """Which texts are plainly a code as `Uscc.parse` knows it; one of figures alone may be a person's number."""

    def fine(_whole: pl.Series, characters: binary.Array) -> binary.Array:
        values = _VALUES[characters]
        right: binary.Array = np.isin(characters[0], _AUTHORITIES) & (values.max(axis=0) < len(ALPHABET))
        right &= (values[2:8].max(axis=0) <= 9) & (values[8:17].max(axis=0) > 0) & (values[:17].max(axis=0) > 9)
        total = sum(place * weight for place, weight in zip(values, WEIGHTS, strict=False))
        right &= -total % len(ALPHABET) == values[17]
        return right

    return of_length(len(WEIGHTS) + 1, text, fine)


def _employer(one: str, accepted: list[str]) -> str | None:
    if is_null_text(one, zero=True):
        return None
    word = normalize_text(one).replace(" ", "").strip("'`").upper()
    if _SCIENTIFIC.fullmatch(word):
        raise InvalidTerm("scientific", DAMAGED)
    bare = word.replace("-", "")
    if "uscc" in accepted and _is_uscc(bare):
        return bare
    if "owner" in accepted and (owner := _owner(bare)):
        return owner
    # Nine characters, or the fifteen of an old tax number: a division and the organization code.
    code = bare[-9:] if len(bare) == 9 or (len(bare) == 15 and bare[:6].isdigit()) else ""
    if "organization_code" in accepted and code and is_organization_code(code):
        return f"organization_code:{canonical_organization_code(code)}"
    if "registration" in accepted and re.fullmatch(r"\d{13}(\d\d)?", bare):
        return f"registration:{bare}"
    return _account(bare, accepted) or Uscc.parse(bare).number


def _account(bare: str, accepted: list[str]) -> str | None:
    """An account with a fund, which may be any short number but a credit code or a person's."""
    kind = next((kind for kind in _FUNDS if kind in accepted), None)
    credit_code = len(bare) == 18 and "uscc" in accepted
    if kind and not credit_code and re.fullmatch(r"[0-9A-Z]{1,24}", bare) and not _owner(bare):
        return f"{kind}:{bare}"
    if "uscc" not in accepted:
        raise InvalidTerm("number", "no number that an employer has here")
    return None


def _undamaged(found: Reading, column: Column) -> Reading:
    """Rejects what stood in a numeric cell and has more figures than such a cell keeps."""
    if column.numeric is None:
        return found
    damaged = (column.numeric & (column.text.str.len_bytes() > EXACT)).fill_null(value=False)
    return refused_where(damaged, DAMAGED, found)
