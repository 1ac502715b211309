"""Reading files: encodings by strict trial, separators, headers on two levels, notes, numbers in cells, damage."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intake_factory import Desk, name, population, resident_id, uscc, write_csv
from xlsxwriter import Workbook

from hub.errors import IntakeError
from hub.intake import read_connector
from hub.intake.connector import Connector
from hub.intake.extract import Chunk, Delivered, Report, csv, read

ROOT = Path(__file__).resolve().parents[2]
POPULATION = read_connector(ROOT, "public_security/population")
CREMATION = read_connector(ROOT, "civil_affairs/cremation")
HEADER = ["序号", "姓名", "性别", "年龄", "住址", "身份证号", "死亡日期", "火化日期", "死亡原因", "家属电话", "发票号"]


def chunks(connector: Connector, *paths: Path) -> tuple[list[Chunk], list[Report]]:
    reports: list[Report] = []
    return list(read([Delivered.at(path) for path in paths], connector, reports)), reports


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", "|", ";"])
def test_an_encoding_and_a_separator_are_found_and_reported(encoding: str, separator: str, tmp_path: Path) -> None:
    rows = population(range(3), 姓名="㛃䶮𠅤")
    [chunk], [report] = chunks(POPULATION, write_csv(tmp_path / "人口.csv", rows, encoding, separator))
    assert report["encoding"] == encoding
    assert report["separator"] == separator
    assert chunk.cells["姓名"].to_list() == ["㛃䶮𠅤"] * 3
    assert chunk.row_no.to_list() == [1, 2, 3]


def test_utf_8_is_tried_first_although_gb18030_would_decode_it(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("你好,你好\n")
    assert path.read_bytes().decode("gb18030", "strict") != "你好,你好\n"
    assert csv.encoding(Delivered.at(path)) == "utf-8"


@pytest.mark.parametrize("damage", [b"\x00", b"\xff\xfe\xfd\x80,\xff", "姓".encode()[:2]])
def test_bytes_of_no_encoding_refuse_the_file(damage: bytes, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", population(range(2)))
    path.write_bytes(path.read_bytes() + damage)
    with pytest.raises(IntakeError) as refused:
        chunks(POPULATION, path)
    assert refused.value.code == "INTAKE_ENCODING"


def test_a_file_larger_than_a_block_keeps_every_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "BLOCK", 1000)
    rows = population(range(100))
    for odd, row in enumerate(rows):
        row["户籍详细地址"] = ('山东省,"荣成"\n一路' if odd % 3 == 0 else "荣成市") + str(odd)
    found, _ = chunks(POPULATION, write_csv(tmp_path / "x.csv", rows, "gb18030"))
    assert [n for chunk in found for n in chunk.row_no] == list(range(1, 101))
    assert [cell for chunk in found for cell in chunk.cells["户籍详细地址"]] == [row["户籍详细地址"] for row in rows]
    assert len(found) > 5


def test_rows_of_another_width_are_rows_and_say_so(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", population(range(3)))
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[1] + ",one,more", lines[2].rsplit(",", 2)[0], lines[3]]) + "\n")
    [chunk], _ = chunks(POPULATION, path)
    assert chunk.broken is not None
    assert chunk.broken.to_list() == [
        "row: 17 columns, where the header has 15", "row: 13 columns, where the header has 15", None,
    ]  # fmt: skip


@pytest.mark.parametrize("quoted", [False, True])
def test_a_row_too_long_does_not_hide_one_too_short(quoted: bool, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", population(range(4)))
    lines = path.read_text().splitlines()
    lines[1] += "," + ('""' if quoted else "")
    lines[3] = lines[3].removesuffix(",")
    path.write_text("\n".join([*lines, ""]))
    [chunk], _ = chunks(POPULATION, path)
    assert chunk.broken is not None
    assert [reason and reason[:15] for reason in chunk.broken] == ["row: 16 columns", None, "row: 14 columns", None]


def test_many_plain_blocks_are_read_as_one_would_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_csv(tmp_path / "x.csv", population(range(200)), separator="\t", title="人口基本信息")
    whole, _ = chunks(POPULATION, path)
    monkeypatch.setattr(csv, "BLOCK", 3000)
    parts, _ = chunks(POPULATION, path)
    assert len(parts) > 5
    assert [row for part in parts for row in part.cells.rows()] == whole[0].cells.rows()


@given(
    st.lists(st.sampled_from([b"a", b"\n", "荣".encode(), "é".encode(), "𠅤".encode(), b"\x80", b"\xe8"]), max_size=12)
)
@settings(deadline=None)
def test_utf8_is_told_as_a_decoder_tells_it_wherever_a_block_ends(pieces: list[bytes]) -> None:
    content = b"".join(pieces)
    try:
        content.decode()
        expected = True
    except UnicodeDecodeError:
        expected = False
    for size in range(1, 6):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(csv, "BLOCK", size)
            assert csv._is_utf8(Delivered("x.csv", lambda: BytesIO(content))) is expected


CELL = st.sampled_from(["", "荣成", '"荣,成"', '"a""b"', '"', 'a"b', '"a"b', '"two\nlines"', " "])


@given(st.lists(st.lists(CELL, min_size=1, max_size=4), min_size=1, max_size=12), st.booleans())
@settings(deadline=None)
def test_rows_without_quotation_marks_read_the_same_by_themselves(rows: list[list[str]], ended: bool) -> None:
    block = "\n".join(",".join(row) for row in rows).encode() + b"\n" * ended
    read = {}
    for few in (-1.0, 9.0):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(csv, "_FEW", few)
            cells, broken = csv._cells(block, ",", 3, 0)
        refused = [False] * len(cells) if broken is None else broken.is_not_null().to_list()
        rows_read = [["" if cell is None else cell for cell in row] for row in cells.rows()]
        # one without anything is left out later, whatever is said of it
        read[few] = [None if bad else row for row, bad in zip(rows_read, refused, strict=True) if any(row)]
    assert read[9.0] == read[-1.0]


def test_a_file_of_nothing_but_its_header_has_no_rows(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", population([1]))
    for end in ("", "\n"):
        path.write_text(path.read_text().splitlines()[0] + end)
        assert chunks(POPULATION, path)[0] == []


def test_a_quotation_that_never_ends_refuses_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "BLOCK", 100)
    monkeypatch.setattr(csv, "LONGEST", 2000)
    path = write_csv(tmp_path / "x.csv", population(range(50)))
    path.write_text(path.read_text().replace("荣成市", '"荣成市', 1))
    with pytest.raises(IntakeError, match="never closed"):
        chunks(POPULATION, path)


def test_rows_are_counted_over_all_files_of_a_delivery(tmp_path: Path) -> None:
    first = write_csv(tmp_path / "1.csv", population(range(3)))
    second = write_csv(tmp_path / "2.csv", population(range(3, 5)), "gb18030")
    found, reports = chunks(POPULATION, first, second)
    assert [n for chunk in found for n in chunk.row_no] == [1, 2, 3, 4, 5]
    assert [report["encoding"] for report in reports] == ["utf-8", "gb18030"]


def test_an_undeclared_column_refuses_the_batch_and_names_the_nearest(tmp_path: Path) -> None:
    rows = [{**row, "公民身分号码": ""} for row in population(range(2))]
    with pytest.raises(IntakeError) as refused:
        chunks(POPULATION, write_csv(tmp_path / "x.csv", rows))
    assert "column '公民身分号码' is not declared (nearest: '公民身份号码')" in refused.value.detail


def test_a_missing_column_refuses_the_batch(tmp_path: Path) -> None:
    rows = [{k: v for k, v in row.items() if k != "管理状态"} for row in population(range(2))]
    with pytest.raises(IntakeError, match="column '管理状态' is missing"):
        chunks(POPULATION, write_csv(tmp_path / "x.csv", rows))


def test_a_column_that_stands_twice_refuses_the_batch(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", population(range(2)))
    path.write_text(path.read_text().replace("曾用名", "姓名"))
    with pytest.raises(IntakeError, match="column '姓名' stands twice"):
        chunks(POPULATION, path)


def workbook(path: Path, rows: list[list[object]], *, notes: bool = True) -> Path:
    """As a funeral home delivers it: a merged title, the header, the rows, a total and a note, a second sheet."""
    book = Workbook(path)
    sheet = book.add_worksheet("火化")
    sheet.merge_range(0, 0, 0, len(HEADER) - 1, "荣成市2026年10月火化登记表（合成数据）")
    sheet.write_row(1, 0, HEADER)
    for number, row in enumerate(rows, 2):
        sheet.write_row(number, 0, row)
    if notes:
        sheet.write_row(len(rows) + 3, 0, ["合计", len(rows)])
        sheet.write(len(rows) + 4, 0, "注：本表由系统导出")
    book.add_worksheet("说明").write(0, 0, "无数据")
    hidden = book.add_worksheet("草稿")
    hidden.write_row(0, 0, HEADER)
    hidden.hide()
    book.close()
    return path


def cremated(number: int, document: object | None = None) -> list[object]:
    given = resident_id(number) if document is None else document
    return [number, name(number), "男", 80, "某地", given, "2026-10-01", "2026-10-03", "某病", "", "F1"]


def test_titles_totals_notes_and_other_sheets_are_left_out_and_counted(tmp_path: Path) -> None:
    [chunk], [report] = chunks(CREMATION, workbook(tmp_path / "x.xlsx", [cremated(1), cremated(2)]))
    assert chunk.cells["身份证号"].to_list() == [resident_id(1), resident_id(2)]
    assert {key: report[key] for key in ("title_rows", "totals", "notes", "sheets", "sheets_passed_over")} == {
        "title_rows": 1, "totals": 1, "notes": 1, "sheets": ["火化"], "sheets_passed_over": ["说明", "草稿"],
    }  # fmt: skip


def test_an_id_in_a_numeric_cell_is_rejected_as_damaged(tmp_path: Path, desk: Desk) -> None:
    rows = [cremated(1), cremated(2, float(resident_id(2)[:17] + "0"))]
    report = desk.load("civil_affairs/cremation", workbook(tmp_path / "x.xlsx", rows))
    assert (report.declared, report.loaded) == (2, 1)
    assert report.reasons == {"resident_id: stored as a number, its last digits are lost": 1}


def test_a_long_sheet_is_read_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.intake.extract.workbook.ROWS", 10)
    found, _ = chunks(CREMATION, workbook(tmp_path / "x.xlsx", [cremated(n) for n in range(45)]))
    assert [n for chunk in found for n in chunk.row_no] == list(range(1, 46))
    assert len(found) > 3


def test_a_header_on_two_levels_is_read_as_one(tmp_path: Path) -> None:
    book = Workbook(tmp_path / "x.xlsx")
    sheet = book.add_worksheet()
    sheet.write(0, 0, "火化登记表")
    sheet.merge_range(1, 0, 1, 2, "逝者")
    sheet.write_row(1, 3, ["死亡", "火化"])
    sheet.merge_range(1, 5, 1, 6, "死亡")
    sheet.write_row(2, 0, ["姓名", "身份证\n号*", "年龄", "日期", "日期", "原因", ""])
    sheet.write_row(3, 0, [name(1), resident_id(1), 80, "2026-10-01", "2026-10-03", "某病"])
    book.close()
    [chunk], [report] = chunks(CREMATION, tmp_path / "x.xlsx")
    assert chunk.cells.row(0) == (name(1), resident_id(1), "80", "2026-10-01", "2026-10-03", "某病")
    assert report["title_rows"] == 1


@pytest.mark.parametrize("content", [b"PK\x03\x04 nothing else", b"\xd0\xcf\x11\xe0 an old workbook"])
def test_what_is_no_workbook_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(content)
    with pytest.raises(IntakeError) as refused:
        chunks(CREMATION, tmp_path / "x.xlsx")
    assert refused.value.code == "INTAKE_FORMAT"


def test_a_cut_off_workbook_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", [cremated(n) for n in range(50)])
    path.write_bytes(path.read_bytes()[:-600])
    with pytest.raises(IntakeError, match="not a whole workbook"):
        chunks(CREMATION, path)


def test_a_header_may_name_ten_thousands_of_yuan(tmp_path: Path, desk: Desk) -> None:
    row = {
        "项目编码": "P1", "项目名称": "示例", "总承包单位": "", "总承包单位统一社会信用代码": "", "施工许可证编号": "",
        "合同造价（万元）": "1.5", "实际开工日期": "", "竣工日期": "", "行政区划": "", "行业": "房建", "是否参加工伤": "是",
    }  # fmt: skip
    assert desk.rows("housing/project", [row]).loaded == 1
    assert [str(cost) for (cost,) in desk.facts("project", "cost_yuan")] == ["15000.00"]


def test_groups_of_columns_about_one_insurance_each_become_a_row_each(tmp_path: Path, desk: Desk) -> None:
    book = Workbook(tmp_path / "x.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["社会保险费征缴表"])
    for place, heading in enumerate(["纳税人识别号", "企业名称", "费款所属期", "电子税票号", "入库日期"]):
        sheet.write(1, place, heading)
    figures = ["缴费人数", "应缴费额(元)", "实缴费额(元)"]
    for place, insurance in ((5, "养老保险"), (8, "失业保险"), (11, "工伤保险")):
        sheet.write(1, place, insurance)
        sheet.write_row(2, place, figures)
    sheet.write_row(3, 0, [uscc(1), "示例公司", "202609", "337101261000000021", "2026-10-12", "2", "2400", "2400"])
    sheet.write_row(3, 11, ["3", "60", "-60"])
    book.close()
    report = desk.load("tax/collection_wide", tmp_path / "x.xlsx")
    assert (report.declared, report.loaded) == (2, 2)
    facts = desk.facts("collection", "insurance, headcount, due_yuan::int, paid_yuan::int")
    assert sorted(facts) == [("employee_pension", 2, 2400, 2400), ("injury", 3, 60, -60)]


def test_a_text_that_ends_in_the_midst_of_a_row_was_cut_off(strict_desk: Desk) -> None:
    path = write_csv(strict_desk.folder / "x.csv", population(range(600)))
    whole = path.read_text().splitlines(keepends=True)
    path.write_text("".join(whole[:580]) + whole[580][:60])
    with pytest.raises(IntakeError, match="ends in the midst of a row"):
        strict_desk.load("public_security/population", path)
    path.write_text("".join(whole).rstrip("\n"))  # without its last line break only
    assert strict_desk.load("public_security/population", path).loaded == 600
