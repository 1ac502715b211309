"""Synthetic examples for a drafted connector: a row that loads and one that is rejected, made up from its own fields.

Nobody in them exists; the numbers carry valid check characters. What the rows do is found out by reading them as the
connector will once it is decided. Touches no database.
"""

import json
import tomllib
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Date

from hub.declaration import form_of
from hub.intake.connector import Connector, FieldForm
from hub.intake.extract import Chunk
from hub.intake.extract.header import normal
from hub.intake.map import Mapped, map_chunk
from hub.intake.undecided import MARK, open_fields, proposed
from hub.settings import settings
from hub.store import metadata, words
from hub.terms import CODES, check_character, organization_code_check, uscc_check

PERIOD = date(2026, 10, 1)
_FIRST = date(2026, 1, 5)
_DAYS = (_FIRST.isoformat(), "2026-12-31")  # what begins, what ends
_SHOWN = {"resident_id", "employer", "date", "month", "until_day", "until_month", "yuan", "integer", "area", "number"}


def resident_id() -> str:
    """An invented number, of a division that never was."""
    first = "37108219900101" + "101"
    return first + check_character(first)


def uscc() -> str:
    """An invented credit code."""
    code = "MA3AAAA1"
    code = "91" + settings().region + code + organization_code_check(code)
    return code + uscc_check(code)


def examples(body: str, name: str, tables: dict[str, dict[str, str]]) -> str:
    """The examples of a drafted connector, as TOML."""
    content = tomllib.loads(body)
    unsaid = set(open_fields(content))
    nothing = {"why": "-", "source": {}, "rejected": "-"}
    form = {**proposed(_decided(content)), "example": [nothing]}
    connector = form_of(Connector, form, "the draft", name=name, tables=tables)
    row = {f.names[0]: _cell(connector, n, f) for n, f in connector.fields.items() if f.names}
    good = _read(connector, row).good
    values = good.to_dicts()[0] if len(good) else {}
    loads = {
        name: _value(str(values[name]), field)
        for name, field in connector.fields.items()
        if field.is_ in _SHOWN and values.get(name) and field.names and name not in unsaid
    }
    bad = _damaged(connector, row)
    reasons = [reason for said in _read(connector, bad).bad.get_column("reasons").to_list() for reason in said]
    return "\n".join(
        [
            "\n[[example]]", 'why    = "a row as the file has them, made up"', f"source = {_table(row)}",
            "loads  = { " + ", ".join(f"{name} = {_toml(value)}" for name, value in loads.items()) + " }",
            "\n[[example]]", 'why      = "a number with a slip in it"', f"source   = {_table(bad)}",
            f"rejected = {json.dumps('; '.join(reasons), ensure_ascii=False)}", "",
        ]
    )  # fmt: skip


def _decided(content: dict[str, Any]) -> dict[str, Any]:
    """A draft as if every code meant something, and every open field held something."""
    columns = metadata.tables[content["target"].removeprefix(MARK).strip()].columns
    fields = {}
    for key, field in content["fields"].items():
        name = key.removeprefix(MARK).strip()
        dated = name in columns and isinstance(columns[name].type, Date)
        some = min(words(columns[name]) if name in columns else (), default="decided")
        made: dict[str, Any] = {k: (_FIRST if dated else some) if v == MARK else v for k, v in field.items()}
        if isinstance(codes := made.get("codes"), dict):
            made["codes"] = {word: some if stored == MARK else stored for word, stored in codes.items()}
        fields[key] = made
    return {**content, "fields": fields}


def _read(connector: Connector, row: dict[str, str]) -> Mapped:
    cells = pl.DataFrame({normal(column)[0]: [cell] for column, cell in row.items()})
    (part,) = map_chunk(Chunk(cells, pl.Series([1], dtype=pl.Int32)), connector, PERIOD)
    return part


def _cell(connector: Connector, name: str, field: FieldForm) -> str:
    """A cell that the field takes."""
    ends = name.startswith(("ends", "left", "closed")) or field.is_.startswith("until")
    known = list(connector.spellings(name))
    made = {
        "resident_id": resident_id(), "document": resident_id(), "name": "张三", "sealed_person": "李四",
        "sealed": "（不填）",
        "date": _DAYS[ends], "until_day": _DAYS[1], "month": _DAYS[ends][:7], "until_month": _DAYS[1][:7],
        "yuan": "100", "integer": "1", "boolean": "是", "region": settings().region, "industry": "C1361",
        "number": "A0001", "employer": uscc() if "uscc" in field.numbers else "10001",
        "insurance": next(iter(CODES[field.table])) if field.table else "",
    }  # fmt: skip
    if field.is_ in {"code", "area"}:
        return next((word for word in known if not word.isdigit()), next(iter(known), ""))
    return made.get(field.is_, "示例")


def _damaged(connector: Connector, row: dict[str, str]) -> dict[str, str]:
    """The row with a slip in the number of whom it speaks of; without what it needs, where that is no such number."""
    for kind in ("resident_id", "employer"):
        for name in connector.of_kind(kind):
            if connector.fields[name].names and connector.is_required(name):
                column = connector.fields[name].names[0]
                return row | {column: row[column][:-1] + ("1" if row[column][-1] != "1" else "2")}
    needed = next(f.names[0] for n, f in connector.fields.items() if f.names and connector.is_required(n))
    return row | {needed: ""}


def _value(value: str, field: FieldForm) -> Any:
    if field.is_ in {"date", "month", "until_day", "until_month"}:
        return date.fromisoformat(value)
    return int(value) if field.is_ == "integer" else value


def _table(row: dict[str, str]) -> str:
    return "{ " + ", ".join(f"{_toml(column)} = {_toml(cell)}" for column, cell in row.items()) + " }"


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
