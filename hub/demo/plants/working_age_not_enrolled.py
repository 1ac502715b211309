"""P01: of working age and insured nowhere."""

from datetime import date

from hub.demo.months import LAST
from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:  # noqa: PLR0915  # one case after the other

    def found(pid: int, why: str) -> None:
        pad.case("P01", "found", ("person", pid), why)

    def missed(pid: int, why: str) -> None:
        pad.case("P01", "not_found", ("person", pid), why)

    found(pad.person(30 + turn % 15, role="none"), "a man of working age, insured nowhere")
    found(pad.person(27 + turn % 15, "female", role="none"), "a woman under fifty, insured nowhere")
    older = pad.person(58, role="none")
    found(older, "a man of 58, insured nowhere")
    pad.case("P04", "found", ("person", older), "a man of 58, insured nowhere")

    missed(pad.person(14, role="child"), "under sixteen")
    retired = pad.person(67, role="pensioner")
    pad.pensioner(retired)
    missed(retired, "draws a pension")
    early = pad.person(57, "female", role="pensioner")
    pad.pensioner(early)
    missed(early, "a woman of 57 who draws a pension")
    dead = pad.person(44, role="none")
    pad.gone(dead, "dead", date(2025, 3 + turn % 9, 9))
    missed(dead, "dead")
    moved = pad.person(33, role="none")
    pad.gone(moved, "moved_out", date(2025, 5, 9))
    missed(moved, "moved out")
    abroad = pad.person(36, role="none")
    pad.gone(abroad, "emigrated", date(2025, 6, 9))
    missed(abroad, "settled abroad")
    soldier = pad.person(20, role="none")
    pad.gone(soldier, "enlisted", date(2025, 9, 10))
    missed(soldier, "a soldier")
    flexible = pad.person(39, role="flexible")
    pad.flexible(flexible)
    missed(flexible, "self-employed and insured as such")
    resident = pad.person(45, "female", role="resident")
    pad.resident(resident)
    missed(resident, "in the residents' pension")
    hired = pad.person(24, role="employee")
    eid = pad.employer()
    pad.staff(eid, 3)
    pad.job(hired, eid, first=LAST)
    missed(hired, "hired and enrolled this month")

    woman = pad.person(53 + turn % 4, "female", role="none")
    pad.case("P01", "unknown", ("person", woman), "a woman of 50 to 58: the age she retires at depends on her post")
    pad.case("P04", "found", ("person", woman), "past 45 and insured nowhere, whatever her post")
    found(pad.person(20, role="none"), "twenty, insured nowhere and on no school's list")
    graduate = pad.person(23, role="none")
    pad.student(graduate, first=LAST - 49, last=LAST - 4, state="graduated")
    found(graduate, "graduated in June, insured nowhere since")
    pad.case("P15", "found", ("person", graduate), "graduated in June, insured nowhere")
    student = pad.person(20 + turn % 3, role="none")
    pad.student(student)
    missed(student, "a student")
    pad.case("P19", "found", ("person", student), "a student in no medical insurance", "student")
    prisoner = pad.person(34 + turn % 9, role="none")
    pad.sentenced(prisoner, date(2024, 3, 15))
    missed(prisoner, "in prison")
    corrected = pad.person(36 + turn % 9, role="none")
    pad.sentenced(corrected, date(2025, 3, 15), kind="community")
    found(corrected, "under correction in the community, which keeps nobody from being insured")
    commuter = pad.person(32 + turn % 9, role="none")
    pad.elsewhere(commuter)
    missed(commuter, "registered here, insured where he works")
    left = pad.person(35, role="none")
    pad.spell(left, "110", first=2012 * 12, last=2021 * 12, state="ended", contributor="employee")
    pad.case("P01", "unknown", ("person", left), "an enrollment that ended years ago: perhaps insured elsewhere")
