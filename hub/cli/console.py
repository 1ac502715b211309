"""What the terminal shows: tables, progress with rate and time left, complaints."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text
from sqlalchemy.exc import ArgumentError

from hub.errors import HubError

out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
err = Console(stderr=True, highlight=False)

NARROW = 10
#: SQLSTATE of what a migration would have made: table, schema, role.
UNPREPARED = {"42P01", "3F000", "42704", "22023"}

Report = Callable[[str, int, int | None], None]


def complain(error: HubError | Exception | str) -> None:
    """Say what is wrong, where, and what to do."""
    if isinstance(error, HubError):
        err.print(Text(f"{error.code}: {error.message}", style="bold red"))
        for part in (error.detail, error.hint):
            if part:
                err.print(Text(f"  {part}"))
    else:
        err.print(Text(str(error), style="bold red"))


def settings_problem(error: ValidationError) -> HubError:
    """Which setting is wrong, and how."""
    problems = "; ".join(
        f"HUB_{'.'.join(str(part) for part in one['loc']).upper().removeprefix('HUB_')}: {one['msg']}"
        for one in error.errors(include_input=False)
    )
    return HubError(
        "REQUEST_SETTINGS", "A setting is not right", problems, "Every setting with its meaning: hub settings"
    )


def database_problem(error: BaseException) -> HubError:
    """What a failing database means for an operator. Its own words may quote rows: they are left out."""
    state = getattr(error, "sqlstate", None) or ""
    if state in UNPREPARED:
        return HubError("EXECUTE_DATABASE", "The database lacks tables or roles", state, "Run: hub db upgrade")
    if isinstance(error, ArgumentError) or not state:
        hint = "Is it running, and is HUB_DATABASE_URL right? It is written postgresql://owner@host/database"
        return HubError("EXECUTE_DATABASE", "The database cannot be reached", type(error).__name__, hint)
    return HubError("EXECUTE_DATABASE", "The database refused", f"{type(error).__name__} ({state})", "See its log.")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows; numbers to the right, nothing as an empty cell."""
    shown = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    shown.box, shown.padding, shown.pad_edge = box.SIMPLE_HEAD, (0, 1, 0, 0), False
    for place, column in enumerate(columns):
        cells = [_cell(row[place]) for row in rows]
        numbers = bool(rows) and all(isinstance(row[place], int | float | None) for row in rows)
        narrow = max([len(column), *(len(cell) for cell in cells)])
        if numbers or narrow <= NARROW or place == 0:  # never cut: what does not fit is taken from the wide columns
            shown.add_column(column, justify="right" if numbers else "left", min_width=narrow)
        else:
            shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(_cell(value) for value in row))
    out.print(shown)


def _cell(value: Any) -> Text:
    if value is None:
        return Text("")
    if isinstance(value, datetime):
        return Text(f"{value:%Y-%m-%d %H:%M}")
    if isinstance(value, float):
        return Text(f"{value:,.1f}")
    return Text(f"{value:,}" if isinstance(value, int) else str(value))


class _Rate(ProgressColumn):
    """Steps a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s" if speed >= 10 else f"{speed:.1f}/s")


@contextmanager
def progress() -> Iterator[Callable[[str], Report]]:
    """Bars, one a piece of work: ``bars(label)`` gives the function that long work reports to."""
    columns = (
        TextColumn("{task.description:<44}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bars:

        def begin(label: str) -> Report:
            task = bars.add_task(label, total=None)

            def report(stage: str, done: int, total: int | None) -> None:
                bars.update(task, description=f"{label} {stage}".strip()[:44], completed=done, total=total)
                if total is not None and done >= total and len(bars.tasks) > 6:
                    bars.remove_task(bars.tasks[0].id)

            return report

        yield begin
