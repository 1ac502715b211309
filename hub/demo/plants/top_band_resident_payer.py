"""P14: residents who pay much."""

from hub.demo.months import LAST
from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:

    def payer(age: int, sex: str = "male", **resident: object) -> int:
        pid = pad.person(age, sex, role="resident")
        pad.resident(pid, **resident)  # type: ignore[arg-type]
        return pid

    def missed(pid: int, why: str) -> None:
        pad.case("P14", "not_found", ("person", pid), why)

    pad.case("P14", "found", ("person", payer(36 + turn % 9, tier=5000)), "a man in the band of 5000 yuan")
    pad.case("P14", "found", ("person", payer(44, "female", tier=8000)), "a woman under fifty in the band of 8000 yuan")

    missed(payer(40, tier=4000), "the band below")
    switched = payer(33, tier=5000, last=LAST - 6)
    eid = pad.employer()
    pad.staff(eid, 3)
    pad.job(switched, eid, first=LAST - 5)
    missed(switched, "paid 5000 yuan until an employer enrolled him")
    helped = payer(45, identity="021", tier=5000, on_behalf=True)
    pad.disabled(helped, 2)
    missed(helped, "severely disabled")
    elder = pad.person(66, "female", role="elder")
    pad.pensioner(elder, "170")
    pad.rows["residents"][-1]["tier"] = 5000
    missed(elder, "draws the residents' pension")
    student = payer(22, tier=5000)
    pad.student(student)
    missed(student, "at school; the parents pay")

    woman = payer(51 + turn % 6, "female", tier=6000)
    pad.case("P14", "unknown", ("person", woman), "a woman of 50 to 58: the age she retires at depends on her post")
