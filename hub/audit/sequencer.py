"""The sequencer: giving recorded events their place in the tree, publishing the tree, proving from it.

In charge of the two later steps of the log and of reading it; touches the database. It refuses to sign, and to prove
from, a tree that is not the one it signed before (`LogDamaged`).

**integrate** — the event has an index in the tree. One at a time, under a lock, for any number of processes.
**publish** — the tree has a signed checkpoint, and from then on the event has a proof.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa

from hub.store.audit_log import audit_checkpoint, audit_event, audit_leaf, audit_pending, audit_personal

from . import merkle
from .checkpoint import Signer, sign_checkpoint
from .log import Seal, context
from .receipt import InclusionProof, proof_file
from .recompute import Columns, Row, StoredCheckpoint

LOCK = 0x6875625F6C6F67  # "hub_log": whoever gives out indexes or signs holds it
_LOGGER = logging.getLogger(__name__)


class LogDamaged(Exception):  # noqa: N818
    """What is stored is not what was signed: run `hub audit verify`."""


class UnknownEvent(LookupError):  # noqa: N818
    """No event has this id."""


class NotYetPublished(LookupError):  # noqa: N818
    """The event is recorded, but no checkpoint covers it yet: its receipt stands until one does."""


async def integrate(connection: Any, *, groups: int = 32) -> int:
    """Give the next recorded events their place in the tree, oldest first; how many. 0 when none is waiting.

    What waits is a queue, not a range of ids: a transaction that commits late is not passed over. `LogDamaged` when an
    event in the queue is gone or is not the one that was recorded: such a thing gets no place, and stays in the queue.
    """
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", LOCK)
        size = await _size(connection)
        placed = await connection.fetch(_PLACE, groups, size)
        for event in placed:
            if not event["sound"]:
                told = f"event {event['event_id']} waits for its place, and is gone or not the one that was recorded"
                raise LogDamaged(told)
        if placed:
            edge = merkle.frontier(size, await _stored(connection, merkle.cover(0, size)))
            _, completed = merkle.grow(edge, [event["leaf_hash"] for event in placed])
            nodes = [(*node, digest) for node, digest in completed if node[0] and node[0] % merkle.TILE == 0]
            await connection.executemany("insert into audit_node (level, index, hash) values ($1, $2, $3)", nodes)
        return len(placed)


# Takes groups out of the queue and gives their events, in the order of their ids, their places.
_PLACE = """
with taken as (
    delete from audit_pending where id in (select id from audit_pending order by id limit $1)
    returning event_ids, leaf_hashes
), queued as (
    select event_id, leaf_hash, row_number() over (order by event_id) - 1 as place,
           coalesce(sha256('\\x00'::bytea || event.leaf) = leaf_hash, false) as sound
    from taken cross join lateral unnest(event_ids, leaf_hashes) as waiting (event_id, leaf_hash)
    left join audit_event event using (event_id)
), placed as (
    insert into audit_leaf (leaf_index, event_id, leaf_hash) select $2 + place, event_id, leaf_hash from queued
)
select event_id, leaf_hash, sound from queued order by place
"""


async def publish(connection: Any, signer: Signer) -> str | None:
    """Sign and store a checkpoint of the tree as it is; None when the last one still says it.

    `LogDamaged` when the tree does not begin with the tree of the last checkpoint: such a thing is never signed.
    """
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", LOCK)
        size = await _size(connection)
        last = await connection.fetchrow("select size, root from audit_checkpoint order by size desc limit 1")
        if size == (last["size"] if last else 0):
            return None
        if last and (size < last["size"] or await _root(connection, last["size"]) != last["root"]):
            raise LogDamaged(f"the stored tree does not begin with the {last['size']} leaves that were signed")
        root = await _root(connection, size)
        note = sign_checkpoint(size, root, signer)
        await connection.execute(
            "insert into audit_checkpoint (size, root, note, published_at) values ($1, $2, $3, $4)",
            size,
            root,
            note,
            datetime.now(UTC),
        )
        return note


async def sequence_forever(pool: Any, signer: Signer, interval: float = 1.0) -> None:
    """Integrate and publish until cancelled; `interval` in seconds. Any number of processes may."""
    while True:
        try:
            async with pool.acquire() as connection:
                while await integrate(connection):
                    pass
                await publish(connection, signer)
        except LogDamaged as error:
            _LOGGER.critical("nothing is published: %s", error)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            _LOGGER.error("not integrated this time: %s", type(error).__name__)  # noqa: TRY400
        await asyncio.sleep(interval)


# ---------------------------------------------------------------------------------------------------------------- prove


async def prove(connection: Any, event_id: UUID) -> dict[str, Any]:
    """The proof file of an event against the latest checkpoint. `UnknownEvent`, `NotYetPublished`, `LogDamaged`."""
    row = await connection.fetchrow(
        "select leaf, leaf_index from audit_event left join audit_leaf using (event_id) where event_id = $1", event_id
    )
    if row is None:
        raise UnknownEvent(f"no event {event_id}")
    last = await connection.fetchrow("select size, root, note from audit_checkpoint order by size desc limit 1")
    index = row["leaf_index"]
    if last is None or index is None or index >= last["size"]:
        raise NotYetPublished(f"event {event_id} is recorded and will have its proof with the next checkpoint")
    ranges = merkle.inclusion_ranges(index, last["size"])
    hashes = await _prove(connection, ranges)
    if not merkle.verify_inclusion(index, last["size"], merkle.leaf_hash(row["leaf"]), hashes, last["root"]):
        raise LogDamaged(f"leaf {index} is not the one that was signed")
    return proof_file(row["leaf"], InclusionProof(index, tuple(hashes), last["note"]))


async def consistency(connection: Any, old: int, new: int) -> list[bytes]:
    """The proof that the tree of `new` leaves begins with that of `old`. `ProofInvalid` for sizes the log has not."""
    size = await _size(connection)
    if new > size:
        raise merkle.ProofInvalid(f"the log has {size} leaves, not {new}")
    return await _prove(connection, merkle.consistency_ranges(old, new))


async def _prove(connection: Any, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    nodes = [node for begin, end in ranges for node in merkle.cover(begin, end)]
    return merkle.prove(ranges, await _stored(connection, nodes))


async def _size(connection: Any) -> int:
    return int(await connection.fetchval("select coalesce(max(leaf_index) + 1, 0) from audit_leaf"))


async def _root(connection: Any, size: int) -> bytes:
    return merkle.frontier(size, await _stored(connection, merkle.cover(0, size))).root()


async def _stored(connection: Any, nodes: Iterable[merkle.Node]) -> dict[merkle.Node, bytes]:
    """The stored hashes that these nodes are computed from."""
    wanted = merkle.stored(nodes)
    rows = await connection.fetch(
        """
        with wanted as (select * from unnest($1::int[], $2::bigint[], $3::bigint[]) as wanted (level, first, until))
        select 0, leaf_index, leaf_hash
        from wanted join audit_leaf on wanted.level = 0 and leaf_index >= first and leaf_index < until
        union all
        select node.level, node.index, node.hash
        from wanted join audit_node node on node.level = wanted.level and node.index >= first and node.index < until
        """,
        *(list(column) for column in zip(*wanted, strict=True)) if wanted else ([], [], []),
    )
    return {(level, index): digest for level, index, digest in rows}


# -------------------------------------------------------------------------------------------------------- for verifying


_STORED = (
    audit_event.c.leaf,
    audit_personal.c.salt,
    audit_personal.c.personal,
    *(audit_event.c[name] for name in ("event_id", "recorded_at", "kind", "outcome", "client", "scope", "persons")),
)


def read_rows(connection: sa.Connection, unseal: Seal | None = None) -> Iterator[Row]:
    """The log in the order of the tree, streamed. Without `unseal` (`Keyring.open`) personal parts are not checked."""
    statement = (
        sa.select(audit_leaf.c.leaf_index, audit_leaf.c.event_id, audit_leaf.c.leaf_hash, *_STORED)
        .outerjoin_from(audit_leaf, audit_event, audit_event.c.event_id == audit_leaf.c.event_id)
        .outerjoin(audit_personal, audit_personal.c.event_id == audit_leaf.c.event_id)
        .order_by(audit_leaf.c.leaf_index)
    )
    return _rows(connection, statement, unseal)


def read_waiting(connection: sa.Connection, unseal: Seal | None = None) -> Iterator[Row]:
    """What is recorded and has no place in the tree yet, in the order it was recorded."""
    ids, hashes = audit_pending.c.event_ids, audit_pending.c.leaf_hashes
    unnested = sa.func.unnest(ids, hashes).table_valued(
        sa.column("event_id", sa.Uuid), sa.column("leaf_hash", sa.LargeBinary)
    )
    queued = unnested.render_derived().lateral()
    statement = (
        sa.select(sa.null(), queued.c.event_id, queued.c.leaf_hash, *_STORED)
        .select_from(audit_pending)
        .join(queued, sa.true())
        .outerjoin(audit_event, audit_event.c.event_id == queued.c.event_id)
        .outerjoin(audit_personal, audit_personal.c.event_id == queued.c.event_id)
        .order_by(audit_pending.c.id)
    )
    return _rows(connection, statement, unseal)


def _rows(connection: sa.Connection, statement: sa.Select[Any], unseal: Seal | None) -> Iterator[Row]:
    for found in connection.execute(statement.execution_options(yield_per=5000)):
        index, event_id, leaf_hash, public, salt, personal, *beside = found
        columns = None if public is None else Columns(*beside)
        yield Row(index, public, leaf_hash, salt, _opened(event_id, personal, unseal), columns)


def _opened(event_id: UUID, personal: bytes | None, unseal: Seal | None) -> bytes | None:
    if unseal is None or personal is None:
        return None
    try:
        return unseal(personal, context(event_id))
    except Exception:  # noqa: BLE001 -- whatever the cipher raises: what does not open is not what was recorded
        return b""


def read_checkpoints(connection: sa.Connection) -> list[StoredCheckpoint]:
    """All checkpoints that the log keeps, the smallest tree first."""
    table = audit_checkpoint.c
    rows = connection.execute(sa.select(table.note, table.size, table.root).order_by(table.size))
    return [StoredCheckpoint(*row) for row in rows]


def read_left_out(connection: sa.Connection) -> list[UUID]:
    """Events that are neither in the tree nor waiting for it: added past the hub, or taken out of the queue."""
    waiting = sa.select(sa.func.unnest(audit_pending.c.event_ids))
    placed = sa.select(audit_leaf.c.event_id)
    ids = audit_event.c.event_id
    return list(connection.scalars(sa.select(ids).where(ids.not_in(waiting), ids.not_in(placed)).order_by(ids)))
