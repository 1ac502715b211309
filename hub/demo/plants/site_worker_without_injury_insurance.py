"""U13: workers on sites, without injury insurance."""

from datetime import date

from hub.demo.planting import Planting, Verdict

_LONG_BEGUN = date(2023, 3, 6)  # before there was the duty to insure before the start


def plant(pad: Planting, turn: int) -> None:
    builder = pad.employer(trade=("建筑工程", "4710", "住宅房屋建筑"))
    staff = pad.staff(builder, 5)

    def resident(age: int, sex: str = "male") -> int:
        pid = pad.person(age, sex, role="resident")
        pad.resident(pid)
        return pid

    def site(
        verdict: Verdict, why: str, *workers: int, starts: date = _LONG_BEGUN, insured: date | None = None,
        until: date = date(2028, 6, 30), left: date | None = None,
    ) -> str:  # fmt: skip
        code = pad.project(builder, starts, insured, insured_until=until)
        for pid in workers:
            pad.site_worker(pid, code, left=left)
        pad.case("U13", verdict, ("project", code), why)
        return code

    over = date(2026, 5 + turn % 4, 30)
    site("found", "insurance that is over", resident(34), resident(47), insured=date(2023, 2, 6), until=over)
    late = site("found", "insured in the middle of the month", resident(29), insured=date(2026, 10, 19))
    bare = site("found", "never insured", resident(38), starts=date(2026, 8, 3))
    pad.case("U12", "found", ("project", bare), "begun in August, and never insured")
    pad.site_worker(resident(33), late, entered=date(2026, 10, 6))
    site("not_found", "insured", resident(36), insured=date(2023, 2, 6))
    site("not_found", "not insured, but its workers are, by their employer", *staff[:2])
    retired = pad.person(66, role="pensioner")
    pad.pensioner(retired)
    site("not_found", "not insured, and nobody there but a pensioner", retired)
    site("not_found", "not insured, and left before the month", resident(31), left=date(2026, 9, 25))
    site("unknown", "a woman of 53", resident(53, "female"))
    posted = pad.person(36, role="none")
    pad.elsewhere(posted)
    site("unknown", "insured in another place: of injury insurance nobody tells", posted)
