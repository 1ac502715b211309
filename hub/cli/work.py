"""`hub work` and `hub watch`: deliveries that come by themselves, and what follows from them."""

import asyncio
import getpass
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from signal import SIGTERM, signal
from typing import Annotated, Any, Final

import typer
from sqlalchemy import text

from hub import intake
from hub.intake import archive, channel, landing
from hub.intake.outcome import outcome
from hub.intake.watch import Watch
from hub.settings import settings
from hub.terms.due import Last, month_to_fetch

from . import parts
from .console import complain, out
from .data import check_all, standings
from .indicators import month_due, publish_due
from .messages import send_due, unsent
from .sources import fetch_one

QUIET: Final = 60.0  # seconds without a new batch after which the checks are run
LONGEST: Final = 900.0  # seconds after which they are run though batches keep coming
BEGUN: Final = 86_400.0  # seconds after which a file that never became whole is nobody's

_UNCHECKED = text("""
    select coalesce(max(b.sealed_at) <= now() - make_interval(secs => :settle)
                 or min(b.sealed_at) <= now() - make_interval(secs => :longest), false)
      from batch b
     where b.status = 'loaded' and b.sealed_at > coalesce((select max(started_at) from check_run), '-infinity')
""")


def work(
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, then end.")] = False,
    workers: Annotated[int, typer.Option(help="Working processes.", min=1)] = 1,
) -> None:
    """Fetch what is due, check what is new, send what waits, publish the month, tidy up: by any number of workers."""
    parts.bound_keyring()  # told now, not at the first job
    intake.declare(parts.writer(), settings().declarations)
    if workers > 1:
        several([sys.executable, "-m", "hub", "work", *(["--once"] if once else [])], workers)
        return
    from procrastinate import PsycopgConnector

    from hub.store.engine import psycopg_dsn
    from hub.store.queue import SCHEMA

    from .jobs import Work, jobs

    todo = Work(
        due, fetch, unchecked, lambda: check_all(None, _quietly), tidy, unsent, send_due,
        lambda: month_due() is not None, publish_due,
    )  # fmt: skip
    connector = PsycopgConnector(**psycopg_dsn("writer", search_path=SCHEMA), min_size=1, max_size=4)
    asyncio.run(jobs(connector, todo, QUIET).run(once=once))


def several(command: list[str], count: int) -> None:
    """Run a command in several processes until it ends by itself; one that is killed is started again."""
    running = [subprocess.Popen(command) for _ in range(count)]  # noqa: S603 -- this very program
    signal(SIGTERM, lambda *_: sys.exit(0))
    try:
        while running:
            time.sleep(0.5)
            ended = [one for one in running if one.poll() is not None]
            for one in ended:
                running.remove(one)
                if one.returncode != 0:
                    complain(f"A worker ended with {one.returncode}; another takes its place")
                    running.append(subprocess.Popen(command))  # noqa: S603
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait()


def due() -> list[str]:
    """The deliveries to fetch now: those that are wanted and have a source."""
    known = channel.read_sources(settings().sources) if settings().sources else {}
    return [row.name for stands, row in standings() if stands.wanted and row.name in known]


def fetch(delivery: str) -> None:
    """Fetch a delivery, of the month that is due, and load what came."""
    (row,) = (row for _, row in standings() if row.name == delivery)
    last = Last(row.period, row.sealed_at, row.loaded, row.refusal)
    fetch_one(delivery, month_to_fetch(last, row.cadence, parts.today()), _quietly)


def unchecked(settle: float) -> bool:
    """Whether batches wait to be checked, and no more are coming just now."""
    with parts.writer().connect() as connection:
        return bool(connection.execute(_UNCHECKED, {"settle": settle, "longest": LONGEST}).scalar_one())


def tidy() -> None:
    """Delete what killed processes left of arrivals and of archived files."""
    landing.sweep(settings().data)
    archive.sweep(settings().archive_path, time.time() - BEGUN)


def watch(
    folder: Annotated[Path, typer.Argument(help="The drop folder: <who>/<what>/ in it.", exists=True, file_okay=False)],
    settle: Annotated[float, typer.Option(help="Seconds without a change after which a file is complete.")] = 10.0,
    every: Annotated[float, typer.Option(help="Seconds between two looks.", min=0.1)] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Take what is complete now, then end.")] = False,
) -> None:
    """Load what departments put into a folder, and move it to done/ or refused/ beside a report."""
    parts.bound_keyring()
    declared = intake.declare(parts.writer(), settings().declarations)
    watching = Watch(folder, declared, loaded, settle, complain)
    again = True
    while True:
        for taken in watching.look():
            out.print(f"{taken.drop.delivery}: {taken.drop.path.name} {taken.told['status']}", markup=False)
        if once and not again:
            return
        again = not once  # then once more: a file without a marker has to be seen twice
        time.sleep(settle if once else every)


def loaded(delivery: str, files: list[Path], period: date) -> dict[str, Any]:
    """Load the files of a batch from the drop folder; what became of them."""
    chosen = settings()
    report = intake.load(
        delivery, files, period=period, engine=parts.writer(), keyring=parts.bound_keyring(),
        declarations=chosen.declarations, archive=chosen.archive_path, by=getpass.getuser(), channel="drop",
    )  # fmt: skip
    with parts.writer().connect() as connection:
        told = outcome(connection, delivery, report.batch_id) or {}
    return {**told, "already": report.already, "warnings": report.warnings}


def _quietly(_stage: str, _done: int, _total: int | None) -> None: ...
