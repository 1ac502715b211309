"""A trial: files against a connector, without anything of them being stored, archived or recorded.

In charge of what each column holds and how much of it is understood; what the batch would do is found out by
``hub.intake.rehearse``. Takes a connector of which something is still to be decided as its proposals would have it.
Of a cell that is not understood it shows what a rejected row would show: masked, where it may say who somebody is.
The files are in the hands of whoever tries them, and of what the hub holds nothing is shown but counts: so the access
log has nothing to record. Touches no database.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from hub.declaration import form_of
from hub.errors import DeclarationError, IntakeError
from hub.intake.connector import PERSONAL, Connector, connector_names, names, read_connector, read_tables
from hub.intake.drift import UnknownCode, column_of, leniently, unknown_codes
from hub.intake.extract import Chunk, Delivered, Report
from hub.intake.extract.header import ColumnsError, normal
from hub.intake.map import Mapped, map_chunk
from hub.intake.rejected import count, mask
from hub.intake.undecided import open_fields, proposed, undecided
from hub.intake.validate import NOTHING, Column, quoted, texts

SHOWN = 3  # reasons of a column, and cells of a reason
_PLAIN = re.compile(r"[\d\s\-./:,年月日元万%+]{1,20}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A connector on trial. ``waiting``: what is to be decided; ``open``: fields that cannot be filled before."""

    connector: Connector
    waiting: list[str]
    open: list[str]


@dataclass(frozen=True, slots=True)
class Offence:
    """A reason, in how many rows, and some of the cells, masked."""

    reason: str
    rows: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class ColumnTrial:
    """``filled`` of ``rows``; of the filled ones ``understood``. ``column``: as the department calls it."""

    field: str
    column: str
    rows: int
    filled: int
    understood: int
    distinct: int
    offences: list[Offence]


@dataclass(frozen=True, slots=True)
class Trial:
    """``refusals``: why the files would be refused as they stand, each whole; ``rejected``: rows, without doubles."""

    connector: Connector
    rows: int
    rejected: int
    columns: list[ColumnTrial]
    whole_rows: list[Offence]
    codes: list[UnknownCode]
    refusals: list[IntakeError]
    reports: list[Report]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What loading would do, and every reason why it would be refused. ``already``: the batch that is these files."""

    declared: int
    rejected: int
    doubles: int
    added: int
    changed: int
    unchanged: int
    ended: int
    refusals: list[IntakeError]
    warnings: list[str]
    already: int | None


def read_candidate(declarations: Path, name: str, path: Path | None = None) -> Candidate:
    """The connector to try: the declared one of that name, decided or not, or the file at ``path``."""
    if path is None and name not in connector_names(declarations):
        read_connector(declarations, name)  # DeclarationError: there is none; the nearest
    file = path or declarations / "connectors" / f"{name}.toml"
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeclarationError("DECLARATION_SYNTAX", f"{file} is not valid TOML", str(error)) from None
    tables = read_tables(declarations)
    connector = form_of(Connector, proposed(content), file, name=name, tables=tables)
    return Candidate(connector, undecided(content), open_fields(content))


@dataclass(slots=True)
class _Seen:
    """What has been seen of one field so far."""

    rows: int = 0
    filled: int = 0
    misread: int = 0
    hashes: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.UInt64))
    cells: dict[str, list[str]] = field(default_factory=dict)


def try_files(files: list[Delivered], connector: Connector, period: date) -> Trial:
    """Every column of the files, read as the connector says. What refuses them is in the answer, not raised."""
    seen = {name: _Seen() for name, form in connector.fields.items() if form.names or name in connector.repeat}
    reasons: Counter[str] = Counter()
    columns: list[ColumnsError] = []
    reports: list[Report] = []
    refusals: list[IntakeError] = []
    rows = rejected = 0
    given_way = connector
    try:
        for chunk, given_way in leniently(files, connector, columns, reports):
            for part in map_chunk(chunk, given_way, period):
                rows, rejected = rows + len(part.good) + len(part.bad), rejected + len(part.bad)
                count(reasons, part.bad.get_column("reasons").to_list())
                _look(seen, chunk, part, connector)
    except IntakeError as refused:
        if not isinstance(refused, ColumnsError):
            refusals.append(refused)
    by_field: dict[str, Counter[str]] = {}
    for reason, number in reasons.items():
        name, _, words = reason.partition(": ")
        by_field.setdefault(name, Counter())[words] += number
    return Trial(
        given_way, rows, rejected,
        [
            ColumnTrial(
                name, column_of(connector, name), one.rows, one.filled, one.filled - one.misread, len(one.hashes),
                _offences(by_field.pop(name, Counter()), one.cells),
            )
            for name, one in seen.items()
        ],
        [o for name, counted in by_field.items() for o in _offences(_named(counted, name), {})],
        unknown_codes(reasons, connector), [*columns, *refusals], reports,
    )  # fmt: skip


def _named(counted: Counter[str], name: str) -> Counter[str]:
    return Counter({f"{name}: {words}": number for words, number in counted.items()})


def _offences(counted: Counter[str], cells: dict[str, list[str]]) -> list[Offence]:
    counted = Counter({words: number for words, number in counted.items() if not words.startswith("unknown code")})
    return [Offence(words, number, cells.get(words, [])) for words, number in counted.most_common(SHOWN)]


def _look(seen: dict[str, _Seen], chunk: Chunk, part: Mapped, connector: Connector) -> None:
    numbers = pl.concat([part.good.get_column("row_no"), part.bad.get_column("row_no")])
    if not len(numbers):
        return
    slot = int(numbers[0] - 1) % connector.times
    places = chunk.row_no.search_sorted((numbers - 1) // connector.times + 1)
    why = part.bad.select("row_no", reason="reasons").explode("reason")
    for name, one in seen.items():
        cells = _cells(chunk, connector, name, slot)
        if cells is None:
            one.rows += len(numbers)
            continue
        text = cells.gather(places)
        filled = texts(Column(text)).values.is_not_null()
        one.rows += len(numbers)
        one.filled += int(filled.sum())
        one.hashes = pl.concat([one.hashes, text.filter(filled).unique().hash()]).unique()
        mine = why.filter(why.get_column("reason").str.starts_with(f"{name}: "))
        said = (
            dict(zip(numbers.filter(filled).to_list(), text.filter(filled).to_list(), strict=True)) if len(mine) else {}
        )
        one.misread += len({row for row in mine.get_column("row_no").to_list() if row in said})
        for row, reason in mine.iter_rows():
            words = re.sub(r"\brow \d+", "another row", reason.removeprefix(f"{name}: "))
            shown = one.cells.setdefault(words, [])
            if row in said and len(shown) < SHOWN and words != NOTHING:
                cell = _shown(said[row], connector, name)
                if cell not in shown:
                    shown.append(cell)


def _cells(chunk: Chunk, connector: Connector, name: str, slot: int) -> pl.Series | None:
    """The column of a field, with what the column asked second says where the first is blank."""
    form = connector.fields[name]
    asked = [connector.repeat[name][slot] if name in connector.repeat else form.from_, form.or_from]
    found: list[pl.Series | None] = [
        next((chunk.cells.get_column(h) for n in names(given) if (h := normal(n)[0]) in chunk.cells.columns), None)
        for given in asked
    ]
    given = [column for column in found if column is not None]
    if len(given) < 2:
        return given[0] if given else None
    first, second = given
    return second.zip_with(texts(Column(first)).values.is_null(), first)


def _shown(text: str, connector: Connector, name: str) -> str:
    if connector.fields[name].is_ in PERSONAL or re.search(r"\d{11}", text):
        return mask(text)
    return text if _PLAIN.fullmatch(text) else quoted(text)


def told(trial: Trial) -> Iterator[str]:
    """What is wrong with the columns, and how often, in lines; unknown codes last, with the nearest known one."""
    for column in trial.columns:
        for offence in column.offences:
            shown = f": {' · '.join(offence.cells)}" if offence.cells else ""
            yield f"{column.column} ({column.field}): {offence.rows:,} × {offence.reason}{shown}"
    for offence in trial.whole_rows:
        yield f"{offence.rows:,} × {offence.reason}"
    yield from (f"unknown code {code}" for code in trial.codes)
