"""What each kind of field accepts, over whole columns: text as delivered in, canonical text or a reason out.

In charge of the spellings of DOMAIN dirt: widths, blanks, dates of every form, money, codes with lost zeros or glued
names, damaged identity numbers. What is plainly well-formed is decided by column arithmetic; the rest goes, a distinct
value at a time, through ``hub.terms``. A reason never quotes a personal value. Pure; touches no database.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import product
from typing import Any, Literal

import numpy as np
import polars as pl

from hub.intake import binary
from hub.terms import (
    OPEN,
    InvalidResidentId,
    InvalidTerm,
    ResidentId,
    add_months,
    canonical_document,
    canonical_region,
    day,
    insurance_of,
    is_null_text,
    month,
    normalize_name,
    normalize_text,
    year,
    yuan,
)
from hub.terms.text import NULL_WORDS

DateKind = Literal["date", "month", "year", "until_day", "until_month", "until_year"]

NOTHING = "nothing is given"
DAMAGED = "stored as a number, its last digits are lost"
EXACT = 15  # figures that a spreadsheet's number keeps
#: Numbers of a chunk that end in 000 and fail their check, from which on every number that ends so is suspect.
#: One slip in a thousand ends so by chance; of damaged numbers every one does, and one in eleven passes the check.
SPREADSHEET = 3
ZEROED = "ends in 000 as others here that a spreadsheet rounded; its last digits may be lost"

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT = {"resident_id", "hmt_residence_permit", "foreign_permanent"}
#: Every word for nothing in every mixture of cases: to look one up is faster than to fold the case of a column.
_NULLS = sorted({"".join(cased) for word in NULL_WORDS for cased in product(*({c.lower(), c.upper()} for c in word))})
_YES = {"是", "有", "已", "y", "yes", "t", "true", "1", "参加", "已参加", "足额", "已到账", "到账", "政府代缴", "代缴"}
_NO = {"否", "未", "n", "no", "f", "false", "0", "未参加", "不足额", "未足额", "未到账", "自缴", "个人缴费", "不代缴"}
_GLUED = re.compile(r"(\d+)[\s:\-_.|、()]*(\D+?)[)\s]*", re.ASCII)
#: The most frequent surnames: a short Han text that begins with one is not quoted, it may be somebody's name.
SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍"
    "毕聂丛焦向柳邢岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景单包司柏宁"
    "柯阮桂闵解强柴华车冉房边阿买艾古热麦努帕吐依迪"
)


@dataclass(frozen=True, slots=True)
class Column:
    """One source column of one chunk: its text, which cells were numbers, and the unit its header named."""

    text: pl.Series
    numeric: pl.Series | None = None
    wan: bool = False
    epoch_1904: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """``values``: canonical text, null where nothing is given or nothing could be read; ``reasons``: why not."""

    values: pl.Series
    reasons: pl.Series


def constant(value: str | None, length: int) -> pl.Series:
    return pl.Series([value], dtype=pl.String).new_from_index(0, length)


def said(value: Any) -> str:
    """A scalar of a declaration as canonical text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def distinct(text: pl.Series, parse: Callable[[str], str | None]) -> Reading:
    """``parse`` over the distinct values. It gives canonical text, None for nothing, or raises ``InvalidTerm``."""
    found = text.drop_nulls().unique().to_list()
    values: list[str | None] = []
    reasons: list[str | None] = []
    for one in found:
        value, reason = None, None
        try:
            value = parse(one)
        except InvalidTerm as refused:
            reason = None if refused.reason == "blank" else str(refused)
        values.append(value)
        reasons.append(reason)
    old = pl.Series(found, dtype=pl.String)
    given, why = (pl.Series(new, dtype=pl.String) for new in (values, reasons))
    return Reading(_replaced(text, old, given), _replaced(text, old, why))


def _replaced(text: pl.Series, old: pl.Series, new: pl.Series) -> pl.Series:
    if new.null_count() == len(new):
        return constant(None, len(text))
    return text.replace_strict(old, new, default=None, return_dtype=pl.String)


def plainly(text: pl.Series, is_plain: pl.Series, plain: pl.Series, parse: Callable[[str], str | None]) -> Reading:
    """``plain`` where ``is_plain``; ``parse`` over the distinct rest."""
    if is_plain.all():
        return Reading(plain, constant(None, len(text)))
    rest = distinct(text.set(is_plain, None), parse)
    return Reading(plain.zip_with(is_plain, rest.values), rest.reasons)


def without(column: Column, nothing: Iterable[str]) -> Column:
    """``column`` where a source's own words for nothing say nothing."""
    words = {normalize_text(word) for word in nothing}
    said_so = [one for one in column.text.drop_nulls().unique().to_list() if normalize_text(one) in words]
    return replace(column, text=column.text.set(column.text.is_in(said_so), None)) if said_so else column


def texts(column: Column) -> Reading:
    text = column.text
    plain = text.str.contains(r"^[0-9A-Za-z\u{4e00}-\u{9fff}]+(?:[ -][0-9A-Za-z\u{4e00}-\u{9fff}]+)*$").fill_null(
        value=True
    )
    plain &= ~_null_words(text)
    return plainly(text, plain, text, lambda one: None if is_null_text(one) else normalize_text(one))


def _null_words(text: pl.Series) -> pl.Series:
    """Whether each text is a word for nothing, in whatever case."""
    return text.is_in(_NULLS).fill_null(value=False)


def people_names(column: Column) -> Reading:
    text = column.text
    plain = text.str.contains(r"^[\u{4e00}-\u{9fff}]{2,}$").fill_null(value=True)
    plain &= ~_null_words(text)
    return plainly(text, plain, text, lambda one: None if is_null_text(one) else normalize_name(one))


def resident_ids(column: Column, today: date) -> Reading:
    """The 18 characters. The check character, the birth date and dummies are looked at in column arithmetic.

    A number that lost its last digits in a spreadsheet before it came is told by its neighbors, see ``SPREADSHEET``.
    """
    text = column.text.str.to_uppercase()
    plain = _well_formed(text, today) | text.is_null()
    found = plainly(text, plain, text, _resident_id)
    if len(text) - found.reasons.null_count() >= SPREADSHEET:
        zeroed = text.str.contains(r"^[1-9][0-9]{13}[1-9]000$").fill_null(value=False)
        if (zeroed & found.reasons.is_not_null()).sum() >= SPREADSHEET:
            found = refused_where(zeroed, ZEROED, found)
    if column.numeric is None:
        return found
    damaged = text.str.len_bytes() > EXACT
    return refused_where((damaged & column.numeric).fill_null(value=False), DAMAGED, found)


def _well_formed(text: pl.Series, today: date) -> pl.Series:
    """Which texts are plainly a resident ID, of somebody born and no dummy."""

    def fine(whole: pl.Series, characters: binary.Array) -> binary.Array:
        figures = characters - ord("0")  # what is no figure is above 9
        body, last = figures[:17], np.where(figures[17] == 10, 99, figures[17])
        last = np.where(last == ord("X") - ord("0"), 10, last)
        total = sum(place.astype(np.int16) * weight for place, weight in zip(body, _WEIGHTS, strict=True))
        right: binary.Array = (body.max(axis=0) <= 9) & (body[0] > 0) & (figures[14:].max(axis=0) > 0)
        birth = whole.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
        right &= birth.is_between(date(1850, 1, 1), today).fill_null(value=False).to_numpy()
        right &= (12 - total % 11) % 11 == last
        return right

    return of_length(len(_WEIGHTS) + 1, text, fine)


def of_length(length: int, text: pl.Series, fine: Callable[[pl.Series, binary.Array], binary.Array]) -> pl.Series:
    """Which texts have so many bytes and are ``fine`` by them, given as a matrix: a row a place, a column a text."""
    long = (text.str.len_bytes() == length).fill_null(value=False).to_numpy()
    found = np.zeros(len(text), np.bool_)
    if long.any():
        whole = text if long.all() else text.filter(pl.Series(long))
        found[long] = fine(whole, np.ascontiguousarray(binary.matrix(whole).T))
    return pl.Series(found)


def _resident_id(one: str) -> str:
    reason = None
    try:
        return ResidentId.parse(one).number
    except InvalidResidentId as refused:
        reason = refused.reason
        if reason != "scientific":
            raise
    raise InvalidResidentId("scientific", DAMAGED)


def refused_where(where: pl.Series, reason: str, found: Reading) -> Reading:
    """``found``, but with ``reason`` and no value in the rows ``where``."""
    return Reading(
        found.values.zip_with(~where, constant(None, len(where))),
        constant(reason, len(where)).zip_with(where, found.reasons),
    )


def documents(column: Column, kinds: pl.Series, today: date) -> Reading:
    """As ``resident_ids`` where that is the kind; of other documents the canonical text, ``KIND:NUMBER``."""
    found = resident_ids(column, today)
    for kind in kinds.drop_nulls().unique():
        if kind in _RESIDENT:
            continue
        of_kind = (kinds == kind).fill_null(value=False)
        other = distinct(column.text.set(~of_kind, None), partial(canonical_document, kind))
        found = Reading(
            other.values.zip_with(of_kind, found.values),
            other.reasons.zip_with(of_kind, found.reasons),
        )
    return found


def dates(column: Column, kind: DateKind) -> Reading:
    def parse(one: str) -> str:
        if kind in {"year", "until_year"}:
            found = year(one)
            if kind == "until_year":
                found = add_months(found, 12)
        elif kind in {"date", "until_day"}:
            found = day(one, epoch_1904=column.epoch_1904)
            if kind == "until_day" and found != OPEN:
                found = date.fromordinal(found.toordinal() + 1)
        else:
            found = month(one)
            if kind == "until_month":
                found = add_months(found, 1)
        return found.isoformat()

    return distinct(column.text, parse)


def amounts(column: Column, unit: Literal["yuan", "wan"]) -> Reading:
    """Yuan with two decimals, below a trillion."""
    unit = "wan" if column.wan else unit
    text = column.text

    def parse(one: str) -> str:
        amount = yuan(one, unit)
        if abs(amount) >= 10**12:
            raise InvalidTerm("range", "larger than any amount could be")
        return f"{amount:.2f}"

    if unit == "wan":
        return distinct(text, parse)
    plain = text.str.contains(r"^(?:0|-?[1-9][0-9]{0,11})(?:\.[0-9]{1,2})?$").fill_null(value=True)
    whole = text.str.split_exact(".", 1).struct.unnest()
    pence = whole.to_series(1).fill_null("").str.pad_end(2, "0")
    return plainly(text, plain, whole.to_series(0) + "." + pence, parse)


def integers(column: Column) -> Reading:
    def parse(one: str) -> str | None:
        folded = normalize_text(one).replace(",", "").replace(" ", "")
        if is_null_text(folded):
            return None
        found = re.fullmatch(r"(-?\d{1,9})(?:\.0+)?[人天个]?", folded, re.ASCII)
        if not found:
            raise InvalidTerm("integer", "not a whole number")
        return str(int(found[1]))

    return distinct(column.text, parse)


def booleans(column: Column) -> Reading:
    def parse(one: str) -> str | None:
        word = normalize_text(one).casefold()
        if word in _YES:
            return "true"
        if word in _NO:
            return "false"
        if is_null_text(word):
            return None
        raise InvalidTerm("boolean", "neither yes nor no")

    return distinct(column.text, parse)


def codes(column: Column, spellings: dict[str, str]) -> Reading:
    """The stored code: by its spelling, glued to its name, or with its leading zeros lost."""
    bare = {spelling.replace(" ", ""): stored for spelling, stored in spellings.items()}
    zeroless: dict[str, set[str]] = {}
    for spelling, stored in spellings.items():
        if spelling.isdigit():
            zeroless.setdefault(spelling.lstrip("0"), set()).add(stored)

    def parse(one: str) -> str | None:
        word = normalize_text(one).replace(" ", "")
        stored = bare.get(word)
        if stored is None and is_null_text(word):
            return None
        if stored is None and (glued := _GLUED.fullmatch(word)):
            stored, named = bare.get(glued[1]), bare.get(glued[2])
            if stored is not None and named not in {None, stored}:
                raise InvalidTerm("contradiction", f"code and name disagree in '{quoted(word)}'")
        if stored is None and word.isdigit():
            candidates = zeroless.get(word.lstrip("0"), set())
            stored = next(iter(candidates)) if len(candidates) == 1 else None
        if stored is None:
            raise InvalidTerm("unknown_code", f"unknown code '{quoted(word)}'")
        return stored or None

    return distinct(column.text, parse)


def quoted(word: str) -> str:
    """A code for a message; anything that may be a name, a number or an address that slipped into the column is not."""
    if re.fullmatch(r"[0-9A-Za-z.\-]{1,6}|[^0-9A-Za-z]{1,4}", word) and word[0] not in SURNAMES:
        return word
    return "…"


def insurances(column: Column, table: str) -> Reading:
    def parse(one: str) -> str | None:
        if is_null_text(one):
            return None
        refused = ""
        try:
            return insurance_of(table, one).value
        except InvalidTerm as error:
            refused = error.reason
        raise InvalidTerm(refused, f"unknown code '{quoted(normalize_text(one))}'")

    return distinct(column.text, parse)


def regions(column: Column) -> Reading:
    """A code of six to twelve digits; words in its place say nothing."""

    def parse(one: str) -> str | None:
        word = normalize_text(one).strip("'").replace(" ", "")
        return canonical_region(word) if word.isascii() and word.isdigit() and word.strip("0") else None

    return distinct(column.text, parse)


def areas(column: Column, spellings: dict[str, str]) -> Reading:
    """A reporting area: the first nine digits of a code, its name, or its name within an address; else nothing."""
    text = column.text.drop_nulls().unique()
    named = sorted((name for name in spellings if len(name) >= 3 and not name.isdigit()), key=len, reverse=True)
    pattern = "(" + "|".join(map(re.escape, named)) + ")"
    town = text.str.strip_chars(" '\t")
    code = town.str.extract(r"^(\d{6}(?:\d{2}[1-9]|\d[1-9]\d|[1-9]\d{2}))(?:\d{3})?$")
    exact = _by_spelling(town, spellings)
    within = _by_spelling(text.str.extract(pattern), spellings) if named else constant(None, len(text))
    found = pl.select(pl.coalesce(code, exact, within)).to_series()
    return Reading(_replaced(column.text, text, found), constant(None, len(column.text)))


def _by_spelling(text: pl.Series, spellings: dict[str, str]) -> pl.Series:
    return text.replace_strict(list(spellings), list(spellings.values()), default=None, return_dtype=pl.String)


def industries(column: Column) -> Reading:
    """GB/T 4754, with or without its name behind it.

    Two or three figures without their section letter may have lost a zero, so they say nothing.
    """

    def parse(one: str) -> str | None:
        word = normalize_text(one).strip("'").replace(" ", "").upper()
        found = re.fullmatch(r"([A-T]?)(\d{2,4})(?:[:\-_.|、(]*[^\x00-\x7f].*)?", word, re.ASCII)
        return found[2] if found and (found[1] or len(found[2]) == 4) else None

    return distinct(column.text, parse)
