"""A row is disputed (校核纠错): who doubts it, how long its source has, the answer, and who decides otherwise.

In charge of the states of a dispute and of what rests on the disputed row. Every step is a `Change`: one transaction,
with its event. Refuses (`RequestError`) a row that nobody delivered or that is out of reach, an answer that the store
contradicts, and a step up the ladder before its time.

A dispute blocks: while it is open, no finding that rests on the row leads to a notice or a list (`contested`). The
corrected row comes as every row comes, by a batch; the answer `corrected` names that batch and is refused while the
disputed row is still what the hub knows. Then the rules in `resting` are to be judged again.

Source: 政务数据共享条例 第二十六条 (verification within ten working days), 第二十八条 (negotiation, then the authority
of the same level, then the common superior, then the people's government).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Literal
from uuid import UUID

import orjson
import sqlalchemy as sa

from hub.audit.event import Kind, new_id
from hub.errors import RequestError
from hub.followup.workday import add_workdays
from hub.policy import Change
from hub.store.base import FOREVER
from hub.store.correction import DISPUTES, correction, correction_turn
from hub.store.lineage import batch as batches
from hub.store.lineage import delivery as deliveries
from hub.store.lineage import rejected_row

LONGEST: Final = 2000  # letters of what is said

Step = Literal["verification", "negotiation", "authority", "superior", "government"]


class DisputeAnswer(StrEnum):
    """What the department that delivered the row says of it."""

    corrected = "corrected"
    confirmed = "confirmed"
    not_ours = "not_ours"


#: The ladder, and the working days each step has. The decree gives the first; the others are for the authority to set,
#: and until it does have the same.
STEPS: Final[dict[Step, int]] = {
    "verification": 10, "negotiation": 10, "authority": 10, "superior": 10, "government": 10,
}  # fmt: skip
STEP_TITLES: Final[dict[Step, str]] = {
    "verification": "数源部门校核", "negotiation": "协商", "authority": "同级政务数据共享主管部门",
    "superior": "共同的上一级主管部门", "government": "本级人民政府",
}  # fmt: skip

#: A finding rests on what was stored of it last.
_LAST: Final = """
e.run_id = (select max(l.run_id) from finding_evidence l
            where l.subject_key = e.subject_key and l.finding_id = e.finding_id)
"""
_NONE: Final = "No such dispute is yours to move on"


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute as it stands. ``overdue``: its step's last day is over and it is not answered."""

    id: UUID
    batch: int
    row: int
    delivery: str
    asked_by: str
    asked_at: datetime
    step: Step
    due_on: date
    answer: DisputeAnswer | None
    corrected_in: int | None
    overdue: bool


def dispute(change: Change, *, batch: int, row: int, because: str, finding: str | None = None) -> Dispute:
    """Open a dispute over a row; the one that is open over it already, where there is one.

    ``finding``: one that rests on the row and is within reach of who asks; an officer of the hub needs none.
    """
    words = _words(because)
    if finding is not None:
        _rests(change, finding, batch, row)
    name = _delivered(change.connection, batch, row)
    made = change.connection.execute(
        sa.text("""
            insert into correction (id, batch_id, row_no, delivery, asked_by, asked_at, step, due_on)
            values (:id, :batch, :row, :delivery, :by, :at, 'verification', :due_on)
            on conflict (batch_id, row_no) where answer is null do nothing returning id
        """),
        {"id": new_id(), "batch": batch, "row": row, "delivery": name, "by": change.by, "at": change.at,
         "due_on": add_workdays(change.today, STEPS["verification"]).on},
    ).scalar()  # fmt: skip
    if made is not None:
        _turn(change, made, "disputed", name, words, batch=batch, row=row)
    (open_one,) = disputes(change.connection, change.today, batch=batch, row=row, answered=False)
    return open_one


def answer(
    change: Change, *, dispute: str, answer: DisputeAnswer, because: str, corrected_in: int | None = None
) -> tuple[Dispute, Sequence[str]]:
    """The source department's answer, and the rules to judge again because of it: none unless it was `corrected`."""
    words, before = _words(because), _reached(change, dispute)
    if before.answer == answer:
        return before, ()
    if before.answer is not None:
        raise RequestError(
            "REQUEST_DISPUTE", f"The dispute was answered: {before.answer}",
            hint="Who does not agree takes it to the next authority.",
        )  # fmt: skip
    rules: Sequence[str] = ()
    if answer == DisputeAnswer.corrected:
        _superseded(change.connection, before, corrected_in)
        rules = resting(change.connection, before.batch, before.row)
    _moved(change, before.id, answer=answer.value, corrected_in=corrected_in)
    _turn(change, before.id, answer.value, before.delivery, words, rules=list(rules))
    return _one(change, before.id), rules


def escalate(change: Change, *, dispute: str, because: str) -> Dispute:
    """Take a dispute one step up: because its time is over, or because the answer is not accepted."""
    words, before = _words(because), _reached(change, dispute)
    if before.answer == DisputeAnswer.corrected:
        raise RequestError("REQUEST_DISPUTE", "The dispute is settled: the row was corrected")
    if before.answer is None and not before.overdue:
        raise RequestError(
            "REQUEST_DISPUTE", f"The dispute can be taken up when its time is over, after {before.due_on}",
            hint="Wait for the answer of the department that delivered the row, or ask it.",
        )  # fmt: skip
    steps = list(STEPS)
    if before.step == steps[-1]:
        raise RequestError("REQUEST_DISPUTE", "The dispute lies with the people's government: it decides")
    step: Step = steps[steps.index(before.step) + 1]
    others = disputes(change.connection, change.today, batch=before.batch, row=before.row, answered=False)
    if any(one.id != before.id for one in others):
        raise RequestError(
            "REQUEST_DISPUTE",
            f"Another dispute over row {before.row} of batch {before.batch} is open: take that up",
        )
    _moved(change, before.id, step=step, due_on=add_workdays(change.today, STEPS[step]).on, answer=None)
    _turn(change, before.id, step, before.delivery, words)
    return _one(change, before.id)


def disputes(
    connection: sa.Connection,
    today: date,
    *,
    number: UUID | None = None,
    batch: int | None = None,
    row: int | None = None,
    answered: bool | None = None,
) -> list[Dispute]:
    """Disputes, those whose time ends first before the others; all, or those that fit."""
    c = correction.c
    asked = sa.select(
        c.id, c.batch_id, c.row_no, c.delivery, c.asked_by, c.asked_at, c.step, c.due_on, c.answer, c.corrected_in,
        c.answer.is_(None) & (c.due_on < today),
    ).order_by(c.answer.is_not(None), c.due_on, c.id)  # fmt: skip
    for column, value in ((c.id, number), (c.batch_id, batch), (c.row_no, row)):
        if value is not None:
            asked = asked.where(column == value)
    if answered is not None:
        asked = asked.where(c.answer.is_not(None) if answered else c.answer.is_(None))
    return [Dispute(*found) for found in connection.execute(asked)]


def resting(connection: sa.Connection, batch: int, row: int) -> Sequence[str]:
    """The rules of whose findings, open or unknown, the evidence names the row."""
    found = connection.execute(
        sa.text(f"""
            select distinct f.rule from finding_evidence e
            join finding f on f.subject_key = e.subject_key and f.id = e.finding_id
            where e.batch_id = :batch and e.row_no = :row and f.state <> 'cleared' and {_LAST} order by f.rule
        """),
        {"batch": batch, "row": row},
    )
    return list(found.scalars())


#: The open disputes over rows that a finding rests on: while there is one, nobody is told or listed for it.
#: To be joined with a table of findings called ``f``.
CONTESTED: Final = f"""
exists (select from finding_evidence e
        join correction c on c.batch_id = e.batch_id and c.row_no = e.row_no and c.answer is null
        where e.subject_key = f.subject_key and e.finding_id = f.id and {_LAST})
"""


def _rests(change: Change, finding: str, batch: int, row: int) -> None:
    """RequestError unless a finding within reach rests on the row: in the same words, whatever is not so."""
    scope, reach = change.reach("f")
    found = change.connection.execute(
        sa.text(f"""
            select from finding f
            join finding_evidence e on e.subject_key = f.subject_key and e.finding_id = f.id
            where f.id = :finding and e.batch_id = :batch and e.row_no = :row and ({scope}) limit 1
        """),
        {"finding": _id(finding, "finding"), "batch": batch, "row": row, **reach},
    ).first()
    if found is None:
        raise RequestError(
            "REQUEST_ROW", "No finding of yours rests on such a row", hint="Its evidence names batch and row."
        )


def _reached(change: Change, dispute: str) -> Dispute:
    """The dispute, locked, where it is within reach. RequestError in the same words where it is not there."""
    scope, reach = change.reach("d")
    number = _id(dispute, "dispute")
    change.connection.execute(sa.select(correction.c.id).where(correction.c.id == number).with_for_update())
    asked = sa.text(f"select from {DISPUTES} d where d.id = :id and ({scope})")
    if change.connection.execute(asked, {"id": number, **reach}).first() is None:
        raise RequestError("REQUEST_DISPUTE", _NONE, hint="Ask for the disputes: hub correction list")
    return _one(change, number)


def _one(change: Change, number: UUID) -> Dispute:
    (found,) = disputes(change.connection, change.today, number=number)
    return found


def _delivered(connection: sa.Connection, batch: int, row: int) -> str:
    """The delivery of a row that was loaded."""
    asked = (
        sa.select(deliveries.c.name, batches.c.declared)
        .join(batches, batches.c.delivery_id == deliveries.c.id)
        .where(batches.c.id == batch, batches.c.status == "loaded")
    )
    found = connection.execute(asked).one_or_none()
    if found is None:
        raise RequestError(
            "REQUEST_ROW", f"No batch {batch} was loaded", hint="A finding's evidence names batch and row."
        )
    if not 1 <= row <= found.declared:
        raise RequestError("REQUEST_ROW", f"Batch {batch} has no row {row}: it has {found.declared}")
    rejected = sa.select(rejected_row.c.row_no).where(
        rejected_row.c.batch_id == batch, rejected_row.c.row_no == row, rejected_row.c.replayed_in.is_(None)
    )
    if connection.execute(rejected).scalar() is not None:
        raise RequestError(
            "REQUEST_ROW", f"Row {row} of batch {batch} was rejected: nothing rests on it",
            hint=f"What is wrong with it: hub rejected {batch}",
        )  # fmt: skip
    return str(found.name)


def _superseded(connection: sa.Connection, one: Dispute, corrected_in: int | None) -> None:
    """Nothing the hub knows now may still come from the row that was corrected."""
    if corrected_in is None:
        raise RequestError("REQUEST_DISPUTE", "'corrected' names the batch that brought the corrected row")
    newer = sa.select(batches.c.id).join(deliveries, deliveries.c.id == batches.c.delivery_id)
    newer = newer.where(batches.c.id == corrected_in, batches.c.status == "loaded", deliveries.c.name == one.delivery)
    if connection.execute(newer.where(batches.c.sealed_at > one.asked_at)).scalar() is None:
        raise RequestError(
            "REQUEST_DISPUTE", f"Batch {corrected_in} is no batch of {one.delivery} loaded since the row was disputed",
            hint="Load the corrected delivery first, or take the row back (hub withdraw), then answer with its batch.",
        )  # fmt: skip
    target: str = connection.execute(
        sa.select(deliveries.c.target).where(deliveries.c.name == one.delivery)
    ).scalar_one()
    table = correction.metadata.tables[target]
    still = sa.select(sa.func.count()).select_from(table)
    still = still.where(table.c.batch_id == one.batch, table.c.row_no == one.row, table.c.known_until == FOREVER)
    if connection.execute(still).scalar_one():
        raise RequestError(
            "REQUEST_DISPUTE", f"Row {one.row} of batch {one.batch} is still what the hub knows",
            f"batch {corrected_in} neither changed nor ended it",
            "Load the corrected row, take it back, or answer 'confirmed'.",
        )  # fmt: skip


def _moved(change: Change, number: UUID, **values: Any) -> None:
    change.connection.execute(correction.update().where(correction.c.id == number).values(values))


def _turn(change: Change, number: UUID, turn: str, name: str, words: str, **more: Any) -> None:
    """Keep what was said, sealed, and record that it was."""
    made = new_id()
    sealed = change.keyring.seal(orjson.dumps({"words": words}), b"correction_turn:" + made.bytes)
    said = {"id": made, "correction_id": number, "turn": turn, "at": change.at, "by": change.by, "sealed": sealed}
    change.connection.execute(correction_turn.insert().values(said))
    change.record(Kind.row_disputed, {"dispute": str(number), "turn": turn, "delivery": name, **more})


def _words(text: str) -> str:
    if not 0 < len(text.strip()) <= LONGEST:
        raise RequestError("REQUEST_ARGUMENT", f"because: from 1 to {LONGEST} letters")
    return text.strip()


def _id(text: str, name: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RequestError("REQUEST_ARGUMENT", f"{name}: not the id of a {name}") from None
