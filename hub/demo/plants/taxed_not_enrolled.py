"""U03: operating, paying wages, and nobody enrolled."""

from hub.demo.months import LAST
from hub.demo.planting import Planting, Verdict


def plant(pad: Planting, turn: int) -> None:

    def case(verdict: Verdict, eid: int, why: str, *, enrolled: bool = False) -> None:
        pad.case("U03", verdict, ("employer", eid), why, "pension", "medical")
        if not enrolled:
            pad.case("U01", "found", ("employer", eid), f"registered, and nobody enrolled: {why}")

    trading = pad.employer()
    for pid in pad.staff(trading, 2 + turn % 3, types="none"):
        pad.resident(pid)
    case("found", trading, "has paid wages for years")

    leasing, agency = pad.employer(), pad.employer()
    for pid in pad.staff(agency, 4):
        pad.job(pid, leasing, types="none", wage=2400)
    case("not_found", leasing, "an agency has its staff enrolled")
    new = pad.employer()
    for pid in pad.staff(new, 2, types="none", first=LAST - 1):
        pad.resident(pid)
    case("not_found", new, "two months of wages are no normal operation yet")
    rehiring = pad.employer()
    for place in range(2):
        pid = pad.person(66 + place, role="pensioner")
        pad.pensioner(pid)
        pad.job(pid, rehiring, types="none", wage=3600)
    case("not_found", rehiring, "pays pensioners only")
    couriers = pad.employer(trade=("快递服务", "6020", "快递服务"))
    for pid in pad.staff(couriers, 3, types="injury"):
        pad.resident(pid)
    case("not_found", couriers, "has its couriers in injury insurance", enrolled=True)

    doubtful = pad.employer()
    woman = pad.person(52 + turn % 4, "female", role="resident")
    pad.resident(woman)
    pad.job(woman, doubtful, types="none", wage=4200)
    case("unknown", doubtful, "its only employee is a woman of 52 to 55")
