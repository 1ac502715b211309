"""Channels: fetching a delivery from where it is, a front-end database or an HTTP service, and loading it.

In charge of the order: what a broken fetch left is gone on with, what is new is fetched into the spool, loaded as one
batch together with the position it reaches, written back where the department allows it, and only then let go. Killed
at any moment, the same call goes on. Refuses to fetch a delivery twice at a time. Touches the hub's database in the
writer's role, and the department's as its source says.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, select, text

from hub.errors import IntakeError
from hub.intake import load
from hub.intake.batch import BatchReport, Progress
from hub.intake.connector import Connector, read_connector
from hub.intake.extract.header import OPERATION, Header, check, normal
from hub.sealing import Keyring
from hub.store.lineage import channel_position, delivery, rejected_row

from . import database, http
from .form import Database, Source, read_sources, shown
from .spool import Spool, State

__all__ = ["Found", "Source", "fetch", "read_sources", "shown", "try_source"]

#: How long what a broken fetch left may be gone on with: its pages and later ones must be of one list.
LEFT = timedelta(hours=24)


def _quietly(_stage: str, _done: int, _total: int | None) -> None: ...


def fetch(
    name: str,
    source: Source,
    *,
    period: date,
    engine: Engine,
    keyring: Keyring,
    declarations: Path,
    archive: Path,
    spool: Path,
    by: str,
    progress: Progress = _quietly,
) -> BatchReport:
    """Fetch what is new of a delivery, and load it as one batch of ``period``.

    An incremental fetch that finds nothing is a batch of no rows: it says that nothing had changed by then.
    ``spool``: the folder of what is fetched and not yet loaded. IntakeError: it cannot be fetched, or is refused.
    """
    connector = read_connector(declarations, name)
    with _alone(engine, name):
        since, batch = _position(engine, name)
        left = Spool.left(spool / name, keyring)
        if left is not None and left.state.position is not None and left.state.position == since:
            _let_go(left, source, connector, engine, batch)  # committed, and then broken off
            left = None
        if left is None or not _goes_on(left.state, source, since):
            asked = datetime.now(UTC).isoformat()
            left = Spool.begin(spool / name, keyring, State(_fingerprint(source), asked, since))
        try:
            if left.state.position is None:
                _fill(left, source, connector, progress)
            report = _load(
                left, name, source, period=period, engine=engine, keyring=keyring, declarations=declarations,
                archive=archive, by=by, progress=progress,
            )  # fmt: skip
        except http.ShiftedError:
            left.discard()
            raise
        notes = [*report.warnings, *left.state.notes]
        try:
            _let_go(left, source, connector, engine, report.batch_id)
        except IntakeError as error:  # the batch stands; the next fetch writes back first, and fails if it cannot
            notes.append(f"loaded, but its state is not written back yet. {error}")
        return replace(report, warnings=notes)


def _load(left: Spool, name: str, source: Source, **parts: Any) -> BatchReport:
    asked = datetime.fromisoformat(left.state.asked)
    file = left.delivered(f"{name.replace('/', '-')}-{asked:%Y%m%dT%H%M%SZ}.jsonl")
    try:
        return load(
            name, [file], channel="database" if isinstance(source, Database) else "http",
            position=left.state.position, partial=_partial(source), **parts,
        )  # fmt: skip
    except IntakeError as refused:
        if refused.code != "INTAKE_DATABASE":  # refused for what it says: the next fetch asks anew
            left.discard()
        raise


def _partial(source: Source) -> bool:
    """Whether a fetch holds only what changed."""
    return source.mode == "incremental" if isinstance(source, Database) else source.since is not None


def _fill(spool: Spool, source: Source, connector: Connector, progress: Progress) -> None:
    if not isinstance(source, Database):
        return http.pages(source, connector, spool, progress)
    one_state = source.mode == "snapshot"
    with database.connected(source, connector, one_state=one_state) as front:
        return (database.whole if one_state else database.since)(front, spool, progress)


def _let_go(spool: Spool, source: Source, connector: Connector, engine: Engine, batch: int) -> None:
    """What follows the commit: the department is told, and the spool is emptied. May be done again."""
    if isinstance(source, Database) and source.processed:
        refused = select(rejected_row.c.row_no).where(rejected_row.c.batch_id == batch)
        with engine.connect() as connection:
            numbers = set(connection.execute(refused).scalars())
        with database.connected(source, connector) as front:
            database.write_back(front, spool, numbers, connector.times)
    spool.discard()


def _goes_on(state: State, source: Source, since: dict[str, Any] | None) -> bool:
    """Whether a fetch that was broken off may be gone on with: of the same source, from the same position, and fresh.

    A database is read again from the position, which costs the hub no call: what it shows is one moment.
    """
    fresh = datetime.now(UTC) - datetime.fromisoformat(state.asked) < LEFT
    whole = state.position is not None or not isinstance(source, Database)
    return fresh and whole and state.source == _fingerprint(source) and state.since == since


def _fingerprint(source: Source) -> str:
    """What tells a source from another; credentials may change, and are not in it."""
    said = source.model_dump(mode="json", exclude={"auth": True, "headers": True})
    if isinstance(source, Database):
        said["url"] = shown(source)
    return sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _position(engine: Engine, name: str) -> tuple[dict[str, Any] | None, int]:
    """How far the delivery has been fetched, and the batch that took it so far."""
    asked = (
        select(channel_position.c.position, channel_position.c.batch_id)
        .join(delivery, delivery.c.id == channel_position.c.delivery_id)
        .where(delivery.c.name == name)
    )
    with engine.connect() as connection:
        row = connection.execute(asked).one_or_none()
    return (None, 0) if row is None else (row[0], row[1])


@contextmanager
def _alone(engine: Engine, name: str) -> Iterator[None]:
    """One fetch of a delivery at a time, on whatever machine; ends with the process."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        key = {"name": f"fetch:{name}"}
        if not connection.scalar(text("select pg_try_advisory_lock(hashtextextended(:name, 7201))"), key):
            raise IntakeError("INTAKE_CHANNEL", f"{name} is being fetched already", "", "wait until that fetch ends")
        try:
            yield
        finally:
            connection.execute(text("select pg_advisory_unlock(hashtextextended(:name, 7201))"), key)


@dataclass(frozen=True, slots=True)
class Found:
    """What trying a source showed. ``problem``: why it cannot be fetched from; ``notes``: what else to look at."""

    delivery: str
    kind: str
    where: str
    problem: str | None = None
    notes: tuple[str, ...] = ()


def try_source(name: str, source: Source, declarations: Path) -> Found:
    """Reach a source, hold its columns against the connector, and try the rights; fetches and changes nothing."""
    notes: list[str] = []
    try:
        connector = read_connector(declarations, name)
        if isinstance(source, Database):
            with database.connected(source, connector) as front:
                database.tried(front)
        else:
            notes += _tried_service(source, connector)
    except IntakeError as error:
        return Found(name, source.kind, shown(source), str(error))
    return Found(name, source.kind, shown(source), notes=tuple(notes))


def _tried_service(source: Any, connector: Connector) -> Iterator[str]:
    headers, skew = http.tried(source, connector)
    said = [normal(one)[0] for one in headers] + ([OPERATION] if source.operation else [])
    if headers:
        check(Header(tuple(said), frozenset(), 0, 1), connector, shown(source))
    else:
        yield "its first page is empty, so that its columns are not known"
    if abs(skew) > http.SKEW:
        yield f"the clocks are {abs(skew):.0f} seconds apart"
    if source.url.startswith("http:") and "//127.0.0.1" not in source.url:
        yield "not encrypted on its way"
