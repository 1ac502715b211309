"""What is sent about findings: notices, messages, reminders; the list of the seriously untrustworthy."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "discipline",
        sa.Column("subject_key", sa.Uuid(), nullable=False, comment="the employer_key"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False, comment="the notice that was served and not heeded"),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="proposed signed published lifted"),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column(
            "published_at",
            postgresql.TIMESTAMP(timezone=True),
            nullable=True,
            comment="when it first stood in a delivery out",
        ),
        sa.Column("lifted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("subject_key", "id", name=op.f("pk_discipline")),
    )
    op.create_index("ix_discipline_state", "discipline", ["state"], unique=False)
    op.create_index(
        "uq_discipline_standing",
        "discipline",
        ["subject_key", "finding_id"],
        unique=True,
        postgresql_where=sa.text("state != 'lifted'"),
    )
    op.create_table(
        "discipline_step",
        sa.Column("subject_key", sa.Uuid(), nullable=False),
        sa.Column("discipline_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="proposed signed published lifted"),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=True, comment="the officer; null where the finding cleared"),
        sa.Column("position", sa.Text(), nullable=True, comment="the officer's position (职务)"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "basis",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="notice, service, deadline, run and deliveries, as checked",
        ),
        sa.PrimaryKeyConstraint("subject_key", "discipline_id", "state", name=op.f("pk_discipline_step")),
    )
    op.create_table(
        "message",
        sa.Column(
            "id", sa.Uuid(), nullable=False, comment="derived from what it is about and the channel: queued once"
        ),
        sa.Column("channel", sa.Text(), nullable=False, comment="mail gateway"),
        sa.Column("about", sa.Text(), nullable=False, comment="notice reminder"),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("subject_key", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="queued sending sent failed cancelled"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("queued_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "not_before",
            postgresql.TIMESTAMP(timezone=True),
            nullable=False,
            comment="when it may be sent; sending: when another may take it",
        ),
        sa.Column("tried_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "ended_at",
            postgresql.TIMESTAMP(timezone=True),
            nullable=True,
            comment="when it was sent, given up or cancelled",
        ),
        sa.Column("because", sa.Text(), nullable=True, comment="the code of the last failure, or why it was cancelled"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="{to, title, text, letter}, sealed"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_about", "message", ["about_id"], unique=False)
    op.create_index(
        "ix_message_due",
        "message",
        ["channel", "not_before"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_message_tried", "message", ["channel", "tried_at"], unique=False)
    op.create_table(
        "message_opt_out",
        sa.Column("subject_key", sa.Uuid(), nullable=False),
        sa.Column("opted_out", sa.Boolean(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, comment="the officer who was told"),
        sa.PrimaryKeyConstraint("subject_key", name=op.f("pk_message_opt_out")),
    )
    op.create_table(
        "notice",
        sa.Column("subject_key", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("rule_digest", sa.Text(), nullable=False, comment="SHA-256 of the rule file whose words it repeats"),
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="the run whose figures it repeats"),
        sa.Column("kind", sa.Text(), nullable=False, comment="notification reminder_letter rectification interview"),
        sa.Column("number", sa.Text(), nullable=False, comment="文号: 荣人社告知〔2026〕1号"),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False, comment="issued served withdrawn"),
        sa.Column("issued_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False, comment="the officer, by name"),
        sa.Column("position", sa.Text(), nullable=False, comment="the officer's position (职务)"),
        sa.Column(
            "workdays", sa.Integer(), nullable=False, comment="working days to put it right, from the day of service"
        ),
        sa.Column(
            "workdays_from", sa.Text(), nullable=False, comment="where that number is from: a clause, or the officer"
        ),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("served_how", sa.Text(), nullable=True, comment="in_person post electronic announcement"),
        sa.Column("served_by", sa.Text(), nullable=True),
        sa.Column("deadline_on", sa.Date(), nullable=True, comment="the last day to put it right"),
        sa.Column(
            "provisional",
            sa.Boolean(),
            nullable=True,
            comment="the deadline runs into a year whose working days are not announced yet",
        ),
        sa.Column("withdrawn_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True, comment="the officer; null where the finding cleared"),
        sa.Column("withdrawn_because", sa.Text(), nullable=True),
        sa.Column("template_digest", sa.Text(), nullable=False, comment="SHA-256 of the template"),
        sa.Column(
            "text_digest", sa.Text(), nullable=False, comment="SHA-256 of salt and letter; the salt rests with it"
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="{to, address, letter, salt}, sealed"),
        sa.PrimaryKeyConstraint("subject_key", "id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_number", "notice", ["number"], unique=False)
    op.create_index("ix_notice_rule", "notice", ["rule", "state"], unique=False)
    op.create_index(
        "uq_notice_standing",
        "notice",
        ["subject_key", "finding_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state != 'withdrawn'"),
    )
    op.create_table(
        "notice_number",
        sa.Column("series", sa.Text(), nullable=False, comment="荣人社告知"),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_notice_number")),
    )
    op.create_table(
        "reminder",
        sa.Column("subject_key", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("how", sa.Text(), nullable=False, comment="message visit"),
        sa.Column("because", sa.Text(), nullable=True, comment="why it is a visit: no_phone opted_out failed"),
        sa.Column("state", sa.Text(), nullable=False, comment="open done void"),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column(
            "done_by", sa.Text(), nullable=True, comment="the officer who visited; null where a message was sent"
        ),
        sa.PrimaryKeyConstraint("subject_key", "year", "number", name=op.f("pk_reminder")),
    )
    op.create_index("ix_reminder_area", "reminder", ["area", "how", "state"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_reminder_area", table_name="reminder")
    op.drop_table("reminder")
    op.drop_table("notice_number")
    op.drop_index("uq_notice_standing", table_name="notice", postgresql_where=sa.text("state != 'withdrawn'"))
    op.drop_index("ix_notice_rule", table_name="notice")
    op.drop_index("ix_notice_number", table_name="notice")
    op.drop_table("notice")
    op.drop_table("message_opt_out")
    op.drop_index("ix_message_tried", table_name="message")
    op.drop_index("ix_message_due", table_name="message", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("ix_message_about", table_name="message")
    op.drop_table("message")
    op.drop_table("discipline_step")
    op.drop_index("uq_discipline_standing", table_name="discipline", postgresql_where=sa.text("state != 'lifted'"))
    op.drop_index("ix_discipline_state", table_name="discipline")
    op.drop_table("discipline")
