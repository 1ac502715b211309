"""Persons: who they are, and what happened to them."""

from sqlalchemy import Column, Date, LargeBinary, Text, Uuid

from .base import fact

#: One current row a person. The population register is authoritative; another delivery only introduces a person
#: that nobody delivered before (status ``introduced``), until the register supersedes that row.
person = fact(
    "person",
    Column("person_key", Uuid, nullable=False, comment="keyed pseudonym of the identity document"),
    Column("resident_id_masked", Text, nullable=False),
    Column("name_masked", Text, nullable=False),
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
        comment="death cremation moved_out emigrated enlisted cancelled imprisoned studying",
    ),
    Column("happened_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False, comment="9999-12-31 where it does not end"),
    Column("to_region", Text),
    Column("registered_on", Date),
    key=("person_key", "kind", "happened_on", "delivery_id"),
    place=("hash", "person_key"),
)

assistance = fact(
    "assistance",
    Column("person_key", Uuid, nullable=False),
    Column("kind", Text, nullable=False, comment="low_income destitute …"),
    Column("certificate_no", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("state", Text, nullable=False, comment="active suspended ended"),
    Column("area", Text),
    key=("person_key", "kind", "certificate_no", "delivery_id"),
    place=("hash", "person_key"),
)
