"""U26D: drivers whom a platform pays wages, enrolled by nobody."""

from hub.demo.planting import Planting
from hub.demo.shortfall import rolled_short


def plant(pad: Planting, turn: int) -> None:
    rolled_short(pad, "U26D", "transport/ride_hailing_driver", turn, paid=True)

    platform, alone = pad.employer(), pad.person(37 + turn % 9, role="flexible")
    pad.staff(platform, 3)
    pad.flexible(alone)
    pad.on_roll(alone, "transport/ride_hailing_driver", platform)
    pad.case("U26D", "not_found", ("employer", platform), "no wages: a driver of his own account")
