"""Verifying without trusting: receipts and proofs offline, and the whole log against what it signed.

In charge of saying, in sentences, what holds and what does not; pure, no database, no private key. It raises nothing
for what was tampered with: that is its result.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from . import merkle
from .checkpoint import Checkpoint, NoteInvalid, Verifier, encode, read_checkpoint, read_vkey
from .event import commitment
from .receipt import read_proof, read_receipt, verify_signed


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether everything holds, and what was found, a sentence each."""

    ok: bool
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One place of the log as it is stored now.

    `leaf` is None where the event is gone, `leaf_hash` is what the sequencer noted beside the index. `salt` is None
    where the personal part was erased or never was, `personal` also where nobody opened it.
    """

    index: int
    leaf: bytes | None
    leaf_hash: bytes
    salt: bytes | None = None
    personal: bytes | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """`index`: the first leaf it concerns; None where it is no leaf's."""

    index: int | None
    says: str


@dataclass(frozen=True, slots=True)
class Report:
    """What recomputing the log found: `problems` in the order of the leaves, those of no leaf first."""

    size: int
    root: bytes
    checkpoints: int
    erased: int
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


def verify_receipt(document: str | bytes | Mapping[str, Any], vkey: str) -> Verdict:
    """Verify a receipt, or a proof file with or without one, by the log's public key alone."""
    try:
        verifier = read_vkey(vkey)
        file = document if isinstance(document, Mapping) else _object(document)
        if "proof" not in file:
            return Verdict(
                ok=True, says=(_receipt(file, verifier), "It has no place in the tree yet: ask for its proof.")
            )
        return Verdict(ok=True, says=tuple(_proof(file, verifier)))
    except NoteInvalid as error:
        return Verdict(ok=False, says=(f"Not valid: {error}.",))


def _object(document: str | bytes) -> Mapping[str, Any]:
    try:
        file = orjson.loads(document)
    except orjson.JSONDecodeError:
        raise NoteInvalid("the file is not JSON") from None
    if not isinstance(file, dict):
        raise NoteInvalid("the file holds no receipt and no proof")
    return file


def _receipt(file: Mapping[str, Any], verifier: Verifier) -> str:
    receipt = read_receipt(file)
    verify_signed(receipt, verifier)
    return f"{verifier.name} signed that event {receipt.event} was recorded at {receipt.at}."


def _proof(file: Mapping[str, Any], verifier: Verifier) -> Iterable[str]:
    leaf, text = file.get("leaf"), file["proof"]
    if not isinstance(leaf, str) or not isinstance(text, str):
        raise NoteInvalid("a proof file holds the leaf and the proof as text")
    proof = read_proof(text)
    checkpoint = read_checkpoint(proof.checkpoint, verifier)
    digest = merkle.leaf_hash(leaf.encode())
    if not merkle.verify_inclusion(proof.index, checkpoint.size, digest, proof.hashes, checkpoint.root):
        raise NoteInvalid(f"the leaf is not at {proof.index} in the tree of {checkpoint.size} leaves that was signed")
    event = _object(leaf)
    yield f"Event {event.get('id')} ({event.get('kind')}, {event.get('at')}) is leaf {proof.index} of {verifier.name}."
    yield f"The tree of {checkpoint.size} leaves that holds it was signed by the log."
    if (receipt := file.get("receipt")) is not None:
        if not isinstance(receipt, Mapping):
            raise NoteInvalid("not a receipt")
        says = _receipt(receipt, verifier)
        if read_receipt(receipt).leaf_hash != digest:
            raise NoteInvalid("the receipt is of another event than the proof")
        yield says


def verify_log(rows: Iterable[Row], checkpoints: Iterable[str], vkey: str) -> Report:
    """Recompute the tree from the stored events and hold it against every checkpoint.

    `rows` in the order of their index, streamed; `checkpoints` in any order, the log's own and those that others kept.
    """
    verifier = read_vkey(vkey)
    signed, problems = _read_checkpoints(checkpoints, verifier)
    walk = _Walk(signed)
    for row in rows:
        walk.take(row)
    walk.finish()
    problems += sorted(walk.problems, key=lambda problem: problem.index or 0)
    return Report(walk.tree.size, walk.tree.root(), len(signed), walk.erased, tuple(problems))


def _read_checkpoints(notes: Iterable[str], verifier: Verifier) -> tuple[dict[int, Checkpoint], list[Problem]]:
    signed: dict[int, Checkpoint] = {}
    problems = []
    for number, note in enumerate(notes, 1):
        try:
            checkpoint = read_checkpoint(note, verifier)
        except NoteInvalid as error:
            problems.append(Problem(None, f"Checkpoint {number} is forged or damaged: {error}."))
            continue
        if signed.setdefault(checkpoint.size, checkpoint) != checkpoint:
            problems.append(
                Problem(None, f"The log signed two different trees of {checkpoint.size} leaves: it told two stories.")
            )
    return signed, problems


class _Walk:
    """One pass over the stored leaves."""

    def __init__(self, signed: Mapping[int, Checkpoint]) -> None:
        self.signed = signed
        self.tree = merkle.Frontier()
        self.problems: list[Problem] = []
        self.erased = 0
        self._good = 0  # the size up to which a checkpoint vouches for the leaves
        self._whole = (
            True  # no leaf is missing without its hash, and no checkpoint failed: later ones can be held against
        )
        self._next = 0
        self._altered: dict[int, tuple[bytes, bytes]] = {}  # index → hash now, hash when it was integrated

    def take(self, row: Row) -> None:
        if row.index < self._next:
            self._say(row.index, f"Leaf {row.index} stands in the log twice.")
            return
        if row.index > self._next:
            until = f" to {row.index - 1}" if row.index - 1 > self._next else ""
            self._say(self._next, f"Leaf {self._next}{until} missing: removed from the log.")
            self._whole = False
        self._next = row.index + 1
        if row.leaf is None:
            self._say(row.index, f"The event of leaf {row.index} is missing: removed after it was integrated.")
        else:
            now = merkle.leaf_hash(row.leaf)
            if now != row.leaf_hash:
                self._altered[row.index] = now, row.leaf_hash
            else:
                self._personal(row, row.leaf)
        # By the hash noted at integrating, so that the checkpoints tell whether that is genuine.
        self.tree, _ = merkle.grow(self.tree, [row.leaf_hash])
        if self._whole:
            self._hold_against(self.signed.get(self.tree.size))

    def finish(self) -> None:
        noted = {then: index for index, (_, then) in self._altered.items()}
        for index, (now, _) in self._altered.items():
            if now in noted:
                self._say(index, f"Leaf {index} is out of order: it holds what was recorded as leaf {noted[now]}.")
            else:
                self._say(index, f"Leaf {index} was altered: it is not the event that was recorded there.")
        largest = max(self.signed, default=0)
        if self._next < largest:
            self._say(
                self._next,
                f"The log is cut off: {largest} leaves were signed, those from {self._next} on are missing.",
            )

    def _hold_against(self, checkpoint: Checkpoint | None) -> None:
        if checkpoint is None:
            return
        if checkpoint.root == self.tree.root():
            self._good = checkpoint.size
            return
        self._whole = False
        self._say(
            self._good,
            f"Leaves {self._good} to {checkpoint.size - 1} are not those that were signed: the log says "
            f"{encode(self.tree.root())} where the checkpoint of {checkpoint.size} leaves says "
            f"{encode(checkpoint.root)}. At least one of them was altered, replaced or put in another order.",
        )

    def _personal(self, row: Row, leaf: bytes) -> None:
        if b'"personal"' not in leaf and row.salt is None:
            return
        said = orjson.loads(leaf).get("personal")
        if row.salt is None:
            self.erased += said is not None
        elif row.personal is not None and said != commitment(row.salt, row.personal):
            self._say(row.index, f"The personal part of leaf {row.index} is not the one that was recorded.")

    def _say(self, index: int, says: str) -> None:
        self.problems.append(Problem(index, says))
