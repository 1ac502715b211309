"""U26C: workers at the nuclear project, enrolled by nobody."""

from hub.demo.planting import Planting
from hub.demo.shortfall import rolled_short


def plant(pad: Planting, turn: int) -> None:
    rolled_short(pad, "U26C", "nuclear_project/staff", turn, said="临时工")
