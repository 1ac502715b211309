"""Insurance: spells, contributions, benefits, and the answer to "is this person enrolled"."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from hub.query.bind import BY_ROOT, column, link, noun, source_of
from hub.store.insurance import benefit, contribution, enrollment

if TYPE_CHECKING:
    from .employer import Employer
    from .person import Person

OF_PERSON = {"person_key": "person_key"}
OF_EMPLOYER = {"employer_key": "employer_key"}
INSURANCES = (
    "employee_pension, organ_pension, resident_pension, unemployment, "
    "employee_medical, resident_medical, injury or maternity"
)


@noun(source_of(enrollment, subject="person"))
class Enrollment:
    """One spell of one insurance of one person (参保记录)."""

    insurance: str = column(enrollment.c.insurance, f"Insurance type (险种): {INSURANCES}.")
    starts_on: date = column(enrollment.c.starts_on, "First day insured.")
    ends_on: date | None = column(enrollment.c.ends_on, "First day no longer insured; null while open.")
    state: str = column(enrollment.c.state, "active, suspended (暂停), ended or retired.")
    contributor: str | None = column(enrollment.c.contributor, "employee, flexible (灵活就业), resident or assisted.")
    contribution_base: Decimal | None = column(
        enrollment.c.contribution_base, "Contribution base, yuan a month (缴费基数)."
    )
    tier_yuan: Decimal | None = column(enrollment.c.tier_yuan, "Resident pension: tier, yuan a year (缴费档次).")
    paid_on_behalf: bool | None = column(enrollment.c.paid_on_behalf, "Resident pension: paid on behalf (代缴).")
    person: Annotated["Person", strawberry.lazy("schema.person")] | None = link(OF_PERSON, "Whose spell it is.")
    employer: Annotated["Employer", strawberry.lazy("schema.employer")] | None = link(
        OF_EMPLOYER, "Through whom; null where there is no employer."
    )


@noun(source_of(contribution, subject="person"))
class Contribution:
    """What was contributed for one month (缴费记录)."""

    month: date = column(contribution.c.month, "Month it is for, as its first day (对应费款所属期).")
    insurance: str = column(contribution.c.insurance, f"Insurance type (险种): {INSURANCES}.")
    contribution_base: Decimal | None = column(contribution.c.contribution_base, "Base, yuan (缴费基数).")
    employer_yuan: Decimal | None = column(contribution.c.employer_yuan, "Paid by the employer (单位缴纳).")
    person_yuan: Decimal | None = column(contribution.c.person_yuan, "Paid by the person (个人缴纳).")
    kind: str = column(contribution.c.kind, "regular, back_payment (补缴) or refund.")
    paid: bool = column(contribution.c.paid, "Whether it arrived in full (足额到账).")
    settled_on: date | None = column(contribution.c.settled_on, "Month it was settled in (费款所属期).")
    employer: Annotated["Employer", strawberry.lazy("schema.employer")] | None = link(OF_EMPLOYER, "Through whom.")


@noun(source_of(benefit, subject="person"))
class Benefit:
    """A benefit drawn (待遇领取)."""

    kind: str = column(benefit.c.kind, "Which benefit: the insurance it comes from.")
    starts_on: date = column(benefit.c.starts_on, "First day.")
    ends_on: date | None = column(benefit.c.ends_on, "First day no longer drawn; null while open.")
    state: str = column(benefit.c.state, "drawing, suspended or ended.")
    monthly_yuan: Decimal | None = column(benefit.c.monthly_yuan, "Yuan a month (月待遇).")
    last_paid_month: date | None = column(benefit.c.last_paid_month, "Last month paid out, as its first day.")


@noun(BY_ROOT)
class Freshness:
    """How fresh a delivery is."""

    delivery: str = column("", "The delivery, as who gives / what.")
    state: str = column("", "fresh, stale, missing or empty.")
    period: date | None = column("", "The last month delivered, as its first day.")
    loaded_at: datetime | None = column("", "When it was loaded.")


@noun()
class EnrollmentStatus:
    """Whether a person is enrolled in an insurance on a day (参保状态)."""

    resident_id: str = column("", "The resident ID that was asked about.")
    insurance: str = column("", f"The insurance asked about: {INSURANCES}.")
    on: date = column("", "The day asked about.")
    status: str = column("", "YES, NO, LAPSED (断缴: was enrolled, is no longer) or UNKNOWN.")
    reason: str | None = column("", "Why the answer is UNKNOWN: what is missing.")
    freshness: list[Freshness] = column("", "The deliveries the answer rests on.")
