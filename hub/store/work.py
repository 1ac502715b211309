"""Work as others see it: wages taxed, provident fund paid, premiums collected, and the months they make up together."""

from sqlalchemy import Column, Date, Index, Integer, Numeric, PrimaryKeyConstraint, Table, Text, Uuid

from .base import fact, metadata
from .insurance import Yuan

payroll = fact(
    "payroll",
    Column("person_key", Uuid, nullable=False),
    Column("month", Date, nullable=False),
    Column("employer_key", Uuid, nullable=False),
    Column("income", Text, nullable=False, comment="wage bonus labor_service"),
    Column("yuan", Yuan, nullable=False),
    key=("person_key", "month", "employer_key", "income", "delivery_id"),
    place=("hash", "person_key"),
)

collection = fact(
    "collection",
    Column("employer_key", Uuid, nullable=False),
    Column("month", Date, nullable=False, comment="month the premium is for"),
    Column("insurance", Text, nullable=False),
    Column("voucher_no", Text, nullable=False),
    Column("headcount", Integer),
    Column("wage_total", Yuan),
    Column("due_yuan", Yuan),
    Column("paid_yuan", Yuan),
    Column("received_on", Date),
    key=("employer_key", "month", "insurance", "voucher_no", "delivery_id"),
    place=("hash", "employer_key"),
)

provident_fund = fact(
    "provident_fund",
    Column("person_key", Uuid, nullable=False),
    Column("employer_key", Uuid, nullable=False),
    Column("account_no", Text, nullable=False),
    Column("contribution_base", Yuan),
    Column("paid_until", Date, comment="last month paid, as its first day"),
    Column("state", Text, nullable=False, comment="normal sealed closed"),
    key=("person_key", "account_no", "delivery_id"),
    place=("hash", "person_key"),
)

#: The projection that answers employer questions: kept by intake from payroll and contribution, rebuilt at will,
#: current knowledge only. Sums are over what is current; null means that side says nothing.
employment_month = Table(
    "employment_month",
    metadata,
    Column("employer_key", Uuid, nullable=False),
    Column("month", Date, nullable=False),
    Column("person_key", Uuid, nullable=False),
    Column("wage", Numeric(14, 2), comment="wages taxed (工资薪金), bonuses left out"),
    Column("labor_service", Numeric(14, 2), comment="labor-service income (劳务报酬)"),
    Column("pension_base", Numeric(14, 2), comment="base of the employee pension contribution for the month"),
    PrimaryKeyConstraint("employer_key", "month", "person_key"),
    info={"place": ("hash", "employer_key")},
)
Index("ix_employment_month_month", employment_month.c.month)
