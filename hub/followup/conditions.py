"""Fair notice: what must hold before an employer takes a step towards the list of the seriously untrustworthy.

``CONDITIONS`` are all asked anew at every step (`discipline`): that the employer was served a notice, let its deadline
pass, and is still found by a judged run over data that speak of a time after the deadline. Reads alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from hub.checks import Rule, read_rules
from hub.checks.parameter import applied, city_parameters
from hub.errors import FollowupError
from hub.followup.correction import CONTESTED
from hub.followup.notice import GROUNDS
from hub.followup.workday import add_workdays
from hub.terms import add_months, day_in_china

#: The notices that demand something within a term; a reminder or an invitation is no such notice.
DEMANDS: Final = ("notification", "rectification")


@dataclass(frozen=True, slots=True)
class Case:
    """All that a step rests on, as it is now. ``deadline_on``: by today's calendar, never before the one announced."""

    today: date
    ground: str | None
    finding_state: str
    certainty: str | None
    employer_key: UUID | None
    uscc: str | None
    notice_id: UUID | None
    number: str | None
    served_on: date | None
    deadline_on: date | None
    provisional: bool
    fell: bool  # the finding cleared, and came back, since the notice
    unserved: bool  # another demand is on its way, whose term has not begun
    run_id: int
    run_verdict: str
    run_today: date
    contested: bool  # a row it rests on is disputed
    silent: tuple[str, ...]  # deliveries whose last month in that run ended by the deadline

    def as_json(self) -> dict[str, Any]:
        return {
            "ground": self.ground,
            "notice": self.number,
            "served_on": self.served_on and self.served_on.isoformat(),
            "deadline_on": self.deadline_on and self.deadline_on.isoformat(),
            "run": self.run_id,
            "judged_for": self.run_today.isoformat(),
        }


class Condition(NamedTuple):
    """One condition of every step on to the list. ``says``: what is wrong where it does not hold, and what to do."""

    code: str
    holds: Callable[[Case], bool]
    says: str


def _passed(case: Case) -> bool:
    return case.deadline_on is not None and not case.provisional and case.today > case.deadline_on


def _rechecked(case: Case) -> bool:
    last = case.deadline_on
    return last is not None and case.run_verdict == "judged" and last < case.run_today <= case.today


CONDITIONS: Final = (
    Condition(
        "GROUND", lambda c: c.ground is not None, "the rule is no ground for the list here: see discipline_grounds"
    ),
    Condition("OPEN", lambda c: c.finding_state == "open", "the finding is not open: only what is found now counts"),
    Condition(
        "CONFIRMED", lambda c: c.certainty != "to_be_checked", "deliveries that the finding consults are missing"
    ),
    Condition(
        "EMPLOYER",
        lambda c: c.employer_key is not None and c.uscc is not None,
        "nobody is listed without a credit code",
    ),
    Condition(
        "SERVED", lambda c: c.served_on is not None, "no notice with a demand was served: hub notice issue, then served"
    ),
    Condition(
        "WAITING", lambda c: not c.unserved, "a demand is still on its way: note that it was served, or withdraw it"
    ),
    Condition("STEADY", lambda c: not c.fell, "the finding fell since the notice: issue it anew"),
    Condition(
        "UNDISPUTED", lambda c: not c.contested, "a row that the finding rests on is disputed: see hub correction list"
    ),
    Condition(
        "CALENDAR",
        lambda c: not c.provisional,
        "working days of the deadline's year are unknown: update chinesecalendar",
    ),
    Condition("DEADLINE", _passed, "the deadline has not passed"),
    Condition("RECHECK", _rechecked, "no judged run since the deadline has found it: run hub check"),
    Condition(
        "DATA", lambda c: not c.silent, "the data do not reach beyond the deadline: wait for the next deliveries"
    ),
)

_CASE: Final = sa.text(f"""
select f.subject_key, f.id, f.rule, f.state as finding_state, f.values ->> 'certainty' as certainty, f.employer_key,
       e.uscc, n.id as notice_id, n.number, n.served_on, n.deadline_on, n.workdays,
       r.id as run_id, r.verdict, r.today as run_today, r.batches,
       exists (select from finding_event v where v.subject_key = f.subject_key and v.finding_id = f.id
               and v.event = 'cleared' and v.at > n.issued_at) as fell,
       {CONTESTED} as contested,
       exists (select from notice w where w.subject_key = f.subject_key and w.finding_id = f.id
               and w.state = 'issued' and w.kind = any(:demands)) as unserved
from finding f
join check_run r on r.id = f.run_id
left join employer e on e.employer_key = f.employer_key and e.known_until = timestamptz '9999-12-31 00:00:00+00'
left join notice n
    on n.subject_key = f.subject_key and n.finding_id = f.id and n.state = 'served' and n.kind = any(:demands)
where f.id = :finding and f.subject = 'employer'
order by n.deadline_on desc nulls last limit 1
for update of f
""")


def read(connection: sa.Connection, finding: UUID, region: str, at: datetime) -> tuple[Any, Case]:
    """The finding, locked, and all that a step rests on. FollowupError: no such finding of an employer."""
    row = connection.execute(_CASE, {"finding": finding, "demands": list(DEMANDS)}).one_or_none()
    if row is None:
        raise FollowupError("FOLLOWUP_FINDING", "There is no such finding of an employer", str(finding), "")
    today = day_in_china(at)
    rule = next((one for one in read_rules() if one.name == row.rule), None)
    last, provisional = None, False
    if row.served_on is not None:
        counted, provisional = add_workdays(row.served_on, row.workdays)
        last = max(counted, row.deadline_on)
    case = Case(
        today=today,
        ground=_ground(rule, region, today),
        finding_state=row.finding_state,
        certainty=row.certainty,
        employer_key=row.employer_key,
        uscc=row.uscc,
        notice_id=row.notice_id,
        number=row.number,
        served_on=row.served_on,
        deadline_on=last,
        provisional=provisional,
        fell=row.fell,
        contested=row.contested,
        unserved=row.unserved,
        run_id=row.run_id,
        run_verdict=row.verdict,
        run_today=row.run_today,
        silent=_silent(rule, row.batches, last),
    )
    return row, case


def unmet(case: Case) -> list[Condition]:
    """The conditions that do not hold."""
    return [one for one in CONDITIONS if not one.holds(case)]


def _ground(rule: Rule | None, region: str, today: date) -> str | None:
    """The ground that a rule is in this region; None where it is none."""
    given = applied(city_parameters()[GROUNDS], region, today)
    if rule is None or given is None:
        return None
    return next((str(given.value[one]) for one in rule.ids if one in given.value), None)


def _silent(rule: Rule | None, batches: Mapping[str, Any], deadline: date | None) -> tuple[str, ...]:
    """The deliveries that would show it put right, and whose last month ended by the deadline.

    They are those of which a row that is not there makes the finding (``misses``), else all it needs: had the employer
    enrolled on the last day, only their next month would say so.
    """
    if rule is None or deadline is None:
        return ()
    telling = [name for name in (rule.misses or rule.needs) if name in batches]
    ends = {name: add_months(date.fromisoformat(batches[name]["period"]), 1) for name in telling}
    return tuple(sorted(name for name, end in ends.items() if end <= deadline))
