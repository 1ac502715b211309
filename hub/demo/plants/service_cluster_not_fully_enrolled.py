"""U17B: enterprises of service clusters, not all of whose staff is enrolled."""

from hub.demo.planting import Planting
from hub.demo.shortfall import counted_short


def plant(pad: Planting, turn: int) -> None:
    for eid in counted_short(pad, "U17B", turn):
        pad.listed(eid, "development_reform/service_cluster")
