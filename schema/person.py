"""A person, and what departments say of them."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from hub.query.bind import collection, column, identity, noun, sealed, source_of
from hub.store.person import assistance, life_event, person

from .paging import Node

if TYPE_CHECKING:
    from .enrollment import Benefit, Contribution, Enrollment
    from .finding import Finding

MINE = {"person_key": "person_key"}


@noun(source_of(life_event, subject="person"))
class LifeEvent:
    """Something that happened to a person (死亡、迁出、入伍等)."""

    kind: str = column(life_event.c.kind, "death, cremation, moved_out, emigrated, enlisted or cancelled.")
    happened_on: date = column(life_event.c.happened_on, "The day it happened.")
    ends_on: date | None = column(life_event.c.ends_on, "The day it ends; null where it does not.")
    to_region: str | None = column(life_event.c.to_region, "Where the person went (迁往地区划).")
    registered_on: date | None = column(life_event.c.registered_on, "The day it was registered.")


@noun(source_of(assistance, subject="person"))
class Assistance:
    """Social assistance a person receives (社会救助)."""

    kind: str = column(assistance.c.kind, "low_income (低保) or destitute (特困).")
    certificate_no: str = column(assistance.c.certificate_no, "Number of the certificate (救助证号).")
    starts_on: date = column(assistance.c.starts_on, "First day.")
    ends_on: date | None = column(assistance.c.ends_on, "First day no longer assisted; null while open.")
    state: str = column(assistance.c.state, "active, suspended or ended.")
    area: str | None = column(assistance.c.area, "Reporting area (镇街).")


@noun(source_of(person, subject="person"))
class Person(Node):
    """A person (自然人)."""

    id: strawberry.ID = identity("person")
    resident_id: str = sealed(
        person.c.sealed, "resident_id", "Resident ID (公民身份号码).", masks={"last4": person.c.resident_id_masked}
    )
    name: str = sealed(person.c.sealed, "name", "Name (姓名).", masks={"surname": person.c.name_masked})
    phone: str | None = sealed(person.c.sealed, "phone", "Telephone (联系电话).")
    address: str | None = sealed(person.c.sealed, "address", "Address (地址).")
    sex: str | None = column(person.c.sex, "male or female (性别).")
    birth_on: date | None = column(person.c.birth_on, "Date of birth (出生日期).")
    ethnicity: str | None = column(person.c.ethnicity, "Ethnicity (民族).")
    region: str | None = column(person.c.region, "Registered division (户籍所在行政区划).")
    area: str | None = column(person.c.area, "Reporting area (镇街).")
    status: str = column(
        person.c.status, "Register state (管理状态): normal, dead, moved_out, cancelled, enlisted or introduced."
    )
    status_on: date | None = column(person.c.status_on, "Since when.")
    enrollments: list[Annotated["Enrollment", strawberry.lazy("schema.enrollment")]] = collection(
        MINE, ("starts_on", "insurance", "employer_key", "delivery_id"), "Spells of insurance (参保记录), oldest first."
    )
    contributions: list[Annotated["Contribution", strawberry.lazy("schema.enrollment")]] = collection(
        MINE,
        ("month", "insurance", "employer_key", "kind", "delivery_id"),
        "Contributions by corresponding month (缴费).",
    )
    benefits: list[Annotated["Benefit", strawberry.lazy("schema.enrollment")]] = collection(
        MINE, ("starts_on", "kind", "delivery_id"), "Benefits drawn (待遇)."
    )
    assistances: list[Assistance] = collection(
        MINE, ("starts_on", "kind", "certificate_no", "delivery_id"), "Social assistance received (救助)."
    )
    life_events: list[LifeEvent] = collection(
        MINE, ("happened_on", "kind", "delivery_id"), "What happened, oldest first."
    )
    findings: list[Annotated["Finding", strawberry.lazy("schema.finding")]] = collection(
        {"subject_key": "person_key"}, ("opened_at", "id"), "Findings about this person (疑点)."
    )
