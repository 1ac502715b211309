"""U15A: express outlets not all of whose staff is in injury insurance."""

from hub.demo.planting import Planting, Verdict
from hub.demo.shortfall import hired_again


def plant(pad: Planting, turn: int) -> None:
    def outlet(verdict: Verdict, why: str, said: int, insured: int, kind: str = "enterprise") -> int:
        eid = pad.employer(kind, declared=said, trade=("快递服务", "6020", "快递服务"))
        for pid in pad.staff(eid, insured, types="injury"):
            pad.resident(pid)
        pad.listed(eid, "transport/express_outlet")
        if turn % 2:
            pad.listed(eid, "postal/express_outlet")
        pad.case("U15A", verdict, ("employer", eid), why)
        return eid

    outlet("found", "one is not in injury insurance, which is to cover all", 5, 4)
    bare = outlet("found", "nobody is in injury insurance", 3 + turn % 3, 0)
    pad.case("U01", "found", ("employer", bare), "registered years ago, nobody enrolled")
    outlet("not_found", "all are in injury insurance, and in no other", 4, 4)
    outlet("not_found", "the owner of an individual business need not insure himself", 3, 2, "individual_business")
    hired_again(pad, outlet("not_found", "the others are pensioners hired again", 6, 4), 2)
    outlet("unknown", "a branch: perhaps insured through its head office", 5, 4, "branch")
