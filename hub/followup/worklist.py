"""Worklists (清单): findings become items that an area or an office is to act on; recall; closing.

An item is a finding's, and goes by its id. States as offices know them:

    waiting (未下放) → dispatched (待填报) → reported (已填报);  recalled (已收回) from both, and dispatched again
    closed, from each of them, when the finding has cleared (动态清零); waiting again when it comes back

`follow` brings the items in line with the findings after a check; `dispatch` and `recall` move many at once; what was
done about one, `action` writes down. All are set-wise, harmless to repeat, and keep their history. While a finding is
unknown its item is *held*: nobody is late with it, and when the finding is open again there is as much time as at the
beginning. An item whose subject has moved is taken back, to be dispatched to where it lives now. One that was reported
as settled, and whose finding still holds by deliveries of a later month, is *contradicted* (待核查). Where a person is
to be reminded by a visit (`remind`), the item is dispatched for it, also one that was reported before.
Refuses (``RequestError``) a selection that says nothing, (``CheckError``) deadlines that nobody set.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from hub.audit.event import Kind
from hub.checks import read_rules
from hub.checks.parameter import applied, city_parameters
from hub.errors import CheckError, RequestError
from hub.policy import Change
from hub.store.worklist import WORK_ITEMS

from .workday import add_workdays

#: The parameter that holds the deadlines, and what each of its values must name.
DAYS: Final = "follow_up_days"
KEYS: Final = ("high", "medium", "low", "source")
#: Items that one selection may name one by one.
MOST_NAMED: Final = 1000

# Whoever moves many items waits for whoever moves any; those who report on one (``action``) go side by side.
_ALONE: Final = sa.text("select pg_advisory_xact_lock(hashtext('worklist'))")
BESIDE: Final = sa.text("select pg_advisory_xact_lock_shared(hashtext('worklist'))")

#: A deadline, {on, provisional}, by what is nearest: the rule, a department's data, the severity.
_DUE: Final = """coalesce(cast(:dues as jsonb) -> {a}.rule,
                          case when {a}.office is not null then cast(:dues as jsonb) -> 'source' end,
                          cast(:dues as jsonb) -> {a}.severity)"""

_FOLLOW: Final = sa.text(f"""
with standing as (
    select f.subject_key, f.id, f.state as found, f.area as lives, f.unknown_because, f.rule, f.severity,
           case when f.rule = any(:sources) then nullif(split_part(f.matter, '/', 1), '') end as acts,
           w.state, w.area, w.office, w.appeared_at, w.dispatched_at, w.due_on, w.due_provisional, w.reported_at,
           w.contradicted_at, w.held_because, settled.on_day, told.until
      from finding f
      left join work_item w on w.subject_key = f.subject_key and w.finding_id = f.id
      cross join lateral (
          select max(a.acted_on) as on_day from work_action a
           where w.state = 'reported' and w.contradicted_at is null and f.state = 'open'
             and a.subject_key = f.subject_key and a.finding_id = f.id and a.result in ('enrolled', 'rectified')
      ) settled
      cross join lateral (
          select min(cast(b.value ->> 'period' as date)) + interval '1 month' as until
            from check_run r cross join lateral jsonb_each(r.batches) b
           where settled.on_day is not null and r.id = f.run_id and cast(:shown_by as jsonb) -> f.rule ? b.key
      ) told
     where f.state <> 'cleared' or w.state <> 'closed'
), judged as (
    select s.*, {_DUE.format(a="s")} as due,
           case when found = 'cleared' then 'closed'
                when found = 'open' and state is null then 'appeared'
                when found = 'open' and state = 'closed' then 'reopened'
                when found = 'open' and state <> 'reported' and (lives, acts) is distinct from (area, office)
                     then 'moved'
                when on_day < until then 'contradicted'
                when found = 'open' and held_because is not null then 'released'
                when found = 'unknown' and state <> 'closed' and held_because is null then 'held'
           end as event
      from standing s
), happened as (
    select * from judged where event is not null
), kept as (
    insert into work_item as i (subject_key, finding_id, state, area, office, appeared_at, dispatched_at, due_on,
                                due_provisional, reported_at, contradicted_at, held_because, closed_at)
    select subject_key, id,
           case when event in ('appeared', 'reopened') then 'waiting'
                when event = 'closed' then 'closed'
                when event = 'moved' and state = 'dispatched' then 'recalled'
                else state end,
           case when event in ('appeared', 'reopened', 'moved') then lives else area end,
           case when event in ('appeared', 'reopened', 'moved') then acts else office end,
           case when event in ('appeared', 'reopened') then :at else appeared_at end,
           case when event <> 'reopened' then dispatched_at end,
           case when event = 'released' and state = 'dispatched' then greatest(due_on, cast(due ->> 'on' as date))
                when event <> 'reopened' then due_on end,
           case when event = 'released' and state = 'dispatched' and cast(due ->> 'on' as date) > due_on
                then cast(due ->> 'provisional' as boolean)
                when event <> 'reopened' then due_provisional end,
           case when event <> 'reopened' then reported_at end,
           case when event = 'contradicted' then :at when event <> 'reopened' then contradicted_at end,
           case when event = 'held' then coalesce(unknown_because, 'not decided') end,
           case when event = 'closed' then :at end
      from happened
    on conflict (subject_key, finding_id) do update set
        state = excluded.state, area = excluded.area, office = excluded.office, appeared_at = excluded.appeared_at,
        dispatched_at = excluded.dispatched_at, due_on = excluded.due_on, due_provisional = excluded.due_provisional,
        reported_at = excluded.reported_at, contradicted_at = excluded.contradicted_at,
        held_because = excluded.held_because, closed_at = excluded.closed_at
), noted as (
    insert into work_event (subject_key, finding_id, at, event) select subject_key, id, :at, event from happened
)
select event, count(*) from happened group by event order by event
""")

_DISPATCH: Final = """
with chosen as (
    select w.*, {due} as due from {items} w where w.state = any(:from) and ({which})
), sent as (
    update work_item i
       set state = 'dispatched', dispatched_at = :at, due_on = cast(c.due ->> 'on' as date),
           due_provisional = cast(c.due ->> 'provisional' as boolean), reported_at = null, contradicted_at = null
      from chosen c
     where i.subject_key = c.subject_key and i.finding_id = c.finding_id
       and c.held_because is null and coalesce(c.area, c.office) is not null
    returning i.subject_key, i.finding_id
), noted as (
    insert into work_event (subject_key, finding_id, at, event, by)
    select subject_key, finding_id, :at, 'dispatched', :by from sent
)
select (select count(*) from sent) as dispatched,
       count(*) filter (where held_because is not null) as held,
       count(*) filter (where held_because is null and coalesce(area, office) is null) as unaddressed
  from chosen
"""

_RECALL: Final = """
with recalled as (
    update work_item i set state = 'recalled'
      from {items} w
     where i.subject_key = w.subject_key and i.finding_id = w.finding_id
       and w.state in ('dispatched', 'reported') and ({which})
    returning i.subject_key, i.finding_id
), noted as (
    insert into work_event (subject_key, finding_id, at, event, by)
    select subject_key, finding_id, :at, 'recalled', :by from recalled
)
select count(*) as recalled from recalled
"""

_VISITS: Final = """exists (
    select from reminder r where r.subject_key = w.subject_key and r.finding_id = w.finding_id
       and r.year = :visits and r.how = 'visit' and r.state = 'open')"""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items: those that are all of what is said; ``items`` by their ids. RequestError where nothing is said.

    ``visits``: a payment year, of which a reminder is to be made by a visit that no town was handed yet.
    """

    rule: str | None = None
    area: str | None = None
    office: str | None = None
    severity: str | None = None
    items: Collection[str] | None = None
    visits: int | None = None

    def said(self) -> dict[str, Any]:
        """What is said, by name; not which items."""
        named = {name: getattr(self, name) for name in ("rule", "area", "office", "severity", "visits")}
        return {name: value for name, value in named.items() if value is not None}

    def where(self) -> tuple[str, dict[str, Any]]:
        """The condition on items called ``w``, and its parameters."""
        said = self.said()
        conditions, values = [_VISITS if name == "visits" else f"w.{name} = :{name}" for name in said], said
        if self.items is not None:
            if len(self.items) > MOST_NAMED:
                raise RequestError(
                    "REQUEST_ARGUMENT", f"items: at most {MOST_NAMED}", f"asked: {len(self.items)}", "Ask in parts."
                )
            conditions.append("w.finding_id = any(cast(:items as uuid[]))")
            values = values | {"items": [str(number(one)) for one in self.items]}
        if not conditions:
            raise RequestError(
                "REQUEST_ARGUMENT",
                "Which items is not said",
                hint="Say a rule, an area, an office, a severity, or items.",
            )
        return " and ".join(conditions), values


def follow(change: Change) -> dict[str, int]:
    """Bring the items in line with the findings as they are now; how many appeared, closed, were held …"""
    change.connection.execute(_ALONE)
    parameters = {
        "sources": list(_about_data()),
        "shown_by": json.dumps(_shown_by()),
        "dues": json.dumps(deadlines(change) or {}),
        "at": change.at,
    }
    counts: dict[str, int] = dict(change.connection.execute(_FOLLOW, parameters).all())
    if counts:
        change.record(Kind.worklist_followed, counts)
    return counts


def dispatch(change: Change, selection: Selection) -> dict[str, int]:
    """Hand items that wait or were recalled, for visits also those reported, to whoever is to act, with deadlines.

    Gives how many were ``dispatched``; those ``held`` because the finding is unknown, and those ``unaddressed`` because
    the finding names no area, stay where they are.
    """
    which, values = selection.where()
    follow(change)
    dues = deadlines(change)
    if dues is None:
        raise CheckError(
            "CHECK_NOT_CONFIGURED",
            f"{DAYS} is not configured for {change.region}",
            f"no value holds on {change.today}",
            f"Add an entry with {', '.join(KEYS)} to hub/checks/parameters/{DAYS}.toml",
        )
    values["from"] = ["waiting", "recalled"] if selection.visits is None else ["waiting", "recalled", "reported"]
    after = change.at + timedelta(microseconds=1)  # what was followed came before: histories are in order of time
    return _moved(change, _DISPATCH, "dispatched", selection, which, {**values, "at": after, "dues": json.dumps(dues)})


def recall(change: Change, selection: Selection) -> dict[str, int]:
    """Take items back from whoever was to act; how many were ``recalled``. What was reported stays."""
    which, values = selection.where()
    change.connection.execute(_ALONE)
    return _moved(change, _RECALL, "recalled", selection, which, {**values, "at": change.at})


def _moved(
    change: Change, statement: str, what: str, selection: Selection, which: str, values: Mapping[str, Any]
) -> dict[str, int]:
    """Run a statement over the chosen items within reach, and record it where it moved any."""
    scope, reach = change.reach("w")
    sql = statement.format(items=WORK_ITEMS, which=f"{which} and ({scope})", due=_DUE.format(a="w"))
    row = change.connection.execute(sa.text(sql), {**values, **reach, "by": change.by}).one()
    counts = row._asdict()
    if counts[what]:
        chosen = None if selection.items is None else {"items": sorted(selection.items)}
        change.record(Kind.finding_changed, {"what": what, **counts, "chosen": selection.said()}, chosen)
    return counts


def number(text: str) -> UUID:
    """The id of an item. RequestError where it is none."""
    try:
        return UUID(text)
    except ValueError:
        raise RequestError("REQUEST_ARGUMENT", "item: not the id of an item") from None


def deadlines(change: Change) -> dict[str, dict[str, Any]] | None:
    """Severity, source or rule → its deadline, counted from today; None where the city has set none."""
    days = applied(city_parameters()[DAYS], change.region, change.today)
    if days is None or not set(KEYS) <= set(days.value):
        return None
    counted = {key: add_workdays(change.today, int(value)) for key, value in days.value.items()}
    return {key: {"on": one.on.isoformat(), "provisional": one.provisional} for key, one in counted.items()}


@cache
def _about_data() -> tuple[str, ...]:
    """The rules whose findings concern the department whose data they are about, named in their matter."""
    return tuple(rule.name for rule in read_rules() if rule.concerns == "source")


@cache
def _shown_by() -> dict[str, tuple[str, ...]]:
    """Rule → the deliveries in which it would be seen that a finding no longer holds."""
    return {rule.name: rule.misses or rule.needs for rule in read_rules()}
