"""Q01: the participation store, the business store and the store of cards differ."""

from datetime import date

from hub.demo.months import LAST
from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:

    def found(pid: int, why: str, matter: str) -> None:
        pad.case("Q01", "found", ("person", pid), why, matter)

    def missed(pid: int, why: str) -> None:
        pad.case("Q01", "not_found", ("person", pid), why)

    def resident(age: int, sex: str = "male", *, registered: bool = True) -> int:
        pid = pad.person(age + turn % 9, sex, role="resident", registered=registered)
        pad.resident(pid)
        return pid

    eid = pad.employer()
    employee, lost, *_ = pad.staff(eid, 4)
    pad.card(employee, None)
    found(employee, "enrolled by an employer for years, and holds no card", "no_card")
    bare = resident(37, "female")
    pad.card(bare, "注销")
    found(bare, "in the residents' pension, the card is cancelled", "no_card")
    dead = pad.person(80, role="none")
    pad.gone(dead, "dead", date(2026, 5, 6))
    pad.card(dead, "正常")
    found(dead, "dead since May, and the card is in force", "card_of_gone")
    twice = pad.person(47, role="none")
    pad.gone(twice, "cancelled", date(2026, 3, 9))
    pad.card(twice, "正常")
    found(twice, "struck off as a duplicate, and the card is in force", "card_of_gone")
    stranger = resident(43, registered=False)
    found(stranger, "in the residents' pension, and nobody knows that he lives here", "unknown_resident")

    pad.card(lost, "挂失")
    missed(lost, "enrolled, and has reported the card lost")
    new = pad.staff(eid, 1, first=LAST)[0]
    pad.card(new, None)
    missed(new, "enrolled this month: the card is being made")
    late = pad.person(77, "female", role="none")
    pad.gone(late, "dead", date(2026, 10, 12))
    pad.card(late, "正常")
    missed(late, "dead this month: the card is being cancelled")
    settled = resident(45, registered=False)
    pad.on_roll(settled, "public_security/residence", since=date(2024, 6, 3))
    missed(settled, "in the residents' pension, with a residence permit")
    lapsed = resident(51, registered=False)
    pad.on_roll(lapsed, "public_security/residence", since=date(2022, 6, 3))
    pad.case("Q01", "unknown", ("person", lapsed), "a residence permit that ran out", "unknown_resident")
    guest = pad.person(29, registered=False)
    pad.job(guest, eid)
    missed(guest, "an employee from another province, whom the register need not know")
