"""Planned answers: right, in order, one statement a root."""

from typing import Any

from query_city import USCC, city, give, hub, resident_id  # noqa: F401


def test_a_person_is_answered_with_spells_and_their_employers(hub: Any) -> None:
    told = hub.ask(
        """query ($id: String!) { person(residentId: $id) { residentId name phone sex birthOn
             enrollments { insurance startsOn endsOn contributionBase employer { name uscc } } } }""",
        {"id": resident_id(1)},
    )
    assert told.status == 200
    assert told.data == {
        "person": {
            "residentId": resident_id(1),
            "name": "王1",
            "phone": "13900000000",
            "sex": "male",
            "birthOn": "1980-01-01",
            "enrollments": [
                {
                    "insurance": kind,
                    "startsOn": "2024-01-01",
                    "endsOn": None,
                    "contributionBase": "5000.00",
                    "employer": {"name": "荣成市合成渔业有限公司", "uscc": USCC},
                }
                for kind in ("employee_pension", "injury")
            ],
        }
    }
    assert told.extensions["receipt"]["event"]
    assert {one["delivery"]: one["state"] for one in told.extensions["freshness"]} == {
        "human_resources/enrollment": "fresh",
        "market_supervision/registration": "fresh",
        "public_security/population": "fresh",
    }


def test_fragments_aliases_and_conditions_are_put_in_place(hub: Any) -> None:
    told = hub.ask(
        """query ($id: String!, $no: Boolean!) {
             a: person(residentId: $id) { ...F again: name } b: person(residentId: $id) { __typename ... on Person { sex } }
           }
           fragment F on Person { name @skip(if: $no) sex enrollments { insurance } ... { enrollments { state } } }""",
        {"id": resident_id(1), "no": True},
    )
    assert told.data == {
        "a": {
            "sex": "male",
            "enrollments": [
                {"insurance": "employee_pension", "state": "active"},
                {"insurance": "injury", "state": "active"},
            ],
            "again": "王1",
        },
        "b": {"__typename": "Person", "sex": "male"},
    }


def test_somebody_nobody_knows_is_null(hub: Any) -> None:
    assert hub.ask('{ person(residentId: "%s") { name } }' % resident_id(900)).data == {"person": None}


def test_a_page_says_where_it_ends_and_the_next_goes_on_there(hub: Any) -> None:
    query = """query ($after: String) { employers(first: 50, after: $after) {
                 nodes { uscc name } pageInfo { hasNextPage endCursor } edges { cursor node { uscc } } } }"""
    seen, after, pages = [], None, 0
    while True:
        page = hub.ask(query, {"after": after}).data["employers"]
        assert [one["node"]["uscc"] for one in page["edges"]] == [one["uscc"] for one in page["nodes"]]
        assert page["edges"][-1]["cursor"] == page["pageInfo"]["endCursor"]
        seen += [one["uscc"] for one in page["nodes"]]
        pages += 1
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert pages == 3
    assert len(seen) == len(set(seen)) == 121


def test_a_page_is_filtered_by_what_its_arguments_say(hub: Any) -> None:
    told = hub.ask('{ employers(first: 100, industry: "06") { nodes { industry } } }')
    assert [one["industry"] for one in told.data["employers"]["nodes"]] == ["0610"] * 60


def test_an_empty_page_has_no_end(hub: Any) -> None:
    told = hub.ask(
        '{ employers(first: 3, kind: "none") { nodes { name } pageInfo { hasNextPage endCursor __typename } } }'
    )
    assert told.data["employers"] == {
        "nodes": [],
        "pageInfo": {"hasNextPage": False, "endCursor": None, "__typename": "PageInfo"},
    }


def test_children_come_in_order_and_no_more_than_asked(hub: Any) -> None:
    told = hub.ask(
        '{ employer(uscc: "%s") { insuredPersons(first: 4) { id name } all: insuredPersons { id } } }' % USCC
    )
    four, everyone = told.data["employer"]["insuredPersons"], told.data["employer"]["all"]
    assert [one["id"] for one in four] == [one["id"] for one in everyone][:4]
    assert len(everyone) == 30


def test_the_cross_check_counts_both_sides(hub: Any) -> None:
    told = hub.ask(
        '{ crossCheck(uscc: "%s") { months { month headcountTaxed headcountEnrolled wageTotal baseTotal } '
        "headcountByInsurance { insurance headcount } employer { name } } }" % USCC
    )
    assert told.data["crossCheck"] == {
        "months": [
            {
                "month": "2026-10-01",
                "headcountTaxed": 30,
                "headcountEnrolled": 30,
                "wageTotal": "180000.00",
                "baseTotal": "150000.00",
            }
        ],
        "headcountByInsurance": [
            {"insurance": "employee_pension", "headcount": 30},
            {"insurance": "injury", "headcount": 30},
        ],
        "employer": {"name": "荣成市合成渔业有限公司"},
    }


def test_a_global_id_leads_back_to_its_object(hub: Any) -> None:
    told = hub.ask('{ employer(uscc: "%s") { id } person(residentId: "%s") { id } }' % (USCC, resident_id(2)))
    ids = [told.data["employer"]["id"], told.data["person"]["id"]]
    told = hub.ask(
        "query ($ids: [ID!]!, $one: ID!) { nodes(ids: $ids) { __typename id ... on Person { name } ... on Employer { uscc } }"
        " node(id: $one) { ... on Person { name } } }",
        {"ids": [*ids, "nonsense", ids[0]], "one": ids[1]},
    )
    works = {"__typename": "Employer", "id": ids[0], "uscc": USCC}
    assert told.data["nodes"] == [works, {"__typename": "Person", "id": ids[1], "name": "王2"}, None, works]
    assert told.data["node"] == {"name": "王2"}


def test_introspection_is_answered_where_the_grant_names_it(hub: Any) -> None:
    assert hub.ask("{ __schema { queryType { name } } }").data == {"__schema": {"queryType": {"name": "Query"}}}


def test_every_answer_of_the_schema_can_be_planned_and_run(hub: Any) -> None:
    """Every field of every noun, by the shortest way to it: what the schema says can be asked."""
    from hub.query.bind import Collection, Link, Page, nouns_of
    from schema import schema

    nouns = nouns_of(schema)

    def fields(name: str, depth: int) -> str:
        parts = []
        for field, bound in nouns[name].fields.items():
            if isinstance(bound, Link | Collection):
                if depth:
                    parts.append(f"{field} {{ {fields(bound.noun, depth - 1)} }}")
            elif nouns[name].source.sql:
                parts.append(field)
        return " ".join(parts)

    asked = 0
    for root, bound in nouns["Query"].fields.items():
        if isinstance(bound, Page):
            told = hub.ask(f"{{ {root}(first: 2) {{ nodes {{ {fields(bound.noun, 1)} }} }} }}")
            assert told.status == 200, told.json
            asked += 1
    told = hub.ask(f'{{ crossCheck(uscc: "{USCC}") {{ {fields("CrossCheck", 1)} }} }}')
    assert told.status == 200, told.json
    assert asked == 10


def test_deliveries_say_how_they_stand_and_when_the_next_is_due(hub: Any) -> None:
    query = (
        "{ deliveries(first: 2) { edges { node { name cadence lastPeriod freshness dueOn s: state stateReason } } } }"
    )
    first, second = (one["node"] for one in hub.ask(query).data["deliveries"]["edges"])
    assert first == {
        "name": "public_security/population",
        "cadence": "monthly",
        "lastPeriod": "2026-10-01",
        "freshness": "fresh",
        "dueOn": "2026-12-10",
        "s": "fresh",
        "stateReason": None,
    }
    assert (second["name"], second["s"]) == ("civil_affairs/low_income", "fresh")
