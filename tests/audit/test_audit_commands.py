"""`hub audit` as an operator types it: what is kept elsewhere is held against the log, what is erased is told of."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from postgres import Database
from typer.testing import CliRunner, Result

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome, Personal
from hub.audit.log import record_sync
from hub.audit.receipt import Receipt
from hub.audit.sequencer import integrate, publish
from hub.cli import access, parts
from hub.sealing import Keyring

Run = Callable[..., Result]


@pytest.fixture
def signer() -> Signer:
    return Signer("hub.example/audit", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.fixture
def run(fresh_database: Database, keyring: Keyring, signer: Signer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    engine = fresh_database.engine("writer")
    monkeypatch.setattr(parts, "writer", lambda: engine)
    monkeypatch.setattr(parts, "signer", lambda: signer)
    monkeypatch.setattr(parts, "bound_keyring", lambda: keyring)
    monkeypatch.setattr(access, "engine_for", fresh_database.engine)
    yield lambda *arguments: CliRunner().invoke(access.log, [str(one) for one in arguments])
    engine.dispose()


def recorded(database: Database, keyring: Keyring, signer: Signer) -> Receipt:
    event = Event(kind=Kind.query_answered, outcome=Outcome.allowed, client="office")
    with database.engine("writer").begin() as connection:
        return record_sync(connection, event, signer, Personal(source="192.0.2.1"), seal=keyring.seal)


def settle(database: Database, signer: Signer) -> None:
    import asyncio

    import asyncpg

    async def go() -> None:
        connection: Any = await asyncpg.connect(**database.dsn("writer"))
        await integrate(connection)
        await publish(connection, signer)
        await connection.close()

    asyncio.run(go())


def test_a_log_cut_off_with_its_checkpoints_is_found_by_what_was_kept(
    run: Run, fresh_database: Database, keyring: Keyring, signer: Signer, tmp_path: Path
) -> None:
    assert run("checkpoint").exit_code == 1
    receipts = []
    for _ in range(2):
        receipts.append(recorded(fresh_database, keyring, signer))
        settle(fresh_database, signer)
    note, receipt = tmp_path / "checkpoint", tmp_path / "receipt.json"
    note.write_text(run("checkpoint").stdout)
    receipt.write_bytes(orjson.dumps({"data": {}, "extensions": {"receipt": receipts[1].json()}}))
    assert run("verify", "--also", note, "--also", receipt).exit_code == 0
    for table, where in {"leaf": "leaf_index = 1", "checkpoint": "size = 2"}.items():
        fresh_database.execute(f"delete from audit_{table} where {where}")
    for table in "event", "personal":
        fresh_database.execute(f"delete from audit_{table} where event_id = %s", receipts[1].event)
    assert run("verify").exit_code == 0
    assert run("verify", "--also", note).exit_code == 1
    assert run("verify", "--also", receipt).exit_code == 1


def test_what_is_erased_by_command_is_told_of_and_the_log_holds(
    run: Run, fresh_database: Database, keyring: Keyring, signer: Signer
) -> None:
    event = recorded(fresh_database, keyring, signer).event
    settle(fresh_database, signer)
    assert run("erase", event).exit_code == 0
    assert fresh_database.execute("select event_id from audit_personal") == []
    assert run("verify").exit_code == 0
    assert run("erase", event).exit_code == 1
    settle(fresh_database, signer)
    told = run("verify")
    assert told.exit_code == 0
