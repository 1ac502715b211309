"""U17C: enterprises of tourism parks, not all of whose staff is enrolled."""

from hub.demo.planting import Planting
from hub.demo.shortfall import counted_short


def plant(pad: Planting, turn: int) -> None:
    for eid in counted_short(pad, "U17C", turn):
        pad.listed(eid, "culture_tourism/tourism_park")
