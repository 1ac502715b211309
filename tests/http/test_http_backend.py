"""A hub that starts before its database, loses it, and finds it again; and what it writes into the program's log."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import httpx
import orjson
import pytest
from serving import GRANTS, SCOPE, Answered, Hub, free_port, serving, serving_clients, wait_until
from sqlalchemy import make_url

from hub.errors import HubError
from hub.http.app import _without_query, create_app
from hub.http.errors import STATUS, describe
from hub.sealing import Keyring, SealingError, new_keyring, write_keyring
from hub.settings import Settings

FORM = {"grant_type": "client_credentials", "scope": SCOPE}


class Gate:
    """A port that is the database while it is open, and nothing while it is not."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        folder = parsed.query.get("host")
        self.target: Any = (
            f"{folder}/.s.PGSQL.{parsed.port or 5432}" if folder else (str(parsed.host), parsed.port or 5432)
        )
        self.port = free_port()
        self.url = parsed.difference_update_query(["host"]).set(host="127.0.0.1", port=self.port)
        self.loop = asyncio.new_event_loop()
        self.server: asyncio.Server | None = None
        self.writers: set[asyncio.StreamWriter] = set()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    def open(self) -> None:
        asyncio.run_coroutine_threadsafe(self._open(), self.loop).result(10)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self.loop).result(10)

    def end(self) -> None:
        self.close()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def _open(self) -> None:
        self.server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)

    async def _close(self) -> None:
        if self.server is not None:
            self.server.close()
            self.server = None
        for writer in list(self.writers):
            writer.transport.abort()
        await asyncio.sleep(0.1)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if isinstance(self.target, str):
            up_reader, up_writer = await asyncio.open_unix_connection(self.target)
        else:
            up_reader, up_writer = await asyncio.open_connection(*self.target)
        both = {writer, up_writer}
        self.writers |= both
        await asyncio.gather(_pump(reader, up_writer), _pump(up_reader, writer))
        self.writers -= both


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@pytest.fixture
def gate(database: Any) -> Iterator[Gate]:
    gate = Gate(database.url)
    yield gate
    gate.end()


@contextmanager
def both(database: Any, keyring: Keyring, gate: Gate) -> Iterator[tuple[Hub, httpx.Client]]:
    url = gate.url.render_as_string(hide_password=False)
    with serving(url, keyring) as running, running.client() as client:
        yield running, client


def test_a_hub_starts_without_a_database_and_finds_it_when_it_comes_and_comes_again(
    database: Any, keyring: Keyring, gate: Gate
) -> None:
    with serving_clients(database, keyring) as first:
        secret = first.secret
    with both(database, keyring, gate) as (hub, client):

        async def reads(question: Any, caller: Any) -> Answered:
            value = await hub.backend._attached.reader.fetchval("select 7")
            return Answered(orjson.dumps({"data": value}))

        hub.fake.behavior = reads
        for _ in range(2):
            assert client.get("/health").status_code == 200
            wait_until(lambda: client.get("/ready").status_code == 503)
            assert client.get("/ready").json() == {"ready": False, "database": False, "log": False, "keys": True}
            got = client.post("/oauth/token", data=FORM, auth=("office", secret))
            assert (got.status_code, got.json()["error"]) == (503, "temporarily_unavailable")
            gate.open()
            wait_until(lambda: client.get("/ready").status_code == 200)
            got = client.post("/oauth/token", data=FORM, auth=("office", secret))
            assert got.status_code == 200
            client.headers["Authorization"] = f"Bearer {got.json()['access_token']}"
            wait_until(lambda: client.post("/graphql", json={"query": "{ a }"}).status_code == 200)
            gate.close()
            got = client.post("/graphql", json={"query": "{ a }"})
            assert got.status_code == 503
            assert got.json()["errors"][0]["extensions"]["code"] == "EXECUTE_DATABASE"
            assert str(gate.port) not in got.text


def test_an_answer_stops_its_statement_when_its_client_goes(database: Any, keyring: Keyring) -> None:
    with serving_clients_again(database, keyring) as hub:

        async def sleeps(question: Any, caller: Any) -> Answered:
            await hub.backend._attached.reader.fetchval("select pg_sleep(60)")
            return Answered(b"{}")

        hub.fake.behavior = sleeps
        token = hub.token()
        running = "select count(*) from pg_stat_activity where query = 'select pg_sleep(60)' and state = 'active'"
        with hub.raw() as sock:
            body = b'{"query":"{ a }"}'
            head = (
                f"POST /graphql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json"
            )
            sock.sendall(f"{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            wait_until(lambda: database.execute(running) == [(1,)])
        wait_until(lambda: database.execute(running) == [(0,)])


def test_a_statement_has_a_time_limit(database: Any, keyring: Keyring) -> None:
    with serving_clients_again(database, keyring, statement_seconds=0.2) as hub:

        async def sleeps(question: Any, caller: Any) -> Answered:
            await hub.backend._attached.reader.fetchval("select pg_sleep(60)")
            return Answered(b"{}")

        hub.fake.behavior = sleeps
        with hub.client(headers={"Authorization": f"Bearer {hub.token()}"}) as client:
            got = client.post("/graphql", json={"query": "{ a }"})
        assert got.status_code == 503
        assert got.json()["errors"][0]["extensions"]["code"] == "EXECUTE_TIMEOUT"


def test_questions_are_read_by_a_role_that_cannot_write(database: Any, keyring: Keyring) -> None:
    with serving_clients_again(database, keyring) as hub:
        said: list[str] = []

        async def writes(question: Any, caller: Any) -> Answered:
            try:
                await hub.backend._attached.reader.execute("delete from client")
            except asyncpg.PostgresError as error:
                said.append(type(error).__name__)
            return Answered(b"{}")

        hub.fake.behavior = writes
        with hub.client(headers={"Authorization": f"Bearer {hub.token()}"}) as client:
            assert client.post("/graphql", json={"query": "{ a }"}).status_code == 200
        assert said in (["ReadOnlySQLTransactionError"], ["InsufficientPrivilegeError"])


@contextmanager
def serving_clients_again(database: Any, keyring: Keyring, **changed: Any) -> Iterator[Hub]:
    database.execute("delete from client")
    with serving_clients(database, keyring, **changed) as hub:
        yield hub


def test_keys_that_were_changed_make_a_hub_unready(tmp_path: Any, database: Any) -> None:
    path = tmp_path / "keys.json"
    write_keyring(new_keyring(), path)
    settings = Settings(database_url=database.url, key_file=path)
    backend = create_app(settings=settings, grants=GRANTS).state.backend
    assert backend._has_keys()
    write_keyring(new_keyring(), path, replace=True)
    assert not backend._has_keys()
    path.unlink()
    assert not backend._has_keys()


def test_a_hub_without_keys_does_not_start(tmp_path: Any, database: Any) -> None:
    with pytest.raises(SealingError, match="hub keys init"):
        create_app(settings=Settings(database_url=database.url, data=tmp_path), grants=GRANTS)


def test_what_is_said_of_a_failure_is_where_and_never_what() -> None:
    def deep() -> None:
        try:
            int("11010519491231002X")
        except ValueError as error:
            raise KeyError("11010519491231002X") from error

    with pytest.raises(KeyError) as caught:
        deep()
    says = describe(caught.value)
    assert "11010519491231002X" not in says
    assert "builtins.KeyError" in says
    assert "builtins.ValueError" in says
    assert "test_http_backend.py" in says


def test_an_access_log_that_is_switched_on_holds_no_variables() -> None:
    args = ("127.0.0.1:1", "GET", "/graphql?variables=%7B%22id%22%3A%2211010519491231002X%22%7D", "1.1", 200)
    record = logging.LogRecord("uvicorn.access", logging.INFO, "", 1, '%s - "%s %s HTTP/%s" %d', args, None)
    assert _without_query(record)
    assert record.getMessage() == '127.0.0.1:1 - "GET /graphql HTTP/1.1" 200'


def test_every_code_with_a_status_of_its_own_names_its_stage() -> None:
    for code, status in STATUS.items():
        assert code.split("_")[0] in {"REQUEST", "POLICY", "EXECUTE", "INTAKE"}
        assert 400 <= status <= 503


def test_an_error_of_no_stage_is_a_failure() -> None:
    from hub.http.errors import status_of

    assert status_of(HubError("CHECK_X", "x")) == 500
