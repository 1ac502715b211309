"""U10: in the employees' medical insurance, in no pension, unemployment or injury insurance."""

from hub.demo.months import LAST
from hub.demo.planting import Planting, Verdict

_ALL = ("employee_pension", "injury", "unemployment")


def plant(pad: Planting, turn: int) -> None:

    def case(verdict: Verdict, eid: int, why: str, *matters: str) -> None:
        pad.case("U10", verdict, ("employer", eid), why, *matters)

    medical = pad.employer()
    pad.staff(medical, 4)
    for pid in pad.staff(medical, 1 + turn % 2, types="medical"):
        pad.resident(pid, medical=False)
    case("found", medical, "a part of its staff is in medical insurance only", *_ALL)
    injury = pad.employer()
    pad.staff(injury, 3)
    pad.staff(injury, 2, types="no_injury")
    case("found", injury, "two have every insurance but injury, which the others have", "injury")

    user, agency = pad.employer(), pad.employer()
    pad.staff(user, 3)
    pad.staff(agency, 3)
    for pid in pad.staff(agency, 2, types="no_medical"):
        pad.job(pid, user, types="medical", taxed="none")
    case("not_found", user, "an agency has two of its staff in the other insurances", *_ALL)
    new = pad.employer()
    pad.staff(new, 3)
    for pid in pad.staff(new, 1, types="medical", first=LAST):
        pad.resident(pid, medical=False)
    case("not_found", new, "one was enrolled this month", *_ALL)

    doubtful = pad.employer()
    pad.staff(doubtful, 3)
    woman = pad.person(52 + turn % 4, "female", role="resident")
    pad.resident(woman, medical=False)
    pad.job(woman, doubtful, types="medical", wage=4200)
    case("unknown", doubtful, "a woman of 52 to 55 is in medical insurance only", *_ALL)
