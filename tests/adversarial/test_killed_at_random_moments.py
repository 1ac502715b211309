"""Killed two hundred times, over every channel by which deliveries come: nothing is lost, and nothing is doubled."""

import multiprocessing
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import orjson
import pytest
from postgres import Database, libpq

from hub.sealing import Keyring, write_keyring

sys.path.insert(0, str(Path(__file__).parents[1] / "intake"))

from channel_factory import FrontTable, written
from dying import POPULATION, live
from intake_factory import lenient, population, resident_id, write_csv

LIVES = 40  # for each of the five channels
STATES = {"正常": "normal", "死亡": "dead", "迁出": "moved_out"}
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["hub.intake.channel", "hub.intake.watch", "hub.store.engine"])


@dataclass
class Town:
    """The persons a department knows, and how it tells of them. ``known``: number → state, as of now."""

    chance: random.Random
    known: dict[int, str] = field(default_factory=dict)
    clock: int = 0

    def live_on(self) -> dict[int, str | None]:
        """What changes until the next time: number → state, None where somebody is taken out."""
        changed: dict[int, str | None] = {}
        for number in self.chance.sample(range(60), 12):
            state = self.chance.choice([*STATES, None])
            if state is not None or number in self.known:
                changed[number] = state
        for number, state in changed.items():
            self.known.pop(number, None)
            if state is not None:
                self.known[number] = state
        self.clock += 1
        return changed

    def rows(self) -> list[dict[str, str]]:
        return [row for number, state in sorted(self.known.items()) for row in population([number], 管理状态=state)]


Tell = Callable[[Town, dict[int, str | None]], None]


@pytest.fixture
def root(tmp_path: Path, keyring: Keyring) -> Path:
    write_keyring(keyring, tmp_path / "keys.json")
    lenient(tmp_path / "declarations")
    return tmp_path


@pytest.fixture(params=["file", "drop", "postgresql", "mariadb", "http"])
def way(request: pytest.FixtureRequest, root: Path, server: str) -> Iterator[tuple[str, Tell]]:
    """A channel, and how the department tells over it what has changed."""
    if request.param == "file":
        yield "file", lambda town, _: write_csv(root / "delivered.csv", town.rows()) and None
    elif request.param == "drop":
        yield "drop", _into(root / "drop" / POPULATION)
    elif request.param == "http":
        with _serving() as (address, tell):
            written(root / "sources.toml", POPULATION, address)
            yield "fetch", tell
    else:
        url = request.getfixturevalue("mariadb") if request.param == "mariadb" else libpq(server)
        table = FrontTable(url, f"front_{uuid4().hex[:8]}")
        written(root / "sources.toml", POPULATION, table.content(page_rows=7))
        yield "fetch", _into_table(table)
        table.run(f"drop table {table.name}")
        table.engine.dispose()


def _into(folder: Path) -> Tell:
    folder.mkdir(parents=True)

    def tell(town: Town, _changed: dict[int, str | None]) -> None:
        for left in folder.glob("*.csv*"):  # what was not taken in is overtaken by the next snapshot
            left.unlink()
        file = folder / f"2026-10-{town.clock}.csv"
        write_csv(folder / f"{file.name}.part", town.rows()).rename(file)
        (folder / f"{file.name}.done").touch()

    return tell


def _into_table(table: FrontTable) -> Tell:
    rows = iter(range(1, 1_000_000))

    def tell(town: Town, changed: dict[int, str | None]) -> None:
        at = f"2026-10-01 {town.clock // 60:02d}:{town.clock % 60:02d}:00"
        for number, state in changed.items():
            table.put(number, at, flag="d" if state is None else "u", state=state or "正常", row=next(rows))

    return tell


class _serving:  # noqa: N801 -- reads as a sentence where it is used
    """A service that answers with the whole register, seven rows a page."""

    def __enter__(self) -> tuple[dict[str, Any], Tell]:
        register: list[dict[str, str]] = []

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = parse_qs(urlsplit(self.path).query)
                first = (int(asked["pageNum"][0]) - 1) * int(asked["pageSize"][0])
                page = register[first : first + int(asked["pageSize"][0])]
                body = orjson.dumps({"code": "0", "data": {"total": len(register), "list": page}})
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        Thread(target=self.server.serve_forever, daemon=True).start()

        def tell(town: Town, _changed: dict[int, str | None]) -> None:
            register[:] = town.rows()

        return {
            "kind": "http", "url": f"http://127.0.0.1:{self.server.server_port}/", "records": "data.list",
            "total": "data.total", "paging": {"kind": "pages", "rows": 7}, "wait_seconds": 0.01, "attempts": 2,
        }, tell  # fmt: skip

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def test_killed_at_forty_random_moments_a_channel_loses_and_doubles_nothing(
    way: tuple[str, Tell], root: Path, fresh_database: Database, keyring: Keyring
) -> None:
    kind, tell = way
    chance = random.Random(7)  # noqa: S311 - not a secret, a story
    town, arguments = Town(chance), (fresh_database.url, str(root), str(root / "declarations"), kind)
    tell(town, town.live_on())
    longest, _ = _life(arguments, None)
    killed = 0
    for _ in range(LIVES):
        tell(town, town.live_on())
        _, in_the_midst = _life(arguments, chance.uniform(0, longest))
        killed += in_the_midst
        _nothing_is_half_done(fresh_database)
    assert killed >= LIVES // 2  # the others had ended before their moment came
    for _ in range(3):  # what is left of a broken fetch, what has come since, and nothing more
        _life(arguments, None)
    _nothing_is_half_done(fresh_database)
    expected = {keyring.person_key(f"CN:{resident_id(n)}").hex: STATES[state] for n, state in town.known.items()}
    found = fresh_database.execute("select person_key, status from facts_now.person")
    assert len(found) == len(expected)
    assert {key.hex: status for key, status in found} == expected
    facts = fresh_database.execute("select count(*) from person")
    _life(arguments, None)
    assert fresh_database.execute("select count(*) from person") == facts
    [(events,)] = fresh_database.execute("select count(*) from audit_event")
    [(batches,)] = fresh_database.execute("select count(*) from batch")
    assert events == batches


def _life(arguments: tuple[str, ...], seconds: float | None) -> tuple[float, bool]:
    """One process that takes in what has come; killed after so many seconds. How long it lived, and if it was killed."""
    ear, mouth = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=live, args=(*arguments, mouth))
    process.start()
    mouth.close()
    assert ear.recv() == "born"
    born = time.monotonic()
    process.join(120 if seconds is None else seconds)
    if process.exitcode is None:
        process.kill()
        process.join(30)
    assert process.exitcode in {0, -signal.SIGKILL}
    return time.monotonic() - born, process.exitcode != 0


def _nothing_is_half_done(database: Database) -> None:
    """Every batch is whole, every fact has its batch and row, no fact is current twice, every batch has its event."""
    assert not database.execute("select id from batch where declared <> loaded + rejected")
    assert not database.execute("select 1 from person p left join batch b on b.id = p.batch_id where b.id is null")
    assert not database.execute(
        "select person_key from person where known_until > now() + interval '1 year' group by 1 having count(*) > 1"
    )
    assert not database.execute(
        "select 1 from person a join person b on a.person_key = b.person_key and a.known_from < b.known_from"
        " and a.known_until > b.known_from"
    )
    assert not database.execute(
        "select 1 from channel_position c left join batch b on b.id = c.batch_id and b.status = 'loaded' where b.id is null"
    )
