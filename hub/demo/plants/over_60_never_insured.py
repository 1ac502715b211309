"""P05: old and never in any pension."""

from datetime import date

from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:

    def missed(pid: int, why: str) -> None:
        pad.case("P05", "not_found", ("person", pid), why)

    old = pad.person(63 + turn % 20, role="none")
    pad.case("P05", "found", ("person", old), "a man past sixty, never insured")
    oldest = pad.person(91, "female", role="none")
    pad.case("P05", "found", ("person", oldest), "a woman of 91, never insured")

    drawing = pad.person(72, "female", role="elder")
    pad.pensioner(drawing, "170")
    missed(drawing, "draws the residents' pension")
    retired = pad.person(69, role="pensioner")
    pad.pensioner(retired)
    missed(retired, "draws the employees' pension")
    once = pad.person(66, role="none")
    pad.spell(once, "110", first=1992 * 12, last=2003 * 12, state="ended", contributor="employee")
    missed(once, "was insured long ago: not never")
    registered = pad.person(64, "female", role="resident")
    pad.resident(registered)
    missed(registered, "in the residents' pension, and not drawing yet")
    dead = pad.person(77, role="none")
    pad.gone(dead, "dead", date(2025, 11, 9))
    missed(dead, "dead")
    moved = pad.person(68, role="none")
    pad.gone(moved, "moved_out", date(2025, 7, 19))
    missed(moved, "moved to the children")
    there = pad.person(61, role="none")
    pad.elsewhere(there)
    missed(there, "insured in another place")
