"""What a document asks, freed of its spelling: fragments put in place, equal fields merged, every coordinate named.

Pure. Refuses (``RequestError``) documents that do not parse, do not validate, or mix what cannot be mixed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_argument_values,
    get_directive_values,
    get_variable_values,
    parse,
    validate,
)
from graphql.type import GraphQLIncludeDirective, GraphQLSkipDirective

from hub.errors import RequestError
from hub.policy import Asked

from .bind import ROOTS, Bound, Changing, Collection, Computed, Link, Lookup, Node, Noun, Page
from .limits import Limits, measure

#: Longest document, in tokens: parsing costs what reading does, but validating can cost the square of it.
TOKENS = 5000


#: A token that is a value, as the parser's words quote it.
_TOKEN = re.compile(r"\b(String|BlockString|Int|Float) '.*'", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pick:
    """One field of the answer. ``noun`` is the type it stands in; ``nodes`` are its spellings in the document.

    ``inner``: for each type the field leads to, what is picked of it (one type, but for ``node``).
    ``wrapped``: for a page, what is picked of the connection around the nodes.
    """

    key: str
    name: str
    noun: str
    bound: Bound | None
    node: FieldNode
    number: int
    inner: Mapping[str, tuple["Pick", ...]] = field(default_factory=dict)
    wrapped: tuple["Pick", ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document that parsed, kept within limits and validates."""

    schema: GraphQLSchema
    node: DocumentNode
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: tuple[str, ...]
    introspects: bool

    @property
    def changes(self) -> bool:
        """Whether it is a mutation."""
        return self.operation.operation is OperationType.MUTATION


@dataclass(frozen=True, slots=True)
class Asking:
    """A document with its conditions decided: the roots in order, and what the grant must give."""

    roots: tuple[Pick, ...]
    asked: Asked


def read(text: str, operation_name: str | None, schema: GraphQLSchema, limits: Limits) -> Document:
    """Parse, bound and validate a document, and choose its operation."""
    try:
        node = parse(text, max_tokens=TOKENS)
    except GraphQLError as error:
        raise RequestError(
            "REQUEST_SYNTAX", "The document is not GraphQL", _place(error), "Check the query at the place named."
        ) from None
    except RecursionError:
        raise RequestError("REQUEST_TOO_DEEP", "The document nests too deeply to be read") from None
    operation = _operation(node, operation_name)
    measure(node, operation, limits)
    try:
        problems = validate(schema, node, max_errors=5)
    except RecursionError:
        raise RequestError("REQUEST_TOO_DEEP", "The document nests too deeply to be checked") from None
    if problems:
        raise RequestError("REQUEST_INVALID", "; ".join(_place(problem) for problem in problems))
    fragments = {one.name.value: one for one in node.definitions if isinstance(one, FragmentDefinitionNode)}
    roots = set(_root_names(operation.selection_set, fragments))
    introspects = bool(roots & {"__schema", "__type"})
    if introspects and not roots <= {"__schema", "__type", "__typename"}:
        raise RequestError("REQUEST_MIXED", "Introspection and data do not go into one query", hint="Send two queries.")
    return Document(schema, node, operation, fragments, tuple(sorted(set(_conditions(node)))), introspects)


def _operation(node: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [one for one in node.definitions if isinstance(one, OperationDefinitionNode)]
    chosen = [one for one in operations if name is None or (one.name and one.name.value == name)]
    if len(chosen) != 1:
        what = "holds no such operation" if not chosen else "holds several operations"
        raise RequestError("REQUEST_OPERATION", f"The document {what}", hint="Name one in operationName.")
    if chosen[0].operation is OperationType.SUBSCRIPTION:
        raise RequestError("REQUEST_OPERATION", "Queries and mutations are answered here, subscriptions are not")
    return chosen[0]


def _place(error: GraphQLError) -> str:
    """An error's words and place. The words quote the document, which may hold a value: literals are left out."""
    where = f" (line {error.locations[0].line}, column {error.locations[0].column})" if error.locations else ""
    return _without_literals(error.message) + where


def _without_literals(message: str) -> str:
    """graphql-core quotes names in single quotes and values in double or none after 'value'; values may be personal."""
    message = _TOKEN.sub(r"\1", message)
    head, marker, _ = message.partition(" cannot represent ")
    if marker:
        return f"{head} cannot represent this value"
    head, marker, rest = message.partition("found ")
    return f"{head}found another value" if marker and not rest.startswith("'") and '"' in rest else message


def _root_names(selection: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[str]:
    for node in selection.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        elif isinstance(node, FragmentSpreadNode):
            yield from _root_names(fragments[node.name.value].selection_set, fragments)
        elif isinstance(node, InlineFragmentNode):
            yield from _root_names(node.selection_set, fragments)


def _conditions(node: Any) -> Iterator[str]:
    """Variables that @skip and @include depend on."""
    for directive in getattr(node, "directives", None) or ():
        if directive.name.value in {"skip", "include"}:
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode):
                    yield argument.value.name.value
    for child in getattr(node, "definitions", None) or ():
        yield from _conditions(child)
    selection = getattr(node, "selection_set", None)
    for child in selection.selections if selection else ():
        yield from _conditions(child)


def variables_of(document: Document, given: Mapping[str, Any]) -> Any:
    """``given`` as the operation declares them. RequestError names the variable, never its value."""
    declared = document.operation.variable_definitions or ()
    values = get_variable_values(document.schema, declared, dict(given), max_errors=3)
    if isinstance(values, list):
        names = sorted({one.variable.name.value for one in declared if f"'${one.variable.name.value}'" in str(values)})
        which = ", ".join(f"${name}" for name in names) or "a variable"
        raise RequestError(
            "REQUEST_VARIABLES", f"{which} is not of the declared type", hint="Compare it with the operation's head."
        )
    return values


def ask(document: Document, variables: Any, nouns: Mapping[str, Noun]) -> Asking:
    """Collect what is asked of every noun, with the conditions in ``variables``."""
    collector = _Collector(document, variables, nouns)
    roots = collector.picks("Mutation" if document.changes else "Query", [document.operation.selection_set])
    names = frozenset(pick.name for pick in roots if pick.name != "__typename")
    return Asking(
        roots,
        Asked(
            roots=frozenset() if document.changes else names,
            mutations=names if document.changes else frozenset(),
            fields=frozenset(collector.fields),
            filters=frozenset(collector.filters),
        ),
    )


class _Collector:
    def __init__(self, document: Document, variables: Any, nouns: Mapping[str, Noun]) -> None:
        self.document, self.variables, self.nouns = document, variables, nouns
        self.fields: set[tuple[str, str]] = set()
        self.filters: set[tuple[str, str]] = set()
        self.count = 0

    def picks(self, noun: str, selections: list[SelectionSetNode]) -> tuple[Pick, ...]:
        """The fields that ``selections`` pick of a noun, merged by response key, in order."""
        merged: dict[str, list[FieldNode]] = {}
        for selection in selections:
            self._gather(selection, noun, merged)
        return tuple(self._pick(noun, key, nodes) for key, nodes in merged.items())

    def _gather(self, selection: SelectionSetNode, noun: str, merged: dict[str, list[FieldNode]]) -> None:
        for node in selection.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                merged.setdefault((node.alias or node.name).value, []).append(node)
                continue
            fragment = self.document.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            condition = fragment.type_condition.name.value if fragment.type_condition else noun  # type: ignore[union-attr]
            if condition in {noun, "Node"}:
                self._gather(fragment.selection_set, noun, merged)  # type: ignore[union-attr]

    def _included(self, node: Any) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not (skip and skip["if"]) and (include is None or bool(include["if"]))

    def _pick(self, noun: str, key: str, nodes: list[FieldNode]) -> Pick:
        node = nodes[0]
        name = node.name.value
        self.count += 1
        number = self.count
        if name.startswith("__") or noun not in self.nouns:  # GraphQL's own, or a connection's
            return Pick(key, name, noun, None, node, number)
        bound = self.nouns[noun].fields[name]
        if noun not in ROOTS and not self.nouns[noun].by_root:
            self.fields.add((noun, name))
        inner_sets = [one.selection_set for one in nodes if one.selection_set]
        if isinstance(bound, Page):
            return self._page(noun, key, nodes, bound, number)
        if isinstance(bound, Node):
            inner = {kind: self.picks(kind, inner_sets) for kind in self._kinds(inner_sets)}
            return Pick(key, name, noun, bound, node, number, inner)
        if isinstance(bound, Link | Collection | Lookup | Computed | Changing) and bound.noun:
            return Pick(key, name, noun, bound, node, number, {bound.noun: self.picks(bound.noun, inner_sets)})
        return Pick(key, name, noun, bound, node, number, self._plain(name, noun, inner_sets))

    def _plain(self, name: str, noun: str, inner: list[SelectionSetNode]) -> dict[str, tuple[Pick, ...]]:
        """A field of a computed noun that itself leads to a computed noun."""
        if not inner:
            return {}
        target = self.document.schema.type_map[noun].fields[name].type  # type: ignore[attr-defined]
        while hasattr(target, "of_type"):
            target = target.of_type
        return {target.name: self.picks(target.name, inner)}

    def _kinds(self, selections: list[SelectionSetNode]) -> tuple[str, ...]:
        named: set[str] = set()

        def look(selection: SelectionSetNode) -> None:
            for node in selection.selections:
                if isinstance(node, FieldNode):
                    continue
                fragment = self.document.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
                if fragment.type_condition and fragment.type_condition.name.value != "Node":  # type: ignore[union-attr]
                    named.add(fragment.type_condition.name.value)  # type: ignore[union-attr]
                look(fragment.selection_set)  # type: ignore[union-attr]

        for selection in selections:
            look(selection)
        return tuple(sorted(named)) or ("Employer", "Person")

    def _page(self, noun: str, key: str, nodes: list[FieldNode], bound: Page, number: int) -> Pick:
        """A page: the connection's own fields, and everything picked of the nodes, through ``nodes`` and ``edges``."""
        for argument in nodes[0].arguments or ():
            if argument.name.value in bound.filters:
                type_name, _, field_name = bound.filters[argument.name.value].field.partition(".")
                self.filters.add((type_name, field_name))
        around: dict[str, list[FieldNode]] = {}
        connection = f"{bound.noun}Connection"
        for one in nodes:
            if one.selection_set:
                self._gather(one.selection_set, connection, around)
        wrapped = []
        for outer_key, outer in around.items():
            sets = [one.selection_set for one in outer if one.selection_set]
            self.count += 1
            inner: dict[str, tuple[Pick, ...]] = {}
            own: tuple[Pick, ...] = ()
            if outer[0].name.value == "nodes":
                inner = {bound.noun: self.picks(bound.noun, sets)}
            elif outer[0].name.value == "edges":
                edges: dict[str, list[FieldNode]] = {}
                for inner_set in sets:
                    self._gather(inner_set, f"{bound.noun}Edge", edges)
                own = tuple(self._edge(bound, edge_key, edge) for edge_key, edge in edges.items())
            elif outer[0].name.value == "pageInfo":
                own = self.picks("PageInfo", sets)
            wrapped.append(Pick(outer_key, outer[0].name.value, connection, None, outer[0], self.count, inner, own))
        return Pick(key, nodes[0].name.value, noun, bound, nodes[0], number, {}, tuple(wrapped))

    def _edge(self, bound: Page, key: str, nodes: list[FieldNode]) -> Pick:
        sets = [one.selection_set for one in nodes if one.selection_set]
        inner = {bound.noun: self.picks(bound.noun, sets)} if nodes[0].name.value == "node" else {}
        self.count += 1
        return Pick(key, nodes[0].name.value, f"{bound.noun}Edge", None, nodes[0], self.count, inner)


def varies(pick: Pick) -> bool:
    """Whether an argument of a field may rest on a variable."""
    compound = VariableNode | ListValueNode | ObjectValueNode
    return any(isinstance(argument.value, compound) for argument in pick.node.arguments or ())


def arguments_of(pick: Pick, schema: GraphQLSchema, variables: Any) -> dict[str, Any]:
    """The arguments of a field, as its type declares them. RequestError names the argument, never its value."""
    definition = schema.type_map[pick.noun].fields[pick.name]  # type: ignore[attr-defined]
    try:
        return get_argument_values(definition, pick.node, variables)
    except GraphQLError:
        raise RequestError("REQUEST_ARGUMENT", f"An argument of {pick.name} is not of its type") from None
