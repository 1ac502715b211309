"""The form of a connector: one TOML file says what one department delivers, and how it becomes facts.

In charge of reading the files of ``connectors/<who>/<what>.toml`` and the shared code tables beside them
(``connectors/<table>.toml``), and of holding each against the table it names. Refuses (``DeclarationError``) unknown
keys, fields the target does not have, and columns of the target that nothing fills. Touches no database.
"""

import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import Field, field_validator, model_validator
from sqlalchemy import Table

from hub.declaration import Form, read_form
from hub.errors import DeclarationError
from hub.intake.undecided import undecided
from hub.store import LINEAGE, metadata, words
from hub.terms import CODES, normalize_text
from hub.terms.due import MONTHS, Cadence, Due

Kind = Literal[
    "text", "number", "code", "date", "month", "year", "until_day", "until_month", "until_year", "yuan", "integer",
    "boolean", "insurance", "region", "area", "industry", "resident_id", "document", "name", "sealed", "employer",
    "employer_name", "sealed_person",
]  # fmt: skip
#: Kinds that say who a person is; their values are never quoted and never stored in clear.
PERSONAL: frozenset[Kind] = frozenset({"resident_id", "document", "name", "sealed", "sealed_person"})
#: Fields that any delivery about persons may take, to be held against the register (``hub.intake.disagreement``).
COMPARED = frozenset({"sex", "birth_on"})
NumberKind = Literal[
    "uscc", "organization_code", "registration", "owner", "provident_fund", "social_insurance", "medical_insurance"
]
Scalar = bool | int | date | str
Names = str | list[str]


class FieldForm(Form):
    """One field: the columns it is taken from (spellings of one header), and what stands in them."""

    from_: Names | None = Field(None, alias="from")
    or_from: Names | None = None  # another column, asked where the first says nothing; need not be there
    id_from: Names | None = None  # sealed_person: the column of that person's number; need not be there
    is_: Kind = Field("text", alias="is")
    codes: dict[str, str] | str | None = None  # spelling → stored ("" stores nothing), or the name of a shared table
    unit: Literal["yuan", "wan"] = "yuan"
    table: str | None = None  # insurance: whose codes
    numbers: tuple[NumberKind, ...] = ()  # employer: the numbers that may stand for it
    type: str | None = None  # document: the field that says which kind of document
    alias: NumberKind | None = None  # number: it stands for the row's employer from now on
    nothing: tuple[str, ...] = ()  # spellings of this source that say that nothing is given (企业选择不公示)
    value: Scalar | None = None  # a constant
    values: tuple[Scalar, ...] = ()  # a constant for each repetition: which insurance a group of columns is about
    default: Scalar | None = None  # where nothing is given
    required: bool | None = None  # unset: as the target's column has it
    optional: bool = False  # the column need not be in the file

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.is_ in {"code", "area"}) != (self.codes is not None) and self.value is None:
            raise ValueError("'codes' belongs to the kinds code and area")
        if self.is_ == "insurance" and self.table not in CODES:
            raise ValueError(f"'table' must be one of {', '.join(CODES)}")
        if (self.is_ == "employer") != bool(self.numbers) and self.value is None:
            raise ValueError("'numbers' belongs to the kind employer")
        if (self.is_ == "document") != (self.type is not None):
            raise ValueError("'type' belongs to the kind document")
        return self

    @property
    def names(self) -> list[str]:
        return names(self.from_)


class Catalogue(Form):
    """The nine items a directory of shared data has. Source: 政务数据共享条例 Art. 13."""

    directory: str  # 目录名称
    data_items: str  # 数据项
    provider: str  # 提供单位
    format: str  # 数据格式
    update_cycle: str  # 更新频率
    attribute: str  # 共享属性
    mode: str  # 共享方式
    conditions: str  # 使用条件
    classification: str  # 分类分级


Format = Literal["csv", "xlsx", "xls", "dbf", "jsonl", "parquet"]


class Source(Form):
    format: tuple[Format, ...] = get_args(Format)  # of the files, or of the files in a ZIP; unset: any
    sheet: str | None = None  # unset: every sheet that has the header
    separator: str | None = None  # unset: the one that makes the header
    signed: bool = False  # only with a manifest that the department has signed


def _folded(spelling: str) -> str:
    return normalize_text(spelling).casefold()


class Operation(Form):
    """What a row does to its fact, where a column says so: the spellings of deleting and of writing it."""

    from_: Names = Field(alias="from")
    delete: list[str] = Field(min_length=1)
    write: list[str]  # "" where a blank is meant as well

    @property
    def spellings(self) -> dict[str, Literal["write", "delete"]]:
        """Each spelling, normalized, and what it means."""
        written: dict[str, Literal["write", "delete"]] = dict.fromkeys(map(_folded, self.write), "write")
        return written | dict.fromkeys(map(_folded, self.delete), "delete")

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        if self.spellings != self.spellings | dict.fromkeys(map(_folded, self.write), "write"):
            raise ValueError("a spelling means either 'write' or 'delete'")
        return self


class Bounds(Form):
    min: int = 0
    max: int | None = None


class Share(Form):
    max: float = Field(ge=0, le=1)


class Drift(Form):
    max: float = Field(0.15, ge=0, le=1)
    rows: int = 200  # fewer rows, in this batch or the last, tell nothing


class Expect(Form):
    rows: Bounds = Bounds()
    rejected: Share  # more refuses the batch
    drift: Drift = Drift()  # a share that fell, or codes that moved, by more than this since the last batch: a warning
    shrink: Share = Share(max=0.2)  # snapshot: fewer rows than the last batch by more than this refuses it


class Period(Form):
    field: str
    back: int = Field(ge=0)  # months before the period that a row may still speak of


class Example(Form):
    why: str
    source: dict[str, str]
    period: date | None = None
    loads: dict[str, Scalar] | None = None
    rejected: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.loads is None) == (self.rejected is None):
            raise ValueError("say either 'loads' or 'rejected'")
        return self


class Connector(Form):
    """One delivery. ``name`` is the file's path: ``civil_affairs/low_income``."""

    name: str
    tables: dict[str, dict[str, str]] = Field(default_factory=dict, repr=False)
    title: str
    owner: str
    basis: str
    target: str
    key: list[str]
    cadence: Cadence
    due: Due | None = None  # the last day in time, where it is not the usual one of its cadence
    delivery: Literal["snapshot", "delta", "append"]
    after: tuple[str, ...] = ()  # deliveries to load before this one: they say which employer a number stands for
    ignored: tuple[str, ...] = ()
    order: tuple[tuple[str, str], ...] = ()  # pairs of dates that may not stand the other way round
    catalogue: Catalogue
    source: Source = Source()
    expect: Expect
    period: Period | None = None
    operation: Operation | None = None  # rows may end their fact; of several rows of one fact the last one counts
    repeat: dict[str, list[Names]] = Field(default_factory=dict)  # field → its column in each repetition within one row
    fields: dict[str, FieldForm]
    example: list[Example] = Field(min_length=1)

    @field_validator("target")
    @classmethod
    def _a_fact(cls, target: str) -> str:
        facts = sorted(name for name, table in metadata.tables.items() if table.info.get("fact"))
        if target not in facts:
            raise ValueError(f"no table of facts '{target}'{_nearest(target, facts)}")
        return target

    @model_validator(mode="after")
    def _fits_its_target(self) -> Self:
        for problem in _problems(self):
            raise ValueError(problem)
        return self

    @cached_property
    def target_table(self) -> Table:
        return metadata.tables[self.target]

    @property
    def times(self) -> int:
        """Rows that one row of the file may hold."""
        return max((len(columns) for columns in self.repeat.values()), default=1)

    def constant(self, name: str, repetition: int) -> Scalar | None:
        """What a field is in every row, or in every row of a repetition; None where the file says it."""
        field = self.fields[name]
        return field.values[repetition] if field.values else field.value

    @property
    def insurances(self) -> list[str] | None:
        """The insurances that its facts may be about; None where they say none."""
        field = self.fields.get("insurance")
        if field is None:
            return None
        if field.is_ == "insurance":
            return sorted(set(CODES[field.table or ""].values()))
        given = [field.value, *(field.values or ()), *(self.spellings("insurance").values() if field.codes else ())]
        return sorted({str(one) for one in given if one})

    def of_kind(self, *kinds: Kind) -> list[str]:
        return [name for name, field in self.fields.items() if field.is_ in kinds]

    def is_required(self, name: str) -> bool:
        """Whether a row without this field is rejected."""
        field = self.fields[name]
        if field.required is not None:
            return field.required
        if field.default is not None or field.value is not None or field.values:
            return False
        if field.is_ in {"resident_id", "document", "employer"}:
            return True
        column = self.target_table.columns.get(name)
        return column is not None and not column.nullable

    def spellings(self, name: str) -> dict[str, str]:
        """The codes of a field, by normalized spelling."""
        codes = self.fields[name].codes
        given = self.tables[codes] if isinstance(codes, str) else codes or {}
        return {normalize_text(spelling): stored for spelling, stored in given.items()}


def names(given: Names | None) -> list[str]:
    """Spellings of one header as a list."""
    return [given] if isinstance(given, str) else given or []


def fills(connector: Connector, name: str) -> set[str]:
    """The columns of the target that a field fills."""
    field, columns = connector.fields[name], set(connector.target_table.columns.keys())
    match field.is_:
        case "resident_id" | "document":
            return {"person_key", "resident_id_masked", "sealed", "birth_on", "sex"} & columns
        case "name":
            return {"name_masked"} & columns
        case "sealed":
            return {"sealed"} & columns
        case "employer":
            return {f"{name}_key", "uscc"} & columns
        case "sealed_person":
            return {name, f"{name}_masked", f"{name}_key"}
        case "employer_name":
            return {name} & columns
    return {name}


def _problems(connector: Connector) -> Iterator[str]:
    table = connector.target_table
    columns = set(table.columns.keys()) - set(LINEAGE)
    if connector.due is not None and connector.cadence not in MONTHS:
        yield f"due: what comes {connector.cadence} is due a day or a week after the last one"
    used = {f.type for f in connector.fields.values() if f.type} | {n for pair in connector.order for n in pair}
    named = {*connector.repeat, *used, *connector.key, *([connector.period.field] if connector.period else [])}
    yield from (
        f"no field '{name}'{_nearest(name, connector.fields)}" for name in sorted(named - set(connector.fields))
    )
    filled: set[str] = set()
    for name, field in connector.fields.items():
        yield from _problems_of_field(connector, name, field)
        found = fills(connector, name)
        filled |= found
        if found - columns and name not in used | (COMPARED if connector.of_kind("resident_id", "document") else set()):
            yield f"fields.{name}: table {table.name} has no column '{min(found - columns)}'{_nearest(name, columns)}"
    missing = {c.name for c in table.columns if not c.nullable and c.name in columns} - filled
    if missing:
        yield f"nothing fills {table.name}.{min(missing)}"
    if len({len(columns) for columns in connector.repeat.values()}) > 1:
        yield "repeat: every field has a column in each repetition"
    wanted = set(table.info["key"]) - {"delivery_id"}
    if {c for name in connector.key for c in fills(connector, name)} & set(table.info["key"]) != wanted:
        yield f"key: {table.name} is keyed by {', '.join(sorted(wanted))}"
    if len(connector.of_kind("resident_id", "document")) > 1:
        yield "a row speaks of one person"


def _problems_of_field(connector: Connector, name: str, field: FieldForm) -> Iterator[str]:
    if field.from_ is None and field.value is None and not field.values and name not in connector.repeat:
        yield f"fields.{name}: says neither 'from' nor 'value', and stands in no repeat"
    if field.values and len(field.values) != connector.times:
        yield f"fields.{name}: {len(field.values)} values for {connector.times} repetitions"
    if isinstance(field.codes, str) and field.codes not in connector.tables:
        yield f"fields.{name}: no code table '{field.codes}' in connectors/"
        return
    column = connector.target_table.columns.get(name)
    listed = (
        words(column)
        if column is not None and (field.is_ == "code" or field.value is not None or field.values)
        else None
    )
    said = {field.value, field.default, *field.values, *connector.spellings(name).values()} - {None, ""}
    for word in sorted(map(str, said - listed)) if listed else ():
        yield f"fields.{name}: '{word}' is no word of {column}: {' '.join(sorted(listed or ()))}"


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""


def read_tables(declarations: Path) -> dict[str, dict[str, str]]:
    """The shared code tables (``connectors/<table>.toml``: stored = [spellings]), each as spelling → stored."""
    tables: dict[str, dict[str, str]] = {}
    for file in sorted((declarations / "connectors").glob("*.toml")):
        content = tomllib.loads(file.read_text())
        tables[file.stem] = {s: stored for stored, spelt in content.items() for s in (stored, *spelt)}
    return tables


def read_connector(declarations: Path, name: str) -> Connector:
    """The connector of a delivery. DeclarationError: there is none, or it is not right."""
    known = _files(declarations)
    if name not in known:
        near = get_close_matches(name, known, n=1)
        raise DeclarationError(
            "DECLARATION_UNKNOWN",
            f"no delivery '{name}'",
            hint=f"did you mean '{near[0]}'?" if near else f"add connectors/{name}.toml",
        )
    file = known[name]
    _refuse_undecided(file)
    return read_form(Connector, file.read_text(), file, name=name, tables=read_tables(declarations))


def _refuse_undecided(file: Path) -> None:
    """DeclarationError naming everything that a draft leaves to be decided. What is no TOML is told elsewhere."""
    try:
        waiting = undecided(tomllib.loads(file.read_text()))
    except tomllib.TOMLDecodeError:
        return
    if waiting:
        raise DeclarationError(
            "DECLARATION_UNDECIDED",
            f"{file} leaves {len(waiting)} things to be decided",
            "; ".join(waiting),
            "decide each, and take its question mark away",
        )


def _files(declarations: Path) -> dict[str, Path]:
    """The file of every delivery, by name."""
    files = sorted((declarations / "connectors").glob("*/*.toml"))
    return {f"{file.parent.name}/{file.stem}": file for file in files}


def connector_names(declarations: Path) -> list[str]:
    """Every delivery that is declared, those that others rest on first where ``after`` says so, then by name."""
    found = _files(declarations)
    after = {name: tomllib.loads(file.read_text()).get("after", []) for name, file in found.items()}
    ordered: list[str] = []

    def place(name: str) -> None:
        if name not in ordered and name in after:
            waiting, after[name] = after[name], []
            for earlier in waiting:
                place(earlier)
            ordered.append(name)

    for name in found:
        place(name)
    return ordered
