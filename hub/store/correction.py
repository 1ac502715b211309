"""Rows that somebody says are wrong (校核纠错), what their department answered, and who decides then."""

from typing import Final

from sqlalchemy import BigInteger, Column, Date, Index, Integer, LargeBinary, Table, Text, Uuid, text

from .base import Instant, metadata

correction = Table(
    "correction",
    metadata,
    Column("id", Uuid, primary_key=True, comment="UUIDv7: sorts by when it was opened"),
    Column("batch_id", BigInteger, nullable=False, comment="the batch of the row, as a finding's evidence names it"),
    Column("row_no", Integer, nullable=False),
    Column("delivery", Text, nullable=False, comment="who gives / what: whose department answers"),
    Column("asked_by", Text, nullable=False, comment="the client or officer who doubts the row"),
    Column("asked_at", Instant, nullable=False),
    Column("step", Text, nullable=False, comment="verification negotiation authority superior government"),
    Column("due_on", Date, nullable=False, comment="last day of the step, in working days"),
    Column("answer", Text, comment="corrected confirmed not_ours; null while it is open"),
    Column("corrected_in", BigInteger, comment="the batch that brought the corrected row"),
    info={"place": ("reference",)},
)
Index(
    "ix_correction_open",
    correction.c.batch_id,
    correction.c.row_no,
    unique=True,
    postgresql_where=text("answer is null"),  # one open dispute a row
)

#: What was said at each turn of a dispute.
correction_turn = Table(
    "correction_turn",
    metadata,
    Column("id", Uuid, primary_key=True, comment="UUIDv7: sorts by when it was said"),
    Column("correction_id", Uuid, nullable=False),
    Column("turn", Text, nullable=False, comment="disputed, an answer, or the step it was taken to"),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="{words}, sealed"),
    info={"place": ("reference",)},
)
Index("ix_correction_turn", correction_turn.c.correction_id)

#: The disputes as they are read: with the department that answers.
DISPUTES: Final = "(select c.*, split_part(c.delivery, '/', 1) as department from correction c)"
