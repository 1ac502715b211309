"""A delivery is fresh until its days after its month are over."""

from datetime import date

import pytest

from hub.terms import freshness

OCTOBER = date(2026, 10, 1)


@pytest.mark.parametrize(
    ("period", "rows", "days", "today", "state"),
    [
        (None, None, 62, date(2026, 11, 21), "missing"),
        (OCTOBER, 0, 62, date(2026, 11, 21), "empty"),
        (OCTOBER, None, 62, date(2026, 11, 21), "empty"),
        (OCTOBER, 5, 20, date(2026, 11, 21), "fresh"),
        (OCTOBER, 5, 20, date(2026, 11, 22), "stale"),
        (OCTOBER, 5, None, OCTOBER, "stale"),
        (date(2025, 12, 1), 5, 0, date(2026, 1, 1), "fresh"),
    ],
)
def test_the_state_of_a_delivery(
    period: date | None, rows: int | None, days: int | None, today: date, state: str
) -> None:
    assert freshness(period, rows, days, today) == state
