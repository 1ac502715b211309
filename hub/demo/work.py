"""What follows from jobs: wages by month, contribution bases, enrollments, contributions, headcounts. No I/O.

The base of a year is the average wage of the year before, rounded up to the yuan and kept between floor and ceiling;
who earned nothing then gets the first wage. Source: the way 社会保险法 §12 and §35 are carried out.
"""

from collections.abc import Iterator

import polars as pl

from hub.demo.chance import Chance
from hub.demo.model import TYPES, City
from hub.demo.months import FIRST, LAST, OPEN, YEAR

#: Yuan a month; 山东, 2024 and, for want of a published figure, later. As in the parameters of the rules.
FLOOR, CEILING = 4416, 22078
RAISE = 1.04  # wages of a year against those of the year before
_SWING = 0.02  # how far a month's wage strays from the year's, either way


def wage_in(month: int, chance: Chance) -> pl.Expr:
    """Yuan taxed in a month, by `pid` and `wage`."""
    keyed = chance.unit(f"wage {month}")
    yearly = pl.col("wage") if month >= YEAR else pl.col("wage") / RAISE
    return (yearly * (1 + _SWING * (2 * keyed - 1))).round(2)


def with_bases(jobs: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Adds `base_2025` and `base_2026`, yuan a month, whole. A job's own `base` goes before both."""
    months = range(FIRST, YEAR)
    at_work = [((pl.col("first") <= month) & (pl.col("last") >= month)).cast(pl.Int64) for month in months]
    # In fen and in bits, so that sums do not hang on the order in which they are made.
    fen = [
        flag * (wage_in(month, chance) * 100).round().cast(pl.Int64)
        for flag, month in zip(at_work, months, strict=True)
    ]
    bits = [flag * (1 << place) for place, flag in enumerate(at_work)]
    sums = (
        jobs.filter(pl.col("taxed") == "wage")
        .select("pid", pl.sum_horizontal(fen).alias("fen"), pl.sum_horizontal(bits).alias("months"))
        .group_by("pid", maintain_order=True)
        .agg(pl.col("fen").sum(), pl.col("months").bitwise_or().bitwise_count_ones().cast(pl.Int64))
    )
    average = pl.when(pl.col("months") > 0).then(pl.col("fen") / (pl.col("months") * 100))
    latest = average.fill_null(pl.col("wage")).ceil().clip(FLOOR, CEILING)
    earlier = (pl.col("wage") / RAISE / RAISE).ceil().clip(FLOOR, CEILING)
    return jobs.join(sums, on="pid", how="left", maintain_order="left").with_columns(
        pl.coalesce("base", earlier).alias("base_2025"), pl.coalesce("base", latest).alias("base_2026")
    )


def enrollments(city: City, jobs: pl.DataFrame) -> pl.DataFrame:
    """One row a spell of one insurance: those that jobs bring (`jobs` with bases) and the others."""
    kinds = pl.DataFrame(
        {"types": list(TYPES), "insurance": [list(types) for types in TYPES.values()]},
        schema={"types": pl.String, "insurance": pl.List(pl.String)},
    )
    columns = [
        "pid", "eid", "insurance", "first", "last", "state", "contributor", "base_2025", "base_2026", "paid_until",
    ]  # fmt: skip
    employed = (
        jobs.filter(pl.col("types") != "none")
        .join(kinds, on="types", how="left", maintain_order="left")
        .explode("insurance")
        .with_columns(
            pl.when(pl.col("last") < OPEN).then(pl.lit("ended")).otherwise(pl.lit("active")).alias("state"),
            pl.lit("employee").alias("contributor"),
        )
        .select(columns)
    )
    floor = pl.when(pl.col("contributor") == "flexible").then(float(FLOOR))
    others = city.spells.with_columns(
        pl.coalesce("base", floor).alias("base_2025"), pl.coalesce("base", floor).alias("base_2026")
    ).select(columns)
    return pl.concat([employed, others])


def contributions(enrolled: pl.DataFrame, paid: pl.DataFrame, months: range, chance: Chance) -> Iterator[pl.DataFrame]:
    """Month by month, the pension contributions settled in it: pid, eid, insurance and the columns of PAID.

    Only the pensions, because the rules judge by them and the other insurances are collected with them. Of what the
    newest month owes, one in thirty has not arrived yet, but for those who had nothing to pay before.
    """
    paying = enrolled.filter(pl.col("insurance").is_in(["110", "120"]) & (pl.col("state") != "retired"))
    for month in months:
        late = pl.lit(month == LAST) & (pl.col("first") < LAST) & chance.happens(0.03, "late")
        due = paying.filter(
            (pl.col("first") <= month) & (pl.col("last") >= month) & (pl.col("paid_until") >= month)
        ).select(
            "pid",
            "eid",
            "insurance",
            pl.lit(month, dtype=pl.Int64).alias("month"),
            pl.lit(month, dtype=pl.Int64).alias("settled"),
            pl.col("base_2026" if month >= YEAR else "base_2025").alias("base"),
            pl.lit("10").alias("kind"),
            (~late).alias("arrived"),
        )
        more = paid.filter(pl.col("settled") == month).with_columns(pl.lit("110").alias("insurance"))
        yield pl.concat([due, more.select(due.columns)])


def payroll(jobs: pl.DataFrame, incomes: pl.DataFrame, months: range, chance: Chance) -> Iterator[pl.DataFrame]:
    """Month by month, what the tax bureau sees: pid, eid, month, income, yuan. Some have a bonus in February."""
    for month in months:
        at_work = jobs.filter((pl.col("first") <= month) & (pl.col("last") >= month) & (pl.col("taxed") != "none"))
        columns = ("pid", "eid", pl.lit(month, dtype=pl.Int64).alias("month"))
        wages = at_work.select(*columns, pl.col("taxed").alias("income"), wage_in(month, chance).alias("yuan"))
        more = incomes.filter(pl.col("month") == month)
        parts = [wages, more.select(wages.columns)]
        if month % 12 == 1:
            told = pl.col("pid").is_in(more["pid"].implode())
            lucky = at_work.filter((pl.col("taxed") == "wage") & ~told & chance.happens(0.05, f"bonus {month}"))
            parts.append(lucky.select(*columns, pl.lit("bonus").alias("income"), pl.col("wage").alias("yuan")))
        yield pl.concat(parts)


def headcounts(jobs: pl.DataFrame) -> pl.DataFrame:
    """eid, `staff`: how many are paid wages in the last month; `hired`: how many of these are no established staff."""
    now = jobs.filter((pl.col("first") <= LAST) & (pl.col("last") >= LAST) & (pl.col("taxed") == "wage"))
    return now.group_by("eid", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("staff"), (pl.col("types") != "organ").sum().cast(pl.Int64).alias("hired")
    )
