"""A real uvicorn on 127.0.0.1, a fake answerer, and clients that are registered as an operator registers them."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

import httpx
import orjson
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import settings as hypothesis_settings
from joserfc.jwk import OKPKey

from hub.http.app import create_app, server_options
from hub.policy import parse_grant
from hub.policy.client import register_client, set_keys
from hub.sealing import Keyring
from hub.settings import Settings

hypothesis_settings.register_profile("http", deadline=None, database=None)
hypothesis_settings.load_profile("http")

SCOPE = "civil_affairs/low_income_verification"
OTHER = "civil_affairs/destitute_verification"
EXPIRED = "civil_affairs/last_year"
FUTURE = "civil_affairs/next_year"


def grant(name: str, expires: str = "2099-12-31", starts: str = "2020-01-01") -> Any:
    return parse_grant(
        name,
        f'title = "t"\npurpose = "p"\nbasis = "b"\napproved_by = "a"\nstarts = {starts}\nexpires = {expires}\n',
    )


GRANTS = {
    SCOPE: grant(SCOPE),
    OTHER: grant(OTHER),
    EXPIRED: grant(EXPIRED, "2020-12-31"),
    FUTURE: grant(FUTURE, "2099-12-31", "2098-01-01"),
}


@dataclass(frozen=True, slots=True)
class Answered:
    body: bytes
    executed: bool = True
    status: int = 200


Behavior = Callable[[Any, Any], Awaitable[Answered]]


async def echo(question: Any, caller: Any) -> Answered:
    """Says what it was asked: what arrives here is what HTTP made of a request."""
    asked = {"document": question.document, "operation": question.operation, "variables": question.variables}
    return Answered(orjson.dumps({"data": {**asked, "client": caller.client_id}}))


@dataclass
class Fake:
    """An answerer whose behavior a test sets."""

    behavior: Behavior = echo
    asked: list[Any] = field(default_factory=list)

    async def answer(self, question: Any, caller: Any) -> Answered:
        self.asked.append((question, caller))
        return await self.behavior(question, caller)


@dataclass
class Hub:
    """A serving hub, as a client sees it."""

    url: str
    port: int
    fake: Fake
    backend: Any
    server: Any
    deliveries: Any = None
    secret: str = ""
    key: Any = None

    def client(self, **more: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=20, trust_env=False, **more)

    def raw(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def token(self, client_id: str = "office", scope: str = SCOPE) -> str:
        with self.client(auth=(client_id, self.secret)) as client:
            got = client.post("/oauth/token", data={"grant_type": "client_credentials", "scope": scope})
        assert got.status_code == 200, got.text
        return str(got.json()["access_token"])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(database_url: str, keyring: Keyring, *, idle: float = 30, **changed: Any) -> Iterator[Hub]:
    """Run a hub for a while. Its own address must be known before it runs, because tokens carry it.

    `idle`: seconds until an idle connection is closed; `changed`: settings.
    """
    port = free_port()
    settings = Settings(database_url=database_url, url=f"http://127.0.0.1:{port}", checkpoint_seconds=0.2, **changed)
    fake = Fake()
    app = create_app(lambda _: fake, settings=settings, keyring=keyring, grants=GRANTS)
    options = {**server_options(settings), "timeout_graceful_shutdown": 1, "timeout_keep_alive": idle}
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", **options))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield Hub(settings.url, port, fake, app.state.backend, server, app.state.deliveries)
    finally:
        server.should_exit = True
        thread.join(30)


def wait_until(condition: Callable[[], Any], seconds: float = 20) -> None:
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, "waited in vain"
        sleep(0.02)


@contextmanager
def serving_clients(database: Any, keyring: Keyring, **changed: Any) -> Iterator[Hub]:
    """A hub that is ready, with three clients: `office` and `other` have a secret, `signer` has a key."""
    key = OKPKey.import_key(Ed25519PrivateKey.generate(), {"kid": "k1"})
    said = {"name": "民政局", "department": "civil_affairs", "scopes": list(GRANTS)}
    with database.engine("writer").begin() as connection:
        secret = register_client(connection, client_id="office", **said)
        register_client(connection, client_id="other", **said)
        register_client(connection, client_id="signer", **said)
        set_keys(connection, "signer", {"keys": [key.as_dict(private=False)]})
    with serving(database.url, keyring, **changed) as running:
        running.secret, running.key = secret, key
        wait_until(lambda: httpx.get(f"{running.url}/ready", trust_env=False).status_code == 200)
        yield running


def exchange(sock: socket.socket, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send raw bytes and read one whole response with a Content-Length."""
    sock.sendall(request)
    return receive(sock)


def receive(sock: socket.socket) -> tuple[int, dict[str, str], bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(sock)
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers["content-length"]):
        body += _some(sock)
    return int(first.split()[1]), headers, body


def _some(sock: socket.socket) -> bytes:
    chunk = sock.recv(65536)
    assert chunk, "the connection was closed"
    return chunk
