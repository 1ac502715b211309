"""What a delivery no longer says as declared: told whole, by name, with the nearest known one; and nobody named."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from intake_factory import Desk, name, population, resident_id, uscc, write_csv

from hub.errors import IntakeError
from hub.intake import read_connector
from hub.intake.drift import told, unknown_codes

ROOT = Path(__file__).resolve().parents[2]
POPULATION = "public_security/population"
PAYROLL = "tax/payroll"


def payroll(number: int, income: str = "5000") -> dict[str, str]:
    return {
        "扣缴义务人识别号": uscc(1), "扣缴义务人名称": "示例公司", "姓名": name(number), "证件类型": "居民身份证",
        "证件号码": resident_id(number), "税款所属期起": "2026-10", "所得项目": "正常工资薪金", "本期收入": income,
    }  # fmt: skip


def test_unknown_columns_and_unknown_codes_are_told_in_one_message(desk: Desk) -> None:
    rows = population(range(10))
    for row in rows[:3]:
        row["管理状态"] = "死广"
    renamed = [{("姓名字" if k == "姓名" else k): v for k, v in row.items()} for row in population(range(10, 20))]
    renamed[0]["性别"] = "丙"
    first = write_csv(desk.folder / "first.csv", [row | {"血型": "A"} for row in rows])
    second = write_csv(desk.folder / "second.csv", renamed)
    with pytest.raises(IntakeError) as refused:
        desk.load(POPULATION, first, second)
    assert refused.value.code == "INTAKE_COLUMNS"
    said = str(refused.value)
    assert "first.csv does not have the columns" in said
    assert "column '血型' is not declared" in said
    assert "second.csv does not have the columns" in said
    assert "column '姓名字' is not declared (nearest: '姓名')" in said
    assert "column '姓名' is missing" in said
    assert "'死广' in column '管理状态' (3 rows; nearest: '死亡')" in said
    assert "'丙' in column '性别' (1 rows" in said
    assert desk.database.execute("select status, refusal from batch") == [("refused", f"INTAKE_COLUMNS: {said}")]


def test_one_refusal_for_codes_lists_each_with_the_nearest(strict_desk: Desk) -> None:
    rows = population(range(600))
    for n, row in enumerate(rows[:90]):
        row["管理状态"] = ("死广", "迁岀", "Q7")[n % 3]
    with pytest.raises(IntakeError) as refused:
        strict_desk.load(POPULATION, write_csv(strict_desk.folder / "x.csv", rows))
    assert refused.value.code == "INTAKE_REJECTED"
    assert "'Q7' in column '管理状态' (30 rows)" in refused.value.detail
    assert "'死广' in column '管理状态' (30 rows; nearest: '死亡')" in refused.value.detail
    assert "'迁岀' in column '管理状态' (30 rows; nearest: '迁出')" in refused.value.detail


def test_unknown_codes_within_the_expected_share_are_warned_of(desk: Desk) -> None:
    rows = population(range(20))
    rows[0]["管理状态"] = rows[1]["管理状态"] = "死广"
    report = desk.rows(POPULATION, rows)
    assert (report.loaded, report.rejected) == (18, 2)
    assert report.warnings == ["unknown codes: '死广' in column '管理状态' (2 rows; nearest: '死亡')"]


def test_an_unknown_insurance_is_an_unknown_code(desk: Desk) -> None:
    unit = {
        "单位编号": "37108200001", "单位名称": "示例公司", "统一社会信用代码": uscc(1), "险种": "111", "参保日期": "20200401",
        "参保状态": "1", "在职人数": "1",
    }  # fmt: skip
    report = desk.rows("human_resources/employer_enrollment", [unit])
    [warning] = report.warnings
    assert warning.startswith("unknown codes: '111' in column '险种' (1 rows; nearest: '")


def test_a_name_or_a_number_in_the_place_of_a_code_is_not_quoted(desk: Desk) -> None:
    rows = population(range(20))
    for n, row in enumerate(rows):
        row["管理状态"] = name(n) if n % 2 else resident_id(n + 100)
    with pytest.raises(IntakeError) as refused:
        desk.rows(POPULATION, [row | {"血型": "A"} for row in rows])
    said = str(refused.value)
    assert "'…' in column '管理状态' (20 rows)" in said
    assert not any(name(n) in said or resident_id(n + 100) in said for n in range(20))


def test_a_long_list_of_codes_is_cut_and_says_so() -> None:
    connector = read_connector(ROOT, POPULATION)
    reasons = Counter({f"status: unknown code 'X{n}'": 40 - n for n in range(35)} | {"name: nothing is given": 99})
    said = told(unknown_codes(reasons, connector))
    assert said.startswith("unknown codes: 'X0' in column '管理状态' (40 rows)")
    assert said.endswith("; and 5 more")
    assert told([]) == ""


def test_more_rows_than_expected_and_rows_that_say_it_twice_are_warned_of(desk: Desk) -> None:
    file = desk.declarations / "connectors" / f"{POPULATION}.toml"
    text = file.read_text()
    bounds = text[text.index("rows     = ") :].partition("\n")[0]
    file.write_text(text.replace(bounds, "rows     = { min = 0, max = 5 }"))
    report = desk.rows(POPULATION, [*population(range(4)), *population([1, 2]), *population([3], 管理状态="死亡")])
    assert report.warnings == [
        "7 rows, where at most 5 are expected",
        "4 rows say what another row says: 2 the same, 2 with other values",
    ]


def test_a_month_loaded_again_is_told_as_what_it_is(desk: Desk) -> None:
    first = desk.rows(POPULATION, population(range(5)))
    assert first.warnings == []
    [warning] = desk.rows(POPULATION, population(range(4))).warnings
    assert f"2026-10 has been loaded before from other files, as batch {first.batch_id} (5 rows, " in warning
    assert warning.endswith("this snapshot replaces it, and what it no longer holds has ended")
    assert desk.rows(POPULATION, population(range(4)), period=date(2026, 11, 1)).warnings == []
    desk.rows(PAYROLL, [payroll(1)])
    [warning] = desk.rows(PAYROLL, [payroll(2)]).warnings
    assert "these rows are added to it" in warning
    assert len(desk.facts("payroll")) == 2
