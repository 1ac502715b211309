"""What the cells of a column look like, with the numbers that say so: the ground on which a connector is drafted.

Tried with the very readers that will read the column. No value that may say who somebody is goes out of here: of a
personal column none, of any other only what stands often enough, and looks enough like a code, to be one. Pure.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from hub.intake import number, validate
from hub.intake.connector import PERSONAL, FieldForm, Kind
from hub.intake.validate import Column, Reading
from hub.terms import is_null_text, normalize_text, today_in_china

SURE = 0.5  # share of the filled cells from which on a column is what these cells are
MOST = 0.9  # the same, for kinds that other columns look like by chance
CODES = 40  # spellings that a column of codes has at most
AREAS = 0.7  # share of cells that are the name of a reporting area and nothing else
NAMES = 0.6  # share of cells that begin with a frequent surname, from which on they are names
OFTEN = 10  # rows in which a longer word stands that is a code and nobody's name

_ID_LIKE = r"^\s*'?[0-9]{6}[0-9*]{8,11}[0-9*Xx]{1,4}\s*$|^\d{15}$"
_PHONE = r"^\s*(?:\+?86[- ]?)?1[3-9]\d{9}\s*$|^\s*0\d{2,3}-?\d{7,8}\s*$"
_HAN_NAME = r"^[\u{4e00}-\u{9fff}]{2,4}$|^[\u{4e00}-\u{9fff}]{1,12}[·•‧．][\u{4e00}-\u{9fff}]{1,12}$"
_ADDRESS = r".{2}[省市县区镇乡街道村路社].*[区县镇乡街道村路社号室组栋]"
_NUMBER = r"^[0-9A-Za-z\-_/()（）〔〕\[\]第字号]{3,64}$"
_DIVISION = r"^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])\d{4}(?:\d{3}|\d{6})?$"
_SERIAL = r"^\d{5}(?:\.\d+)?$"
#: Kinds whose cells may well look like an address or begin with a surname.
_PUBLIC = frozenset({"text", "employer_name", "employer", "area", "region", "number", "industry", "insurance"})
_TRIED: tuple[tuple[Kind, float], ...] = (
    ("employer", SURE), ("region", MOST), ("date", 0.8), ("month", 0.8), ("area", AREAS),
)  # fmt: skip
_WORDS: dict[Kind, str] = {
    "resident_id": "are resident IDs with a right check character",
    "document": "are resident IDs with a right check character",
    "employer": "are credit codes with a right check character",
    "date": "are days", "month": "are months", "until_day": "are days", "until_month": "are months",
    "yuan": "are amounts", "integer": "are whole numbers", "boolean": "say yes or no",
    "region": "are codes of divisions", "area": "name a reporting area", "industry": "are codes of GB/T 4754",
    "name": "look like names of persons", "sealed_person": "look like names of persons",
    "insurance": "name an insurance", "code": "are one of a few spellings",
    "number": "look like numbers that name something",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """One column. ``share`` of its ``filled`` cells are as ``kind`` says; ``what`` puts it into words.

    ``spellings``: code → rows, as far as they may be shown; ``hidden``: how many others there are.
    """

    column: str
    rows: int
    filled: int
    distinct: int
    kind: Kind
    share: float
    what: str
    spellings: dict[str, int] = field(default_factory=dict)
    hidden: int = 0

    @property
    def is_personal(self) -> bool:
        return self.kind in PERSONAL

    def __str__(self) -> str:
        if not self.filled:
            return f"empty in all {self.rows:,} rows"
        if self.distinct == 1 and not self.is_personal:
            said = next(iter(self.spellings), "a value that is not shown")
            return f"the same in all {self.filled:,} filled cells of {self.rows:,}: {said}"
        return f"{self.share:.1%} of {self.filled:,} filled cells {self.what}; {self.distinct:,} distinct"


def evidence(
    column: str,
    cells: Column,
    areas: Mapping[str, str],
    expected: FieldForm | None = None,
    known: Mapping[str, str] = {},
) -> Evidence:
    """What a column holds; tried first as ``expected``, which its header lets one expect (``known``: its codes)."""
    filled = validate.texts(cells).values.is_not_null()
    text = cells.text.filter(filled)
    found = Evidence(column, len(filled), len(text), text.n_unique(), "text", 0.0, "are words")
    if not len(text):
        return replace(found, kind=expected.is_ if expected else "text")
    numeric = None if cells.numeric is None else cells.numeric.filter(filled)
    shares = _Shares(replace(cells, text=text, numeric=numeric), areas)
    kind, share, what = shares.personal(expected, known) or shares.as_expected(expected, known) or shares.guessed()
    found = replace(found, kind=kind, share=share, what=what)
    if kind == "code" or (found.distinct == 1 and not found.is_personal):
        spellings, hidden = _spellings(text)
        return replace(found, spellings=spellings, hidden=hidden)
    return found


Found = tuple[Kind, float, str]


@dataclass(frozen=True, slots=True)
class _Shares:
    """How much of the cells, all of them filled, are of a kind. Each step gives a kind, a share and words, or None."""

    cells: Column
    areas: Mapping[str, str]

    def personal(self, expected: FieldForm | None, known: Mapping[str, str]) -> Found | None:
        """That the cells say who somebody is: rather once too often."""
        ids, employers = self.of("resident_id"), self.of("employer")
        if max(ids, self.matching(_ID_LIKE)) >= SURE and ids >= employers and employers < SURE:
            return "resident_id", ids, _WORDS["resident_id"]
        phones = self.matching(_PHONE)
        if phones >= SURE:
            return "sealed", phones, "look like telephone numbers"
        if expected is not None and (expected.is_ in _PUBLIC or (expected.is_ == "code" and self.among(known) >= SURE)):
            return None
        addresses = self.matching(_ADDRESS)
        if addresses >= SURE and self.of("area") < AREAS:
            return "sealed", addresses, "look like addresses"
        surnamed = self.cells.text.str.slice(0, 1).is_in(list(validate.SURNAMES))
        names = _mean(self.cells.text.str.contains(_HAN_NAME) & surnamed)
        return ("name", names, _WORDS["name"]) if names >= NAMES else None

    def as_expected(self, expected: FieldForm | None, known: Mapping[str, str]) -> Found | None:
        if expected is None:
            return None
        kind = expected.is_
        if kind == "code":
            few = self.cells.text.n_unique() <= CODES
            return (kind, self.among(known), "are codes known elsewhere") if few else None
        if kind in _WORDS:
            share = self.of(kind, expected)
            return (kind, share, _WORDS[kind]) if share >= SURE else None
        return kind, 1.0, "are words"

    def guessed(self) -> Found:
        for kind, least in _TRIED:
            share = self.of(kind)
            if share >= least:
                return kind, share, _WORDS[kind]
        text = self.cells.text
        distinct, longest = text.n_unique(), max(map(len, text.unique().to_list()))
        figures = self.matching(r"^-?[\d,]+(?:\.\d+)?$") >= MOST
        few = distinct <= CODES and len(text) >= 2 * distinct and longest <= 20
        if few and (not figures or (distinct <= 10 and longest <= 3)):
            return "code", 1.0, f"are one of {distinct} spellings"
        for kind in ("integer", "yuan"):
            share = self.of(kind)
            if share >= MOST and figures:
                return kind, share, _WORDS[kind]
        share = self.matching(_NUMBER)
        if share >= MOST and distinct >= len(text) / 2:
            return "number", share, _WORDS["number"]
        return "text", 1.0, "are words, which may name persons"

    def matching(self, pattern: str) -> float:
        return _mean(self.cells.text.str.contains(pattern))

    def among(self, known: Mapping[str, str]) -> float:
        return _mean(validate.codes(self.cells, dict(known)).values.is_not_null())

    def of(self, kind: Kind, form: FieldForm | None = None) -> float:
        return _mean(self._read(kind, form).values.is_not_null())

    def _read(self, kind: Kind, form: FieldForm | None) -> Reading:
        column = self.cells
        if kind in {"date", "month", "until_day", "until_month"}:
            serial = column.text.str.contains(_SERIAL)  # a spreadsheet's day, or any other number
            return validate.dates(replace(column, text=column.text.set(serial, None)), kind)
        divisions = column.text.set(~column.text.str.contains(_DIVISION), None)
        areas = validate.codes if form is None else validate.areas  # by chance, only a name alone is one
        readers: dict[Kind, Callable[[], Reading]] = {
            "resident_id": lambda: validate.resident_ids(column, today_in_china()),
            "document": lambda: validate.resident_ids(column, today_in_china()),
            "employer": lambda: number.employers(column, list(form.numbers) if form else ["uscc"]),
            "yuan": lambda: validate.amounts(column, "yuan"),
            "integer": lambda: validate.integers(column),
            "boolean": lambda: validate.booleans(column),
            "region": lambda: validate.regions(replace(column, text=divisions)),
            "area": lambda: areas(column, dict(self.areas)),
            "industry": lambda: validate.industries(column),
            "insurance": lambda: validate.insurances(column, (form and form.table) or ""),
        }
        return readers.get(kind, lambda: validate.texts(column))()


def _mean(truths: pl.Series) -> float:
    return float(truths.sum()) / len(truths)


def _spellings(text: pl.Series) -> tuple[dict[str, int], int]:
    """The codes of a column that may be shown, the most frequent first, and how many others there are."""
    counts: dict[str, int] = {}
    for cell, rows in text.value_counts().iter_rows():
        word = normalize_text(cell)
        if not is_null_text(word):
            counts[word] = counts.get(word, 0) + rows
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:CODES]
    shown = {word: rows for word, rows in ordered if is_shown(word, rows)}
    return shown, len(counts) - len(shown)


def is_shown(word: str, rows: int) -> bool:
    """Whether a code may stand in a draft: short and no name, or a longer one that is said of many."""
    if re.search(r"\d{7,}", word):
        return False
    if validate.quoted(word) == word:
        return word.isascii() or rows > 1
    name = re.fullmatch(r"[\u4e00-\u9fff]{2,3}|.*[·•‧].*", word) and word[0] in validate.SURNAMES
    return rows >= OFTEN and not name
