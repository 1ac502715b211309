"""Notices about findings, and the mutations on the way from a notice to the list of the untrustworthy."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from hub.followup import discipline, fair
from hub.policy import Change
from hub.query.bind import BY_ROOT, column, link, noun, source_of
from hub.store.notice import notice

if TYPE_CHECKING:
    from .finding import Finding


@noun(source_of(notice, key=("number",)))
class Notice:
    """A letter about a finding (告知书、提醒函、限期整改通知书、面谈通知书); its text is for whoever prints it."""

    number: str = column(notice.c.number, "Its number (文号).")
    kind: str = column(notice.c.kind, "notification, reminder_letter, rectification or interview.")
    rule: str = column(notice.c.rule, "The rule whose finding it is about.")
    area: str | None = column(notice.c.area, "Reporting area (镇街).")
    state: str = column(notice.c.state, "issued, served (已送达) or withdrawn (已撤回).")
    issued_at: datetime = column(notice.c.issued_at, "When it was written.")
    served_on: date | None = column(notice.c.served_on, "The day it reached its addressee (送达日期).")
    deadline_on: date | None = column(notice.c.deadline_on, "The last day to put it right, in working days.")
    withdrawn_at: datetime | None = column(notice.c.withdrawn_at, "When it was taken back.")
    withdrawn_because: str | None = column(notice.c.withdrawn_because, "Why: finding_cleared, or an officer's reason.")
    finding: Annotated["Finding", strawberry.lazy("schema.finding")] = link(
        {"subject_key": "subject_key", "id": "finding_id"}, "The finding it is about."
    )


@noun(BY_ROOT)
class Issued:
    """What became of writing notices (告知书制发结果)."""

    numbers: list[str] = column("", "The numbers of the notices written now; none where all have theirs.")


@noun(BY_ROOT)
class Served:
    """What became of a service (送达登记结果)."""

    number: str = column("", "The notice.")
    deadline_on: date = column("", "The last day to put it right.")


@noun(BY_ROOT)
class Listing:
    """What became of a step towards the list of seriously untrustworthy employers (严重失信认定进展)."""

    finding: strawberry.ID = column("", "The finding.")
    state: str = column("", "proposed (拟列入), signed (已签批) or lifted (移出).")


def issue_notices(change: Change, **said: Any) -> dict[str, Any]:
    """`issueNotices`."""
    return {"numbers": fair.issue(change, **said)}


def record_service(change: Change, *, number: str, **said: Any) -> dict[str, Any]:
    """`recordService`."""
    return {"number": number, "deadlineOn": fair.serve(change, number, **said)}


def propose_listing(change: Change, **said: Any) -> dict[str, Any]:
    """`proposeListing`."""
    return fair.step(change, discipline.propose, "proposed", **said)


def sign_listing(change: Change, **said: Any) -> dict[str, Any]:
    """`signListing`."""
    return fair.step(change, discipline.sign, "signed", **said)


def issued(
    rule: str,
    kind: str,
    officer: str,
    position: str,
    area: str | None = None,
    findings: list[strawberry.ID] | None = None,
    workdays: int | None = None,
) -> None: ...


def served(number: str, on: date, how: str, officer: str, position: str) -> None: ...


def listed(finding: strawberry.ID, reason: str, officer: str, position: str) -> None: ...
