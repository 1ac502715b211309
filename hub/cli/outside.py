"""How the synthetic city's deliveries come where they are not files by hand: fetched, or put into a drop folder.

In charge of putting the demonstration's stand-ins for departments' systems (``hub.demo.outside``) and the hub's
channels together, and of the file of sources that says where they are.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

import tomli_w
from sqlalchemy import make_url

from hub import settings as configured
from hub.demo import outside as departments_systems
from hub.errors import HubError
from hub.intake import BatchReport, Progress
from hub.intake.watch import Drop, Watch
from hub.store import owner_url

from .console import complain
from .data import load_one
from .sources import fetch_one

#: What comes otherwise than as a file by hand.
FRONT: Final = "human_resources/employment_registration"
MARIADB: Final = "medical_insurance/employee_enrollment"
SERVICE: Final = "transport/courier"
DROPPED: Final = "town/household_survey"

Comes = Callable[[str, list[Path], date, Progress], BatchReport]


@contextmanager
def departments(folder: Path, manifest: Mapping[str, Any], mariadb: str | None) -> Iterator[dict[str, Comes]]:
    """The departments' systems while they run: delivery → how it comes. ``mariadb``: a front-end database, if any."""
    files = {one["delivery"]: folder / one["files"][0] for one in manifest["deliveries"]}
    data = configured.settings().data
    with ExitStack() as running:
        sources = {FRONT: _front_end(files[FRONT])}
        if mariadb:
            departments_systems.put(mariadb, "yb_zgcb", files[MARIADB])
            sources[MARIADB] = departments_systems.from_table(mariadb, "yb_zgcb")
        sources[SERVICE] = running.enter_context(departments_systems.service(files[SERVICE]))
        _write(data / "sources.toml", sources)
        configured.settings.cache_clear()
        yield {**dict.fromkeys(sources, _fetched), DROPPED: _dropped}


def _front_end(file: Path) -> dict[str, Any]:
    """A department's front-end database on the PostgreSQL at hand, beside the hub's."""
    hub = make_url(owner_url())
    name = f"{hub.database}_front_end"
    departments_systems.make_database(
        hub.set(drivername="postgresql+psycopg").render_as_string(hide_password=False), name
    )
    url = hub.set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)
    departments_systems.put(url, "rs_jydj", file)
    return departments_systems.from_table(url, "rs_jydj")


def _write(file: Path, sources: dict[str, Any]) -> None:
    """The file of sources, which holds credentials: for its owner alone."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        tomli_w.dump(sources, out)
    os.environ["HUB_SOURCES"] = str(file)


def _fetched(name: str, _files: list[Path], period: date, report: Progress) -> BatchReport:
    return fetch_one(name, period, report)


def _dropped(name: str, files: list[Path], _period: date, report: Progress) -> BatchReport:
    """Put a file into the drop folder, marked as complete, and have the folder looked at."""
    root = configured.settings().data / "drop"
    drop = Drop(name, root / name / files[0].name)
    drop.path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(files[0], drop.path)
    drop.marker.touch()
    reports: list[BatchReport] = []

    def load(delivery: str, found: list[Path], month: date) -> dict[str, Any]:
        reports.append(load_one(delivery, found, month, report, channel="drop"))
        return {"batch": reports[-1].batch_id, "status": "loaded"}

    for taken in Watch(root, [name], load, 0, complain).look():
        if not reports:
            raise HubError("EXECUTE_CITY", f"{name} was refused", str(taken.told["refusal"]["message"]))
    return reports[-1]
