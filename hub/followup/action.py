"""What was done about an item of a worklist: by whom, on which day, with which result, and why not enrolled.

A report carries a key that whoever reports chose: sent twice, it is there once. Refuses (``RequestError``) an item that
is not within reach or not dispatched, a key that was used for another report, a day to come, a reason that does not go
with the result. Where the item is a person's who is to be reminded by a visit, the report is that reminder (`remind`).
"""

from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from hub.audit.event import Kind
from hub.errors import RequestError
from hub.followup import remind
from hub.policy import Change
from hub.store.worklist import WORK_ITEMS, work_action, work_event
from hub.terms import ActionKind, ActionResult, NotEnrolledReason

from .worklist import BESIDE, number

LONGEST: Final = 100  # letters of an officer's name and of a key

_ITEM: Final = """
select i.subject_key, i.finding_id, i.state, w.subject
  from work_item i join {items} w on w.subject_key = i.subject_key and w.finding_id = i.finding_id
 where i.finding_id = :item and ({which})
   for update of i
"""

# What is said anew is not contradicted yet.
_REPORTED: Final = sa.text("""
update work_item set state = 'reported', reported_at = coalesce(reported_at, :at), contradicted_at = null
 where subject_key = :subject_key and finding_id = :finding_id
""")


def report(
    change: Change,
    *,
    item: str,
    kind: ActionKind,
    on: date,
    result: ActionResult,
    officer: str,
    key: str,
    reason: NotEnrolledReason | None = None,
) -> dict[str, Any]:
    """Write down what was done about an item. ``key`` is the reporter's own: the same report again changes nothing.

    Gives the ``item``, its ``state``, and whether the report was there ``already``.
    """
    its = number(item)
    _sensible(change, on, officer, key)
    change.connection.execute(BESIDE)
    scope, reach = change.reach("w")
    found = change.connection.execute(
        sa.text(_ITEM.format(items=WORK_ITEMS, which=scope)), {"item": its, **reach}
    ).first()
    if found is None:
        raise RequestError(
            "REQUEST_ITEM",
            "No such item is yours to report on",
            hint="Ask for your worklist: it may be recalled or closed.",
        )
    if (reason is not None) != (result is ActionResult.not_enrolled and found.subject == "person"):
        raise RequestError("REQUEST_ARGUMENT", "reason: goes with not_enrolled, of a person, and with nothing else")
    told = {"kind": kind.value, "acted_on": on, "result": result.value, "reason": reason and reason.value}
    told |= {"officer": officer.strip()}
    place = {"subject_key": found.subject_key, "finding_id": found.finding_id}
    action = UUID(bytes=sha256(f"{change.by}\n{its}\n{key}".encode()).digest()[:16])
    if _known(change, place, action, told):
        return {"item": str(its), "state": found.state, "already": True}
    if found.state not in {"dispatched", "reported"}:
        raise RequestError("REQUEST_ITEM", f"The item is {found.state}: nothing is reported on it now")
    change.connection.execute(
        work_action.insert().values(**place, **told, id=action, by=change.by, recorded_at=change.at)
    )
    change.connection.execute(_REPORTED, {**place, "at": change.at})
    if found.state == "dispatched":
        change.connection.execute(work_event.insert().values(**place, at=change.at, event="reported", by=change.by))
    reminds = {"reminds": True} if remind.visited(change, found.subject_key, its, told) else {}
    personal = {"item": str(its), "action": str(action), "result": result.value, "officer": officer.strip()}
    change.record(Kind.finding_changed, {"what": "reported", "kind": kind.value} | reminds, personal)
    return {"item": str(its), "state": "reported", "already": False}


def _known(change: Change, place: Mapping[str, Any], action: UUID, told: Mapping[str, Any]) -> bool:
    """Whether this very report is there. RequestError where its key was used for another."""
    columns = [work_action.c[name] for name in told]
    same = [work_action.c[name] == value for name, value in (*place.items(), ("id", action))]
    there = change.connection.execute(sa.select(*columns).where(*same)).first()
    if there is not None and there._asdict() != dict(told):
        raise RequestError(
            "REQUEST_KEY", "key: was used for another report on this item", hint="A new report takes a new key."
        )
    return there is not None


def _sensible(change: Change, on: date, officer: str, key: str) -> None:
    """RequestError where a report cannot be so."""
    if on > change.today:
        raise RequestError("REQUEST_ARGUMENT", "on: a day that has not come yet", f"today is {change.today}")
    for name, text in (("officer", officer), ("key", key)):
        if not 0 < len(text.strip()) <= LONGEST or not text.isprintable():
            raise RequestError("REQUEST_ARGUMENT", f"{name}: from 1 to {LONGEST} letters, in one line")
