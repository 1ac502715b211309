"""What every table shares: names of constraints, the columns of a fact, and where a table lives when distributed.

A *fact* is one statement of one delivery about one subject. It is never updated: a row that changes is *superseded*
(its ``known_until`` is set, a new row is added), so the store answers "as known on" any instant.
``known_until`` is the last column of a fact's primary key: that key then says "one current row a fact" and serves
both the look-up of the current row and the history, with one index.

``info["place"]`` says where a table lives on a distributed PostgreSQL:
``("hash", column)`` beside the other facts of that subject, ``("reference",)`` on every node, ``("local",)`` on one.
"""

import re
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.schema import SchemaItem

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: A plain instant, never ``infinity``: drivers cannot read that.
FOREVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
FOREVER_SQL: Final = "timestamptz '9999-12-31 00:00:00+00'"
#: Stands where a fact has no employer (residents, flexible workers): a key column cannot be null.
NO_EMPLOYER: Final = "00000000-0000-0000-0000-000000000000"

Instant = TIMESTAMP(timezone=True)

#: Columns that a fact has because it was delivered; no declaration maps them.
LINEAGE: Final = ("delivery_id", "batch_id", "row_no", "digest", "known_from", "known_until")


def words(column: Column[Any]) -> frozenset[str]:
    """The words that a column may hold, where its comment lists nothing but those; else none.

    A ``kind`` is open: a new delivery may bring a new one. What rules and answers decide by is not.
    """
    comment = column.comment or ""
    closed = column.name != "kind"
    return frozenset(comment.split()) if closed and re.fullmatch(r"[a-z_]+( [a-z_]+)+", comment) else frozenset()


def fact(name: str, *columns: Column[Any], key: tuple[str, ...], place: tuple[str, ...], **more: Any) -> Table:
    """A table of facts. ``key`` names what identifies one fact; its first column is where the fact lives.

    The primary key is ``(*key, known_until)``: at most one row of a key is current. ``info["key"]`` keeps ``key``
    for loading, ``info["fact"]`` marks the table.
    """
    extra: list[SchemaItem] = more.pop("extra", [])
    table = Table(
        name,
        metadata,
        *columns,
        Column("delivery_id", SmallInteger, nullable=False, comment="the delivery that says so"),
        Column("batch_id", BigInteger, nullable=False, comment="the batch that said so first"),
        Column("row_no", Integer, nullable=False, comment="the row of that batch, counted from 1"),
        Column("digest", Uuid, nullable=False, comment="keyed digest of what the row says; equal means unchanged"),
        Column("known_from", Instant, nullable=False),
        Column("known_until", Instant, nullable=False, server_default=text(FOREVER_SQL)),
        PrimaryKeyConstraint(*key, "known_until"),
        *extra,
        info={"place": place, "key": key, "fact": True},
        **more,
    )
    # What changed since an instant: rows come in the order in which they are known, and few end.
    Index(f"ix_{name}_known_from", table.c.known_from, postgresql_using="brin")
    Index(f"ix_{name}_ended", table.c.known_until, postgresql_where=text(f"known_until < {FOREVER_SQL}"))
    return table
