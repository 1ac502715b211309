"""GraphQL over HTTP: what is understood, what is refused and how. Nothing that is sent gives a 5xx."""

import asyncio
import gzip
import json
import logging
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from serving import Answered, Fake, Hub, echo, exchange, receive, serving, serving_clients, wait_until

from hub.audit.log import LogUnavailable
from hub.errors import ExecuteError, PolicyError, RequestError
from hub.http.media import answer_type
from hub.http.question import DEEPEST, from_body, from_url
from hub.sealing import Keyring

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
ASK = {"query": "{ person { name } }"}


@pytest.fixture(scope="module")
def hub(database: Any, keyring: Keyring) -> Iterator[Hub]:
    with serving_clients(database, keyring, body_bytes=20_000) as running:
        yield running


@pytest.fixture(scope="module")
def bearer(hub: Hub) -> dict[str, str]:
    return {"Authorization": f"Bearer {hub.token()}"}


@pytest.fixture
def fake(hub: Hub) -> Iterator[Fake]:
    hub.fake.asked.clear()
    yield hub.fake
    hub.fake.behavior = echo


@pytest.fixture(scope="module")
def client(hub: Hub, bearer: dict[str, str]) -> Iterator[httpx.Client]:
    with hub.client(headers=bearer) as client:
        yield client


def code(response: httpx.Response) -> str:
    """The code of the one error of a response, whose shape is checked."""
    (error,) = response.json()["errors"]
    assert set(response.json()) == {"errors"}
    assert error["message"]
    assert set(error["extensions"]) <= {"code", "detail", "hint"}
    return str(error["extensions"]["code"])


def raising(error: Exception) -> Any:
    async def behave(question: Any, caller: Any) -> Answered:
        raise error

    return behave


def answering(answer: Answered) -> Any:
    async def behave(question: Any, caller: Any) -> Answered:
        return answer

    return behave


# ---------------------------------------------------------------------------------------------------------- well-formed


def test_a_post_and_a_get_ask_the_same(client: httpx.Client, fake: Fake) -> None:
    asked = {"query": "query A($n: Int) { a }", "operationName": "A", "variables": {"n": 1}}
    posted = client.post("/graphql", json=asked).json()["data"]
    got = client.get("/graphql", params={**asked, "variables": json.dumps(asked["variables"])}).json()["data"]
    assert posted == got == {"document": asked["query"], "operation": "A", "variables": {"n": 1}, "client": "office"}


def test_null_and_empty_are_as_if_not_sent(client: httpx.Client, fake: Fake) -> None:
    asked = {**ASK, "operationName": None, "variables": None, "extensions": None}
    assert client.post("/graphql", json=asked).json()["data"]["operation"] is None
    got = client.get("/graphql", params={**ASK, "operationName": "", "variables": ""})
    assert got.json()["data"] | {"operation": None, "variables": {}} == got.json()["data"]


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (None, GRAPHQL),
        ("", GRAPHQL),
        ("*/*", GRAPHQL),
        ("application/*", GRAPHQL),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8, {JSON}; charset=utf-8", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{JSON};q=0.5, {GRAPHQL};q=0.4", JSON),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"{JSON}, text/plain, */*", JSON),
        (f"{GRAPHQL}, {JSON}, text/event-stream", GRAPHQL),
        (f"text/html, {JSON};q=0.1", JSON),
        (f"{JSON.upper()} ; Q=0.1", JSON),
        ("text/html", None),
        (f"{JSON};q=0", None),
        ("*/*;q=0", None),
        (f"{JSON};charset=latin-1", None),
        (f"{JSON};q=2", None),
        (f"{JSON};q=nan", None),
        (",,;;q", None),
    ],
)
def test_the_answer_is_of_the_media_type_that_the_client_likes_best(accept: str | None, answered: str | None) -> None:
    assert answer_type(None if accept is None else accept.encode()) == answered


def test_an_answer_says_its_media_type(client: httpx.Client, fake: Fake) -> None:
    for accept in (GRAPHQL, JSON):
        got = client.post("/graphql", json=ASK, headers={"Accept": accept})
        assert (got.status_code, got.headers["content-type"]) == (200, f"{accept}; charset=utf-8")


def test_who_accepts_nothing_that_the_hub_speaks_is_told_what_it_speaks(client: httpx.Client, fake: Fake) -> None:
    got = client.post("/graphql", json=ASK, headers={"Accept": "text/html"})
    assert (got.status_code, code(got)) == (406, "REQUEST_ACCEPT")
    assert not fake.asked


# --------------------------------------------------------------------------------------------------------------- status


@pytest.mark.parametrize(
    ("answer", "graphql", "plain"),
    [
        (Answered(b'{"data":{}}'), 200, 200),
        (Answered(b'{"data":null,"errors":[]}'), 200, 200),
        (Answered(b'{"errors":[]}', executed=False, status=400), 400, 200),
        (Answered(b'{"errors":[]}', executed=False, status=403), 403, 403),
        (Answered(b'{"errors":[]}', executed=False, status=429), 429, 429),
        (Answered(b'{"errors":[]}', executed=False, status=503), 503, 503),
    ],
)
def test_the_status_follows_the_media_type(
    client: httpx.Client, fake: Fake, answer: Answered, graphql: int, plain: int
) -> None:
    fake.behavior = answering(answer)
    for accept, status in ((GRAPHQL, graphql), (JSON, plain)):
        got = client.post("/graphql", json=ASK, headers={"Accept": accept})
        assert (got.status_code, got.content) == (status, answer.body)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RequestError("REQUEST_DEPTH", "Too deep"), 400),
        (PolicyError("POLICY_FIELD", "Not given"), 403),
        (PolicyError("POLICY_QUOTA", "Used up"), 429),
        (ExecuteError("EXECUTE_DATABASE", "Away"), 503),
        (LogUnavailable("secret words"), 503),
        (ConnectionRefusedError("host=secret words"), 503),
        (TimeoutError("secret words"), 503),
    ],
)
def test_what_the_answerer_raises_has_the_status_of_its_stage(
    client: httpx.Client, fake: Fake, error: Exception, status: int
) -> None:
    fake.behavior = raising(error)
    got = client.post("/graphql", json=ASK)
    assert got.status_code == status
    assert code(got)
    assert "secret words" not in got.text


@pytest.mark.parametrize(
    ("asked", "changes"),
    [
        ({"query": "mutation { a }"}, True),
        ({"query": "# a comment\n,mutation M { a }"}, True),
        ({"query": "query Q { a } mutation M { a }", "operationName": "M"}, True),
        ({"query": "query Q { a } mutation M { a }"}, True),
        ({"query": "query Q { a } mutation M { a }", "operationName": "Q"}, False),
        ({"query": "{ mutation }"}, False),
        ({"query": "mutation {"}, False),
        ({"query": "mutation " + "{ a " * 2000}, False),
    ],
)
def test_a_mutation_by_get_is_405_in_either_media_type(
    client: httpx.Client, fake: Fake, asked: dict[str, str], changes: bool
) -> None:
    for accept in (GRAPHQL, JSON):
        got = client.get("/graphql", params=asked, headers={"Accept": accept})
        if changes:
            assert (got.status_code, got.headers["allow"], code(got)) == (405, "POST", "REQUEST_METHOD")
        else:
            assert got.status_code == 200
    assert bool(fake.asked) != changes
    assert client.post("/graphql", json=asked).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_405(client: httpx.Client, fake: Fake, method: str) -> None:
    got = client.request(method, "/graphql", json=ASK)
    assert (got.status_code, got.headers["allow"], code(got)) == (405, "GET, POST", "REQUEST_METHOD")


def test_a_failure_nobody_foresaw_is_an_incident_without_its_words_and_the_connection_stays(
    hub: Hub, client: httpx.Client, fake: Fake, bearer: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    fake.behavior = raising(ZeroDivisionError("secret words"))
    body = orjson.dumps(ASK)
    head = f"POST /graphql HTTP/1.1\r\nHost: a\r\nAuthorization: {bearer['Authorization']}\r\nContent-Type: {JSON}\r\n"
    request = head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body
    with hub.raw() as sock, caplog.at_level(logging.ERROR):
        status, headers, said = exchange(sock, request)
        assert status == 500
        assert b"secret words" not in said
        assert headers["x-request-id"].encode() in said
        assert headers["cache-control"] == "no-store"
        fake.behavior = echo
        assert exchange(sock, request)[0] == 200
    (record,) = [one for one in caplog.records if "incident" in one.getMessage()]
    assert headers["x-request-id"] in record.getMessage()
    assert "builtins.ZeroDivisionError" in record.getMessage()
    assert "secret words" not in caplog.text
    assert record.exc_info is None


# ------------------------------------------------------------------------------------------------------------ malformed

BODIES = {
    "nothing": b"",
    "blank": b"  ",
    "no JSON": b"NONSENSE",
    "cut off": b'{"query":',
    "null": b"null",
    "a number": b"7",
    "text": b'"{ a }"',
    "an empty array": b"[]",
    "a batch": b'[{"query":"{ a }"}]',
    "no query": b"{}",
    "a typo": b'{"qeury":"{ a }"}',
    "a null query": b'{"query":null}',
    "a number for a query": b'{"query":1}',
    "an object for a query": b'{"query":{}}',
    "a number for an operation": b'{"query":"{ a }","operationName":7}',
    "an array of variables": b'{"query":"{ a }","variables":[7]}',
    "text for variables": b'{"query":"{ a }","variables":"{}"}',
    "an array of extensions": b'{"query":"{ a }","extensions":[]}',
    "invalid UTF-8": b'{"query":"\xff"}',
    "a BOM": b'\xef\xbb\xbf{"query":"{ a }"}',
    "UTF-16": '{"query":"{ a }"}'.encode("utf-16"),
    "NaN": b'{"query":"{ a }","variables":{"a":NaN}}',
    "infinity": b'{"query":"{ a }","variables":{"a":1e999}}',
    "a huge integer": b'{"query":"{ a }","variables":{"a":' + b"9" * 5000 + b"}}",
    "half a character": b'{"query":"{ a }","variables":{"a":"\\ud800"}}',
    "very deep arrays": b"[" * 9000 + b"]" * 9000,
    "deep variables": b'{"query":"{ a }","variables":{"a":' + b"[" * 900 + b"]" * 900 + b"}}",
    "deep objects": b'{"query":"{ a }","variables":' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}",
    "NUL in the query": b'{"query":"{ a\\u0000 }"}',
    "NUL as GraphQL escapes it": b'{"query":"{ a(b: \\"\\\\u0000\\") }"}',
    "NUL in braces": b'{"query":"{ a(b: \\"\\\\u{000}\\") }"}',
    "NUL in a variable": b'{"query":"{ a }","variables":{"a":["\\u0000"]}}',
    "NUL in a name": b'{"query":"{ a }","variables":{"\\u0000":1}}',
    "NUL in the operation": b'{"query":"{ a }","operationName":"\\u0000"}',
    "a raw NUL": b'{"query":"{ a \x00 }"}',
    "two documents": b'{"query":"{ a }"}{"query":"{ a }"}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_a_malformed_body_is_400_in_the_one_shape(client: httpx.Client, fake: Fake, body: bytes, accept: str) -> None:
    got = client.post("/graphql", content=body, headers={"Content-Type": JSON, "Accept": accept})
    assert got.status_code == 400
    assert code(got) in {"REQUEST_MALFORMED", "REQUEST_BATCH"}
    assert got.headers["content-type"] == f"{accept}; charset=utf-8"
    assert not fake.asked


def test_a_batch_is_told_to_be_one(client: httpx.Client) -> None:
    assert code(client.post("/graphql", json=[ASK, ASK])) == "REQUEST_BATCH"


def test_a_refusal_of_a_body_quotes_nothing_of_it(client: httpx.Client) -> None:
    for body in (
        b'{"query":"{ a }","variables":{"id":"11010519491231002X',
        b'{"query":"{ a }","variables":["11010519491231002X"]}',
        b'{"query":"{ a }","variables":{"11010519491231002X":"\\u0000"}}',
        b'{"query":"{ a }","operationName":["11010519491231002X"]}',
    ):
        got = client.post("/graphql", content=body, headers={"Content-Type": JSON})
        assert got.status_code == 400
        assert "11010519491231002X" not in got.text


def test_what_only_looks_odd_is_understood() -> None:
    nested: Any = 1
    for _ in range(DEEPEST - 1):
        nested = [nested]
    for variables in ({"a": "\\u0000"}, {"a": "😀"}, {"a": nested}, {"a": "[" * 100}, {"a": -(2**63)}, {"": ""}):
        assert from_body(orjson.dumps({**ASK, "variables": variables})).variables == variables
    assert from_body(b'{"query":"{ a }","variables":{"a":1,"a":2}}').variables == {"a": 2}
    assert from_body(b'{"query":"{ a }","other":[]}').document == "{ a }"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "query=",
        "query=%FF",
        "query={a}&query={b}",
        "query={a}&variables=7",
        "query={a}&variables=[7]",
        "query={a}&variables=nonsense",
        "query={a}&variables=%FF",
        "query={a}&variables=" + quote('{"a":"\\u0000"}'),
        "query={a}&variables=" + quote('{"a":' + "[" * 500 + "]" * 500 + "}"),
        "query={a}&extensions=1",
        "query=%00",
        "query={a}&operationName=%00",
        "query={a}&" + "&".join("a=1" for _ in range(99)),
    ],
)
def test_a_malformed_url_is_400(client: httpx.Client, fake: Fake, query: str) -> None:
    if query == "query=":  # an empty document is well-formed, and GraphQL's to refuse
        assert from_url(query.encode()).document == ""
        return
    got = client.get(f"/graphql?{query}")
    assert (got.status_code, code(got)) == (400, "REQUEST_MALFORMED")
    assert not fake.asked


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": ""},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=a"},
        {"Content-Type": "application/graphql"},
        {"Content-Type": f"{JSON}; charset=utf-16"},
        {"Content-Type": f"{JSON}, {JSON}"},
        {"Content-Type": JSON, "Content-Encoding": "gzip"},
        {"Content-Type": JSON, "Content-Encoding": "br"},
    ],
)
def test_a_body_that_is_not_plain_json_is_415(client: httpx.Client, fake: Fake, headers: dict[str, str]) -> None:
    got = client.post("/graphql", content=gzip.compress(orjson.dumps(ASK)), headers=headers)
    assert (got.status_code, code(got)) == (415, "REQUEST_MEDIA_TYPE")
    assert not fake.asked


def test_utf_8_may_be_said(client: httpx.Client, fake: Fake) -> None:
    for content_type in (f"{JSON}; charset=utf-8", f'{JSON};charset="UTF-8"', JSON.upper()):
        got = client.post("/graphql", content=orjson.dumps(ASK), headers={"Content-Type": content_type})
        assert got.status_code == 200


# ----------------------------------------------------------------------------------------------------------------- size


def head_of(bearer: dict[str, str], *lines: str) -> bytes:
    said = ["POST /graphql HTTP/1.1", "Host: a", f"Authorization: {bearer['Authorization']}", f"Content-Type: {JSON}"]
    return ("\r\n".join([*said, *lines]) + "\r\n\r\n").encode()


def test_a_body_that_is_declared_too_large_is_refused_before_it_is_read(hub: Hub, bearer: dict[str, str]) -> None:
    with hub.raw() as sock:
        status, _, said = exchange(sock, head_of(bearer, "Content-Length: 20001"))
        assert (status, b"REQUEST_BODY_SIZE" in said) == (413, True)
        sock.sendall(b" " * 20_001)  # a client that sends it all the same finds its connection usable
        body = orjson.dumps(ASK)
        assert exchange(sock, head_of(bearer, f"Content-Length: {len(body)}") + body)[0] == 200


def test_a_body_that_turns_out_too_large_is_refused_while_it_streams(hub: Hub, bearer: dict[str, str]) -> None:
    with hub.raw() as sock:
        sock.sendall(head_of(bearer, "Transfer-Encoding: chunked"))
        for _ in range(21):
            sock.sendall(b"3e8\r\n" + b" " * 1000 + b"\r\n")
        status, _, said = receive(sock)
        assert (status, b"REQUEST_BODY_SIZE" in said) == (413, True)
        sock.sendall(b"0\r\n\r\n")
        body = orjson.dumps(ASK)
        assert exchange(sock, head_of(bearer, f"Content-Length: {len(body)}") + body)[0] == 200


def test_a_body_of_the_largest_size_is_answered_whole_or_in_pieces(hub: Hub, client: httpx.Client, fake: Fake) -> None:
    body = orjson.dumps(ASK).ljust(20_000)
    headers = {"Content-Type": JSON}
    assert client.post("/graphql", content=body, headers=headers).status_code == 200
    pieces = (body[at : at + 999] for at in range(0, len(body), 999))
    assert client.post("/graphql", content=pieces, headers=headers).status_code == 200


# ----------------------------------------------------------------------------------------------------------------- time


@contextmanager
def serving_again(
    hub: Hub, database: Any, keyring: Keyring, seconds: float = 30, idle: float = 30
) -> Iterator[tuple[Hub, httpx.Client]]:
    """Another process's hub over the same database, with less patience."""
    with serving(database.url, keyring, request_seconds=seconds, idle=idle) as running:
        running.secret = hub.secret
        wait_until(lambda: httpx.get(f"{running.url}/ready", trust_env=False).status_code == 200)
        with running.client(headers={"Authorization": f"Bearer {running.token()}"}) as client:
            yield running, client


def test_an_answer_that_takes_too_long_is_given_up_and_its_work_with_it(
    hub: Hub, database: Any, keyring: Keyring
) -> None:
    cancelled = []

    async def slow(question: Any, caller: Any) -> Answered:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        return Answered(b"{}")

    with serving_again(hub, database, keyring, 0.3) as (quick, client):
        quick.fake.behavior = slow
        got = client.post("/graphql", json=ASK)
        assert (got.status_code, code(got)) == (503, "EXECUTE_TIMEOUT")
        assert cancelled
        quick.fake.behavior = echo
        assert client.post("/graphql", json=ASK).status_code == 200


def test_a_body_that_does_not_come_is_408(hub: Hub, database: Any, keyring: Keyring) -> None:
    with serving_again(hub, database, keyring, 2) as (quick, client), quick.raw() as sock:
        bearer = {"Authorization": client.headers["Authorization"]}
        status, headers, said = exchange(sock, head_of(bearer, "Content-Length: 10"))
        assert (status, headers["connection"], b"REQUEST_TIMEOUT" in said) == (408, "close", True)


@pytest.mark.parametrize("sent", [b"", b"G", b"\r\n", b"GET /health HTTP/1.1\r\nHost: a\r\n"])
def test_a_connection_that_never_says_its_request_is_closed(
    hub: Hub, database: Any, keyring: Keyring, sent: bytes
) -> None:
    with serving_again(hub, database, keyring, 0.1) as (quick, _), quick.raw() as sock:
        sock.sendall(sent)
        assert sock.recv(100) == b""


def test_a_connection_that_falls_silent_after_an_answer_is_closed(hub: Hub, database: Any, keyring: Keyring) -> None:
    for sent in (b"\r\n", b"P", b"POST /oauth/token HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"):
        with serving_again(hub, database, keyring, 0.1) as (quick, _), quick.raw() as sock:
            assert exchange(sock, b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")[0] == 200
            sock.sendall(sent)
            while sock.recv(4096):
                pass


def test_a_client_that_does_not_take_its_answer_is_let_go(hub: Hub, database: Any, keyring: Keyring) -> None:
    with serving_again(hub, database, keyring, idle=0.2) as (quick, client), quick.raw() as sock:
        quick.fake.behavior = answering(Answered(b" " * 50_000_000))
        body = orjson.dumps(ASK)
        bearer = {"Authorization": client.headers["Authorization"]}
        sock.sendall(head_of(bearer, f"Content-Length: {len(body)}") + body)
        wait_until(lambda: quick.fake.asked)
        connections = quick.server.server_state.connections
        wait_until(lambda: not connections)  # the one of httpx is idle, and closed too


def test_a_client_that_takes_its_answer_slowly_gets_it_whole(hub: Hub, database: Any, keyring: Keyring) -> None:
    with serving_again(hub, database, keyring, idle=0.3) as (quick, client), quick.raw() as sock:
        quick.fake.behavior = answering(Answered(b" " * 20_000_000))
        body = orjson.dumps(ASK)
        bearer = {"Authorization": client.headers["Authorization"]}
        sock.sendall(head_of(bearer, f"Content-Length: {len(body)}") + body)
        taken = 0
        while taken < 20_000_000:
            taken += len(sock.recv(2_000_000))
            sleep(0.02)


def test_work_ends_when_its_client_goes(hub: Hub, fake: Fake, bearer: dict[str, str]) -> None:
    ended = []

    async def slow(question: Any, caller: Any) -> Answered:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(True)
            raise
        return Answered(b"{}")

    fake.behavior = slow
    body = orjson.dumps(ASK)
    with hub.raw() as sock:
        sock.sendall(head_of(bearer, f"Content-Length: {len(body)}") + body)
        wait_until(lambda: fake.asked)
        # Reset rather than close, as when a client's process dies.
        sock.setsockopt(1, 13, struct.pack("ii", 1, 0))
    wait_until(lambda: ended)


# ------------------------------------------------------------------------------------------------------------- hardness


def test_every_answer_keeps_to_itself(hub: Hub, client: httpx.Client, fake: Fake) -> None:
    ids = set()
    for got in (
        client.post("/graphql", json=ASK),
        client.post("/graphql", content=b"x"),
        client.get("/nowhere"),
        client.get("/health"),
        client.post("/oauth/token"),
        client.get("/.well-known/jwks.json"),
    ):
        assert got.headers["cache-control"] == "no-store"
        assert got.headers["x-content-type-options"] == "nosniff"
        assert "server" not in got.headers
        assert len(got.headers.get_list("cache-control")) == 1
        ids.add(got.headers["x-request-id"])
    assert len(ids) == 6


def test_a_request_id_of_the_client_is_not_taken_over(client: httpx.Client, fake: Fake) -> None:
    got = client.post("/graphql", json=ASK, headers={"X-Request-Id": "11010519491231002X"})
    assert "11010519491231002X" not in str(got.headers)


def test_an_unknown_address_and_a_wrong_method_are_refused_in_the_one_shape(client: httpx.Client) -> None:
    for path in ("/", "/graphql/", "/graphql/x", "/oauth/token/"):
        got = client.get(path, follow_redirects=False)
        assert (got.status_code, code(got)) == (404, "REQUEST_NOT_FOUND")
    got = client.post("/health")
    assert (got.status_code, code(got)) == (405, "REQUEST_METHOD")
    assert "GET" in got.headers["allow"]


def test_what_is_no_http_is_refused_in_the_one_shape(hub: Hub) -> None:
    for sent in (b"NONSENSE\r\n\r\n", b"GET /health HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 400_000):
        with hub.raw() as sock:
            sock.sendall(sent)
            status, _, said = receive(sock)
            assert status == 400
            assert orjson.loads(said)["errors"][0]["extensions"]["code"] == "REQUEST_MALFORMED"


def test_a_websocket_is_not_spoken(hub: Hub) -> None:
    upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: YQ=="
    with hub.raw() as sock:
        status, _, _ = exchange(sock, f"GET /graphql HTTP/1.1\r\nHost: a\r\n{upgrade}\r\n\r\n".encode())
        assert status == 401


def test_the_explorer_is_not_served(client: httpx.Client, fake: Fake) -> None:
    got = client.get("/graphql", headers={"Accept": "text/html"})
    assert got.status_code == 406


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
REQUESTS = st.dictionaries(
    st.sampled_from(["query", "operationName", "variables", "extensions"]) | st.text(max_size=5), VALUES, max_size=5
)
HEADER = st.binary(max_size=30).map(lambda raw: bytes(byte for byte in raw if byte > 31 and byte != 127))
BODY = (
    st.binary(max_size=200)
    | REQUESTS.map(lambda value: json.dumps(value).encode())
    | VALUES.map(lambda value: json.dumps(value).encode())
)


@given(
    body=BODY,
    content_type=st.sampled_from([b"application/json", b"application/json; charset=utf-8", b""]) | HEADER,
    accept=st.sampled_from([b"*/*", b"application/json", b"application/graphql-response+json"]) | HEADER,
    encoding=st.sampled_from([b"identity", b"gzip"]) | HEADER,
    query=st.binary(max_size=60).map(lambda raw: quote(raw).encode()),
    method=st.sampled_from([b"POST", b"POST", b"GET"]),
    signed=st.booleans(),
    authorization=HEADER,
)
@example(b"", b"", b"", b"", b"query={a}&variables=%00", b"GET", True, b"")
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_sent_gives_a_5xx_and_the_connection_stays(
    hub: Hub,
    fake: Fake,
    bearer: dict[str, str],
    body: bytes,
    content_type: bytes,
    accept: bytes,
    encoding: bytes,
    query: bytes,
    method: bytes,
    signed: bool,
    authorization: bytes,
) -> None:
    lines = [
        method + b" /graphql?" + query + b" HTTP/1.1",
        b"Host: a",
        b"Content-Type: " + content_type,
        b"Accept: " + accept,
        b"Content-Encoding: " + encoding,
        b"Authorization: " + (bearer["Authorization"].encode() if signed else authorization),
        b"Content-Length: %d" % len(body),
    ]
    with hub.raw() as sock:
        status, headers, said = exchange(sock, b"\r\n".join(lines) + b"\r\n\r\n" + body)
        assert status < 500
        assert "json" in headers["content-type"]
        assert ("errors" in orjson.loads(said)) == (status != 200)
        assert exchange(sock, b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")[0] == 200
