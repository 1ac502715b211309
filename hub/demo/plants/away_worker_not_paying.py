"""P20: away for work, and payments lapsed or no medical insurance."""

from datetime import date

from hub.demo.months import LAST, YEAR
from hub.demo.planting import Planting

AWAY = "外出务工"


def plant(pad: Planting, turn: int) -> None:
    seen = date(2026, 10, 8 + turn % 12)

    def person(age: int, role: str, sex: str = "male") -> int:
        pid = pad.person(age + turn % 5, sex, role=role)
        pad.visited(pid, AWAY, seen)
        return pid

    def missed(pid: int, why: str) -> None:
        pad.case("P20", "not_found", ("person", pid), why)

    lapsed = person(38, "flexible")
    pad.flexible(lapsed, paid_until=YEAR + 1)
    pad.case("P20", "found", ("person", lapsed), "away, nothing paid since February", "pension")
    pad.case("P02", "found", ("person", lapsed), "nothing paid since February")
    bare = person(43, "resident")
    pad.resident(bare, medical=False)
    pad.case("P20", "found", ("person", bare), "away, in the residents' pension and in no medical insurance", "medical")
    paused = person(35, "resident")
    pad.resident(paused, medical=False)
    pad.spell(paused, "390", state="suspended")
    pad.case("P20", "found", ("person", paused), "away, the medical insurance is suspended", "medical")

    paying = person(37, "flexible")
    pad.flexible(paying)
    missed(paying, "away, and pays")
    there = person(30, "none")
    pad.elsewhere(there)
    missed(there, "away, and insured where he works")
    recent = person(40, "flexible")
    pad.flexible(recent, paid_until=LAST - 6)
    missed(recent, "away, five mature months without payment")
    back = person(39, "resident")
    pad.resident(back, medical=False)
    pad.visited(back, "在本地", date(2026, 10, 28))
    missed(back, "was away, and has come back")
    retired = person(66, "pensioner")
    pad.pensioner(retired)
    missed(retired, "away, and draws a pension")

    woman = person(52, "flexible", "female")
    pad.flexible(woman, paid_until=YEAR)
    pad.case("P20", "unknown", ("person", woman), "a woman of 50 to 58: perhaps retired", "pension")
    pad.case("P02", "unknown", ("person", woman), "a woman of 50 to 58: perhaps retired")
