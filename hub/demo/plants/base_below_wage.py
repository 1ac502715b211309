"""U05: contribution bases below wages."""

from hub.demo.model import UNTOLD
from hub.demo.months import YEAR
from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:
    low = pad.employer()
    pad.staff(low, 6, wage=9000 + 100 * (turn % 7), base=5000)
    pad.case("U05", "found", ("employer", low), "bases of 5,000 yuan, wages of about 9,000 the year before")

    rich = pad.employer()
    pad.staff(rich, 4, wage=38_000)
    pad.case("U05", "not_found", ("employer", rich), "wages above the ceiling, bases at it")

    poor = pad.employer()
    pad.staff(poor, 2, wage=3200)
    pad.staff(poor, 2, wage=8000)
    pad.case("U05", "not_found", ("employer", poor), "wages below the floor, bases at it")

    bonus = pad.employer()
    for pid in pad.staff(bonus, 4, wage=6200):
        pad.income(pid, bonus, YEAR - 1, "bonus", 50_000)
    pad.case("U05", "not_found", ("employer", bonus), "large bonuses last year, which are left out")
    near = pad.employer()
    pad.staff(near, 4, wage=8000, base=6800)
    pad.case("U05", "not_found", ("employer", near), "bases an eighth below the wages: no great difference")
    untold = pad.employer()
    pad.staff(untold, 4, base=UNTOLD)
    pad.case("U05", "unknown", ("employer", untold), "the contributions do not tell the bases")
