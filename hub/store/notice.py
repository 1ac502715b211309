"""What is sent about a finding: notices, messages, reminders; and the list of seriously untrustworthy employers.

A finding is (``subject_key``, ``finding_id``). What a letter or a message says, and to whom it goes, rests sealed.
"""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from .base import Instant, metadata

notice = Table(
    "notice",
    metadata,
    Column("subject_key", sa.Uuid, nullable=False),
    Column("id", sa.Uuid, nullable=False),
    Column("finding_id", sa.Uuid, nullable=False),
    Column("rule", Text, nullable=False),
    Column("rule_digest", Text, nullable=False, comment="SHA-256 of the rule file whose words it repeats"),
    Column("run_id", BigInteger, nullable=False, comment="the run whose figures it repeats"),
    Column("kind", Text, nullable=False, comment="notification reminder_letter rectification interview"),
    Column("number", Text, nullable=False, comment="文号: 荣人社告知〔2026〕1号"),
    Column("area", Text),
    Column("state", Text, nullable=False, comment="issued served withdrawn"),
    Column("issued_at", Instant, nullable=False),
    Column("issued_by", Text, nullable=False, comment="the officer, by name"),
    Column("position", Text, nullable=False, comment="the officer's position (职务)"),
    Column("workdays", Integer, nullable=False, comment="working days to put it right, from the day of service"),
    Column("workdays_from", Text, nullable=False, comment="where that number is from: a clause, or the officer"),
    Column("served_on", Date),
    Column("served_how", Text, comment="in_person post electronic announcement"),
    Column("served_by", Text),
    Column("deadline_on", Date, comment="the last day to put it right"),
    Column("provisional", Boolean, comment="the deadline runs into a year whose working days are not announced yet"),
    Column("withdrawn_at", Instant),
    Column("withdrawn_by", Text, comment="the officer; null where the finding cleared"),
    Column("withdrawn_because", Text),
    Column("template_digest", Text, nullable=False, comment="SHA-256 of the template"),
    Column("text_digest", Text, nullable=False, comment="SHA-256 of salt and letter; the salt rests with it"),
    Column("sealed", LargeBinary, nullable=False, comment="{to, address, letter, salt}, sealed"),
    PrimaryKeyConstraint("subject_key", "id"),
    info={"place": ("hash", "subject_key")},
)
#: One standing notice of a kind a finding.
Index(
    "uq_notice_standing",
    notice.c.subject_key,
    notice.c.finding_id,
    notice.c.kind,
    unique=True,
    postgresql_where=notice.c.state != "withdrawn",
)
Index("ix_notice_number", notice.c.number)
Index("ix_notice_rule", notice.c.rule, notice.c.state)

#: The last number given in a year, of each series.
notice_number = Table(
    "notice_number",
    metadata,
    Column("series", Text, nullable=False, comment="荣人社告知"),
    Column("year", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("series", "year"),
    info={"place": ("local",)},
)

#: The outbox. ``id`` is the idempotency key that goes with the message.
message = Table(
    "message",
    metadata,
    Column("id", sa.Uuid, primary_key=True, comment="derived from what it is about and the channel: queued once"),
    Column("channel", Text, nullable=False, comment="mail gateway"),
    Column("about", Text, nullable=False, comment="notice reminder"),
    Column("about_id", sa.Uuid, nullable=False),
    Column("subject_key", sa.Uuid, nullable=False),
    Column("finding_id", sa.Uuid, nullable=False),
    Column("state", Text, nullable=False, comment="queued sending sent failed cancelled"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("queued_at", Instant, nullable=False),
    Column("not_before", Instant, nullable=False, comment="when it may be sent; sending: when another may take it"),
    Column("tried_at", Instant),
    Column("ended_at", Instant, comment="when it was sent, given up or cancelled"),
    Column("because", Text, comment="the code of the last failure, or why it was cancelled"),
    Column("sealed", LargeBinary, nullable=False, comment="{to, title, text, letter}, sealed"),
    info={"place": ("local",)},
)
Index("ix_message_due", message.c.channel, message.c.not_before, postgresql_where=message.c.ended_at.is_(None))
Index("ix_message_tried", message.c.channel, message.c.tried_at)
Index("ix_message_about", message.c.about_id)

#: Who wants no messages: letters and visits only.
message_opt_out = Table(
    "message_opt_out",
    metadata,
    Column("subject_key", sa.Uuid, primary_key=True),
    Column("opted_out", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False, comment="the officer who was told"),
    info={"place": ("hash", "subject_key")},
)

#: The reminders of a person in a payment year, counted from 1. A visit is dispatched when it is on a town's worklist.
reminder = Table(
    "reminder",
    metadata,
    Column("subject_key", sa.Uuid, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("id", sa.Uuid, nullable=False),
    Column("finding_id", sa.Uuid, nullable=False),
    Column("how", Text, nullable=False, comment="message visit"),
    Column("because", Text, comment="why it is a visit: no_phone opted_out failed gave_up to_be_checked"),
    Column("state", Text, nullable=False, comment="open dispatched done void"),
    Column("made_on", Date, nullable=False),
    Column("done_on", Date),
    Column("done_by", Text, comment="the officer who visited; null where a message was sent"),
    PrimaryKeyConstraint("subject_key", "year", "number"),
    info={"place": ("hash", "subject_key")},
)
Index(
    "ix_reminder_visit",
    reminder.c.year,
    postgresql_where=(reminder.c.how == "visit") & reminder.c.state.in_(["open", "dispatched"]),
)

#: The way of an employer on to the list, and off it. The current state; ``discipline_step`` keeps every step.
discipline = Table(
    "discipline",
    metadata,
    Column("subject_key", sa.Uuid, nullable=False, comment="the employer_key"),
    Column("id", sa.Uuid, nullable=False),
    Column("finding_id", sa.Uuid, nullable=False),
    Column("notice_id", sa.Uuid, nullable=False, comment="the notice that was served and not heeded"),
    Column("rule", Text, nullable=False),
    Column("state", Text, nullable=False, comment="proposed signed published lifted"),
    Column("proposed_by", Text, nullable=False),
    Column("signed_by", Text),
    Column("signed_on", Date),
    Column("published_at", Instant, comment="when it first stood in a delivery out"),
    Column("lifted_at", Instant),
    Column("lifted_because", Text),
    PrimaryKeyConstraint("subject_key", "id"),
    info={"place": ("hash", "subject_key")},
)
Index(
    "uq_discipline_standing",
    discipline.c.subject_key,
    discipline.c.finding_id,
    unique=True,
    postgresql_where=discipline.c.state != "lifted",
)
Index("ix_discipline_state", discipline.c.state)

discipline_step = Table(
    "discipline_step",
    metadata,
    Column("subject_key", sa.Uuid, nullable=False),
    Column("discipline_id", sa.Uuid, nullable=False),
    Column("state", Text, nullable=False, comment="proposed signed published lifted"),
    Column("at", Instant, nullable=False),
    Column("by", Text, comment="the officer; null where the finding cleared"),
    Column("position", Text, comment="the officer's position (职务)"),
    Column("reason", Text, nullable=False),
    Column("basis", JSONB, nullable=False, comment="notice, service, deadline, run and deliveries, as checked"),
    PrimaryKeyConstraint("subject_key", "discipline_id", "state"),
    info={"place": ("hash", "subject_key")},
)
