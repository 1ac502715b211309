"""Notices: 告知书, 提醒函, 限期整改通知书, 面谈通知书, from issue through service to their deadline.

``issue`` writes the letters of a rule's open findings, ``serve`` says when and how one reached its addressee and sets
its deadline, ``withdraw`` takes one back. A message that was sent is no service: only what an officer says was handed
over, posted, received electronically or announced starts the days. Everything happens in the caller's transaction,
together with its event. Refuses (`FollowupError`) a finding that is not open, and a term that nobody set.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

import orjson
import sqlalchemy as sa

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome, Personal
from hub.audit.log import record_sync
from hub.checks import Rule
from hub.checks.parameter import applied, city_parameters
from hub.errors import FollowupError
from hub.followup import letter
from hub.followup.correction import CONTESTED
from hub.followup.letter import KINDS, NOUNS, Office
from hub.followup.officer import Officer
from hub.followup.workday import add_workdays
from hub.sealing import Keyring
from hub.store.notice import notice
from hub.terms import day_in_china

TERM: Final = "notice_workdays"
GROUNDS: Final = "discipline_grounds"
#: How a letter can reach its addressee so that its days begin.
SERVICE: Final = ("in_person", "post", "electronic", "announcement")

_NUMBER: Final = sa.text("""
insert into notice_number as n (series, year, last) values (:series, :year, 0)
on conflict (series, year) do update set last = n.last
returning last
""")

# An open finding that has no standing notice of this kind yet, and rests on no disputed row; with who is to get it.
_TO_NOTIFY: Final = sa.text(f"""
select f.subject_key, f.id as finding_id, f.subject, f.area, f.values, f.run_id, f.person_key,
       r.known_at, r.rule_digest, coalesce(e.name, p.name_masked) as name, e.address, p.sealed
from finding f
join check_run r on r.id = f.run_id
left join employer e on e.employer_key = f.employer_key and e.known_until = timestamptz '9999-12-31 00:00:00+00'
left join person p
    on p.person_key = f.person_key and f.subject = 'person' and p.known_until = timestamptz '9999-12-31 00:00:00+00'
left join notice n
    on n.subject_key = f.subject_key and n.finding_id = f.id and n.kind = :kind and n.state <> 'withdrawn'
where f.rule = :rule and f.state = 'open' and n.id is null and not {CONTESTED}
  and (cast(:area as text) is null or f.area = :area)
  and (cast(:findings as uuid[]) is null or f.id = any(:findings))
order by f.subject_key, f.id
limit :most
""")


class Issued(NamedTuple):
    """A notice that was written. ``phone``: of the addressee, where one is known."""

    id: UUID
    subject_key: UUID
    finding_id: UUID
    number: str
    subject: str
    workdays: int
    phone: str | None


def issue(
    connection: sa.Connection,
    rule: Rule,
    kind: str,
    *,
    office: Office,
    officer: Officer,
    region: str,
    at: datetime,
    keyring: Keyring,
    signer: Signer,
    workdays: int | None = None,
    area: str | None = None,
    findings: Sequence[UUID] | None = None,
    most: int = 10_000,
) -> list[Issued]:
    """Write a notice for each open finding of ``rule`` that has no standing one of this kind; those written.

    ``workdays``: the term, where the officer sets it; else the region's parameter. ``area``, ``findings`` and ``most``
    narrow down whose. Called again it writes nothing twice. FollowupError: no term, an unknown kind, a rule about data.
    """
    if kind not in KINDS:
        raise FollowupError("FOLLOWUP_KIND", f"'{kind}' is no kind of notice", "", f"known: {', '.join(KINDS)}")
    if rule.concerns == "source":
        raise FollowupError(
            "FOLLOWUP_SOURCE", f"{rule.name} finds errors in deliveries, nobody's duty", "",
            "have the department correct its rows: nobody gets a notice for them",
        )  # fmt: skip
    today = day_in_china(at)
    term, term_from = _term(kind, workdays, region, today)
    series = f"{office.mark}{KINDS[kind][1]}"
    last: int = connection.execute(_NUMBER, {"series": series, "year": today.year}).scalar_one()
    asked = {"rule": rule.name, "kind": kind, "area": area, "findings": None if findings is None else list(findings)}
    found = connection.execute(_TO_NOTIFY, asked | {"most": most}).all()
    told = {**letter.of_rule(rule, region), "office": office.name, "contact": office.contact, "kind": KINDS[kind][0]}
    told |= {"issued_on": letter.chinese_day(today), "by": officer.name, "position": officer.position}
    told |= {"workdays": term, "warned": _is_ground(rule, region, today)}
    rows, issued = [], []
    for number, one in enumerate(found, start=last + 1):
        person = identity(keyring, one.person_key, one.sealed) if one.sealed else {}
        called = f"{series}〔{today.year}〕{number}号"
        to = person.get("name") or one.name or "有关单位"
        figures = letter.figures(one.values)
        known = letter.chinese_day(day_in_china(one.known_at))
        values = told | {"number": called, "to": to, "noun": NOUNS[one.subject], "figures": figures, "known": known}
        text, salt = letter.rendered(f"{kind}.html", values), token_hex(16)
        fresh = Issued(uuid4(), one.subject_key, one.finding_id, called, one.subject, term, person.get("phone"))
        issued.append(fresh)
        said = {"to": to, "address": person.get("address") or one.address, "letter": text, "salt": salt}
        rows.append(
            {
                "subject_key": one.subject_key,
                "id": fresh.id,
                "finding_id": one.finding_id,
                "rule": rule.name,
                "rule_digest": one.rule_digest,
                "run_id": one.run_id,
                "kind": kind,
                "number": called,
                "area": one.area,
                "state": "issued",
                "issued_at": at,
                "issued_by": officer.name,
                "position": officer.position,
                "workdays": term,
                "workdays_from": term_from,
                "template_digest": letter.template_digest(f"{kind}.html"),
                "text_digest": sha256(f"{salt}{text}".encode()).hexdigest(),
                "sealed": keyring.seal(orjson.dumps(said), context(fresh.id)),
            }
        )
    if not rows:
        return []
    connection.execute(notice.insert(), rows)
    connection.execute(
        sa.text("update notice_number set last = :last where series = :series and year = :year"),
        {"last": last + len(rows), "series": series, "year": today.year},
    )
    details = {"rule": rule.name, "kind": kind, "notices": len(rows), "first": rows[0]["number"]}
    details |= {"position": officer.position, "workdays": term, "term": term_from}
    people = [one.person_key for one in found if one.person_key]
    event = Event(kind=Kind.notices_issued, outcome=Outcome.allowed, client=officer.name, details=details)
    record_sync(connection, event, signer, Personal(persons=people), seal=keyring.seal)
    return issued


def serve(
    connection: sa.Connection, number: str, *, on: date, how: str, officer: Officer, at: datetime, signer: Signer
) -> date:
    """Note that a notice was served; the last day to put things right, in working days after that of service.

    FollowupError: withdrawn, its finding no longer open, served otherwise before, or a day that cannot be.
    """
    one = by_number(connection, number)
    if how not in SERVICE:
        raise FollowupError("FOLLOWUP_SERVICE", f"'{how}' serves nobody", "", f"known: {', '.join(SERVICE)}")
    if one.state == "served" and (one.served_on, one.served_how) == (on, how):
        return one.deadline_on  # type: ignore[no-any-return]
    if one.state != "issued":
        raise FollowupError("FOLLOWUP_STATE", f"{number} is {one.state}", _since(one), "a notice is served once")
    if one.finding_state != "open":
        raise FollowupError(
            "FOLLOWUP_STATE",
            f"The finding of {number} is {one.finding_state}",
            "",
            "withdraw the notice, or check anew",
        )
    if not day_in_china(one.issued_at) <= on <= day_in_china(at):
        raise FollowupError(
            "FOLLOWUP_DAY",
            f"{number} cannot have been served on {on}",
            "",
            "not before it was issued, not in the future",
        )
    last, provisional = add_workdays(on, one.workdays)
    connection.execute(
        notice.update()
        .where(notice.c.subject_key == one.subject_key, notice.c.id == one.id)
        .values(
            state="served",
            served_on=on,
            served_how=how,
            served_by=officer.name,
            deadline_on=last,
            provisional=provisional,
        )
    )
    details: dict[str, Any] = {"number": number, "how": how, "on": on.isoformat(), "deadline": last.isoformat()}
    details |= {"position": officer.position, "provisional": provisional}
    event = Event(kind=Kind.notice_served, outcome=Outcome.allowed, client=officer.name, details=details)
    record_sync(connection, event, signer)
    return last


def withdraw(
    connection: sa.Connection, number: str, *, because: str, officer: Officer, at: datetime, signer: Signer
) -> None:
    """Take a notice back, with the reason. Taken back twice changes nothing."""
    one = by_number(connection, number)
    if one.state == "withdrawn":
        return
    if not because.strip():
        raise FollowupError("FOLLOWUP_REASON", "A notice is not withdrawn without a reason", "", "say why")
    connection.execute(
        notice.update()
        .where(notice.c.subject_key == one.subject_key, notice.c.id == one.id)
        .values(state="withdrawn", withdrawn_at=at, withdrawn_by=officer.name, withdrawn_because=because)
    )
    details = {"number": number, "position": officer.position}  # the reason stays in the store: it may name somebody
    event = Event(kind=Kind.notices_withdrawn, outcome=Outcome.allowed, client=officer.name, details=details)
    record_sync(connection, event, signer)


def opened(
    connection: sa.Connection, number: str, *, officer: Officer, keyring: Keyring, signer: Signer
) -> dict[str, str | None]:
    """A letter in clear, to print: ``{to, address, letter, salt}``. The look is recorded."""
    one = by_number(connection, number)
    said: dict[str, str | None] = orjson.loads(keyring.open(bytes(one.sealed), context(one.id)))
    details = {"number": number, "position": officer.position}
    event = Event(kind=Kind.notice_opened, outcome=Outcome.allowed, client=officer.name, details=details)
    people = [one.person_key] if one.person_key else []
    record_sync(connection, event, signer, Personal(persons=people), seal=keyring.seal)
    return said


def identity(keyring: Keyring, person_key: UUID, sealed: Any) -> dict[str, str | None]:
    """What rests sealed of a person: resident_id, name, phone, address, each where it was delivered."""
    said: dict[str, str | None] = orjson.loads(keyring.open(bytes(sealed), b"person:" + person_key.bytes))
    return said


def context(notice_id: UUID) -> bytes:
    return b"notice:" + notice_id.bytes


def listed(connection: sa.Connection, rule: str | None = None, state: str | None = None) -> Iterator[Any]:
    """Notices, newest first: number, kind, rule, state, days."""
    asked = sa.select(notice).order_by(notice.c.issued_at.desc(), notice.c.number)
    if rule is not None:
        asked = asked.where(notice.c.rule == rule)
    if state is not None:
        asked = asked.where(notice.c.state == state)
    yield from connection.execute(asked)


def by_number(connection: sa.Connection, number: str) -> Any:
    """A notice, locked, with ``finding_state`` and ``person_key``. FollowupError: there is none of that number."""
    found = connection.execute(
        sa.text("""
            select n.*, f.state as finding_state, f.person_key from notice n
            join finding f on f.subject_key = n.subject_key and f.id = n.finding_id
            where n.number = :number for update of n
        """),
        {"number": number},
    ).one_or_none()
    if found is None:
        raise FollowupError("FOLLOWUP_NOTICE", f"There is no notice {number}", "", "see them with: hub notice list")
    return found


def _since(one: Any) -> str:
    return f"on {one.served_on}" if one.state == "served" else str(one.withdrawn_because)


def _term(kind: str, workdays: int | None, region: str, today: date) -> tuple[int, str]:
    if workdays is not None:
        return workdays, "set by the officer"
    given = applied(city_parameters()[TERM], region, today)
    if given is None or kind not in given.value:
        raise FollowupError(
            "FOLLOWUP_NOT_CONFIGURED", f"{TERM} has no value for a {kind} in {region}", "no policy names the term",
            "say it with --workdays (workdays), or enter the city's into notice_workdays.toml of HUB_PARAMETERS",
        )  # fmt: skip
    return int(given.value[kind]), given.source


def _is_ground(rule: Rule, region: str, today: date) -> bool:
    """Whether not heeding the notice can lead to the list: then the letter must say so."""
    given = applied(city_parameters()[GROUNDS], region, today)
    return given is not None and bool(set(rule.ids) & set(given.value))
