import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hub.terms import (
    InvalidUscc,
    ResidentId,
    Uscc,
    canonical_organization_code,
    check_character,
    is_organization_code,
    organization_code_check,
    uscc_check,
)

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def registered(first17: str) -> str:
    return first17 + uscc_check(first17)


def organization(first8: str) -> str:
    return first8 + organization_code_check(first8)


ENTERPRISE = registered("91371082" + organization("MA3C1N0Y"))

numbers = st.builds(
    lambda authority, category, division, code: registered(authority + category + division + code),
    st.sampled_from("123456789ANY"),
    st.sampled_from("1239"),
    st.integers(100_000, 999_999).map(str),
    st.text(st.sampled_from(ALPHABET), min_size=9, max_size=9).filter(lambda code: not code.isdigit()),
)


def test_the_check_character_fits_an_example_in_print() -> None:
    assert uscc_check("91350100M000100Y4") == "3"


@given(numbers)
def test_the_weights_are_the_powers_of_three(number: str) -> None:
    total = sum(3**place * ALPHABET.index(character) for place, character in enumerate(number[:17]))
    assert (total + ALPHABET.index(number[17])) % 31 == 0


@given(numbers)
def test_any_issued_code_comes_back_as_it_is(number: str) -> None:
    parsed = Uscc.parse(number)
    assert str(parsed) == number
    assert parsed.authority + number[1] == parsed.category
    assert number[:2] + parsed.division + parsed.organization_code + number[17] == number


@given(numbers, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_one_wrong_character_is_noticed(number: str, place: int, wrong: str) -> None:
    assume(number[place] != wrong)
    with pytest.raises(InvalidUscc):
        Uscc.parse(number[:place] + wrong + number[place + 1 :])


@given(numbers, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_the_check_character_alone_notices_any_one_wrong_character(number: str, place: int, wrong: str) -> None:
    assume(number[place] != wrong)
    assert uscc_check(number[:place] + wrong + number[place + 1 : 17]) != number[17]


@pytest.mark.parametrize("authority", "123456789ANY")
def test_every_registering_authority_is_known(authority: str) -> None:
    assert Uscc.parse(registered(authority + "1371082" + organization("MA3C1N0Y"))).authority == authority


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda code: f" {code[:8]} {code[8:]}\t",
        lambda code: f"{code[:8]}-{code[8:16]}-{code[16:]}",
        lambda code: f"{code[:8]}－{code[8:]}\u3000",
        lambda code: "".join(chr(ord(character) + 0xFEE0) for character in code),
        lambda code: f"\ufeff'{code}\u200b",
    ],
)
def test_the_ways_departments_write_a_code_mean_the_same(change: object) -> None:
    assert callable(change)
    assert Uscc.parse(change(ENTERPRISE)).number == ENTERPRISE


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "blank"),
        ("无", "blank"),
        ("91371082********1X", "masked"),
        ("91371082MA3C1N0Y", "length"),
        ("370682123456789", "length"),
        ("B1371082MA3C1N0Y01", "authority"),
        ("000000000000000000", "authority"),
        ("9137108AMA3C1N0Y01", "characters"),
        ("91371082MAOC1N0Y01", "characters"),
        ("91371082MA3C1N0Y0I", "characters"),
        (registered("91371082000000000"), "dummy"),
        (ENTERPRISE[:17] + ("0" if ENTERPRISE[17] != "0" else "1"), "check"),
    ],
)
def test_a_refusal_has_a_reason(text: str, why: str) -> None:
    with pytest.raises(InvalidUscc) as refused:
        Uscc.parse(text)
    assert refused.value.reason == why


def test_a_refusal_quotes_the_code_but_not_a_persons_number_in_its_place() -> None:
    with pytest.raises(InvalidUscc, match="91371082MAOC1N0Y01"):
        Uscc.parse("91371082maoc1n0y01")
    for resident in ("11010519491231002X", "110105194912310021", "11010519491231002", "1101 0519 4912 3100 2X"):
        with pytest.raises(InvalidUscc) as refused:
            Uscc.parse(resident)
        assert "19491231" not in str(refused.value)


def test_a_resident_id_that_happens_to_fit_is_still_a_persons() -> None:
    for sequence in range(1, 999):
        first17 = f"37108219800229{sequence:03}"
        resident = first17 + check_character(first17)
        if resident[:17] + uscc_check(resident[:17]) == resident:
            break
    assert ResidentId.parse(resident).number == resident
    with pytest.raises(InvalidUscc) as refused:
        Uscc.parse(resident)
    assert refused.value.reason == "resident_id"


def test_the_organization_code_inside_is_shown_and_its_check_only_told() -> None:
    assert Uscc.parse(ENTERPRISE).organization_code == organization("MA3C1N0Y")
    assert Uscc.parse(ENTERPRISE).organization_code_valid
    code = organization("74218321")
    broken = registered("91371082" + code[:8] + ("0" if code[8] != "0" else "1"))
    assert not Uscc.parse(broken).organization_code_valid


def test_the_organization_codes_check_follows_the_printed_example() -> None:
    assert organization_code_check("74218321") == "3"
    assert is_organization_code("74218321-3")
    assert is_organization_code(" 742183213 ")
    assert canonical_organization_code("７４２１８３２１－３") == "742183213"


@pytest.mark.parametrize("text", ["", "742183214", "74218321-", "74218321-33", "7421832!3", "000000000", "无"])
def test_what_is_no_organization_code_is_told_so(text: str) -> None:
    assert not is_organization_code(text)


def test_all_three_kinds_of_organization_check_character_occur() -> None:
    checks = {organization_code_check(f"{number:08}") for number in range(1, 40)}
    assert checks == set("0123456789X")


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    is_organization_code(text)
    try:
        assert len(Uscc.parse(text).number) == 18
    except InvalidUscc as error:
        assert error.reason  # noqa: PT017
