"""Pushing deliveries: whose, how, once, and what is told; no query waits for it and nothing is left in clear."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]
import psycopg
import pytest
from postgres import Database, libpq
from serving import SCOPE, Hub, free_port, receive, serving, wait_until

from hub.intake.landing import Landing, sweep
from hub.policy.client import register_client
from hub.sealing import Keyring, write_keyring
from hub.terms import check_character

ROOT = Path(__file__).resolve().parents[2]
DELIVERY = "civil_affairs/low_income"
URL = f"/deliveries/{DELIVERY}"
DELIVER = f"deliver:{DELIVERY}"
OTHER = "deliver:civil_affairs/destitute"


HEADER = ("低保证号", "户主姓名", "户主证件号", "起始年月", "终止年月", "乡镇", "状态")


def body(numbers: range, bad: int = 0) -> bytes:
    """A file of the delivery, a household a row; behind them ``bad`` rows with a code that nobody knows."""
    lines = [",".join(HEADER)]
    for number in (*numbers, *range(numbers.stop, numbers.stop + bad)):
        first = f"371082{1950 + number // 28 % 50}01{number % 28 + 1:02d}{number // 1400 + 1:03d}"
        state = "正常" if number < numbers.stop else "?"
        lines.append(f"DB{number},张三,{first}{check_character(first)},202401,,俚岛,{state}")
    return "\r\n".join([*lines, ""]).encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("push")


@pytest.fixture(scope="module")
def declarations(folder: Path) -> Path:
    """The project's connectors, without an expectation of many rows."""
    shutil.copytree(ROOT / "connectors", folder / "declared" / "connectors")
    shutil.copytree(ROOT / "access_policies", folder / "declared" / "access_policies")
    file = folder / "declared" / "connectors" / f"{DELIVERY}.toml"
    text = re.sub(r"(rejected *)= \{ max.*", r"\1= { max = 0.5 }", file.read_text())
    file.write_text(re.sub(r"(shrink *)= \{ max.*", r"\1= { max = 1.0 }", text))
    return folder / "declared"


@pytest.fixture(scope="module")
def hub(database: Database, keyring: Keyring, folder: Path, declarations: Path) -> Iterator[Hub]:
    with database.engine("writer").begin() as connection:
        register_client(connection, client_id="looks", name="民政局", department="civil_affairs", scopes=[SCOPE])
        secret = register_client(
            connection, client_id="office", name="民政局", department="civil_affairs", scopes=[SCOPE, DELIVER, OTHER]
        )
    with serving(
        database.url, keyring, data=folder / "data", declarations=declarations, push_bytes=20_000_000, request_seconds=2
    ) as running:
        running.secret = secret
        wait_until(lambda: httpx.get(f"{running.url}/ready", trust_env=False).status_code == 200)
        yield running


@pytest.fixture(scope="module")
def office(hub: Hub) -> Iterator[httpx.Client]:
    with hub.client(headers={"authorization": f"Bearer {hub.token('office', DELIVER)}"}) as client:
        client.timeout = httpx.Timeout(60)
        yield client


def push(client: httpx.Client, content: Any, period: str = "2026-10", url: str = URL, **headers: str) -> httpx.Response:
    return client.post(f"{url}?period={period}", content=content, headers=headers)


def refused(got: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Checks a refusal in the one shape; its extensions."""
    assert got.status_code == status, got.text
    [error] = got.json()["errors"]
    assert error["message"]
    assert error["extensions"]["code"] == code
    return dict(error["extensions"])


def nothing_is_left(folder: Path) -> bool:
    return not list((folder / "data" / "incoming").iterdir())


# ---------------------------------------------------------------------------------------------------------------- loads


def test_a_push_is_loaded_once_and_told_with_where_its_rejected_rows_are(
    hub: Hub, office: httpx.Client, folder: Path, database: Database
) -> None:
    content = body(range(30), bad=1)
    named = {"Content-Disposition": "attachment; filename*=UTF-8''%E4%BD%8E%E4%BF%9D-371082195001010015.csv"}
    got = push(office, content, **named)
    assert got.status_code == 201, got.text
    told = got.json()
    assert (told["status"], told["declared"], told["loaded"] + told["rejected"]) == ("loaded", 31, 31)
    assert (told["already"], told["period"]) == (False, "2026-10")
    assert told["warnings"] == ["unknown codes: '?' in column '状态' (1 rows)"]
    assert told["files"] == [{"name": "低保-#.csv", "bytes": len(content), "sha256": sha256(content).hexdigest()}]
    assert got.headers["location"] == told["url"] == f"{URL}/batches/{told['batch']}"
    again = push(office, content)
    assert (again.status_code, again.json()["batch"], again.json()["already"]) == (200, told["batch"], True)
    [(client, channel)] = database.execute("select loaded_by, channel from batch where id = %s", told["batch"])
    assert (client, channel) == ("office", "push")
    assert database.execute("select count(*) from batch where period = '2026-10-01'") == [(1,)]
    assert office.get(told["url"]).json() == {
        name: one for name, one in told.items() if name not in {"already", "warnings"}
    }
    assert nothing_is_left(folder)
    assert not any(b"371082" in file.read_bytes() for file in (folder / "data").rglob("*") if file.is_file())


def test_rejected_rows_are_read_masked_page_by_page_and_the_look_is_recorded(
    hub: Hub, office: httpx.Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.http.deliveries.PAGE", 2)
    got = push(office, body(range(20), bad=3), period="2026-11").json()
    assert got["rejected"] == 3, got["reasons"]
    first = office.get(got["rejectedRows"]).json()
    second = office.get(first["next"]).json()
    assert [one["row"] for one in (*first["rows"], *second["rows"])] == [21, 22, 23]
    assert second["next"] is None
    assert all(one["reasons"] for one in first["rows"])
    assert "3710821950" not in str(first["rows"])
    assert "俚岛" in str(first["rows"])
    looks = database.execute("select client from audit_event where kind = 'rejected_rows_listed'")
    assert looks == [("office",), ("office",)]


def test_several_files_are_one_batch(office: httpx.Client, folder: Path) -> None:
    files = [("file", (name, body(numbers))) for name, numbers in (("甲.csv", range(10)), ("乙.csv", range(10, 25)))]
    got = office.post(f"{URL}?period=2026-11", files=files)
    assert got.status_code == 201, got.text
    assert [one["name"] for one in got.json()["files"]] == ["甲.csv", "乙.csv"]
    assert got.json()["loaded"] == 25
    assert nothing_is_left(folder)


# ------------------------------------------------------------------------------------------------------------- refusals


def test_a_delivery_needs_its_own_scope_and_a_deliver_scope_opens_nothing_else(hub: Hub, database: Database) -> None:
    question = {"query": "{ deliveries { nodes { name } } }"}
    with hub.client() as client:
        refused(push(client, b"x"), 401, "ACCESS_TOKEN_MISSING")
        refused(push(client, b"x", authorization="Bearer x"), 401, "ACCESS_TOKEN_INVALID")
        for scope in (SCOPE, OTHER):
            bearer = {"authorization": f"Bearer {hub.token('office', scope)}"}
            refused(push(client, b"x", **bearer), 403, "POLICY_SCOPE")
            refused(client.get(f"{URL}/batches/1", headers=bearer), 403, "POLICY_SCOPE")
            refused(client.get(f"{URL}/batches/1/rejected", headers=bearer), 403, "POLICY_SCOPE")
        events = database.execute("select client, scope from audit_event where kind = 'push_refused' order by event_id")
        assert events == [("office", SCOPE)] * 3 + [("office", OTHER)] * 3
        mine = {"authorization": f"Bearer {hub.token('office', DELIVER)}"}
        refused(push(client, b"x", url="/deliveries/no/such", **mine), 403, "POLICY_SCOPE")
        assert not database.execute("select 1 from audit_event where convert_from(leaf, 'UTF8') like '%%no/such%%'")
        assert (
            client.post("/graphql", json=question, headers=mine).status_code == 200
        )  # of the fake, which has no grants
        for scope, says in (
            (f"{SCOPE} {DELIVER}", "exactly one"),
            ("deliver:civil_affairs/cremation", "does not hold"),
        ):
            got = client.post(
                "/oauth/token",
                data={"grant_type": "client_credentials", "scope": scope},
                auth=("office", hub.secret),
            )
            assert got.status_code == 400
            assert says in got.json()["error_description"]


def test_a_batch_is_told_to_its_own_delivery_only(hub: Hub, office: httpx.Client) -> None:
    number = push(office, body(range(30)), period="2026-11").json()["batch"]
    with hub.client(headers={"authorization": f"Bearer {hub.token('office', OTHER)}"}) as other:
        got = other.get(f"/deliveries/civil_affairs/destitute/batches/{number}")
        refused(got, 404, "REQUEST_NOT_FOUND")
        refused(other.get(f"/deliveries/civil_affairs/destitute/batches/{number}/rejected"), 404, "REQUEST_NOT_FOUND")


@pytest.mark.parametrize(
    ("content", "period", "headers", "status", "code"),
    [
        (b"x", "", {}, 400, "REQUEST_ARGUMENT"),
        (b"x", "2026-10&period=2026-09", {}, 400, "REQUEST_ARGUMENT"),
        (b"x", "soon", {}, 400, "REQUEST_ARGUMENT"),
        (b"", "2026-10", {}, 400, "REQUEST_MALFORMED"),
        (b"x", "2026-10", {"content-encoding": "gzip"}, 415, "REQUEST_MEDIA_TYPE"),
        (b"x", "2026-10", {"content-type": "application/x-www-form-urlencoded"}, 415, "REQUEST_MEDIA_TYPE"),
        (b"x", "2026-10", {"content-type": "multipart/mixed; boundary=b"}, 415, "REQUEST_MEDIA_TYPE"),
        (b"x", "2026-10", {"content-type": "multipart/form-data; boundary=b"}, 400, "REQUEST_MALFORMED"),
        (b"x", "2026-10", {"content-type": "multipart/form-data"}, 400, "REQUEST_MALFORMED"),
        (b"x", "2026-10", {"content-disposition": "attachment; filename=" + "x" * 300}, 400, "REQUEST_MALFORMED"),
        (b"x" * 20_000_001, "2026-10", {}, 413, "REQUEST_BODY_SIZE"),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_a_delivery_is_refused_recorded_and_leaves_nothing(
    content: bytes, period: str, headers: dict[str, str], status: int, code: str,
    office: httpx.Client, folder: Path, database: Database,
) -> None:  # fmt: skip
    before = len(database.execute("select 1 from audit_event where kind = 'push_refused'"))
    refused(push(office, content, period=period, **headers), status, code)
    assert len(database.execute("select 1 from audit_event where kind = 'push_refused'")) == before + 1
    assert nothing_is_left(folder)


def part(name: str, content: bytes = b"x", more: str = "") -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="f"{name}{more}\r\n\r\n'.encode() + content + b"\r\n"


@pytest.mark.parametrize(
    "content",
    [
        part("") + b"--b--",
        part('; filename=""') + b"--b--",
        part('; filename=".."') + b"--b--",
        part('; filename="a"') + part('; filename="a"') + b"--b--",
        part('; filename="a"'),  # cut off
        part('; filename="a"', more="\r\nX: " + "x" * 10_000) + b"--b--",
        b"--b--\r\n",
    ],
    ids=["field", "no name", "dots", "twice", "cut", "long header", "none"],
)
def test_a_multipart_body_that_is_not_files_is_refused(content: bytes, office: httpx.Client, folder: Path) -> None:
    got = push(office, content, **{"content-type": "multipart/form-data; boundary=b"})
    refused(got, 400, "REQUEST_MALFORMED")
    assert nothing_is_left(folder)


def test_a_body_of_unknown_length_that_grows_too_large_is_cut_off(office: httpx.Client, folder: Path) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(400):
            yield b"x" * 100_000

    refused(push(office, endless()), 413, "REQUEST_BODY_SIZE")
    assert nothing_is_left(folder)


def test_what_intake_refuses_is_422_with_the_reason_and_the_batch(
    office: httpx.Client, database: Database, folder: Path
) -> None:
    unknown = body(range(5)).replace(b"\r\n", b",x\r\n").replace(b",x", ",新列".encode(), 1)
    told = refused(push(office, unknown, period="2026-11"), 422, "INTAKE_COLUMNS")
    batch = told["batch"]
    assert batch["status"] == "refused"
    assert batch["refusal"].startswith("INTAKE_COLUMNS: ")
    assert office.get(batch["url"]).json()["status"] == "refused"
    told = refused(push(office, body(range(30)), period="2099-01"), 422, "INTAKE_PERIOD")
    assert told["hint"] == "check the period"
    assert database.execute("select count(*) from audit_event where kind = 'batch_refused'") == [(2,)]
    assert nothing_is_left(folder)


def test_a_push_whose_rows_are_mostly_rejected_says_where_to_see_them(office: httpx.Client) -> None:
    told = refused(push(office, body(range(5), bad=10), period="2026-11"), 422, "INTAKE_REJECTED")
    assert told["batch"]["rejectedRows"] in told["hint"]
    assert len(office.get(told["batch"]["rejectedRows"]).json()["rows"]) == 10


# ----------------------------------------------------------------------------------------------------- beside the queries


def held(database: Database) -> psycopg.Connection[Any]:
    """A transaction in which a batch of the delivery is being loaded."""
    connection = psycopg.connect(libpq(database.url))
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 7201))", [f"intake:{DELIVERY}"])
    return connection


def test_while_a_delivery_is_being_loaded_another_push_of_it_is_409(office: httpx.Client, database: Database) -> None:
    with held(database) as connection:
        got = push(office, body(range(5)), period="2026-11")
        refused(got, 409, "INTAKE_BUSY")
        assert got.headers["retry-after"]
        connection.rollback()
    assert push(office, body(range(30)), period="2026-11").status_code in {200, 201}


def test_a_push_that_takes_long_is_202_and_found_by_its_bytes(
    hub: Hub, office: httpx.Client, database: Database, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    settings = hub.deliveries._settings
    monkeypatch.setattr(hub.deliveries, "_settings", settings.model_copy(update={"push_seconds": 0.01}))
    got = push(office, body(range(200, 233)), period="2026-11")
    assert got.status_code == 202, got.text
    where = got.headers["location"]
    assert got.json() == {"status": "loading", "url": where}
    refused(push(office, body(range(5)), period="2026-11"), 409, "INTAKE_BUSY")
    assert office.get(where).status_code in {200, 202}
    wait_until(lambda: office.get(where).status_code == 200, 60)
    assert office.get(where).json()["loaded"] == 33
    wait_until(lambda: not hub.deliveries._loading)
    refused(office.get(where.replace("2026-11", "2026-09")), 404, "REQUEST_NOT_FOUND")
    refused(office.get(re.sub(r"sha256:..", "sha256:00", where)), 404, "REQUEST_NOT_FOUND")
    wait_until(lambda: nothing_is_left(folder))


def test_the_hub_answers_while_it_loads(hub: Hub, office: httpx.Client) -> None:
    """In the process that answers nothing of a load runs but waiting."""
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(push, office, body(range(3000, 9000)), "2026-11")
        wait_until(lambda: any("hub.intake.apart" in " ".join(one.cmdline()) for one in psutil.Process().children()))
        answered = 0
        with hub.client() as client:
            while not loading.done():
                assert client.get("/health").status_code == 200
                answered += 1
        assert loading.result().status_code == 201
        assert answered > 10


def test_a_slow_upload_is_waited_for_as_long_as_it_goes_on(hub: Hub, office: httpx.Client) -> None:
    """Longer in all than a request may take; no pause is."""
    content = body(range(60))

    def slowly() -> Iterator[bytes]:
        for start in range(0, len(content), len(content) // 8):
            time.sleep(0.5)
            yield content[start : start + len(content) // 8]

    assert push(office, slowly(), period="2026-11").status_code == 201


def test_an_upload_that_stops_is_given_up(hub: Hub, folder: Path) -> None:
    token = hub.token("office", DELIVER)
    head = (
        f"POST {URL}?period=2026-11 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 100\r\n\r\n"
    )
    with hub.raw() as sock:
        sock.sendall(head.encode() + b"x" * 50)
        status, headers, _ = receive(sock)
        assert (status, headers["connection"]) == (408, "close")
    with hub.raw() as sock:  # and one whose client goes
        sock.sendall(head.encode() + b"x" * 50)
        wait_until(lambda: not nothing_is_left(folder))
        sock.shutdown(socket.SHUT_RDWR)
    wait_until(lambda: nothing_is_left(folder))


def test_who_was_refused_cannot_go_on_sending_for_ever(hub: Hub) -> None:
    head = f"POST {URL}?period=2026-11 HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n"
    with hub.raw() as sock:
        sock.sendall(head.encode())
        assert receive(sock)[0] == 401
        end = time.monotonic() + 20
        with pytest.raises(OSError):  # noqa: PT012
            while time.monotonic() < end:
                sock.sendall(b"x" * 1000)
                time.sleep(0.05)


def test_memory_does_not_grow_with_the_file(hub: Hub, office: httpx.Client) -> None:
    """The body passes through the process that answers in pieces."""
    import tracemalloc

    def long() -> Iterator[bytes]:
        for _ in range(150):
            yield b"x" * 100_000 + b"\n"

    tracemalloc.start()
    try:
        refused(push(office, long(), period="2026-11"), 422, "INTAKE_COLUMNS")
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


# ------------------------------------------------------------------------------------------------------------ and kill -9


def test_what_a_killed_process_left_is_thrown_away_and_what_a_living_one_has_is_not(tmp_path: Path) -> None:
    code = "import sys, time; from pathlib import Path; from hub.intake.landing import Landing\n"
    code += "landing = Landing(Path(sys.argv[1])); (landing.folder / 'x').write_text('x'); print(1, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT) as other:
        assert other.stdout
        assert other.stdout.readline()
        mine = Landing(tmp_path)
        assert mine.folder.stat().st_mode & 0o077 == 0
        assert sweep(tmp_path) == 0
        assert len(list((tmp_path / "incoming").iterdir())) == 2
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert sweep(tmp_path) == 1
        assert list((tmp_path / "incoming").iterdir()) == [mine.folder]
        mine.close()
        assert list((tmp_path / "incoming").iterdir()) == []


@pytest.mark.parametrize("moment", [0.05, 0.4, 1.2])
def test_a_hub_killed_while_a_push_arrives_or_loads_loses_and_doubles_nothing(
    moment: float, fresh_database: Database, keyring: Keyring, tmp_path: Path, declarations: Path
) -> None:
    write_keyring(keyring, tmp_path / "keys.json")
    with fresh_database.engine("writer").begin() as connection:
        secret = register_client(
            connection, client_id="office", name="民政局", department="civil_affairs", scopes=[DELIVER]
        )
    content = body(range(2000))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "HUB_DATABASE_URL": fresh_database.url,
        "HUB_DATA": str(tmp_path),
        "HUB_DECLARATIONS": str(declarations),
        "HUB_URL": url,
    }

    def start() -> subprocess.Popen[bytes]:
        served = subprocess.Popen(
            [sys.executable, "-m", "hub", "serve", "--port", str(port)], cwd=ROOT, env=environment
        )
        try:
            wait_until(lambda: ready(url), 60)
        except AssertionError:
            served.kill()
            served.wait()
            raise
        return served

    def pushed() -> httpx.Response:
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            asked = {"grant_type": "client_credentials", "scope": DELIVER}
            token = client.post("/oauth/token", data=asked, auth=("office", secret)).json()["access_token"]
            return push(client, content, authorization=f"Bearer {token}")

    first = start()
    timer = threading.Timer(moment, lambda: first.send_signal(signal.SIGKILL))
    timer.start()
    with suppress(httpx.TransportError, KeyError):
        pushed()
    timer.join()
    first.send_signal(signal.SIGKILL)
    first.wait()
    second = start()
    try:
        wait_until(lambda: not loading(fresh_database), 60)
        got = pushed()
        assert got.status_code in {200, 201}, got.text
        assert got.json()["loaded"] == 2000
        assert fresh_database.execute("select count(*), min(status) from batch") == [(1, "loaded")]
        assert fresh_database.execute("select count(*) from facts_now.assistance") == [(2000,)]
        assert list((tmp_path / "incoming").iterdir()) == []
    finally:
        second.terminate()
        second.wait(60)


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready", trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def loading(database: Database) -> bool:
    return bool(
        database.execute(
            "select 1 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database()) and objid = (hashtextextended(%s, 7201) & 4294967295)::bigint::oid",
            f"intake:{DELIVERY}",
        )
    )
