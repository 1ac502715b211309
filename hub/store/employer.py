"""Employers: registered entities, their accounts with tax, insurance and provident fund, and their end."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, LargeBinary, Numeric, Table, Text, Uuid

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

#: What an authority lists an employer as. Every list of a sector, a park or a policy is rows of this one table.
employer_listing = fact(
    "employer_listing",
    Column("employer_key", Uuid, nullable=False),
    Column(
        "kind",
        Text,
        nullable=False,
        comment="park preferential_policy tax_refund above_scale specialized key_project leading_agricultural fishing"
        " state_owned nuclear_project express_outlet platform transport commerce tourism financial dust_hazard"
        " public_institution health_supervised education_supervised seriously_untrustworthy converted canvassed"
        " audited",
    ),
    Column(
        "label", Text, nullable=False, comment="of the park, the policy, the project, the outlet, the report; or empty"
    ),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("state", Text, comment="active ended"),
    Column("headcount", Integer),
    Column(
        "part_headcount",
        Integer,
        comment="dust_hazard: exposed; public_institution: hired beside the establishment; canvassed, audited: insured",
    ),
    Column(
        "yuan",
        Numeric(18, 2),
        comment="what the policy or the refund gave; what the project costs; audited: the contribution base due",
    ),
    Column("area", Text),
    key=("employer_key", "kind", "label", "starts_on", "delivery_id"),
    place=("reference",),
)

#: What an employer says of itself once a year; null where it chose not to say.
annual_report = fact(
    "annual_report",
    Column("employer_key", Uuid, nullable=False),
    Column("year_on", Date, nullable=False, comment="first day of the year reported"),
    Column("operating", Text, comment="open closed suspended clearing"),
    Column("headcount", Integer),
    Column("pension_headcount", Integer),
    Column("unemployment_headcount", Integer),
    Column("medical_headcount", Integer),
    Column("injury_headcount", Integer),
    Column("maternity_headcount", Integer),
    Column("pension_base_yuan", Numeric(18, 2), comment="sum of contribution bases, the year"),
    Column("pension_paid_yuan", Numeric(18, 2)),
    Column("pension_arrears_yuan", Numeric(18, 2)),
    key=("employer_key", "year_on", "delivery_id"),
    place=("reference",),
)

#: A case in which an employer appeared: who handles it, and how it ended.
labor_case = fact(
    "labor_case",
    Column("employer_key", Uuid, nullable=False),
    Column("kind", Text, nullable=False, comment="injury_recognition arbitration inspection random_check"),
    Column("case_no", Text, nullable=False),
    Column("person_key", Uuid, comment="the worker it is about, where it is about one"),
    Column("opened_on", Date),
    Column("closed_on", Date),
    Column(
        "result",
        Text,
        comment="recognized denied settled upheld dismissed withdrawn corrected penalized unreachable clean pending",
    ),
    key=("employer_key", "kind", "case_no", "delivery_id"),
    place=("reference",),
)

#: Other numbers that stand for an employer (a fund account, a registration number): where a delivery carries only
#: such a number, loading finds the employer here.
employer_alias = Table(
    "employer_alias",
    metadata,
    Column(
        "kind",
        Text,
        primary_key=True,
        comment="provident_fund social_insurance medical_insurance registration organization_code",
    ),
    Column("number", Text, primary_key=True),
    Column("employer_key", Uuid, nullable=False),
    Column("batch_id", BigInteger, nullable=False),
    info={"place": ("reference",)},
)
