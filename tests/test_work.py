"""The schedule: what is due is done once by whoever comes first, tried again, and taken over from the killed."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from postgres import Database
from procrastinate import PsycopgConnector

from hub.cli import jobs as queue
from hub.cli import work
from hub.errors import ExecuteError, IntakeError
from hub.intake import archive, declare
from hub.sealing import Keyring, write_keyring
from hub.store.engine import psycopg_dsn
from hub.terms.due import Last, month_to_fetch

ROOT = Path(__file__).parents[1]
STATUS = "select task_name, args ->> 'delivery', status::text from jobs.procrastinate_jobs where task_name = any(%s)"


class Fake:
    """What there is to do, and what was done."""

    def __init__(self, database: Database) -> None:
        self.database, self.done = database, list[str]()
        self.due: list[str] = []
        self.new = False
        self.waiting = 0
        self.unpublished = False
        self.problem: Exception | None = None

    def send(self) -> None:
        self.done.append("send")
        self.waiting = 0

    def publish(self) -> None:
        self.done.append("publish")
        self.unpublished = False

    def fetch(self, delivery: str) -> None:
        self.done.append(f"fetch {delivery}")
        self.new = True
        if self.problem:
            raise self.problem

    def check(self) -> None:
        self.done.append("check")
        self.new = False
        if self.problem:
            raise self.problem

    def run(self) -> list[str]:
        todo = queue.Work(
            lambda: self.due, self.fetch, lambda _settle: self.new, self.check, lambda: self.done.append("tidy"),
            lambda: self.waiting > 0, self.send, lambda: self.unpublished, self.publish,
        )  # fmt: skip
        connector = PsycopgConnector(**psycopg_dsn("writer", self.database.url, search_path="jobs"), min_size=1)
        self.done.clear()
        asyncio.run(queue.jobs(connector, todo, 60).run(once=True))
        return [one for one in self.done if one != "tidy"]

    def jobs(self, *names: str) -> list[tuple[Any, ...]]:
        return sorted(self.database.execute(STATUS, list(names)))


@pytest.fixture
def fake(fresh_database: Database) -> Fake:
    return Fake(fresh_database)


def test_messages_that_wait_are_sent(fake: Fake) -> None:
    fake.waiting = 2
    assert fake.run() == ["send"]
    assert fake.run() == []


def test_indicators_that_are_due_are_published_once_when_what_was_fetched_is_checked(fake: Fake) -> None:
    fake.due, fake.unpublished = ["tax/payroll"], True
    assert fake.run() == ["fetch tax/payroll", "check", "publish"]
    fake.due = []
    assert fake.run() == []
    assert {status for _, _, status in fake.jobs("publish")} == {"succeeded"}


def test_what_is_due_is_fetched_and_then_checked(fake: Fake) -> None:
    fake.due = ["tax/payroll", "tax/collection"]
    assert sorted(fake.run()) == ["check", "fetch tax/collection", "fetch tax/payroll"]
    assert "tidy" in fake.done
    fake.due = []
    assert fake.run() == []
    assert {status for _, _, status in fake.jobs("fetch", "check")} == {"succeeded"}


@pytest.mark.parametrize(
    ("problem", "again"),
    [
        (ExecuteError("EXECUTE_X", "away"), True),
        (IntakeError("INTAKE_CHANNEL", "away"), True),
        (ValueError("371082198503120027"), True),
        (IntakeError("INTAKE_COLUMNS", "refused"), False),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else str(one),
)
def test_what_may_go_better_later_is_put_on_the_queue_again_and_a_refusal_is_not(
    problem: Exception, again: bool, fake: Fake, caplog: pytest.LogCaptureFixture
) -> None:
    fake.due, fake.problem = ["tax/payroll"], problem
    fake.run()
    waiting = [("fetch", "tax/payroll", "todo")] if again else []
    assert fake.jobs("fetch") == [("fetch", "tax/payroll", "failed"), *waiting]
    [(soonest,)] = fake.database.execute("select min(scheduled_at) from jobs.procrastinate_jobs where status = 'todo'")
    assert soonest is None or soonest > datetime.now(UTC) + timedelta(seconds=50) or not again
    fake.due = ["tax/payroll"]
    fake.run()  # what waits is not put there twice
    assert len([one for one in fake.jobs("fetch") if one[2] == "todo"]) == len(waiting)
    assert "371082198503120027" not in caplog.text


def test_a_fetch_is_given_up_after_some_tries(fake: Fake) -> None:
    fake.problem = ExecuteError("EXECUTE_X", "away")
    fake.due = ["tax/payroll"]
    for _ in range(queue.TRIES + 2):
        fake.run()
        fake.due = []
        fake.database.execute(
            "set search_path = jobs; update procrastinate_jobs set scheduled_at = now() where status = 'todo'"
        )
    assert Counter(status for _, _, status in fake.jobs("fetch")) == {"failed": queue.TRIES}


# ------------------------------------------------------------------------------------------------------------ and kill -9

#: A worker that fetches for a while, says when, and kills itself where it is told to.
WORKER = """
import asyncio, os, signal, sys, time
from pathlib import Path
from procrastinate import PsycopgConnector
from procrastinate.manager import JobManager
from hub.cli import jobs as queue
from hub.store.engine import psycopg_dsn

url, folder, moment, once = sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4] == "once"
queue.STALLED, queue.HEARTBEAT, queue.MINUTE = 2.0, 0.3, "* * * * * *"

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def say(text):
    with (folder / "said").open("a") as out:
        out.write(f"{time.monotonic()} {text} {os.getpid()}\\n")

def fetch(name):
    say(f"begin {name}")
    if moment == "fetching":
        die()
    time.sleep(0.3)
    say(f"end {name}")

def due():
    return [f"tax/d{n}" for n in range(6)] if (folder / "due").exists() else []

finish, get = JobManager.finish_job, JobManager.fetch_job

async def finished(self, job, **more):
    if moment == "finishing" and job.task_name == "fetch":
        die()
    await finish(self, job=job, **more)

async def taken(self, *args, **more):
    job = await get(self, *args, **more)
    if moment == "taking" and job is not None and job.task_name == "fetch":
        die()
    return job

JobManager.finish_job, JobManager.fetch_job = finished, taken
work = queue.Work(due, fetch, lambda settle: False, lambda: None, lambda: None)
connector = PsycopgConnector(**psycopg_dsn("writer", url, search_path="jobs"), min_size=1)
asyncio.run(queue.jobs(connector, work, 60).run(once=once))
"""


def start(database: Database, folder: Path, moment: str, once: str = "once") -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WORKER, database.url, str(folder), moment, once], cwd=ROOT)


def said(folder: Path) -> list[tuple[float, str, str]]:
    """Instant, what, name: in order."""
    file = folder / "said"
    lines = file.read_text().splitlines() if file.exists() else []
    return sorted((float(at), what, name) for at, what, name, _ in (line.split() for line in lines))


def wait_until(condition: Callable[[], Any], seconds: float = 60) -> None:
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, "waited in vain"
        sleep(0.05)


def never_two_at_a_time(folder: Path) -> bool:
    running: set[str] = set()
    for _, what, name in said(folder):
        if what == "begin" and name in running:
            return False
        (running.add if what == "begin" else running.discard)(name)
    return True


def test_several_workers_share_what_is_due_and_none_is_done_twice(fresh_database: Database, tmp_path: Path) -> None:
    (tmp_path / "due").touch()
    first = start(fresh_database, tmp_path, "never", "on")
    second = start(fresh_database, tmp_path, "never", "on")
    try:
        third = start(fresh_database, tmp_path, "never")
        assert third.wait(60) == 0
        wait_until(lambda: len([one for one in said(tmp_path) if one[1] == "end"]) >= 6)
    finally:
        for worker in (first, second):
            worker.send_signal(signal.SIGTERM)
        assert [worker.wait(60) for worker in (first, second)] == [0, 0]
    assert never_two_at_a_time(tmp_path)
    workers = {line.split()[3] for line in (tmp_path / "said").read_text().splitlines()}
    assert len(workers) > 1
    assert fresh_database.execute("select count(*) from jobs.procrastinate_jobs where status = 'doing'") == [(0,)]


@pytest.mark.parametrize("moment", ["taking", "fetching", "finishing"])
def test_the_job_of_a_killed_worker_is_done_by_another(moment: str, fresh_database: Database, tmp_path: Path) -> None:
    (tmp_path / "due").touch()
    assert start(fresh_database, tmp_path, moment).wait(60) == -signal.SIGKILL
    stalled = "select count(*) from jobs.procrastinate_jobs where status = 'doing' and task_name = 'fetch'"
    [(left,)] = fresh_database.execute(stalled)
    assert left >= 1
    (tmp_path / "due").unlink()
    other = start(fresh_database, tmp_path, "never", "on")
    try:
        done = "select count(*) from jobs.procrastinate_jobs where task_name = 'fetch' and status = 'succeeded'"
        wait_until(lambda: fresh_database.execute(done) == [(6,)])
    finally:
        other.send_signal(signal.SIGTERM)
        assert other.wait(60) == 0
    assert fresh_database.execute(
        "select count(*) from jobs.procrastinate_jobs where status <> 'succeeded' and task_name = 'fetch'"
    ) == [(0,)]
    assert {name for _, what, name in said(tmp_path) if what == "end"} == {f"tax/d{n}" for n in range(6)}


# ------------------------------------------------------------------------------------------------------------ what is due


@pytest.fixture
def hub(fresh_database: Database, keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The commands' own parts, on a database of their own."""
    from hub.cli import parts
    from hub.settings import settings

    write_keyring(keyring, tmp_path / "keys.json")
    for name, value in {
        "DATABASE_URL": fresh_database.url, "DATA": tmp_path, "DECLARATIONS": ROOT, "TODAY": "2026-11-22",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"HUB_{name}", str(value))
    for one in (settings, parts.keyring, parts.bound_keyring, parts.writer, parts.reader):
        one.cache_clear()
    declare(fresh_database.engine("writer"), ROOT)
    yield fresh_database
    parts.writer().dispose()
    parts.reader().dispose()
    for one in (settings, parts.keyring, parts.bound_keyring, parts.writer, parts.reader):
        one.cache_clear()


def loaded(database: Database, delivery: str, period: date, ago: float = 0) -> None:
    database.execute(
        "insert into batch (delivery_id, period, digest, files, status, declared, loaded, rejected, started_at,"
        " sealed_at, loaded_by) select id, %s, sha256(random()::text::bytea), '[]', 'loaded', 5, 5, 0, now(),"
        " now() - make_interval(secs => %s), 'test' from delivery where name = %s",
        period, ago, delivery,
    )  # fmt: skip


def test_what_can_be_fetched_and_is_not_fresh_is_due(hub: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert work.due() == []
    known = dict.fromkeys(("tax/payroll", "tax/collection", "civil_affairs/cremation"))
    monkeypatch.setattr(work.channel, "read_sources", lambda _file: known)
    monkeypatch.setenv("HUB_SOURCES", "sources.toml")
    work.settings.cache_clear()
    loaded(hub, "tax/payroll", date(2026, 10, 1))
    loaded(hub, "tax/collection", date(2026, 9, 1))
    loaded(hub, "public_security/population", date(2026, 9, 1))
    assert work.due() == ["civil_affairs/cremation", "tax/collection"]


def test_batches_are_checked_once_no_more_are_coming_or_it_has_taken_too_long(hub: Database) -> None:
    assert not work.unchecked(60)
    loaded(hub, "tax/payroll", date(2026, 10, 1), ago=70)
    assert work.unchecked(60)
    loaded(hub, "tax/collection", date(2026, 10, 1), ago=50)
    assert not work.unchecked(60)
    assert work.unchecked(0)
    loaded(hub, "tax/collection", date(2026, 9, 1), ago=1000)
    assert work.unchecked(60)
    work.check_all(["duplicate_enrollment"], lambda *_: None)
    assert not work.unchecked(0)


def test_what_killed_processes_left_is_tidied_up(hub: Database, tmp_path: Path) -> None:
    begun = tmp_path / "archive" / "ab" / "abcd.sealed.0011"
    whole = begun.with_suffix("")
    begun.parent.mkdir(parents=True)
    for path in (begun, whole):
        path.touch()
        os.utime(path, (1, 1))
    fresh = begun.with_suffix(".2233")
    fresh.touch()
    (tmp_path / "incoming" / "x").mkdir(parents=True)
    work.tidy()
    assert sorted(begun.parent.iterdir()) == sorted([whole, fresh])
    assert not list((tmp_path / "incoming").iterdir())
    assert archive.sweep(tmp_path / "archive", 10) == 0


@pytest.mark.parametrize(
    ("cadence", "last", "month"),
    [
        ("monthly", None, date(2026, 10, 1)),
        ("monthly", date(2026, 8, 1), date(2026, 10, 1)),
        ("monthly", date(2026, 11, 1), date(2026, 11, 1)),
        ("daily", date(2026, 10, 1), date(2026, 11, 1)),
    ],
    ids=str,
)
def test_what_is_fetched_is_of_the_last_month_that_has_ended(cadence: str, last: date | None, month: date) -> None:
    assert month_to_fetch(Last(last), cadence, date(2026, 11, 22)) == month


def test_the_deliveries_are_listed_worst_first_with_what_to_do(hub: Database, capsys: Any) -> None:
    from hub.cli import data

    loaded(hub, "tax/payroll", date(2026, 10, 1))
    loaded(hub, "tax/collection", date(2026, 9, 1))
    data.deliveries()
    told = capsys.readouterr().out
    assert re.search(r"tax/payroll +fresh", told)
    assert re.search(r"tax/collection +late", told)
    assert "ask for it" in told
    assert told.index("missing") < told.index("late") < told.index("fresh")


def test_the_command_does_what_is_due_and_ends(hub: Database, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "incoming", ignore_errors=True)
    loaded(hub, "tax/payroll", date(2026, 10, 1))
    for more in ([], ["--workers", "2"]):
        ran = subprocess.run(
            [sys.executable, "-m", "hub", "work", "--once", *more],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        assert ran.stderr == ""
    [(runs,)] = hub.execute("select count(distinct rule) from check_run")
    assert runs > 5


def test_a_client_is_given_a_delivery_that_is_declared_and_no_other(hub: Database) -> None:
    def add(client: str, scope: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "hub", "client", "add", client, "--name", "税务局", "--scope", scope]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    refused = add("tax", "deliver:tax/payrolls")
    assert refused.returncode == 1
    assert "there is no delivery 'tax/payrolls'" in refused.stderr
    assert add("tax", "deliver:tax/payroll").returncode == 0
    assert hub.execute("select department, scopes from client") == [("tax", ["deliver:tax/payroll"])]
