"""What goes back to a department is in its words: its column, and Chinese."""

from pathlib import Path

import pytest

from hub.intake import read_connector
from hub.intake.chinese import in_chinese
from hub.terms import ResidentId, Uscc, day, yuan
from hub.terms.invalid import InvalidTerm

CONNECTOR = read_connector(Path(__file__).resolve().parents[2], "public_security/population")


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("status: unknown code '待定'", "管理状态：代码“待定”不在约定的代码表中"),
        ("row: duplicate of row 17", "整行：与第 17 行完全重复"),
        ("row: same key as row 3 with other values", "整行：与第 3 行指同一事项，但内容不一致"),
        ("resident_id: missing", "公民身份号码：未填写"),
        ("operation: unknown code '3'", "增删改标志：代码“3”不在约定的代码表中"),
        ("nobody knows", "nobody knows"),
        ("status: something new", "管理状态：something new"),
    ],
)
def test_a_reason_is_told_by_the_departments_column(reason: str, told: str) -> None:
    assert in_chinese(reason, CONNECTOR) == told


@pytest.mark.parametrize("text", ["37108219800101001", "3710821980010100A8", "371082198013010018", "3.71E+17", "371082********0018", "371082198001010010"])  # fmt: skip
def test_every_word_about_a_damaged_id_is_told_in_chinese(text: str) -> None:
    with pytest.raises(InvalidTerm) as refused:
        ResidentId.parse(text)
    told = in_chinese(f"resident_id: {refused.value}", CONNECTOR)
    assert not any(letter.isascii() and letter.isalpha() for letter in told), told


@pytest.mark.parametrize(
    ("parse", "text"),
    [(day, "三月"), (day, "2026-02-30"), (day, "2026-02"), (yuan, "若干"), (Uscc.parse, "91371082MA")],
)
def test_every_word_about_dates_amounts_and_codes_is_told_in_chinese(parse: object, text: str) -> None:
    with pytest.raises(InvalidTerm) as refused:
        parse(text)  # type: ignore[operator]
    told = in_chinese(f"status_on: {refused.value}", CONNECTOR)
    assert not any(letter.isascii() and letter.isalpha() for letter in told.replace("MA", "")), told
