"""U16C: employers above scale or specialized, not all of whose staff is enrolled."""

from hub.demo.planting import Planting
from hub.demo.shortfall import counted_short


def plant(pad: Planting, turn: int) -> None:
    for eid in counted_short(pad, "U16C", turn):
        pad.listed(eid, "industry/above_scale")
