"""Dirt: right values as departments misspell them, and wrong rows as they slip in. No I/O.

The expressions change how a value is written, never what it means, in a small share of the rows. What must be rejected
is a row of its own beside the good ones (`wrong_rows`), so that the number of rejections is known.
"""

from collections.abc import Sequence

import polars as pl

from hub.demo.chance import Chance

#: Put before a text that a spreadsheet holds as a number.
NUMERIC = "\ue000"
_WIDE = {str(digit): chr(0xFF10 + digit) for digit in range(10)} | {"X": "Ｘ"}
_NULLS = ("无", "/", "-", "NULL", "\\N", "暂无", "", "")


def wide(column: pl.Expr) -> pl.Expr:
    return column.str.replace_many(list(_WIDE), list(_WIDE.values()))


def resident_id(chance: Chance, *keys: str, column: str = "resident_id") -> pl.Expr:
    """One number in a hundred: full-width, an apostrophe, blanks, 15 digits; each X in four is a small one."""
    number = pl.col(column)
    draw = chance.unit("dirty id", *keys)
    old = (number.str.slice(6, 2) == "19") & (number.str.slice(14, 3) < "990")
    return (
        pl.when(draw < 0.001)
        .then(wide(number))
        .when(draw < 0.003)
        .then(pl.concat_str(pl.lit("'"), number))
        .when(draw < 0.005)
        .then(pl.concat_str(pl.lit("\u00a0"), number, pl.lit("\u3000")))
        .when(draw < 0.006)
        .then(pl.concat_str(number, pl.lit("\t")))
        .when(draw < 0.007)
        .then(pl.concat_str(number.str.slice(0, 6), pl.lit(" "), number.str.slice(6)))
        .when((draw < 0.010) & old)
        .then(pl.concat_str(number.str.slice(0, 6), number.str.slice(8, 9)))
        .when((draw > 0.75) & number.str.ends_with("X"))
        .then(number.str.to_lowercase())
        .otherwise(number)
    )  # fmt: skip


def name(chance: Chance, *keys: str) -> pl.Expr:
    """Other dots than U+00B7, blanks inside names of two characters, full-width ones too."""
    text = pl.col("name")
    draw = chance.unit("dirty name", *keys)
    dotted = text
    for place, dot in enumerate(("•", "・", "．", "‧", "⋅")):
        share = draw.is_between(place * 0.1, place * 0.1 + 0.1, closed="left")
        dotted = pl.when(share).then(text.str.replace("·", dot, literal=True)).otherwise(dotted)
    blank = pl.when(draw < 0.01).then(pl.lit("　")).otherwise(pl.lit(" "))
    spaced = pl.concat_str(text.str.slice(0, 1), blank, text.str.slice(1))
    return (
        pl.when(text.str.contains("·", literal=True))
        .then(dotted)
        .when((draw < 0.02) & (text.str.len_chars() == 2))
        .then(spaced)
        .otherwise(text)
    )


def day(column: pl.Expr, chance: Chance, purpose: str, *keys: str) -> pl.Expr:
    """A date, mostly 2023-01-31, else 20230131, 2023/1/31, 2023.01.31, 2023年1月31日."""
    draw = chance.unit(f"dirty day {purpose}", *keys)
    return (
        pl.when(draw < 0.9)
        .then(column.dt.strftime("%Y-%m-%d"))
        .when(draw < 0.94)
        .then(column.dt.strftime("%Y%m%d"))
        .when(draw < 0.96)
        .then(column.dt.strftime("%Y/%-m/%-d"))
        .when(draw < 0.98)
        .then(column.dt.strftime("%Y.%m.%d"))
        .otherwise(column.dt.strftime("%Y年%-m月%-d日"))
    )


def month(column: pl.Expr, chance: Chance, purpose: str, *keys: str) -> pl.Expr:
    """A month of six digits, here and there as 2023-01, 2023年1月 or 2023.01; null stays null."""
    draw = chance.unit(f"dirty month {purpose}", *keys)
    year, number = column.str.slice(0, 4), column.str.slice(4, 2)
    return (
        pl.when(draw < 0.95)
        .then(column)
        .when(draw < 0.97)
        .then(pl.concat_str(year, pl.lit("-"), number))
        .when(draw < 0.985)
        .then(pl.concat_str(year, pl.lit("年"), number.str.strip_chars_start("0"), pl.lit("月")))
        .otherwise(pl.concat_str(year, pl.lit("."), number))
    )


def money(column: pl.Expr, chance: Chance, purpose: str, *keys: str) -> pl.Expr:
    """Yuan, at times with a thousands comma, 元, or full-width digits. Amounts below a million."""
    draw = chance.unit(f"dirty money {purpose}", *keys)
    plain = cents(column)
    comma = plain.str.replace(r"^(\d{1,3})(\d{3})(\.|$)", "${1},${2}${3}")
    return (
        pl.when(draw < 0.97)
        .then(plain)
        .when(draw < 0.985)
        .then(comma)
        .when(draw < 0.995)
        .then(pl.concat_str(plain, pl.lit("元")))
        .otherwise(wide(plain))
    )


def cents(column: pl.Expr) -> pl.Expr:
    """Yuan with two places, never negative."""
    whole = (column * 100).round().cast(pl.Int64)
    return pl.concat_str((whole // 100).cast(pl.String), pl.lit("."), (whole % 100).cast(pl.String).str.zfill(2))


def nothing(chance: Chance, purpose: str, *keys: str) -> pl.Expr:
    """One of the words for nothing, the empty text more often."""
    draw = chance.happens(0.03, f"null {purpose}", *keys)
    return pl.when(draw).then(chance.pick(_NULLS, f"null word {purpose}", *keys)).otherwise(pl.lit(""))


def open_end(column: pl.Expr, chance: Chance, purpose: str, *keys: str) -> pl.Expr:
    """What stands where a spell has no end: mostly nothing, at times 长期, 至今, 999912."""
    draw = chance.happens(0.05, f"open {purpose}", *keys)
    word = chance.pick(("长期", "至今", "999912", "9999-12"), f"open word {purpose}", *keys)
    return pl.when(column.is_not_null()).then(column).when(draw).then(word).otherwise(pl.lit(""))


#: Numbers that are nobody's; the last one only where cells have types.
NOBODY = ("371082********1234", "", "371082198503120028", "111111111111111111", "37108219850312002", "3.71082E+17")


def doubles(good: pl.DataFrame) -> pl.DataFrame:
    """A row in two thousand once more, word for word, and at least one of a file of fifty: the second is rejected."""
    count = max(1, len(good) // 2000) if len(good) >= 50 else 0
    return good.slice(len(good) // 2, count)


def wrong_rows(good: pl.DataFrame, changes: Sequence[dict[str, str]], total: int = 0) -> pl.DataFrame:
    """Copies of the last good rows, each with one thing wrong: `changes` are column and text, a row each.

    Of the last, because planted cases come first: of whom a row is rejected, a rule does not say that one is missing.
    One in a thousand or one of each kind, and never more than one in twelve, lest the whole delivery be refused.
    `total` is how many rows the file has, where `good` are only its last.
    """
    total = total or len(good)
    count = min(max(len(changes), total // 1000), total // 12)
    rows = []
    for place, row in enumerate(good.tail(count).iter_rows(named=True)):
        rows.append({**row, **changes[place % len(changes)]})
    return pl.DataFrame(rows, schema=good.schema)
