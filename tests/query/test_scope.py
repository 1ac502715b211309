"""What a grant closes stays closed: rows, masks, filters, ids, quotas, and two grants never add up."""

from typing import Any

import pytest
from query_city import USCC, City, city, give, hub, resident_id  # noqa: F401

VISITS = """
roots = ["person", "persons", "enrollmentStatus", "employer"]
[fields.Person]
id = {}
residentId = { mask = "last4" }
name = { mask = "surname" }
birthOn = { mask = "year" }
area = {}
enrollments = {}
[fields.Enrollment]
insurance = {}
employer = {}
[fields.Employer]
name = {}
insuredPersons = {}
[fields.EnrollmentStatus]
residentId = {}
status = {}
reason = {}
[[rows.Person]]
column = "area"
equals = "$client.area"
[[rows.Enrollment]]
reached = true
[[rows.Employer]]
reached = true
[[rows.EnrollmentStatus]]
reached = true
"""


@pytest.fixture
def town(give: Any) -> Any:
    return give("town/visits", VISITS, area="371082001")


def test_rows_outside_the_grant_are_as_if_they_were_not_there(hub: Any, town: Any) -> None:
    inside, outside, nobody = resident_id(25), resident_id(5), resident_id(901)
    ask = lambda number: hub.ask('{ person(residentId: "%s") { name } }' % number, grant=town)
    assert ask(inside).data == {"person": {"name": "王**"}}
    assert ask(outside).data == ask(nobody).data == {"person": None}


def test_two_towns_that_ask_at_once_each_get_their_own_rows(hub: Any, town: Any, give: Any) -> None:
    harbor = give("harbor/visits", VISITS, area="371082100")
    asked = [
        ('{ person(residentId: "%s") { area } }' % resident_id(number), grant)
        for number in (5, 25, 6, 26)
        for grant in (town, harbor)
    ]
    areas = [told.data["person"] and told.data["person"]["area"] for told in hub.all_at_once(asked)]
    assert areas == [None, "371082100", "371082001", None] * 2


def test_links_do_not_lead_out_of_the_grants_rows(hub: Any, town: Any) -> None:
    told = hub.ask(
        '{ person(residentId: "%s") { enrollments { employer { insuredPersons(first: 100) { area } } } } }'
        % resident_id(25),
        grant=town,
    )
    reached = told.data["person"]["enrollments"][0]["employer"]["insuredPersons"]
    assert len(reached) == 10
    assert {one["area"] for one in reached} == {"371082001"}


def test_a_type_given_only_by_reaching_it_cannot_be_a_root(hub: Any, town: Any) -> None:
    assert hub.ask('{ employer(uscc: "%s") { name } }' % USCC, grant=town).data == {"employer": None}


def test_masks_are_put_on(hub: Any, town: Any) -> None:
    number = resident_id(25)
    told = hub.ask('{ person(residentId: "%s") { residentId name birthOn } }' % number, grant=town)
    assert told.data["person"] == {"residentId": "*" * 14 + number[-4:], "name": "王**", "birthOn": "1980-01-01"}


@pytest.mark.parametrize("query", ["{ persons { nodes { phone } } }", "{ employers { nodes { name } } }", "{ persons { nodes { enrollments { contributionBase } } } }", "{ __schema { types { name } } }", '{ persons(status: "normal") { nodes { area } } }', '{ node(id: "x") { id } }'])  # fmt: skip
def test_what_the_grant_does_not_name_is_refused(hub: Any, town: Any, query: str) -> None:
    told = hub.ask(query, grant=town)
    assert told.status == 403
    assert told.data is None
    assert all(code.startswith("POLICY_") for code in told.codes)
    assert told.extensions["receipt"]["event"]


def test_every_reason_is_told_at_once(hub: Any, town: Any) -> None:
    told = hub.ask("{ employers { nodes { uscc } } persons { nodes { phone } } }", grant=town)
    assert told.codes == ["POLICY_ROOT", "POLICY_FIELD", "POLICY_FIELD"]


def test_a_masked_field_cannot_be_filtered_by(hub: Any, give: Any) -> None:
    grant = give(
        "desk/areas",
        'roots = ["persons"]\n[fields.Person]\narea = { mask = "area" }\n[[rows.Person]]\neveryone = true',
    )
    assert hub.ask('{ persons(area: "371082001") { nodes { area } } }', grant=grant).codes == ["POLICY_FILTER_MASKED"]


def test_two_grants_of_one_client_never_add_up(hub: Any, give: Any) -> None:
    names = give("twin/names", 'roots = ["persons"]\n[fields.Person]\nname = {}\n[[rows.Person]]\neveryone = true')
    areas = give("twin/areas", 'roots = ["persons"]\n[fields.Person]\narea = {}\n[[rows.Person]]\neveryone = true')
    both = "{ persons { nodes { name area } } }"
    assert hub.ask(both, grant=names).codes == ["POLICY_FIELD"]
    assert hub.ask(both, grant=areas).codes == ["POLICY_FIELD"]
    assert hub.ask("{ persons { nodes { name } } }", grant=names).status == 200


def test_two_departments_hold_different_ids_for_one_person(hub: Any, give: Any) -> None:
    body = 'roots = ["person", "node"]\n[fields.Person]\nid = {}\n[[rows.Person]]\neveryone = true'
    one, other = give("one/ids", body), give("other/ids", body)
    ask = lambda grant: hub.ask('{ person(residentId: "%s") { id } }' % resident_id(3), grant=grant).data["person"][
        "id"
    ]
    mine, theirs = ask(one), ask(other)
    assert mine != theirs
    assert mine == ask(one)
    assert hub.ask('{ node(id: "%s") { ... on Person { id } } }' % theirs, grant=one).data == {"node": None}


def test_a_cursor_of_another_list_or_grant_or_a_changed_one_is_refused(hub: Any, town: Any) -> None:
    cursor = hub.ask("{ persons(first: 1) { pageInfo { endCursor } } }").data["persons"]["pageInfo"]["endCursor"]
    changed = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    assert hub.ask('{ persons(after: "%s") { nodes { area } } }' % cursor).status == 200
    for query, grant in (
        ('{ persons(after: "%s") { nodes { area } } }' % changed, "office/all"),
        ('{ employers(after: "%s") { nodes { area } } }' % cursor, "office/all"),
        ('{ persons(after: "%s") { nodes { area } } }' % cursor, town),
    ):
        assert hub.ask(query, grant=grant).codes == ["REQUEST_CURSOR"]


ASSISTED = """
roots = ["person", "enrollmentStatus"]
[fields.Person]
name = { mask = "surname" }
[fields.EnrollmentStatus]
residentId = {}
status = {}
reason = {}
[[rows.Person]]
listed_in = ["civil_affairs/low_income"]
[[rows.EnrollmentStatus]]
reached = true
"""


def test_a_department_sees_only_whom_it_listed_itself(hub: Any, give: Any) -> None:
    grant = give("civil_affairs/check", ASSISTED)
    query = "query ($ids: [String!]!, $of: String!) { enrollmentStatus(residentIds: $ids, insurance: $of) { status reason } }"
    numbers = [resident_id(number) for number in (1, 31, 32, 2, 950)] + ["123"]
    told = hub.ask(query, {"ids": numbers, "of": "employee_pension"}, grant=grant)
    assert [one["status"] for one in told.data["enrollmentStatus"]] == [
        "YES",
        "NO",
        "NO",
        "UNKNOWN",
        "UNKNOWN",
        "UNKNOWN",
    ]
    reasons = [one["reason"] for one in told.data["enrollmentStatus"]]
    assert reasons[3] == reasons[4] == "nobody by this number is reached by this grant"
    assert "not a resident ID" in reasons[5]
    told = hub.ask(query, {"ids": numbers[2:3], "of": "resident_pension"}, grant=grant)
    assert told.data["enrollmentStatus"][0]["status"] == "LAPSED"


def test_whose_enrollment_row_was_rejected_is_unknown_and_not_told_no(hub: Any, database: Any, city: Any) -> None:
    query = 'query ($ids: [String!]!) { enrollmentStatus(residentIds: $ids, insurance: "injury") { status reason } }'
    ids = {"ids": [resident_id(33), resident_id(34), resident_id(1)]}
    assert [one["status"] for one in hub.ask(query, ids).data["enrollmentStatus"]] == ["NO", "NO", "YES"]
    batch = "select max(b.id) from batch b join delivery d on d.id = b.delivery_id and d.target = 'enrollment'"
    database.execute(
        f"insert into rejected_row (batch_id, row_no, sealed, reasons, subjects) values (({batch}), 1, '', '{{}}', %s)",
        [city.key(resident_id(33)), city.key(resident_id(1))],
    )
    told = hub.ask(query, ids).data["enrollmentStatus"]
    assert [one["status"] for one in told] == ["UNKNOWN", "NO", "YES"]
    assert "rejected" in told[0]["reason"]
    database.execute("update rejected_row set replayed_in = 0")
    assert [one["status"] for one in hub.ask(query, ids).data["enrollmentStatus"]] == ["NO", "NO", "YES"]
    database.execute("delete from rejected_row")


def test_a_delivery_that_says_nothing_of_an_insurance_is_not_waited_for_when_it_is_asked_about(
    hub: Any, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.query.freshness.EVERY", 0.0)
    database.execute(
        "insert into delivery (name, title, owner, cadence, target, insurances) values"
        " ('medical_insurance/never', 'x', 'x', 'monthly', 'enrollment', '{employee_medical}')"
    )
    query = (
        "query ($id: [String!]!, $of: String!) { enrollmentStatus(residentIds: $id, insurance: $of) { status reason } }"
    )

    def told(of: str) -> Any:
        return hub.ask(query, {"id": [resident_id(33)], "of": of}).data["enrollmentStatus"][0]

    assert told("injury")["status"] == "NO"
    assert told("employee_medical") == {"status": "UNKNOWN", "reason": "medical_insurance/never is missing"}
    database.execute("delete from delivery where name = 'medical_insurance/never'")


def test_a_delivery_that_is_declared_later_opens_the_rows_it_lists(
    hub: Any, give: Any, database: Any, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for a query whose statement was compiled before."""
    monkeypatch.setattr("hub.query.freshness.EVERY", 0.0)
    rows = '[[rows.Person]]\nlisted_in = ["civil_affairs/destitute"]'
    grant = give("late/one", 'roots = ["person"]\n[fields.Person]\narea = {}\n' + rows)
    query = '{ person(residentId: "%s") { area } }' % resident_id(3)
    assert hub.ask(query, grant=grant).data == {"person": None}
    with database.engine("owner").begin() as connection:
        later = City(connection, city.keyring)
        later.delivery("civil_affairs/destitute", "assistance")
        later.assisted(later.key(resident_id(3)), delivery="civil_affairs/destitute")
    assert hub.ask(query, grant=grant).data == {"person": {"area": "371082100"}}


def test_quotas_count_distinct_persons_and_refuse_the_one_too_many(hub: Any, give: Any) -> None:
    grant = give(
        "few/persons",
        'roots = ["person", "persons"]\n[fields.Person]\narea = {}\n[[rows.Person]]\neveryone = true',
        head='quota = { persons = 3, per = "day" }',
    )
    one = lambda number: hub.ask('{ person(residentId: "%s") { area } }' % resident_id(number), grant=grant)
    assert [one(number).extensions["quota"]["remaining"] for number in (1, 2, 1, 3)] == [2, 1, 1, 0]
    refused = one(4)
    assert (refused.status, refused.data, refused.codes) == (429, None, ["POLICY_QUOTA"])
    assert one(2).status == 200
    assert hub.ask("{ persons(first: 5) { nodes { area } } }", grant=grant).codes == ["POLICY_QUOTA"]


def test_quotas_hold_for_many_questions_at_once(hub: Any, give: Any) -> None:
    grant = give(
        "crowd/persons",
        'roots = ["person"]\n[fields.Person]\narea = {}\n[[rows.Person]]\neveryone = true',
        head='quota = { persons = 7, per = "day" }',
    )
    told = hub.ask_at_once(
        ['{ person(residentId: "%s") { area } }' % resident_id(number) for number in range(1, 31)], grant=grant
    )
    assert sorted(one.status for one in told) == [200] * 7 + [429] * 23
