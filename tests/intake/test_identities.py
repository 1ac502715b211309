"""Old and odd identities: every number that stands for somebody leads to the same one, now and for what was known then."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from intake_factory import Desk, name, population, resident_id, uscc
from polars import Series

from hub.intake.validate import Column, documents
from hub.terms import check_character, today_in_china

POPULATION = "public_security/population"
PAYROLL = "tax/payroll"
FUND = "housing/provident_fund_employer"
FUND_PERSON = "housing/provident_fund_person"
MARKET = "market_supervision/registration"


def payroll(document: str, kind: str = "居民身份证", employer: str = "", **changes: str) -> dict[str, str]:
    return {
        "扣缴义务人识别号": employer or uscc(1), "扣缴义务人名称": "示例公司", "姓名": name(1), "证件类型": kind,
        "证件号码": document, "税款所属期起": "2026-10", "所得项目": "正常工资薪金", "本期收入": "5000",
    } | changes  # fmt: skip


def fund(employer: str = "", code: str = "", account: str = "0012") -> dict[str, str]:
    return {
        "单位名称": "示例公司", "统一社会信用代码": employer, "组织机构代码": code, "单位账号": account,
        "账户状态": "01", "开户日期": "2020-01-01", "单位缴存人数": "1",
    }  # fmt: skip


def fund_person(number: int, account: str = "0012") -> dict[str, str]:
    return {
        "个人账号": str(number), "姓名": name(number), "证件号码": resident_id(number), "单位账号": account,
        "缴存基数": "5000", "缴至年月": "202610", "账户状态": "01",
    }  # fmt: skip


def market(code: str, registration: str = "", **changes: str) -> dict[str, str]:
    return {
        "统一社会信用代码": code, "注册号": registration, "企业名称": "示例公司", "企业类型大类": "企业",
        "行业代码": "A0412", "住所所在行政区划": "371082401", "住所": "荣成市石岛管理区", "法定代表人": "",
        "经营者证件号": "", "注册资本": "50万元", "从业人数": "12", "成立日期": "2020-01-01", "登记状态": "存续",
    } | changes  # fmt: skip


def code_of(number: int) -> str:
    """The organization code inside an employer's credit code."""
    return uscc(number)[8:17]


def provisional(desk: Desk, number: str) -> UUID:
    return desk.keyring.employer_key(number)


def then(desk: Desk, table: str, at: datetime, what: str) -> set[Any]:
    statement = f"select {what} from {table} where known_from <= %s and known_until > %s"
    return {row[0] for row in desk.database.execute(statement, at, at)}


def now(desk: Desk) -> datetime:
    return desk.database.execute("select max(sealed_at) from batch")[0][0]  # type: ignore[no-any-return]


OLD = "110105491231002"
OLD_18 = "11010519491231002X"


@pytest.mark.parametrize("written", [
    OLD, OLD_18.lower(), f"'{OLD_18}", "１１０１０５１９４９１２３１００２Ｘ", f"{OLD_18}43", f"{OLD_18}43B1", f"{OLD_18}43B2",
])  # fmt: skip
def test_every_form_of_an_id_is_the_same_person(desk: Desk, written: str) -> None:
    desk.rows(POPULATION, population([1], 公民身份号码=OLD_18))
    desk.rows(PAYROLL, [payroll(written)])
    [(key,)] = desk.facts("person", "person_key")
    assert desk.facts("payroll", "person_key") == [(key,)]
    assert key == desk.keyring.person_key(f"CN:{OLD_18}")


@pytest.mark.parametrize("division", ["810000", "820000", "830000", "911156"])
def test_residents_from_elsewhere_have_an_id_like_any_other(desk: Desk, division: str) -> None:
    """Residence permits begin with 81, 82, 83, a foreigner's permanent residence card since December 2023 with 9."""
    first = f"{division}19900101001"
    number = first + check_character(first)
    desk.rows(POPULATION, population([1], 公民身份号码=number, 性别=""))
    kind = "外国人永久居留身份证" if division[0] == "9" else "港澳台居民居住证"
    desk.rows(PAYROLL, [payroll(number, kind)])
    assert len(desk.facts("person")) == 1
    assert desk.facts("person", "birth_on::text, sex") == [("1990-01-01", "male")]
    assert desk.facts("payroll", "person_key") == desk.facts("person", "person_key")


def test_the_old_card_of_a_foreign_resident_is_a_document_of_its_own_kind() -> None:
    column, today = Column(Series([" usa1234 56789012", "U5A123456789012"])), today_in_china()
    found = documents(column, Series(["foreign_permanent_old"] * 2), today)
    assert found.values.to_list() == ["FOREIGN_PERMANENT_OLD:USA123456789012", None]
    assert found.reasons[1] == "three letters and twelve digits are expected"


def test_a_passport_is_keyed_with_its_kind_and_never_taken_for_an_id(desk: Desk) -> None:
    desk.rows(
        PAYROLL, [payroll("x1234567", "外国护照"), payroll(" X 123-4567", "护照", 本期收入="1", 税款所属期起="2026-09")]
    )
    assert {key for (key,) in desk.facts("payroll", "person_key")} == {desk.keyring.person_key("PASSPORT:X1234567")}
    assert desk.facts("person", "birth_on, resident_id_masked") == [(None, "*" * 18)]
    assert desk.rows(PAYROLL, [payroll("X1234567")]).reasons == {
        "resident_id: neither 18 characters nor 15 (nor 20 of a disability certificate)": 1
    }


def test_facts_under_an_old_organization_code_join_the_employer_when_it_is_known(desk: Desk) -> None:
    old, new = provisional(desk, f"organization_code:{code_of(1)}"), provisional(desk, uscc(1))
    desk.rows(PAYROLL, [payroll(resident_id(2), employer=code_of(1)), payroll(resident_id(3), employer=uscc(2))])
    before = now(desk)
    assert old in {key for (key,) in desk.facts("payroll", "employer_key")}
    row = desk.facts("payroll", "batch_id, row_no, digest")
    desk.rows(MARKET, [market(uscc(1))])
    assert {key for (key,) in desk.facts("payroll", "employer_key")} == {new, provisional(desk, uscc(2))}
    assert {key for (key,) in desk.facts("employer", "employer_key")} == {new, provisional(desk, uscc(2))}
    assert sorted(desk.facts("payroll", "batch_id, row_no, digest")) == sorted(row)
    assert then(desk, "payroll", before, "employer_key") == {old, provisional(desk, uscc(2))}
    assert then(desk, "payroll", now(desk), "employer_key") == {new, provisional(desk, uscc(2))}
    assert {key for (key,) in desk.database.execute("select employer_key from employment_month")} == {
        new, provisional(desk, uscc(2)),
    }  # fmt: skip
    [(ended, began)] = desk.database.execute(
        "select o.known_until, n.known_from from payroll o join payroll n on n.row_no = o.row_no and n.employer_key = %s"
        " where o.employer_key = %s", new, old,
    )  # fmt: skip
    assert ended == began == now(desk)


def test_a_taxpayer_number_and_a_registration_number_join_as_well(desk: Desk) -> None:
    registration = "371082600012345"
    desk.rows(PAYROLL, [payroll(resident_id(2), employer=f"371082{code_of(1)}")])
    desk.rows("tax/registration", [
        {"统一社会信用代码": "", "纳税人识别号": registration, "纳税人名称": "示例商行", "纳税人状态": "正常",
         "税务登记日期": "20100101", "从业人数": "1"},
    ])  # fmt: skip
    assert provisional(desk, f"registration:{registration}") in {
        key for (key,) in desk.facts("employer_account", "employer_key")
    }
    desk.rows(MARKET, [market(uscc(1), registration)])
    for table in ("payroll", "employer_account", "employer"):
        assert desk.facts(table, "employer_key") == [(provisional(desk, uscc(1)),)]


def test_an_account_known_before_its_employer_and_the_employer_before_its_credit_code(desk: Desk) -> None:
    desk.rows(FUND_PERSON, [fund_person(2)])
    assert desk.facts("provident_fund", "employer_key") == [(provisional(desk, "provident_fund:0012"),)]
    desk.rows(FUND, [fund(code=code_of(1))])
    middle = provisional(desk, f"organization_code:{code_of(1)}")
    assert desk.facts("provident_fund", "employer_key") == [(middle,)]
    desk.rows(MARKET, [market(uscc(1))])
    assert desk.facts("provident_fund", "employer_key") == [(provisional(desk, uscc(1)),)]
    assert desk.database.execute("select employer_key from employer_alias where kind = 'provident_fund'") == [
        (provisional(desk, uscc(1)),)
    ]
    report = desk.rows(FUND_PERSON, [fund_person(2), fund_person(3)])
    assert (report.added, report.changed, report.ended) == (1, 1, 0)
    assert {key for (key,) in desk.facts("provident_fund", "employer_key")} == {provisional(desk, uscc(1))}


def test_a_fact_that_stands_under_the_employer_already_stays(desk: Desk) -> None:
    desk.rows(PAYROLL, [payroll(resident_id(2), employer=code_of(1), 本期收入="1")])
    desk.rows(PAYROLL, [payroll(resident_id(2), employer=uscc(1), 本期收入="2")])
    assert [str(one) for (one,) in desk.facts("payroll", "yuan")] == ["2.00"]
    assert desk.database.execute("select count(*) from payroll") == [(2,)]
    assert desk.database.execute("select wage from employment_month") == [(2,)]


def test_in_one_batch_the_rows_that_came_before_the_credit_code_join_too(desk: Desk) -> None:
    desk.rows(PAYROLL, [payroll(resident_id(2), employer=code_of(1)), payroll(resident_id(3), employer=uscc(1))])
    assert {key for (key,) in desk.facts("payroll", "employer_key")} == {provisional(desk, uscc(1))}
    assert {key for (key,) in desk.facts("employer", "employer_key")} == {provisional(desk, uscc(1))}


def test_a_contractor_known_by_its_organization_code_joins(desk: Desk) -> None:
    project = {
        "项目编码": "3710822026010001", "项目名称": "示例小区一期", "总承包单位": "示例公司",
        "总承包单位统一社会信用代码": code_of(1), "合同造价(万元)": "10", "施工许可证编号": "", "实际开工日期": "2026-03-02",
        "竣工日期": "", "行政区划": "371082001", "行业": "房建", "是否参加工伤": "是",
    }  # fmt: skip
    desk.rows("housing/project", [project])
    desk.rows(MARKET, [market(uscc(1))])
    assert desk.facts("project", "contractor_key, name") == [(provisional(desk, uscc(1)), "示例小区一期")]
    assert desk.database.execute("select count(*) from project") == [(2,)]


def test_a_self_employed_person_is_an_employer_by_the_owners_id_and_no_shop_is_guessed(desk: Desk) -> None:
    owner = provisional(desk, f"owner:CN:{resident_id(9)}")
    desk.rows(
        PAYROLL,
        [payroll(resident_id(2), employer=resident_id(9)), payroll(resident_id(3), employer=f"{resident_id(9)}00")],
    )
    assert desk.facts("payroll", "employer_key") == [(owner,), (owner,)]
    shops = [
        market(uscc(n, "92371082"), 法定代表人=name(9), 经营者证件号=resident_id(9), 企业类型大类="个体工商户")
        for n in (1, 2)
    ]
    desk.rows(MARKET, shops)
    assert desk.facts("payroll", "employer_key") == [(owner,), (owner,)]
    assert desk.facts("employer", "count(*)") == [(3,)]


def test_what_is_known_of_an_employer_is_whole_at_every_instant(desk: Desk) -> None:
    desk.rows(PAYROLL, [payroll(resident_id(n), employer=code_of(1)) for n in range(2, 30)])
    first = now(desk)
    desk.rows(MARKET, [market(uscc(1))])
    for instant in (first, now(desk), datetime(2100, 1, 1, tzinfo=UTC)):
        assert len(then(desk, "payroll", instant, "person_key")) == 28
        assert len(then(desk, "payroll", instant, "employer_key")) == 1
