"""Whatever is done to the stored log, recomputing it says what, and where it begins."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.audit import merkle
from hub.audit.checkpoint import Signer, sign_checkpoint
from hub.audit.event import Event, Kind, Outcome, Personal, leaf
from hub.audit.verify import Row, verify_log

SIGNER = Signer("hub.example/audit", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Signer("hub.example/audit", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))


def row(index: int) -> Row:
    event = Event(kind=Kind.query_answered, outcome=Outcome.allowed, details={"n": index})
    one = leaf(event, Personal(source=f"192.0.2.{index}"))
    return Row(index, one.public, merkle.leaf_hash(one.public), one.salt, one.personal)


ROWS = [row(index) for index in range(20)]
CHECKPOINTS = [
    sign_checkpoint(size, merkle.root(one.leaf_hash for one in ROWS[:size]), SIGNER) for size in (4, 9, 16, 20)
]


def problems(rows: list[Row], checkpoints: list[str] = CHECKPOINTS) -> list[tuple[int | None, str]]:
    return [(problem.index, problem.says) for problem in verify_log(rows, checkpoints, SIGNER.vkey).problems]


def moved(one: Row, index: int) -> Row:
    return replace(one, index=index)


def test_an_untouched_log_holds() -> None:
    report = verify_log(iter(ROWS), reversed(CHECKPOINTS), SIGNER.vkey)
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
    changed = replace(row(11), salt=None, personal=None)
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
    rows = [*ROWS[:6], *(moved(one, one.index - 1) for one in ROWS[7:])]
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
    rows = [*ROWS[:6], moved(row(99), 6), *(moved(one, one.index + 1) for one in ROWS[6:])]
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


def test_erasing_the_personal_part_is_no_tampering() -> None:
    rows = [replace(one, salt=None, personal=None) if one.index % 3 == 0 else one for one in ROWS]
    report = verify_log(rows, CHECKPOINTS, SIGNER.vkey)
    assert report.ok
    assert report.erased == 7


def test_an_exchanged_personal_part_is_found() -> None:
    rows = [replace(one, personal=ROWS[4].personal) if one.index == 3 else one for one in ROWS]
    assert problems(rows) == [(3, "The personal part of leaf 3 is not the one that was recorded.")]


def test_a_personal_part_put_where_none_was_recorded_is_found() -> None:
    bare = leaf(Event(kind=Kind.check_run, outcome=Outcome.allowed))
    rows = [Row(0, bare.public, merkle.leaf_hash(bare.public), b"salt", b"{}")]
    assert problems(rows, []) == [(0, "The personal part of leaf 0 is not the one that was recorded.")]
