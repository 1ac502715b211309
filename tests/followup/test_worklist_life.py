"""Whatever happens in whatever order: an item stands as its finding and its history say."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from worklists import TODAY, Desk

from hub.errors import RequestError
from hub.followup import action
from hub.terms import ActionKind, ActionResult

STEPS = ["open", "unknown", "cleared", "moves", "follow", "dispatch", "recall", "report"]
#: Event → the state it leads to; those that are not here lead to none.
LEADS = {
    "appeared": "waiting", "reopened": "waiting", "dispatched": "dispatched", "reported": "reported",
    "recalled": "recalled", "closed": "closed",
}  # fmt: skip


def step(desk: Desk, name: str, number: int, item: str, told: dict[str, str]) -> None:
    if name in {"open", "unknown", "cleared"}:
        desk.becomes("one", name)
        told["finding"] = name
    elif name == "moves":
        told["area"] = f"37108200{number % 10}"
        desk.becomes("one", told["finding"], area=told["area"])
    elif name == "report":
        _report(desk, item, f"key-{number}")
    else:
        getattr(desk, name)()


def _report(desk: Desk, item: str, key: str) -> None:
    state = desk.item("one") and desk.item("one").state
    with desk.change("town") as change:
        said: dict[str, Any] = {"kind": ActionKind.call, "on": TODAY, "result": ActionResult.pending}
        try:
            action.report(change, item=item, officer="甲", key=key, **said)
        except RequestError:
            assert state not in {"dispatched", "reported"}


@settings(
    max_examples=25, deadline=None, database=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(st.lists(st.sampled_from(STEPS), min_size=3, max_size=10))
@pytest.mark.usefixtures("desk")
def test_an_item_stands_as_its_finding_and_its_history_say(desk: Desk, steps: list[str]) -> None:
    desk.__post_init__()
    desk.known.clear()
    item, told = desk.found("one"), {"finding": "open", "area": "371082100"}
    for number, name in enumerate(steps):
        step(desk, name, number, item, told)
    desk.follow()
    assert desk.follow() == {}
    stands, history = desk.item("one"), desk.history("one")
    if stands is None:
        assert history == []
        assert told["finding"] != "open"
        return
    led = [LEADS[event] for event in history if event in LEADS]
    # One whose subject moved is recalled from dispatched, and else stays as it was.
    assert stands.state == led[-1] or ("moved" in history and (led[-1], stands.state) == ("dispatched", "recalled"))
    assert (stands.state == "closed") == (told["finding"] == "cleared")
    assert (stands.held_because is not None) == (told["finding"] == "unknown" and stands.state != "closed")
    assert stands.state != "dispatched" or stands.due_on is not None
    assert stands.state in {"reported", "closed"} or told["finding"] != "open" or stands.area == told["area"]
    assert (stands.closed_at is not None) == (stands.state == "closed")
