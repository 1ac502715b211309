"""What the connectors already know of headers: which field a column is, and which table a file fits best.

In charge of looking a header up among every spelling of every connector, exactly or nearly, and of weighing the tables
of facts against a file's columns. It proposes; what is not certain is for somebody to decide. Touches no database.
"""

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Column as TableColumn
from sqlalchemy import Date, Integer, Numeric, Table

from hub.errors import DeclarationError
from hub.intake.connector import PERSONAL, Connector, FieldForm, connector_names, names, read_connector
from hub.intake.draft.evidence import Evidence
from hub.intake.extract.header import normal
from hub.store import LINEAGE, metadata

NEAR = 0.7  # likeness (0 to 1) from which on a header may be another spelling of a known one

#: What a table gains by a column that fits by its cells alone, and loses by one that nothing fills.
BY_CELLS, OPEN = 0.3, 0.25
#: What a column that says who somebody is counts for, in proportion.
PERSON = 0.3
#: What a table loses of which there is one row a subject, whoever delivers: that is for a register to say.
REGISTER = 0.5
#: In a header, that a day is the last one; and the fields that hold such a day.
ENDS = ("止", "终", "至", "满", "到期", "结束", "注销")
END = frozenset({"ends_on", "left_on", "closed_on"})

Role = Literal["taken", "number", "ignored"]


@dataclass(frozen=True, slots=True)
class Known:
    """A header as one connector knows it. ``role``: taken, the number beside a sealed name, or ignored."""

    delivery: str
    target: str
    field: str
    form: FieldForm
    role: Role
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Match:
    """``alias``: the known spelling most like a header; ``distance``: 0 where it is that one. No ``known``: none."""

    alias: str
    distance: float
    known: tuple[Known, ...]

    @property
    def taken(self) -> list[Known]:
        return [one for one in self.known if one.role == "taken"]

    @property
    def is_ignored(self) -> bool:
        """Whether it is a column that connectors leave out, and none takes."""
        return bool(self.known) and not self.distance and all(one.role == "ignored" for one in self.known)


#: Kinds that fill other columns than that of the field's name.
_WHO = PERSONAL | {"employer", "employer_name"}
Vocabulary = dict[str, list[Known]]
NOTHING = Match("", 1.0, ())


def vocabulary(declarations: Path) -> Vocabulary:
    """Every header that a connector knows, normalized."""
    found: Vocabulary = {}
    for name in connector_names(declarations):
        with suppress(DeclarationError):  # one that is not right, or not decided yet, has nothing to teach
            for header, known in _of(read_connector(declarations, name)):
                found.setdefault(normal(header)[0], []).append(known)
    return found


def _of(connector: Connector) -> Iterator[tuple[str, Known]]:
    for name, form in connector.fields.items():
        repeated = [n for column in connector.repeat.get(name, []) for n in names(column)]
        one = Known(connector.name, connector.target, name, form, "taken", connector.spellings(name))
        yield from ((header, one) for header in [*form.names, *names(form.or_from), *repeated])
        beside = Known(connector.name, connector.target, name, form, "number", {})
        yield from ((header, beside) for header in names(form.id_from))
    nothing = FieldForm.model_validate({"from": "-"})
    for header in connector.ignored:
        yield header, Known(connector.name, connector.target, "", nothing, "ignored", {})


def match(column: str, known: Vocabulary) -> Match:
    if column in known:
        return Match(column, 0.0, tuple(known[column]))
    near = get_close_matches(column, known, n=1, cutoff=NEAR)
    if not near:
        return NOTHING
    distance = 1 - SequenceMatcher(None, near[0], column).ratio()
    return Match(near[0], distance, tuple(known[near[0]]))


def facts() -> list[Table]:
    return [table for _, table in sorted(metadata.tables.items()) if table.info.get("fact")]


def fillable(table: Table) -> set[str]:
    """The fields that a connector of this table may have, as far as they can be taken over from another's."""
    columns = {c.name for c in table.columns} - set(LINEAGE)
    fields = {c for c in columns if c != "sealed" and not c.endswith(("_key", "_masked"))}
    if "person_key" in columns:
        fields |= {"resident_id", "name"}
    if "employer_key" in columns:
        fields |= {"employer", "employer_name"}
    return fields


def field_in(table: Table, found: Match, seen: Evidence) -> Known | None:
    """What a column is in a table: as a connector of that table has it, as another has it, or as its cells say."""
    same = [
        one for one in found.taken if one.target == table.name and (one.field in table.columns or one.form.is_ in _WHO)
    ]
    other = [one for one in found.taken if one.field in fillable(table) and _suits(one, table)]
    for among in (same, other):
        if among:
            field = Counter(one.field for one in among).most_common(1)[0][0]
            return max((one for one in among if one.field == field), key=lambda one: len(one.codes))
    for kind, field, form in (
        ("resident_id", "resident_id", {"from": "-", "is": "resident_id"}),
        ("name", "name", {"from": "-", "is": "name"}),
        ("employer", "employer", {"from": "-", "is": "employer", "numbers": ["uscc"]}),
    ):
        known = Known("", table.name, field, FieldForm.model_validate(form), "taken", {})
        if seen.kind == kind and field in fillable(table) and _suits(known, table):
            return known
    return None


def _suits(one: Known, table: Table) -> bool:
    """Whether a field of another table is one here: a person's name is no employer's."""
    return (one.form.is_ == "name") == (one.field == "name" and "person_key" in table.columns)


def lacking(table: Table, taken: Container[str]) -> list[TableColumn[Any]]:
    """What the table cannot do without and none of these fields fills."""
    by_field = {"employer_key": "employer", "contractor_key": "contractor", "name_masked": "name"}
    needed = [c for c in table.columns if not c.nullable and c.name not in LINEAGE]
    made = {"person_key", "sealed", "resident_id_masked"}  # of the person's number
    return [c for c in needed if c.name not in made and by_field.get(c.name, c.name) not in taken]


def may_be(column: TableColumn[Any], found: Match, seen: Evidence) -> bool:
    """Whether a column whose header is not known may, by its cells, be this one."""
    if seen.is_personal or not seen.filled or found.is_ignored:
        return False
    if isinstance(column.type, Date):
        ends = any(word in seen.column for word in ENDS)
        return seen.kind in {"date", "month"} and ends == (column.name in END)
    if isinstance(column.type, Numeric | Integer):
        return seen.kind in {"yuan", "integer"}
    if column.name.endswith(("_no", "_code")):
        return seen.kind == "number"
    return column.name in {"state", "status"} and seen.kind == "code" and bool(seen.spellings)


def weighed(columns: Sequence[tuple[Match, Evidence]]) -> list[tuple[float, Table]]:
    """The tables of facts that the file could fill, the best first: how much it knows of each, less what it lacks."""
    found = []
    for table in facts():
        score, filled, left = 0.0, set[str](), []
        for matched, seen in columns:
            known = field_in(table, matched, seen)
            if known is None or known.field in filled:
                left.append((matched, seen))
                continue
            filled.add(known.field)
            targets = {one.target for one in matched.taken}
            # What everybody's lists have says little of which table this is: a common header, who somebody is.
            weight = (1.0 if table.name in targets else 0.4) * (PERSON if known.form.is_ in PERSONAL else 1.0)
            score += weight * (1 - matched.distance) / max(len(targets), 1)
        subject = table.info["key"][0]
        if {"person_key": "resident_id", "employer_key": "employer"}.get(subject, subject) not in filled:
            continue
        for column in lacking(table, filled):
            fits = next((one for one in left if may_be(column, *one)), None)
            score += BY_CELLS if fits else -OPEN
            if fits:
                left.remove(fits)
        if "delivery_id" not in table.info["key"]:
            score -= REGISTER
        found.append((round(score, 2), table))
    return sorted(found, key=lambda one: (-one[0], one[1].name))
