"""The list of seriously untrustworthy employers (严重失信名单): who is proposed, signed, published, lifted.

``MOVES`` is the state machine. Every step asks anew, in its own transaction with the finding locked, whether all
``CONDITIONS`` (`conditions`) hold, and that an officer signs who did not propose.
A finding that clears, or a notice that is withdrawn, lifts it (``clearing.py``); an officer may lift it too.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome
from hub.audit.log import record_sync
from hub.errors import FollowupError
from hub.followup import conditions
from hub.followup.officer import Officer
from hub.store.notice import discipline, discipline_step
from hub.terms import day_in_china

#: State → the states that a step may lead to. Nobody is in the state "".
MOVES: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("proposed",),
    "proposed": ("signed", "lifted"),
    "signed": ("published", "lifted"),
    "published": ("lifted",),
    "lifted": (),
}
_STANDING: Final = sa.text("""
select * from discipline where subject_key = :subject_key and finding_id = :finding and state <> 'lifted' for update
""")


def propose(
    connection: sa.Connection, finding: UUID, *, officer: Officer, reason: str, region: str, at: datetime,
    signer: Signer,
) -> UUID:  # fmt: skip
    """Propose the employer of a finding for the list; the entry's id. FollowupError with every condition unmet."""
    row, case = conditions.read(connection, finding, region, at)
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
    row, case = conditions.read(connection, finding, region, at)
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
    row, case = conditions.read(connection, finding, region, at)
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


def _allowed(now: str, then: str, case: conditions.Case, officer: Officer, reason: str) -> None:
    """FollowupError where a step is not one of ``MOVES``, has no reason, or a condition does not hold."""
    if then not in MOVES[now]:
        raise FollowupError(
            "FOLLOWUP_STATE", f"An entry that is {now or 'not there'} cannot be {then}", officer.name,
            f"from there it goes to: {', '.join(MOVES[now]) or 'nowhere'}",
        )  # fmt: skip
    if not reason.strip():
        raise FollowupError("FOLLOWUP_REASON", "No step towards the list without a reason", "", "say why")
    if wrong := conditions.unmet(case):
        raise FollowupError(
            "FOLLOWUP_UNFAIR", f"The employer cannot be {then}", "; ".join(one.says for one in wrong),
            f"not met: {', '.join(one.code for one in wrong)}",
        )  # fmt: skip


def _standing(connection: sa.Connection, row: Any) -> Any:
    return connection.execute(_STANDING, {"subject_key": row.subject_key, "finding": row.id}).one_or_none()


def _moved(connection: sa.Connection, entry: Any, **values: Any) -> None:
    mine = (discipline.c.subject_key == entry.subject_key) & (discipline.c.id == entry.id)
    connection.execute(discipline.update().where(mine).values(values))


def _step(
    connection: sa.Connection, subject_key: UUID, entry: UUID, state: str, officer: Officer, reason: str,
    case: conditions.Case | None, at: datetime, signer: Signer,
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
