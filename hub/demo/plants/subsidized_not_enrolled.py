"""P16: subsidized, under a talent policy or recruited through the bureau, and not enrolled."""

from datetime import date

from hub.demo.months import LAST, YEAR
from hub.demo.planting import Planting

RECRUITED, FOUNDED, TALENT = (f"human_resources/{name}" for name in ("recruitment", "startup_subsidy", "talent_policy"))


def plant(pad: Planting, turn: int) -> None:
    spring = date(2026, 3, 4 + turn % 20)
    works = pad.employer()
    pad.staff(works, 5)

    def hired(first: int = YEAR + 2, last: int = LAST) -> int:
        """Paid wages, in the residents' pension only."""
        pid = pad.person(29 + turn % 9, role="resident")
        pad.job(pid, works, first=first, last=last, types="none", wage=5600)
        pad.resident(pid)
        return pid

    recruit = hired()
    pad.on_roll(recruit, RECRUITED, works, spring)
    pad.case("P16", "found", ("person", recruit), "recruited in March, paid since, never enrolled there", "recruited")
    founder = pad.person(36 + turn % 9, role="none")
    stall = pad.employer("individual_business", registered_on=date(2025, 9, 1), declared=1)
    pad.on_roll(founder, FOUNDED, stall, spring)
    pad.case("P16", "found", ("person", founder), "got the subsidy for founders, insured nowhere", "startup_subsidy")
    talent = pad.person(33 + turn % 9, "female", role="none")
    pad.on_roll(talent, TALENT, works, spring)
    pad.case("P16", "found", ("person", talent), "under the policy for talents, insured nowhere", "talent_policy")
    for pid in (founder, talent):
        pad.case("P01", "found", ("person", pid), "of working age and insured nowhere")
    pad.case("U22", "unknown", ("employer", stall), "an individual business of which no employee is known")

    new = hired(first=LAST)
    pad.on_roll(new, RECRUITED, works, date(2026, 10, 12))
    pad.case("P16", "not_found", ("person", new), "recruited within the last thirty days")
    enrolled = pad.staff(works, 1, first=YEAR + 2)[0]
    pad.on_roll(enrolled, RECRUITED, works, spring)
    pad.case("P16", "not_found", ("person", enrolled), "recruited in March, and enrolled")
    former = pad.staff(works, 1, first=YEAR + 2, last=YEAR + 5)[0]
    pad.resident(former, first=YEAR + 6)
    pad.on_roll(former, RECRUITED, works, spring)
    pad.case("P16", "not_found", ("person", former), "recruited, enrolled, and left in June")
    resident = pad.person(41, role="resident")
    pad.resident(resident)
    pad.on_roll(resident, FOUNDED, stall, spring)
    pad.case("P16", "not_found", ("person", resident), "subsidized as a founder, in the residents' pension")
    commuter = pad.person(36, role="none")
    pad.elsewhere(commuter)
    pad.on_roll(commuter, TALENT, works, spring)
    pad.case("P16", "not_found", ("person", commuter), "under a talent policy, insured in another place")

    absent = pad.person(31, role="resident")
    pad.resident(absent)
    pad.on_roll(absent, RECRUITED, works, spring)
    pad.case("P16", "unknown", ("person", absent), "recruited, but no wage is taxed: perhaps never began", "recruited")
