"""Reminders: interrupted payers reminded point-to-point, so many times in the payment year (P03).

In charge of who is due: a person with an open finding of ``RULE`` is owed ``reminders_per_year_min`` reminders a
calendar year, evenly spread from the day it was found (or 1 January) to 31 December, and never two within a week.
Counted by the person's pseudonym and year. A reminder is a message to the phone that rests sealed with the person;
where there is none, where the person opted out, where the message cannot be delivered, or where the finding is still to
be checked, it is a *visit* for the town: a row of ``reminder`` with the reason, done when an officer says so.
What of a year cannot be made up in the days that are left is counted as short, not crammed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome, Personal
from hub.audit.log import record_sync
from hub.checks.parameter import applied, city_parameters
from hub.errors import FollowupError
from hub.followup import letter, outbox
from hub.followup.letter import Office
from hub.followup.notice import Officer, identity
from hub.sealing import Keyring
from hub.store.notice import reminder
from hub.terms import day_in_china

RULE: Final = "interrupted"
LEAST: Final = "reminders_per_year_min"
#: Days between two reminders of a person. Ours, no policy's: a reminder a day would be a nuisance.
GAP: Final = 7

# One row a person: how many reminders were made this year, and whether one is due.
_STANDING: Final = """
    select one.*, one.made < :least and one.made <= (:today - one.since) / greatest((:ends - one.since + 1) / :least, 1)
                  and (one.last_on is null or one.last_on <= :today - :gap) as due
    from (
        select distinct on (f.subject_key) f.subject_key, f.person_key, f.id as finding_id, f.area, f.values,
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


def remind(
    connection: sa.Connection,
    *,
    office: Office,
    officer: Officer,
    region: str,
    at: datetime,
    keyring: Keyring,
    signer: Signer,
    most: int = 10_000,
) -> Made:
    """Make the reminders that are due now, one a person: messages into the outbox, visits for the towns."""
    today = day_in_china(at)
    # Two who remind at once must not count the same person twice.
    connection.execute(sa.text("select pg_advisory_xact_lock(hashtext('remind'))"))
    due = connection.execute(_DUE, _asked(region, today) | {"most": most}).all()
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
                "area": one.area,
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
    outbox.put(connection, messages, at=at, keyring=keyring)
    reasons = [row["because"] for row in rows if row["because"]]
    visits = {reason: reasons.count(reason) for reason in sorted(set(reasons))}
    details = {"year": today.year, "messages": len(messages), "visits": visits, "position": officer.position}
    event = Event(kind=Kind.reminders_made, outcome=Outcome.allowed, client=officer.name, details=details)
    people = Personal(persons=[one.person_key for one in due])
    record_sync(connection, event, signer, people, seal=keyring.seal)
    return Made(len(messages), visits)


def visited(connection: sa.Connection, finding: UUID, *, on: date, officer: Officer, signer: Signer) -> None:
    """Note that somebody was reminded in person: the oldest open visit of a finding is done. FollowupError: none is."""
    done = connection.execute(
        sa.text("""
            update reminder set state = 'done', done_on = :on, done_by = :by
            where id = (select id from reminder where finding_id = :finding and how = 'visit' and state = 'open'
                        and made_on <= :on order by year, number limit 1 for update)
        """),
        {"finding": finding, "on": on, "by": officer.name},
    ).rowcount
    if not done:
        raise FollowupError(
            "FOLLOWUP_REMINDER", "No visit is open for this finding on that day", str(finding), "see hub remind visits"
        )
    details = {"on": on.isoformat(), "position": officer.position}
    event = Event(kind=Kind.reminder_done, outcome=Outcome.allowed, client=officer.name, details=details)
    record_sync(connection, event, signer)


def visits(connection: sa.Connection) -> Sequence[Any]:
    """The visits that towns have still to make: area, reason, how many, since when."""
    return connection.execute(
        sa.select(reminder.c.area, reminder.c.because, sa.func.count(), sa.func.min(reminder.c.made_on))
        .where(reminder.c.how == "visit", reminder.c.state == "open")
        .group_by(reminder.c.area, reminder.c.because)
        .order_by(reminder.c.area, reminder.c.because)
    ).all()


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
