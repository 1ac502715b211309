"""The targets of the four policies, and how shown figures stand against them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hub.declaration import form_of
from hub.errors import DeclarationError
from hub.indicators.compute import UNASSIGNED
from hub.indicators.hiding import HIDDEN, WHOLE, Shown
from hub.indicators.measure import read_measures
from hub.indicators.target import FOLDER, Progress, Targets, holding, progress, read_targets

MEASURES = read_measures()
TARGETS = read_targets(MEASURES)


def known(measure: str, area: str, value: float, insurance: str = "") -> Shown:
    number = Decimal(str(value))
    return Shown(measure, area, insurance, "known", number, None, number)


def policy(*said: dict[str, Any], names: dict[str, str] | None = None) -> dict[str, Targets]:
    targets = [{"clause": "一", "from": date(2026, 1, 1)} | one for one in said]
    content = {"title": "t", "source": "s", "region": "371082", "names": names or {}, "target": targets}
    return {"test": form_of(Targets, content, "test.toml", name="test")}


def stands(
    said: dict[str, Any], *shown: Shown, last_year: tuple[Shown, ...] = (), month: date = date(2026, 6, 1), **more: Any
) -> dict[str, Progress]:
    held = holding(policy(said, **more), "371082", month)
    return {one.area: one for one in progress(held, shown, last_year, MEASURES, month)}


def test_the_annex_of_yancheng_adds_up_to_the_city_and_names_its_twelve_units() -> None:
    new, medical = TARGETS["yancheng"].target[:2]
    assert sum(new.areas.values()) == new.value == 80_000
    assert new.areas["320900-yannan"] == 4_900
    assert set(new.areas) == set(medical.areas) == set(TARGETS["yancheng"].names)
    assert set(medical.areas.values()) == {Decimal("98.5")}


def test_rongcheng_has_a_target_of_its_own_for_each_year() -> None:
    def of(year: int, measure: str, insurance: str) -> Decimal | None:
        [found] = [
            one.value
            for _, one in holding(TARGETS, "371082", date(year, 5, 1))
            if (one.measure, one.insurance) == (measure, insurance)
        ]
        return found

    assert [of(year, "new_enrollment", "employee_pension") for year in (2024, 2025, 2026)] == [8500, 9200, 9900]
    assert [of(year, "new_enrollment", "injury") for year in (2024, 2025, 2026)] == [1100, 1300, 1500]
    assert [of(year, "new_enrollment", "unemployment") for year in (2024, 2025, 2026)] == [1000, 1500, 2000]
    assert of(2025, "collection", "employee_pension") == 2_207_000_000
    assert of(2026, "collection", "injury") == 97_000_000
    assert not [one for found, one in holding(TARGETS, "371082", date(2027, 1, 1)) if found.name == "rongcheng"]


def test_a_city_has_its_provinces_targets_too_and_no_other_citys() -> None:
    assert {found.name for found, _ in holding(TARGETS, "371082", date(2026, 5, 1))} == {"rongcheng", "shandong"}
    assert {found.name for found, _ in holding(TARGETS, "150300", date(2021, 5, 1))} == {"wuhai"}


def test_what_nothing_measures_says_why_and_is_never_judged() -> None:
    told = progress(holding(TARGETS, "150300", date(2021, 5, 1)), (), (), MEASURES, date(2021, 5, 1))
    [publicity] = [one for one in told if one.measure == "publicity_coverage"]
    assert (publicity.state, publicity.because) == (
        "unknown",
        "no department delivers which communities were reached",
    )


def test_a_count_that_grows_is_on_track_where_it_is_in_step_with_the_year() -> None:
    said = {"measure": "new_enrollment", "insurance": "injury", "value": 1200, "areas": {"a": 600, "b": 600}}
    found = stands(
        said,
        known("new_enrollment", WHOLE, 1200, "injury"),
        known("new_enrollment", "a", 300, "injury"),
        known("new_enrollment", "b", 295, "injury"),
        names={"a": "甲", "b": "乙"},
    )
    assert {area: one.state for area, one in found.items()} == {WHOLE: "reached", "a": "on_track", "b": "behind"}
    assert (found["a"].due_share, found["a"].share) == (Decimal("0.5000"), Decimal("0.5000"))
    assert {area: one.rank for area, one in found.items()} == {WHOLE: None, "a": 1, "b": 2}


def test_areas_that_got_no_number_of_their_own_are_ranked_by_their_figures_and_not_judged() -> None:
    shown = [known("new_enrollment", area, value, "injury") for area, value in ((WHOLE, 1500), ("a", 700), ("b", 800))]
    found = stands({"measure": "new_enrollment", "insurance": "injury", "value": 1200}, *shown)
    assert {area: (one.state, one.rank, one.target) for area, one in found.items()} == {
        WHOLE: ("reached", None, 1200), "a": ("unknown", 2, None), "b": ("unknown", 1, None),
    }  # fmt: skip
    assert found["a"].because == "the policy gives this area no number"


def test_a_share_is_wanted_of_every_area_and_has_no_track() -> None:
    shown = [known("payment_rate", area, value, "employee_pension") for area, value in
             ((WHOLE, 95), ("a", 94.9), ("b", 97), ("c", 97), (UNASSIGNED, 99))]  # fmt: skip
    found = stands({"measure": "payment_rate", "insurance": "employee_pension", "value": 95}, *shown)
    assert {area: one.state for area, one in found.items() if area != UNASSIGNED} == {
        WHOLE: "reached", "a": "behind", "b": "reached", "c": "reached",
    }  # fmt: skip
    assert {area: one.rank for area, one in found.items()} == {WHOLE: None, "a": 3, "b": 1, "c": 1, UNASSIGNED: None}


def test_less_than_last_year_is_judged_against_what_was_shown_of_the_same_month() -> None:
    said = {"measure": "interruption_rate", "insurance": "employee_pension", "compare": "below_last_year"}
    key = ("interruption_rate", "employee_pension")
    now = [known(key[0], area, value, key[1]) for area, value in ((WHOLE, 2), ("a", 3), ("b", 1), ("c", 4))]
    before = tuple(known(key[0], area, value, key[1]) for area, value in ((WHOLE, 3), ("a", 3), ("b", 2)))
    found = stands(said, *now, last_year=before)
    assert {area: one.state for area, one in found.items()} == {
        WHOLE: "reached", "a": "behind", "b": "reached", "c": "unknown",
    }  # fmt: skip
    assert found["c"].because == "nothing is published for the same month of last year"
    assert {area: one.rank for area, one in found.items()} == {WHOLE: None, "a": 2, "b": 1, "c": None}


def test_rising_is_more_than_last_year_and_nothing_less() -> None:
    said = {"measure": "pension_coverage", "compare": "rising"}
    for now, state in ((90.1, "reached"), (90.0, "behind")):
        found = stands(said, known("pension_coverage", WHOLE, now), last_year=(known("pension_coverage", WHOLE, 90),))
        assert found[WHOLE].state == state


def test_what_is_hidden_or_unknown_is_not_judged_and_has_no_rank() -> None:
    shown = (
        Shown("medical_coverage", WHOLE, "", "unknown", because="x was never delivered"),
        Shown("medical_coverage", "a", "", "hidden", because=HIDDEN),
    )
    found = stands({"measure": "medical_coverage", "value": 98.5}, *shown)
    for area, reason in ((WHOLE, "x was never delivered"), ("a", HIDDEN)):
        one = found[area]
        assert (one.state, one.because, one.value, one.share, one.rank) == ("unknown", reason, None, None, None)


@pytest.mark.parametrize(
    ("measure", "problem"),
    [('"paymnt_rate"', "no measure is called 'paymnt_rate'"), ('"payment_rate"', "does not tell")],
)
def test_a_target_of_no_measure_or_of_an_insurance_it_does_not_tell_is_refused(
    tmp_path: Any, measure: str, problem: str
) -> None:
    (tmp_path / "x.toml").write_text(
        f'title = "t"\nsource = "s"\nregion = "371082"\n'
        f'[[target]]\nmeasure = {measure}\nclause = "c"\nvalue = 1\nfrom = 2026-01-01'
    )
    with pytest.raises(DeclarationError, match=problem):
        read_targets(MEASURES, tmp_path)


def test_two_targets_of_one_figure_at_one_time_are_refused() -> None:
    said = {"measure": "payment_rate", "insurance": "employee_pension", "value": 95}
    with pytest.raises(DeclarationError, match="two targets for payment_rate"):
        policy(said, said)
    policy(said | {"until": date(2027, 1, 1)}, said | {"from": date(2027, 1, 1)})


def test_every_policy_names_its_clauses() -> None:
    assert {file.stem for file in FOLDER.glob("*.toml")} == {"rongcheng", "shandong", "wuhai", "yancheng"}
    assert all(one.clause for policy in TARGETS.values() for one in policy.target)
