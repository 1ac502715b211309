"""Disputes over delivered rows, and the mutations that move them on."""

from datetime import date, datetime
from typing import Any

import strawberry

from hub.followup import correction
from hub.followup.correction import DisputeAnswer
from hub.policy import Change
from hub.query.bind import BY_ROOT, Source, collection, column, noun, sealed, source_of
from hub.store.correction import DISPUTES, correction_turn

strawberry.enum(DisputeAnswer, description="What the department that delivered the row says of it (校核结果).")


@noun(source_of(correction_turn))
class DisputeTurn:
    """What was said at a turn of a dispute (校核过程)."""

    turn: str = column(correction_turn.c.turn, "disputed, an answer, or the step it was taken to.")
    at: datetime = column(correction_turn.c.at, "When.")
    by: str = column(correction_turn.c.by, "Who: a client or an officer.")
    words: str = sealed(correction_turn.c.sealed, "words", "In words (说明).")


@noun(Source(sql=DISPUTES, key=("due_on", "id"), columns={"due_on": "date", "id": "uuid"}))
class Dispute:
    """A delivered row that somebody says is wrong (校核申请)."""

    id: strawberry.ID = column("{a}.id::text", "The dispute's number.")
    batch: int = column("{a}.batch_id", "The batch of the row.")
    row_no: int = column("{a}.row_no", "The row of the batch, from 1.")
    delivery: str = column("{a}.delivery", "The delivery, as who gives / what.")
    department: str = column("{a}.department", "Who gives it, and answers.")
    asked_at: datetime = column("{a}.asked_at", "When it was opened.")
    step: str = column(
        "{a}.step",
        "With whom it lies: verification (数源部门校核), negotiation (协商), authority (同级主管部门), "
        "superior (上一级主管部门) or government (人民政府).",
    )
    due_on: date = column("{a}.due_on", "Last day of the step, in working days.")
    overdue: bool = column("({a}.answer is null and {a}.due_on < {today})", "Whether that day has passed unanswered.")
    answer: DisputeAnswer | None = column("{a}.answer", "The department's answer; null while it is open.")
    corrected_in: int | None = column("{a}.corrected_in", "The batch that brought the corrected row.")
    turns: list[DisputeTurn] = collection({"correction_id": "id"}, ("id",), "How it went, oldest first.", most=20)


@noun(BY_ROOT)
class Disputed:
    """What became of a dispute (校核进展)."""

    dispute: strawberry.ID = column("", "The dispute.")
    step: str = column("", "With whom it lies now.")
    due_on: date = column("", "Last day of the step.")
    answer: DisputeAnswer | None = column("", "The answer, where there is one.")
    rules: list[str] = column("", "The rules that rested on the row and are to be judged again.")


def dispute_row(change: Change, *, finding: str, batch: int, rowNo: int, because: str) -> dict[str, Any]:  # noqa: N803 - as the API spells it
    """`disputeRow`."""
    return _told(correction.dispute(change, batch=batch, row=rowNo, because=because, finding=finding))


def answer_dispute(
    change: Change,
    *,
    dispute: str,
    answer: DisputeAnswer,
    because: str,
    correctedIn: int | None = None,  # noqa: N803
) -> dict[str, Any]:
    """`answerDispute`."""
    told, rules = correction.answer(change, dispute=dispute, answer=answer, because=because, corrected_in=correctedIn)
    return _told(told, rules)


def escalate_dispute(change: Change, *, dispute: str, because: str) -> dict[str, Any]:
    """`escalateDispute`."""
    return _told(correction.escalate(change, dispute=dispute, because=because))


def _told(one: correction.Dispute, rules: Any = ()) -> dict[str, Any]:
    return {"dispute": str(one.id), "step": one.step, "dueOn": one.due_on, "answer": one.answer, "rules": list(rules)}


def disputed(finding: strawberry.ID, batch: int, row_no: int, because: str) -> None: ...


def answered(dispute: strawberry.ID, answer: DisputeAnswer, because: str, corrected_in: int | None = None) -> None: ...


def escalated(dispute: strawberry.ID, because: str) -> None: ...
