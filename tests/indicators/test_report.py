"""Reports: what is published, in the shape of the annex, as JSON and as a workbook; each one recorded."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import python_calamine
from indicator_city import MEASURES, TARGETS, IndicatorCity, staffed

from hub.errors import IndicatorError
from hub.indicators.report import as_json, report, write
from hub.indicators.workbook import as_workbook

NAMES = {"371082100": "俚岛镇", "371082101": "成山镇"}
AREAS = {"320902": "亭湖区", "320903": "盐都区", "320981": "东台市"}


def content(city: IndicatorCity, kind: Any = "month", month: date = date(2026, 10, 1)) -> dict[str, Any]:
    with city.reader.connect() as connection:
        return report(connection, kind, month, MEASURES, TARGETS, NAMES)


@pytest.fixture
def yancheng(city: IndicatorCity) -> IndicatorCity:
    """盐城 in October 2024: three of its districts, and no other delivery than of the employee pension."""
    month = date(2024, 10, 1)
    people = [(area, f"{area}-{number}", number) for area in AREAS for number in range(60)]
    city.deliver("m/r", "employer", *({"employer": area, "area": area} for area in AREAS), period=month)
    spells = [
        {"person": who, "employer": area, "starts_on": date(2024, 3, 1) if number < 30 else date(2020, 1, 1)}
        for area, who, number in people
    ]
    city.deliver("human_resources/enrollment", "enrollment", *spells, period=month)
    city.deliver("human_resources/resident_pension", "enrollment", period=month)
    release = city.compute(month=month, region="320900")
    city.publish(release.id)
    return city


def test_a_report_has_the_annexs_rows_and_columns_with_targets_progress_and_rank(yancheng: IndicatorCity) -> None:
    told = content(yancheng, month=date(2024, 10, 1))
    assert (told["title"], told["period"], told["complete"]) == ("月度报告", "2024-10", True)
    [policy] = told["policies"]
    assert [one["name"] for one in policy["areas"]] == [
        "全市", "市本级", "亭湖区", "盐南高新区", "开发区", "盐都区", "大丰区", "响水县", "滨海县", "阜宁县", "射阳县",
        "建湖县", "东台市",
    ]  # fmt: skip
    assert policy["indicators"][0] | {"title": "年新增参保人数", "unit": "人"} == policy["indicators"][0]
    rows = {one["name"]: one["figures"][0] for one in policy["areas"]}
    assert (rows["全市"]["value"], rows["全市"]["target"], rows["全市"]["state"]) == (90, 80_000, "behind")
    assert (rows["亭湖区"]["value"], rows["亭湖区"]["target"], rows["亭湖区"]["rank"]) == (30, 8_400, 2)
    assert (rows["盐都区"]["rank"], rows["东台市"]["rank"]) == (1, 3)
    assert rows["市本级"]["because"] == "no figure tells of this area"
    medical = policy["areas"][0]["figures"][1]
    assert (medical["state"], medical["value"]) == ("unknown", None)
    assert "medical_insurance/employee_enrollment was never delivered" in medical["because"]


def test_the_workbook_shows_the_same_in_chinese(yancheng: IndicatorCity, tmp_path: Path) -> None:
    told = content(yancheng, month=date(2024, 10, 1))
    path = tmp_path / "report.xlsx"
    path.write_bytes(as_workbook(told))
    book = python_calamine.CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["盐城市社会保险扩面征缴三年提升行动计划（2022—2024年）", "全部指标", "说明"]
    rows = book.get_sheet_by_name(book.sheet_names[0]).to_python()
    assert rows[0][0].endswith("目标任务完成情况（月度报告 2024-10，数据截至2024-10）")
    assert rows[1][:2] == ["地 区", "年新增参保人数（企业职工基本养老保险） 人"]
    assert rows[2][1:7] == ["完成值", "目标值", "完成率（%）", "较上期", "进度", "排名"]
    assert rows[3][:7] == ["全市", 90, "≥80000", 0.11, "", "落后", ""]
    assert rows[5][:7] == ["亭湖区", 30, "≥8400", 0.36, "", "落后", 2]
    assert rows[3][7] == "未知"
    assert rows[1][-1] == "已完成项数"
    notes = "\n".join(str(row[0]) for row in book.get_sheet_by_name("说明").to_python())
    assert "human_resources/enrollment 2024-10" in notes
    assert "was never delivered" in notes


def test_a_hidden_figure_is_a_star_in_the_workbook_and_null_in_json(city: IndicatorCity, tmp_path: Path) -> None:
    staffed(city, {"371082100": 40, "371082101": 61}, {"371082100": 37, "371082101": 50})
    city.publish(city.compute("payment_rate", "interruption_rate").id)
    told = content(city)
    figures = {one["name"]: one for one in orjson.loads(as_json(told))["figures"]}
    assert figures["全市"]["value"] == 85
    for name in NAMES.values():
        one = figures[name]
        assert (one["state"], one["numerator"], one["denominator"], one["value"]) == ("hidden", None, None, None)
    (tmp_path / "r.xlsx").write_bytes(as_workbook(told))
    rows = python_calamine.CalamineWorkbook.from_path(tmp_path / "r.xlsx").get_sheet_by_name("全部指标").to_python()
    assert [row[3:6] + row[9:10] for row in rows if row[2] == "俚岛镇"] == [["", "", "", "＊"]]


def test_a_quarter_and_a_year_go_by_their_last_published_month_and_say_whether_they_are_complete(
    city: IndicatorCity,
) -> None:
    staffed(city, {"371082100": 40}, {"371082100": 20})
    with pytest.raises(IndicatorError, match="no month of 2026-Q4 is published"):
        content(city, "quarter")
    city.publish(city.compute("new_enrollment").id)
    quarter, year = content(city, "quarter"), content(city, "year", date(2026, 3, 1))
    assert (quarter["title"], quarter["period"], quarter["month"], quarter["complete"]) == (
        "季度检查", "2026-Q4", "2026-10", False,
    )  # fmt: skip
    assert (year["title"], year["period"], year["month"]) == ("年度考评", "2026", "2026-10")
    with pytest.raises(IndicatorError, match="no month of 2026-Q3 is published"):
        content(city, "quarter", date(2026, 9, 1))


def test_a_figure_is_compared_with_those_published_of_the_period_before_and_of_last_year(city: IndicatorCity) -> None:
    begun = [date(2026, 10, 1)] * 20 + [date(2026, 9, 1)] * 30 + [date(2025, 2, 1)] * 10
    people = [{"person": f"P{n}", "employer": "E", "starts_on": day} for n, day in enumerate(begun)]
    city.deliver("m/r", "employer", {"employer": "E", "area": "371082100"})
    city.deliver("human_resources/enrollment", "enrollment", *people)
    city.deliver("human_resources/resident_pension", "enrollment")
    for month in (date(2025, 10, 1), date(2026, 9, 1), date(2026, 10, 1)):
        city.publish(city.compute("new_enrollment", month=month).id)
    [figure] = [
        one for one in content(city)["figures"] if (one["insurance"], one["area"]) == ("employee_pension", "371082100")
    ]
    assert (figure["value"], figure["before"], figure["last_year"]) == (50, 30, 10)


def test_a_report_is_recorded_before_it_is_written(
    city: IndicatorCity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staffed(city, {"371082100": 40}, {"371082100": 20})
    city.publish(city.compute("payment_rate", "interruption_rate").id)
    known: Any = {
        "writer": city.writer,
        "signer": city.signer,
        "at": datetime(2026, 11, 9, tzinfo=UTC),
        "by": "officer",
    }
    write(content(city), tmp_path / "r.json", "json", **known)
    [event] = city.events("report_written")
    assert (event["details"]["kind"], event["details"]["period"], event["details"]["by"]) == (
        "month",
        "2026-10",
        "officer",
    )
    assert orjson.loads((tmp_path / "r.json").read_bytes())["release"] == event["details"]["release"]

    def fails(*_: Any) -> None:
        raise RuntimeError("the log is not there")

    monkeypatch.setattr("hub.indicators.report.record_sync", fails)
    with pytest.raises(RuntimeError):
        write(content(city), tmp_path / "never.json", "json", **known)
    assert not (tmp_path / "never.json").exists()
