"""One delivery as a department makes it: which file, about which period, what rows. No I/O before `write`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hub.demo.chance import Chance
from hub.demo.files import Format, Sheet, write_rows, write_xlsx
from hub.demo.model import City


@dataclass(frozen=True, slots=True)
class World:
    """What a department needs to write: the city, its people and employers with names and numbers.

    `people`: pid, resident_id, name, area. `firms`: employers with uscc, name, address, account, fund_account.
    `jobs`: with bases. `enrolled`: every enrollment but the residents'. `staff`: eid, staff (paid in the last month)
    and hired.
    `planted`: of each key (pid, eid, household) the first number of the base city; what is planted has smaller ones.
    """

    city: City
    chance: Chance
    people: pl.DataFrame
    firms: pl.DataFrame
    jobs: pl.DataFrame
    enrolled: pl.DataFrame
    staff: pl.DataFrame
    planted: dict[str, int]

    def who(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with `resident_id` and `name` by `pid`."""
        known = self.people.select("pid", "resident_id", "name")
        return rows.join(known, on="pid", how="left", maintain_order="left")

    def firm(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with `uscc`, `firm`, `account` and `fund_account` by `eid`; null where there is no employer."""
        known = self.firms.select("eid", "uscc", pl.col("name").alias("firm"), "account", "fund_account")
        return rows.join(known, on="eid", how="left", maintain_order="left")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Rows come in `parts`, made when they are written, or in `sheets`; `wrong` of all rows must be rejected."""

    name: str
    file: str
    period: str
    wrong: int = 0
    form: Format | None = None  # None: a workbook
    parts: Callable[[], Iterable[pl.DataFrame]] = tuple
    sheets: Sequence[Sheet] = ()
    declared: int | None = None  # where the hub counts other rows than the file has: pairs of a household

    def write(self, folder: Path) -> int:
        """Writes the file; the number of rows that the hub will count."""
        path = folder / self.name.split("/")[0] / self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = write_rows(path, self.parts(), self.form) if self.form else write_xlsx(path, self.sheets)
        return rows if self.declared is None else self.declared


def text(frame: pl.DataFrame, **columns: pl.Expr | str) -> pl.DataFrame:
    """The frame's columns as a file's: named, all text; null where the file has nothing."""
    chosen = [(pl.col(value) if isinstance(value, str) else value).alias(name) for name, value in columns.items()]
    written = frame.select(chosen).select(pl.all().cast(pl.String))
    return written.select(pl.when(pl.all() != "").then(pl.all()))


def bundled(parts: Iterable[pl.DataFrame], rows: int = 200_000) -> Iterator[pl.DataFrame]:
    """The same rows in parts of at most so many: small ones together, so that few are written, large ones cut."""
    waiting: list[pl.DataFrame] = []
    for part in parts:
        for piece in part.iter_slices(rows):
            if sum(map(len, waiting)) + len(piece) > rows:
                yield pl.concat(waiting)
                waiting = []
            waiting.append(piece)
    if waiting:
        yield pl.concat(waiting)
