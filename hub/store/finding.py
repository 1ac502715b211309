"""Runs of the rules, what they found, and the rows it rests on."""

from sqlalchemy import BigInteger, Column, Date, Identity, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from .base import Instant, metadata

check_run = Table(
    "check_run",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("rule", Text, nullable=False, comment="the rule file's name: registered_not_enrolled"),
    Column("rule_digest", Text, nullable=False, comment="SHA-256 of the rule file"),
    Column("parameters", JSONB, nullable=False, comment="{name: {value, from, region, source}} as used"),
    Column("batches", JSONB, nullable=False, comment="{delivery: {batch, period, sealed_at}} it rests on"),
    Column("verdict", Text, nullable=False, comment="judged or unknown"),
    Column("unknown_because", Text, comment="the missing or stale deliveries, or the parameter not set"),
    Column("found", Integer, nullable=False, server_default="0"),
    Column("opened", Integer, nullable=False, server_default="0"),
    Column("cleared", Integer, nullable=False, server_default="0"),
    Column("unknown", Integer, nullable=False, server_default="0", comment="subjects the data do not decide"),
    Column("today", Date, nullable=False, comment="the day judged for"),
    Column("known_at", Instant, nullable=False, comment="facts are taken as known at this instant"),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("statement", Text, comment="SHA-256 of the SQL with its values in place, and of the shared views"),
    Column("judged_again", Integer, comment="subjects judged again; null: all of them"),
    info={"place": ("reference",)},
)
Index("ix_check_run_rule", check_run.c.rule, check_run.c.id)

#: The texts of the rules that were run, so that what a finding rests on can be shown when the file has changed.
rule_version = Table(
    "rule_version",
    metadata,
    Column("digest", Text, primary_key=True, comment="SHA-256 of the rule file"),
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False, comment="the file's text"),
    Column("first_run_at", Instant, nullable=False),
    info={"place": ("reference",)},
)

finding = Table(
    "finding",
    metadata,
    Column("subject_key", Uuid, nullable=False, comment="person_key, employer_key, or a project's derived key"),
    Column("id", Uuid, nullable=False, comment="derived from rule, subject and matter: the same case keeps its id"),
    Column("rule", Text, nullable=False),
    Column("subject", Text, nullable=False, comment="person employer project"),
    Column("matter", Text, nullable=False, comment="what tells two findings of one subject apart; may be empty"),
    Column("state", Text, nullable=False, comment="open cleared unknown"),
    Column("severity", Text, nullable=False),
    Column("area", Text),
    Column("region", Text),
    Column("employer_key", Uuid),
    Column("person_key", Uuid),
    Column("project_code", Text),
    Column("values", JSONB, nullable=False, comment="the figures the rule returned; nothing personal"),
    Column("opened_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False, comment="last run that found it true"),
    Column("ended_at", Instant, comment="when it was cleared"),
    Column("unknown_because", Text),
    Column("run_id", BigInteger, nullable=False, comment="the run that last judged it"),
    PrimaryKeyConstraint("subject_key", "id"),
    info={"place": ("hash", "subject_key")},
)
Index("ix_finding_rule_state", finding.c.rule, finding.c.state, finding.c.id)
Index("ix_finding_area", finding.c.area, finding.c.rule, finding.c.state)
Index("ix_finding_employer", finding.c.employer_key)

#: Whom the last run of a rule could not decide: keys alone, for the count, replaced by the next.
undecided = Table(
    "undecided",
    metadata,
    Column("subject_key", Uuid, nullable=False),
    Column("id", Uuid, nullable=False, comment="the id that its finding would have"),
    Column("rule", Text, nullable=False),
    PrimaryKeyConstraint("subject_key", "id"),
    info={"place": ("hash", "subject_key")},
)
Index("ix_undecided_rule", undecided.c.rule)

#: The life of a finding: opened, cleared, unknown, reopened; "still true" is the finding's ``seen_at``.
finding_event = Table(
    "finding_event",
    metadata,
    Column("subject_key", Uuid, nullable=False),
    Column("finding_id", Uuid, nullable=False),
    Column("run_id", BigInteger, nullable=False),
    Column("event", Text, nullable=False, comment="opened cleared unknown reopened"),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("subject_key", "finding_id", "run_id"),
    info={"place": ("hash", "subject_key")},
)

#: The facts a finding rests on, each traced to its batch and row.
finding_evidence = Table(
    "finding_evidence",
    metadata,
    Column("subject_key", Uuid, nullable=False),
    Column("finding_id", Uuid, nullable=False),
    Column("run_id", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("fact", Text, nullable=False, comment="the table the row stands in"),
    Column("batch_id", BigInteger, nullable=False),
    Column("row_no", Integer, nullable=False),
    Column("person_key", Uuid, comment="whose row it is, where it is a person's"),
    Column("row", JSONB, nullable=False, comment="what the row says, without sealed and key columns"),
    PrimaryKeyConstraint("subject_key", "finding_id", "run_id", "position"),
    info={"place": ("hash", "subject_key")},
)
Index("ix_finding_evidence_row", finding_evidence.c.batch_id, finding_evidence.c.row_no)
