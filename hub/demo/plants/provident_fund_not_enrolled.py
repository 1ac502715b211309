"""U08: in the housing provident fund, and not enrolled."""

from hub.demo.months import LAST
from hub.demo.planting import Planting, Verdict


def plant(pad: Planting, turn: int) -> None:

    def case(verdict: Verdict, eid: int, why: str, *matters: str) -> None:
        pad.case("U08", verdict, ("employer", eid), why, *matters)

    partly = pad.employer()
    for pid in pad.staff(partly, 4 + turn % 2):
        pad.fund(pid, partly)
    for pid in pad.staff(partly, 2, types="none"):
        pad.resident(pid)
        pad.fund(pid, partly, LAST - 1)
    case("found", partly, "two with a fund account are not enrolled", "pension", "medical")
    lacking = pad.employer()
    pad.staff(lacking, 3)
    for pid in pad.staff(lacking, 2, types="no_medical"):
        pad.spell(pid, "390")
        pad.fund(pid, lacking)
    case("found", lacking, "two with a fund account are in no employees' medical insurance", "medical")
    pad.case("U09", "found", ("employer", lacking), "two of its staff are in no employees' medical insurance")

    whole = pad.employer()
    for pid in pad.staff(whole, 3):
        pad.fund(pid, whole)
    case("not_found", whole, "everyone with a fund account is enrolled", "pension", "medical")
    user, agency = pad.employer(), pad.employer()
    pad.staff(user, 3)
    for pid in pad.staff(agency, 2):
        pad.fund(pid, user)
    case("not_found", user, "those with a fund account are enrolled by an agency", "pension", "medical")
    left = pad.employer()
    pad.staff(left, 3)
    for pid in pad.staff(left, 2, types="none", last=LAST - 4):
        pad.resident(pid)
        pad.fund(pid, left, LAST - 4)
    case("not_found", left, "nothing was paid into the fund since they left", "pension", "medical")

    hiring = pad.employer()
    pad.staff(hiring, 3)
    for pid in pad.staff(hiring, 2, types="none", first=LAST):
        pad.resident(pid)
        pad.fund(pid, hiring)
    case("unknown", hiring, "those with a fund account were first paid this month", "pension", "medical")
