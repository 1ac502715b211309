"""Examples in a rule: a small world in rows, and who is to be found in it.

In charge of turning an example into rows of the fact tables. Refuses unknown tables and columns. Touches no database.

Persons and employers go by short labels, under the column's name without ``_key``: ``enrollment = [{ person = "Wang",
employer = "Shop" }]``. What a row does not say has a harmless default (a person is normal, a spell is open). Where a
rule asks who delivered a row, the row says it: ``delivery = "commerce/park_enterprise"``.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from difflib import get_close_matches
from hashlib import md5
from typing import Any, Final, Self
from uuid import NAMESPACE_URL, UUID, uuid5

import sqlalchemy as sa
from pydantic import Field, create_model, model_validator

from hub.declaration import Form
from hub.store import NO_EMPLOYER, metadata
from hub.store.lineage import delivery
from hub.terms import OPEN, add_months, month

#: The tables that an example can fill.
FACTS: Final = {table.name: table for table in metadata.sorted_tables if table.info.get("fact")}

_KNOWN_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_ALWAYS: Final[dict[str, Any]] = {"delivery_id": 1, "batch_id": 1, "known_from": _KNOWN_FROM, "digest": UUID(int=0)}
_DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "person": {"status": "normal", "name_masked": "某*", "resident_id_masked": "**", "sealed": b"", "sex": "male"},
    "employer": {"status": "operating", "kind": "enterprise", "name": "某单位"},
    "employer_account": {"kind": "social_insurance", "state": "normal", "insurance": "", "account_no": "1"},
    "employer_closure": {"kind": "cancelled"},
    "enrollment": {"insurance": "employee_pension", "state": "active", "contributor": "employee"},
    "contribution": {"insurance": "employee_pension", "kind": "regular", "paid": True},
    "benefit": {"kind": "employee_pension", "state": "drawing"},
    "assistance": {"kind": "low_income", "certificate_no": "1", "state": "active", "starts_on": date(2020, 1, 1)},
    "payroll": {"income": "wage"},
    "employer_listing": {"kind": "park", "label": "", "starts_on": date(2020, 1, 1)},
    "employment": {"kind": "staff", "starts_on": date(2020, 1, 1)},
    "labor_case": {"kind": "arbitration", "case_no": "1"},
    "collection": {"voucher_no": "1"},
    "provident_fund": {"account_no": "1", "state": "normal"},
    "project": {"name": "某项目"},
    "project_insurance": {"certificate_no": "1"},
}


class World(Form):
    """``today`` and ``period`` stand for the variables; ``parameters`` for the values that the example is about."""

    why: str = Field(min_length=8)
    today: date
    period: date = date.min
    missing: tuple[str, ...] = ()
    parameters: dict[str, Any] = Field({})

    @model_validator(mode="after")
    def _rows_fit(self) -> Self:
        for _ in rows(self):
            pass
        return self


class _Found(World):
    """What a rule says of the world."""

    finds: tuple[str, ...]
    unknown: tuple[str, ...] = ()


def populated(model: type[World]) -> Any:
    """``model`` with one field for every table of facts, so that a new noun needs no line here."""
    tables = dict.fromkeys(FACTS, (tuple[dict[str, Any], ...], ()))
    return create_model("Example", __base__=model, **tables)  # type: ignore[call-overload]


Example = populated(_Found)


def rows(example: Any) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    """Each row of the example, with its table; ValueError for a column that the table does not have.

    Before them the deliveries that the rows name; all other rows are of one delivery that has no name.
    """
    named = {said["delivery"]: name for name in FACTS for said in getattr(example, name) if "delivery" in said}
    numbered = {name: number for number, name in enumerate(sorted(named), start=1000)}
    for name, number in numbered.items():
        known = {"id": number, "name": name, "title": name, "owner": "", "cadence": "monthly", "target": named[name]}
        yield delivery, known
    for name, table in FACTS.items():
        for number, said in enumerate(getattr(example, name), start=1):
            row = _row(table, {key: value for key, value in said.items() if key != "delivery"}, number)
            yield table, row | ({"delivery_id": numbered[said["delivery"]]} if "delivery" in said else {})


def variables_of(example: Any) -> dict[str, Any]:
    """The variables of the example but for its parameters; the period is the month before today unless it says one."""
    period = example.period if example.period != date.min else add_months(month(example.today), -1)
    return {
        "today": example.today,
        "period": period,
        "data_until": min(example.today, add_months(period, 1)),
        "region": "371082",
        "missing": ", ".join(example.missing),
    }


def key_of(label: str) -> UUID:
    """The key that a label stands for."""
    return uuid5(NAMESPACE_URL, label)


def subject_key(subject: str, label: str) -> UUID:
    """The key of a finding's subject: a project's is derived from its code, as rules do."""
    return UUID(md5(label.encode(), usedforsecurity=False).hexdigest()) if subject == "project" else key_of(label)


def _row(table: sa.Table, said: Mapping[str, Any], number: int) -> dict[str, Any]:
    spoken = {column.name.removesuffix("_key"): column for column in table.c}
    row: dict[str, Any] = {}
    for name, value in said.items():
        if name not in spoken:
            near = get_close_matches(name, spoken, n=1)
            raise ValueError(f"{table.name} has no '{name}'" + (f" (did you mean '{near[0]}'?)" if near else ""))
        column = spoken[name]
        row[column.name] = key_of(value) if column.name.endswith("_key") else value
    known = {**_ALWAYS, "row_no": number, **_DEFAULTS.get(table.name, {})}
    for column in table.c:
        if column.name in row or column.name == "known_until":
            continue
        if column.name in known:
            row[column.name] = known[column.name]
        elif column.name in {"ends_on", "left_on"} and not column.nullable:
            row[column.name] = OPEN
        elif column.name in {"employer_key", "contractor_key"} and not column.nullable:
            row[column.name] = UUID(NO_EMPLOYER)
        elif not column.nullable:
            raise ValueError(f"{table.name} needs '{column.name.removesuffix('_key')}'")
    return row
