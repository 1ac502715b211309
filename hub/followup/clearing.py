"""What falls with a finding: its notices, messages that wait, reminders still to be made, its place on the list.

``settle`` runs after the checks and whenever somebody asks; a few statements over everything, harmless to repeat.
A finding that is *unknown* takes nothing back: a delivery that does not come must not clear anybody. Nor does it let
anything go on, for every step asks anew whether its finding is open.
"""

from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome
from hub.audit.log import record_sync

BECAUSE: Final = "finding_cleared"

# Also where it fell and came back before anybody looked: what comes back is told anew.
_NOTICES: Final = sa.text("""
update notice n set state = 'withdrawn', withdrawn_at = :at, withdrawn_because = :because
from finding f
where f.subject_key = n.subject_key and f.id = n.finding_id and n.state <> 'withdrawn'
  and (f.state = 'cleared' or exists (
      select from finding_event e
      where e.subject_key = f.subject_key and e.finding_id = f.id and e.event = 'cleared' and e.at > n.issued_at))
""")

_MESSAGES: Final = sa.text("""
update message m set state = 'cancelled', ended_at = :at, because = :because
from finding f
where f.subject_key = m.subject_key and f.id = m.finding_id and f.state = 'cleared' and m.state = 'queued'
""")

_REMINDERS: Final = sa.text("""
update reminder r set state = 'void'
from finding f
where f.subject_key = r.subject_key and f.id = r.finding_id and f.state = 'cleared'
  and r.state in ('open', 'dispatched')
""")

# Lifted where the finding fell, and where the notice it was led by was taken back.
_LISTED: Final = sa.text("""
with lifted as (
    update discipline d set state = 'lifted', lifted_at = :at,
           lifted_because = case when f.state = 'cleared' then :because else 'notice_withdrawn' end
    from finding f, notice n
    where f.subject_key = d.subject_key and f.id = d.finding_id
      and n.subject_key = d.subject_key and n.id = d.notice_id
      and (f.state = 'cleared' or n.state = 'withdrawn') and d.state <> 'lifted'
    returning d.subject_key, d.id, d.lifted_because, f.run_id
)
insert into discipline_step (subject_key, discipline_id, state, at, reason, basis)
select subject_key, id, 'lifted', :at, lifted_because, jsonb_build_object('run', run_id) from lifted
""")


class Settled(NamedTuple):
    """How many of each fell."""

    notices: int
    messages: int
    reminders: int
    lifted: int


def settle(connection: sa.Connection, *, at: datetime, signer: Signer) -> Settled:
    """Bring in line what rests on findings that have cleared since; how many of each fell."""
    said = {"at": at, "because": BECAUSE}
    fell = [connection.execute(statement, said).rowcount for statement in (_NOTICES, _MESSAGES)]
    fell.append(connection.execute(_REMINDERS).rowcount)
    fell.append(connection.execute(_LISTED, said).rowcount)
    settled = Settled(*fell)
    if settled.notices:
        details = {"because": BECAUSE, "notices": settled.notices, "messages": settled.messages}
        record_sync(connection, Event(kind=Kind.notices_withdrawn, outcome=Outcome.allowed, details=details), signer)
    if settled.lifted:
        details = {"because": BECAUSE, "employers": settled.lifted}
        record_sync(connection, Event(kind=Kind.discipline_lifted, outcome=Outcome.allowed, details=details), signer)
    return settled
