"""Intake: a department's delivery becomes facts, whole or not at all.

In charge of the order — archive, extract, map, prepare, stage, judge, write — and of the transaction in which facts,
rejected rows, batch and access-log event commit together. Refuses a batch with an ``IntakeError`` that says why, and
records that it did. Touches the database in the writer's role. No message holds a personal value.
"""

import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

import polars as pl
import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from hub.errors import IntakeError
from hub.intake import archive as archives
from hub.intake import manifest as manifests
from hub.intake import prepare as preparing
from hub.intake import projection, store
from hub.intake.batch import (
    Batch,
    BatchReport,
    Progress,
    described,
    doubts,
    judged,
    loaded_before,
    record_refusal,
    refuse_older,
    untimely,
    warned,
    write,
)
from hub.intake.connector import Connector, connector_names, read_connector
from hub.intake.drift import told_whole
from hub.intake.extract import Chunk, Delivered, Report, misnamed, read
from hub.intake.known import Known, not_alone, recall
from hub.intake.map import map_chunk
from hub.intake.outcome import digest_of
from hub.intake.prepare import Employers, Prepared
from hub.intake.rejected import (
    RejectedRow,
    cells_of,
    count,
    rejected,
    report_csv,
    row_of,
    sealed_rows,
    summary,
)
from hub.intake.trial import Rehearsal
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
    "report_csv",
    "row_of",
]


#: Chunks prepared at a time. Cryptography takes turns (the interpreter's lock), work on whole columns does not.
WORKERS = 2


#: Seconds after which a thread hands on the interpreter. With the usual five thousandths, COPY would wait longer for
#: its turn among the threads that prepare than PostgreSQL takes for the rows.
TURN = 1e-4


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
    files: list[Path],
    *,
    period: date,
    engine: Engine,
    keyring: Keyring,
    declarations: Path,
    archive: Path,
    by: str,
    manifest: Path | None = None,
    channel: str = "file",
    progress: Progress = _quietly,
) -> BatchReport:
    """Load the files of one delivery as one batch. ``engine``: in the writer's role.

    ``manifest``: where it is not beside the files or in a ZIP, and so found.
    The same files for the same period a second time, in any order, change nothing and give the first batch's report.
    IntakeError: the batch is refused, nothing of it is known, and the log says so. DeclarationError: no such delivery.
    """
    clock = perf_counter()
    connector = read_connector(declarations, delivery)
    absent = [path for path in files if not path.is_file()]
    if absent or not files:
        raise IntakeError("INTAKE_FILE", f"no file {absent[0].name}" if absent else "no file is given")
    delivered = [Delivered.at(path) for path in files]
    progress("archive", 0, len(delivered))
    kept = [_kept(file, archive, keyring) for file in delivered]
    batch = Batch(
        connector=connector,
        period=period.replace(day=1),
        files=delivered,
        reports=[],
        digest=digest_of(bytes.fromhex(one["sha256"]) for one in kept),
        by=by,
        started=datetime.now(UTC),
        keyring=keyring,
        progress=progress,
        channel=channel,
    )
    try:
        batch.manifests = _manifests(batch, kept, manifest or manifests.beside(files), archive)
        with engine.begin() as connection:
            earlier, counts, refusal = _within(connection, engine, batch, kept)
    except IntakeError as stopped:  # before anything was staged for good: say so in a transaction of its own
        refused = told_whole(stopped, batch.files, connector, batch.period)
        with engine.begin() as connection:
            record_refusal(connection, batch, refused, kept)
        raise refused from None
    except (psycopg.Error, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        name = type(cause).__name__
        raise IntakeError("INTAKE_DATABASE", f"the database did not take {delivery}", name) from None
    if refusal:
        raise refusal
    if earlier:
        return earlier
    return BatchReport(
        batch_id=batch.id, delivery=delivery, period=batch.period, declared=batch.declared,
        loaded=batch.declared - batch.refused_rows, rejected=batch.refused_rows,
        added=counts.added, changed=counts.changed, ended=counts.ended,
        files=described(batch, kept), seconds=perf_counter() - clock,
        reasons=summary(batch.reasons), warnings=batch.warnings,
    )  # fmt: skip


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
    with engine.connect() as connection, connection.begin() as undone:
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
    doubles = _take_doubles(cursor, batch)
    refusals += doubts(connection, batch)
    warnings, loaded = warned(connection, batch), batch.declared - batch.refused_rows
    # As ``_within`` would, but under no lock that other deliveries wait for: this instant is never reached by anybody.
    at = store.clock(cursor)
    counts = store.write_facts(cursor, batch.connector, batch.delivery, batch.id, at, batch.staged)
    return Rehearsal(
        declared=batch.declared, rejected=batch.refused_rows, doubles=len(doubles),
        added=counts.added, changed=counts.changed, unchanged=loaded - counts.added - counts.changed,
        ended=counts.ended, refusals=refusals, warnings=warnings, already=earlier.batch_id if earlier else None,
    )  # fmt: skip


@contextmanager
def _short_turns() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _kept(file: Delivered, archive: Path, keyring: Keyring) -> Report:
    digest, length = archives.digest(file)
    archives.keep(file, digest, archive, keyring)
    return {"name": file.name, "bytes": length, "sha256": digest.hex()}


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
        doubles = _take_doubles(cursor, batch)
        refusal = judged(connection, batch)
    batch.warnings += warned(connection, batch)
    at, counts = store.instant(cursor), nothing
    with ThreadPoolExecutor(1, "doubles") as aside:  # their cells are read again while the database writes
        cells = aside.submit(_cells_of, batch, doubles)
        if refusal is None:
            batch.progress("write", 0, batch.declared)
            counts = _write(cursor, batch, at)
        store.copy(cursor, "rejected_row", cells.result())
    batch.warnings += misnamed(batch.reports)
    write(connection, batch, kept, at, counts, refusal)
    batch.progress("write", batch.declared, batch.declared)
    return None, counts, refusal


def _read_in(cursor: store.Cursor, engine: Engine, batch: Batch) -> None:
    """Everything of the files into the staging, or among the rejected rows."""
    store.make_staging(cursor, batch.connector)
    known = recall(cursor, batch.connector, batch.delivery)
    with _short_turns(), engine.connect() as other, closing(other.connection.cursor()) as lookups:
        employers = Employers(batch.keyring, lambda numbers: store.aliases(lookups, numbers))  # type: ignore[arg-type]
        chunks = read(batch.files, batch.connector, batch.reports)
        with closing(_ahead(chunks, _preparer(batch, employers, known))) as made:
            for ready in made:
                _count(batch, ready)
                _stage(cursor, batch, ready)
        if known is not None:
            _stage_known(cursor, batch, employers, known)
    manifests.recount(batch.manifests, batch.reports)
    batch.progress("judge", batch.declared, batch.declared)


def _write(cursor: store.Cursor, batch: Batch, at: datetime) -> store.Counts:
    """Make the facts, and all that follows from them, what is known from now on."""
    connector, staged = batch.connector, batch.staged
    counts = store.write_facts(cursor, connector, batch.delivery, batch.id, at, staged)
    store.introduce(cursor, batch.delivery, batch.id, at)
    store.keep_aliases(cursor, connector, batch.id)
    store.renew_statistics(cursor, connector.target, counts.added + counts.changed)
    projection.refresh(cursor, connector, batch.delivery, at, staged)
    return counts


@dataclass(frozen=True, slots=True)
class _Ready:
    """One chunk ready to be copied. ``rows``: for the staging; ``keys``: row_no, and a hash of what it is about."""

    prepared: Prepared
    rows: store.Rows
    keys: pl.DataFrame


def _preparer(
    batch: Batch, employers: Employers, known: Known | None, only: set[int] | None = None
) -> Callable[[Chunk], list[_Ready]]:
    """What makes chunks ready. ``known``: what need not be staged; ``only``: the rows wanted, all by default."""
    key = store.key_of(batch.connector)

    def ready(chunk: Chunk) -> Iterator[_Ready]:
        for whole in map_chunk(chunk, batch.connector, batch.period):
            part = whole if only is None else whole.only(only)
            prepared = preparing.prepare(part, batch.connector, batch.keyring, employers, known)
            keys = prepared.rows.select("row_no", key=pl.struct(key).hash())
            yield _Ready(prepared, store.written(prepared.rows), keys)

    return lambda chunk: list(ready(chunk))


def _ahead(chunks: Iterator[Chunk], prepare: Callable[[Chunk], list[_Ready]]) -> Generator[_Ready]:
    """The chunks prepared, in order; the next ones are read and prepared while the caller works on this one."""
    with ThreadPoolExecutor(1, "read") as reader, ThreadPoolExecutor(WORKERS, "prepare") as pool:
        coming: deque[Future[list[_Ready]]] = deque()
        following = reader.submit(next, chunks, None)
        while (chunk := following.result()) is not None:
            following = reader.submit(next, chunks, None)
            coming.append(pool.submit(prepare, chunk))
            if len(coming) > WORKERS:
                yield from coming.popleft().result()
        while coming:
            yield from coming.popleft().result()


def _count(batch: Batch, ready: _Ready) -> None:
    prepared = ready.prepared
    batch.declared += len(prepared.rows) + prepared.known + len(prepared.bad)
    batch.refused_rows += len(prepared.bad)
    count(batch.reasons, prepared.bad.get_column("reasons").to_list())
    batch.progress("read", batch.declared, None)


def _stage_known(cursor: store.Cursor, batch: Batch, employers: Employers, known: Known) -> None:
    """Stage after all what is known but does not stand alone, read again; tell what was not said again."""
    if wanted := not_alone(cursor, batch.connector, batch.delivery, batch.staged, known):
        known.take_back(wanted)
        again = read(batch.files, batch.connector)
        with closing(_ahead(again, _preparer(batch, employers, None, set(wanted)))) as made:
            for ready in made:
                _stage(cursor, batch, ready)
    store.copy(cursor, "unsaid", store.written(known.unsaid()))


def _stage(cursor: store.Cursor, batch: Batch, ready: _Ready) -> None:
    """Copy one chunk into the staging tables, and its rejected rows to where they are kept."""
    prepared = ready.prepared
    store.copy(cursor, "staging", ready.rows)
    if prepared.persons is not None and len(prepared.persons):
        new = store.unknown_persons(cursor, prepared.persons.get_column("person_key").to_list())
        people = prepared.persons.filter(prepared.persons.get_column("person_key").is_in(list(new)))
        if len(people):
            store.copy(cursor, "new_person", store.written(preparing.introductions(people, batch.keyring)))
    if prepared.employers is not None:
        introduced = preparing.introduced_employers(prepared.employers, batch.keyring)
        store.copy(cursor, "new_employer", store.written(introduced))
    store.copy(cursor, "subject", store.written(prepared.subjects.to_frame("key")))
    bad = sealed_rows(prepared.bad, prepared.source, batch.id, batch.keyring)
    store.copy(cursor, "rejected_row", store.written(bad))
    batch.keys.append(ready.keys)
    batch.staged += len(prepared.rows)


def _take_doubles(cursor: store.Cursor, batch: Batch) -> list[store.Double]:
    """Take the rows that say a fact twice out of the staging, and count them as rejected."""
    keys = pl.concat(batch.keys) if batch.keys else pl.DataFrame({"row_no": [], "key": []})
    suspects = keys.filter(keys.get_column("key").is_duplicated()).get_column("row_no").to_list()
    batch.keys.clear()
    doubles = store.take_doubles(cursor, batch.connector, suspects) if suspects else []
    count(batch.reasons, ([double.reason] for double in doubles))
    batch.refused_rows += len(doubles)
    batch.staged -= len(doubles)
    return doubles


def _cells_of(batch: Batch, doubles: list[store.Double]) -> store.Rows:
    """Doubles as rejected rows. They were staged, so that their cells are to be read again."""
    by_number = {double.row_no: double for double in doubles}
    found = []
    for numbers, cells in cells_of(batch.files, batch.connector, set(by_number)):
        here = [by_number[number] for number in numbers]
        bad = pl.DataFrame(
            {
                "row_no": pl.Series(numbers, dtype=pl.Int32),
                "reasons": [[double.reason] for double in here],
                "subjects": pl.Series([double.subjects for double in here], dtype=pl.List(pl.String)),
            }
        )
        found.append(sealed_rows(bad, cells, batch.id, batch.keyring))
    return store.written(pl.concat(found) if found else pl.DataFrame())
