"""Recomputing the whole log: what is stored against what was signed, and against what somebody kept elsewhere.

In charge of saying, in sentences, what does not hold and from which leaf on; pure, no database, no private key. It
raises nothing for what was tampered with: that is its result.

What no recomputing can find, because the hub itself signs:

- an operator who adds events through the queue gets them signed like any other: the log proves that nothing was taken
  out or changed, not that everything in it happened;
- until an event has its place (about a second), only the holder of its receipt knows of it;
- a log cut off together with its checkpoints, or begun anew, is a shorter log. Whoever kept a checkpoint or a receipt
  elsewhere finds it: hand them in (`kept`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from . import merkle
from .checkpoint import Checkpoint, NoteInvalid, Verifier, encode, read_checkpoint, read_vkey
from .event import Kind, commitment, instant
from .verify import Kept

#: How long after an event a checkpoint must cover its leaf. One is signed every second while a hub serves.
COVERED_WITHIN: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns beside a leaf, which repeat what it says for filtering."""

    event_id: UUID
    recorded_at: datetime
    kind: str
    outcome: str
    client: str | None
    scope: str | None
    persons: int

    def differing(self, said: Mapping[str, Any]) -> list[str]:
        """Those that do not equal what the leaf says."""
        pairs = {
            "event_id": (str(self.event_id), said.get("id")),
            "recorded_at": (instant(self.recorded_at.astimezone(UTC)), said.get("at")),
            "kind": (self.kind, said.get("kind")),
            "outcome": (self.outcome, said.get("outcome")),
            "client": (self.client or None, said.get("client")),
            "scope": (self.scope or None, said.get("grant")),
            "persons": (self.persons, said.get("persons")),
        }
        return [name for name, (stored, signed) in pairs.items() if stored != signed]


@dataclass(frozen=True, slots=True)
class Row:
    """One place of the log as it is stored now.

    `index` is None for an event that waits for its place. `leaf` is None where the event is gone, `leaf_hash` is what
    was noted beside the index, or in the queue. `salt` is None where the personal part was erased or never was,
    `personal` also where nobody opened it.
    """

    index: int | None
    leaf: bytes | None
    leaf_hash: bytes
    salt: bytes | None = None
    personal: bytes | None = None
    columns: Columns | None = None


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A signed note, and the columns beside it that repeat what it says."""

    note: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Problem:
    """`index`: the first leaf it concerns; None where it is no leaf's."""

    index: int | None
    says: str


@dataclass(frozen=True, slots=True)
class Report:
    """What recomputing the log found: `problems` in the order of the leaves, those of no leaf first.

    `checkpoints` counts sizes, the log's own and the kept ones. `waiting`: events recorded that have no place yet.
    """

    size: int
    root: bytes
    checkpoints: int
    erased: int
    waiting: int
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


def verify_log(
    rows: Iterable[Row],
    checkpoints: Iterable[StoredCheckpoint],
    vkey: str,
    *,
    waiting: Iterable[Row] = (),
    kept: Kept | None = None,
    now: datetime | None = None,
) -> Report:
    """Recompute the tree from the stored events and hold it against every checkpoint, the log's own and the kept ones.

    `rows` in the order of their index, streamed; all that is stored from one snapshot of the database. `now` (UTC) is
    when it was taken; without it, leaves that no checkpoint covers are taken for new.
    """
    verifier, kept, stored = read_vkey(vkey), kept or Kept(), list(checkpoints)
    signed, problems = _read_checkpoints([one.note for one in stored], verifier, "Checkpoint")
    others, forged = _read_checkpoints(kept.checkpoints, verifier, "Kept checkpoint")
    problems += forged + _beside(stored, verifier)
    covered = max(signed, default=0)
    for size, checkpoint in others.items():
        if signed.setdefault(size, checkpoint) != checkpoint:
            problems.append(_two_stories(size))
    walk = _Walk(signed, kept.events, covered, now)
    for row in waiting:
        walk.wait(row)
    for row in rows:
        walk.take(row)
    walk.finish()
    problems += sorted(walk.problems, key=lambda problem: -1 if problem.index is None else problem.index)
    erased = len(walk.without_personal)
    return Report(walk.tree.size, walk.tree.root(), len(signed), erased, len(walk.waiting), tuple(problems))


def _read_checkpoints(
    notes: Iterable[str], verifier: Verifier, name: str
) -> tuple[dict[int, Checkpoint], list[Problem]]:
    signed: dict[int, Checkpoint] = {}
    problems = []
    for number, note in enumerate(notes, 1):
        try:
            checkpoint = read_checkpoint(note, verifier)
        except NoteInvalid as error:
            problems.append(Problem(None, f"{name} {number} is forged or damaged: {error}."))
            continue
        if signed.setdefault(checkpoint.size, checkpoint) != checkpoint:
            problems.append(_two_stories(checkpoint.size))
    return signed, problems


def _two_stories(size: int) -> Problem:
    return Problem(None, f"The log signed two different trees of {size} leaves: it told two stories.")


def _beside(stored: Iterable[StoredCheckpoint], verifier: Verifier) -> list[Problem]:
    """Checkpoints whose columns are not what their note says; a note that is not signed is told of elsewhere."""
    problems = []
    for number, one in enumerate(stored, 1):
        try:
            checkpoint = read_checkpoint(one.note, verifier)
        except NoteInvalid:
            continue
        if (one.size, one.root) != (checkpoint.size, checkpoint.root):
            problems.append(
                Problem(None, f"Checkpoint {number} is stored with another size or root than its signed note says.")
            )
    return problems


class _Walk:
    """One pass over what waits, then over the stored leaves."""

    def __init__(
        self, signed: Mapping[int, Checkpoint], kept: Mapping[bytes, str], covered: int, now: datetime | None
    ) -> None:
        self.signed = signed
        self.tree = merkle.Frontier()
        self.problems: list[Problem] = []
        self.waiting: set[str] = set()
        self.without_personal: dict[str, int | None] = {}  # events without their personal part → index
        self._said_erased: set[str] = set()  # events that an erasure names
        self._not_met = dict(kept)
        self._covered = covered
        self._until = None if now is None else instant(now - COVERED_WITHIN)
        self._uncovered: int | None = None  # the first leaf that a checkpoint should cover and none does
        self._good = 0  # the size up to which a checkpoint vouches for the leaves
        self._whole = True  # no leaf is missing, no checkpoint failed: later ones can be held against
        self._next = 0
        self._altered: dict[int, tuple[bytes, bytes]] = {}  # index → hash now, hash when it was integrated

    def wait(self, row: Row) -> None:
        """An event in the queue: as whole as one in the tree."""
        if row.leaf is None:
            self._say(None, "An event waits for its place in the tree and is gone.")
        elif merkle.leaf_hash(row.leaf) != row.leaf_hash:
            self._say(None, "An event that waits for its place in the tree is not the one that was recorded.")
        else:
            event = self._read(row, row.leaf)
            if event in self.waiting:
                self._say(None, f"Event {event} waits for its place twice.")
            self.waiting.add(event)

    def take(self, row: Row) -> None:
        index = row.index or 0
        if index < self._next:
            self._say(index, f"Leaf {index} stands in the log twice.")
            return
        if index > self._next:
            until = f" to {index - 1}" if index - 1 > self._next else ""
            self._say(self._next, f"Leaf {self._next}{until} missing: removed from the log.")
            self._whole = False
        self._next = index + 1
        if row.leaf is None:
            self._say(index, f"The event of leaf {index} is missing: removed after it was integrated.")
        elif (now := merkle.leaf_hash(row.leaf)) != row.leaf_hash:
            self._altered[index] = now, row.leaf_hash
        elif self._read(row, row.leaf) in self.waiting:
            self._say(index, f"The event of leaf {index} waits for a place although it has one.")
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
        if self._uncovered is not None:
            self._say(
                self._uncovered,
                f"No checkpoint covers leaf {self._uncovered}, though its event is older than "
                f"{COVERED_WITHIN // timedelta(minutes=1)} minutes: checkpoints were removed, or none is signed.",
            )
        self._reconcile()
        for event in self._not_met.values():
            self._say(None, f"Event {event} is not in the log, and somebody holds its receipt or proof.")

    def _reconcile(self) -> None:
        """Hold the personal parts that are gone against the erasures that the log tells of."""
        unsaid = [index for event, index in self.without_personal.items() if event not in self._said_erased]
        if unsaid:
            first = min((index for index in unsaid if index is not None), default=None)
            self._say(first, f"{len(unsaid)} personal parts are missing that no personal_erased event names.")
        still = self._said_erased - self.without_personal.keys()
        if still:
            self._say(
                None, f"{len(still)} events are said to have their personal part erased: they have it, or are gone."
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

    def _read(self, row: Row, leaf: bytes) -> str:
        """What is said of an event besides its hash; its id, as the leaf says it."""
        try:
            said = orjson.loads(leaf)
            event = str(said["id"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            self._say(row.index, f"{_named(row)} is not an event.")
            return ""
        if row.columns is not None and (names := row.columns.differing(said)):
            self._say(row.index, f"{_named(row)} is stored with another {', '.join(names)} than was recorded.")
        self._not_met.pop(row.leaf_hash, None)
        if row.index is not None and row.index >= self._covered and self._until and str(said.get("at")) < self._until:
            self._uncovered = row.index if self._uncovered is None else self._uncovered
        if said.get("kind") == Kind.personal_erased:
            details = said.get("details")
            events = details.get("events") if isinstance(details, dict) else None
            self._said_erased.update(map(str, events if isinstance(events, list) else ()))
        self._personal(row, event, said.get("personal"))
        return event

    def _personal(self, row: Row, event: str, said: str | None) -> None:
        if row.salt is None:
            if said is not None:
                self.without_personal[event] = row.index
        elif said is None or (row.personal is not None and said != commitment(row.salt, row.personal)):
            self._say(row.index, f"The personal part of {_named(row, 'leaf')} is not the one that was recorded.")

    def _say(self, index: int | None, says: str) -> None:
        self.problems.append(Problem(index, says))


def _named(row: Row, leaf: str = "Leaf") -> str:
    return "An event that waits" if row.index is None else f"{leaf} {row.index}"
