"""The unified social credit code (统一社会信用代码) of an employer, and the organization code inside it. No I/O.

One character of registering authority, one of category, six digits of the registering office's division, nine of the
organization code (组织机构代码, GB 11714), one check character. Source: GB 32100-2015 with amendment 1 (A, N, Y).
Refuses a text for the reasons of `InvalidUscc`. The organization code's own check character is not enforced, because
registers have issued codes that break it. The codes are public, so messages quote them; but an owner's resident ID may
stand in their place, so long numbers are masked, and a valid resident ID is refused whatever else it may be.
"""

from dataclasses import dataclass
from operator import mul
from typing import Self

from hub.terms.invalid import InvalidTerm
from hub.terms.resident_id import InvalidResidentId, ResidentId
from hub.terms.text import is_null_text, normalize_text, quotable

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # 31 characters: no I, O, S, V, Z
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

_ORGANIZATION_VALUE = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_ORGANIZATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANIZATION_CHECKS = "0X987654321"  # by the sum modulo 11: 11 - 1 is X, 11 - 0 is 0

AUTHORITIES = {
    "1": "机构编制", "2": "外交", "3": "司法行政", "4": "文化", "5": "民政", "6": "旅游", "7": "宗教", "8": "工会",
    "9": "市场监管", "A": "军队编制", "N": "农业", "Y": "其他",
}  # fmt: skip
CATEGORIES = {
    "11": "机关", "12": "事业单位", "13": "群团",
    "31": "律师事务所", "32": "公证处", "33": "基层法律服务所", "34": "司法鉴定机构", "35": "仲裁委员会",
    "51": "社会团体", "52": "民办非企业单位", "53": "基金会",
    "71": "宗教活动场所", "72": "宗教院校",
    "81": "基层工会",
    "91": "企业", "92": "个体工商户", "93": "农民专业合作社",
    "A1": "军队事业单位",
    "N1": "组级集体经济组织", "N2": "村级集体经济组织", "N3": "乡镇级集体经济组织",
    "Y1": "其他",
}  # fmt: skip


class InvalidUscc(InvalidTerm):
    """Not a code. `reason` is one of blank, masked, length, characters, authority, dummy, check, resident_id."""


@dataclass(frozen=True, slots=True, order=True)
class Uscc:
    """A valid code in its canonical 18 characters. Made by `parse`; the constructor does not look."""

    number: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The code that a text means; takes lower case, full-width characters, blanks and hyphens."""
        number = text if len(text) == 18 and text.isascii() and text.isalnum() and text.isupper() else _fold(text)
        if len(number) != 18:
            raise _refusal("length", number, f"has {len(number)} characters, not 18")
        if number[0] not in AUTHORITIES:
            raise _refusal("authority", number, "begins with no registering authority")
        if not number[2:8].isdigit():
            raise _refusal("characters", number, "has no division, six digits, at characters 3 to 8")
        check = _check(number)
        if check is None or number[17] not in _VALUE:
            raise _refusal("characters", number, "may hold only digits and capital letters without I, O, S, V, Z")
        if number[8:17] == "000000000":
            raise _refusal("dummy", number, "is a placeholder")
        if number[:17].isdigit() and _is_resident_id(number):
            raise InvalidUscc("resident_id", "a person's resident ID stands in the place of a code")
        if number[17] != check:
            raise _refusal("check", number, "does not fit its check character")
        return cls(number)

    @property
    def authority(self) -> str:
        return self.number[0]

    @property
    def category(self) -> str:
        """Authority and category, two characters: "91" is an enterprise. Titles in `CATEGORIES`; a second 9 is 其他."""
        return self.number[:2]

    @property
    def division(self) -> str:
        """Six digits: the division of the office that registered the employer first, not its present seat."""
        return self.number[2:8]

    @property
    def organization_code(self) -> str:
        return self.number[8:17]

    @property
    def organization_code_valid(self) -> bool:
        return organization_code_check(self.number[8:16]) == self.number[16]

    def __str__(self) -> str:
        return self.number


def _refusal(reason: str, code: str, words: str) -> InvalidUscc:
    return InvalidUscc(reason, f"'{quotable(code)}' {words}")


def _is_resident_id(number: str) -> bool:
    try:
        ResidentId.parse(number)
    except InvalidResidentId:
        return False
    return True


def uscc_check(first17: str) -> str:
    """The eighteenth character for the first seventeen."""
    check = _check(first17) if len(first17) == 17 else None
    if check is None:
        raise _refusal("characters", first17, "is not the first seventeen characters of a code")
    return check


def organization_code_check(first8: str) -> str:
    """The ninth character of an organization code for the first eight. Source: GB 11714-1997."""
    if len(first8) != 8 or not _ORGANIZATION_VALUE.keys() >= set(first8):
        raise _refusal("characters", first8, "is not the first eight characters of an organization code")
    total = sum(map(mul, _ORGANIZATION_WEIGHTS, map(_ORGANIZATION_VALUE.__getitem__, first8)))
    return _ORGANIZATION_CHECKS[total % 11]


def canonical_organization_code(text: str) -> str:
    """The nine characters of an organization code written with or without its hyphen ("74218321-3")."""
    code = _fold(text)
    if len(code) != 9:
        raise _refusal("length", code, f"has {len(code)} characters, not 9")
    if set(code[:8]) == {"0"}:
        raise _refusal("dummy", code, "is a placeholder")
    if organization_code_check(code[:8]) != code[8]:
        raise _refusal("check", code, "does not fit its check character")
    return code


def is_organization_code(text: str) -> bool:
    try:
        canonical_organization_code(text)
    except InvalidUscc:
        return False
    return True


def _check(number: str) -> str | None:
    """The check character over the first seventeen; None where one of them is not of the alphabet."""
    total = 0
    for weight, character in zip(WEIGHTS, number, strict=False):
        value = _VALUE.get(character)
        if value is None:
            return None
        total += weight * value
    return ALPHABET[-total % 31]


def _fold(text: str) -> str:
    if is_null_text(text, zero=True):
        raise InvalidUscc("blank", "nothing is given")
    folded = normalize_text(text).upper()
    for mark in " '`\u2018\u2019-\u2010\u2011\u2012\u2013\u2014\u2212":
        folded = folded.replace(mark, "")
    if "*" in folded:
        raise _refusal("masked", folded, "is masked")
    return folded
