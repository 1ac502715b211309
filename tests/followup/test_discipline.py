"""Nobody is listed as seriously untrustworthy but after notice, deadline, a fresh re-check, and a signature."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from postgres import Database
from world import LI, MONDAY, OFFICE, RULES, U01, USCC, WANG, World

from hub import intake
from hub.audit.event import Kind
from hub.checks import city_parameters, read_rules
from hub.errors import FollowupError, IntakeError
from hub.followup import clearing, delivery, discipline, notice
from hub.followup.conditions import CONDITIONS
from hub.followup.delivery import HEADER, Published
from hub.followup.discipline import MOVES
from hub.followup.officer import Officer
from hub.intake import manifest
from hub.settings import settings
from hub.store.correction import correction
from hub.store.finding import finding_evidence

ROOT = Path(__file__).parents[2]
SERVED = date(2026, 3, 3)
DEADLINE = date(2026, 3, 17)  # ten working days later
RECHECKED = date(2026, 4, 10)
APRIL = datetime(2026, 4, 13, 2, tzinfo=UTC)
MARCH = date(2026, 3, 1)


@dataclass
class Desk:
    """One employer, found, and those who act."""

    world: World
    finding: UUID
    region: str = "150300"
    at: datetime = APRIL

    def notify(
        self, kind: str = "notification", workdays: int = 10, served: date | None = SERVED, at: datetime = MONDAY
    ) -> str:
        with self.world.engine.begin() as connection:
            (one,) = notice.issue(
                connection, U01, kind, office=OFFICE, officer=WANG, region=self.region, at=at, workdays=workdays,
                keyring=self.world.keyring, signer=self.world.signer, findings=[self.finding],
            )  # fmt: skip
            if served:
                notice.serve(
                    connection, one.number, on=served, how="post", officer=WANG, at=self.at, signer=self.world.signer
                )
            return one.number

    def recheck(
        self, state: str = "open", today: date = RECHECKED, period: date = MARCH, verdict: str = "judged"
    ) -> None:
        run = self.world.run(U01, today, period, verdict)
        self.world.database.execute(
            "update finding set state = %s, run_id = %s where id = %s", state, run, self.finding
        )

    def propose(self, officer: Officer = WANG, reason: str = "逾期未整改") -> None:
        with self.world.engine.begin() as connection:
            discipline.propose(connection, self.finding, officer=officer, reason=reason, **self._more)

    def sign(self, officer: Officer = LI, reason: str = "同意") -> None:
        with self.world.engine.begin() as connection:
            discipline.sign(connection, self.finding, officer=officer, reason=reason, **self._more)

    def lift(self, reason: str = "已整改") -> None:
        with self.world.engine.begin() as connection:
            discipline.lift(connection, self.finding, officer=LI, reason=reason, at=self.at, signer=self.world.signer)

    def settle(self) -> clearing.Settled:
        with self.world.engine.begin() as connection:
            return clearing.settle(connection, at=self.at, signer=self.world.signer)

    def publish(self, folder: Path, at: datetime | None = None) -> Published:
        key = self.world.keyring.delivery_signer
        return delivery.publish(
            self.world.engine, folder, office=OFFICE, officer=LI, region=self.region, at=at or self.at,
            signer=self.world.signer, key=key,
        )  # fmt: skip

    @property
    def _more(self) -> dict[str, Any]:
        return {"region": self.region, "at": self.at, "signer": self.world.signer}

    @property
    def state(self) -> list[str]:
        return [row[0] for row in self.world.database.execute("select state from discipline order by id")]


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world, world.find(world.employer()))


@pytest.fixture
def ready(desk: Desk) -> Desk:
    """Notice was served, its deadline has passed, and the employer is still found."""
    desk.notify()
    desk.recheck()
    return desk


def refused(step: Callable[[], Any]) -> str:
    """The conditions for which a step is refused."""
    with pytest.raises(FollowupError) as error:
        step()
    assert error.value.code == "FOLLOWUP_UNFAIR"
    return error.value.hint.removeprefix("not met: ")


def test_the_way_on_to_the_list_and_off_it(ready: Desk, tmp_path: Path) -> None:
    ready.propose()
    assert ready.state == ["proposed"]
    ready.sign()
    assert ready.state == ["signed"]
    published = ready.publish(tmp_path)
    assert (published.employers, published.new, published.refused) == (1, 1, {})
    assert ready.state == ["published"]
    ready.lift()
    assert ready.state == ["lifted"]
    steps = ready.world.database.execute(
        "select state, by, position, reason, basis from discipline_step order by at, state"
    )
    assert [step[:3] for step in sorted(steps, key=lambda step: list(MOVES).index(step[0]))] == [
        ("proposed", WANG.name, WANG.position), ("signed", LI.name, LI.position), ("published", LI.name, LI.position),
        ("lifted", LI.name, LI.position),
    ]  # fmt: skip
    signed = next(step[4] for step in steps if step[0] == "signed")
    assert (signed["notice"], signed["served_on"], signed["deadline_on"], signed["judged_for"]) == (
        "荣人社告知〔2026〕1号", "2026-03-03", "2026-03-17", "2026-04-10",
    )  # fmt: skip
    kinds = [one for one in ready.world.kinds() if one.startswith("discipline")]
    assert kinds == [Kind.discipline_moved] * 3 + [Kind.discipline_published, Kind.discipline_lifted]
    assert "逾期未整改" not in ready.world.leaves()


# --- what must hold, each by itself


def test_without_a_notice_nobody_is_proposed(desk: Desk) -> None:
    desk.recheck()
    assert refused(desk.propose) == "SERVED, DEADLINE, RECHECK"


def test_a_notice_that_was_issued_and_not_served_is_none(desk: Desk) -> None:
    desk.notify(served=None)
    desk.recheck()
    assert refused(desk.propose) == "SERVED, WAITING, DEADLINE, RECHECK"


def test_a_second_demand_on_its_way_is_waited_for(ready: Desk) -> None:
    ready.notify("rectification", served=None)
    assert refused(ready.propose) == "WAITING"
    ready.world.database.execute("update notice set state = 'withdrawn' where kind = 'rectification'")
    ready.propose()


@pytest.mark.parametrize("kind", ["reminder_letter", "interview"])
def test_a_letter_that_demands_nothing_is_no_fair_notice(desk: Desk, kind: str) -> None:
    desk.notify(kind)
    desk.recheck()
    assert "SERVED" in refused(desk.propose)


def test_the_last_day_still_belongs_to_the_employer(ready: Desk) -> None:
    ready.recheck(today=DEADLINE + timedelta(days=1))
    ready.at = datetime(2026, 3, 17, 15, 59, tzinfo=UTC)  # a minute before midnight in China
    assert refused(ready.propose) == "DEADLINE, RECHECK"
    ready.at = datetime(2026, 3, 17, 16, tzinfo=UTC)
    ready.propose()


def test_the_deadline_that_counts_is_the_last_one_set(ready: Desk) -> None:
    ready.notify("rectification", workdays=40)
    assert refused(ready.propose) == "DEADLINE, RECHECK, DATA"


def test_a_calendar_that_is_not_announced_waits(desk: Desk) -> None:
    desk.at = datetime(2027, 6, 1, tzinfo=UTC)
    desk.notify(served=date(2026, 12, 28), at=datetime(2026, 12, 22, tzinfo=UTC))
    desk.recheck(today=date(2027, 5, 10), period=date(2027, 4, 1))
    assert refused(desk.propose) == "CALENDAR, DEADLINE"


def test_a_check_before_the_deadline_is_no_recheck(ready: Desk) -> None:
    ready.recheck(today=DEADLINE)
    assert refused(ready.propose) == "RECHECK"


def test_a_check_for_a_day_to_come_is_no_recheck(ready: Desk) -> None:
    ready.recheck(today=date(2026, 5, 1))
    assert refused(ready.propose) == "RECHECK"


def test_a_recheck_over_data_that_end_before_the_deadline_would_find_who_has_enrolled(ready: Desk) -> None:
    ready.recheck(period=date(2026, 2, 1))
    assert refused(ready.propose) == "DATA"


def test_what_is_unknown_lists_nobody(ready: Desk) -> None:
    ready.recheck(state="unknown", verdict="unknown")
    assert refused(ready.propose) == "OPEN, RECHECK"


def test_what_is_still_to_be_checked_lists_nobody(ready: Desk) -> None:
    ready.world.database.execute("update finding set values = %s::jsonb", '{"certainty": "to_be_checked"}')
    assert refused(ready.propose) == "CONFIRMED"


def test_what_fell_since_the_notice_and_came_back_is_told_anew(ready: Desk) -> None:
    ready.world.judge(ready.finding, "cleared", ready.world.run())
    ready.recheck()
    assert refused(ready.propose) == "STEADY"


def test_an_employer_without_a_credit_code_is_not_listed_by_its_name(world: World) -> None:
    desk = Desk(world, world.find(world.employer(uscc=None)))
    desk.notify()
    desk.recheck()
    assert refused(desk.propose) == "EMPLOYER"


def test_a_rule_that_the_region_names_no_ground_lists_nobody(ready: Desk) -> None:
    ready.region = "320900"
    assert refused(ready.propose) == "GROUND"


def test_a_finding_about_a_person_is_no_case(world: World) -> None:
    desk = Desk(world, world.find(world.person(), RULES["interrupted"]))
    with pytest.raises(FollowupError, match="no such finding of an employer"):
        desk.propose()


def test_nobody_is_listed_over_a_row_that_is_disputed(ready: Desk) -> None:
    ((subject, its, run),) = ready.world.database.execute("select subject_key, id, run_id from finding")
    with ready.world.owner.begin() as connection:
        place = {"subject_key": subject, "finding_id": its, "run_id": run, "position": 1}
        row = {"fact": "employer", "batch_id": 4, "row_no": 7, "row": {}}
        connection.execute(finding_evidence.insert().values(place | row))
        row = {"id": uuid4(), "batch_id": 4, "row_no": 7, "delivery": "tax/registration", "asked_by": "x"}
        row |= {"asked_at": MONDAY, "step": "verification", "due_on": date(2026, 3, 16)}
        connection.execute(correction.insert().values(row))
    assert refused(ready.propose) == "UNDISPUTED"
    with ready.world.owner.begin() as connection:
        connection.execute(correction.update().values(answer="confirmed"))
    ready.propose()


def test_every_condition_is_tried_here() -> None:
    text = Path(__file__).read_text()
    for condition in CONDITIONS:
        assert f'"{condition.code}' in text or f", {condition.code}" in text


def test_every_step_asks_anew(ready: Desk, tmp_path: Path) -> None:
    ready.propose()
    ready.recheck(state="unknown", verdict="unknown")
    assert refused(ready.sign) == "OPEN, RECHECK"
    ready.recheck()
    ready.sign()
    ready.recheck(state="unknown", verdict="unknown")
    published = ready.publish(tmp_path)
    assert (published.employers, published.new) == (0, 0)
    assert "not open" in published.refused[str(ready.finding)]
    assert ready.state == ["signed"]


# --- who acts


@pytest.mark.parametrize("name", ["王示例", " 王 示例"])
def test_who_proposes_does_not_sign(ready: Desk, name: str) -> None:
    ready.propose()
    with pytest.raises(FollowupError, match="does not sign"):
        ready.sign(Officer(name, "副局长"))
    assert ready.state == ["proposed"]


def test_no_step_without_a_reason(ready: Desk) -> None:
    for step in (lambda: ready.propose(reason=" "), lambda: ready.lift(reason="")):
        with pytest.raises(FollowupError, match="reason"):
            step()


def test_no_step_is_left_out_and_none_is_made_twice(ready: Desk) -> None:
    with pytest.raises(FollowupError, match="not there cannot be signed"):
        ready.sign()
    ready.propose()
    with pytest.raises(FollowupError, match="proposed cannot be proposed"):
        ready.propose()
    ready.sign()
    with pytest.raises(FollowupError, match="signed cannot be signed"):
        ready.sign()


def test_two_who_propose_at_once_make_one_entry(ready: Desk) -> None:
    problems: list[Exception] = []

    def propose() -> None:
        try:
            ready.propose()
        except FollowupError as error:
            problems.append(error)

    threads = [Thread(target=propose) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ready.state == ["proposed"]
    assert len(problems) == 2


# --- what falls


@pytest.mark.parametrize("until", ["proposed", "signed", "published"])
def test_a_finding_that_clears_lifts_it_wherever_it_stands(ready: Desk, tmp_path: Path, until: str) -> None:
    ready.propose()
    if until != "proposed":
        ready.sign()
    if until == "published":
        ready.publish(tmp_path)
    ready.world.judge(ready.finding, "cleared", ready.world.run())
    assert ready.settle().lifted == 1
    assert ready.settle().lifted == 0
    assert ready.state == ["lifted"]
    assert ready.world.database.execute("select lifted_because from discipline") == [("finding_cleared",)]
    assert ready.publish(tmp_path, APRIL + timedelta(seconds=5)).employers == 0


def test_a_notice_that_is_withdrawn_takes_the_entry_with_it(desk: Desk) -> None:
    number = desk.notify()
    desk.recheck()
    desk.propose()
    with desk.world.engine.begin() as connection:
        notice.withdraw(connection, number, because="查证有误", officer=LI, at=APRIL, signer=desk.world.signer)
    assert desk.settle().lifted == 1
    assert desk.world.database.execute("select lifted_because from discipline") == [("notice_withdrawn",)]


def test_publishing_asks_for_what_fell_since_the_last_settling(ready: Desk, tmp_path: Path) -> None:
    ready.propose()
    ready.sign()
    ready.world.judge(ready.finding, "cleared", ready.world.run())
    assert ready.publish(tmp_path).employers == 0
    assert ready.state == ["lifted"]


def test_a_delivery_that_is_late_takes_nobody_off_the_list(ready: Desk, tmp_path: Path) -> None:
    ready.propose()
    ready.sign()
    ready.publish(tmp_path)
    ready.recheck(state="unknown", verdict="unknown")
    assert ready.settle().lifted == 0
    assert ready.publish(tmp_path, APRIL + timedelta(seconds=5)).employers == 1


def test_who_was_lifted_may_be_proposed_again_and_has_a_history(ready: Desk) -> None:
    ready.propose()
    ready.lift()
    ready.propose()
    assert sorted(ready.state) == ["lifted", "proposed"]


# --- the declarations


def test_grounds_and_measures_have_their_clauses() -> None:
    known = city_parameters()
    assert [entry.source for entry in known["discipline_grounds"].entry]
    (measures,) = known["joint_discipline_measures"].entry
    assert len(measures.value) == 9
    assert "32" in measures.note
    for entry in known["discipline_grounds"].entry:
        for rule in read_rules():
            if set(rule.ids) & set(entry.value):
                assert rule.subject == "employer"


# --- the delivery out


def listed(ready: Desk, folder: Path) -> Path:
    ready.propose()
    ready.sign()
    return ready.publish(folder).folder


def test_the_list_is_written_twice_each_with_a_signed_manifest(ready: Desk, tmp_path: Path) -> None:
    folder = listed(ready, tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"joint_discipline.{form}{more}"
        for form in ("csv", "xlsx")
        for more in ("", ".manifest.toml", ".manifest.toml.sig")
    )
    content = (folder / "joint_discipline.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    header, row = content.decode("utf-8-sig").splitlines()
    assert header == ",".join(HEADER)
    assert f"荣成示例渔业有限公司,{USCC},未按规定参加社会保险,2026-04-13,,{OFFICE.name},荣人社告知〔2026〕1号" in row
    assert "限制作为政府采购供应商" in row
    assert sha256(content).hexdigest() in ready.world.leaves()
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_the_same_list_is_the_same_delivery_again(ready: Desk, tmp_path: Path) -> None:
    first = listed(ready, tmp_path)
    second = ready.publish(tmp_path, APRIL + timedelta(days=3)).folder
    for name in ("joint_discipline.csv", "joint_discipline.csv.manifest.toml.sig"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    with pytest.raises(FollowupError, match="there already"):
        ready.publish(tmp_path)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_another_hub_loads_the_list_and_holds_it_against_its_signature(
    ready: Desk, tmp_path: Path, fresh_database: Database, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = listed(ready, tmp_path / "out") / f"joint_discipline.{form}"
    signers = tmp_path / "signers.toml"
    key = b64encode(ready.world.keyring.delivery_signer.public_key().public_bytes_raw()).decode()
    signers.write_text(f'[[credit_center]]\nalgorithm = "ed25519"\nkey = "{key}"\n')
    monkeypatch.setattr(manifest, "settings", lambda: settings().model_copy(update={"signers": signers}))

    def load() -> intake.BatchReport:
        return intake.load(
            "credit_center/untrustworthy", [file], period=date(2026, 4, 1), engine=ready.world.engine,
            keyring=ready.world.keyring, declarations=ROOT, archive=tmp_path / "archive", by="test",
        )  # fmt: skip

    said = file.with_name(file.name + ".manifest.toml")
    whole = said.read_bytes()
    said.write_bytes(whole.replace(b"rows = 1", b"rows = 2"))
    with pytest.raises(IntakeError, match="is not signed by credit_center"):
        load()
    said.write_bytes(whole)
    report = load()
    assert (report.loaded, report.rejected) == (1, 0)
    assert fresh_database.execute("select kind, label, starts_on, ends_on from employer_listing") == [
        ("seriously_untrustworthy", "未按规定参加社会保险", date(2026, 4, 13), date(9999, 12, 31))
    ]


def test_what_cannot_be_written_publishes_nobody(ready: Desk, tmp_path: Path) -> None:
    ready.propose()
    ready.sign()
    blocked = tmp_path / "blocked"
    blocked.write_text("no folder")
    with pytest.raises(OSError, match="blocked"):
        ready.publish(blocked)
    assert ready.state == ["signed"]
    assert Kind.discipline_published not in ready.world.kinds()
