"""Reading the forms: one TOML text into one model, with errors that name the file, the key and the nearest known key.

Shared by connectors, grants, rules and parameters. Touches no database.
"""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from hub.errors import DeclarationError


class Form(BaseModel):
    """The base of every form: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


F = TypeVar("F", bound=BaseModel)


def read_form(model: type[F], source: str, file: Path | str, /, **more: Any) -> F:
    """``source`` (TOML) as a ``model``. ``more`` are values the file's place gives, such as its name."""
    return form_of(model, content_of(source, file), file, **more)


def content_of(source: str, file: Path | str) -> dict[str, Any]:
    """What ``source`` (TOML) says."""
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError("DECLARATION_SYNTAX", f"{file} is not valid TOML", str(error)) from None


def form_of(model: type[F], content: Mapping[str, Any], file: Path | str, /, **more: Any) -> F:
    """``content``, read from ``file``, as a ``model``."""
    try:
        return model.model_validate({**content, **more})
    except ValidationError as error:
        problems = [_sentence(model, problem) for problem in error.errors()]
        raise DeclarationError("DECLARATION_INVALID", f"{file} is not right", "; ".join(problems)) from None


def _sentence(model: type[BaseModel], problem: Any) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        known = _known_keys(model, problem["loc"][:-1])
        near = get_close_matches(str(problem["loc"][-1]), known, n=1)
        return f"unknown key '{where}'" + (f" (did you mean '{near[0]}'?)" if near else f" (known: {', '.join(known)})")
    if problem["type"] == "missing":
        return f"'{where}' is missing"
    return f"'{where}': {problem['msg']}"


def _known_keys(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """The keys the form knows at ``path``; the top ones where the path leads through free keys."""
    schema = model.model_json_schema()
    node: dict[str, Any] = schema
    for part in path:
        node = _resolve(schema, node)
        if isinstance(part, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(part) or node.get("additionalProperties") or {}
    found = _resolve(schema, node).get("properties", {})
    return sorted(found or schema.get("properties", {}))


def _resolve(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    for option in node.get("anyOf", []):
        if "$ref" in option:
            node = option
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    return node
