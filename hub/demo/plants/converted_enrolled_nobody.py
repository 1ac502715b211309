"""U20: individual businesses that became enterprises and enrolled nobody."""

from datetime import date

from hub.demo.planting import Planting, Verdict
from hub.demo.shortfall import hired_again


def plant(pad: Planting, turn: int) -> None:
    def converted(verdict: Verdict, why: str, said: int, enrolled: int = 0, on: date = date(2026, 1, 12)) -> int:
        eid = pad.employer(registered_on=on, declared=said)
        pad.staff(eid, enrolled)
        pad.listed(eid, "market_supervision/conversion")
        pad.case("U20", verdict, ("employer", eid), why)
        return eid

    bare = [
        converted("found", "four work there, nobody is enrolled", 4 + turn % 3),
        converted("unknown", "one who may be the owner", 1),
        converted("found", "two work there, nobody is enrolled", 2, on=date(2018, 4, 2)),
    ]
    helped = converted("not_found", "none beside the owner but pensioners hired again", 2)
    hired_again(pad, helped, 2)
    for eid in (*bare, helped):
        pad.case("U01", "found", ("employer", eid), "an enterprise registered long ago, nobody enrolled")
    for eid in (*bare[:2], helped):
        pad.case("U02", "found", ("employer", eid), "its account was opened in January")
    converted("not_found", "three of five are enrolled", 5, 3)
    new = converted("not_found", "converted within its thirty days", 4, on=date(2026, 10, 12))
    pad.case("U01", "unknown", ("employer", new), "its thirty days ended after October")
    pad.case("U02", "unknown", ("employer", new), "its account was opened in October")
