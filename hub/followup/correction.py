"""A row is disputed (校核纠错): who doubts it, how long its source has, the answer, and who decides otherwise.

In charge of the states of a dispute and of what rests on the disputed row. Touches the database, in the caller's
transaction; every step is an event of the access log in that transaction. Refuses (`FollowupError`) a row that nobody
delivered, an answer that the store contradicts, and a step up the ladder before its time.

A dispute blocks: while it is open, no finding that rests on the row may lead to a notice or a list (`contested`). The
corrected row comes as every row comes, by a batch; the answer `corrected` names that batch and is refused while the
disputed row is still what the hub knows. Then the rules in `resting` are to be judged again.

Source: 政务数据共享条例 第二十六条 (verification within ten working days), 第二十八条 (negotiation, then the authority
of the same level, then the common superior, then the people's government).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

import sqlalchemy as sa

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome
from hub.audit.log import record_sync
from hub.errors import FollowupError
from hub.followup.workday import add_workdays
from hub.store.base import FOREVER
from hub.store.correction import correction
from hub.store.lineage import batch, delivery, rejected_row

Answer = Literal["corrected", "confirmed", "not_ours"]
Step = Literal["verification", "negotiation", "authority", "superior", "government"]

#: The ladder, and the working days each step has. The decree gives the first; the others are for the authority to set,
#: and until it does have the same.
STEPS: Final[dict[Step, int]] = {
    "verification": 10, "negotiation": 10, "authority": 10, "superior": 10, "government": 10,
}  # fmt: skip
STEP_TITLES: Final[dict[Step, str]] = {
    "verification": "数源部门校核", "negotiation": "协商", "authority": "同级政务数据共享主管部门",
    "superior": "共同的上一级主管部门", "government": "本级人民政府",
}  # fmt: skip

Seal = Callable[[bytes, bytes], bytes]
"""`Keyring.seal`: bytes and the context they are bound to."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute as it stands. ``overdue``: its step's last day is over and it is not answered."""

    id: int
    batch: int
    row: int
    delivery: str
    asked_by: str
    asked_at: datetime
    step: Step
    due_on: date
    answer: Answer | None
    corrected_in: int | None
    overdue: bool


def dispute(
    connection: sa.Connection,
    batch_id: int,
    row_no: int,
    said: str,
    *,
    by: str,
    today: date,
    at: datetime,
    signer: Signer,
    seal: Seal,
) -> Dispute:
    """Open a dispute over a row; the one that is open over it already, where there is one."""
    name = _delivered(connection, batch_id, row_no)
    due_on = add_workdays(today, STEPS["verification"]).on
    made = connection.execute(
        sa.text("""
            insert into correction (batch_id, row_no, delivery, asked_by, asked_at, said, step, due_on)
            values (:batch, :row, :delivery, :by, :at, :said, 'verification', :due_on)
            on conflict (batch_id, row_no) where answer is null do nothing returning id
        """),
        {"batch": batch_id, "row": row_no, "delivery": name, "by": by, "at": at, "due_on": due_on,
         "said": seal(said.encode(), _context(batch_id, row_no))},
    ).scalar()  # fmt: skip
    if made is not None:
        _record(connection, signer, made, "disputed", name, by, at, batch=batch_id, row=row_no)
    (open_one,) = disputes(connection, today, batch_id=batch_id, row_no=row_no, answered=False)
    return open_one


def answer(
    connection: sa.Connection,
    number: int,
    given: Answer,
    reply: str,
    *,
    by: str,
    today: date,
    at: datetime,
    signer: Signer,
    seal: Seal,
    corrected_in: int | None = None,
) -> tuple[Dispute, Sequence[str]]:
    """The source department's answer, and the rules to judge again because of it: none unless it was `corrected`."""
    before = _one(connection, number, today)
    if before.answer == given:
        return before, ()
    if before.answer is not None:
        raise FollowupError(
            "FOLLOWUP_ANSWERED", f"Dispute {number} was answered: {before.answer}",
            hint="Who does not agree takes it to the next authority: hub correction escalate",
        )  # fmt: skip
    rules: Sequence[str] = ()
    if given == "corrected":
        _superseded(connection, before, corrected_in)
        rules = resting(connection, before.batch, before.row)
    connection.execute(
        correction.update().where(correction.c.id == number).values(
            answer=given, answered_by=by, answered_at=at, corrected_in=corrected_in,
            reply=seal(reply.encode(), _context(before.batch, before.row)),
        )
    )  # fmt: skip
    _record(connection, signer, number, given, before.delivery, by, at, rules=list(rules))
    return _one(connection, number, today), rules


def escalate(connection: sa.Connection, number: int, *, by: str, today: date, at: datetime, signer: Signer) -> Dispute:
    """Take a dispute one step up: because its time is over, or because the answer is not accepted."""
    before = _one(connection, number, today)
    if before.answer == "corrected":
        raise FollowupError("FOLLOWUP_ANSWERED", f"Dispute {number} is settled: the row was corrected")
    if before.answer is None and not before.overdue:
        raise FollowupError(
            "FOLLOWUP_EARLY", f"Dispute {number} can be taken up when its time is over, after {before.due_on}",
            hint="Wait for the answer of the department that delivered the row, or ask it.",
        )  # fmt: skip
    steps = list(STEPS)
    if before.step == steps[-1]:
        raise FollowupError("FOLLOWUP_LADDER", f"Dispute {number} lies with the people's government: it decides")
    step: Step = steps[steps.index(before.step) + 1]
    due_on = add_workdays(today, STEPS[step]).on
    nothing = dict.fromkeys(("answer", "answered_by", "answered_at", "reply"))
    try:
        connection.execute(
            correction.update().where(correction.c.id == number).values(step=step, due_on=due_on, **nothing)
        )
    except sa.exc.IntegrityError:
        raise FollowupError(
            "FOLLOWUP_TWICE", f"Another dispute over row {before.row} of batch {before.batch} is open: take that one up"
        ) from None
    _record(connection, signer, number, f"taken to the {step}", before.delivery, by, at)
    return _one(connection, number, today)


def disputes(
    connection: sa.Connection,
    today: date,
    *,
    number: int | None = None,
    batch_id: int | None = None,
    row_no: int | None = None,
    answered: bool | None = None,
) -> list[Dispute]:
    """Disputes, those whose time ends first before the others; all, or those that fit."""
    c = correction.c
    asked = sa.select(
        c.id, c.batch_id, c.row_no, c.delivery, c.asked_by, c.asked_at, c.step, c.due_on, c.answer, c.corrected_in,
        c.answer.is_(None) & (c.due_on < today),
    ).order_by(c.answer.is_not(None), c.due_on, c.id)  # fmt: skip
    for column, value in ((c.id, number), (c.batch_id, batch_id), (c.row_no, row_no)):
        if value is not None:
            asked = asked.where(column == value)
    if answered is not None:
        asked = asked.where(c.answer.is_not(None) if answered else c.answer.is_(None))
    return [Dispute(*row) for row in connection.execute(asked)]


#: A finding rests on what was stored of it last.
_LAST: Final = """
e.run_id = (select max(l.run_id) from finding_evidence l
            where l.subject_key = e.subject_key and l.finding_id = e.finding_id)
"""


def resting(connection: sa.Connection, batch_id: int, row_no: int) -> Sequence[str]:
    """The rules of whose findings, open or unknown, the evidence names the row."""
    found = connection.execute(
        sa.text(f"""
            select distinct f.rule from finding_evidence e
            join finding f on f.subject_key = e.subject_key and f.id = e.finding_id
            where e.batch_id = :batch and e.row_no = :row and f.state <> 'cleared' and {_LAST} order by f.rule
        """),
        {"batch": batch_id, "row": row_no},
    )
    return list(found.scalars())


def contested(connection: sa.Connection, subject_key: UUID, finding_id: UUID) -> Sequence[int]:
    """The open disputes over rows that a finding rests on: while there is one, nobody is told or listed for it."""
    found = connection.execute(
        sa.text(f"""
            select distinct c.id from finding_evidence e
            join correction c on c.batch_id = e.batch_id and c.row_no = e.row_no and c.answer is null
            where e.subject_key = :subject and e.finding_id = :finding and {_LAST} order by c.id
        """),
        {"subject": subject_key, "finding": finding_id},
    )
    return list(found.scalars())


def _one(connection: sa.Connection, number: int, today: date) -> Dispute:
    found = disputes(connection, today, number=number)
    if not found:
        raise FollowupError(
            "FOLLOWUP_UNKNOWN", f"There is no dispute {number}", hint="See them all: hub correction list"
        )
    return found[0]


def _delivered(connection: sa.Connection, batch_id: int, row_no: int) -> str:
    """The delivery of a row that was loaded."""
    asked = (
        sa.select(delivery.c.name, batch.c.declared)
        .join(batch, batch.c.delivery_id == delivery.c.id)
        .where(batch.c.id == batch_id, batch.c.status == "loaded")
    )
    found = connection.execute(asked).one_or_none()
    if found is None:
        raise FollowupError(
            "FOLLOWUP_ROW", f"No batch {batch_id} was loaded", hint="A finding's evidence names batch and row."
        )
    if not 1 <= row_no <= found.declared:
        raise FollowupError("FOLLOWUP_ROW", f"Batch {batch_id} has no row {row_no}: it has {found.declared}")
    rejected = sa.select(rejected_row.c.row_no).where(
        rejected_row.c.batch_id == batch_id, rejected_row.c.row_no == row_no, rejected_row.c.replayed_in.is_(None)
    )
    if connection.execute(rejected).scalar() is not None:
        raise FollowupError(
            "FOLLOWUP_ROW", f"Row {row_no} of batch {batch_id} was rejected: nothing rests on it",
            hint=f"What is wrong with it: hub rejected {batch_id}",
        )  # fmt: skip
    return str(found.name)


def _superseded(connection: sa.Connection, one: Dispute, corrected_in: int | None) -> None:
    """Nothing the hub knows now may still come from the row that was corrected."""
    if corrected_in is None:
        raise FollowupError(
            "FOLLOWUP_BATCH", "The answer 'corrected' names the batch that brought the corrected row", hint="--batch N"
        )
    newer = sa.select(batch.c.id).join(delivery, delivery.c.id == batch.c.delivery_id)
    newer = newer.where(batch.c.id == corrected_in, batch.c.status == "loaded", delivery.c.name == one.delivery)
    if connection.execute(newer.where(batch.c.sealed_at > one.asked_at)).scalar() is None:
        raise FollowupError(
            "FOLLOWUP_BATCH", f"Batch {corrected_in} is no batch of {one.delivery} loaded since the row was disputed",
            hint="Load the corrected delivery first, then answer with its batch.",
        )  # fmt: skip
    target: str = connection.execute(sa.select(delivery.c.target).where(delivery.c.name == one.delivery)).scalar_one()
    table = correction.metadata.tables[target]
    still = sa.select(sa.func.count()).select_from(table)
    still = still.where(table.c.batch_id == one.batch, table.c.row_no == one.row, table.c.known_until == FOREVER)
    if connection.execute(still).scalar_one():
        raise FollowupError(
            "FOLLOWUP_UNCHANGED", f"Row {one.row} of batch {one.batch} is still what the hub knows",
            f"batch {corrected_in} neither changed nor ended it",
            "Load the corrected row, or answer 'confirmed'.",
        )  # fmt: skip


def _context(batch_id: int, row_no: int) -> bytes:
    return f"correction {batch_id} {row_no}".encode()


def _record(
    connection: sa.Connection, signer: Signer, number: int, step: str, name: str, by: str, at: datetime, **more: object
) -> None:
    details = {"dispute": number, "step": step, **more}
    event = Event(kind=Kind.row_disputed, outcome=Outcome.allowed, client=by, deliveries=[name], details=details, at=at)
    record_sync(connection, event, signer)
