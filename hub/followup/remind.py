"""Reminders: interrupted payers reminded point-to-point, so many times in the payment year (P03).

In charge of who is due: a person with an open finding of ``RULE`` is owed ``reminders_per_year_min`` reminders a
calendar year, evenly spread from the day it was found (or 1 January) to 31 December, and never two within a week.
Counted by the person's pseudonym and year. A reminder is a message to the phone that rests sealed with the person;
where there is none, where the person opted out, where the message cannot be delivered, or where the finding is still
to be checked, it is a *visit*: the finding's item is dispatched to the area where the person lives (``hand_out``), once
for each visit, also where the item was reported or taken back before. What is reported on it by whoever spoke to the
person makes the visit (``visited``): in the year it was for, or it counts in none.
What of a year cannot be made up in the days that are left is counted as short, not crammed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa

from hub.audit.event import Event, Kind, Outcome, Personal
from hub.audit.log import record_sync
from hub.checks.parameter import applied, city_parameters
from hub.errors import FollowupError
from hub.followup import letter, outbox, worklist
from hub.followup.letter import Office
from hub.followup.notice import identity
from hub.followup.officer import Officer
from hub.policy import Change
from hub.store.notice import reminder
from hub.terms import ActionKind, ActionResult

RULE: Final = "interrupted"
LEAST: Final = "reminders_per_year_min"
#: Days between two reminders of a person. Ours, no policy's: a reminder a day would be a nuisance.
GAP: Final = 7
#: What is done by speaking or writing to the person; an audit or a referral reminds nobody.
SPEAKS: Final = frozenset(
    {ActionKind.notice, ActionKind.call, ActionKind.message, ActionKind.visit, ActionKind.interview}
)

# One row a person: how many reminders were made this year, and whether one is due.
_STANDING: Final = """
    select one.*, one.made < :least and one.made <= (:today - one.since) / greatest((:ends - one.since + 1) / :least, 1)
                  and (one.last_on is null or one.last_on <= :today - :gap) as due
    from (
        select distinct on (f.subject_key) f.subject_key, f.person_key, f.id as finding_id, f.values,
               coalesce(r.made, 0) as made, coalesce(r.done, 0) as done, coalesce(r.numbered, 0) as numbered, r.last_on,
               greatest(cast(f.opened_at at time zone 'Asia/Shanghai' as date), cast(:begins as date)) as since
        from finding f
        left join (
            select subject_key, count(*) filter (where state <> 'void') as made,
                   count(*) filter (where state = 'done') as done, max(number) as numbered, max(made_on) as last_on
            from reminder where year = :year group by subject_key
        ) as r on r.subject_key = f.subject_key
        where f.rule = :rule and f.state = 'open' and f.person_key is not null
        order by f.subject_key, f.opened_at, f.id
    ) as one
"""

_COUNTS: Final = sa.text(f"""
select made, count(*) as persons, count(*) filter (where due) as due,
       count(*) filter (where done >= :least) as reminded,
       count(*) filter (where made + greatest(0, 1 + floor(
           (:ends - greatest(:today, coalesce(last_on + :gap, :today))) / cast(:gap as numeric))) < :least) as short
from ({_STANDING}) as standing group by made order by made
""")

_DUE: Final = sa.text(f"""
select standing.*, p.sealed, coalesce(o.opted_out, false) as opted_out
from ({_STANDING}) as standing
left join person p
    on p.person_key = standing.person_key and p.known_until = timestamptz '9999-12-31 00:00:00+00'
left join message_opt_out o on o.subject_key = standing.subject_key
where due order by standing.subject_key limit :most
""")

_WAITING: Final = sa.text("""
select exists (
    select from reminder r join finding f on f.subject_key = r.subject_key and f.id = r.finding_id
     where r.year = :year and r.how = 'visit' and r.state = 'open' and f.state = 'open' and f.area is not null)
""")

_HANDED: Final = sa.text("""
update reminder r set state = 'dispatched' from work_item w
 where w.subject_key = r.subject_key and w.finding_id = r.finding_id and w.state = 'dispatched'
   and r.year = :year and r.how = 'visit' and r.state = 'open'
""")

_MADE: Final = sa.text("""
update reminder set state = 'done', done_on = :on, done_by = :by
 where subject_key = :subject and year = :year and number = (
     select number from reminder
      where subject_key = :subject and year = :year and finding_id = :finding and how = 'visit'
        and state in ('open', 'dispatched') and made_on <= :on
      order by number limit 1 for update)
""")

_VISITS: Final = sa.text("""
select f.area, r.because, count(*) as visits, count(*) filter (where w.state in ('dispatched', 'reported')) as listed,
       min(r.made_on) as since
  from reminder r
  join finding f on f.subject_key = r.subject_key and f.id = r.finding_id
  left join work_item w on w.subject_key = r.subject_key and w.finding_id = r.finding_id
 where r.year = :year and r.how = 'visit' and r.state in ('open', 'dispatched')
 group by f.area, r.because order by f.area, r.because
""")


@dataclass(frozen=True, slots=True)
class Standing:
    """The persons who were reminded ``made`` times this year: how many.

    Of them ``due`` now; reached as often as is ruled (``reminded``); and ``short``, who no longer can be.
    """

    made: int
    persons: int
    due: int
    reminded: int
    short: int


@dataclass(frozen=True, slots=True)
class Made:
    """How many reminders became a message, and how many a visit, by reason."""

    messages: int
    visits: dict[str, int]


def standing(connection: sa.Connection, *, region: str, today: date) -> tuple[int, list[Standing]]:
    """How many reminders a year are ruled, and who stands how: counts only."""
    asked = _asked(region, today)
    return asked["least"], [Standing(*row) for row in connection.execute(_COUNTS, asked)]


def remind(change: Change, *, office: Office, officer: Officer, most: int = 10_000) -> Made:
    """Make the reminders that are due now, one a person: messages into the outbox, visits on to worklists."""
    connection, keyring, today = change.connection, change.keyring, change.today
    # Two who remind at once must not count the same person twice.
    connection.execute(sa.text("select pg_advisory_xact_lock(hashtext('remind'))"))
    due = connection.execute(_DUE, _asked(change.region, today) | {"most": most}).all()
    rows, messages = [], []
    for one in due:
        phone = identity(keyring, one.person_key, one.sealed).get("phone") if one.sealed else None
        because = _visited_because(one, phone)
        made = uuid4()
        rows.append(
            {
                "subject_key": one.subject_key,
                "year": today.year,
                "number": one.numbered + 1,
                "id": made,
                "finding_id": one.finding_id,
                "how": "visit" if because else "message",
                "because": because,
                "state": "open",
                "made_on": today,
            }
        )
        if not because:
            text = letter.rendered("reminder.txt", _told(one.values, office, today))
            content = outbox.Content(phone or "", "断保提醒", text)
            messages.append(outbox.Queued("gateway", "reminder", made, one.subject_key, one.finding_id, content))
    if not rows:
        return Made(0, {})
    connection.execute(reminder.insert(), rows)
    outbox.put(connection, messages, at=change.moment, keyring=keyring)
    reasons = [row["because"] for row in rows if row["because"]]
    visits = {reason: reasons.count(reason) for reason in sorted(set(reasons))}
    details = {"year": today.year, "messages": len(messages), "visits": visits, "position": officer.position}
    event = Event(kind=Kind.reminders_made, outcome=Outcome.allowed, client=officer.name, details=details)
    people = Personal(persons=[one.person_key for one in due])
    record_sync(connection, event, change.signer, people, seal=keyring.seal)
    hand_out(change)
    return Made(len(messages), visits)


def hand_out(change: Change) -> int:
    """Dispatch the items of visits that no town was handed yet; how many visits towns have to make now that had not.

    Those of a finding that is unknown or names no area wait, and all do where the city has set no deadlines.
    """
    year = {"year": change.today.year}
    if not change.connection.execute(_WAITING, year).scalar_one() or worklist.deadlines(change) is None:
        return 0
    worklist.dispatch(change, worklist.Selection(visits=change.today.year))
    return change.connection.execute(_HANDED, year).rowcount


def visited(change: Change, subject: UUID, finding: UUID, action: Mapping[str, Any]) -> bool:
    """Whether what was done about a finding makes a visit of that year, the oldest still to be made: then it is made.

    ``action``: a row of ``work_action``. Nobody is reminded whom nobody spoke to.
    """
    if action["kind"] not in SPEAKS or action["result"] == ActionResult.no_contact:
        return False
    on = action["acted_on"]
    said = {"subject": subject, "finding": finding, "year": on.year, "on": on, "by": action["officer"]}
    return change.connection.execute(_MADE, said).rowcount > 0


def visits(connection: sa.Connection, year: int) -> Sequence[Any]:
    """The visits of a year still to be made: area, reason, how many, of them on the area's worklist, since when."""
    return connection.execute(_VISITS, {"year": year}).all()


def _asked(region: str, today: date) -> dict[str, Any]:
    given = applied(city_parameters()[LEAST], region, today)
    if given is None:
        raise FollowupError(
            "FOLLOWUP_NOT_CONFIGURED", f"{LEAST} has no value for {region}", "its policies name no number",
            f"enter the city's in hub/followup/parameters/{LEAST}.toml",
        )  # fmt: skip
    return {
        "rule": RULE,
        "least": int(given.value),
        "gap": GAP,
        "today": today,
        "year": today.year,
        "begins": date(today.year, 1, 1),
        "ends": date(today.year + 1, 1, 1) - timedelta(days=1),
    }


def _visited_because(one: Any, phone: str | None) -> str | None:
    if one.values.get("certainty") == "to_be_checked":
        return "to_be_checked"
    if one.opted_out:
        return "opted_out"
    return None if phone else "no_phone"


def _told(values: Any, office: Office, today: date) -> dict[str, Any]:
    last = values.get("last_month_paid")
    said = letter.chinese_month(date.fromisoformat(last)) if last else ""
    return {"office": office.name, "contact": office.contact, "year": today.year, "last_month_paid": said}
