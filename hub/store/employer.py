"""Employers: registered entities, their accounts with tax, insurance and provident fund, and their end."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, LargeBinary, Table, Text, Uuid

from .base import fact, metadata

#: One current row an employer; the registers (market supervision, civil affairs) are authoritative,
#: other deliveries introduce employers nobody registered here (status ``introduced``).
employer = fact(
    "employer",
    Column("employer_key", Uuid, nullable=False, comment="pseudonym of the USCC or of what stands for it"),
    Column("uscc", Text, comment="unified social credit code (GB 32100); null where only another number is known"),
    Column("registration_no", Text),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="enterprise individual_business cooperative social_organization …"),
    Column("industry", Text, comment="GB/T 4754 code, with its leading zeros"),
    Column("region", Text),
    Column("area", Text),
    Column("address", Text),
    Column("legal_representative", LargeBinary, comment="{name, resident_id}, sealed"),
    Column("legal_representative_masked", Text),
    Column("legal_representative_key", Uuid),
    Column("capital_yuan", Text),
    Column("staff_declared", Integer),
    Column("registered_on", Date),
    Column("status", Text, nullable=False, comment="operating cancelled revoked moved_out introduced"),
    Column("status_on", Date),
    key=("employer_key",),
    place=("reference",),
)
Index("ix_employer_area", employer.c.area, employer.c.employer_key)
Index("ix_employer_uscc", employer.c.uscc)

employer_account = fact(
    "employer_account",
    Column("employer_key", Uuid, nullable=False),
    Column("kind", Text, nullable=False, comment="tax social_insurance provident_fund"),
    Column("insurance", Text, nullable=False, comment="an insurance type, or empty"),
    Column("account_no", Text, nullable=False),
    Column("state", Text, nullable=False, comment="normal suspended abnormal closed"),
    Column("starts_on", Date),
    Column("ends_on", Date, nullable=False),
    Column("headcount", Integer),
    key=("employer_key", "kind", "insurance", "account_no", "delivery_id"),
    place=("reference",),
)

employer_closure = fact(
    "employer_closure",
    Column("employer_key", Uuid, nullable=False),
    Column("kind", Text, nullable=False, comment="cancelled revoked"),
    Column("closed_on", Date, nullable=False),
    key=("employer_key", "kind", "closed_on", "delivery_id"),
    place=("reference",),
)

#: Other numbers that stand for an employer (a fund account, a registration number): where a delivery carries only
#: such a number, loading finds the employer here.
employer_alias = Table(
    "employer_alias",
    metadata,
    Column("kind", Text, primary_key=True, comment="provident_fund social_insurance registration organization_code"),
    Column("number", Text, primary_key=True),
    Column("employer_key", Uuid, nullable=False),
    Column("batch_id", BigInteger, nullable=False),
    info={"place": ("reference",)},
)
