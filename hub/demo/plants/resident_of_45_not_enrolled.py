"""P04: past forty-five, not yet sixty, and in no pension."""

from datetime import date

from hub.demo.months import LAST
from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:

    def born(pid: int, on: date) -> int:
        pad.rows["persons"][pid]["birth"] = on
        return pid

    def nowhere(pid: int, why: str) -> None:
        pad.case("P04", "found", ("person", pid), why)
        pad.case("P01", "found", ("person", pid), "of working age, insured nowhere")

    def missed(pid: int, why: str) -> None:
        pad.case("P04", "not_found", ("person", pid), why)

    nowhere(pad.person(46 + turn % 12, role="none"), "a man past 45, insured nowhere")
    nowhere(born(pad.person(45, role="none"), date(1981, 10, 28)), "45 this month, insured nowhere")
    nowhere(born(pad.person(59, role="none"), date(1966, 11, 3)), "sixty next month, insured nowhere")
    woman = pad.person(52 + turn % 6, "female", role="none")
    pad.case("P04", "found", ("person", woman), "a woman of 52 to 57: the resident pension asks for no post")
    pad.case("P01", "unknown", ("person", woman), "a woman of 50 to 58")

    younger = born(pad.person(44, role="none"), date(1981, 11, 3))
    missed(younger, "45 next month")
    pad.case("P01", "found", ("person", younger), "of working age, insured nowhere")
    sixty = born(pad.person(60, role="none"), date(1966, 10, 3))
    missed(sixty, "sixty this month")
    pad.case("P05", "found", ("person", sixty), "sixty this month and never insured")
    payer = pad.person(50, role="resident")
    pad.resident(payer)
    missed(payer, "in the residents' pension")
    flexible = pad.person(48, role="flexible")
    pad.flexible(flexible)
    missed(flexible, "self-employed and insured as such")
    early = pad.person(56, "female", role="pensioner")
    pad.pensioner(early)
    missed(early, "a woman of 56 who draws a pension")
    prisoner = pad.person(47, role="none")
    pad.sentenced(prisoner, date(2024, 5, 15))
    missed(prisoner, "in prison")
    commuter = pad.person(49, "female", role="none")
    pad.elsewhere(commuter)
    missed(commuter, "insured where she works")
    moved = pad.person(51, role="none")
    pad.gone(moved, "moved_out", date(2025, 7, 9))
    missed(moved, "moved out")

    left = pad.person(53, role="none")
    pad.spell(left, "110", first=2009 * 12, last=LAST - 70, state="ended", contributor="employee")
    for rule in ("P04", "P01"):
        pad.case(rule, "unknown", ("person", left), "an enrollment that ended years ago: perhaps insured elsewhere")
