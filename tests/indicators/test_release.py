"""Releases: reckoned, frozen, published; what they rest on and who may see which half."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from indicator_city import MEASURES, OCTOBER, PARAMETERS, TODAY, IndicatorCity, staffed
from postgres import libpq

from hub.errors import IndicatorError
from hub.indicators import due, published
from hub.indicators.hiding import WHOLE, Shown
from hub.store.lineage import batch

CONNECTORS = Path(__file__).parents[2] / "connectors"


def figures(release: Any, measure: str) -> dict[str, Shown]:
    return {one.area: one for one in release.shown if one.measure == measure}


def test_a_month_is_reckoned_by_area_and_whole_and_rounded(city: IndicatorCity) -> None:
    staffed(city, {"371082100": 40, "371082101": 61}, {"371082100": 30, "371082101": 50})
    found = figures(city.compute("payment_rate"), "payment_rate")
    assert {area: (one.numerator, one.denominator, one.value) for area, one in found.items()} == {
        "371082100": (30, 40, 75),
        "371082101": (50, 60, Decimal("83.33")),
        WHOLE: (80, 100, 80),
    }


def test_a_missing_or_late_delivery_makes_a_measure_unknown_with_the_reason_and_never_zero(city: IndicatorCity) -> None:
    [one] = figures(city.compute("payment_rate"), "payment_rate").values()
    assert (one.area, one.state, one.value) == (WHOLE, "unknown", None)
    assert "human_resources/contribution was never delivered" in one.because
    staffed(city, {"371082100": 40}, {"371082100": 30}, period=date(2026, 9, 1))
    [one] = figures(city.compute("payment_rate"), "payment_rate").values()
    assert one.state == "unknown"
    assert "human_resources/enrollment has not given 2026-10: its last month is 2026-09" in one.because
    assert city.compute("payment_rate", month=date(2026, 9, 1)).measures["payment_rate"]["because"] == [
        "human_resources/contribution gave nothing for 2026-08"
    ]


def test_without_any_one_delivery_the_measures_that_need_it_are_unknown_and_no_other(city: IndicatorCity) -> None:
    needed = {name for measure in MEASURES.values() for name in measure.needs}
    for name in sorted(needed):
        target = tomllib.loads((CONNECTORS / f"{name}.toml").read_text("utf-8"))["target"]
        for month in range(3, 11):
            city.deliver(name, target, period=date(2026, month, 1))
    assert not [name for name, told in city.compute().measures.items() if told["because"]]
    for name in sorted(needed):
        with city.owner.begin() as connection:
            mine = (batch.c.delivery_id == city.ids[name], batch.c.status == "loaded")
            connection.execute(batch.update().where(*mine).values(status="refused"))
        measures = city.compute().measures
        assert {one for one, told in measures.items() if told["because"]} == {
            one.name for one in MEASURES.values() if name in one.needs
        }, name
        assert all(f"{name} was never delivered" in told["because"] for told in measures.values() if told["because"])
        with city.owner.begin() as connection:
            mine = (batch.c.delivery_id == city.ids[name],)
            connection.execute(batch.update().where(*mine).values(status="loaded"))


def test_a_month_that_is_not_over_and_a_measure_there_is_not_are_refused(city: IndicatorCity) -> None:
    with pytest.raises(IndicatorError, match="2026-11 is not over"):
        city.compute(month=date(2026, 11, 1))
    with pytest.raises(IndicatorError, match=r"did you mean 'payment_rate'\?"):
        city.compute("paymnt_rate")


def test_a_parameter_without_a_value_makes_a_measure_unknown_by_its_name(city: IndicatorCity) -> None:
    staffed(city, {"371082100": 40}, {"371082100": 30})
    release = city.compute("payment_rate", region="150300")
    assert release.measures["payment_rate"]["because"] == [
        "NOT CONFIGURED: collection_lag_months has no value for 2026-10 in 150300"
    ]


def test_a_release_says_what_it_rests_on_and_is_in_the_access_log(city: IndicatorCity) -> None:
    staffed(city, {"371082100": 40}, {"371082100": 30})
    release = city.compute("payment_rate")
    rests = release.measures["payment_rate"]
    assert (rests["verdict"], len(rests["digest"])) == ("judged", 64)
    assert rests["parameters"]["collection_lag_months"]["value"] == 1
    assert rests["batches"]["human_resources/enrollment"]["period"] == "2026-10-01"
    [event] = city.events("indicators_computed")
    assert event["details"]["release"] == release.id
    assert event["details"]["measures"] == {"payment_rate": rests["digest"]}
    assert event["details"]["by"] == "officer"


def test_reckoning_again_makes_another_release_and_changes_none(city: IndicatorCity) -> None:
    staffed(city, {"371082100": 40}, {"371082100": 30})
    first = city.compute("payment_rate")
    rows = "select * from indicator_cell where release_id = %s order by measure, area, insurance"
    before = city.database.execute(rows, first.id)
    city.deliver("human_resources/contribution", "contribution", {"person": "371082100-35", "month": date(2026, 9, 1)})
    second = city.compute("payment_rate")
    assert second.id != first.id
    assert city.database.execute(rows, first.id) == before
    assert city.database.execute(rows, second.id)[0][5] == 31


def test_nothing_is_shown_before_it_is_published_and_then_the_last_publication(city: IndicatorCity) -> None:
    staffed(city, {"371082100": 40}, {"371082100": 30})
    first, second, third = (city.compute("payment_rate", "interruption_rate") for _ in range(3))
    with city.reader.connect() as connection:
        assert published(connection, first.month) is None
    assert city.publish(first.id) == first.month
    city.publish(first.id)  # twice is once
    with pytest.raises(IndicatorError, match="is published already"):
        city.publish(second.id)
    city.publish(second.id, "a batch was loaded twice")
    with city.reader.connect() as connection:
        shown = published(connection, first.month)
        assert shown is not None
        assert shown.id == second.id
        assert shown.shown == tuple(sorted(second.shown, key=lambda one: (one.measure, one.insurance, one.area)))
    with pytest.raises(IndicatorError, match="was published 2 times"):
        city.publish(third.id, "once more")
    assert [event["details"]["release"] for event in city.events("indicators_published")] == [first.id, second.id]


def test_a_group_of_measures_is_published_whole(city: IndicatorCity) -> None:
    staffed(city, {"371082100": 40}, {"371082100": 30})
    with pytest.raises(IndicatorError, match="lacks interruption_rate"):
        city.publish(city.compute("payment_rate").id)


def test_a_month_that_is_published_again_hides_what_it_hid(city: IndicatorCity) -> None:
    areas = {"371082100": 40, "371082101": 60, "371082102": 80}
    staffed(city, areas, {"371082100": 37, "371082101": 30, "371082102": 40})
    both = ("payment_rate", "interruption_rate")
    first = city.compute(*both)
    hid = {area for area, one in figures(first, "payment_rate").items() if one.state == "hidden"}
    assert hid == {"371082100", "371082101"}
    city.database.execute("update contribution set known_until = now()")
    payers = [{"person": f"{area}-{number}", "month": date(2026, 9, 1)} for area in areas for number in range(20)]
    city.deliver("human_resources/contribution", "contribution", *payers)
    too_early = city.compute(*both)
    assert {one.state for one in figures(too_early, "payment_rate").values()} == {"known"}
    city.publish(first.id)
    with pytest.raises(IndicatorError, match=f"release {too_early.id} shows what 2026-10 hid"):
        city.publish(too_early.id, "a batch was wrong")
    second = city.compute(*both)
    assert {area for area, one in figures(second, "payment_rate").items() if one.state == "hidden"} == hid
    city.publish(second.id, "a batch was wrong")


def test_publishing_what_is_not_there_is_refused(city: IndicatorCity) -> None:
    with pytest.raises(IndicatorError, match="there is no release 7"):
        city.publish(7)


def test_the_reader_sees_what_may_be_shown_and_no_reckoned_cell(city: IndicatorCity) -> None:
    staffed(city, {"371082100": 40, "371082101": 61}, {"371082100": 37, "371082101": 50})
    release = city.compute("payment_rate")
    with psycopg.connect(libpq(city.database.url), options="-c role=hub_reader", autocommit=True) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select * from indicator_cell")
        shown = connection.execute("select area, numerator, denominator, value, state from indicator_shown").fetchall()
    assert all(row[1:4] == (None, None, None) for row in shown if row[4] == "hidden")
    assert {row[0] for row in shown if row[4] == "hidden"} == {"371082100", "371082101"}
    assert release.shown
    with psycopg.connect(libpq(city.database.url), options="-c role=hub_writer", autocommit=True) as connection:
        for table in ("indicator_release", "indicator_cell", "indicator_shown", "indicator_publication"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"delete from {table}".encode())


def test_progress_is_frozen_with_the_release_and_compares_with_what_was_published_of_last_year(
    city: IndicatorCity,
) -> None:
    staffed(city, {"371082100": 40, "371082101": 61}, {"371082100": 20, "371082101": 31})
    # Wuhai wants the interruption rate below last year's: nothing is published of it yet
    interrupted = [one for one in city.compute(region="371082").progress if one.measure == "new_enrollment"]
    assert {one.insurance: one.target for one in interrupted} == {
        "employee_pension": 9900,
        "injury": 1500,
        "unemployment": 2000,
    }
    stored = city.database.execute(
        "select policy, clause, target, state, rank from indicator_progress where rank is null"
    )
    assert ("rongcheng", "一(二) 2026年工伤保险新增参保人数", 1500, "unknown", None) in stored


def test_the_clearing_rate_counts_what_was_open_this_year_by_its_state_at_the_end_of_the_month(
    city: IndicatorCity,
) -> None:
    events = {
        "cleared": [("opened", "2026-02-01"), ("cleared", "2026-05-01")],
        "of last year, cleared": [("opened", "2025-02-01"), ("cleared", "2026-05-01")],
        "cleared last year": [("opened", "2025-02-01"), ("cleared", "2025-05-01")],
        "back": [("opened", "2026-02-01"), ("cleared", "2026-05-01"), ("reopened", "2026-06-01")],
        "unknown": [("opened", "2026-02-01"), ("unknown", "2026-05-01")],
        "cleared too late": [("opened", "2026-02-01"), ("cleared", "2026-11-01")],
        "cleared last minute": [("opened", "2026-02-01"), ("cleared", "2026-10-31 23:59:59+08")],
        "opened too late": [("opened", "2026-11-01")],
    }
    for copy in range(10):
        for name, lived in events.items():
            city.database.execute(
                "insert into finding (subject_key, id, rule, subject, matter, state, severity, area, values, opened_at,"
                " seen_at, run_id) values (md5(%s)::uuid, md5(%s)::uuid, 'r', 'person', '', 'open', 'low', '371082100',"
                " '{}', now(), now(), 1)",
                f"{name}{copy}",
                f"{name}{copy}",
            )
            for run, (event, at) in enumerate(lived, start=1):
                city.database.execute(
                    "insert into finding_event values (md5(%s)::uuid, md5(%s)::uuid, %s, %s, %s::timestamptz)",
                    f"{name}{copy}",
                    f"{name}{copy}",
                    run,
                    event,
                    at if "+" in at else f"{at} 00:00:00+08",
                )
    found = figures(city.compute("clearing_rate"), "clearing_rate")
    assert {area: (one.numerator, one.denominator) for area, one in found.items()} == {
        "371082100": (30, 60),
        WHOLE: (30, 60),
    }


@pytest.mark.parametrize(
    ("today", "region", "month"),
    [
        (date(2026, 11, 19), "371082", None),
        (date(2026, 11, 20), "371082", OCTOBER),
        (date(2026, 12, 1), "371082", None),
        (date(2027, 1, 31), "371082", date(2026, 12, 1)),
        (date(2026, 11, 30), "150300", None),  # no day is set there
    ],
)
def test_a_month_is_due_from_its_day_on(city: IndicatorCity, today: date, region: str, month: date | None) -> None:
    with city.reader.connect() as connection:
        assert due(connection, PARAMETERS, region=region, today=today) == month


def test_a_month_that_is_published_is_not_due_though_it_was_reckoned_again(city: IndicatorCity) -> None:
    def is_due() -> bool:
        with city.reader.connect() as connection:
            return due(connection, PARAMETERS, region="371082", today=TODAY) is not None

    release = city.compute()
    assert is_due(), "reckoned, and not shown"
    city.publish(release.id)
    city.compute()
    assert not is_due()
