"""What only Python can do to an answer: open sealed values, make global ids and cursors. Pure but for the keys."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson

from hub.policy import MASKS
from hub.sealing import Keyring

from .compile import STILL_SEALED, Finishing
from .opaque import Opaque


class Finisher:
    """Finishes the JSON of one request: ``department`` for ids, ``place`` for cursors."""

    def __init__(self, keyring: Keyring, opaque: Opaque, department: str, place: str) -> None:
        self._keyring, self._opaque, self._department, self._place = keyring, opaque, department, place

    def finish(self, answer: bytes, finishing: Finishing) -> bytes:
        """``answer`` (JSON from the database) with everything in place; untouched where nothing is left to do."""
        if not finishing:
            return answer
        value = orjson.loads(answer)
        self._walk(value, finishing)
        return orjson.dumps(value)

    def _walk(self, value: Any, finishing: Finishing) -> None:
        if isinstance(value, list):
            for one in value:
                self._walk(one, finishing)
            return
        if value is None:
            return
        if finishing.opens:
            self._open(value, finishing)
        for key, kind in finishing.ids.items():
            value[key] = self._opaque.identity(kind, UUID(value[key]), self._department)
        if finishing.cursor:
            value[finishing.cursor] = self._opaque.cursor(value[finishing.cursor], self._place)
        for key, inner in finishing.inner.items():
            self._walk(value.get(key), inner)

    def _open(self, value: dict[str, Any], finishing: Finishing) -> None:
        sealed = value.pop(STILL_SEALED)
        if sealed is None:
            return
        context = finishing.context + UUID(sealed[0]).bytes
        opened = orjson.loads(self._keyring.open(bytes.fromhex(sealed[1]), context))
        for key, (member, mask) in finishing.opens.items():
            plain = opened.get(member)
            value[key] = MASKS[mask].apply(plain) if mask else plain


def project(value: Any, picks: Any, name: str, mask: Callable[[str, str], str | None]) -> Any:
    """A computed value as it was picked: aliases, order, masks, nothing more."""
    if value is None:
        return None
    if isinstance(value, list):
        return [project(one, picks, name, mask) for one in value]
    shown = {}
    for pick in picks:
        if pick.name == "__typename":
            shown[pick.key] = name
            continue
        one = value[pick.name]
        named = mask(name, pick.name)
        if named is not None:
            one = MASKS[named].apply(one)
        for inner_name, inner in pick.inner.items():
            one = project(one, inner, inner_name, mask)
        shown[pick.key] = one
    return shown
