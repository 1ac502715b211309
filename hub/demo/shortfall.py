"""Employers of whom an office counts or names more staff than anybody has enrolled, for several rules. No I/O."""

from datetime import date
from typing import Any

from hub.demo.months import LAST, YEAR
from hub.demo.planting import Planting, Verdict


def counted_short(pad: Planting, rule: str, turn: int, **employer: Any) -> list[int]:
    """Employers that say they have so many staff: great differences, none, and one that nobody here can judge.

    Gives them back (`eid`), for the caller to put on the list that says so.
    """
    made = []

    def counted(verdict: Verdict, why: str, said: int, enrolled: int, **more: Any) -> int:
        eid = pad.employer(declared=said, **(employer | more))
        pad.staff(eid, enrolled)
        pad.case(rule, verdict, ("employer", eid), why)
        made.append(eid)
        return eid

    counted("found", "four or more of those said to work there are not enrolled", 9 + turn % 3, 5)
    nobody = counted("found", "two are said to work there, and nobody is enrolled", 2, 0)
    pad.case("U01", "found", ("employer", nobody), "registered years ago, nobody enrolled")
    counted("not_found", "all are enrolled", 4, 4)
    counted("not_found", "two are not enrolled: no great difference", 7, 5)
    hired_again(pad, counted("not_found", "those not enrolled are pensioners hired again", 8, 4), 4)
    user, agency = (
        counted("not_found", "those not enrolled are enrolled by the agency that sent them", 8, 4),
        pad.employer(),
    )
    for pid in pad.staff(agency, 4):
        pad.job(pid, user, types="none", wage=1500)
    counted("unknown", "a branch: perhaps insured through its head office", 9, 4, kind="branch")
    return made


def hired_again(pad: Planting, eid: int, count: int) -> None:
    """So many pensioners, paid wages again."""
    for place in range(count):
        pid = pad.person(66 + place, role="pensioner")
        pad.pensioner(pid)
        pad.job(pid, eid, types="none", first=YEAR - 6, wage=3600)


def rolled_short(
    pad: Planting, rule: str, delivery: str, turn: int, *, said: str | None = None, paid: bool = False,
    elsewhere: Verdict = "not_found", **employer: Any,
) -> None:  # fmt: skip
    """On the roll of `delivery`, each at an employer in good order: whom nobody has enrolled, and who need not be.

    `said`: how they work there; `paid`: with wages; `elsewhere`: what is said of whom another place insures.
    """

    def rolled(verdict: Verdict, why: str, *pids: int, since: date = date(2024, 5, 6)) -> None:
        eid = pad.employer(**employer)
        pad.staff(eid, 3)
        for pid in pids:
            pad.on_roll(pid, delivery, eid, since, said)
            if paid:
                pad.income(pid, eid, LAST, "wage", 5200)
        pad.case(rule, verdict, ("employer", eid), why)

    def resident(age: int, sex: str = "male") -> int:
        pid = pad.person(age, sex, role="resident")
        pad.resident(pid)
        return pid

    rolled("found", "two whom nobody has enrolled as employees", resident(30 + turn % 9), resident(44))
    alone = pad.person(39, role="flexible")
    pad.flexible(alone)
    rolled("found", "one who insures himself, which is the employer's duty", alone)
    rolled("not_found", "on the roll for less than thirty days", resident(31), since=date(2026, 10, 12))
    pensioner = pad.person(67, role="pensioner")
    pad.pensioner(pensioner)
    rolled("not_found", "draws a pension", pensioner)
    student = resident(20)
    pad.student(student)
    rolled("not_found", "a student", student)
    rolled("not_found", "enrolled by another employer", pad.staff(pad.employer(), 3)[0])
    posted = pad.person(36, role="none")
    pad.elsewhere(posted)
    rolled(elsewhere, "insured in another place", posted)
    rolled("unknown", "a woman of 53: the age she retires at depends on her post", resident(53, "female"))
