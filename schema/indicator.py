"""Indicators of published months, and how they stand against the policies' targets. Nothing else of them is asked."""

from datetime import date, datetime

from hub.query.bind import Source, column, noun

#: The release that is shown of each month: its latest publication's.
PUBLISHED = """(select {rows}, r.month, r.region, p.published_at
                  from {table} s
                  join indicator_release r on r.id = s.release_id
                  join (select month, max(id) as id from indicator_publication group by month) l on l.month = r.month
                  join indicator_publication p on p.id = l.id and p.release_id = s.release_id)"""
TEXTS = ("policy", "measure", "division", "area", "insurance")
COLUMNS = {"release_id": "bigint", "month": "date", "region": "text"} | dict.fromkeys(TEXTS, "text")


@noun(
    Source(
        sql=PUBLISHED.format(table="indicator_shown", rows="s.*"),
        key=("release_id", "measure", "division", "insurance", "area"),
        columns=COLUMNS,
    )
)
class Indicator:
    """A published figure of a month (指标), rounded; small ones, and those that would tell them, are hidden."""

    month: date = column("{a}.month", "The month measured, as its first day.")
    region: str = column("{a}.region", "The division the figures are of.")
    measure: str = column("{a}.measure", "What is measured: payment_rate.")
    division: str = column("{a}.division", "By what the city is divided: area or park.")
    area: str = column("{a}.area", "Reporting area or park; empty: the whole; unassigned: nobody tells.")
    insurance: str = column("{a}.insurance", "Insurance; empty where it is told over all, or of none.")
    numerator: float | None = column("{a}.numerator", "What is counted.")
    denominator: float | None = column("{a}.denominator", "Of how many.")
    value: float | None = column("{a}.value", "The indicator.")
    unit: str = column("{a}.unit", "Its unit.")
    state: str = column("{a}.state", "known, unknown or hidden.")
    because: str | None = column("{a}.because", "Why it is not known.")
    published_at: datetime = column("{a}.published_at", "When it was published.")


@noun(
    Source(
        sql=PUBLISHED.format(table="indicator_progress", rows="s.*"),
        key=("release_id", "policy", "measure", "insurance", "area"),
        columns=COLUMNS,
    )
)
class Target:
    """A target of a policy, and how the published figures of a month stand against it (目标任务)."""

    month: date = column("{a}.month", "The month.")
    region: str = column("{a}.region", "The division the figures are of.")
    policy: str = column("{a}.policy", "The policy.")
    clause: str = column("{a}.clause", "Its clause.")
    measure: str = column("{a}.measure", "What is measured.")
    insurance: str = column("{a}.insurance", "Insurance; empty where it is told over all, or of none.")
    area: str = column("{a}.area", "Reporting area; empty: the whole.")
    compare: str = column("{a}.compare", "at_least, at_most, rising or below_last_year.")
    target: float | None = column("{a}.target", "The number; null where the clause says none.")
    value: float | None = column("{a}.value", "The figure.")
    last_year: float | None = column("{a}.last_year", "The figure of the same month of last year.")
    due_share: float | None = column("{a}.due_share", "Share of the year that is gone, where the measure accumulates.")
    share: float | None = column("{a}.share", "The figure over what is wanted.")
    state: str = column("{a}.state", "reached, on_track, behind or unknown.")
    because: str | None = column("{a}.because", "Why it is not known.")
    rank: int | None = column("{a}.rank", "Among the areas, the best first.")
