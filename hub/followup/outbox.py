"""The outbox: messages that wait, are sent, tried again, given up or called off.

In charge of what may be sent now: nothing in quiet hours (China), nothing to who opted out, nothing about a finding
that is not open or a notice that was withdrawn, no more in a minute than a channel takes. **At least once**: a message
is marked *sending* for some minutes and committed, handed over, and marked *sent*. Killed in between, it is handed over
again under the same id, which goes with it (``Idempotency-Key``, ``Message-ID``), so that who receives it can drop the
double. Nothing else is sent twice. Whom a message goes to and what it says rests sealed; failures are kept as codes.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, Literal, NamedTuple, Protocol
from uuid import UUID, uuid5

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome, Personal
from hub.audit.log import record_sync
from hub.followup.officer import Officer
from hub.sealing import Keyring
from hub.store.notice import message, message_opt_out
from hub.terms import day_in_china

_SPACE: Final = UUID("6a1c5f0e-3b0f-4b7e-9d53-0f3a3c1f9e55")  # ours alone: ids of messages
LEASE: Final = timedelta(minutes=10)  # longer than any hand-over may take; then another worker takes the message
TRIES: Final = 8
WAIT: Final = 60.0  # seconds before the second try; four times as long before each next
LONGEST: Final = 6 * 3600.0
CHINA: Final = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent: ``to`` is a number or an address; ``letter`` is HTML, for channels that take it."""

    to: str
    title: str
    text: str
    letter: str | None = None


class Handed(NamedTuple):
    """What became of a hand-over. ``because``: a code without any value; ``wait``: seconds the other side asks for."""

    outcome: Literal["sent", "later", "never"]
    because: str = ""
    wait: float = 0.0


class Channel(Protocol):
    """A way out. ``per_minute``: most hand-overs in a minute, of all workers together."""

    @property
    def per_minute(self) -> int: ...

    def hand_over(self, message_id: UUID, content: Content) -> Handed: ...


@dataclass(frozen=True, slots=True)
class Queued:
    """A message to put. ``about``: notice or reminder, ``about_id`` its id."""

    channel: str
    about: Literal["notice", "reminder"]
    about_id: UUID
    subject_key: UUID
    finding_id: UUID
    content: Content

    @property
    def id(self) -> UUID:
        return uuid5(_SPACE, f"{self.about}/{self.about_id}/{self.channel}")


_PUT: Final = sa.text("""
insert into message (id, channel, about, about_id, subject_key, finding_id, state, queued_at, not_before, sealed)
select :id, :channel, :about, :about_id, :subject_key, :finding_id, 'queued', :at, :at, :sealed
where not exists (select from message_opt_out o where o.subject_key = :subject_key and o.opted_out)
on conflict (id) do update set state = 'queued', attempts = 0, queued_at = excluded.queued_at, ended_at = null,
    not_before = excluded.not_before, because = null, sealed = excluded.sealed
where message.state in ('failed', 'cancelled')
""")

# A message that must not go any more, or that killed whoever handed it over; one on its way just now is let be.
_CALLED_OFF: Final = sa.text("""
update message m set state = 'cancelled', ended_at = :at,
       because = case when o.opted_out then 'opted_out' when n.state = 'withdrawn' then 'notice_withdrawn'
                      when f.state = 'cleared' then 'finding_cleared' else 'gave_up' end
from message w
join finding f on f.subject_key = w.subject_key and f.id = w.finding_id
left join notice n on n.subject_key = w.subject_key and n.id = w.about_id
left join message_opt_out o on o.subject_key = w.subject_key
where m.id = w.id and m.channel = :channel and m.ended_at is null and m.not_before <= :at
  and (f.state = 'cleared' or n.state = 'withdrawn' or o.opted_out or m.attempts >= :tries)
returning m.id, m.about, m.about_id, m.because
""")

_NEXT: Final = sa.text("""
update message set state = 'sending', attempts = attempts + 1, tried_at = :at, not_before = :until
where id = (
    select m.id from message m
    join finding f on f.subject_key = m.subject_key and f.id = m.finding_id and f.state = 'open'
    where m.channel = :channel and m.ended_at is null and m.not_before <= :at
      and (select count(*) from message where channel = :channel and tried_at > :minute) < :per_minute
    order by m.queued_at, m.id limit 1
    for update of m skip locked
)
returning id, about, about_id, subject_key, attempts, sealed,
          (select subject from finding f where f.subject_key = message.subject_key and f.id = message.finding_id)
""")

_ENDED: Final = sa.text("""
update message set state = :state, ended_at = :ended, not_before = :again, because = :because
where id = :id and attempts = :attempts and ended_at is null
""")

# A reminder is done when its message has gone, and a visit where none can go.
_REMINDED: Final = sa.text("update reminder set state = 'done', done_on = :on where id = :id and state = 'open'")
_VISITED: Final = sa.text("""
update reminder set how = 'visit', because = :because where id = :id and state = 'open'
""")


def put(connection: sa.Connection, messages: Iterable[Queued], *, at: datetime, keyring: Keyring) -> int:
    """Queue messages; how many wait now that did not. Not one that waits or went already, nor to who opted out.

    One that failed or was called off may be put again: to another address, say.
    """
    new = 0
    for one in messages:
        content = one.content
        said = {"to": content.to, "title": content.title, "text": content.text, "letter": content.letter}
        values = {
            "id": one.id,
            "channel": one.channel,
            "about": one.about,
            "about_id": one.about_id,
            "subject_key": one.subject_key,
            "finding_id": one.finding_id,
            "at": at,
            "sealed": keyring.seal(orjson.dumps(said), context(one.id)),
        }
        new += connection.execute(_PUT, values).rowcount
    return new


def context(message_id: UUID) -> bytes:
    return b"message:" + message_id.bytes


def is_quiet(at: datetime, begins: time, ends: time) -> bool:
    """Whether it is a time in China at which nobody is disturbed: from ``begins`` to ``ends``, over midnight or not."""
    now = (at.astimezone(UTC) + CHINA).time()
    return begins <= now < ends if begins <= ends else now >= begins or now < ends


def send(
    engine: sa.Engine,
    channels: Mapping[str, Channel],
    *,
    quiet: tuple[time, time],
    keyring: Keyring,
    signer: Signer,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> dict[str, int]:
    """Send what is due, one after the other; how many were sent, put off (later), given up (never) or called off."""
    counts = {"sent": 0, "later": 0, "never": 0, "cancelled": 0}
    for name, channel in channels.items():
        while not is_quiet(clock(), *quiet):
            at = clock()
            with engine.begin() as connection:
                # One claim of a channel at a time, so that its rate holds over all workers.
                connection.execute(sa.text("select pg_advisory_xact_lock(hashtext(:c))"), {"c": f"outbox {name}"})
                counts["cancelled"] += _call_off(connection, name, at)
                said = {"channel": name, "at": at, "until": at + LEASE, "minute": at - timedelta(minutes=1)}
                due = connection.execute(_NEXT, said | {"per_minute": channel.per_minute}).one_or_none()
            if due is None:
                break
            content = Content(**orjson.loads(keyring.open(bytes(due.sealed), context(due.id))))
            handed = channel.hand_over(due.id, content)
            with engine.begin() as connection:
                counts[_ended(connection, name, due, handed, clock(), keyring, signer)] += 1
    return counts


def opt(
    connection: sa.Connection, subject_key: UUID, *, out: bool, officer: Officer, at: datetime, signer: Signer,
    keyring: Keyring, person: bool,
) -> None:  # fmt: skip
    """Note that a person or an employer wants no messages, letters only; or, ``out`` being false, wants them again."""
    values = {"subject_key": subject_key, "opted_out": out, "at": at, "by": officer.name}
    connection.execute(
        insert(message_opt_out)
        .values(values)
        .on_conflict_do_update(index_elements=["subject_key"], set_={k: values[k] for k in ("opted_out", "at", "by")})
    )
    event = Event(kind=Kind.messages_opted, outcome=Outcome.allowed, client=officer.name, details={"out": out})
    record_sync(connection, event, signer, Personal(persons=[subject_key] if person else []), seal=keyring.seal)


def counted(connection: sa.Connection) -> list[Any]:
    """How many messages stand how: channel, about, state, reason, count, the oldest."""
    return list(
        connection.execute(
            sa.select(
                message.c.channel, message.c.about, message.c.state, message.c.because,
                sa.func.count().label("messages"), sa.func.min(message.c.queued_at).label("oldest"),
            )
            .group_by(message.c.channel, message.c.about, message.c.state, message.c.because)
            .order_by(message.c.channel, message.c.about, message.c.state, message.c.because)
        )
    )  # fmt: skip


def is_due(connection: sa.Connection, channels: Sequence[str], at: datetime) -> bool:
    """Whether a message waits that one of these channels could take now."""
    waits = message.c.channel.in_(channels) & message.c.ended_at.is_(None) & (message.c.not_before <= at)
    return bool(connection.scalar(sa.select(sa.exists().where(waits))))


def _call_off(connection: sa.Connection, channel: str, at: datetime) -> int:
    fallen = connection.execute(_CALLED_OFF, {"channel": channel, "at": at, "tries": TRIES}).all()
    for one in fallen:
        if one.about == "reminder" and one.because in {"opted_out", "gave_up"}:
            connection.execute(_VISITED, {"id": one.about_id, "because": one.because})
    return len(fallen)


def _ended(
    connection: sa.Connection, channel: str, due: Any, handed: Handed, at: datetime, keyring: Keyring, signer: Signer
) -> str:
    """Mark what became of a message, and what that means for its reminder; the outcome as it counts."""
    outcome = "never" if handed.outcome == "later" and due.attempts >= TRIES else handed.outcome
    state = {"sent": "sent", "later": "queued", "never": "failed"}[outcome]
    again = at + timedelta(seconds=pause(due.attempts, handed.wait)) if outcome == "later" else at
    said = {"id": due.id, "attempts": due.attempts, "state": state, "because": handed.because or None}
    said |= {"ended": None if outcome == "later" else at, "again": again}
    if not connection.execute(_ENDED, said).rowcount:
        return outcome  # it took so long that another worker has it now; the id tells the other side
    if due.about == "reminder" and outcome == "sent":
        connection.execute(_REMINDED, {"id": due.about_id, "on": day_in_china(at)})
    if due.about == "reminder" and outcome == "never":
        connection.execute(_VISITED, {"id": due.about_id, "because": "failed"})
    if outcome != "later":
        details = {"channel": channel, "about": due.about, "message": str(due.id), "attempts": due.attempts}
        result = Outcome.allowed if outcome == "sent" else Outcome.failed
        reasons = [handed.because] if handed.because else []
        event = Event(kind=Kind.messages_sent, outcome=result, reasons=reasons, details=details)
        people = [due.subject_key] if due.subject == "person" else []
        record_sync(connection, event, signer, Personal(persons=people), seal=keyring.seal)
    return outcome


def pause(attempts: int, asked: float) -> float:
    """Seconds until the next try: growing, a little at random lest all come back at once, never under ``asked``."""
    grown = min(WAIT * 4.0 ** (attempts - 1), LONGEST)
    return max(asked, grown * random.uniform(0.8, 1.2))  # noqa: S311 -- no secret
