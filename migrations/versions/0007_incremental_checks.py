"""What a run of a rule was judged by, and of how many subjects: so that the next judges only what can have changed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FACTS = [
    "annual_report",
    "assistance",
    "benefit",
    "collection",
    "contribution",
    "disagreement",
    "employer",
    "employer_account",
    "employer_closure",
    "employer_listing",
    "employment",
    "enrollment",
    "household_survey",
    "labor_case",
    "land_expropriation",
    "life_event",
    "payroll",
    "payroll_total",
    "person",
    "premium_subsidy",
    "project",
    "project_insurance",
    "project_worker",
    "provident_fund",
    "social_card",
]


def upgrade() -> None:
    op.add_column(
        "check_run",
        sa.Column(
            "statement",
            sa.Text(),
            nullable=True,
            comment="SHA-256 of the SQL with its values in place, and of the shared views",
        ),
    )
    op.add_column(
        "check_run",
        sa.Column("judged_again", sa.Integer(), nullable=True, comment="subjects judged again; null: all of them"),
    )
    op.create_table(
        "undecided",
        sa.Column("subject_key", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False, comment="the id that its finding would have"),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "id", name=op.f("pk_undecided")),
    )
    op.create_index("ix_undecided_rule", "undecided", ["rule"], unique=False)
    for name in FACTS:
        op.create_index(f"ix_{name}_known_from", name, ["known_from"], unique=False, postgresql_using="brin")
        ended = sa.text("known_until < timestamptz '9999-12-31 00:00:00+00'")
        op.create_index(f"ix_{name}_ended", name, ["known_until"], unique=False, postgresql_where=ended)


def downgrade() -> None:
    for name in FACTS:
        op.drop_index(f"ix_{name}_ended", name)
        op.drop_index(f"ix_{name}_known_from", name)
    op.drop_table("undecided")
    op.drop_column("check_run", "judged_again")
    op.drop_column("check_run", "statement")
