"""Where a delivery says otherwise of a person than the register: found, cleared, and never for what was only lost."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from intake_factory import Desk, population, resident_id, uscc

from hub.intake.prepare import name_keys
from hub.sealing import Keyring

POPULATION = "public_security/population"
PAYROLL = "tax/payroll"


def register(desk: Desk, spelled: str, month: int = 10, **changes: str) -> None:
    desk.rows(POPULATION, population([1], 姓名=spelled, **changes), period=date(2026, month, 1))


def payroll(spelled: str, number: int = 1, **changes: str) -> dict[str, str]:
    return {
        "扣缴义务人识别号": uscc(1), "扣缴义务人名称": "示例公司", "姓名": spelled, "证件类型": "居民身份证",
        "证件号码": resident_id(number), "税款所属期起": "2026-10", "所得项目": "正常工资薪金", "本期收入": "5000",
    } | changes  # fmt: skip


def differing(desk: Desk) -> list[Any]:
    return desk.facts("disagreement", "item, batch_id, row_no, register_batch")


@pytest.mark.parametrize(("known", "said"), [
    ("张三丰", "张　三 丰"), ("阿依古丽·买买提", "阿依古丽•买买提"), ("阿依古丽·买买提", "阿依古丽买买提"),
    ("阿依古丽·买买提", "阿依古丽．买买提"), ("Anna Maria", "ANNA-MARIA"), ("张三", "\u200b张三"),
    ("张㛃", "张?"), ("张㛃", "张？"), ("张?", "张㛃"), ("张三", "张*"), ("张三", "张＊"), ("张㛃", "张□"), ("张㛃", "张〓"),
    ("张㛃", "张\ue001"), ("张三", "张\ufffd"), ("张三", "张"), ("张三", "无"),
])  # fmt: skip
def test_a_spelling_a_mask_or_a_lost_character_is_no_disagreement(desk: Desk, known: str, said: str) -> None:
    register(desk, known)
    desk.rows(PAYROLL, [payroll(said)])
    assert differing(desk) == []


def test_another_name_is_told_with_both_rows_and_without_saying_how(desk: Desk) -> None:
    register(desk, "张三")
    report = desk.rows(PAYROLL, [payroll("李四", 2), payroll("李四")])
    [(register_batch,)] = desk.facts("person", "min(batch_id)")
    assert differing(desk) == [("name", report.batch_id, 2, register_batch)]
    assert "李四" not in str(desk.database.execute("select disagreement::text from disagreement"))


def test_whom_the_register_does_not_have_nobody_can_contradict(desk: Desk) -> None:
    desk.rows(PAYROLL, [payroll("张三")])
    desk.rows(PAYROLL, [payroll("李四", 税款所属期起="2026-09")])
    assert differing(desk) == []


def test_it_is_cleared_by_a_later_batch_that_agrees_and_history_stays(desk: Desk) -> None:
    register(desk, "张三")
    desk.rows(PAYROLL, [payroll("李四")])
    desk.rows(PAYROLL, [payroll("李四", 税款所属期起="2026-09")])
    assert len(differing(desk)) == 1
    assert desk.database.execute("select count(*) from disagreement") == [(1,)]
    desk.rows(PAYROLL, [payroll("王五", 税款所属期起="2026-08")])
    assert desk.database.execute("select count(*) from disagreement") == [(2,)]
    desk.rows(PAYROLL, [payroll("张三", 税款所属期起="2026-07")])
    assert differing(desk) == []
    assert desk.database.execute("select count(*) from disagreement where known_until < '9999-12-31'") == [(2,)]


def test_it_is_cleared_when_the_register_changes_the_name_and_found_anew_where_that_is_another_too(desk: Desk) -> None:
    register(desk, "张三", 9)
    desk.rows(PAYROLL, [payroll("李四")])
    register(desk, "张三", 10, 管理状态="迁出")
    assert len(differing(desk)) == 1
    register(desk, "王五", 11, 管理状态="迁出")
    assert differing(desk) == []
    desk.rows(PAYROLL, [payroll("李四", 税款所属期起="2026-09")])
    assert len(differing(desk)) == 1


def test_a_snapshot_that_no_longer_speaks_of_the_person_ends_it(desk: Desk) -> None:
    def fund(number: int, spelled: str) -> dict[str, str]:
        return {
            "个人账号": str(number), "姓名": spelled, "证件号码": resident_id(number), "单位账号": "0012",
            "缴存基数": "5000", "缴至年月": "202610", "账户状态": "01",
        }  # fmt: skip

    register(desk, "张三")
    desk.rows("housing/provident_fund_person", [fund(1, "李四"), fund(2, "某某")])
    assert len(differing(desk)) == 1
    desk.rows("housing/provident_fund_person", [fund(1, "李四") | {"账户状态": "?"}, fund(2, "某某")])
    assert len(differing(desk)) == 1  # a row that cannot be read does not say that there is none
    desk.rows("housing/provident_fund_person", [fund(2, "某某")])
    assert differing(desk) == []


def test_a_row_that_was_rejected_says_nothing(desk: Desk) -> None:
    register(desk, "张三")
    desk.rows(PAYROLL, [payroll("李四", 本期收入="many"), payroll("李四"), payroll("王五")])
    assert differing(desk) == []


def test_sex_and_birth_date_are_compared_where_the_connector_takes_them(desk: Desk) -> None:
    file = desk.declarations / "connectors" / f"{PAYROLL}.toml"
    fields = (
        '[fields]\nsex = { from = "性别", is = "code", codes = { "男" = "male", "女" = "female" }, optional = true }\n'
        'birth_on = { from = "出生日期", is = "date", optional = true }\n'
    )
    file.write_text(file.read_text().replace("[fields]\n", fields))
    register(desk, "张三", 性别="男")
    born = resident_id(1)[6:14]
    desk.rows(PAYROLL, [payroll("张三") | {"性别": "女", "出生日期": "19000101"}])
    assert {item for item, *_ in differing(desk)} == {"sex", "birth_on"}
    desk.rows(PAYROLL, [payroll("张三", 税款所属期起="2026-09") | {"性别": "男", "出生日期": born}])
    assert differing(desk) == []
    desk.rows(PAYROLL, [payroll("张三", 税款所属期起="2026-08") | {"性别": "", "出生日期": ""}])
    assert differing(desk) == []


def test_a_name_key_is_of_this_hub_alone_and_null_where_nothing_sure_is_said(keyring: Keyring) -> None:
    names = pl.Series(["张三", " 张三".strip(), "张?", None, "张", "A1"])
    first, second, *rest = name_keys(names, keyring).to_list()
    assert first == second is not None
    assert rest == [None] * 4
    assert name_keys(pl.Series([None], dtype=pl.String), keyring).to_list() == [None]
