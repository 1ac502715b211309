"""From chunks to staged rows, and from staged rows to written ones: prepared by threads, ahead of the database.

In charge of what stands in the staging tables and on the shelves before a batch is judged, and of its rejected rows:
what is known is left out, what is said twice is taken out again. Runs inside the transaction of the batch; refuses
nothing.
"""

import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import polars as pl
from sqlalchemy import Engine, Uuid

from hub.intake import binary, disagreement, store, tables
from hub.intake import prepare as preparing
from hub.intake import replay as replaying
from hub.intake.batch import Batch
from hub.intake.connector import Connector
from hub.intake.extract import Chunk, read
from hub.intake.known import Known, not_alone
from hub.intake.map import Mapped, map_chunk
from hub.intake.prepare import Employers, Prepared
from hub.intake.quality import Quality, counted
from hub.intake.rejected import cells_of, count, sealed_rows

P = TypeVar("P")
R = TypeVar("R")

#: Chunks prepared at a time. Cryptography takes turns (the interpreter's lock), work on whole columns does not.
WORKERS = 2


#: Seconds after which a thread hands on the interpreter. With the usual five thousandths, COPY would wait longer for
#: its turn among the threads that prepare than PostgreSQL takes for the rows.
TURN = 1e-4


@dataclass(frozen=True, slots=True)
class _Ready:
    """One chunk ready to be staged.

    ``rows``: for the staging; ``keys``: row_no, and a hash of what it is about; ``said``: what is held against the
    register.
    """

    prepared: Prepared
    rows: tables.Rows
    keys: pl.DataFrame
    quality: Quality
    said: tables.Rows | None


def stage(
    cursor: store.Cursor, engine: Engine, batch: Batch, chunks: Iterator[Chunk], known: Known | None = None
) -> None:
    """Everything of ``chunks`` into the staging, or among the rejected rows; employers are looked up beside."""
    tables.make_staging(cursor, batch.connector)
    with _short_turns(), engine.connect() as other, closing(other.connection.cursor()) as lookups:
        employers = Employers(batch.keyring, lambda numbers: store.aliases(lookups, numbers))  # type: ignore[arg-type]
        with closing(_ahead(chunks, _preparer(batch, employers, known))) as made:
            for ready in made:
                _stage(cursor, batch, ready)
                _count(batch, ready)
        if known is not None:
            _stage_known(cursor, batch, employers, known)


def _preparer(
    batch: Batch, employers: Employers, known: Known | None, only: set[int] | None = None
) -> Callable[[Chunk], list[_Ready]]:
    """What makes chunks ready. ``known``: what need not be staged; ``only``: the rows wanted, all by default."""
    key = tables.key_of(batch.connector)
    compares = disagreement.compared(batch.connector)

    def spoken(prepared: Prepared, part: Mapped) -> tables.Rows | None:
        if not compares or prepared.persons is None:
            return None
        return tables.laid(batch.connector, "said", disagreement.said(prepared.persons, part.good, batch.keyring))

    def ready(chunk: Chunk) -> Iterator[_Ready]:
        for whole in map_chunk(chunk, batch.connector, batch.period):
            part = whole if only is None else whole.only(only)
            prepared = preparing.prepare(part, batch.connector, batch.keyring, employers, known)
            if batch.tried is not None:
                prepared = replaying.only(prepared, batch.tried)
            about = prepared.rows.select("row_no", *key)
            if prepared.ending is not None:
                about = pl.concat([about, prepared.ending])
            keys = about.select("row_no", key=pl.struct(key).hash())
            rows = tables.laid(batch.connector, "staging", prepared.rows)
            batch.shelves.put(_shelved(prepared.rows, batch.connector))
            yield _Ready(prepared, rows, keys, counted(part, batch.connector), spoken(prepared, part))

    return lambda chunk: list(ready(chunk))


def _shelved(rows: pl.DataFrame, connector: Connector) -> pl.DataFrame:
    """Prepared rows as they wait: laid as far as they can be, beside what is to be sealed and the key that binds it."""
    first = connector.target_table.c[connector.target_table.info["key"][0]]
    keys = rows.get_column(first.name)
    is_uuid = isinstance(first.type, Uuid)
    place = keys.bin.slice(0, 8).bin.reinterpret(dtype=pl.UInt64, endianness="big") if is_uuid else keys.hash()
    late = tables.late_of(connector)
    row = pl.Series(pl.from_arrow(binary.rows(rows, tables.prepared_of(connector), len(late))))
    sealed = (column.name for column in tables.sealed_of(connector))
    return rows.select("row_no", *sealed, key=first.name).with_columns(place=place, row=row)


def written(batch: Batch, at: datetime) -> Callable[[pl.Series], Iterator[memoryview]]:
    """What gives the rows of some numbers, as they are to be written: known from ``at``, in the order of their keys."""
    connector, keyring, columns = batch.connector, batch.keyring, tables.late_of(batch.connector)
    lineage = {"delivery_id": batch.delivery, "batch_id": batch.id, "known_from": at}

    def completed(rows: pl.DataFrame) -> list[memoryview]:
        contexts = preparing.contexts(connector.target, rows.get_column("key"))
        names = [column.name for column in tables.sealed_of(connector)]
        sealed = {name: preparing.seal(rows.get_column(name), contexts, keyring) for name in names}
        return [binary.content(binary.completed(rows.get_column("row"), sealed, columns, lineage))]

    return lambda wanted: _ahead(batch.shelves.take(wanted), completed)


def _ahead(parts: Iterator[P], prepare: Callable[[P], list[R]]) -> Generator[R]:
    """The parts prepared, in order; the next ones are read and prepared while the caller works on this one."""
    with ThreadPoolExecutor(1, "read") as reader, ThreadPoolExecutor(WORKERS, "prepare") as pool:
        coming: deque[Future[list[R]]] = deque()
        following = reader.submit(next, parts, None)
        while (part := following.result()) is not None:
            following = reader.submit(next, parts, None)
            coming.append(pool.submit(prepare, part))
            if len(coming) > WORKERS:
                yield from coming.popleft().result()
        while coming:
            yield from coming.popleft().result()


def _count(batch: Batch, ready: _Ready) -> None:
    prepared = ready.prepared
    batch.quality.add(ready.quality)
    batch.declared += len(ready.keys) + prepared.known + len(prepared.bad)
    batch.refused_rows += len(prepared.bad)
    count(batch.reasons, prepared.bad.get_column("reasons").to_list())
    batch.progress("read", batch.declared, None)


def _stage_known(cursor: store.Cursor, batch: Batch, employers: Employers, known: Known) -> None:
    """Stage after all what is known but does not stand alone, read again; tell what was not said again."""
    if wanted := not_alone(cursor, batch.connector, batch.delivery, batch.staged, known):
        known.take_back(wanted)
        matched = batch.quality.matched
        matched.subtract(dict.fromkeys(matched, len(wanted)))  # they were taken to be: now they are looked up
        again = read(batch.files, batch.connector)
        with closing(_ahead(again, _preparer(batch, employers, None, set(wanted)))) as made:
            for ready in made:
                _stage(cursor, batch, ready)
                matched.update(ready.quality.matched)
    tables.copy(cursor, tables.laid(batch.connector, "unsaid", known.unsaid()))


def _stage(cursor: store.Cursor, batch: Batch, ready: _Ready) -> None:
    """Copy one chunk into the staging tables, and its rejected rows to where they are kept."""
    connector, prepared = batch.connector, ready.prepared
    tables.copy(cursor, ready.rows)
    if ready.said is not None:
        tables.copy(cursor, ready.said)
    if prepared.persons is not None:
        keys = prepared.persons.get_column("person_key")
        new = prepared.persons.filter(~store.known(cursor, "person", keys))
        unknown = prepared.rows.get_column("person_key").is_in(new.get_column("person_key").implode())
        ready.quality.matched["person"] = prepared.known + len(unknown) - int(unknown.sum())
        if len(new):
            tables.copy(cursor, tables.laid(connector, "new_person", preparing.introductions(new, batch.keyring)))
    if prepared.employers is not None:
        keys = prepared.employers.get_column("employer_key")
        if connector.target != "employer":
            current = keys.filter(store.known(cursor, "employer", keys)).implode()
            about = prepared.rows.get_column(f"{connector.of_kind('employer')[-1]}_key")
            ready.quality.matched["employer"] = prepared.known + int(about.is_in(current).sum())
        introduced = preparing.introduced_employers(prepared.employers, batch.keyring)
        tables.copy(cursor, tables.laid(connector, "new_employer", introduced))
    tables.copy(cursor, tables.laid(connector, "subject", prepared.subjects.to_frame("key")))
    if prepared.ending is not None:
        tables.copy(cursor, tables.laid(connector, "ending", prepared.ending))
        batch.ordered = True
    bad = sealed_rows(prepared.bad, prepared.source, batch.id, batch.keyring)
    tables.copy_text(cursor, "rejected_row", bad)
    batch.keys.append(ready.keys)
    batch.staged += len(prepared.rows)


def take_doubles(cursor: store.Cursor, batch: Batch) -> list[store.Double]:
    """Take the rows that say a fact twice out of the staging, and count them as rejected."""
    keys = pl.concat(batch.keys) if batch.keys else pl.DataFrame({"row_no": [], "key": []})
    suspects = keys.filter(keys.get_column("key").is_duplicated()).get_column("row_no").to_list()
    batch.keys.clear()
    if batch.ordered:
        overtaken = store.take_overtaken(cursor, batch.connector, suspects) if suspects else 0
        if overtaken:
            batch.warnings.append(f"{overtaken} rows were overtaken by a later row of the same fact")
        return []
    doubles = store.take_doubles(cursor, batch.connector, suspects) if suspects else []
    if batch.tried is not None:
        doubles = [double for double in doubles if double.row_no in batch.tried]
    count(batch.reasons, ([double.reason] for double in doubles))
    batch.refused_rows += len(doubles)
    batch.staged -= len(doubles)
    return doubles


def cells_of_doubles(batch: Batch, doubles: list[store.Double]) -> pl.DataFrame:
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
    return pl.concat(found) if found else pl.DataFrame()


@contextmanager
def _short_turns() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
