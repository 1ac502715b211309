"""Where deliveries are fetched from in a test: tables and sources of synthetic people."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from intake_factory import Desk, name, resident_id
from sqlalchemy import create_engine, text

from hub.declaration import form_of
from hub.intake import BatchReport, channel
from hub.intake.channel.form import KINDS, Source
from hub.sealing import write_keyring

ROOT = Path(__file__).resolve().parents[2]
POPULATION = "public_security/population"
OPERATION = {"from": "操作标志", "delete": ["d"], "write": ["1", "i", "u"]}

#: Fetches in a process of its own, which kills itself at a moment: no cleanup runs, as in a power cut.
KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from hub.intake import channel, load
from hub.intake.channel import database
from hub.intake.channel.spool import Spool
from hub.sealing import read_keyring
from hub.store.engine import engine_for

url, folder, declarations, sources, moment, count = sys.argv[1:]
passed = 0

def die(*_):
    global passed
    passed += 1
    if passed > int(count):
        os.kill(os.getpid(), signal.SIGKILL)

def progress(stage, done, total):
    if stage == moment:
        die()

def before(owner, name):
    kept = getattr(owner, name)
    setattr(owner, name, lambda *given, **named: (die(), kept(*given, **named))[1])

if moment == "state":  # a page is on the disk, and its state is not
    before(Spool, "_save")
if moment == "committed":  # the batch is committed, and nobody was told
    before(channel, "_let_go")
if moment == "written back":  # the department was told, and the spool is still there
    before(Spool, "discard")

known = channel.read_sources(Path(sources))
[(name, source)] = known.items()
channel.fetch(name, source, period=date(2026, 10, 1), engine=engine_for("writer", url),
     keyring=read_keyring(Path(folder) / "keys.json"), declarations=Path(declarations),
     archive=Path(folder) / "archive", spool=Path(folder) / "spool", by="operator", progress=progress)
"""


def source(**content: Any) -> Source:
    return form_of(KINDS[content["kind"]], content, "a test")


def fetch(desk: Desk, one: Source, delivery: str = POPULATION, **more: Any) -> BatchReport:
    return channel.fetch(
        delivery, one, period=more.pop("period", date(2026, 10, 1)), engine=desk.database.engine("writer"),
        keyring=desk.keyring, declarations=desk.declarations, archive=desk.folder / "archive",
        spool=desk.folder / "spool", by=desk.by, **more,
    )  # fmt: skip


def killed(desk: Desk, sources: Path, moment: str, count: int = 0) -> None:
    """Fetch, and be killed at the moment after it has come ``count`` times."""
    if not (desk.folder / "keys.json").exists():
        write_keyring(desk.keyring, desk.folder / "keys.json")
    arguments = [desk.database.url, str(desk.folder), str(desk.declarations), str(sources), moment, str(count)]
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, *arguments], cwd=ROOT, check=False, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f'"{key}" = {toml(one)}' for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    return (
        str(value).lower()
        if isinstance(value, bool)
        else repr(value)
        if not isinstance(value, str)
        else f"'''{value}'''"
    )


def written(path: Path, delivery: str, content: Mapping[str, Any]) -> Path:
    """A file of sources."""
    lines = [f'["{delivery}"]', *(f'"{key}" = {toml(value)}' for key, value in content.items())]
    path.write_text("\n".join(lines) + "\n")
    path.chmod(0o600)
    return path


@dataclass
class FrontTable:
    """A table of persons in a front-end database, with control columns."""

    url: str
    name: str = "qb_rkxx"

    def __post_init__(self) -> None:
        self.engine = create_engine(
            self.url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT", pool_pre_ping=True
        )
        instant = "timestamp(6)" if self.engine.dialect.name == "postgresql" else "datetime(6)"
        self.run(
            f"create table {self.name} (id bigint primary key, gmsfhm char(18), xm varchar(60), 性别 varchar(10), "
            f"民族 varchar(30), 户籍所在行政区划 varchar(12), 户籍详细地址 varchar(200), 管理状态 varchar(10), "
            f"状态变动日期 date, 操作标志 varchar(10), 交换开关 int default 0, 写入时间 {instant}, 处理状态 varchar(2))"
        )

    def run(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            found = connection.execute(text(statement), values)
            return [tuple(row) for row in found] if found.returns_rows else []

    def put(
        self, number: int, at: str, *, flag: str = "i", state: str = "正常", row: int | None = None, switch: int = 0
    ) -> None:
        self.run(
            f"insert into {self.name} values (:id, :gmsfhm, :xm, '男', '汉族', '371082001001', :dz, :state, null, :flag, "
            ":switch, :at, null)",
            id=number if row is None else row, gmsfhm=resident_id(number), xm=name(number), dz=f"荣成市某街道某路{number}号",
            state=state, flag=flag, at=at, switch=switch,
        )  # fmt: skip

    def content(self, **changes: Any) -> dict[str, Any]:
        given: dict[str, Any] = {
            "kind": "database", "url": self.url, "table": self.name, "mode": "incremental", "key": ["id"],
            "written": "写入时间", "operation": OPERATION, "switch": {"column": "交换开关", "on": [0]},
            "processed": {"column": "处理状态", "loaded": "1", "rejected": "9"}, "overlap_hours": 1,
            "columns": {"gmsfhm": "公民身份号码", "xm": "姓名"},
            "ignored": ["id", "操作标志", "交换开关", "写入时间", "处理状态"],
        }  # fmt: skip
        return {key: value for key, value in (given | changes).items() if value is not None}

    def source(self, **changes: Any) -> Source:
        return source(**self.content(**changes))

    def states(self) -> list[tuple[Any, ...]]:
        return self.run(f"select id, 处理状态 from {self.name} order by id")
