"""U15B: couriers without injury insurance, enrolled by nobody."""

from hub.demo.planting import Planting
from hub.demo.shortfall import rolled_short


def plant(pad: Planting, turn: int) -> None:
    rolled_short(pad, "U15B", "transport/courier", turn, elsewhere="unknown")

    injured_only = pad.employer(trade=("快递服务", "6020", "快递服务"))
    for pid in pad.staff(injured_only, 3, types="injury"):
        pad.resident(pid)
        pad.on_roll(pid, "transport/courier", injured_only)
    pad.case("U15B", "not_found", ("employer", injured_only), "in injury insurance first, and nothing else")
