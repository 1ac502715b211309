"""Worklists: findings handed out to whoever is to act, what was done, what is late."""

import getpass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import uuid4

import typer
from sqlalchemy import text

from hub.followup import action
from hub.followup import worklist as items
from hub.store.worklist import WORK_ITEMS
from hub.terms import ActionKind, ActionResult, NotEnrolledReason

from . import parts
from .console import out, table

worklists = typer.Typer(help="Worklists (清单): findings that somebody is to act on.", no_args_is_help=True)

Rule = Annotated[str | None, typer.Option(help="Of this rule.")]
Area = Annotated[str | None, typer.Option(help="Of this reporting area: 371082100.")]
Office = Annotated[str | None, typer.Option(help="Of this department, about its data.")]
Severity = Annotated[str | None, typer.Option(help="high, medium or low.")]
Item = Annotated[list[str] | None, typer.Option(help="An item by its id; may be repeated.")]

#: The states as officials know them.
STATES: Final = {
    "waiting": "未下放",
    "dispatched": "待填报",
    "reported": "已填报",
    "recalled": "已收回",
    "closed": "已清零",
}
_OVERDUE: Final = "(w.state = 'dispatched' and w.held_because is null and w.due_on < :today)"
_LISTED: Final = f"""
select w.finding_id, w.rule, w.severity, w.state, coalesce(w.area, w.office) as acts, w.due_on, w.due_provisional,
       {_OVERDUE} as overdue, w.held_because, w.contradicted_at, last.kind, last.result, last.reason
  from {WORK_ITEMS} w
  left join lateral (select a.kind, a.result, a.reason from work_action a
                      where a.subject_key = w.subject_key and a.finding_id = w.finding_id
                      order by a.acted_on desc, a.recorded_at desc limit 1) last on true
 where {{which}}
 order by w.sorts_on, w.finding_id
 limit :first
"""


@worklists.command("dispatch")
def dispatch(
    rule: Rule = None, area: Area = None, office: Office = None, severity: Severity = None, item: Item = None
) -> None:
    """Hand out items that wait or were recalled (下放), each with its deadline; again it does nothing."""
    with parts.changing() as change:
        counts = items.dispatch(change, items.Selection(rule, area, office, severity, item))
    out.print(f"{counts['dispatched']:,} dispatched.")
    if counts["held"]:
        out.print(f"{counts['held']:,} stay: their findings are unknown until deliveries come.")
    if counts["unaddressed"]:
        out.print(f"{counts['unaddressed']:,} stay: their findings name no area that is to act.")


@worklists.command("recall")
def recall(
    rule: Rule = None, area: Area = None, office: Office = None, severity: Severity = None, item: Item = None
) -> None:
    """Take items back from whoever was to act (收回); what was reported stays."""
    with parts.changing() as change:
        counts = items.recall(change, items.Selection(rule, area, office, severity, item))
    out.print(f"{counts['recalled']:,} recalled.")


@worklists.command("report")
def report(
    item: Annotated[str, typer.Argument(help="The item's id.")],
    kind: Annotated[ActionKind, typer.Option(help="What was done.")],
    on: Annotated[datetime, typer.Option(help="The day it was done.", formats=["%Y-%m-%d"])],
    result: Annotated[ActionResult, typer.Option(help="What came of it.")],
    reason: Annotated[NotEnrolledReason | None, typer.Option(help="Why the person is not enrolled.")] = None,
    officer: Annotated[str | None, typer.Option(help="Who did it; you, if not said.")] = None,
    key: Annotated[str | None, typer.Option(help="Of your choice: the same key again changes nothing.")] = None,
) -> None:
    """Write down what was done about an item (填报)."""
    with parts.changing() as change:
        told = action.report(
            change,
            item=item,
            kind=kind,
            on=on.date(),
            result=result,
            officer=officer or getpass.getuser(),
            key=key or str(uuid4()),
            reason=reason,
        )
    out.print("It was reported before." if told["already"] else "Reported.")


@worklists.command("list")
def listed(
    rule: Rule = None,
    area: Area = None,
    office: Office = None,
    severity: Severity = None,
    state: Annotated[str | None, typer.Option(help=f"{', '.join(STATES)}; all but closed, if not said.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose last day has passed.")] = False,
    first: Annotated[int, typer.Option(help="How many, the most urgent first.", min=1)] = 50,
) -> None:
    """What is to be acted on, the most urgent first; late items are marked. Nobody is named."""
    if state is not None and state not in STATES:
        raise typer.BadParameter(f"a state is one of {', '.join(STATES)}")
    said = items.Selection(rule, area, office, severity).said()
    conditions = [f"w.{name} = :{name}" for name in said]
    conditions.append("w.state <> 'closed'" if state is None else "w.state = :state")
    if overdue:
        conditions.append(_OVERDUE)
    values: dict[str, Any] = {**said, "state": state, "today": parts.today(), "first": first}
    with parts.reader().connect() as connection:
        found = connection.execute(text(_LISTED.format(which=" and ".join(conditions))), values).all()
    rows = [
        [
            str(one.finding_id),
            one.rule,
            one.severity,
            STATES[one.state],
            one.acts,
            one.due_on and f"{one.due_on}{'?' if one.due_provisional else ''}",
            "超期" if one.overdue else "暂缓" if one.held_because else "待核查" if one.contradicted_at else "",
            " ".join(part for part in (one.kind, one.result, one.reason) if part),
        ]
        for one in found
    ]
    table("Worklist", ["item", "rule", "severity", "state", "who acts", "due", "", "last action"], rows)
    if any(one.due_provisional for one in found):
        out.print("? the holidays of a year on the way are not announced yet: the day may move.")
