"""Valid numbers for invented persons and employers: GB 11643, GB 32100 and GB 11714, a column at a time. No I/O.

Nobody's number is looked up: a division, a birth date and a running sequence are put together and checked.
"""

from functools import reduce
from operator import add

import polars as pl

from hub.demo.chance import Chance
from hub.demo.names import ELSEWHERE

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANIZATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
# 996 to 999 were kept for centenarians, and a sequence on a round hundred could end the number in zeros.
_MALE = [number for number in range(1, 995) if number % 2]
_FEMALE = [number for number in range(1, 995) if not number % 2 and number % 100]


def _sum(column: pl.Expr, weights: tuple[int, ...], value: dict[str, int]) -> pl.Expr:
    parts = [
        column.str.slice(place, 1).replace_strict(value, return_dtype=pl.Int32) * weight
        for place, weight in enumerate(weights)
    ]
    return reduce(add, parts)


def _check(remainder: pl.Expr, characters: str) -> pl.Expr:
    return pl.lit(pl.Series(list(characters), dtype=pl.String)).gather(remainder.cast(pl.UInt32))


def with_resident_id(persons: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Adds `resident_id` by `pid`, `birth`, `sex` and `origin` (local or elsewhere).

    Who was born before the city's code existed may carry a retired one, as the older half of the real city does.
    """
    year = pl.col("birth").dt.year()
    local = (
        pl.when(year >= 1989)
        .then(pl.lit("371082"))
        .when(year >= 1987)
        .then(chance.pick(("371023", "371082"), "division young"))
        .otherwise(chance.pick(("370633", "371023", "371082"), "division old"))
    )
    division = pl.when(pl.col("origin") == "local").then(local).otherwise(chance.pick(ELSEWHERE, "division"))
    spread = persons.with_columns(division.alias("division")).with_columns(
        pl.int_range(pl.len()).over("division", "birth", "sex").alias("rank")
    )
    place = (pl.col("rank") * 131 + pl.col("birth").to_physical().cast(pl.Int64) * 17) % len(_FEMALE)
    sequence = (
        pl.when(pl.col("sex") == "male")
        .then(pl.lit(pl.Series(_MALE)).gather(place))
        .otherwise(pl.lit(pl.Series(_FEMALE)).gather(place))
    )
    first17 = pl.concat_str("division", pl.col("birth").dt.strftime("%Y%m%d"), sequence.cast(pl.String).str.zfill(3))
    digits = {str(digit): digit for digit in range(10)}
    numbered = spread.with_columns(first17.alias("first17"))
    check = _check(_sum(pl.col("first17"), _WEIGHTS, digits) % 11, "10X98765432")
    return numbered.with_columns(pl.concat_str("first17", check).alias("resident_id")).drop(
        "division", "rank", "first17"
    )


def with_uscc(employers: pl.DataFrame) -> pl.DataFrame:
    """Adds `uscc` by `eid` and `category` (two characters: authority and kind); eids below a million."""
    letters = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
    # The factors have no divisor in common with the moduli, so that no two employers meet.
    new = pl.concat_str(pl.lit("MA"), (pl.col("eid") * 700_001 % 1_000_000).cast(pl.String).str.zfill(6))
    old = (pl.col("eid") * 6_700_417 % 90_000_000 + 10_000_000).cast(pl.String)
    eight = pl.when(pl.col("eid") % 3 == 0).then(new).otherwise(old)
    step = employers.with_columns(eight.alias("eight"))
    inner = _check(_sum(pl.col("eight"), _ORGANIZATION_WEIGHTS, letters) % 11, "0X987654321")
    step = step.with_columns(pl.concat_str("category", pl.lit("371082"), "eight", inner).alias("first17"))
    values = {character: value for value, character in enumerate(_ALPHABET)}
    check = _check((31 - _sum(pl.col("first17"), _USCC_WEIGHTS, values) % 31) % 31, _ALPHABET)
    return step.with_columns(pl.concat_str("first17", check).alias("uscc")).drop("eight", "first17")
