"""Which fields a connector of a file would have: of each column what is known, of each field where it comes from.

In charge of proposing; what is not sure is marked, what nothing fills is left open. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Column as TableColumn
from sqlalchemy import LargeBinary, Table

from hub.intake.connector import Kind
from hub.intake.draft.evidence import Evidence, evidence
from hub.intake.draft.vocabulary import Known, Match, field_in, lacking, may_be
from hub.intake.undecided import MARK, marked
from hub.intake.validate import Column


@dataclass(frozen=True, slots=True)
class Seen:
    """One column of the file: what its header and its cells say."""

    column: str
    cells: Column
    match: Match
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the draft. ``sure``: no mark is needed. ``seen``: the column it is taken from, if any."""

    name: str
    keys: dict[str, Any]
    sure: bool
    seen: Seen | None = None
    why: str = ""


def fields_of(table: Table, columns: list[Seen], areas: Mapping[str, str]) -> tuple[list[Field], list[Seen]]:
    """The fields of the draft in the table's order, and the columns that no field takes."""
    taken: dict[str, Field] = {}
    left: list[Seen] = []
    for seen in sorted(columns, key=lambda one: one.match.distance):
        known = field_in(table, seen.match, seen.evidence)
        if known is None or known.field in taken:
            left.append(seen)
            continue
        again = evidence(seen.column, seen.cells, areas, known.form, known.codes)
        if again.is_personal and known.form.is_ not in {again.kind, "document", "sealed_person"}:
            left.append(replace(seen, evidence=again))  # its cells say who somebody is; its header does not
            continue
        taken[known.field] = _taken(known, replace(seen, evidence=again), seen.evidence.kind)
    for column in lacking(table, taken):
        found = next((one for one in left if may_be(column, one.match, one.evidence)), None)
        if found:
            left.remove(found)
            keys = {"from": found.column} | _kind_keys(found.evidence, column.name)
            taken[column.name] = Field(column.name, keys, sure=False, seen=found, why="by what its cells hold")
        else:
            taken[column.name] = _constant(column, table)
    order = ["resident_id", "name", "employer", "employer_name", *(c.name for c in table.columns)]
    fields = sorted(taken.values(), key=lambda one: order.index(one.name) if one.name in order else len(order))
    return fields, [seen for seen in columns if seen.column in {one.column for one in left}]


def _taken(known: Known, seen: Seen, alone: Kind) -> Field:
    """A column as another connector takes it. ``alone``: what its cells would be taken for without a header."""
    form, found = known.form, seen.evidence
    keys: dict[str, Any] = {"from": seen.column}
    fits = not found.filled or found.kind in {form.is_, "resident_id"} or found.distinct == 1
    kind: Kind = "resident_id" if form.is_ == "document" else form.is_
    if kind in {"date", "month"} and alone in {"date", "month"} and (seen.match.distance or not fits):
        kind, fits = alone, True
    keys["is"] = kind
    if kind == "code":
        keys["codes"] = form.codes if isinstance(form.codes, str) else _codes(found, known.codes)
    for key in ("numbers", "table", "alias"):
        if value := getattr(form, key):
            keys[key] = list(value) if isinstance(value, tuple) else value
    if kind == "area":
        keys["codes"] = "areas"
    if form.unit != "yuan":
        keys["unit"] = form.unit
    if form.default is not None:
        keys["default"] = form.default
    sure = fits and not seen.match.distance and form.is_ != "document"
    source = f"as {known.delivery} takes it" if known.delivery else "by what its cells hold"
    return Field(known.field, keys, sure=sure and bool(known.delivery), seen=seen, why=source)


def _codes(found: Evidence, known: Mapping[str, str]) -> dict[str, str]:
    """Spellings of the file with what they mean: a word means what it means elsewhere; a number need not."""
    codes = {}
    for word in found.spellings:
        stored = known.get(word)
        codes[word] = MARK if stored is None else marked(stored) if word.isdigit() else stored
    return codes


def _kind_keys(found: Evidence, name: str) -> dict[str, Any]:
    if found.kind == "code":
        return {"is": "code", "codes": _codes(found, {})}
    if name in {"ends_on", "left_on"} and found.kind in {"date", "month"}:
        return {"is": "until_day" if found.kind == "date" else "until_month", "default": date(9999, 12, 31)}
    return {"is": found.kind}


def _constant(column: TableColumn[Any], table: Table) -> Field:
    """A field that no column fills: open, unless there is one value that says nothing."""
    if column.name in {"ends_on", "left_on"}:
        return Field(column.name, {"value": date(9999, 12, 31)}, sure=False, why="no column ends it")
    if column.name.endswith("_key"):
        name = column.name.removesuffix("_key")
        return Field(name, {"value": "", "is": "employer"}, sure=False, why="no column names one")
    name = "name" if column.name == "name_masked" else column.name
    keys: dict[str, Any] = {"value": MARK, "is": "name"} if isinstance(column.type, LargeBinary) else {"value": MARK}
    return Field(
        name, keys, sure=True, why=f"no column is known to fill it. {table.name}.{name}: {column.comment or ''}"
    )
