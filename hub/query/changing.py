"""Carrying out a mutation: its verbs, and the record, in one transaction; only then the answer.

A document of several mutations is done whole or not at all, in its order. The event that says who asked, under which
grant, is committed with the changes themselves, so that neither is ever there without the other, and the receipt is of
that event. Touches the database, as the writer, through the driver that moves sets; it blocks, and runs in a thread of
its own: a client that goes away leaves a change that is whole and recorded.
Refuses (``RequestError``) too many at once, (``PolicyError``) what the grant gives no rows of; ``ExecuteError`` where
it is not known to be done: a mutation may be sent again, and then does nothing twice.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import orjson
import sqlalchemy as sa

from hub.audit.checkpoint import Signer
from hub.audit.event import Kind, Outcome
from hub.audit.log import record_sync
from hub.audit.receipt import Receipt
from hub.errors import ExecuteError, PolicyError, RequestError
from hub.policy import Change, Decision, where
from hub.sealing import Keyring

from .bind import Changing
from .finish import project
from .freshness import Deliveries
from .noted import Noted
from .plan import Pick

#: Mutations of one document: each holds locks until the last is done.
MOST_CHANGES: Final = 50
SECONDS: Final = 20  # that one of its statements may take, waiting for others included

_PATIENCE: Final = sa.text(f"set local statement_timeout = '{SECONDS}s'")
_TOO_LONG: Final = "57014"  # SQLSTATE of a statement that its time limit ended
_AGAIN: Final = "It may be sent again: what was done is not done twice"


@dataclass(frozen=True, slots=True)
class Writing:
    """What changes are made with. ``region`` is the division that the hub serves."""

    engine: sa.Engine
    signer: Signer
    keyring: Keyring
    region: str


@dataclass(frozen=True, slots=True)
class Mutating:
    """One mutation document on its way."""

    noted: Noted
    decision: Decision
    picks: tuple[Pick, ...]
    arguments: Mapping[int, Mapping[str, Any]]
    deliveries: Deliveries
    today: date


def change(mutating: Mutating, writing: Writing) -> tuple[bytes, Receipt]:
    """The JSON of ``data``, and the receipt: what it says is done and recorded."""
    if len(mutating.picks) > MOST_CHANGES:
        raise RequestError(
            "REQUEST_TOO_WIDE",
            f"The document asks for {len(mutating.picks)} mutations; {MOST_CHANGES} are allowed",
            hint="Send several documents.",
        )
    noted = mutating.noted
    with _understood(), writing.engine.begin() as connection:
        connection.execute(_PATIENCE)
        data = orjson.dumps({one.key: _done(one, mutating, writing, connection) for one in mutating.picks})
        named = sorted(mutating.decision.mutations)
        event = noted.event(Kind.change_made, Outcome.allowed, {"mutations": named})
        receipt = record_sync(connection, event, writing.signer, noted.personal(answer=data), seal=writing.keyring.seal)
    return data, receipt


def _done(pick: Pick, mutating: Mutating, writing: Writing, connection: sa.Connection) -> Any:
    """One mutation, done; its answer as it was picked."""
    bound, decision, noted = pick.bound, mutating.decision, mutating.noted
    if not isinstance(bound, Changing):
        return pick.noun  # __typename
    rows = decision.rows.get(bound.of)
    if not rows:
        raise PolicyError(
            "POLICY_ROWS",
            f"{decision.grant} names no rows of {bound.of}, so nothing of it is changed",
            f"Mutation.{pick.name}",
            f"Apply for them to be added to {decision.grant}.",
        )
    made = Change(
        connection=connection,
        signer=writing.signer,
        keyring=writing.keyring,
        at=datetime.now(UTC),
        today=mutating.today,
        region=writing.region,
        by=noted.client.id,
        grant=noted.grant.name,
        purpose=noted.grant.purpose,
        scope=lambda alias, parameter: where(rows, alias, parameter, mutating.deliveries.listed),
    )
    value = bound.verb(made, **mutating.arguments[pick.number])
    picks = pick.inner.get(bound.noun, ())
    return project(value, picks, bound.noun, lambda noun, name: decision.masks.get((noun, name)))


@contextmanager
def _understood() -> Iterator[None]:
    """What the database raises, as errors of ours: its own words quote values."""
    try:
        yield
    except sa.exc.TimeoutError:
        raise ExecuteError("EXECUTE_BUSY", "Too many changes are being made at once", hint=_AGAIN) from None
    except sa.exc.DataError:
        raise RequestError("REQUEST_ARGUMENT", "A value given is not one that can be stored") from None
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:  # gone, a deadlock, a time limit
        if getattr(error.orig, "sqlstate", None) == _TOO_LONG:
            raise ExecuteError(
                "EXECUTE_TIMEOUT", "The change took too long and was not made", hint="Choose fewer at a time"
            ) from None
        raise ExecuteError("EXECUTE_DATABASE", "The change is not known to be made", hint=_AGAIN) from None
