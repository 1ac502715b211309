"""The commands that `make demo` prints, pasted into a shell as they stand."""

import json
import subprocess
import sys
from pathlib import Path

from city import ROOT, City, Served, city, environment, keys, secrets, served  # noqa: F401

from hub.cli.city import commands


def paste(command: str) -> dict[str, object]:
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    told: dict[str, object] = json.loads(ran.stdout)
    return told


def hub(city: City, keys: Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hub", *words], env=environment(city, keys, url), cwd=ROOT, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


def test_they_do_what_they_say(city: City, keys: Path, served: Served, tmp_path: Path) -> None:
    worked = hub(city, keys, served.url, "work", "--once")  # the month is due on the city's day
    assert worked.returncode == 0, worked.stderr
    printed = commands(served.url, city.manifest, served.secrets, tmp_path)
    first, second, third, fourth = (line for line in printed.splitlines() if "/graphql -H" in line)
    answered = paste(first)
    assert answered["data"]["enrollmentStatus"][0]["status"] == "NO"  # type: ignore[index]
    refused = paste(second)
    assert "data" not in refused
    assert "Enrollment.contributionBase is not in civil_affairs/low_income_verification" in str(refused["errors"])
    proved = paste(third)
    event = answered["extensions"]["receipt"]["event"]  # type: ignore[index]
    assert proved["data"]["receiptProof"]["eventId"] == event  # type: ignore[index]
    ran = hub(city, keys, served.url, "audit", "verify-receipt", str(tmp_path / "proof.json"))
    assert ran.returncode == 0, ran.stderr
    published = paste(fourth)
    figures = published["data"]["indicators"]["nodes"]  # type: ignore[index]
    assert {one["month"] for one in figures} == {"2026-10-01"}
    assert any(one["state"] == "known" and one["value"] for one in figures)
