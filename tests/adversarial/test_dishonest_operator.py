"""An operator with SQL access edits the access log: what recomputing it against its checkpoints finds.

Each change is made in a copy of the log's tables' rows and taken back, so that the next test begins with a log that holds.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
import pytest
from postgres import Database
from query_city import city, give, hub, resident_id  # noqa: F401

from hub.audit.log import erase
from hub.audit.recompute import verify_log
from hub.audit.sequencer import read_checkpoints, read_left_out, read_rows, read_waiting
from hub.audit.verify import Kept

TABLES = ("audit_event", "audit_personal", "audit_pending", "audit_leaf", "audit_node", "audit_checkpoint")


@pytest.fixture(scope="module")
def log(hub: Any, database: Database, keyring: Any) -> Any:
    """A log of nine answers under three checkpoints, and what verifying it says."""
    for number in range(1, 10):
        assert hub.ask('{ person(residentId: "%s") { name } }' % resident_id(number)).status == 200
        if number % 3 == 0:
            hub.integrate()

    def problems(kept: list[str] | None = None, now: Any = lambda: None) -> list[str]:
        with database.engine("owner").connect() as connection:
            report = verify_log(
                read_rows(connection, keyring.open),
                read_checkpoints(connection),
                hub.signer.vkey,
                waiting=list(read_waiting(connection, keyring.open)),
                kept=Kept(tuple(kept or ())),
                now=now(),
            )
            left_out = read_left_out(connection)
        return [problem.says for problem in report.problems] + [f"left out: {one}" for one in left_out]

    assert problems() == []
    return problems


@pytest.fixture
def edit(database: Database, log: Any) -> Iterator[Any]:
    for table in TABLES:
        database.execute(f"create table kept_{table} as table {table}")

    yield database.execute
    for table in TABLES:
        database.execute(f"truncate {table}")
        database.execute(f"insert into {table} overriding system value select * from kept_{table}")
        database.execute(f"drop table kept_{table}")
    assert log() == []


def ids(edit: Any) -> list[str]:
    return [str(row[0]) for row in edit("select event_id from audit_leaf order by leaf_index")]


CAUGHT = {
    "an event's words are changed": ["update audit_event set leaf = replace(encode(leaf, 'escape'), 'office', 'offise')::bytea where event_id = %(3)s"],
    "and so is the hash beside its place": [
        "update audit_event set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'office', 'offise'), 'UTF8') where event_id = %(3)s",
        "update audit_leaf l set leaf_hash = sha256('\\x00'::bytea || e.leaf) from audit_event e where e.event_id = l.event_id",
    ],
    "two events change places": [
        "update audit_leaf set leaf_index = 100 where event_id = %(2)s",
        "update audit_leaf set leaf_index = 2 where event_id = %(5)s",
        "update audit_leaf set leaf_index = 5 where leaf_index = 100",
    ],
    "two events swap their words": [
        "update audit_event a set leaf = b.leaf from audit_event b where (a.event_id, b.event_id) in ((%(2)s, %(5)s), (%(5)s, %(2)s))"
    ],
    "an event goes": ["delete from audit_event where event_id = %(4)s"],
    "an event and its place go": ["delete from audit_event where event_id = %(4)s", "delete from audit_leaf where event_id = %(4)s"],
    "an event goes and the others close up": [
        "delete from audit_event where event_id = %(4)s",
        "delete from audit_leaf where event_id = %(4)s",
        "update audit_leaf set leaf_index = leaf_index + 1000 where leaf_index > 4",
        "update audit_leaf set leaf_index = leaf_index - 1001 where leaf_index > 1000",
    ],
    "the tail goes, the checkpoints stay": ["delete from audit_event where event_id >= %(6)s", "delete from audit_leaf where leaf_index >= 6"],
    "an event is put in past the hub": [
        "insert into audit_event select gen_random_uuid(), recorded_at, kind, outcome, client, scope, persons, leaf from audit_event limit 1"
    ],
    "an event is put in with a place behind the last checkpoint's, then signed for": [
        "insert into audit_leaf select 9, gen_random_uuid(), '\\x00'::bytea"
    ],
    "an event is put in between": [
        "update audit_leaf set leaf_index = leaf_index + 1000 where leaf_index >= 4",
        "update audit_leaf set leaf_index = leaf_index - 999 where leaf_index >= 1000",
        "insert into audit_leaf select 4, gen_random_uuid(), leaf_hash from audit_leaf where leaf_index = 0",
    ],
    "a checkpoint's root is changed in its note": [
        "update audit_checkpoint set note = replace(note, chr(10) || '6' || chr(10), chr(10) || '5' || chr(10)) where size = 6"
    ],
    "a personal part is changed": ["update audit_personal set personal = (select personal from kept_audit_personal where event_id = %(1)s) where event_id = %(2)s"],
    "a personal part takes another salt": ["update audit_personal set salt = '\\x00112233445566778899aabbccddeeff' where event_id = %(2)s"],
    "an event leaves the tree and the queue": ["delete from audit_leaf where leaf_index >= 6", "delete from audit_checkpoint where size > 6"],
    "the columns that accessLog shows": ["update audit_event set client = 'someone', kind = 'query_refused', outcome = 'refused' where event_id = %(3)s"],
    "when it was recorded": ["update audit_event set recorded_at = '2020-01-01' where event_id = %(3)s"],
    "how many persons were shown": ["update audit_event set persons = 0 where event_id = %(3)s"],
    "the number by which receiptProof finds an event": [
        "update audit_event set event_id = '00000000-0000-7000-8000-000000000001' where event_id = %(3)s",
        "update audit_personal set event_id = '00000000-0000-7000-8000-000000000001' where event_id = %(3)s",
        "update audit_leaf set event_id = '00000000-0000-7000-8000-000000000001' where event_id = %(3)s",
    ],
    "a personal part goes": ["delete from audit_personal where event_id = %(3)s"],
    "a queue row names an event that is not there": [
        "insert into audit_pending (event_ids, leaf_hashes) values (array[gen_random_uuid()], array[sha256('x')])"
    ],
    "a queue row names an event that has its place": [
        "insert into audit_pending (event_ids, leaf_hashes) select array[event_id], array[leaf_hash] from audit_leaf where leaf_index = 3"
    ],
    "the root beside a checkpoint's note": ["update audit_checkpoint set root = sha256('x')"],
    "the size beside a checkpoint's note": ["update audit_checkpoint set size = 8 where size = 9"],
}  # fmt: skip


@pytest.mark.parametrize("what", CAUGHT)
def test_verifying_names_what_an_operator_changed(log: Any, edit: Any, what: str) -> None:
    events = {str(place): event for place, event in enumerate(ids(edit))}
    for statement in CAUGHT[what]:
        for place, event in events.items():
            statement = statement.replace(f"%({place})s", f"'{event}'::uuid")  # noqa: PLW2901
        edit(statement)
    assert log()


@pytest.mark.parametrize("size", [0, 6])
def test_checkpoints_that_go_are_missed_after_some_minutes(log: Any, edit: Any, size: int) -> None:
    edit("delete from audit_checkpoint where size > %s", size)
    later = datetime.now(UTC) + timedelta(minutes=6)
    assert any("checkpoints were removed" in problem for problem in log(now=lambda: later))


def test_after_erasing_nobody_can_try_persons_against_the_leaf(hub: Any, edit: Any, database: Database) -> None:
    query = '{ enrollmentStatus(residentIds: ["%s"], insurance: "injury") { residentId status } }'
    told = hub.ask(query % resident_id(17))
    event = told.extensions["receipt"]["event"]
    with database.engine("owner").begin() as connection:
        assert erase(connection, [UUID(event)], hub.signer)
    [(leaf,)] = edit("select leaf from audit_event where event_id = %s", event)
    answer = told.answer.body.removeprefix(b'{"data":').partition(b',"extensions"')[0]
    for told_of in (query % resident_id(17)).encode(), answer:
        assert sha256(told_of).hexdigest().encode() not in leaf
    assert {"operation", "answer"}.isdisjoint(orjson.loads(leaf))


def test_cutting_the_log_with_its_checkpoints_is_seen_by_whoever_kept_one(log: Any, edit: Any) -> None:
    """From inside, a log that lost its end with its checkpoints is a shorter log. That is what witnesses are for."""
    kept = [row[0] for row in edit("select note from audit_checkpoint")]
    for event in ids(edit)[6:]:
        edit("delete from audit_event where event_id = %s", event)
        edit("delete from audit_personal where event_id = %s", event)
    edit("delete from audit_leaf where leaf_index >= 6")
    edit("delete from audit_checkpoint where size > 6")
    assert log() == []
    assert any("cut off" in problem for problem in log(kept))


def test_a_rewritten_end_is_seen_by_whoever_kept_a_checkpoint(hub: Any, log: Any, edit: Any) -> None:
    """The hub signs what it is given: an end that was cut and grew again is a second story about the same size."""
    kept = [row[0] for row in edit("select note from audit_checkpoint")]
    for event in ids(edit)[6:]:
        edit("delete from audit_event where event_id = %s", event)
        edit("delete from audit_personal where event_id = %s", event)
    edit("delete from audit_leaf where leaf_index >= 6")
    edit("delete from audit_checkpoint where size > 6")
    for number in (11, 12, 13):
        hub.ask('{ person(residentId: "%s") { name } }' % resident_id(number))
    hub.integrate()
    assert log() == []
    assert any("two stories" in problem for problem in log(kept))


def test_nothing_is_signed_that_does_not_begin_with_what_was_signed(hub: Any, edit: Any) -> None:
    from hub.audit.sequencer import LogDamaged

    edit("update audit_leaf set leaf_hash = sha256('x') where leaf_index = 2")
    hub.ask("{ deliveries { nodes { name } } }")
    with pytest.raises(LogDamaged):
        hub.integrate()
