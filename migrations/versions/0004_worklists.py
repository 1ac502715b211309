"""Worklists: items, what was done, and their history."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "work_item",
        sa.Column("subject_key", sa.Uuid(), nullable=False, comment="the finding's"),
        sa.Column("finding_id", sa.Uuid(), nullable=False, comment="the finding's id"),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting dispatched reported recalled closed"),
        sa.Column(
            "area", sa.Text(), comment="reporting area that is to act; null where an office is, or nobody is known"
        ),
        sa.Column("office", sa.Text(), comment="department that is to act: the folder its deliveries stand in"),
        sa.Column("appeared_at", INSTANT, nullable=False, comment="when it first waited, or waited again"),
        sa.Column("dispatched_at", INSTANT, comment="when it was dispatched last"),
        sa.Column("due_on", sa.Date(), comment="last day to act"),
        sa.Column("due_provisional", sa.Boolean(), comment="whether a day was counted in a year that is not announced"),
        sa.Column("reported_at", INSTANT, comment="when an action was first reported since it was dispatched"),
        sa.Column(
            "contradicted_at",
            INSTANT,
            comment="when it was found again, by deliveries of months after it was reported as settled",
        ),
        sa.Column("held_because", sa.Text(), comment="why the finding is unknown; null where the item is not held"),
        sa.Column("closed_at", INSTANT, comment="when its finding had cleared"),
        sa.PrimaryKeyConstraint("subject_key", "finding_id", name=op.f("pk_work_item")),
    )
    op.create_index("ix_work_item_finding", "work_item", ["finding_id"])
    op.create_index("ix_work_item_area", "work_item", ["area", "state"])
    op.create_index("ix_work_item_state", "work_item", ["state", "due_on"])
    op.create_table(
        "work_event",
        sa.Column("subject_key", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column(
            "event",
            sa.Text(),
            nullable=False,
            comment="appeared dispatched reported contradicted recalled moved held released closed reopened",
        ),
        sa.Column("by", sa.Text(), comment="client, or officer at the command line"),
        sa.PrimaryKeyConstraint("subject_key", "finding_id", "at", "event", name=op.f("pk_work_event")),
    )
    op.create_table(
        "work_action",
        sa.Column("subject_key", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column(
            "id", sa.Uuid(), nullable=False, comment="derived from who reported it, the item, and the key they chose"
        ),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="notice call message visit interview self_check audit referral"
        ),
        sa.Column("acted_on", sa.Date(), nullable=False, comment="the day it was done"),
        sa.Column(
            "result",
            sa.Text(),
            nullable=False,
            comment="enrolled rectified promised not_enrolled no_contact disputed pending",
        ),
        sa.Column("reason", sa.Text(), comment="why not enrolled, as hub.terms names it"),
        sa.Column("officer", sa.Text(), nullable=False, comment="who did it, as the office names its staff"),
        sa.Column("by", sa.Text(), nullable=False, comment="client that reported it, or officer at the command line"),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "finding_id", "id", name=op.f("pk_work_action")),
    )


def downgrade() -> None:
    op.drop_table("work_action")
    op.drop_table("work_event")
    op.drop_table("work_item")
