"""Who of the base city is away: at school, serving a sentence, insured where they moved to. No I/O.

All of them are insured here as residents, or were until they left: so that nobody is missing for having been chosen.
"""

import polars as pl

from hub.demo.chance import Chance
from hub.demo.months import LAST, YEAR, day_in, month_of
from hub.demo.names import ELSEWHERE

_AGE = LAST - month_of(pl.col("birth"))
_RESIDENT = (pl.col("role") == "resident") & (pl.col("status") == "normal")


def students(people: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Of those between 18 and 23 who have no work most; a few have graduated and are still listed."""
    enrolled = month_of(pl.col("birth")) + 18 * 12
    first = enrolled + (8 - enrolled % 12) % 12  # the September after the eighteenth birthday
    young = people.filter(_RESIDENT & _AGE.is_between(18 * 12, 23 * 12) & chance.happens(0.8, "student"))
    last = first + 45  # four years later, in June
    return young.filter(first <= LAST).select(
        "pid", first.alias("first"), last.alias("last"),
        pl.when(last < LAST).then(pl.lit("graduated")).otherwise(pl.lit("in_school")).alias("state"),
    )  # fmt: skip


def sentences(people: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    grown = people.filter(_RESIDENT & _AGE.is_between(20 * 12, 55 * 12) & chance.happens(0.01, "sentence"))
    on = day_in(YEAR - 24 + chance.below(30, "sentence begins"), 1 + chance.below(28, "sentence day"))
    imprisoned = chance.happens(0.4, "imprisoned")
    return grown.select(
        "pid", pl.when(imprisoned).then(pl.lit("imprisoned")).otherwise(pl.lit("community")).alias("kind"),
        on.alias("on"), (on + pl.duration(days=400 + chance.below(2500, "sentence lasts"))).alias("until"),
    )  # fmt: skip


def elsewhere(people: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Those who moved away took up work there in the month after, if it has begun."""
    moved = people.filter((pl.col("status") == "moved_out") & (pl.col("ended") < LAST))
    return moved.select(
        "pid", pl.lit(["110", "310"]).alias("insurance"), (pl.col("ended") + 1).alias("first"),
        chance.pick(ELSEWHERE, "insured elsewhere").alias("region"),
    ).explode("insurance")  # fmt: skip
