"""P11: paid twice for the same months."""

from hub.demo.months import LAST, YEAR, number
from hub.demo.planting import Planting

_PENSIONS = "employee_pension + resident_pension"


def plant(pad: Planting, turn: int) -> None:

    def missed(pid: int, why: str) -> None:
        pad.case("P11", "not_found", ("person", pid), why)

    both = pad.person(67 + turn % 9, role="pensioner")
    pad.pensioner(both)
    pad.resident(both, medical=False)
    pad.benefit(both, "170", first=LAST - 30 - turn % 9)
    pad.case("P11", "found", ("person", both), "draws the employees' and the residents' pension", _PENSIONS)
    jobless = pad.person(64, role="pensioner")
    pad.pensioner(jobless)
    pad.benefit(jobless, "210", first=LAST - 1 - turn % 5)
    pad.case(
        "P11", "found", ("person", jobless), "a pension, and unemployment benefit", "employee_pension + unemployment"
    )
    elder = pad.person(62, "female", role="elder")
    pad.pensioner(elder, "170")
    pad.benefit(elder, "210", first=YEAR + 2)
    pad.case(
        "P11", "found", ("person", elder), "residents' pension, and unemployment benefit",
        "resident_pension + unemployment",
    )  # fmt: skip

    after = pad.person(61, role="pensioner")
    pad.pensioner(after)
    retired = number(pad.rows["persons"][after]["birth"]) + 721
    pad.benefit(after, "210", first=retired - 6, last=retired - 1, paid_until=retired - 1)
    missed(after, "unemployment benefit until the month before the pension")
    injured = pad.person(66, role="pensioner")
    pad.pensioner(injured)
    pad.benefit(injured, "410", first=2012 * 12)
    missed(injured, "a pension beside an injury benefit")
    changed = pad.person(68, role="pensioner")
    pad.pensioner(changed)
    first = number(pad.rows["persons"][changed]["birth"]) + 721
    pad.benefit(changed, "170", first=first - 12, last=first - 1, paid_until=first - 1)
    missed(changed, "the residents' pension until the month before the employees'")

    switching = pad.person(65, role="pensioner")
    pad.spell(switching, "110", state="retired", contributor="employee")
    pad.spell(switching, "310", state="retired", contributor="employee")
    pad.benefit(switching, "170", first=LAST - 50)
    pad.benefit(switching, "110", first=LAST)
    pad.case("P11", "unknown", ("person", switching), "the employees' pension began this month", _PENSIONS)
    ended = pad.person(70, role="pensioner")
    pad.pensioner(ended)
    pad.benefit(ended, "170", first=YEAR - 9, last=YEAR - 2, paid_until=YEAR - 2)
    pad.case("P11", "unknown", ("person", ended), "one of two pensions has ended: perhaps paid back", _PENSIONS)
