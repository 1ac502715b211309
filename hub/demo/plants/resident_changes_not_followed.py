"""Q02: the survey and the registers disagree about who lives here."""

from datetime import date

from hub.demo.planting import Planting

HERE, AWAY, ABROAD, ON_PAPER = "在本地", "外出务工", "国外", "空挂户"


def plant(pad: Planting, turn: int) -> None:
    spring, october = date(2026, 4, 2 + turn % 20), date(2026, 10, 9 + turn % 15)

    def resident(age: int, *, registered: bool = True) -> int:
        """In the residents' insurances where registered here; those from elsewhere are insured at home."""
        pid = pad.person(age + turn % 9, "female" if turn % 2 else "male", role="resident", registered=registered)
        if registered:
            pad.resident(pid)
        else:
            pad.elsewhere(pid)
        return pid

    def found(pid: int, residence: str, matter: str, why: str) -> None:
        pad.visited(pid, residence, spring)
        pad.case("Q02", "found", ("person", pid), why, matter)

    def missed(pid: int, residence: str, on: date, why: str) -> None:
        pad.visited(pid, residence, on)
        pad.case("Q02", "not_found", ("person", pid), why)

    newcomer = resident(31, registered=False)
    found(newcomer, HERE, "moved_in", "found living here, and on no register")
    found(resident(27), AWAY, "moved_away", "away by the survey, and resident by the platform")
    found(resident(39), ON_PAPER, "moved_away", "registered here on paper only, and resident by the platform")
    back = pad.person(41 + turn % 5)
    pad.elsewhere(back)
    pad.gone(back, "moved_out", date(2025, 6, 11))
    found(back, HERE, "still_here", "moved out last year, and found living here in spring")

    missed(resident(34), HERE, spring, "found where the registers have him")
    missed(resident(29), AWAY, october, "found away this month: the registers may still follow")
    settled = resident(33, registered=False)
    pad.on_roll(settled, "public_security/residence", since=date(2025, 2, 4))
    missed(settled, HERE, spring, "from another province, with a residence permit")
    lapsed = resident(38, registered=False)
    pad.on_roll(lapsed, "public_security/residence", since=date(2022, 6, 3))
    pad.visited(lapsed, HERE, spring)
    pad.case("Q02", "unknown", ("person", lapsed), "found here, with a residence permit that ran out", "moved_in")
    home = resident(36)
    pad.visited(home, ABROAD, spring)
    missed(home, HERE, october, "was abroad in spring, and is back")
    left = pad.person(43 + turn % 5)
    pad.elsewhere(left)
    pad.gone(left, "moved_out", date(2026, 7, 8))
    missed(left, HERE, spring, "found here in spring, moved out in July")
