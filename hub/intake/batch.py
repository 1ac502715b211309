"""The batch itself: what it is, whether it can be believed, and that it was loaded or refused.

In charge of the row in ``batch`` and of its event in the access log. Refuses (by returning or raising ``IntakeError``)
what was cut off, what cannot be read for the most part, and snapshots older than what is known. Runs inside the
transaction of the batch; writes in the writer's role.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, select

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome
from hub.audit.log import record_sync
from hub.errors import IntakeError
from hub.intake import store
from hub.intake.connector import Connector
from hub.intake.drift import told, unknown_codes
from hub.intake.extract import Delivered, Report
from hub.intake.manifest import Checked
from hub.intake.quality import Quality
from hub.intake.shelf import Shelves
from hub.sealing import Keyring
from hub.settings import settings
from hub.store.lineage import batch as batches
from hub.terms import today_in_china

MOST_REASONS = 50

Progress = Callable[[str, int, int | None], None]
"""Stage, rows done, rows in all where known."""


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What became of a delivery. ``reasons``: rows rejected for each; ``already``: it had been loaded before."""

    batch_id: int
    delivery: str
    period: date
    declared: int
    loaded: int
    rejected: int
    added: int
    changed: int
    ended: int
    files: list[Report]
    seconds: float
    reasons: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    already: bool = False


@dataclass
class Batch:
    """One batch on its way."""

    connector: Connector
    period: date
    files: list[Delivered]
    reports: list[Report]
    digest: bytes
    by: str
    started: datetime
    keyring: Keyring
    progress: Progress
    channel: str = "file"
    position: Mapping[str, Any] | None = None  # how far the channel is fetched with this batch
    partial: bool = False  # only what changed
    room: Path | None = None  # where rows may wait until they are written; by default the system's place
    id: int = 0
    delivery: int = 0
    declared: int = 0
    staged: int = 0
    refused_rows: int = 0
    ordered: bool = False  # its rows say what they do: the last one of a fact counts
    reasons: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    manifests: list[Checked] = field(default_factory=list)
    keys: list[pl.DataFrame] = field(default_factory=list)  # twelve bytes a row: row_no, and a hash of its key
    replays: int | None = None  # the batch whose rejected rows these are
    quality: Quality = field(default_factory=Quality)
    tried: frozenset[int] | None = None  # of a replay: the rows that count; the others only stand beside them

    @cached_property
    def shelves(self) -> Shelves:
        """Where its rows wait; to be closed."""
        return Shelves(self.room)

    @property
    def whole(self) -> bool:
        """Whether what it does not say has ended."""
        return self.connector.delivery == "snapshot" and not self.partial


def described(batch: Batch, kept: list[Report]) -> list[Report]:
    """What is told of each file: what it is, and as far as it was read, how."""
    read_so_far = [*batch.reports, *({} for _ in kept)]
    return [{**one, **more} for one, more in zip(kept, read_so_far, strict=False)]


def reported(batch: Batch, counts: store.Counts, kept: list[Report], seconds: float) -> BatchReport:
    return BatchReport(
        batch_id=batch.id, delivery=batch.connector.name, period=batch.period, declared=batch.declared,
        loaded=batch.declared - batch.refused_rows, rejected=batch.refused_rows,
        added=counts.added, changed=counts.changed, ended=counts.ended,
        files=described(batch, kept), seconds=seconds,
        reasons=dict(batch.reasons.most_common(MOST_REASONS)), warnings=batch.warnings,
    )  # fmt: skip


def loaded_before(connection: Connection, batch: Batch) -> BatchReport | None:
    """The batch as which these very files were loaded for this period; None where what came last is another's.

    A snapshot that comes again after another of that period took its place is said anew: what is said last holds.
    """
    row = connection.execute(
        select(batches)
        .where(
            batches.c.delivery_id == batch.delivery,
            batches.c.period == batch.period,
            batches.c.digest == batch.digest,
            batches.c.status == "loaded",
        )
        .order_by(batches.c.id.desc())
        .limit(1)
    ).one_or_none()
    last = _last(connection, batch) if row is not None and batch.whole and batch.position is None else None
    if row is None or (last is not None and last.id > row.id and last.period == row.period):
        return None
    return BatchReport(
        batch_id=row.id, delivery=batch.connector.name, period=row.period, declared=row.declared, loaded=row.loaded,
        rejected=row.rejected, added=row.added, changed=row.changed, ended=row.ended, files=row.files,
        seconds=(row.sealed_at - row.started_at).total_seconds(),
        warnings=[f"already loaded as batch {row.id}"], already=True,
    )  # fmt: skip


def _last(connection: Connection, batch: Batch) -> Any:
    """The last batch that came whole."""
    return connection.execute(
        select(batches)
        .where(
            batches.c.delivery_id == batch.delivery,
            batches.c.status == "loaded",
            batches.c.replays.is_(None),
            ~batches.c.partial,
        )
        .order_by(batches.c.id.desc())
        .limit(1)
    ).one_or_none()


def refuse_older(connection: Connection, batch: Batch) -> None:
    """IntakeError for a month that has not begun, or a snapshot of before what is known."""
    for refused in untimely(connection, batch):
        raise refused


def untimely(connection: Connection, batch: Batch) -> list[IntakeError]:
    """What is wrong with the month a batch is of."""
    if batch.period > (settings().today or today_in_china()):
        return [
            IntakeError(
                "INTAKE_PERIOD",
                f"{batch.period:%Y-%m} has not begun",
                f"the period of {batch.connector.name}",
                "check the period",
            )
        ]
    last = _last(connection, batch)
    if last is not None and batch.whole and batch.period < last.period:
        return [
            IntakeError(
                "INTAKE_PERIOD",
                f"{batch.connector.name} is known as of {last.period:%Y-%m}; "
                f"this is the snapshot of {batch.period:%Y-%m}",
                "an older snapshot would end what is known since",
                "check the period",
            )
        ]
    return []


def judged(connection: Connection, batch: Batch) -> IntakeError | None:
    """Why a batch cannot be believed, all of it in one refusal; None where it can."""
    found = doubts(connection, batch)
    if not found:
        return None
    first, *others = found
    details = [first.detail, *(f"{one.message}: {one.detail}" for one in others)]
    hints = dict.fromkeys(one.hint for one in found if one.hint)
    return IntakeError(first.code, first.message, "; ".join(filter(None, details)), "; ".join(hints))


def doubts(connection: Connection, batch: Batch) -> list[IntakeError]:
    """Each reason not to believe a batch: too few rows, too many rejected, a snapshot that shrank (it ends facts)."""
    connector, expect = batch.connector, batch.connector.expect
    found = []
    if batch.declared < expect.rows.min and not batch.partial:
        found.append(
            IntakeError(
                "INTAKE_ROWS", f"{connector.name} has {batch.declared} rows", f"at least {expect.rows.min} are expected"
            )
        )
    if batch.refused_rows > expect.rejected.max * batch.declared:
        first = "; ".join(f"{reason} ({rows})" for reason, rows in batch.reasons.most_common(3))
        codes = told(unknown_codes(batch.reasons, connector))
        found.append(
            IntakeError(
                "INTAKE_REJECTED",
                f"{batch.refused_rows} of {batch.declared} rows of {connector.name} cannot be read",
                "; ".join(filter(None, [f"at most {expect.rejected.max:.0%} may be rejected", first, codes])),
                f"see them with: hub rejected {batch.id}",
            )
        )
    last = _last(connection, batch) if batch.whole else None
    if last is not None and batch.declared < (1 - expect.shrink.max) * last.declared:
        found.append(
            IntakeError(
                "INTAKE_SHRUNK",
                f"{connector.name} has {batch.declared} rows, after {last.declared} in batch {last.id}",
                f"a snapshot may shrink by {expect.shrink.max:.0%} at most: is it whole?",
                "ask the department; if it is right, raise expect.shrink in the connector",
            )
        )
    return found


def warned(connection: Connection, batch: Batch) -> list[str]:
    """What a batch that can be believed makes one look twice at, by name."""
    expect, found = batch.connector.expect, []
    if expect.rows.max is not None and batch.declared > expect.rows.max:
        found.append(f"{batch.declared} rows, where at most {expect.rows.max} are expected")
    if codes := told(unknown_codes(batch.reasons, batch.connector)):
        found.append(codes)
    same, other = (sum(n for reason, n in batch.reasons.items() if reason.startswith(kind)) for kind in _DOUBLES)
    if same or other:
        found.append(f"{same + other} rows say what another row says: {same} the same, {other} with other values")
    found += _again(connection, batch)
    return found


#: How a row that another row makes superfluous is rejected: word for word, and with other values.
_DOUBLES = ("row: duplicate of", "row: same key as")


def _again(connection: Connection, batch: Batch) -> list[str]:
    """That other files of the same month have been loaded: a correction, or a mistake."""
    earlier = connection.execute(
        select(batches.c.id, batches.c.sealed_at, batches.c.declared)
        .where(
            batches.c.delivery_id == batch.delivery,
            batches.c.period == batch.period,
            batches.c.status == "loaded",
        )
        .order_by(batches.c.id.desc())
    ).all()
    if not earlier or batch.partial or batch.ordered:  # what tells of changes comes as often as there are any
        return []
    effect = {
        "snapshot": "this snapshot replaces it, and what it no longer holds has ended",
        "delta": "these rows are taken in beside it; of a fact known already the later row holds",
        "append": "these rows are added to it; of a fact known already the later row holds",
    }[batch.connector.delivery]
    named = ", ".join(f"batch {one.id} ({one.declared} rows, {one.sealed_at:%Y-%m-%d})" for one in earlier[:3])
    more = f" and {len(earlier) - 3} more" if len(earlier) > 3 else ""
    return [f"{batch.period:%Y-%m} has been loaded before from other files, as {named}{more}: {effect}"]


def write(
    connection: Connection,
    batch: Batch,
    kept: list[Report],
    at: datetime,
    counts: store.Counts,
    refusal: IntakeError | None,
) -> None:
    """The batch itself and its event, with what it changed or why it is refused."""
    loaded = 0 if refusal else batch.declared - batch.refused_rows
    numbers = {"declared": batch.declared, "loaded": loaded, "rejected": batch.refused_rows}
    changes = {"added": counts.added, "changed": counts.changed, "ended": counts.ended}
    connection.execute(
        batches.insert().values(
            **({"id": batch.id} if batch.id else {}),
            delivery_id=batch.delivery,
            period=batch.period,
            digest=batch.digest,
            files=described(batch, kept),
            status="refused" if refusal else "loaded",
            refusal=f"{refusal.code}: {refusal}" if refusal else None,
            started_at=batch.started,
            sealed_at=at,
            loaded_by=batch.by,
            channel=batch.channel,
            replays=batch.replays,
            quality=batch.quality.as_json() if batch.quality.rows and not batch.replays else None,
            partial=batch.partial,
            **numbers,
            **changes,
        )
    )
    loaded_as = Kind.rows_replayed if batch.replays else Kind.batch_loaded
    event = Event(
        kind=Kind.batch_refused if refusal else loaded_as,
        outcome=Outcome.refused if refusal else Outcome.allowed,
        client=batch.by,
        deliveries=[batch.connector.name],
        reasons=[refusal.code] if refusal else [],
        details={
            "batch": batch.id,
            "period": f"{batch.period:%Y-%m}",
            "digest": batch.digest.hex(),
            **({"replays": batch.replays} if batch.replays else {}),
            "channel": batch.channel,
            **numbers,
            **changes,
        },
    )
    signer = Signer(settings().log_origin, batch.keyring.log_signer)
    record_sync(connection, event, signer, seal=batch.keyring.seal)


def record_refusal(connection: Connection, batch: Batch, refused: IntakeError, kept: list[Report]) -> None:
    """A batch that was refused while it was being read: nothing of its transaction is left."""
    cursor: store.Cursor = connection.connection.cursor()  # type: ignore[assignment]
    batch.delivery = store.delivery_id(cursor, batch.connector)
    batch.id = store.next_batch(cursor)
    batch.declared = batch.refused_rows = 0
    write(connection, batch, kept, store.instant(cursor), store.Counts(0, 0, 0), refused)


def record_in_vain(connection: Connection, report: BatchReport, by: str, keyring: Keyring) -> None:
    """That rows were tried again, and nothing came of it."""
    numbers = {"declared": report.declared, "loaded": 0, "rejected": report.rejected}
    event = Event(
        kind=Kind.rows_replayed,
        outcome=Outcome.allowed,
        client=by,
        deliveries=[report.delivery],
        details={"batch": report.batch_id, "changed": 0, **numbers},
    )
    record_sync(connection, event, Signer(settings().log_origin, keyring.log_signer), seal=keyring.seal)
