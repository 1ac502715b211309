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

#: The employer's month as the tax bureau may share it where persons may not be named.
payroll_total = fact(
    "payroll_total",
    Column("employer_key", Uuid, nullable=False),
    Column("month", Date, nullable=False),
    Column("headcount", Integer, nullable=False, comment="persons declared, whatever their income"),
    Column("wage_headcount", Integer, comment="of these with wages (正常工资薪金)"),
    Column("labor_service_headcount", Integer, comment="of these with labor-service income (劳务报酬)"),
    Column("wage_yuan", Yuan),
    key=("employer_key", "month", "delivery_id"),
    place=("hash", "employer_key"),
)

#: Who works or trades where by another register than payroll: hires, contracts, crews, couriers, lawyers, supported.
employment = fact(
    "employment",
    Column("person_key", Uuid, nullable=False),
    Column("employer_key", Uuid, nullable=False, comment="nil where no employer is named"),
    Column(
        "kind",
        Text,
        nullable=False,
        comment="hire labor_contract dispatch seasonal flexible recruited crew courier rider driver shop_owner lawyer"
        " staff startup_subsidy talent_policy graduate_registered",
    ),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("state", Text, comment="active ended"),
    Column("yuan", Yuan, comment="what a subsidy paid"),
    key=("person_key", "employer_key", "kind", "starts_on", "delivery_id"),
    place=("hash", "person_key"),
)
Index("ix_employment_employer", employment.c.employer_key, employment.c.kind)

collection = fact(
    "collection",
    Column("employer_key", Uuid, nullable=False),
    Column("month", Date, nullable=False, comment="month the premium is for, the first where it is for several"),
    Column("last_month", Date, comment="the last month it is for: a back payment may span years"),
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
