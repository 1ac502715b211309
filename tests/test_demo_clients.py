"""Who may ask is never changed without a record, in the demonstration neither."""

import pytest
from postgres import Database

from hub.audit.checkpoint import Signer
from hub.cli import city, parts
from hub.sealing import Keyring


def test_every_client_of_the_demonstration_is_recorded_each_time_it_is_changed(
    fresh_database: Database, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = fresh_database.engine("writer")
    monkeypatch.setattr(parts, "writer", lambda: engine)
    monkeypatch.setattr(parts, "bound_keyring", lambda: keyring)
    monkeypatch.setattr(parts, "signer", lambda: Signer("hub.example/test", keyring.log_signer))
    first, second = city._clients(), city._clients()
    assert first.keys() == second.keys() == city.CLIENTS.keys()
    assert not set(first.values()) & set(second.values())
    recorded = fresh_database.execute(
        "select client, count(*) from audit_event where kind = 'client_changed' group by 1"
    )
    assert dict(recorded) == dict.fromkeys(city.CLIENTS, 2)
