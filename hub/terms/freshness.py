"""Whether what was delivered last still stands for today."""

from datetime import date, timedelta
from typing import Literal

from hub.terms.time import add_months

Freshness = Literal["fresh", "stale", "missing", "empty"]


def freshness(period: date | None, rows: int | None, days: int | None, today: date) -> Freshness:
    """The state of a delivery whose last batch speaks of the month ``period`` and brought ``rows`` facts.

    ``days``: how many days after its month it still stands; None where nobody said so, which makes it stale.
    """
    if period is None:
        return "missing"
    if not rows:
        return "empty"
    if days is None or today > add_months(period, 1) + timedelta(days=days):
        return "stale"
    return "fresh"
