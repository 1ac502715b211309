"""A department that delivers sees what a check doubts of its own deliveries, and reports on it: under one grant for all."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from postgres import Database
from query_city import KNOWN, City, city, hub, resident_id  # noqa: F401
from sqlalchemy import insert

from hub.policy import read_grants
from hub.policy.client import Client
from hub.store import finding as findings

ROOT = Path(__file__).parents[2]
GRANT = "source_department/verification"
LIST = """{ worklist(first: 50) { nodes { id rule office dueOn finding { matter values person { residentId name }
    evidence(first: 10) { fact delivery batch rowNo } } } } }"""
REPORT = """mutation ($item: ID!) { reportAction(item: $item, kind: self_check, on: "2026-11-20", result: rectified,
    officer: "校核员01", key: "k") { state } }"""
SCHOOL, PAYROLL, IN_TOWN = "education/student", "tax/payroll", ""


@pytest.fixture
def items(city: City, database: Database, hub: Any) -> dict[str, str]:
    """Doubts about two departments' rows, and a finding for a town, all dispatched: matter → the item's id."""
    for table in ("finding", "work_item", "work_event", "work_action"):
        database.execute(f"truncate {table}")
    told = {}
    with database.engine("owner").begin() as connection:
        for number, (matter, rule) in enumerate(
            ((SCHOOL, "student_of_25"), (PAYROLL, "differs_from_register"), (IN_TOWN, "working_age_not_enrolled")), 1
        ):
            key = city.key(resident_id(number))
            told[matter] = str(UUID(int=700 + number))
            connection.execute(
                insert(findings.finding).values(
                    subject_key=key, id=told[matter], rule=rule, subject="person", matter=matter, state="open",
                    severity="medium", person_key=key, area=None if matter else "371082100", values={"items": "name"},
                    opened_at=KNOWN, seen_at=KNOWN, run_id=1,
                )
            )  # fmt: skip
    office = 'mutation { dispatchFindings(severity: "medium") { dispatched unaddressed } }'
    assert hub.ask(office).data == {"dispatchFindings": {"dispatched": 3, "unaddressed": 0}}
    hub.grants[GRANT] = read_grants(ROOT / "access_policies")[GRANT]
    return told


def ask(hub: Any, office: str, query: str, **variables: Any) -> Any:
    """As the department's client asks."""
    name = GRANT.partition("/")[0]
    hub.clients[name] = Client(name, office, name, {"office": office}, (GRANT,))
    return hub.ask(query, variables, grant=GRANT)


def seen(hub: Any, office: str) -> list[dict[str, Any]]:
    told = ask(hub, office, LIST)
    assert told.status == 200, told.messages
    nodes: list[dict[str, Any]] = told.data["worklist"]["nodes"]
    return nodes


def test_each_department_sees_the_items_about_its_own_deliveries_alone(hub: Any, items: dict[str, str]) -> None:
    (school,), (payroll,) = seen(hub, "education"), seen(hub, "tax")
    assert (school["id"], school["rule"], school["office"]) == (items[SCHOOL], "student_of_25", "education")
    assert (payroll["id"], payroll["finding"]["matter"]) == (items[PAYROLL], PAYROLL)
    assert payroll["finding"]["values"] == {"items": "name"}
    person = payroll["finding"]["person"]
    assert person == {"residentId": "*" * 14 + resident_id(2)[-4:], "name": "王**"}
    assert seen(hub, "justice") == []


def test_it_reports_on_its_own_items_and_on_no_others(hub: Any, items: dict[str, str], database: Database) -> None:
    told = ask(hub, "education", REPORT, item=items[SCHOOL])
    assert told.data == {"reportAction": {"state": "reported"}}
    for other in (PAYROLL, IN_TOWN):
        assert ask(hub, "education", REPORT, item=items[other]).status == 400
    assert database.execute("select finding_id::text, office, state from work_item order by finding_id") == [
        (items[SCHOOL], "education", "reported"), (items[PAYROLL], "tax", "dispatched"),
        (items[IN_TOWN], None, "dispatched"),
    ]  # fmt: skip
