"""U26B: staff of state-owned enterprises, enrolled by nobody."""

from hub.demo.planting import Planting
from hub.demo.shortfall import rolled_short


def plant(pad: Planting, turn: int) -> None:
    rolled_short(pad, "U26B", "state_assets/staff", turn, said="劳务派遣")
