"""Two small cities, built once: their folders and manifests."""

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
    folder = tmp_path_factory.mktemp("city")
    return Built(folder, build(folder, persons=6_000, seed=7))
