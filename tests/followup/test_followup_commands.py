"""`hub correction`, `hub withdraw` and `hub evidence` as officers type them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from office import REGISTER, RULE, TODAY, Office
from typer.testing import CliRunner, Result

from hub.cli import app, corrections, parts

Run = Callable[..., Result]


@pytest.fixture
def run(office: Office, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in {
        "writer": office.desk.database.engine("writer"), "reader": office.desk.database.engine("reader"),
        "bound_keyring": office.desk.keyring, "signer": office.signer, "today": TODAY,
    }.items():  # fmt: skip
        monkeypatch.setattr(parts, name, lambda value=value: value)
    monkeypatch.setattr(corrections, "asyncpg_dsn", office.desk.database.dsn)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def test_a_wrong_row_goes_from_doubt_to_correction_and_the_finding_clears(office: Office, run: Run) -> None:
    opened = run("correction", "open", office.batches["cremations"], 1, "--because", "此人健在").output
    assert f"Findings of {RULE} rest on it" in " ".join(opened.split())
    assert "civil_affairs/cremation" in run("correction", "list").output
    back = run("withdraw", office.batches["cremations"], 1).output
    number = back.split("--batch ")[1].split()[0]
    ((dispute,),) = office.desk.database.execute("select id from correction")
    answered = run("correction", "answer", dispute, "corrected", "--batch", number, "--because", "号码登记有误")
    assert answered.exit_code == 0
    assert RULE in answered.output
    assert office.finding()[2] == "cleared"
    assert "corrected" not in run("correction", "list").output
    assert "corrected" in run("correction", "list", "--all").output


def test_nobody_is_told_of_a_row_on_which_nothing_rests(office: Office, run: Run) -> None:
    opened = run("correction", "open", office.batches["register"], 1, "--because", "住址不对")
    assert "No open finding rests on it." in opened.output
    assert REGISTER in opened.output
    ((dispute,),) = office.desk.database.execute("select id from correction")
    refused = run("correction", "answer", dispute, "perhaps", "--because", "?")
    assert refused.exit_code == 2
    assert "'not_ours'" in refused.output
    assert "accept it, or" in run("correction", "answer", dispute, "confirmed", "--because", "核实无误").output
    assert "negotiation" in run("correction", "escalate", dispute, "--because", "不认可").output


def test_evidence_is_written_and_checked_by_two_commands(office: Office, run: Run, tmp_path: Path) -> None:
    finding = office.finding()[1]
    written = run("evidence", "write", finding, "--out", tmp_path / "out")
    place = tmp_path / "out" / f"evidence-{finding}"
    assert f"{len(list(place.iterdir()))} files" in " ".join(written.output.split())
    good = run("evidence", "verify", place, "--key", office.signer.vkey)
    assert good.exit_code == 0
    assert "signed the manifest" in good.output
    facts = place / "facts.jsonl"
    facts.write_text(json.dumps(json.loads(facts.read_text().splitlines()[0])) + "\n")
    bad = run("evidence", "verify", place)
    assert (bad.exit_code, "facts.jsonl was changed" in bad.output) == (1, True)
