"""Interrupted payers are reminded as often as ruled, spread over the year, by a message or by their town."""

from dataclasses import astuple
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from world import MONDAY, OFFICE, P02, WANG, World

from hub.audit.event import Kind
from hub.errors import FollowupError
from hub.followup import clearing, outbox, remind
from hub.followup.outbox import Content, Handed
from hub.followup.remind import Made

YANCHENG = "320900"


def at(month: int, day: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, 2, tzinfo=UTC)


def make(world: World, when: datetime = MONDAY, region: str = YANCHENG, **more: int) -> Made:
    with world.engine.begin() as connection:
        return remind.remind(
            connection, office=OFFICE, officer=WANG, region=region, at=when, keyring=world.keyring, signer=world.signer,
            **more,
        )  # fmt: skip


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
        assert [tuple(row)[:3] for row in remind.visits(connection)] == [
            ("371082101", "no_phone", 1), ("371082101", "opted_out", 1), ("371082101", "to_be_checked", 1),
        ]  # fmt: skip


def test_a_message_that_never_arrives_becomes_a_visit(world: World) -> None:
    failed, opted = lapsed(world), lapsed(world)
    make(world)
    opt_out(world, opted)
    assert send(world, Phone(Handed("never", "GATEWAY_400"))) == {"sent": 0, "later": 0, "never": 1, "cancelled": 1}
    assert dict(world.database.execute("select subject_key, because from reminder where how = 'visit'")) == {
        failed: "failed", opted: "opted_out",
    }  # fmt: skip


def test_a_visit_is_done_when_an_officer_says_so(world: World) -> None:
    lapsed(world, phone=None)
    make(world)
    ((found,),) = world.database.execute("select finding_id from reminder")
    with world.engine.begin() as connection:
        remind.visited(connection, found, on=date(2026, 3, 4), officer=WANG, signer=world.signer)
    assert world.database.execute("select state, done_on, done_by from reminder") == [
        ("done", date(2026, 3, 4), WANG.name)
    ]
    with pytest.raises(FollowupError, match="No visit is open"), world.engine.begin() as connection:
        remind.visited(connection, found, on=date(2026, 3, 4), officer=WANG, signer=world.signer)


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
