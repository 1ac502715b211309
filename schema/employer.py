"""An employer, its accounts, and the cross-check of what departments say of it."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from hub.query.bind import Source, collection, column, identity, link, noun, sealed, source_of
from hub.store.base import FOREVER_SQL
from hub.store.employer import employer, employer_account

from .paging import Node

if TYPE_CHECKING:
    from .enrollment import Enrollment
    from .finding import Finding
    from .person import Person

MINE = {"employer_key": "employer_key"}


@noun(employer_account)
class EmployerAccount:
    """An account an employer holds with an authority (税务登记、社保登记、公积金账户)."""

    kind: str = column(employer_account.c.kind, "tax, social_insurance or provident_fund.")
    insurance: str = column(employer_account.c.insurance, "Insurance type of a social-insurance account; may be empty.")
    account_no: str = column(employer_account.c.account_no, "Number of the account (单位编号).")
    state: str = column(employer_account.c.state, "normal, suspended, abnormal (非正常户) or closed.")
    starts_on: date | None = column(employer_account.c.starts_on, "Opened on.")
    ends_on: date | None = column(employer_account.c.ends_on, "Closed on; null while open.")
    headcount: int | None = column(employer_account.c.headcount, "Persons the account counts (人数).")


@noun(
    Source(
        sql="""(select employer_key, month,
                       count(*) filter (where wage > 0) as headcount_taxed,
                       count(pension_base) as headcount_enrolled,
                       sum(wage) as wage_total, sum(pension_base) as base_total
                  from employment_month group by employer_key, month)""",
        key=("employer_key", "month"),
        feeds=("payroll", "contribution"),
    )
)
class CrossCheckMonth:
    """One month of an employer, as tax and insurance see it (比对月份)."""

    month: date = column("{a}.month", "The month, as its first day.")
    headcount_taxed: int = column("{a}.headcount_taxed", "Persons whose wages were taxed (工资薪金申报人数).")
    headcount_enrolled: int = column("{a}.headcount_enrolled", "Persons with a pension contribution (养老缴费人数).")
    wage_total: Decimal | None = column("{a}.wage_total::text", "Wages taxed, yuan (工资薪金合计).")
    base_total: Decimal | None = column("{a}.base_total::text", "Contribution bases, yuan (缴费基数合计).")


@noun(
    Source(
        sql=f"""(select employer_key, insurance, count(distinct person_key) as headcount
                   from enrollment
                  where known_until = {FOREVER_SQL} and state = 'active' and ends_on > current_date
                  group by employer_key, insurance)""",
        key=("employer_key", "insurance"),
        feeds=("enrollment",),
    )
)
class InsuranceHeadcount:
    """How many persons an employer has enrolled in one insurance (参保人数)."""

    insurance: str = column("{a}.insurance", "Insurance type (险种).")
    headcount: int = column("{a}.headcount", "Persons with an open, active spell.")


@noun(source_of(employer))
class Employer(Node):
    """An employer (用人单位)."""

    id: strawberry.ID = identity("employer")
    uscc: str | None = column(employer.c.uscc, "Unified social credit code (统一社会信用代码).")
    name: str = column(employer.c.name, "Name (名称).")
    kind: str = column(
        employer.c.kind, "enterprise, individual_business (个体工商户), cooperative, social_organization …"
    )
    industry: str | None = column(employer.c.industry, "Industry, GB/T 4754 (行业代码).")
    region: str | None = column(employer.c.region, "Division (行政区划).")
    area: str | None = column(employer.c.area, "Reporting area (镇街).")
    address: str | None = column(employer.c.address, "Address (住所).")
    legal_representative: str | None = sealed(
        employer.c.legal_representative,
        "name",
        "Legal representative (法定代表人).",
        masks={"surname": employer.c.legal_representative_masked},
    )
    staff_declared: int | None = column(employer.c.staff_declared, "Staff it declared (从业人数).")
    registered_on: date | None = column(employer.c.registered_on, "Registered on (成立日期).")
    status: str = column(employer.c.status, "operating, cancelled, revoked, moved_out or introduced.")
    status_on: date | None = column(employer.c.status_on, "Since when.")
    accounts: list[EmployerAccount] = collection(
        MINE, ("kind", "insurance", "account_no", "delivery_id"), "Its accounts."
    )
    enrollments: list[Annotated["Enrollment", strawberry.lazy("schema.enrollment")]] = collection(
        MINE, ("starts_on", "person_key", "insurance", "delivery_id"), "Spells through this employer, oldest first."
    )
    insured_persons: list[Annotated["Person", strawberry.lazy("schema.person")]] = collection(
        {},
        ("person_key",),
        "Persons with an open spell through this employer (在保人员).",
        where=(
            # An array, not a join: whatever the planner guesses of ``first``, it begins with the employer's own spells.
            "{a}.person_key = any(array(select i.person_key from enrollment i "
            f"where i.employer_key = {{parent}}.employer_key and i.known_until = {FOREVER_SQL} "
            "and i.state = 'active' and i.ends_on > current_date))"
        ),
    )
    findings: list[Annotated["Finding", strawberry.lazy("schema.finding")]] = collection(
        MINE, ("opened_at", "id"), "Findings about this employer (疑点)."
    )


@noun(source_of(employer), about="Employer")
class CrossCheck:
    """What departments say of one employer, side by side (用人单位比对)."""

    employer: Employer = link(MINE, "The employer.")
    months: list[CrossCheckMonth] = collection(MINE, ("month",), "Month by month, oldest first.")
    headcount_by_insurance: list[InsuranceHeadcount] = collection(
        MINE, ("insurance",), "Persons enrolled now, by insurance."
    )
    findings: list[Annotated["Finding", strawberry.lazy("schema.finding")]] = collection(
        MINE, ("opened_at", "id"), "Open findings, with their evidence.", where="{a}.state = 'open'", most=50
    )


@noun()
class EmployerEnrollment:
    """Whether an employer has enrolled anybody (单位参保状态)."""

    uscc: str = column("", "The unified social credit code asked about.")
    status: str = column("", "YES, NO or UNKNOWN.")
    reason: str | None = column("", "Why the answer is UNKNOWN: what is missing.")
