"""U06: everyone at the floor."""

from hub.demo.model import UNTOLD
from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:
    floor = pad.employer()
    pad.staff(floor, 5 + turn % 3, wage=4300)
    pad.case("U06", "found", ("employer", floor), "all insured at the floor; their wages are no higher")

    hidden = pad.employer()
    pad.staff(hidden, 6, wage=9500, base=4416)
    pad.case("U06", "found", ("employer", hidden), "all insured at the floor, though wages are twice as high")
    pad.case("U05", "found", ("employer", hidden), "bases at the floor, wages twice as high")

    small = pad.employer()
    pad.staff(small, 2, wage=4200)
    pad.case("U06", "not_found", ("employer", small), "two at the floor are too few to say anything")

    mixed = pad.employer()
    pad.staff(mixed, 5, wage=4200)
    pad.staff(mixed, 1, wage=8200)
    pad.case("U06", "not_found", ("employer", mixed), "one of six is above the floor")
    untold = pad.employer()
    pad.staff(untold, 4, wage=4200)
    pad.staff(untold, 1, wage=4200, base=UNTOLD)
    pad.case("U06", "unknown", ("employer", untold), "the base of one of five is not told")
