"""The drop folder: files that departments put down are loaded, and moved to where one sees what became of them.

In charge of ``DIR/<who>/<what>/``: which files there are complete, which month they are of, and of moving them to
``done/`` or ``refused/`` beside a ``.report.json``. It is looked at again and again, because shares over a network
announce nothing. Touches no database itself: it is given what loads.

A batch is a file (with its manifest beside it, where it has one), or a folder of files; its name says the month
(``2026-10``, ``202610``, ``2026年10月``, with or without a day). A folder is complete when it holds ``.done``. A file
is complete when ``<name>.done`` stands beside it, or when nothing about it has changed for a while. Names that say
they are not finished (``.part``, ``.tmp``, …) wait.

Nothing is ever deleted but markers, nothing is moved before it is loaded or refused for good, and moving is one
rename: whenever the hub is killed, a batch is where it was or where it belongs, and loading it again changes nothing.
"""

import os
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

import orjson

from hub.errors import HubError, IntakeError
from hub.terms import month

DONE: Final = "done"
REFUSED: Final = "refused"
MARKER: Final = ".done"
REPORT: Final = ".report.json"
#: What stands beside a file under its name and speaks of it.
BESIDE: Final = (".manifest.toml", ".manifest.json", ".manifest.toml.sig", ".manifest.json.sig")
UNFINISHED: Final = (".part", ".partial", ".tmp", ".filepart", ".crdownload", ".download", ".swp")
#: Seconds until a batch is tried again that could not be loaded for no fault of its own.
AGAIN: Final = 60.0

_MONTH = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])(?:[-_.]?(?:0[1-9]|[12]\d|3[01]))?(?!\d)")
_IN_CHINESE = re.compile(r"(?<!\d)(20\d\d)年(1[0-2]|0?[1-9])月")

Load = Callable[[str, list[Path], date], dict[str, Any]]
"""Loads the files of a delivery and tells what became of them (``batch`` is its number). HubError: they are refused."""

Signature = tuple[tuple[str, int, int, int], ...]
"""Of every file of a batch: name, identity, size, last change."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A batch in the drop folder."""

    delivery: str
    path: Path

    @property
    def is_folder(self) -> bool:
        return self.path.is_dir()

    def files(self) -> list[Path]:
        inside = sorted(self.path.iterdir()) if self.is_folder else [self.path]
        return [one for one in inside if _is_data(one)]

    def signature(self) -> Signature:
        stats = [(one.name, one.stat()) for one in self.files()]
        return tuple((name, stat.st_ino, stat.st_size, stat.st_mtime_ns) for name, stat in stats)

    def beside(self) -> list[Path]:
        """What moves with a file."""
        names = [] if self.is_folder else [self.path.name + suffix for suffix in BESIDE]
        return [one for name in names if (one := self.path.with_name(name)).is_file()]

    @property
    def marker(self) -> Path:
        return self.path / MARKER if self.is_folder else self.path.with_name(self.path.name + MARKER)


@dataclass(frozen=True, slots=True)
class Taken:
    """A batch that was loaded or refused, and where it is now. ``told``: what its report says."""

    drop: Drop
    moved_to: Path
    told: dict[str, Any]


@dataclass(slots=True)
class Watch:
    """A drop folder being watched. ``settle``: seconds without a change after which a file is complete."""

    root: Path
    declared: Collection[str]
    load: Load
    settle: float
    complain: Callable[[str], None]
    _seen: dict[Path, tuple[Signature, float]] = field(default_factory=dict)
    _not_before: dict[Path, float] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    def look(self) -> Iterator[Taken]:
        """Load and move whatever is complete, one batch after another."""
        drops = list(self._drops())
        here = {drop.path for drop in drops}
        self._seen = {path: seen for path, seen in self._seen.items() if path in here}
        for drop in drops:
            try:
                if self._is_complete(drop) and (taken := self._take(drop)) is not None:
                    yield taken
            except OSError as error:  # gone, or not ours to read: the others go on
                self._say(f"{drop.path}: {error.strerror or type(error).__name__}")

    def _drops(self) -> Iterator[Drop]:
        for path in sorted([*self.root.glob("*"), *self.root.glob("*/*")]):
            if _is_data(path):
                self._say(f"{path} lies in no delivery's folder: move it to {self.root}/<who>/<what>/")
        for folder in sorted(self.root.glob("*/*")):
            delivery = f"{folder.parent.name}/{folder.name}"
            if delivery not in self.declared:
                if folder.is_dir():
                    self._say(f"{folder}: no delivery is called {delivery}; what stands there is left alone")
                continue
            for path in sorted(folder.iterdir()):
                if path.name not in {DONE, REFUSED} and (_is_data(path) or _is_batch_folder(path)):
                    yield Drop(delivery, path)

    def _say(self, problem: str) -> None:
        """Complain once about the same thing."""
        if problem not in self._told:
            self._told.add(problem)
            self.complain(problem)

    def _is_complete(self, drop: Drop) -> bool:
        now = monotonic()
        if now < self._not_before.get(drop.path, now):
            return False
        if drop.marker.is_file():
            return not (drop.is_folder and any(_is_unfinished(one) for one in drop.path.iterdir()))
        if drop.is_folder:
            return False
        signature = drop.signature()
        seen, since = self._seen.get(drop.path, (None, now))
        if seen != signature:
            self._seen[drop.path] = signature, now
            return False
        return now - since >= self.settle

    def _take(self, drop: Drop) -> Taken | None:
        """Load a batch and move it. None: it cannot be done now, or it was still changing; it stays where it is."""
        before, files = drop.signature(), drop.files()
        try:
            told = self.load(drop.delivery, files, period_of(drop.path.name))
            into, stem = DONE, f"{told['batch']}-{drop.path.name}"
        except HubError as refused:
            if not isinstance(refused, IntakeError) or refused.code in {"INTAKE_DATABASE", "INTAKE_BUSY"}:
                self._not_before[drop.path] = monotonic() + AGAIN
                self.complain(f"{drop.path} waits: {refused}")
                return None
            told = _refusal(drop, refused)
            into, stem = REFUSED, f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{drop.path.name}"
        return self._move(drop, before, drop.path.parent / into, stem, told)

    def _move(self, drop: Drop, before: Signature, folder: Path, stem: str, told: dict[str, Any]) -> Taken | None:
        """Report first, then the one rename: a report too many does no harm, a batch without one would."""
        folder.mkdir(exist_ok=True)
        target = _free(folder, stem)
        report = target.with_name(target.name + REPORT)
        _write(report, told)
        if not drop.is_folder:
            drop.marker.unlink(missing_ok=True)  # before: left behind, it would call the next file complete
        beside = drop.beside()
        drop.path.rename(target)
        if Drop(drop.delivery, target).signature() == _named(before, target):
            self._seen.pop(drop.path, None)
            for one in beside:
                one.rename(target.with_name(target.name + one.name.removeprefix(drop.path.name)))
            return Taken(drop, target, told)
        target.rename(_free(drop.path.parent, drop.path.name))  # somebody wrote on while it was loaded: not that one
        report.unlink()
        self.complain(f"{drop.path} changed while it was being loaded: it stays until it is complete")
        return None


def period_of(name: str) -> date:
    """The month that a name says. IntakeError: it says none, or several."""
    found = {*_MONTH.findall(name), *_IN_CHINESE.findall(name)}
    months = {month(f"{year}-{int(number):02d}") for year, number in found}
    if len(months) != 1:
        says = "several months" if months else "no month"
        raise IntakeError("INTAKE_NAME", f"the name says {says}", name, "Put the month delivered into it: 2026-10")
    return months.pop()


def _refusal(drop: Drop, refused: HubError) -> dict[str, Any]:
    why = {"code": refused.code, "message": refused.message, "detail": refused.detail, "hint": refused.hint}
    return {"delivery": drop.delivery, "status": "refused", "refusal": why}


def _is_unfinished(path: Path) -> bool:
    return path.name.lower().endswith(UNFINISHED)


def _is_data(path: Path) -> bool:
    """Whether a path is a file to load: no marker, report, hidden or unfinished file, and no link to elsewhere."""
    plain = not path.name.startswith((".", "~")) and not path.name.endswith((MARKER, REPORT, *BESIDE))
    return plain and not _is_unfinished(path) and path.is_file() and not path.is_symlink()


def _is_batch_folder(path: Path) -> bool:
    return not path.name.startswith(".") and path.is_dir() and not path.is_symlink()


def _named(signature: Signature, target: Path) -> Signature:
    """A signature as it is after the batch was renamed."""
    return signature if target.is_dir() else tuple((target.name, *rest) for _, *rest in signature)  # type: ignore[misc]


def _free(folder: Path, name: str) -> Path:
    """A path that nothing has: nothing is ever overwritten."""
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
    return path


def _write(path: Path, told: dict[str, Any]) -> None:
    fresh = path.with_name(f".{path.name}.tmp")
    with fresh.open("wb") as out:
        out.write(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)
