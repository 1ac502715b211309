"""What the log records: the event, its personal part, and the leaf that commits to both.

In charge of the names of events and of the bytes of a leaf; pure. Refuses (`ValueError`) what has no canonical form.

The leaf is canonical JSON (UTF-8, keys sorted, no spaces, no fractions), so that the same event has the same hash in
every language. It holds nothing about a person. What does — whose records were shown, the digests of document,
variables and answer, where the request came from — stands in the personal part, to which the leaf commits by
SHA-256(salt ‖ canonical JSON). Erasing salt and personal part leaves the leaf, its hash and every proof as they were,
and nobody can try persons, documents or answers against the commitment.

To change the form: raise `VERSION`, only ever add members; a verifier must be able to read the leaves of every version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from os import urandom
from time import time_ns
from typing import Any, Self
from uuid import UUID

import orjson

from .merkle import leaf_hash

VERSION = 1
SALT = 16  # bytes: nobody tries 2^128 salts
MOST = 2**53 - 1  # the largest number that every JSON reader takes exactly


class Kind(StrEnum):
    """Every name an event can have; the text is what the event says happened."""

    says: str

    def __new__(cls, name: str, says: str) -> Self:
        member = str.__new__(cls, name)
        member._value_ = name
        member.says = says
        return member

    query_answered = "query_answered", "A client was given an answer under a grant."
    query_refused = "query_refused", "A query was refused; the reasons are those the client was told."
    change_made = "change_made", "A mutation of a client was carried out; what it changed has events of its own."
    query_failed = "query_failed", "A query that was allowed could not be carried out."
    token_issued = "token_issued", "A client was given an access token."
    token_refused = "token_refused", "A request for an access token was refused."
    token_revoked = "token_revoked", "An access token was made invalid before its end."
    batch_loaded = "batch_loaded", "A delivery was loaded whole."
    batch_refused = "batch_refused", "A delivery was refused whole."
    push_refused = "push_refused", "A client that delivers, or reads what became of it, was refused before intake."
    rows_replayed = "rows_replayed", "Rejected rows of a delivery were tried again; what loads is a batch of its own."
    check_run = "check_run", "A cross-check rule was run over the loaded facts."
    indicators_computed = "indicators_computed", "The indicators of a month were reckoned into a release of their own."
    indicators_published = "indicators_published", "A release was published as a month's indicators."
    report_written = "report_written", "A report of published indicators was written to a file."
    national_return_made = "national_return_made", "The monthly return to the national participation store was made."
    rejected_rows_listed = "rejected_rows_listed", "An officer looked at rows that were rejected from a delivery."
    rejected_rows_exported = "rejected_rows_exported", "The report of rejected rows was written for the department."
    row_withdrawn = "row_withdrawn", "A delivered row was taken back: what it said is no longer known."
    row_disputed = "row_disputed", "A delivered row was disputed, its source answered, or the next authority was asked."
    evidence_written = "evidence_written", "The evidence of a finding was written as files that stand alone."
    finding_changed = "finding_changed", "An officer moved a finding on: notified, corrected, referred, closed."
    worklist_followed = (
        "worklist_followed",
        "Worklists followed the findings: items closed, held, released, taken back.",
    )
    notices_issued = "notices_issued", "An officer had notices written about findings of a rule."
    notice_served = "notice_served", "An officer said when and how a notice was served."
    notice_opened = "notice_opened", "An officer had a letter shown in clear, to print or to send it."
    notices_withdrawn = "notices_withdrawn", "Notices were withdrawn: their findings fell, or an officer said why."
    messages_sent = "messages_sent", "Messages were handed to a mail server or a message gateway."
    messages_opted = "messages_opted", "An officer noted that somebody wants no messages, or wants them again."
    reminders_made = "reminders_made", "Interrupted payers were reminded: by a message, or as a visit for their town."
    discipline_moved = (
        "discipline_moved",
        "An employer was proposed or signed for the list of the untrustworthy, or put on it.",
    )
    discipline_lifted = "discipline_lifted", "Employers were taken off that list, or off the way to it."
    discipline_published = "discipline_published", "The list was written as a delivery out to the departments."
    proof_given = "proof_given", "A client was given the proof that an event is in the log."
    log_verified = "log_verified", "The whole log was recomputed against its checkpoints."
    personal_erased = "personal_erased", "The personal parts of events were erased; their leaves and proofs stand."
    client_changed = "client_changed", "A client was registered, given a scope or a key, or shut out."
    key_changed = "key_changed", "A key of the hub was made, put to use or withdrawn."
    officer_signed_in = "officer_signed_in", "An officer signed in to the console."
    officer_refused = "officer_refused", "A sign-in to the console was refused."


class Outcome(StrEnum):
    allowed = "allowed"
    refused = "refused"
    failed = "failed"


def new_id() -> UUID:
    """A UUID (version 7) that sorts by when it was made, to a quarter microsecond. Source: RFC 9562 §5.7, §6.2."""
    return _uuid7(time_ns(), int.from_bytes(urandom(8)))


def first_id(at: datetime) -> UUID:
    """The smallest id that an event made at this instant can have: a range of time is a range of ids."""
    microseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return _uuid7(microseconds * 1000, 0)


def _uuid7(nanoseconds: int, random: int) -> UUID:
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    fraction = rest * 4096 // 1_000_000
    return UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | random >> 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """The part that can be erased. Pseudonyms, digests and addresses: never an identifier in clear.

    `persons`: the keys of all persons shown. `operation`, `variables` and `answer`: hex SHA-256 digests of the query
    document, of its variables and of the answer's bytes, each of which may name a person. `source`: the network
    address asked from. `details`: anything else, as JSON without fractions.
    """

    persons: Sequence[UUID] = ()
    operation: str | None = None
    answer: str | None = None
    variables: str | None = None
    source: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened, as far as it may be published.

    `at` is UTC. `grant` is the scope it happened under. `persons` counts distinct persons shown. `deliveries` are
    those the answer rests on.
    `details`: more for this kind (a batch, a rule, counts), as JSON without fractions and without anything personal.
    """

    kind: Kind
    outcome: Outcome
    client: str | None = None
    grant: str | None = None
    purpose: str | None = None
    reasons: Sequence[str] = ()
    persons: int = 0
    deliveries: Sequence[str] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    event_id: UUID = field(default_factory=new_id)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Leaf:
    """An event in the form that is stored.

    `public` is what the tree hashes, `digest` that hash; `salt` and `personal` can go. `at` is the instant as text.
    """

    event: Event
    at: str
    public: bytes
    digest: bytes
    salt: bytes | None = None
    personal: bytes | None = None


def leaf(event: Event, personal: Personal | None = None, *, salt: bytes | None = None) -> Leaf:
    """The leaf of an event, with a fresh salt unless one is given; ValueError when something has no canonical form."""
    for name in (event.client, event.grant):
        if name is not None and "\0" in name:
            raise ValueError("a client and a grant have printable names")  # and PostgreSQL's text holds no NUL
    if event.at.utcoffset() != timedelta(0):
        raise ValueError("an event happens at an instant in UTC")
    if not 0 <= event.persons < 2**31:
        raise ValueError("the number of persons shown is a count")
    if event.details:
        _check(event.details)
    at = instant(event.at)
    public = {
        "v": VERSION,
        "id": event.event_id,
        "at": at,
        "kind": event.kind.value,
        "outcome": event.outcome.value,
        "persons": event.persons,
    } | _present(event, "client", "grant", "purpose", "reasons", "deliveries", "details")
    if personal is None:
        said = _dump(public)
        return Leaf(event, at, said, leaf_hash(said))
    if personal.details:
        _check(personal.details)
    opened = _dump(_present(personal, "persons", "operation", "answer", "variables", "source", "details"))
    salt = salt or urandom(SALT)
    public["personal"] = commitment(salt, opened)
    said = _dump(public)
    return Leaf(event, at, said, leaf_hash(said), salt, opened)


def _present(value: object, *names: str) -> dict[str, Any]:
    """What is said; nothing and empty are left out, so that there is one spelling of them."""
    return {name: said for name in names if (said := getattr(value, name))}


def commitment(salt: bytes, personal: bytes) -> str:
    """What a leaf says of its personal part: hex SHA-256 of salt and canonical JSON."""
    return sha256(salt + personal).hexdigest()


def without_persons(personal: Personal | None) -> Personal | None:
    """The personal part of a query that in the end was not answered and showed nobody."""
    return None if personal is None else replace(personal, persons=(), answer=None)


def canonical(value: Any) -> bytes:
    """Canonical JSON of a value; ValueError for fractions, huge numbers and keys that are not text."""
    _check(value)
    return _dump(value)


def instant(at: datetime) -> str:
    """An instant in UTC to the microsecond, one spelling: `2026-10-01T08:00:00.000000Z`."""
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def _dump(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=_plain)
    except TypeError as error:
        raise ValueError(f"no canonical JSON: {error}") from None


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):  # a driver's own kind of it
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no one spelling")


def _check(value: Any) -> None:
    """Refuse what two JSON writers might spell differently."""
    if value is None or isinstance(value, str | bool | UUID):
        return
    if isinstance(value, int):
        if not -MOST <= value <= MOST:
            raise ValueError("a number beyond 2^53 has no one reading in JSON")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ValueError("a key of an object is text")  # noqa: TRY004
            _check(item)
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        for item in value:
            _check(item)
    else:
        raise ValueError(f"{type(value).__name__} has no canonical JSON")  # noqa: TRY004
