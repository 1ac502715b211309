"""Whether the deliveries that a rule needs are there, fresh and not empty, and which months they have given.

In charge of the reasons for which a rule is not judged at all. Reads ``delivery`` and ``batch`` in the reader's
transaction, so that what it says is true of the very facts the rule then reads. Refuses nothing: it gives reasons.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple

import sqlalchemy as sa

from hub.store import lineage
from hub.terms import add_months, freshness

#: The parameter that says for each cadence how many days after its period a delivery still stands for today.
LIMITS: Final = "delivery_fresh_days"


class Reason(NamedTuple):
    """Why a rule is not judged: in words, and what is to be mended, a ``delivery`` or a ``parameter``, by its name."""

    says: str
    lacks: Literal["delivery", "parameter"]
    name: str

    def __str__(self) -> str:
        return self.says


# Rows tried again make no delivery newer. Where nothing has changed since, a delivery stands by what it brought before.
_DELIVERED: Final = sa.text("""
select d.name, d.id, d.cadence, d.target, b.id, b.period, b.sealed_at,
       case when b.partial
            then (select max(e.loaded) from batch e
                  where e.delivery_id = d.id and e.status = 'loaded' and e.sealed_at <= :known_at)
            else b.loaded end
from delivery d
join (
    select *, row_number() over (partition by delivery_id order by period desc, sealed_at desc, id desc) as back
    from batch
    where status = 'loaded' and replays is null and sealed_at <= :known_at
) as b on b.delivery_id = d.id and b.back = 1
where d.name = any(:names)
""")


@dataclass(frozen=True, slots=True)
class Delivered:
    """The last loaded batch of a delivery. ``period`` is the month it speaks of, as its first day."""

    delivery: str
    delivery_id: int
    cadence: str
    target: str
    batch: int
    period: date
    sealed_at: datetime
    loaded: int

    def as_json(self) -> dict[str, Any]:
        return {"batch": self.batch, "period": self.period.isoformat(), "sealed_at": self.sealed_at.isoformat()}


def delivered(connection: sa.Connection, names: Iterable[str], known_at: datetime) -> dict[str, Delivered]:
    """The last batch, by period and then by time, of each of these deliveries that had one by then."""
    found = connection.execute(_DELIVERED, {"names": list(names), "known_at": known_at})
    return {row[0]: Delivered(*row) for row in found}


def last_sealed(connection: sa.Connection) -> datetime | None:
    """When the newest batch that this transaction sees was sealed: every fact it sees was known by then."""
    return connection.execute(sa.select(sa.func.max(lineage.batch.c.sealed_at))).scalar()


def reasons(name: str, last: Delivered | None, today: date, limits: Mapping[str, int]) -> list[Reason]:
    """Why a delivery cannot be relied on today; nothing where it can."""
    if last is None:
        return [Reason(f"{name} was never delivered", "delivery", name)]
    if last.cadence not in limits:
        return [Reason(f"{name} comes {last.cadence}, for which {LIMITS} says nothing", "parameter", LIMITS)]
    match freshness(last.period, last.loaded, limits[last.cadence], today):
        case "empty":
            return [Reason(f"{name} of {last.period:%Y-%m} is empty", "delivery", name)]
        case "stale":
            return [Reason(f"{name} is stale: its last month is {last.period:%Y-%m}", "delivery", name)]
    return []


def behind(name: str, last: Delivered | None, period: date | None) -> list[Reason]:
    """Why a delivery that comes every month, or oftener, says nothing of the month asked about, if it does not."""
    if last is None or period is None or last.cadence in {"quarterly", "yearly"} or last.period >= period:
        return []
    return [Reason(f"{name} has not given {period:%Y-%m}: its last month is {last.period:%Y-%m}", "delivery", name)]


#: (delivery, month, known at) → whether a row of the month stands in a batch of another: found once a check.
Held = dict[tuple[int, date, datetime], bool]


def missing_months(
    connection: sa.Connection, last: Delivered, first: date, final: date, known_at: datetime, held: Held
) -> list[date]:
    """The months from ``first`` to ``final`` of which the delivery gave neither a batch nor, in another's, a row."""
    wanted = []
    while first <= final:
        wanted.append(first)
        first = add_months(first, 1)
    batch = lineage.batch
    periods = sa.select(batch.c.period).where(
        batch.c.delivery_id == last.delivery_id,
        batch.c.status == "loaded",
        batch.c.loaded > 0,
        batch.c.sealed_at <= known_at,
    )
    covered = set(connection.execute(periods).scalars())
    rest = [one for one in wanted if one not in covered]
    unasked = [one for one in rest if (last.delivery_id, one, known_at) not in held]
    if unasked:  # one batch may hold many months, as a first load does
        probe = sa.text(
            # the first row of a month is enough; of `exists` the planner would make a join with all of them
            "select m from unnest(cast(:months as date[])) as m cross join lateral"
            f" (select from {last.target} where month = m and delivery_id = :delivery limit 1) as any_row"
        )
        found = set(connection.execute(probe, {"months": unasked, "delivery": last.delivery_id}).scalars())
        held.update({(last.delivery_id, one, known_at): one in found for one in unasked})
    return [one for one in rest if not held[last.delivery_id, one, known_at]]
