"""The evidence of a finding, as files that stand alone; and what verifying them would notice."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from intake_factory import name, resident_id
from office import RULE, Office
from world import MONDAY, OFFICE, REGION, U01, WANG, World

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome, Personal
from hub.audit.log import record_sync
from hub.checks.rule import FOLDER
from hub.errors import FollowupError
from hub.followup import evidence, evidence_check, notice
from hub.intake import withdraw
from hub.store.finding import finding_evidence
from hub.store.lineage import batch, delivery

ALL = {
    "batches.json", "disputes.json", "facts.jsonl", "finding.json", "manifest.json", "manifest.note", "notices.json",
    "proofs.jsonl", "rule.sql", "run.json",
}  # fmt: skip


def written(office: Office, folder: Path) -> Path:
    at, (_, finding, _) = datetime.now(UTC), office.finding()
    with office.writer.begin() as connection:
        found = evidence.gather(
            connection, finding, by="稽核科", at=at, signer=office.signer, unseal=office.desk.keyring.open
        )
    return evidence.write(found, folder, dsn=office.desk.database.dsn("writer"), at=at, signer=office.signer)


def said(place: Path, file: str) -> Any:
    return json.loads((place / file).read_text("utf-8"))


def proofs(place: Path) -> list[dict[str, Any]]:
    lines = (place / "proofs.jsonl").read_text("utf-8").splitlines()
    return [json.loads(json.loads(line)["leaf"]) for line in lines]


def test_evidence_holds_all_that_the_finding_rests_on(office: Office, tmp_path: Path) -> None:
    office.dispute(office.batches["cremations"], 1)
    place = written(office, tmp_path / "out")
    assert {file.name for file in place.iterdir()} == ALL
    finding, run = said(place, "finding.json"), said(place, "run.json")
    assert (finding["rule"], finding["state"], [step["event"] for step in finding["life"]]) == (
        RULE,
        "open",
        ["opened"],
    )
    assert (run["rule"], run["today"], run["found"]) == (RULE, "2026-11-20", 1)
    assert (place / "rule.sql").read_text("utf-8") == (FOLDER / f"{RULE}.sql").read_text("utf-8")
    assert sha256((place / "rule.sql").read_bytes()).hexdigest() == run["ruleDigest"]
    facts = [json.loads(line) for line in (place / "facts.jsonl").read_text("utf-8").splitlines()]
    assert {(fact["fact"], fact["batch"], fact["rowNo"]) for fact in facts} == {
        ("person", office.batches["register"], 3),
        ("life_event", office.batches["cremations"], 1),
    }
    for one in said(place, "batches.json"):
        assert one["declared"] == one["loaded"] + one["rejected"]
        assert len(one["files"][0]["sha256"]) == 64
    assert [one["rowNo"] for one in said(place, "disputes.json")] == [1]


def test_evidence_names_nobody_and_is_its_owners_alone(office: Office, tmp_path: Path) -> None:
    place = written(office, tmp_path / "out")
    text = "".join(file.read_text("utf-8") for file in place.iterdir())
    key = office.desk.keyring.person_key("CN:" + resident_id(3))
    for personal in (resident_id(3), resident_id(3)[:14], name(3), str(key)):
        assert personal not in text
    assert place.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in place.iterdir()} == {0o600}


def test_the_proofs_are_of_the_runs_the_steps_and_the_accesses_to_its_persons(office: Office, tmp_path: Path) -> None:
    keyring = office.desk.keyring
    with office.writer.begin() as connection:
        for client, number in (("town", 3), ("nosy", 4)):
            person = keyring.person_key("CN:" + resident_id(number))
            event = Event(kind=Kind.query_answered, outcome=Outcome.allowed, client=client, persons=1)
            record_sync(connection, event, office.signer, Personal(persons=[person]), seal=keyring.seal)
    office.dispute(office.batches["cremations"], 1)
    office.dispute(office.batches["register"], 1)  # which this finding does not rest on
    office.check(["D01"])
    place = written(office, tmp_path / "out")
    found = [(leaf["kind"], leaf.get("client")) for leaf in proofs(place)]
    assert sorted(found, key=str) == sorted(
        [
            ("check_run", None),
            ("row_disputed", "街道办事处"),
            ("query_answered", "town"),
            ("evidence_written", "稽核科"),
        ],
        key=str,
    )


def test_evidence_is_verified_offline_by_the_public_key_alone(office: Office, tmp_path: Path) -> None:
    place = written(office, tmp_path / "out")
    verdict = evidence_check.verify(place, office.signer.vkey)
    assert verdict.ok, verdict.says
    assert "2 facts are rows of 2 batches" in " ".join(verdict.says)
    another = Signer("hub.example/test", Ed25519PrivateKey.generate())
    assert not evidence_check.verify(place, another.vkey).ok
    assert not evidence_check.verify(place, "no key").ok


def rewritten(file: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(place: Path) -> None:
        data = (place / file).read_bytes()
        assert old in data
        (place / file).write_bytes(data.replace(old, new, 1))

    return change


CHANGES = {
    "facts.jsonl was changed": rewritten("facts.jsonl", b'"rowNo": 1', b'"rowNo": 2'),
    "rule.sql was changed": rewritten("rule.sql", b":period", b":today"),
    "run.json was changed": rewritten("run.json", b'"today": "2026-11-20"', b'"today": "2026-11-21"'),
    "is not the signature of this manifest.json": rewritten("manifest.json", b"20", b"21"),
    "differ: disputes.json": lambda place: (place / "disputes.json").unlink(),
    "differ: more.txt": lambda place: (place / "more.txt").write_text("more"),
    "manifest.note cannot be read": lambda place: (place / "manifest.note").unlink(),
}


@pytest.mark.parametrize("says", CHANGES)
def test_what_was_changed_is_noticed(office: Office, tmp_path: Path, says: str) -> None:
    place = written(office, tmp_path / "out")
    CHANGES[says](place)
    verdict = evidence_check.verify(place, office.signer.vkey)
    assert not verdict.ok
    assert says in " ".join(verdict.says).replace(str(place) + "/", "")


def signed_anew(place: Path, signer: Signer) -> None:
    """As whoever holds the key could: the manifest made to fit the files."""
    manifest = said(place, "manifest.json")
    for one in manifest["files"]:
        one["sha256"] = sha256((place / one["name"]).read_bytes()).hexdigest()
    data = json.dumps(manifest).encode()
    (place / "manifest.json").write_bytes(data)
    (place / "manifest.note").write_text(signer.sign(evidence.signed_text(data)), "utf-8")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (rewritten("rule.sql", b":period", b":today"), "rule.sql is not the rule that was run"),
        (rewritten("facts.jsonl", b'"rowNo": 1', b'"rowNo": 7'), "is of no batch named here"),
        (rewritten("batches.json", b'"rejected": 0', b'"rejected": 1'), "neither loaded nor rejected"),
        (rewritten("proofs.jsonl", b'\\"found\\":1', b'\\"found\\":2'), "a proof does not hold"),
        (rewritten("run.json", RULE.encode(), b"other"), "finding.json is of another finding"),
        (lambda place: (place / "proofs.jsonl").write_text(""), "no proof is of run"),
        (lambda place: (place / "run.json").write_text("[]"), "not in the form"),
    ],
)
def test_even_the_holder_of_the_key_cannot_make_files_that_contradict_the_log_or_each_other(
    office: Office, tmp_path: Path, change: Callable[[Path], None], says: str
) -> None:
    place = written(office, tmp_path / "out")
    change(place)
    signed_anew(place, office.signer)
    verdict = evidence_check.verify(place, office.signer.vkey)
    assert not verdict.ok
    assert says in " ".join(verdict.says)


def test_evidence_of_a_finding_that_cleared_shows_what_it_rested_on_then(office: Office, tmp_path: Path) -> None:
    withdraw(office.batches["cremations"], 1, engine=office.writer, signer=office.signer, by="民政局")
    office.check()
    place = written(office, tmp_path / "out")
    finding = said(place, "finding.json")
    assert (finding["state"], [step["event"] for step in finding["life"]]) == ("cleared", ["opened", "cleared"])
    assert len((place / "facts.jsonl").read_text("utf-8").splitlines()) == 2
    assert evidence_check.verify(place, office.signer.vkey).ok
    assert [leaf["kind"] for leaf in proofs(place)].count("check_run") == 2


def test_evidence_is_written_whole_or_not_at_all_and_over_nothing(office: Office, tmp_path: Path) -> None:
    place = written(office, tmp_path / "out")
    before = {file.name: file.read_bytes() for file in place.iterdir()}
    with pytest.raises(FollowupError, match="is there already"):
        written(office, tmp_path / "out")
    assert {file.name: file.read_bytes() for file in place.iterdir()} == before
    assert [file.name for file in (tmp_path / "out").iterdir()] == [place.name]
    shutil.rmtree(place)
    written(office, tmp_path / "out")


def test_there_is_no_evidence_of_what_was_never_found(office: Office) -> None:
    with office.writer.begin() as connection, pytest.raises(FollowupError, match="There is no finding"):
        evidence.gather(
            connection, uuid4(), by="稽核科", at=datetime.now(UTC), signer=office.signer,
            unseal=office.desk.keyring.open,
        )  # fmt: skip
    assert office.events("evidence_written") == []


def test_evidence_against_an_employer_holds_the_letter_that_was_sent_and_the_step_of_its_service(
    world: World, tmp_path: Path
) -> None:
    key = world.employer()
    its = world.find(key)
    ((run,),) = world.database.execute("select run_id from finding")
    with world.owner.begin() as connection:
        event = Event(
            kind=Kind.check_run, outcome=Outcome.allowed, details={"rule": U01.name, "digest": U01.digest, "run": run}
        )
        record_sync(connection, event, world.signer)
        place = {"subject_key": key, "finding_id": its, "run_id": run, "position": 1}
        row = {"fact": "employer", "batch_id": 1, "row_no": 1, "row": {"name": "荣成示例渔业有限公司"}}
        connection.execute(finding_evidence.insert().values(place | row))
        connection.execute(
            delivery.insert().values(
                name="market_supervision/registration", title="t", owner="o", cadence="monthly", target="employer"
            )
        )
        connection.execute(
            batch.insert().values(
                id=1,
                delivery_id=1,
                period=date(2026, 2, 1),
                digest=b"",
                files=[],
                status="loaded",
                declared=1,
                loaded=1,
                rejected=0,
                started_at=MONDAY,
                sealed_at=MONDAY,
                loaded_by="test",
            )
        )
    with world.engine.begin() as connection:
        (sent,) = notice.issue(
            connection,
            U01,
            "rectification",
            office=OFFICE,
            officer=WANG,
            region=REGION,
            at=MONDAY,
            workdays=10,
            keyring=world.keyring,
            signer=world.signer,
        )
        notice.serve(
            connection, sent.number, on=MONDAY.date(), how="post", officer=WANG, at=MONDAY, signer=world.signer
        )
    with world.engine.begin() as connection:
        found = evidence.gather(
            connection, its, by="稽核科", at=datetime.now(UTC), signer=world.signer, unseal=world.keyring.open
        )
    place = evidence.write(found, tmp_path, dsn=world.database.dsn("writer"), at=MONDAY, signer=world.signer)
    (letter,) = said(place, "notices.json")
    assert (letter["number"], letter["state"], letter["servedOn"]) == (sent.number, "served", "2026-03-02")
    assert "荣成示例渔业有限公司" in letter["letter"]
    assert "notice_served" in [leaf["kind"] for leaf in proofs(place)]
    assert evidence_check.verify(place, world.signer.vkey).ok
    rewritten("notices.json", "荣成示例".encode(), "荣成另一".encode())(place)
    signed_anew(place, world.signer)
    assert "is not the one that was written" in " ".join(evidence_check.verify(place, world.signer.vkey).says)
