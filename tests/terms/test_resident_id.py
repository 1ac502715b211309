import pickle
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.terms import InvalidResidentId, ResidentId, check_character, disability, mask_resident_id
from hub.terms.resident_id import REASONS

STANDARD = "11010519491231002X"  # the standard's own example
TODAY = date(2026, 1, 31)


def issued(division: str, birth: str, sequence: str) -> str:
    first17 = division + birth + sequence
    return first17 + check_character(first17)


births = st.dates(date(1860, 1, 1), date(2025, 12, 31)).map(lambda on: on.strftime("%Y%m%d"))
divisions = st.integers(100_000, 999_999).map(str)
sequences = st.integers(1, 999).map("{:03}".format)
numbers = st.builds(issued, divisions, births, sequences).filter(
    lambda n: not n.endswith("0000") and n.count(n[0]) < 17
)


def reason(text: str) -> str:
    with pytest.raises(InvalidResidentId) as refused:
        ResidentId.parse(text, today=TODAY)
    return refused.value.reason


def test_the_standards_example_is_read_in_all_its_parts() -> None:
    parsed = ResidentId.parse(STANDARD)
    assert parsed.number == STANDARD
    assert parsed.birth_on == date(1949, 12, 31)
    assert parsed.sex == "female"
    assert parsed.division == "110105"
    assert parsed.kind == "citizen"


@given(numbers)
def test_any_issued_number_comes_back_as_it_is(number: str) -> None:
    parsed = ResidentId.parse(number, today=TODAY)
    assert parsed.number == number
    assert parsed.birth_on.strftime("%Y%m%d") == number[6:14]
    assert parsed.sex == ("male" if number[16] in "13579" else "female")


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_one_wrong_character_is_noticed(number: str, place: int, wrong: str) -> None:
    altered = number[:place] + wrong + number[place + 1 :]
    if altered != number:
        with pytest.raises(InvalidResidentId):
            ResidentId.parse(altered, today=TODAY)


@given(numbers, st.integers(0, 16))
def test_any_two_neighbors_swapped_are_noticed(number: str, place: int) -> None:
    altered = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if altered != number:
        with pytest.raises(InvalidResidentId):
            ResidentId.parse(altered, today=TODAY)


@given(st.text(st.sampled_from("0123456789"), min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_the_check_character_alone_notices_any_one_wrong_digit(first17: str, place: int, shift: int) -> None:
    altered = first17[:place] + str((int(first17[place]) + shift) % 10) + first17[place + 1 :]
    assert check_character(altered) != check_character(first17)


@pytest.mark.parametrize(
    "written",
    [
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        "11010519491231002ｘ",
        " 110105 19491231 002X ",
        "\u3000110105\u00a019491231002X\t",
        "'11010519491231002X",
        "‘11010519491231002X",
        "\ufeff11010519491231\u200b002X",
        "11010519491231002X\r\n",
        "11010519491231002X\x00\x00",
    ],
)
def test_the_ways_departments_write_a_number_mean_the_same(written: str) -> None:
    assert ResidentId.parse(written).number == STANDARD


@pytest.mark.parametrize(
    ("fifteen", "eighteen"),
    [
        ("110105491231002", STANDARD),
        ("371082680229301", issued("371082", "19680229", "301")),
        ("320902850101996", issued("320902", "18850101", "996")),
        ("320902850101999", issued("320902", "18850101", "999")),
        ("320902850101995", issued("320902", "19850101", "995")),
    ],
)
def test_fifteen_digits_become_eighteen(fifteen: str, eighteen: str) -> None:
    assert ResidentId.parse(fifteen).number == eighteen


@pytest.mark.parametrize("division", ["150302", "371082", "320902", "320982", "370633", "150399", "320971", "371071"])
def test_a_division_is_never_a_reason_to_refuse(division: str) -> None:
    for birth in ("19270131", "19500315", "19550601", "19701010", "20200101"):
        assert ResidentId.parse(issued(division, birth, "123")).division == division


@pytest.mark.parametrize(
    ("division", "kind"),
    [
        ("810000", "hmt_resident"),
        ("820000", "hmt_resident"),
        ("830000", "hmt_resident"),
        ("911124", "foreign_resident"),
        ("937840", "foreign_resident"),
        ("650102", "citizen"),
        ("710000", "citizen"),
    ],
)
def test_the_kind_of_holder_is_told_by_the_first_digits(division: str, kind: str) -> None:
    assert ResidentId.parse(issued(division, "19880808", "018")).kind == kind


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "blank"),
        (" \u3000\t", "blank"),
        ("无", "blank"),
        ("\\N", "blank"),
        ("NULL", "blank"),
        ("0", "blank"),
        ("/", "blank"),
        ("330329****", "masked"),
        ("110105********002X", "masked"),
        ("１１０１０５＊＊＊＊＊＊＊＊００２Ｘ", "masked"),
        ("1.50302E+17", "scientific"),
        ("1.50302199003071e+17", "scientific"),
        ("150302199003071232.0", "scientific"),
        ("1101051949123100", "length"),
        ("11010519491231002", "length"),
        ("110105194912310021X", "length"),
        ("hospital-temp-7", "characters"),
        ("ABC123456789012", "characters"),
        ("11010519491231O02X", "characters"),
        ("11010519491231002A", "characters"),
        ("X1010519491231002X", "characters"),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "characters"),
        ("²10105194912310021", "characters"),
        ("000000000000000000", "dummy"),
        ("00000000", "dummy"),
        ("11111111", "dummy"),
        ("111111111111111", "dummy"),
        ("111111111111111111", "dummy"),
        ("111111111111111119", "dummy"),
        ("010105194912310020", "dummy"),
        ("371082199003070000", "dummy"),
        ("371082199002300017", "birth_date"),
        ("371082199013010017", "birth_date"),
        ("371082000001010017", "birth_date"),
        ("123456789012345678", "birth_date"),
        ("371082113202291", "birth_date"),
        ("110105194912310021", "check"),
        ("110105194912310020", "check"),
    ],
)
def test_a_refusal_has_a_reason_and_never_shows_the_number(text: str, why: str) -> None:
    with pytest.raises(InvalidResidentId) as refused:
        ResidentId.parse(text, today=TODAY)
    error = refused.value
    assert error.reason == why
    assert str(error) == REASONS[why]
    assert isinstance(error, ValueError)
    assert error.__cause__ is None
    assert error.__context__ is None  # where the calendar's own words would quote the birth date


def test_a_birth_is_refused_from_the_day_after_today() -> None:
    born_today = issued("371082", "20260131", "017")
    born_tomorrow = issued("371082", "20260201", "017")
    assert ResidentId.parse(born_today, today=TODAY).birth_on == TODAY
    assert reason(born_tomorrow) == "birth_in_future"
    assert reason(issued("371082", "20990101", "017")) == "birth_in_future"


def test_an_earlier_today_is_respected_too() -> None:
    number = issued("371082", "20100102", "017")
    with pytest.raises(InvalidResidentId) as refused:
        ResidentId.parse(number, today=date(2010, 1, 1))
    assert refused.value.reason == "birth_in_future"


def test_without_a_given_day_the_clock_decides() -> None:
    with pytest.raises(InvalidResidentId) as refused:
        ResidentId.parse(issued("371082", "29990101", "017"))
    assert refused.value.reason == "birth_in_future"


def test_nobody_in_a_register_was_born_before_1850() -> None:
    assert reason(issued("371082", "18491231", "017")) == "birth_date"
    assert ResidentId.parse(issued("371082", "18500101", "017")).birth_on == date(1850, 1, 1)


def test_a_disability_number_holds_the_resident_id_a_category_and_a_level() -> None:
    parsed = disability(STANDARD + "42")
    assert parsed.resident_id == ResidentId(STANDARD)
    assert (parsed.category, parsed.title, parsed.level, parsed.is_severe) == (4, "肢体", 2, True)
    assert not disability(" 11010519491231002x 13 B2").is_severe
    assert ResidentId.parse(STANDARD + "42").number == STANDARD
    assert ResidentId.parse(STANDARD + "42B1").number == STANDARD


@pytest.mark.parametrize("suffix", ["02", "82", "40", "45", "4A", "42C1", "42BB"])
def test_twenty_characters_that_are_no_category_and_level_are_refused(suffix: str) -> None:
    assert reason(STANDARD + suffix) == "disability"


@pytest.mark.parametrize(("text", "why"), [(STANDARD, "length"), ("无", "blank"), ("11010519491231002142", "check")])
def test_what_is_no_disability_number_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidResidentId) as refused:
        disability(text)
    assert refused.value.reason == why


def test_the_mask_keeps_the_last_four_of_a_whole_number_and_nothing_else() -> None:
    assert mask_resident_id(STANDARD) == "**************002X"
    assert ResidentId.parse(STANDARD).masked() == "**************002X"
    assert mask_resident_id("12345") == "*" * 18


def test_no_way_of_printing_a_number_shows_it() -> None:
    parsed = ResidentId.parse(STANDARD)
    for printed in (repr(parsed), str(parsed), f"{parsed}", f"{[parsed]}", f"{disability(STANDARD + '42')}"):
        assert STANDARD[:14] not in printed


def test_a_number_rounded_by_a_spreadsheet_can_pass_and_is_marked() -> None:
    rounded = [f"{number:018}" for number in range(150302_19900307_1000, 150302_19900308_0000, 1000)]
    rounded += [f"371082{date(1980, 1, 1) + timedelta(n):%Y%m%d}{n % 9 + 1}000" for n in range(400)]
    passing = []
    for number in rounded:
        try:
            passing.append(ResidentId.parse(number))
        except InvalidResidentId as error:
            assert error.reason == "check"  # noqa: PT017
    assert passing  # about one in eleven: the check character alone is no defense
    assert all(number.ends_in_zeros for number in passing)
    assert not ResidentId(STANDARD).ends_in_zeros


def test_a_refusal_survives_the_way_between_processes() -> None:
    with pytest.raises(InvalidResidentId) as refused:
        ResidentId.parse("1101051949")
    copied = pickle.loads(pickle.dumps(refused.value))  # noqa: S301
    assert (copied.reason, str(copied)) == ("length", REASONS["length"])


@pytest.mark.parametrize("text", ["1101051949123100", "1101051949123100２", "1101051949123100X"])
def test_a_check_character_needs_seventeen_digits(text: str) -> None:
    with pytest.raises(InvalidResidentId):
        check_character(text)


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        assert len(ResidentId.parse(text).number) == 18
    except InvalidResidentId as error:
        assert error.reason in REASONS  # noqa: PT017
