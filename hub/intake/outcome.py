"""What became of a batch, in one form for everyone who is told: the pushing client, the drop folder's report.

In charge of reading batches again, by their number or by what was in them. No personal value is in it: counts, reasons,
names of files. Reads the database in any role that sees ``batch`` and ``rejected_row``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Row, func, select

from hub.intake import store
from hub.intake.batch import MOST_REASONS
from hub.intake.rejected import count
from hub.store.lineage import batch, delivery, rejected_row

_TOLD = ("status", "declared", "loaded", "rejected", "added", "changed", "ended")


def digest_of(digests: Iterable[bytes], position: Mapping[str, Any] | None = None) -> bytes:
    """The digest of a batch: over those of its files, in whatever order they came.

    What was fetched is also told by its position: a department may say the same again after it said something else.
    """
    said = sha256(b"".join(sorted(digests)))
    if position is not None:
        said.update(orjson.dumps(dict(position), option=orjson.OPT_SORT_KEYS))
    return said.digest()


def outcome(connection: Connection, name: str, number: int) -> dict[str, Any] | None:
    """What became of batch ``number`` of a delivery; None where it has no such batch."""
    row = connection.execute(_batches(name).where(batch.c.id == number)).one_or_none()
    return None if row is None else _told(connection, name, row)


def outcome_of(connection: Connection, name: str, period: date, digest: bytes) -> dict[str, Any] | None:
    """What became of these very bytes, the last time they came for this month; None where they never did."""
    same = (batch.c.period == period.replace(day=1), batch.c.digest == digest)
    row = connection.execute(_batches(name).where(*same).order_by(batch.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _told(connection, name, row)


def is_loading(engine: Engine, name: str) -> bool:
    """Whether a batch of a delivery is being loaded just now, by any process."""
    with engine.connect() as connection:
        cursor: store.Cursor = connection.connection.cursor()  # type: ignore[assignment]  # psycopg's own
        return store.is_locked(cursor, name)


def _batches(name: str) -> Any:
    return select(batch).join(delivery, delivery.c.id == batch.c.delivery_id).where(delivery.c.name == name)


def _told(connection: Connection, name: str, row: Row[Any]) -> dict[str, Any]:
    reason = func.unnest(rejected_row.c.reasons).label("reason")
    inner = select(reason).where(rejected_row.c.batch_id == row.id).subquery()
    reasons: Counter[str] = Counter()
    for one, rows in connection.execute(select(inner.c.reason, func.count()).group_by(inner.c.reason)):
        here: Counter[str] = Counter()
        count(here, [[one]])
        for told in here:
            reasons[told] += rows
    return {
        "batch": row.id,
        "delivery": name,
        "period": f"{row.period:%Y-%m}",
        **{column: getattr(row, column) for column in _TOLD},
        "refusal": row.refusal,
        "reasons": dict(reasons.most_common(MOST_REASONS)),
        "files": [{key: file[key] for key in ("name", "bytes", "sha256")} for file in row.files],
    }
