"""A small world of findings, laid by hand as a check leaves them: who was found, by which run, over which deliveries."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import orjson
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from postgres import Database

from hub.audit.checkpoint import Signer
from hub.checks import Rule, read_rules
from hub.followup.letter import Office
from hub.followup.officer import Officer
from hub.sealing import Keyring
from hub.store.employer import employer
from hub.store.finding import check_run, finding, finding_event
from hub.store.person import person

RULES: dict[str, Rule] = {rule.name: rule for rule in read_rules()}
U01 = RULES["registered_not_enrolled"]
P02 = RULES["interrupted"]
OFFICE = Office("荣成市人力资源和社会保障局", "荣人社", "0631-0000000")
WANG = Officer("王示例", "扩面科科员")
LI = Officer("李示例", "分管副局长")
REGION = "150300"  # whose policy names every ground
#: A Monday, ten in the morning in China.
MONDAY = datetime(2026, 3, 2, 2, tzinfo=UTC)
USCC = "91371082MA3AAAA158"
_FACT = {
    "delivery_id": 1,
    "batch_id": 1,
    "row_no": 1,
    "digest": UUID(int=0),
    "known_from": datetime(2020, 1, 1, tzinfo=UTC),
}


@dataclass
class World:
    database: Database
    engine: sa.Engine
    owner: sa.Engine
    keyring: Keyring
    signer: Signer = field(default_factory=lambda: Signer("hub.example/test", Ed25519PrivateKey.generate()))

    def employer(self, name: str = "荣成示例渔业有限公司", uscc: str | None = USCC) -> UUID:
        key = uuid4()
        row = {"employer_key": key, "uscc": uscc, "name": name, "kind": "enterprise", "status": "operating"}
        self._insert(employer, row | {"address": "示例路1号"} | _FACT)
        return key

    def person(self, name: str = "张示例", phone: str | None = "13800000000") -> UUID:
        key = uuid4()
        said = {"resident_id": None, "name": name, "phone": phone, "address": "示例村2号"}
        row = {"person_key": key, "resident_id_masked": "**", "name_masked": name[0] + "**", "status": "normal"}
        sealed = self.keyring.seal(orjson.dumps(said), b"person:" + key.bytes)
        self._insert(person, row | {"sealed": sealed} | _FACT)
        return key

    def run(
        self, rule: Rule = U01, today: date = date(2026, 3, 2), period: date = date(2026, 2, 1), verdict: str = "judged"
    ) -> int:
        """A run of a rule for a day, over deliveries whose last month is ``period``."""
        batches = {name: {"batch": 1, "period": period.isoformat(), "sealed_at": "x"} for name in rule.needs}
        at = datetime(today.year, today.month, today.day, tzinfo=UTC)
        row = {
            "rule": rule.name, "rule_digest": rule.digest, "parameters": {}, "batches": batches, "verdict": verdict,
            "today": today, "known_at": at, "started_at": at, "finished_at": at,
        }  # fmt: skip
        with self.owner.begin() as connection:
            return connection.execute(check_run.insert().values(row).returning(check_run.c.id)).scalar_one()

    def find(
        self, key: UUID, rule: Rule = U01, *, at: datetime = MONDAY, area: str | None = "371082101", run: int | None = None, **values: Any,
    ) -> UUID:  # fmt: skip
        """A finding that is open; its id."""
        number = run or self.run(rule, at.date())
        made = uuid5(key, rule.name)
        row = {
            "subject_key": key, "id": made, "rule": rule.name, "subject": rule.subject, "matter": "", "state": "open",
            "severity": rule.severity, "area": area, "values": values, "opened_at": at,
            "seen_at": at, "run_id": number,
        }  # fmt: skip
        keys = {"project": {"project_code": "3710822026010001"}}.get(rule.subject, {f"{rule.subject}_key": key})
        self._insert(finding, row | keys)
        return made

    def judge(self, finding_id: UUID, state: str, run: int, at: datetime = MONDAY + timedelta(days=1)) -> None:
        """What a later run made of a finding: open, cleared or unknown."""
        event = {"open": "reopened"}.get(state, state)
        with self.owner.begin() as connection:
            found = connection.execute(
                finding.update().where(finding.c.id == finding_id).values(state=state, run_id=run).returning(finding.c.subject_key)
            ).scalar_one()  # fmt: skip
            values = {"subject_key": found, "finding_id": finding_id, "run_id": run, "event": event, "at": at}
            connection.execute(finding_event.insert().values(values))

    def kinds(self) -> list[str]:
        """The kinds of the events recorded, in order."""
        return [row[0] for row in self.database.execute("select kind from audit_event order by event_id")]

    def leaves(self) -> str:
        """All that the log's public part says."""
        return " ".join(bytes(row[0]).decode() for row in self.database.execute("select leaf from audit_event"))

    def _insert(self, table: sa.Table, row: dict[str, Any]) -> None:
        with self.owner.begin() as connection:
            connection.execute(table.insert().values(row))
