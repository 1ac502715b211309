"""U16A: employers under preferential policies, not all of whose staff is enrolled."""

from hub.demo.planting import Planting
from hub.demo.shortfall import counted_short


def plant(pad: Planting, turn: int) -> None:
    for eid in counted_short(pad, "U16A", turn):
        pad.listed(eid, "industry/preferential_policy")
