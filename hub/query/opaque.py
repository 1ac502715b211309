"""Opaque texts that clients hold: global ids and cursors.

Each is sealed for one department (ids) or one grant and root (cursors). Ids are deterministic, so that a department
can compare its own; two departments hold different ids for the same person, and cannot join on them. A changed text
does not open.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Any
from uuid import UUID

import orjson

from hub.errors import RequestError
from hub.sealing import Keyring, SealingError

KINDS = {"person": b"P", "employer": b"E"}
NAMES = {letter: kind for kind, letter in KINDS.items()}


class Opaque:
    """Ids and cursors under one keyring."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def identity(self, kind: str, key: UUID, department: str) -> str:
        """The global id of a row, for one department."""
        return self._conceal(KINDS[kind] + key.bytes, b"id:" + department.encode())

    def reveal(self, text: str, department: str) -> tuple[str, UUID] | None:
        """(kind, key) of a global id; None where it is not one of this department's."""
        plain = self._reveal(text, b"id:" + department.encode())
        if plain is None or plain[:1] not in NAMES:
            return None
        return NAMES[plain[:1]], UUID(bytes=plain[1:])

    def cursor(self, values: list[Any], place: str) -> str:
        """A cursor behind the row that sorts at ``values``, good only at ``place`` (grant and root)."""
        return self._conceal(orjson.dumps(values), b"cursor:" + place.encode())

    def position(self, text: str, place: str) -> list[Any]:
        """What a cursor says. RequestError where it was not given at this place, or was changed."""
        plain = self._reveal(text, b"cursor:" + place.encode())
        if plain is None:
            raise RequestError(
                "REQUEST_CURSOR",
                "after: is not a cursor of this list",
                hint="Give the endCursor or cursor of a page of the same list, unchanged.",
            )
        values: list[Any] = orjson.loads(plain)
        return values

    def _conceal(self, plain: bytes, context: bytes) -> str:
        return urlsafe_b64encode(self._keyring.conceal(plain, context)).rstrip(b"=").decode()

    def _reveal(self, text: str, context: bytes) -> bytes | None:
        try:
            return self._keyring.open(urlsafe_b64decode(text + "=" * (-len(text) % 4)), context)
        except (SealingError, Error, ValueError):
            return None
