"""Intake: a department's delivery becomes facts, whole or not at all.

In charge of the order — archive, extract, map, prepare, stage, judge, write — and of the transaction in which facts,
rejected rows, batch and access-log event commit together. Refuses a batch with an ``IntakeError`` that says why, and
records that it did. Touches the database in the writer's role. No message holds a personal value.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import polars as pl
import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from hub.errors import IntakeError
from hub.intake import archive as archives
from hub.intake import disagreement, projection, store, tables
from hub.intake import manifest as manifests
from hub.intake import replay as replaying
from hub.intake.batch import (
    Batch,
    BatchReport,
    Progress,
    doubts,
    judged,
    loaded_before,
    record_in_vain,
    record_refusal,
    refuse_older,
    reported,
    untimely,
    warned,
    write,
)
from hub.intake.connector import Connector, connector_names, read_connector
from hub.intake.drift import told_whole
from hub.intake.extract import Delivered, Report, misnamed, read
from hub.intake.known import recall
from hub.intake.outcome import digest_of
from hub.intake.quality import drift, spark, trend
from hub.intake.rejected import RejectedRow, rejected, report_back, row_of
from hub.intake.rejoin import rejoin
from hub.intake.staging import cells_of_doubles, stage, take_doubles, written
from hub.intake.trial import Rehearsal
from hub.intake.withdraw import withdraw
from hub.sealing import Keyring

__all__ = [
    "BatchReport",
    "Connector",
    "Progress",
    "Rehearsal",
    "RejectedRow",
    "connector_names",
    "declare",
    "load",
    "read_connector",
    "rehearse",
    "rejected",
    "replay",
    "report_back",
    "row_of",
    "spark",
    "trend",
    "withdraw",
]


def _quietly(_stage: str, _done: int, _total: int | None) -> None: ...


def declare(engine: Engine, declarations: Path) -> list[str]:
    """Make every declared delivery known, delivered or not: only what is known can be missed. Their names."""
    names = connector_names(declarations)
    with engine.begin() as connection:
        raw = connection.connection.cursor()
        cursor: store.Cursor = raw  # type: ignore[assignment]  # psycopg's own cursor
        for name in names:
            store.delivery_id(cursor, read_connector(declarations, name))
    return names


def load(
    delivery: str,
    files: Sequence[Path | Delivered],
    *,
    period: date,
    engine: Engine,
    keyring: Keyring,
    declarations: Path,
    archive: Path,
    by: str,
    manifest: Path | None = None,
    channel: str = "file",
    position: Mapping[str, Any] | None = None,
    partial: bool = False,
    progress: Progress = _quietly,
) -> BatchReport:
    """Load the files of one delivery as one batch. ``engine``: in the writer's role.

    ``manifest``: where it is not beside the files or in a ZIP, and so found.
    ``channel``: how they came. ``position``: how far the channel has been fetched with them; it moves with the batch.
    ``partial``: they hold only what changed, so that nothing ends by its absence and no number of rows is expected.
    The same files for the same period (of a channel: at the same position) a second time, in any order, change nothing
    and give the first batch's report.
    IntakeError: the batch is refused, nothing of it is known, and the log says so. DeclarationError: no such delivery.
    """
    clock = perf_counter()
    connector = read_connector(declarations, delivery)
    paths = [file for file in files if isinstance(file, Path)]
    absent = [path for path in paths if not path.is_file()]
    if absent or not files:
        raise IntakeError("INTAKE_FILE", f"no file {absent[0].name}" if absent else "no file is given")
    delivered = [file if isinstance(file, Delivered) else Delivered.at(file) for file in files]
    progress("archive", 0, len(delivered))
    archive.mkdir(parents=True, exist_ok=True, mode=0o700)  # rows wait there too
    kept = [_told(file) for file in delivered]
    batch = Batch(
        connector=connector,
        period=period.replace(day=1),
        files=delivered,
        reports=[],
        digest=digest_of((bytes.fromhex(one["sha256"]) for one in kept), position),
        by=by,
        started=datetime.now(UTC),
        keyring=keyring,
        progress=progress,
        channel=channel,
        position=position,
        partial=partial,
        room=archive,
    )
    # A failing database is outermost: it says nothing of the delivery, so nothing of it is recorded.
    with _told_without_rows(delivery), ThreadPoolExecutor(1, "archive") as aside:
        archived = aside.submit(_archive, delivered, kept, archive, keyring)
        try:
            batch.manifests = _manifests(batch, kept, manifest or manifests.beside(paths), archive)
            with closing(batch.shelves), engine.begin() as connection:
                earlier, counts, refusal = _within(connection, engine, batch, kept)
                archived.result()  # nothing is known whose file is not kept
        except IntakeError as stopped:  # before anything was staged for good: say so in a transaction of its own
            refused = told_whole(stopped, batch.files, connector, batch.period)
            archived.result()
            with engine.begin() as connection:
                record_refusal(connection, batch, refused, kept)
            raise refused from None
    if refusal:
        raise refusal
    if earlier:
        return earlier
    return reported(batch, counts, kept, perf_counter() - clock)


def replay(
    batch_id: int,
    corrections: Path | None = None,
    *,
    engine: Engine,
    keyring: Keyring,
    declarations: Path,
    archive: Path,
    by: str,
    progress: Progress = _quietly,
) -> BatchReport:
    """Try the rejected rows of a batch again; ``corrections``: the report of them, sent back by the department.

    What loads now and what still does not are a batch of their own, as ``hub.intake.replay`` says; where nothing is
    new, none is made. IntakeError: these rows cannot be tried, or the file is not their report; nothing is changed.
    """
    clock = perf_counter()
    if corrections and not corrections.is_file():
        raise IntakeError("INTAKE_FILE", f"no file {corrections.name}")
    file = Delivered.at(corrections) if corrections else None
    kept = [_kept(file, archive, keyring)] if file else []
    with _told_without_rows(f"the rows of batch {batch_id}"):
        with engine.connect() as connection, connection.begin() as transaction:
            tried = replaying.again(
                connection, batch_id, file, kept, keyring=keyring, declarations=declarations, archive=archive, by=by,
                progress=progress,
            )  # fmt: skip
            if isinstance(tried, BatchReport):
                record_in_vain(connection, tried, by, keyring)
                return tried
            batch, cursor = tried.batch, connection.connection.cursor()
            with closing(batch.shelves):
                stage(cursor, engine, batch, tried.chunks)  # type: ignore[arg-type]
                replaying.settle(cursor, tried, take_doubles(cursor, batch))  # type: ignore[arg-type]
                at = store.instant(cursor)  # type: ignore[arg-type]
                counts = _write(cursor, batch, at)  # type: ignore[arg-type]
            in_vain = replaying.mark(connection, tried)
            if in_vain:
                transaction.rollback()
            else:
                write(connection, batch, kept, at, counts, None)
        if in_vain:
            with engine.begin() as connection:
                record_in_vain(connection, in_vain, by, keyring)
            return in_vain
    return reported(batch, counts, kept, perf_counter() - clock)


def rehearse(
    connector: Connector, files: list[Path], *, period: date, engine: Engine, keyring: Keyring, by: str
) -> Rehearsal:
    """What loading these files would do, learned by doing it in a transaction that is undone. Nothing remains of it.

    While it lasts, batches of the same delivery wait. IntakeError: the files cannot be read to their end.
    """
    delivered = [Delivered.at(path) for path in files]
    batch = Batch(
        connector=connector,
        period=period.replace(day=1),
        files=delivered,
        reports=[],
        digest=digest_of(archives.digest(file)[0] for file in delivered),
        by=by,
        started=datetime.now(UTC),
        keyring=keyring,
        progress=_quietly,
    )
    told = _told_without_rows(connector.name)
    with told, closing(batch.shelves), engine.connect() as connection, connection.begin() as undone:
        try:
            return _rehearsed(connection, engine, batch)
        finally:
            undone.rollback()


def _rehearsed(connection: Connection, engine: Engine, batch: Batch) -> Rehearsal:
    raw = connection.connection.cursor()
    cursor: store.Cursor = raw  # type: ignore[assignment]  # psycopg's own cursor, which knows COPY
    store.lock(cursor, batch.connector.name)
    batch.delivery = store.delivery_id(cursor, batch.connector)
    earlier, refusals = loaded_before(connection, batch), untimely(connection, batch)
    _read_in(cursor, engine, batch)
    doubles = take_doubles(cursor, batch)
    refusals += doubts(connection, batch)
    warnings, loaded = warned(connection, batch), batch.declared - batch.refused_rows
    # As ``_within`` would, but under no lock that other deliveries wait for: this instant is never reached by anybody.
    at = store.clock(cursor)
    fresh = written(batch, at)
    counts = store.write_facts(cursor, batch.connector, batch.delivery, at, batch.staged, fresh, whole=batch.whole)
    return Rehearsal(
        declared=batch.declared, rejected=batch.refused_rows, doubles=len(doubles),
        added=counts.added, changed=counts.changed, unchanged=loaded - counts.added - counts.changed,
        ended=counts.ended, refusals=refusals, warnings=warnings, already=earlier.batch_id if earlier else None,
    )  # fmt: skip


@contextmanager
def _told_without_rows(what: str) -> Iterator[None]:
    """Errors of a library quote the values it stumbled over: told is only what kind of error it was."""
    try:
        yield
    except (psycopg.Error, DBAPIError, pl.exceptions.PolarsError) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        raise IntakeError("INTAKE_DATABASE", f"the database did not take {what}", type(cause).__name__) from None


def _told(file: Delivered) -> Report:
    digest, length = archives.digest(file)
    return {"name": file.name, "bytes": length, "sha256": digest.hex()}


def _archive(files: Sequence[Delivered], told: Sequence[Report], archive: Path, keyring: Keyring) -> None:
    for file, one in zip(files, told, strict=True):
        archives.keep(file, bytes.fromhex(one["sha256"]), archive, keyring)


def _kept(file: Delivered, archive: Path, keyring: Keyring) -> Report:
    told = _told(file)
    _archive([file], [told], archive, keyring)
    return told


def _manifests(batch: Batch, kept: list[Report], path: Path | None, archive: Path) -> list[manifests.Checked]:
    """The manifests that the files agree with, kept like the files, and noted with each file.

    IntakeError: a manifest says otherwise, or a file is there twice.
    """
    if path is not None:
        for one in (path, manifests.signature_of(path)):
            if one.is_file():
                _kept(Delivered.at(one), archive, batch.keyring)
    digests = [one["sha256"] for one in kept]
    if len(set(digests)) < len(digests):
        raise IntakeError("INTAKE_FILE", "two files of the batch are the same, byte for byte", "", "give each once")
    checked = manifests.check(batch.files, digests, batch.connector, batch.period, path)
    for report in kept:
        told = [one.told for one in checked if one.covers(report["name"])]
        if told:
            report["manifests"] = told
    return checked


def _within(
    connection: Connection, engine: Engine, batch: Batch, kept: list[Report]
) -> tuple[BatchReport | None, store.Counts, IntakeError | None]:
    """Everything of a batch that commits together: an earlier report, or what changed, or why it is refused."""
    raw = connection.connection.cursor()
    cursor: store.Cursor = raw  # type: ignore[assignment]  # psycopg's own cursor, which knows COPY
    store.lock(cursor, batch.connector.name)
    batch.delivery = store.delivery_id(cursor, batch.connector)
    nothing = store.Counts(0, 0, 0)
    earlier = loaded_before(connection, batch)
    if earlier:
        return earlier, nothing, None
    refuse_older(connection, batch)
    batch.id = store.next_batch(cursor)
    _read_in(cursor, engine, batch)
    refusal, doubles = judged(connection, batch), []
    if refusal is None:
        doubles = take_doubles(cursor, batch)
        refusal = judged(connection, batch)
    batch.warnings += warned(connection, batch)
    batch.warnings += drift(connection, batch.delivery, batch.connector, batch.quality)
    at, counts = store.instant(cursor), nothing
    with ThreadPoolExecutor(1, "doubles") as aside:  # their cells are read again while the database writes
        cells = aside.submit(cells_of_doubles, batch, doubles)
        if refusal is None:
            batch.progress("write", 0, batch.declared)
            counts = _write(cursor, batch, at)
        tables.copy_text(cursor, "rejected_row", cells.result())
    if refusal is None and batch.position is not None:
        store.move_position(cursor, batch.delivery, batch.id, batch.position)
    batch.warnings += misnamed(batch.reports)
    write(connection, batch, kept, at, counts, refusal)
    batch.progress("write", batch.declared, batch.declared)
    return None, counts, refusal


def _read_in(cursor: store.Cursor, engine: Engine, batch: Batch) -> None:
    """Everything of the files into the staging, or among the rejected rows."""
    known = recall(cursor, batch.connector, batch.delivery) if batch.whole else None
    stage(cursor, engine, batch, read(batch.files, batch.connector, batch.reports), known)
    manifests.recount(batch.manifests, batch.reports)
    batch.progress("judge", batch.declared, batch.declared)


def _write(cursor: store.Cursor, batch: Batch, at: datetime) -> store.Counts:
    """Make the facts, and all that follows from them, what is known from now on."""
    connector, staged = batch.connector, batch.staged
    fresh = written(batch, at)
    counts = store.write_facts(cursor, connector, batch.delivery, at, staged, fresh, whole=batch.whole)
    if counts.unknown:
        batch.warnings.append(f"{counts.unknown} rows end facts that {connector.name} never said")
    store.introduce(cursor, batch.delivery, batch.id, at)
    disagreement.find(cursor, connector, batch.delivery, batch.id, at)
    named = store.keep_aliases(cursor, connector, batch.id)
    store.renew_statistics(cursor, connector.target, counts.added + counts.changed)
    projection.refresh(cursor, connector, batch.delivery, at, staged, whole=batch.whole)
    if named:
        rejoin(cursor, batch.id, at, batch.keyring)
    return counts
