"""U14: exposed to dust, without injury insurance."""

from hub.demo.planting import Planting, Verdict
from hub.demo.shortfall import hired_again

_STONE = ("石材", "3032", "建筑用石加工")


def plant(pad: Planting, turn: int) -> None:
    def exposed(
        verdict: Verdict, why: str, third: int, insured: int, uninsured: int = 0, trade: tuple[str, str, str] = _STONE
    ) -> int:
        eid = pad.employer(declared=3 * third, trade=trade)
        pad.staff(eid, insured)
        pad.staff(eid, uninsured, types="no_injury")
        pad.listed(eid, "health/dust_hazard")
        pad.case("U14", verdict, ("employer", eid), why)
        if uninsured:
            pad.case("U10", "found", ("employer", eid), "in medical and not in injury insurance", "injury")
        return eid

    exposed("found", "four or more are exposed, two are in injury insurance", 4 + turn % 3, 2, 10)
    bare = exposed("found", "two are exposed, nobody is in injury insurance", 2, 0, 6)
    pad.case("U07", "found", ("employer", bare), "no injury insurance")
    exposed("not_found", "the exposed may all be among those in injury insurance", 2, 3, 3)
    other = exposed(
        "not_found", "an industry in which dust is less harmful", 2, 0, 6, ("船舶配件", "3734", "船用配套设备制造")
    )
    pad.case("U07", "found", ("employer", other), "no injury insurance")
    helped = exposed("not_found", "the third exposed may be one of the pensioners hired again", 3, 2, 5)
    hired_again(pad, helped, 2)
    unsure = exposed("unknown", "a code of three figures, whose zero may be lost", 2, 0, 6, ("煤业", "610", "烟煤"))
    pad.case("U07", "found", ("employer", unsure), "no injury insurance")
