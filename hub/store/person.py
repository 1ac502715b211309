"""Persons: who they are, and what happened to them."""

from sqlalchemy import BigInteger, Column, Date, Integer, LargeBinary, Numeric, Text, Uuid

from .base import fact

#: One current row a person. The population register is authoritative; another delivery only introduces a person
#: that nobody delivered before (status ``introduced``), until the register supersedes that row.
person = fact(
    "person",
    Column("person_key", Uuid, nullable=False, comment="keyed pseudonym of the identity document"),
    Column("resident_id_masked", Text, nullable=False),
    Column("name_masked", Text, nullable=False),
    Column("name_key", Uuid, comment="keyed digest of the name: tells that two sources differ, not how"),
    Column("sealed", LargeBinary, nullable=False, comment="{resident_id, name, phone, address}, sealed"),
    Column("sex", Text, comment="male or female"),
    Column("birth_on", Date),
    Column("ethnicity", Text),
    Column("region", Text, comment="registered division: 6, 9 or 12 digits"),
    Column("area", Text, comment="reporting area: town, street, or one that GB/T 2260 does not have"),
    Column("status", Text, nullable=False, comment="normal dead moved_out cancelled enlisted introduced"),
    Column("status_on", Date),
    key=("person_key",),
    place=("hash", "person_key"),
)

life_event = fact(
    "life_event",
    Column("person_key", Uuid, nullable=False),
    Column(
        "kind",
        Text,
        nullable=False,
        comment="death cremation moved_out emigrated enlisted cancelled residing studying graduated"
        " imprisoned community_correction vaccinated examined",
    ),
    Column("happened_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False, comment="9999-12-31 where it does not end"),
    Column("to_region", Text),
    Column("registered_on", Date),
    Column("state", Text, comment="studying: in_school suspended left graduated"),
    Column("area", Text, comment="residing: the reporting area lived in"),
    key=("person_key", "kind", "happened_on", "delivery_id"),
    place=("hash", "person_key"),
)

assistance = fact(
    "assistance",
    Column("person_key", Uuid, nullable=False),
    Column(
        "kind",
        Text,
        nullable=False,
        comment="low_income low_income_margin rigid_expenditure destitute disability lifted_out_of_poverty"
        " at_risk_of_poverty registered_poor",
    ),
    Column("certificate_no", Text, nullable=False),
    Column("level", Text, comment="what the kind grades by: full partial; disability 1 (heaviest) to 4"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("state", Text, nullable=False, comment="active suspended ended"),
    Column("area", Text),
    key=("person_key", "kind", "certificate_no", "delivery_id"),
    place=("hash", "person_key"),
)

land_expropriation = fact(
    "land_expropriation",
    Column("person_key", Uuid, nullable=False),
    Column("approval_no", Text, nullable=False, comment="the approval by which the land was taken (批准文号)"),
    Column("approved_on", Date),
    Column("arranged_on", Date, comment="day of the resettlement plan, on which the age counts"),
    Column("subsidy_yuan", Numeric(14, 2)),
    Column("subsidy_years", Integer),
    Column("area", Text),
    key=("person_key", "approval_no", "delivery_id"),
    place=("hash", "person_key"),
)

#: What a town's or a community's workers wrote down at the door.
household_survey = fact(
    "household_survey",
    Column("person_key", Uuid, nullable=False),
    Column("surveyed_on", Date, nullable=False),
    Column("residence", Text, comment="here away abroad empty_registration unknown"),
    Column("work", Text, comment="employed flexible farming unemployed studying retired none"),
    Column("insured", Text, comment="what the person says: here elsewhere no unknown"),
    Column("reason", Text, comment="why not enrolled, as hub.terms names it"),
    Column("area", Text),
    key=("person_key", "surveyed_on", "delivery_id"),
    place=("hash", "person_key"),
)

#: One holder of a social-security card, as the card store has it.
social_card = fact(
    "social_card",
    Column("person_key", Uuid, nullable=False),
    Column("state", Text, nullable=False, comment="active suspended cancelled"),
    Column("issued_on", Date),
    key=("person_key", "delivery_id"),
    place=("hash", "person_key"),
)

#: Where a delivery says otherwise of a person than the register does. Which of them is right, nobody here knows.
disagreement = fact(
    "disagreement",
    Column("person_key", Uuid, nullable=False),
    Column("item", Text, nullable=False, comment="name sex birth_on"),
    Column("register_batch", BigInteger, nullable=False, comment="the batch of the person's row that says otherwise"),
    key=("person_key", "item", "delivery_id"),
    place=("hash", "person_key"),
)
