"""U11: closed with its insurance account open, or the other way round."""

from datetime import date

from hub.demo.months import YEAR
from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:
    for status, day in (("cancelled", date(2026, 2 + turn % 6, 16)), ("revoked", date(2025, 11, 3))):
        gone = pad.employer(status=status, status_on=day)
        pad.staff(gone, 2 + turn % 2, taxed="none")
        pad.case("U11", "found", ("employer", gone), f"{status} months ago, with staff in its account", "account_open")
    closing = pad.employer(status="cancelled", status_on=date(2026, 10, 26))
    pad.staff(closing, 2, taxed="none")
    pad.case("U11", "not_found", ("employer", closing), "cancelled within thirty days", "account_open")
    orderly = pad.employer(status="cancelled", status_on=date(2026, 5, 20))
    for pid in pad.staff(orderly, 2, last=YEAR + 4):
        pad.resident(pid, first=YEAR + 5)
    pad.case("U11", "not_found", ("employer", orderly), "its staff left when it was cancelled", "account_open")
    late = pad.employer(status="cancelled", status_on=date(2026, 10, 9))
    pad.staff(late, 2, taxed="none")
    pad.case("U11", "unknown", ("employer", late), "its thirty days ended after October", "account_open")

    def without_account() -> int:
        """Its account is closed since its staff left."""
        eid = pad.employer()
        for pid in pad.staff(eid, 2, last=YEAR + 2):
            pad.resident(pid, first=YEAR + 3)
        pad.account_closed(eid)
        pad.case("U01", "found", ("employer", eid), "registered, and nobody enrolled any more")
        return eid

    paying = without_account()
    for pid in pad.staff(paying, 2, types="none", first=YEAR + 3):
        pad.resident(pid)
    pad.case("U11", "found", ("employer", paying), "its account is closed, wages are paid", "account_closed")
    pad.case("U03", "found", ("employer", paying), "has paid wages for months", "pension", "medical")
    silent = without_account()
    pad.case("U11", "not_found", ("employer", silent), "its account is closed, and no wages are paid", "account_closed")
    doubtful = without_account()
    woman = pad.person(53 + turn % 4, "female", role="resident")
    pad.resident(woman)
    pad.job(woman, doubtful, types="none", first=YEAR + 3, wage=4200)
    pad.case("U11", "unknown", ("employer", doubtful), "it pays a woman of 53 to 56 only", "account_closed")
    pad.case("U03", "unknown", ("employer", doubtful), "it pays a woman of 53 to 56 only", "pension", "medical")
