"""The demo's time frame, and months as whole numbers (year × 12 + month − 1) so that spells are arithmetic. No I/O."""

from datetime import date

import polars as pl

TODAY = date(2026, 11, 21)  # the deliveries about October arrive in November
FIRST = 2025 * 12  # payroll and contributions are delivered from here
LAST = 2026 * 12 + 9  # to here: the month the data are about
OPEN = 9999 * 12 + 11
YEAR = 2026 * 12  # the first month whose contribution base rests on wages that are delivered


def number(day: date) -> int:
    return day.year * 12 + day.month - 1


def period(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def yyyymm(month: pl.Expr) -> pl.Expr:
    """Six digits; null where open."""
    text = (month // 12 * 100 + month % 12 + 1).cast(pl.String)
    return pl.when(month < OPEN).then(text)


def month_of(day: pl.Expr) -> pl.Expr:
    return day.dt.year().cast(pl.Int64) * 12 + day.dt.month().cast(pl.Int64) - 1


def day_in(month: pl.Expr, day: pl.Expr | int = 1) -> pl.Expr:
    return pl.date(month // 12, month % 12 + 1, day)
