"""What surrounds a question: who asked it and how, what its events say, and how a refusal is told. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

import orjson

from hub.audit.event import Event, Kind, Outcome, Personal
from hub.audit.log import Recorded
from hub.errors import AccessError, HubError, PolicyError
from hub.policy import Client, Grant


class Question(Protocol):
    """A GraphQL request as HTTP gives it."""

    @property
    def document(self) -> str: ...
    @property
    def operation(self) -> str | None: ...
    @property
    def variables(self) -> dict[str, Any]: ...


class Caller(Protocol):
    """Who asks, under which one grant, from where."""

    @property
    def client_id(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def address(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """``body``: JSON of data, errors, extensions. ``executed``: there is data. ``status``: 200, or what went wrong."""

    body: bytes
    executed: bool
    status: int


@dataclass(frozen=True, slots=True)
class Noted:
    """What every event of one question says."""

    client: Client
    grant: Grant
    operation: str
    question: Question
    caller: Caller

    def event(self, kind: Kind, outcome: Outcome, details: Mapping[str, Any] | None = None, **more: Any) -> Event:
        return Event(
            kind=kind,
            outcome=outcome,
            client=self.client.id,
            grant=self.grant.name,
            purpose=self.grant.purpose,
            details={"grantVersion": self.grant.digest[:16], **(details or {})},
            **more,
        )

    def personal(self, persons: list[UUID] | None = None, answer: bytes | None = None) -> Personal:
        variables = (
            orjson.dumps(self.question.variables, option=orjson.OPT_SORT_KEYS) if self.question.variables else b""
        )
        return Personal(
            persons=persons or (),
            operation=self.operation,
            answer=None if answer is None else sha256(answer).hexdigest(),
            variables=sha256(variables).hexdigest() if variables else None,
            source=self.caller.address or None,
        )


def error(code: str, message: str, detail: str, hint: str = "") -> dict[str, Any]:
    """One entry of ``errors``."""
    extensions = {"code": code} | {name: text for name, text in (("detail", detail), ("hint", hint)) if text}
    return {"message": message, "extensions": extensions}


def refusal(errors: list[dict[str, Any]], recorded: Recorded, status: int) -> Answer:
    """The answer that says no, with the receipt of its record."""
    body = orjson.dumps({"errors": errors, "extensions": {"receipt": recorded.receipt.json()}})
    return Answer(body, False, status)


def status_of(refused: HubError) -> int:
    """The HTTP status of a refusal."""
    if isinstance(refused, PolicyError):
        return 403
    return 401 if isinstance(refused, AccessError) else 400
