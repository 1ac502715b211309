"""P19: on a list of those who are to be covered, and in no medical insurance."""

from datetime import date

from hub.demo.months import LAST
from hub.demo.planting import Planting

VACCINATED, EXAMINED = "health/vaccination", "health/check_up"


def plant(pad: Planting, turn: int) -> None:
    spring = date(2026, 4, 3 + turn % 20)

    def found(pid: int, why: str, *matters: str) -> None:
        pad.case("P19", "found", ("person", pid), why, *matters)

    def missed(pid: int, why: str) -> None:
        pad.case("P19", "not_found", ("person", pid), why)

    child = pad.person(2 + turn % 5, role="child")
    pad.on_roll(child, VACCINATED, since=spring)
    found(child, "a child that was vaccinated here", "vaccinated")
    adult = pad.person(41 + turn % 9, role="resident")
    pad.resident(adult, medical=False)
    pad.on_roll(adult, EXAMINED, since=spring)
    found(adult, "came to a check-up; in the residents' pension, not in the medical insurance", "examined")
    student = pad.person(19, role="resident")
    pad.resident(student, medical=False)
    pad.student(student)
    found(student, "a student", "student")
    poor = pad.person(66, "female", role="elder")
    pad.pensioner(poor, "170")
    pad.rows["spells"].pop()  # no medical insurance
    pad.low_income(poor)
    pad.on_roll(poor, EXAMINED, since=spring)
    found(poor, "on low income and examined", "assisted", "examined")

    insured = pad.person(4, role="child")
    pad.spell(insured, "390", first=LAST - 40)
    pad.on_roll(insured, VACCINATED, since=spring)
    missed(insured, "vaccinated, and in the residents' insurance")
    grown = pad.person(8, role="child")
    pad.on_roll(grown, VACCINATED, since=spring)
    missed(grown, "older than the list is about")
    employee = pad.staff(pad.employer(), 3)[0]
    pad.on_roll(employee, EXAMINED, since=spring)
    missed(employee, "examined, and in the employees' insurance")
    dead = pad.person(79, role="none")
    pad.on_roll(dead, EXAMINED, since=spring)
    pad.gone(dead, "dead", date(2026, 8, 9))
    missed(dead, "examined in spring, dead since August")
    commuter = pad.person(35, role="none")
    pad.elsewhere(commuter)
    pad.on_roll(commuter, EXAMINED, since=spring)
    missed(commuter, "examined here, insured where he works")

    guest = pad.person(38, registered=False)
    pad.on_roll(guest, EXAMINED, since=spring)
    pad.case(
        "P19", "unknown", ("person", guest), "examined here, registered elsewhere: perhaps insured there", "examined"
    )
