"""Worklists: who is to act on a finding until when, what was done, and how it went on."""

from typing import Final

from sqlalchemy import Boolean, Column, Date, Index, PrimaryKeyConstraint, Table, Text, Uuid

from .base import Instant, metadata

#: One item a finding, for as long as the hub lives: a case that comes back is the same item again.
work_item = Table(
    "work_item",
    metadata,
    Column("subject_key", Uuid, nullable=False, comment="the finding's"),
    Column("finding_id", Uuid, nullable=False, comment="the finding's id"),
    Column("state", Text, nullable=False, comment="waiting dispatched reported recalled closed"),
    Column("area", Text, comment="reporting area that is to act; null where an office is, or nobody is known"),
    Column("office", Text, comment="department that is to act: the folder its deliveries stand in"),
    Column("appeared_at", Instant, nullable=False, comment="when it first waited, or waited again"),
    Column("dispatched_at", Instant, comment="when it was dispatched last"),
    Column("due_on", Date, comment="last day to act"),
    Column("due_provisional", Boolean, comment="whether a day was counted in a year that is not announced"),
    Column("reported_at", Instant, comment="when an action was first reported since it was dispatched"),
    Column(
        "contradicted_at",
        Instant,
        comment="when it was found again, by deliveries of months after it was reported as settled",
    ),
    Column("held_because", Text, comment="why the finding is unknown; null where the item is not held"),
    Column("closed_at", Instant, comment="when its finding had cleared"),
    PrimaryKeyConstraint("subject_key", "finding_id"),
    info={"place": ("hash", "subject_key")},
)
Index("ix_work_item_finding", work_item.c.finding_id)
Index("ix_work_item_area", work_item.c.area, work_item.c.state)
Index("ix_work_item_state", work_item.c.state, work_item.c.due_on)

#: The life of an item. Who did it is null where the hub did, following the finding.
work_event = Table(
    "work_event",
    metadata,
    Column("subject_key", Uuid, nullable=False),
    Column("finding_id", Uuid, nullable=False),
    Column("at", Instant, nullable=False),
    Column(
        "event",
        Text,
        nullable=False,
        comment="appeared dispatched reported contradicted recalled moved held released closed reopened",
    ),
    Column("by", Text, comment="client, or officer at the command line"),
    PrimaryKeyConstraint("subject_key", "finding_id", "at", "event"),
    info={"place": ("hash", "subject_key")},
)

work_action = Table(
    "work_action",
    metadata,
    Column("subject_key", Uuid, nullable=False),
    Column("finding_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False, comment="derived from who reported it, the item, and the key they chose"),
    Column("kind", Text, nullable=False, comment="notice call message visit interview self_check audit referral"),
    Column("acted_on", Date, nullable=False, comment="the day it was done"),
    Column(
        "result",
        Text,
        nullable=False,
        comment="enrolled rectified promised not_enrolled no_contact disputed pending",
    ),
    Column("reason", Text, comment="why not enrolled, as hub.terms names it"),
    Column("officer", Text, nullable=False, comment="who did it, as the office names its staff"),
    Column("by", Text, nullable=False, comment="client that reported it, or officer at the command line"),
    Column("recorded_at", Instant, nullable=False),
    PrimaryKeyConstraint("subject_key", "finding_id", "id"),
    info={"place": ("hash", "subject_key")},
)

#: Items with what their findings say: what is shown of them, chosen from them, and may be changed, is told by these
#: columns. ``sorts_on``: the deadline, or the last day there is.
WORK_ITEMS: Final = """(
    select w.*, f.rule, f.subject, f.severity, f.person_key, f.employer_key, f.project_code,
           coalesce(w.due_on, date '9999-12-31') as sorts_on
      from work_item w join finding f on f.subject_key = w.subject_key and f.id = w.finding_id)"""
