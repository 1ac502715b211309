"""U16: employers that were favored for a year, not all of whose staff is enrolled."""

from hub.demo.planting import Planting
from hub.demo.shortfall import counted_short

_LISTS = {"U16A": "industry/preferential_policy", "U16B": "tax/tax_refund", "U16C": "industry/above_scale"}


def plant(pad: Planting, turn: int) -> None:
    for rule, delivery in _LISTS.items():
        for eid in counted_short(pad, rule, turn):
            pad.listed(eid, delivery)
