"""U17D: leading agricultural enterprises, not all of whose staff is enrolled."""

from hub.demo.planting import Planting
from hub.demo.shortfall import counted_short


def plant(pad: Planting, turn: int) -> None:
    for eid in counted_short(pad, "U17D", turn):
        pad.listed(eid, "agriculture/leading_enterprise")
