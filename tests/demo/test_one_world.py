"""What the departments of the synthetic city say of the same persons and employers agrees."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from test_demo import normal_id, sheets_of, tables_of, valid

from hub.demo.listing import BAD_CODE
from hub.terms import InvalidResidentId, InvalidTerm, ResidentId, Uscc


def table(built: Any, delivery: str) -> pl.DataFrame:
    """The rows of a delivery's last file, all text; of a workbook those under its one header."""
    path = built.files(delivery)[-1]
    if path.suffix != ".xlsx":
        return pl.concat(tables_of(path)).fill_null("")
    page = next(iter(sheets_of(path).values()))
    header, rows = page[1], [row for row in page[2:] if not str(row[0]).startswith("填报")]
    return pl.DataFrame([[str(cell) for cell in row] for row in rows], schema=[str(h) for h in header], orient="row")


def numbers(frame: pl.DataFrame, column: str) -> set[str]:
    """The valid resident IDs of a column."""
    found = set()
    for text in frame[column]:
        try:
            found.add(ResidentId.parse(text).number)
        except InvalidResidentId:
            continue
    return found


def codes(frame: pl.DataFrame) -> set[str]:
    found = set()
    for text in frame["统一社会信用代码"]:
        try:
            found.add(Uscc.parse(text).number)
        except InvalidTerm:
            continue
    return found


@pytest.fixture(scope="module")
def people(built: Any) -> set[str]:
    return numbers(table(built, "public_security/population"), "公民身份号码")


@pytest.mark.parametrize(
    "delivery",
    [
        "education/student", "justice/sentence", "agriculture/poverty_relief", "natural_resources/land_expropriation",
        "town/household_survey", "health/check_up", "health/vaccination", "health/death_certificate",
        "big_data_center/relay", "public_security/residence", "civil_affairs/low_income_person",
        "finance/premium_subsidy", "transport/ride_hailing_driver", "commerce/shop_owner", "justice/lawyer",
    ],
)  # fmt: skip
def test_those_on_a_list_are_persons_of_the_city_or_strangers_of_a_case(
    built: Any, people: set[str], delivery: str
) -> None:
    listed = numbers(table(built, delivery), "身份证号")
    cases = [case for lists in built.manifest["rules"].values() for kind in lists.values() for case in kind]
    assert len(listed & people) >= 3
    assert listed - people <= {case["resident_id"] for case in cases if "resident_id" in case}


def test_employers_on_a_list_stand_in_the_registers(built: Any) -> None:
    known = codes(table(built, "tax/registration")) | codes(table(built, "human_resources/employer_enrollment"))
    lists = {entry["delivery"] for entry in built.manifest["deliveries"]} - {"justice/lawyer"}
    seen = 0
    for name in sorted(lists):
        path = built.files(name)[-1]
        if path.suffix == ".xlsx" and sheets_of(path)[next(iter(sheets_of(path)))][1].count("") > 0:
            continue  # a header on two levels
        frame = table(built, name)
        if "统一社会信用代码" in frame.columns:
            seen += 1
            assert codes(frame) <= known, name
    assert seen > 30


def test_students_have_the_age_and_the_children_vaccinated_are_children(built: Any) -> None:
    students = [ResidentId.parse(one).birth_on.year for one in numbers(table(built, "education/student"), "身份证号")]
    assert min(students) >= 1995  # who went back to school
    assert max(students) <= 2008
    children = [ResidentId.parse(one).birth_on.year for one in numbers(table(built, "health/vaccination"), "身份证号")]
    assert min(children) >= 2018


def test_a_disability_certificate_begins_with_the_number_of_its_holder(built: Any, people: set[str]) -> None:
    rows = table(built, "disabled_persons_federation/certificate")
    assert all(normal_id(row["身份证号"]) in {"", row["残疾人证号"][:18]} for row in rows.iter_rows(named=True))
    assert len({number[:18] for number in rows["残疾人证号"]} & people) > 50
    assert "" in rows["身份证号"].to_list()


@pytest.mark.parametrize("month", ["202609", "202610"])
def test_wages_by_employer_are_the_sums_of_the_wages_by_person_as_corrected(built: Any, month: str) -> None:
    wages: dict[tuple[str, str], Decimal] = {}
    for path in [path for path in built.files("tax/payroll") if path.name.startswith(f"个税扣缴明细_{month}")]:
        for row in tables_of(path)[0].fill_null("").iter_rows(named=True):
            said = row["所得项目"] == "正常工资薪金" and row["本期收入"] != "见附件"
            if said and valid(row["*证件号码"]):
                key = normal_id(row["*证件号码"]), row["扣缴义务人识别号"]
                wages[key] = Decimal(normal_money(row["本期收入"]))
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for (_, code), yuan in wages.items():
        sums[code] += yuan
    spelt = {month, f"{month[:4]}-{month[4:]}", f"{month[:4]}.{month[4:]}", f"{month[:4]}年{int(month[4:])}月"}
    totals = {
        row["统一社会信用代码"]: Decimal(row["工资薪金收入合计"])
        for row in table(built, "tax/payroll_total").iter_rows(named=True)
        if row["税款所属期"] in spelt
    }
    assert len(totals) > 50
    assert [
        code for code, total in totals.items() if sums[code] != total and code != BAD_CODE["统一社会信用代码"]
    ] == []


def normal_money(text: str) -> str:
    narrow = str.maketrans({chr(0xFF10 + digit): str(digit) for digit in range(10)} | {"．": "."})
    return text.translate(narrow).replace(",", "").removesuffix("元")


def test_the_two_lists_of_premiums_tell_the_same_arrears_of_october(built: Any) -> None:
    def arrears(rows: pl.DataFrame, kind: str) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows.filter(pl.col("纳税人识别号").is_in(known)).iter_rows(named=True):
            due, paid = (Decimal(normal_money(row[f"{kind}{word}费额（元）"] or "0")) for word in ("应缴", "实缴"))
            sums[row["纳税人识别号"]] += due - paid
        return {code: round(yuan) for code, yuan in sums.items() if yuan > 1}

    path = built.files("tax/collection_wide")[-1]
    wide = pl.concat(tables_of(path)).fill_null("") if path.suffix != ".xlsx" else table(built, "tax/collection_wide")
    known = codes(wide.rename({"纳税人识别号": "统一社会信用代码"})) - set(BAD_CODE.values())
    newest = table(built, "tax/collection").filter(pl.col("费款所属期起").str.contains("202610"))
    told = arrears(newest, "")
    assert told
    assert told == arrears(wide, "企业职工基本养老保险/")


def test_annual_reports_hold_figures_zeros_and_silence(built: Any) -> None:
    reports = table(built, "market_supervision/annual_report")
    assert 0.2 < (reports["从业人数"] == "企业选择不公示").mean() < 0.6  # type: ignore[operator]  # a mean of booleans
    assert (reports["从业人数"] == "0").any()
    assert any(figure.isdigit() and int(figure) > 3 for figure in reports["城镇职工基本养老保险"])


def test_who_is_insured_elsewhere_is_in_no_pension_here(built: Any) -> None:
    there = numbers(table(built, "human_resources/insured_elsewhere"), "社会保障号码")
    here = table(built, "human_resources/enrollment").filter(
        pl.col("险种类型").str.starts_with("110") & (pl.col("参保状态") == "1")
    )
    assert there
    assert not there & numbers(here, "社会保障号")


def test_medical_enrollment_is_of_the_same_persons_at_both_offices(built: Any) -> None:
    theirs = numbers(table(built, "medical_insurance/employee_enrollment"), "certno")
    ours = table(built, "human_resources/enrollment").filter(pl.col("险种类型").str.starts_with("310"))
    assert theirs == numbers(ours, "社会保障号")
