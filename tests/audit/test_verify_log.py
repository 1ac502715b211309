"""Whatever is done to the stored log, recomputing it says what, and where it begins."""

from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.audit import merkle
from hub.audit.checkpoint import Signer, sign_checkpoint
from hub.audit.event import Event, Kind, Outcome, Personal, leaf
from hub.audit.receipt import sign_receipts
from hub.audit.recompute import Columns, Problem, Row, StoredCheckpoint, verify_log
from hub.audit.verify import Kept, read_kept

SIGNER = Signer("hub.example/audit", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Signer("hub.example/audit", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))


def row(index: int) -> Row:
    event = Event(kind=Kind.query_answered, outcome=Outcome.allowed, details={"n": index})
    one = leaf(event, Personal(source=f"192.0.2.{index}"))
    return Row(index, one.public, merkle.leaf_hash(one.public), one.salt, one.personal)


RECORDED = datetime.now(UTC)
ROWS = [row(index) for index in range(20)]
CHECKPOINTS = [
    sign_checkpoint(size, merkle.root(one.leaf_hash for one in ROWS[:size]), SIGNER) for size in (4, 9, 16, 20)
]


def stored(notes: Iterable[str]) -> list[StoredCheckpoint]:
    """Notes with columns beside them that repeat what they say, signed or not."""
    lines = [(note, note.split("\n")) for note in notes]
    return [StoredCheckpoint(note, int(said[1]), b64decode(said[2])) for note, said in lines]


def problems(rows: list[Row], checkpoints: list[str] = CHECKPOINTS, **more: Any) -> list[tuple[int | None, str]]:
    report = verify_log(rows, stored(checkpoints), SIGNER.vkey, **more)
    return [(problem.index, problem.says) for problem in report.problems]


def moved(one: Row, index: int) -> Row:
    return replace(one, index=index)


def test_an_untouched_log_holds() -> None:
    report = verify_log(iter(ROWS), stored(reversed(CHECKPOINTS)), SIGNER.vkey)
    assert report.ok
    assert (report.size, report.checkpoints, report.erased) == (20, 4, 0)
    assert report.root == merkle.root(one.leaf_hash for one in ROWS)


def test_an_empty_log_without_checkpoints_holds() -> None:
    assert verify_log([], [], SIGNER.vkey).ok


@pytest.mark.parametrize("index", range(20))
def test_an_altered_event_is_found_at_its_index(index: int) -> None:
    rows = [replace(one, leaf=one.leaf + b" ") if one.leaf and one.index == index else one for one in ROWS]
    assert problems(rows) == [(index, f"Leaf {index} was altered: it is not the event that was recorded there.")]


def test_an_event_altered_with_its_hash_is_found_between_two_checkpoints() -> None:
    changed = row(11)
    [(index, says)] = problems([*ROWS[:11], changed, *ROWS[12:]])
    assert index == 9
    assert says.startswith("Leaves 9 to 15 are not those that were signed")


def test_a_removed_event_is_found_at_its_index() -> None:
    rows = [replace(one, leaf=None, salt=None, personal=None) if one.index == 6 else one for one in ROWS]
    assert problems(rows) == [(6, "The event of leaf 6 is missing: removed after it was integrated.")]


@pytest.mark.parametrize(("gone", "said"), [((6,), "Leaf 6"), ((0,), "Leaf 0"), ((6, 7, 8), "Leaf 6 to 8")])
def test_removed_leaves_are_found_at_their_index(gone: tuple[int, ...], said: str) -> None:
    rows = [one for one in ROWS if one.index not in gone]
    assert problems(rows) == [(gone[0], f"{said} missing: removed from the log.")]


def test_a_removed_leaf_whose_place_was_closed_up_is_found() -> None:
    rows = [*ROWS[:6], *(moved(one, place - 1) for place, one in enumerate(ROWS[7:], 7))]
    found = problems(rows)
    assert found[0][0] == 4
    assert found[0][1].startswith("Leaves 4 to 8 are not those that were signed")
    assert found[1] == (19, "The log is cut off: 20 leaves were signed, those from 19 on are missing.")


def test_reordered_events_are_found_at_their_indexes() -> None:
    rows = [*ROWS]
    rows[5], rows[12] = (
        replace(ROWS[12], index=5, leaf_hash=ROWS[5].leaf_hash),
        replace(ROWS[5], index=12, leaf_hash=ROWS[12].leaf_hash),
    )
    assert problems(rows) == [
        (5, "Leaf 5 is out of order: it holds what was recorded as leaf 12."),
        (12, "Leaf 12 is out of order: it holds what was recorded as leaf 5."),
    ]


def test_leaves_reordered_with_their_hashes_are_found_between_two_checkpoints() -> None:
    rows = [*ROWS]
    rows[5], rows[6] = moved(ROWS[6], 5), moved(ROWS[5], 6)
    [(index, says)] = problems(rows)
    assert index == 4
    assert "another order" in says


@pytest.mark.parametrize("kept", [0, 3, 16, 19])
def test_a_log_cut_off_is_found_by_a_checkpoint_that_somebody_kept(kept: int) -> None:
    said = f"The log is cut off: 20 leaves were signed, those from {kept} on are missing."
    assert problems(ROWS[:kept], [CHECKPOINTS[-1]]) == [(kept, said)]


def test_a_leaf_added_in_the_past_is_found() -> None:
    rows = [*ROWS[:6], moved(row(99), 6), *(moved(one, place + 1) for place, one in enumerate(ROWS[6:], 6))]
    assert problems(rows)[0][0] == 4


def test_a_leaf_that_stands_twice_is_found() -> None:
    assert problems([*ROWS[:6], ROWS[5], *ROWS[6:]]) == [(5, "Leaf 5 stands in the log twice.")]


def test_a_log_rewritten_and_signed_anew_by_another_key_is_found() -> None:
    rows = [row(index) for index in range(20)]
    forged = sign_checkpoint(20, merkle.root(one.leaf_hash for one in rows), OTHER)
    [(index, says)] = problems(rows, [forged])
    assert index is None
    assert says.startswith("Checkpoint 1 is forged or damaged: not signed by")


def test_a_log_rewritten_and_signed_anew_by_its_own_key_is_found_by_a_checkpoint_that_somebody_kept() -> None:
    rows = [row(index) for index in range(20)]
    anew = sign_checkpoint(20, merkle.root(one.leaf_hash for one in rows), SIGNER)
    assert not problems(rows, [anew])
    assert problems(rows, [anew, CHECKPOINTS[1]])[0][1].startswith("Leaves 0 to 8 are not those that were signed")
    assert "it told two stories" in problems(rows, [anew, CHECKPOINTS[3]])[0][1]


def erasure(index: int, of: Sequence[Row]) -> Row:
    events = [orjson.loads(one.leaf or b"")["id"] for one in of]
    one = leaf(Event(kind=Kind.personal_erased, outcome=Outcome.allowed, details={"events": events}))
    return Row(index, one.public, one.digest)


def test_erasing_the_personal_part_is_no_tampering_where_the_log_tells_of_it() -> None:
    rows = [replace(one, salt=None, personal=None) if one.index in {3, 6, 9} else one for one in ROWS]
    told = erasure(20, [ROWS[3], ROWS[6], ROWS[9]])
    for more, waiting in ([told], []), ([], [replace(told, index=None)]):
        report = verify_log([*rows, *more], stored(CHECKPOINTS), SIGNER.vkey, waiting=waiting)
        assert (report.problems, report.erased) == ((), 3)


def test_personal_parts_that_no_erasure_names_are_found() -> None:
    rows = [replace(one, salt=None, personal=None) if one.index in {3, 6, 9} else one for one in ROWS]
    assert problems(rows) == [(3, "3 personal parts are missing that no personal_erased event names.")]
    assert problems([*rows, erasure(20, [ROWS[3]])]) == [
        (6, "2 personal parts are missing that no personal_erased event names.")
    ]


def test_an_erasure_that_did_not_happen_is_found() -> None:
    [(index, says)] = problems([*ROWS, erasure(20, [ROWS[3]])])
    assert index is None
    assert "said to have their personal part erased" in says


def test_leaves_that_no_checkpoint_covers_are_found_once_they_are_old() -> None:
    assert problems(ROWS, CHECKPOINTS[:3], now=RECORDED) == []
    later = RECORDED + timedelta(minutes=6)
    assert problems(ROWS, now=later) == []
    for left, first in (3, 16), (0, 0):
        [(index, says)] = problems(ROWS, CHECKPOINTS[:left], now=later)
        assert index == first
        assert "checkpoints were removed" in says
    kept = Kept(tuple(CHECKPOINTS))  # what others kept vouches for the leaves, not for the log's own checkpoints
    assert problems(ROWS, [], now=later, kept=kept)[0][0] == 0


def test_what_is_held_by_others_is_in_the_log_or_waits_for_it() -> None:
    one = leaf(Event(kind=Kind.check_run, outcome=Outcome.allowed))
    [receipt] = sign_receipts([one], SIGNER)
    kept = read_kept(receipt.json(), SIGNER.verifier)
    assert problems(ROWS, kept=kept) == [
        (None, f"Event {one.event.event_id} is not in the log, and somebody holds its receipt or proof.")
    ]
    assert problems(ROWS, kept=kept, waiting=[Row(None, one.public, one.digest)]) == []
    assert problems([*ROWS, Row(20, one.public, one.digest)], kept=kept) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("event_id", UUID(int=7)),
        ("recorded_at", datetime(2020, 1, 1, tzinfo=UTC)),
        ("kind", "query_refused"),
        ("outcome", "refused"),
        ("client", "someone"),
        ("scope", "x/y"),
        ("persons", 7),
    ],
)
def test_a_column_that_differs_from_its_leaf_is_found(column: str, value: Any) -> None:
    event = Event(kind=Kind.query_answered, outcome=Outcome.allowed, client="office", grant="office/all", persons=1)
    one = leaf(event)
    columns = Columns(event.event_id, event.at, event.kind, event.outcome, event.client, event.grant, event.persons)
    for index in 0, None:
        at = {"rows": [Row(0, one.public, one.digest, columns=columns)]} if index == 0 else {"rows": []}
        row = Row(index, one.public, one.digest, columns=replace(columns, **{column: value}))
        assert verify_log(at["rows"], [], SIGNER.vkey).ok
        report = verify_log([row] if index == 0 else [], [], SIGNER.vkey, waiting=[row] if index is None else [])
        name = "Leaf 0" if index == 0 else "An event that waits"
        assert report.problems == (Problem(index, f"{name} is stored with another {column} than was recorded."),)


def test_a_checkpoint_stored_beside_another_root_is_found() -> None:
    [*rest, last] = stored(CHECKPOINTS)
    for other in replace(last, root=bytes(32)), replace(last, size=19):
        [problem] = verify_log(ROWS, [*rest, other], SIGNER.vkey).problems
        assert "another size or root" in problem.says


def test_an_exchanged_personal_part_is_found() -> None:
    rows = [replace(one, personal=ROWS[4].personal) if one.index == 3 else one for one in ROWS]
    assert problems(rows) == [(3, "The personal part of leaf 3 is not the one that was recorded.")]


def test_a_personal_part_put_where_none_was_recorded_is_found() -> None:
    bare = leaf(Event(kind=Kind.check_run, outcome=Outcome.allowed))
    rows = [Row(0, bare.public, merkle.leaf_hash(bare.public), b"salt", b"{}")]
    assert problems(rows, []) == [(0, "The personal part of leaf 0 is not the one that was recorded.")]
