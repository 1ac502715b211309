"""U26A: crews of fishing vessels, enrolled by nobody."""

from hub.demo.planting import Planting
from hub.demo.shortfall import rolled_short


def plant(pad: Planting, turn: int) -> None:
    rolled_short(pad, "U26A", "marine/fishing_crew", turn, trade=("海洋捕捞", "0411", "海水养殖"))
