"""How fresh the deliveries are that an answer rests on.

In charge of the one list that freshness, NO-or-UNKNOWN and "listed in" are answered from; reads ``delivery`` and
``batch`` as the reader, every few seconds. A list that is a moment old can only call a delivery less fresh than it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from time import monotonic
from typing import Any, Final

from hub.terms import Freshness, freshness

EVERY: Final = 2.0

_READ: Final = """
select d.id, d.name, d.target, d.cadence, b.period, b.sealed_at, b.loaded
  from delivery d
  left join lateral (select l.period, l.sealed_at, l.loaded from batch l
                      where l.delivery_id = d.id and l.status = 'loaded'
                      order by l.period desc, l.id desc limit 1) b on true
"""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery that is declared, and its last loaded batch where there is one."""

    id: int
    name: str
    target: str
    cadence: str
    period: date | None
    loaded_at: datetime | None
    loaded: int | None

    def state(self, today: date, fresh_days: Mapping[str, int]) -> Freshness:
        """``fresh_days``: cadence → how many days after its period a delivery still stands for today."""
        return freshness(self.period, self.loaded, fresh_days.get(self.cadence), today)


class Deliveries:
    """The deliveries as they were a moment ago."""

    def __init__(self, fresh_days: Mapping[str, int]) -> None:
        self.fresh_days = fresh_days
        self.by_name: Mapping[str, Delivered] = {}
        self.edition = 0  # counts the changes of what is declared
        self._read_at = float("-inf")
        self._told: dict[tuple[frozenset[str], date], list[dict[str, Any]]] = {}

    async def refresh(self, connection: Any) -> None:
        """Read the list where it is older than a moment."""
        if monotonic() - self._read_at > EVERY:
            rows = await connection.fetch(_READ)
            before, self.by_name = self.by_name, {row["name"]: Delivered(*row) for row in rows}
            self.edition += self.by_name.keys() != before.keys()
            self._read_at = monotonic()
            self._told = {}

    def feeding(self, tables: Iterable[str]) -> list[Delivered]:
        """The deliveries whose facts stand in ``tables``, by name."""
        wanted = set(tables)
        return sorted((one for one in self.by_name.values() if one.target in wanted), key=lambda one: one.name)

    def told(self, tables: frozenset[str], today: date) -> list[dict[str, Any]]:
        """The freshness of ``tables`` as an answer tells it."""
        known = self._told.get((tables, today))
        if known is None:
            known = self._told[tables, today] = [
                {
                    "delivery": one.name,
                    "state": one.state(today, self.fresh_days),
                    "period": one.period,
                    "loadedAt": one.loaded_at,
                }
                for one in self.feeding(tables)
            ]
        return known

    def lacking(self, tables: Iterable[str], today: date) -> list[str]:
        """Why NO cannot be said: a sentence for each delivery that is not fresh. A table nobody feeds lacks all."""
        feeding = self.feeding(tables)
        if not feeding:
            return [f"no delivery of {', '.join(sorted(tables))} is declared"]
        return [
            f"{one.name} is {state}" + (f" (last month: {one.period:%Y-%m})" if one.period else "")
            for one in feeding
            if (state := one.state(today, self.fresh_days)) != "fresh"
        ]
