"""`hub indicators`, `hub report` and `hub return` as an operator types them."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from indicator_city import OCTOBER, TODAY, IndicatorCity, staffed
from typer.testing import CliRunner, Result

from hub.cli import app, indicators, parts
from hub.cli.indicators import area_names
from hub.sealing import Keyring

Run = Callable[..., Result]


@pytest.fixture
def run(city: IndicatorCity, keyring: Keyring, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    from hub import settings as configured

    monkeypatch.setenv("HUB_RETURNS", str(tmp_path / "returns"))
    configured.settings.cache_clear()
    for name, value in {
        "writer": city.writer,
        "reader": city.reader,
        "signer": city.signer,
        "keyring": keyring,
        "bound_keyring": keyring,
        "today": TODAY,
    }.items():
        monkeypatch.setattr(parts, name, lambda value=value: value)
    yield lambda *arguments: CliRunner().invoke(app, [str(one) for one in arguments])
    monkeypatch.undo()
    configured.settings.cache_clear()


def test_a_month_is_computed_published_and_reported(run: Run, city: IndicatorCity, tmp_path: Path) -> None:
    staffed(city, {"371082100": 40, "371082101": 61}, {"371082100": 30, "371082101": 50})
    computed = run("indicators", "compute", "--month", "2026-10")
    assert computed.exit_code == 0, computed.output
    assert "80.00" in computed.output
    assert "medical_coverage is UNKNOWN: " in computed.output
    [(release,)] = city.database.execute("select id from indicator_release")
    assert isinstance(run("report", "month", "--month", "2026-10", "--json", tmp_path / "r.json").exception, Exception)
    assert f"Release {release} is what is shown of 2026-10" in run("indicators", "publish", release).output
    assert "2026-10" in run("indicators", "releases").output
    assert "80.00" in run("indicators", "show", release).output
    written = run("report", "month", "--month", "2026-10", "--json", tmp_path / "r.json", "--xlsx", tmp_path / "r.xlsx")
    assert written.exit_code == 0, written.output
    names = {one["name"] for one in orjson.loads((tmp_path / "r.json").read_bytes())["figures"]}
    assert {"全市", "俚岛镇", "成山镇"} <= names
    assert (tmp_path / "r.xlsx").read_bytes()[:2] == b"PK"
    assert run("report", "month", "--month", "2026-10").exit_code == 2


def test_the_month_that_is_due_is_reckoned_and_published_once(run: Run, city: IndicatorCity) -> None:
    assert indicators.month_due() == OCTOBER
    for _ in range(2):
        indicators.publish_due()
    assert city.database.execute("select month, count(*) from indicator_publication group by month") == [(OCTOBER, 1)]
    assert indicators.month_due() is None
    assert "2026-10" in run("indicators", "releases").output


def test_the_return_is_made_into_its_folder_and_its_clock_is_shown(
    run: Run, city: IndicatorCity, keyring: Keyring, tmp_path: Path
) -> None:
    status = run("return", "status", "--months", "1")
    assert "late" in status.output
    assert "was never delivered" in status.output
    from hub.checks.example import key_of

    sealed = keyring.seal(orjson.dumps({"resident_id": "1", "name": "Zhang"}), b"person:" + key_of("Zhang").bytes)
    city.deliver("public_security/population", "person", {"person": "Zhang", "sealed": sealed})
    city.deliver("human_resources/enrollment", "enrollment", {"person": "Zhang", "starts_on": date(2020, 1, 1)})
    city.deliver("human_resources/resident_pension", "enrollment")
    city.deliver("human_resources/contribution", "contribution")
    made: Any = run("return", "make", "--month", "2026-10")
    assert made.exit_code == 0, made.output
    assert "1 added, 0 changed, 0 ended" in made.output
    assert "Zhang" not in made.output
    assert len(list((tmp_path / "returns").iterdir())) == 3
    assert "done" in run("return", "status", "--months", "1").output
    assert len(run("return", "key").output.strip()) == 44


def test_areas_are_called_by_the_first_of_their_spellings() -> None:
    assert area_names()["371082100"] == "俚岛镇"
    assert area_names()["371082400"] == "经济开发区"
