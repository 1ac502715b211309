"""Findings and the rows they rest on."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry.scalars import JSON

from hub.query.bind import Source, collection, column, link, noun, source_of
from hub.store.finding import finding
from hub.store.project import project

if TYPE_CHECKING:
    from .employer import Employer
    from .person import Person

#: What a grant gives of a person, masked or not, it gives as a field of Person: evidence is no second door to it.
PARTICULARS = ["sex", "birth_on", "ethnicity", "region", "area"]


@noun(
    Source(
        sql="""(select e.*, d.name as delivery, b.period
                  from finding_evidence e join batch b on b.id = e.batch_id join delivery d on d.id = b.delivery_id)""",
        key=("position",),
        subject="person",
    )
)
class Evidence:
    """A row that a finding rests on (证据)."""

    fact: str = column("{a}.fact", "What kind of fact the row states.")
    delivery: str = column("{a}.delivery", "The delivery that holds it, as who gives / what.")
    period: date = column("{a}.period", "The month of that delivery.")
    batch: int = column("{a}.batch_id", "The batch.")
    row_no: int = column("{a}.row_no", "The row of the batch, from 1.")
    row: JSON = column(
        f"case when {{a}}.fact = 'person' then {{a}}.row - array{PARTICULARS}::text[] else {{a}}.row end",
        "What the row says, without direct identifiers.",
    )


@noun(project)
class Project:
    """A construction project (工程项目)."""

    project_code: str = column(project.c.project_code, "Code (项目编码).")
    name: str = column(project.c.name, "Name (项目名称).")
    contractor_name: str | None = column(project.c.contractor_name, "General contractor (总承包单位).")
    starts_on: date | None = column(project.c.starts_on, "Started on (开工日期).")
    ends_on: date | None = column(project.c.ends_on, "Completed on (竣工日期).")
    area: str | None = column(project.c.area, "Reporting area (镇街).")
    cost_yuan: str | None = column(project.c.cost_yuan, "Contract price, yuan (合同造价).")


@noun(source_of(finding, subject="person", key=("id",)))
class Finding:
    """Something that a rule found, or could not decide (疑点)."""

    id: strawberry.ID = column("{a}.id::text", "The finding's number: the same case keeps it.")
    rule: str = column(finding.c.rule, "The rule that found it.")
    subject: str = column(finding.c.subject, "Whom it is about: person, employer or project.")
    severity: str = column(finding.c.severity, "high, medium or low.")
    state: str = column(finding.c.state, "open, cleared or unknown.")
    matter: str = column(finding.c.matter, "What tells two findings of one subject apart; may be empty.")
    area: str | None = column(finding.c.area, "Reporting area that has to act (镇街).")
    region: str | None = column(finding.c.region, "Division.")
    values: JSON = column(finding.c["values"], "The figures the rule compared.")
    opened_at: datetime = column(finding.c.opened_at, "When it was first found.")
    seen_at: datetime = column(finding.c.seen_at, "When it was last found true.")
    ended_at: datetime | None = column(finding.c.ended_at, "When it was cleared.")
    unknown_because: str | None = column(finding.c.unknown_because, "What is missing to decide it.")
    employer: Annotated["Employer", strawberry.lazy("schema.employer")] | None = link(
        {"employer_key": "employer_key"}, "The employer it is about."
    )
    person: Annotated["Person", strawberry.lazy("schema.person")] | None = link(
        {"person_key": "person_key"}, "The person it is about."
    )
    project: Annotated["Project", strawberry.lazy("schema.finding")] | None = link(
        {"project_code": "project_code"}, "The project it is about."
    )
    evidence: list[Evidence] = collection(
        {"subject_key": "subject_key", "finding_id": "id"},
        ("position",),
        "The rows it rests on, each traced to its batch.",
        where="{a}.run_id = (select max(l.run_id) from finding_evidence l where l.subject_key = {parent}.subject_key "
        "and l.finding_id = {parent}.id)",
        most=50,
    )
