"""Judging one rule: what it rests on, whether it can be judged at all, and the stream of its rows.

In charge of the reader's side of a check. Works in one read-only transaction of the reader, in one snapshot of the
database (REPEATABLE READ): freshness, parameters and facts are of the same instant. Refuses (`CheckError`) SQL that
does not give what a rule must give; stores nothing.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Generic
from uuid import UUID

import psycopg
import sqlalchemy as sa

from hub.checks import freshness, parameter
from hub.checks.example import FACTS
from hub.checks.freshness import Delivered, Reason
from hub.checks.parameter import Applied, Parameter
from hub.checks.rule import COLUMNS, Q, Question, Rule, filled, variables
from hub.errors import CheckError
from hub.terms import add_months, month

#: How a rule's session is set, here and in psql. Rules join sets: of a chain of exclusions the planner expects one row
#: and would loop over the rest, quadratically. A city's hash tables stay in memory. Who looks for any row of a month
#: begins at the oldest, which a first load brought, and not where another scan has ended.
SETTINGS: Final = {"enable_nestloop": "off", "work_mem": "256MB", "synchronize_seqscans": "off"}

_COMPOSITE: Final = {"C", "A", "P"}  # pg_type.typcategory: a row, an array (of rows), a row of a subquery


@dataclass(frozen=True, slots=True)
class Basis(Generic[Q]):
    """What a rule, or another question, is judged on. ``because`` says why it cannot be; then ``sql`` is empty."""

    rule: Q
    today: date
    known_at: datetime
    deliveries: Mapping[str, Delivered]
    parameters: Mapping[str, Applied]
    variables: Mapping[str, Any]
    because: tuple[Reason, ...]
    sql: str = ""


@contextmanager
def session(reader: sa.Engine) -> Iterator[sa.Connection]:
    """A connection whose every transaction only reads, in one snapshot."""
    with reader.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection:
        yield connection


@contextmanager
def snapshot(connection: sa.Connection, known_at: datetime | None) -> Iterator[sa.Connection]:
    """A transaction of the session in which plain table names are the facts as known now, or at an instant."""
    with connection.begin():
        said = {"search_path": "facts_now, public, pg_temp", **SETTINGS}  # else what is temporary would come first
        if known_at is not None:
            said |= {"search_path": "facts_then, public, pg_temp", "hub.known_at": known_at.astimezone(UTC).isoformat()}
        each = "select set_config(key, value, true) from jsonb_each_text(cast(:said as jsonb))"
        connection.execute(sa.text(each), {"said": json.dumps(said)})
        yield connection


def array(keys: Iterable[UUID]) -> str:
    """Keys as PostgreSQL writes an array of them."""
    return "{" + ",".join(map(str, sorted(keys))) + "}"


def basis(
    connection: sa.Connection,
    rule: Q,
    parameters: Mapping[str, Parameter],
    *,
    region: str,
    today: date,
    known_at: datetime | None,
    period: date | None = None,
    held: freshness.Held | None = None,
) -> Basis[Q]:
    """What the rule rests on, in the snapshot of ``connection``.

    ``period``: the month asked about, where it is not simply the last of which every needed delivery speaks. A needed
    delivery that comes monthly must then have given it. ``held``: what was found of months before.
    """
    moment = known_at or freshness.last_sealed(connection) or datetime.now(UTC)
    deliveries = freshness.delivered(connection, (*rule.needs, *rule.consults), moment)
    limits, because = _limits(parameters, region, today)
    for name in rule.needs:
        because += freshness.reasons(name, deliveries.get(name), today, limits)
        because += freshness.behind(name, deliveries.get(name), period)
    missing = [name for name in rule.consults if freshness.reasons(name, deliveries.get(name), today, limits)]
    needed = {name: deliveries[name] for name in (*rule.needs, *rule.consults) if name in deliveries}
    values: dict[str, Any] = {
        "today": today,
        "region": region,
        "missing": ", ".join(missing),
        "period": period or min((needed[name].period for name in rule.needs if name in needed), default=month(today)),
    }
    until = add_months(values["period"], 1)
    values["data_until"] = until if period else min(today, until)
    used, absent = apply(connection, rule, parameters, values)
    because += absent
    if not because:
        because += _months(connection, rule, needed, values, moment, {} if held is None else held)
    sql = "" if because else filled(rule.sql, values)
    return Basis(rule, today, moment, needed, used, values, tuple(because), sql)


def _limits(parameters: Mapping[str, Parameter], region: str, today: date) -> tuple[dict[str, int], list[Reason]]:
    found = parameter.applied(_named(parameters, freshness.LIMITS), region, today)
    return (dict(found.value), []) if found else ({}, [_not_configured(freshness.LIMITS, today, region)])


def _not_configured(name: str, on: date, region: str) -> Reason:
    return Reason(f"NOT CONFIGURED: {name} has no value for {on:%Y-%m} in {region}", "parameter", name)


def apply(
    connection: sa.Connection, rule: Question, parameters: Mapping[str, Parameter], values: dict[str, Any]
) -> tuple[dict[str, Applied], list[Reason]]:
    """The parameters as they apply, also put into ``values`` with what a list gives, and why any is absent.

    Those of today come first, because the days of the others rest on them; what is asked of everybody comes last.
    """
    values |= rule.given
    used: dict[str, Applied] = {}
    absent: list[Reason] = []
    for name in sorted(rule.parameters, key=lambda one: (one in rule.at, rule.parameters.index(one))):
        on = values["today"]
        if name in rule.at:
            if not variables(rule.at[name]) <= set(values):
                continue  # the parameter that its day rests on is already named as absent
            on = _day(connection, rule.at[name], values)
        found = parameter.applied(_named(parameters, name), values["region"], on)
        if found is None:
            absent.append(_not_configured(name, on, values["region"]))
        else:
            used[name], values[name] = found, found.value
    if not absent:
        for name, text in rule.everybody.items():
            ((values[name],),) = verbatim(connection, filled(text, values)).fetchall()
    return used, absent


def _months(
    connection: sa.Connection,
    rule: Question,
    needed: Mapping[str, Delivered],
    values: Mapping[str, Any],
    moment: datetime,
    held: freshness.Held,
) -> list[Reason]:
    because = []
    for one in rule.months:
        first, last = (_day(connection, text, values) for text in (one.first, one.last))
        if gone := freshness.missing_months(connection, needed[one.delivery], first, last, moment, held):
            months = ", ".join(f"{day:%Y-%m}" for day in gone)
            because.append(Reason(f"{one.delivery} gave nothing for {months}", "delivery", one.delivery))
    return because


def _day(connection: sa.Connection, text: str, values: Mapping[str, Any]) -> date:
    row = verbatim(connection, f"select cast({filled(text, values)} as date)").fetchone()
    day: date = row[0] if row else date.min
    return day


def _named(parameters: Mapping[str, Parameter], name: str) -> Parameter:
    if name not in parameters:
        raise CheckError("CHECK_PARAMETER", f"no parameter is called '{name}'", hint=f"add parameters/{name}.toml")
    return parameters[name]


def columns(connection: sa.Connection, rule: Rule, sql: str) -> list[str]:
    """The columns that the SQL gives; CheckError where they are not what a rule must give. Runs nothing."""
    with explained(rule):
        cursor = verbatim(connection, f"select * from ({sql}\n) as judged limit 0")
    described = [(column.name, column.type_code) for column in cursor.description or ()]
    names = [name for name, _ in described]
    lacking = [name for name in ("subject_key", "verdict", f"{rule.subject}_key") if name not in names]
    if rule.subject == "project" and "project_code" in names:
        lacking.remove("project_key")
    if lacking:
        raise CheckError("CHECK_COLUMNS", f"{rule.name} gives no column {', '.join(lacking)}")
    kinds = sa.text("select oid, typcategory::text from pg_type where oid = any(cast(:oids as oid[]))")
    category: dict[int, str] = dict(connection.execute(kinds, {"oids": [oid for _, oid in described]}).all())
    figures = [(name, category[oid] in _COMPOSITE) for name, oid in described if name not in COLUMNS]
    wrong = [name for name, is_row in figures if (name in FACTS) != is_row]
    if wrong:
        raise CheckError(
            "CHECK_COLUMNS",
            f"{rule.name}: {', '.join(wrong)}",
            "rows are evidence and stand under their table's name; figures are single values under another name",
        )
    return names


def as_json(sql: str, names: Iterable[str]) -> str:
    """The rule's SQL, each row one JSON object; what is not found comes without figures and evidence."""
    short = ", ".join(f"'{name}', judged.{name}" for name in names if name in COLUMNS)
    return (
        "select case when judged.verdict = 'FOUND' then to_jsonb(judged)"
        f" else jsonb_build_object({short}) end from ({sql}\n) as judged"
    )


def only(sql: str, subjects: Iterable[UUID]) -> str:
    """The rule's SQL for these subjects alone."""
    return f"select * from ({sql}\n) as everybody where subject_key = any ('{array(subjects)}'::uuid[])"


def stream(connection: sa.Connection, rule: Rule, sql: str) -> Iterator[bytes]:
    """The rule's rows as JSON in COPY's text format, in the blocks in which the database sends them."""
    sql = as_json(sql, columns(connection, rule, sql))
    with (
        explained(rule),
        _driver(connection).cursor() as cursor,
        cursor.copy(f"copy ({sql}) to stdout".encode()) as copy,
    ):
        for block in copy:
            yield bytes(block)


def verbatim(connection: sa.Connection, sql: str) -> psycopg.Cursor[Any]:
    """Run a rule's SQL as it stands: no percent sign of it is a placeholder."""
    return _driver(connection).execute(sql.encode())


def _driver(connection: sa.Connection) -> psycopg.Connection[Any]:
    return connection.connection.dbapi_connection  # type: ignore[return-value]  # also of a detached one


@contextmanager
def explained(rule: Question) -> Iterator[None]:
    """What the database says against a rule, as a CheckError that quotes no row."""
    try:
        yield
    except (sa.exc.DBAPIError, psycopg.Error) as error:
        origin: Any = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        state = getattr(origin, "sqlstate", None) or ""
        # 42: the SQL is wrong; 25: it tried to write. Other classes may quote a value.
        words = str(origin.diag.message_primary or "") if state[:2] in {"42", "25"} else type(origin).__name__
    else:
        return
    raise CheckError("CHECK_FAILED", f"{rule.name} cannot be run", f"{words} (SQLSTATE {state})") from None
