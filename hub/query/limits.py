"""How much one document may ask, judged before it is validated and before anything is fetched.

Pure. Refuses (``RequestError``) documents that are too deep, too wide, or whose cursors and pages are out of bounds.
Everything is counted as it would stand with every fragment put in place, but each fragment is counted once, so that
counting costs what reading does, however often fragments name one another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from hub.errors import RequestError

#: PostgreSQL cuts names at 63 bytes, and an answer's names are its columns.
LONGEST_NAME = 63


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one document. ``cost`` is in cells: fields times the rows they may stand in."""

    depth: int
    fields: int
    cost: int
    page: int


@dataclass(frozen=True, slots=True)
class Extent:
    """How deep and how wide a selection is."""

    depth: int
    fields: int

    def beside(self, other: "Extent") -> "Extent":
        return Extent(max(self.depth, other.depth), self.fields + other.fields)


NOTHING = Extent(0, 0)


def measure(document: DocumentNode, operation: OperationDefinitionNode, limits: Limits) -> Extent:
    """The extent of ``operation`` with its fragments in place. RequestError where it passes the limits."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    known: dict[str, Extent | None] = {}
    extent = _extent(operation.selection_set, fragments, known, limits)
    for other in document.definitions:  # validated all the same, and validating costs the square of their breadth
        if isinstance(other, OperationDefinitionNode | FragmentDefinitionNode) and other is not operation:
            beside = _extent(other.selection_set, fragments, known, limits)
            extent = Extent(extent.depth, max(extent.fields, beside.fields))
    if extent.depth > limits.depth:
        raise RequestError(
            "REQUEST_TOO_DEEP",
            f"The query nests {extent.depth} levels; {limits.depth} are allowed",
            hint="Ask for the inner objects in a query of their own.",
        )
    if extent.fields > limits.fields:
        raise RequestError(
            "REQUEST_TOO_WIDE",
            f"The query asks for {extent.fields} fields, counted with fragments in place; {limits.fields} are allowed",
            hint="Split it into several queries.",
        )
    return extent


def _extent(
    selection: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    known: dict[str, Extent | None],
    limits: Limits,
) -> Extent:
    return reduce(Extent.beside, (_one(node, fragments, known, limits) for node in selection.selections), NOTHING)


def _one(
    node: object, fragments: Mapping[str, FragmentDefinitionNode], known: dict[str, Extent | None], limits: Limits
) -> Extent:
    if isinstance(node, FieldNode):
        name = (node.alias or node.name).value
        if len(name) > LONGEST_NAME:
            raise RequestError("REQUEST_NAME_TOO_LONG", f"An alias has {len(name)} letters; {LONGEST_NAME} are allowed")
        inner = _extent(node.selection_set, fragments, known, limits) if node.selection_set else NOTHING
        return Extent(inner.depth + 1, inner.fields + 1)
    if isinstance(node, FragmentSpreadNode):
        name = node.name.value
        if name not in known:
            known[name] = None  # being counted: meeting it again is a cycle
            fragment = fragments.get(name)
            known[name] = _extent(fragment.selection_set, fragments, known, limits) if fragment else NOTHING
        extent = known[name]
        if extent is None:
            raise RequestError("REQUEST_INVALID", f"The fragment '{name}' contains itself")
        return extent
    return _extent(node.selection_set, fragments, known, limits)  # type: ignore[attr-defined]


def page_size(asked: int, limits: Limits, where: str) -> int:
    """``asked``, where a page may be that large; literal or from a variable alike."""
    if not 0 < asked <= limits.page:
        raise RequestError("REQUEST_PAGE_SIZE", f"{where}(first:) is from 1 to {limits.page}", f"asked: {asked}")
    return asked


def within_cost(cells: int, limits: Limits) -> None:
    """RequestError where an answer could hold more cells than allowed."""
    if cells > limits.cost:
        raise RequestError(
            "REQUEST_TOO_COSTLY",
            f"The answer could hold {cells} cells; {limits.cost} are allowed",
            hint="Ask for smaller pages (first:) or fewer fields.",
        )
