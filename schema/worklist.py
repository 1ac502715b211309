"""Worklists: items, what was done about them, and the mutations that move them on."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from hub.followup import action, worklist
from hub.policy import Change
from hub.query.bind import BY_ROOT, Source, collection, column, link, noun, source_of
from hub.store.worklist import WORK_ITEMS, work_action, work_event
from hub.terms import ActionKind, ActionResult, NotEnrolledReason

if TYPE_CHECKING:
    from .finding import Finding

OVERDUE = "coalesce({a}.state = 'dispatched' and {a}.held_because is null and {a}.due_on < {today}, false)"
#: Of the oldest visit that is still to be made this year: what is reported on the item makes that one.
VISIT_BECAUSE = """(
    select r.because from reminder r
     where r.subject_key = {a}.subject_key and r.finding_id = {a}.finding_id and r.how = 'visit'
       and r.state in ('open', 'dispatched') and r.year = extract(year from {today})
     order by r.number limit 1)"""
OF_ITEM = {"subject_key": "subject_key", "finding_id": "finding_id"}

strawberry.enum(ActionKind, description="What was done (处理方式).")
strawberry.enum(ActionResult, description="What came of it (处理结果); `not_enrolled` of a person goes with a reason.")
strawberry.enum(NotEnrolledReason, description="Why a person is not enrolled (未参保原因).")


@noun(source_of(work_action))
class WorkAction:
    """Something that was done about an item (处理记录)."""

    kind: ActionKind = column(work_action.c.kind, "What was done.")
    acted_on: date = column(work_action.c.acted_on, "The day it was done.")
    result: ActionResult = column(work_action.c.result, "What came of it.")
    reason: NotEnrolledReason | None = column(work_action.c.reason, "Why the person is not enrolled (未参保原因).")
    officer: str = column(work_action.c.officer, "Who did it, as the office names its staff (经办人).")
    recorded_at: datetime = column(work_action.c.recorded_at, "When it was reported (填报时间).")


@noun(source_of(work_event))
class WorkEvent:
    """A turn in the life of an item (流转记录)."""

    event: str = column(
        work_event.c.event,
        "appeared, dispatched (下放), reported (填报), contradicted (待核查), recalled (收回), moved, held, released, "
        "closed (清零) or reopened.",
    )
    at: datetime = column(work_event.c.at, "When.")
    by: str | None = column(work_event.c.by, "Who; null where the hub did, following the finding.")


@noun(
    Source(
        sql=WORK_ITEMS,
        key=("sorts_on", "finding_id"),
        subject="person",
        columns={"sorts_on": "date", "finding_id": "uuid"},
    )
)
class WorkItem:
    """A finding that somebody is to act on (待办疑点)."""

    id: strawberry.ID = column("{a}.finding_id::text", "The item's number: its finding's.")
    rule: str = column("{a}.rule", "The rule that found it.")
    subject: str = column("{a}.subject", "Whom it is about: person, employer or project.")
    severity: str = column("{a}.severity", "high, medium or low.")
    state: str = column(
        "{a}.state",
        "waiting (未下放), dispatched (待填报), reported (已填报), recalled (已收回) or closed (已清零).",
    )
    area: str | None = column("{a}.area", "Reporting area that is to act (镇街).")
    office: str | None = column("{a}.office", "Department that is to act, about its data.")
    appeared_at: datetime = column("{a}.appeared_at", "When it first waited, or waited again.")
    dispatched_at: datetime | None = column("{a}.dispatched_at", "When it was dispatched last (下放时间).")
    due_on: date | None = column("{a}.due_on", "Last day to act, in working days (办理期限).")
    due_provisional: bool | None = column(
        "{a}.due_provisional", "Whether a day was counted in a year whose holidays are not announced yet."
    )
    overdue: bool = column(OVERDUE, "Whether the last day has passed and nothing was reported (超期).")
    held_because: str | None = column("{a}.held_because", "Why the finding is unknown now: nobody is late meanwhile.")
    visit_because: str | None = column(
        VISIT_BECAUSE,
        "Why the person is to be reminded by a visit or a call (断保提醒需上门的原因): no_phone, opted_out, failed, "
        "gave_up or to_be_checked; null where no such reminder is to be made.",
    )
    reported_at: datetime | None = column(
        "{a}.reported_at", "When something was first reported since it was dispatched."
    )
    contradicted_at: datetime | None = column(
        "{a}.contradicted_at",
        "When it was found again, by deliveries of a later month than it was reported as settled in (待核查).",
    )
    closed_at: datetime | None = column("{a}.closed_at", "When its finding had cleared (清零时间).")
    finding: Annotated["Finding", strawberry.lazy("schema.finding")] = link(
        {"subject_key": "subject_key", "id": "finding_id"}, "The finding, with whom it is about and its evidence."
    )
    actions: list[WorkAction] = collection(
        OF_ITEM, ("acted_on", "recorded_at", "id"), "What was done, oldest first.", most=20
    )
    history: list[WorkEvent] = collection(OF_ITEM, ("at", "event"), "How it went, oldest first.", most=20)


@noun(BY_ROOT)
class Dispatched:
    """What became of a dispatch (下放结果)."""

    dispatched: int = column("", "Items handed out, each with its deadline.")
    held: int = column("", "Items that stay, because their finding is unknown.")
    unaddressed: int = column("", "Items that stay, because their finding names nobody who is to act.")


@noun(BY_ROOT)
class Recalled:
    """What became of a recall (收回结果)."""

    recalled: int = column("", "Items taken back.")


@noun(BY_ROOT)
class Reported:
    """What became of a report (填报结果)."""

    item: strawberry.ID = column("", "The item.")
    state: str = column("", "Its state now.")
    already: bool = column("", "Whether this very report was there before, and nothing was changed.")


def dispatch_findings(change: Change, **selection: Any) -> dict[str, int]:
    """`dispatchFindings`."""
    return worklist.dispatch(change, worklist.Selection(**selection))


def recall_items(change: Change, **selection: Any) -> dict[str, int]:
    """`recallItems`."""
    return worklist.recall(change, worklist.Selection(**selection))


report_action = action.report


def selected(
    rule: str | None = None,
    area: str | None = None,
    office: str | None = None,
    severity: str | None = None,
    items: list[strawberry.ID] | None = None,
) -> None: ...


def reported(
    item: strawberry.ID,
    kind: ActionKind,
    on: date,
    result: ActionResult,
    officer: str,
    key: str,
    reason: NotEnrolledReason | None = None,
) -> None: ...
