"""The log on a real PostgreSQL: nothing is confirmed before it is durable, and everything confirmed is proven later."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import psycopg
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from postgres import Database

from hub.audit import merkle, sequencer
from hub.audit.checkpoint import Signer, read_checkpoint
from hub.audit.event import Event, Kind, Outcome, Personal
from hub.audit.log import Log, LogUnavailable, Pending, Recorded, erase, record_sync
from hub.audit.recompute import Report, verify_log
from hub.audit.sequencer import LogDamaged, NotYetPublished, UnknownEvent, consistency, integrate, prove, publish
from hub.audit.verify import Kept, verify_receipt
from hub.sealing import Keyring

SIGNER = Signer("hub.example/audit", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
TABLES = ("event", "personal", "pending", "leaf", "node", "checkpoint")


@pytest.fixture
def db(database: Database) -> Iterator[Database]:
    yield database
    database.execute("truncate " + ", ".join(f"audit_{name}" for name in TABLES))


@asynccontextmanager
async def pool_of(db: Database, role: Any = "writer") -> AsyncIterator[Any]:
    async with asyncpg.create_pool(**db.dsn(role), min_size=1, max_size=6) as pool:
        yield pool


@asynccontextmanager
async def log_of(db: Database, **more: Any) -> AsyncIterator[tuple[Log, Any]]:
    async with pool_of(db) as pool, Log(pool, SIGNER, **more) as log:
        yield log, pool


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def answered(**more: Any) -> Event:
    return Event(**{"kind": Kind.query_answered, "outcome": Outcome.allowed, "client": "c", "grant": "a/b", **more})


def count(db: Database, table: str = "audit_event") -> int:
    return int(db.execute(f"select count(*) from {table}")[0][0])


def verified(db: Database, keyring: Keyring | None = None, more: Sequence[str] = ()) -> Report:
    with db.engine().connect() as connection:
        rows = sequencer.read_rows(connection, keyring.open if keyring else lambda personal, _: personal)
        waiting = list(sequencer.read_waiting(connection))
        return verify_log(
            rows, sequencer.read_checkpoints(connection), SIGNER.vkey, waiting=waiting, kept=Kept(tuple(more))
        )


async def settle(connection: Any) -> None:
    while await integrate(connection):
        pass
    await publish(connection, SIGNER)


async def filled(db: Database, events: int, step: int = 1000) -> list[Recorded]:
    """A log with this many events, integrated and published every `step`."""
    recorded = []
    async with log_of(db) as (log, pool), pool.acquire() as connection:
        for begin in range(0, events, step):
            many = range(begin, min(begin + step, events))
            recorded += await asyncio.gather(
                *(log.record(answered(details={"n": n}), Personal(source=f"192.0.2.{n % 200}")) for n in many)
            )
            await settle(connection)
    return recorded


def filled_log(db: Database, events: int, step: int = 1000) -> list[Recorded]:
    return asyncio.run(filled(db, events, step))


# ----------------------------------------------------------------------------------------------------------- recording


def test_an_event_is_durable_before_its_caller_goes_on(db: Database) -> None:
    async def story() -> None:
        async with log_of(db) as (log, _):

            async def caller() -> bool:
                event = answered()
                receipt = (await log.record(event)).receipt
                with psycopg.connect(db.url.replace("+psycopg", "")) as other:  # no await: nothing else runs between
                    return other.execute(
                        "select 1 from audit_event where event_id = %s", [receipt.event]
                    ).fetchone() == (1,)

            assert all(await asyncio.gather(*(caller() for _ in range(12))))

    run(story())


def test_callers_that_come_together_share_one_commit(db: Database) -> None:
    async def story() -> None:
        async with log_of(db) as (log, _):
            recorded = await asyncio.gather(*(log.record(answered()) for _ in range(64)))
        assert len({one.receipt.event for one in recorded}) == 64
        assert all(verify_receipt(one.receipt.json(), SIGNER.vkey).ok for one in recorded)

    run(story())
    [(events, commits)] = db.execute("select count(*), count(distinct xmin::text) from audit_event")
    assert events == 64
    assert commits < 4
    assert count(db, "audit_pending") == commits


def test_a_group_is_not_larger_than_it_may_be(db: Database) -> None:
    async def story() -> None:
        async with log_of(db, most=10) as (log, _):
            await asyncio.gather(*(log.record(answered()) for _ in range(25)))

    run(story())
    sizes = db.execute("select cardinality(event_ids) from audit_pending")
    assert sum(size for (size,) in sizes) == 25
    assert max(size for (size,) in sizes) <= 10


def test_a_connection_killed_while_committing_gives_no_receipt(db: Database, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        async with log_of(db) as (log, _), pool_of(db, "owner") as others:
            await log.record(answered())
            async with others.acquire() as holder, others.acquire() as killer:
                async with holder.transaction():
                    await holder.execute("lock table audit_pending in access exclusive mode")
                    callers = [asyncio.ensure_future(log.record(answered(client="秘密"))) for _ in range(5)]
                    blocked = "select pid from pg_locks where not granted and relation = 'audit_pending'::regclass"
                    while not (pid := await killer.fetchval(blocked)):  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
                    await killer.execute("select pg_terminate_backend($1)", pid)
                    results = await asyncio.gather(*callers, return_exceptions=True)
                assert [type(result) for result in results] == [LogUnavailable] * 5
            assert count(db) == 1
            assert (await log.record(answered())).receipt  # and the log goes on with another connection

    run(story())
    assert count(db) == 2
    assert "could not be recorded" in caplog.text
    assert "秘密" not in caplog.text


def test_a_database_that_does_not_answer_gives_no_receipt(db: Database) -> None:
    async def story() -> None:
        async with log_of(db, timeout=0.2) as (log, _), pool_of(db, "owner") as others:
            async with others.acquire() as holder, holder.transaction():
                await holder.execute("lock table audit_event in access exclusive mode")
                with pytest.raises(LogUnavailable):
                    await log.record(answered())
            assert (await log.record(answered())).receipt

    run(story())


def test_a_database_that_is_gone_gives_no_receipt(db: Database) -> None:
    async def story() -> None:
        async with log_of(db) as (log, pool):
            await log.record(answered())
            pool.terminate()
            with pytest.raises(LogUnavailable):
                await log.record(answered())

    with suppress(asyncpg.InterfaceError):
        run(story())
    assert count(db) == 1


def test_a_caller_that_leaves_neither_loses_nor_stalls_the_others(db: Database) -> None:
    async def story() -> None:
        async with log_of(db) as (log, _), pool_of(db, "owner") as others:
            async with others.acquire() as holder, holder.transaction():
                await holder.execute("lock table audit_event in access exclusive mode")
                first = asyncio.ensure_future(log.record(answered()))
                await asyncio.sleep(0.05)
                second = [asyncio.ensure_future(log.record(answered())) for _ in range(4)]
                await asyncio.sleep(0)
                first.cancel()
                second[1].cancel()
            results = await asyncio.gather(first, *second, return_exceptions=True)
        assert [type(result) for result in results] == [
            asyncio.CancelledError,
            Recorded,
            asyncio.CancelledError,
            Recorded,
            Recorded,
        ]

    run(story())
    assert count(db) == 5  # what was asked is recorded, whether or not the asker waited


def test_closing_writes_what_is_waiting_and_takes_nothing_more(db: Database) -> None:
    async def story() -> None:
        async with pool_of(db) as pool:
            log = Log(pool, SIGNER, most=3)
            async with log:
                callers = [asyncio.ensure_future(log.record(answered())) for _ in range(10)]
                await asyncio.sleep(0)
            assert all(isinstance(result, Recorded) for result in await asyncio.gather(*callers))
            with pytest.raises(LogUnavailable):
                await log.record(answered())

    run(story())
    assert count(db) == 10


def test_a_malformed_event_harms_only_its_caller(db: Database) -> None:
    async def story() -> None:
        async with log_of(db) as (log, _):
            results = await asyncio.gather(
                log.record(answered()),
                log.record(answered(client="a\0b")),
                log.record(answered(details={"share": 0.5})),
                log.record(answered()),
                return_exceptions=True,
            )
        assert [type(result) for result in results] == [Recorded, ValueError, ValueError, Recorded]

    run(story())
    assert count(db) == 2


def test_admission_can_put_a_refusal_in_the_place_of_an_answer(db: Database, keyring: Keyring) -> None:
    person = uuid4()

    async def admit(connection: Any, group: Sequence[Pending]) -> list[Event | None]:
        await connection.execute("create temp table if not exists seen (xid xid8)")
        await connection.execute("insert into seen select pg_current_xact_id()")
        refusal = answered(kind=Kind.query_refused, outcome=Outcome.refused, reasons=["quota"])
        return [refusal if pending.admit_arg == "too many" else None for pending in group]

    async def story() -> None:
        async with log_of(db, admit=admit, seal=keyring.seal) as (log, pool):
            event, shown = answered(persons=1), Personal(persons=[person], source="192.0.2.1")
            plain, refused, allowed = await asyncio.gather(
                log.record(answered()), log.record(event, shown, "too many"), log.record(answered(), None, "few")
            )
            assert plain.refusal is None
            assert allowed.refusal is None
            assert refused.refusal is not None
            assert refused.refusal.kind == Kind.query_refused
            assert refused.refusal.event_id == event.event_id == refused.receipt.event
            assert verify_receipt(refused.receipt.json(), SIGNER.vkey).ok
            async with pool.acquire() as connection:
                await settle(connection)

    run(story())
    kinds = db.execute("select kind, persons from audit_event order by kind")
    assert kinds == [("query_answered", 0), ("query_answered", 0), ("query_refused", 0)]
    [(event_id, sealed)] = db.execute("select event_id, personal from audit_personal")
    assert keyring.open(sealed, b"audit_personal" + event_id.bytes) == b'{"source":"192.0.2.1"}'
    assert verified(db, keyring).ok


def test_what_admission_wrote_is_lost_when_the_events_are_not_recorded(db: Database) -> None:
    async def admit(connection: Any, group: Sequence[Pending]) -> list[Event | None]:
        await connection.execute(
            "insert into audit_checkpoint (size, root, note, published_at) values (999, '', '', now())"
        )
        return [answered(kind=Kind.query_refused, client="a\0b")]  # which cannot be recorded

    async def story() -> None:
        async with log_of(db, admit=admit) as (log, _):
            with pytest.raises(LogUnavailable):
                await log.record(answered(), None, "x")

    run(story())
    assert count(db) == count(db, "audit_checkpoint") == 0


def test_admission_that_does_not_end_gives_no_receipt(db: Database) -> None:
    async def admit(connection: Any, group: Sequence[Pending]) -> list[Event | None]:
        if group[0].admit_arg == "endless":
            await connection.execute("select pg_sleep(600)")
        return [None] * len(group)

    async def story() -> None:
        async with log_of(db, admit=admit, timeout=0.3) as (log, _):
            with pytest.raises(LogUnavailable):
                await log.record(answered(), None, "endless")
            assert (await log.record(answered(), None, "brief")).receipt

    run(story())
    assert count(db) == 1


def test_a_commit_is_on_disk_even_where_the_database_is_set_to_confirm_sooner(db: Database) -> None:
    seen = []

    async def admit(connection: Any, group: Sequence[Pending]) -> list[Event | None]:
        seen.append(await connection.fetchval("select current_setting('synchronous_commit')"))
        return [None] * len(group)

    async def story() -> None:
        async with log_of(db, admit=admit) as (log, _):
            await log.record(answered(), None, "x")

    [(name,)] = db.execute("select current_database()")
    db.execute(f'alter database "{name}" set synchronous_commit = off')
    run(story())
    engine = db.engine("writer")
    with engine.connect() as connection:
        record_sync(connection, answered(), SIGNER)
        seen.append(connection.scalar(sa.text("select current_setting('synchronous_commit')")))
        connection.commit()
    engine.dispose()
    db.execute(f'alter database "{name}" reset synchronous_commit')
    assert seen == ["on", "on"]


def test_an_event_recorded_in_a_transaction_of_its_own_is_there_when_that_is(db: Database, keyring: Keyring) -> None:
    event = answered(kind=Kind.batch_loaded)
    engine = db.engine("writer")
    with engine.connect() as connection:
        record_sync(connection, event, SIGNER, Personal(source="192.0.2.1"), seal=keyring.seal)
        connection.rollback()
        assert count(db) == 0
        receipt = record_sync(connection, event, SIGNER, Personal(source="192.0.2.1"), seal=keyring.seal)
        connection.commit()
    engine.dispose()
    assert verify_receipt(receipt.json(), SIGNER.vkey).ok

    async def story() -> None:
        async with pool_of(db) as pool, pool.acquire() as connection:
            await settle(connection)
            assert verify_receipt(
                {**await prove(connection, event.event_id), "receipt": receipt.json()}, SIGNER.vkey
            ).ok

    run(story())
    assert verified(db, keyring).ok


# ----------------------------------------------------------------------------------- integrating, publishing and proving


def test_every_receipt_becomes_a_proof(db: Database) -> None:
    recorded = filled_log(db, 300, step=70)

    async def story() -> None:
        async with pool_of(db, "reader") as pool, pool.acquire() as connection:
            for one in recorded[::7]:
                file = {**await prove(connection, one.receipt.event), "receipt": one.receipt.json()}
                assert len(verify_receipt(file, SIGNER.vkey).says) == 3

    run(story())
    assert count(db, "audit_node") == 1  # one node over the first 256 leaves
    assert count(db, "audit_pending") == 0
    report = verified(db)
    assert report.ok
    assert (report.size, report.checkpoints) == (300, 5)


def test_every_checkpoint_is_consistent_with_every_later_one(db: Database) -> None:
    filled_log(db, 280, step=56)
    notes = [
        read_checkpoint(note, SIGNER.verifier)
        for (note,) in db.execute("select note from audit_checkpoint order by size")
    ]
    assert [one.size for one in notes] == [56, 112, 168, 224, 280]

    async def story() -> None:
        async with pool_of(db, "reader") as pool, pool.acquire() as connection:
            for place, old in enumerate(notes):
                for new in notes[place:]:
                    proof = await consistency(connection, old.size, new.size)
                    assert merkle.verify_consistency(old.size, new.size, old.root, new.root, proof)
            with pytest.raises(merkle.ProofInvalid):
                await consistency(connection, 1, 281)

    run(story())


def test_an_event_that_commits_late_is_integrated_late_and_not_passed_over(db: Database) -> None:
    early = answered()
    engine = db.engine("writer")

    async def story(connection: sa.Connection) -> None:
        record_sync(connection, early, SIGNER)  # its id is the smallest, its commit the last
        async with log_of(db) as (log, pool), pool.acquire() as sequence:
            later = [(await log.record(answered())).receipt.event for _ in range(3)]
            assert min(later) > early.event_id
            await settle(sequence)
            connection.commit()
            assert await integrate(sequence) == 1
            await publish(sequence, SIGNER)
            order = [
                row["event_id"] for row in await sequence.fetch("select event_id from audit_leaf order by leaf_index")
            ]
            assert order == [*later, early.event_id]

    with engine.connect() as connection:
        run(story(connection))
    engine.dispose()
    assert verified(db).ok


def test_any_number_of_sequencers_make_one_tree(db: Database) -> None:
    async def story() -> None:
        async with log_of(db, most=7) as (log, pool):
            sequencers = [asyncio.create_task(sequencer.sequence_forever(pool, SIGNER, 0)) for _ in range(3)]
            for _ in range(5):
                await asyncio.gather(*(log.record(answered()) for _ in range(60)))
            while await pool.fetchval("select coalesce(max(size), 0) from audit_checkpoint") < 300:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            for task in sequencers:
                task.cancel()
            await asyncio.gather(*sequencers, return_exceptions=True)

    run(story())
    report = verified(db)
    assert report.ok
    assert report.size == 300


def test_a_sequencer_waits_while_another_is_at_work(db: Database) -> None:
    async def story() -> None:
        async with log_of(db) as (log, pool), pool.acquire() as one, pool.acquire() as other:
            await log.record(answered())
            async with one.transaction():
                await one.execute("select pg_advisory_xact_lock($1)", sequencer.LOCK)
                waiting = [asyncio.ensure_future(integrate(other))]
                blocked = "select count(*) from pg_locks where not granted and locktype = 'advisory'"
                while not await one.fetchval(blocked):
                    assert not waiting[0].done()
                assert await one.fetchval("select count(*) from audit_pending") == 1
            assert await asyncio.gather(*waiting) == [1]

    run(story())


def test_an_event_without_a_checkpoint_over_it_has_a_receipt_and_no_proof_yet(db: Database) -> None:
    async def story() -> None:
        async with log_of(db) as (log, pool), pool.acquire() as connection:
            event = (await log.record(answered())).receipt.event
            with pytest.raises(NotYetPublished):
                await prove(connection, event)
            await integrate(connection)
            with pytest.raises(NotYetPublished):
                await prove(connection, event)
            assert await publish(connection, SIGNER)
            assert await publish(connection, SIGNER) is None
            assert verify_receipt(await prove(connection, event), SIGNER.vkey).ok
            with pytest.raises(UnknownEvent):
                await prove(connection, uuid4())

    run(story())


def test_an_empty_log_publishes_nothing(db: Database) -> None:
    async def story() -> None:
        async with pool_of(db) as pool, pool.acquire() as connection:
            assert await integrate(connection) == 0
            assert await publish(connection, SIGNER) is None

    run(story())


# ---------------------------------------------------------------------------------------------------------- tampering


def place_of(db: Database, index: int) -> UUID:
    [(event_id,)] = db.execute("select event_id from audit_leaf where leaf_index = %s", index)
    return UUID(str(event_id))


def refused(db: Database, event: UUID) -> bool:
    async def story() -> bool:
        async with pool_of(db, "reader") as pool, pool.acquire() as connection:
            try:
                await prove(connection, event)
            except (LogDamaged, UnknownEvent):
                return True
            return False

    return asyncio.run(story())


def test_a_tampered_row_is_found_at_its_index_and_no_longer_proven(db: Database) -> None:
    filled_log(db, 30, step=10)
    event = place_of(db, 17)
    db.execute(
        "update audit_event set leaf = replace(encode(leaf, 'escape'), 'allowed', 'refused')::bytea where event_id = %s",
        event,
    )
    assert [(problem.index, "altered" in problem.says) for problem in verified(db).problems] == [(17, True)]
    assert refused(db, event)
    assert not refused(db, place_of(db, 16))


def test_a_removed_row_is_found_at_its_index(db: Database) -> None:
    filled_log(db, 30, step=10)
    db.execute("delete from audit_event where event_id = %s", place_of(db, 17))
    assert [(problem.index, "missing" in problem.says) for problem in verified(db).problems] == [(17, True)]
    db.execute("delete from audit_leaf where leaf_index = 17")
    assert [(problem.index, "missing" in problem.says) for problem in verified(db).problems] == [(17, True)]


def test_exchanged_rows_are_found_at_their_indexes(db: Database) -> None:
    filled_log(db, 30, step=10)
    first, second = place_of(db, 4), place_of(db, 25)
    for event, index in ((uuid4(), 4), (first, 25), (second, 4)):
        db.execute("update audit_leaf set event_id = %s where leaf_index = %s", event, index)
    assert [(problem.index, "out of order" in problem.says) for problem in verified(db).problems] == [
        (4, True),
        (25, True),
    ]


def test_a_truncated_log_is_found_by_its_checkpoints_and_never_signed_again(db: Database) -> None:
    filled_log(db, 30, step=10)
    kept = [note for (note,) in db.execute("select note from audit_checkpoint")]
    db.execute("delete from audit_leaf where leaf_index >= 25")
    assert [problem.index for problem in verified(db).problems] == [25]

    async def sign() -> None:
        async with pool_of(db) as pool, pool.acquire() as connection:
            await publish(connection, SIGNER)

    with pytest.raises(LogDamaged):
        run(sign())
    db.execute("delete from audit_checkpoint where size > 20")
    run(sign())  # whoever also removes the checkpoint is found by the one that others kept
    assert verified(db).ok
    assert [problem.index for problem in verified(db, more=kept).problems] == [25]


def test_a_tree_rewritten_below_its_last_checkpoint_is_never_signed(db: Database) -> None:
    filled_log(db, 30, step=10)
    db.execute("update audit_leaf set leaf_hash = %s where leaf_index = 3", bytes(32))

    async def story() -> None:
        async with log_of(db) as (log, pool), pool.acquire() as connection:
            await log.record(answered())
            await integrate(connection)
            with pytest.raises(LogDamaged):
                await publish(connection, SIGNER)

    run(story())


def test_an_event_put_in_past_the_hub_is_found(db: Database) -> None:
    filled_log(db, 3)
    waiting, slipped = answered(), uuid4()
    engine = db.engine("writer")
    with engine.begin() as connection:
        record_sync(connection, waiting, SIGNER)
    db.execute(
        "insert into audit_event (event_id, recorded_at, kind, outcome, persons, leaf) values (%s, now(), 'x', 'x', 0, '')",
        slipped,
    )
    with engine.connect() as connection:
        assert sequencer.read_left_out(connection) == [slipped]
    engine.dispose()


def test_erasing_the_personal_part_leaves_every_proof_valid(db: Database) -> None:
    recorded = filled_log(db, 30, step=10)
    assert count(db, "audit_personal") == 30
    event = recorded[12].receipt.event
    with db.engine("owner").begin() as connection:
        assert erase(connection, [event, uuid4()], SIGNER) == [event]
        assert erase(connection, [event], SIGNER) == []
    report = verified(db)
    assert report.ok
    assert (report.erased, report.waiting) == (1, 1)

    async def story() -> None:
        async with pool_of(db, "reader") as pool, pool.acquire() as connection:
            assert verify_receipt(await prove(connection, event), SIGNER.vkey).ok

    run(story())


@pytest.mark.parametrize(
    "change",
    [
        "update audit_pending set leaf_hashes = array[leaf_hashes[2], leaf_hashes[1]]",
        "update audit_pending set event_ids = array[event_ids[2], event_ids[1]]",
        "update audit_pending set event_ids[1] = gen_random_uuid()",
        "delete from audit_event where event_id = (select event_ids[1] from audit_pending)",
    ],
)
def test_what_is_not_the_event_that_was_queued_gets_no_place(db: Database, change: str) -> None:
    async def story() -> None:
        async with log_of(db) as (log, pool):
            await asyncio.gather(log.record(answered()), log.record(answered(client="other")))
            assert count(db, "audit_pending") == 1
            assert verified(db).ok
            db.execute(change)
            async with pool.acquire() as connection:
                with pytest.raises(LogDamaged):
                    await integrate(connection)
        assert (count(db, "audit_pending"), count(db, "audit_leaf")) == (1, 0)
        assert not verified(db).ok

    run(story())


def test_a_sealed_personal_part_that_does_not_open_is_found(db: Database, keyring: Keyring) -> None:
    filled_log(db, 3)  # not sealed, so that nothing opens
    assert [problem.index for problem in verified(db, keyring).problems] == [0, 1, 2]


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_event set persons = 0",
        "delete from audit_event",
        "update audit_leaf set leaf_index = 7",
        "delete from audit_leaf",
        "update audit_node set hash = ''",
        "update audit_checkpoint set note = ''",
        "delete from audit_checkpoint",
        "update audit_personal set salt = ''",
        "delete from audit_personal",
        "truncate audit_event",
    ],
)
@pytest.mark.parametrize("role", ["writer", "reader"])
def test_neither_writer_nor_reader_can_change_or_forget(db: Database, role: Any, statement: str) -> None:
    engine = db.engine(role)
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match=r"permission denied|read-only"):
        connection.execute(sa.text(statement))
    engine.dispose()
