"""How good a batch is: counted over what was declared, compared with the batch before, naming nobody."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intake_factory import Desk, name, population, resident_id, uscc

from hub.errors import IntakeError
from hub.intake import BatchReport, read_connector, spark, trend
from hub.intake.extract import Chunk
from hub.intake.map import map_chunk
from hub.intake.quality import Quality, counted, distance, measures

ROOT = Path(__file__).resolve().parents[2]
POPULATION = "public_security/population"
PAYROLL = "tax/payroll"


def kept(desk: Desk) -> list[Any]:
    return [one for (one,) in desk.database.execute("select quality from batch order by id")]


def payroll(number: int, employer: int = 1, **changes: str) -> dict[str, str]:
    return {
        "扣缴义务人识别号": uscc(employer), "扣缴义务人名称": "示例公司", "姓名": name(number), "证件类型": "",
        "证件号码": resident_id(number), "税款所属期起": "2026-10", "所得项目": "正常工资薪金", "本期收入": "5000",
    } | changes  # fmt: skip


def test_what_is_filled_valid_and_matched_is_counted_over_declared_rows(desk: Desk) -> None:
    desk.rows(POPULATION, population([1, 2]))
    rows = [
        payroll(1), payroll(2, 2), payroll(3, 3), payroll(4, 3, 本期收入="many"), payroll(5, 证件号码="1", 本期收入=""),
        payroll(1, 证件号码="", 所得项目="年终分红"),
    ]  # fmt: skip
    assert desk.rows(PAYROLL, rows).rejected == 3
    quality = kept(desk)[-1]
    assert quality["rows"] == 6
    assert quality["fields"]["yuan"] == {"filled": 5, "valid": 4}
    assert quality["fields"]["resident_id"] == {"filled": 5, "valid": 4}
    assert quality["fields"]["income"] == {"filled": 6, "valid": 5}
    assert quality["fields"]["name"] == {"filled": 6, "valid": 6}
    assert quality["matched"] == {"person": 2, "employer": 0}
    assert quality["codes"]["income"] == {"wage": 5}
    desk.rows(PAYROLL, [payroll(3, 9), payroll(6, 1)])
    assert kept(desk)[-1]["matched"] == {"person": 1, "employer": 1}


def test_a_household_is_counted_by_its_members(desk: Desk) -> None:
    row = {"低保证号": "D1", "户主姓名": name(1), "户主证件号": resident_id(1)}
    for n in range(1, 6):
        row |= {f"成员姓名{n}": name(n) if n < 4 else "", f"证件号{n}": resident_id(n) if n < 3 else ""}
    desk.rows("civil_affairs/low_income", [row | {"起始年月": "202401", "终止年月": "", "乡镇": "", "状态": "正常"}])
    quality = kept(desk)[-1]
    assert quality["rows"] == 4
    assert quality["fields"]["resident_id"] == {"filled": 3, "valid": 3}


def told(report: BatchReport) -> list[str]:
    """What is warned about of quality."""
    return [words for words in report.warnings if words.startswith("quality: ")]


def big(numbers: range, **changes: str) -> list[dict[str, str]]:
    return population(numbers, **changes)


def test_a_share_that_fell_and_codes_that_moved_are_warned_about_by_name(desk: Desk) -> None:
    first = desk.rows(POPULATION, big(range(300)))
    rows = [*big(range(200)), *big(range(200, 300), 民族="", 管理状态="迁出")]
    report = desk.rows(POPULATION, rows, period=date(2026, 11, 1))
    assert told(report) == [
        f"quality: ethnicity filled fell to 67% of the rows, from 100% in batch {first.batch_id}",
        f"quality: ethnicity valid fell to 67% of the rows, from 100% in batch {first.batch_id}",
        f"quality: the codes of status moved by 33%: 'moved_out' is 33%, from 0% in batch {first.batch_id}",
    ]


def test_what_moves_within_the_limit_and_what_is_small_is_not_warned_about(desk: Desk) -> None:
    desk.rows(POPULATION, big(range(300)))
    near = [*big(range(260)), *big(range(260, 300), 民族="", 管理状态="迁出")]
    assert told(desk.rows(POPULATION, near)) == []
    assert told(desk.rows(POPULATION, big(range(199), 民族=""))) == []


def test_the_connector_may_say_how_much_is_too_much(desk: Desk) -> None:
    file = desk.declarations / "connectors" / f"{POPULATION}.toml"
    file.write_text(file.read_text().replace("[expect]\n", "[expect]\ndrift = { max = 0.01, rows = 2 }\n"))
    desk.rows(POPULATION, big(range(20)))
    assert len(told(desk.rows(POPULATION, [*big(range(19)), *big(range(19, 20), 民族="")]))) == 2


def test_a_refused_batch_is_counted_and_compared_with_nothing_later(strict_desk: Desk) -> None:
    desk = strict_desk
    desk.rows(POPULATION, big(range(600)))
    with pytest.raises(IntakeError):
        desk.rows(POPULATION, [*big(range(300)), *big(range(300, 600), 管理状态="?")])
    assert kept(desk)[-1]["fields"]["status"] == {"filled": 600, "valid": 300}
    assert told(desk.rows(POPULATION, big(range(601)))) == []


def test_the_trend_tells_the_last_batches_the_oldest_first(desk: Desk) -> None:
    for month, missing in ((8, 0), (9, 5), (10, 10)):
        rows = [*big(range(missing), 民族=""), *big(range(missing, 10))]
        desk.rows(POPULATION, rows, period=date(2026, month, 1))
    with desk.database.engine("reader").connect() as connection:
        batches, found = trend(connection, POPULATION, 2)
        assert [period.month for _, period in batches] == [9, 10]
        _, found = trend(connection, POPULATION, 9)
    shares = {one.name: one.shares for one in found}
    assert shares["ethnicity filled"] == [1.0, 0.5, 0.0]
    assert shares["status codes moved"] == [None, 0.0, 0.0]
    assert spark(shares["ethnicity filled"]) == "█▅▁"
    assert spark([None, 0.99]) == " █"


def test_what_is_kept_names_nobody(desk: Desk) -> None:
    desk.rows(POPULATION, population(range(5), 性别="某某"))
    desk.rows(PAYROLL, [payroll(n, 所得项目=name(n)) for n in range(5)])
    told = str(kept(desk))
    for number in range(5):
        assert resident_id(number) not in told
        assert name(number) not in told
    assert "某某" not in told


CELL = st.sampled_from(["", "无", "?", "正常", "死亡", "男", "汉", resident_id(1), resident_id(2), name(1), "20260101"])


@given(st.lists(st.lists(CELL, min_size=15, max_size=15), max_size=12))
@settings(deadline=None, max_examples=60)
def test_shares_are_over_declared_rows_and_parts_add_up(rows: list[list[str]]) -> None:
    connector = read_connector(ROOT, POPULATION)
    cells = pl.DataFrame(rows, schema=dict.fromkeys(population([0])[0], pl.String), orient="row")
    chunk = Chunk(cells, pl.Series(range(1, len(rows) + 1), dtype=pl.Int32))
    whole, parts = Quality(), Quality()
    for part in map_chunk(chunk, connector, date(2026, 10, 1)):
        whole.add(counted(part, connector))
    for half in (chunk.where(chunk.row_no % 2 == 0), chunk.where(chunk.row_no % 2 == 1)):
        for part in map_chunk(half, connector, date(2026, 10, 1)):
            parts.add(counted(part, connector))
    assert whole.as_json() == parts.as_json()
    assert whole.rows == len(rows)
    for field, counts in whole.as_json()["fields"].items():
        assert 0 <= counts["valid"] <= counts["filled"] <= len(rows), field
    assert all(0 <= one.share <= 1 for one in measures(whole.as_json()))
    for codes in whole.codes.values():
        assert codes.total() <= len(rows)


def test_the_distance_of_two_distributions() -> None:
    assert distance({"a": 1}, {"a": 9}) == (0, "a")
    assert distance({"a": 1}, {"b": 1})[0] == 1
    assert distance({"a": 3, "b": 1}, {"a": 1, "b": 1}) == (0.25, "a")
