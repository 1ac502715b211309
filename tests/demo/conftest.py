"""One small city, built once: its folder and manifest. ``HUB_TEST_CITY=300000:2`` (persons:seed) asks another."""

import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hub.demo import build


class Built(NamedTuple):
    folder: Path
    manifest: dict[str, Any]

    def files(self, delivery: str) -> list[Path]:
        return [
            self.folder / file for e in self.manifest["deliveries"] if e["delivery"] == delivery for file in e["files"]
        ]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    persons, seed = map(int, os.environ.get("HUB_TEST_CITY", "6000:7").split(":"))
    folder = tmp_path_factory.mktemp("city")
    return Built(folder, build(folder, persons=persons, seed=seed))
