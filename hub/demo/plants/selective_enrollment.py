"""U07: some insurances, not all."""

from hub.demo.months import YEAR
from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:
    for types, why, lacking in (
        ("no_injury", "no injury insurance", ("injury",)),
        ("no_unemployment", "no unemployment insurance", ("unemployment",)),
        ("pension_medical", "pension and medical insurance only", ("injury", "unemployment")),
    ):
        eid = pad.employer(trade=("机械制造", "3499", "其他未列明通用设备制造业"))
        pad.staff(eid, 4 + turn % 2, types=types)
        pad.case("U07", "found", ("employer", eid), why)
        pad.case("U10", "found", ("employer", eid), f"in medical insurance: {why}", *lacking)

    whole = pad.employer()
    pad.staff(whole, 4)
    pad.case("U07", "not_found", ("employer", whole), "every insurance")
    couriers = pad.employer(trade=("快递服务", "6020", "快递服务"))
    for pid in pad.staff(couriers, 4, types="injury"):
        pad.resident(pid)
    pad.case("U07", "not_found", ("employer", couriers), "a courier outlet, in injury insurance first")
    helped = pad.employer()
    for place in range(3):
        pid = pad.person(65 + place, role="pensioner")
        pad.pensioner(pid)
        pad.job(pid, helped, types="injury", first=YEAR, wage=3800)
    pad.case("U07", "not_found", ("employer", helped), "injury insurance for pensioners hired again, no others")
