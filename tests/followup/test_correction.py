"""A delivered row is disputed: who must answer until when, what an answer may say, and what it undoes."""

import json
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from intake_factory import population
from office import RULE, Office

from hub.errors import IntakeError, RequestError
from hub.followup import correction
from hub.intake import withdraw


def test_a_disputed_row_names_the_department_and_gives_it_ten_working_days(office: Office) -> None:
    one = office.dispute(office.batches["cremations"], 1)
    assert (one.delivery, one.step, one.answer, one.overdue) == ("civil_affairs/cremation", "verification", None, False)
    assert one.due_on == date(2026, 12, 4)
    (told,) = office.events("row_disputed")
    assert told == {
        "dispute": str(one.id), "turn": "disputed", "delivery": one.delivery, "batch": one.batch, "row": 1,
    }  # fmt: skip


def test_what_was_said_rests_sealed(office: Office) -> None:
    one = office.dispute(office.batches["cremations"], 1, "此人健在，住成山镇")
    office.answer(one.id, "confirmed", "经核实，火化记录无误")
    rows = office.desk.database.execute("select id, turn, sealed from correction_turn order by id")
    opened = [office.desk.keyring.open(sealed, b"correction_turn:" + made.bytes) for made, _, sealed in rows]
    assert all("此人".encode() not in sealed and "经核实".encode() not in sealed for _, _, sealed in rows)
    assert [(turn, json.loads(said)["words"]) for (_, turn, _), said in zip(rows, opened, strict=True)] == [
        ("disputed", "此人健在，住成山镇"), ("confirmed", "经核实，火化记录无误"),
    ]  # fmt: skip


def test_a_row_is_disputed_once_at_a_time(office: Office) -> None:
    first = office.dispute(office.batches["cremations"], 1)
    assert office.dispute(office.batches["cremations"], 1, "again") == first
    assert len(office.events("row_disputed")) == 1
    office.answer(first.id, "confirmed")
    assert office.dispute(office.batches["cremations"], 1).id != first.id


@pytest.mark.parametrize(
    ("batch", "row", "says"), [(4711, 1, "No batch 4711"), (None, 2, "has no row 2"), (None, 0, "has no row 0")]
)
def test_only_a_row_that_was_delivered_can_be_disputed(office: Office, batch: int | None, row: int, says: str) -> None:
    with pytest.raises(RequestError, match=says):
        office.dispute(batch or office.batches["cremations"], row)
    assert office.events("row_disputed") == []


def test_nothing_rests_on_a_row_that_was_rejected(office: Office) -> None:
    wrong = office.desk.rows("public_security/population", population([7, 8], 性别="不明")).batch_id
    with pytest.raises(RequestError, match="was rejected: nothing rests on it"):
        office.dispute(wrong, 1)


def test_while_a_row_is_disputed_the_findings_that_rest_on_it_are_contested(office: Office) -> None:
    _, finding, _ = office.finding()
    assert not office.contested(finding)
    one = office.dispute(office.batches["cremations"], 1)
    office.dispute(office.batches["register"], 1)  # another person's row
    assert office.contested(finding)
    with office.writer.begin() as connection:
        assert correction.resting(connection, one.batch, 1) == [RULE]
        assert correction.resting(connection, office.batches["register"], 1) == []
    office.answer(one.id, "not_ours")
    assert not office.contested(finding)


def test_a_row_is_corrected_by_a_batch_and_what_rested_on_it_clears(office: Office) -> None:
    one = office.dispute(office.batches["cremations"], 1)
    with pytest.raises(RequestError, match="names the batch"):
        office.answer(one.id, "corrected")
    other = office.cremated(4)
    with pytest.raises(RequestError, match="still what the hub knows"):
        office.answer(one.id, "corrected", corrected_in=other)
    gone = withdraw(one.batch, 1, engine=office.writer, signer=office.signer, by="民政局")
    answered, rules = office.answer(one.id, "corrected", corrected_in=gone)
    assert (answered.answer, answered.corrected_in, rules) == ("corrected", gone, [RULE])
    subject, _, _ = office.desk.database.execute("select subject_key, id, state from finding where state = 'open'")[0]
    office.check(rules)
    states = dict(office.desk.database.execute("select subject_key, state from finding"))
    assert states.pop(subject) == "cleared"
    assert set(states.values()) == {"open"}  # the fourth, whom the later batch named


def test_a_correction_is_of_the_delivery_and_came_after_the_dispute(office: Office) -> None:
    one = office.dispute(office.batches["cremations"], 1)
    for batch in (office.batches["cremations"], office.batches["register"], 4711):
        with pytest.raises(RequestError, match="is no batch of civil_affairs/cremation loaded since"):
            office.answer(one.id, "corrected", corrected_in=batch)
    assert [told["turn"] for told in office.events("row_disputed")] == ["disputed"]


def test_a_register_corrects_its_row_by_its_next_delivery(office: Office) -> None:
    one = office.dispute(office.batches["register"], 3, "此人确已死亡")
    register = population([1, 2, 4, 5]) + population([3], 管理状态="死亡", 状态变动日期="20260703")
    new = office.desk.rows("public_security/population", register, period=date(2026, 11, 1)).batch_id
    _, rules = office.answer(one.id, "corrected", corrected_in=new)
    office.check(rules)
    assert office.finding()[2] == "cleared"


def test_an_answer_stands_and_the_same_answer_again_changes_nothing(office: Office) -> None:
    one = office.dispute(office.batches["cremations"], 1)
    first, _ = office.answer(one.id, "confirmed")
    assert office.answer(one.id, "confirmed", "another word") == (first, [])
    with pytest.raises(RequestError, match="was answered: confirmed"):
        office.answer(one.id, "not_ours")
    with pytest.raises(RequestError, match="No such dispute is yours"):
        office.answer(uuid4(), "confirmed")


def test_the_ladder_is_climbed_a_step_at_a_time_and_not_before_the_time_is_over(office: Office) -> None:
    one = office.dispute(office.batches["cremations"], 1)
    with pytest.raises(RequestError, match="when its time is over, after 2026-12-04"):
        office.escalate(one.id, today=date(2026, 12, 4))
    steps: list[Any] = []
    for today in (date(2026, 12, 5), date(2027, 1, 5), date(2027, 2, 25), date(2027, 4, 1)):
        risen = office.escalate(one.id, today=today)
        assert risen.due_on > today
        steps.append(risen.step)
    assert steps == ["negotiation", "authority", "superior", "government"]
    with pytest.raises(RequestError, match="lies with the people's government"):
        office.escalate(one.id, today=date(2028, 1, 3))


def test_who_does_not_accept_an_answer_takes_it_up_at_once_and_it_is_open_again(office: Office) -> None:
    one = office.dispute(office.batches["cremations"], 1)
    office.answer(one.id, "confirmed")
    risen = office.escalate(one.id)
    assert (risen.step, risen.answer) == ("negotiation", None)
    office.answer(one.id, "corrected", corrected_in=withdraw(
        one.batch, 1, engine=office.writer, signer=office.signer, by="民政局"))  # fmt: skip
    with pytest.raises(RequestError, match="is settled: the row was corrected"):
        office.escalate(one.id)


def test_two_disputes_over_one_row_are_never_open_together(office: Office) -> None:
    first = office.dispute(office.batches["cremations"], 1)
    office.answer(first.id, "confirmed")
    office.dispute(office.batches["cremations"], 1)
    with pytest.raises(RequestError, match="Another dispute over row 1"):
        office.escalate(first.id)


def test_a_row_taken_back_is_known_as_it_was_and_can_be_taken_back_once(office: Office) -> None:
    before = office.desk.database.execute("select max(sealed_at) from batch")[0][0]
    new = withdraw(office.batches["cremations"], 1, engine=office.writer, signer=office.signer, by="民政局")
    assert office.desk.facts("life_event") == []
    ((then,),) = office.desk.database.execute(
        "select count(*) from life_event where known_from <= %s and known_until > %s", before, before
    )
    assert then == 1
    assert office.desk.database.execute(
        "select channel, replays, declared, loaded, ended, partial from batch where id = %s", new
    ) == [("withdrawal", office.batches["cremations"], 0, 0, 1, True)]
    (told,) = office.events("row_withdrawn")
    assert told["withdraws"] == {"batch": office.batches["cremations"], "row": 1}
    with pytest.raises(IntakeError, match="nothing that is known now comes from row 1"):
        withdraw(office.batches["cremations"], 1, engine=office.writer, signer=office.signer, by="民政局")


def test_disputes_are_listed_those_that_end_first_before_the_others(office: Office) -> None:
    first = office.dispute(office.batches["register"], 1, today=date(2026, 11, 23))
    second = office.dispute(office.batches["cremations"], 1)
    third = office.dispute(office.batches["register"], 2)
    office.answer(third.id, "confirmed")
    with office.writer.begin() as connection:
        listed = correction.disputes(connection, date(2026, 12, 7))
        assert [(one.id, one.overdue) for one in listed] == [(second.id, True), (first.id, False), (third.id, False)]
        assert [one.id for one in correction.disputes(connection, date(2026, 12, 7), answered=True)] == [third.id]


def test_whoever_asks_disputes_rows_of_findings_within_reach_and_moves_disputes_within_reach(office: Office) -> None:
    _, finding, _ = office.finding()
    batch = office.batches["cremations"]
    near, far = {"scope": lambda *_: "true"}, {"scope": lambda *_: "false"}
    with office.change("town", **near) as change:
        one = correction.dispute(change, batch=batch, row=1, because="健在", finding=str(finding))
    for reach, named, row in ((far, str(finding), 1), (near, str(uuid4()), 1), (near, str(finding), 2)):
        with office.change("town", **reach) as change, pytest.raises(RequestError, match="No finding of yours rests"):
            correction.dispute(change, batch=batch, row=row, because="健在", finding=named)
    with office.change("police", **far) as change, pytest.raises(RequestError, match="No such dispute is yours"):
        correction.answer(
            change, dispute=str(one.id), answer=correction.DisputeAnswer.confirmed, because="无误"
        )  # fmt: skip
    with office.change("town", **near) as change, pytest.raises(RequestError, match="not the id of a dispute"):
        correction.escalate(change, dispute="7", because="?")


@pytest.mark.parametrize("words", ["", " ", "字" * 2001])
def test_who_disputes_says_why_and_briefly(office: Office, words: str) -> None:
    with pytest.raises(RequestError, match="because: from 1 to 2000 letters"):
        office.dispute(office.batches["cremations"], 1, words)
