"""Is this person, is this employer, enrolled: YES, NO, LAPSED or UNKNOWN.

In charge of never saying NO where the data do not carry it: not where a delivery that would show the enrollment is
missing, stale or empty, nor of a person or employer the grant does not reach. Whether somebody exists is not said.
"""

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from hub.errors import RequestError
from hub.store.base import FOREVER_SQL
from hub.terms import Insurance, InvalidTerm, ResidentId, Uscc, canonical_document

if TYPE_CHECKING:
    from .execute import Run

MOST: Final = 1000
NOT_REACHED: Final = "nobody by this number is reached by this grant"
REJECTED: Final = "a delivered row about this number was rejected and waits for its department"

#: Of whom a row was rejected that may have shown an enrollment: of a snapshot since it last came whole, of others ever.
_DOUBTED = """
select unnest(r.subjects)
  from rejected_row r
  join batch b on b.id = r.batch_id and b.status = 'loaded'
  join delivery d on d.id = b.delivery_id and d.target = 'enrollment' and {about}
 where r.subjects && $1::uuid[] and r.replayed_in is null
   and (d.form <> 'snapshot'
        or not exists (select from batch l where l.delivery_id = d.id and l.status = 'loaded' and not l.partial
                                               and l.replays is null and l.id > coalesce(b.replays, b.id)))
"""

#: Medical enrollment that nobody delivered says nothing about a pension.
_SPEAKS_OF_IT = "(d.insurances is null or $3 = any(d.insurances))"

_PERSONS = """
select k.n::int, p.person_key,
       bool_or(e.state in ('active', 'retired') and e.starts_on <= $2 and e.ends_on > $2) as enrolled,
       bool_or(e.starts_on <= $2) as ever, p.person_key in ({doubted}) as doubted
  from unnest($1::uuid[]) with ordinality k(key, n)
  join person p on p.person_key = k.key and p.known_until = {forever}
  left join enrollment e on e.person_key = p.person_key and e.insurance = $3 and e.known_until = {forever}
 where {scope}
 group by k.n, p.person_key
"""

_EMPLOYER = """
select exists (select 1 from enrollment i
                where i.employer_key = e.employer_key and i.known_until = {forever}
                  and i.state = 'active' and i.starts_on <= $2 and i.ends_on > $2) as enrolled,
       e.employer_key in ({doubted}) as doubted
  from employer e
 where e.employer_key = any($1::uuid[]) and e.known_until = {forever} and {scope}
"""


async def enrollment_status(run: "Run", residentIds: list[str], insurance: str, on: date | None = None) -> Any:  # noqa: N803 - as the API spells it
    """One answer a number, in the order asked. RequestError: too many, an unknown insurance, a day to come."""
    if not 0 < len(residentIds) <= MOST:
        raise RequestError("REQUEST_ARGUMENT", f"residentIds: from 1 to {MOST} numbers", f"asked: {len(residentIds)}")
    if insurance not in set(Insurance):
        raise RequestError(
            "REQUEST_ARGUMENT", "insurance: there is no such insurance", f"known: {', '.join(sorted(Insurance))}"
        )
    day = on or run.today
    if day > run.today:
        raise RequestError("REQUEST_ARGUMENT", "on: a day that has not come yet", hint="Ask about today or before.")
    keys: list[Any] = []
    problems: list[str | None] = []
    for text in residentIds:
        try:
            number = ResidentId.parse(text).number
            keys.append(run.keyring.person_key(canonical_document("resident_id", number)))
            problems.append(None)
        except InvalidTerm as error:
            keys.append(None)
            problems.append(f"not a resident ID: {error.reason}")
    scope, values = run.scope("Person", "p", first=4)
    of_status, more = run.scope("EnrollmentStatus", "p", first=4 + len(values), reached=True)
    scope, values = f"({scope}) and ({of_status})", [*values, *more]
    rows = await run.fetch(
        _PERSONS.format(forever=FOREVER_SQL, scope=scope, doubted=_DOUBTED.format(about=_SPEAKS_OF_IT)),
        keys,
        day,
        insurance,
        *values,
    )
    found = {row["n"]: row for row in rows}
    run.shown.update(row["person_key"].bytes for row in rows)
    lacking = "; ".join(run.deliveries.lacking({"enrollment"}, run.today, insurance))
    run.feeds.add("enrollment")
    freshness = run.deliveries.told(frozenset({"enrollment"}), run.today, insurance)
    answers = []
    for place, text in enumerate(residentIds):
        status, reason = _status(found.get(place + 1), problems[place], lacking)
        answers.append(
            {
                "residentId": text,
                "insurance": insurance,
                "on": day,
                "status": status,
                "reason": reason,
                "freshness": freshness,
            }
        )
    return answers


def _status(row: Any, problem: str | None, lacking: str) -> tuple[str, str | None]:
    """The status of one person and, where it is UNKNOWN, why."""
    if row is None:
        return "UNKNOWN", problem or NOT_REACHED
    if lacking:
        return "UNKNOWN", lacking
    if row["enrolled"]:
        return "YES", None
    if row["doubted"]:
        return "UNKNOWN", REJECTED
    return ("LAPSED" if row["ever"] else "NO"), None


async def employer_enrollment(run: "Run", uscc: str) -> Any:
    """YES, NO or UNKNOWN for the employer of a code."""
    try:
        code = Uscc.parse(uscc).number
    except InvalidTerm as error:
        raise RequestError("REQUEST_ARGUMENT", f"uscc: not a unified social credit code ({error.reason})") from None
    about = "Employer" in run.decision.rows
    scope, values = run.scope("Employer", "e", first=3) if about else ("true", [])
    of_status, more = run.scope("EmployerEnrollment", "e", first=3 + len(values), reached=about)
    scope, values = f"({scope}) and ({of_status})", [*values, *more]
    rows = await run.fetch(
        _EMPLOYER.format(forever=FOREVER_SQL, scope=scope, doubted=_DOUBTED.format(about="true")),
        [run.keyring.employer_key(code)],
        run.today,
        *values,
    )
    run.feeds.add("enrollment")
    lacking = "; ".join(run.deliveries.lacking({"enrollment"}, run.today))
    if not rows:
        return {"uscc": code, "status": "UNKNOWN", "reason": NOT_REACHED}
    if lacking:
        return {"uscc": code, "status": "UNKNOWN", "reason": lacking}
    if rows[0]["enrolled"]:
        return {"uscc": code, "status": "YES", "reason": None}
    if rows[0]["doubted"]:
        return {"uscc": code, "status": "UNKNOWN", "reason": REJECTED}
    return {"uscc": code, "status": "NO", "reason": None}
