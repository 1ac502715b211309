"""When a delivery is due, and how it stands: one word for it everywhere."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from intake_factory import Desk, lenient, population

from hub.errors import DeclarationError, IntakeError
from hub.intake import read_connector
from hub.store.lineage import LAST_BATCHES
from hub.terms.due import STATES, Due, Last, standing

OCTOBER = date(2026, 10, 1)
#: Twenty minutes past midnight in China, still the day before in Greenwich.
LOADED = datetime(2026, 11, 4, 16, 20, tzinfo=UTC)


def stands(
    today: date,
    *,
    cadence: str = "monthly",
    period: date | None = OCTOBER,
    rows: int | None = 5,
    refusal: str | None = None,
    due: Due | None = None,
    fresh_days: int | None = 62,
) -> tuple[str, str | None, date | None]:
    last = Last(period, LOADED if period else None, rows, refusal)
    said = standing(last, cadence, due, fresh_days, today)
    return said.state, said.reason, said.due_on


@pytest.mark.parametrize(
    ("today", "state", "reason"),
    [
        (date(2026, 11, 30), "fresh", None),
        (date(2026, 12, 1), "due", "2026-11 is due by 2026-12-10"),
        (date(2026, 12, 10), "due", "2026-11 is due by 2026-12-10"),
        (date(2026, 12, 11), "late", "2026-11 was due on 2026-12-10"),
        (date(2027, 1, 2), "late", "2026-11 was due on 2026-12-10"),
        (date(2027, 1, 3), "stale", "its last month is 2026-10; 2026-11 was due on 2026-12-10"),
    ],
    ids=str,
)
def test_a_monthly_delivery_is_due_by_the_tenth_of_the_month_after_then_late_then_stale(
    today: date, state: str, reason: str | None
) -> None:
    assert stands(today) == (state, reason, date(2026, 12, 10))


def test_the_day_in_time_is_the_connectors_where_it_says_one() -> None:
    assert stands(date(2026, 12, 16), due=Due(day=15)) == ("late", "2026-11 was due on 2026-12-15", date(2026, 12, 15))
    assert stands(date(2026, 12, 16), due=Due(day=15, months=2))[0] == "due"


@pytest.mark.parametrize(
    ("cadence", "due_on"),
    [
        ("daily", date(2026, 11, 6)),  # loaded on the fifth, as China counts the day
        ("weekly", date(2026, 11, 12)),
        ("monthly", date(2026, 12, 10)),
        ("quarterly", date(2027, 2, 15)),
        ("yearly", date(2027, 11, 28)),
    ],
)
def test_each_cadence_has_its_due_day(cadence: str, due_on: date) -> None:
    assert stands(date(2026, 11, 5), cadence=cadence)[::2] == ("fresh", due_on)
    assert stands(due_on, cadence=cadence, fresh_days=9999)[0] == "due"
    assert stands(due_on.replace(day=due_on.day + 1), cadence=cadence, fresh_days=9999)[0] == "late"


def test_what_never_came_came_empty_or_was_refused_says_so_first() -> None:
    today = date(2026, 11, 20)
    assert stands(today, period=None, rows=None) == ("missing", "nothing was ever delivered", None)
    assert stands(today, rows=0)[:2] == ("empty", "2026-10 brought no row")
    refusal = "INTAKE_SHRUNK: it has 3 rows. A snapshot may shrink."
    assert stands(today, refusal=refusal)[:2] == ("refused", "INTAKE_SHRUNK")
    assert stands(today, period=None, refusal=refusal)[0] == "refused"


def test_there_is_one_idea_of_freshness() -> None:
    """A refused attempt changes what is to be done, not whether answers may rest on what came before."""
    last = Last(OCTOBER, LOADED, 5, "INTAKE_ROWS: x")
    assert standing(last, "monthly", None, 62, date(2026, 11, 20)).freshness == "fresh"
    assert standing(last, "monthly", None, None, date(2026, 11, 20)).freshness == "stale"
    assert standing(Last(), "monthly", None, 62, date(2026, 11, 20)).freshness == "missing"


def test_all_but_the_fresh_are_wanted_and_the_worst_comes_first() -> None:
    today = date(2026, 11, 20)
    said = [
        standing(last, "monthly", None, 62, today)
        for last in (Last(OCTOBER, LOADED, 5), Last(), Last(OCTOBER, LOADED, 0), Last(OCTOBER, LOADED, 5, "X: y"))
    ]
    assert [one.wanted for one in said] == [False, True, True, True]
    assert [one.state for one in sorted(said, key=lambda one: one.worst_first)] == [
        "refused", "missing", "empty", "fresh",
    ]  # fmt: skip
    assert set(STATES) == {"refused", "missing", "empty", "stale", "late", "due", "fresh"}


def with_due(folder: Path, line: str, cadence: str = "monthly") -> Path:
    declarations = lenient(folder)
    file = declarations / "connectors" / "public_security" / "population.toml"
    text = file.read_text().replace('cadence  = "monthly"', f'cadence  = "{cadence}"\n{line}')
    file.write_text(text)
    return declarations


def test_a_connector_says_its_due_day_and_nonsense_is_refused(tmp_path: Path) -> None:
    declarations = with_due(tmp_path / "a", "due      = { day = 20 }")
    assert read_connector(declarations, "public_security/population").due == Due(day=20)
    with pytest.raises(DeclarationError, match="due"):
        read_connector(with_due(tmp_path / "b", "due = { day = 31 }"), "public_security/population")
    with pytest.raises(DeclarationError, match=r"due\.month"):
        read_connector(with_due(tmp_path / "d", "due = { day = 3, month = 2 }"), "public_security/population")
    with pytest.raises(DeclarationError, match="due: what comes daily"):
        read_connector(with_due(tmp_path / "c", "due = { day = 3 }", "daily"), "public_security/population")


def last(desk: Desk) -> Any:
    rows = desk.database.execute(LAST_BATCHES)
    [row] = [row for row in rows if row[1] == "public_security/population"]
    return Last(row[5], row[6], row[7], row[9])


def test_the_store_tells_what_came_last_and_whether_the_last_attempt_was_refused(desk: Desk) -> None:
    desk.rows("public_security/population", population(range(3)))
    assert last(desk).period == OCTOBER
    assert (last(desk).rows, last(desk).refusal) == (3, None)
    with pytest.raises(IntakeError):  # a mistaken month: the delivery is as good as before
        desk.rows("public_security/population", population(range(3)), period=date(2026, 9, 1))
    assert last(desk).refusal is None
    odd = [{**row, "新列": "1"} for row in population(range(3))]
    with pytest.raises(IntakeError):
        desk.rows("public_security/population", odd, period=date(2026, 11, 1))
    assert last(desk).refusal.startswith("INTAKE_COLUMNS: ")
    assert standing(last(desk), "monthly", None, 62, date(2026, 11, 5)).reason == "INTAKE_COLUMNS"
    desk.rows("public_security/population", population(range(4)), period=date(2026, 11, 1))
    assert (last(desk).period, last(desk).refusal) == (date(2026, 11, 1), None)
