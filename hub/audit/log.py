"""Recording: an event is durable, and the caller has a receipt, before anything is disclosed.

In charge of the first step of the log; touches the database. Callers that come while a commit runs share the next one:
one statement, one commit, one signature for all of them. It refuses (`LogUnavailable`) whenever the database did not
confirm the commit, even if it may have happened: a record too many does no harm.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID

import asyncpg
import sqlalchemy as sa

from hub.store.audit_log import audit_event, audit_pending, audit_personal

from .checkpoint import Signer
from .event import Event, Kind, Leaf, Outcome, Personal, leaf, without_persons
from .receipt import Receipt, sign_receipts

_LOGGER = logging.getLogger(__name__)

Seal = Callable[[bytes, bytes], bytes]
"""`Keyring.seal` or `Keyring.open`: bytes and the context they are bound to."""


class LogUnavailable(Exception):  # noqa: N818 -- says what is the case
    """The event is not known to be durable: nothing may be disclosed."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The receipt, and the event that took the place of the one given, where admission refused it."""

    receipt: Receipt
    refusal: Event | None


@dataclass(slots=True)
class Pending:
    """An event on its way into the log. `admit_arg` is for the admission hook; None means it has nothing to decide."""

    event: Event
    personal: Personal | None
    admit_arg: Any
    leaf: Leaf
    done: asyncio.Future[Recorded]


Admit = Callable[[Any, Sequence[Pending]], Awaitable[Sequence[Event | None]]]
"""Inside the transaction of the group, before its events are written: for each, None or the event to record instead."""

_RECORD = """
with event as (
    insert into audit_event (event_id, recorded_at, kind, outcome, client, scope, persons, leaf)
    select * from unnest(
        $1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::bytea[]
    )
), personal as (
    insert into audit_personal (event_id, salt, personal) select * from unnest($9::uuid[], $10::bytea[], $11::bytea[])
)
insert into audit_pending (event_ids, leaf_hashes) values ($1::uuid[], $12::bytea[])
"""

#: A database that is set to confirm commits before they are on disk confirms too much for a log.
_DURABLE = "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'"


class Log:
    """The recording side of one process. `pool` is asyncpg's, in the writer's role; the log keeps one connection of it.

    `timeout` (seconds) bounds each wait for the database; `most` the events of one commit.
    """

    def __init__(
        self,
        pool: Any,
        signer: Signer,
        *,
        admit: Admit | None = None,
        seal: Seal | None = None,
        timeout: float = 5.0,
        most: int = 500,
    ) -> None:
        self._pool, self._signer, self._admit, self._seal = pool, signer, admit, seal
        self._timeout, self._most = timeout, most
        self._waiting: list[Pending] = []
        self._wake = asyncio.Event()
        self._connection: Any = None
        self._writer: asyncio.Task[None] | None = None
        self._closing = False

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write(), name="audit log writer")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Write what is waiting, then let the connection go."""
        self._closing = True
        self._wake.set()
        if self._writer is not None:
            await self._writer

    async def record(self, event: Event, personal: Personal | None = None, admit_arg: Any = None) -> Recorded:
        """Return once the event is durable. `LogUnavailable` when that is not known; ValueError for a malformed event.

        A caller that is cancelled meanwhile leaves its event in the log: it was asked for.
        """
        if self._writer is None or self._closing or self._writer.done():
            raise LogUnavailable("the log is closed")
        pending = Pending(event, personal, admit_arg, leaf(event, personal), asyncio.get_running_loop().create_future())
        self._waiting.append(pending)
        self._wake.set()
        return await pending.done

    async def _write(self) -> None:
        try:
            while self._waiting or not self._closing:
                if not self._waiting:
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                try:
                    await self._commit(group)
                finally:
                    _fail(group)  # those without an answer, whatever the reason
        finally:
            _fail(self._waiting)
            await self._let_go()

    async def _commit(self, group: list[Pending]) -> None:
        try:
            connection = await self._connected()
            if self._admit is not None and any(pending.admit_arg is not None for pending in group):
                async with asyncio.timeout(self._timeout):
                    transaction = connection.transaction()  # rolled back by letting the connection go, see below
                    await transaction.start()
                    refusals = await self._admit(connection, group)
                    leaves = [_admitted(*pair) for pair in zip(group, refusals, strict=True)]
                    await connection.execute(_RECORD, *_columns(leaves, self._seal))
                    await transaction.commit()
            else:
                refusals = [None] * len(group)
                leaves = [pending.leaf for pending in group]
                await connection.execute(_RECORD, *_columns(leaves, self._seal), timeout=self._timeout)
            receipts = sign_receipts(leaves, self._signer)
        except Exception as error:  # noqa: BLE001 -- whatever it was, these events are not known to be durable
            # The name alone: a database's message quotes rows.
            _LOGGER.error("%d events could not be recorded: %s", len(group), type(error).__name__)  # noqa: TRY400
            await self._let_go()
            return
        for pending, recorded, receipt, refusal in zip(group, leaves, receipts, refusals, strict=True):
            if not pending.done.done():
                pending.done.set_result(Recorded(receipt, None if refusal is None else recorded.event))

    async def _connected(self) -> Any:
        if self._connection is not None:
            try:
                broken = self._connection.is_closed()
            except asyncpg.InterfaceError:  # the pool took it back when it broke
                broken = True
            if broken:
                await self._let_go()
        if self._connection is None:
            self._connection = await self._pool.acquire(timeout=self._timeout)
            await self._connection.execute(_DURABLE, timeout=self._timeout)
        return self._connection

    async def _let_go(self) -> None:
        """Drop the connection: after a failure its state is not known."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(asyncpg.InterfaceError):
                connection.terminate()
            await self._pool.release(connection)


def _admitted(pending: Pending, refusal: Event | None) -> Leaf:
    if refusal is None:
        return pending.leaf
    event = replace(refusal, event_id=pending.event.event_id, at=pending.event.at)
    return leaf(event, without_persons(pending.personal))


def _fail(group: Iterable[Pending]) -> None:
    for pending in group:
        if not pending.done.done():
            pending.done.set_exception(LogUnavailable("the event could not be recorded"))


def _columns(leaves: Sequence[Leaf], seal: Seal | None) -> list[list[Any]]:
    events = [one.event for one in leaves]
    personal = [row for one in leaves if (row := _personal_row(one, seal)) is not None]
    return [
        [event.event_id for event in events],
        [event.at for event in events],
        [event.kind.value for event in events],
        [event.outcome.value for event in events],
        [event.client for event in events],
        [event.grant for event in events],
        [event.persons for event in events],
        [one.public for one in leaves],
        [row[0] for row in personal],
        [row[1] for row in personal],
        [row[2] for row in personal],
        [one.digest for one in leaves],
    ]


def _personal_row(one: Leaf, seal: Seal | None) -> tuple[UUID, bytes, bytes] | None:
    if one.salt is None or one.personal is None:
        return None
    event_id = one.event.event_id
    return event_id, one.salt, seal(one.personal, context(event_id)) if seal else one.personal


def context(event_id: UUID) -> bytes:
    return b"audit_personal" + event_id.bytes


def record_sync(
    connection: sa.Connection,
    event: Event,
    signer: Signer,
    personal: Personal | None = None,
    *,
    seal: Seal | None = None,
) -> Receipt:
    """Record an event in the caller's own transaction, with what it is about. The receipt holds once that commits."""
    one = leaf(event, personal)
    connection.execute(sa.text(_DURABLE))
    connection.execute(
        audit_event.insert().values(
            event_id=event.event_id,
            recorded_at=event.at,
            kind=event.kind.value,
            outcome=event.outcome.value,
            client=event.client,
            scope=event.grant,
            persons=event.persons,
            leaf=one.public,
        )
    )
    if (row := _personal_row(one, seal)) is not None:
        connection.execute(audit_personal.insert().values(row))
    connection.execute(audit_pending.insert().values(event_ids=[event.event_id], leaf_hashes=[one.digest]))
    return sign_receipts([one], signer)[0]


def erase(connection: sa.Connection, event_ids: Iterable[UUID], signer: Signer) -> list[UUID]:
    """Forget the personal parts of events, in the caller's transaction as the owner; those that had one, in order.

    The leaves and every proof stand. One `personal_erased` event names the events, so that verifying can tell what was
    erased from what went missing; where no personal part was left to erase, nothing is recorded.
    """
    there = audit_personal.c.event_id
    gone = sorted(
        connection.scalars(audit_personal.delete().where(there.in_(list(event_ids))).returning(there)),
        key=lambda event_id: event_id.bytes,
    )
    if gone:
        details = {"count": len(gone), "events": [str(event_id) for event_id in gone]}
        record_sync(connection, Event(kind=Kind.personal_erased, outcome=Outcome.allowed, details=details), signer)
    return gone
