"""U17A: enterprises of parks, not all of whose staff is enrolled."""

from hub.demo.planting import Planting
from hub.demo.shortfall import counted_short


def plant(pad: Planting, turn: int) -> None:
    for eid in counted_short(pad, "U17A", turn):
        pad.listed(eid, "commerce/park_enterprise")
