"""U16B: employers that got taxes back, not all of whose staff is enrolled."""

from hub.demo.planting import Planting
from hub.demo.shortfall import counted_short


def plant(pad: Planting, turn: int) -> None:
    for eid in counted_short(pad, "U16B", turn):
        pad.listed(eid, "tax/tax_refund")
