"""U23: employers of injury cases and in arbitration, who have enrolled nobody."""

from datetime import date

from hub.demo.planting import Planting, Verdict


def plant(pad: Planting, turn: int) -> None:
    _heard(pad, "U23A", "human_resources/injury_recognition", turn, "认定工伤", "在办", "不予认定")
    _heard(pad, "U23B", "human_resources/arbitration", turn, "调解", "审理中", "驳回")


def _heard(pad: Planting, rule: str, delivery: str, turn: int, upheld: str, pending: str, refused: str) -> None:
    """Cases as the delivery tells how they went."""

    def heard(verdict: Verdict, why: str, said: str, worker: int, enrolled: int = 0) -> int:
        eid = pad.employer(declared=3, registered_on=date(2019, 4 + turn % 6, 8))
        pad.staff(eid, enrolled)
        pad.on_roll(worker, delivery, eid, said=said)
        pad.case(rule, verdict, ("employer", eid), why)
        return eid

    def worker(age: int) -> int:
        pid = pad.person(age, role="resident")
        pad.resident(pid)
        return pid

    retired = pad.person(66, role="pensioner")
    pad.pensioner(retired)
    bare = [
        heard("found", "a case decided for the worker, nobody enrolled", upheld, worker(33 + turn % 9)),
        heard("found", "a case that is pending, nobody enrolled", pending, worker(45)),
        heard("unknown", "a case that shows no employment", refused, worker(41)),
        heard("unknown", "the worker was enrolled by an agency", upheld, pad.staff(pad.employer(), 3)[0]),
        heard("unknown", "the worker is a pensioner", upheld, retired),
    ]
    for eid in bare:
        pad.case("U01", "found", ("employer", eid), "registered years ago, nobody enrolled")
    heard("not_found", "the worker is not enrolled, others are", upheld, worker(38), 3)
    closed = pad.employer(declared=0, status="cancelled", status_on=date(2026, 7, 6))
    pad.on_roll(worker(50), delivery, closed, said=upheld)
    pad.case(rule, "not_found", ("employer", closed), "closed since")
