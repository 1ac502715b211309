"""Messages by a gateway over HTTP: ``POST {id, to, text}`` as JSON, ``Idempotency-Key: <id>``, a bearer token.

It has the message when it answers 2xx with ``{"accepted": true}``, or 409: it knew the key already. An answer that
breaks off, says something else or does not come tells nothing: the same message is handed over again under the same
key. 408, 425, 429, 5xx and a refused token are tried later, and not before ``Retry-After``; any other refusal is final.
Cities' gateways differ: an adapter of this shape, in front of theirs, is what a deployment writes.
"""

from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic
from typing import Final
from uuid import UUID

import httpx
import orjson

from hub.followup.channels import Gateway, trusted
from hub.followup.outbox import Content, Handed

LARGEST: Final = 64 << 10  # bytes of an answer
#: Perhaps later: what passes by itself, and a token that an operator has to renew.
_LATER: Final = frozenset({401, 403, 408, 425, 429})


@dataclass(frozen=True, slots=True)
class GatewayChannel:
    """Hands messages to the gateway that ``form`` names."""

    form: Gateway

    @property
    def per_minute(self) -> int:
        return self.form.per_minute

    def hand_over(self, message_id: UUID, content: Content) -> Handed:
        """Blocks until the gateway has answered, or has taken too long."""
        form = self.form
        headers = {"Idempotency-Key": str(message_id), "Content-Type": "application/json"}
        if form.token is not None:
            headers["Authorization"] = f"Bearer {form.token.get_secret_value()}"
        said = orjson.dumps({"id": str(message_id), "to": content.to, "text": content.text})
        secure = trusted(form.ca) if form.url.startswith("https:") else False
        try:
            with (
                httpx.Client(verify=secure, timeout=form.seconds, trust_env=False) as client,
                client.stream("POST", form.url, content=said, headers=headers) as answer,
            ):
                return _read(answer, monotonic() + form.call_seconds)
        except httpx.HTTPError as error:
            return Handed("later", f"GATEWAY_{type(error).__name__}")


def _read(answer: httpx.Response, until: float) -> Handed:
    status = answer.status_code
    if status == HTTPStatus.CONFLICT:
        return Handed("sent", "GATEWAY_KNEW_IT")
    if status in _LATER or status >= 500:
        asked = answer.headers.get("retry-after", "")
        return Handed("later", f"GATEWAY_{status}", float(asked) if asked.isdecimal() else 0.0)
    if not answer.is_success:
        return Handed("never", f"GATEWAY_{status}")
    body = b""
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > LARGEST or monotonic() > until:
            return Handed("later", "GATEWAY_ANSWER")
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        said = None
    if isinstance(said, dict) and said.get("accepted") is True:
        return Handed("sent")
    return Handed("later", "GATEWAY_ANSWER")
