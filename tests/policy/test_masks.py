"""What each mask shows, by vectors, and where the store holds masked forms ready."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hub.policy.masks import MASKS
from hub.store import metadata
from hub.terms import mask_resident_id


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        ("last4", "11010519491231002X", "**************002X"),
        ("last4", "13800001111", "*******1111"),
        ("last4", "1234567", "****"),
        ("last4", "12345678", "****5678"),
        ("surname", "张三", "张*"),
        ("surname", "欧阳某某", "欧***"),
        ("surname", "张", "*"),
        ("surname", "", "*"),
        ("year", date(1966, 3, 8), date(1966, 1, 1)),
        ("area", "371082107003", "371082107"),
        ("area", "371082", "371082"),
        ("yes_no", "x", "yes"),
        ("yes_no", "", "no"),
        ("band", Decimal("4416.00"), Decimal(4000)),
        ("band", Decimal("-0.01"), Decimal(-1000)),
        ("band", Decimal(0), Decimal(0)),
    ],
)
def test_a_mask_shows(mask: str, value: Any, shown: Any) -> None:
    assert MASKS[mask].apply(value) == shown


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
def test_nothing_masked_is_still_nothing(mask: Any) -> None:
    assert mask.apply(None) is None


def test_the_last_four_of_a_resident_id_are_those_stored_with_it() -> None:
    assert MASKS["last4"].apply("11010519491231002X") == mask_resident_id("11010519491231002X")


def test_the_stored_forms_are_in_the_store() -> None:
    columns = {column.name for table in metadata.sorted_tables for column in table.columns}
    stored = {column for mask in MASKS.values() for column in mask.stored.values()}
    assert stored <= columns
    assert {column for column in columns if column.endswith("_masked")} == stored
    assert MASKS["surname"].stored_column("resident_id") is None
