"""From a chunk of source columns to the fields of a connector, every row with all its reasons.

In charge of choosing the columns, unfolding repetitions, constants and defaults, what is required, the order of dates
and the period. Rows are kept or rejected here, never dropped: what comes in is in ``good`` or in ``bad``.
Pure; touches no database.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from hub.intake.connector import Connector, FieldForm, Names, names
from hub.intake.extract import Chunk
from hub.intake.extract.header import OPERATION, normal
from hub.terms import InvalidTerm, add_months, normalize_text, today_in_china

from . import number, validate
from .validate import NOTHING, Column, Reading, constant, said

#: The words of a channel for what a row does.
BY_CHANNEL: Mapping[str, str] = {"write": "write", "delete": "delete"}
ID = ".id"
"""What a sealed person's number is called beside the field that holds the name."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """``good``: row_no and canonical text a field. ``bad``: the same, as far as it could be read, with ``reasons``.

    ``source``: the cells of the bad rows, as delivered. ``ending``: rows as good ones, but that end their fact, of
    which only the key is sure to be there; None where no column of the file says what its rows do.
    """

    good: pl.DataFrame
    bad: pl.DataFrame
    source: pl.DataFrame
    ending: pl.DataFrame | None = None

    def only(self, row_no: Collection[int]) -> "Mapped":
        """The good rows of these numbers, and no bad ones."""
        wanted = self.good.get_column("row_no").is_in(list(row_no))
        return Mapped(self.good.filter(wanted), self.bad.clear(), self.source.clear())


def map_chunk(chunk: Chunk, connector: Connector, period: date, today: date | None = None) -> Iterator[Mapped]:
    """The rows of a chunk; of a connector that repeats, one ``Mapped`` a repetition.

    Rows of a repetition are numbered ``(row - 1) * times + repetition``, so that each leads back to its source row.
    """
    today = today or today_in_china()
    if not connector.repeat:
        yield _mapped(chunk, connector, period, today, 0)
        return
    filled = [_filled(chunk, connector, slot) for slot in range(connector.times)]
    nobody = ~pl.select(pl.any_horizontal(filled)).to_series()
    for slot, here in enumerate(filled):
        rows = here | nobody if slot == 0 else here  # a household without anybody is still a row to account for
        if rows.any():
            numbers = (chunk.row_no.filter(rows) - 1) * connector.times + slot + 1
            part = replace(chunk.where(rows), row_no=numbers.cast(pl.Int32))
            yield _mapped(part, connector, period, today, slot)


def _filled(chunk: Chunk, connector: Connector, slot: int) -> pl.Series:
    found = constant(None, len(chunk.row_no)).is_not_null()
    for columns in connector.repeat.values():
        column = _column(chunk, columns[slot])
        if column is not None:
            found |= validate.texts(column).values.is_not_null()
    return found


def _column(chunk: Chunk, given: Names | None) -> Column | None:
    """The source column of one of these spellings."""
    for name in names(given):
        header = normal(name)[0]
        if header in chunk.cells.columns:
            return Column(
                chunk.cells.get_column(header), chunk.numeric.get(header), header in chunk.wan, chunk.epoch_1904
            )
    return None


def _mapped(chunk: Chunk, connector: Connector, period: date, today: date, slot: int) -> Mapped:
    rows = len(chunk.row_no)
    values: dict[str, pl.Series] = {}
    reasons: list[pl.Series] = [] if chunk.broken is None else [chunk.broken]
    free: list[int] = []  # the places of reasons that do not matter of a row that only ends its fact
    key = {*connector.key, *(kind for name in connector.key if (kind := connector.fields[name].type))}
    kinds = {field.type for field in connector.fields.values()}
    ordered = sorted(connector.fields, key=lambda name: name not in kinds)  # a document's kind before the document
    for name in ordered:
        field = connector.fields[name]
        given = connector.constant(name, slot)
        if given is not None:
            values[name] = constant(said(given), rows)
            continue
        source = connector.repeat[name][slot] if name in connector.repeat else field.from_
        found = _read(chunk, connector, name, source, values, today)
        if field.or_from and (other := _column(chunk, field.or_from)) and found.values.null_count():
            found = _or_else(found, _kind(other, connector, name, values, today))
        if field.default is not None:
            nothing = found.values.is_null() & found.reasons.is_null()
            found = Reading(constant(said(field.default), rows).zip_with(nothing, found.values), found.reasons)
        if _required(connector, name, field):
            nothing = found.values.is_null() & found.reasons.is_null()
            if nothing.any():
                found = Reading(found.values, constant(NOTHING, rows).zip_with(nothing, found.reasons))
        values[name] = found.values
        if found.reasons.null_count() < rows:
            free += [] if name in key else [len(reasons)]
            reasons.append(f"{name}: " + found.reasons)
        if field.is_ == "sealed_person":
            owner = _column(chunk, field.id_from)
            values[name + ID] = validate.resident_ids(owner, today).values if owner else constant(None, rows)
    told = len(reasons)
    reasons += _out_of_order(connector, values) + _out_of_period(connector, values, period)
    free += range(told, len(reasons))
    frame = pl.DataFrame({"row_no": chunk.row_no, **values})
    return _operated(frame, reasons, free, chunk, connector)


def _operated(
    frame: pl.DataFrame, reasons: list[pl.Series], free: list[int], chunk: Chunk, connector: Connector
) -> Mapped:
    """The rows that write, those that end, and those that do neither. ``free``: reasons that no ending minds."""
    operation = _operation(chunk, connector)
    if operation is None:
        return _parted(frame, reasons, chunk)
    deletes = (operation.values == "delete").fill_null(value=False)
    for place in free:
        reasons[place] = constant(None, len(frame)).zip_with(deletes, reasons[place].cast(pl.String))
    parted = _parted(frame, [*reasons, "operation: " + operation.reasons], chunk)
    ends = parted.good.get_column("row_no").is_in(frame.get_column("row_no").filter(deletes).implode())
    return Mapped(parted.good.filter(~ends), parted.bad, parted.source, parted.good.filter(ends))


def _or_else(first: Reading, second: Reading) -> Reading:
    """The second column is asked only where the first says nothing at all, not where it cannot be read."""
    silent = first.values.is_null() & first.reasons.is_null()
    return Reading(second.values.zip_with(silent, first.values), second.reasons.zip_with(silent, first.reasons))


def _parted(frame: pl.DataFrame, reasons: list[pl.Series], chunk: Chunk) -> Mapped:
    """The rows without a reason, and the others."""
    if not reasons:
        return Mapped(frame, frame.clear().with_columns(reasons=pl.lit(None, pl.List(pl.String))), chunk.cells.clear())
    listed = pl.select(
        pl.concat_list([reason.cast(pl.String).alias(str(i)) for i, reason in enumerate(reasons)]).list.drop_nulls()
    ).to_series()
    good = listed.list.len() == 0
    bad = ~good
    return Mapped(
        frame.filter(good), frame.filter(bad).with_columns(listed.filter(bad).alias("reasons")), chunk.cells.filter(bad)
    )


def _operation(chunk: Chunk, connector: Connector) -> Reading | None:
    """What each row does: write or delete its fact; None where no column says so."""
    form, column = connector.operation, _column(chunk, OPERATION)
    spellings = BY_CHANNEL
    if column is None and form is not None:
        column, spellings = _column(chunk, form.from_), form.spellings
    if column is None:
        return None

    def parse(one: str) -> str:
        word = normalize_text(one)
        if (done := spellings.get(word.casefold())) is None:
            raise InvalidTerm("unknown_code", f"unknown code '{validate.quoted(word)}'" if word else NOTHING)
        return done

    return validate.distinct(column.text.fill_null(""), parse)


def _required(connector: Connector, name: str, field: FieldForm) -> bool:
    return connector.is_required(name) or (field.is_ == "name" and "name_masked" in connector.target_table.columns)


def _read(
    chunk: Chunk, connector: Connector, name: str, source: Names | None, values: dict[str, pl.Series], today: date
) -> Reading:
    column = _column(chunk, source)
    if column is None:
        rows = len(chunk.row_no)
        return Reading(constant(None, rows), constant(None, rows))
    return _kind(column, connector, name, values, today)


def _kind(column: Column, connector: Connector, name: str, values: dict[str, pl.Series], today: date) -> Reading:
    field = connector.fields[name]
    if field.nothing:
        column = validate.without(column, field.nothing)
    readers: dict[str, Callable[[], Reading]] = {
        "resident_id": lambda: validate.resident_ids(column, today),
        "document": lambda: validate.documents(column, values[field.type or ""], today),
        "name": lambda: validate.people_names(column),
        "sealed_person": lambda: validate.people_names(column),
        "yuan": lambda: validate.amounts(column, field.unit),
        "integer": lambda: validate.integers(column),
        "boolean": lambda: validate.booleans(column),
        "code": lambda: validate.codes(column, connector.spellings(name)),
        "insurance": lambda: validate.insurances(column, field.table or ""),
        "region": lambda: validate.regions(column),
        "area": lambda: validate.areas(column, connector.spellings(name)),
        "industry": lambda: validate.industries(column),
        "number": lambda: number.numbers(column),
        "employer": lambda: number.employers(column, list(field.numbers)),
    }
    if field.is_ in {"date", "month", "year", "until_day", "until_month", "until_year"}:
        return validate.dates(column, field.is_)
    return readers.get(field.is_, lambda: validate.texts(column))()


def _out_of_order(connector: Connector, values: dict[str, pl.Series]) -> list[pl.Series]:
    pairs = list(connector.order)
    if {"starts_on", "ends_on"} <= values.keys():
        pairs.append(("starts_on", "ends_on"))
    found = []
    for first, second in pairs:
        exclusive = connector.fields[second].is_ in {"until_day", "until_month", "until_year"}
        wrong = values[second] <= values[first] if exclusive else values[second] < values[first]
        if wrong.any():
            reason = constant(f"{second}: before {first}", len(wrong))
            found.append(reason.zip_with(wrong.fill_null(value=False), constant(None, len(wrong))))
    return found


def _out_of_period(connector: Connector, values: dict[str, pl.Series], period: date) -> list[pl.Series]:
    rule = connector.period
    if rule is None:
        return []
    month, found = values[rule.field], []
    for wrong, words in (
        (month > period.isoformat(), "after the period delivered"),
        (
            month < add_months(period, -rule.back).isoformat(),
            f"more than {rule.back} months before the period delivered",
        ),
    ):
        if wrong.any():
            reason = constant(f"{rule.field}: {words}", len(wrong))
            found.append(reason.zip_with(wrong.fill_null(value=False), constant(None, len(wrong))))
    return found


def try_example(connector: Connector, which: int) -> str | None:
    """What an example of a connector says otherwise than the connector does; None where they agree."""
    example = connector.example[which]
    cells = pl.DataFrame({normal(name)[0]: [text] for name, text in example.source.items()})
    wan = frozenset(normal(name)[0] for name in example.source if normal(name)[1])
    chunk = Chunk(cells, pl.Series([1], dtype=pl.Int32), wan=wan)
    parts = list(map_chunk(chunk, connector, example.period or date(2026, 10, 1)))
    reasons = [reason for part in parts for row in part.bad["reasons"].to_list() for reason in row]
    if example.rejected is not None:
        return None if "; ".join(reasons) == example.rejected else f"rejected for {reasons or 'nothing'}"
    if reasons:
        return f"rejected for {reasons}"
    loaded = [row for part in parts for row in part.good.to_dicts()]
    for name, value in (example.loads or {}).items():
        got = [row.get(name) or "" for row in loaded]
        if said(value) not in got:
            return f"{name} loads as {got}, not {said(value)!r}"
    unknown = {normalize_text(name) for name in example.loads or {}} - set(connector.fields)
    return f"no field {unknown}" if unknown else None
