"""P07: in hardship, in the residents' pension, and nobody paid for them this year."""

from datetime import date

from hub.demo.months import LAST
from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:

    def payer(age: int, sex: str = "male", **resident: object) -> int:
        pid = pad.person(age, sex, role="resident")
        pad.resident(pid, **resident)  # type: ignore[arg-type]
        return pid

    def missed(pid: int, why: str) -> None:
        pad.case("P07", "not_found", ("person", pid), why)

    poor = payer(34 + turn % 9, identity="061", tier=100)
    pad.low_income(poor)
    pad.case("P07", "found", ("person", poor), "low income, registered, not paid for")
    disabled = payer(54, "female")
    pad.disabled(disabled, 1 + turn % 2)
    pad.case("P07", "found", ("person", disabled), "severely disabled, pays a band of her own")
    lifted = payer(47)
    pad.lifted(lifted)
    pad.case("P07", "found", ("person", lifted), "lifted out of poverty, registered, not paid for")

    paid = payer(44, identity="021", tier=100, on_behalf=True)
    pad.disabled(paid, 2)
    pad.low_income(paid)
    missed(paid, "low income and severely disabled, paid for once")
    slightly = payer(46)
    pad.disabled(slightly, 3)
    missed(slightly, "a disability of level 3, for which nobody pays")
    missed(payer(45), "in no hardship")
    worker, eid = pad.person(36, role="employee"), pad.employer()
    pad.staff(eid, 3)
    pad.job(worker, eid, wage=5200)
    pad.low_income(worker)
    missed(worker, "low income, and insured by an employer")
    elder = pad.person(70, "female", role="elder")
    pad.pensioner(elder, "170")
    pad.low_income(elder)
    missed(elder, "low income, and draws the residents' pension")
    prisoner = payer(41)
    pad.low_income(prisoner)
    pad.sentenced(prisoner, date(2025, 4, 22))
    missed(prisoner, "low income, in prison")

    new = payer(39, "female", first=LAST, identity="061", tier=100)
    pad.low_income(new)
    pad.case("P07", "unknown", ("person", new), "registered this month: perhaps paid for with the next list")
    paused = payer(43)
    pad.rows["residents"][-1]["state"] = "suspended"
    pad.low_income(paused)
    pad.case("P07", "unknown", ("person", paused), "the enrollment is suspended")
