"""P06: in hardship and not registered with any pension."""

from datetime import date

from hub.demo.months import LAST
from hub.demo.planting import Planting, Verdict


def plant(pad: Planting, turn: int) -> None:  # noqa: PLR0915  # one case after the other

    def untreated(pid: int, *matters: str) -> None:
        pad.case("P19", "found", ("person", pid), "in no medical insurance either", *(matters or ("assisted",)))

    head = pad.person(35 + turn % 9, role="none")
    wife = pad.person(33 + turn % 9, "female", role="resident")
    child = pad.person(11, role="child")
    pad.spell(child, "390", first=LAST - 60)
    pad.resident(wife, identity="061", tier=100, on_behalf=True)
    pad.low_income(head, wife, child)
    pad.case("P06", "found", ("person", head), "low income, insured nowhere")
    pad.case("P01", "found", ("person", head), "of working age and insured nowhere, whatever his income")
    untreated(head)
    pad.case("P06", "not_found", ("person", wife), "low income, in the residents' pension, paid on her behalf")
    pad.case("P06", "not_found", ("person", child), "a child in a low-income household")

    lone = pad.person(50, role="none")
    pad.destitute(lone)
    pad.case("P06", "found", ("person", lone), "destitute, insured nowhere")
    pad.case("P01", "found", ("person", lone), "of working age and insured nowhere")
    pad.case("P04", "found", ("person", lone), "fifty and insured nowhere")
    untreated(lone)

    degrees: tuple[tuple[int, Verdict], ...] = ((1, "found"), (2, "found"), (3, "not_found"))
    for level, verdict in degrees:
        disabled = pad.person(32 + 4 * level, "female", role="none")
        pad.disabled(disabled, level)
        pad.case("P06", verdict, ("person", disabled), f"a disability of level {level}, insured nowhere")
        pad.case("P01", "found", ("person", disabled), "of working age and insured nowhere")
        if verdict == "found":
            untreated(disabled)
    helped = pad.person(46, role="resident")
    pad.resident(helped, identity="021", tier=100, on_behalf=True)
    pad.disabled(helped, 1)
    pad.case("P06", "not_found", ("person", helped), "severely disabled, in the residents' pension")
    lifted = pad.person(36 + turn % 9, role="none")
    pad.lifted(lifted)
    pad.case("P06", "found", ("person", lifted), "lifted out of poverty, insured nowhere")
    pad.case("P01", "found", ("person", lifted), "of working age and insured nowhere")
    untreated(lifted)

    old = pad.person(71, "female", role="none")
    pad.low_income(old)
    pad.case("P06", "found", ("person", old), "low income and past sixty: draws nothing, insured nowhere")
    pad.case("P05", "found", ("person", old), "past sixty and never insured, whatever her income")
    untreated(old)
    woman = pad.person(54, "female", role="none")
    pad.low_income(woman)
    pad.case("P06", "found", ("person", woman), "low income, insured nowhere, whatever the age she retires at")
    pad.case("P01", "unknown", ("person", woman), "a woman of 50 to 58")
    pad.case("P04", "found", ("person", woman), "54 and in no pension, whatever her income")
    untreated(woman)
    young = pad.person(19, role="none")
    pad.low_income(young)
    pad.case("P06", "found", ("person", young), "low income, nineteen and on no school's list")
    pad.case("P01", "found", ("person", young), "nineteen, insured nowhere and on no school's list")
    untreated(young)

    student = pad.person(20, role="none")
    pad.student(student)
    untreated(student, "assisted", "student")
    prisoner = pad.person(39 + turn % 9, role="none")
    pad.sentenced(prisoner, date(2025, 5, 12))
    commuter = pad.person(30 + turn % 9, role="none")
    pad.elsewhere(commuter)
    for pid, why in ((student, "at school"), (prisoner, "in prison"), (commuter, "insured where he works")):
        pad.low_income(pid)
        pad.case("P06", "not_found", ("person", pid), f"low income, {why}")

    worker = pad.person(35, role="employee")
    eid = pad.employer()
    pad.staff(eid, 3)
    pad.job(worker, eid, wage=5000)
    pad.low_income(worker)
    pad.case("P06", "not_found", ("person", worker), "low income, and insured by an employer")
    elder = pad.person(74, role="elder")
    pad.pensioner(elder, "170")
    pad.destitute(elder)
    pad.case("P06", "not_found", ("person", elder), "destitute, and draws the residents' pension")
