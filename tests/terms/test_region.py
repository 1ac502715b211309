import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.terms import DIVISIONS, InvalidRegion, canonical_region, division_name, is_under, region_parents


@pytest.mark.parametrize(
    ("code", "ancestor"),
    [
        ("371082", "371000"),
        ("371082", "370000"),
        ("371082107", "371082"),
        ("371082107", "371000"),
        ("371082107203", "371082107"),
        ("371082107000", "371082107"),
        ("371082107", "371082107000"),
        ("371082000000", "371082"),
        ("371082", "371082000"),
        ("371000", "371000"),
    ],
)
def test_a_region_lies_under_its_ancestors_and_itself(code: str, ancestor: str) -> None:
    assert is_under(code, ancestor)


@pytest.mark.parametrize(
    ("code", "ancestor"),
    [
        ("371000", "371082"),
        ("371082", "371082107"),
        ("371082", "371083"),
        ("371100", "371000"),
        ("371082108", "371082107"),
        ("320902", "371000"),
        ("371082", "371002"),
    ],
)
def test_a_region_does_not_lie_under_another(code: str, ancestor: str) -> None:
    assert not is_under(code, ancestor)


@pytest.mark.parametrize(
    "text", ["", "37", "3710", "37108", "3710821", "３７１０８２", "37108A", "000000", "001000", "荣成市崖头街道"]
)
def test_what_is_no_code_is_refused_on_either_side_and_not_quoted(text: str) -> None:
    for code, ancestor in ((text, "371082"), ("371082", text)):
        with pytest.raises(InvalidRegion) as refused:
            is_under(code, ancestor)
        assert not text or text not in str(refused.value)


def test_the_chain_of_parents_goes_up_to_the_province() -> None:
    assert region_parents("371082107203") == ("371082107", "371082", "371000", "370000")
    assert region_parents("371082000") == ("371000", "370000")
    assert region_parents("370000") == ()


def test_one_region_has_one_canonical_code() -> None:
    assert canonical_region("371082000000") == canonical_region("371082000") == canonical_region("371082") == "371082"
    assert canonical_region("371082107000") == "371082107"
    assert canonical_region("371000000") == "371000"


codes = st.sampled_from([6, 9, 12]).flatmap(lambda size: st.integers(10 ** (size - 1), 10**size - 1)).map(str)


@given(codes)
def test_every_region_lies_under_each_of_its_parents_and_no_parent_under_it(code: str) -> None:
    for parent in region_parents(code):
        assert is_under(code, parent)
        assert not is_under(parent, code)


def test_names_are_those_of_the_year() -> None:
    assert division_name("371082") == "荣成市"
    assert division_name("371082000000") == "荣成市"
    assert division_name("320902", 1990) == "城区"
    assert division_name("320902", 2010) == "亭湖区"
    assert division_name("320902") == "亭湖区"
    assert division_name("371023", 1988) == "荣成县"
    assert division_name("371023", 1995) is None
    assert division_name("110105") is None


def test_no_code_has_two_names_in_one_year() -> None:
    for division in DIVISIONS:
        for year in range(1983, 2027):
            names = [
                other.name
                for other in DIVISIONS
                if other.code == division.code and (other.since or 0) <= year <= (other.until or 9999)
            ]
            assert len(names) <= 1
