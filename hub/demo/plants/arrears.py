"""U19: contributions due that have not arrived."""

from hub.demo.months import LAST
from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:

    def owing(first: int, last: int = LAST) -> tuple[int, list[int]]:
        """Its contributions from `first` to `last` were assessed and have not arrived, those before have."""
        eid = pad.employer()
        pids = pad.staff(eid, 3, wage=6500, base=6300, paid_until=first - 1)
        for pid in pids:
            for month in range(first, LAST + 1):
                pad.paid(pid, month, month, kind="10", arrived=month > last, eid=eid, base=6300)
        return eid, pids

    def case(eid: int, verdict: str, why: str) -> None:
        pad.case("U19", verdict, ("employer", eid), why, "employee_pension")  # type: ignore[arg-type]

    since, _ = owing(LAST - 3 - turn % 2)
    case(since, "found", "nothing has arrived for months")
    once, _ = owing(LAST - 5, LAST - 4)
    case(once, "found", "two months never arrived, the later ones did")

    fresh, _ = owing(LAST)
    case(fresh, "not_found", "October is immature")
    back, pids = owing(LAST - 2, LAST - 1)
    for pid in pids:
        for month in (LAST - 2, LAST - 1):
            pad.paid(pid, month, LAST, eid=back, base=6300)
    case(back, "not_found", "paid back in October")

    told, _ = owing(LAST - 2)
    pad.collected(told)
    case(told, "unknown", "the tax bureau says that it has collected what the agency waits for")
