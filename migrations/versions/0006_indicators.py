"""Indicators: releases, cells, what is shown, progress, publications; returns to the national participation store."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "indicator_cell",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False, comment="the measure file's name: payment_rate"),
        sa.Column("division", sa.Text(), nullable=False, comment="area park"),
        sa.Column("area", sa.Text(), nullable=False, comment="reporting area or park; empty: the whole; unassigned"),
        sa.Column("insurance", sa.Text(), nullable=False, comment="empty where it is told over all, or of none"),
        sa.Column("numerator", sa.Numeric(precision=20, scale=2), nullable=True),
        sa.Column("denominator", sa.Numeric(precision=20, scale=2), nullable=True),
        sa.Column("contributors", sa.Integer(), nullable=True, comment="whose the yuan are, counted"),
        sa.Column("state", sa.Text(), nullable=False, comment="known unknown"),
        sa.Column("because", sa.Text(), nullable=True, comment="why it is unknown"),
        sa.PrimaryKeyConstraint(
            "release_id", "measure", "division", "area", "insurance", name=op.f("pk_indicator_cell")
        ),
    )
    op.create_table(
        "indicator_progress",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False, comment="the targets file's name: yancheng"),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("insurance", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("compare", sa.Text(), nullable=False, comment="at_least at_most rising below_last_year"),
        sa.Column(
            "target", sa.Numeric(precision=20, scale=2), nullable=True, comment="null where the clause says no number"
        ),
        sa.Column("value", sa.Numeric(precision=20, scale=2), nullable=True),
        sa.Column(
            "last_year",
            sa.Numeric(precision=20, scale=2),
            nullable=True,
            comment="the value shown for the same month of last year",
        ),
        sa.Column(
            "due_share",
            sa.Numeric(precision=5, scale=4),
            nullable=True,
            comment="share of the year that is gone, where the measure accumulates",
        ),
        sa.Column("share", sa.Numeric(precision=12, scale=4), nullable=True, comment="value of target"),
        sa.Column("state", sa.Text(), nullable=False, comment="reached on_track behind unknown"),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True, comment="among the areas of the target, the best first"),
        sa.PrimaryKeyConstraint(
            "release_id", "policy", "measure", "area", "insurance", name=op.f("pk_indicator_progress")
        ),
    )
    op.create_table(
        "indicator_publication",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("published_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True, comment="why the month was published again"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_publication")),
    )
    op.create_index("ix_indicator_publication_month", "indicator_publication", ["month", "id"], unique=False)
    op.create_table(
        "indicator_release",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("month", sa.Date(), nullable=False, comment="the month measured, as its first day"),
        sa.Column("region", sa.Text(), nullable=False, comment="the division the hub serves"),
        sa.Column(
            "measures",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="{measure: {digest, verdict, because, parameters, batches}} it rests on",
        ),
        sa.Column(
            "hiding",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="{parameter: {value, from, region, source}} it is hidden by",
        ),
        sa.Column("targets_digest", sa.Text(), nullable=False, comment="SHA-256 of the files of targets"),
        sa.Column(
            "known_at",
            postgresql.TIMESTAMP(timezone=True),
            nullable=False,
            comment="facts are taken as known at this instant",
        ),
        sa.Column("computed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("computed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_release")),
    )
    op.create_index("ix_indicator_release_month", "indicator_release", ["month", "id"], unique=False)
    op.create_table(
        "indicator_shown",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False, comment="the measure file's name: payment_rate"),
        sa.Column("division", sa.Text(), nullable=False, comment="area park"),
        sa.Column("area", sa.Text(), nullable=False, comment="reporting area or park; empty: the whole; unassigned"),
        sa.Column("insurance", sa.Text(), nullable=False, comment="empty where it is told over all, or of none"),
        sa.Column("unit", sa.Text(), nullable=False, comment="of the value"),
        sa.Column("numerator", sa.Numeric(precision=20, scale=2), nullable=True),
        sa.Column("denominator", sa.Numeric(precision=20, scale=2), nullable=True),
        sa.Column("value", sa.Numeric(precision=20, scale=2), nullable=True),
        sa.Column("state", sa.Text(), nullable=False, comment="known unknown hidden"),
        sa.Column("because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint(
            "release_id", "measure", "division", "area", "insurance", name=op.f("pk_indicator_shown")
        ),
    )
    op.create_table(
        "national_return",
        sa.Column("month", sa.Date(), nullable=False, comment="the month returned, as its first day"),
        sa.Column("file", sa.Text(), nullable=False, comment="the name of its file"),
        sa.Column("sha256", sa.Text(), nullable=False, comment="of the file"),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column(
            "batches",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="{delivery: {batch, period, sealed_at}} it rests on",
        ),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_national_return")),
    )
    op.create_table(
        "national_return_row",
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column("insurance", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False, comment="the return that told it last"),
        sa.Column(
            "digest", sa.LargeBinary(), nullable=False, comment="keyed digest of what was told; empty: told as ended"
        ),
        sa.PrimaryKeyConstraint("person_key", "insurance", name=op.f("pk_national_return_row")),
    )


def downgrade() -> None:
    op.drop_table("national_return_row")
    op.drop_table("national_return")
    op.drop_table("indicator_shown")
    op.drop_index("ix_indicator_release_month", table_name="indicator_release")
    op.drop_table("indicator_release")
    op.drop_index("ix_indicator_publication_month", table_name="indicator_publication")
    op.drop_table("indicator_publication")
    op.drop_table("indicator_progress")
    op.drop_table("indicator_cell")
