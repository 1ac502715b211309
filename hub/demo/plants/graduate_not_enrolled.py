"""P15: graduates of the last two years who are insured nowhere."""

from datetime import date

from hub.demo.months import LAST
from hub.demo.planting import Planting

ROLL = "human_resources/unemployed_graduates"


def plant(pad: Planting, turn: int) -> None:
    june = date(2026, 6, 1)

    def person(age: int, role: str = "none") -> int:
        return pad.person(age + turn % 3, "female" if turn % 2 else "male", role=role)

    def missed(pid: int, why: str) -> None:
        pad.case("P15", "not_found", ("person", pid), why)

    rolled = person(23)
    pad.on_roll(rolled, ROLL, since=june)
    pad.case("P15", "found", ("person", rolled), "on the roll of graduates without work since June, insured nowhere")
    listed = person(23)
    pad.student(listed, first=LAST - 61, last=LAST - 16, state="graduated")
    pad.case("P15", "found", ("person", listed), "graduated in June of last year by the list of students")
    stale = person(23)
    pad.student(stale, first=LAST - 49, last=LAST - 4)
    pad.case("P15", "unknown", ("person", stale), "due to graduate in June, and still listed as in school")
    for pid in (rolled, listed, stale):
        pad.case("P01", "found", ("person", pid), "out of school, of working age and insured nowhere")

    old = person(26)
    pad.student(old, first=LAST - 85, last=LAST - 40, state="graduated")
    missed(old, "graduated more than two years ago")
    pad.case("P01", "found", ("person", old), "of working age and insured nowhere, long after school")
    resident = person(23, role="resident")
    pad.resident(resident)
    pad.on_roll(resident, ROLL, since=june)
    missed(resident, "without work, and in the residents' pension")
    eid = pad.employer()
    hired = pad.staff(eid, 3)[0]
    pad.on_roll(hired, ROLL, since=june)
    missed(hired, "still on the roll, and enrolled by an employer")
    away = person(24)
    pad.elsewhere(away)
    pad.on_roll(away, ROLL, since=june)
    missed(away, "on the roll here, insured where he works")
    again = person(22)
    pad.student(again, first=LAST - 1, last=LAST + 32)
    pad.on_roll(again, ROLL, since=june)
    missed(again, "on the roll since June, and at school again since September")
    pad.case("P19", "found", ("person", again), "a student in no medical insurance", "student")
    soldier = person(22)
    pad.on_roll(soldier, ROLL, since=june)
    pad.gone(soldier, "enlisted", date(2026, 9, 10))
    missed(soldier, "a soldier since September")
