"""See ``office``, ``worklists`` and ``world``: departments that contradict each other, items, findings."""

from collections.abc import Iterator

import pytest
from office import office
from postgres import Database
from worklists import Desk
from world import World

from hub.sealing import Keyring

__all__ = ["office"]


@pytest.fixture
def desk(database: Database, keyring: Keyring) -> Desk:
    return Desk(database, keyring)


@pytest.fixture
def world(fresh_database: Database, keyring: Keyring) -> Iterator[World]:
    writer, owner = fresh_database.engine("writer"), fresh_database.engine("owner")
    yield World(fresh_database, writer, owner, keyring)
    writer.dispose()
    owner.dispose()
