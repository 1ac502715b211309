"""P10: twice in the same kind of insurance."""

from hub.demo.months import LAST, YEAR
from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:
    eid = pad.employer()
    both, pension, *_ = pad.staff(eid, 5)
    pad.resident(both)
    pad.case("P10", "found", ("person", both), "employees' and residents' insurance at once", "pension", "medical")
    pad.resident(pension, medical=False)
    pad.case("P10", "found", ("person", pension), "two pensions at the same time", "pension")
    medical = pad.person(47 + turn % 6, role="flexible")
    pad.flexible(medical)
    pad.spell(medical, "390")
    pad.case("P10", "found", ("person", medical), "two medical insurances at the same time", "medical")

    crossed = pad.person(30, role="employee")
    pad.resident(crossed, last=YEAR + 1)
    pad.job(crossed, eid, first=YEAR + 2)
    pad.case("P10", "not_found", ("person", crossed), "left the residents' insurance the month before being hired")
    two, other = pad.person(33, role="employee"), pad.employer()
    pad.staff(other, 3)
    pad.job(two, eid, last=YEAR + 4)
    pad.job(two, other, first=YEAR + 5)
    pad.case("P10", "not_found", ("person", two), "two employers, one after the other")
    retired = pad.person(66, role="pensioner")
    pad.pensioner(retired)
    pad.resident(retired, medical=False)
    pad.case("P10", "not_found", ("person", retired), "retired from the employees' pension, which is not active")
    new = pad.person(29, role="employee")
    pad.resident(new, medical=False)
    pad.job(new, eid, first=LAST)
    pad.case("P10", "unknown", ("person", new), "hired this month: the end may not be entered yet", "pension")
