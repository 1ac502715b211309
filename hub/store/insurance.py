"""Insurance: enrollment spells, contributions by corresponding month, benefits drawn."""

from sqlalchemy import Boolean, Column, Date, Index, Numeric, Text, Uuid

from .base import fact

Yuan = Numeric(14, 2)

enrollment = fact(
    "enrollment",
    Column("person_key", Uuid, nullable=False),
    Column("insurance", Text, nullable=False),
    Column("employer_key", Uuid, nullable=False, comment="nil where there is no employer"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False, comment="first day no longer insured; 9999-12-31 while open"),
    Column("state", Text, nullable=False, comment="active suspended ended retired"),
    Column("contributor", Text, comment="employee flexible resident assisted …"),
    Column("contribution_base", Yuan, comment="yuan a month"),
    Column("tier_yuan", Yuan, comment="resident pension: yuan a year"),
    Column("paid_on_behalf", Boolean, comment="resident pension: premium paid on behalf (代缴)"),
    Column("region", Text),
    key=("person_key", "insurance", "employer_key", "starts_on", "delivery_id"),
    place=("hash", "person_key"),
)
Index("ix_enrollment_employer", enrollment.c.employer_key, enrollment.c.insurance)

contribution = fact(
    "contribution",
    Column("person_key", Uuid, nullable=False),
    Column("month", Date, nullable=False, comment="corresponding month (对应费款所属期)"),
    Column("insurance", Text, nullable=False),
    Column("employer_key", Uuid, nullable=False),
    Column("contribution_base", Yuan),
    Column("employer_yuan", Yuan),
    Column("person_yuan", Yuan),
    Column("kind", Text, nullable=False, comment="regular back_payment refund"),
    Column("paid", Boolean, nullable=False, comment="arrived in full"),
    Column("settled_on", Date, comment="month it was settled in (费款所属期)"),
    key=("person_key", "month", "insurance", "employer_key", "kind", "delivery_id"),
    place=("hash", "person_key"),
    postgresql_partition_by="RANGE (month)",  # a partition a year; migrations make them
)

benefit = fact(
    "benefit",
    Column("person_key", Uuid, nullable=False),
    Column("kind", Text, nullable=False, comment="employee_pension resident_pension unemployment injury …"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("state", Text, nullable=False, comment="drawing suspended ended"),
    Column("monthly_yuan", Yuan),
    Column("last_paid_month", Date, comment="last month paid out, as its first day"),
    key=("person_key", "kind", "starts_on", "delivery_id"),
    place=("hash", "person_key"),
)

#: A premium that the public purse paid for somebody (代缴).
premium_subsidy = fact(
    "premium_subsidy",
    Column("person_key", Uuid, nullable=False),
    Column("insurance", Text, nullable=False),
    Column("year_on", Date, nullable=False, comment="first day of the year it is for"),
    Column("kind", Text, nullable=False, comment="as whom: the kinds of assistance"),
    Column("yuan", Yuan, nullable=False),
    Column("paid_on", Date),
    key=("person_key", "insurance", "year_on", "kind", "delivery_id"),
    place=("hash", "person_key"),
)
