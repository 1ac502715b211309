"""A delivered row is taken back: its department says that it should never have come.

In charge of ending what that one row said, as a batch of its own of the same delivery: traced, known from an instant,
and in the access log like every other. Nothing is forgotten: as known before, the row still stands. A delivery that
holds everything says the row again where it is still in the next one; then it is a row of that one, to be taken back
there. Refuses (`IntakeError`) a row of which nothing is known now.
"""

from datetime import UTC, datetime
from hashlib import sha256

from psycopg.sql import SQL, Identifier
from sqlalchemy import Engine, select

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome
from hub.audit.log import record_sync
from hub.errors import IntakeError
from hub.intake import projection, store
from hub.intake.rejected import found_batch
from hub.store.lineage import batch as batches
from hub.store.lineage import delivery as deliveries

_END = SQL("update {} set known_until = %s where batch_id = %s and row_no = %s and known_until = {}")


def withdraw(batch_id: int, row_no: int, *, engine: Engine, signer: Signer, by: str) -> int:
    """End what row ``row_no`` of a batch says; the batch that did it. ``engine``: in the writer's role."""
    started = datetime.now(UTC)
    with engine.begin() as connection:
        found = found_batch(connection, batch_id)
        raw = connection.connection.cursor()
        cursor: store.Cursor = raw  # type: ignore[assignment]  # psycopg's own cursor
        store.lock(cursor, found.name)
        of = select(deliveries.c.target).where(deliveries.c.id == found.delivery_id)
        target: str = connection.execute(of).scalar_one()
        at = store.instant(cursor)
        cursor.execute(_END.format(Identifier(target), store.FOREVER), [at, batch_id, row_no])
        ended = cursor.rowcount
        if not ended:
            raise IntakeError(
                "INTAKE_ROW", f"nothing that is known now comes from row {row_no} of batch {batch_id}", "",
                "it was rejected, or a later batch says otherwise; a finding's evidence names the row it rests on",
            )  # fmt: skip
        projection.withdrawn(cursor, target, at)
        number = store.next_batch(cursor)
        connection.execute(
            batches.insert().values(
                id=number, delivery_id=found.delivery_id, period=found.period,
                digest=sha256(f"withdrawn {batch_id} {row_no} {at.isoformat()}".encode()).digest(),
                files=[], status="loaded", declared=0, loaded=0, rejected=0, ended=ended, started_at=started,
                sealed_at=at, loaded_by=by, channel="withdrawal", replays=found.root, partial=True,
            )
        )  # fmt: skip
        told = {"batch": number, "withdraws": {"batch": batch_id, "row": row_no}, "ended": ended}
        event = Event(
            kind=Kind.row_withdrawn, outcome=Outcome.allowed, client=by, deliveries=[found.name], details=told
        )
        record_sync(connection, event, signer)
    return number
