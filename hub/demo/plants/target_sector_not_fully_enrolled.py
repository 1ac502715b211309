"""U18: employers of target sectors, not all of whose staff is enrolled."""

from hub.demo.planting import Planting
from hub.demo.shortfall import counted_short

_TRADES = (("餐饮管理", "6210", "正餐服务"), ("物业管理", "7020", "物业管理"), ("人力资源", "7263", "劳务派遣服务"))


def plant(pad: Planting, turn: int) -> None:
    counted_short(pad, "U18", turn, trade=_TRADES[turn % 3])

    other = pad.employer(declared=9)
    pad.staff(other, 4)
    pad.case("U18", "not_found", ("employer", other), "an ordinary sector")
    unsure = pad.employer(declared=9, trade=("餐饮管理", "62", "餐饮业"))
    pad.staff(unsure, 4)
    pad.case("U18", "unknown", ("employer", unsure), "two figures, which may be a mine whose zero was lost")
