"""How fresh the deliveries are that an answer rests on.

In charge of the one list that freshness, NO-or-UNKNOWN and "listed in" are answered from; reads ``delivery`` and
``batch`` as the reader, every few seconds. A list that is a moment old can only call a delivery less fresh than it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from time import monotonic
from typing import Any, Final

from hub.store.base import FOREVER_SQL, metadata
from hub.store.lineage import LAST_BATCHES
from hub.terms import Freshness, freshness
from hub.terms.due import Due, Last, Standing, standing

EVERY: Final = 2.0


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery that is declared, and its last loaded batch where there is one."""

    id: int
    name: str
    target: str
    cadence: str
    insurances: Sequence[str] | None
    period: date | None
    loaded_at: datetime | None
    loaded: int | None
    refusal: str | None

    def may_speak_of(self, insurance: str | None) -> bool:
        return insurance is None or self.insurances is None or insurance in self.insurances

    def state(self, today: date, fresh_days: Mapping[str, int]) -> Freshness:
        """``fresh_days``: cadence → how many days after its period a delivery still stands for today."""
        return freshness(self.period, self.loaded, fresh_days.get(self.cadence), today)

    def standing(self, today: date, fresh_days: Mapping[str, int], due: Due | None) -> Standing:
        """How it stands, as it is told to people."""
        last = Last(self.period, self.loaded_at, self.loaded, self.refusal)
        return standing(last, self.cadence, due, fresh_days.get(self.cadence), today)


class Deliveries:
    """The deliveries as they were a moment ago."""

    def __init__(self, fresh_days: Mapping[str, int], dues: Mapping[str, Due]) -> None:
        """``dues``: delivery → when it is due, where its connector says so."""
        self.fresh_days, self.dues = fresh_days, dues
        self.by_name: Mapping[str, Delivered] = {}
        self.edition = 0  # counts the changes of what is declared
        self._read_at = float("-inf")
        self._told: dict[tuple[frozenset[str], date, str | None], list[dict[str, Any]]] = {}

    async def refresh(self, pool: Any) -> None:
        """Read the list where it is older than a moment."""
        if monotonic() - self._read_at > EVERY:
            rows = await pool.fetch(LAST_BATCHES)
            before, self.by_name = self.by_name, {row["name"]: _delivered(row) for row in rows}
            self.edition += self.by_name.keys() != before.keys()
            self._read_at = monotonic()
            self._told = {}

    def feeding(self, tables: Iterable[str], insurance: str | None = None) -> list[Delivered]:
        """The deliveries whose facts stand in ``tables``, by name; only those that may speak of an insurance."""
        wanted = set(tables)
        found = (one for one in self.by_name.values() if one.target in wanted and one.may_speak_of(insurance))
        return sorted(found, key=lambda one: one.name)

    def listed(self, names: tuple[str, ...], alias: str) -> str:
        """The SQL condition that the subject of a row has a current fact from one of these deliveries."""
        by_target: dict[str, list[int]] = {}
        for name in names:
            delivered = self.by_name.get(name)
            if delivered is not None:
                by_target.setdefault(delivered.target, []).append(delivered.id)
        parts = []
        for target, ids in sorted(by_target.items()):
            key = "person_key" if "person_key" in metadata.tables[target].c else "employer_key"
            parts.append(
                f"exists (select 1 from {target} l where l.{key} = {alias}.{key} and l.known_until = {FOREVER_SQL} "
                f"and l.delivery_id in ({', '.join(map(str, sorted(ids)))}))"
            )
        return " or ".join(parts) or "false"

    def told(self, tables: frozenset[str], today: date, insurance: str | None = None) -> list[dict[str, Any]]:
        """The freshness of ``tables`` as an answer tells it."""
        known = self._told.get((tables, today, insurance))
        if known is None:
            known = self._told[tables, today, insurance] = [
                {
                    "delivery": one.name,
                    "state": one.state(today, self.fresh_days),
                    "period": one.period,
                    "loadedAt": one.loaded_at,
                }
                for one in self.feeding(tables, insurance)
            ]
        return known

    def standings(self, today: date) -> dict[str, dict[str, Any]]:
        """Delivery → how it stands: ``state``, ``reason``, ``freshness``, ``due_on``."""
        return {
            name: asdict(one.standing(today, self.fresh_days, self.dues.get(name)))
            for name, one in self.by_name.items()
        }

    def lacking(self, tables: Iterable[str], today: date, insurance: str | None = None) -> list[str]:
        """Why NO cannot be said: a sentence for each delivery that is not fresh. A table nobody feeds lacks all."""
        feeding = self.feeding(tables, insurance)
        if not feeding:
            return [f"no delivery of {', '.join(sorted(tables))} is declared"]
        return [
            f"{one.name} is {state}" + (f" (last month: {one.period:%Y-%m})" if one.period else "")
            for one in feeding
            if (state := one.state(today, self.fresh_days)) != "fresh"
        ]


def _delivered(row: Any) -> Delivered:
    names = ("id", "name", "target", "cadence", "insurances", "period", "sealed_at", "loaded", "refusal")
    return Delivered(*(row[name] for name in names))
