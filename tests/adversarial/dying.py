"""What is done until it is killed: one delivery over one channel, in a process of its own.

Run by a fork server that has everything imported, so that a life costs what the delivery costs.
"""

from contextlib import suppress
from datetime import date
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from hub.intake import channel, load
from hub.intake.channel.http import ShiftedError
from hub.intake.outcome import outcome
from hub.intake.watch import Watch
from hub.sealing import read_keyring
from hub.store.engine import engine_for

POPULATION = "public_security/population"
PERIOD = date(2026, 10, 1)


def live(url: str, folder: str, declarations: str, way: str, told: Connection | None) -> None:
    """Take in what has come over ``way`` ("file", "drop", or a source of the file of sources)."""
    root = Path(folder)
    parts: dict[str, Any] = {
        "engine": engine_for("writer", url), "keyring": read_keyring(root / "keys.json"),
        "declarations": Path(declarations), "archive": root / "archive", "by": "operator",
    }  # fmt: skip
    if told is not None:
        told.send("born")
    if way == "file":
        load(POPULATION, [root / "delivered.csv"], period=PERIOD, **parts)
    elif way == "drop":
        for _ in Watch(root / "drop", [POPULATION], partial(_dropped, parts), 0, print).look():
            pass
    else:
        source = channel.read_sources(root / "sources.toml")[POPULATION]
        with suppress(ShiftedError):  # the list changed since the fetch that was broken off: the next begins anew
            channel.fetch(POPULATION, source, period=PERIOD, spool=root / "spool", **parts)


def _dropped(parts: dict[str, Any], delivery: str, files: list[Path], _month: date) -> dict[str, Any]:
    report = load(delivery, files, period=PERIOD, channel="drop", **parts)
    with parts["engine"].connect() as connection:
        return outcome(connection, delivery, report.batch_id) or {}
