"""Rows that were rejected: kept sealed with all their reasons, listed masked, reported back to whoever delivered them.

In charge of rejected rows and of showing a source row again from the archive; every look is recorded in the access log
before anything is shown. Touches the database in the writer's role.
"""

import csv
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from sqlalchemy import Connection, Engine, select

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome
from hub.audit.log import record_sync
from hub.errors import IntakeError
from hub.intake import archive as archives
from hub.intake.chinese import in_chinese
from hub.intake.connector import PERSONAL, Connector, names, read_connector
from hub.intake.extract import Delivered, read
from hub.intake.extract.header import normal
from hub.sealing import Keyring
from hub.settings import settings
from hub.store.lineage import batch, delivery, rejected_row

REASON = "拒绝原因"
ROW = "数据行号"
MOST_REASONS = 50


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


def summary(counted: Counter[str]) -> dict[str, int]:
    """Reasons with how many rows each, the most frequent first."""
    return dict(counted.most_common(MOST_REASONS))


def count(counted: Counter[str], reasons: Iterable[Iterable[str]]) -> None:
    """Count reasons, those that name another row as one."""
    counted.update(re.sub(r"\brow \d+", "another row", reason) for row in reasons for reason in row)


def cells_of(
    files: list[Delivered], connector: Connector, wanted: set[int]
) -> Iterator[tuple[list[int], pl.DataFrame]]:
    """Rows of a delivery by their numbers, read again: numbers and cells, chunk after chunk."""
    rows = {number: (number - 1) // connector.times + 1 for number in sorted(wanted)}
    last = max(rows.values(), default=0)
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
    """The rejected rows of a batch, masked; at most ``first``, behind row ``after``. IntakeError: no such batch."""
    with engine.begin() as connection:
        name, _ = _batch(connection, batch_id)
        connector = read_connector(declarations, name)
        found = list(_opened(connection, batch_id, keyring, after, first))
        _record(connection, keyring, Kind.rejected_rows_listed, by, name, {"batch": batch_id, "rows": len(found)})
    return [RejectedRow(number, reasons, masked(cells, connector)) for number, reasons, cells in found]


def report_csv(batch_id: int, engine: Engine, keyring: Keyring, declarations: Path, path: Path, by: str) -> int:
    """Write the rejected rows in the department's own columns and words, with all their reasons; how many there are.

    Rows are numbered without titles and headers.
    UTF-8 with byte order mark, mode 0600, in clear: it goes back to the department that delivered it.
    """
    with engine.begin() as connection:
        name, _ = _batch(connection, batch_id)
        connector = read_connector(declarations, name)
        found = list(_opened(connection, batch_id, keyring))
        _record(connection, keyring, Kind.rejected_rows_exported, by, name, {"batch": batch_id, "rows": len(found)})
    columns = list(dict.fromkeys(column for _, _, cells in found for column in cells))
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8-sig", newline=""
    ) as file:
        writer = csv.writer(file)
        writer.writerow([ROW, *columns, REASON])
        for number, reasons, cells in found:
            row = (number - 1) // connector.times + 1
            told = "；".join(in_chinese(reason, connector) for reason in reasons)
            writer.writerow([row, *(cells.get(column, "") for column in columns), told])
    return len(found)


def row_of(
    batch_id: int, row_no: int, engine: Engine, keyring: Keyring, declarations: Path, archive: Path, by: str
) -> dict[str, str]:
    """Row ``row_no`` of a batch as it was delivered, from the archive, in clear. IntakeError: there is none."""
    with engine.begin() as connection:
        name, files = _batch(connection, batch_id)
        _record(connection, keyring, Kind.rejected_rows_listed, by, name, {"batch": batch_id, "evidence_row": row_no})
    connector = read_connector(declarations, name)
    delivered = [archives.kept(file["name"], file["sha256"], archive, keyring) for file in files]
    for _, cells in cells_of(delivered, connector, {row_no}):
        return {column: text or "" for column, text in cells.row(0, named=True).items()}
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


def _batch(connection: Connection, batch_id: int) -> tuple[str, list[dict[str, Any]]]:
    found = connection.execute(
        select(delivery.c.name, batch.c.files)
        .join(delivery, delivery.c.id == batch.c.delivery_id)
        .where(batch.c.id == batch_id)
    ).one_or_none()
    if found is None:
        raise IntakeError("INTAKE_BATCH", f"there is no batch {batch_id}")
    return found[0], found[1]


def _opened(
    connection: Connection, batch_id: int, keyring: Keyring, after: int = 0, first: int | None = None
) -> Iterator[tuple[int, list[str], dict[str, str]]]:
    wanted = (rejected_row.c.batch_id == batch_id, rejected_row.c.row_no > after)
    rows = connection.execute(select(rejected_row).where(*wanted).order_by(rejected_row.c.row_no).limit(first))
    for row in rows:
        yield row.row_no, row.reasons, orjson.loads(keyring.open(bytes(row.sealed), _context(batch_id, row.row_no)))


def _record(connection: Connection, keyring: Keyring, kind: Kind, by: str, name: str, details: dict[str, Any]) -> None:
    event = Event(kind=kind, outcome=Outcome.allowed, client=by, deliveries=[name], details=details)
    record_sync(connection, event, Signer(settings().log_origin, keyring.log_signer), seal=keyring.seal)
