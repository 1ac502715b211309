"""The drop folder: complete files only, loaded once, none lost, whenever the hub is killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from intake_factory import Desk, population, resident_id, write_csv

from hub.errors import ExecuteError, IntakeError
from hub.intake import connector_names
from hub.intake.outcome import outcome
from hub.intake.watch import Watch, period_of
from hub.sealing import write_keyring

ROOT = Path(__file__).resolve().parents[2]
POPULATION = "public_security/population"


class Clock:
    """A clock that a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr("hub.intake.watch.monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


class Folder:
    """A drop folder and who watches it."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.complaints = desk, list[str]()
        self.root = desk.folder / "drop"
        self.here = self.root / POPULATION
        self.here.mkdir(parents=True)
        self.watch = self.anew()

    def anew(self, load: Callable[..., dict[str, Any]] | None = None) -> Watch:
        declared = connector_names(self.desk.declarations)
        self.watch = Watch(self.root, declared, load or self.load, 10, self.complaints.append)
        return self.watch

    def load(self, delivery: str, files: list[Path], period: date) -> dict[str, Any]:
        report = self.desk.load(delivery, *files, period=period, channel="drop")
        with self.desk.database.engine("writer").connect() as connection:
            return outcome(connection, delivery, report.batch_id) or {}

    def put(self, name: str, numbers: range, **changes: str) -> Path:
        path = self.here / name
        path.parent.mkdir(exist_ok=True)
        return write_csv(path, population(numbers, **changes))

    def look(self) -> list[str]:
        return [f"{one.told['status']} {one.moved_to.relative_to(self.here)}" for one in self.watch.look()]

    def names(self, where: str = ".") -> list[str]:
        folder = self.here / where
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def folder(desk: Desk) -> Folder:
    return Folder(desk)


def test_a_file_is_taken_when_nothing_about_it_has_changed_for_a_while(folder: Folder, clock: Clock) -> None:
    path = folder.put("人口2026年10月.csv", range(5))
    assert folder.look() == []
    clock.now += 9
    with path.open("a") as out:
        out.write(",".join(population([6])[0].values()) + "\n")
    assert folder.look() == []
    clock.now += 9
    assert folder.look() == []
    clock.now += 1
    assert folder.look() == ["loaded done/1-人口2026年10月.csv"]
    assert folder.names() == ["done"]
    assert folder.names("done") == ["1-人口2026年10月.csv", "1-人口2026年10月.csv.report.json"]
    report = (folder.here / "done" / "1-人口2026年10月.csv.report.json").read_text()
    told = orjson.loads(report)
    assert (told["batch"], told["period"], told["status"], told["loaded"]) == (1, "2026-10", "loaded", 6)
    assert resident_id(0) not in report
    assert folder.desk.database.execute("select channel, declared from batch") == [("drop", 6)]


def test_a_marker_says_at_once_that_a_file_is_complete(folder: Folder, clock: Clock) -> None:
    folder.put("2026-10.csv", range(5))
    (folder.here / "2026-10.csv.done").touch()
    assert folder.look() == ["loaded done/1-2026-10.csv"]
    assert folder.names() == ["done"]  # the marker too: the next file by this name is not complete


@pytest.mark.parametrize("name", ["2026-10.csv.part", "2026-10.csv.TMP", ".2026-10.csv", "~2026-10.csv"])
def test_a_file_that_says_it_is_not_finished_waits_until_it_is_renamed(name: str, folder: Folder, clock: Clock) -> None:
    path = folder.put(name, range(5))
    folder.look()
    clock.now += 1000
    assert folder.look() == []
    path.rename(folder.here / "2026-10.csv")
    folder.look()
    clock.now += 10
    assert folder.look() == ["loaded done/1-2026-10.csv"]


def test_a_folder_is_one_batch_once_it_says_that_it_is_done(folder: Folder, clock: Clock) -> None:
    folder.put("2026-10/a.csv", range(5))
    folder.put("2026-10/b.csv", range(5, 12))
    folder.look()
    clock.now += 1000
    assert folder.look() == []
    (folder.here / "2026-10" / ".done").touch()
    unfinished = folder.here / "2026-10" / "c.csv.part"
    unfinished.touch()
    assert folder.look() == []
    unfinished.unlink()
    assert folder.look() == ["loaded done/1-2026-10"]
    assert folder.names("done/1-2026-10") == [".done", "a.csv", "b.csv"]
    assert folder.desk.database.execute("select declared from batch") == [(12,)]


def test_what_is_refused_is_moved_with_the_reason_and_stops_nothing(folder: Folder, clock: Clock) -> None:
    folder.put("2026-09.csv", range(5))
    folder.put("2026-10.csv", range(5)).write_text("姓名,新列\n张三,1\n")
    folder.put("population.csv", range(5))
    for name in folder.names():
        (folder.here / f"{name}.done").touch()
    assert [one.split("/")[0] for one in folder.look()] == ["loaded done", "refused refused", "refused refused"]
    assert folder.names() == ["done", "refused"]
    codes = [
        orjson.loads(path.read_bytes())["refusal"]["code"]
        for path in sorted((folder.here / "refused").glob("*.report.json"), key=lambda path: path.name[16:])
    ]
    assert codes == ["INTAKE_COLUMNS", "INTAKE_NAME"]
    assert len(folder.names("refused")) == 4


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("2026-10.csv", date(2026, 10, 1)),
        ("payroll_202610.xlsx", date(2026, 10, 1)),
        ("人口库20261031.csv", date(2026, 10, 1)),
        ("人口2026年9月.csv", date(2026, 9, 1)),
        ("2026.09.30-2026-09.zip", date(2026, 9, 1)),
        ("population.csv", None),
        ("2026-09 and 2026-10.csv", None),
        ("2026-13.csv", None),
        ("371082202610.csv", None),
        ("2026.csv", None),
    ],
)
def test_the_name_says_the_month_or_the_batch_is_refused(name: str, period: date | None) -> None:
    if period is None:
        with pytest.raises(IntakeError, match="Put the month delivered into it"):
            period_of(name)
    else:
        assert period_of(name) == period


def test_nothing_is_ever_overwritten(folder: Folder, clock: Clock) -> None:
    for _ in range(2):
        folder.put("2026-10.csv", range(5))
        (folder.here / "2026-10.csv.done").touch()
        folder.look()
    for _ in range(2):
        folder.put("2026-11/a.csv", range(6))
        (folder.here / "2026-11" / ".done").touch()
        folder.look()
    assert [name for name in folder.names("done") if not name.endswith(".json")] == [
        "1-2026-10-2.csv", "1-2026-10.csv", "2-2026-11", "2-2026-11-2",
    ]  # fmt: skip
    assert len(folder.desk.database.execute("select 1 from batch")) == 2


def test_a_file_that_is_written_on_while_it_is_loaded_stays(folder: Folder, clock: Clock) -> None:
    path = folder.put("2026-10.csv", range(5))

    def load(delivery: str, files: list[Path], period: date) -> dict[str, Any]:
        told = folder.load(delivery, files, period)
        folder.put("2026-10.csv", range(8))
        return told

    (folder.here / "2026-10.csv.done").touch()
    folder.anew(load)
    assert folder.look() == []
    assert path.exists()
    assert "changed while it was being loaded" in folder.complaints[0]
    assert folder.names("done") == []
    (folder.here / "2026-10.csv.done").touch()
    folder.anew()
    assert folder.look() == ["loaded done/2-2026-10.csv"]
    assert len(folder.desk.facts("person")) == 8


def test_what_cannot_be_loaded_just_now_stays_and_is_tried_again(folder: Folder, clock: Clock) -> None:
    path = folder.put("2026-10.csv", range(5))
    (folder.here / "2026-10.csv.done").touch()
    problems = [IntakeError("INTAKE_DATABASE", "the database is away"), ExecuteError("EXECUTE_X", "no")]

    def load(*arguments: Any) -> dict[str, Any]:
        if problems:
            raise problems.pop()
        return folder.load(*arguments)

    folder.anew(load)
    for _ in range(2):
        assert folder.look() == []
        clock.now += 59
        assert folder.look() == []
        clock.now += 1
    assert path.exists()
    assert folder.look() == ["loaded done/1-2026-10.csv"]


def test_what_belongs_to_no_delivery_and_links_are_left_alone(folder: Folder, clock: Clock) -> None:
    (folder.root / "public_security" / "populations").mkdir()
    stranger = folder.root / "public_security" / "populations" / "2026-10.csv"
    stranger.write_text("x")
    secret = folder.desk.folder / "secret.csv"
    secret.write_text("x")
    for loose in (folder.root / "2026-10.csv", folder.root / "public_security" / "2026-09.csv"):
        loose.write_text("x")
    (folder.here / "2026-10.csv").symlink_to(secret)
    (folder.here / "2026-10.csv.done").touch()
    for _ in range(3):
        assert folder.look() == []
        clock.now += 100
    assert stranger.exists()
    assert len(folder.complaints) == 3
    assert sum("lies in no delivery's folder: move it to" in one for one in folder.complaints) == 2
    assert "no delivery is called public_security/populations" in folder.complaints[-1]


def test_a_manifest_is_no_file_of_its_own_and_moves_along(folder: Folder, clock: Clock) -> None:
    digest = sha256(folder.put("2026-10.csv", range(5)).read_bytes()).hexdigest()
    manifest = f'period = "2026-10"\n[[files]]\nname = "2026-10.csv"\nsha256 = "{digest}"\n'
    (folder.here / "2026-10.csv.manifest.toml").write_text(manifest)
    (folder.here / "2026-10.csv.done").touch()
    assert folder.look() == ["loaded done/1-2026-10.csv"]
    assert folder.names() == ["done"]
    assert "1-2026-10.csv.manifest.toml" in folder.names("done")


#: Watches a folder as `hub watch` does, and kills itself at a moment of the load or of the move.
KILLED = """
import os, signal, sys
from pathlib import Path
from hub import intake
from hub.cli import work
from hub.intake import watch

moment = sys.argv[1]

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

load, rename, write = intake.load, Path.rename, watch._write

def killed(*args, **more):
    return load(*args, **more, progress=lambda name, done, total: name == moment and die())

def renamed(self, target):
    moment == "moving" and die()
    done = rename(self, target)
    moment == "moved" and die()
    return done

intake.load, Path.rename = killed, renamed
if moment == "reported":
    watch._write = lambda *args: (write(*args), die())
work.watch(Path(sys.argv[2]), settle=0.1, every=0.1, once=True)
"""


@pytest.mark.parametrize("moment", ["archive", "read", "judge", "write", "reported", "moving", "moved"])
def test_kill_9_at_any_moment_loses_and_doubles_nothing(moment: str, folder: Folder) -> None:
    desk = folder.desk
    write_keyring(desk.keyring, desk.folder / "keys.json")
    october = "2026-10.csv"
    folder.put(october, range(20))
    (folder.here / f"{october}.done").touch()
    folder.put("2026-11/a.csv", range(20))
    folder.put("2026-11/b.csv", range(20, 25))
    (folder.here / "2026-11" / ".done").touch()
    content = {path.name: path.read_bytes() for path in folder.here.rglob("*.csv")}
    environment = {
        **os.environ, "HUB_DATABASE_URL": desk.database.url, "HUB_DATA": str(desk.folder),
        "HUB_DECLARATIONS": str(desk.declarations),
    }  # fmt: skip

    def watched(moment: str) -> int:
        command = [sys.executable, "-c", KILLED, moment, str(folder.root)]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode

    for _ in range(2):
        assert watched(moment) == -signal.SIGKILL
        kept = {path.name[-len(october) :]: path.read_bytes() for path in folder.here.rglob("*.csv")}
        assert kept == content
    assert watched("never") == 0
    ids = [number for (number,) in desk.database.execute("select id from batch order by id")]
    moved = [f"{ids[0]}-2026-10.csv", f"{ids[1]}-2026-11"]
    assert folder.names("done") == sorted([*moved, *(f"{name}.report.json" for name in moved)])
    assert folder.names() == ["done"]
    found = desk.database.execute("select period, declared, status from batch order by id")
    assert found == [(date(2026, 10, 1), 20, "loaded"), (date(2026, 11, 1), 25, "loaded")]
    assert len(desk.facts("person")) == 25
