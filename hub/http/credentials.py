"""Reading a token request strictly: a form and one kind of credentials, or `BadRequest`. Pure.

What Authlib lets pass is refused here: a parameter twice, parameters in the URL, two kinds of authentication at once,
bytes in a Basic header that are no text.
Source: RFC 6749 §2.3, §3.2, §5.2; RFC 7521 §4.2.
"""

from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

import orjson

ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ID: Final = 100  # characters, as hub.policy.client has it


class BadRequest(Exception):  # noqa: N818 -- says what is the case
    """OAuth's error code, what is wrong in words without any value, and the status."""

    def __init__(self, error: str, says: str, status: int = 400) -> None:
        super().__init__(says)
        self.error, self.says, self.status = error, says, status


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client says it is. `basic`: id and secret; None where the form holds an assertion."""

    form: dict[str, str]
    client_id: str
    basic: tuple[str, str] | None = field(repr=False)


def read_form(body: bytes) -> dict[str, str]:
    """The parameters of a form. One sent without a value counts as not sent (RFC 6749 §3.2)."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError:
        raise BadRequest("invalid_request", "The form cannot be read: UTF-8, percent-encoded") from None
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise BadRequest("invalid_request", "A parameter stands twice in the form")
    return {name: value for name, value in pairs if value}


def read_credentials(form: dict[str, str], authorization: list[bytes]) -> Credentials:
    """Who asks, by exactly one kind of authentication. 401 where what is there can be nobody's."""
    if "grant_type" not in form:
        raise BadRequest("invalid_request", "grant_type is missing")
    if form["grant_type"] != "client_credentials":
        raise BadRequest("unsupported_grant_type", "The only grant_type is client_credentials")
    asserted = "client_assertion" in form or "client_assertion_type" in form
    if len(authorization) > 1 or (authorization and (asserted or "client_secret" in form)):
        raise BadRequest("invalid_request", "A client authenticates in one way at a time")
    if asserted and "client_secret" in form:
        raise BadRequest("invalid_request", "A client authenticates in one way at a time")
    if asserted:
        if form.get("client_assertion_type") != ASSERTION or "client_assertion" not in form:
            raise BadRequest("invalid_request", f"client_assertion goes with client_assertion_type {ASSERTION}")
        basic, client_id = None, _asserted(form["client_assertion"])
    elif authorization:
        basic = _basic(authorization[0])
        client_id = basic[0]
    else:
        raise _unauthenticated()
    if form.get("client_id", client_id) != client_id:
        raise BadRequest("invalid_request", "client_id is not the client that authenticates")
    return Credentials(form, client_id, basic)


def _basic(header: bytes) -> tuple[str, str]:
    scheme, _, encoded = header.partition(b" ")
    if scheme.lower() != b"basic" or len(encoded) > 8000:
        raise _unauthenticated()
    try:
        client_id, colon, secret = b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
        client_id, secret = unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except ValueError:  # no base64, or no text
        raise _unauthenticated() from None
    if not colon or not 0 < len(client_id) <= LONGEST_ID or not secret:
        raise _unauthenticated()
    return client_id, secret


def _asserted(assertion: str) -> str:
    """The `sub` that an assertion claims, unverified."""
    try:
        header, payload, _ = (_decode(part) for part in assertion.split("."))
        claims = _object(payload)
        _object(header)
    except ValueError:
        raise _unauthenticated() from None
    client_id = claims.get("sub")
    if not isinstance(client_id, str) or not 0 < len(client_id) <= LONGEST_ID:
        raise _unauthenticated()
    return client_id


def _decode(part: str) -> bytes:
    return b64decode(part.encode("ascii") + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _object(raw: bytes) -> dict[str, Any]:
    content = orjson.loads(raw)
    if not isinstance(content, dict):
        raise ValueError("no object")  # noqa: TRY004 -- all of these are one refusal
    return content


def _unauthenticated() -> BadRequest:
    return BadRequest("invalid_client", UNAUTHENTICATED, 401)


#: The one thing that is said to whoever has not proved to be a client.
UNAUTHENTICATED: Final = "Client authentication failed. It is by client_secret_basic or private_key_jwt, one of them"
