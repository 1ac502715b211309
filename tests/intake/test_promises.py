"""What loading promises: whole or not at all, once, nothing overwritten, nothing lost, nobody named."""

import logging
import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from errno import ENOSPC
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_factory import Desk, name, population, resident_id, uscc, write_csv

from hub.errors import IntakeError
from hub.intake import read_connector, rejected, report_back, row_of
from hub.intake.extract import Chunk, Delivered, read
from hub.intake.map import map_chunk
from hub.sealing import SealingError, write_keyring

ROOT = Path(__file__).resolve().parents[2]
POPULATION = "public_security/population"
FACTS = "person_key, name_masked, status, region, batch_id, row_no, known_from"
STAGES = [("archive", 0), ("read", 1), ("judge", 1), ("write", 0), ("write", 1)]

#: Loads a delivery in a process of its own, which kills itself at a stage: no cleanup runs, as in a power cut.
KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from hub.intake import load
from hub.sealing import read_keyring
from hub.store.engine import engine_for

url, folder, declarations, stage, done, delivery, file = sys.argv[1:]

def progress(name, count, total):
    if name == stage and (count > 0) == (done == "1"):
        os.kill(os.getpid(), signal.SIGKILL)

load(delivery, [Path(file)], period=date(2026, 10, 1), engine=engine_for("writer", url),
     keyring=read_keyring(Path(folder) / "keys.json"), declarations=Path(declarations),
     archive=Path(folder) / "archive", by="operator", progress=progress)
"""


@pytest.mark.parametrize(("stage", "done"), STAGES, ids=str)
def test_kill_9_at_any_moment_loses_and_doubles_nothing(stage: str, done: int, desk: Desk) -> None:
    write_keyring(desk.keyring, desk.folder / "keys.json")
    desk.rows(POPULATION, population(range(50)), period=date(2026, 9, 1))
    before = desk.database.execute(f"select {FACTS} from person order by 1, 7")
    rows = population(range(10, 60))
    rows[0]["管理状态"] = "死亡"
    rows[1]["公民身份号码"] = "1"
    path = write_csv(desk.folder / "october.csv", rows)
    arguments = [desk.database.url, str(desk.folder), str(desk.declarations), stage, str(done), POPULATION, str(path)]
    killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert desk.database.execute(f"select {FACTS} from person order by 1, 7") == before
    assert desk.database.execute("select count(*) from batch") == [(1,)]
    assert desk.database.execute("select count(*) from rejected_row") == [(0,)]
    assert desk.database.execute("select count(*) from audit_event") == [(1,)]
    report = desk.load(POPULATION, path)
    assert (report.declared, report.loaded, report.rejected) == (50, 49, 1)
    assert (report.added, report.changed, report.ended) == (10, 1, 11)
    assert len(desk.facts("person")) == 49
    assert not list((desk.folder / "archive").glob("*/*.tmp"))


def test_loading_twice_changes_nothing_and_answers_the_first_batch(desk: Desk) -> None:
    path = write_csv(desk.folder / "x.csv", population(range(20)))
    first = desk.load(POPULATION, path)
    stored = desk.database.execute(f"select {FACTS} from person order by 1")
    second = desk.load(POPULATION, path)
    assert second.already
    assert second.batch_id == first.batch_id
    assert second.warnings == [f"already loaded as batch {first.batch_id}"]
    assert desk.database.execute(f"select {FACTS} from person order by 1") == stored
    assert desk.database.execute("select count(*) from batch") == [(1,)]


def test_a_snapshot_that_comes_again_after_another_took_its_place_is_what_holds(desk: Desk) -> None:
    first, second = (
        write_csv(desk.folder / "x.csv", population([1])),
        write_csv(desk.folder / "y.csv", population([1], 管理状态="死亡")),
    )
    assert [desk.load(POPULATION, one).batch_id for one in (first, second)] == [1, 2]
    assert desk.load(POPULATION, second).already
    again = desk.load(POPULATION, first)
    assert (again.batch_id, again.already, again.changed) == (3, False, 1)
    assert desk.facts("person", "status") == [("normal",)]
    assert desk.load(POPULATION, first).already


def test_the_same_rows_in_another_file_and_period_change_no_fact(desk: Desk) -> None:
    desk.load(POPULATION, write_csv(desk.folder / "x.csv", population(range(20))))
    stored = desk.database.execute(f"select {FACTS} from person order by 1")
    rows = [{**row, "姓名": f" {row['姓名'][0]}　{row['姓名'][1:]}"} for row in reversed(population(range(20)))]
    again = desk.load(POPULATION, write_csv(desk.folder / "y.csv", rows, "gb18030", "|"), period=date(2026, 11, 1))
    assert (again.added, again.changed, again.ended) == (0, 0, 0)
    assert desk.database.execute(f"select {FACTS} from person order by 1") == stored


def test_a_truncated_snapshot_is_refused_and_ends_nothing(strict_desk: Desk) -> None:
    desk = strict_desk
    path = write_csv(desk.folder / "x.csv", population(range(600)))
    desk.load(POPULATION, path)
    whole = path.read_text().splitlines(keepends=True)
    for lines, code in ((whole[:520], "INTAKE_SHRUNK"), (whole[:100], "INTAKE_ROWS"), (whole[:1], "INTAKE_ROWS")):
        path.write_text("".join(lines))
        with pytest.raises(IntakeError) as refused:
            desk.load(POPULATION, path, period=date(2026, 11, 1))
        assert refused.value.code == code
    assert len(desk.facts("person")) == 600
    assert desk.database.execute("select status, count(*) from batch group by 1 order by 1") == [
        ("loaded", 1),
        ("refused", 3),
    ]
    assert desk.database.execute("select kind, count(*) from audit_event group by 1 order by 1") == [
        ("batch_loaded", 1), ("batch_refused", 3),
    ]  # fmt: skip


def test_a_snapshot_of_which_too_much_is_rejected_is_refused_and_its_rows_can_be_seen(strict_desk: Desk) -> None:
    desk = strict_desk
    rows = population(range(600))
    for row in rows[:60]:
        row["管理状态"] = "?"
    with pytest.raises(IntakeError) as refused:
        desk.load(POPULATION, write_csv(desk.folder / "x.csv", rows))
    assert refused.value.code == "INTAKE_REJECTED"
    assert "status: unknown code '?' (60)" in refused.value.detail
    [(batch,)] = desk.database.execute("select id from batch")
    assert f"hub rejected {batch}" in refused.value.hint
    seen = rejected(batch, desk.database.engine("writer"), desk.keyring, desk.declarations, "operator")
    assert len(seen) == 60
    assert desk.facts("person") == []


def test_what_a_snapshot_no_longer_holds_has_ended_and_what_a_rejected_row_speaks_of_has_not(desk: Desk) -> None:
    desk.rows(POPULATION, population(range(10)))
    rows = population(range(1, 10))
    rows[0]["管理状态"] = "?"
    report = desk.rows(POPULATION, rows, period=date(2026, 11, 1))
    assert (report.loaded, report.rejected, report.ended) == (8, 1, 1)
    keys = {key.hex for (key,) in desk.facts("person", "person_key")}
    assert keys == {desk.keyring.person_key(f"CN:{resident_id(n)}").hex for n in range(1, 10)}


def test_nothing_is_overwritten_and_every_instant_can_be_asked(desk: Desk) -> None:
    known = []
    for month, status in ((9, "正常"), (10, "迁出"), (11, "正常")):
        desk.rows(POPULATION, population([1], 管理状态=status), period=date(2026, month, 1))
        known.append(desk.database.execute("select max(sealed_at) from batch")[0][0])
    assert known == sorted(set(known))
    for instant, status in zip(known, ("normal", "moved_out", "normal"), strict=True):
        then = desk.database.execute(
            "select status from person where known_from <= %s and known_until > %s", instant, instant
        )
        assert then == [(status,)]
    assert desk.database.execute("select count(*) from person") == [(3,)]


def test_an_older_snapshot_is_refused_with_a_hint(desk: Desk) -> None:
    desk.rows(POPULATION, population(range(5)))
    with pytest.raises(IntakeError, match="check the period") as refused:
        desk.rows(POPULATION, population(range(4)), period=date(2026, 9, 1))
    assert refused.value.code == "INTAKE_PERIOD"
    assert len(desk.facts("person")) == 5


def test_a_month_that_has_not_begun_is_refused(desk: Desk) -> None:
    """Loaded by mistake, it would shut out every true month until then."""
    with pytest.raises(IntakeError, match="2099-01 has not begun"):
        desk.rows(POPULATION, population(range(5)), period=date(2099, 1, 1))
    assert desk.facts("person") == []


def test_rows_that_say_a_fact_twice(desk: Desk) -> None:
    rows = [*population([1, 1, 2, 2, 3]), *population([3], 管理状态="死亡"), *population([4])]
    report = desk.rows(POPULATION, rows)
    assert (report.declared, report.loaded, report.rejected) == (7, 3, 4)
    found = desk.database.execute("select row_no, reasons from rejected_row order by 1")
    assert found == [
        (2, ["row: duplicate of row 1"]),
        (4, ["row: duplicate of row 3"]),
        (5, ["row: same key as row 6 with other values"]),
        (6, ["row: same key as row 5 with other values"]),
    ]
    assert len(desk.facts("person")) == 3


def test_a_rejected_row_says_of_whom_it_speaks_as_far_as_it_can_be_read(desk: Desk) -> None:
    person, employer = (desk.keyring.person_key(f"CN:{resident_id(1)}"), desk.keyring.employer_key(uscc(1)))
    desk.rows(
        "tax/payroll",
        [
            payroll(1, "someday"),
            payroll(1, "2026-10", 证件号码="1"),
            payroll(1, "2026-10", 扣缴义务人识别号="1"),
            payroll(1, "someday", 扣缴义务人识别号="1", 证件号码="1"),
            payroll(1, "2026-10", "1"),
            payroll(1, "2026-10", "2"),
            payroll(2, "2026-10"),
        ],
    )
    found = desk.database.execute("select row_no, subjects from rejected_row order by 1")
    both = {person, employer}
    assert [(n, set(keys)) for n, keys in found] == [
        (1, both), (2, {employer}), (3, {person}), (4, set()), (5, both), (6, both),
    ]  # fmt: skip


def test_a_rejected_row_names_its_project(desk: Desk) -> None:
    project = {
        "项目编码": "3710822026010001", "项目名称": "示例小区一期", "总承包单位": "示例公司",
        "总承包单位统一社会信用代码": uscc(1), "合同造价(万元)": "many", "施工许可证编号": "", "实际开工日期": "2026-03-02",
        "竣工日期": "", "行政区划": "371082001", "行业": "房建", "是否参加工伤": "是",
    }  # fmt: skip
    good = project | {"项目编码": "3710822026010002", "合同造价(万元)": "100", "总承包单位统一社会信用代码": ""}
    desk.rows("housing/project", [project, good, good | {"项目名称": "示例小区二期"}])
    found = desk.database.execute("select subjects from rejected_row order by row_no")
    [(first, second)] = desk.database.execute("select md5('3710822026010001')::uuid, md5('3710822026010002')::uuid")
    assert [set(keys) for (keys,) in found] == [{first, desk.keyring.employer_key(uscc(1))}, {second}, {second}]


def test_a_row_that_is_there_twice_word_for_word_leaves_nothing_open_of_whom_it_speaks(desk: Desk) -> None:
    desk.rows("tax/payroll", [payroll(1, "2026-10"), payroll(1, "2026-10")])
    assert desk.database.execute("select row_no, subjects from rejected_row") == [(2, [])]


def payroll(number: int, month: str, income: str = "5000", **changes: str) -> dict[str, str]:
    return {
        "扣缴义务人识别号": uscc(1), "扣缴义务人名称": "示例公司", "姓名": name(number), "证件类型": "居民身份证",
        "证件号码": resident_id(number), "税款所属期起": month, "所得项目": "正常工资薪金", "本期收入": income,
    } | changes  # fmt: skip


def test_a_correction_supersedes_its_month_and_leaves_the_others(desk: Desk) -> None:
    desk.rows("tax/payroll", [payroll(1, "2026-09"), payroll(1, "2026-10"), payroll(2, "2026-10")])
    report = desk.rows("tax/payroll", [payroll(1, "2026-10", "6000")])
    assert (report.added, report.changed, report.ended) == (0, 1, 0)
    found = {(str(month), str(yuan)) for month, yuan in desk.facts("payroll", "month, yuan")}
    assert found == {("2026-09-01", "5000.00"), ("2026-10-01", "6000.00"), ("2026-10-01", "5000.00")}
    assert desk.database.execute("select month, sum(wage) from employment_month group by 1 order by 1") == [
        (date(2026, 9, 1), 5000), (date(2026, 10, 1), 11000),
    ]  # fmt: skip


def test_whoever_is_spoken_of_first_is_introduced_until_the_register_says_more(desk: Desk) -> None:
    desk.rows("tax/payroll", [payroll(1, "2026-10"), payroll(1, "2026-09")])
    assert desk.facts("person", "status, name_masked") == [("introduced", name(1)[0] + "**")]
    assert desk.facts("employer", "uscc, name, kind, status") == [(uscc(1), "示例公司", "enterprise", "introduced")]
    desk.rows(POPULATION, population([1]))
    assert desk.facts("person", "status") == [("normal",)]
    desk.rows("tax/payroll", [payroll(1, "2026-08", 姓名="某某")])
    assert desk.facts("person", "status") == [("normal",)]


def test_an_identity_rests_sealed_and_opens_only_in_its_place(desk: Desk) -> None:
    desk.rows(POPULATION, population([1]))
    [(key, sealed, masked)] = desk.facts("person", "person_key, sealed, resident_id_masked")
    opened = orjson.loads(desk.keyring.open(bytes(sealed), b"person:" + key.bytes))
    assert opened == {"resident_id": resident_id(1), "name": name(1), "phone": None, "address": "荣成市某街道某路1号"}
    assert key == desk.keyring.person_key(f"CN:{resident_id(1)}")
    assert masked == "*" * 14 + resident_id(1)[14:]
    with pytest.raises(SealingError):
        desk.keyring.open(bytes(sealed), b"person:" + bytes(16))
    stored = str(desk.database.execute("select person::text from person"))
    assert resident_id(1) not in stored
    assert name(1) not in stored


def test_an_owner_in_the_place_of_an_employer_is_not_kept_in_clear(desk: Desk) -> None:
    row = {
        "统一社会信用代码": "", "纳税人识别号": resident_id(3), "纳税人名称": "示例小吃店", "纳税人状态": "正常",
        "税务登记日期": "2020-01-01", "从业人数": "1",
    }  # fmt: skip
    assert desk.rows("tax/registration", [row]).loaded == 1
    for table in ("employer", "employer_account", "employer_alias"):
        assert resident_id(3) not in str(desk.database.execute(f"select {table}::text from {table}"))


@pytest.mark.parametrize("issued_again", ["", "B1"])
def test_the_person_within_a_disability_certificates_number_is_not_kept_in_clear(desk: Desk, issued_again: str) -> None:
    row = {
        "残疾人证号": resident_id(3) + "44" + issued_again, "姓名": name(3), "身份证号": "", "残疾等级": "一级",
        "发证日期": "2020-01-01", "有效期至": "长期", "证件状态": "正常", "户籍区划": "",
    }  # fmt: skip
    assert desk.rows("disabled_persons_federation/certificate", [row]).loaded == 1
    assert desk.facts("assistance", "person_key, level") == [(desk.keyring.person_key(f"CN:{resident_id(3)}"), "1")]
    assert resident_id(3) not in str(desk.database.execute("select assistance::text from assistance"))


def test_a_fund_account_finds_its_employer(desk: Desk) -> None:
    employer = {
        "单位名称": "示例公司", "统一社会信用代码": uscc(5), "组织机构代码": "", "单位账号": "0012", "账户状态": "01",
        "开户日期": "2020-01-01", "单位缴存人数": "1",
    }  # fmt: skip
    person = {
        "个人账号": "77", "姓名": name(1), "证件号码": resident_id(1), "单位账号": "0012", "缴存基数": "5000",
        "缴至年月": "202610", "账户状态": "01",
    }  # fmt: skip
    desk.rows("housing/provident_fund_employer", [employer])
    desk.rows("housing/provident_fund_person", [person])
    assert desk.facts("provident_fund", "employer_key") == [(desk.keyring.employer_key(uscc(5)),)]


def test_a_household_is_as_many_rows_as_it_has_members(desk: Desk) -> None:
    row = {"低保证号": "D1", "户主姓名": name(1), "户主证件号": resident_id(1)}
    for n in range(1, 6):
        row |= {f"成员姓名{n}": name(n + 1) if n < 4 else "", f"证件号{n}": resident_id(n + 1) if n < 3 else ""}
    row |= {"起始年月": "202401", "终止年月": "", "乡镇": "俚岛镇", "状态": "正常"}
    empty = dict.fromkeys(row, "") | {"低保证号": "D2", "起始年月": "202401", "状态": "正常"}
    report = desk.rows("civil_affairs/low_income", [row, empty])
    assert (report.declared, report.loaded, report.rejected) == (5, 3, 2)
    assert desk.database.execute("select row_no, reasons from rejected_row order by 1") == [
        (4, ["resident_id: nothing is given"]), (7, ["resident_id: nothing is given"]),
    ]  # fmt: skip
    engine = desk.database.engine("writer")
    shown = row_of(report.batch_id, 4, engine, desk.keyring, desk.declarations, desk.folder / "archive", "operator")
    assert shown["成员姓名3"] == name(4)


DIRTY = st.one_of(
    st.sampled_from([
        "", "无", "\\N", "?", "长期", "9999-9-9", "1.50302E+17", "１２３", "存续", "正常", "男", "汉", "371082", uscc(1),
        resident_id(1), resident_id(2), name(1), '"', ",", "\u200b", "44927", "-1", "合计", "注：无", "0", "\t",
    ]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
)  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 5), st.lists(DIRTY, min_size=15, max_size=15)), max_size=20), st.randoms())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
def test_every_declared_row_is_loaded_or_rejected_whatever_stands_in_it(
    dirty: list[tuple[int, list[str]]], chance: random.Random
) -> None:
    connector = read_connector(ROOT, POPULATION)
    rows = [list(row.values()) for row in population([n for n, _ in dirty])]
    for row, (changes, values) in zip(rows, dirty, strict=True):
        for place in chance.sample(range(15), changes):
            row[place] = values[place]
    columns = list(population([0])[0])
    cells = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    chunk = Chunk(cells, pl.Series(range(1, len(rows) + 1), dtype=pl.Int32))
    parts = list(map_chunk(chunk, connector, date(2026, 10, 1)))
    numbers = [n for part in parts for frame in (part.good, part.bad) for n in frame["row_no"].to_list()]
    assert sorted(numbers) == list(range(1, len(rows) + 1))
    assert all(reasons for part in parts for reasons in part.bad["reasons"].to_list())
    for part in parts:
        assert part.good.filter(pl.any_horizontal(pl.col("resident_id", "name", "status").is_null())).is_empty()


def test_dirt_in_every_column_is_stored_whole(desk: Desk) -> None:
    chance = random.Random(7)  # noqa: S311 - not a secret, dirt
    dirt = ["", "无", "\\N", '"', "a,b", "\n", "\\", "'", "\u200b", "NULL", "1.5E+17", "😀", "\x01", "{}", "=1+1"]
    rows = population(range(300))
    for row in rows:
        for column in chance.sample(list(row), 2):
            row[column] = chance.choice(dirt)
    report = desk.rows(POPULATION, rows)
    assert report.declared == 300 == report.loaded + report.rejected
    assert report.rejected > 20
    [(loaded, refused)] = desk.database.execute(
        "select (select count(*) from person), (select count(*) from rejected_row)"
    )
    assert (loaded, refused) == (report.loaded, report.rejected)


def test_no_message_names_anybody(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    rows = population(range(40))
    columns = list(rows[0])
    for shift, row in enumerate(rows):  # columns slipped: identities stand where codes belong
        values = list(row.values())
        row |= dict(zip(columns, values[shift % 15 :] + values[: shift % 15], strict=True))
    report = desk.rows(POPULATION, rows)
    strict = replace(desk, declarations=ROOT)
    with pytest.raises(IntakeError) as refused:
        strict.rows(POPULATION, rows * 15, period=date(2026, 11, 1))
    told = [
        str(report.reasons), str(refused.value), caplog.text,
        str(desk.database.execute("select reasons from rejected_row")),
        str(desk.database.execute("select refusal, files from batch")),
        str([bytes(leaf) for (leaf,) in desk.database.execute("select leaf from audit_event")]),
    ]  # fmt: skip
    for number in range(40):
        for text in told:
            assert resident_id(number) not in text
            assert name(number) not in text
            assert f"某路{number}号" not in text


def test_a_database_error_is_told_without_its_rows(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.intake.prepare.born", lambda documents: documents)
    with pytest.raises(IntakeError) as refused:
        desk.rows(POPULATION, population([1]))
    assert refused.value.code == "INTAKE_DATABASE"
    assert resident_id(1) not in str(refused.value)
    assert refused.value.__cause__ is None
    assert desk.database.execute("select status from batch") == []  # it says nothing of the delivery


def test_rejected_rows_are_listed_masked_and_the_look_is_recorded(desk: Desk) -> None:
    report = desk.rows(POPULATION, population([1], 管理状态="?", 服务处所="示例公司", 现居住地址="某处"))
    [row] = rejected(report.batch_id, desk.database.engine("writer"), desk.keyring, desk.declarations, "officer")
    assert row.reasons == ["status: unknown code '?'"]
    assert row.cells["姓名"] == name(1)[0] + "**"
    assert row.cells["公民身份号码"] == "*" * 14 + resident_id(1)[14:]
    assert row.cells["管理状态"] == "?"
    assert "服务处所" not in row.cells
    assert resident_id(1) not in str(row)
    assert desk.database.execute("select client from audit_event where kind = 'rejected_rows_listed'") == [("officer",)]


def test_the_report_for_the_department_has_its_own_columns_and_the_reasons(desk: Desk) -> None:
    report = desk.rows(POPULATION, [*population([1, 2]), *population([3], 管理状态="?", 性别="?")])
    path = desk.folder / "report.csv"
    assert (
        report_back(report.batch_id, desk.database.engine("writer"), desk.keyring, desk.declarations, path, "officer")
        == 1
    )
    assert path.stat().st_mode & 0o077 == 0
    header, row = path.read_text("utf-8").splitlines()
    assert header == ",".join(["数据行号", *population([1])[0], "拒绝原因"])
    assert f",{resident_id(3)}," in row
    assert row.endswith("性别：代码“?”不在约定的代码表中；管理状态：代码“?”不在约定的代码表中")
    assert desk.database.execute("select count(*) from audit_event where kind = 'rejected_rows_exported'") == [(1,)]


def test_a_delivered_row_can_be_shown_again_from_the_sealed_archive(desk: Desk) -> None:
    path = write_csv(desk.folder / "人口.csv", population(range(30)), "gb18030")
    report = desk.load(POPULATION, path)
    path.unlink()
    engine, archive = desk.database.engine("writer"), desk.folder / "archive"
    shown = row_of(report.batch_id, 17, engine, desk.keyring, desk.declarations, archive, "officer")
    assert shown["公民身份号码"] == resident_id(16)
    [kept] = archive.glob("*/*")
    assert resident_id(16).encode() not in kept.read_bytes()
    kept.write_bytes(kept.read_bytes()[:-1] + b"\0")
    with pytest.raises(SealingError):
        row_of(report.batch_id, 17, engine, desk.keyring, desk.declarations, archive, "officer")


def test_an_archived_file_that_was_cut_between_pieces_does_not_open(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hub.intake import archive

    monkeypatch.setattr(archive, "PIECE", 100)
    path = write_csv(desk.folder / "x.csv", population(range(30)))
    file = Delivered.at(path)
    digest, _ = archive.digest(file)
    kept = archive.keep(file, digest, desk.folder / "archive", desk.keyring)
    again = archive.kept("x.csv", digest.hex(), desk.folder / "archive", desk.keyring)
    assert again.open().read() == path.read_bytes()
    assert sum(len(c.row_no) for c in read([again], read_connector(ROOT, POPULATION))) == 30
    frame = 4 + 5 + 12 + 100 + 16
    os.truncate(kept, len(archive.HEAD) + 3 * frame)
    with pytest.raises(SealingError):
        again.open().read()


def test_an_unknown_delivery_names_the_nearest(desk: Desk) -> None:
    from hub.errors import DeclarationError

    with pytest.raises(DeclarationError, match="public_security/population"):
        desk.rows("public_security/populations", population([1]))


def test_a_wrong_file_is_refused_and_recorded(desk: Desk) -> None:
    with pytest.raises(IntakeError) as refused:
        desk.rows("tax/payroll", population([1]))
    assert refused.value.code == "INTAKE_COLUMNS"
    found: list[Any] = desk.database.execute("select status, refusal from batch")
    assert found[0][0] == "refused"
    assert "no header of tax/payroll" in found[0][1]


def test_nothing_is_known_whose_file_is_not_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr("hub.intake.archive.keep", full)
    with pytest.raises(OSError, match="No space left"):
        desk.rows(POPULATION, population([1]))
    assert desk.database.execute("select (select count(*) from batch), (select count(*) from person)") == [(0, 0)]
