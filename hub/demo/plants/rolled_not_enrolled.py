"""U25 and U26A to U26C: who is on a roll of workers, and enrolled by nobody."""

from hub.demo.planting import Planting
from hub.demo.shortfall import rolled_short

_REGISTERED = "human_resources/employment_registration"


def plant(pad: Planting, turn: int) -> None:
    rolled_short(pad, "U25", _REGISTERED, turn, said=("劳务派遣", "劳动合同", "季节性用工")[turn % 3])
    rolled_short(pad, "U26A", "marine/fishing_crew", turn, trade=("海洋捕捞", "0411", "海水养殖"))
    rolled_short(pad, "U26B", "state_assets/staff", turn, said="劳务派遣")
    rolled_short(pad, "U26C", "nuclear_project/staff", turn, said="临时工")

    self_employed = pad.employer()
    pad.staff(self_employed, 3)
    pid = pad.person(42, role="flexible")
    pad.flexible(pid)
    pad.on_roll(pid, _REGISTERED, self_employed, said="灵活就业")
    pad.case("U25", "not_found", ("employer", self_employed), "registered as working on his own account")
