"""Older services: an XML envelope with the parameters put in, XML in GBK out.

In charge of writing the envelope and reading the rows by the local names of elements. Refuses (``HalfPageError``) what
is no whole document, faults by their code, and by name a row that is not flat. Entities and references are never
followed. Pure; touches no database.
"""

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from hub.errors import IntakeError

from .answer import Answer, HalfPageError, count, said, unfit
from .form import Cursor, Soap, shown

#: What each encoding is read by: GB18030 holds what the others hold, and names that they cannot.
_READ_AS = {"gbk": "gb18030", "gb2312": "gb18030"}
_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>")


def envelope(source: Soap, parameters: Mapping[str, str]) -> bytes:
    """The envelope with each ``{name}`` replaced by its parameter."""
    text = source.envelope
    for name, value in parameters.items():
        text = text.replace("{" + name + "}", escape(value, {'"': "&quot;"}))
    return text.encode(_READ_AS.get(source.encoding.lower(), source.encoding))


def soap_answer(body: bytes, source: Soap) -> Answer:
    root = _parsed(body.decode(_read_as(source), "strict") if _decodes(body, source) else None)
    fault = next((one for one in root.iter() if _local(one) == "Fault"), None)
    if fault is not None:
        raise IntakeError("INTAKE_CHANNEL", "the service answered with a fault", shown(source), "ask its operator")
    if source.inner:
        [*_, inner] = _at(root, source.inner) or [None]
        if inner is None or not inner.text:
            raise unfit(source, f"has no document at '{source.inner}'")
        root = _parsed(inner.text)

    def told(path: str) -> str | None:
        found = _at(root, path)
        return said((found[0].text or "").strip()) if found else None

    code = told(source.success.path) if source.success else None
    following = told(source.paging.next) if isinstance(source.paging, Cursor) else None
    rows = [_row(one, source) for one in _at(root, source.records)]
    return Answer(rows, count(source, told(source.total) if source.total else None), following, code)


def _read_as(source: Soap) -> str:
    return _READ_AS.get(source.encoding.lower(), source.encoding)


def _decodes(body: bytes, source: Soap) -> bool:
    try:
        body.decode(_read_as(source), "strict")
    except UnicodeDecodeError:
        return False
    return True


def _parsed(text: str | None) -> Any:
    """A document. Its declaration goes: it names the encoding of bytes, and this is text."""
    if text is None:
        raise HalfPageError
    try:
        return fromstring(_DECLARATION.sub("", text), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise HalfPageError from None


def _local(element: Any) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _at(root: Any, path: str) -> list[Any]:
    """The elements at a path of local names below the root."""
    found = [root]
    for name in filter(None, path.split(".")):
        found = [child for one in found for child in one if _local(child) == name]
    return found


def _row(element: Any, source: Soap) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for child in element:
        name = _local(child)
        if len(child) or name in row:
            raise unfit(source, f"holds rows of which '{name}' is more than one value")
        row[name] = child.text
    return row
