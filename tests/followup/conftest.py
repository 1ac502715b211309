"""See ``office`` and ``worklists``."""

import pytest
from office import office
from postgres import Database
from worklists import Desk

from hub.sealing import Keyring

__all__ = ["office"]


@pytest.fixture
def desk(fresh_database: Database, keyring: Keyring) -> Desk:
    return Desk(fresh_database, keyring)
