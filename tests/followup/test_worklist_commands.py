"""`hub worklist` as an officer types it, and `hub check`, which the worklists follow."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from typer.testing import CliRunner, Result
from worklists import Desk

from hub import checks
from hub.audit.checkpoint import Signer
from hub.cli import data, parts
from hub.cli import worklist as commands

Run = Callable[..., Result]


@pytest.fixture
def run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    engines = {role: desk.database.engine(role) for role in ("writer", "reader")}  # type: ignore[arg-type]
    for role, engine in engines.items():
        monkeypatch.setattr(parts, role, lambda engine=engine: engine)
    monkeypatch.setattr(parts, "signer", lambda: Signer("hub.example/test", desk.keyring.log_signer))
    monkeypatch.setattr(parts, "bound_keyring", lambda: desk.keyring)
    monkeypatch.setattr(parts, "today", lambda: desk.today)
    monkeypatch.setattr("getpass.getuser", lambda: "officer")
    yield lambda *arguments: CliRunner().invoke(commands.worklists, [str(one) for one in arguments])
    for engine in engines.values():
        engine.dispose()


def test_items_are_handed_out_reported_on_and_taken_back(desk: Desk, run: Run) -> None:
    item = desk.found("one")
    desk.found("nobodys", area=None)
    told = run("dispatch", "--rule", "working_age_not_enrolled").output
    assert "1 dispatched." in told
    assert "1 stay: their findings name no area" in told
    said = ("--kind", "visit", "--on", "2026-11-20", "--result", "not_enrolled", "--reason", "unwilling")
    assert run("report", item, *said, "--key", "k").output == "Reported.\n"
    assert run("report", item, *said, "--key", "k").output == "It was reported before.\n"
    listed = run("list", "--area", "371082100").output
    assert all(word in listed for word in (item, "已填报", "371082100", "2026-12-11", "visit not_enrolled unwilling"))
    assert run("recall", "--item", item).output == "1 recalled.\n"
    assert "已收回" in run("list").output
    assert desk.history("one") == ["appeared", "dispatched", "reported", "recalled"]


def test_what_is_late_is_marked_and_what_is_held_or_closed_is_not(desk: Desk, run: Run) -> None:
    late, held, closed = desk.found("late"), desk.found("held"), desk.found("closed")
    desk.dispatch()
    desk.becomes("held", "unknown")
    desk.becomes("closed", "cleared")
    desk.follow()
    desk.today = date(2026, 12, 12)
    listed = run("list").output
    marks = {item: line for line in listed.splitlines() for item in (late, held, closed) if item in line}
    assert "超期" in marks[late]
    assert "暂缓" in marks[held]
    assert "超期" not in marks[held]
    assert closed not in marks
    assert late in run("list", "--overdue").output
    assert held not in run("list", "--overdue").output
    assert closed in run("list", "--state", "closed").output


def test_a_deadline_that_may_move_is_marked(desk: Desk, run: Run) -> None:
    desk.found("one")
    desk.today = date(2026, 12, 28)
    desk.dispatch()
    told = run("list").output
    assert "?" in told
    assert "not announced yet" in told


def test_a_state_that_is_none_and_a_selection_of_nothing_are_refused(desk: Desk, run: Run) -> None:
    assert run("list", "--state", "lost").exit_code == 2
    assert run("dispatch").exception is not None


def test_the_worklists_follow_a_check_but_not_one_of_what_was_known_before(
    desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "check", lambda *_, **__: [])
    desk.found("one")
    data.check_all(None, lambda *_: None, desk.at)
    assert desk.item("one") is None
    data.check_all(None, lambda *_: None)
    assert desk.item("one").state == "waiting"
    assert desk.events("worklist_followed")[-1]["client"] == "officer"
