"""Too deep, too wide, too many, too costly: refused before anything is fetched, and never with a value quoted."""

from typing import Any

import pytest
from query_city import USCC, city, give, hub, resident_id  # noqa: F401

DEEP = (
    '{ employer(uscc: "%s") ' % USCC
    + "{ insuredPersons { enrollments { employer " * 5
    + "{ name }"
    + " } } }" * 5
    + " }"
)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ employer(uscc: ", "REQUEST_SYNTAX"),
        ("{ nothing }", "REQUEST_INVALID"),
        ("mutation { x }", "REQUEST_INVALID"),
        ("subscription { x }", "REQUEST_OPERATION"),
        ("query A { deliveries { nodes { name } } } query B { deliveries { nodes { name } } }", "REQUEST_OPERATION"),
        (DEEP, "REQUEST_TOO_DEEP"),
        ("{ " + " ".join(f"a{n}: deliveries {{ nodes {{ name }} }}" for n in range(120)) + " }", "REQUEST_TOO_WIDE"),
        ("{ employers(first: 1001) { nodes { name } } }", "REQUEST_PAGE_SIZE"),
        ("{ employers(first: 0) { nodes { name } } }", "REQUEST_PAGE_SIZE"),
        ("{ employers(first: -1) { nodes { name } } }", "REQUEST_PAGE_SIZE"),
        ("{ employers(first: 1000) { nodes { insuredPersons(first: 1000) { name } } } }", "REQUEST_TOO_COSTLY"),
        ("{ %s: deliveries { nodes { name } } }" % ("a" * 64), "REQUEST_NAME_TOO_LONG"),
        ("{ deliveries { nodes { ...A } } } fragment A on Delivery { ...B } fragment B on Delivery { ...A }", "REQUEST_INVALID"),
        ("{ __schema { types { name } } deliveries { nodes { name } } }", "REQUEST_MIXED"),
        ("{" * 3000, "REQUEST_SYNTAX"),
        ("{ a " * 900 + "}" * 900, "REQUEST_SYNTAX"),
        ("{ a " * 100 + "}" * 100, "REQUEST_TOO_DEEP"),
    ],
)  # fmt: skip
def test_a_document_beyond_the_limits_is_refused(hub: Any, query: str, code: str) -> None:
    told = hub.ask(query)
    assert (told.status, told.data, told.codes) == (400, None, [code])


def test_page_sizes_in_variables_count_as_well(hub: Any) -> None:
    told = hub.ask("query ($n: Int!) { employers(first: $n) { nodes { name } } }", {"n": 5000})
    assert told.codes == ["REQUEST_PAGE_SIZE"]


def test_fragments_that_multiply_are_counted_as_they_stand(hub: Any) -> None:
    """2^20 fields in a few lines: refused at once, since each fragment is counted once."""
    doubling = " ".join(f"fragment F{n} on Delivery {{ a: name ...F{n + 1} b: name ...F{n + 1} }}" for n in range(20))
    told = hub.ask("{ deliveries { nodes { ...F0 } } } " + doubling + " fragment F20 on Delivery { name }")
    assert told.codes == ["REQUEST_TOO_WIDE"]


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query ($id: String!) { person(residentId: $id) { name } }", {"id": ["371082198001010011"]}),
        ("query ($id: String!) { person(residentId: $id) { name } }", {}),
        ('{ person(residentId: "371082198001010018") { name } }', {}),
        ("{ person(residentId: 371082198001010018) { name } }", {}),
        ('{ person(residentId: "371082198001010018", x: 1) { name } }', {}),
        ('{ persons(first: "371082198001010018") { nodes { name } } }', {}),
        ("query ($n: Int!) { persons(first: $n) { nodes { name } } }", {"n": "371082198001010018"}),
        ('{ enrollmentStatus(residentIds: ["x"], insurance: "employee_pension", on: "371082198001010018") { status } }', {}),
    ],
)  # fmt: skip
def test_a_refusal_does_not_repeat_what_may_be_personal(hub: Any, query: str, variables: dict[str, Any]) -> None:
    told = hub.ask(query, variables)
    assert told.status == 400
    assert b"37108219800101" not in told.answer.body


def test_more_numbers_than_allowed_are_refused(hub: Any) -> None:
    query = 'query ($ids: [String!]!) { enrollmentStatus(residentIds: $ids, insurance: "injury") { status } }'
    assert hub.ask(query, {"ids": [resident_id(1)] * 1001}).codes == ["REQUEST_ARGUMENT"]
