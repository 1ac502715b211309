"""From the bytes of a request to a question: `query`, `operationName`, `variables`, and nothing odd.

In charge of refusing what cannot be understood (RequestError); pure. A refusal names the parameter and the position,
never a value: a variable is where the number of a person stands. What passes here can be handed to PostgreSQL and
walked by recursion: no NUL, no half of a character, no deep nesting.

Of two members of an object with one name the last counts, as everywhere in JSON; the first is never looked at.
Source: GraphQL over HTTP, "Request Parameters", "GET", "POST".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse

from hub.errors import RequestError

DEEPEST: Final = 32  # arrays and objects inside one another in variables
PARAMETERS: Final = ("query", "operationName", "variables", "extensions")
_NUL: Final = re.compile(r"\\u(?:0000|\{0+\})")


@dataclass(frozen=True, slots=True)
class Question:
    """A GraphQL request. `operation`: which one of the document's is asked; None where it has one."""

    document: str
    operation: str | None
    variables: dict[str, Any]


def from_body(body: bytes) -> Question:
    """The question of a POST body."""
    content = _json(body, "the body")
    if isinstance(content, list):
        raise RequestError(
            "REQUEST_BATCH",
            "Several questions in one request are not answered",
            hint="Send one request for each question",
        )
    if not isinstance(content, dict):
        raise _malformed("The body is not a JSON object", "the body")
    # Escapes are the only way for what must be looked for into JSON: most bodies are passed without a walk.
    suspicious = b"\\u" in body or body.count(b"[") + body.count(b"{") > DEEPEST
    return _question(content, suspicious=suspicious)


def from_url(query_string: bytes) -> Question:
    """The question of a GET request's URL; RequestError REQUEST_METHOD where it would change something."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError:  # of UnicodeDecodeError too, whose message quotes the URL
        raise _malformed("The URL's parameters cannot be read", "the URL", "They are UTF-8, percent-encoded") from None
    content: dict[str, Any] = {}
    for name, value in pairs:
        if name not in PARAMETERS:
            continue
        if name in content:
            raise _malformed("A parameter stands twice in the URL", name)
        content[name] = value
    for name in ("variables", "extensions"):
        if (text := content.get(name)) is not None:
            content[name] = None if text == "" else _json(text.encode(), name)
    question = _question(content, suspicious=True)
    if "mutation" in question.document and _changes(question):
        raise RequestError("REQUEST_METHOD", "A mutation is not answered to GET", hint="Send it by POST")
    return question


def _changes(question: Question) -> bool:
    """Whether a mutation is asked for. What cannot be parsed is GraphQL's to refuse."""
    try:
        document = parse(question.document, no_location=True, max_tokens=10_000)
    except (GraphQLError, RecursionError):
        return False
    return any(
        isinstance(one, OperationDefinitionNode)
        and one.operation is OperationType.MUTATION
        and question.operation in {None, one.name.value if one.name else None}
        for one in document.definitions
    )


def _json(raw: bytes, where: str) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        # Not chained: the error holds the whole body.
        raise _malformed(
            "Not JSON", f"{where}, line {error.lineno}, column {error.colno}", "JSON in UTF-8 (RFC 8259)"
        ) from None


def _question(content: Mapping[str, Any], *, suspicious: bool) -> Question:
    document = content.get("query")
    operation = content.get("operationName")
    variables = content.get("variables")
    extensions = content.get("extensions")
    if not isinstance(document, str):
        missing = document is None
        raise _malformed("There is no query" if missing else "Not text", "query", "The GraphQL document, as text")
    if operation is not None and not isinstance(operation, str):
        raise _malformed("Not text", "operationName", "The name of an operation of the document, or null")
    if variables is not None and not isinstance(variables, dict):
        raise _malformed("Not an object", "variables", "An object of variables by name, or null")
    if extensions is not None and not isinstance(extensions, dict):
        raise _malformed("Not an object", "extensions", "An object, or null")
    if suspicious:
        if _has_nul(document):
            raise _malformed("A NUL character", "query")
        if operation and "\0" in operation:
            raise _malformed("A NUL character", "operationName")
        if variables:
            _check(variables)
    return Question(document, operation or None, variables or {})


def _has_nul(document: str) -> bool:
    return "\0" in document or ("\\u" in document and _NUL.search(document) is not None)


def _check(variables: dict[str, Any]) -> None:
    """Refuse what nothing behind this should have to meet. No recursion: that is one of them."""
    level: list[Any] = [variables]
    for _ in range(DEEPEST + 1):
        below: list[Any] = []
        for container in level:
            values = container
            if isinstance(container, dict):
                if any("\0" in name for name in container):
                    raise _malformed("A NUL character", "the name of a variable or member")
                values = container.values()
            for value in values:
                if isinstance(value, str):
                    if "\0" in value:
                        raise _malformed("A NUL character", "variables")
                elif isinstance(value, dict | list):
                    below.append(value)
        if not below:
            return
        level = below
    raise _malformed("Nested too deep", "variables", f"At most {DEEPEST} arrays and objects inside one another")


def _malformed(message: str, detail: str, hint: str = "") -> RequestError:
    return RequestError("REQUEST_MALFORMED", message, detail=detail, hint=hint)
