"""Rows that were rejected: kept sealed with all their reasons, listed masked, reported back to whoever delivered them.

A rejected row waits until it is tried again (``hub.intake.replay``); it is then told of by the batch that tried it.

In charge of rejected rows and of showing a source row again from the archive; every look is recorded in the access log
before anything is shown. Touches the database in the writer's role.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import orjson
import polars as pl
from sqlalchemy import Connection, Engine, func, select

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome
from hub.audit.log import record_sync
from hub.errors import IntakeError
from hub.intake import archive as archives
from hub.intake import report
from hub.intake.chinese import in_chinese
from hub.intake.connector import PERSONAL, Connector, names, read_connector
from hub.intake.extract import Chunk, Delivered, read
from hub.intake.extract.header import normal
from hub.intake.report import Line
from hub.sealing import Keyring
from hub.settings import settings
from hub.store.lineage import batch, delivery, rejected_row


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """``cells``: what the row says, masked; columns that are never mapped are left out."""

    row_no: int
    reasons: list[str]
    cells: dict[str, str]


def sealed_rows(bad: pl.DataFrame, source: pl.DataFrame, batch_id: int, keyring: Keyring) -> pl.DataFrame:
    """Rejected rows ready to be copied into ``rejected_row``.

    ``bad``: row_no, reasons, subjects; ``source``: their cells.
    """
    numbers = bad.get_column("row_no").to_list()
    plains = [orjson.dumps(row) for row in source.fill_null("").iter_rows(named=True)]
    sealed = keyring.seal_all(plains, [_context(batch_id, number) for number in numbers])
    return pl.DataFrame(
        {
            "batch_id": pl.Series([batch_id] * len(bad), dtype=pl.Int64),
            "row_no": bad.get_column("row_no"),
            "sealed": "\\x" + pl.Series(sealed, dtype=pl.Binary).bin.encode("hex"),
            "reasons": pl.Series([_array(reasons) for reasons in bad.get_column("reasons").to_list()], dtype=pl.String),
            "subjects": pl.Series([_array(keys) for keys in bad.get_column("subjects").to_list()], dtype=pl.String),
        }
    )


def _array(reasons: Iterable[str]) -> str:
    """A text array as PostgreSQL reads it."""
    quoted = (reason.replace("\\", "\\\\").replace('"', '\\"') for reason in reasons)
    return "{" + ",".join(f'"{reason}"' for reason in quoted) + "}"


def _context(batch_id: int, row_no: int) -> bytes:
    return b"rejected:" + batch_id.to_bytes(8, "big") + row_no.to_bytes(4, "big")


def count(counted: Counter[str], reasons: Iterable[Iterable[str]]) -> None:
    """Count reasons, those that name another row as one."""
    counted.update(re.sub(r"\brow \d+", "another row", reason) for row in reasons for reason in row)


def cells_of(
    files: list[Delivered], connector: Connector, wanted: set[int]
) -> Iterator[tuple[list[int], pl.DataFrame]]:
    """Rows of a delivery by their numbers, read again: numbers and cells, chunk after chunk."""
    if not wanted:
        return
    rows = {number: (number - 1) // connector.times + 1 for number in sorted(wanted)}
    last = max(rows.values())
    for chunk in read(files, connector):
        at = {row: position for position, row in enumerate(chunk.row_no.to_list())}
        here = [number for number, row in rows.items() if row in at]
        if here:
            yield here, chunk.cells[[at[rows[number]] for number in here]]
        if len(chunk.row_no) and chunk.row_no[-1] >= last:
            return


def rejected(
    batch_id: int,
    engine: Engine,
    keyring: Keyring,
    declarations: Path,
    by: str,
    *,
    after: int = 0,
    first: int | None = None,
) -> list[RejectedRow]:
    """The rows of a batch that wait, masked: rejected, and not tried again since; at most ``first``, behind ``after``.

    IntakeError: no such batch.
    """
    with engine.begin() as connection:
        delivered = found_batch(connection, batch_id)
        connector = read_connector(declarations, delivered.name)
        found = [*waiting(connection, delivered.root, keyring, after, first)]
        told = {"batch": batch_id, "rows": len(found)}
        _record(connection, keyring, Kind.rejected_rows_listed, by, delivered.name, told)
    return [RejectedRow(one.row_no, one.reasons, masked(one.cells, connector)) for one in found]


def report_back(
    batch_id: int,
    engine: Engine,
    keyring: Keyring,
    declarations: Path,
    path: Path,
    by: str,
    form: Literal["csv", "xlsx"] = "csv",
) -> int:
    """Write the rows of a batch that wait, as ``hub.intake.report`` says, with all their reasons; how many there are.

    In clear: it goes back to the department that delivered them, which may correct it and send it back.
    """
    with engine.begin() as connection:
        delivered = found_batch(connection, batch_id)
        connector = read_connector(declarations, delivered.name)
        found = [*waiting(connection, delivered.root, keyring)]
        told = {"batch": batch_id, "rows": len(found), "form": form}
        _record(connection, keyring, Kind.rejected_rows_exported, by, delivered.name, told)
    lines: dict[int, tuple[dict[str, str], list[str]]] = {}
    for one in found:  # of a row with several persons one line, with what is wrong of each
        number, slot = (one.row_no - 1) // connector.times + 1, (one.row_no - 1) % connector.times
        _, told_of = lines.setdefault(number, (one.cells, []))
        told_of += [in_chinese(reason, connector, slot) for reason in one.reasons]
    report.write(
        path,
        form,
        delivered.files,
        [Line(n, cells, "；".join(dict.fromkeys(reasons))) for n, (cells, reasons) in lines.items()],
    )
    return len(found)


def row_of(
    batch_id: int, row_no: int, engine: Engine, keyring: Keyring, declarations: Path, archive: Path, by: str
) -> dict[str, str]:
    """Row ``row_no`` of a batch as it was delivered, from the archive, in clear. IntakeError: there is none.

    A row keeps its number however often it is tried again: of a replay it is shown as it was corrected last by then.
    """
    with engine.begin() as connection:
        delivered = found_batch(connection, batch_id)
        told = {"batch": batch_id, "evidence_row": row_no}
        _record(connection, keyring, Kind.rejected_rows_listed, by, delivered.name, told)
        connector = read_connector(declarations, delivered.name)
        corrections = corrections_of(connection, delivered.root, connector.times, archive, keyring, until=batch_id)
    wanted = (row_no - 1) // connector.times + 1
    for correction in reversed(corrections):
        for chunk in correction.chunks(connector):
            for cells in chunk.cells.filter(chunk.row_no == wanted).iter_rows(named=True):
                return {column: text or "" for column, text in cells.items()}
    files = [archives.kept(file["name"], file["sha256"], archive, keyring) for file in delivered.files]
    for _, frame in cells_of(files, connector, {row_no}):
        return {column: text or "" for column, text in frame.row(0, named=True).items()}
    raise IntakeError("INTAKE_ROW", f"batch {batch_id} has no row {row_no}")


def masked(cells: dict[str, str], connector: Connector) -> dict[str, str]:
    """The cells of a row as an officer may see them: codes, dates and amounts; of identities the masked form."""
    hidden: set[str] = set()
    for name, field in connector.fields.items():
        columns = [*field.names, *names(field.id_from)]
        columns += [n for column in connector.repeat.get(name, []) for n in names(column)]
        # The column asked second of a personal field is as personal as the first.
        columns += names(field.or_from)
        if field.is_ in PERSONAL:
            hidden |= {normal(column)[0] for column in columns}
    ignored = {normal(column)[0] for column in connector.ignored}
    return {
        column: mask(text) if column in hidden or re.search(r"\d{11}", text) else text
        for column, text in cells.items()
        if column not in ignored and text
    }


def mask(text: str) -> str:
    """Of a number its last four characters, of anything else its first."""
    if len(text) >= 15 and text[:6].strip().isascii():
        return "*" * (len(text) - 4) + text[-4:]
    return text[:1] + "*" * min(len(text) - 1, 8) if len(text) > 1 else "*"


@dataclass(frozen=True, slots=True)
class Found:
    """A delivered batch. ``root``: its id, or that of the batch whose rows it tries again, whose the rest then is."""

    root: int
    name: str
    delivery_id: int
    form: str
    period: date
    sealed_at: datetime
    status: str
    files: list[dict[str, Any]]


def found_batch(connection: Connection, batch_id: int) -> Found:
    """IntakeError: there is no such batch."""
    asked = select(func.coalesce(batch.c.replays, batch.c.id)).where(batch.c.id == batch_id).scalar_subquery()
    found = connection.execute(
        select(
            batch.c.id, delivery.c.name, delivery.c.id, delivery.c.form, batch.c.period, batch.c.sealed_at,
            batch.c.status, batch.c.files,
        )
        .join(delivery, delivery.c.id == batch.c.delivery_id)
        .where(batch.c.id == asked)
    ).one_or_none()  # fmt: skip
    if found is None:
        raise IntakeError("INTAKE_BATCH", f"there is no batch {batch_id}")
    return Found(*found)


@dataclass(frozen=True, slots=True)
class Correction:
    """A report that came back corrected. ``rows``: those of it that were tried; the others count nothing."""

    file: Delivered
    rows: frozenset[int]

    def chunks(self, connector: Connector) -> Iterator[Chunk]:
        for chunk in report.corrected(self.file, connector):
            yield chunk.where(chunk.row_no.is_in(self.rows))


def corrections_of(
    connection: Connection, root: int, times: int, archive: Path, keyring: Keyring, until: int | None = None
) -> list[Correction]:
    """The reports that came back corrected for a batch, the oldest first, as they lie in the archive."""
    tried = (
        select(rejected_row.c.replayed_in, func.array_agg(rejected_row.c.row_no).label("numbers"))
        .group_by(rejected_row.c.replayed_in)
        .subquery()
    )
    rows = connection.execute(
        select(batch.c.files, tried.c.numbers)
        .join(tried, tried.c.replayed_in == batch.c.id)
        .where(batch.c.replays == root, batch.c.id <= (until or sys.maxsize))
        .order_by(batch.c.id)
    )
    return [
        Correction(
            archives.kept(file["name"], file["sha256"], archive, keyring),
            frozenset((number - 1) // times + 1 for number in numbers),
        )
        for files, numbers in rows
        for file in files
    ]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A rejected row that was not tried again since, in clear. ``batch_id``: the batch that holds it."""

    batch_id: int
    row_no: int
    reasons: list[str]
    cells: dict[str, str]


def waiting(
    connection: Connection, root: int, keyring: Keyring, after: int = 0, first: int | None = None
) -> Iterator[Waiting]:
    """The rows of a batch that wait, in the batch itself or in one that tried them again; each number once."""
    rows = connection.execute(
        select(rejected_row)
        .join(batch, batch.c.id == rejected_row.c.batch_id)
        .where(
            func.coalesce(batch.c.replays, batch.c.id) == root,
            rejected_row.c.replayed_in.is_(None),
            rejected_row.c.row_no > after,
        )
        .order_by(rejected_row.c.row_no)
        .limit(first)
    )
    for row in rows:
        cells = orjson.loads(keyring.open(bytes(row.sealed), _context(row.batch_id, row.row_no)))
        yield Waiting(row.batch_id, row.row_no, row.reasons, cells)


def _record(connection: Connection, keyring: Keyring, kind: Kind, by: str, name: str, details: dict[str, Any]) -> None:
    event = Event(kind=kind, outcome=Outcome.allowed, client=by, deliveries=[name], details=details)
    record_sync(connection, event, Signer(settings().log_origin, keyring.log_signer), seal=keyring.seal)
