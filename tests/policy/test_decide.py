"""One decision: default no, one grant at a time, every reason at once."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.policy import Client, Decision, Grant, asked_for, decide, explain, holds, parse_grant, where
from hub.policy.explain import describe_masks
from hub.policy.masks import MASKS

TODAY = date(2026, 11, 21)
HEAD = 'title = "t"\npurpose = "p"\nbasis = "b"\napproved_by = "a"\nexpires = 2026-12-31\n'

VISITS = parse_grant(
    "town/visits",
    HEAD
    + """
starts = 2026-01-01
quota = { persons = 5, per = "day" }
roots = ["person"]
[fields.Person]
name = { mask = "surname" }
phone = {}
enrollments = {}
[fields.Enrollment]
insurance = {}
[[rows.Person]]
column = "area"
in = ["$client.area"]
""",
)
BASES = parse_grant(
    "town/bases",
    HEAD
    + """
roots = ["person"]
[fields.Person]
enrollments = {}
[fields.Enrollment]
contributionBase = {}
[[rows.Person]]
column = "region"
under = ["$client.region"]
[[rows.Enrollment]]
reached = true
""",
)
TOWN = Client("town-107", "大疃镇", "town", {"area": "371082107", "region": "371082"}, ("town/visits", "town/bases"))


def asking(*asks: str, grant: Grant = VISITS, client: Client = TOWN, today: date = TODAY) -> Decision:
    return decide(grant, client, asked_for(asks), today)


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_what_the_grant_names_is_allowed() -> None:
    decision = asking("root:person", "Person.name", "Person.phone", "filter:Person.phone", "sort:Person.phone")
    assert decision.allowed
    assert decision.reasons == ()
    assert decision.masks == {("Person", "name"): "surname"}
    assert decision.quota is not None
    assert decision.quota.persons == 5


@pytest.mark.parametrize(
    ("ask", "code", "coordinate"),
    [
        ("root:persons", "POLICY_ROOT", "Query.persons"),
        ("root:__schema", "POLICY_ROOT", "Query.__schema"),
        ("Person.birthOn", "POLICY_FIELD", "Person.birthOn"),
        ("Employer.name", "POLICY_FIELD", "Employer.name"),
        ("filter:Person.birthOn", "POLICY_FILTER", "Person.birthOn"),
        ("filter:Person.name", "POLICY_FILTER_MASKED", "Person.name"),
        ("sort:Person.birthOn", "POLICY_SORT", "Person.birthOn"),
        ("sort:Person.name", "POLICY_SORT", "Person.name"),
        ("Enrollment.insurance", "POLICY_ROWS", "Enrollment"),
    ],
)
def test_everything_else_is_refused_by_name(ask: str, code: str, coordinate: str) -> None:
    decision = asking(ask)
    assert not decision.allowed
    assert codes(decision) == [code]
    reason = decision.reasons[0]
    assert reason.coordinate == coordinate
    assert coordinate in reason.message
    assert "town/visits" in reason.message
    assert reason.message.count(". ") >= 1  # the remedy


def test_an_empty_grant_gives_nothing() -> None:
    nothing = parse_grant("town/nothing", HEAD)
    client = replace(TOWN, scopes=("town/nothing",))
    assert codes(asking("root:person", "Person.name", grant=nothing, client=client)) == ["POLICY_ROOT", "POLICY_FIELD"]


NAMES = st.sampled_from(["Person", "Enrollment", "Employer", "Query"])
FIELDS = st.sampled_from(["name", "phone", "enrollments", "insurance", "contributionBase", "residentId", "id"])
COORDINATES = st.tuples(NAMES, FIELDS).map(".".join)
ASKS = st.sets(
    st.one_of(
        COORDINATES,
        COORDINATES.map("filter:{}".format),
        COORDINATES.map("sort:{}".format),
        FIELDS.map("root:{}".format),
        st.just("root:person"),
    )
)


@given(ASKS)
def test_an_answer_has_only_what_the_grant_names(asks: set[str]) -> None:
    decision = asking(*asks)
    open_fields = {"Person.phone", "Person.enrollments"}
    named = {"root:person", "Person.name"} | {f"{how}{at}" for how in ("", "filter:", "sort:") for at in open_fields}
    # Arranging by a granted field is allowed even of a type without rows: there is nothing to arrange.
    named |= {"filter:Enrollment.insurance", "sort:Enrollment.insurance"}
    assert decision.allowed == (asks <= named)


@given(ASKS)
def test_asking_for_more_never_turns_no_into_yes(asks: set[str]) -> None:
    for grant in (VISITS, BASES):
        if not asking(*asks, grant=grant).allowed:
            assert not asking(*asks, "Person.enrollments", "root:person", grant=grant).allowed


def test_two_grants_never_add_up() -> None:
    """Each gives one half; the client holds both scopes; the whole is refused under either."""
    assert asking("root:person", "Person.phone").allowed
    assert asking("root:person", "Enrollment.contributionBase", grant=BASES).allowed
    both = ("root:person", "Person.phone", "Enrollment.contributionBase")
    assert [reason.coordinate for reason in asking(*both).reasons] == ["Enrollment.contributionBase"]
    assert [reason.coordinate for reason in asking(*both, grant=BASES).reasons] == ["Person.phone"]


def test_two_grants_do_not_lend_each_other_rows() -> None:
    assert (
        asking("root:person", "Person.enrollments", grant=BASES).rows["Person"] != asking("root:person").rows["Person"]
    )
    assert "Enrollment" not in asking("root:person").rows  # BASES gives its rows, VISITS does not


def test_a_client_without_the_scope_is_refused() -> None:
    decision = asking("root:person", client=replace(TOWN, scopes=("town/bases",)))
    assert codes(decision) == ["POLICY_SCOPE"]


def test_a_grant_holds_from_its_first_day_through_its_last() -> None:
    day = timedelta(days=1)
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    assert asking("root:person", today=first).allowed
    assert asking("root:person", today=last).allowed
    assert codes(asking("root:person", today=first - day)) == ["POLICY_NOT_YET"]
    assert codes(asking("root:person", today=last + day)) == ["POLICY_EXPIRED"]


@pytest.mark.parametrize("area", [None, "", "  ", [], [""], ["371082107", " "], 371082107, {"in": "371082107"}])
def test_a_missing_client_attribute_closes(area: Any) -> None:
    attributes: dict[str, Any] = {"region": "371082"} | ({} if area is None else {"area": area})
    if isinstance(area, dict):
        attributes = {"area": [area]}
    decision = asking("root:person", "Person.phone", client=replace(TOWN, attributes=attributes))
    assert codes(decision) == ["POLICY_CLIENT_ATTRIBUTE"]
    assert decision.reasons[0].coordinate == "Person.area"
    assert "'area'" in decision.reasons[0].message
    assert decision.rows == {}


@pytest.mark.parametrize("region", ["", "000000", "37", "%", "371082%", "荣成"])
def test_a_client_attribute_that_is_no_region_closes(region: str) -> None:
    decision = asking("root:person", grant=BASES, client=replace(TOWN, attributes={"region": region}))
    assert codes(decision) == ["POLICY_CLIENT_ATTRIBUTE"]


def bound(condition: str, attributes: dict[str, str | list[str]]) -> Decision:
    grant = parse_grant("town/x", HEAD + f"[[rows.Person]]\n{condition}\n")
    return decide(grant, replace(TOWN, scopes=("town/x",), attributes=attributes), asked_for([]), TODAY)


def test_client_values_are_put_in_place() -> None:
    several = bound('column = "area"\nin = ["371082001", "$client.area"]', {"area": ["371082002", "371082003"]})
    assert several.rows["Person"][0].values == ("371082001", "371082002", "371082003")
    since = bound('column = "status_on"\nsince = "$client.day"', {"day": "2026-01-01"})
    assert since.rows["Person"][0].values == (date(2026, 1, 1),)
    assert codes(bound('column = "status_on"\nsince = "$client.day"', {"day": "January"})) == [
        "POLICY_CLIENT_ATTRIBUTE"
    ]
    assert codes(bound('column = "area"\nequals = "$client.area"', {"area": ["1", "2"]})) == ["POLICY_CLIENT_ATTRIBUTE"]


def test_every_reason_is_given_at_once() -> None:
    decision = asking(
        *("root:persons", "Person.birthOn", "Enrollment.insurance", "Employer.name"),
        *("filter:Person.name", "filter:Person.sex", "sort:Person.name"),
        client=replace(TOWN, scopes=(), attributes={}),
        today=date(2027, 1, 1),
    )
    assert codes(decision) == [
        "POLICY_SCOPE",
        "POLICY_EXPIRED",
        "POLICY_CLIENT_ATTRIBUTE",
        "POLICY_ROOT",
        "POLICY_FIELD",
        "POLICY_FIELD",
        "POLICY_ROWS",
        "POLICY_FILTER_MASKED",
        "POLICY_FILTER",
        "POLICY_SORT",
    ]
    assert len(explain(decision)) == 1 + 10


def test_a_refusal_leaves_nothing_to_use() -> None:
    decision = asking("root:person", "Person.name", "Person.birthOn")
    assert (decision.masks, decision.rows, decision.quota) == ({}, {}, None)


def test_no_predicate_is_no_row() -> None:
    assert holds((), {"area": "371082107"}, reached=True, listed={"town/x"}) is False
    assert where((), "person", str, lambda names, alias: "true", reached=True) == "false"


def test_an_allowed_decision_explains_itself() -> None:
    assert explain(asking("root:person", "Person.name")) == [
        f"Allowed under town/visits (version {VISITS.digest[:12]}).",
        f"Person.name is masked (surname): it is shown as {MASKS['surname'].shows}.",
        "Rows of Person: area is 371082107.",
        "At most 5 different persons a day.",
    ]


def test_the_masks_can_be_listed() -> None:
    assert [name for name, _, _ in describe_masks()] == list(MASKS)


def test_a_mutation_is_allowed_where_the_grant_names_it_and_not_as_a_root() -> None:
    visits = VISITS.model_copy(update={"mutations": frozenset({"reportAction"})})
    allowed = asking("mutation:reportAction", grant=visits)
    assert (allowed.allowed, allowed.mutations) == (True, {"reportAction"})
    assert any("It changes something, through reportAction" in one for one in explain(allowed))
    assert codes(asking("mutation:reportAction")) == ["POLICY_MUTATION"]
    assert codes(asking("mutation:person")) == ["POLICY_MUTATION"]
    assert codes(asking("root:reportAction", grant=visits)) == ["POLICY_ROOT"]


def test_a_refused_mutation_is_named_with_the_remedy_beside_every_other_reason() -> None:
    refused = asking("mutation:recallItems", "Person.sex", today=VISITS.expires + timedelta(days=1))
    assert codes(refused) == ["POLICY_EXPIRED", "POLICY_MUTATION", "POLICY_FIELD"]
    assert "Mutation.recallItems is not in town/visits. Leave it out, or apply" in refused.reasons[1].message
    assert refused.mutations == frozenset()
