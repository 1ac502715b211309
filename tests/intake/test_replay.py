"""Rejected rows tried again: what a replay may say, what it may not, and that nothing of it is lost."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from intake_factory import Desk, name, population, resident_id, uscc, write_csv

from hub.errors import IntakeError
from hub.intake import BatchReport, rejected, replay, report_back, row_of

POPULATION = "public_security/population"
PAYROLL = "tax/payroll"
CHANGE = "public_security/change"


def payroll(number: int, month: str = "2026-10", income: str = "5000", **changes: str) -> dict[str, str]:
    return {
        "扣缴义务人识别号": uscc(1), "扣缴义务人名称": "示例公司", "姓名": name(number), "证件类型": "居民身份证",
        "证件号码": resident_id(number), "税款所属期起": month, "所得项目": "正常工资薪金", "本期收入": income,
    } | changes  # fmt: skip


def again(desk: Desk, batch: int, corrections: Path | None = None) -> BatchReport:
    return replay(
        batch, corrections, engine=desk.database.engine("writer"), keyring=desk.keyring,
        declarations=desk.declarations, archive=desk.folder / "archive", by="officer",
    )  # fmt: skip


def mend(desk: Desk, delivery: str, old: str, new: str) -> None:
    file = desk.declarations / "connectors" / f"{delivery}.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def knows(desk: Desk, state: str = "待定") -> None:
    """The connector learns a state that it did not know."""
    mend(desk, POPULATION, '"正常" = "normal"', f'"正常" = "normal", "{state}" = "cancelled"')


def corrected(desk: Desk, batch: int, *changes: tuple[str, str], form: Any = "csv") -> Path:
    """The report of a batch, with words put in the place of others."""
    path = desk.folder / f"returned-{len(list(desk.folder.glob('returned-*')))}.{form}"
    report_back(batch, desk.database.engine("writer"), desk.keyring, desk.declarations, path, "officer", form)
    text = path.read_bytes().decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_bytes(text.encode())
    return path


def shown(desk: Desk, batch: int, row: int) -> dict[str, str]:
    engine, archive = desk.database.engine("writer"), desk.folder / "archive"
    return row_of(batch, row, engine, desk.keyring, desk.declarations, archive, "officer")


def waits(desk: Desk, batch: int) -> list[tuple[int, list[str]]]:
    found = rejected(batch, desk.database.engine("writer"), desk.keyring, desk.declarations, "officer")
    return [(one.row_no, one.reasons) for one in found]


def key(desk: Desk, number: int) -> Any:
    return desk.keyring.person_key(f"CN:{resident_id(number)}")


def everything(desk: Desk) -> list[Any]:
    tables = ("person", "employer", "payroll", "life_event", "rejected_row", "batch", "employment_month")
    return [desk.database.execute(f"select {table}::text from {table} order by 1") for table in tables]


def test_after_the_connector_is_mended_rejected_rows_load_as_a_batch_of_their_own(desk: Desk) -> None:
    rows = [*population([1, 2]), *population([3], 管理状态="待定"), *population([4], 管理状态="?")]
    old = desk.rows(POPULATION, rows)
    numbers = desk.database.execute("select declared, loaded, rejected, added from batch")
    knows(desk)
    new = again(desk, old.batch_id)
    assert (new.declared, new.loaded, new.rejected) == (2, 1, 1)
    assert (new.added, new.changed, new.ended) == (1, 0, 0)
    assert desk.facts("person", f"status, row_no, batch_id = {new.batch_id}").count(("cancelled", 3, True)) == 1
    assert len(desk.facts("person")) == 3
    assert desk.database.execute("select declared, loaded, rejected, added from batch where id = %s", old.batch_id) == (
        numbers
    )
    assert desk.database.execute("select channel, replays, period, status from batch where id = %s", new.batch_id) == [
        ("replay", old.batch_id, date(2026, 10, 1), "loaded")
    ]
    assert desk.database.execute("select batch_id, row_no, replayed_in from rejected_row order by 1, 2") == [
        (old.batch_id, 3, new.batch_id), (old.batch_id, 4, new.batch_id), (new.batch_id, 4, None),
    ]  # fmt: skip
    assert waits(desk, old.batch_id) == waits(desk, new.batch_id) == [(4, ["status: unknown code '?'"])]


def test_a_replayed_fact_leads_to_its_source_row(desk: Desk) -> None:
    old = desk.rows(POPULATION, [*population([1]), *population([2], 管理状态="待定")])
    knows(desk)
    new = again(desk, old.batch_id)
    [(batch, row)] = desk.database.execute("select batch_id, row_no from person where status = 'cancelled'")
    assert (batch, row) == (new.batch_id, 2)
    assert shown(desk, batch, row)["公民身份号码"] == resident_id(2)
    events = desk.database.execute("select convert_from(leaf, 'UTF8') from audit_event where kind = 'rows_replayed'")
    assert f'"replays":{old.batch_id}' in events[0][0]


def test_replaying_twice_changes_nothing(desk: Desk) -> None:
    old = desk.rows(POPULATION, [*population([2], 管理状态="待定"), *population([4], 管理状态="?")])
    assert again(desk, old.batch_id).already
    knows(desk)
    assert again(desk, old.batch_id).loaded == 1
    before = everything(desk)
    second = again(desk, old.batch_id)
    assert (second.already, second.loaded, second.rejected) == (True, 0, 1)
    assert second.warnings == ["1 rows wait as before: none can be loaded yet"]
    assert second.reasons == {"status: unknown code '?'": 1}
    assert everything(desk) == before
    knows(desk, "?")
    assert again(desk, old.batch_id).loaded == 1
    assert again(desk, old.batch_id).warnings == ["no row of it waits"]
    assert desk.database.execute("select count(*) from audit_event where kind = 'rows_replayed'") == [(5,)]


def test_a_row_that_fails_for_another_reason_now_is_told_with_that(desk: Desk) -> None:
    old = desk.rows(POPULATION, population([2], 管理状态="待定", 性别="?"))
    knows(desk)
    new = again(desk, old.batch_id)
    assert (new.declared, new.loaded, new.rejected, new.already) == (1, 0, 1, False)
    assert waits(desk, old.batch_id) == [(1, ["sex: unknown code '?'"])]


def test_corrected_rows_load_and_show_as_they_were_corrected(desk: Desk) -> None:
    old = desk.rows(POPULATION, [*population([1]), *population([2], 管理状态="?"), *population([3], 管理状态="?!")])
    path = corrected(desk, old.batch_id, ("?,,", "死亡,,"), (resident_id(3), resident_id(5)))
    new = again(desk, old.batch_id, path)
    assert (new.declared, new.loaded, new.rejected) == (2, 1, 1)
    assert set(desk.facts("person", "person_key, status")) >= {(key(desk, 2), "dead")}
    assert shown(desk, new.batch_id, 2)["管理状态"] == "死亡"
    assert shown(desk, old.batch_id, 2)["管理状态"] == "?"
    assert "数据行号" not in shown(desk, new.batch_id, 2)
    assert waits(desk, old.batch_id) == [(3, ["status: unknown code '?!'"])]
    last = corrected(desk, old.batch_id, ("?!,,", "正常,,"))
    assert resident_id(5) in last.read_text()  # what was corrected already stays corrected
    third = again(desk, old.batch_id, last)
    assert (third.declared, third.loaded) == (1, 1)
    assert {row for (row,) in desk.facts("person", "person_key")} == {key(desk, n) for n in (1, 2, 5)}
    assert waits(desk, old.batch_id) == []


def test_the_same_corrections_twice_are_one_batch(desk: Desk) -> None:
    old = desk.rows(POPULATION, population([2], 管理状态="?"))
    path = corrected(desk, old.batch_id, ("?,,", "死亡,,"))
    first = again(desk, old.batch_id, path)
    before = everything(desk)
    second = again(desk, old.batch_id, path)
    assert (second.already, second.batch_id) == (True, first.batch_id)
    assert everything(desk) == before


def test_rows_that_wait_no_more_are_left_out_and_told_of(desk: Desk) -> None:
    old = desk.rows(POPULATION, [*population([2], 管理状态="?"), *population([3], 管理状态="?!")])
    again(desk, old.batch_id, corrected(desk, old.batch_id, ("?,,", "死亡,,")))
    text = (desk.folder / "returned-0.csv").read_text()
    both = desk.folder / "both.csv"
    both.write_text(text.replace("死亡,,", "迁出,,").replace("?!,,", "正常,,"))
    report = again(desk, old.batch_id, both)
    assert report.warnings == ["1 rows of both.csv wait no more and were left out: 1"]
    assert sorted(desk.facts("person", "status")) == [("dead",), ("normal",)]
    assert shown(desk, report.batch_id, 1)["管理状态"] == "死亡"


@pytest.mark.parametrize(("old", "new", "told"), [
    ("数据行号", "户号二", "not declared"),
    ("\n2,", "\n1,", "did not reject"),
    ("\n2,", "\n,", "once which it is"),
    ("\n2,", "\n3,", "once which it is"),
])  # fmt: skip
def test_a_file_that_is_not_the_report_of_the_batch_is_refused(desk: Desk, old: str, new: str, told: str) -> None:
    report = desk.rows(POPULATION, [*population([1]), *population([2, 3], 管理状态="?")])
    path = corrected(desk, report.batch_id, (old, new))
    before = everything(desk)
    with pytest.raises(IntakeError) as refused:
        again(desk, report.batch_id, path)
    assert told in str(refused.value)
    assert resident_id(2) not in str(refused.value)
    assert everything(desk) == before


def test_a_refused_batch_and_one_that_is_not_there_say_what_to_do(desk: Desk) -> None:
    with pytest.raises(IntakeError):
        desk.rows(PAYROLL, population([1]))
    [(refused,)] = desk.database.execute("select id from batch where status = 'refused'")
    with pytest.raises(IntakeError, match="load its files again"):
        again(desk, refused)
    with pytest.raises(IntakeError, match="no batch 77"):
        again(desk, 77)


def test_a_replay_ends_nothing_and_leaves_freshness_as_it_was(desk: Desk) -> None:
    desk.rows(POPULATION, population([1, 2]), period=date(2026, 9, 1))
    old = desk.rows(POPULATION, [*population([1]), *population([2], 管理状态="待定"), *population([3])])
    assert (old.loaded, old.rejected, old.ended) == (2, 1, 0)
    knows(desk)
    new = again(desk, old.batch_id)
    assert (new.loaded, new.added, new.changed, new.ended) == (1, 0, 1, 0)
    assert len(desk.facts("person")) == 3
    shrunk = desk.rows(POPULATION, population([1, 2, 3]), period=date(2026, 11, 1))
    assert shrunk.loaded == 3  # held against the last snapshot, not against the replay of one row
    assert desk.database.execute("select form from delivery where name = %s", POPULATION) == [("snapshot",)]


def test_an_overtaken_snapshot_is_not_replayed(desk: Desk) -> None:
    old = desk.rows(POPULATION, [*population([1, 2]), *population([3], 管理状态="待定")])
    last = desk.rows(POPULATION, population([1, 2]), period=date(2026, 11, 1))
    knows(desk)
    before = everything(desk)
    with pytest.raises(IntakeError) as refused:
        again(desk, old.batch_id)
    assert f"batch {last.batch_id} of 2026-11 is a later snapshot" in refused.value.detail
    assert everything(desk) == before


def learns_the_month(desk: Desk) -> None:
    mend(desk, PAYROLL, '"正常工资薪金" = "wage"', '"正常工资薪金" = "wage", "年薪" = "wage"')


def test_what_nothing_newer_speaks_of_is_added_however_late(desk: Desk) -> None:
    old = desk.rows(PAYROLL, [payroll(1), payroll(2, 所得项目="年薪")])
    desk.rows(PAYROLL, [payroll(1, "2026-11"), payroll(2, "2026-11")], period=date(2026, 11, 1))
    learns_the_month(desk)
    new = again(desk, old.batch_id)
    assert (new.loaded, new.added, new.changed) == (1, 1, 0)
    assert desk.database.execute("select count(*) from employment_month where wage = 5000") == [(4,)]


def test_what_a_later_batch_said_stays_and_the_row_no_longer_waits(desk: Desk) -> None:
    old = desk.rows(PAYROLL, [payroll(1, 所得项目="年薪"), payroll(2)])
    desk.rows(PAYROLL, [payroll(1, income="7000")])
    learns_the_month(desk)
    new = again(desk, old.batch_id)
    assert (new.declared, new.loaded, new.added, new.changed) == (1, 1, 0, 0)
    assert new.warnings == ["1 rows speak of what a later batch knows better; they change nothing"]
    assert sorted(str(yuan) for (yuan,) in desk.facts("payroll", "yuan")) == ["5000.00", "7000.00"]
    assert waits(desk, old.batch_id) == []


def test_what_a_later_batch_may_have_said_again_is_not_changed_and_the_row_waits(desk: Desk) -> None:
    desk.rows(PAYROLL, [payroll(1)])
    old = desk.rows(PAYROLL, [payroll(1, income="7000", 所得项目="年薪"), payroll(3)])
    desk.rows(PAYROLL, [payroll(1), payroll(4)])  # says again what is known, and leaves no trace
    learns_the_month(desk)
    new = again(desk, old.batch_id)
    assert (new.declared, new.loaded, new.rejected) == (1, 0, 1)
    told = "row: what is known says otherwise, and a later batch may have said so again"
    assert waits(desk, old.batch_id) == [(1, [told])]
    assert [str(yuan) for (yuan,) in desk.facts("payroll", "yuan")] == ["5000.00"] * 3
    [(subjects,)] = desk.database.execute("select subjects from rejected_row where replayed_in is null")
    assert set(subjects) == {key(desk, 1), desk.keyring.employer_key(uscc(1))}


def test_a_change_that_nothing_newer_speaks_of_supersedes(desk: Desk) -> None:
    desk.rows(PAYROLL, [payroll(1)])
    old = desk.rows(PAYROLL, [payroll(1, income="7000", 所得项目="年薪"), payroll(3)])
    learns_the_month(desk)
    assert again(desk, old.batch_id).changed == 1
    assert sorted(str(yuan) for (yuan,) in desk.facts("payroll", "yuan")) == ["5000.00", "7000.00"]
    assert desk.database.execute("select wage from employment_month order by 1") == [(5000,), (7000,)]


def test_a_batch_in_between_supersedes_what_an_older_one_replayed_before_it(desk: Desk) -> None:
    old = desk.rows(PAYROLL, [payroll(1, income="6000", 所得项目="年薪"), payroll(2)])
    middle = desk.rows(PAYROLL, [payroll(1, income="7000", 所得项目="年薪"), payroll(3)])
    learns_the_month(desk)
    assert again(desk, old.batch_id).added == 1
    assert again(desk, middle.batch_id).changed == 1
    assert "7000.00" in {str(yuan) for (yuan,) in desk.facts("payroll", "yuan")}


def test_an_introduction_is_no_better_knowledge_than_the_register(desk: Desk) -> None:
    old = desk.rows(POPULATION, [*population([1]), *population([2], 管理状态="待定")])
    desk.rows(PAYROLL, [payroll(2)])
    assert ("introduced",) in desk.facts("person", "status")
    knows(desk)
    assert again(desk, old.batch_id).changed == 1
    assert sorted(desk.facts("person", "status")) == [("cancelled",), ("normal",)]


def test_a_replayed_row_is_held_against_every_row_of_its_batch(desk: Desk) -> None:
    old = desk.rows(PAYROLL, [payroll(1), payroll(1, income="7000", 所得项目="年薪"), payroll(1)])
    learns_the_month(desk)
    new = again(desk, old.batch_id)
    assert waits(desk, old.batch_id) == [
        (2, ["row: same key as row 1 with other values"]), (3, ["row: same key as row 1 with other values"]),
    ]  # fmt: skip
    assert new.loaded == 0
    assert [str(yuan) for (yuan,) in desk.facts("payroll", "yuan")] == ["5000.00"]


def test_of_two_rows_that_contradict_each_other_the_right_one_is_written_in_both(desk: Desk) -> None:
    old = desk.rows(PAYROLL, [payroll(1, income="6000"), payroll(1, income="7000"), payroll(2)])
    assert old.rejected == 2
    one = corrected(desk, old.batch_id, ("6000", "6500"))
    assert again(desk, old.batch_id, one).loaded == 0
    both = corrected(desk, old.batch_id, ("6500", "7000"))
    new = again(desk, old.batch_id, both)
    assert (new.declared, new.loaded, new.rejected) == (2, 1, 1)
    assert "7000.00" in {str(yuan) for (yuan,) in desk.facts("payroll", "yuan")}


def test_a_corrected_household_is_tried_with_all_its_members(desk: Desk) -> None:
    row = {"低保证号": "D1", "户主姓名": name(1), "户主证件号": resident_id(1)}
    for n in range(1, 6):
        row |= {f"成员姓名{n}": name(n + 1) if n < 4 else "", f"证件号{n}": resident_id(n + 1) if n < 3 else ""}
    row |= {"起始年月": "202401", "终止年月": "", "乡镇": "俚岛镇", "状态": "正常"}
    old = desk.rows("civil_affairs/low_income", [row])
    assert (old.loaded, old.rejected) == (3, 1)
    path = corrected(desk, old.batch_id, (f"{name(4)},,", f"{name(4)},{resident_id(4)},"))
    assert path.read_text().splitlines()[1].endswith("证件号3：未填写")
    new = again(desk, old.batch_id, path)
    assert (new.declared, new.loaded, new.added) == (4, 4, 1)
    assert len(desk.facts("assistance")) == 4
    assert shown(desk, new.batch_id, 4)["证件号3"] == resident_id(4)


def test_a_file_that_is_read_as_other_rows_now_is_refused(desk: Desk) -> None:
    path = write_csv(desk.folder / "x.csv", [*population([1]), *population([2], 管理状态="?")])
    old = desk.load(POPULATION, path)
    knows(desk, "?")
    desk.database.execute(
        "update rejected_row set row_no = 1, sealed = %s",
        _sealed_as(desk, old.batch_id, 2, 1),
    )
    with pytest.raises(IntakeError, match="read as other rows"):
        again(desk, old.batch_id)


def _sealed_as(desk: Desk, batch: int, row: int, other: int) -> bytes:
    """What was sealed of a row, sealed for another: as if the rows had moved."""
    [(sealed,)] = desk.database.execute("select sealed from rejected_row where row_no = %s", row)
    place = b"rejected:" + batch.to_bytes(8, "big")
    plain = desk.keyring.open(bytes(sealed), place + row.to_bytes(4, "big"))
    return desk.keyring.seal(plain, place + other.to_bytes(4, "big"))


def test_no_message_of_a_replay_names_anybody(desk: Desk) -> None:
    old = desk.rows(POPULATION, [*population([1]), *population([2, 3], 管理状态="待定")])
    knows(desk)
    report = again(desk, old.batch_id)
    told = f"{report}{desk.database.execute('select leaf from audit_event')}"
    assert not re.search(f"{resident_id(2)}|{name(2)}", told)
