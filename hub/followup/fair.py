"""The way from a notice to the list, as changes within reach: what officers ask for over the API.

In charge of holding a step to the rows that a grant gives, before `notice` and `discipline` decide whether it is due.
Refuses (`RequestError`) in the same words what is out of reach and what is not there.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hub.checks import read_rules
from hub.errors import RequestError
from hub.followup import notice
from hub.followup.letter import office_of
from hub.followup.officer import Officer
from hub.policy import Change
from hub.settings import settings

MOST = 1000  # notices of one request


def issue(
    change: Change, *, rule: str, kind: str, officer: str, position: str, area: str | None = None,
    findings: Sequence[str] | None = None, workdays: int | None = None,
) -> list[str]:  # fmt: skip
    """Write notices for open findings of a rule that are within reach; their numbers."""
    chosen = next((one for one in read_rules() if rule == one.name or rule.upper() in one.ids), None)
    if chosen is None:
        raise RequestError("REQUEST_ARGUMENT", f"rule: no rule is called '{rule}'")
    scope, reach = change.reach("f")
    asked = sa.text(f"""
        select f.id from finding f
        where f.rule = :rule and f.state = 'open' and (cast(:area as text) is null or f.area = :area)
          and (cast(:findings as uuid[]) is null or f.id = any(cast(:findings as uuid[]))) and ({scope})
        order by f.id limit {MOST}
    """)
    ids = None if findings is None else [str(_id(one)) for one in findings]
    within = change.connection.execute(asked, {"rule": chosen.name, "area": area, "findings": ids, **reach}).scalars()
    written = notice.issue(
        change.connection, chosen, kind, office=office_of(settings()), officer=Officer(officer, position),
        region=change.region, at=change.moment, keyring=change.keyring, signer=change.signer, workdays=workdays,
        area=area, findings=list(within),
    )  # fmt: skip
    return [one.number for one in written]


def serve(change: Change, number: str, *, on: date, how: str, officer: str, position: str) -> date:
    """Note that a notice within reach was served; the last day to put things right."""
    scope, reach = change.reach("n")
    asked = sa.text(f"select from notice n where n.number = :number and ({scope})")
    if change.connection.execute(asked, {"number": number, **reach}).first() is None:
        raise RequestError("REQUEST_ARGUMENT", "number: no such notice is yours to serve")
    return notice.serve(
        change.connection, number, on=on, how=how, officer=Officer(officer, position), at=change.moment,
        signer=change.signer,
    )  # fmt: skip


def step(
    change: Change, taken: Callable[..., Any], state: str, *, finding: str, reason: str, officer: str, position: str
) -> dict[str, Any]:
    """Take a step of `discipline` for a finding within reach."""
    scope, reach = change.reach("f")
    its = _id(finding)
    asked = sa.text(f"select from finding f where f.id = :finding and ({scope})")
    if change.connection.execute(asked, {"finding": its, **reach}).first() is None:
        raise RequestError("REQUEST_ARGUMENT", "finding: no such finding is yours to list")
    taken(
        change.connection, its, officer=Officer(officer, position), reason=reason, region=change.region,
        at=change.moment, signer=change.signer,
    )  # fmt: skip
    return {"finding": finding, "state": state}


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RequestError("REQUEST_ARGUMENT", "finding: not the id of a finding") from None
