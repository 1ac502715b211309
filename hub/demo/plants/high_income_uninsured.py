"""P13: who owns, heads or practices, and is not in the employees' pension."""

from datetime import date

from hub.demo.months import LAST
from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:

    def found(pid: int, why: str) -> None:
        pad.case("P13", "found", ("person", pid), why)

    def missed(pid: int, why: str) -> None:
        pad.case("P13", "not_found", ("person", pid), why)

    def unknown(pid: int, why: str) -> None:
        pad.case("P13", "unknown", ("person", pid), why)

    def owns(pid: int, kind: str = "enterprise") -> int:
        pad.staff(pad.employer(kind, owner=pid), 4)
        return pid

    nowhere = owns(pad.person(35 + turn % 9, role="none"))
    found(nowhere, "legal representative, insured nowhere")
    pad.case("P01", "found", ("person", nowhere), "of working age, insured nowhere, whatever he owns")
    shopkeeper = owns(pad.person(41, "female", role="resident"), "individual_business")
    pad.resident(shopkeeper)
    found(shopkeeper, "owns a business, in the residents' pension")
    lawyer = pad.person(38 + turn % 9, role="resident")
    pad.on_roll(lawyer, "justice/lawyer", since=date(2014, 7, 15))
    pad.resident(lawyer, tier=1000)
    found(lawyer, "a lawyer, in the residents' pension")

    flexible = owns(pad.person(44, role="flexible"))
    pad.flexible(flexible)
    missed(flexible, "legal representative, insured as self-employed")
    partner = pad.person(39, "female", role="flexible")
    pad.on_roll(partner, "justice/lawyer", since=date(2016, 7, 15))
    pad.flexible(partner)
    missed(partner, "a lawyer, insured as self-employed")
    retired = owns(pad.person(66, role="pensioner"))
    pad.pensioner(retired)
    missed(retired, "legal representative, draws a pension")
    there = owns(pad.person(40, role="none"))
    pad.elsewhere(there)
    missed(there, "legal representative, insured in another place")
    closed = pad.person(37, role="resident")
    pad.resident(closed)
    pad.employer(
        registered_on=date(2018, 1, 5), declared=0, status="cancelled", status_on=date(2026, 6, 9), owner=closed
    )
    missed(closed, "in the residents' pension, the enterprise is cancelled")

    woman = owns(pad.person(52 + turn % 5, "female", role="resident"))
    pad.resident(woman)
    unknown(woman, "a woman of 50 to 58: the age she retires at depends on her post")
    unknown(owns(pad.person(43, role="none", registered=False)), "not in the population register")
    left = owns(pad.person(42, role="none"))
    pad.spell(left, "110", first=2010 * 12, last=LAST - 60, state="ended", contributor="employee")
    unknown(left, "an enrollment that ended years ago: perhaps insured elsewhere")
    pad.case("P01", "unknown", ("person", left), "an enrollment that ended years ago: perhaps insured elsewhere")
