"""What every provider delivers: lists, rosters, cases, surveys, cards; how far a channel has been fetched; quality."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "annual_report",
        sa.Column("employer_key", sa.Uuid(), nullable=False),
        sa.Column("year_on", sa.Date(), nullable=False, comment="first day of the year reported"),
        sa.Column("operating", sa.Text(), nullable=True, comment="open closed suspended clearing"),
        sa.Column("headcount", sa.Integer(), nullable=True),
        sa.Column("pension_headcount", sa.Integer(), nullable=True),
        sa.Column("unemployment_headcount", sa.Integer(), nullable=True),
        sa.Column("medical_headcount", sa.Integer(), nullable=True),
        sa.Column("injury_headcount", sa.Integer(), nullable=True),
        sa.Column("maternity_headcount", sa.Integer(), nullable=True),
        sa.Column(
            "pension_base_yuan",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="sum of contribution bases, the year",
        ),
        sa.Column("pension_paid_yuan", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("pension_arrears_yuan", sa.Numeric(precision=18, scale=2), nullable=True),
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
        sa.PrimaryKeyConstraint("employer_key", "year_on", "delivery_id", "known_until", name=op.f("pk_annual_report")),
    )
    op.create_table(
        "channel_position",
        sa.Column("delivery_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "position",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="a watermark, a page, a cursor: what the channel's kind says",
        ),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_channel_position")),
    )
    op.create_table(
        "disagreement",
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False, comment="name sex birth_on"),
        sa.Column(
            "register_batch",
            sa.BigInteger(),
            nullable=False,
            comment="the batch of the person's row that says otherwise",
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
        sa.PrimaryKeyConstraint("person_key", "item", "delivery_id", "known_until", name=op.f("pk_disagreement")),
    )
    op.create_table(
        "employer_listing",
        sa.Column("employer_key", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="park preferential_policy tax_refund above_scale specialized key_project leading_agricultural fishing state_owned nuclear_project express_outlet platform transport commerce tourism financial dust_hazard public_institution health_supervised education_supervised seriously_untrustworthy converted canvassed audited",
        ),
        sa.Column(
            "label",
            sa.Text(),
            nullable=False,
            comment="of the park, the policy, the project, the outlet, the report; or empty",
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=True, comment="active ended"),
        sa.Column("headcount", sa.Integer(), nullable=True),
        sa.Column(
            "part_headcount",
            sa.Integer(),
            nullable=True,
            comment="dust_hazard: exposed; public_institution: hired beside the establishment; canvassed, audited: insured",
        ),
        sa.Column(
            "yuan",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="what the policy or the refund gave; what the project costs; audited: the contribution base due",
        ),
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
            "employer_key", "kind", "label", "starts_on", "delivery_id", "known_until", name=op.f("pk_employer_listing")
        ),
    )
    op.create_table(
        "employment",
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column("employer_key", sa.Uuid(), nullable=False, comment="nil where no employer is named"),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="hire labor_contract dispatch seasonal flexible recruited crew courier rider driver shop_owner lawyer staff startup_subsidy talent_policy graduate_registered",
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=True, comment="active ended"),
        sa.Column("yuan", sa.Numeric(precision=14, scale=2), nullable=True, comment="what a subsidy paid"),
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
            "person_key", "employer_key", "kind", "starts_on", "delivery_id", "known_until", name=op.f("pk_employment")
        ),
    )
    op.create_index("ix_employment_employer", "employment", ["employer_key", "kind"], unique=False)
    op.create_table(
        "household_survey",
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column("surveyed_on", sa.Date(), nullable=False),
        sa.Column("residence", sa.Text(), nullable=True, comment="here away abroad empty_registration unknown"),
        sa.Column(
            "work", sa.Text(), nullable=True, comment="employed flexible farming unemployed studying retired none"
        ),
        sa.Column("insured", sa.Text(), nullable=True, comment="what the person says: here elsewhere no unknown"),
        sa.Column("reason", sa.Text(), nullable=True, comment="why not enrolled, as hub.terms names it"),
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
            "person_key", "surveyed_on", "delivery_id", "known_until", name=op.f("pk_household_survey")
        ),
    )
    op.create_table(
        "labor_case",
        sa.Column("employer_key", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="injury_recognition arbitration inspection random_check"),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("person_key", sa.Uuid(), nullable=True, comment="the worker it is about, where it is about one"),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column(
            "result",
            sa.Text(),
            nullable=True,
            comment="recognized denied settled upheld dismissed withdrawn corrected penalized unreachable clean pending",
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
        sa.PrimaryKeyConstraint(
            "employer_key", "kind", "case_no", "delivery_id", "known_until", name=op.f("pk_labor_case")
        ),
    )
    op.create_table(
        "land_expropriation",
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column(
            "approval_no", sa.Text(), nullable=False, comment="the approval by which the land was taken (批准文号)"
        ),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column(
            "arranged_on", sa.Date(), nullable=True, comment="day of the resettlement plan, on which the age counts"
        ),
        sa.Column("subsidy_yuan", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("subsidy_years", sa.Integer(), nullable=True),
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
            "person_key", "approval_no", "delivery_id", "known_until", name=op.f("pk_land_expropriation")
        ),
    )
    op.create_table(
        "payroll_total",
        sa.Column("employer_key", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=False, comment="persons declared, whatever their income"),
        sa.Column("wage_headcount", sa.Integer(), nullable=True, comment="of these with wages (正常工资薪金)"),
        sa.Column(
            "labor_service_headcount",
            sa.Integer(),
            nullable=True,
            comment="of these with labor-service income (劳务报酬)",
        ),
        sa.Column("wage_yuan", sa.Numeric(precision=14, scale=2), nullable=True),
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
        sa.PrimaryKeyConstraint("employer_key", "month", "delivery_id", "known_until", name=op.f("pk_payroll_total")),
    )
    op.create_table(
        "premium_subsidy",
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column("insurance", sa.Text(), nullable=False),
        sa.Column("year_on", sa.Date(), nullable=False, comment="first day of the year it is for"),
        sa.Column("kind", sa.Text(), nullable=False, comment="as whom: the kinds of assistance"),
        sa.Column("yuan", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
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
            "person_key", "insurance", "year_on", "kind", "delivery_id", "known_until", name=op.f("pk_premium_subsidy")
        ),
    )
    op.create_table(
        "social_card",
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="active suspended cancelled"),
        sa.Column("issued_on", sa.Date(), nullable=True),
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
        sa.PrimaryKeyConstraint("person_key", "delivery_id", "known_until", name=op.f("pk_social_card")),
    )
    op.add_column(
        "assistance",
        sa.Column(
            "level",
            sa.Text(),
            nullable=True,
            comment="what the kind grades by: full partial; disability 1 (heaviest) to 4",
        ),
    )
    op.alter_column(
        "assistance",
        "kind",
        existing_type=sa.TEXT(),
        comment="low_income low_income_margin rigid_expenditure destitute disability lifted_out_of_poverty at_risk_of_poverty registered_poor",
        existing_comment="low_income destitute …",
        existing_nullable=False,
    )
    # A snapshot may come again after another one took its place; one batch at a time is the delivery's lock's matter.
    op.drop_index("uq_batch_loaded_once", table_name="batch", postgresql_where=sa.text("status = 'loaded'"))
    op.add_column(
        "delivery",
        sa.Column(
            "insurances",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="those its facts may be about; null where that is not said",
        ),
    )
    op.add_column(
        "batch",
        sa.Column(
            "channel", sa.Text(), server_default="file", nullable=False, comment="file database http push drop replay"
        ),
    )
    op.add_column(
        "batch",
        sa.Column(
            "partial",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="only what changed since: nothing ends by its absence, and no rows is no news",
        ),
    )
    op.add_column(
        "batch",
        sa.Column(
            "replays", sa.BigInteger(), nullable=True, comment="the batch whose rejected rows these are, tried again"
        ),
    )
    op.add_column(
        "batch",
        sa.Column(
            "quality",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="rows by field: filled, valid; matched; codes: as hub.intake.quality",
        ),
    )
    op.add_column(
        "collection",
        sa.Column(
            "last_month", sa.Date(), nullable=True, comment="the last month it is for: a back payment may span years"
        ),
    )
    op.alter_column(
        "collection",
        "month",
        existing_type=sa.DATE(),
        comment="month the premium is for, the first where it is for several",
        existing_comment="month the premium is for",
        existing_nullable=False,
    )
    op.alter_column(
        "employer_alias",
        "kind",
        existing_type=sa.TEXT(),
        comment="provident_fund social_insurance medical_insurance registration organization_code",
        existing_comment="provident_fund social_insurance registration organization_code",
        existing_nullable=False,
    )
    op.add_column(
        "life_event",
        sa.Column("state", sa.Text(), nullable=True, comment="studying: in_school suspended left graduated"),
    )
    op.add_column(
        "life_event", sa.Column("area", sa.Text(), nullable=True, comment="residing: the reporting area lived in")
    )
    op.alter_column(
        "life_event",
        "kind",
        existing_type=sa.TEXT(),
        comment="death cremation moved_out emigrated enlisted cancelled residing studying graduated imprisoned community_correction vaccinated examined",
        existing_comment="death cremation moved_out emigrated enlisted cancelled imprisoned studying",
        existing_nullable=False,
    )
    op.add_column(
        "person",
        sa.Column(
            "name_key",
            sa.Uuid(),
            nullable=True,
            comment="keyed digest of the name: tells that two sources differ, not how",
        ),
    )
    op.add_column(
        "rejected_row",
        sa.Column(
            "replayed_in",
            sa.BigInteger(),
            nullable=True,
            comment="the batch in which it was tried again: there it is loaded, or waits on",
        ),
    )


def downgrade() -> None:
    op.create_index(
        "uq_batch_loaded_once",
        "batch",
        ["delivery_id", "period", "digest"],
        unique=True,
        postgresql_where=sa.text("status = 'loaded'"),
    )
    op.drop_column("delivery", "insurances")
    op.drop_column("rejected_row", "replayed_in")
    op.drop_column("person", "name_key")
    op.alter_column(
        "life_event",
        "kind",
        existing_type=sa.TEXT(),
        comment="death cremation moved_out emigrated enlisted cancelled imprisoned studying",
        existing_comment="death cremation moved_out emigrated enlisted cancelled residing studying graduated imprisoned community_correction vaccinated examined",
        existing_nullable=False,
    )
    op.drop_column("life_event", "area")
    op.drop_column("life_event", "state")
    op.alter_column(
        "employer_alias",
        "kind",
        existing_type=sa.TEXT(),
        comment="provident_fund social_insurance registration organization_code",
        existing_comment="provident_fund social_insurance medical_insurance registration organization_code",
        existing_nullable=False,
    )
    op.alter_column(
        "collection",
        "month",
        existing_type=sa.DATE(),
        comment="month the premium is for",
        existing_comment="month the premium is for, the first where it is for several",
        existing_nullable=False,
    )
    op.drop_column("collection", "last_month")
    op.drop_column("batch", "quality")
    op.drop_column("batch", "replays")
    op.drop_column("batch", "partial")
    op.drop_column("batch", "channel")
    op.alter_column(
        "assistance",
        "kind",
        existing_type=sa.TEXT(),
        comment="low_income destitute …",
        existing_comment="low_income low_income_margin rigid_expenditure destitute disability lifted_out_of_poverty at_risk_of_poverty registered_poor",
        existing_nullable=False,
    )
    op.drop_column("assistance", "level")
    op.drop_table("social_card")
    op.drop_table("premium_subsidy")
    op.drop_table("payroll_total")
    op.drop_table("land_expropriation")
    op.drop_table("labor_case")
    op.drop_table("household_survey")
    op.drop_index("ix_employment_employer", table_name="employment")
    op.drop_table("employment")
    op.drop_table("employer_listing")
    op.drop_table("disagreement")
    op.drop_table("channel_position")
    op.drop_table("annual_report")
