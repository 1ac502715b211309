"""The form of a connector: mistakes are told with the file, the key and the nearest known key."""

from pathlib import Path

import pytest
from intake_factory import Desk, lenient, name, resident_id, uscc

from hub.errors import DeclarationError
from hub.intake import connector_names, read_connector

POPULATION = "public_security/population"
LOW_INCOME = "civil_affairs/low_income"

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('cadence  = "monthly"', 'cadense = "monthly"', "unknown key 'cadense' (did you mean 'cadence'?)"),
        ('target   = "person"', 'target = "persons"', "no table of facts 'persons' (did you mean 'person'?)"),
        ('key      = ["resident_id"]', 'key = ["status"]', "key: person is keyed by person_key"),
        ("status_on   = {", "statuson = {", "table person has no column 'statuson' (did you mean 'status_on'?)"),
        ('codes = "areas" }', 'codes = "area" }', "no code table 'area'"),
        ('is = "region" }', 'is = "regional" }', "fields.region.is"),
        ('classification = "个人信息；敏感级（三级）"', "", "'catalogue.classification' is missing"),
        ('is = "name" }', 'is = "sealed" }', "nothing fills person.name_masked"),
        ('is = "date" }', 'form = "date" }', "unknown key 'fields.status_on.form' (did you mean 'from'?)"),
        ('"死亡" = "dead"', '"死亡" = "deceased"', "'deceased' is no word of person.status: cancelled dead"),
        ("[expect]", "[period]\nfield = 'month'\nback = 1\n[expect]", "no field 'month'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_stands(old: str, new: str, said: str, tmp_path: Path) -> None:
    root = lenient(tmp_path)
    file = root / "connectors" / f"{POPULATION}.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(DeclarationError) as refused:
        read_connector(root, POPULATION)
    told = str(refused.value)
    assert f"{POPULATION}.toml" in told
    assert said in told


def test_a_delivery_comes_after_those_it_rests_on() -> None:
    names = connector_names(Path(__file__).resolve().parents[2])
    assert names.index("human_resources/employer_enrollment") < names.index("human_resources/contribution")
    assert names.index("housing/provident_fund_employer") < names.index("housing/provident_fund_person")


def test_a_delivery_added_as_one_file_is_loaded(desk: Desk) -> None:
    added = desk.declarations / "connectors" / "civil_affairs" / "temporary_relief.toml"
    model = (desk.declarations / "connectors" / "civil_affairs" / "destitute.toml").read_text()
    added.write_text(model.replace('value = "destitute"', 'value = "temporary_relief"').replace("特困证号", "救助编号"))
    row = {
        "救助编号": "L1",
        "姓名": name(1),
        "身份证号": resident_id(1),
        "起始年月": "202609",
        "终止年月": "",
        "乡镇": "",
    }
    assert desk.rows("civil_affairs/temporary_relief", [row]).loaded == 1
    assert desk.facts("assistance", "kind, certificate_no") == [("temporary_relief", "L1")]


def test_a_month_is_made_of_payroll_and_contributions(desk: Desk) -> None:
    unit = {
        "单位编号": "37108200001", "单位名称": "示例公司", "统一社会信用代码": uscc(1), "险种": "110", "参保日期": "20200401",
        "参保状态": "1", "在职人数": "1",
    }  # fmt: skip
    paid = {
        "社会保障号": resident_id(1), "姓名": name(1), "单位编号": "37108200001", "险种类型": "110",
        "费款所属期": "202610", "对应费款所属期": "202609", "应缴类型": "31", "人员缴费基数": "4416", "单位应缴": "1",
        "个人应缴": "1", "足额到账标志": "1",
    }  # fmt: skip
    taxed = {
        "扣缴义务人识别号": uscc(1), "扣缴义务人名称": "示例公司", "姓名": name(1), "证件类型": "居民身份证",
        "证件号码": resident_id(1), "税款所属期起": "2026-09", "所得项目": "正常工资薪金", "本期收入": "5000",
    }  # fmt: skip
    bonus = taxed | {"所得项目": "全年一次性奖金", "本期收入": "9000"}
    desk.rows("human_resources/employer_enrollment", [unit])
    desk.rows("human_resources/contribution", [paid, paid | {"险种类型": "410"}])
    desk.rows("tax/payroll", [taxed, bonus])
    months = desk.database.execute(
        "select employer_key, month::text, wage, labor_service, pension_base from employment_month"
    )
    assert months == [(desk.keyring.employer_key(uscc(1)), "2026-09-01", 5000, None, 4416)]
    desk.rows("human_resources/contribution", [paid | {"人员缴费基数": "5000"}])
    assert desk.database.execute("select wage, pension_base from employment_month") == [(5000, 5000)]


def test_a_constant_for_each_repetition_is_given_for_each(tmp_path: Path) -> None:
    root = lenient(tmp_path)
    file = root / "connectors" / f"{LOW_INCOME}.toml"
    file.write_text(file.read_text().replace('{ value = "low_income" }', '{ values = ["low_income", "destitute"] }'))
    with pytest.raises(DeclarationError) as refused:
        read_connector(root, LOW_INCOME)
    assert "fields.kind: 2 values for 6 repetitions" in str(refused.value)


def test_a_case_may_be_about_nobody_in_particular(desk: Desk) -> None:
    case = {
        "统一社会信用代码": uscc(1), "单位名称": "示例公司", "申请人": "", "申请人身份证号": "", "受理日期": "20260701",
        "结案日期": "", "结案方式": "审理中",
    }  # fmt: skip
    desk.rows(
        "human_resources/arbitration",
        [case | {"案号": "1"}, case | {"案号": "2", "申请人": name(1), "申请人身份证号": resident_id(1)}],
    )
    known = desk.facts("labor_case", "case_no, person_key is null")
    assert sorted(known) == [("1", True), ("2", False)]
    assert len(desk.facts("person")) == 1


def test_the_number_of_the_medical_insurance_leads_to_the_employer(desk: Desk) -> None:
    unit = {
        "emp_no": "37108200000000360896",
        "emp_name": "示例公司",
        "uscc": uscc(1),
        "单位参保状态": "1",
        "参保人数": "1",
    }
    person = {
        "certno": resident_id(1), "psn_name": name(1), "insutype": "310", "psn_insu_stas": "1", "insu_admdvs": "371082",
        "crt_insu_date": "2019-07-01", "paus_insu_date": "", "emp_no": "37108200000000360896",
    }  # fmt: skip
    desk.rows("medical_insurance/employer_enrollment", [unit])
    desk.rows("medical_insurance/employee_enrollment", [person])
    assert desk.facts("enrollment", "employer_key, insurance") == [
        (desk.keyring.employer_key(uscc(1)), "employee_medical")
    ]


@pytest.mark.parametrize(
    ("name", "some", "not_one"),
    [
        ("human_resources/resident_pension", "resident_pension", "employee_medical"),
        ("medical_insurance/employee_enrollment", "employee_medical", "employee_pension"),
        ("human_resources/enrollment", "employee_pension", "no such insurance"),
    ],
)
def test_a_connector_knows_of_which_insurances_it_may_speak(name: str, some: str, not_one: str) -> None:
    known = read_connector(ROOT, name).insurances
    assert known is not None
    assert some in known
    assert not_one not in known
    assert read_connector(ROOT, "civil_affairs/cremation").insurances is None
