"""U01: registered, but nobody enrolled."""

from datetime import date

from hub.demo.months import YEAR
from hub.demo.planting import Planting

ALONE = "an individual business of which no employee is known: perhaps it has none, and then it is not obliged"


def plant(pad: Planting, turn: int) -> None:

    def found(eid: int, why: str) -> None:
        pad.case("U01", "found", ("employer", eid), why)

    def missed(eid: int, why: str) -> None:
        pad.case("U01", "not_found", ("employer", eid), why)

    def unknown(eid: int, why: str) -> None:
        pad.case("U01", "unknown", ("employer", eid), why)

    found(pad.employer(registered_on=date(2026, 1 + turn % 8, 5), declared=4), "months after its registration")
    found(pad.employer(registered_on=date(2019, 5, 1), declared=6), "registered years ago")
    found(pad.employer("cooperative", registered_on=date(2024, 3, 8), declared=5), "a cooperative")
    found(pad.employer("social_organization", registered_on=date(2023, 9, 1), declared=3), "a social organization")
    shop = pad.employer("individual_business", registered_on=date(2024, 4, 1), declared=3)
    for pid in pad.staff(shop, 3, types="none", wage=4800):
        pad.resident(pid)
    found(shop, "an individual business that pays wages to others than its owner")
    found(pad.employer(registered_on=date(2026, 10, 1), declared=2), "its thirty days ended with October")
    unknown(pad.employer(registered_on=date(2026, 10, 2), declared=2), "its thirty days ended after October")
    unknown(pad.employer(registered_on=date(2026, 10, 21), declared=2), "registered 31 days ago, judged by October")
    missed(pad.employer(registered_on=date(2026, 10, 22), declared=2), "registered 30 days ago")
    missed(pad.employer(registered_on=date(2026, 10, 23), declared=2), "registered 29 days ago")
    unknown(pad.employer("individual_business", registered_on=date(2020, 4, 1), declared=0), ALONE)
    missed(
        pad.employer(registered_on=date(2018, 1, 5), declared=0, status="cancelled", status_on=date(2026, 6, 9)),
        "cancelled",
    )
    missed(
        pad.employer(registered_on=date(2017, 1, 5), declared=0, status="revoked", status_on=date(2025, 6, 9)),
        "revoked",
    )
    new = pad.employer(registered_on=date(2026, 9, 2))
    pad.staff(new, 2, first=YEAR + 8)
    missed(new, "enrolled its first employees in the month of its registration")
