"""Deliveries: who gives what, and how fresh it is."""

from datetime import date, datetime

from strawberry.scalars import JSON

from hub.query.bind import Source, column, noun, reckoned
from hub.query.verbs import standings


@noun(
    Source(
        sql="""(select d.id, d.name, d.title, d.owner, d.cadence,
                       b.period, b.sealed_at, b.declared, b.loaded, b.rejected, b.quality
                  from delivery d
                  left join lateral (select * from batch l
                                      where l.delivery_id = d.id and l.status = 'loaded' and l.replays is null
                                      order by l.period desc, l.id desc limit 1) b on true)""",
        key=("id",),
    )
)
class Delivery:
    """A delivery of a department (数据交付)."""

    name: str = column("{a}.name", "Who gives / what.")
    title: str = column("{a}.title", "Title.")
    owner: str = column("{a}.owner", "The department that delivers it (提供单位).")
    cadence: str = column("{a}.cadence", "How often it is due (更新频率).")
    last_period: date | None = column("{a}.period", "The last month loaded, as its first day.")
    last_loaded_at: datetime | None = column("{a}.sealed_at", "When that was.")
    rows_declared: int | None = column("{a}.declared", "Rows in that batch.")
    rows_loaded: int | None = column("{a}.loaded", "Rows of it that were loaded.")
    rows_rejected: int | None = column("{a}.rejected", "Rows of it that were rejected.")
    state: str = reckoned(
        standings, "name", "state", "refused, missing, empty, stale, late, due or fresh: the worst that is true (状态)."
    )
    state_reason: str | None = reckoned(standings, "name", "reason", "Why, where it is not fresh.")
    freshness: str = reckoned(
        standings, "name", "freshness", "Whether answers may rest on it today: fresh, stale, missing or empty (时效)."
    )
    due_on: date | None = reckoned(standings, "name", "due_on", "The last day in time for what comes next (应交日期).")
    quality: JSON | None = column(
        "{a}.quality",
        "Its rows by field that are filled and valid, its rows matched, its codes with their rows (数据质量).",
    )
