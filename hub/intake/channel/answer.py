"""What a service answers: its rows, and what it says of them.

In charge of finding things by their paths in JSON. Refuses (``HalfPageError``) what is cut off or is no document, and
by name a row that is not flat. Pure; touches no database. Messages quote no value.
"""

import json
from dataclasses import dataclass
from typing import Any

from hub.errors import IntakeError

from .form import Cursor, Http, Service, shown
from .rows import Number

Row = dict[str, Any]


class HalfPageError(Exception):
    """What came is no whole document; asked again, it may be."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``total``: rows in all, where it is told. ``next``: how the next page is asked for. ``code``: how it went."""

    rows: list[Row]
    total: int | None = None
    next: str | None = None
    code: str | None = None


def read_json(body: bytes, encoding: str) -> Any:
    """A document whose numbers are as they were spelt."""
    try:
        return json.loads(body.decode(encoding), parse_int=Number, parse_float=Number, parse_constant=Number)
    except (ValueError, RecursionError):  # UnicodeDecodeError is one
        raise HalfPageError from None


def json_answer(body: bytes, source: Http) -> Answer:
    document = read_json(body, source.encoding)
    following = at(document, source.paging.next) if isinstance(source.paging, Cursor) else None
    code = said(at(document, source.success.path)) if source.success else None
    rows = at(document, source.records)
    if succeeded(code, source) and not isinstance(rows, list):
        raise unfit(source, f"has no list at '{source.records}'")
    found = rows if isinstance(rows, list) else []
    if not all(isinstance(row, dict) for row in found):
        raise unfit(source, f"holds rows at '{source.records}' that are no objects")
    return Answer(found, count(source, at(document, source.total) if source.total else None), said(following), code)


def succeeded(code: str | None, source: Service) -> bool:
    return source.success is None or code in source.success.values


def at(document: Any, path: str) -> Any:
    """What stands at a path: names with dots between them; the document itself for none."""
    for name in filter(None, path.split(".")):
        if not isinstance(document, dict):
            return None
        document = document.get(name)
    return document


def said(value: Any) -> str | None:
    """A plain value as text; nothing for nothing, and for what is not plain."""
    if isinstance(value, bool) or value is None or value == "":
        return None
    return str(value) if isinstance(value, str) else None


def count(source: Service, value: Any) -> int | None:
    """The number of rows in all. IntakeError where it is to be told and is not."""
    if source.total is None or (value is None):
        return None
    text = str(value).strip()
    if not text.isascii() or not text.isdigit():
        raise unfit(source, f"tells no number at '{source.total}'")
    return int(text)


def unfit(source: Service, how: str) -> IntakeError:
    return IntakeError("INTAKE_CHANNEL", f"the service's answer {how}", shown(source), "see the file of sources")
