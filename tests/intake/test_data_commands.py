"""`hub load` and `hub rejected` as a data officer types them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from intake_factory import Desk, population, write_csv
from typer.testing import CliRunner, Result

from hub.cli import app, data, parts
from hub.errors import HubError, IntakeError
from hub.settings import Settings

POPULATION = "public_security/population"
Run = Callable[..., Result]


@pytest.fixture
def run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Run:
    chosen = Settings(data=desk.folder, declarations=desk.declarations)
    monkeypatch.setattr(data, "settings", lambda: chosen)
    monkeypatch.setattr(parts, "writer", lambda: desk.database.engine("writer"))
    monkeypatch.setattr(parts, "reader", lambda: desk.database.engine("reader"))
    monkeypatch.setattr(parts, "bound_keyring", lambda: desk.keyring)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=True)


def test_files_that_were_loaded_before_are_said_to_bring_nothing_new(desk: Desk, run: Run) -> None:
    file = write_csv(desk.folder / "one.csv", population([1, 2]))
    first = run("load", POPULATION, file, "--period", "2026-10").output
    assert first.lstrip().startswith("Loaded\n") or "Loaded " in first
    assert "before" not in first
    again = run("load", POPULATION, file, "--period", "2026-10").output
    assert "Loaded before: nothing is new" in again
    assert "already loaded as batch" in again


def test_a_report_is_never_written_over_another_which_may_hold_corrections(desk: Desk, run: Run) -> None:
    batch = desk.rows(POPULATION, population([1, 2], 管理状态="?")).batch_id
    report = desk.folder / "back.csv"
    assert run("rejected", batch, "--csv", report).exit_code == 0
    report.write_text("corrected")
    refused = run("rejected", batch, "--csv", report)
    assert isinstance(refused.exception, HubError)
    assert "is there already" in str(refused.exception)
    assert report.read_text() == "corrected"
    unwritten = Path(desk.folder / "other.xlsx")
    assert isinstance(run("rejected", batch, "--csv", report, "--xlsx", unwritten).exception, HubError)
    assert not unwritten.exists()


def test_of_a_batch_refused_whole_the_reason_stands_with_its_rows(desk: Desk, run: Run) -> None:
    with pytest.raises(IntakeError):
        desk.rows(POPULATION, [{**row, "新列": "1"} for row in population([1])])
    ((batch,),) = desk.database.execute("select id from batch")
    told = run("rejected", batch).output
    assert "The batch was refused whole: INTAKE_COLUMNS" in told.replace("\n", " ")
