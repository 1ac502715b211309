import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.terms import is_null_text, normalize_name, normalize_text
from hub.terms.text import quotable


@pytest.mark.parametrize("dot", "·•・‧⋅∙･")
def test_every_look_of_the_middle_dot_becomes_the_required_one(dot: str) -> None:
    assert normalize_text(f"阿依古丽{dot}买买提") == "阿依古丽·买买提"


@pytest.mark.parametrize("dot", ["·", "•", "・", "．", ".", "‧", "⋅", " · ", " ． ", "。"])
def test_in_a_name_a_full_stop_and_its_blanks_are_the_dot_too(dot: str) -> None:
    assert normalize_name(f"阿依古丽{dot}买买提") == "阿依古丽·买买提"


def test_a_decimal_point_stays_one() -> None:
    assert normalize_text("１２．５") == "12.5"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("张　三", "张三"),
        (" 张 三\t", "张三"),
        ("\ufeff张\u200b三", "张三"),
        ("Anna  Maria", "Anna Maria"),
        ("J. Smith", "J. Smith"),
        ("䶮㛃𠅤", "䶮㛃𠅤"),
    ],
)
def test_a_name_is_made_comparable(raw: str, name: str) -> None:
    assert normalize_name(raw) == name


def test_widths_blanks_and_invisible_characters_are_evened_out() -> None:
    assert normalize_text("\ufeff ＡＢ\u00a0１２　（x）\r\n\x00") == "AB 12 (x)"


@pytest.mark.parametrize(
    "word", ["", " ", "\u3000", "\ufeff", "无", "暂无", "/", "-", "－", "\\N", "NULL", "null", "Null", " 无 "]
)
def test_the_words_for_nothing_are_known(word: str) -> None:
    assert is_null_text(word)


def test_zero_is_nothing_only_where_asked() -> None:
    assert not is_null_text("0")
    assert is_null_text("０", zero=True)
    assert not is_null_text("00", zero=True)
    assert not is_null_text("无名")


@given(st.text())
def test_normalizing_twice_changes_nothing(text: str) -> None:
    assert normalize_text(normalize_text(text)) == normalize_text(text)
    assert normalize_name(normalize_name(text)) == normalize_name(text)


def test_a_quote_hides_long_numbers_and_ends() -> None:
    assert quotable("code 999") == "code 999"
    assert quotable("tel 13800000000") == "tel *******0000"
    assert quotable("x" * 100) == "x" * 40 + "…"
