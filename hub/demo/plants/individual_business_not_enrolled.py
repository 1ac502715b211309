"""U22: an individual business with employees, none of them enrolled."""

from datetime import date

from hub.demo.months import LAST
from hub.demo.planting import Planting, Verdict

ALONE = "an individual business of which no employee is known: perhaps it has none, and then it is not obliged"


def plant(pad: Planting, turn: int) -> None:

    def shop(declared: int, registered_on: date = date(2024, 4, 1), owner: int | None = None) -> int:
        return pad.employer("individual_business", registered_on=registered_on, declared=declared, owner=owner)

    def trader() -> int:
        """Owns a shop that pays a wage to nobody else, and is in the residents' pension."""
        pid = pad.person(34 + turn % 9, role="resident")
        pad.resident(pid)
        pad.case("P13", "found", ("person", pid), "owns a business and is in no employee pension")
        return pid

    def case(verdict: Verdict, eid: int, why: str) -> None:
        pad.case("U22", verdict, ("employer", eid), why)

    paying = shop(3)
    for pid in pad.staff(paying, 3, types="none", wage=4800):
        pad.resident(pid)
    case("found", paying, "pays wages to others than its owner")

    enrolled = shop(2)
    pad.staff(enrolled, 2)
    case("not_found", enrolled, "has its staff enrolled")
    opened = shop(2, date(2026, 10, 23))
    for pid in pad.staff(opened, 2, types="none", first=LAST):
        pad.resident(pid)
    case("not_found", opened, "registered 29 days ago")
    closed = pad.employer("individual_business", declared=0, status="cancelled", status_on=date(2026, 3 + turn % 5, 9))
    case("not_found", closed, "cancelled")

    case("unknown", shop(0), ALONE)
    alone = trader()
    owned = shop(1, owner=alone)
    pad.job(alone, owned, types="none", wage=4800)
    case("unknown", owned, "pays a wage to its owner only")
    busy = trader()
    helped = shop(2, owner=busy)
    pad.job(busy, helped, types="none", wage=4800)
    elder = pad.person(67, role="pensioner")
    pad.pensioner(elder)
    pad.job(elder, helped, types="none", wage=2600)
    case("unknown", helped, "pays its owner and a pensioner only")
    hiring = shop(2)
    for pid in pad.staff(hiring, 2, types="none", first=LAST):
        pad.resident(pid)
    case("unknown", hiring, "its first employee was hired this month")
