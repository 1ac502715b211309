"""The first store: lineage, facts, findings, clients, the access log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

#: A partition a year, and one for what lies outside: a month is never refused for want of a partition.
YEARS = range(2015, 2036)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assertion_used",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "jti", name=op.f("pk_assertion_used")),
    )
    op.create_table(
        "assistance",
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="low_income destitute …"),
        sa.Column("certificate_no", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="active suspended ended"),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("delivery_id", sa.SmallInteger(), nullable=False, comment="the delivery that says so"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="the batch that said so first"),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="the row of that batch, counted from 1"),
        sa.Column(
            "digest", sa.Uuid(), nullable=False, comment="keyed digest of what the row says; equal means unchanged"
        ),
        sa.Column("known_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "known_until",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("timestamptz '9999-12-31 00:00:00+00'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "person_key", "kind", "certificate_no", "delivery_id", "known_until", name=op.f("pk_assistance")
        ),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("published_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "audit_event",
        sa.Column(
            "event_id", sa.Uuid(), nullable=False, comment="UUIDv7: sorts by time, so a range of time is a range of ids"
        ),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=True, comment="OAuth client_id or officer; null where there is none"),
        sa.Column("scope", sa.Text(), nullable=True, comment="the grant it happened under"),
        sa.Column("persons", sa.Integer(), nullable=False, comment="distinct persons shown"),
        sa.Column("leaf", sa.LargeBinary(), nullable=False, comment="canonical JSON: the bytes that the tree hashes"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event_client", "audit_event", ["client", "event_id"], unique=False)
    op.create_table(
        "audit_leaf",
        sa.Column("leaf_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", name=op.f("pk_audit_leaf")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_leaf_event_id")),
    )
    op.create_table(
        "audit_node",
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_audit_node")),
    )
    op.create_table(
        "audit_pending",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("leaf_hashes", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_pending")),
    )
    op.create_table(
        "audit_personal",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column(
            "personal", sa.LargeBinary(), nullable=False, comment="canonical JSON, sealed where the hub has keys"
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_audit_personal")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("delivery_id", sa.SmallInteger(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False, comment="the month delivered, as its first day"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 over the files, in order"),
        sa.Column(
            "files",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="[{name, bytes, sha256, encoding, sheet…}]",
        ),
        sa.Column("status", sa.Text(), nullable=False, comment="loaded or refused"),
        sa.Column("refusal", sa.Text(), nullable=True, comment="why a batch was refused"),
        sa.Column("declared", sa.Integer(), nullable=False, comment="rows found in the files"),
        sa.Column("loaded", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "ended", sa.Integer(), server_default="0", nullable=False, comment="facts a snapshot no longer holds"
        ),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "sealed_at",
            postgresql.TIMESTAMP(timezone=True),
            nullable=False,
            comment="the instant its facts are known from",
        ),
        sa.Column("loaded_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "declared = loaded + rejected or status = 'refused'", name=op.f("ck_batch_every_row_accounted_for")
        ),
        sa.CheckConstraint("status in ('loaded', 'refused')", name=op.f("ck_batch_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index("ix_batch_delivery_period", "batch", ["delivery_id", "period"], unique=False)
    op.create_index(
        "uq_batch_loaded_once",
        "batch",
        ["delivery_id", "period", "digest"],
        unique=True,
        postgresql_where=sa.text("status = 'loaded'"),
    )
    op.create_table(
        "benefit",
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="employee_pension resident_pension unemployment injury …"),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="drawing suspended ended"),
        sa.Column("monthly_yuan", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("last_paid_month", sa.Date(), nullable=True, comment="last month paid out, as its first day"),
        sa.Column("delivery_id", sa.SmallInteger(), nullable=False, comment="the delivery that says so"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="the batch that said so first"),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="the row of that batch, counted from 1"),
        sa.Column(
            "digest", sa.Uuid(), nullable=False, comment="keyed digest of what the row says; equal means unchanged"
        ),
        sa.Column("known_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "known_until",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("timestamptz '9999-12-31 00:00:00+00'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "person_key", "kind", "starts_on", "delivery_id", "known_until", name=op.f("pk_benefit")
        ),
    )
    op.create_table(
        "check_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False, comment="the rule file's name: registered_not_enrolled"),
        sa.Column("rule_digest", sa.Text(), nullable=False, comment="SHA-256 of the rule file"),
        sa.Column(
            "parameters",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="{name: {value, from, region, source}} as used",
        ),
        sa.Column(
            "batches",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="{delivery: {batch, period, sealed_at}} it rests on",
        ),
        sa.Column("verdict", sa.Text(), nullable=False, comment="judged or unknown"),
        sa.Column(
            "unknown_because",
            sa.Text(),
            nullable=True,
            comment="the missing or stale deliveries, or the parameter not set",
        ),
        sa.Column("found", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opened", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cleared", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "unknown", sa.Integer(), server_default="0", nullable=False, comment="subjects the data do not decide"
        ),
        sa.Column("today", sa.Date(), nullable=False, comment="the day judged for"),
        sa.Column(
            "known_at",
            postgresql.TIMESTAMP(timezone=True),
            nullable=False,
            comment="facts are taken as known at this instant",
        ),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("finished_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_run")),
    )
    op.create_index("ix_check_run_rule", "check_run", ["rule", "id"], unique=False)
    op.create_table(
        "client",
        sa.Column("id", sa.Text(), nullable=False, comment="OAuth client_id"),
        sa.Column("name", sa.Text(), nullable=False, comment="the office that holds it, in its own words"),
        sa.Column("department", sa.Text(), nullable=False, comment="folder of access_policies its grants come from"),
        sa.Column(
            "attributes",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="what $client.* in a grant stands for: {area, region}",
        ),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False, comment="the grants it may ask for"),
        sa.Column(
            "secret_hash",
            sa.LargeBinary(),
            nullable=True,
            comment="scrypt of the secret; null where it signs assertions",
        ),
        sa.Column(
            "jwks",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="its public keys for private_key_jwt",
        ),
        sa.Column("enabled", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
    )
    op.create_table(
        "collection",
        sa.Column("employer_key", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False, comment="month the premium is for"),
        sa.Column("insurance", sa.Text(), nullable=False),
        sa.Column("voucher_no", sa.Text(), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=True),
        sa.Column("wage_total", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("due_yuan", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("paid_yuan", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("delivery_id", sa.SmallInteger(), nullable=False, comment="the delivery that says so"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="the batch that said so first"),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="the row of that batch, counted from 1"),
        sa.Column(
            "digest", sa.Uuid(), nullable=False, comment="keyed digest of what the row says; equal means unchanged"
        ),
        sa.Column("known_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "known_until",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("timestamptz '9999-12-31 00:00:00+00'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "employer_key", "month", "insurance", "voucher_no", "delivery_id", "known_until", name=op.f("pk_collection")
        ),
    )
    op.create_table(
        "contribution",
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False, comment="corresponding month (对应费款所属期)"),
        sa.Column("insurance", sa.Text(), nullable=False),
        sa.Column("employer_key", sa.Uuid(), nullable=False),
        sa.Column("contribution_base", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("employer_yuan", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("person_yuan", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False, comment="regular back_payment refund"),
        sa.Column("paid", sa.Boolean(), nullable=False, comment="arrived in full"),
        sa.Column("settled_on", sa.Date(), nullable=True, comment="month it was settled in (费款所属期)"),
        sa.Column("delivery_id", sa.SmallInteger(), nullable=False, comment="the delivery that says so"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="the batch that said so first"),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="the row of that batch, counted from 1"),
        sa.Column(
            "digest", sa.Uuid(), nullable=False, comment="keyed digest of what the row says; equal means unchanged"
        ),
        sa.Column("known_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "known_until",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("timestamptz '9999-12-31 00:00:00+00'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "person_key",
            "month",
            "insurance",
            "employer_key",
            "kind",
            "delivery_id",
            "known_until",
            name=op.f("pk_contribution"),
        ),
        postgresql_partition_by="RANGE (month)",
    )
    for year in YEARS:
        op.execute(
            f"create table contribution_in_{year} partition of contribution "
            f"for values from ('{year}-01-01') to ('{year + 1}-01-01')"
        )
    op.execute("create table contribution_in_other_years partition of contribution default")
    op.create_table(
        "delivery",
        sa.Column("id", sa.SmallInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="the connector's path: who gives / what"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False, comment="the department, in its own words"),
        sa.Column("cadence", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False, comment="the table of the facts it delivers"),
        sa.Column("form", sa.Text(), server_default="snapshot", nullable=False, comment="snapshot delta append"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("name", name=op.f("uq_delivery_name")),
    )
    op.create_table(
        "employer",
        sa.Column("employer_key", sa.Uuid(), nullable=False, comment="pseudonym of the USCC or of what stands for it"),
        sa.Column(
            "uscc",
            sa.Text(),
            nullable=True,
            comment="unified social credit code (GB 32100); null where only another number is known",
        ),
        sa.Column("registration_no", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="enterprise individual_business cooperative social_organization …",
        ),
        sa.Column("industry", sa.Text(), nullable=True, comment="GB/T 4754 code, with its leading zeros"),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("legal_representative", sa.LargeBinary(), nullable=True, comment="{name, resident_id}, sealed"),
        sa.Column("legal_representative_masked", sa.Text(), nullable=True),
        sa.Column("legal_representative_key", sa.Uuid(), nullable=True),
        sa.Column("capital_yuan", sa.Text(), nullable=True),
        sa.Column("staff_declared", sa.Integer(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False, comment="operating cancelled revoked moved_out introduced"),
        sa.Column("status_on", sa.Date(), nullable=True),
        sa.Column("delivery_id", sa.SmallInteger(), nullable=False, comment="the delivery that says so"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="the batch that said so first"),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="the row of that batch, counted from 1"),
        sa.Column(
            "digest", sa.Uuid(), nullable=False, comment="keyed digest of what the row says; equal means unchanged"
        ),
        sa.Column("known_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "known_until",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("timestamptz '9999-12-31 00:00:00+00'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("employer_key", "known_until", name=op.f("pk_employer")),
    )
    op.create_index("ix_employer_area", "employer", ["area", "employer_key"], unique=False)
    op.create_index("ix_employer_uscc", "employer", ["uscc"], unique=False)
    op.create_table(
        "employer_account",
        sa.Column("employer_key", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="tax social_insurance provident_fund"),
        sa.Column("insurance", sa.Text(), nullable=False, comment="an insurance type, or empty"),
        sa.Column("account_no", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="normal suspended abnormal closed"),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=True),
        sa.Column("delivery_id", sa.SmallInteger(), nullable=False, comment="the delivery that says so"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="the batch that said so first"),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="the row of that batch, counted from 1"),
        sa.Column(
            "digest", sa.Uuid(), nullable=False, comment="keyed digest of what the row says; equal means unchanged"
        ),
        sa.Column("known_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "known_until",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("timestamptz '9999-12-31 00:00:00+00'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "employer_key",
            "kind",
            "insurance",
            "account_no",
            "delivery_id",
            "known_until",
            name=op.f("pk_employer_account"),
        ),
    )
    op.create_table(
        "employer_alias",
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="provident_fund social_insurance registration organization_code"
        ),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("employer_key", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "number", name=op.f("pk_employer_alias")),
    )
    op.create_table(
        "employer_closure",
        sa.Column("employer_key", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="cancelled revoked"),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("delivery_id", sa.SmallInteger(), nullable=False, comment="the delivery that says so"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="the batch that said so first"),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="the row of that batch, counted from 1"),
        sa.Column(
            "digest", sa.Uuid(), nullable=False, comment="keyed digest of what the row says; equal means unchanged"
        ),
        sa.Column("known_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "known_until",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("timestamptz '9999-12-31 00:00:00+00'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "employer_key", "kind", "closed_on", "delivery_id", "known_until", name=op.f("pk_employer_closure")
        ),
    )
    op.create_table(
        "employment_month",
        sa.Column("employer_key", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column(
            "wage", sa.Numeric(precision=14, scale=2), nullable=True, comment="wages taxed (工资薪金), bonuses left out"
        ),
        sa.Column(
            "labor_service", sa.Numeric(precision=14, scale=2), nullable=True, comment="labor-service income (劳务报酬)"
        ),
        sa.Column(
            "pension_base",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="base of the employee pension contribution for the month",
        ),
        sa.PrimaryKeyConstraint("employer_key", "month", "person_key", name=op.f("pk_employment_month")),
    )
    op.create_index("ix_employment_month_month", "employment_month", ["month"], unique=False)
    op.create_table(
        "enrollment",
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column("insurance", sa.Text(), nullable=False),
        sa.Column("employer_key", sa.Uuid(), nullable=False, comment="nil where there is no employer"),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False, comment="first day no longer insured; 9999-12-31 while open"),
        sa.Column("state", sa.Text(), nullable=False, comment="active suspended ended retired"),
        sa.Column("contributor", sa.Text(), nullable=True, comment="employee flexible resident assisted …"),
        sa.Column("contribution_base", sa.Numeric(precision=14, scale=2), nullable=True, comment="yuan a month"),
        sa.Column(
            "tier_yuan", sa.Numeric(precision=14, scale=2), nullable=True, comment="resident pension: yuan a year"
        ),
        sa.Column(
            "paid_on_behalf", sa.Boolean(), nullable=True, comment="resident pension: premium paid on behalf (代缴)"
        ),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("delivery_id", sa.SmallInteger(), nullable=False, comment="the delivery that says so"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="the batch that said so first"),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="the row of that batch, counted from 1"),
        sa.Column(
            "digest", sa.Uuid(), nullable=False, comment="keyed digest of what the row says; equal means unchanged"
        ),
        sa.Column("known_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "known_until",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("timestamptz '9999-12-31 00:00:00+00'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "person_key",
            "insurance",
            "employer_key",
            "starts_on",
            "delivery_id",
            "known_until",
            name=op.f("pk_enrollment"),
        ),
    )
    op.create_index("ix_enrollment_employer", "enrollment", ["employer_key", "insurance"], unique=False)
    op.create_table(
        "finding",
        sa.Column(
            "subject_key", sa.Uuid(), nullable=False, comment="person_key, employer_key, or a project's derived key"
        ),
        sa.Column(
            "id", sa.Uuid(), nullable=False, comment="derived from rule, subject and matter: the same case keeps its id"
        ),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False, comment="person employer project"),
        sa.Column(
            "matter", sa.Text(), nullable=False, comment="what tells two findings of one subject apart; may be empty"
        ),
        sa.Column("state", sa.Text(), nullable=False, comment="open cleared unknown"),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("employer_key", sa.Uuid(), nullable=True),
        sa.Column("person_key", sa.Uuid(), nullable=True),
        sa.Column("project_code", sa.Text(), nullable=True),
        sa.Column(
            "values",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="the figures the rule returned; nothing personal",
        ),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "seen_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="last run that found it true"
        ),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True, comment="when it was cleared"),
        sa.Column("unknown_because", sa.Text(), nullable=True),
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="the run that last judged it"),
        sa.PrimaryKeyConstraint("subject_key", "id", name=op.f("pk_finding")),
    )
    op.create_index("ix_finding_area", "finding", ["area", "rule", "state"], unique=False)
    op.create_index("ix_finding_employer", "finding", ["employer_key"], unique=False)
    op.create_index("ix_finding_rule_state", "finding", ["rule", "state", "id"], unique=False)
    op.create_table(
        "finding_event",
        sa.Column("subject_key", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False, comment="opened cleared unknown reopened"),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "finding_id", "run_id", name=op.f("pk_finding_event")),
    )
    op.create_table(
        "finding_evidence",
        sa.Column("subject_key", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False, comment="the table the row stands in"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("person_key", sa.Uuid(), nullable=True, comment="whose row it is, where it is a person's"),
        sa.Column(
            "row",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="what the row says, without sealed and key columns",
        ),
        sa.PrimaryKeyConstraint("subject_key", "finding_id", "run_id", "position", name=op.f("pk_finding_evidence")),
    )
    op.create_table(
        "hub_identity",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "key_fingerprint", sa.Text(), nullable=False, comment="what tells the key file from another; tells no key"
        ),
        sa.Column("since", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_hub_identity_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_identity")),
    )
    op.create_table(
        "life_event",
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="death cremation moved_out emigrated enlisted cancelled imprisoned studying",
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False, comment="9999-12-31 where it does not end"),
        sa.Column("to_region", sa.Text(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("delivery_id", sa.SmallInteger(), nullable=False, comment="the delivery that says so"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="the batch that said so first"),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="the row of that batch, counted from 1"),
        sa.Column(
            "digest", sa.Uuid(), nullable=False, comment="keyed digest of what the row says; equal means unchanged"
        ),
        sa.Column("known_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "known_until",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("timestamptz '9999-12-31 00:00:00+00'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "person_key", "kind", "happened_on", "delivery_id", "known_until", name=op.f("pk_life_event")
        ),
    )
    op.create_table(
        "payroll",
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("employer_key", sa.Uuid(), nullable=False),
        sa.Column("income", sa.Text(), nullable=False, comment="wage bonus labor_service"),
        sa.Column("yuan", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("delivery_id", sa.SmallInteger(), nullable=False, comment="the delivery that says so"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="the batch that said so first"),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="the row of that batch, counted from 1"),
        sa.Column(
            "digest", sa.Uuid(), nullable=False, comment="keyed digest of what the row says; equal means unchanged"
        ),
        sa.Column("known_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "known_until",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("timestamptz '9999-12-31 00:00:00+00'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "person_key", "month", "employer_key", "income", "delivery_id", "known_until", name=op.f("pk_payroll")
        ),
    )
    op.create_table(
        "person",
        sa.Column("person_key", sa.Uuid(), nullable=False, comment="keyed pseudonym of the identity document"),
        sa.Column("resident_id_masked", sa.Text(), nullable=False),
        sa.Column("name_masked", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="{resident_id, name, phone, address}, sealed"),
        sa.Column("sex", sa.Text(), nullable=True, comment="male or female"),
        sa.Column("birth_on", sa.Date(), nullable=True),
        sa.Column("ethnicity", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True, comment="registered division: 6, 9 or 12 digits"),
        sa.Column(
            "area",
            sa.Text(),
            nullable=True,
            comment="reporting area: town, street, or one that GB/T 2260 does not have",
        ),
        sa.Column("status", sa.Text(), nullable=False, comment="normal dead moved_out cancelled enlisted introduced"),
        sa.Column("status_on", sa.Date(), nullable=True),
        sa.Column("delivery_id", sa.SmallInteger(), nullable=False, comment="the delivery that says so"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="the batch that said so first"),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="the row of that batch, counted from 1"),
        sa.Column(
            "digest", sa.Uuid(), nullable=False, comment="keyed digest of what the row says; equal means unchanged"
        ),
        sa.Column("known_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "known_until",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("timestamptz '9999-12-31 00:00:00+00'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("person_key", "known_until", name=op.f("pk_person")),
    )
    op.create_table(
        "project",
        sa.Column("project_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "contractor_key",
            sa.Uuid(),
            nullable=False,
            comment="the general contractor's employer_key; nil where unknown",
        ),
        sa.Column("contractor_name", sa.Text(), nullable=True),
        sa.Column("permit_no", sa.Text(), nullable=True),
        sa.Column("cost_yuan", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("sector", sa.Text(), nullable=True, comment="building municipal transport water railway"),
        sa.Column(
            "insured_declared",
            sa.Boolean(),
            nullable=True,
            comment="what the housing department says of its injury insurance",
        ),
        sa.Column("delivery_id", sa.SmallInteger(), nullable=False, comment="the delivery that says so"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="the batch that said so first"),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="the row of that batch, counted from 1"),
        sa.Column(
            "digest", sa.Uuid(), nullable=False, comment="keyed digest of what the row says; equal means unchanged"
        ),
        sa.Column("known_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "known_until",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("timestamptz '9999-12-31 00:00:00+00'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("project_code", "delivery_id", "known_until", name=op.f("pk_project")),
    )
    op.create_table(
        "project_insurance",
        sa.Column("project_code", sa.Text(), nullable=False),
        sa.Column("certificate_no", sa.Text(), nullable=False),
        sa.Column("insured_on", sa.Date(), nullable=False, comment="day the certificate was issued"),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("premium_yuan", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("delivery_id", sa.SmallInteger(), nullable=False, comment="the delivery that says so"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="the batch that said so first"),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="the row of that batch, counted from 1"),
        sa.Column(
            "digest", sa.Uuid(), nullable=False, comment="keyed digest of what the row says; equal means unchanged"
        ),
        sa.Column("known_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "known_until",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("timestamptz '9999-12-31 00:00:00+00'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "project_code", "certificate_no", "delivery_id", "known_until", name=op.f("pk_project_insurance")
        ),
    )
    op.create_table(
        "project_worker",
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column("project_code", sa.Text(), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=False),
        sa.Column("subcontractor", sa.Text(), nullable=True),
        sa.Column("trade", sa.Text(), nullable=True),
        sa.Column("days_attended", sa.Integer(), nullable=True),
        sa.Column("delivery_id", sa.SmallInteger(), nullable=False, comment="the delivery that says so"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="the batch that said so first"),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="the row of that batch, counted from 1"),
        sa.Column(
            "digest", sa.Uuid(), nullable=False, comment="keyed digest of what the row says; equal means unchanged"
        ),
        sa.Column("known_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "known_until",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("timestamptz '9999-12-31 00:00:00+00'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "person_key", "project_code", "entered_on", "delivery_id", "known_until", name=op.f("pk_project_worker")
        ),
    )
    op.create_table(
        "provident_fund",
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column("employer_key", sa.Uuid(), nullable=False),
        sa.Column("account_no", sa.Text(), nullable=False),
        sa.Column("contribution_base", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("paid_until", sa.Date(), nullable=True, comment="last month paid, as its first day"),
        sa.Column("state", sa.Text(), nullable=False, comment="normal sealed closed"),
        sa.Column("delivery_id", sa.SmallInteger(), nullable=False, comment="the delivery that says so"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="the batch that said so first"),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="the row of that batch, counted from 1"),
        sa.Column(
            "digest", sa.Uuid(), nullable=False, comment="keyed digest of what the row says; equal means unchanged"
        ),
        sa.Column("known_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "known_until",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("timestamptz '9999-12-31 00:00:00+00'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "person_key", "account_no", "delivery_id", "known_until", name=op.f("pk_provident_fund")
        ),
    )
    op.create_table(
        "quota_person",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "client_id", "starts_on", "person_key", name=op.f("pk_quota_person")),
    )
    op.create_table(
        "quota_window",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False, comment="distinct persons shown in this window"),
        sa.PrimaryKeyConstraint("scope", "client_id", "starts_on", name=op.f("pk_quota_window")),
    )
    op.create_table(
        "rejected_row",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="the source row as delivered, sealed"),
        sa.Column(
            "reasons", postgresql.ARRAY(sa.Text()), nullable=False, comment="every reason, without personal values"
        ),
        sa.Column(
            "subjects",
            postgresql.ARRAY(sa.Uuid()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="keys of the persons, employers and projects it speaks of, as far as it can be read",
        ),
        sa.PrimaryKeyConstraint("batch_id", "row_no", name=op.f("pk_rejected_row")),
    )
    op.create_index("ix_rejected_row_subjects", "rejected_row", ["subjects"], unique=False, postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("ix_rejected_row_subjects", table_name="rejected_row", postgresql_using="gin")
    op.drop_table("rejected_row")
    op.drop_table("quota_window")
    op.drop_table("quota_person")
    op.drop_table("provident_fund")
    op.drop_table("project_worker")
    op.drop_table("project_insurance")
    op.drop_table("project")
    op.drop_table("person")
    op.drop_table("payroll")
    op.drop_table("life_event")
    op.drop_table("hub_identity")
    op.drop_table("finding_evidence")
    op.drop_table("finding_event")
    op.drop_index("ix_finding_rule_state", table_name="finding")
    op.drop_index("ix_finding_employer", table_name="finding")
    op.drop_index("ix_finding_area", table_name="finding")
    op.drop_table("finding")
    op.drop_index("ix_enrollment_employer", table_name="enrollment")
    op.drop_table("enrollment")
    op.drop_index("ix_employment_month_month", table_name="employment_month")
    op.drop_table("employment_month")
    op.drop_table("employer_closure")
    op.drop_table("employer_alias")
    op.drop_table("employer_account")
    op.drop_index("ix_employer_uscc", table_name="employer")
    op.drop_index("ix_employer_area", table_name="employer")
    op.drop_table("employer")
    op.drop_table("delivery")
    op.drop_table("contribution")
    op.drop_table("collection")
    op.drop_table("client")
    op.drop_index("ix_check_run_rule", table_name="check_run")
    op.drop_table("check_run")
    op.drop_table("benefit")
    op.drop_index("uq_batch_loaded_once", table_name="batch", postgresql_where=sa.text("status = 'loaded'"))
    op.drop_index("ix_batch_delivery_period", table_name="batch")
    op.drop_table("batch")
    op.drop_table("audit_personal")
    op.drop_table("audit_pending")
    op.drop_table("audit_node")
    op.drop_table("audit_leaf")
    op.drop_index("ix_audit_event_client", table_name="audit_event")
    op.drop_table("audit_event")
    op.drop_table("audit_checkpoint")
    op.drop_table("assistance")
    op.drop_table("assertion_used")
