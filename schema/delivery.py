"""Deliveries: who gives what, and how fresh it is."""

from datetime import date, datetime

from hub.query.bind import Source, column, noun


@noun(
    Source(
        sql="""(select d.id, d.name, d.title, d.owner, d.cadence,
                       b.period, b.sealed_at, b.declared, b.loaded, b.rejected
                  from delivery d
                  left join batch b on b.id = (select max(l.id) from batch l
                                                where l.delivery_id = d.id and l.status = 'loaded'))""",
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
