"""Measuring fairly: rounds that are interleaved, medians with their spread, a core each, a database of one's own.

A ratio is always taken within one round, where both sides met the same machine; what is reported is the median of
those ratios and the smallest and largest of them.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any, Final, Literal

import psutil  # type: ignore[import-untyped]
import psycopg
from sqlalchemy import make_url

from hub.store import embedded, migrate


@dataclass(frozen=True, slots=True)
class Figure:
    """A median and its spread."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Figure":
        return cls(median(values), min(values), max(values))

    def text(self, digits: int = 0) -> str:
        middle, low, high = (f"{value:,.{digits}f}" for value in (self.middle, self.low, self.high))
        return f"{middle} ({low} to {high})"

    def json(self) -> dict[str, float]:
        return {"median": self.middle, "min": self.low, "max": self.high}


def ratio(over: Sequence[float], under: Sequence[float]) -> Figure:
    """Of two series that were taken in the same rounds, the quotient a round."""
    return Figure.of([one / other for one, other in zip(over, under, strict=True)])


@dataclass(slots=True)
class Table:
    """One table of the report, and the same in numbers."""

    title: str
    head: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    numbers: dict[str, Any] = field(default_factory=dict)

    def markdown(self) -> str:
        lines = [f"## {self.title}", "", _line(self.head), _line(["---"] * len(self.head))]
        lines += [_line(row) for row in self.rows]
        lines += ["", *(f"- {note}" for note in self.notes)]
        return "\n".join(lines).rstrip() + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


Reached = Literal["at least", "at most"]


def judged(figure: Figure, bound: Reached, target: float) -> str:
    """Whether a figure reaches its target, by its median."""
    ok = figure.middle >= target if bound == "at least" else figure.middle <= target
    return f"{bound} {target:g}: {'yes' if ok else 'NO'}"


def tell(words: str) -> None:
    """Progress, beside the report."""
    print(words, file=sys.stderr, flush=True)  # noqa: T201


# -- cores -------------------------------------------------------------------------------------------------------


def _cores() -> tuple[int, int] | None:
    if not hasattr(os, "sched_getaffinity"):
        return None
    allowed = sorted(os.sched_getaffinity(0))
    return (allowed[0], allowed[-1]) if len(allowed) > 1 else None


#: The core of the server and that of the load generator; None where processes cannot be pinned to two.
CORES: Final = _cores()


def pin(which: Literal["server", "generator"]) -> None:
    """Keep this process on its core; what it starts later inherits it, and says otherwise for itself."""
    if CORES is not None:
        os.sched_setaffinity(0, {CORES[0] if which == "server" else CORES[1]})


@contextmanager
def beside_the_generator(pid: int) -> Iterator[None]:
    """Meanwhile a process works, with all that it started and starts, on the load generator's core."""
    if CORES is None:
        yield
        return
    _keep(pid, {CORES[1]})
    try:
        yield
    finally:
        _keep(pid, set(CORES))


def _keep(pid: int, cores: set[int]) -> None:
    for one in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        with suppress(ProcessLookupError):
            os.sched_setaffinity(one.pid, cores)


def busy(pid: int) -> float:
    """Seconds of processor that a process has used so far."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def busy_with_children(pid: int) -> dict[int, float]:
    """The same of a process and of each that it started and that still runs: a PostgreSQL."""
    process = psutil.Process(pid)
    found = {}
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            found[one.pid] = float(times.user + times.system)
    return found


def between(before: dict[int, float], after: dict[int, float]) -> float:
    """Seconds of processor used between two readings; what ended in between is not counted."""
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())


# -- databases ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Databases:
    """Databases of the benchmark's own PostgreSQL, in its data folder."""

    owner: str

    @classmethod
    def start(cls, folder: Path) -> "Databases":
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # as root, PostgreSQL runs as another user
        return cls(embedded.start(folder / "postgres"))

    @property
    def pid(self) -> int:
        """The process of the server."""
        with psycopg.connect(libpq(self.owner)) as connection:
            folder: Any = connection.execute("show data_directory").fetchone()
        return int((Path(folder[0]) / "postmaster.pid").read_text().split()[0])

    def kept(self, stem: str) -> str:
        """The name of a database that outlives a run: another one as soon as the tables are others."""
        folder = Path(__file__).resolve().parents[2] / "migrations" / "versions"
        tables = sha256(b"".join(file.read_bytes() for file in sorted(folder.glob("*.py")))).hexdigest()[:8]
        return f"{stem}_{tables}"

    def url(self, name: str) -> str:
        return make_url(self.owner).set(database=name).render_as_string(hide_password=False)

    def exists(self, name: str) -> bool:
        with psycopg.connect(libpq(self.owner), autocommit=True) as connection:
            return connection.execute("select from pg_database where datname = %s", (name,)).fetchone() is not None

    def make(self, name: str) -> str:
        """A fresh, migrated database; one of that name is dropped before."""
        self.drop(name)
        with psycopg.connect(libpq(self.owner), autocommit=True) as connection:
            connection.execute(f"create database {name}".encode())
        migrate(self.url(name))
        return self.url(name)

    def drop(self, name: str) -> None:
        with psycopg.connect(libpq(self.owner), autocommit=True) as connection:
            connection.execute(f"drop database if exists {name} with (force)".encode())


def libpq(url: str) -> str:
    """The URL as psql and psycopg take it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def psql() -> str:
    """The psql of the wheel."""
    from hub.store.embedded import PROGRAMS

    return str(PROGRAMS / "psql")


def write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
