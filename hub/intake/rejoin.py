"""Facts loaded under another number of an employer join it as soon as it is known who that is.

A delivery may carry only an old organization code, a registration number or an account. Until somebody says whose that
is, its facts stand under a key of the number itself. The batch that says so moves them, as whole sets and in its own
transaction: each fact is superseded by the same statement, with the same source row, under the employer's key. Nothing
is updated, so that what was known before can still be asked. Where a fact already stands under that key, that one
stays. The employer that was only a number ends; what a register says of it comes under the right key with its next
batch. Runs in the writer's role; refuses nothing. An owner's number joins nobody: one person may run several shops.
"""

from datetime import datetime
from uuid import UUID

import polars as pl
from psycopg.sql import SQL, Composable, Composed, Identifier
from sqlalchemy import LargeBinary, Table

from hub.intake import projection, store
from hub.intake.prepare import macs, uuids
from hub.sealing import Keyring
from hub.store import metadata

#: Columns that say an employer.
EMPLOYERS = ("employer_key", "contractor_key")


def rejoin(cursor: store.Cursor, batch: int, at: datetime, keyring: Keyring) -> int:
    """Move the facts of employers that the batch's aliases name; how many employers those are."""
    nameless = [
        key.bytes for (key,) in cursor.execute("select employer_key from employer where uscc is null").fetchall()
    ]
    if not nameless:
        return 0
    said = cursor.execute(
        "select kind || ':' || number, employer_key from employer_alias where batch_id = %s", [batch]
    ).fetchall()
    before = uuids(macs("employer", pl.Series([number for number, _ in said], dtype=pl.String), keyring))
    found = pl.DataFrame(
        {"old": before, "new": [key.bytes for _, key in said]}, schema={"old": pl.Binary, "new": pl.Binary}
    )
    moved = found.filter(pl.col("old").is_in(nameless) & (pl.col("old") != pl.col("new"))).unique("old", keep="first")
    if not len(moved):
        return 0
    final = dict(moved.iter_rows())
    cursor.execute("create temp table rejoined (old uuid primary key, new uuid not null) on commit drop")
    cursor.executemany(
        "insert into rejoined values (%s, %s)",
        [(UUID(bytes=old), UUID(bytes=final.get(new, new))) for old, new in final.items()],
    )
    cursor.execute("analyze rejoined")
    for table in metadata.sorted_tables:
        for column in EMPLOYERS:
            if table.info.get("fact") and column in table.c:
                cursor.execute(_moving(table, column), {"at": at})
    cursor.execute("update employer_alias a set employer_key = r.new from rejoined r where a.employer_key = r.old")
    projection.rejoin(cursor, at)
    return len(moved)


def _moving(table: Table, column: str) -> Composed:
    """The statement that supersedes a table's facts under the old keys by the same under the new ones."""
    key: tuple[str, ...] = table.info["key"]
    end = SQL("""
        update {table} t set known_until = %(at)s from rejoined r where t.{column} = r.old and t.known_until = {forever}
    """).format(table=Identifier(table.name), column=Identifier(column), forever=store.FOREVER)
    if any(isinstance(one.type, LargeBinary) for one in table.c):
        return end  # what is sealed opens only under its own key
    names = [one.name for one in table.c if one.name not in {column, "known_from", "known_until"}]
    known: Composable = SQL("")
    if column in key:
        same = SQL(" and ").join(SQL("x.{0} = m.{0}").format(Identifier(name)) for name in key if name != column)
        known = SQL("where not exists (select from {} x where x.{} = m.new and x.known_until = {} and {})").format(
            Identifier(table.name), Identifier(column), store.FOREVER, same
        )
    first = SQL(", ").join([SQL("m.new"), *(SQL("m.{}").format(Identifier(name)) for name in key if name != column)])
    listed = SQL(", ").join(map(Identifier, names))
    return SQL("""
        with moved as ({end} returning t.*, r.new)
        insert into {table} ({column}, {names}, known_from)
        select distinct on ({first}) m.new, {values}, %(at)s from moved m {known} order by {first}, m.batch_id desc
    """).format(
        end=end,
        table=Identifier(table.name),
        column=Identifier(column),
        names=listed,
        first=first,
        values=SQL(", ").join(SQL("m.{}").format(Identifier(name)) for name in names),
        known=known,
    )
