"""Indicators: releases, their cells as reckoned and as shown, progress against targets, publications; monthly returns.

A release is frozen: its rows are added once and never changed. What is shown of a month is its latest publication's.
"""

from sqlalchemy import BigInteger, Column, Date, Identity, Index, Integer, LargeBinary, Numeric, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from .base import Instant, metadata

indicator_release = Table(
    "indicator_release",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("month", Date, nullable=False, comment="the month measured, as its first day"),
    Column("region", Text, nullable=False, comment="the division the hub serves"),
    Column(
        "measures",
        JSONB,
        nullable=False,
        comment="{measure: {digest, verdict, because, parameters, batches}} it rests on",
    ),
    Column("hiding", JSONB, nullable=False, comment="{parameter: {value, from, region, source}} it is hidden by"),
    Column("targets_digest", Text, nullable=False, comment="SHA-256 of the files of targets"),
    Column("known_at", Instant, nullable=False, comment="facts are taken as known at this instant"),
    Column("computed_at", Instant, nullable=False),
    Column("computed_by", Text, nullable=False),
    info={"place": ("reference",)},
)
Index("ix_indicator_release_month", indicator_release.c.month, indicator_release.c.id)


def _coordinates() -> list[Column[object]]:
    return [
        Column("release_id", BigInteger, primary_key=True),
        Column("measure", Text, primary_key=True, comment="the measure file's name: payment_rate"),
        Column("division", Text, primary_key=True, comment="area park"),
        Column("area", Text, primary_key=True, comment="reporting area or park; empty: the whole; unassigned"),
        Column("insurance", Text, primary_key=True, comment="empty where it is told over all, or of none"),
    ]


#: What was reckoned, small cells and all: for the writer alone.
indicator_cell = Table(
    "indicator_cell",
    metadata,
    *_coordinates(),
    Column("numerator", Numeric(20, 2)),
    Column("denominator", Numeric(20, 2)),
    Column("contributors", Integer, comment="whose the yuan are, counted"),
    Column("state", Text, nullable=False, comment="known unknown"),
    Column("because", Text, comment="why it is unknown"),
    info={"place": ("reference",)},
)

#: What may be seen of a release: rounded, small cells and those that would tell them hidden.
indicator_shown = Table(
    "indicator_shown",
    metadata,
    *_coordinates(),
    Column("unit", Text, nullable=False, comment="of the value"),
    Column("numerator", Numeric(20, 2)),
    Column("denominator", Numeric(20, 2)),
    Column("value", Numeric(20, 2)),
    Column("state", Text, nullable=False, comment="known unknown hidden"),
    Column("because", Text),
    info={"place": ("reference",)},
)

#: How the shown figures stand against the targets.
indicator_progress = Table(
    "indicator_progress",
    metadata,
    Column("release_id", BigInteger, primary_key=True),
    Column("policy", Text, primary_key=True, comment="the targets file's name: yancheng"),
    Column("measure", Text, primary_key=True),
    Column("area", Text, primary_key=True),
    Column("insurance", Text, primary_key=True),
    Column("clause", Text, nullable=False),
    Column("compare", Text, nullable=False, comment="at_least at_most rising below_last_year"),
    Column("target", Numeric(20, 2), comment="null where the clause says no number"),
    Column("value", Numeric(20, 2)),
    Column("last_year", Numeric(20, 2), comment="the value shown for the same month of last year"),
    Column("due_share", Numeric(5, 4), comment="share of the year that is gone, where the measure accumulates"),
    Column("share", Numeric(12, 4), comment="value of target"),
    Column("state", Text, nullable=False, comment="reached on_track behind unknown"),
    Column("because", Text),
    Column("rank", Integer, comment="among the areas of the target, the best first"),
    info={"place": ("reference",)},
)

#: Which release of a month is shown; the latest row of a month counts.
indicator_publication = Table(
    "indicator_publication",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("month", Date, nullable=False),
    Column("release_id", BigInteger, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("reason", Text, comment="why the month was published again"),
    info={"place": ("reference",)},
)
Index("ix_indicator_publication_month", indicator_publication.c.month, indicator_publication.c.id)

#: One monthly return to the national participation store.
national_return = Table(
    "national_return",
    metadata,
    Column("month", Date, primary_key=True, comment="the month returned, as its first day"),
    Column("file", Text, nullable=False, comment="the name of its file"),
    Column("sha256", Text, nullable=False, comment="of the file"),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("ended", Integer, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("batches", JSONB, nullable=False, comment="{delivery: {batch, period, sealed_at}} it rests on"),
    info={"place": ("reference",)},
)

#: What the national store was last told of a person's insurance.
national_return_row = Table(
    "national_return_row",
    metadata,
    Column("person_key", Uuid, primary_key=True),
    Column("insurance", Text, primary_key=True),
    Column("month", Date, nullable=False, comment="the return that told it last"),
    Column("digest", LargeBinary, nullable=False, comment="keyed digest of what was told; empty: told as ended"),
    info={"place": ("hash", "person_key")},
)
