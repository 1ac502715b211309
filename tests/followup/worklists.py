"""Findings written straight into the store, and changes as an officer makes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from postgres import Database
from sqlalchemy import insert, text, update

from hub.audit.checkpoint import Signer
from hub.audit.event import new_id
from hub.followup import worklist
from hub.policy import Change
from hub.sealing import Keyring
from hub.store.finding import check_run, finding

TODAY = date(2026, 11, 27)  # a Friday
START = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class Desk:
    """``at`` moves on with every change; ``today`` is set by the test."""

    database: Database
    keyring: Keyring
    today: date = TODAY
    at: datetime = START
    region: str = "371082"
    known: dict[str, tuple[UUID, UUID]] = field(default_factory=dict)
    begun: UUID = field(default_factory=new_id)

    def __post_init__(self) -> None:
        """Begin with an empty desk: making a database anew for each test takes longer than the test."""
        self.database.execute("truncate finding, work_item, work_event, work_action")

    @contextmanager
    def change(self, by: str = "officer", **more: Any) -> Iterator[Change]:
        self.at += timedelta(minutes=1)
        signer = Signer("hub.example/test", self.keyring.log_signer)
        with self.database.engine("writer").begin() as connection:
            yield Change(
                connection=connection, signer=signer, keyring=self.keyring, at=self.at, today=self.today,
                region=self.region, by=by, **more,
            )  # fmt: skip

    def found(self, label: str, **more: Any) -> str:
        """An open finding; its item's id."""
        number = len(self.known) + 1
        key, finding_id = UUID(int=number), UUID(int=1000 + number)
        self.known[label] = key, finding_id
        values: dict[str, Any] = {
            "rule": "working_age_not_enrolled", "subject": "person", "matter": "", "state": "open", "severity": "high",
            "area": "371082100", "region": "371082", "person_key": key, "values": {}, "opened_at": START,
            "seen_at": START, "run_id": 1,
        }  # fmt: skip
        with self.database.engine("writer").begin() as connection:
            connection.execute(insert(finding).values(subject_key=key, id=finding_id, **values | more))
        return str(finding_id)

    def becomes(self, label: str, state: str, **more: Any) -> None:
        """What a check makes of the finding."""
        _, finding_id = self.known[label]
        because = {"unknown_because": "a delivery is missing" if state == "unknown" else None}
        with self.database.engine("writer").begin() as connection:
            connection.execute(update(finding).where(finding.c.id == finding_id).values(state=state, **because | more))

    def judged(self, label: str, rule: str, months: dict[str, date]) -> None:
        """A check found it again, by deliveries of these months."""
        batches = {name: {"batch": 1, "period": month.isoformat()} for name, month in months.items()}
        said = {"rule": rule, "rule_digest": "", "parameters": {}, "batches": batches, "verdict": "judged"}
        times = {"today": self.today, "known_at": self.at, "started_at": self.at, "finished_at": self.at}
        with self.database.engine("writer").begin() as connection:
            run = connection.execute(insert(check_run).values(**said, **times).returning(check_run.c.id)).scalar_one()
        self.becomes(label, "open", run_id=run)

    def follow(self) -> dict[str, int]:
        with self.change() as change:
            return worklist.follow(change)

    def dispatch(self, **selection: Any) -> dict[str, int]:
        with self.change() as change:
            return worklist.dispatch(change, worklist.Selection(**selection or {"rule": "working_age_not_enrolled"}))

    def recall(self, **selection: Any) -> dict[str, int]:
        with self.change() as change:
            return worklist.recall(change, worklist.Selection(**selection or {"rule": "working_age_not_enrolled"}))

    def item(self, label: str) -> Any:
        with self.database.engine("reader").connect() as connection:
            sql = text("select * from work_item where finding_id = :id")
            return connection.execute(sql, {"id": self.known[label][1]}).one_or_none()

    def history(self, label: str) -> list[str]:
        sql = "select event from work_event where finding_id = %s order by at, event"
        return [event for (event,) in self.database.execute(sql, self.known[label][1])]

    def events(self, kind: str) -> list[Any]:
        """What the access log says publicly of events of a kind since the desk is there, oldest first."""
        sql = "select leaf from audit_event where kind = %s and event_id > %s order by event_id"
        return [orjson.loads(leaf) for (leaf,) in self.database.execute(sql, kind, self.begun)]
