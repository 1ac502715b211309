"""A database in which facts are delivered by hand, and the indicators reckoned from them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from postgres import Database

from hub import demo
from hub.audit.checkpoint import Signer
from hub.checks import read_parameters
from hub.checks.example import FACTS, Example, rows
from hub.indicators import Release, compute, publish, read_measures, read_targets
from hub.store.lineage import batch, delivery

MEASURES = read_measures()
TARGETS = read_targets(MEASURES)
PARAMETERS = read_parameters(demo.PARAMETERS)
TODAY = date(2026, 11, 21)
OCTOBER = date(2026, 10, 1)


@dataclass
class IndicatorCity:
    database: Database
    owner: sa.Engine
    reader: sa.Engine
    writer: sa.Engine
    at: datetime = datetime(2026, 11, 10, tzinfo=UTC)
    ids: dict[str, int] = field(default_factory=dict)
    signer: Signer = field(default_factory=lambda: Signer("hub.example/test", Ed25519PrivateKey.generate()))

    def deliver(self, name: str, target: str, *said: dict[str, Any], period: date = OCTOBER, **more: Any) -> None:
        """Add rows as a batch of the delivery; each row as examples of rules write it."""
        self.at += timedelta(minutes=1)
        example: Any = Example(why="delivered by hand", today=TODAY, finds=(), **{target: said} if said else {})
        with self.owner.begin() as connection:
            if name not in self.ids:
                values = {"name": name, "title": name, "owner": "局", "cadence": "monthly", "target": target}
                self.ids[name] = connection.execute(
                    delivery.insert().values(values | more).returning(delivery.c.id)
                ).scalar_one()
            new = connection.execute(
                batch.insert()
                .values(
                    delivery_id=self.ids[name],
                    period=period,
                    digest=str(self.at).encode(),
                    files=[],
                    status="loaded",
                    declared=max(1, len(said)),
                    loaded=max(1, len(said)),
                    rejected=0,
                    started_at=self.at,
                    sealed_at=self.at,
                    loaded_by="test",
                )
                .returning(batch.c.id)
            ).scalar_one()
            for number, (_, row) in enumerate(rows(example), start=1):
                lineage = {"delivery_id": self.ids[name], "batch_id": new, "known_from": self.at, "row_no": number}
                connection.execute(FACTS[target].insert().values(row | lineage))

    def compute(self, *names: str, month: date = OCTOBER, **more: Any) -> Release:
        given = {"region": "371082", "today": TODAY, "measures": MEASURES, "targets": TARGETS} | more
        return compute(
            names or None,
            month=month,
            reader=self.reader,
            writer=self.writer,
            signer=self.signer,
            at=self.at,
            by="officer",
            parameters=PARAMETERS,
            **given,
        )

    def publish(self, release: int, reason: str = "") -> date:
        return publish(
            release,
            writer=self.writer,
            signer=self.signer,
            at=self.at,
            by="officer",
            measures=MEASURES,
            parameters=PARAMETERS,
            reason=reason,
        )

    def events(self, kind: str) -> list[dict[str, Any]]:
        found = self.database.execute(
            "select convert_from(leaf, 'UTF8')::jsonb from audit_event where kind = %s order by recorded_at, event_id",
            kind,
        )
        return [row[0] for row in found]


@pytest.fixture
def city(fresh_database: Database) -> Iterator[IndicatorCity]:
    engines = [fresh_database.engine(role) for role in ("owner", "reader", "writer")]
    yield IndicatorCity(fresh_database, *engines)
    for engine in engines:
        engine.dispose()


def staffed(city: IndicatorCity, areas: dict[str, int], paid: dict[str, int], period: date = OCTOBER) -> None:
    """Employees of one employer an area, enrolled since 2020; of each area so many paid for September."""
    people = [(area, f"{area}-{number}") for area, count in areas.items() for number in range(count)]
    spells = [{"person": who, "employer": area, "starts_on": date(2020, 1, 1)} for area, who in people]
    months = [
        {"person": f"{area}-{number}", "employer": area, "month": date(2026, 9, 1)}
        for area, count in paid.items()
        for number in range(count)
    ]
    employers = [{"employer": area, "area": area} for area in areas]
    city.deliver("market_supervision/registration", "employer", *employers, period=period)
    city.deliver("human_resources/enrollment", "enrollment", *spells, period=period)
    city.deliver("human_resources/contribution", "contribution", *months, period=date(2026, 9, 1))
    city.deliver("human_resources/contribution", "contribution", period=period)
    city.deliver("human_resources/benefit", "benefit", period=period)
