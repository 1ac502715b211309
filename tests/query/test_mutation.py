"""A mutation: decided like a question, done and recorded in one transaction, whole or not at all."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import pytest
from postgres import Database
from query_city import KNOWN, TODAY, City, city, give, hub, resident_id  # noqa: F401
from sqlalchemy import insert

from hub.audit.event import new_id
from hub.audit.log import LogUnavailable
from hub.errors import ExecuteError
from hub.policy import Change
from hub.query import changing
from hub.store import finding as findings

RULE = "working_age_not_enrolled"
DISPATCH = 'mutation { dispatchFindings(rule: "%s") { dispatched held unaddressed } }' % RULE
REPORT = """mutation ($item: ID!, $key: String!) { reportAction(item: $item, kind: visit, on: "2026-11-20",
    result: not_enrolled, reason: unwilling, officer: "网格员01", key: $key) { item state already } }"""

TOWN = """
roots = ["worklist"]
mutations = ["reportAction"]
[fields.WorkItem]
id = {}
state = {}
[[rows.WorkItem]]
column = "area"
in = ["$client.area"]
"""


@pytest.fixture
def items(city: City, database: Database) -> list[str]:
    """Two findings, in two towns; the ids of their items."""
    numbers = [UUID(int=501), UUID(int=502)]
    with database.engine("owner").begin() as connection:
        for table in ("finding", "work_item", "work_event", "work_action"):
            connection.exec_driver_sql(f"delete from {table}")
        for number, area, person in zip(numbers, ("371082100", "371082001"), (1, 21), strict=True):
            key = city.key(resident_id(person))
            connection.execute(
                insert(findings.finding).values(
                    subject_key=key, id=number, rule=RULE, subject="person", matter="", state="open", severity="high",
                    person_key=key, area=area, values={}, opened_at=KNOWN, seen_at=KNOWN, run_id=1,
                )
            )  # fmt: skip
    return [str(number) for number in numbers]


@pytest.fixture
def kinds(database: Database) -> Any:
    """The kinds of the events since the test began, oldest first."""
    begun = str(new_id())

    def since() -> list[str]:
        sql = "select kind from audit_event where event_id > %s order by event_id"
        return [kind for (kind,) in database.execute(sql, begun)]

    return since


def leaf(database: Database, event: str) -> Any:
    return orjson.loads(database.execute("select leaf from audit_event where event_id = %s", event)[0][0])


def states(database: Database) -> list[str]:
    return [state for (state,) in database.execute("select state from work_item order by finding_id")]


def test_a_mutation_is_done_and_recorded_with_who_asked_under_what(
    hub: Any, items: list[str], database: Any, kinds: Any
) -> None:
    told = hub.ask(DISPATCH)
    assert (told.status, told.data) == (200, {"dispatchFindings": {"dispatched": 2, "held": 0, "unaddressed": 0}})
    event = leaf(database, told.extensions["receipt"]["event"])
    assert (event["kind"], event["outcome"], event["client"], event["grant"], event["purpose"]) == (
        "change_made", "allowed", "office", "office/all", "tests",
    )  # fmt: skip
    assert event["details"]["mutations"] == ["dispatchFindings"]
    assert sorted(kinds()) == ["change_made", "finding_changed", "worklist_followed"]
    assert states(database) == ["dispatched", "dispatched"]


def test_its_receipt_is_proved_like_any(hub: Any, items: list[str]) -> None:
    event = hub.ask(DISPATCH).extensions["receipt"]["event"]
    hub.integrate()
    proof = hub.ask('{ receiptProof(eventId: "%s") { proof } }' % event).data["receiptProof"]["proof"]
    assert event in proof["leaf"]


def test_sent_again_it_does_nothing_twice(hub: Any, items: list[str], database: Any) -> None:
    hub.ask(DISPATCH)
    assert hub.ask(DISPATCH).data["dispatchFindings"]["dispatched"] == 0
    first, again = (hub.ask(REPORT, {"item": items[0], "key": "k"}).data["reportAction"] for _ in range(2))
    assert first == {"item": items[0], "state": "reported", "already": False}
    assert again == {"item": items[0], "state": "reported", "already": True}
    assert database.execute("select count(*) from work_action") == [(1,)]


def test_what_was_reported_is_read_back(hub: Any, items: list[str]) -> None:
    hub.ask(DISPATCH)
    hub.ask(REPORT, {"item": items[0], "key": "k"})
    told = hub.ask(
        """{ worklist(state: "reported") { nodes { id state area dueOn dueProvisional overdue finding { rule person { name } }
             actions { kind actedOn result reason officer } history { event by } } } }"""
    )
    assert told.data["worklist"]["nodes"] == [
        {
            "id": items[0], "state": "reported", "area": "371082100", "dueOn": "2026-12-04", "dueProvisional": False,
            "overdue": False, "finding": {"rule": RULE, "person": {"name": "王1"}},
            "actions": [{"kind": "visit", "actedOn": "2026-11-20", "result": "not_enrolled", "reason": "unwilling",
                         "officer": "网格员01"}],
            "history": [{"event": "appeared", "by": None}, {"event": "dispatched", "by": "office"},
                        {"event": "reported", "by": "office"}],
        }
    ]  # fmt: skip


def test_the_most_urgent_comes_first_and_pages_go_on(hub: Any, items: list[str], database: Any) -> None:
    hub.ask(DISPATCH)
    database.execute("update work_item set due_on = '2026-11-20' where finding_id = %s", items[1])
    query = "query ($after: String) { worklist(first: 1, after: $after) { nodes { id overdue } pageInfo { endCursor hasNextPage } } }"
    first = hub.ask(query).data["worklist"]
    assert first["nodes"] == [{"id": items[1], "overdue": True}]
    second = hub.ask(query, {"after": first["pageInfo"]["endCursor"]}).data["worklist"]
    assert (second["nodes"], second["pageInfo"]["hasNextPage"]) == ([{"id": items[0], "overdue": False}], False)
    late = hub.ask("{ worklist(overdue: true) { nodes { id } } }").data["worklist"]["nodes"]
    assert late == [{"id": items[1]}]


def test_the_last_day_itself_is_not_late_and_what_is_held_is_never(hub: Any, items: list[str], database: Any) -> None:
    hub.ask(DISPATCH)
    database.execute("update work_item set due_on = %s where finding_id = %s", TODAY, items[0])
    database.execute("update work_item set due_on = '2026-11-01', held_because = 'x' where finding_id = %s", items[1])
    assert hub.ask("{ worklist(overdue: true) { nodes { id } } }").data["worklist"]["nodes"] == []


def test_what_was_reported_as_settled_and_found_again_can_be_listed(hub: Any, items: list[str], database: Any) -> None:
    hub.ask(DISPATCH)
    query = "query ($c: Boolean) { worklist(contradicted: $c) { nodes { id contradictedAt } } }"
    assert hub.ask(query, {"c": True}).data["worklist"]["nodes"] == []
    database.execute("update work_item set contradicted_at = now() where finding_id = %s", items[0])
    (one,) = hub.ask(query, {"c": True}).data["worklist"]["nodes"]
    assert (one["id"], one["contradictedAt"] is None) == (items[0], False)
    assert [one["id"] for one in hub.ask(query, {"c": False}).data["worklist"]["nodes"]] == [items[1]]
    assert len(hub.ask(query).data["worklist"]["nodes"]) == 2


# -- decided ---------------------------------------------------------------------------------------------------------


def test_a_mutation_that_the_grant_does_not_name_is_refused_and_recorded(
    hub: Any, give: Any, items: list[str], database: Any
) -> None:
    hub.ask(DISPATCH)
    grant = give("town/list", TOWN, area="371082100")
    told = hub.ask('mutation { recallItems(rule: "%s") { recalled } }' % RULE, grant=grant)
    assert (told.status, told.codes) == (403, ["POLICY_MUTATION"])
    assert "Mutation.recallItems is not in town/list" in told.messages
    event = leaf(database, told.extensions["receipt"]["event"])
    assert (event["outcome"], event["reasons"]) == ("refused", ["POLICY_MUTATION Mutation.recallItems"])
    assert states(database) == ["dispatched", "dispatched"]


def test_a_root_of_the_same_name_is_no_mutation_and_a_mutation_no_root(hub: Any, give: Any, items: list[str]) -> None:
    grant = give("town/crossed", 'roots = ["reportAction"]\nmutations = ["worklist"]', area="371082100")
    assert hub.ask(REPORT, {"item": items[0], "key": "k"}, grant=grant).codes == ["POLICY_MUTATION"]
    assert hub.ask("{ worklist { nodes { __typename } } }", grant=grant).codes == ["POLICY_ROOT"]


def test_a_town_reports_on_its_own_items_only_and_is_not_told_of_others(
    hub: Any, give: Any, items: list[str], database: Any
) -> None:
    hub.ask(DISPATCH)
    grant = give("town/own", TOWN, area="371082100")
    assert hub.ask(REPORT, {"item": items[0], "key": "k"}, grant=grant).status == 200
    others, nobodys = (hub.ask(REPORT, {"item": one, "key": "k"}, grant=grant) for one in (items[1], str(UUID(int=9))))
    assert (others.status, others.codes, others.messages) == (400, ["REQUEST_ITEM"], nobodys.messages)
    assert states(database) == ["reported", "dispatched"]


def test_without_rows_nothing_is_changed(hub: Any, give: Any, items: list[str], database: Any) -> None:
    grant = give("town/rowless", 'mutations = ["dispatchFindings"]')
    told = hub.ask(DISPATCH, grant=grant)
    assert (told.status, told.codes) == (403, ["POLICY_ROWS"])
    assert states(database) == []


def test_what_a_mutation_would_need_is_explained_without_doing_it(hub: Any, items: list[str], database: Any) -> None:
    told = hub.ask("query ($q: String!) { explainAccess(query: $q) { allowed sentences } }", {"q": DISPATCH})
    assert told.data["explainAccess"]["allowed"]
    assert any("through dispatchFindings" in one for one in told.data["explainAccess"]["sentences"])
    assert states(database) == []


# -- whole or not at all -----------------------------------------------------------------------------------------------


def test_several_mutations_are_done_in_their_order(hub: Any, items: list[str], database: Any, kinds: Any) -> None:
    told = hub.ask(
        """mutation ($i: ID!) { a: dispatchFindings(items: [$i]) { dispatched } b: recallItems(items: [$i]) { recalled }
             c: dispatchFindings(items: [$i]) { dispatched } __typename }""",
        {"i": items[0]},
    )
    assert told.data == {
        "a": {"dispatched": 1}, "b": {"recalled": 1}, "c": {"dispatched": 1}, "__typename": "Mutation"
    }  # fmt: skip
    assert kinds().count("change_made") == 1


def test_where_one_is_refused_none_is_done(hub: Any, items: list[str], database: Any, kinds: Any) -> None:
    told = hub.ask(DISPATCH[:-1] + ' recallItems(items: ["x"]) { recalled } }')
    assert (told.status, told.data, told.codes) == (400, None, ["REQUEST_ARGUMENT"])
    assert states(database) == []
    assert kinds() == ["query_refused"]


def test_no_more_mutations_than_allowed_go_into_one_document(hub: Any, items: list[str], database: Any) -> None:
    many = " ".join(f'a{n}: recallItems(rule: "r") {{ recalled }}' for n in range(changing.MOST_CHANGES + 1))
    assert hub.ask(f"mutation {{ {many} }}").codes == ["REQUEST_TOO_WIDE"]


def test_a_document_of_both_kinds_does_what_is_chosen_of_it(hub: Any, items: list[str], database: Any) -> None:
    both = "query A { worklist { nodes { id } } } " + DISPATCH.replace("mutation", "mutation B")
    assert hub.ask(both).codes == ["REQUEST_OPERATION"]
    assert states(database) == []


@pytest.mark.parametrize(
    "wrong",
    [
        'mutation { reportAction(item: "x", kind: party, on: "2026-11-20", result: pending, officer: "a", key: "k") { state } }',
        'mutation { reportAction(item: "x", kind: visit, on: "yesterday", result: pending, officer: "a", key: "k") { state } }',
        "mutation { reportAction { state } }",
        "mutation { recallItems(everything: true) { recalled } }",
    ],
)
def test_a_mutation_that_is_not_the_schemas_is_refused_before_anything(hub: Any, wrong: str) -> None:
    told = hub.ask(wrong)
    assert (told.status, told.data) == (400, None)
    assert told.codes[0] in {"REQUEST_INVALID", "REQUEST_ARGUMENT"}
    assert "yesterday" not in str(told.json)


def test_variables_reach_it_as_its_types(hub: Any, items: list[str], database: Any) -> None:
    hub.ask(DISPATCH)
    told = hub.ask(
        """mutation ($item: ID!, $kind: ActionKind!, $on: Date!, $result: ActionResult!) {
             reportAction(item: $item, kind: $kind, on: $on, result: $result, officer: "甲", key: "k") { state } }""",
        {"item": items[0], "kind": "self_check", "on": "2026-11-21", "result": "pending"},
    )
    assert told.data == {"reportAction": {"state": "reported"}}
    assert database.execute("select kind, acted_on, result from work_action") == [
        ("self_check", date(2026, 11, 21), "pending")
    ]


def test_a_text_that_cannot_be_stored_is_refused_in_words_of_ours(hub: Any, items: list[str]) -> None:
    query = "mutation ($rule: String!) { recallItems(rule: $rule) { recalled } }"
    told = hub.ask(query, {"rule": "a\0b"})
    assert (told.status, told.codes) == (400, ["REQUEST_ARGUMENT"])


# -- recorded ----------------------------------------------------------------------------------------------------------


def test_without_a_record_nothing_is_changed(
    hub: Any, items: list[str], database: Any, kinds: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise LogUnavailable("the log is away")

    monkeypatch.setattr(changing, "record_sync", away)
    with pytest.raises(LogUnavailable):
        hub.ask(DISPATCH)
    assert states(database) == kinds() == []


def test_the_change_and_its_record_are_durable_before_the_answer_is_there(
    hub: Any, items: list[str], database: Any, kinds: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at from another connection: nothing while it is made, all of it when it is answered."""
    seen: list[Any] = []
    make = changing.record_sync

    def watched(*arguments: Any, **more: Any) -> Any:
        receipt = make(*arguments, **more)
        seen.append((states(database), kinds()))
        return receipt

    monkeypatch.setattr(changing, "record_sync", watched)
    told = hub.ask(DISPATCH)
    assert seen == [([], [])]
    assert told.extensions["receipt"]["event"]
    assert (states(database), "change_made" in kinds()) == (["dispatched", "dispatched"], True)


def test_a_client_that_goes_away_leaves_a_change_that_is_whole_and_recorded(
    hub: Any, items: list[str], database: Any, kinds: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, begun = asyncio.Event(), asyncio.Event()
    carry_out = changing.change

    async def leave() -> None:
        loop = asyncio.get_running_loop()

        def slow(*arguments: Any) -> Any:
            loop.call_soon_threadsafe(begun.set)
            try:
                return carry_out(*arguments)
            finally:
                loop.call_soon_threadsafe(done.set)

        monkeypatch.setattr("hub.query.change", slow)
        asking = asyncio.create_task(hub._ask(DISPATCH, None, "office/all"))
        await begun.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await done.wait()

    hub.runner.run(leave())
    assert (states(database), kinds().count("change_made")) == (["dispatched", "dispatched"], 1)


def test_what_takes_too_long_is_not_done_and_says_so(
    hub: Any, items: list[str], database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody holds the worklists longer than a statement may take."""
    monkeypatch.setattr(changing, "_PATIENCE", changing.sa.text("set local statement_timeout = '50ms'"))
    with database.engine("writer").begin() as other:
        other.exec_driver_sql("select pg_advisory_xact_lock(hashtext('worklist'))")
        with pytest.raises(ExecuteError, match="took too long and was not made"):
            hub.ask(DISPATCH)
    assert states(database) == []
    assert hub.ask(DISPATCH).data["dispatchFindings"]["dispatched"] == 2


def test_where_it_is_not_known_to_be_done_it_is_said_that_it_may_be_sent_again(
    hub: Any, items: list[str], database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is lost before the commit is confirmed."""
    make = changing.record_sync

    def lost(connection: Any, *more: Any, **named: Any) -> Any:
        receipt = make(connection, *more, **named)
        pid = connection.exec_driver_sql("select pg_backend_pid()").scalar_one()
        database.execute("select pg_terminate_backend(%s)", pid)
        return receipt

    monkeypatch.setattr(changing, "record_sync", lost)
    with pytest.raises(ExecuteError, match="not known to be made"):
        hub.ask(DISPATCH)
    monkeypatch.undo()
    assert hub.ask(DISPATCH).data["dispatchFindings"]["dispatched"] == 2


def test_reports_that_come_together_are_all_there(hub: Any, items: list[str], database: Any) -> None:
    hub.ask(DISPATCH)
    one = 'mutation { reportAction(item: "%s", kind: call, on: "2026-11-20", result: pending, officer: "甲", key: "%s") { already } }'
    told = hub.all_at_once([(one % (items[0], f"k{n % 3}"), "office/all") for n in range(6)])
    assert [each.status for each in told] == [200] * 6
    assert sorted(each.data["reportAction"]["already"] for each in told) == [False] * 3 + [True] * 3
    assert database.execute("select count(*) from work_action") == [(3,)]


def test_a_verb_is_told_who_asks_and_of_which_rows(
    hub: Any, give: Any, items: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Change] = []
    grant = give("town/told", TOWN, area=["371082100", "371082001"])
    bound = hub.answers._nouns["Mutation"].fields["reportAction"]

    def verb(change: Change, **_: Any) -> dict[str, Any]:
        told.append(change)
        return {"item": "x", "state": "reported", "already": False}

    monkeypatch.setitem(hub.answers._nouns["Mutation"].fields, "reportAction", changing.Changing(verb, bound.of, bound.noun))  # fmt: skip
    hub.answers._ready.clear()
    assert hub.ask(REPORT, {"item": "x", "key": "k"}, grant=grant).data == {"reportAction": {"item": "x", "state": "reported", "already": False}}  # fmt: skip
    (change,) = told
    assert (change.by, change.grant, change.purpose, change.today, change.region) == ("town", "town/told", "p", TODAY, "371082")  # fmt: skip
    assert change.reach("w") == ("w.area = any(:reach_0)", {"reach_0": ["371082100", "371082001"]})
    hub.answers._ready.clear()
