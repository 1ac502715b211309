"""A database filled under one key file takes no other."""

import pytest
from postgres import Database

from hub.errors import HubError
from hub.store import identity


def test_a_database_is_bound_to_the_first_key_file_it_meets(fresh_database: Database) -> None:
    for _ in range(2):
        with fresh_database.engine("writer").begin() as connection:
            identity.claim(connection, "first")
    with pytest.raises(HubError, match="Put the right key file back"), fresh_database.engine("writer").begin() as other:
        identity.claim(other, "second")
    assert fresh_database.execute("select key_fingerprint from hub_identity") == [("first",)]
