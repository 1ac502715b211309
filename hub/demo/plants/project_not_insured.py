"""U12: construction begun without injury insurance."""

from datetime import date, timedelta

from hub.demo.planting import Planting, Verdict


def plant(pad: Planting, turn: int) -> None:
    builder = pad.employer(trade=("建筑工程", "4710", "住宅房屋建筑"))
    pad.staff(builder, 5)
    begun = date(2026, 2 + turn % 6, 10)

    def project(
        verdict: Verdict, why: str, insured: date | None = None, starts: date = begun, finished: date | None = None
    ) -> None:
        pad.case("U12", verdict, ("project", pad.project(builder, starts, insured, finished)), why)

    project("found", "begun, and never insured")
    project("found", "begun this month and not insured", starts=date(2026, 10, 8))
    project("found", "insured twenty days after work began", begun + timedelta(days=20))
    project("not_found", "insured on the day work began", begun)
    project("not_found", "insured before work began", date(2026, 1, 20))
    project("not_found", "work has not begun", starts=date(2027, 3, 1))
    project("not_found", "begun before there was the duty", starts=date(2023, 12, 20))
    project("not_found", "finished", starts=date(2025, 2, 1), finished=date(2026, 6, 30))
    project("unknown", "begun after the last certificates delivered", starts=date(2026, 11, 5))
