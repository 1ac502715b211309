"""Dirt as it really comes: what is understood, what is rejected, and in which words."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake_factory import resident_id, uscc

from hub.intake import number, validate
from hub.intake.validate import DAMAGED, ZEROED, Column, Reading
from hub.terms import InvalidResidentId, ResidentId

TODAY = date(2026, 11, 21)
ID = resident_id(7)
OLD = "110105491231002"


def column(*cells: str | None, numeric: bool = False) -> Column:
    text = pl.Series(list(cells), dtype=pl.String)
    return Column(text, pl.Series([numeric] * len(text)) if numeric else None)


def one(reading: Reading) -> tuple[str | None, str | None]:
    return reading.values[0], reading.reasons[0]


@pytest.mark.parametrize(
    "text",
    [
        f" {ID}", f"{ID}\t", f"'{ID}", f"\u3000{ID}\u00a0", f"\u200b{ID}\ufeff", " ".join(ID), ID.lower(),
        "".join(chr(ord(c) + 0xFEE0) for c in ID), ID + "44", ID + "44B1",
    ],
)  # fmt: skip
def test_an_id_is_the_same_however_it_is_dressed(text: str) -> None:
    assert one(validate.resident_ids(column(text), TODAY)) == (ID, None)


def test_fifteen_figures_become_eighteen_characters() -> None:
    assert one(validate.resident_ids(column(OLD), TODAY)) == ("11010519491231002X", None)


@pytest.mark.parametrize("text", ["1.50302E+17", "3.7108219850312e+17", "371082198503120000.0"])
def test_an_id_in_scientific_notation_is_damaged_and_says_so(text: str) -> None:
    assert one(validate.resident_ids(column(text), TODAY)) == (None, DAMAGED)


def test_an_id_in_a_numeric_cell_is_damaged_even_if_its_check_character_fits() -> None:
    assert one(validate.resident_ids(column(ID[:15] + "000", ID, numeric=True), TODAY)) == (None, DAMAGED)
    assert validate.resident_ids(column(ID, numeric=True), TODAY).reasons[0] == DAMAGED


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ID[:17], "neither 18 characters nor 15"), ("371082****", "masked"), ("111111111111111111", "placeholder"),
        (ID[:14] + "0000", "placeholder"), ("371082198502301234", "birth date"), (ID[:6] + "2099" + ID[10:], "future"),
        (ID[:17] + ("1" if ID[17] != "1" else "2"), "check character"), ("张三", "neither 18"),
    ],
)  # fmt: skip
def test_what_is_no_id_is_rejected_without_being_quoted(text: str, reason: str) -> None:
    value, said = one(validate.resident_ids(column(text), TODAY))
    assert value is None
    assert reason in (said or "")
    assert text not in (said or "")


@pytest.mark.parametrize("text", [None, "", "无", "暂无", "/", "-", "\\N", "NULL", "null", "0", "\u3000"])
def test_null_words_are_nothing(text: str | None) -> None:
    assert one(validate.resident_ids(column(text), TODAY)) == (None, None)
    assert one(number.employers(column(text), ["uscc"])) == (None, None)
    assert one(validate.dates(column(text), "date")) == (None, None)


@given(st.integers(0, 28_000), st.sampled_from(range(18)), st.sampled_from("0123456789Xx "))
def test_column_arithmetic_and_the_term_agree_on_every_number(which: int, place: int, character: str) -> None:
    text = resident_id(which)
    text = text[:place] + character + text[place + 1 :]
    try:
        expected: str | None = ResidentId.parse(text, today=TODAY).number
    except InvalidResidentId:
        expected = None
    assert validate.resident_ids(column(text), TODAY).values[0] == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("张　三", "张三"), ("张 三", "张三"), ("买买提•阿不都", "买买提·阿不都"), ("买买提．阿不都", "买买提·阿不都"),
        ("买买提‧阿不都", "买买提·阿不都"), ("买买提⋅阿不都", "买买提·阿不都"), ("㛃䶮𠅤", "㛃䶮𠅤"), ("\u200b李四\ufeff", "李四"),
        ("无", None), ("Anna  Maria", "Anna Maria"),
    ],
)  # fmt: skip
def test_names_are_made_comparable(text: str, name: str | None) -> None:
    assert one(validate.people_names(column(text))) == (name, None)


@pytest.mark.parametrize(
    "text",
    ["20230101", "2023-1-1", "2023/1/1", "2023.01.01", "2023年1月1日", "44927", "44927.0", "2023-01-01 00:00:00"],
)
def test_a_day_in_every_spelling(text: str) -> None:
    assert one(validate.dates(column(text), "date")) == ("2023-01-01", None)


def test_a_workbook_of_the_other_epoch_counts_from_1904() -> None:
    dated = Column(pl.Series(["44927"]), epoch_1904=True)
    assert one(validate.dates(dated, "date")) == ("2027-01-02", None)


@pytest.mark.parametrize("text", ["9999-9-9", "99991231", "长期", "至今"])
def test_an_end_that_never_comes_is_open(text: str) -> None:
    assert one(validate.dates(column(text), "date")) == ("9999-12-31", None)
    assert one(validate.dates(column(text), "until_day")) == ("9999-12-31", None)
    assert one(validate.dates(column(text), "until_month")) == ("9999-12-31", None)


@pytest.mark.parametrize("text", ["202301", "2023年1月", "2023-01", "2023.1", "2023-01-01"])
def test_a_month_in_every_spelling(text: str) -> None:
    assert one(validate.dates(column(text), "month")) == ("2023-01-01", None)
    assert one(validate.dates(column(text), "until_month")) == ("2023-02-01", None)


@pytest.mark.parametrize("text", ["0000-00-00", "00000000"])
def test_a_date_of_zeros_is_nothing(text: str) -> None:
    assert one(validate.dates(column(text), "date"))[0] is None


def test_a_wrong_date_is_not_quoted() -> None:
    assert one(validate.dates(column("1985-02-30"), "date")) == (None, "no such day in the calendar")


@pytest.mark.parametrize(
    ("text", "unit", "amount"),
    [
        ("1,234.50", "yuan", "1234.50"), ("1234.5元", "yuan", "1234.50"), ("１２３４.５", "yuan", "1234.50"),
        ("-200", "yuan", "-200.00"), ("1.5万元", "yuan", "15000.00"), ("100", "wan", "1000000.00"),
        ("100万元", "wan", "1000000.00"), ("0", "yuan", "0.00"), ("5000", "yuan", "5000.00"), ("0.5", "yuan", "0.50"),
    ],
)  # fmt: skip
def test_money_in_every_spelling(text: str, unit: str, amount: str) -> None:
    assert one(validate.amounts(column(text), unit)) == (amount, None)  # type: ignore[arg-type]


def test_words_are_no_money() -> None:
    assert one(validate.amounts(column("企业选择不公示"), "yuan"))[1] == "not an amount in any spelling known here"
    assert one(validate.amounts(column("9999999999999"), "yuan"))[1] == "larger than any amount could be"


CODES = {"061": "coal", "110": "pension", "企业职工基本养老保险": "pension", "存续(在营、开业、在册)": "operating"}


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("061", "coal"), ("61", "coal"), ("110 企业职工基本养老保险", "pension"), ("110企业职工", "pension"),
        ("企业职工基本养老保险", "pension"), ("存续（在营、开业、在册）", "operating"), ("１１０", "pension"), ("无", None),
    ],
)  # fmt: skip
def test_a_code_is_known_by_its_number_its_name_or_both(text: str, stored: str | None) -> None:
    assert one(validate.codes(column(text), CODES)) == (stored, None)


def test_an_unknown_code_is_quoted_unless_it_may_be_somebody() -> None:
    assert one(validate.codes(column("999"), CODES)) == (None, "unknown code '999'")
    assert one(validate.codes(column("王小明"), CODES)) == (None, "unknown code '…'")
    assert ID not in str(one(validate.codes(column(ID), CODES)))
    assert "13800138000" not in str(one(validate.codes(column("13800138000"), CODES)))


@pytest.mark.parametrize(
    "text", [uscc(1), uscc(1).lower(), f" {uscc(1)[:8]} {uscc(1)[8:]}", uscc(1)[:8] + "-" + uscc(1)[8:]]
)
def test_a_credit_code_however_it_is_written(text: str) -> None:
    assert one(number.employers(column(text), ["uscc"])) == (uscc(1), None)


def test_other_numbers_of_an_employer_keep_their_kind() -> None:
    accepted = ["uscc", "organization_code", "owner", "registration"]
    code = uscc(1)[8:17]
    for text, expected in (
        (code[:8] + "-" + code[8], f"organization_code:{code}"),
        ("371082" + code, f"organization_code:{code}"),
        ("371082200012345", "registration:371082200012345"),
        (ID, f"owner:CN:{ID}"),
        (ID + "01", f"owner:CN:{ID}"),
        (ID + "44B1", f"owner:CN:{ID}"),
    ):
        assert one(number.employers(column(text), accepted)) == (expected, None)
    assert one(number.employers(column("0012"), ["provident_fund"])) == ("provident_fund:0012", None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("6020 快递服务", "6020"), ("6020快递服务", "6020"), ("６０２０　快递服务", "6020"), ("6020-快递服务（同城）", "6020"),
        ("C3011 水泥制造", "3011"), ("B061 烟煤和无烟煤开采", "061"), ("61 住宿业", None), ("60201 快递", None),
    ],
)  # fmt: skip
def test_an_industry_may_have_its_name_glued_to_it(text: str, code: str | None) -> None:
    assert one(validate.industries(column(text))) == (code, None)


def ending_in_zeros(*, valid: bool) -> list[str]:
    """Numbers that a spreadsheet rounded: of some the check character fits by chance."""
    numbers = [f"3710821985031{two:02d}000" for two in range(1, 100) if two % 10]
    return [text for text in numbers if (validate.resident_ids(column(text), TODAY).values[0] is not None) is valid]


def test_numbers_that_a_spreadsheet_rounded_give_away_those_that_pass_the_check() -> None:
    passing, failing = ending_in_zeros(valid=True)[:1], ending_in_zeros(valid=False)
    read = validate.resident_ids(column(*passing, *failing[:3], ID), TODAY)
    assert read.reasons.to_list() == [ZEROED] * 4 + [None]
    assert read.values.to_list() == [None] * 4 + [ID]


def test_a_number_that_ends_in_zeros_among_sound_ones_is_sound() -> None:
    passing, failing = ending_in_zeros(valid=True), ending_in_zeros(valid=False)
    assert validate.resident_ids(column(*passing, failing[0], ID), TODAY).values.to_list() == [*passing, None, ID]


def test_two_figures_of_an_industry_without_their_letter_say_nothing() -> None:
    read = [one(validate.industries(column(text)))[0] for text in ("61", "062", "B061", "0610", "C3011", "煤炭开采")]
    assert read == [None, None, "061", "0610", "3011", None]


def test_yes_and_no_and_neither() -> None:
    read = [one(validate.booleans(column(text))) for text in ("是", "0", "", "不详")]
    assert read == [("true", None), ("false", None), (None, None), (None, "neither yes nor no")]


def test_a_sources_own_words_for_nothing_say_nothing_and_zero_is_a_figure() -> None:
    hidden = validate.without(column("企业选择不公示", " 企业选择不公示　", "0", None, "12"), ["企业选择不公示"])
    assert validate.integers(hidden).values.to_list() == [None, None, "0", None, "12"]
    assert validate.integers(hidden).reasons.null_count() == 5
    assert validate.integers(column("企业选择不公示")).reasons.to_list() == ["not a whole number"]


def test_a_year_is_read_and_the_last_one_that_counts_ends_with_its_last_day() -> None:
    years = column("2025", "2025年度", "2025-07")
    assert validate.dates(years, "year").values.to_list() == ["2025-01-01"] * 3
    assert validate.dates(years, "until_year").values.to_list() == ["2026-01-01"] * 3
    assert validate.dates(column("9999"), "until_year").values.to_list() == ["9999-12-31"]


def test_an_account_with_the_medical_insurance_is_an_employers_number() -> None:
    account = "37108200000000360896"
    assert one(number.employers(column(account), ["medical_insurance"])) == (f"medical_insurance:{account}", None)
    assert one(number.employers(column(account), ["uscc", "social_insurance"]))[0] == f"social_insurance:{account}"


@pytest.mark.parametrize("last", [":", "Y", "/", "é"])
def test_only_an_x_is_worth_ten(last: str) -> None:
    found = validate.resident_ids(column("11010519491231002X", "11010519491231002" + last), TODAY)
    assert found.values.to_list() == ["11010519491231002X", None]
    assert found.reasons[1] is not None
