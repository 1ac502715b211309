"""`hub notice`, `outbox`, `remind`, `discipline` as an officer types them: each says what follows."""

from collections.abc import Callable, Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result
from world import LI, P02, WANG, World

from hub import demo
from hub.checks import read_parameters
from hub.cli import app, data, discipline, messages, notices, officer, parts
from hub.errors import HubError
from hub.followup import remind, worklist
from hub.settings import settings

Run = Callable[..., Result]
BY = ("--by", WANG.name, "--position", WANG.position)
SIGNS = ("--by", LI.name, "--position", LI.position)


@pytest.fixture
def day() -> dict[str, Any]:
    """The settings that a test changes: today above all."""
    return {
        "today": date(2026, 3, 2),
        "region": "150300",
        "office": "某市人力资源和社会保障局",
        "office_mark": "某人社",
    }


@pytest.fixture
def run(world: World, day: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    reader = world.database.engine("reader")
    day["data"] = tmp_path
    monkeypatch.setattr(parts, "writer", lambda: world.engine)
    monkeypatch.setattr(parts, "reader", lambda: reader)
    monkeypatch.setattr(parts, "signer", lambda: world.signer)
    monkeypatch.setattr(parts, "bound_keyring", lambda: world.keyring)
    monkeypatch.setattr(parts, "keyring", lambda: world.keyring)
    for module in (discipline, messages, notices, officer, parts):
        monkeypatch.setattr(module, "settings", lambda: settings().model_copy(update=day))
    yield lambda *arguments: CliRunner().invoke(app, [str(one) for one in arguments])
    reader.dispose()


def said(result: Result) -> str:
    assert result.exit_code == 0, result.exception
    return " ".join(result.stdout.split())


def refused(result: Result) -> HubError:
    assert isinstance(result.exception, HubError)
    return result.exception


def test_from_a_finding_to_the_delivery_out(run: Run, world: World, day: dict[str, Any], tmp_path: Path) -> None:
    found = world.find(world.employer(), days_registered=90)
    assert "--workdays" in refused(run("notice", "issue", "U01", *BY)).hint
    assert "1 written: 某人社告知〔2026〕1号." in said(run("notice", "issue", "U01", *BY, "--workdays", 10))
    assert "Nothing to write" in said(run("notice", "issue", "U01", *BY, "--workdays", 10))
    number = "某人社告知〔2026〕1号"
    letter = tmp_path / "letter.html"
    assert "delete it when it is printed" in said(run("notice", "print", number, *BY, "-o", letter))
    assert letter.stat().st_mode & 0o777 == 0o600
    assert "某市人力资源和社会保障局" in letter.read_text()
    assert "hub notice served" in said(run("notice", "list"))

    day["today"] = date(2026, 3, 3)
    served = ("notice", "served", number, *BY, "--on", "2026-03-03", "--how", "in_person")
    assert "Its last day is 2026-03-17" in said(run(*served))
    assert "wait" in said(run("notice", "list", "--rule", "U01", "--state", "served"))
    propose = ("discipline", "propose", found, *BY, "--reason", "逾期未整改")
    assert "DEADLINE" in refused(run(*propose)).hint

    day["today"] = date(2026, 4, 13)
    assert "hub discipline propose" in said(run("notice", "list"))
    run_id = world.run(today=date(2026, 4, 10), period=date(2026, 3, 1))
    world.database.execute("update finding set run_id = %s", run_id)
    assert "Another officer signs" in said(run(*propose))
    assert "hub discipline sign" in said(run("discipline", "list"))
    assert "does not sign" in refused(run("discipline", "sign", found, *BY, "--reason", "同意")).message
    assert "hub discipline publish" in said(run("discipline", "sign", found, *SIGNS, "--reason", "同意"))
    assert "1 employers, 1 of them new" in said(run("discipline", "publish", *SIGNS))
    (folder,) = (tmp_path / "out").iterdir()
    assert (folder / "joint_discipline.xlsx").is_file()
    assert "Lifted" in said(run("discipline", "lift", found, *SIGNS, "--reason", "已整改"))
    assert "published" not in said(run("discipline", "list")).partition("follows")[2]
    assert "已整改" in said(run("discipline", "list", "--all"))
    assert "[[credit_center]]" in said(run("discipline", "key"))


@pytest.fixture
def rongcheng(day: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The city of the demonstration, which has set how often one is reminded, and deadlines."""
    for module in (remind, worklist):
        monkeypatch.setattr(module, "city_parameters", lambda: read_parameters(demo.PARAMETERS))
    day["region"] = "371082"


@pytest.mark.usefixtures("rongcheng")
def test_reminders_are_shown_and_made_and_a_visit_by_what_a_town_reports(run: Run, world: World) -> None:
    found = world.find(world.person(phone=None), P02)
    world.find(world.person(), P02)
    shown = said(run("remind"))
    assert "at least 3 each" in shown
    assert "hub remind make" in shown
    made = said(run("remind", "make", *BY))
    assert "1 messages wait in the outbox; 1 visits are the towns'" in made
    assert "hub remind make" not in said(run("remind"))
    assert "no_phone" in said(run("remind", "visits"))
    report = ("--kind", "visit", "--on", "2026-03-02", "--result", "promised", "--officer", WANG.name)
    assert "Reported" in said(run("worklist", "report", found, *report))
    assert "no_phone" not in said(run("remind", "visits"))
    assert "queued" in said(run("outbox", "list"))


def test_visits_that_no_town_was_handed_are_told_with_what_they_wait_for(
    run: Run, world: World, day: dict[str, Any]
) -> None:
    day["region"] = "320900"
    world.find(world.person(phone=None), P02)
    said(run("remind", "make", *BY))
    assert "follow_up_days has no value here" in said(run("remind", "visits"))


@pytest.mark.usefixtures("rongcheng")
def test_a_visit_that_could_not_be_handed_out_is_after_the_next_check(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = world.find(world.person(phone=None), P02, area=None)
    said(run("remind", "make", *BY))
    monkeypatch.setattr(data.checks, "check", lambda *_, **__: [])
    world.database.execute("update finding set area = '371082101' where id = %s", found)
    data.check_all(None, lambda *_: None)
    assert world.database.execute("select state, area from work_item") == [("dispatched", "371082101")]


@pytest.mark.usefixtures("rongcheng")
def test_a_reminder_that_cannot_be_sent_stands_on_a_worklist_at_once(
    run: Run, world: World, day: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "channels.toml"
    file.write_text('[gateway]\nurl = "http://127.0.0.1:1/m"\n')
    file.chmod(0o600)
    day |= {"channels": file, "quiet_from": time(0), "quiet_until": time(0)}
    found = world.find(world.person(), P02)
    said(run("remind", "make", *BY))
    said(run("outbox", "opt-out", found, *BY))
    assert "1 called off" in said(run("outbox", "send"))
    assert world.database.execute("select state, area from work_item") == [("dispatched", "371082101")]


def test_who_wants_no_messages_is_noted(run: Run, world: World) -> None:
    found = world.find(world.person(), P02)
    assert "no messages" in said(run("outbox", "opt-out", found, *BY))
    assert "1 written" in said(run("notice", "issue", "P02", *BY, "--workdays", 10, "--message"))
    assert "queued" not in said(run("outbox", "list"))
    assert "messages again" in said(run("outbox", "opt-out", found, *BY, "--back"))
    assert world.database.execute("select opted_out from message_opt_out") == [(False,)]


def test_a_letter_goes_by_mail_and_a_text_message_beside_it(run: Run, world: World) -> None:
    world.find(world.person(), P02)
    assert "1 messages wait" in said(run("notice", "issue", "P02", *BY, "--workdays", 10, "--message"))
    mail = ("notice", "mail", "某人社告知〔2026〕1号", *BY, "--address", "someone@example.cn")
    assert "waits in the outbox" in said(run(*mail))
    assert "Not queued" in said(run(*mail))
    said(run("notice", "withdraw", "某人社告知〔2026〕1号", *BY, "--because", "查证有误"))
    assert "is withdrawn" in refused(run(*mail)).message
    assert "someone" not in world.leaves()


def test_without_a_way_out_nothing_is_sent_and_the_remedy_is_named(run: Run) -> None:
    assert "HUB_CHANNELS" in refused(run("outbox", "send")).hint
    assert not messages.unsent()


def test_due_messages_are_sent_by_the_channels_declared(
    run: Run, world: World, day: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "channels.toml"
    file.write_text('[gateway]\nurl = "http://127.0.0.1:1/m"\n[mail]\nhost = "127.0.0.1"\nport = 1\nsecurity = "none"\n'
                    'sender = "hub@example.cn"\n')  # fmt: skip
    file.chmod(0o600)
    day["channels"] = file
    day |= {"quiet_from": time(0), "quiet_until": time(0)}  # never
    world.find(world.person(), P02)
    said(run("notice", "issue", "P02", *BY, "--workdays", 10, "--message"))
    assert messages.unsent()
    assert "0 sent, 1 to be tried again" in said(run("outbox", "send"))
    assert not messages.unsent()


def test_a_rule_that_nobody_knows_is_told(run: Run) -> None:
    assert "no rule is called 'U99'" in refused(run("notice", "issue", "U99", *BY)).message
