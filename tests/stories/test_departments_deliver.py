"""The demonstration's departments deliver over every channel, and every row is accounted for, whatever way it came."""

import os
import re
import subprocess
import sys
from pathlib import Path

import orjson

ROOT = Path(__file__).parents[2]
FRONT_END = ("human_resources/employment_registration", "medical_insurance/employee_enrollment")


def demo(data: Path, mariadb: str, *arguments: str) -> dict[str, tuple[int, int]]:
    """`hub demo` to its end without serving: what its table says was declared and rejected, by delivery, last loads."""
    ran = subprocess.run(
        [sys.executable, "-m", "hub", "demo", "--no-serve", "--mariadb", mariadb, *arguments],
        cwd=ROOT, check=False, capture_output=True, text=True, env=os.environ | {"HUB_DATA": str(data), "COLUMNS": "200"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    rows = re.findall(r"^ *\d+ +(\w+/\w+) +(\d{4}-\d\d) +([\d,]+) +([\d,]+) +([\d,]+) ", ran.stdout, re.MULTILINE)
    return {
        f"{name} {period}": (int(declared.replace(",", "")), int(rejected.replace(",", "")))
        for name, period, declared, _, rejected in rows
    }


def test_every_channel_brings_what_the_department_sent(tmp_path: Path, mariadb: str) -> None:
    told = demo(tmp_path, mariadb, "--persons", "5000", "--seed", "5")
    manifest = orjson.loads((tmp_path / "city" / "manifest.json").read_bytes())
    expected = {
        f"{one['delivery']} {one['period']}": (one["declared"], one["expected_rejected"])
        for one in manifest["deliveries"]
    }
    for name in FRONT_END:  # where rows say what they do, one that stands twice is no double: the later counts
        declared, rejected = expected[f"{name} 2026-10"]
        expected[f"{name} 2026-10"] = (declared, rejected - 1)
    assert told == expected
    assert (tmp_path / "sources.toml").stat().st_mode & 0o077 == 0
    again = demo(tmp_path, mariadb)
    assert again.keys() == told.keys()
    ways = subprocess.run(
        [sys.executable, "-c", WAYS], cwd=ROOT, check=True, capture_output=True, text=True,
        env=os.environ | {"HUB_DATA": str(tmp_path)},
    )  # fmt: skip
    assert set(ways.stdout.split()) == {
        *(f"database={name}" for name in FRONT_END), "http=transport/courier", "drop=town/household_survey",
    }  # fmt: skip
    assert not list((tmp_path / "spool").rglob("*.*"))
    assert not list((tmp_path / "drop" / "town" / "household_survey").glob("*.xlsx"))  # moved to done/


WAYS = """
import psycopg
from hub.store import owner_url
with psycopg.connect(owner_url()) as connection:
    for channel, name in connection.execute(
        "select distinct b.channel, d.name from batch b join delivery d on d.id = b.delivery_id where b.channel <> 'file'"
    ):
        print(f"{channel}={name}")
"""
