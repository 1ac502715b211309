"""Counting the persons that an answer shows against the grant's quota.

In charge of what goes into the log's transaction, so that a count and the event that shows the persons become true
together. A person counts once a window: whom this process knows to be counted need not be counted again, and an answer
about such persons alone costs no more than its record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from hub.audit.event import Event, Kind, Outcome
from hub.audit.log import Pending
from hub.policy import Quota, admit, remaining, window_start


@dataclass(slots=True)
class Quoted:
    """What is decided for one event: may these persons be shown? ``left`` is told back."""

    scope: str
    client_id: str
    limit: int
    starts_on: date
    persons: set[UUID]
    left: int = 0


async def admit_quotas(connection: Any, group: Sequence[Pending]) -> list[Event | None]:
    """The log's admission: an event whose persons would pass the quota is recorded as refused instead."""
    quoted = [(at, one.admit_arg) for at, one in enumerate(group) if isinstance(one.admit_arg, Quoted)]
    admitted = await admit(connection, [(q.scope, q.client_id, q.limit, q.starts_on, q.persons) for _, q in quoted])
    refusals: list[Event | None] = [None] * len(group)
    left: dict[tuple[str, str, date], int] = {}
    for (at, q), allowed in zip(quoted, admitted, strict=True):
        window = (q.scope, q.client_id, q.starts_on)
        if window not in left:
            left[window] = await remaining(connection, q.scope, q.client_id, q.limit, q.starts_on)
        q.left = left[window]
        if not allowed:
            event = group[at].event
            refusals[at] = Event(
                kind=Kind.query_refused,
                outcome=Outcome.refused,
                client=event.client,
                grant=event.grant,
                purpose=event.purpose,
                reasons=("POLICY_QUOTA",),
            )
    return refusals


@dataclass(slots=True)
class _Window:
    starts_on: date
    persons: set[UUID]
    left: int


class Counted:
    """Whom this process knows to be counted, for each grant and client; no more persons than the quotas allow."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], _Window] = {}

    def ask(self, scope: str, client_id: str, quota: Quota, today: date, persons: set[UUID]) -> tuple[Quoted, bool]:
        """What to ask the log's transaction, and whether it must be asked: not where everybody was counted before."""
        start = window_start(quota.per, today)
        quoted = Quoted(scope, client_id, quota.persons, start, persons)
        known = self._windows.get((scope, client_id))
        if known is None or known.starts_on != start or not persons <= known.persons:
            return quoted, True
        quoted.left = known.left
        return quoted, False

    def note(self, quoted: Quoted) -> None:
        """Remember whom an admitted event showed."""
        known = self._windows.get((quoted.scope, quoted.client_id))
        if known is None or known.starts_on != quoted.starts_on:
            known = self._windows[quoted.scope, quoted.client_id] = _Window(quoted.starts_on, set(), quoted.left)
        known.persons |= quoted.persons
        known.left = min(known.left, quoted.left)
