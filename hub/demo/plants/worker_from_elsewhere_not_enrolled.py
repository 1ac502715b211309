"""P17: paid wages here, registered in another province, and insured nowhere."""

from datetime import date

from hub.demo.months import LAST, YEAR
from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:
    works, mill = pad.employer(), pad.employer()
    pad.staff(works, 5)
    pad.staff(mill, 5)

    def stranger(age: int, sex: str = "male", eid: int = works, types: str = "none", first: int = YEAR) -> int:
        pid = pad.person(age + turn % 5, sex, registered=False)
        pad.job(pid, eid, types=types, first=first)
        return pid

    def missed(pid: int, why: str) -> None:
        pad.case("P17", "not_found", ("person", pid), why)

    worker = stranger(31)
    pad.case("P17", "found", ("person", worker), "from another province, paid since January, insured nowhere")
    settled = stranger(36, "female")
    pad.on_roll(settled, "public_security/residence", since=date(2025, 3, 4))
    pad.case("P17", "found", ("person", settled), "with a residence permit, paid since January, insured nowhere")
    moved = pad.person(34 + turn % 5)
    pad.gone(moved, "moved_out", date(2025, 4, 7))
    pad.job(moved, mill, types="none", first=YEAR)
    pad.case("P17", "found", ("person", moved), "moved away, still paid here, insured nowhere")

    missed(stranger(33, types="all"), "from another province, enrolled by the employer")
    home = stranger(35, eid=mill)
    pad.elsewhere(home)
    missed(home, "from another province, insured there by what the ministry returned")
    retired = pad.person(66, registered=False, role="pensioner")
    pad.pensioner(retired)
    pad.job(retired, mill, types="none", first=YEAR, wage=3500)
    missed(retired, "draws a pension and was hired again")
    missed(stranger(29, eid=mill, first=LAST), "hired this month")
    lecturer = pad.person(44, registered=False)
    pad.job(lecturer, mill, types="none", first=YEAR, taxed="labor_service")
    missed(lecturer, "labor-service income only, which makes no employee")

    woman = stranger(52, "female", eid=mill)
    pad.case("P17", "unknown", ("person", woman), "a woman of 50 to 58: perhaps retired")
