"""Front-end databases (前置库): rows of one table, by their control columns, over any SQLAlchemy dialect.

In charge of reading a table whole in one transaction, or what was written since a watermark in pages by key, and of
writing the processing state back. A row committed late has a write time before rows seen already: every fetch begins
some hours before the last watermark, and what is seen again changes nothing. Refuses columns the connector does not
know, rows without write time or key, and keys that do not tell rows apart. Tried on PostgreSQL and MariaDB.
Touches the department's database; reads the hub's not at all. Messages name no value and no credential.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Connection,
    NullPool,
    Select,
    Update,
    and_,
    bindparam,
    column,
    create_engine,
    func,
    inspect,
    make_url,
    or_,
    select,
    table,
    types,
    update,
)
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, NoSuchTableError, SQLAlchemyError

from hub.errors import IntakeError
from hub.intake.batch import Progress
from hub.intake.connector import Connector, names
from hub.intake.extract.header import OPERATION, Header, check, declared, normal

from .form import Database, shown
from .rows import Lines
from .spool import Spool

#: What a URL without a driver means.
DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
#: What each isolation that shows one state of the whole table is called where it is not REPEATABLE READ.
ONE_STATE = {"oracle": "SERIALIZABLE", "mssql": "SNAPSHOT"}


@dataclass(slots=True)
class Front:
    """A table of a front-end database, connected to."""

    source: Database
    connector: Connector
    connection: Connection
    lines: Lines
    wanted: list[str] = field(default_factory=list)
    written_as: str = "instant"  # or day, or text

    @property
    def where(self) -> str:
        return shown(self.source)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.source.time_zone)


@contextmanager
def _told(source: Database) -> Iterator[None]:
    """What goes wrong in the department's database, without its words, which may quote rows and users."""
    try:
        yield
    except (NoSuchModuleError, ModuleNotFoundError):
        driver = make_url(source.url.get_secret_value()).drivername
        raise IntakeError(
            "INTAKE_CHANNEL", f"no driver for {driver} is installed", shown(source), "see connectors/README.md"
        ) from None
    except NoSuchTableError:
        raise IntakeError(
            "INTAKE_CHANNEL", "there is no such table, or no right to see it", shown(source), "ask the department"
        ) from None
    except DBAPIError as error:
        cause = error.orig
        first = cause.args[0] if cause is not None and cause.args else None
        code = getattr(cause, "sqlstate", None) or (first if isinstance(first, int) else "")
        raise IntakeError(
            "INTAKE_CHANNEL", "the front-end database cannot be reached, or refused",
            f"{shown(source)}: {type(cause).__name__} {code}".strip(), "try: hub sources check",
        ) from None  # fmt: skip
    except SQLAlchemyError as error:
        raise IntakeError(
            "INTAKE_CHANNEL", "the front-end database cannot be read", f"{shown(source)}: {type(error).__name__}"
        ) from None


@contextmanager
def connected(source: Database, connector: Connector, *, one_state: bool = False) -> Iterator[Front]:
    """The table, its columns held against the connector. ``one_state``: the connection sees it as it is at first."""
    with _told(source):
        given = make_url(source.url.get_secret_value())
        url = given.set(drivername=DRIVERS.get(given.drivername, given.drivername))
        name = url.get_backend_name()
        engine = create_engine(
            url, poolclass=NullPool, connect_args=_limits(name, source.seconds), hide_parameters=True
        )
        if one_state:
            engine = engine.execution_options(isolation_level=ONE_STATE.get(name, "REPEATABLE READ"))
        with engine.connect() as connection:
            _in_zone(connection, source.time_zone)
            zone = ZoneInfo(source.time_zone)
            ordered = source.mode == "incremental"
            front = Front(
                source, connector, connection, Lines(connector, source.columns, source.operation, ordered, zone)
            )
            _choose(front)
            yield front


def _limits(name: str, seconds: int) -> dict[str, Any]:
    if name == "postgresql":
        return {"connect_timeout": seconds, "options": f"-c statement_timeout={seconds * 1000}"}
    if name in {"mysql", "mariadb"}:
        return dict.fromkeys(("connect_timeout", "read_timeout", "write_timeout"), seconds)
    return {}


def _in_zone(connection: Connection, zone: str) -> None:
    """Have the server tell times in the source's zone, whatever its own is."""
    name = connection.dialect.name
    if name == "postgresql":
        connection.exec_driver_sql("select set_config('timezone', %s, false)", (zone,))
    elif name in {"mysql", "mariadb"}:
        offset = datetime.now(ZoneInfo(zone)).strftime("%z")
        connection.exec_driver_sql("set time_zone = %s", (f"{offset[:3]}:{offset[3:]}",))
    connection.commit()


def _choose(front: Front) -> None:
    """Hold the table's columns against the connector, and choose those to ask for."""
    source, known = front.source, declared(front.connector)
    found = {one["name"]: one["type"] for one in inspect(front.connection).get_columns(source.table, source.schema_)}
    front.connection.rollback()
    operation = [one for one in names(source.operation.from_ if source.operation else None) if one in found][:1]
    control = {*source.key, *source.columns, *operation, *([source.written] if source.written else [])}
    control |= {one.column for one in (source.switch, source.processed) if one}
    missing = sorted(control - found.keys())
    if missing or (source.operation and not operation):
        lacking = missing or names(source.operation.from_ if source.operation else None)
        raise IntakeError(
            "INTAKE_COLUMNS", f"the table has no column '{lacking[0]}'", front.where, "see the file of sources"
        )
    headers = {one: normal(front.lines.header(one))[0] for one in found}
    aside = {*control, *source.ignored} - source.columns.keys()
    data = [one for one in found if headers[one] in known or one not in aside]
    said = [headers[one] for one in data] + ([OPERATION] if front.lines.ordered or operation else [])
    check(Header(tuple(said), frozenset(), 0, 1), front.connector, front.where)
    front.wanted = [one for one in data if not front.lines.not_needed(one)]
    if source.written:
        kind = found[source.written]
        front.written_as = "text" if isinstance(kind, types.String) else "instant"
        if isinstance(kind, types.Date) and not isinstance(kind, types.DateTime):
            front.written_as = "day"
        if (front.written_as == "text") != (source.written_format is not None):
            raise IntakeError(
                "INTAKE_CHANNEL", f"'written_format' belongs to a write time that is text; '{source.written}' is not"
                if source.written_format else f"'{source.written}' is text: say its 'written_format'", front.where,
            )  # fmt: skip


def _asked(front: Front, *more: str) -> list[str]:
    """Every column to select: what is needed, and what controls."""
    operation = names(front.source.operation.from_ if front.source.operation else None)
    return list(dict.fromkeys([*front.wanted, *operation[:1], *more]))


def _selected(front: Front, asked: Sequence[str]) -> Select[Any]:
    source = front.source
    columns: list[ColumnElement[Any]] = [column(one) for one in asked]
    statement = select(*columns).select_from(table(source.table, schema=source.schema_))
    if source.switch:
        statement = statement.where(column(source.switch.column).in_(source.switch.on))
    return statement


def _mark(values: Sequence[Any]) -> list[Any]:
    """Values in a form that JSON keeps exactly."""
    return [_packed(value) for value in values]


def _packed(value: Any) -> Any:
    match value:
        case datetime():
            return {"t": value.isoformat()}
        case date():
            return {"d": value.isoformat()}
        case Decimal():
            return {"n": str(value)}
        case int() | str() | None:
            return value
    return str(value)


def _unpacked(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    readers: dict[str, Callable[[str], Any]] = {"t": datetime.fromisoformat, "d": date.fromisoformat, "n": Decimal}
    [(kind, text)] = value.items()
    return readers[kind](text)


def whole(front: Front, spool: Spool, progress: Progress) -> None:
    """Every row of the table, as it is at one moment."""
    with _told(front.source):
        asked = _asked(front, *front.source.key)
        run = front.connection.execution_options(stream_results=True, yield_per=front.source.page_rows)
        for part in run.execute(_selected(front, asked)).mappings().partitions(front.source.page_rows):
            _keep(front, spool, [dict(row) for row in part], None)
            progress("fetch", spool.state.rows, None)
        front.connection.rollback()
    spool.finish({"kind": "database", "asked": spool.state.asked})


def since(front: Front, spool: Spool, progress: Progress) -> None:
    """What was written since the watermark of the position, from some hours before it on, until now."""
    source = front.source
    with _told(source):
        written: ColumnElement[Any] = column(source.written or "")
        keys: list[ColumnElement[Any]] = [column(one) for one in source.key]
        _refuse_lost(front, written, keys)
        now = _now(front)
        last = (spool.state.since or {}).get("watermark")
        watermark = _read_time(front, datetime.fromisoformat(last)) if last else None
        statement = _selected(front, _asked(front, *source.key, source.written or "")).order_by(written, *keys)
        statement = statement.where(written <= _bound(front, now))
        if watermark is not None:
            begin = _bound(front, watermark - timedelta(hours=source.overlap_hours))
            statement = statement.where(written >= begin)
        if _exists(front, written > _bound(front, now + timedelta(days=1))):
            spool.state.notes.append("rows have a write time in the future: they are fetched when it has come")
        for rows in _pages(front, statement, [written, *keys]):
            _keep(front, spool, rows, None)
            progress("fetch", spool.state.rows, None)
            latest = _read_time(front, rows[-1][source.written or ""])
            watermark = latest if watermark is None else max(watermark, latest)
        front.connection.rollback()
    reached = watermark.replace(tzinfo=front.zone).isoformat() if watermark else None
    spool.finish({"kind": "database", "asked": spool.state.asked, "watermark": reached})


def _keep(front: Front, spool: Spool, rows: list[dict[str, Any]], following: Any) -> None:
    source = front.source
    left_out = frozenset(rows[0].keys() - set(front.wanted)) if rows else frozenset()
    marked = [*source.key, *([source.written] if source.written else [])] if source.processed else []
    marks = [_mark([row[one] for one in marked]) for row in rows] if source.processed else []
    spool.append([front.lines.line(row, left_out) for row in rows], marks, following)


def _pages(front: Front, statement: Select[Any], order: list[ColumnElement[Any]]) -> Iterator[list[dict[str, Any]]]:
    """Pages by write time and key.

    Each begins at the last row of the one before, and what was seen is left out: where the database holds two keys to
    be equal that differ, none of their rows is stepped over.
    """
    names_of = [str(one.key) for one in order]
    size, last = front.source.page_rows, None
    seen: list[set[tuple[Any, ...]]] = []
    run = front.connection.execution_options(stream_results=True)
    while True:
        page = statement if last is None else statement.where(_from(order, last))
        rows = [dict(row) for row in run.execute(page.limit(size + 1)).mappings()]
        full = len(rows) > size
        places = [tuple(row[name] for name in names_of) for row in rows]
        if len(set(places)) < len(places):
            raise IntakeError(
                "INTAKE_CHANNEL", f"several rows have the same {', '.join(names_of)}", front.where,
                "name in 'key' the columns that tell rows apart",
            )  # fmt: skip
        known = set().union(*seen)
        rows = [row for row, place in zip(rows, places, strict=True) if place not in known]
        if rows:
            yield rows
            last, seen = tuple(rows[-1][name] for name in names_of), [*seen[-1:], set(places)]
        if not full:
            return
        if not rows:
            size *= 2  # more keys that are held to be equal than a page has rows


def _from(order: list[ColumnElement[Any]], last: tuple[Any, ...]) -> ColumnElement[bool]:
    """At this place or behind it, in words every database's index understands."""
    first, value = order[0], last[0]
    if len(order) == 1:
        return and_(first >= value)
    return or_(first > value, (first == value) & _from(order[1:], last[1:]))


def _exists(front: Front, condition: ColumnElement[bool]) -> bool:
    asked = _selected(front, front.source.key[:1]).where(condition).limit(1)
    return front.connection.execute(asked).first() is not None


def _refuse_lost(front: Front, written: ColumnElement[Any], keys: list[ColumnElement[Any]]) -> None:
    if _exists(front, or_(written.is_(None), *(key.is_(None) for key in keys))):
        raise IntakeError(
            "INTAKE_CHANNEL", "rows have no write time or no key, and would never be fetched", front.where,
            "ask the department to fill them, or fetch the table as a snapshot",
        )  # fmt: skip


def _now(front: Front) -> datetime:
    """The time of the database's clock, as its write times are told: in the source's zone, or with their own."""
    now = front.connection.execute(select(func.current_timestamp())).scalar()
    if not isinstance(now, datetime):
        raise IntakeError("INTAKE_CHANNEL", "the database does not tell its time", front.where)
    return now.astimezone(front.zone).replace(tzinfo=None) if now.tzinfo else now


def _bound(front: Front, at: datetime) -> Any:
    """An instant (in the source's zone) as the column of write times has it."""
    match front.written_as:
        case "text":
            return at.strftime(front.source.written_format or "")
        case "day":
            return at.date()
    return at


def _read_time(front: Front, value: Any) -> datetime:
    """A write time in the source's zone."""
    if isinstance(value, datetime):
        return value.astimezone(front.zone).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - of the source's zone
    try:
        return datetime.strptime(str(value), front.source.written_format or "")  # noqa: DTZ007 - of the source's zone
    except ValueError:
        raise IntakeError(
            "INTAKE_CHANNEL", "a write time cannot be read", front.where, "see 'written_format'"
        ) from None


def write_back(front: Front, spool: Spool, refused: set[int], times: int) -> None:
    """Tell the department which rows were taken. A row it has written since is another row, and is left alone."""
    source = front.source
    if source.processed is None:
        return
    row_no = 0
    with _told(source):
        for marks, _ in spool.read():
            found: dict[Any, list[dict[str, Any]]] = {}
            for mark in marks:
                row_no += 1
                numbers = range((row_no - 1) * times + 1, row_no * times + 1)
                value = source.processed.rejected if refused.intersection(numbers) else source.processed.loaded
                if value is not None:
                    found.setdefault(value, []).append({f"k{n}": _unpacked(one) for n, one in enumerate(mark)})
            for value, places in found.items():
                front.connection.execute(_updating(source, source.processed.column, value), places)
            front.connection.commit()


def _updating(source: Database, state: str, value: Any) -> Update:
    """Gives one row its state, unless it has it."""
    marked = [*source.key, *([source.written] if source.written else [])]
    places: list[Any] = [column(name) == bindparam(f"k{n}") for n, name in enumerate(marked)]
    now: ColumnElement[Any] = column(state)
    target = table(source.table, column(state), schema=source.schema_)
    return update(target).where(*places, or_(now.is_(None), now != value)).values({state: value})


def tried(front: Front) -> None:
    """Ask for one row, and change none: whoever may do both may do all that a fetch does."""
    source = front.source
    with _told(source):
        front.connection.execute(_selected(front, _asked(front, *source.key)).limit(1)).first()
        if source.written:
            _refuse_lost(front, column(source.written), [column(one) for one in source.key])
        if source.processed:
            name = source.processed.column
            never = update(table(source.table, column(name), schema=source.schema_)).where(column(name) != column(name))
            front.connection.execute(never.values({name: source.processed.loaded}))
        front.connection.rollback()
