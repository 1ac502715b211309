"""Rows that somebody says are wrong (校核纠错), what their department answered, and who decides then."""

from sqlalchemy import BigInteger, Column, Date, Identity, Index, Integer, LargeBinary, Table, Text, text

from .base import Instant, metadata

correction = Table(
    "correction",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("batch_id", BigInteger, nullable=False, comment="the batch of the row, as a finding's evidence names it"),
    Column("row_no", Integer, nullable=False),
    Column("delivery", Text, nullable=False, comment="who gives / what: whose department answers"),
    Column("asked_by", Text, nullable=False, comment="the client or officer who doubts the row"),
    Column("asked_at", Instant, nullable=False),
    Column("said", LargeBinary, nullable=False, comment="what is wrong with it, sealed"),
    Column("step", Text, nullable=False, comment="verification negotiation authority superior government"),
    Column("due_on", Date, nullable=False, comment="last day of the step, in working days"),
    Column("answer", Text, comment="corrected confirmed not_ours; null while it is open"),
    Column("answered_by", Text),
    Column("answered_at", Instant),
    Column("reply", LargeBinary, comment="what was answered, sealed"),
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
