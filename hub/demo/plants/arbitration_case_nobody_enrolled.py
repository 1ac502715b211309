"""U23B: employers of arbitration, who have enrolled nobody."""

from datetime import date

from hub.demo.planting import Planting, Verdict


def plant(pad: Planting, turn: int) -> None:
    def heard(verdict: Verdict, why: str, said: str, worker: int, enrolled: int = 0) -> int:
        eid = pad.employer(declared=3, registered_on=date(2019, 4 + turn % 6, 8))
        pad.staff(eid, enrolled)
        pad.on_roll(worker, "human_resources/arbitration", eid, said=said)
        pad.case("U23B", verdict, ("employer", eid), why)
        return eid

    def worker(age: int) -> int:
        pid = pad.person(age, role="resident")
        pad.resident(pid)
        return pid

    retired = pad.person(66, role="pensioner")
    pad.pensioner(retired)
    bare = [
        heard("found", "a case decided for the worker, nobody enrolled", "调解", worker(33 + turn % 9)),
        heard("found", "a case that is pending, nobody enrolled", "审理中", worker(45)),
        heard("unknown", "a case that shows no employment", "驳回", worker(41)),
        heard("unknown", "the worker was enrolled by an agency", "调解", pad.staff(pad.employer(), 3)[0]),
        heard("unknown", "the worker is a pensioner", "调解", retired),
    ]
    for eid in bare:
        pad.case("U01", "found", ("employer", eid), "registered years ago, nobody enrolled")
    heard("not_found", "the worker is not enrolled, others are", "调解", worker(38), 3)
    closed = pad.employer(declared=0, status="cancelled", status_on=date(2026, 7, 6))
    pad.on_roll(worker(50), "human_resources/arbitration", closed, said="调解")
    pad.case("U23B", "not_found", ("employer", closed), "closed since")
