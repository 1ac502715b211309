"""Construction projects, the workers on their sites, and the injury insurance taken out for them."""

from sqlalchemy import Boolean, Column, Date, Integer, Text, Uuid

from .base import fact
from .insurance import Yuan

project = fact(
    "project",
    Column("project_code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("contractor_key", Uuid, nullable=False, comment="the general contractor's employer_key; nil where unknown"),
    Column("contractor_name", Text),
    Column("permit_no", Text),
    Column("cost_yuan", Yuan),
    Column("starts_on", Date),
    Column("ends_on", Date),
    Column("region", Text),
    Column("area", Text),
    Column("sector", Text, comment="building municipal transport water railway"),
    Column("insured_declared", Boolean, comment="what the housing department says of its injury insurance"),
    key=("project_code", "delivery_id"),
    place=("reference",),
)

project_worker = fact(
    "project_worker",
    Column("person_key", Uuid, nullable=False),
    Column("project_code", Text, nullable=False),
    Column("entered_on", Date, nullable=False),
    Column("left_on", Date, nullable=False),
    Column("subcontractor", Text),
    Column("trade", Text),
    Column("days_attended", Integer),
    key=("person_key", "project_code", "entered_on", "delivery_id"),
    place=("hash", "person_key"),
)

project_insurance = fact(
    "project_insurance",
    Column("project_code", Text, nullable=False),
    Column("certificate_no", Text, nullable=False),
    Column("insured_on", Date, nullable=False, comment="day the certificate was issued"),
    Column("starts_on", Date),
    Column("ends_on", Date, nullable=False),
    Column("premium_yuan", Yuan),
    key=("project_code", "certificate_no", "delivery_id"),
    place=("reference",),
)
