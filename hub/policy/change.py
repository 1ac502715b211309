"""A change that somebody makes: in which transaction, who, under what, of which rows, and the record of it.

Every verb that changes something for people takes a `Change`, whether a mutation of the API calls it or a command. What
it does and its event stand in one transaction, which the caller opened and commits. The verb is told the instant and
the day; it looks at no clock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome, Personal
from hub.audit.log import record_sync
from hub.audit.receipt import Receipt
from hub.sealing import Keyring
from hub.terms import day_in_china

Scope = Callable[[str, Callable[[Any], str]], str]
"""Takes a table's alias, and what makes a parameter of a value; gives the condition on its rows."""


def _all(_alias: str, _parameter: Callable[[Any], str]) -> str:
    return "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``at`` is UTC, ``today`` the day in China, ``region`` the division that the hub serves.

    ``by`` is the client that asks, or the officer at the command line; ``grant`` and ``purpose`` are those of a client.
    ``scope`` says which rows may be changed: all, for an officer of the hub.
    """

    connection: Connection
    signer: Signer
    keyring: Keyring
    at: datetime
    today: date
    region: str
    by: str
    grant: str | None = None
    purpose: str | None = None
    scope: Scope = _all

    @property
    def moment(self) -> datetime:
        """The instant on the day that counts: ``at``, on ``today`` also where the hub is told what day it is."""
        return self.at + timedelta(days=(self.today - day_in_china(self.at)).days)

    def reach(self, alias: str) -> tuple[str, dict[str, Any]]:
        """The condition on the rows that may be changed, and its parameters for SQLAlchemy's ``text``."""
        values: dict[str, Any] = {}

        def parameter(value: Any) -> str:
            name = f"reach_{len(values)}"
            values[name] = value
            return f":{name}"

        return self.scope(alias, parameter), values

    def record(self, kind: Kind, details: Mapping[str, Any], personal: Mapping[str, Any] | None = None) -> Receipt:
        """Record what happened, in this very transaction. ``details`` hold nothing personal, ``personal`` may."""
        event = Event(
            kind=kind,
            outcome=Outcome.allowed,
            client=self.by,
            grant=self.grant,
            purpose=self.purpose,
            details=details,
        )
        about = None if personal is None else Personal(details=personal)
        return record_sync(self.connection, event, self.signer, about, seal=self.keyring.seal)
