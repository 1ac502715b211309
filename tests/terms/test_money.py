from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.terms import InvalidAmount, yuan


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234.5", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1，234，567．80", "1234567.80"),
        ("1234.5元", "1234.50"),
        ("¥1,234.50", "1234.50"),
        ("￥ 1 234.50 元整", "1234.50"),
        ("１２３４．５", "1234.50"),
        ("1.2万元", "12000.00"),
        ("1.23456万", "12345.60"),
        ("-1234.5", "-1234.50"),
        ("－1234.5", "-1234.50"),
        ("−1234.5", "-1234.50"),
        ("¥-3", "-3.00"),
        ("(1,234.50)", "-1234.50"),
        ("（1,234.50元）", "-1234.50"),
        ("+5", "5.00"),
        (".5", "0.50"),
        ("7.", "7.00"),
        ("0", "0.00"),
        ("-0", "0.00"),
        ("0.005", "0.01"),
        ("1234.5600000000001", "1234.56"),
        ("'12", "12.00"),
    ],
)
def test_the_ways_departments_write_an_amount_mean_the_same(text: str, amount: str) -> None:
    assert str(yuan(text)) == amount


def test_the_headers_unit_holds_where_the_text_names_none() -> None:
    assert yuan("1.2", unit="wan") == 12000
    assert yuan("1.2万元", unit="wan") == 12000
    assert yuan("1.2元", unit="wan") == Decimal("1.20")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "blank"),
        ("无", "blank"),
        ("-", "blank"),
        ("NaN", "blank"),
        ("面议", "amount"),
        ("inf", "amount"),
        ("Infinity", "amount"),
        ("1e999", "amount"),
        ("1E+05", "amount"),
        ("12,34", "amount"),
        ("1,2345", "amount"),
        ("1.2.3", "amount"),
        ("--5", "amount"),
        ("(-5)", "amount"),
        ("(5", "amount"),
        ("5)", "amount"),
        ("5美元", "amount"),
        ("12%", "amount"),
        (".", "amount"),
        ("١٢", "amount"),
        ("100000000000000", "range"),
        ("99999999999999.999", "range"),
        ("10000000000", "range"),
        ("9" * 5000, "range"),
    ],
)
def test_what_is_no_amount_is_refused_and_not_quoted(text: str, why: str) -> None:
    with pytest.raises(InvalidAmount) as refused:
        yuan(text, unit="wan" if text == "10000000000" else "yuan")
    assert refused.value.reason == why
    assert not text or text not in str(refused.value).split()


@given(st.decimals(min_value="-99999999", max_value="99999999", places=2))
def test_every_amount_is_read_back_however_it_is_grouped(amount: Decimal) -> None:
    assert yuan(f"{amount:,.2f}元") == amount
    assert yuan(f"{amount:.2f}").as_tuple().exponent == -2
