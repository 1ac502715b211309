"""U01: registered, but nobody enrolled."""

from datetime import date

from hub.demo.months import YEAR
from hub.demo.planting import Planting, Verdict


def plant(pad: Planting, turn: int) -> None:

    def case(verdict: Verdict, eid: int, why: str) -> None:
        pad.case("U01", verdict, ("employer", eid), why)

    def new(verdict: Verdict, registered_on: date, why: str) -> None:
        """Registered this year, so that its account was opened of itself."""
        eid = pad.employer(registered_on=registered_on, declared=2)
        case(verdict, eid, why)
        pad.case("U02", verdict, ("employer", eid), why)

    new("found", date(2026, 1 + turn % 8, 5), "months after its registration")
    case("found", pad.employer(registered_on=date(2019, 5, 1), declared=6), "registered years ago")
    case("found", pad.employer("cooperative", registered_on=date(2024, 3, 8), declared=5), "a cooperative")
    case(
        "found",
        pad.employer("social_organization", registered_on=date(2023, 9, 1), declared=3),
        "a social organization",
    )
    new("found", date(2026, 10, 1), "its thirty days ended with October")
    new("unknown", date(2026, 10, 2), "its thirty days ended after October")
    new("unknown", date(2026, 10, 21), "registered 31 days ago, judged by October")
    new("not_found", date(2026, 10, 22), "registered 30 days ago")
    new("not_found", date(2026, 10, 23), "registered 29 days ago")
    gone = pad.employer(registered_on=date(2018, 1, 5), declared=0, status="cancelled", status_on=date(2026, 6, 9))
    case("not_found", gone, "cancelled")
    revoked = pad.employer(registered_on=date(2017, 1, 5), declared=0, status="revoked", status_on=date(2025, 6, 9))
    case("not_found", revoked, "revoked")
    prompt = pad.employer(registered_on=date(2026, 9, 2))
    pad.staff(prompt, 2, first=YEAR + 8)
    case("not_found", prompt, "enrolled its first employees in the month of its registration")
