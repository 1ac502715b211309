"""Every format gives the same rows: XLS, DBF, JSON Lines, Parquet, text; numbers are marked, damage is told."""

import datetime as dt
import json
import string
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from format_files import (
    CREMATION,
    HEADER,
    ROOT,
    WRITERS,
    arrow,
    cells,
    cremated,
    csv,
    dbf,
    given,
    jsonl,
    marked,
    numbers,
    read_all,
    xls,
    xlsx,
)
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from intake_factory import Desk, name, resident_id
from pyarrow import parquet

from hub.errors import IntakeError
from hub.intake import connector_names, read_connector, row_of
from hub.intake.extract import jsonl as json_lines
from hub.intake.map import map_chunk

MONTH = dt.date(2026, 10, 1)
WORDS = st.text(string.ascii_letters + "一丁七龥 ·-㐀", max_size=12)


@drawn(st.lists(st.tuples(st.integers(1, 400), WORDS, st.sampled_from(["2026-10-01", "20261001", "", "2026.10.1", "?"])),
                min_size=1, max_size=6))  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_a_table_says_the_same_in_every_format(drawn_rows: list[tuple[int, str, str]]) -> None:
    rows = [cremated(number, 住址=word, 死亡日期=day) for number, word, day in drawn_rows]
    mapped = {}
    with TemporaryDirectory() as folder:
        for form, write in WRITERS.items():
            found, [report] = read_all(write(Path(folder) / f"x.{form}", rows))
            assert report["format"] == form
            assert numbers(found) == list(range(1, len(rows) + 1))
            parts = [part for chunk in found for part in map_chunk(chunk, CREMATION, MONTH, dt.date(2026, 11, 1))]
            mapped[form] = [(part.good.rows(), part.bad.rows()) for part in parts]
    assert all(one == mapped["csv"] for one in mapped.values())


@pytest.mark.parametrize("form", ["xls", "xlsx", "dbf", "jsonl", "parquet"])
def test_an_id_that_was_a_number_is_damaged_in_every_format(form: str, tmp_path: Path) -> None:
    rows = [cremated(1, 身份证号=float(resident_id(1)[:17])), cremated(2, 身份证号=None)]
    if form == "dbf":
        path = dbf(
            tmp_path / "x.dbf", [{**rows[0], "身份证号": resident_id(1)}, rows[1]], kinds={"身份证号": ("N", 18)}
        )
    else:
        path = WRITERS[form](tmp_path / f"x.{form}", rows)
    found, _ = read_all(path)
    assert marked(found, "身份证号") == [True, False]
    [part] = map_chunk(found[0], CREMATION, MONTH)
    assert "resident_id: stored as a number, its last digits are lost" in part.bad["reasons"].to_list()[0]


def test_an_integer_in_json_is_exact_at_any_length(tmp_path: Path) -> None:
    long = [371082198503120027, 37108219850312002711, 10**30 + 1]
    found, _ = read_all(jsonl(tmp_path / "x.jsonl", [cremated(n, 身份证号=one) for n, one in enumerate(long)]))
    assert cells(found, "身份证号") == [str(one) for one in long]
    assert marked(found, "身份证号") == [False] * 3


def test_values_of_json_become_the_text_that_a_sheet_would_hold(tmp_path: Path) -> None:
    values = [80, 80.5, True, False, None, "80", -0.0, 1e21]
    found, _ = read_all(jsonl(tmp_path / "x.jsonl", [cremated(n, 年龄=one) for n, one in enumerate(values)]))
    assert cells(found, "年龄") == ["80", "80.5", "1", "0", None, "80", "0", "1e+21"]
    assert marked(found, "年龄") == [False, True, False, False, False, False, True, True]


def test_a_key_may_be_missing_in_some_rows_but_not_in_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "BLOCK", 300)
    late = [cremated(n) for n in range(6)]
    for row in late[:4]:
        del row["死亡日期"]
    found, _ = read_all(jsonl(tmp_path / "x.jsonl", late))
    assert numbers(found) == [1, 2, 3, 4, 5, 6]
    assert cells(found[-1:], "死亡日期")[-1] == "2026-10-01"
    with pytest.raises(IntakeError, match="column '死亡日期' is missing"):
        read_all(jsonl(tmp_path / "x.jsonl", late[:4]))


def test_an_undeclared_key_refuses_the_batch_wherever_it_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "BLOCK", 300)
    rows = [*[cremated(n) for n in range(9)], cremated(9, 微信="x")]
    with pytest.raises(IntakeError, match="column '微信' is not declared"):
        read_all(jsonl(tmp_path / "x.jsonl", rows))


ROW = json.dumps(cremated(1), ensure_ascii=False)


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        (ROW[:-9], "INTAKE_FORMAT", "line 3 is no whole JSON object"),
        (ROW + ROW, "INTAKE_FORMAT", "line 3 is no whole JSON object"),
        (ROW + "," + ROW, "INTAKE_FORMAT", "line 3 is no whole JSON object"),
        (ROW.replace('"80"', "NaN"), "INTAKE_FORMAT", "line 3 is no whole JSON object"),
        (ROW.replace('"80"', '{"years": 80}'), "INTAKE_FORMAT", "line 3: '年龄' holds more than one value"),
        (ROW.replace('"80"', "[80]"), "INTAKE_FORMAT", "line 3: '年龄' holds more than one value"),
        (ROW.replace('"姓名"', '"序号"'), "INTAKE_FORMAT", "line 3 is no whole JSON object"),
        ('["a"]', "INTAKE_FORMAT", "line 3 is no JSON object"),
        (ROW.replace("某地", "\\u0000"), "INTAKE_ENCODING", "line 3 holds what is no character"),
        (ROW.replace("某地", "\\ud800"), "INTAKE_ENCODING", "line 3 holds what is no character"),
        ("[" * 100_000, "INTAKE_FORMAT", "line 3 is no"),
    ],
)
def test_a_damaged_line_is_told_by_its_number(line: str, code: str, said: str) -> None:
    with pytest.raises(IntakeError) as refused:
        read_all(given(f"{ROW}\n{ROW}\n{line}\n{ROW}\n".encode(), "x.jsonl"))
    assert refused.value.code == code
    assert said in refused.value.message
    assert resident_id(1) not in str(refused.value)


def test_two_damaged_lines_do_not_make_up_for_each_other() -> None:
    half = ROW.index(', "死亡日期"')  # the first two are one object, the third two: as many as lines
    with pytest.raises(IntakeError, match="line 1 is no whole JSON object"):
        read_all(given(f"{ROW[:half]}\n{ROW[half + 2 :]}\n{ROW},{ROW}\n".encode(), "x.jsonl"))


def test_json_that_is_not_utf_8_is_refused_by_its_line() -> None:
    with pytest.raises(IntakeError, match=r"line 2 is not UTF-8"):
        read_all(given(f"{ROW}\n".encode() + f"{ROW}\n".encode("gb18030"), "x.jsonl"))


def test_an_empty_file_of_json_lines_has_no_rows() -> None:
    assert read_all(given(b"", "x.jsonl")) == (
        [],
        [{"name": "x.jsonl", "format": "jsonl", "encoding": "utf-8", "rows": 0}],
    )


def test_an_xls_has_titles_hidden_sheets_and_days_like_an_xlsx(tmp_path: Path) -> None:
    path = xls(
        tmp_path / "x.xls",
        [cremated(1, 死亡日期=44835), cremated(2, 死亡日期=dt.date(2026, 10, 2))],
        title="火化登记表",
    )
    found, [report] = read_all(path)
    assert {key: report[key] for key in ("title_rows", "sheets", "sheets_passed_over", "rows")} == {
        "title_rows": 1, "sheets": ["火化"], "sheets_passed_over": ["草稿"], "rows": 2,
    }  # fmt: skip
    assert cells(found, "死亡日期")[0] == "44835"


def test_an_xls_that_counts_from_1904_says_so(tmp_path: Path) -> None:
    for from_1904 in (True, False):
        [chunk], _ = read_all(xls(tmp_path / "x.xls", [cremated(1)], from_1904=from_1904))
        assert chunk.epoch_1904 is from_1904


def test_deleted_rows_of_a_dbf_are_left_out_and_counted(tmp_path: Path) -> None:
    found, [report] = read_all(dbf(tmp_path / "x.dbf", [cremated(n) for n in range(5)], deleted=[0, 3]))
    assert cells(found, "姓名") == [name(n) for n in (1, 2, 4)]
    assert numbers(found) == [1, 2, 3]
    assert (report["deleted"], report["rows"]) == (2, 3)


@pytest.mark.parametrize(
    ("encoding", "page", "told"),
    [("gbk", 0x4D, "gb18030"), ("gbk", 0x7A, "gb18030"), ("gbk", 0, "gb18030"), ("utf-8", 0, "utf-8")],
)
def test_a_dbf_is_read_in_its_code_page_or_by_strict_trial(encoding: str, page: int, told: str, tmp_path: Path) -> None:
    rows = [cremated(1, 住址="联通大厦")]  # a word whose bytes in GBK are good UTF-8
    short = {  # of a header in UTF-8 three characters are left: the connector's spellings name them
        field: form.model_copy(update={"from_": list({one[:length]: None for one in form.names for length in (99, 3)})})
        for field, form in CREMATION.fields.items()
    }
    ignored = (*CREMATION.ignored, *(one[:3] for one in CREMATION.ignored))
    connector = CREMATION.model_copy(update={"fields": short, "ignored": ignored})
    found, [report] = read_all(dbf(tmp_path / "x.dbf", rows, encoding=encoding, page=page), connector=connector)
    assert cells(found, "住址") == ["联通大厦"]
    assert report["encoding"] == told


def test_a_dbf_of_another_code_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="code page 0x78, which is neither GBK nor none"):
        read_all(dbf(tmp_path / "x.dbf", [cremated(1)], page=0x78))


def test_numbers_and_blanks_of_a_dbf(tmp_path: Path) -> None:
    ages = ["80.00", "7", "", ".5", "-3.20", "****"]
    rows = [cremated(n, 年龄=age, 死亡日期="20261001" if n else "") for n, age in enumerate(ages)]
    found, _ = read_all(dbf(tmp_path / "x.dbf", rows, kinds={"年龄": ("N", 8), "死亡日期": ("D", 8)}))
    assert cells(found, "年龄") == ["80", "7", None, "0.5", "-3.2", None]
    assert marked(found, "年龄") == [True, True, False, True, True, False]
    assert cells(found, "死亡日期")[:2] == [None, "20261001"]
    [chunk] = found
    assert chunk.broken is not None
    assert chunk.broken.to_list()[-2:] == [None, "row: column '年龄' holds what is no text and no number"]


def test_a_text_cut_within_a_character_by_its_width_loses_that_half_and_says_so(tmp_path: Path) -> None:
    [chunk], [report] = read_all(dbf(tmp_path / "x.dbf", [cremated(1, 住址="荣成市")], kinds={"住址": ("C", 5)}))
    assert chunk.cells["住址"].to_list() == ["荣成"]
    assert report["cut_texts"] == 1
    assert chunk.broken is None or chunk.broken.null_count() == 1


@pytest.mark.parametrize(("change", "said"), [(-400, "ends before the last"), (+400, "holds more")])
def test_a_dbf_without_the_rows_it_says_is_refused(change: int, said: str, tmp_path: Path) -> None:
    content = dbf(tmp_path / "x.dbf", [cremated(n) for n in range(5)]).read_bytes()
    with pytest.raises(IntakeError, match=said):
        read_all(given(content[:change] if change < 0 else content[:-1] + b" " * change, "x.dbf"))


def test_a_memo_column_is_refused_only_where_it_is_taken(tmp_path: Path) -> None:
    memo = {"家属电话": ("M", 10)}
    assert "家属电话" in CREMATION.ignored
    found, _ = read_all(dbf(tmp_path / "x.dbf", [cremated(1)], kinds=memo, version=0x83))
    assert cells(found, "家属电话") == [None]
    with pytest.raises(IntakeError, match="column '死亡日期' is a memo, whose text stands in another file"):
        read_all(dbf(tmp_path / "x.dbf", [cremated(1)], kinds={"死亡日期": ("M", 10)}, version=0x83))


def test_a_header_cut_after_ten_bytes_is_named_with_the_nearest(tmp_path: Path) -> None:
    population = read_connector(ROOT, "public_security/population")
    population = population.model_copy(update={"source": CREMATION.source})
    row = dict.fromkeys((n for field in population.fields.values() for n in field.names[:1]), "")
    with pytest.raises(IntakeError, match=r"column '公民身份号' is not declared \(nearest: '公民身份号码'\)"):
        read_all(dbf(tmp_path / "x.dbf", [row]), connector=population)


def test_typed_columns_of_parquet_become_text(tmp_path: Path) -> None:
    zone = dt.timezone(dt.timedelta(hours=8))
    table = pa.table({
        "姓名": pa.array([name(1), None]).dictionary_encode(),
        "身份证号": [resident_id(1), resident_id(2)],
        "年龄": pa.array([371082198503120027, None], pa.int64()),
        "住址": pa.array([1.5, float("nan")]),
        "死亡日期": pa.array([dt.date(2026, 10, 1), None]),
        "火化日期": pa.array([dt.datetime(2026, 10, 3), dt.datetime(2026, 10, 3, 9, 30)]),  # noqa: DTZ001
        "死亡原因": pa.array([Decimal("12.50"), Decimal("-3.00")]),
        "性别": pa.array([True, False]),
        "发票号": pa.array([dt.datetime(2026, 10, 1, tzinfo=zone), None], pa.timestamp("us", "UTC")),
        "家属电话": pa.nulls(2),
    })  # fmt: skip
    parquet.write_table(table, tmp_path / "x.parquet")
    found, _ = read_all(tmp_path / "x.parquet")
    assert {column: cells(found, column) for column in table.column_names} == {
        "姓名": [name(1), None], "身份证号": [resident_id(1), resident_id(2)], "年龄": ["371082198503120027", None],
        "住址": ["1.5", None], "死亡日期": ["2026-10-01", None], "火化日期": ["2026-10-03", "2026-10-03 09:30:00"],
        "死亡原因": ["12.50", "-3.00"], "性别": ["1", "0"], "发票号": ["2026-10-01", None], "家属电话": [None, None],
    }  # fmt: skip
    assert found[0].numeric.keys() == {"住址"}


@pytest.mark.parametrize("value", [["a"], {"a": 1}, b"\xc8\xd9", dt.timedelta(1)])
def test_a_column_of_parquet_that_is_no_plain_value_is_refused(value: object, tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="column '住址' is "):
        read_all(arrow(tmp_path / "x.parquet", [cremated(1, 住址=value)]))


def test_row_groups_follow_each_other(tmp_path: Path) -> None:
    path = arrow(tmp_path / "x.parquet", [cremated(n) for n in range(95)], row_group_size=10)
    assert numbers(read_all(path)[0]) == list(range(1, 96))


@pytest.mark.parametrize("form", ["csv", "xlsx", "xls", "dbf", "jsonl", "parquet"])
def test_a_file_is_what_its_bytes_say_and_a_wrong_name_is_told(form: str, tmp_path: Path, any_format: Desk) -> None:
    wrong = tmp_path / ("x.xlsx" if form != "xlsx" else "x.csv")
    report = any_format.load(
        "civil_affairs/cremation", WRITERS[form](tmp_path / f"x.{form}", [cremated(1)]).rename(wrong)
    )
    assert (report.loaded, report.files[0]["format"]) == (1, form)
    assert report.warnings == [f"{wrong.name} is {form}, whatever its name says"]


def test_text_of_any_name_is_text(tmp_path: Path) -> None:
    path = csv(tmp_path / "x.TXT", [cremated(1)])
    path.write_bytes(path.read_bytes().replace(b",", b"|"))
    _, [report] = read_all(path)
    assert (report["format"], report["separator"], report["encoding"]) == ("csv", "|", "utf-8")
    assert "named" not in report


@pytest.mark.parametrize("encoding", ["utf-32", "utf-16-le"])
def test_text_in_an_encoding_that_cannot_be_told_is_refused_with_what_to_do(encoding: str, tmp_path: Path) -> None:
    path = csv(tmp_path / "x.txt", [cremated(1)])
    path.write_bytes(path.read_text().encode(encoding))
    with pytest.raises(IntakeError) as refused:
        read_all(path)
    assert refused.value.code == "INTAKE_ENCODING"
    assert "save it as CSV in UTF-8" in refused.value.hint


def test_files_of_several_formats_are_one_batch_in_any_order(tmp_path: Path, any_format: Desk) -> None:
    paths = [
        xls(tmp_path / "1.xls", [cremated(n) for n in range(30)]),
        xls(tmp_path / "2.xls", [cremated(n) for n in range(30, 50)]),
        csv(tmp_path / "3.csv", [cremated(n) for n in range(50, 55)]),
        xlsx(tmp_path / "4.xlsx", [cremated(n) for n in range(55, 60)]),
        dbf(tmp_path / "5.dbf", [cremated(n) for n in range(60, 70)], deleted=[9]),
    ]
    found, _ = read_all(*paths)
    assert numbers(found) == list(range(1, 70))
    desk = any_format
    report = desk.load("civil_affairs/cremation", *paths)
    assert (report.loaded, [file["rows"] for file in report.files]) == (69, [30, 20, 5, 5, 9])
    again = desk.load("civil_affairs/cremation", *reversed(paths))
    assert (again.already, again.batch_id) == (True, report.batch_id)
    known = (desk.database.engine("writer"), desk.keyring, desk.declarations, desk.folder / "archive", "officer")
    assert [row_of(report.batch_id, row, *known)["姓名"] for row in (31, 56, 61)] == [name(30), name(55), name(60)]


def test_one_file_given_twice_is_refused(tmp_path: Path, any_format: Desk) -> None:
    one = csv(tmp_path / "1.csv", [cremated(1)])
    other = csv(tmp_path / "2.csv", [cremated(1)])
    with pytest.raises(IntakeError, match="two files of the batch are the same"):
        any_format.load("civil_affairs/cremation", one, other)


def test_a_connector_takes_every_format_unless_it_says_which(tmp_path: Path) -> None:
    assert set(CREMATION.source.format) == set(WRITERS)
    only = CREMATION.model_copy(update={"source": CREMATION.source.model_copy(update={"format": ("csv",)})})
    with pytest.raises(IntakeError, match=r"x.jsonl is jsonl"):
        read_all(jsonl(tmp_path / "x.jsonl", [cremated(1)]), connector=only)
    for delivery in connector_names(ROOT):
        assert set(read_connector(ROOT, delivery).source.format) <= set(WRITERS)


def test_the_header_of_a_format_without_titles_may_be_spelt_as_in_any_other(tmp_path: Path) -> None:
    rows = [{f"*{column}": cell for column, cell in cremated(1).items()}]
    for form in ("jsonl", "parquet", "dbf"):
        found, _ = read_all(WRITERS[form](tmp_path / f"x.{form}", rows))
        assert sorted(found[0].cells.columns) == sorted(HEADER)


def test_a_column_without_a_header_is_left_out_if_nothing_stands_in_it(tmp_path: Path) -> None:
    rows = [cremated(1) | {"": "  "}, cremated(2) | {"": "x"}]
    assert sorted(read_all(xlsx(tmp_path / "x.xlsx", rows[:1]))[0][0].cells.columns) == sorted(HEADER)
    with pytest.raises(IntakeError, match=r"column 12 of x.xlsx has no header"):
        read_all(xlsx(tmp_path / "x.xlsx", rows))
