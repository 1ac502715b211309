"""How good a batch is, by its fields, and whether it is worse than the one before.

In charge of the counts kept in ``batch.quality`` and of the warnings that come of comparing them. Counted over whole
columns while a batch is prepared. Every share is over declared rows, so that a rejected row lowers it. Refuses nothing;
holds no personal value: of codes the stored ones, of everything else only how many. Reads ``batch``.

    rows                        declared
    fields: name → filled       rows in which the source says something (a default counts as said)
                   valid        of these, rows in which it can be read
    matched: person, employer   loaded or loadable rows whose person or employer was known before the batch
    codes: name → code → rows   of codes, insurances and booleans
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

import polars as pl
from sqlalchemy import Connection, select

from hub.intake.connector import Connector
from hub.intake.map import Mapped
from hub.intake.validate import NOTHING
from hub.store.lineage import batch, delivery

#: Kinds whose values are counted one by one.
CODED = frozenset({"code", "insurance", "boolean"})


@dataclass(slots=True)
class Quality:
    """The counts of one batch, or of a part of it."""

    rows: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    valid: Counter[str] = field(default_factory=Counter)
    matched: Counter[str] = field(default_factory=Counter)
    codes: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, other: "Quality") -> None:
        self.rows += other.rows
        for mine, more in ((self.filled, other.filled), (self.valid, other.valid), (self.matched, other.matched)):
            for name, rows in more.items():  # update() would drop nothing, but += drops what counts nought
                mine[name] += rows
        for name, counted in other.codes.items():
            self.codes.setdefault(name, Counter()).update(counted)

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "fields": {name: {"filled": self.filled[name], "valid": self.valid[name]} for name in self.filled},
            "matched": dict(self.matched),
            "codes": {name: dict(sorted(counted.items())) for name, counted in self.codes.items()},
        }


def counted(part: Mapped, connector: Connector) -> Quality:
    """What can be counted of mapped rows alone; ``matched`` needs the database."""
    found = Quality(len(part.good) + len(part.bad))
    unread = Counter[str]()
    for number, reasons in enumerate(part.bad.get_column("reasons").to_list()):
        given = {name for name, _, words in (reason.partition(": ") for reason in reasons) if words != NOTHING}
        unread.update(name for name in given if name in connector.fields and part.bad[name][number] is None)
    for name, form in connector.fields.items():
        if form.value is not None:
            continue
        found.valid[name] = sum(len(frame) - frame.get_column(name).null_count() for frame in (part.good, part.bad))
        found.filled[name] = found.valid[name] + unread[name]
        if form.is_ in CODED:
            values = pl.concat([part.good.get_column(name), part.bad.get_column(name)]).drop_nulls()
            found.codes[name] = Counter(dict(values.value_counts().iter_rows()))
    return found


@dataclass(frozen=True, slots=True)
class Measure:
    """One share of a batch, under a name: ``name filled``, ``person matched``."""

    name: str
    share: float


def measures(kept: dict[str, Any]) -> Iterator[Measure]:
    """The shares of a batch, from what is kept of it."""
    rows = max(kept["rows"], 1)
    for name, counts in kept["fields"].items():
        for what in ("filled", "valid"):
            yield Measure(f"{name} {what}", counts[what] / rows)
    for name, count in kept["matched"].items():
        yield Measure(f"{name} matched", count / rows)


def distance(one: dict[str, int], other: dict[str, int]) -> tuple[float, str]:
    """How far two distributions lie apart (total variation, 0 to 1), and the code whose share moved most."""
    of_one, of_other = max(sum(one.values()), 1), max(sum(other.values()), 1)
    moved = {code: other.get(code, 0) / of_other - one.get(code, 0) / of_one for code in {*one, *other}}
    most = max(sorted(moved), key=lambda code: round(abs(moved[code]), 6), default="")
    return sum(abs(share) for share in moved.values()) / 2, most


def warnings(before: dict[str, Any], now: dict[str, Any], limit: float, since: str) -> Iterator[str]:
    """What fell, or moved, by more than ``limit`` (a share); ``since`` names the batch before."""
    earlier = {one.name: one.share for one in measures(before)}
    for one in measures(now):
        if one.name in earlier and earlier[one.name] - one.share > limit:
            yield f"quality: {one.name} fell to {one.share:.0%} of the rows, from {earlier[one.name]:.0%} in {since}"
    for name, codes in now["codes"].items():
        old = before["codes"].get(name)
        if not old or not codes:
            continue
        apart, code = distance(old, codes)
        if apart > limit:
            was, became = old.get(code, 0) / sum(old.values()), codes.get(code, 0) / sum(codes.values())
            told = f"'{code}' is {became:.0%}, from {was:.0%} in {since}"
            yield f"quality: the codes of {name} moved by {apart:.0%}: {told}"


def drift(connection: Connection, delivery_id: int, connector: Connector, now: Quality) -> list[str]:
    """The warnings of a batch against the last one loaded before it; none where either has too few rows to tell."""
    last = connection.execute(
        select(batch.c.id, batch.c.quality)
        .where(
            batch.c.delivery_id == delivery_id,
            batch.c.status == "loaded",
            batch.c.replays.is_(None),
            batch.c.quality.is_not(None),
        )
        .order_by(batch.c.id.desc())
        .limit(1)
    ).one_or_none()
    expected = connector.expect.drift
    if last is None or min(last.quality["rows"], now.rows) < expected.rows:
        return []
    return list(warnings(last.quality, now.as_json(), expected.max, f"batch {last.id}"))


@dataclass(frozen=True, slots=True)
class Trend:
    """One measure over the last batches, the oldest first; None where a batch does not have it."""

    name: str
    shares: list[float | None]


def trend(connection: Connection, name: str, last: int) -> tuple[list[tuple[int, date]], list[Trend]]:
    """The last loaded batches of a delivery, and how its measures went; of codes, how far each batch moved."""
    rows = connection.execute(
        select(batch.c.id, batch.c.period, batch.c.quality)
        .join(delivery, delivery.c.id == batch.c.delivery_id)
        .where(
            delivery.c.name == name,
            batch.c.status == "loaded",
            batch.c.replays.is_(None),
            batch.c.quality.is_not(None),
        )
        .order_by(batch.c.id.desc())
        .limit(last)
    ).all()[::-1]
    told = [{one.name: one.share for one in measures(row.quality)} for row in rows]
    found = [Trend(one, [shares.get(one) for shares in told]) for one in dict.fromkeys(n for s in told for n in s)]
    coded = dict.fromkeys(one for row in rows for one in row.quality["codes"])
    for one in coded:
        pairs = pairwise(row.quality["codes"].get(one, {}) for row in rows)
        found.append(Trend(f"{one} codes moved", [None, *(distance(*pair)[0] for pair in pairs)]))
    return [(row.id, row.period) for row in rows], found


def spark(shares: list[float | None]) -> str:
    """Shares as a line of bars."""
    return "".join(" " if share is None else "▁▂▃▄▅▆▇█"[min(int(share * 8), 7)] for share in shares)
