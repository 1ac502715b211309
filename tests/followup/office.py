"""A desk at which two departments contradict each other about one person, and a rule that sees it."""

from collections.abc import Iterator
from contextlib import contextmanager
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
from hub.policy import Change
from hub.sealing import Keyring

TODAY = date(2026, 11, 20)  # a Friday
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

    @contextmanager
    def change(self, by: str, today: date = TODAY, **more: Any) -> Iterator[Change]:
        with self.writer.begin() as connection:
            yield Change(
                connection=connection, signer=self.signer, keyring=self.desk.keyring, at=datetime.now(UTC),
                today=today, region="371082", by=by, **more,
            )  # fmt: skip

    def dispute(self, batch: int, row: int, because: str = "认错人了", **more: Any) -> correction.Dispute:
        with self.change("街道办事处", **more) as change:
            return correction.dispute(change, batch=batch, row=row, because=because)

    def answer(
        self, number: UUID, given: str, because: str = "已核实", corrected_in: int | None = None
    ) -> tuple[correction.Dispute, list[str]]:
        with self.change("民政局") as change:
            one, rules = correction.answer(
                change, dispute=str(number), answer=correction.DisputeAnswer(given), because=because,
                corrected_in=corrected_in,
            )  # fmt: skip
        return one, list(rules)

    def escalate(self, number: UUID, today: date = TODAY) -> correction.Dispute:
        with self.change("街道办事处", today) as change:
            return correction.escalate(change, dispute=str(number), because="不认可")

    def contested(self, finding: UUID) -> bool:
        said = f"select {correction.CONTESTED} from finding f where f.id = %s"
        ((answer,),) = self.desk.database.execute(said, finding)
        return bool(answer)

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
