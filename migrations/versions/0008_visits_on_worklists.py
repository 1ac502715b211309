"""A reminder by a visit is an item of a town's worklist: the item says which area acts, the reminder no longer does."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_reminder_area", table_name="reminder")
    op.drop_column("reminder", "area")
    op.create_index(
        "ix_reminder_visit",
        "reminder",
        ["year"],
        unique=False,
        postgresql_where=sa.text("how = 'visit' and state in ('open', 'dispatched')"),
    )
    _comments("no_phone opted_out failed gave_up to_be_checked", "open dispatched done void")


def downgrade() -> None:
    op.drop_index("ix_reminder_visit", table_name="reminder")
    op.add_column("reminder", sa.Column("area", sa.Text(), nullable=True))
    op.execute(
        "update reminder r set area = f.area from finding f where f.subject_key = r.subject_key and f.id = r.finding_id"
    )
    op.execute("update reminder set state = 'open' where state = 'dispatched'")
    op.create_index("ix_reminder_area", "reminder", ["area", "how", "state"], unique=False)
    _comments("no_phone opted_out failed", "open done void")


def _comments(because: str, state: str) -> None:
    op.alter_column("reminder", "because", comment=f"why it is a visit: {because}")
    op.alter_column("reminder", "state", comment=state)
