"""U09: in the employees' pension, in no employees' medical insurance."""

from hub.demo.months import LAST
from hub.demo.planting import Planting, Verdict


def plant(pad: Planting, turn: int) -> None:

    def case(verdict: Verdict, eid: int, why: str) -> None:
        pad.case("U09", verdict, ("employer", eid), why)

    partly = pad.employer()
    pad.staff(partly, 3)
    for pid in pad.staff(partly, 1 + turn % 2, types="no_medical"):
        pad.spell(pid, "390")
    case("found", partly, "a part of its staff is in the residents' medical insurance")
    none = pad.employer()
    for pid in pad.staff(none, 3, types="no_medical"):
        pad.spell(pid, "390")
    case("found", none, "nobody is in the employees' medical insurance")
    pad.case("U07", "found", ("employer", none), "no medical insurance")

    own = pad.employer()
    pad.staff(own, 3)
    for pid in pad.staff(own, 1, types="no_medical"):
        pad.spell(pid, "310", contributor="flexible")
    case("not_found", own, "one has kept the medical insurance of the self-employed")
    user, agency = pad.employer(), pad.employer()
    pad.staff(user, 3)
    for pid in pad.staff(agency, 3):
        pad.job(pid, user, types="injury", wage=2400)
    case("not_found", user, "those it has in injury insurance only are insured by an agency")
    new = pad.employer()
    pad.staff(new, 3)
    for pid in pad.staff(new, 1, types="no_medical", first=LAST):
        pad.spell(pid, "390")
    case("not_found", new, "one was enrolled this month")

    paused = pad.employer()
    pad.staff(paused, 3)
    for pid in pad.staff(paused, 1, types="no_medical"):
        pad.spell(pid, "310", eid=paused, state="suspended", contributor="employee")
    case("unknown", paused, "the medical insurance of one is suspended")
