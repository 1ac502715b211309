"""Indicators over the API: what is published, within the grant's region or parks, and nothing that was only reckoned."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from postgres import Database
from query_city import Hub, city, give, hub
from sqlalchemy import insert

from hub.store import indicator

__all__ = ["city", "give", "hub"]

AT = datetime(2026, 11, 9, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
STEERING = (ROOT / "access_policies" / "steering_office" / "indicators.toml").read_text("utf-8")
PARK = (ROOT / "access_policies" / "commerce" / "park_indicators.toml").read_text("utf-8")
ASKED = "{ indicators(first: 50) { nodes { month measure division area value state because } } }"


@pytest.fixture(scope="module")
def releases(database: Database, city: Any) -> None:
    """October is published twice, September once, August only reckoned."""
    months = {1: date(2026, 10, 1), 2: date(2026, 10, 1), 3: date(2026, 9, 1), 4: date(2026, 8, 1)}
    with database.engine("owner").begin() as connection:
        for number, month in months.items():
            about = {"measures": {}, "hiding": {}, "targets_digest": "", "known_at": AT, "computed_at": AT}
            connection.execute(
                insert(indicator.indicator_release).values(
                    id=number, month=month, region="371082", computed_by="officer", **about
                )
            )
            cells = [
                ("payment_rate", "area", "", 95 + number, "known"),
                ("payment_rate", "area", "371082100", None, "hidden"),
                ("park_staff_coverage", "park", "Harbor", 80 + number, "known"),
                ("park_staff_coverage", "park", "Hill", 70 + number, "known"),
            ]
            for measure, division, area, value, state in cells:
                key = {"release_id": number, "measure": measure, "division": division, "area": area, "insurance": ""}
                connection.execute(insert(indicator.indicator_shown).values(**key, unit="%", value=value, state=state))
                connection.execute(
                    insert(indicator.indicator_cell).values(**key, numerator=3, denominator=4, state="known")
                )
            said = {
                "policy": "rongcheng",
                "measure": "payment_rate",
                "insurance": "",
                "clause": "一",
                "compare": "at_least",
            }
            connection.execute(
                insert(indicator.indicator_progress).values(
                    release_id=number, area="", target=95, value=95 + number, state="reached", **said
                )
            )
        for release in (3, 1, 2):
            said = {"release_id": release, "month": months[release], "published_at": AT, "published_by": "officer"}
            connection.execute(insert(indicator.indicator_publication).values(**said))


@pytest.mark.usefixtures("releases")
def test_of_each_month_the_latest_publication_is_shown_and_of_others_nothing(hub: Hub) -> None:
    nodes = hub.ask(ASKED).data["indicators"]["nodes"]
    whole = [(one["month"], one["value"]) for one in nodes if (one["measure"], one["area"]) == ("payment_rate", "")]
    assert sorted(whole) == [("2026-09-01", 98), ("2026-10-01", 97)]
    assert len(nodes) == 8
    told = hub.ask('{ targets(first: 50, month: "2026-10-01") { nodes { policy target value state } } }').data
    assert told["targets"]["nodes"] == [{"policy": "rongcheng", "target": 95, "value": 97, "state": "reached"}]


@pytest.mark.usefixtures("releases")
def test_a_hidden_figure_has_no_number_in_any_field(hub: Hub) -> None:
    fields = "numerator denominator value state"
    told = hub.ask(f'{{ indicators(first: 50, area: "371082100") {{ nodes {{ {fields} }} }} }}').data
    assert (
        told["indicators"]["nodes"] == [{"numerator": None, "denominator": None, "value": None, "state": "hidden"}] * 2
    )


@pytest.mark.usefixtures("releases")
def test_pages_go_on_where_they_stopped(hub: Hub) -> None:
    seen, after = [], None
    for _ in range(4):
        page = hub.ask(
            "query ($after: String) { indicators(first: 3, after: $after)"
            " { nodes { month measure area } pageInfo { hasNextPage endCursor } } }",
            {"after": after},
        ).data["indicators"]
        seen += [tuple(one.values()) for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(set(seen)) == 8


@pytest.mark.usefixtures("releases")
def test_the_steering_office_sees_its_region_and_no_other(hub: Hub, give: Any) -> None:
    body = STEERING[STEERING.index("roots") :]
    grant = give("steering/indicators", body[body.index("[fields") :], body[: body.index("\n")], region="371082")
    assert len(hub.ask(ASKED, grant=grant).data["indicators"]["nodes"]) == 8
    other = give("steering2/indicators", body[body.index("[fields") :], body[: body.index("\n")], region="320900")
    assert hub.ask(ASKED, grant=other).data["indicators"]["nodes"] == []


@pytest.mark.usefixtures("releases")
def test_a_park_authority_sees_the_rates_of_its_own_parks_alone(hub: Hub, give: Any) -> None:
    body = PARK[PARK.index("roots") :]
    grant = give("commerce/parks", body[body.index("[fields") :], body[: body.index("\n")], park=["Harbor", "Cliff"])
    nodes = hub.ask('{ indicators(first: 50, month: "2026-10-01") { nodes { area value } } }', grant=grant).data[
        "indicators"
    ]["nodes"]
    assert nodes == [{"area": "Harbor", "value": 82}]
    refused = hub.ask("{ indicators(first: 50) { nodes { numerator } } }", grant=grant)
    assert "Indicator.numerator is not in commerce/parks" in refused.messages
