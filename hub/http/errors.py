"""The one shape of an error, and the status each code has.

In charge of how every refusal of every route but OAuth's looks:

    {"errors": [{"message": …, "extensions": {"code": …, "detail": …, "hint": …}}]}

Pure, but for the line that a failure writes to the program's log. That line names the type of an exception and where
it was raised, never its message: the messages of drivers and parsers quote values, and a value may be personal.
"""

import logging
import traceback
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hub.errors import AccessError, ExecuteError, HubError, IntakeError, PolicyError, RequestError

_LOGGER = logging.getLogger(__name__)

JSON: Final = "application/json"

#: Codes whose status is not that of their stage.
STATUS: Final[Mapping[str, int]] = {
    "REQUEST_NOT_FOUND": 404,
    "REQUEST_METHOD": 405,
    "REQUEST_ACCEPT": 406,
    "REQUEST_TIMEOUT": 408,
    "REQUEST_BODY_SIZE": 413,
    "REQUEST_MEDIA_TYPE": 415,
    "REQUEST_HEAD_SIZE": 431,
    "INTAKE_BUSY": 409,
    "INTAKE_DATABASE": 503,
    "EXECUTE_FAILED": 500,
}
_STAGES: Final[tuple[tuple[type[HubError], int], ...]] = (
    (AccessError, 401),
    (RequestError, 400),
    (PolicyError, 403),
    (IntakeError, 422),
    (ExecuteError, 503),
)


def status_of(error: HubError) -> int:
    """The HTTP status of an error: its code's, else its stage's, else 500. A quota used up is 429, whatever follows."""
    if (status := STATUS.get(error.code)) is not None:
        return status
    if error.code.startswith("POLICY_QUOTA"):
        return 429
    return next((status for stage, status in _STAGES if isinstance(error, stage)), 500)


def body_of(errors: Iterable[HubError]) -> bytes:
    """The JSON bytes of errors, in the one shape."""
    return orjson.dumps({"errors": [shape(error) for error in errors]})


def shape(error: HubError) -> dict[str, Any]:
    """One error as it stands in `errors`. `locations` and `path` are added by whoever knows them."""
    extensions = {"code": error.code}
    if error.detail:
        extensions["detail"] = error.detail
    if error.hint:
        extensions["hint"] = error.hint
    return {"message": error.message, "extensions": extensions}


def response(
    error: HubError, *, headers: Mapping[str, str] | None = None, media_type: str = f"{JSON}; charset=utf-8"
) -> Response:
    """The response that says one error."""
    return Response(body_of([error]), status_of(error), {**_headers(error), **(headers or {})}, media_type)


def _headers(error: HubError) -> dict[str, str]:
    if isinstance(error, AccessError):  # RFC 6750 §3: no error code where no token was sent
        says = "" if error.code == "ACCESS_TOKEN_MISSING" else ', error="invalid_token"'
        return {"www-authenticate": f'Bearer realm="hub"{says}'}
    if error.code == "REQUEST_TIMEOUT":
        return {"connection": "close"}
    if status_of(error) == 503 or error.code == "INTAKE_BUSY":
        return {"retry-after": "1"}
    return {}


async def not_found(_request: Request, _error: Exception) -> Response:
    """What a path that is no route answers."""
    return response(
        RequestError(
            "REQUEST_NOT_FOUND",
            "There is nothing at this address",
            hint="Questions go to /graphql, tokens to /oauth/token, deliveries to /deliveries/<who>/<what>",
        )
    )


async def wrong_method(_request: Request, error: Exception) -> Response:
    """What a route answers to a method that it does not have."""
    allow = (error.headers or {}).get("Allow", "GET") if isinstance(error, HTTPException) else "GET"
    return response(
        RequestError("REQUEST_METHOD", "This address does not take this method", hint=f"It takes {allow}"),
        headers={"allow": allow},
    )


def failed(error: BaseException, incident: str) -> ExecuteError:
    """Log a failure that nobody foresaw, and say what may be said of it."""
    _LOGGER.error("incident %s: %s", incident, describe(error))
    return ExecuteError(
        "EXECUTE_FAILED",
        "The hub failed to answer",
        detail=f"incident {incident}",
        hint="Nothing was disclosed. Tell the hub's operator the incident",
    )


def describe(error: BaseException) -> str:
    """The types of an exception and its causes and where each was raised, without a single value."""
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None and len(parts) < 5:
        frames = traceback.extract_tb(current.__traceback__)[-12:]
        places = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
        parts.append(f"{type(current).__module__}.{type(current).__qualname__} at {places or 'no frame'}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return " | because of ".join(parts)
