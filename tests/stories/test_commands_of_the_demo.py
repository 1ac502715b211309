"""The three commands that `make demo` prints, pasted into a shell as they stand."""

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


def test_they_do_what_they_say(city: City, keys: Path, served: Served, tmp_path: Path) -> None:
    printed = commands(served.url, city.manifest, served.secrets, tmp_path)
    first, second, third = (line for line in printed.splitlines() if "/graphql -H" in line)
    answered = paste(first)
    assert answered["data"]["enrollmentStatus"][0]["status"] == "NO"  # type: ignore[index]
    refused = paste(second)
    assert "data" not in refused
    assert "Enrollment.contributionBase is not in civil_affairs/low_income_verification" in str(refused["errors"])
    proved = paste(third)
    event = answered["extensions"]["receipt"]["event"]  # type: ignore[index]
    assert proved["data"]["receiptProof"]["eventId"] == event  # type: ignore[index]
    ran = subprocess.run(
        [sys.executable, "-m", "hub", "audit", "verify-receipt", str(tmp_path / "proof.json")],
        env=environment(city, keys, served.url), cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
