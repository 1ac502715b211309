"""P02: contributions broken off."""

from datetime import date

from hub.demo.months import FIRST, LAST, YEAR
from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:  # noqa: PLR0915  # one case after the other

    def flexible(paid_until: int, age: int = 38) -> int:
        pid = pad.person(age + turn % 8, role="flexible")
        pad.flexible(pid, paid_until=paid_until)
        return pid

    def missed(pid: int, why: str) -> None:
        pad.case("P02", "not_found", ("person", pid), why)

    stopped = flexible(YEAR + turn % 2)
    pad.case("P02", "found", ("person", stopped), "self-employed, nothing paid since the beginning of the year")
    long = flexible(FIRST + 3)
    pad.case("P02", "found", ("person", long), "self-employed, nothing paid for a year and a half")

    edge = flexible(LAST - 7)
    pad.case("P02", "found", ("person", edge), "the sixth month without contribution is September, the last mature one")
    never = flexible(0)
    pad.case("P02", "found", ("person", never), "insured, and nothing paid in all the months delivered")
    long_ago = flexible(FIRST + 5)
    pad.paid(long_ago, FIRST + 6, LAST - 1)
    pad.case("P02", "found", ("person", long_ago), "a back payment, for a month of the year before")

    missed(flexible(LAST - 2), "the last month is immature")
    missed(flexible(LAST - 6), "five mature months")
    back = flexible(YEAR)
    for month in range(YEAR + 1, LAST):
        pad.paid(back, month, LAST)
    missed(back, "paid back in October for the months before")
    died = pad.person(52, role="flexible")
    pad.flexible(died, paid_until=YEAR, last=YEAR, state="ended")
    pad.gone(died, "dead", date(2026, 1, 20))
    missed(died, "dead since")
    retired = pad.person(64, role="pensioner")
    pad.pensioner(retired)
    missed(retired, "draws a pension since")
    switched = pad.person(41, "female", role="resident")
    pad.spell(switched, "110", last=YEAR, state="ended", contributor="flexible", paid_until=YEAR)
    pad.resident(switched, first=YEAR + 1)
    missed(switched, "went over to the residents' pension")
    before, after = pad.employer(), pad.employer()
    mover = pad.staff(before, 4)[0]
    pad.rows["jobs"][-4]["last"] = YEAR + 2
    pad.job(mover, after, first=YEAR + 4)
    pad.staff(after, 3)
    missed(mover, "a month between two employers")
    prisoner = flexible(YEAR)
    pad.sentenced(prisoner, date(2026, 1, 20))
    missed(prisoner, "in prison since")
    student = flexible(YEAR, 24)
    pad.student(student, first=YEAR + 1, last=LAST + 29)
    missed(student, "went back to school")
    gone = pad.person(35 + turn % 8, role="flexible")
    pad.flexible(gone, state="suspended", paid_until=YEAR)
    pad.elsewhere(gone, YEAR + 1)
    missed(gone, "works and is insured elsewhere since")
    unemployed = pad.person(37, role="none")
    pad.spell(unemployed, "110", state="suspended", contributor="flexible", paid_until=YEAR + 1)
    pad.benefit(unemployed, "210", first=YEAR + 2)
    missed(unemployed, "draws unemployment benefit")

    def unknown(pid: int, why: str) -> None:
        pad.case("P02", "unknown", ("person", pid), why)

    woman = pad.person(52 + turn % 4, "female", role="flexible")
    pad.flexible(woman, paid_until=YEAR)
    unknown(woman, "a woman of 50 to 58: perhaps retired")
    stranger = pad.person(40, role="flexible", registered=False)
    pad.flexible(stranger, paid_until=YEAR)
    unknown(stranger, "not in the population register: perhaps insured elsewhere")
    arrears = flexible(YEAR)
    for month in range(YEAR + 1, LAST + 1):
        pad.paid(arrears, month, month, kind="10", arrived=False)
    unknown(arrears, "contributions were assessed and did not arrive")
