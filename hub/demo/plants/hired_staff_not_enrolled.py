"""U21: staff that public institutions hired beside their establishment, not enrolled."""

from hub.demo.planting import Planting, Verdict
from hub.demo.shortfall import hired_again


def plant(pad: Planting, turn: int) -> None:
    def institution(verdict: Verdict, why: str, hired: int = 0, missing: int = 0) -> int:
        eid = pad.employer("public_institution")
        pad.staff(eid, 3, types="organ")
        pad.staff(eid, hired)
        for pid in pad.staff(eid, missing, types="none", wage=4600):
            pad.resident(pid)
        pad.listed(eid, "establishment_office/public_institution")
        pad.case("U21", verdict, ("employer", eid), why)
        return eid

    short = institution("found", "five of seven hired are not enrolled", 2, 5)
    pad.case("U04", "found", ("employer", short), "five are paid wages and not enrolled")
    institution("found", "one or two are hired, and none of them is enrolled", 0, 1 + turn % 2)
    institution("not_found", "all hired are enrolled as employees", 4)
    institution("not_found", "nobody is hired beside the establishment")
    institution("not_found", "two of four are not enrolled: no great difference", 2, 2)
    hired_again(pad, institution("not_found", "those not enrolled are pensioners hired again", 1), 3)
