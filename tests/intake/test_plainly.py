"""What column arithmetic calls plain is what the careful reading of one value says, and reads the same."""

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.intake import number, validate
from hub.intake.validate import Column, Reading
from hub.terms import check_character, uscc_check

TODAY = date(2026, 11, 21)
CODES = st.builds(
    lambda authority, category, division, code: authority + category + division + code,
    st.sampled_from("159ANYZ0"), st.sampled_from("0123Y"), st.from_regex(r"[0-9]{6}", fullmatch=True),
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9) | st.from_regex(r"[0-9]{9}", fullmatch=True),
).map(lambda first: first + uscc_check(first) if first[0] != "Z" else first + "0")  # fmt: skip
PERSONS = st.builds(
    lambda division, born, order: f"{division}{born:%Y%m%d}{order:03d}",
    st.sampled_from(["371082", "912345", "810000"]), st.dates(date(1840, 1, 1), date(2030, 1, 1)), st.integers(0, 999),
).map(lambda first: first + check_character(first))  # fmt: skip


@st.composite
def _written(draw: st.DrawFn) -> str | None:
    """A number as it may stand in a delivery: right, with one character another, in small letters, or none."""
    text = draw(CODES | PERSONS | st.sampled_from(["", "000000000000000000", "123456789", "汉汉汉汉汉汉", "无"]))
    how = draw(st.sampled_from(["as it is", "as it is", "wrong", "small", "none"]))
    if how == "wrong" and text:
        at = draw(st.integers(0, len(text) - 1))
        text = text[:at] + draw(st.sampled_from("019AIOSVZXé字-")) + text[at + 1 :]
    return None if how == "none" else text.lower() if how == "small" else text


READINGS: dict[str, Callable[[Column], Reading]] = {
    "employers": lambda column: number.employers(column, ["uscc", "owner", "registration"]),
    "resident IDs": lambda column: validate.resident_ids(column, TODAY),
}


@pytest.mark.parametrize("kind", READINGS)
@given(st.lists(_written(), min_size=1, max_size=20))
@settings(deadline=None)
def test_a_column_reads_as_each_of_its_values_alone_by_the_careful_way(kind: str, written: list[str | None]) -> None:
    def read(texts: list[str | None]) -> list[tuple[str | None, str | None]]:
        found = READINGS[kind](Column(pl.Series(texts, dtype=pl.String), None))
        return list(zip(found.values.to_list(), found.reasons.to_list(), strict=True))

    with pytest.MonkeyPatch.context() as patched:
        for module in (number, validate):
            patched.setattr(module, "of_length", lambda _length, text, _fine: pl.Series([False] * len(text)))
        patched.setattr(validate, "SPREADSHEET", 99)
        carefully = [read([one])[0] for one in written]
        patched.undo()
        patched.setattr(validate, "SPREADSHEET", 99)
        assert read(written) == carefully
