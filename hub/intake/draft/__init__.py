"""A starting connector from a real file: what the headers and cells say, with the evidence, and what they do not say.

In charge of the TOML and of its synthetic examples. Everything that is not known carries a question mark (see
``undecided``), so that nothing loads by it before somebody has decided. No cell of a personal column ever stands in a
draft, nor a code that may be a name. Refuses a file in which no header can be found. Touches no database.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

import polars as pl
from sqlalchemy import Table

from hub.errors import DeclarationError, IntakeError
from hub.intake.connector import Connector, Source, read_tables
from hub.intake.draft.evidence import Evidence, evidence, is_shown
from hub.intake.draft.example import examples
from hub.intake.draft.proposal import Field, Seen, fields_of
from hub.intake.draft.vocabulary import facts, match, vocabulary, weighed
from hub.intake.extract import Delivered, Report, read
from hub.intake.undecided import MARK, marked
from hub.intake.validate import Column

ROWS = 200_000  # rows that are looked at
_FORMATS = get_args(get_args(Source.model_fields["format"].annotation)[0])
_TITLE = re.compile("[名人员者主姓址]")  # of a column of names or addresses
_NOTHING: dict[str, Any] = {"name": "a table that nobody declared", "fields": {}, "repeat": {}}
#: The connector that declares no column, by which any file is read.
_ANY = Connector.model_construct(**_NOTHING, ignored=(), source=Source(format=list(_FORMATS)))


@dataclass(frozen=True, slots=True)
class Draft:
    """``toml``: the text. ``target``, ``runner_up``: the tables that fit best."""

    toml: str
    target: str
    runner_up: str


def draft(file: Delivered, name: str, declarations: Path, target: str | None = None) -> Draft:
    """A connector for ``file``, which is to be called ``name``; of the table ``target`` where that is known.

    DeclarationError: there is no such table. IntakeError: no table takes such a file.
    """
    known, tables = vocabulary(declarations), read_tables(declarations)
    areas = tables.get("areas", {})
    frame, numeric, report = _cells(file)
    columns: dict[str, Seen] = {}
    for column in frame.columns:
        cells = Column(frame.get_column(column), numeric.get(column))
        columns[column] = Seen(column, cells, match(column, known), evidence(column, cells, areas))
    _refuse_data(columns, file)
    ranked = weighed([(seen.match, seen.evidence) for seen in columns.values()])
    if not ranked:
        raise IntakeError(
            "INTAKE_DRAFT", f"{file.name} fits no table of facts: no column says of whom or of what a row speaks",
            f"columns: {'、'.join(columns)}", "a person's or an employer's number is needed, or a project's code",
        )  # fmt: skip
    if target is not None:
        ranked = _first(target, ranked)
    table = ranked[0][1]
    fields, left = fields_of(table, list(columns.values()), areas)
    body = "\n".join(_Writing(table, ranked, fields, left, frame, report).lines())
    made = examples(body, name, tables)
    return Draft(body + "\n" + made, table.name, ranked[1][1].name if len(ranked) > 1 else "")


def _first(target: str, ranked: list[tuple[float, Table]]) -> list[tuple[float, Table]]:
    """The tables with the one that was asked for in front."""
    known = {table.name for table in facts()}
    if target not in known:
        near = get_close_matches(target, known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(sorted(known))}"
        raise DeclarationError("DECLARATION_UNKNOWN", f"no table of facts '{target}'", hint=hint)
    asked = [one for one in ranked if one[1].name == target]
    if not asked:
        raise IntakeError(
            "INTAKE_DRAFT", f"the file does not fit {target}", "no column says of whom or of what its rows speak",
            f"it may fit {ranked[0][1].name}",
        )  # fmt: skip
    return asked + [one for one in ranked if one[1].name != target]


def _cells(file: Delivered) -> tuple[pl.DataFrame, dict[str, pl.Series], Report]:
    """The first rows of a file as text, and for each column with numeric cells which these are."""
    reports: list[Report] = []
    parts: list[pl.DataFrame] = []
    marks: list[dict[str, pl.Series]] = []
    for chunk in read([file], _ANY, reports):
        if parts and not set(parts[0].columns) <= set(chunk.cells.columns):
            continue  # another sheet, with another table
        parts.append(chunk.cells)
        marks.append(chunk.numeric)
        if sum(map(len, parts)) >= ROWS:
            break
    if not parts:
        raise IntakeError("INTAKE_DRAFT", f"{file.name} has a header and no row", "", "draft from a file with rows")
    nothing = [pl.Series([False]).new_from_index(0, len(part)) for part in parts]
    numeric = {
        column: pl.concat([one.get(column, none) for one, none in zip(marks, nothing, strict=True)])
        for column in {name for one in marks for name in one}
    }
    return pl.concat(parts, how="diagonal"), numeric, reports[0]


def _refuse_data(columns: Mapping[str, Seen], file: Delivered) -> None:
    """A first row that reads like those below it is no header, and may name somebody."""
    for column, seen in columns.items():
        if seen.match.known and not seen.match.distance:
            continue
        alone = evidence(column, Column(pl.Series([column])), {})
        if seen.evidence.is_personal and alone.kind == seen.evidence.kind and not _TITLE.search(column):
            raise IntakeError(
                "INTAKE_DRAFT", f"{file.name} has no header: its first row reads like the others", "",
                "put the names of the columns above the rows",
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Writing:
    """A draft on its way to TOML."""

    table: Table
    ranked: list[tuple[float, Table]]
    fields: list[Field]
    left: list[Seen]
    frame: pl.DataFrame
    report: Report

    def lines(self) -> Iterator[str]:
        personal = any(one.seen and one.seen.evidence.is_personal for one in self.fields)
        others = ", ".join(f"{table.name} ({score})" for score, table in self.ranked[1:3])
        yield f"# Drafted from {len(self.frame):,} rows. What begins with a question mark is TO DECIDE: take the mark"
        yield "# away where the proposal is right, else say something else. `hub connector check` lists what is left."
        yield from (f"{key:<8} = {text(MARK)}" for key in ("title", "owner", "basis"))
        score, table = self.ranked[0]
        best = "fits best" if score >= max(one for one, _ in self.ranked) else "was asked for"
        yield f"# {table.name} {best} ({score})" + (f"; then {others}" if others else "")
        yield f"target   = {text(marked(table.name))}"
        yield from self._key()
        yield f"cadence  = {text(marked('monthly'))}"
        yield f"delivery = {text(marked('snapshot'))}  # a key that is missing has ended; delta, append: it stays"
        yield from self._ignored()
        yield "\n[catalogue]"
        taken = "、".join(one.seen.column for one in self.fields if one.seen)
        kind = "个人信息；敏感级（三级）" if personal else "法人信息；一般级（二级）"
        for key, value in {
            "directory": MARK, "data_items": taken, "provider": MARK,
            "format": f"{' 或 '.join(self._formats()).upper()} 文件", "update_cycle": marked("每月全量"),
            "attribute": marked("有条件共享"), "mode": marked("数据交换"), "conditions": MARK,
            "classification": marked(kind),
        }.items():  # fmt: skip
            yield f"{key:<14} = {text(value)}"
        yield "\n[expect]"
        yield f"# The file has {len(self.frame):,} rows."
        yield f"rows     = {{ min = {max(1, len(self.frame) // 2)} }}"
        yield "rejected = { max = 0.10 }\nshrink   = { max = 0.20 }"
        yield "\n[fields]"
        for field in self.fields:
            yield from _field(field)

    def _formats(self) -> list[str]:
        """What the file is, or what the files in it are."""
        told = [self.report, *self.report.get("files", ())]
        return list(dict.fromkeys(one["format"] for one in told if one.get("format") in _FORMATS))

    def _key(self) -> Iterator[str]:
        by_column = {"person_key": "resident_id", "employer_key": "employer", "contractor_key": "contractor"}
        key = [by_column.get(one, one) for one in self.table.info["key"] if one != "delivery_id"]
        columns = [one.seen.column for one in self.fields if one.name in key and one.seen]
        if columns:
            apart = self.frame.select(columns).n_unique() / max(len(self.frame), 1)
            one = self.frame.get_column(columns[0]).n_unique() / max(len(self.frame), 1)
            alone = f"; {columns[0]} alone {one:.1%}" if len(columns) > 1 else ""
            yield f"# {' + '.join(columns)}: {apart:.1%} of the rows are told apart{alone}"
        yield f"key      = {toml(key)}"

    def _ignored(self) -> Iterator[str]:
        yield "# Columns not taken. With a mark: make it a field, or ignore it. Take only what the purpose needs."
        yield "ignored  = ["
        for seen in self.left:
            near = (
                f" Nearest known: {seen.match.alias} (distance {seen.match.distance:.2f})."
                if seen.match.distance
                else ""
            )
            near = near if seen.match.known else ""
            kept = " Personal: sealed, or left out." if seen.evidence.is_personal else ""
            yield f"  # {seen.evidence}.{near}{kept}"
            if seen.evidence.spellings and seen.evidence.distinct > 1:
                yield f"  # {_counts(seen.evidence)}"
            yield f"  {text(seen.column if seen.match.is_ignored else marked(seen.column))},"
        yield "]"


def _field(field: Field) -> Iterator[str]:
    seen = field.seen
    if seen is None:
        yield f"# {field.why}".rstrip(" .:")
    else:
        near = f"; nearest known header: {seen.match.alias}, distance {seen.match.distance:.2f}"
        yield f"# {seen.evidence} ({field.why}{near if seen.match.known and seen.match.distance else ''})"
        if seen.evidence.spellings and isinstance(field.keys.get("codes"), dict):
            yield f"# {_counts(seen.evidence)}"
    inside = ", ".join(f"{key} = {toml(value)}" for key, value in field.keys.items())
    yield f"{field.name if field.sure else text(marked(field.name))} = {{ {inside} }}"


def _counts(found: Evidence) -> str:
    shown = " · ".join(f"{word} × {rows:,}" for word, rows in found.spellings.items() if is_shown(word, rows))
    return shown + (f" · {found.hidden} more that may be names and are not shown" if found.hidden else "")


def text(value: str) -> str:
    """A TOML string."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml(value: Any) -> str:
    """A value of the form as TOML writes it on one line."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{text(k)} = {toml(v)}" for k, v in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    return str(value)
