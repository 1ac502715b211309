"""A desk at which deliveries are loaded, on a database of its own."""

import re
from pathlib import Path

import pytest
from intake_factory import Desk, lenient

from hub.sealing import Keyring

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def desk(fresh_database: object, keyring: Keyring, tmp_path: Path) -> Desk:
    """Every connector as it is, but without expectations of the number of rows."""
    return Desk(fresh_database, keyring, tmp_path, lenient(tmp_path / "declarations"))


@pytest.fixture
def strict_desk(fresh_database: object, keyring: Keyring, tmp_path: Path) -> Desk:
    """Every connector as it is."""
    return Desk(fresh_database, keyring, tmp_path, ROOT)


@pytest.fixture
def any_format(desk: Desk) -> Desk:
    """The desk, with connectors that take every format."""
    for file in (desk.declarations / "connectors").glob("*/*.toml"):
        file.write_text(re.sub(r"(?m)^format +=.*\[.*\]\n", "", file.read_text()))
    return desk
