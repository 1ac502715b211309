"""Writing a batch: what its rows are about is staged, held against what is known as whole sets, then written by COPY.

In charge of the statements; the caller opens and ends the transaction. What is current and differs is superseded, what
is new is added, and what a snapshot no longer holds ends, unless a rejected row speaks of it. Staged are keys and
digests only: the rows themselves go straight into their table once it is known which of them are new. The planner is
told how to join, because a young table has no statistics, and a wrong guess costs minutes. Touches the database in the
writer's role; refuses nothing itself.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal
from psycopg.types.json import Jsonb

from hub.intake import binary
from hub.intake.connector import Connector
from hub.intake.tables import (
    EMPLOYER,
    PERSON,
    Rows,
    columns_of,
    copy,
    key_of,
    late_of,
    listed,
    packed,
    prepared_of,
)
from hub.intake.tables import Cursor as Cursor  # noqa: PLC0414  # the name all of intake knows it by
from hub.store import NO_EMPLOYER
from hub.store.base import FOREVER_SQL

FOREVER = SQL(FOREVER_SQL)
#: The lock under which batches are sealed one after another, so that an instant of knowledge is never reached late.
SEALING = 7_201_119

#: What the planner may do: the first belongs to a few rows, the others to many. A scan belongs to many as well: a
#: planner that believes a table to hold next to nothing loops over the staging for each of its rows.
LOOK_UP = 3  # pages that can be read one after another in the time that looking up one row takes
WAYS = ("enable_nestloop", "enable_hashjoin", "enable_mergejoin", "enable_seqscan")


@dataclass(frozen=True, slots=True)
class Counts:
    """Facts added (of keys not current before), changed (superseded) and ended.

    ``unknown``: rows that end a fact which this delivery never said.
    """

    added: int
    changed: int
    ended: int
    unknown: int = 0


def lock(cursor: Cursor, delivery: str) -> None:
    """One batch of a delivery at a time; released when the transaction ends, however it ends."""
    cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 7201))", [f"intake:{delivery}"])


def is_locked(cursor: Cursor, delivery: str) -> bool:
    """Whether a batch of a delivery is on its way in another transaction."""
    row = cursor.execute(
        "select pg_try_advisory_xact_lock(hashtextextended(%s, 7201))", [f"intake:{delivery}"]
    ).fetchone()
    return row is None or not row[0]


def delivery_id(cursor: Cursor, connector: Connector) -> int:
    """The delivery's number; what is kept of it is as the connector now says."""
    row = cursor.execute(
        """
        insert into delivery (name, title, owner, cadence, target, form, insurances)
        values (%s, %s, %s, %s, %s, %s, %s)
        on conflict (name) do update
        set title = excluded.title, owner = excluded.owner, cadence = excluded.cadence, target = excluded.target,
            form = excluded.form, insurances = excluded.insurances
        returning id
        """,
        [
            connector.name, connector.title, connector.owner, connector.cadence, connector.target, connector.delivery,
            connector.insurances,
        ],
    ).fetchone()  # fmt: skip
    return int(row[0]) if row else 0


def next_batch(cursor: Cursor) -> int:
    row = cursor.execute("select nextval(pg_get_serial_sequence('batch', 'id'))").fetchone()
    return int(row[0]) if row else 0


def known(cursor: Cursor, table: str, keys: pl.Series) -> pl.Series:
    """Which of these keys are those of somebody who is current, in ``person`` or ``employer``."""
    asked = ",".join(keys.drop_nulls().bin.encode("hex").to_list())
    selected = SQL("select {key} as key from {table} where known_until = {forever} and {key} = any(%s::uuid[])").format(
        key=Identifier(f"{table}_key"), table=Identifier(table), forever=FOREVER
    )
    found = packed(cursor, "uuid_send(key)", "V16", selected, [f"{{{asked}}}"])
    return keys.is_in(binary.column(found.view(np.uint8).reshape(-1, 16)).implode())


def aliases(cursor: Cursor, numbers: list[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    """The employers that other numbers stand for."""
    rows = cursor.execute(
        """
        select a.kind, a.number, a.employer_key from employer_alias a
        join unnest(%s::text[], %s::text[]) as asked (kind, number) on a.kind = asked.kind and a.number = asked.number
        """,
        [[kind for kind, _ in numbers], [number for _, number in numbers]],
    ).fetchall()
    return {(kind, number): key for kind, number, key in rows}


@dataclass(frozen=True, slots=True)
class Double:
    """A row that says a fact that another row says too, and why it goes.

    ``subjects``: the keys of those it speaks of; none where the other row says the same, for then nothing is missing.
    """

    row_no: int
    reason: str
    subjects: list[str]


def take_doubles(cursor: Cursor, connector: Connector, suspects: list[int]) -> list[Double]:
    """Remove from the staging what says the same fact twice. ``suspects``: all rows of which that may be true.

    Of rows that say the same, the first stays. Rows that contradict each other all go: nobody can tell which is right.
    """
    key = listed(key_of(connector))
    rows = cursor.execute(
        SQL("""
            with s as (select * from staging where row_no = any(%s)), d as (
                select {key}, (array_agg(row_no order by row_no))[1:2] as rows,
                    min(digest::text) = max(digest::text) as same
                from s group by {key} having count(*) > 1
            )
            select s.row_no, d.rows[1], d.rows[2], d.same, array_remove(array_remove({subjects}, null), %s)::text[]
            from s join d using ({key}) order by s.row_no
        """).format(key=key, subjects=subjects_of(connector)),
        [suspects, NO_EMPLOYER],
    ).fetchall()
    found = [
        Double(
            row_no,
            f"row: duplicate of row {first}" if same else _contradicts(row_no, first, second),
            [] if same else subjects,
        )
        for row_no, first, second, same, subjects in rows
        if row_no != first or not same
    ]
    if found:
        subject = Identifier(connector.target_table.info["key"][0])
        removed = [double.row_no for double in found]
        cursor.execute(
            SQL("insert into subject select distinct {} from staging where row_no = any(%s)").format(subject), [removed]
        )
        for table in ("staging", "new_person", "new_employer"):
            cursor.execute(SQL("delete from {} where row_no = any(%s)").format(Identifier(table)), [removed])
    return found


def take_overtaken(cursor: Cursor, connector: Connector, suspects: list[int]) -> int:
    """Remove of the rows that write or end one fact all but the last, which is what counts; how many went.

    ``suspects``: all rows of which that may be true.
    """
    keys = key_of(connector)
    key, same = listed(keys), SQL(" and ").join(SQL("s.{k} = t.{k}").format(k=Identifier(k)) for k in keys)
    cursor.execute(
        SQL("""
            update ending t set wrote = true from staging s
            where {same} and s.row_no < t.row_no and s.row_no = any(%(suspects)s) and t.row_no = any(%(suspects)s)
        """).format(same=same),
        {"suspects": suspects},
    )
    gone = 0
    for table in ("staging", "ending"):  # what is last of a fact stays, so that the second finds it as the first did
        cursor.execute(
            SQL("""
                delete from {table} t using (
                    select {key}, max(row_no) as last from (
                        select row_no, {key} from staging where row_no = any(%(suspects)s)
                        union all select row_no, {key} from ending where row_no = any(%(suspects)s)
                    ) as said group by {key} having count(*) > 1
                ) as s where {same} and t.row_no < s.last
            """).format(table=Identifier(table), key=key, same=same),
            {"suspects": suspects},
        )
        gone += cursor.rowcount
    return gone


def _contradicts(row_no: int, first: int, second: int) -> str:
    return f"row: same key as row {second if row_no == first else first} with other values"


def subjects_of(connector: Connector) -> Composable:
    """The keys of those a staged row speaks of, as ``hub.intake.prepare`` gives them for rows that cannot be staged."""
    columns = columns_of(connector)
    names = [f"{name}_key" for name in connector.of_kind("employer")]
    found: list[Composable] = [SQL("s.{}").format(Identifier(n)) for n in ("person_key", *names) if n in columns]
    if "project_code" in columns:
        found.append(SQL("md5(s.project_code)::uuid"))
    return SQL("array[{}]::uuid[]").format(SQL(", ").join(found))


def instant(cursor: Cursor) -> datetime:
    """The instant a batch is known from: later than that of every other batch, because they are sealed in turn."""
    cursor.execute("select pg_advisory_xact_lock(%s)", [SEALING])
    return clock(cursor)


def clock(cursor: Cursor) -> datetime:
    """The instant it is, later than that of every batch; ``instant`` without the lock, and not for keeping."""
    row = cursor.execute(
        "select greatest(clock_timestamp(), max(sealed_at) + interval '1 microsecond') from batch"
    ).fetchone()
    if row is None:
        raise AssertionError("an aggregate has a row")
    return row[0]  # type: ignore[no-any-return]


def plan(cursor: Cursor, rows: int, *tables: str) -> None:
    """Have ``rows`` staged rows joined with tables by look-ups in their keys where they are few, else as whole sets.

    That is told by the tables' pages, which are always known, while statistics may be missing or old.
    """
    row = cursor.execute(
        """
        select sum(pg_relation_size(coalesce(part.relid, said.name))) / current_setting('block_size')::int
        from unnest(%s::regclass[]) as said (name) left join lateral pg_partition_tree(said.name) as part on true
        """,
        [list(tables)],
    ).fetchone()
    few = rows * LOOK_UP < int((row and row[0]) or 0)
    for setting in WAYS:
        on = few == (setting == "enable_nestloop")
        cursor.execute(SQL("set local {} = {}").format(Identifier(setting), Literal("on" if on else "off")))


def as_usual(cursor: Cursor) -> None:
    """Leave it to the planner again."""
    for setting in WAYS:
        cursor.execute(SQL("set local {} = default").format(Identifier(setting)))


def renew_statistics(cursor: Cursor, table: str, changed: int) -> None:
    """Tell the planner of a table of which more than a tenth has changed, where the role may (PostgreSQL 17 on)."""
    if not changed or cursor.connection.info.server_version < 170_000:
        return
    row = cursor.execute(
        "select has_table_privilege(oid, 'maintain') and %s * 10.0 > reltuples from pg_class where oid = %s::regclass",
        [changed, table],
    ).fetchone()
    if row and row[0]:
        cursor.execute(SQL("analyze {}").format(Identifier(table)))


def same_fact(connector: Connector, delivery: int) -> Composed:
    """That a row ``t`` of the target and a staged row ``s``, written or ending, are about the same fact."""
    same = SQL(" and ").join(SQL("t.{k} = s.{k}").format(k=Identifier(k)) for k in key_of(connector))
    if "delivery_id" in connector.target_table.info["key"]:
        return Composed([same, SQL(" and t.delivery_id = "), Literal(delivery)])
    return same


def write_facts(
    cursor: Cursor,
    connector: Connector,
    delivery: int,
    at: datetime,
    rows: int,
    fresh: Callable[[pl.Series], Iterable[memoryview]],
    *,
    whole: bool,
) -> Counts:
    """Supersede, add, end: what the staging says becomes what is current.

    ``rows``: how many are staged. ``fresh``: the rows of these numbers, as ``prepared_of`` and ``late_of`` lay them.
    ``whole``: what they do not say has ended.
    """
    key = key_of(connector)
    cursor.execute(SQL("analyze staging ({})").format(listed(key)))
    plan(cursor, rows, connector.target)
    supersede, new, end = facts_statements(connector, delivery)
    cursor.execute(supersede, [at])
    changed = cursor.rowcount
    wanted = pl.Series(packed(cursor, "int4send(row_no)", ">i4", new).astype(np.int32))
    columns = [*prepared_of(connector), *late_of(connector)]
    added = copy(cursor, Rows(connector.target, tuple(c.name for c in columns), fresh(wanted))) if len(wanted) else 0
    ended, unknown = end_named(cursor, connector, delivery, at)
    if whole:
        plan(cursor, sys.maxsize, connector.target)  # everything the delivery said before is looked through
        # ``unsaid`` is empty where it said nothing before: then nothing can end.
        cursor.execute(end, [at, delivery, at])
        ended += cursor.rowcount
    as_usual(cursor)
    return Counts(added - changed, changed, ended, unknown)


def end_named(cursor: Cursor, connector: Connector, delivery: int, at: datetime) -> tuple[int, int]:
    """End the facts that rows say have ended: how many, and how many rows name one that was never said.

    A delivery ends only what it said itself.
    """
    row = cursor.execute("select count(*) from ending").fetchone()
    rows = int(row[0]) if row else 0
    if not rows:
        return 0, 0
    cursor.execute("analyze ending")
    plan(cursor, rows, connector.target)
    table, same = Identifier(connector.target), same_fact(connector, delivery)
    cursor.execute(
        SQL(
            "select count(*) from ending s where wrote is null and not exists"
            " (select from {table} t where {same} and t.delivery_id = %s)"
        ).format(table=table, same=same),
        [delivery],
    )
    row = cursor.fetchone()
    cursor.execute(
        SQL("update {table} t set known_until = %s from ending s"
            " where t.known_until = {forever} and {same} and t.delivery_id = %s")
        .format(table=table, forever=FOREVER, same=same),
        [at, delivery],
    )  # fmt: skip
    return cursor.rowcount, int(row[0]) if row else 0


def move_position(cursor: Cursor, delivery: int, batch: int, position: Mapping[str, Any]) -> None:
    """Remember how far the delivery has been fetched: with the batch that took it, or not at all."""
    cursor.execute(
        """
        insert into channel_position (delivery_id, position, batch_id) values (%s, %s, %s)
        on conflict (delivery_id) do update set position = excluded.position, batch_id = excluded.batch_id
        """,
        [delivery, Jsonb(dict(position)), batch],
    )


def facts_statements(connector: Connector, delivery: int) -> tuple[Composed, Composed, Composed]:
    """What supersedes, what tells which staged rows are new, what ends."""
    table = Identifier(connector.target)
    first = Identifier(connector.target_table.info["key"][0])
    same = same_fact(connector, delivery)
    supersede = SQL("""
        update {table} t set known_until = %s from staging s
        where t.known_until = {forever} and {same} and t.digest <> s.digest
    """).format(table=table, forever=FOREVER, same=same)
    new = SQL("""
        select s.row_no from staging s left join {table} t on {same} and t.known_until = {forever}
        where t.{first} is null
    """).format(table=table, forever=FOREVER, same=same, first=first)
    end = SQL("""
        update {table} t set known_until = %s
        where t.known_until = {forever} and t.delivery_id = %s and t.known_from < %s
            and t.digest in (select digest from unsaid)
            and not exists (select from staging s where {same})
            and not exists (select from subject u where u.key = t.{first})
    """).format(table=table, forever=FOREVER, same=same, first=first)
    return supersede, new, end


def introduce(cursor: Cursor, delivery: int, batch: int, at: datetime) -> None:
    """Add the persons and employers that the loaded rows speak of and nobody delivered before."""
    for table, columns, key in (("person", PERSON, "person_key"), ("employer", EMPLOYER, "employer_key")):
        new = Identifier(f"new_{table}")
        row = cursor.execute(SQL("select count(*) from {}").format(new)).fetchone()
        rows = int(row[0]) if row else 0
        if not rows:
            continue
        cursor.execute(SQL("analyze {}").format(new))
        plan(cursor, rows, table)
        cursor.execute(
            SQL("""
                insert into {table} ({columns}, row_no, delivery_id, batch_id, known_from)
                select distinct on (n.{key}) {values}, n.row_no, %s, %s, %s from {new} n
                left join {table} t on t.{key} = n.{key} and t.known_until = {forever}
                where t.{key} is null order by n.{key}, n.row_no
            """).format(
                table=Identifier(table),
                new=new,
                key=Identifier(key),
                columns=listed(columns),
                values=SQL(", ").join(SQL("n.{}").format(Identifier(c)) for c in columns),
                forever=FOREVER,
            ),
            [delivery, batch, at],
        )
        introduced = cursor.rowcount
        as_usual(cursor)
        renew_statistics(cursor, table, introduced)


def keep_aliases(cursor: Cursor, connector: Connector, batch: int) -> int:
    """Remember which employer a number stands for, so that deliveries that carry only that number find it.

    How many are new, or stand for another employer than before.
    """
    said = 0
    coded = ["new_employer", *(["staging"] if "uscc" in columns_of(connector) else [])]
    known: list[Composable] = [
        SQL(
            "select distinct 'organization_code', substr(uscc, 9, 9), employer_key from {} where uscc is not null"
        ).format(Identifier(table))
        for table in coded
    ]
    for name, field in connector.fields.items():
        if field.alias:
            known.append(
                SQL("select distinct {}, {number}, employer_key from staging where {number} is not null").format(
                    Literal(field.alias), number=Identifier(name)
                )
            )
    for selected in known:
        cursor.execute(
            SQL("""
                insert into employer_alias (kind, number, employer_key, batch_id)
                select distinct on (kind, number) kind, number, employer_key, %s
                from ({}) as said (kind, number, employer_key) order by kind, number, employer_key
                on conflict (kind, number) do update
                set employer_key = excluded.employer_key, batch_id = excluded.batch_id
                where employer_alias.employer_key <> excluded.employer_key
            """).format(selected),
            [batch],
        )
        said += cursor.rowcount
    return said
