"""Two employers registered and not enrolled: one is listed, step by step; the other's row was wrong, and all falls."""

import csv
import io
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from city import ROOT, SEED, City, Served, _database, environment, serving

from hub import demo
from hub.policy.client import register_client
from hub.sealing import new_keyring, write_keyring

REGISTER = "market_supervision/registration"
NEEDED = {
    REGISTER, "market_supervision/cancellation", "civil_affairs/social_organization",
    "human_resources/employer_enrollment", "human_resources/enrollment",
}  # fmt: skip
BUREAU, MARKET = "human_resources/fair_notice", "source_department/verification"
NOTICED, LATER = "2026-11-21", "2026-12-08"  # the days that count: of the notices, and after their deadline

ISSUE = """mutation ($findings: [ID!]!) { issueNotices(rule: "U01", kind: "rectification", findings: $findings,
    workdays: 3, officer: "王芳", position: "稽核科科长") { numbers } }"""
SERVE = """mutation ($number: String!) { recordService(number: $number, on: "2026-11-21", how: "post",
    officer: "王芳", position: "稽核科科长") { deadlineOn } }"""
PROPOSE = """mutation ($finding: ID!) { proposeListing(finding: $finding, reason: "逾期未参保", officer: "王芳",
    position: "稽核科科长") { state } }"""
SIGN = """mutation ($finding: ID!, $by: String!) { signListing(finding: $finding, reason: "同意列入", officer: $by,
    position: "分管局长") { state } }"""
DISPUTE = """mutation ($finding: ID!, $batch: Int!, $row: Int!) { disputeRow(finding: $finding, batch: $batch,
    rowNo: $row, because: "单位已于九月注销") { dispute step dueOn } }"""
ANSWER = """mutation ($dispute: ID!, $batch: Int!) { answerDispute(dispute: $dispute, answer: corrected,
    because: "登记状态已更正为注销", correctedIn: $batch) { answer rules } }"""
OPEN = (
    '{ findings(first: 500, rule: "registered_not_enrolled", state: "open") { nodes { id employer { uscc name } } } }'
)
EVIDENCE = """{ findings(first: 150, rule: "registered_not_enrolled") { nodes { id state
    evidence(first: 10) { fact delivery batch rowNo } } } }"""
NOTICES = "{ notices(first: 50) { nodes { number state deadlineOn withdrawnBecause finding { id } } } }"


@pytest.fixture(scope="module")
def town(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city of which only what the rule needs was delivered, in October."""
    folder = tmp_path_factory.mktemp("town")
    for database in _database(server, template):
        town = City(database, folder, demo.build(folder, persons=5_000, seed=SEED), new_keyring())
        for delivery, period, files in demo.periods(town.manifest):
            if delivery in NEEDED:
                town.load(delivery, period, files)
        write_keyring(town.keyring, folder / "keys.json")
        yield town


@pytest.fixture(scope="module")
def secrets(town: City) -> dict[str, str]:
    with town.database.engine("writer").begin() as connection:
        return {
            client: register_client(
                connection, client_id=client, name=client, department=grant.partition("/")[0], attributes=its,
                scopes=[grant],
            )
            for client, grant, its in (("bureau", BUREAU, {}), ("market", MARKET, {"office": "market_supervision"}))
        }  # fmt: skip


def hub(town: City, day: str, *words: str) -> str:
    """A command, as an officer types it on a day."""
    told = environment(town, town.folder / "keys.json", "http://127.0.0.1:1") | {"HUB_TODAY": day}
    ran = subprocess.run(
        [sys.executable, "-m", "hub", *words], env=told, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


class Office:
    """The hub on a day, asked under one grant."""

    def __init__(self, served: Served, client: str, grant: str) -> None:
        self.served, self.client, self.grant = served, client, grant

    def asks(self, query: str, **variables: Any) -> dict[str, Any]:
        told = self.served.ask(self.client, query, variables, self.grant)
        assert told.status_code == 200, told.text
        assert told.json()["extensions"]["receipt"]["event"]
        return told.json()["data"]  # type: ignore[no-any-return]

    def is_refused(self, query: str, **variables: Any) -> str:
        told = self.served.ask(self.client, query, variables, self.grant)
        assert told.status_code == 400, told.text
        return json.dumps(told.json()["errors"], ensure_ascii=False)


@pytest.fixture
def on(town: City, secrets: dict[str, str], tmp_path: Path) -> Any:
    def served(day: str) -> Any:
        return serving(town, town.folder / "keys.json", tmp_path / day, HUB_TODAY=day)

    return lambda url, client, grant: Office(Served(url, secrets, tmp_path / "output"), client, grant), served


def november(town: City, gone: str) -> int:
    """What came a month later: all as before, but that one employer is cancelled. The register's batch."""
    batch = 0
    for delivery, _, files in demo.periods(town.manifest):
        if delivery not in NEEDED:
            continue
        if delivery == REGISTER:
            (file,) = files
            text = (town.folder / file).read_text("gb18030")
            rows = list(csv.DictReader(io.StringIO(text, newline="")))
            for row in rows:
                if row["统一社会信用代码"].strip().upper() == gone:
                    row["登记状态"] = "注销"
            out = io.StringIO(newline="")
            writer = csv.DictWriter(out, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
            files = [f"{Path(file).stem}_更正.csv"]  # noqa: PLW2901
            (town.folder / files[0]).write_text(out.getvalue(), "gb18030", newline="")
        report = town.load(delivery, "2026-11", files)
        batch = report.batch_id if delivery == REGISTER else batch
    return batch


def test_one_employer_is_listed_step_by_step_and_a_correction_clears_the_other(
    town: City, on: Any, tmp_path: Path
) -> None:
    office, day = on
    hub(town, NOTICED, "check", "U01")

    with day(NOTICED) as (url, _):
        bureau = office(url, "bureau", BUREAU)
        found = bureau.asks(OPEN)["findings"]["nodes"]
        planted = {one["uscc"] for one in town.manifest["rules"]["U01"]["planted"] if "uscc" in one}
        ours = [one for one in found if one["employer"]["uscc"] in planted and one["employer"]["uscc"][:2] == "91"]
        listed, wrong = ours[:2]
        ids = [listed["id"], wrong["id"]]
        numbers = bureau.asks(ISSUE, findings=ids)["issueNotices"]["numbers"]
        assert len(numbers) == 2
        assert bureau.asks(ISSUE, findings=ids)["issueNotices"]["numbers"] == [], "none is written twice"
        for number in numbers:
            assert bureau.asks(SERVE, number=number)["recordService"]["deadlineOn"] == "2026-11-25"
        assert "the deadline has not passed" in bureau.is_refused(PROPOSE, finding=ids[0])

        rests = {one["id"]: one["evidence"] for one in bureau.asks(EVIDENCE)["findings"]["nodes"]}
        (row,) = (one for one in rests[wrong["id"]] if one["fact"] == "employer")
        assert row["delivery"] == REGISTER
        said = {"finding": wrong["id"], "batch": row["batch"], "row": row["rowNo"]}
        dispute = bureau.asks(DISPUTE, **said)["disputeRow"]
        assert dispute["step"] == "verification"
        assert bureau.asks(DISPUTE, **said)["disputeRow"] == dispute, "one dispute a row at a time"

    corrected = november(town, wrong["employer"]["uscc"])
    with day(LATER) as (url, _):
        bureau, market = office(url, "bureau", BUREAU), office(url, "market", MARKET)
        hub(town, LATER, "check", "U01", "--all")
        # The register already says otherwise: the finding has cleared, and its notice has fallen with it.
        states = {one["id"]: one["state"] for one in bureau.asks(EVIDENCE)["findings"]["nodes"]}
        assert (states[listed["id"]], states[wrong["id"]]) == ("open", "cleared")
        notices = {one["finding"]["id"]: one for one in bureau.asks(NOTICES)["notices"]["nodes"]}
        assert notices[wrong["id"]]["state"] == "withdrawn"
        assert notices[wrong["id"]]["withdrawnBecause"] == "finding_cleared"
        assert notices[listed["id"]]["state"] == "served"
        refused = bureau.is_refused(PROPOSE, finding=wrong["id"])
        assert "the finding is not open" in refused
        assert "is disputed" in refused
        told = market.asks(ANSWER, dispute=dispute["dispute"], batch=corrected)["answerDispute"]
        assert told == {"answer": "corrected", "rules": []}

        assert bureau.asks(PROPOSE, finding=listed["id"])["proposeListing"]["state"] == "proposed"
        assert "does not sign for it" in bureau.is_refused(SIGN, finding=listed["id"], by="王 芳")
        assert bureau.asks(SIGN, finding=listed["id"], by="李强")["signListing"]["state"] == "signed"

    out = tmp_path / "out"
    hub(town, LATER, "discipline", "publish", "--by", "赵敏", "--position", "局长", "--to", str(out))
    (file,) = out.rglob("*.csv")
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline="")))
    assert [row["统一社会信用代码"] for row in rows] == [listed["employer"]["uscc"]]
    (manifest,) = out.rglob("*.csv.manifest.toml")
    assert tomllib.loads(manifest.read_text("utf-8"))["rows"] == 1
    assert manifest.with_name(manifest.name + ".sig").exists()
    assert wrong["employer"]["uscc"] not in file.read_text("utf-8-sig")
