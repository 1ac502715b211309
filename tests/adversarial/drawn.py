"""Grants and queries, drawn at random: valid, and as odd as a client or a department may write them."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from query_city import resident_id, uscc
from slow_answer import SCALARS, SEALED, WAYS, Fragment, Picked

#: Reporting areas of the city.
AREAS = ("371082001", "371082100", "371082107")

# -- grants -------------------------------------------------------------------------------------------------------------

TYPES = tuple(SCALARS)
PLAIN = {kind: [*columns, *(name for of, name in SEALED if of == kind)] for kind, (_, columns) in SCALARS.items()}
FIELDS = [
    (kind, name)
    for kind in TYPES
    for name in [*PLAIN[kind], *(["id"] if kind in {"Person", "Employer"} else []), *(n for k, n in WAYS if k == kind)]
]
SUITED = {
    ("Person", "residentId"): ("last4", "yes_no"), ("Person", "name"): ("surname", "yes_no"), ("Person", "phone"): ("last4",),
    ("Person", "birthOn"): ("year",), ("Person", "region"): ("area",), ("Person", "area"): ("area",), ("Person", "status"): ("yes_no",), ("Finding", "rule"): ("yes_no",),
    ("Enrollment", "startsOn"): ("year",), ("Enrollment", "endsOn"): ("year",), ("Enrollment", "contributionBase"): ("band",),
    ("Employer", "uscc"): ("last4", "yes_no"), ("Employer", "name"): ("surname",), ("Employer", "registeredOn"): ("year",),
    ("Employer", "legalRepresentative"): ("surname", "yes_no"), ("EmployerAccount", "accountNo"): ("last4",),
}  # fmt: skip
EVERYONE, REACHED = "everyone = true", "reached = true"
ASSISTED = 'listed_in = ["civil_affairs/low_income", "nobody/nothing"]'
HERE = f'column = "area"\nin = ["{AREAS[0]}", "{AREAS[2]}"]'
MINE = 'column = "area"\nin = ["$client.area"]'
CONDITIONS = {
    "Person": [EVERYONE, REACHED, ASSISTED, HERE, MINE, 'column = "region"\nunder = ["371082107"]', 'column = "birth_on"\nsince = 1984-05-06'],
    "Enrollment": [EVERYONE, REACHED, ASSISTED, 'column = "paid_on_behalf"\nequals = true', 'column = "starts_on"\nequals = 2024-01-01'],
    "Assistance": [EVERYONE, REACHED],
    "Employer": [EVERYONE, REACHED, HERE, 'column = "registered_on"\nsince = "$client.since"', 'listed_in = ["tax/registration"]', 'column = "staff_declared"\nin = [0, 20]'],
    "EmployerAccount": [EVERYONE, REACHED, 'column = "kind"\nequals = "tax"'],
    "CrossCheck": [EVERYONE, REACHED, MINE],
    "Finding": [EVERYONE, REACHED, HERE, 'column = "subject"\nequals = "employer"'],
    "Evidence": [EVERYONE, REACHED, 'column = "position"\nequals = 1'],
}  # fmt: skip
ROOTS = ("person", "persons", "employer", "employers", "crossCheck", "findings", "node")
ATTRIBUTES = {"area": [AREAS[0], AREAS[1]], "since": "2021-01-01"}


@st.composite
def grants(draw: Any) -> str:
    """A grant that gives most of the schema, some of it masked, of each type some rows."""
    without = draw(st.sets(st.sampled_from(FIELDS), max_size=3))
    masked = draw(st.lists(st.sampled_from(sorted(SUITED)), max_size=8, unique=True))
    masks = {coordinate: draw(st.sampled_from(SUITED[coordinate])) for coordinate in masked}
    lines = [f"roots = {list(ROOTS)}".replace("'", '"')]
    for kind in TYPES:
        lines.append(f"[fields.{kind}]")
        for of, name in FIELDS:
            if of == kind and (kind, name) not in without:
                mask = masks.get((kind, name))
                lines.append(f'{name} = {{ mask = "{mask}" }}' if mask else f"{name} = {{}}")
    for kind, conditions in CONDITIONS.items():
        wanted = draw(st.one_of(st.just([EVERYONE]), st.lists(st.sampled_from(conditions), max_size=2, unique=True)))
        for condition in [EVERYONE] if EVERYONE in wanted else wanted:
            lines += [f"[[rows.{kind}]]", condition]
    return "\n".join([*lines, "[[rows.Delivery]]", EVERYONE])


# -- queries ------------------------------------------------------------------------------------------------------------

#: Response keys a client may choose: some of them are names that the engine's own statements use.
ALIASES = {
    "area": "t2", "name": "t3", "sex": "n", "state": "k", "employer": "t5", "nodes": "keys", "edges": "more", "node": "t1",
    "pageInfo": "position", "cursor": "t4", "kind": "total", "person": "j", "insurance": "answer", "rule": "row", "status": "t7",
}  # fmt: skip
CONNECTIONS = {"persons": "Person", "employers": "Employer", "findings": "Finding"}
FILTERS = {
    "persons": {"area": ("Person.area", AREAS), "status": ("Person.status", ("normal", "dead"))},
    "employers": {
        "kind": ("Employer.kind", ("enterprise", "x' or 1=1 --")),
        "registeredSince": ("Employer.registeredOn", ("2022-02-03", "9999-12-31", "0001-01-01")),
    },
    "findings": {"state": ("Finding.state", ("open",)), "rule": ("Finding.rule", ("rule1", "\\u0022"))},
}
LOOKUPS = {
    "person": ("Person", "residentId", [resident_id(number) for number in (1, 5, 10, 12, 900)]),
    "employer": ("Employer", "uscc", [uscc(number) for number in (0, 2, 3, 900)]),
    "crossCheck": ("CrossCheck", "uscc", [uscc(number) for number in (0, 1, 4)]),
}


@dataclass
class Written:
    """A document on the way: its fragments and variables."""

    fragments: list[str] = field(default_factory=list)
    variables: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def variable(self, kind: str, value: Any) -> str:
        name = f"v{len(self.variables)}"
        self.variables[name] = kind, value
        return f"${name}"

    def size(self, size: int) -> str:
        """One variable for each size."""
        self.variables[f"s{size}"] = "Int!", size
        return f"$s{size}"


@dataclass(frozen=True)
class Question:
    """A root field; ``after`` is the variable of its cursor, where it is a page."""

    root: str
    key: str
    picked: Picked = field(repr=False)


@st.composite
def selections(draw: Any, written: Written, kind: str, names: list[str], depth: int) -> tuple[str, tuple[Any, ...]]:
    """Fields of a type, in text and as they are meant; some in fragments, some under a condition."""
    parts, meant = [], []
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=depth + 1)):
        text, picked = draw(fields(written, kind, name, depth))
        form = draw(st.sampled_from(["", "", "", "@", "...", "fragment", "Node"]))
        if form == "@":
            says, included = draw(conditions(written))
            head, brace, rest = text.partition(" {")
            text, picked = (
                f"{head} {says}{brace}{rest}",
                Picked(picked.key, picked.name, picked.args, picked.inner, included),
            )
        elif form == "Node" and kind in {"Person", "Employer"} and name == "id":
            text, picked = f"... on Node {{ {text} }}", Fragment("Node", (picked,))
        elif form in {"...", "fragment"}:
            says, included = draw(conditions(written))
            if form == "...":
                text = f"... {draw(st.sampled_from(['', f'on {kind} ']))}{says} {{ {text} }}"
            else:
                written.fragments.append(f"fragment F{len(written.fragments)} on {kind} {{ {text} }}")
                text = f"...F{len(written.fragments) - 1} {says}"
            picked = Fragment(kind, (picked,), included)
        parts.append(text)
        meant.append(picked)
    return " ".join(parts), tuple(meant)


@st.composite
def conditions(draw: Any, written: Written) -> tuple[str, bool]:
    directive, value = draw(st.sampled_from(["skip", "include"])), draw(st.booleans())
    says = written.variable("Boolean!", value) if draw(st.booleans()) else str(value).lower()
    return f"@{directive}(if: {says})", value == (directive == "include")


@st.composite
def fields(draw: Any, written: Written, kind: str, name: str, depth: int) -> tuple[str, Picked]:
    key, args, says, inner_text, inner = name, {}, "", "", ()
    if name in ALIASES and draw(st.booleans()):
        key = ALIASES[name]
    way = WAYS.get((kind, name))
    if way is not None:
        if way.order:
            size = draw(st.sampled_from([1, 2, 50]))
            args = {"first": size}
            by_variable = draw(st.booleans())
            key = f"{key}{size}{by_variable}"  # a key stands for one spelling, so that fields of one key always merge
            says = f"(first: {written.size(size) if by_variable else size})"
        inner_text, inner = draw(selections(written, way.to, choices(way.to, depth - 1), depth - 1))
        inner_text = f" {{ {inner_text} }}"
    return f"{key}: {name}{says}{inner_text}" if key != name else f"{name}{says}{inner_text}", Picked(
        key, name, args, inner
    )


def choices(kind: str, depth: int) -> list[str]:
    ways = [name for of, name in WAYS if of == kind] if depth > 0 else []
    ids = ["id"] if kind in {"Person", "Employer"} else []
    return [*PLAIN[kind], *ids, *ways, "__typename"]


def plainly(*names: str) -> tuple[Picked, ...]:
    return tuple(Picked(name, name, {}) for name in names)


@st.composite
def pages(draw: Any, written: Written, number: int) -> tuple[str, Question]:
    root = draw(st.sampled_from(sorted(CONNECTIONS)))
    kind = CONNECTIONS[root]
    args: dict[str, Any] = {"first": draw(st.sampled_from([1, 2, 5, 50]))}
    says = [f"first: {args['first']}", f"after: {written.variable('String', None)}"]
    for name in draw(st.sets(st.sampled_from(sorted(FILTERS[root])), max_size=2)):
        args[name] = draw(st.sampled_from([None, *FILTERS[root][name][1]]))
        scalar = "Date" if name == "registeredSince" else "String"
        says.append(f"{name}: {written.variable(scalar, args[name])}")
    inner_text, inner = (
        ["end_: pageInfo { hasNextPage endCursor }"],
        [Picked("end_", "pageInfo", {}, plainly("hasNextPage", "endCursor"))],
    )
    for name in draw(st.lists(st.sampled_from(["nodes", "edges", "pageInfo", "__typename"]), min_size=1, max_size=3)):
        key = ALIASES[name] if name in ALIASES and draw(st.booleans()) else name
        text, meant = "", ()
        if name == "nodes":
            text, meant = draw(selections(written, kind, choices(kind, 3), 3))
        elif name == "pageInfo":
            text, meant = "hasNextPage __typename", plainly("hasNextPage", "__typename")
        elif name == "edges":
            node_text, node = draw(selections(written, kind, choices(kind, 2), 2))
            text, meant = (
                f"t4: cursor node {{ {node_text} }} __typename",
                (Picked("t4", "cursor", {}), Picked("node", "node", {}, node), *plainly("__typename")),
            )
        inner_text.append(f"{key}: {name}" + (f" {{ {text} }}" if text else ""))
        inner.append(Picked(key, name, {}, meant))
    picked = Picked(f"r{number}", root, args, tuple(inner))
    return f"r{number}: {root}({', '.join(says)}) {{ {' '.join(inner_text)} }}", Question(root, picked.key, picked)


@st.composite
def lookups(draw: Any, written: Written, number: int) -> tuple[str, Question]:
    root = draw(st.sampled_from([*LOOKUPS, "node"]))
    key = f"r{number}"
    if root == "node":
        wanted = draw(st.sampled_from(["Person", "Employer"]))
        _, argument, values = LOOKUPS[wanted.lower()]
        value = draw(st.sampled_from(values))
        halves = [(kind, *draw(selections(written, kind, choices(kind, 2), 2))) for kind in ("Person", "Employer")]
        text = " ".join(f"... on {kind} {{ {half} }}" for kind, half, _ in halves)
        meant = tuple(Fragment(kind, half) for kind, _, half in halves)
        says = written.variable("ID!", (wanted, value))
        return f"{key}: node(id: {says}) {{ {text} }}", Question(root, key, Picked(key, wanted, {"node": value}, meant))
    kind, argument, values = LOOKUPS[root]
    value = draw(st.sampled_from(values))
    says = written.variable("String!", value) if draw(st.booleans()) else f'"{value}"'
    text, meant = draw(selections(written, kind, choices(kind, 3), 3))
    return f"{key}: {root}({argument}: {says}) {{ {text} }}", Question(
        root, key, Picked(key, root, {argument: value}, meant)
    )


@st.composite
def documents(draw: Any) -> tuple[str, list[Question], dict[str, tuple[str, Any]]]:
    written = Written()
    drawn = [
        draw(st.one_of(pages(written, number), lookups(written, number))) for number in range(draw(st.integers(1, 2)))
    ]
    body = " ".join(text for text, _ in drawn)
    head = ", ".join(f"${name}: {kind}" for name, (kind, _) in written.variables.items())
    text = f"query {f'({head})' if head else ''} {{ {body} }} {' '.join(written.fragments)}"
    return text, [question for _, question in drawn], written.variables
