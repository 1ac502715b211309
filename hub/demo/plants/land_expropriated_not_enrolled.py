"""P09: the land taken, and in no pension."""

from datetime import date

from hub.demo.months import LAST
from hub.demo.planting import Planting

_PLAN = date(2025, 6, 1)  # of resettlement


def plant(pad: Planting, turn: int) -> None:

    def farmer(age: int, sex: str = "male", role: str = "none", birth: date | None = None) -> int:
        pid = pad.person(age, sex, role=role)
        pad.rows["persons"][pid]["birth"] = birth or pad.rows["persons"][pid]["birth"]
        pad.on_roll(pid, "natural_resources/land_expropriation", since=_PLAN)
        return pid

    def found(pid: int, why: str) -> None:
        pad.case("P09", "found", ("person", pid), why)

    def missed(pid: int, why: str) -> None:
        pad.case("P09", "not_found", ("person", pid), why)

    man = farmer(33 + turn % 11)
    found(man, "land taken, insured nowhere")
    young = farmer(17, birth=date(2009, 6, 1))
    found(young, "sixteen on the day of the plan, insured nowhere and on no school's list")
    for pid in (man, young):
        pad.case("P01", "found", ("person", pid), "of working age, insured nowhere")
    woman = farmer(53 + turn % 4, "female")
    found(woman, "land taken, insured nowhere")
    pad.case("P04", "found", ("person", woman), "past 45 and insured nowhere")
    pad.case("P01", "unknown", ("person", woman), "a woman of 50 to 58")
    old = farmer(68)
    found(old, "land taken, past sixty, draws nothing")
    pad.case("P05", "found", ("person", old), "past sixty and never insured")

    child = farmer(17, birth=date(2009, 6, 2))
    missed(child, "fifteen on the day of the plan")
    pad.case("P01", "found", ("person", child), "seventeen by now, insured nowhere and on no school's list")
    payer = farmer(49, role="resident")
    pad.resident(payer)
    missed(payer, "in the residents' pension")
    flexible = farmer(42, role="flexible")
    pad.flexible(flexible)
    missed(flexible, "went into the employees' pension as a flexible worker")
    elder = farmer(74, "female", role="elder")
    pad.pensioner(elder, "170")
    missed(elder, "draws the residents' pension")
    student = farmer(20)
    pad.student(student)
    missed(student, "at school")
    pad.case("P19", "found", ("person", student), "at school and in no medical insurance", "student")
    commuter = farmer(37)
    pad.elsewhere(commuter)
    missed(commuter, "insured where he works")

    left = farmer(38)
    pad.spell(left, "110", first=2011 * 12, last=LAST - 60, state="ended", contributor="employee")
    for rule in ("P09", "P01"):
        pad.case(rule, "unknown", ("person", left), "an enrollment that ended years ago: perhaps insured elsewhere")
