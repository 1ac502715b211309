"""The API of the hub, in GraphQL. One file a noun; here are the roots.

`hub schema print` writes ``schema/schema.graphql``; a test holds it current.
"""

from datetime import date, datetime

import strawberry
from strawberry.schema.config import StrawberryConfig

from hub.query.bind import Computed, Filter, Lookup, Page, mutation, noun, root
from hub.query.bind import Node as NodeRoot
from hub.query.status import employer_enrollment, enrollment_status
from hub.query.verbs import explain_access, receipt_proof

from .access import AccessEvent, AccessExplanation, ReceiptProof
from .correction import Dispute, Disputed, answer_dispute, answered, dispute_row, disputed, escalate_dispute, escalated
from .delivery import Delivery
from .employer import CrossCheck, Employer, EmployerEnrollment
from .enrollment import EnrollmentStatus
from .finding import Finding
from .indicator import Indicator, Target
from .notice import (
    Issued,
    Listing,
    Notice,
    Served,
    issue_notices,
    issued,
    listed,
    propose_listing,
    record_service,
    served,
    sign_listing,
)
from .paging import Connection, Node
from .person import Person
from .worklist import (
    OVERDUE,
    Dispatched,
    Recalled,
    Reported,
    WorkItem,
    dispatch_findings,
    recall_items,
    report_action,
    reported,
    selected,
)


def _equals(column: str, field: str, cast: str = "text") -> Filter:
    return Filter(f"{{a}}.{column} = {{value}}", cast, field)


def _person(resident_id: str) -> None: ...


def _employer(uscc: str) -> None: ...


def _persons(first: int = 50, after: str | None = None, area: str | None = None, status: str | None = None) -> None: ...


def _employers(
    first: int = 50,
    after: str | None = None,
    area: str | None = None,
    kind: str | None = None,
    status: str | None = None,
    industry: str | None = None,
    registered_since: date | None = None,
) -> None: ...


def _findings(
    first: int = 50,
    after: str | None = None,
    rule: str | None = None,
    state: str | None = None,
    severity: str | None = None,
    area: str | None = None,
    opened_since: datetime | None = None,
) -> None: ...


def _worklist(
    first: int = 50,
    after: str | None = None,
    state: str | None = None,
    rule: str | None = None,
    severity: str | None = None,
    area: str | None = None,
    office: str | None = None,
    overdue: bool | None = None,
    contradicted: bool | None = None,
    due_until: date | None = None,
) -> None: ...


def _disputes(
    first: int = 50,
    after: str | None = None,
    department: str | None = None,
    open: bool | None = None,  # noqa: A002
) -> None: ...


def _notices(
    first: int = 50,
    after: str | None = None,
    rule: str | None = None,
    state: str | None = None,
    area: str | None = None,
) -> None: ...


def _deliveries(first: int = 50, after: str | None = None) -> None: ...


def _indicators(
    first: int = 50,
    after: str | None = None,
    month: date | None = None,
    measure: str | None = None,
    division: str | None = None,
    area: str | None = None,
    insurance: str | None = None,
) -> None: ...


def _targets(
    first: int = 50,
    after: str | None = None,
    month: date | None = None,
    policy: str | None = None,
    measure: str | None = None,
    area: str | None = None,
) -> None: ...


def _access_log(
    first: int = 50,
    after: str | None = None,
    client: str | None = None,
    grant: str | None = None,
    kind: str | None = None,
    outcome: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> None: ...


def _enrollment_status(resident_ids: list[str], insurance: str, on: date | None = None) -> None: ...


def _receipt_proof(event_id: strawberry.ID) -> None: ...


def _explain_access(query: str) -> None: ...


def _node(id: strawberry.ID) -> None: ...  # noqa: A002 - the name Relay gives it


def _nodes(ids: list[strawberry.ID]) -> None: ...


@noun()
class Query:
    """Everything that can be asked. A grant names the roots and fields it gives; all others are closed."""

    person: Person | None = root(
        Lookup("residentId", "person_key", "person"), _person, "One person by resident ID (公民身份号码)."
    )
    persons: Connection[Person] = root(
        Page(
            ("person_key",),
            False,
            {"area": _equals("area", "Person.area"), "status": _equals("status", "Person.status")},
        ),
        _persons,
        "The persons that the grant reaches.",
    )
    enrollment_status: list[EnrollmentStatus] = root(
        Computed(enrollment_status), _enrollment_status, "Whether up to 1,000 persons are enrolled on a day (批量比对)."
    )
    employer: Employer | None = root(
        Lookup("uscc", "employer_key", "employer"), _employer, "One employer by its code (统一社会信用代码)."
    )
    employers: Connection[Employer] = root(
        Page(
            ("employer_key",),
            False,
            {
                "area": _equals("area", "Employer.area"),
                "kind": _equals("kind", "Employer.kind"),
                "status": _equals("status", "Employer.status"),
                "industry": Filter("starts_with({a}.industry, {value})", "text", "Employer.industry"),
                "registeredSince": Filter("{a}.registered_on >= {value}", "date", "Employer.registeredOn"),
            },
        ),
        _employers,
        "The employers that the grant reaches.",
    )
    employer_enrollment: EmployerEnrollment = root(
        Computed(employer_enrollment), _employer, "Whether an employer has enrolled anybody: yes, no or unknown."
    )
    cross_check: CrossCheck | None = root(
        Lookup("uscc", "employer_key", "employer"),
        _employer,
        "What departments say of one employer, side by side (比对).",
    )
    findings: Connection[Finding] = root(
        Page(
            ("id",),
            False,
            {
                "rule": _equals("rule", "Finding.rule"),
                "state": _equals("state", "Finding.state"),
                "severity": _equals("severity", "Finding.severity"),
                "area": _equals("area", "Finding.area"),
                "openedSince": Filter("{a}.opened_at >= {value}", "timestamptz", "Finding.openedAt"),
            },
        ),
        _findings,
        "What the rules found (疑点).",
    )
    worklist: Connection[WorkItem] = root(
        Page(
            ("sorts_on", "finding_id"),
            False,
            {
                "state": _equals("state", "WorkItem.state"),
                "rule": _equals("rule", "WorkItem.rule"),
                "severity": _equals("severity", "WorkItem.severity"),
                "area": _equals("area", "WorkItem.area"),
                "office": _equals("office", "WorkItem.office"),
                "overdue": Filter(f"{OVERDUE} = {{value}}", "boolean", "WorkItem.overdue"),
                "contradicted": Filter(
                    "({a}.contradicted_at is not null) = {value}", "boolean", "WorkItem.contradictedAt"
                ),
                "dueUntil": Filter("{a}.due_on <= {value}", "date", "WorkItem.dueOn"),
            },
        ),
        _worklist,
        "What is to be acted on, the most urgent first (待办清单).",
    )
    disputes: Connection[Dispute] = root(
        Page(
            ("due_on", "id"),
            False,
            {
                "department": _equals("department", "Dispute.department"),
                "open": Filter("({a}.answer is null) = {value}", "boolean", "Dispute.answer"),
            },
        ),
        _disputes,
        "Delivered rows that are disputed, those whose time ends first before the others (校核申请).",
    )
    notices: Connection[Notice] = root(
        Page(
            ("number",),
            False,
            {
                "rule": _equals("rule", "Notice.rule"),
                "state": _equals("state", "Notice.state"),
                "area": _equals("area", "Notice.area"),
            },
        ),
        _notices,
        "Letters about findings (告知书).",
    )
    deliveries: Connection[Delivery] = root(
        Page(("id",), False, {}), _deliveries, "Who delivers what, and how fresh it is (数据目录)."
    )
    indicators: Connection[Indicator] = root(
        Page(
            ("release_id", "measure", "division", "insurance", "area"),
            False,
            {
                "month": _equals("month", "Indicator.month", "date"),
                "measure": _equals("measure", "Indicator.measure"),
                "division": _equals("division", "Indicator.division"),
                "area": _equals("area", "Indicator.area"),
                "insurance": _equals("insurance", "Indicator.insurance"),
            },
        ),
        _indicators,
        "The published figures of months (指标).",
    )
    targets: Connection[Target] = root(
        Page(
            ("release_id", "policy", "measure", "insurance", "area"),
            False,
            {
                "month": _equals("month", "Target.month", "date"),
                "policy": _equals("policy", "Target.policy"),
                "measure": _equals("measure", "Target.measure"),
                "area": _equals("area", "Target.area"),
            },
        ),
        _targets,
        "How published figures stand against the policies' targets (目标任务).",
    )
    access_log: Connection[AccessEvent] = root(
        Page(
            ("event_id",),
            True,
            {
                "client": _equals("client", "AccessEvent.client"),
                "grant": _equals("scope", "AccessEvent.grant"),
                "kind": _equals("kind", "AccessEvent.kind"),
                "outcome": _equals("outcome", "AccessEvent.outcome"),
                "since": Filter("{a}.recorded_at >= {value}", "timestamptz", "AccessEvent.recordedAt"),
                "until": Filter("{a}.recorded_at < {value}", "timestamptz", "AccessEvent.recordedAt"),
            },
        ),
        _access_log,
        "Who accessed what, newest first (访问日志).",
    )
    receipt_proof: ReceiptProof | None = root(
        Computed(receipt_proof), _receipt_proof, "The proof that an event is in the log; null until it is integrated."
    )
    explain_access: AccessExplanation = root(
        Computed(explain_access), _explain_access, "What the grant in use makes of a query, without running it."
    )
    node: Node | None = root(NodeRoot(many=False), _node, "One object by global id.")
    nodes: list[Node | None] = root(NodeRoot(many=True), _nodes, "Up to 100 objects by global id.")


@noun()
class Mutation:
    """Everything that can be changed. A grant names the mutations it allows; its rows say of what."""

    dispatch_findings: Dispatched = mutation(
        dispatch_findings,
        "WorkItem",
        selected,
        "Hand items that wait, or were recalled, to whoever is to act (下放): all that is said must hold.",
    )
    recall_items: Recalled = mutation(
        recall_items, "WorkItem", selected, "Take items back from whoever was to act (收回); what was reported stays."
    )
    report_action: Reported = mutation(
        report_action,
        "WorkItem",
        reported,
        "Say what was done about an item (填报). The same `key` again changes nothing.",
    )
    issue_notices: Issued = mutation(
        issue_notices,
        "Finding",
        issued,
        "Write notices for open findings of a rule that have none of the kind (制发告知书); none twice.",
    )
    record_service: Served = mutation(
        record_service, "Notice", served, "Note when and how a notice reached its addressee (送达登记): its days begin."
    )
    propose_listing: Listing = mutation(
        propose_listing,
        "Finding",
        listed,
        "Propose an employer for the list of the seriously untrustworthy (拟列入): refused with whatever is not met.",
    )
    sign_listing: Listing = mutation(
        sign_listing, "Finding", listed, "Sign for a proposal (签批), by another officer than proposed it."
    )
    dispute_row: Disputed = mutation(
        dispute_row,
        "Finding",
        disputed,
        "Say that a row a finding rests on is wrong (申请校核); once while it is open.",
    )
    answer_dispute: Disputed = mutation(
        answer_dispute, "Dispute", answered, "Answer for the department that delivered the row (反馈校核结果)."
    )
    escalate_dispute: Disputed = mutation(
        escalate_dispute, "Dispute", escalated, "Take a dispute to the next authority (提请协调)."
    )


schema = strawberry.Schema(
    query=Query, mutation=Mutation, types=[Person, Employer], config=StrawberryConfig(auto_camel_case=True)
)
