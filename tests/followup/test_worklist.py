"""Findings become items, are handed out, taken back, held and closed; and nothing of it happens twice."""

from datetime import date
from typing import Any

import pytest
from worklists import Desk

from hub.checks.parameter import Parameter
from hub.errors import CheckError, RequestError
from hub.followup import worklist
from hub.followup.worklist import Selection
from hub.policy import Predicate, where


def test_an_open_finding_waits_until_it_is_dispatched_with_a_deadline_by_its_severity(desk: Desk) -> None:
    desk.found("high")
    desk.found("low", severity="low")
    assert desk.follow() == {"appeared": 2}
    assert (desk.item("high").state, desk.item("high").due_on) == ("waiting", None)
    assert desk.dispatch() == {"dispatched": 2, "held": 0, "unaddressed": 0}
    assert (desk.item("high").state, desk.item("high").area) == ("dispatched", "371082100")
    assert (desk.item("high").due_on, desk.item("high").due_provisional) == (date(2026, 12, 11), False)
    assert desk.item("low").due_on == date(2026, 12, 25)
    assert desk.history("high") == ["appeared", "dispatched"]


def test_a_deadline_that_reaches_into_a_year_not_announced_is_provisional(desk: Desk) -> None:
    desk.found("late")
    desk.today = date(2026, 12, 28)
    desk.dispatch()
    assert desk.item("late").due_provisional


def test_dispatching_again_changes_nothing_and_records_nothing(desk: Desk) -> None:
    desk.found("one")
    desk.dispatch()
    before, recorded = desk.item("one"), len(desk.events("finding_changed"))
    assert desk.dispatch() == {"dispatched": 0, "held": 0, "unaddressed": 0}
    assert desk.item("one") == before
    assert len(desk.events("finding_changed")) == recorded == 1


def test_dispatching_follows_the_findings_first(desk: Desk) -> None:
    """No check need have run since: what cleared meanwhile is not handed out."""
    desk.found("new")
    desk.found("gone")
    desk.follow()
    desk.becomes("gone", "cleared")
    assert desk.dispatch()["dispatched"] == 1
    assert desk.item("gone").state == "closed"


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ({"area": "371082100"}, {"a", "b"}),
        ({"severity": "low"}, {"b", "c"}),
        ({"area": "371082100", "severity": "low"}, {"b"}),
        ({"rule": "another"}, {"d"}),
        ({"office": "education"}, set()),
    ],
)
def test_only_what_is_all_that_is_said_is_dispatched(desk: Desk, said: dict[str, Any], chosen: set[str]) -> None:
    desk.found("a")
    desk.found("b", severity="low")
    desk.found("c", severity="low", area="371082001")
    desk.found("d", area="371082001", rule="another")
    assert desk.dispatch(**said)["dispatched"] == len(chosen)
    assert {label for label in "abcd" if desk.item(label).state == "dispatched"} == chosen


def test_items_may_be_named_one_by_one(desk: Desk) -> None:
    first, _ = desk.found("a"), desk.found("b")
    assert desk.dispatch(items=[first])["dispatched"] == 1
    assert desk.item("b").state == "waiting"


def test_a_selection_that_says_nothing_is_refused(desk: Desk) -> None:
    with desk.change() as change, pytest.raises(RequestError, match="Which items is not said"):
        worklist.dispatch(change, Selection())
    with desk.change() as change, pytest.raises(RequestError, match="not the id of an item"):
        worklist.recall(change, Selection(items=["7"]))
    with desk.change() as change, pytest.raises(RequestError, match="at most 1000"):
        worklist.recall(change, Selection(items=["7"] * 1001))


def test_a_rule_about_data_goes_to_the_department_whose_data_it_is(desk: Desk) -> None:
    desk.found("data", rule="student_of_25", area=None, matter="education/student")
    desk.found("nobodys", rule="student_of_25", area=None, matter="")
    assert desk.dispatch(rule="student_of_25") == {"dispatched": 1, "held": 0, "unaddressed": 1}
    assert (desk.item("data").office, desk.item("data").area) == ("education", None)
    assert desk.item("nobodys").state == "waiting"


def test_a_finding_that_names_no_area_stays_and_is_counted(desk: Desk) -> None:
    desk.found("unknown", area=None)
    assert desk.dispatch() == {"dispatched": 0, "held": 0, "unaddressed": 1}


def test_a_recalled_item_can_be_dispatched_again_with_a_new_deadline(desk: Desk) -> None:
    desk.found("one")
    desk.dispatch()
    assert desk.recall() == {"recalled": 1}
    assert desk.recall() == {"recalled": 0}
    assert desk.item("one").state == "recalled"
    desk.today = date(2026, 12, 11)
    assert desk.dispatch()["dispatched"] == 1
    assert desk.item("one").due_on == date(2026, 12, 25)
    assert desk.history("one") == ["appeared", "dispatched", "recalled", "dispatched"]


def test_a_finding_that_clears_closes_its_item_and_one_that_comes_back_waits_again(desk: Desk) -> None:
    desk.found("one")
    desk.dispatch()
    desk.becomes("one", "cleared")
    assert desk.follow() == {"closed": 1}
    closed = desk.item("one")
    assert (closed.state, closed.closed_at, closed.due_on) == ("closed", desk.at, date(2026, 12, 11))
    desk.becomes("one", "open")
    assert desk.follow() == {"reopened": 1}
    again = desk.item("one")
    assert (again.state, again.closed_at, again.due_on, again.dispatched_at) == ("waiting", None, None, None)
    assert desk.history("one") == ["appeared", "dispatched", "closed", "reopened"]


def test_what_dispatching_follows_stands_before_it_in_the_history(desk: Desk) -> None:
    desk.found("one")
    desk.dispatch()
    desk.becomes("one", "cleared")
    desk.follow()
    desk.becomes("one", "open")
    desk.dispatch()
    assert desk.history("one") == ["appeared", "dispatched", "closed", "reopened", "dispatched"]
    assert desk.item("one").state == "dispatched"


def test_what_never_waited_and_has_cleared_gets_no_item(desk: Desk) -> None:
    desk.found("gone", state="cleared")
    desk.found("unknown", state="unknown", unknown_because="a delivery is missing")
    assert desk.follow() == {}
    assert desk.item("gone") is desk.item("unknown") is None


def test_an_item_is_held_while_its_finding_is_unknown_and_has_as_much_time_afterwards(desk: Desk) -> None:
    desk.found("one")
    desk.dispatch()
    desk.becomes("one", "unknown")
    assert desk.follow() == {"held": 1}
    assert (desk.item("one").state, desk.item("one").held_because) == ("dispatched", "a delivery is missing")
    desk.today = date(2026, 12, 11)
    desk.becomes("one", "open")
    assert desk.follow() == {"released": 1}
    assert (desk.item("one").held_because, desk.item("one").due_on) == (None, date(2026, 12, 25))


def test_an_item_released_at_once_keeps_its_deadline(desk: Desk) -> None:
    desk.found("one", severity="low")
    desk.dispatch()
    before = desk.item("one")
    for state in ("unknown", "open"):
        desk.becomes("one", state)
        desk.follow()
    assert desk.item("one") == before


def test_what_is_held_is_not_dispatched(desk: Desk) -> None:
    desk.found("one")
    desk.follow()
    desk.becomes("one", "unknown")
    assert desk.dispatch() == {"dispatched": 0, "held": 1, "unaddressed": 0}
    assert desk.item("one").state == "waiting"


def test_an_item_whose_subject_moves_is_taken_back_and_goes_to_where_it_lives_now(desk: Desk) -> None:
    desk.found("one")
    desk.dispatch()
    desk.becomes("one", "open", area="371082001")
    assert desk.follow() == {"moved": 1}
    assert (desk.item("one").state, desk.item("one").area) == ("recalled", "371082001")
    assert desk.dispatch(area="371082001")["dispatched"] == 1


def test_following_twice_does_nothing_the_second_time(desk: Desk) -> None:
    for label in "abcd":
        desk.found(label)
    desk.dispatch()
    desk.becomes("b", "unknown")
    desk.becomes("c", "cleared")
    desk.becomes("d", "open", area=None)
    assert desk.follow() == {"closed": 1, "held": 1, "moved": 1}
    assert desk.follow() == {}
    assert desk.events("worklist_followed")[-1]["details"] == {"closed": 1, "held": 1, "moved": 1}


def test_what_is_done_is_recorded_with_who_and_how_many_and_nothing_of_anybody(desk: Desk) -> None:
    item = desk.found("one")
    desk.dispatch(items=[item])
    (event,) = desk.events("finding_changed")
    assert (event["client"], event["details"]["what"], event["details"]["dispatched"]) == ("officer", "dispatched", 1)
    assert item not in str(event)
    assert "personal" in event


def test_a_change_that_is_not_committed_leaves_no_record(desk: Desk) -> None:
    desk.found("one")

    def fail_after_dispatching() -> None:
        with desk.change() as change:
            assert worklist.dispatch(change, Selection(rule="working_age_not_enrolled"))["dispatched"] == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_dispatching()
    assert desk.item("one") is None
    assert desk.events("finding_changed") == desk.events("worklist_followed") == []


def test_nothing_beyond_the_scope_is_moved(desk: Desk) -> None:
    desk.found("mine")
    desk.found("theirs", area="371082001")
    mine = (Predicate("WorkItem", "area", "in", ("371082100",)),)

    def scope(alias: str, parameter: Any) -> str:
        return where(mine, alias, parameter, lambda *_: "false")

    selection = Selection(rule="working_age_not_enrolled")
    with desk.change("town", scope=scope) as change:
        assert worklist.dispatch(change, selection)["dispatched"] == 1
    assert desk.item("theirs").state == "waiting"
    desk.dispatch()
    with desk.change("town", scope=scope) as change:
        assert worklist.recall(change, selection) == {"recalled": 1}
    assert desk.item("theirs").state == "dispatched"


def test_deadlines_that_nobody_set_are_said_by_name_and_nothing_is_dispatched(desk: Desk) -> None:
    desk.found("one")
    desk.region = "320900"
    with pytest.raises(CheckError, match="follow_up_days is not configured for 320900"):
        desk.dispatch()
    assert desk.item("one") is None
    assert desk.follow() == {"appeared": 1}


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the parameter of deadlines for the region."""

    def given(**value: int) -> None:
        entry = {"region": "371082", "from": date(2024, 1, 1), "value": value, "source": "test"}
        parameter = Parameter.model_validate({"name": worklist.DAYS, "title": "t", "entry": [entry]})
        monkeypatch.setattr(worklist, "city_parameters", lambda: {worklist.DAYS: parameter})

    return given


def test_the_nearest_deadline_counts_the_rules_own_before_the_datas_before_the_severitys(desk: Desk, days: Any) -> None:
    days(high=10, medium=10, low=10, source=5, student_of_25=2)
    for label, rule in (("own", "student_of_25"), ("data", "differs_from_register"), ("severity", "another")):
        desk.found(label, rule=rule, matter="education/student", area="371082100")
    desk.dispatch(severity="high")
    due = {label: desk.item(label).due_on for label in ("own", "data", "severity")}
    assert due == {"own": date(2026, 12, 1), "data": date(2026, 12, 4), "severity": date(2026, 12, 11)}


def test_deadlines_that_lack_one_are_not_configured(desk: Desk, days: Any) -> None:
    days(high=10, medium=10, source=5)
    desk.found("one")
    with pytest.raises(CheckError, match="not configured"):
        desk.dispatch()
