"""U23A: employers of injury cases, who have enrolled nobody."""

from datetime import date

from hub.demo.planting import Planting, Verdict


def plant(pad: Planting, turn: int) -> None:
    def heard(verdict: Verdict, why: str, said: str, worker: int, enrolled: int = 0) -> int:
        eid = pad.employer(declared=3, registered_on=date(2019, 4 + turn % 6, 8))
        pad.staff(eid, enrolled)
        pad.on_roll(worker, "human_resources/injury_recognition", eid, said=said)
        pad.case("U23A", verdict, ("employer", eid), why)
        return eid

    def worker(age: int) -> int:
        pid = pad.person(age, role="resident")
        pad.resident(pid)
        return pid

    retired = pad.person(66, role="pensioner")
    pad.pensioner(retired)
    bare = [
        heard("found", "a case decided for the worker, nobody enrolled", "认定工伤", worker(33 + turn % 9)),
        heard("found", "a case that is pending, nobody enrolled", "在办", worker(45)),
        heard("unknown", "a case that shows no employment", "不予认定", worker(41)),
        heard("unknown", "the worker was enrolled by an agency", "认定工伤", pad.staff(pad.employer(), 3)[0]),
        heard("unknown", "the worker is a pensioner", "认定工伤", retired),
    ]
    for eid in bare:
        pad.case("U01", "found", ("employer", eid), "registered years ago, nobody enrolled")
    heard("not_found", "the worker is not enrolled, others are", "认定工伤", worker(38), 3)
    closed = pad.employer(declared=0, status="cancelled", status_on=date(2026, 7, 6))
    pad.on_roll(worker(50), "human_resources/injury_recognition", closed, said="认定工伤")
    pad.case("U23A", "not_found", ("employer", closed), "closed since")
