"""A desk at which two departments contradict each other about one person, and a rule that sees it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from intake_factory import Desk, lenient, name, population, resident_id

from hub.audit.checkpoint import Signer
from hub.checks import RunReport, check
from hub.followup import correction
from hub.sealing import Keyring

TODAY = date(2026, 11, 20)  # a Friday
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
REGISTER, CREMATIONS = "public_security/population", "civil_affairs/cremation"
RULE = "living_but_cremated"


@dataclass
class Office:
    """What an officer has at hand: deliveries, checks, disputes."""

    desk: Desk
    signer: Signer
    batches: dict[str, int] = field(default_factory=dict)

    @property
    def writer(self) -> Any:
        return self.desk.database.engine("writer")

    def cremated(self, *numbers: int, day: str = "2026-07-03") -> int:
        rows = [{"火化日期": day, "姓名": name(n), "身份证号": resident_id(n), "死亡日期": day} for n in numbers]
        return self.desk.rows(CREMATIONS, rows).batch_id  # type: ignore[return-value]

    def check(self, rules: list[str] | None = None) -> list[RunReport]:
        return check(
            rules or [RULE], reader=self.desk.database.engine("reader"), writer=self.writer, signer=self.signer,
            region="371082", today=TODAY,
        )  # fmt: skip

    def dispute(self, batch: int, row: int, said: str = "认错人了", **more: Any) -> correction.Dispute:
        with self.writer.begin() as connection:
            return correction.dispute(
                connection, batch, row, said, seal=self.desk.keyring.seal, **self.now("街道办事处") | more
            )

    def answer(
        self, number: int, given: Any, reply: str = "已核实", **more: Any
    ) -> tuple[correction.Dispute, list[str]]:
        with self.writer.begin() as connection:
            one, rules = correction.answer(
                connection, number, given, reply, seal=self.desk.keyring.seal, **self.now("民政局") | more
            )
        return one, list(rules)

    def escalate(self, number: int, **more: Any) -> correction.Dispute:
        with self.writer.begin() as connection:
            return correction.escalate(connection, number, **self.now("街道办事处") | more)

    def now(self, by: str) -> dict[str, Any]:
        return {"by": by, "today": TODAY, "at": datetime.now(UTC), "signer": self.signer}

    def finding(self) -> tuple[UUID, UUID, str]:
        """Subject, id and state of the one finding."""
        (row,) = self.desk.database.execute("select subject_key, id, state from finding")
        return row  # type: ignore[return-value]

    def events(self, kind: str) -> list[dict[str, Any]]:
        rows = self.desk.database.execute(
            "select convert_from(leaf, 'UTF8')::jsonb -> 'details' from audit_event where kind = %s order by event_id",
            kind,
        )
        return [row[0] for row in rows]


@pytest.fixture
def office(fresh_database: object, keyring: Keyring, tmp_path: Path) -> Office:
    """Five persons of the register; civil affairs cremated the third, who is alive."""
    desk = Desk(fresh_database, keyring, tmp_path, lenient(tmp_path / "declarations"))
    office = Office(desk, Signer("hub.example/test", keyring.log_signer))
    office.batches["register"] = desk.rows(REGISTER, population(range(1, 6))).batch_id
    office.batches["cremations"] = office.cremated(3)
    (report,) = office.check()
    assert report.found == 1
    return office
