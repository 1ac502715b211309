"""U17A to U17D: enterprises of parks and clusters, not all of whose staff is enrolled."""

from hub.demo.planting import Planting
from hub.demo.shortfall import counted_short

_LISTS = {
    "U17A": "commerce/park_enterprise",
    "U17B": "development_reform/service_cluster",
    "U17C": "culture_tourism/tourism_park",
    "U17D": "agriculture/leading_enterprise",
}


def plant(pad: Planting, turn: int) -> None:
    for rule, delivery in _LISTS.items():
        for eid in counted_short(pad, rule, turn):
            pad.listed(eid, delivery)
