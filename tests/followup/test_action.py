"""What was done is written down once, by whom, when, with which result; what cannot be so is refused."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from worklists import TODAY, Desk

from hub.errors import RequestError
from hub.followup import action
from hub.policy import Predicate, where
from hub.terms import ActionKind, ActionResult, NotEnrolledReason

VISIT: dict[str, Any] = {
    "kind": ActionKind.visit,
    "on": TODAY,
    "result": ActionResult.not_enrolled,
    "reason": NotEnrolledReason.unwilling,
    "officer": "网格员01",
    "key": "visit-1",
}


def report(desk: Desk, item: str, by: str = "town", scope: Any = None, **more: Any) -> dict[str, Any]:
    with desk.change(by, **({"scope": scope} if scope else {})) as change:
        return action.report(change, item=item, **{**VISIT, **more})


def actions(desk: Desk) -> list[tuple[Any, ...]]:
    columns = "kind, acted_on, result, reason, officer, by"
    return desk.database.execute(f"select {columns} from work_action order by recorded_at")


@pytest.fixture
def item(desk: Desk) -> str:
    number = desk.found("one")
    desk.dispatch()
    return number


def test_a_report_is_kept_with_all_it_says_and_the_item_is_reported(desk: Desk, item: str) -> None:
    assert report(desk, item) == {"item": item, "state": "reported", "already": False}
    assert actions(desk) == [("visit", TODAY, "not_enrolled", "unwilling", "网格员01", "town")]
    assert (desk.item("one").state, desk.item("one").reported_at) == ("reported", desk.at)
    assert desk.history("one") == ["appeared", "dispatched", "reported"]


def test_the_same_report_again_changes_nothing(desk: Desk, item: str) -> None:
    report(desk, item)
    recorded = len(desk.events("finding_changed"))
    assert report(desk, item) == {"item": item, "state": "reported", "already": True}
    assert len(actions(desk)) == 1
    assert len(desk.events("finding_changed")) == recorded


def test_the_same_report_again_is_known_though_the_item_was_recalled_or_closed_since(desk: Desk, item: str) -> None:
    report(desk, item)
    desk.recall()
    assert report(desk, item) == {"item": item, "state": "recalled", "already": True}
    desk.becomes("one", "cleared")
    desk.follow()
    assert report(desk, item)["already"]


@pytest.mark.parametrize(
    "other",
    [
        {"kind": ActionKind.call},
        {"on": TODAY - timedelta(days=1)},
        {"result": ActionResult.promised, "reason": None},
        {"reason": NotEnrolledReason.student},
        {"officer": "网格员02"},
    ],
)
def test_a_key_is_not_used_for_another_report(desk: Desk, item: str, other: dict[str, Any]) -> None:
    report(desk, item)
    with pytest.raises(RequestError, match="used for another report"):
        report(desk, item, **other)


def test_keys_are_each_reporters_own_and_each_items_own(desk: Desk, item: str) -> None:
    other = desk.found("two")
    desk.dispatch()
    report(desk, item)
    assert not report(desk, item, by="another", officer="其他")["already"]
    assert not report(desk, other)["already"]


def test_a_second_action_is_added_to_a_reported_item(desk: Desk, item: str) -> None:
    report(desk, item)
    first = desk.item("one").reported_at
    report(desk, item, key="visit-2", result=ActionResult.enrolled, reason=None)
    assert [row[2] for row in actions(desk)] == ["not_enrolled", "enrolled"]
    assert desk.item("one").reported_at == first
    assert desk.history("one").count("reported") == 1


@pytest.mark.parametrize("state", ["waiting", "recalled", "closed"])
def test_nothing_is_reported_on_an_item_that_is_not_dispatched(desk: Desk, state: str) -> None:
    item = desk.found("one")
    desk.follow()
    if state != "waiting":
        desk.dispatch()
    if state == "recalled":
        desk.recall()
    if state == "closed":
        desk.becomes("one", "cleared")
        desk.follow()
    with pytest.raises(RequestError, match=f"The item is {state}"):
        report(desk, item)
    assert actions(desk) == []


SHOWS = ("human_resources/enrollment", "human_resources/resident_pension", "human_resources/contribution",
         "human_resources/benefit", "public_security/change", "civil_affairs/cremation")  # fmt: skip
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
SETTLED: dict[str, Any] = {"result": ActionResult.enrolled, "reason": None, "on": date(2026, 11, 20)}
P01 = "working_age_not_enrolled"


def test_what_was_reported_as_settled_and_is_found_by_a_later_month_is_contradicted(desk: Desk, item: str) -> None:
    report(desk, item, **SETTLED)
    desk.judged("one", P01, dict.fromkeys(SHOWS, OCTOBER))
    assert desk.follow() == {}, "October says nothing of the twentieth of November"
    desk.judged("one", P01, dict.fromkeys(SHOWS, NOVEMBER) | {SHOWS[0]: OCTOBER})
    assert desk.follow() == {}, "one delivery that would show it is of October still"
    desk.judged("one", P01, dict.fromkeys(SHOWS, NOVEMBER) | {"education/student": date(2026, 9, 1)})
    assert desk.follow() == {"contradicted": 1}
    assert (desk.item("one").state, desk.item("one").contradicted_at) == ("reported", desk.at)
    assert desk.follow() == {}


@pytest.mark.parametrize("result", [ActionResult.promised, ActionResult.no_contact, ActionResult.disputed])
def test_what_was_not_reported_as_settled_is_not_contradicted(desk: Desk, item: str, result: ActionResult) -> None:
    report(desk, item, result=result, reason=None, on=date(2026, 11, 20))
    desk.judged("one", P01, dict.fromkeys(SHOWS, NOVEMBER))
    assert desk.follow() == {}


def test_what_is_said_anew_or_handed_out_anew_is_not_contradicted_any_more(desk: Desk, item: str) -> None:
    report(desk, item, **SETTLED)
    desk.judged("one", P01, dict.fromkeys(SHOWS, NOVEMBER))
    desk.follow()
    desk.today = date(2026, 12, 10)
    report(desk, item, **{**SETTLED, "on": date(2026, 12, 9), "key": "again"})
    assert desk.item("one").contradicted_at is None
    assert desk.follow() == {}, "November says nothing of December"
    desk.judged("one", P01, dict.fromkeys(SHOWS, date(2026, 12, 1)))
    assert desk.follow() == {"contradicted": 1}
    desk.recall()
    desk.dispatch()
    assert desk.item("one").contradicted_at is None


def test_a_settled_item_whose_finding_clears_is_closed_and_was_never_contradicted(desk: Desk, item: str) -> None:
    report(desk, item, **SETTLED)
    desk.judged("one", P01, dict.fromkeys(SHOWS, NOVEMBER))
    desk.becomes("one", "cleared")
    assert desk.follow() == {"closed": 1}
    assert "contradicted" not in desk.history("one")


def test_what_is_held_may_be_reported_on(desk: Desk, item: str) -> None:
    desk.becomes("one", "unknown")
    desk.follow()
    assert report(desk, item)["state"] == "reported"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"on": TODAY + timedelta(days=1)}, "a day that has not come yet"),
        ({"reason": None}, "goes with not_enrolled"),
        ({"result": ActionResult.enrolled}, "goes with not_enrolled"),
        ({"officer": " "}, "officer: from 1 to 100"),
        ({"officer": "a\nb"}, "in one line"),
        ({"key": ""}, "key: from 1 to 100"),
        ({"key": "k" * 101}, "key: from 1 to 100"),
    ],
)
def test_what_cannot_be_so_is_refused(desk: Desk, item: str, wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(RequestError, match=says):
        report(desk, item, **wrong)
    assert actions(desk) == []


def test_of_an_employer_no_reason_for_not_enrolling_is_given(desk: Desk) -> None:
    item = desk.found("shop", subject="employer", person_key=None)
    desk.dispatch()
    with pytest.raises(RequestError, match="of a person"):
        report(desk, item)
    assert report(desk, item, reason=None)["state"] == "reported"


@pytest.mark.parametrize("number", ["7", str(UUID(int=4711))])
def test_no_item_and_no_number_of_one_are_refused(desk: Desk, number: str) -> None:
    with pytest.raises(RequestError):
        report(desk, number)


def test_an_item_beyond_the_scope_is_refused_like_one_that_is_not_there(desk: Desk, item: str) -> None:
    theirs = (Predicate("WorkItem", "area", "in", ("371082001",)),)

    def scope(alias: str, parameter: Any) -> str:
        return where(theirs, alias, parameter, lambda *_: "false")

    told = []
    for number in (item, str(UUID(int=4711))):
        with pytest.raises(RequestError) as refused:
            report(desk, number, scope=scope)
        told.append(str(refused.value))
    assert told[0] == told[1]


def test_the_log_says_publicly_that_something_was_reported_and_nothing_of_whom(desk: Desk, item: str) -> None:
    report(desk, item)
    event = desk.events("finding_changed")[-1]
    assert event["details"] == {"what": "reported", "kind": "visit"}
    assert event["client"] == "town"
    assert not any(word in str(event) for word in (item, "网格员01", "unwilling", "not_enrolled"))


def test_a_report_of_an_earlier_day_keeps_that_day(desk: Desk, item: str) -> None:
    report(desk, item, on=date(2026, 11, 20))
    assert actions(desk)[0][1] == date(2026, 11, 20)
