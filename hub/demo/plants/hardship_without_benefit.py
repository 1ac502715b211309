"""P08: in hardship, old, registered, and drawing nothing."""

from datetime import date

from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:

    def registered(age: int, sex: str = "male", birth: date | None = None) -> int:
        pid = pad.person(age, sex, role="elder")
        pad.rows["persons"][pid]["birth"] = birth or pad.rows["persons"][pid]["birth"]
        pad.resident(pid)
        return pid

    def missed(pid: int, why: str) -> None:
        pad.case("P08", "not_found", ("person", pid), why)

    poor = registered(62 + turn % 9, "female")
    pad.low_income(poor)
    pad.case("P08", "found", ("person", poor), "low income, past sixty, registered, draws nothing")
    alone = registered(75)
    pad.destitute(alone)
    pad.case("P08", "found", ("person", alone), "destitute, registered, draws nothing")
    disabled = registered(60, birth=date(1966, 8, 20))
    pad.disabled(disabled, 2)
    pad.case("P08", "found", ("person", disabled), "severely disabled, sixty in August, draws nothing")

    sixty = registered(60, "female", birth=date(1966, 10, 20))
    pad.low_income(sixty)
    missed(sixty, "low income, sixty this month: due from the next")
    drawing = pad.person(73, role="elder")
    pad.pensioner(drawing, "170")
    pad.low_income(drawing)
    missed(drawing, "low income, draws the residents' pension")
    retired = pad.person(67, role="pensioner")
    pad.pensioner(retired)
    pad.disabled(retired, 1)
    missed(retired, "severely disabled, draws the employees' pension")
    slightly = registered(66)
    pad.disabled(slightly, 4)
    missed(slightly, "a slight disability, which is no hardship")
    missed(registered(65), "registered and drawing nothing, in no hardship")

    first = registered(60, birth=date(1966, 9, 20))
    pad.low_income(first)
    pad.case("P08", "unknown", ("person", first), "low income, due for the first time this month")
