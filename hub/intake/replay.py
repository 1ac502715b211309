"""Rejected rows tried again: after the connector was mended, or with their report, sent back corrected.

In charge of which rows are tried, of what they are compared with, and of what they may still say. What was tried goes
to a batch of its own (channel ``replay``), loaded or rejected with its reasons of now, so that declared = loaded +
rejected there too; the batch replayed keeps its numbers, and ``rejected_row.replayed_in`` says where a row went.
Refuses batches that were refused (nothing of them is known: load the files again) and snapshots that a later one has
overtaken. Runs inside the transaction of the batch, in the writer's role.

**A row keeps its number.** The batch is read again whole from the archive, with corrected rows in the place of those
they correct, so that a row is held against every other row of its batch: a duplicate stays one. A batch of corrections
keeps the file that brought them; one without a file rests on what came before it.

**A replay is never a snapshot.** It ends nothing, and it knows what its batch knew, however late it comes:

- a snapshot is replayed while it is the last one; a later one has said anew, or ended, whatever it could say;
- where a later batch has said something of the same fact, or ended it, the row changes nothing. It counts as loaded:
  what it asks is answered, by something better;
- where a fact from before is still current, and a later batch came that may have said it again without a trace, nobody
  knows which is newer: the row stays rejected, and says so;
- everything else is added or superseded as by any batch. A fact that a replay brought counts as said when its batch
  came, so that a row of a batch in between still supersedes it.

Trying rows again that still fail for the same reasons makes no batch; the same corrections a second time give the
first report.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import polars as pl
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, select, text

from hub.errors import IntakeError
from hub.intake import archive as archives
from hub.intake import report, store, tables
from hub.intake.batch import Batch, BatchReport, Progress, described, loaded_before
from hub.intake.connector import Connector, read_connector
from hub.intake.extract import Chunk, Delivered, Report, read
from hub.intake.prepare import Prepared
from hub.intake.rejected import (
    Found,
    Waiting,
    corrections_of,
    count,
    found_batch,
    sealed_rows,
    waiting,
)
from hub.sealing import Keyring
from hub.store import NO_EMPLOYER
from hub.store.lineage import batch as batches
from hub.store.lineage import rejected_row

UNSURE = "row: what is known says otherwise, and a later batch may have said so again"
#: Tables of which one row stands for what every delivery says: another's introduction of it is no better knowledge.
INTRODUCED = frozenset({"person", "employer"})


@dataclass(slots=True)
class Again:
    """A replay on its way. ``cells``: of each source row tried; ``moved``: the waiting rows that are tried."""

    root: Found
    batch: Batch
    chunks: Iterator[Chunk]
    cells: dict[int, dict[str, str]]
    moved: list[Waiting]
    times: int
    reasons: dict[int, list[str]] = field(default_factory=dict)  # of the rows that are rejected again


def again(
    connection: Connection,
    batch_id: int,
    corrections: Delivered | None,
    kept: list[Report],
    *,
    keyring: Keyring,
    declarations: Path,
    archive: Path,
    by: str,
    progress: Progress,
) -> Again | BatchReport:
    """What is tried again of a batch; or the report of the same corrections before, or of nothing that waits."""
    root = found_batch(connection, batch_id)
    cursor: store.Cursor = connection.connection.cursor()  # type: ignore[assignment]  # psycopg's own cursor
    store.lock(cursor, root.name)
    declared = read_connector(declarations, root.name)
    if root.status != "loaded":
        raise IntakeError(
            "INTAKE_REPLAY", f"batch {root.root} was refused: nothing of it is known, so no row of it stands alone",
            root.name, "mend what it was refused for, and load its files again: hub load",
        )  # fmt: skip
    delivery = store.delivery_id(cursor, declared)
    _refuse_overtaken(connection, root, declared)
    digest = sha256(f"replay:{root.root}:".encode())
    for one in kept:
        digest.update(bytes.fromhex(one["sha256"]))
    batch = Batch(
        connector=declared.model_copy(update={"delivery": "delta"}),  # what is not tried has not ended
        period=root.period,
        files=[corrections] if corrections else [],
        reports=[],
        digest=digest.digest(),
        by=by,
        started=datetime.now(UTC),
        keyring=keyring,
        progress=progress,
        delivery=delivery,
        channel="replay",
        replays=root.root,
    )
    if corrections and (earlier := loaded_before(connection, batch)):
        return earlier
    found = {one.row_no: one for one in waiting(connection, root.root, keyring)}
    before = corrections_of(connection, root.root, declared.times, archive, keyring)
    given: list[Chunk] = []
    rows: set[int] = set()
    if corrections:
        given, rows = _given(connection, corrections, batch, found)
    moved = [one for one in found.values() if not corrections or _source(one.row_no, declared) in rows]
    if not moved:
        return _nothing(batch, ["no row of it waits"])
    if corrections:
        batch.tried = frozenset(
            n for row in rows for n in range((row - 1) * declared.times + 1, row * declared.times + 1)
        )
    else:
        batch.tried = frozenset(one.row_no for one in moved)
    batch.id = store.next_batch(cursor)
    if not corrections:
        batch.digest = sha256(f"replay:{root.root}:{batch.id}".encode()).digest()
    files = [archives.kept(file["name"], file["sha256"], archive, keyring) for file in root.files]
    versions = [(one.rows, one.chunks(declared)) for one in before] + [(frozenset(rows), iter(given))]
    tried = Again(root, batch, iter(()), {}, moved, declared.times)
    tried.chunks = _checked(tried, _overlaid(files, declared, versions), same=not corrections)
    return tried


def _refuse_overtaken(connection: Connection, root: Found, connector: Connector) -> None:
    if connector.delivery != "snapshot":
        return
    last = connection.execute(
        select(batches.c.id, batches.c.period)
        .where(
            batches.c.delivery_id == root.delivery_id,
            batches.c.id > root.root,
            batches.c.status == "loaded",
            batches.c.replays.is_(None),
        )
        .order_by(batches.c.id.desc())
        .limit(1)
    ).one_or_none()
    if last:
        raise IntakeError(
            "INTAKE_REPLAY", f"batch {root.root} is no longer the last of {root.name}",
            f"batch {last.id} of {last.period:%Y-%m} is a later snapshot, which says all of it anew",
            f"see what waits of that one: hub rejected {last.id}",
        )  # fmt: skip


def _given(
    connection: Connection, corrections: Delivered, batch: Batch, found: dict[int, Waiting]
) -> tuple[list[Chunk], set[int]]:
    """The rows of the corrected report that wait, and their numbers; those that wait no more are told of."""
    given = list(report.corrected(corrections, batch.connector, batch.reports))
    numbers = {number for chunk in given for number in chunk.row_no.to_list()}
    ever = {
        _source(number, batch.connector)
        for number in connection.execute(
            select(rejected_row.c.row_no)
            .join(batches, batches.c.id == rejected_row.c.batch_id)
            .where((batches.c.id == batch.replays) | (batches.c.replays == batch.replays))
        ).scalars()
    }
    if strange := sorted(numbers - ever):
        raise IntakeError(
            "INTAKE_REPLAY", f"{corrections.name} corrects rows that batch {batch.replays} did not reject",
            f"rows {', '.join(map(str, strange[:10]))}", "is it the report of this batch?",
        )  # fmt: skip
    open_ = {_source(number, batch.connector) for number in found}
    if late := sorted(numbers - open_):
        shown = ", ".join(map(str, late[:10])) + (", …" if len(late) > 10 else "")
        batch.warnings.append(f"{len(late)} rows of {corrections.name} wait no more and were left out: {shown}")
    rows = numbers & open_
    return [chunk.where(chunk.row_no.is_in(rows)) for chunk in given], rows


def _source(number: int, connector: Connector) -> int:
    """The row of the file that a row of ours stands in."""
    return (number - 1) // connector.times + 1


def _overlaid(
    files: list[Delivered], connector: Connector, versions: list[tuple[frozenset[int], Iterator[Chunk]]]
) -> Iterator[Chunk]:
    """The rows of a batch, each as it was corrected last."""
    later = [frozenset[int]().union(*(rows for rows, _ in versions[place:])) for place in range(len(versions) + 1)]
    sources = [read(files, connector), *(chunks for _, chunks in versions)]
    for chunks, corrected in zip(sources, later, strict=True):
        for chunk in chunks:
            yield chunk.where(~chunk.row_no.is_in(corrected)) if corrected else chunk


def _checked(tried: Again, chunks: Iterator[Chunk], *, same: bool) -> Iterator[Chunk]:
    """The chunks as they pass; the cells of the rows tried are kept. ``same``: they must say what was rejected."""
    said = {(one.row_no - 1) // tried.times + 1: one.cells for one in tried.moved}
    wanted = {(number - 1) // tried.times + 1 for number in tried.batch.tried or ()}
    for chunk in chunks:
        here = chunk.where(chunk.row_no.is_in(wanted))
        for number, cells in zip(here.row_no.to_list(), here.cells.fill_null("").iter_rows(named=True), strict=True):
            tried.cells[number] = cells
            if same and _words(cells) != _words(said[number]):
                raise _otherwise(tried.root)
        yield chunk


def _words(cells: dict[str, str]) -> list[str]:
    """What a row says, whatever its headers are called."""
    return [cell for cell in cells.values() if cell]


def _otherwise(root: Found) -> IntakeError:
    return IntakeError(
        "INTAKE_REPLAY", f"the files of batch {root.root} are now read as other rows than when it was loaded",
        "rows are told by their numbers, and those have moved", "load the files again: hub load",
    )  # fmt: skip


def only(prepared: Prepared, tried: frozenset[int]) -> Prepared:
    """All rows, to be held against each other; but whom they introduce and what is rejected only of those tried."""
    mine = prepared.bad.get_column("row_no").is_in(tried)
    return replace(
        prepared,
        persons=_of(prepared.persons, tried),
        employers=_of(prepared.employers, tried),
        bad=prepared.bad.filter(mine),
        source=prepared.source.filter(mine),
    )


def _of(frame: pl.DataFrame | None, tried: frozenset[int]) -> pl.DataFrame | None:
    return None if frame is None else frame.filter(frame.get_column("row_no").is_in(tried))


def settle(cursor: store.Cursor, tried: Again, doubles: list[store.Double]) -> None:
    """Leave staged what may still be said, reject what may not, and count what was tried."""
    batch, connector = tried.batch, tried.batch.connector
    numbers = sorted(batch.tried or ())
    # What rows of the batch ended once, they do not end again: the fact may have been said anew since.
    ends = cursor.execute("select count(*) from ending where row_no = any(%s)", [numbers]).fetchone()
    if ends and ends[0]:
        raise IntakeError(
            "INTAKE_REPLAY", f"{ends[0]} of these rows end facts, and a replay ends nothing", "",
            "have the department send them anew with what it sends next",
        )  # fmt: skip
    cursor.execute("delete from ending")
    cursor.execute("delete from staging where row_no <> all(%s)", [numbers])
    row = cursor.execute("select count(*) from staging").fetchone()
    batch.declared = int(row[0] if row else 0) + batch.refused_rows
    _find_later(cursor, tried)
    same, target = store.same_fact(connector, batch.delivery), Identifier(connector.target)
    own = SQL("and t.status <> 'introduced'") if connector.target in INTRODUCED else SQL("")
    overtaken = cursor.execute(
        SQL("""
            delete from staging o using (
                select s.row_no from staging s join {target} t on {same}
                where (t.batch_id in (select id from later) or t.known_until in (select sealed_at from later)) {own}
            ) as known where o.row_no = known.row_no returning o.row_no
        """).format(target=target, same=same, own=own)
    ).fetchall()
    if overtaken:
        batch.warnings.append(f"{len(overtaken)} rows speak of what a later batch knows better; they change nothing")
    unsure = cursor.execute(
        SQL("""
            select s.row_no, array_remove(array_remove({subjects}, null), %s)::text[]
            from staging s join {target} t on {same} and t.known_until = {forever}
            where t.digest <> s.digest and t.delivery_id in (select delivery_id from later) {own}
        """).format(subjects=store.subjects_of(connector), target=target, same=same, forever=store.FOREVER, own=own),
        [NO_EMPLOYER],
    ).fetchall()
    refused = doubles + [store.Double(number, UNSURE, subjects) for number, subjects in unsure]
    gone = [one.row_no for one in refused] + [number for (number,) in overtaken]
    for table in ("staging", "new_person", "new_employer"):
        cursor.execute(SQL("delete from {} where row_no = any(%s)").format(Identifier(table)), [gone])
    batch.refused_rows += len(unsure)
    count(batch.reasons, ([UNSURE] for _ in unsure))
    _reject(cursor, tried, refused)
    rows = cursor.execute("select row_no, reasons from rejected_row where batch_id = %s", [batch.id]).fetchall()
    tried.reasons = dict(rows)


def _find_later(cursor: store.Cursor, tried: Again) -> None:
    """The batches that know better than the one replayed: those sealed after it, and what replays them."""
    cursor.execute(
        """
        create temp table later on commit drop as
        select b.id, b.delivery_id, b.sealed_at from batch b left join batch r on r.id = b.replays
        where b.status = 'loaded' and coalesce(r.sealed_at, b.sealed_at) > %s
        """,
        [tried.root.sealed_at],
    )


def _reject(cursor: store.Cursor, tried: Again, refused: list[store.Double]) -> None:
    if not refused:
        return
    bad = pl.DataFrame(
        {
            "row_no": pl.Series([one.row_no for one in refused], dtype=pl.Int32),
            "reasons": [[one.reason] for one in refused],
            "subjects": pl.Series([one.subjects for one in refused], dtype=pl.List(pl.String)),
        }
    )
    cells = [tried.cells[(one.row_no - 1) // tried.times + 1] for one in refused]
    names = dict.fromkeys(name for row in cells for name in row)
    source = pl.DataFrame({name: pl.Series([row.get(name) for row in cells], dtype=pl.String) for name in names})
    tables.copy_text(cursor, "rejected_row", sealed_rows(bad, source, tried.batch.id, tried.batch.keyring))


def mark(connection: Connection, tried: Again) -> BatchReport | None:
    """Say of the rows tried where they went. The report of it instead, where nothing new is known of any of them."""
    batch = tried.batch
    if not batch.files:
        if batch.declared != len(tried.moved):
            raise _otherwise(tried.root)
        if tried.reasons == {one.row_no: one.reasons for one in tried.moved}:
            return _nothing(batch, [f"{len(tried.moved)} rows wait as before: none can be loaded yet"])
    moved = text("""
        update rejected_row r set replayed_in = :batch
        from unnest(cast(:holders as bigint[]), cast(:numbers as int[])) as went (batch_id, row_no)
        where r.batch_id = went.batch_id and r.row_no = went.row_no
    """)
    holders, numbers = [one.batch_id for one in tried.moved], [one.row_no for one in tried.moved]
    connection.execute(moved, {"batch": batch.id, "holders": holders, "numbers": numbers})
    return None


def _nothing(batch: Batch, warnings: list[str]) -> BatchReport:
    """The report of a replay that made no batch."""
    return BatchReport(
        batch_id=batch.replays or 0, delivery=batch.connector.name, period=batch.period, declared=batch.declared,
        loaded=0, rejected=batch.refused_rows, added=0, changed=0, ended=0, files=described(batch, []), seconds=0.0,
        reasons=dict(batch.reasons), warnings=[*batch.warnings, *warnings], already=True,
    )  # fmt: skip
