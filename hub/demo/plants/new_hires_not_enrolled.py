"""U24: new hires not enrolled in time."""

from datetime import date

from hub.demo.months import LAST
from hub.demo.planting import Planting, Verdict


def plant(pad: Planting, turn: int) -> None:

    def hiring(verdict: Verdict, why: str, *, first: int, last: int | None = None, insured: bool = False) -> int:
        """Four enrolled, and one more who is not; the one."""
        eid = pad.employer()
        pad.staff(eid, 4)
        (pid,) = pad.staff(eid, 1, types="none", first=first, **({} if last is None else {"last": last}))
        if not insured:
            pad.resident(pid)
        pad.case("U24", verdict, ("employer", eid), why)
        return pid

    hiring("found", "one was first paid months ago", first=LAST - 2 - turn % 3)
    hiring("found", "one was first paid in September", first=LAST - 1)
    registered = hiring("found", "one was registered in September and first paid in October", first=LAST)
    name = "human_resources/employment_registration"
    pad.on_roll(registered, name, pad.rows["jobs"][-1]["eid"], date(2026, 9, 10 + turn % 9), "劳动合同")
    pad.case(
        "U25",
        "found",
        ("employer", pad.rows["jobs"][-1]["eid"]),
        "one under contract since September, enrolled by nobody",
    )

    hiring("not_found", "one was first paid in October", first=LAST)
    hiring("not_found", "one was paid in the summer and left", first=LAST - 4, last=LAST - 1)
    hiring("not_found", "one has been paid for a year", first=LAST - 12)
    posted = hiring("not_found", "one is insured in another place", first=LAST - 3, insured=True)
    pad.elsewhere(posted, LAST - 3)
    student = hiring("not_found", "one is a student", first=LAST - 3)
    pad.rows["persons"][student]["birth"] = date(2005, 3, 1 + student % 28)
    pad.student(student)
    prompt = pad.employer()
    pad.staff(prompt, 4)
    (pid,) = pad.staff(prompt, 1, types="none", first=LAST - 1, last=LAST - 1)
    pad.resident(pid, last=LAST - 1)
    pad.job(pid, prompt, first=LAST)
    pad.case("U24", "not_found", ("employer", prompt), "first paid in September, enrolled in October")

    woman = hiring("unknown", "one is a woman of 52", first=LAST - 3)
    pad.rows["persons"][woman] |= {"birth": date(1974, 3, 1 + woman % 28), "sex": "female"}
