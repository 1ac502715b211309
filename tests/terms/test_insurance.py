import pytest

from hub.terms import CODES, MEDICAL, PENSIONS, TITLES, Insurance, UnknownInsurance, insurance_of


@pytest.mark.parametrize(
    ("source", "code", "insurance"),
    [
        ("human_resources", "110", "employee_pension"),
        ("human_resources", "170", "resident_pension"),
        ("human_resources", "410", "injury"),
        ("medical", "310", "employee_medical"),
        ("medical", "340", "retired_cadre_medical"),
        ("medical", "390", "resident_medical"),
        ("tax", "10201", "employee_pension"),
        ("tax", "102100100", "resident_pension"),
        ("fund", "150", "resident_pension"),
        ("fund", "340", "resident_medical"),
        ("fund", "900", "unemployment"),
    ],
)
def test_a_code_is_read_by_its_sources_own_table(source: str, code: str, insurance: str) -> None:
    assert insurance_of(source, code) == insurance


@pytest.mark.parametrize(
    "text",
    ["110 企业职工基本养老保险", "110企业职工养老", "110-企业职工基本养老保险费", "１１０", " 110\t", "企业职工养老保险",
     "企业职工基本养老保险费", "110（企业职工基本养老保险）", "110 本地叫法"],
)  # fmt: skip
def test_a_code_may_come_with_its_name_or_as_a_name_only(text: str) -> None:
    assert insurance_of("human_resources", text) is Insurance.employee_pension


@pytest.mark.parametrize("text", ["999", "", "养老保险", "150", "11 企业职工养老", "0110", "110120", "无"])
def test_an_unknown_code_is_refused_and_quoted(text: str) -> None:
    with pytest.raises(UnknownInsurance) as refused:
        insurance_of("human_resources", text)
    assert refused.value.reason == "unknown_code"
    assert str(refused.value) == f"unknown code '{text}'"


def test_a_person_number_in_the_wrong_column_is_not_quoted() -> None:
    with pytest.raises(UnknownInsurance) as refused:
        insurance_of("human_resources", "11010519491231002X")
    assert str(refused.value) == "unknown code '**************002X'"


def test_a_name_that_contradicts_its_code_is_refused() -> None:
    with pytest.raises(UnknownInsurance) as refused:
        insurance_of("human_resources", "110 失业保险")
    assert refused.value.reason == "contradiction"


def test_an_unknown_source_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError):
        insurance_of("weather", "110")


def test_every_insurance_has_a_title_and_the_kinds_are_apart() -> None:
    assert set(TITLES) == set(Insurance)
    assert not PENSIONS & MEDICAL
    assert Insurance.organ_pension.is_pension
    assert Insurance.resident_medical.is_medical
    assert not Insurance.civil_servant_medical.is_medical
    assert Insurance.injury.title_zh == "工伤保险"


def test_the_tables_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CODES["tax"]["110"] = Insurance.injury  # type: ignore[index]
