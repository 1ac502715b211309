"""What a drafted connector leaves to somebody: every name and value that begins with a question mark.

``"? monthly"`` proposes, and is decided by taking the mark away or by saying something else; ``"?"`` alone proposes
nothing. A mark stands in values, and before the name of a field; never in an example, whose cells are only cells.
Pure.
"""

from collections.abc import Iterator, Mapping
from typing import Any

MARK = "?"


def is_marked(text: object) -> bool:
    return isinstance(text, str) and (text == MARK or text.startswith(f"{MARK} "))


def marked(text: str) -> str:
    """``text`` as a proposal."""
    return f"{MARK} {text}"


def undecided(content: Mapping[str, Any]) -> list[str]:
    """Every mark in a connector's TOML, by where it stands, with what is proposed there."""
    return list(_waiting({key: value for key, value in content.items() if key != "example"}, ""))


def _waiting(node: Any, where: str) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            named = is_marked(key) and where == "fields"
            at = f"{where}.{_bare(key) if named else key}".lstrip(".")
            if named:
                yield at
            yield from _waiting(value, at)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _waiting(value, where)
    elif is_marked(node):
        yield f"{where} ('{_bare(node)}'?)" if _bare(node) else where


def _bare(text: str) -> str:
    return text.removeprefix(MARK).strip()


def proposed(content: Mapping[str, Any]) -> dict[str, Any]:
    """A connector's TOML as its proposals would have it. A code that nothing is proposed for stays unknown."""
    return {key: value if key == "example" else _taken(value, key) for key, value in content.items()}


def _taken(node: Any, where: str) -> Any:
    if isinstance(node, Mapping):
        return {
            _bare(key) if where == "fields" and is_marked(key) else key: _taken(value, f"{where}.{key}")
            for key, value in node.items()
            if not (value == MARK and where.endswith(".codes"))
        }
    if isinstance(node, list | tuple):
        return [_taken(value, where) for value in node]
    return (_bare(node) or node) if is_marked(node) else node


def open_fields(content: Mapping[str, Any]) -> list[str]:
    """The fields of which nobody has said even for the time being what they hold: no row can be made of them."""
    fields = content.get("fields", {})
    return [_bare(name) if is_marked(name) else name for name, field in fields.items() if MARK in field.values()]
