"""U25: dispatched, contract and seasonal workers, enrolled by nobody."""

from hub.demo.planting import Planting
from hub.demo.shortfall import rolled_short

_ROLL = "human_resources/employment_registration"


def plant(pad: Planting, turn: int) -> None:
    rolled_short(pad, "U25", _ROLL, turn, said=("劳务派遣", "劳动合同", "季节性用工")[turn % 3])

    self_employed = pad.employer()
    pad.staff(self_employed, 3)
    pid = pad.person(42, role="flexible")
    pad.flexible(pid)
    pad.on_roll(pid, _ROLL, self_employed, said="灵活就业")
    pad.case("U25", "not_found", ("employer", self_employed), "registered as working on his own account")
