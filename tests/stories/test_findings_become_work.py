"""From finding to work, over HTTP: handed out, worked off by a town, taken back, closed when the finding clears."""

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from city import ROOT, City, Served, city, environment, keys, secrets, serving  # noqa: F401

from hub.policy.client import register_client
from hub.terms import canonical_document

RULE = "working_age_not_enrolled"
DELIVERY = "human_resources/resident_pension"
TOWN = "town/worklist"

DISPATCH = f'mutation {{ dispatchFindings(rule: "{RULE}") {{ dispatched unaddressed }} }}'
LIST = "{ worklist(first: 500) { nodes { id state area dueOn overdue finding { person { name residentId } } } } }"
REPORT = """mutation ($item: ID!, $key: String!) { reportAction(item: $item, kind: visit, on: "2026-11-20",
    result: not_enrolled, reason: unwilling, officer: "网格员07", key: $key) { state already } }"""
FOLLOW = (
    """query ($state: String!) { worklist(first: 200, rule: "%s", state: $state) { nodes {
    id area actions { kind actedOn result reason officer } history { event by } } } }"""
    % RULE
)


@dataclass
class Case:
    """Somebody of a town whom the rule found, and the two towns of this story."""

    resident_id: str
    name: str
    item: str
    own: str
    other: str


def _named(city: City, number: str) -> str:
    (entry,) = (one for one in city.manifest["deliveries"] if (one["delivery"], one["period"]) == ("public_security/population", "2026-10"))  # fmt: skip
    rows = csv.DictReader(io.StringIO((city.folder / entry["files"][0]).read_text("gb18030")))
    return next(row["姓名"] for row in rows if row["公民身份号码"] == number)


@pytest.fixture
def case(city: City) -> Case:
    planted = [one["resident_id"] for one in city.manifest["rules"]["P01"]["planted"]]
    keys = {str(city.keyring.person_key(canonical_document("resident_id", one))): one for one in planted}
    found = city.database.execute(
        "select subject_key::text, id::text, area from finding where rule = %s and state = 'open' and area is not null"
        " order by id",
        RULE,
    )
    key, item, own = next(row for row in found if row[0] in keys)
    other = next(area for _, _, area in found if area != own)
    return Case(keys[key], _named(city, keys[key]), item, own, other)


@pytest.fixture
def hub(city: City, keys: Path, case: Case, secrets: dict[str, str], tmp_path: Path) -> Iterator[Served]:
    towns = {}
    with city.database.engine("writer").begin() as connection:
        for client, area in (("own-town", case.own), ("other-town", case.other)):
            towns[client] = register_client(
                connection, client_id=client, name=client, department="town", attributes={"area": area}, scopes=[TOWN]
            )
    with serving(city, keys, tmp_path / "output") as (url, _):
        yield Served(url, {**secrets, **towns}, tmp_path / "output")


def check(city: City, keys: Path) -> None:
    """As an operator does: `hub check`, and the worklists follow."""
    ran = subprocess.run(
        [sys.executable, "-m", "hub", "check", "P01"],
        env=environment(city, keys, "http://127.0.0.1:1"), cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


def deliver(city: City, label: str, added: str) -> None:
    """The resident pension of the month once more, with a row added."""
    (entry,) = (one for one in city.manifest["deliveries"] if one["delivery"] == DELIVERY)
    text = (city.folder / entry["files"][0]).read_text("gb18030")
    path = city.folder / f"{label}.csv"
    path.write_text(text.rstrip("\n") + "\n" + added, "gb18030")
    loaded = city.load(DELIVERY, entry["period"], [path.name])
    assert loaded.rejected == entry["expected_rejected"]


def nodes(told: Any) -> list[dict[str, Any]]:
    assert told.status_code == 200, told.text
    found: list[dict[str, Any]] = told.json()["data"]["worklist"]["nodes"]
    return found


def test_a_finding_is_handed_out_worked_off_taken_back_and_closed_when_it_clears(
    city: City, keys: Path, hub: Served, case: Case
) -> None:
    town = lambda query, variables=None: hub.ask("own-town", query, variables, TOWN)
    other = lambda query, variables=None: hub.ask("other-town", query, variables, TOWN)
    bureau = lambda query, variables=None: hub.ask("demo-follow-up", query, variables)

    check(city, keys)
    waiting = nodes(bureau(FOLLOW, {"state": "waiting"}))
    assert case.item in [one["id"] for one in waiting]
    assert nodes(town(LIST)) == nodes(other(LIST)) == [], "nothing was handed out yet"

    told = bureau(DISPATCH)
    assert told.json()["data"]["dispatchFindings"]["dispatched"] == sum(1 for one in waiting if one["area"])
    assert told.json()["extensions"]["receipt"]["event"]
    assert bureau(DISPATCH).json()["data"]["dispatchFindings"]["dispatched"] == 0

    # A town sees its own, with whom to visit and until when; and may not hand out or take back.
    own, others = nodes(town(LIST)), nodes(other(LIST))
    assert ({one["area"] for one in own}, {one["area"] for one in others}) == ({case.own}, {case.other})
    (mine,) = (one for one in own if one["id"] == case.item)
    assert mine["finding"]["person"]["name"] == case.name
    assert mine["finding"]["person"]["residentId"].endswith(case.resident_id[-4:])
    assert (mine["state"], mine["dueOn"], mine["overdue"]) == ("dispatched", "2026-12-11", False)
    refused = town(DISPATCH)
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "POLICY_MUTATION")

    # It reports a visit; what is another's it can neither see nor report on, and nothing is changed by GET.
    said = {"item": case.item, "key": "2026-11-20/1"}
    beyond = other(REPORT, said)
    assert (beyond.status_code, beyond.json()["errors"][0]["extensions"]["code"]) == (400, "REQUEST_ITEM")
    headers = {"Authorization": f"Bearer {hub.token('own-town', TOWN)}"}
    with hub.http(headers=headers) as http:
        by_url = http.get("/graphql", params={"query": REPORT})
        several = http.post("/graphql", json=[{"query": REPORT, "variables": said}] * 2)
    assert (by_url.status_code, several.status_code) == (405, 400)
    first, again = town(REPORT, said).json(), town(REPORT, said).json()
    assert first["data"]["reportAction"] == {"state": "reported", "already": False}
    assert again["data"]["reportAction"] == {"state": "reported", "already": True}
    assert "unwilling" not in city.database.execute(
        "select string_agg(convert_from(leaf, 'UTF8'), '') from audit_event where client = 'own-town'"
    )[0][0]  # fmt: skip

    # The bureau sees what was done; it takes the item back, and the town has it no more.
    (done,) = (one for one in nodes(bureau(FOLLOW, {"state": "reported"})) if one["id"] == case.item)
    assert done["actions"] == [
        {
            "kind": "visit",
            "actedOn": "2026-11-20",
            "result": "not_enrolled",
            "reason": "unwilling",
            "officer": "网格员07",
        }
    ]
    recall = "mutation ($items: [ID!]) { recallItems(items: $items) { recalled } }"
    assert bureau(recall, {"items": [case.item]}).json()["data"] == {"recallItems": {"recalled": 1}}
    assert case.item not in [one["id"] for one in nodes(town(LIST))]
    assert town(REPORT, {**said, "key": "2026-11-20/2"}).status_code == 400

    # He enrolls; the delivery says so, the check clears the finding, the item closes by itself and keeps its history.
    enrolled = f"{case.name},{case.resident_id},371082100201,011,1,1,202601,,2026,300.00,否\n"
    deliver(city, "enrolled", enrolled)
    check(city, keys)
    (closed,) = (one for one in nodes(bureau(FOLLOW, {"state": "closed"})) if one["id"] == case.item)
    assert [one["event"] for one in closed["history"]] == ["appeared", "dispatched", "reported", "recalled", "closed"]
    assert [one["by"] for one in closed["history"]] == [None, "demo-follow-up", "own-town", "demo-follow-up", None]
    assert len(closed["actions"]) == 1

    # It was a mistake of the office: the next delivery has him no more, and the same item waits again.
    deliver(city, "corrected", "\n")
    check(city, keys)
    (back,) = (one for one in nodes(bureau(FOLLOW, {"state": "waiting"})) if one["id"] == case.item)
    assert back["history"][-1] == {"event": "reopened", "by": None}
