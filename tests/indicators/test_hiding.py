"""What is hidden stays open: worlds that differ in it, and look the same to everybody who sees what is shown."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.indicators.hiding import WHOLE, Cell, Shown, hidden_areas, rounded, shown
from hub.indicators.measure import Measure, read_measure

BELOW = 10
EXACT = {"persons": 1, "employers": 1, "findings": 1, "projects": 1, "yuan": 1}


def measure(name: str, unit: str = "%", group: str = "", counts: str = "persons", division: str = "area") -> Measure:
    denominator = f'denominator = {{ zh = "人数", counts = "{counts if counts != "yuan" else "persons"}" }}'
    head = f"""
title = "A measure (指标)"
unit = "{unit}"
numerator = {{ zh = "人数", counts = "{counts}" }}
{denominator if unit in {"%", "元/年"} else ""}
group = "{group}"
division = "{division}"
basis = ["测试"]
explanation = {{ zh = "测试", en = "test" }}
"""
    return read_measure(f"/*{head}*/ select 1", f"{name}.sql")


MEASURES = {
    one.name: one
    for one in (
        measure("first", group="both"),
        measure("second", group="both"),
        measure("joined", unit="人"),
        measure("projects", counts="projects"),
        measure("premium", unit="元/年", counts="yuan"),
        measure("collected", unit="元", counts="yuan"),
        measure("parks", division="park"),
    )
}

#: A person: in which area, and whether the first and the second measure count it above their lines.
Person = tuple[str, bool, bool]


def cells_of(persons: Iterable[Person], areas: Iterable[str]) -> list[Cell]:
    people = list(persons)
    cells = []
    for area in (*areas, WHOLE):
        here = [one for one in people if area in (WHOLE, one[0])]
        for place, name in ((1, "first"), (2, "second")):
            cells.append(Cell(name, area, "", Decimal(sum(one[place] for one in here)), Decimal(len(here))))
    return cells


def seen(cells: list[Cell], bases: Mapping[str, int] = EXACT) -> dict[tuple[str, str], Shown]:
    return {(one.measure, one.area): one for one in shown(cells, MEASURES, BELOW, bases)}


cities = st.dictionaries(
    st.sampled_from("ABCDEF"),
    st.tuples(st.integers(0, 12), st.integers(0, 40), st.integers(0, 12), st.integers(0, 12)),
    min_size=1,
).map(
    lambda city: [
        (area, first, second)
        for area, counts in city.items()
        for count, (first, second) in zip(
            counts, ((False, False), (True, True), (True, False), (False, True)), strict=True
        )
        for _ in range(count)
    ]
)


@given(cities)
def test_no_small_count_is_shown_and_an_area_is_hidden_in_all_measures_of_its_group(city: list[Person]) -> None:
    areas = sorted({one[0] for one in city})
    cells = cells_of(city, areas)
    view = seen(cells)
    for cell in cells:
        one = view[cell.measure, cell.area]
        counts = (cell.numerator, cell.denominator, (cell.denominator or 0) - (cell.numerator or 0))
        if any(0 < (count or 0) < BELOW for count in counts):
            assert (one.state, one.numerator, one.denominator, one.value) == ("hidden", None, None, None)
        assert view["first", cell.area].state == view["second", cell.area].state


@given(cities)
def test_every_hidden_figure_has_the_range_that_is_promised_in_worlds_that_look_the_same(city: list[Person]) -> None:
    areas = sorted({one[0] for one in city})
    view = seen(cells_of(city, areas))
    hidden = [area for area in areas if view["first", area].state == "hidden"]
    whole_hidden = view["first", WHOLE].state == "hidden"
    pool = [one for one in city if one[0] in hidden]
    for area in hidden:
        size = sum(one[0] == area for one in city)
        for place in (1, 2):
            above = sum(one[place] for one in pool)
            if whole_hidden:  # nobody is told the pool's sums: any number of this area's persons may be above
                worlds = [
                    [
                        (*one[:place], value, *one[place + 1 :]) if one[0] == area else one  # type: ignore[misc]
                        for one in city
                    ]
                    for value in (False, True)
                ]
            elif above in {0, len(pool)}:
                continue  # that all or none of a group are above the line is shown: zero is nobody
            else:
                worlds = [exchanged(city, pool, hidden, area, place, first) for first in (False, True)]
            least, most = (sum(one[place] for one in world if one[0] == area) for world in worlds)
            for world in worlds:
                assert_looks_the_same(world, areas, view)
            assert most - least >= min(BELOW, size)
            if not whole_hidden:  # and the bounds of the docstring are met exactly
                assert least == max(0, size + above - len(pool))
                assert most == min(size, above)


def exchanged(
    city: list[Person], pool: list[Person], hidden: list[str], area: str, place: int, value: bool
) -> list[Person]:
    """The city with the persons of the pool in other hidden areas: ``area`` gets as many of ``value`` as there are."""
    waiting = sorted(pool, key=lambda one: one[place] != value)
    sizes = {one: sum(person[0] == one for person in city) for one in hidden}
    moved: list[Person] = []
    for one in [area, *(other for other in hidden if other != area)]:
        moved += [(one, person[1], person[2]) for person in waiting[: sizes[one]]]
        waiting = waiting[sizes[one] :]
    return [one for one in city if one[0] not in hidden] + moved


def assert_looks_the_same(world: list[Person], areas: list[str], view: dict[tuple[str, str], Shown]) -> None:
    """Every figure that is shown is what this world gives, and every hidden area has as many persons."""
    for cell in cells_of(world, areas):
        one = view[cell.measure, cell.area]
        if one.state == "known":
            assert (one.numerator, one.denominator) == (cell.numerator, cell.denominator)


@given(cities)
def test_a_pool_has_others_beside_each_of_its_areas_and_no_small_sum(city: list[Person]) -> None:
    areas = sorted({one[0] for one in city})
    view = seen(cells_of(city, areas))
    whole = view["first", WHOLE]
    if whole.state != "known" or whole.denominator is None:
        return
    hidden = [area for area in areas if view["first", area].state == "hidden"]
    size = whole.denominator - sum(view["first", area].denominator or 0 for area in areas)
    assert (size == 0) == (not any(one[0] in hidden for one in city))
    for name in ("first", "second"):
        above = (view[name, WHOLE].numerator or 0) - sum(view[name, area].numerator or 0 for area in areas)
        assert above == 0 or above >= BELOW
        assert size - above == 0 or size - above >= BELOW
    for area in hidden:
        assert size - sum(one[0] == area for one in city) >= BELOW or size == 0


def test_a_count_alone_is_hidden_with_another_and_not_told_by_the_whole() -> None:
    counts = {"A": 4, "B": 200, "C": 30}
    cells = [Cell("joined", area, "", Decimal(count)) for area, count in counts.items()]
    view = seen([*cells, Cell("joined", WHOLE, "", Decimal(234))])
    # C alone beside A would leave C open by four
    assert [view["joined", area].state for area in ("A", "B", "C", WHOLE)] == ["hidden", "hidden", "hidden", "known"]
    cells = [Cell("joined", area, "", Decimal(count)) for area, count in (counts | {"D": 12}).items()]
    view = seen([*cells, Cell("joined", WHOLE, "", Decimal(246))])
    assert [view["joined", area].state for area in "ABCD"] == ["hidden", "known", "hidden", "hidden"]


def test_what_was_hidden_before_stays_hidden_and_is_never_hidden_alone() -> None:
    cells = [Cell("joined", area, "", Decimal(50)) for area in "ABC"] + [Cell("joined", WHOLE, "", Decimal(150))]
    assert hidden_areas(cells, MEASURES, BELOW) == set()
    assert hidden_areas(cells, MEASURES, BELOW, {("joined", "C"), ("other", "A")}) == {("joined", "A"), ("joined", "C")}


def test_where_all_areas_do_not_suffice_the_whole_is_hidden() -> None:
    cells = [Cell("joined", "A", "", Decimal(4)), Cell("joined", "B", "", Decimal(200))]
    view = seen([*cells, Cell("joined", WHOLE, "", Decimal(204))])
    assert {one.state for one in view.values()} == {"hidden"}


def test_projects_are_nobody_and_yuan_are_as_small_as_those_whose_they_are() -> None:
    view = seen(
        [
            Cell("projects", "A", "", Decimal(1), Decimal(2)),
            Cell("premium", "A", "", Decimal(300_000), Decimal(9)),
            Cell("premium", "B", "", Decimal(300_000), Decimal(900)),
            Cell("premium", "C", "", Decimal(300_000), Decimal(90)),
            Cell("premium", WHOLE, "", Decimal(900_000), Decimal(999)),
            Cell("collected", "A", "", Decimal(5_000), None, 9),
            Cell("collected", "B", "", Decimal(0), None, 0),
        ]
    )
    assert view["projects", "A"].value == 50
    assert [view["premium", area].state for area in ("A", "B", "C", WHOLE)] == ["hidden", "hidden", "hidden", "known"]
    assert view["collected", "A"].state == "hidden"
    assert view["collected", "B"].state == "known"


def test_parks_have_no_whole_and_are_hidden_one_by_one() -> None:
    view = seen([Cell("parks", "P", "", Decimal(3), Decimal(30)), Cell("parks", "Q", "", Decimal(15), Decimal(30))])
    assert (view["parks", "P"].state, view["parks", "Q"].state) == ("hidden", "known")


def test_what_is_unknown_stays_unknown_with_its_reason_and_nothing_is_never_zero_percent() -> None:
    view = seen(
        [Cell("first", WHOLE, "", because="x was never delivered"), Cell("first", "A", "", Decimal(0), Decimal(0))]
    )
    assert (view["first", WHOLE].state, view["first", WHOLE].because) == ("unknown", "x was never delivered")
    assert (view["first", "A"].state, view["first", "A"].value) == ("unknown", None)


@given(st.integers(10, 10_000), st.integers(10, 10_000), st.sampled_from([2, 5, 10]))
def test_of_two_releases_the_difference_is_known_only_to_within_less_than_the_base(x: int, y: int, base: int) -> None:
    def round_to(number: int) -> int:
        return int(rounded(Decimal(number), base))

    told = round_to(y) - round_to(x)
    assert abs((y - x) - told) < base
    same_look = [range(number - base, number + base + 1) for number in (x, y)]
    possible = {
        later - earlier
        for earlier in same_look[0]
        for later in same_look[1]
        if round_to(earlier) == round_to(x) and round_to(later) == round_to(y)
    }
    assert possible >= set(range(told - base + 1, told + base))


@pytest.mark.parametrize(
    ("number", "base", "is_shown"), [(12, 5, 10), (13, 5, 15), (0, 5, 0), (-12, 5, -10), (7, 1, 7)]
)
def test_a_figure_is_rounded_to_the_nearest_multiple(number: int, base: int, is_shown: int) -> None:
    assert rounded(Decimal(number), base) == is_shown


def test_a_value_is_reckoned_from_what_is_shown_and_says_all_only_where_it_is_all() -> None:
    bases: Any = EXACT | {"persons": 5}
    view = seen(
        [Cell("first", "A", "", Decimal(488), Decimal(498)), Cell("second", "A", "", Decimal(498), Decimal(498))], bases
    )
    assert view["first", "A"].value == Decimal("98.00")
    assert (view["first", "A"].numerator, view["first", "A"].denominator) == (490, 500)
    assert view["second", "A"].value == 100
