"""What is reckoned, not stored: the proof of a receipt, what a grant makes of a query, how deliveries stand."""

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from hub.audit.sequencer import NotYetPublished, UnknownEvent, prove
from hub.errors import HubError, RequestError
from hub.policy import decide, explain

if TYPE_CHECKING:
    from .execute import Run

#: Explaining a query costs what reading it does, and that is no cell of the answer.
MOST_EXPLAINED: Final = 5


async def receipt_proof(run: "Run", eventId: str) -> Any:  # noqa: N803 - as the API spells it
    """The proof of one's own event, or of any where the grant reaches the log. Null until it is integrated."""
    try:
        event = UUID(eventId)
    except ValueError:
        raise RequestError("REQUEST_ARGUMENT", "eventId: not the number of an event") from None
    scope, values = run.scope("AccessEvent", "e", first=3)
    given = await run.fetch(
        f"select 1 from audit_event e where e.event_id = $1 and (e.client = $2 or ({scope}))",
        event,
        run.client.id,
        *values,
    )
    if not given:
        return None
    try:
        return {"eventId": str(event), "proof": await run.call(prove, event)}
    except (NotYetPublished, UnknownEvent):
        return None


async def explain_access(run: "Run", query: str) -> Any:
    """The decision on another query, in sentences; nothing of it is run."""
    run.explained += 1
    if run.explained > MOST_EXPLAINED:
        raise RequestError("REQUEST_TOO_COSTLY", f"At most {MOST_EXPLAINED} queries are explained at a time")
    try:
        asked = run.asked(query)
    except HubError as error:
        return {"allowed": False, "sentences": [str(error)]}
    decision = decide(run.grant, run.client, asked, run.today)
    return {"allowed": decision.allowed, "sentences": explain(decision)}


def standings(run: "Run") -> Any:
    """Delivery → how it stands today."""
    return run.deliveries.standings(run.today)
