"""Clients: registered once, known by a secret that is not kept, shut out at once."""

from collections.abc import Iterator
from typing import Any

import pytest
from postgres import Database
from sqlalchemy import Connection, select

from hub.errors import PolicyError
from hub.policy import client as clients
from hub.policy.client import Client, find_client, find_keys, list_clients, register_client, verify_secret
from hub.store.access import client as table

PUBLIC = {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "1"}]}


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.engine("writer").connect() as connection:
        yield connection
        connection.rollback()


def registered(connection: Connection, **more: Any) -> str:
    said: dict[str, Any] = {
        "client_id": "town-107",
        "name": "大疃镇",
        "department": "town",
        "attributes": {"area": ["371082107"], "region": "371082"},
        "scopes": ["town/visit_list"],
    }
    return register_client(connection, **(said | more))


def test_a_client_is_known_by_its_secret(connection: Connection) -> None:
    secret = registered(connection)
    expected = Client("town-107", "大疃镇", "town", {"area": ["371082107"], "region": "371082"}, ("town/visit_list",))
    assert verify_secret(connection, "town-107", secret) == expected
    assert find_client(connection, "town-107") == expected
    assert list_clients(connection) == [expected]


@pytest.mark.parametrize("wrong", ["", "x", "\0", "秘密", "\udcff", "x" * 100_000])
def test_a_wrong_secret_is_nobody(connection: Connection, wrong: str) -> None:
    secret = registered(connection)
    assert verify_secret(connection, "town-107", wrong) is None
    assert verify_secret(connection, "town-107", secret + wrong[:1] + "y") is None


@pytest.mark.parametrize("nobody", ["", "town-108", "town\0", "a:b", "\udcff", "x" * 5000])
def test_an_unknown_id_is_nobody(connection: Connection, nobody: str) -> None:
    secret = registered(connection)
    assert verify_secret(connection, nobody, secret) is None
    assert find_client(connection, nobody) is None


def test_the_secret_is_not_kept(connection: Connection) -> None:
    secret = registered(connection)
    row = connection.execute(select(table)).one()
    assert secret.encode() not in row.secret_hash
    assert len(row.secret_hash) == 1 + 16 + 32
    other = register_client(connection, client_id="two", name="n", department="town")
    assert secret != other
    assert len(secret) >= 43  # 256 bits


def test_an_unknown_id_takes_the_same_work(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[Any, ...]] = []

    def scrypt(secret: bytes, *, salt: bytes, **cost: int) -> bytes:
        done.append((len(salt), *sorted(cost.items())))
        return bytes(32)  # even if this were what a missing hash is compared with, nobody is let in

    registered(connection)
    register_client(connection, client_id="off", name="n", department="town")
    clients.disable_client(connection, "off")
    register_client(connection, client_id="signs", name="n", department="town")
    clients.set_keys(connection, "signs", PUBLIC)
    monkeypatch.setattr(clients, "scrypt", scrypt)
    for client_id in ("town-107", "nobody", "", "off", "signs"):
        assert verify_secret(connection, client_id, "secret") is None
    assert len(done) == 5
    assert len(set(done)) == 1


def test_a_disabled_client_is_not_there(connection: Connection) -> None:
    secret = registered(connection)
    clients.disable_client(connection, "town-107")
    assert verify_secret(connection, "town-107", secret) is None
    assert find_client(connection, "town-107") is None
    assert list_clients(connection) == []
    clients.set_client(connection, "town-107", enabled=True)
    assert verify_secret(connection, "town-107", secret) is not None


def test_a_new_secret_ends_the_old_one(connection: Connection) -> None:
    old = registered(connection)
    new = clients.renew_secret(connection, "town-107")
    assert verify_secret(connection, "town-107", old) is None
    assert verify_secret(connection, "town-107", new) is not None


def test_a_client_that_signs_has_no_secret(connection: Connection) -> None:
    secret = registered(connection)
    assert find_keys(connection, "town-107") is None
    clients.set_keys(connection, "town-107", PUBLIC)
    assert find_keys(connection, "town-107") == PUBLIC
    assert verify_secret(connection, "town-107", secret) is None
    clients.renew_secret(connection, "town-107")
    assert find_keys(connection, "town-107") is None


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"keys": []},
        {"keys": ["x"]},
        {"keys": [PUBLIC["keys"][0] | {"d": "x"}]},
        {"keys": [{"kty": "oct", "k": "x"}]},
    ],
)
def test_a_key_set_has_public_keys(connection: Connection, keys: Any) -> None:
    registered(connection)
    with pytest.raises(PolicyError):
        clients.set_keys(connection, "town-107", keys)


def test_a_department_has_its_own_grants_only(connection: Connection) -> None:
    foreign = ("human_resources/employer_cross_check", "town", "town/", "town/a b", "towns/x", "deliver:tax/payroll")
    for scope in (*foreign, "deliver:town", "deliver:deliver:town/x", "DELIVER:town/x"):
        with pytest.raises(PolicyError, match="not a grant or delivery of town"):
            registered(connection, scopes=[scope])
    registered(connection, scopes=["town/visit_list", "deliver:town/survey"])
    with pytest.raises(PolicyError, match="not a grant or delivery of town"):
        clients.set_client(connection, "town-107", scopes=["civil_affairs/low_income_verification"])


@pytest.mark.parametrize(
    "attributes", [{"area": ""}, {"area": []}, {"area": ["x", " "]}, {"area": 371082107}, {"area": None}]
)
def test_an_attribute_is_text(connection: Connection, attributes: Any) -> None:
    with pytest.raises(PolicyError, match="'area' is a text"):
        registered(connection, attributes=attributes)


def test_an_id_is_taken_once(connection: Connection) -> None:
    secret = registered(connection)
    with pytest.raises(PolicyError, match="already"):
        registered(connection)
    assert verify_secret(connection, "town-107", secret) is not None
    with pytest.raises(PolicyError):
        registered(connection, client_id="a:b")


def test_changing_a_client_that_is_not_there_is_an_error(connection: Connection) -> None:
    with pytest.raises(PolicyError, match="no client 'nobody'"):
        clients.set_client(connection, "nobody", enabled=False)
    with pytest.raises(PolicyError, match="no client 'nobody'"):
        clients.renew_secret(connection, "nobody")


def test_what_is_changed_is_changed_and_the_rest_stays(connection: Connection) -> None:
    secret = registered(connection)
    clients.set_client(connection, "town-107", attributes={"area": "371082108"}, scopes=[])
    assert verify_secret(connection, "town-107", secret) == Client(
        "town-107", "大疃镇", "town", {"area": "371082108"}, ()
    )
