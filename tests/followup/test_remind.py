"""Interrupted payers are reminded as often as ruled, spread over the year, by a message or by their town."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from world import MONDAY, OFFICE, P02, WANG, World

from hub.audit.event import Kind
from hub.checks.parameter import Parameter
from hub.errors import FollowupError
from hub.followup import action, clearing, outbox, remind, worklist
from hub.followup.outbox import Content, Handed
from hub.followup.remind import Made
from hub.policy import Change
from hub.terms import ActionKind, ActionResult, day_in_china

YANCHENG = "320900"


def at(month: int, day: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, 2, tzinfo=UTC)


@contextmanager
def changing(world: World, when: datetime = MONDAY, region: str = YANCHENG) -> Iterator[Change]:
    with world.engine.begin() as connection:
        yield Change(
            connection=connection, signer=world.signer, keyring=world.keyring, at=when, today=day_in_china(when),
            region=region, by="officer",
        )  # fmt: skip


def make(world: World, when: datetime = MONDAY, region: str = YANCHENG, **more: int) -> Made:
    with changing(world, when, region) as change:
        return remind.remind(change, office=OFFICE, officer=WANG, **more)


@pytest.fixture
def deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Yancheng sets the days in which a dispatched item is to be acted on."""
    value = {"high": 5, "medium": 10, "low": 20, "source": 10}
    entry = {"region": YANCHENG, "from": date(2022, 1, 1), "value": value, "source": "test"}
    parameter = Parameter.model_validate({"name": worklist.DAYS, "title": "t", "entry": [entry]})
    monkeypatch.setattr(worklist, "city_parameters", lambda: {worklist.DAYS: parameter})


def told(world: World, finding: UUID, when: datetime, **more: Any) -> bool:
    """A town reports what it did on the day; whether the item is reported now."""
    said: dict[str, Any] = {"kind": ActionKind.visit, "result": ActionResult.promised, "on": day_in_china(when)}
    with changing(world, when) as change:
        done = action.report(change, item=str(finding), officer="网格员07", key=str(uuid4()), **said | more)
    return bool(done["state"] == "reported")


def standing(world: World) -> list[tuple[Any, ...]]:
    """Each reminder: its number, how, state, and the day it was made."""
    return world.database.execute("select number, how, state, done_on from reminder order by subject_key, number")


def lapsed(world: World, *, opened: datetime = MONDAY, phone: str | None = "13800000000", **values: str) -> UUID:
    key = world.person(phone=phone)
    world.find(key, P02, at=opened, **values)
    return key


def counts(world: World, today: date) -> dict[int, tuple[int, ...]]:
    """Reminders made → persons, due, reminded, short."""
    with world.engine.connect() as connection:
        least, rows = remind.standing(connection, region=YANCHENG, today=today)
    assert least == 3
    return {row.made: astuple(row)[1:] for row in rows}


class Phone:
    """A gateway that takes what it is given, or never does."""

    per_minute = 1000

    def __init__(self, answer: Handed = Handed("sent")) -> None:  # noqa: B008
        self.answer, self.texts = answer, list[str]()

    def hand_over(self, _message_id: UUID, content: Content) -> Handed:
        self.texts.append(content.text)
        return self.answer


def send(world: World, phone: Phone, when: datetime = MONDAY) -> dict[str, int]:
    always = (time(0), time(0))
    return outbox.send(
        world.engine, {"gateway": phone}, quiet=always, keyring=world.keyring, signer=world.signer, clock=lambda: when
    )


def opt_out(world: World, key: UUID) -> None:
    with world.engine.begin() as connection:
        outbox.opt(
            connection, key, out=True, officer=WANG, at=MONDAY, signer=world.signer, keyring=world.keyring, person=True
        )


def test_three_a_year_are_spread_over_the_year_however_often_one_asks(world: World) -> None:
    lapsed(world, opened=at(1, 1))
    days = [at(1, 1) + timedelta(days=number) for number in range(365)]
    made = [day.date() for day in days if make(world, day).messages]
    assert made == [date(2026, 1, 1), date(2026, 5, 2), date(2026, 8, 31)]
    assert counts(world, date(2026, 12, 31)) == {3: (1, 0, 0, 0)}
    assert make(world, at(1, 1, 2027)).messages == 1
    assert world.database.execute("select year, count(*) from reminder group by year order by year") == [
        (2026, 3), (2027, 1),
    ]  # fmt: skip


def test_who_is_found_late_is_still_reminded_three_times_in_the_year(world: World) -> None:
    lapsed(world, opened=at(11, 1))
    days = [at(11, 1) + timedelta(days=number) for number in range(61)]
    assert [day.date() for day in days if make(world, day).messages] == [
        date(2026, 11, 1), date(2026, 11, 21), date(2026, 12, 11),
    ]  # fmt: skip


def test_what_was_missed_is_made_up_a_week_apart_and_what_cannot_be_is_counted_short(world: World) -> None:
    lapsed(world, opened=at(1, 1))
    assert counts(world, date(2026, 12, 1)) == {0: (1, 1, 0, 0)}
    days = [at(12, 20) + timedelta(days=number) for number in range(12)]
    assert counts(world, date(2026, 12, 20)) == {0: (1, 1, 0, 1)}
    assert [day.date() for day in days if make(world, day).messages] == [date(2026, 12, 20), date(2026, 12, 27)]
    assert counts(world, date(2026, 12, 31)) == {2: (1, 0, 0, 1)}


def test_asking_twice_a_day_reminds_once(world: World) -> None:
    lapsed(world)
    assert [make(world).messages for _ in range(2)] == [1, 0]
    assert world.kinds() == [Kind.reminders_made]


def test_a_message_that_was_sent_counts_as_a_person_reminded(world: World) -> None:
    lapsed(world, last_month_paid="2025-08-01", opened=at(1, 1))
    phone = Phone()
    for when in (at(1, 5), at(5, 10), at(9, 10)):
        make(world, when)
        assert send(world, phone, when)["sent"] == 1
    assert counts(world, date(2026, 9, 10)) == {3: (1, 0, 1, 0)}
    assert "最后缴费月份：2025年8月" in phone.texts[0]
    assert "2026缴费年度" in phone.texts[0]
    assert world.database.execute("select number, how, state, done_on from reminder order by number") == [
        (1, "message", "done", date(2026, 1, 5)), (2, "message", "done", date(2026, 5, 10)),
        (3, "message", "done", date(2026, 9, 10)),
    ]  # fmt: skip


def test_who_cannot_be_written_to_is_visited_by_the_town_and_counted_by_reason(world: World) -> None:
    lapsed(world, phone=None)
    opt_out(world, lapsed(world))
    lapsed(world, certainty="to_be_checked")
    lapsed(world, certainty="confirmed")
    assert make(world) == Made(1, {"no_phone": 1, "opted_out": 1, "to_be_checked": 1})
    with world.engine.connect() as connection:
        assert [tuple(row)[:4] for row in remind.visits(connection, 2026)] == [
            ("371082101", "no_phone", 1, 0), ("371082101", "opted_out", 1, 0), ("371082101", "to_be_checked", 1, 0),
        ]  # fmt: skip
        assert remind.visits(connection, 2027) == []


def test_a_message_that_never_arrives_becomes_a_visit(world: World) -> None:
    failed, opted = lapsed(world), lapsed(world)
    make(world)
    opt_out(world, opted)
    assert send(world, Phone(Handed("never", "GATEWAY_400"))) == {"sent": 0, "later": 0, "never": 1, "cancelled": 1}
    assert dict(world.database.execute("select subject_key, because from reminder where how = 'visit'")) == {
        failed: "failed", opted: "opted_out",
    }  # fmt: skip


@pytest.mark.usefixtures("deadlines")
def test_a_visit_is_an_item_of_the_towns_worklist_and_what_is_reported_on_it_makes_it(world: World) -> None:
    key = world.person(phone=None)
    found = world.find(key, P02)
    assert make(world) == Made(0, {"no_phone": 1})
    assert world.database.execute("select finding_id, state, area, due_on from work_item") == [
        (found, "dispatched", "371082101", date(2026, 3, 16))
    ]
    assert standing(world) == [(1, "visit", "dispatched", None)]
    assert counts(world, date(2026, 3, 5)) == {1: (1, 0, 0, 0)}
    assert told(world, found, at(3, 5))
    assert standing(world) == [(1, "visit", "done", date(2026, 3, 5))]
    assert world.database.execute("select done_by from reminder") == [("网格员07",)]
    assert '"reminds":true' in world.leaves()


@pytest.mark.usefixtures("deadlines")
def test_three_visits_reported_in_the_year_are_three_reminders(world: World) -> None:
    found = world.find(world.person(phone=None), P02, at=at(1, 1))
    for when in (at(1, 5), at(5, 11), at(9, 14)):
        make(world, when)
        assert world.database.execute("select state from work_item") == [("dispatched",)], "reported before, and again"
        told(world, found, when + timedelta(days=1))
    assert counts(world, date(2026, 9, 15)) == {3: (1, 0, 1, 0)}


@pytest.mark.usefixtures("deadlines")
@pytest.mark.parametrize(
    "said",
    [
        {"result": ActionResult.no_contact},
        {"kind": ActionKind.referral},
        {"on": date(2026, 3, 1)},  # before the reminder was made
    ],
)
def test_nobody_is_reminded_whom_nobody_spoke_to_for_it(world: World, said: dict[str, Any]) -> None:
    found = world.find(world.person(phone=None), P02)
    make(world)
    assert told(world, found, at(3, 5), **said)
    assert standing(world) == [(1, "visit", "dispatched", None)]
    told(world, found, at(3, 6))
    assert standing(world) == [(1, "visit", "done", date(2026, 3, 6))]


@pytest.mark.usefixtures("deadlines")
def test_a_visit_reported_in_the_next_year_counts_in_neither(world: World) -> None:
    found = world.find(world.person(phone=None), P02, at=at(12, 28))
    make(world, at(12, 28))
    told(world, found, at(1, 3, 2027))
    assert standing(world) == [(1, "visit", "dispatched", None)]
    with world.engine.connect() as connection:
        assert remind.visits(connection, 2027) == []


@pytest.mark.usefixtures("deadlines")
def test_a_message_that_never_arrives_becomes_an_item_though_something_was_reported_before(world: World) -> None:
    key = lapsed(world)
    ((found,),) = world.database.execute("select id from finding")
    with changing(world) as change:
        worklist.dispatch(change, worklist.Selection(rule=P02.name))
    told(world, found, at(3, 3))
    make(world, at(3, 4))
    send(world, Phone(Handed("never", "GATEWAY_400")), at(3, 4))
    with changing(world, at(3, 5)) as change:
        assert remind.hand_out(change) == 1
    assert world.database.execute("select state from work_item where subject_key = %s", key) == [("dispatched",)]


@pytest.mark.usefixtures("deadlines")
def test_a_visit_is_handed_out_once_and_what_is_recalled_then_stays(world: World) -> None:
    lapsed(world, phone=None)
    make(world)
    with changing(world, at(3, 3)) as change:
        worklist.recall(change, worklist.Selection(rule=P02.name))
    with changing(world, at(3, 4)) as change:
        assert remind.hand_out(change) == 0
    assert world.database.execute("select state from work_item") == [("recalled",)]
    make(world, at(7, 1))
    assert world.database.execute("select state from work_item") == [("dispatched",)], "the next is due"


@pytest.mark.usefixtures("deadlines")
def test_a_visit_waits_for_an_area_and_for_what_is_known(world: World) -> None:
    nowhere, lost = (world.find(world.person(phone=None), P02, area=area) for area in (None, "371082102"))
    make(world)
    assert world.database.execute("select finding_id, state from work_item order by area") == [
        (lost, "dispatched"), (nowhere, "waiting"),
    ]  # fmt: skip
    world.database.execute("update finding set area = '371082103' where id = %s", nowhere)
    world.judge(nowhere, "unknown", world.run(P02, verdict="unknown"))
    with changing(world, at(3, 3)) as change:
        assert remind.hand_out(change) == 0
    world.judge(nowhere, "open", world.run(P02), at(3, 4))
    with changing(world, at(3, 5)) as change:
        assert remind.hand_out(change) == 1
    assert world.database.execute("select area, state from work_item order by area") == [
        ("371082102", "dispatched"), ("371082103", "dispatched"),
    ]  # fmt: skip


def test_where_the_city_has_set_no_deadlines_messages_go_and_visits_wait(world: World) -> None:
    lapsed(world)
    lapsed(world, phone=None)
    assert make(world) == Made(1, {"no_phone": 1})
    assert sorted(standing(world)) == [(1, "message", "open", None), (1, "visit", "open", None)]


def test_who_pays_again_is_reminded_no_more_and_a_reminder_that_did_not_go_does_not_count(world: World) -> None:
    key = lapsed(world)
    make(world)
    ((found,),) = world.database.execute("select finding_id from reminder")
    world.judge(found, "cleared", world.run(P02))
    with world.engine.begin() as connection:
        assert clearing.settle(connection, at=MONDAY, signer=world.signer).reminders == 1
    assert make(world, MONDAY + timedelta(days=200)) == Made(0, {})
    world.judge(found, "open", world.run(P02), MONDAY + timedelta(days=201))
    assert make(world, MONDAY + timedelta(days=201)).messages == 1
    assert world.database.execute("select subject_key, number, state from reminder order by number") == [
        (key, 1, "void"), (key, 2, "open"),
    ]  # fmt: skip


def test_nobody_is_reminded_of_what_the_data_no_longer_decide(world: World) -> None:
    key = world.person()
    world.judge(world.find(key, P02), "unknown", world.run(P02, verdict="unknown"))
    assert make(world) == Made(0, {})


def test_no_number_is_invented_where_no_policy_names_one(world: World) -> None:
    with pytest.raises(FollowupError, match="reminders_per_year_min has no value for 150300"):
        make(world, region="150300")


def test_no_name_and_no_number_leaves_the_sealed_columns(world: World) -> None:
    world.find(world.person("欧阳示例", "13900001111"), P02)
    make(world)
    send(world, Phone())
    rows = world.database.execute("select to_jsonb(r)::text from reminder r")
    rest = world.database.execute("select (to_jsonb(m) - 'sealed')::text from message m")
    said = str(rows) + str(rest) + world.leaves()
    assert "欧阳" not in said
    assert "13900001111" not in said
