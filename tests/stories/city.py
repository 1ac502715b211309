"""A small city that went the whole way: written by its departments, loaded, cross-checked, and served over HTTP."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import pytest
from postgres import Database

from hub import checks, demo, intake
from hub.audit.checkpoint import Signer
from hub.cli.city import CLIENTS
from hub.policy.client import register_client
from hub.sealing import new_keyring, write_keyring
from hub.settings import Settings
from hub.terms import month

ROOT = Path(__file__).parents[2]
PERSONS = 6000
SEED = 11


@dataclass
class City:
    """``manifest``: what the departments wrote; ``loads`` and ``findings``: what became of it."""

    database: Database
    folder: Path
    manifest: dict[str, Any]
    keyring: Any
    loads: list[Any] = field(default_factory=list)
    findings: list[Any] = field(default_factory=list)

    @property
    def today(self) -> date:
        return date.fromisoformat(self.manifest["today"])

    def load(self, delivery: str, period: str, files: list[str]) -> Any:
        return intake.load(
            delivery,
            [self.folder / file for file in files],
            period=month(period),
            engine=self.database.engine("writer"),
            keyring=self.keyring,
            declarations=ROOT,
            archive=self.folder / "archive",
            by="test",
        )

    def check(self, rules: list[str] | None = None) -> list[Any]:
        return checks.check(
            rules,
            reader=self.database.engine("reader"),
            writer=self.database.engine("writer"),
            signer=Signer(Settings().log_origin, self.keyring.log_signer),
            region=self.manifest["region"],
            today=self.today,
            parameters=checks.read_parameters(demo.PARAMETERS),
        )


def _database(server: str, template: str) -> Iterator[Database]:
    from postgres import _copy

    yield from _copy(server, template)


@pytest.fixture(scope="session")
def city(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Loaded and cross-checked once for all stories: they read it, and leave it as it is."""
    folder = tmp_path_factory.mktemp("city")
    for database in _database(server, template):
        city = City(database, folder, demo.build(folder, persons=PERSONS, seed=SEED), new_keyring())
        city.loads = [city.load(*one) for one in demo.periods(city.manifest)]
        city.findings = city.check()
        yield city


@dataclass
class Served:
    """A hub that serves the city, as clients see it."""

    url: str
    secrets: dict[str, str]
    output: Path

    def http(self, **more: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=30, trust_env=False, **more)

    def token(self, client: str, scope: str | None = None) -> str:
        """Under the grant that the demonstration gives this client, if no other is said."""
        scope = scope or CLIENTS[client][1]
        with self.http(auth=(client, self.secrets[client])) as http:
            told = http.post("/oauth/token", data={"grant_type": "client_credentials", "scope": scope})
        assert told.status_code == 200, told.text
        return str(told.json()["access_token"])

    def ask(
        self, client: str, query: str, variables: dict[str, Any] | None = None, scope: str | None = None
    ) -> httpx.Response:
        headers = {
            "Authorization": f"Bearer {self.token(client, scope)}",
            "Accept": "application/graphql-response+json",
        }
        with self.http(headers=headers) as http:
            return http.post("/graphql", json={"query": query, "variables": variables or {}})


def register_clients(city: City) -> dict[str, str]:
    """The demonstration's clients; their secrets."""
    secrets = {}
    with city.database.engine("writer").begin() as connection:
        for client, (office, grant, attributes) in CLIENTS.items():
            secrets[client] = register_client(
                connection,
                client_id=client,
                name=office,
                department=grant.partition("/")[0],
                attributes=dict(attributes),
                scopes=[grant],
            )
    return secrets


def environment(city: City, keys: Path, url: str) -> dict[str, str]:
    """What a command of this hub is told."""
    return {
        **os.environ,
        "HUB_DATABASE_URL": city.database.url,
        "HUB_KEY_FILE": str(keys),
        "HUB_URL": url,
        "HUB_TODAY": city.manifest["today"],
        "HUB_DECLARATIONS": str(ROOT),
        "HUB_PARAMETERS": str(demo.PARAMETERS),
        "HUB_CHECKPOINT_SECONDS": "0.2",
    }


@contextmanager
def serving(
    city: City, keys: Path, output: Path, **told: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:  # fmt: skip
    """`hub serve` in a process of its own, ready; what it writes goes to ``output``. ``told``: more of its environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "hub", "serve", "--port", str(port)]
    with output.open("wb") as file:
        process = subprocess.Popen(command, env=environment(city, keys, url) | told, cwd=ROOT, stdout=file, stderr=file)
    try:
        until = monotonic() + 120
        while not _ready(url):
            if process.poll() is not None or monotonic() > until:
                raise TimeoutError(f"the hub does not get ready: {output.read_text()}")
            sleep(0.1)
        yield url, process
    finally:
        process.terminate()
        process.wait(20)


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def keys(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The city's key file."""
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    write_keyring(city.keyring, path)
    return path


@pytest.fixture(scope="session")
def secrets(city: City) -> dict[str, str]:
    return register_clients(city)


@pytest.fixture(scope="session")
def served(
    city: City, keys: Path, secrets: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    output = tmp_path_factory.mktemp("served") / "output"
    with serving(city, keys, output) as (url, _):
        yield Served(url, secrets, output)
