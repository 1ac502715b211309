"""U02: an account opened of itself, and nobody enrolled. Those registered this year are on the list."""

from datetime import date

from hub.demo.months import YEAR
from hub.demo.planting import Planting, Verdict


def plant(pad: Planting, turn: int) -> None:

    def case(verdict: Verdict, eid: int, why: str) -> None:
        pad.case("U02", verdict, ("employer", eid), why)

    for kind, day in (("enterprise", 11), ("cooperative", 19)):
        waiting = pad.employer(kind, registered_on=date(2026, 3 + turn % 5, day), declared=2)
        case("found", waiting, "its account was opened months ago")
        pad.case("U01", "found", ("employer", waiting), "registered months ago, and nobody enrolled")
    late = pad.employer(registered_on=date(2026, 10, 12), declared=2)
    case("unknown", late, "its account was opened in the middle of October")
    pad.case("U01", "unknown", ("employer", late), "registered in the middle of October")

    staffed = pad.employer(registered_on=date(2026, 5, 12))
    pad.staff(staffed, 3, first=YEAR + 5)
    case("not_found", staffed, "enrolled its staff in the month after")
    owner = pad.person(33 + turn % 9, role="resident")
    pad.resident(owner)
    shop = pad.employer("individual_business", registered_on=date(2026, 4, 8), declared=1, owner=owner)
    pad.job(owner, shop, types="none", first=YEAR + 4)
    pad.case("P13", "found", ("person", owner), "owns a business and is in no employee pension")
    case("not_found", shop, "an individual business, whose owner is alone")
    pad.case("U22", "unknown", ("employer", shop), "no employee but its owner is known")
