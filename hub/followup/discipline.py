"""Fair notice, and the list of seriously untrustworthy employers (严重失信名单).

``MOVES`` is the state machine, ``CONDITIONS`` what must hold for a step. Every step asks all of them anew, in its own
transaction with the finding locked: nobody is proposed, signed or published but who was served a notice, let its
deadline pass, is still found by a judged run over data that speak of a time after the deadline, and whom an officer
signed who did not propose it.
A finding that clears, or a notice that is withdrawn, lifts it (``clearing.py``); an officer may lift it too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

import sqlalchemy as sa

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome
from hub.audit.log import record_sync
from hub.checks import Rule, read_rules
from hub.checks.parameter import applied, city_parameters
from hub.errors import FollowupError
from hub.followup.correction import CONTESTED
from hub.followup.notice import GROUNDS, Officer
from hub.followup.workday import add_workdays
from hub.store.notice import discipline, discipline_step
from hub.terms import add_months, day_in_china

#: State → the states that a step may lead to. Nobody is in the state "".
MOVES: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("proposed",),
    "proposed": ("signed", "lifted"),
    "signed": ("published", "lifted"),
    "published": ("lifted",),
    "lifted": (),
}
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

_STANDING: Final = sa.text("""
select * from discipline where subject_key = :subject_key and finding_id = :finding and state <> 'lifted' for update
""")


def propose(
    connection: sa.Connection, finding: UUID, *, officer: Officer, reason: str, region: str, at: datetime,
    signer: Signer,
) -> UUID:  # fmt: skip
    """Propose the employer of a finding for the list; the entry's id. FollowupError with every condition unmet."""
    row, case = _case(connection, finding, region, at)
    entry = _standing(connection, row)
    _allowed(entry.state if entry else "", "proposed", case, officer, reason)
    made = uuid4()
    connection.execute(
        discipline.insert().values(
            subject_key=row.subject_key,
            id=made,
            finding_id=finding,
            notice_id=case.notice_id,
            rule=row.rule,
            state="proposed",
            proposed_by=officer.name,
        )
    )
    _step(connection, row.subject_key, made, "proposed", officer, reason, case, at, signer)
    return made


def sign(
    connection: sa.Connection, finding: UUID, *, officer: Officer, reason: str, region: str, at: datetime,
    signer: Signer,
) -> None:  # fmt: skip
    """Sign for a proposal: by name, position and day, and by another than who proposed it."""
    row, case = _case(connection, finding, region, at)
    entry = _standing(connection, row)
    _allowed(entry.state if entry else "", "signed", case, officer, reason)
    if _same(entry.proposed_by, officer.name):
        raise FollowupError(
            "FOLLOWUP_SIGNER", "Who proposed an employer does not sign for it", officer.name, "another officer signs"
        )
    _moved(connection, entry, state="signed", signed_by=officer.name, signed_on=day_in_china(at))
    _step(connection, entry.subject_key, entry.id, "signed", officer, reason, case, at, signer)


def publish(
    connection: sa.Connection, finding: UUID, *, officer: Officer, region: str, at: datetime, signer: Signer
) -> None:
    """Mark a signed entry as standing in a delivery out: only ``delivery.publish`` calls it, beside writing that."""
    row, case = _case(connection, finding, region, at)
    entry = _standing(connection, row)
    reason = "公布并推送联合惩戒"
    _allowed(entry.state if entry else "", "published", case, officer, reason)
    _moved(connection, entry, state="published", published_at=at)
    _step(connection, entry.subject_key, entry.id, "published", officer, reason, case, at, signer)


def lift(
    connection: sa.Connection, finding: UUID, *, officer: Officer, reason: str, at: datetime, signer: Signer
) -> None:
    """Take an employer off the list, or off the way to it, with a reason. Nothing else need hold."""
    if not reason.strip():
        raise FollowupError("FOLLOWUP_REASON", "Nobody is taken off the list without a reason", "", "say why")
    found = connection.execute(
        sa.text("select * from discipline where finding_id = :finding and state <> 'lifted' for update"),
        {"finding": finding},
    ).one_or_none()
    if found is None:
        raise FollowupError("FOLLOWUP_STATE", "Nobody is listed for this finding", str(finding), "hub discipline list")
    _moved(connection, found, state="lifted", lifted_at=at, lifted_because=reason)
    _step(connection, found.subject_key, found.id, "lifted", officer, reason, None, at, signer)


def unmet(case: Case) -> list[Condition]:
    """The conditions that do not hold."""
    return [one for one in CONDITIONS if not one.holds(case)]


def _allowed(now: str, then: str, case: Case, officer: Officer, reason: str) -> None:
    """FollowupError where a step is not one of ``MOVES``, has no reason, or a condition does not hold."""
    if then not in MOVES[now]:
        raise FollowupError(
            "FOLLOWUP_STATE", f"An entry that is {now or 'not there'} cannot be {then}", officer.name,
            f"from there it goes to: {', '.join(MOVES[now]) or 'nowhere'}",
        )  # fmt: skip
    if not reason.strip():
        raise FollowupError("FOLLOWUP_REASON", "No step towards the list without a reason", "", "say why")
    if wrong := unmet(case):
        raise FollowupError(
            "FOLLOWUP_UNFAIR", f"The employer cannot be {then}", "; ".join(one.says for one in wrong),
            f"not met: {', '.join(one.code for one in wrong)}",
        )  # fmt: skip


def _case(connection: sa.Connection, finding: UUID, region: str, at: datetime) -> tuple[Any, Case]:
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
        ground=ground(rule, region, today),
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


def ground(rule: Rule | None, region: str, today: date) -> str | None:
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


def _standing(connection: sa.Connection, row: Any) -> Any:
    return connection.execute(_STANDING, {"subject_key": row.subject_key, "finding": row.id}).one_or_none()


def _moved(connection: sa.Connection, entry: Any, **values: Any) -> None:
    mine = (discipline.c.subject_key == entry.subject_key) & (discipline.c.id == entry.id)
    connection.execute(discipline.update().where(mine).values(values))


def _step(
    connection: sa.Connection, subject_key: UUID, entry: UUID, state: str, officer: Officer, reason: str,
    case: Case | None, at: datetime, signer: Signer,
) -> None:  # fmt: skip
    """Keep a step with what it rested on, and record it. The reason is kept, not recorded: it may name somebody."""
    basis = case.as_json() if case else {}
    connection.execute(
        discipline_step.insert().values(
            subject_key=subject_key, discipline_id=entry, state=state, at=at, by=officer.name,
            position=officer.position, reason=reason, basis=basis,
        )
    )  # fmt: skip
    kind = Kind.discipline_lifted if state == "lifted" else Kind.discipline_moved
    details = {"entry": str(entry), "state": state, "position": officer.position} | basis
    record_sync(connection, Event(kind=kind, outcome=Outcome.allowed, client=officer.name, details=details), signer)


def _same(one: str, other: str) -> bool:
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()
