"""Somebody who lapsed and wants no messages is reminded by the own town, which finds it on its worklist and reports it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from city import ROOT, City, Served, city, environment, keys, secrets, serving  # noqa: F401

from hub.policy.client import register_client

TOWN = "town/worklist"
LIST = """{ worklist(first: 500, rule: "interrupted") {
    nodes { id area state dueOn visitBecause finding { person { name address } } } } }"""
REPORT = """mutation ($item: ID!) { reportAction(item: $item, kind: visit, on: "2026-11-21", result: promised,
    officer: "网格员07", key: "2026-11-21/1") { state } }"""
OFFICER = ("--by", "王示例", "--position", "扩面科科员")


def command(city: City, keys: Path, *words: str) -> str:
    """What a command prints."""
    ran = subprocess.run(
        [sys.executable, "-m", "hub", *words], env=environment(city, keys, "http://127.0.0.1:1"), cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return " ".join(ran.stdout.split())


def test_a_visit_reaches_the_towns_worklist_and_its_report_is_the_reminder(
    city: City, keys: Path, tmp_path: Path
) -> None:
    lapsed, area = city.database.execute(
        "select id::text, area from finding where rule = 'interrupted' and state = 'open' and area is not null order by id"
    )[0]
    towns = {}
    with city.database.engine("writer").begin() as connection:
        for client, its in (("reminding-town", area), ("town-beside", "371082999")):
            towns[client] = register_client(
                connection, client_id=client, name=client, department="town", attributes={"area": its}, scopes=[TOWN]
            )
    command(city, keys, "outbox", "opt-out", lapsed, *OFFICER)
    assert "visits are the towns'" in command(city, keys, "remind", "make", *OFFICER)
    assert f"{area} opted_out 1 1" in command(city, keys, "remind", "visits")

    with serving(city, keys, tmp_path / "output") as (url, _):
        hub = Served(url, towns, tmp_path / "output")

        def items(client: str) -> dict[str, dict[str, Any]]:
            told = hub.ask(client, LIST, scope=TOWN)
            assert told.status_code == 200, told.text
            return {one["id"]: one for one in told.json()["data"]["worklist"]["nodes"]}

        mine = items("reminding-town")[lapsed]
        assert (mine["area"], mine["state"], mine["visitBecause"]) == (area, "dispatched", "opted_out")
        assert mine["dueOn"] > "2026-11-21"
        assert mine["finding"]["person"]["name"]
        assert items("town-beside") == {}
        assert hub.ask("town-beside", REPORT, {"item": lapsed}, TOWN).status_code == 400

        told = hub.ask("reminding-town", REPORT, {"item": lapsed}, TOWN)
        assert told.json()["data"]["reportAction"] == {"state": "reported"}
        mine = items("reminding-town")[lapsed]
        assert (mine["state"], mine["visitBecause"]) == ("reported", None)
    made = city.database.execute(
        "select year, state, done_on::text, done_by from reminder where finding_id = %s", lapsed
    )
    assert made == [(2026, "done", "2026-11-21", "网格员07")]
