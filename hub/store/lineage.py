"""Deliveries, their batches, and the rows that were rejected."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from .base import Instant, metadata

delivery = Table(
    "delivery",
    metadata,
    Column("id", SmallInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False, comment="the connector's path: who gives / what"),
    Column("title", Text, nullable=False),
    Column("owner", Text, nullable=False, comment="the department, in its own words"),
    Column("cadence", Text, nullable=False),
    Column("target", Text, nullable=False, comment="the table of the facts it delivers"),
    Column("form", Text, nullable=False, server_default="snapshot", comment="snapshot delta append"),
    Column("insurances", ARRAY(Text), comment="those its facts may be about; null where that is not said"),
    UniqueConstraint("name"),
    info={"place": ("reference",)},
)

batch = Table(
    "batch",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("delivery_id", SmallInteger, nullable=False),
    Column("period", Date, nullable=False, comment="the month delivered, as its first day"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 over the files, in order"),
    Column("files", JSONB, nullable=False, comment="[{name, bytes, sha256, encoding, sheet…}]"),
    Column("status", Text, nullable=False, comment="loaded or refused"),
    Column("refusal", Text, comment="why a batch was refused"),
    Column("declared", Integer, nullable=False, comment="rows found in the files"),
    Column("loaded", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("added", Integer, nullable=False, server_default="0"),
    Column("changed", Integer, nullable=False, server_default="0"),
    Column("ended", Integer, nullable=False, server_default="0", comment="facts a snapshot no longer holds"),
    Column("started_at", Instant, nullable=False),
    Column("sealed_at", Instant, nullable=False, comment="the instant its facts are known from"),
    Column("loaded_by", Text, nullable=False),
    Column(
        "channel", Text, nullable=False, server_default="file", comment="file database http push drop replay withdrawal"
    ),
    Column(
        "partial",
        Boolean,
        nullable=False,
        server_default="false",
        comment="only what changed since: nothing ends by its absence, and no rows is no news",
    ),
    Column("replays", BigInteger, comment="the batch whose rejected rows these are, tried again"),
    Column(
        "quality",
        JSONB(none_as_null=True),
        comment="rows by field: filled, valid; matched; codes: as hub.intake.quality",
    ),
    CheckConstraint("declared = loaded + rejected or status = 'refused'", name="every_row_accounted_for"),
    CheckConstraint("status in ('loaded', 'refused')", name="status"),
    info={"place": ("reference",)},
)
Index("ix_batch_delivery_period", batch.c.delivery_id, batch.c.period)

rejected_row = Table(
    "rejected_row",
    metadata,
    Column("batch_id", BigInteger, primary_key=True),
    Column("row_no", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False, comment="the source row as delivered, sealed"),
    Column("reasons", ARRAY(Text), nullable=False, comment="every reason, without personal values"),
    Column(
        "subjects",
        ARRAY(Uuid),
        nullable=False,
        server_default=text("'{}'"),
        comment="keys of the persons, employers and projects it speaks of, as far as it can be read",
    ),
    Column("replayed_in", BigInteger, comment="the batch in which it was tried again: there it is loaded, or waits on"),
    info={"place": ("local",)},
)
Index("ix_rejected_row_subjects", rejected_row.c.subjects, postgresql_using="gin")

#: How far a delivery has been fetched from where it is fetched. Moved in the transaction of the batch that took it.
channel_position = Table(
    "channel_position",
    metadata,
    Column("delivery_id", SmallInteger, primary_key=True, autoincrement=False),
    Column("position", JSONB, nullable=False, comment="a watermark, a page, a cursor: what the channel's kind says"),
    Column("batch_id", BigInteger, nullable=False),
    info={"place": ("reference",)},
)

#: What was delivered last: one row a delivery, with nulls where nothing came. ``refusal`` is that of the last attempt
#: at the month loaded last or a later one, and null where it was loaded: a mistaken month says nothing of a delivery.
#: A replay is a batch of the same delivery, not a new one.
LAST_BATCHES: Final = """
select d.id, d.name, d.title, d.target, d.cadence, b.period, b.sealed_at, b.loaded, b.rejected, a.refusal,
       d.insurances
  from delivery d
  left join lateral (select l.period, l.sealed_at, l.rejected,
                            case when l.partial then (select max(e.loaded) from batch e
                                                       where e.delivery_id = d.id and e.status = 'loaded')
                                 else l.loaded end as loaded
                       from batch l
                      where l.delivery_id = d.id and l.status = 'loaded' and l.replays is null
                      order by l.period desc, l.id desc limit 1) b on true
  left join lateral (select l.refusal from batch l where l.delivery_id = d.id and l.replays is null
                        and (b.period is null or l.period >= b.period)
                      order by l.id desc limit 1) a on true
"""
