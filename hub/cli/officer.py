"""What every step needs that a named officer takes: who acts, on which instant, and the options that say so."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from hub.followup import outbox
from hub.followup.officer import Officer
from hub.settings import settings

from . import parts

By = Annotated[str, typer.Option(help="The officer who acts, by name.")]
Position = Annotated[str, typer.Option(help="The officer's position (职务).")]
Finding = Annotated[UUID, typer.Argument(help="The finding, by its id.")]
Reason = Annotated[str, typer.Option(help="Why. Kept with the step, and in no log.")]


def now() -> datetime:
    """The instant that counts: now, on the day that HUB_TODAY says where it says one."""
    real, today = datetime.now(UTC), settings().today
    if today is None:
        return real
    in_china = real + outbox.CHINA
    return real + timedelta(days=(today - in_china.date()).days)


def acting(by: str, position: str) -> dict[str, Any]:
    """What every step needs that an officer takes."""
    return {"officer": Officer(by, position), "at": now(), "signer": parts.signer()}
