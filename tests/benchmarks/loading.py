r"""Loading: a population register through the hub's intake, against psql's ``\copy`` of the same file into a bare table.

Both start with tables that are empty and new, in turn, a round each. The hub's load is a process of its own, so that its
peak memory is its own: ``loading.py FILE PERIOD URL FOLDER`` loads and prints what it took.
"""

import os
import resource
import subprocess
import sys
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import orjson
import psycopg
from big_city import resident_id
from measure import Databases, Figure, Table, judged, libpq, psql, ratio, tell

ROOT: Final = Path(__file__).resolve().parents[2]
DELIVERY: Final = "public_security/population"
COLUMNS: Final = (
    "公民身份号码", "姓名", "性别", "民族", "出生日期", "户籍所在行政区划", "户籍详细地址", "现居住地址", "联系电话",
    "管理状态", "状态变动日期", "数据提供单位",
)  # fmt: skip
SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华"


def measure(folder: Path, persons: int, rounds: int) -> list[Table]:
    """The tables of this part of the report."""
    databases = Databases.start(folder)
    whole, tenth = (written(folder, size, "2026-09") for size in (persons, persons // 10))
    following = written(folder, persons, "2026-10")
    first: list[dict[str, Any]] = []
    small: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    bare: list[float] = []
    for number in range(rounds):
        bare.append(_bare(databases, whole))
        url = databases.make("loading")
        first.append(hub(folder, whole, "2026-09", url))
        again.append(hub(folder, following, "2026-10", url))
        small.append(hub(folder, tenth, "2026-09", databases.make("loading_tenth")))
        tell(f"round {number + 1}/{rounds} psql {bare[-1]:.1f} s, hub {first[-1]['seconds']:.1f} s")
    for name in ("loading", "loading_tenth", "loading_bare"):
        databases.drop(name)
    return [_table(persons, bare, first, again, small)]


def _table(
    persons: int, bare: list[float], hub: list[dict[str, Any]], again: list[dict[str, Any]], small: list[dict[str, Any]]
) -> Table:
    table = Table(
        f"Loading: {persons:,} rows of the population register", ("what", "seconds", "÷ psql", "peak MB", "target")
    )
    seconds = {
        name: [one["seconds"] for one in runs] for name, runs in (("hub", hub), ("again", again), ("small", small))
    }
    memory = {
        name: Figure.of([one["peak_mb"] for one in runs])
        for name, runs in (("hub", hub), ("again", again), ("small", small))
    }
    first, following = ratio(seconds["hub"], bare), ratio(seconds["again"], bare)
    saved = ratio(seconds["again"], seconds["hub"])
    growth = Figure.of([one["peak_mb"] / other["peak_mb"] for one, other in zip(hub, small, strict=True)])
    table.rows += [
        ("psql \\copy into a bare table", Figure.of(bare).text(1), "", "", ""),
        ("hub, into empty tables", Figure.of(seconds["hub"]).text(1), first.text(2), memory["hub"].text(), judged(first, "at most", 6)),
        ("hub, the next month over it (1 in 100 rows changed)", Figure.of(seconds["again"]).text(1), following.text(2),
         memory["again"].text(), f"{saved.text(2)} of the first; {judged(saved, 'at most', 1 / 3)}"),
        (f"hub, {persons // 10:,} rows", Figure.of(seconds["small"]).text(1), "", memory["small"].text(),
         f"peak of the ten times larger file: {growth.text(2)} times this"),
    ]  # fmt: skip
    table.notes += [
        "Hub: archived, decoded, validated, sealed, keyed, superseding, recorded in the log, in one transaction.",
        "The process's own clock and peak memory; imports are not counted as seconds.",
    ]
    table.numbers = {
        "psql": Figure.of(bare).json(),
        **{name: {"seconds": Figure.of(seconds[name]).json(), "peak_mb": memory[name].json()} for name in seconds},
        "hub_over_psql": first.json(),
        "again_over_psql": following.json(),
        "again_over_first": saved.json(),
        "memory_growth": growth.json(),
    }
    return table


def _bare(databases: Databases, file: Path) -> float:
    r"""Seconds of psql's \copy into a table of text columns."""
    if not databases.exists("loading_bare"):
        databases.make("loading_bare")
    url = libpq(databases.url("loading_bare"))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("drop table if exists bare")
        connection.execute(f"create table bare ({', '.join(f'{name} text' for name in COLUMNS)})".encode())
        connection.execute("checkpoint")
    begun = perf_counter()
    subprocess.run(
        [
            psql(),
            "-qX",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            url,
            "-c",
            f"\\copy bare from '{file}' with (format csv, header)",
        ],
        check=True,
    )
    return perf_counter() - begun


def hub(folder: Path, file: Path, period: str, url: str) -> dict[str, Any]:
    """Seconds and peak memory of the hub's load, in its own process."""
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        connection.execute("checkpoint")
    ran = subprocess.run(
        [sys.executable, __file__, str(file), period, url, str(folder)],
        check=True, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | {"HUB_DATABASE_URL": url},
    )  # fmt: skip
    told: dict[str, Any] = orjson.loads(ran.stdout.splitlines()[-1])
    return told


def _load(file: str, period: str, url: str, folder: str) -> None:
    """The hub's load; prints JSON."""
    import tempfile

    from hub.intake import load
    from hub.sealing import new_keyring, read_keyring, write_keyring
    from hub.store import engine_for

    keys = Path(folder) / "keys.json"
    if not keys.exists():
        write_keyring(new_keyring(), keys)
    keyring = read_keyring(keys)
    with tempfile.TemporaryDirectory(dir=folder) as archive:
        begun = perf_counter()
        report = load(
            DELIVERY,
            [Path(file)],
            period=date.fromisoformat(f"{period}-01"),
            engine=engine_for("writer", url),
            keyring=keyring,
            declarations=ROOT,
            archive=Path(archive),
            by="benchmark",
        )
        seconds = perf_counter() - begun
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    told = {"seconds": seconds, "peak_mb": peak, "loaded": report.loaded, "rejected": report.rejected}
    print(orjson.dumps(told | {"changed": report.changed}).decode())  # noqa: T201


def written(folder: Path, persons: int, period: str) -> Path:
    """A register of ``persons`` made-up persons as CSV in UTF-8, written unless it is there."""
    file = folder / f"population_{persons}_{period}.csv"
    if file.exists():
        return file
    tell(f"writing {file.name}")
    fresh = file.with_suffix(".new")
    moved = period == "2026-10"
    with fresh.open("w", encoding="utf-8", newline="") as out:
        out.write(",".join(COLUMNS) + "\n")
        for start in range(0, persons, 50_000):
            out.write("".join(_row(number, moved=moved) for number in range(start, min(start + 50_000, persons))))
    fresh.replace(file)
    return file


def _row(number: int, *, moved: bool) -> str:
    identity = resident_id(number)
    name = SURNAMES[number % 20] + GIVEN[number // 20 % 24] + GIVEN[number // 480 % 24]
    changed = moved and number % 100 == 0
    state, since = ("迁出", "2026-10-15") if changed else ("正常", "")
    return (
        f"{identity},{name},{identity[16]},{'汉族' if number % 40 else '蒙古族'},{identity[6:14]},"
        f"3710821{number % 12:02d}{200 + number % 18},荣成市合成路{number % 5000}号,,1390{number % 10_000_000:07d},"
        f"{state},{since},荣成市公安局（合成）\n"
    ).replace(f",{identity[16]},", f",{'男' if int(identity[16]) % 2 else '女'},", 1)


if __name__ == "__main__":
    _load(*sys.argv[1:])
