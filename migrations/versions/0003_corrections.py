"""Disputed rows and their answers; the texts of the rules that were run; findings by the rows they rest on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid(), nullable=False, comment="UUIDv7: sorts by when it was opened"),
        sa.Column(
            "batch_id",
            sa.BigInteger(),
            nullable=False,
            comment="the batch of the row, as a finding's evidence names it",
        ),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False, comment="who gives / what: whose department answers"),
        sa.Column("asked_by", sa.Text(), nullable=False, comment="the client or officer who doubts the row"),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("step", sa.Text(), nullable=False, comment="verification negotiation authority superior government"),
        sa.Column("due_on", sa.Date(), nullable=False, comment="last day of the step, in working days"),
        sa.Column("answer", sa.Text(), nullable=True, comment="corrected confirmed not_ours; null while it is open"),
        sa.Column("corrected_in", sa.BigInteger(), nullable=True, comment="the batch that brought the corrected row"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index(
        "ix_correction_open",
        "correction",
        ["batch_id", "row_no"],
        unique=True,
        postgresql_where=sa.text("answer is null"),
    )
    op.create_table(
        "correction_turn",
        sa.Column("id", sa.Uuid(), nullable=False, comment="UUIDv7: sorts by when it was said"),
        sa.Column("correction_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Text(), nullable=False, comment="disputed, an answer, or the step it was taken to"),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="{words}, sealed"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_turn")),
    )
    op.create_index("ix_correction_turn", "correction_turn", ["correction_id"])
    op.create_table(
        "rule_version",
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the rule file"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="the file's text"),
        sa.Column("first_run_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_rule_version")),
    )
    op.alter_column(
        "batch",
        "channel",
        existing_type=sa.TEXT(),
        comment="file database http push drop replay withdrawal",
        existing_comment="file database http push drop replay",
        existing_nullable=False,
        existing_server_default=sa.text("'file'"),
    )
    op.create_index("ix_finding_evidence_row", "finding_evidence", ["batch_id", "row_no"])


def downgrade() -> None:
    op.alter_column(
        "batch",
        "channel",
        existing_type=sa.TEXT(),
        comment="file database http push drop replay",
        existing_comment="file database http push drop replay withdrawal",
        existing_nullable=False,
        existing_server_default=sa.text("'file'"),
    )
    op.drop_index("ix_finding_evidence_row", table_name="finding_evidence")
    op.drop_table("rule_version")
    op.drop_index("ix_correction_turn", table_name="correction_turn")
    op.drop_table("correction_turn")
    op.drop_index("ix_correction_open", table_name="correction", postgresql_where=sa.text("answer is null"))
    op.drop_table("correction")
