"""Whether the deliveries that a rule needs are there, fresh and not empty, and which months they have given.

In charge of the reasons for which a rule is not judged at all. Reads ``delivery`` and ``batch`` in the reader's
transaction, so that what it says is true of the very facts the rule then reads. Refuses nothing: it gives reasons.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from hub.store import lineage
from hub.terms import add_months, freshness

#: The parameter that says for each cadence how many days after its period a delivery still stands for today.
LIMITS: Final = "delivery_fresh_days"


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
    delivery, batch = lineage.delivery, lineage.batch
    earlier = batch.alias()
    ever = (  # where nothing has changed since, a delivery stands by what it brought before
        sa.select(sa.func.max(earlier.c.loaded))
        .where(earlier.c.delivery_id == delivery.c.id, earlier.c.status == "loaded", earlier.c.sealed_at <= known_at)
        .scalar_subquery()
    )
    statement = (
        sa.select(
            delivery.c.name,
            delivery.c.id,
            delivery.c.cadence,
            delivery.c.target,
            batch.c.id,
            batch.c.period,
            batch.c.sealed_at,
            sa.case((batch.c.partial, ever), else_=batch.c.loaded),
        )
        .join(batch, batch.c.delivery_id == delivery.c.id)
        .where(
            delivery.c.name.in_(list(names)),
            batch.c.status == "loaded",
            batch.c.replays.is_(None),  # rows tried again make no delivery newer
            batch.c.sealed_at <= known_at,
        )
        .order_by(batch.c.period, batch.c.sealed_at, batch.c.id)
    )
    return {row[0]: Delivered(*row) for row in connection.execute(statement)}


def last_sealed(connection: sa.Connection) -> datetime | None:
    """When the newest batch that this transaction sees was sealed: every fact it sees was known by then."""
    return connection.execute(sa.select(sa.func.max(lineage.batch.c.sealed_at))).scalar()


def reasons(name: str, last: Delivered | None, today: date, limits: Mapping[str, int]) -> list[str]:
    """Why a delivery cannot be relied on today; nothing where it can."""
    if last is None:
        return [f"{name} was never delivered"]
    if last.cadence not in limits:
        return [f"{name} comes {last.cadence}, for which {LIMITS} says nothing"]
    match freshness(last.period, last.loaded, limits[last.cadence], today):
        case "empty":
            return [f"{name} of {last.period:%Y-%m} is empty"]
        case "stale":
            return [f"{name} is stale: its last month is {last.period:%Y-%m}"]
    return []


def missing_months(
    connection: sa.Connection, last: Delivered, first: date, final: date, known_at: datetime
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
    if rest:  # one batch may hold many months, as a first load does
        probe = sa.text(
            f"select m from unnest(cast(:months as date[])) as m"
            f" where exists (select from {last.target} where month = m and delivery_id = :delivery)"
        )
        found = set(connection.execute(probe, {"months": rest, "delivery": last.delivery_id}).scalars())
        rest = [one for one in rest if one not in found]
    return rest
