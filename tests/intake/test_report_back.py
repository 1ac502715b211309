"""The report that goes back to a department: its own columns and encoding, nothing that runs, nothing that is lost."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake_factory import Desk, name, population, resident_id, uscc, write_csv
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from hub.errors import IntakeError
from hub.intake import BatchReport, replay, report, report_back
from hub.intake.report import guard, unguarded

POPULATION = "public_security/population"
PROJECT = "housing/project"


def written(desk: Desk, batch: int, form: Any = "csv") -> Path:
    path = desk.folder / f"back.{form}"
    report_back(batch, desk.database.engine("writer"), desk.keyring, desk.declarations, path, "officer", form)
    return path


def again(desk: Desk, batch: int, file: Path) -> BatchReport:
    return replay(
        batch, file, engine=desk.database.engine("writer"), keyring=desk.keyring,
        declarations=desk.declarations, archive=desk.folder / "archive", by="officer",
    )  # fmt: skip


@pytest.mark.parametrize(("encoding", "separator", "mark"), [
    ("gb18030", "|", b""), ("utf-8-sig", ",", b"\xef\xbb\xbf"), ("utf-8", "\t", b""), ("utf-16", ";", b"\xff\xfe"),
    ("gb18030", "||", b""),
])  # fmt: skip
def test_it_comes_as_the_delivery_came_and_goes_back_in(desk: Desk, encoding: str, separator: str, mark: bytes) -> None:
    rows = [*population([1]), *population([2], 管理状态="?", 姓名="㛃䶮")]
    spelled = [{"*公民身份号码" if k == "公民身份号码" else k: v for k, v in row.items()} for row in rows]
    path = desk.folder / "x.csv"
    lines = [separator.join(spelled[0]), *(separator.join(row.values()) for row in spelled)]
    path.write_text("\n".join(lines) + "\n", encoding)
    old = desk.load(POPULATION, path)
    assert (old.loaded, old.rejected) == (1, 1)
    back = written(desk, old.batch_id)
    raw = back.read_bytes()
    assert raw.startswith(mark)
    header, row, _ = raw.decode(encoding).split("\r\n")
    assert header.split(separator) == ["数据行号", *spelled[0], "拒绝原因"]
    assert row.split(separator) == ["2", *spelled[1].values(), "管理状态：代码“?”不在约定的代码表中"]
    back.write_text(raw.decode(encoding).replace(f"?{separator}", f"死亡{separator}", 1), encoding, newline="")
    new = again(desk, old.batch_id, back)
    assert (new.declared, new.loaded, new.changed) == (1, 1, 0)
    assert sorted(desk.facts("person", "status")) == [("dead",), ("normal",)]


def test_a_workbook_comes_back_with_its_numbers_whole(desk: Desk) -> None:
    old = desk.rows(POPULATION, [*population([1]), *population([2], 管理状态="?", 户籍详细地址="=1+1")])
    sheet = CalamineWorkbook.from_path(str(written(desk, old.batch_id, "xlsx"))).get_sheet_by_index(0)
    header, row = sheet.to_python()
    assert header == ["数据行号", *population([1])[0], "拒绝原因"]
    assert row[1] == resident_id(2)
    assert row[header.index("户籍详细地址")] == "=1+1"
    assert all(isinstance(cell, str) for cell in row)
    mended = desk.folder / "mended.xlsx"
    with Workbook(mended) as book:
        sheet_again = book.add_worksheet()
        for place, cells in enumerate((header, [7 if cell == "2" else cell for cell in row])):
            for column, cell in enumerate(cells):
                sheet_again.write(place, column, "死亡" if cell == "?" else cell) if cell != "=1+1" else None
        sheet_again.write_number(1, 0, 2)  # as a spreadsheet makes of it what is typed into a cell
    new = again(desk, old.batch_id, mended)
    assert (new.loaded, new.rejected) == (1, 0)
    assert ("dead",) in desk.facts("person", "status")


def test_an_id_that_the_workbook_damaged_after_all_is_rejected_again(desk: Desk) -> None:
    old = desk.rows(POPULATION, [*population([1]), *population([2], 管理状态="?")])
    sheet = CalamineWorkbook.from_path(str(written(desk, old.batch_id, "xlsx"))).get_sheet_by_index(0)
    header, row = sheet.to_python()
    mended = desk.folder / "mended.xlsx"
    with Workbook(mended) as book:
        again_sheet = book.add_worksheet()
        for place, cells in enumerate((header, row)):
            for column, cell in enumerate(cells):
                if place and column == 1:
                    again_sheet.write_number(place, column, float(resident_id(2)[:17] + "0"))
                else:
                    again_sheet.write_string(place, column, "死亡" if cell == "?" else str(cell))
    assert again(desk, old.batch_id, mended).reasons == {"resident_id: stored as a number, its last digits are lost": 1}


def test_a_unit_in_a_header_stays_with_its_column(desk: Desk) -> None:
    """Without it, a sum in ten thousands of yuan would come back as yuan."""
    project = {
        "项目编码": "3710822026010001", "项目名称": "示例小区一期", "总承包单位": "示例公司",
        "总承包单位统一社会信用代码": uscc(1), "合同造价(万元)": "12.5", "施工许可证编号": "", "实际开工日期": "someday",
        "竣工日期": "", "行政区划": "371082001", "行业": "房建", "是否参加工伤": "是",
    }  # fmt: skip
    old = desk.rows(PROJECT, [project, project | {"项目编码": "2", "实际开工日期": "2026-03-02"}])
    back = written(desk, old.batch_id)
    assert "合同造价(万元)" in back.read_text().splitlines()[0]
    back.write_text(back.read_text().replace("someday", "2026-03-01"))
    again(desk, old.batch_id, back)
    assert [str(cost) for (cost,) in desk.facts("project", "cost_yuan")] == ["125000.00"] * 2


def test_two_levels_of_a_header_become_one_that_reads_the_same(desk: Desk) -> None:
    row = population([2], 管理状态="?")[0]
    path = desk.folder / "x.csv"
    upper = ["户籍" if key == "户籍详细地址" else key for key in row]
    lower = ["户籍详细地址" if key == "户籍详细地址" else "" for key in row]
    path.write_text("\n".join(",".join(cells) for cells in (upper, lower, row.values(), population([3])[0].values())))
    old = desk.load(POPULATION, path)
    assert (old.loaded, old.rejected) == (1, 1)
    assert written(desk, old.batch_id).read_text().splitlines()[0] == ",".join(["数据行号", *row, "拒绝原因"])


def test_nobody_else_can_read_it_whoever_made_the_file(desk: Desk) -> None:
    old = desk.rows(POPULATION, [*population([1]), *population([2], 管理状态="?")])
    for form in ("csv", "xlsx"):
        there = desk.folder / f"back.{form}"
        there.write_text("something longer that was here before" * 100)
        there.chmod(0o644)
        assert written(desk, old.batch_id, form).stat().st_mode & 0o777 == 0o600
        assert b"before" not in there.read_bytes()
    details = desk.database.execute(
        "select convert_from(leaf, 'UTF8') from audit_event where kind = 'rejected_rows_exported' order by 1"
    )
    assert ['"form":"csv"' in details[0][0], '"form":"xlsx"' in details[1][0]] == [True, True]


def test_a_formula_in_csv_does_nothing_and_comes_back_as_it_was(desk: Desk) -> None:
    wicked = "=HYPERLINK(1)"
    old = desk.rows(POPULATION, [*population([1]), *population([2], 管理状态="?", 户籍详细地址=wicked, 户号="-5.00")])
    back = written(desk, old.batch_id)
    text = back.read_text()
    assert f",'{wicked}," in text
    assert ",-5.00," in text
    back.write_text(text.replace("?,,", "死亡,,"))
    new = again(desk, old.batch_id, back)
    [(sealed, key)] = desk.database.execute("select sealed, person_key from person where batch_id = %s", new.batch_id)
    assert wicked.encode() in desk.keyring.open(bytes(sealed), b"person:" + key.bytes)


@given(st.text(st.sampled_from("'=+-@\t1.a,%"), max_size=6))
def test_whatever_a_cell_says_it_is_given_back_and_never_runs(cell: str) -> None:
    kept = guard(cell)
    assert unguarded(pl.DataFrame({"c": [kept]}))["c"][0] == cell
    assert kept[:1] not in tuple("=@\t") or not kept
    assert kept[:1] not in ("+", "-") or not set(kept) & set("=@a\t'")


def test_a_workbook_that_would_cut_a_cell_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    old = desk.rows(POPULATION, [*population([1]), *population([2], 管理状态="?")])
    monkeypatch.setattr(report, "MOST_CHARACTERS", 10)
    with pytest.raises(IntakeError, match="--csv"):
        written(desk, old.batch_id, "xlsx")
    monkeypatch.setattr(report, "MOST_ROWS", 0)
    with pytest.raises(IntakeError, match="more than a sheet holds"):
        written(desk, old.batch_id, "xlsx")


def test_of_several_files_the_columns_are_those_of_the_first_then_what_others_add(desk: Desk) -> None:
    first = write_csv(desk.folder / "a.csv", population([1, 2], 管理状态="?"))
    second = write_csv(desk.folder / "b.csv", [{**row, "联系电话": "1"} for row in population([3], 管理状态="?")])
    third = write_csv(desk.folder / "c.csv", population([4]))
    old = desk.load(POPULATION, first, second, third)
    header, *rows = written(desk, old.batch_id).read_text().splitlines()
    assert header == ",".join(["数据行号", *population([1])[0], "联系电话", "拒绝原因"])
    assert [row.split(",")[0] for row in rows] == ["1", "2", "3"]
    assert name(1) in rows[0]
