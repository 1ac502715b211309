"""HTTP services, on servers that the tests start, faults included: no page lost, none loaded twice, nothing told."""

import json
import logging
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from hmac import digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from channel_factory import POPULATION, fetch, killed, source, written
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from intake_factory import Desk, population, resident_id

from hub.errors import DeclarationError, IntakeError
from hub.intake import channel, read_connector
from hub.intake.channel.form import Source

PAGES = {"kind": "pages", "page": "pageNum", "size": "pageSize", "rows": 4}


class Asked:
    """A request as the server saw it."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        self.path, self.headers = parts.path, handler.headers
        self.body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        self.said = dict(parse_qsl(parts.query))
        if handler.headers.get("content-type", "").startswith("application/json"):
            self.said |= json.loads(self.body)
        elif handler.headers.get("content-type", "").startswith("application/x-www-form"):
            self.said |= dict(parse_qsl(self.body.decode()))


#: Status, headers, body; with a length of the body that is not its own, it breaks off.
Said = tuple[int, dict[str, str], bytes]


class Server:
    """A service on loopback. ``faults`` are used up first, one a request; each is an answer, or None for a silence."""

    def __init__(self, answer: Callable[[Asked], Said]) -> None:
        self.answer, self.seen, self.faults = answer, list[Asked](), list[Said | None]()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one(self) -> None:
                asked = Asked(self)
                outer.seen.append(asked)
                given = outer.faults.pop(0) if outer.faults else outer.answer(asked)
                if given is None:
                    self.close_connection = True
                    return
                status, headers, body = given
                self.send_response_only(status)
                if "Date" not in headers:
                    self.send_header("Date", self.date_time_string())
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                self.close_connection = True

            do_GET = do_POST = handle_one  # noqa: N815 - the library's names

            def log_message(self, *_: Any) -> None: ...

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def served() -> Iterator[Callable[[Callable[[Asked], Said]], Server]]:
    servers: list[Server] = []

    def serve(answer: Callable[[Asked], Said]) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield serve
    for one in servers:
        one.close()


def answered(content: Any, **headers: str) -> Said:
    return 200, headers, json.dumps(content, ensure_ascii=False).encode()


def paged(rows: list[dict[str, str]], *, total: bool = True) -> Callable[[Asked], Said]:
    def answer(asked: Asked) -> Said:
        page, size = int(asked.said["pageNum"]), int(asked.said["pageSize"])
        part = rows[(page - 1) * size : page * size]
        return answered({"code": "0", "data": {"records": part} | ({"total": len(rows)} if total else {})})

    return answer


def content(server: Server, **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "kind": "http", "url": f"{server.url}/people", "records": "data.records", "total": "data.total",
        "success": {"path": "code", "values": ["0"]}, "paging": PAGES, "wait_seconds": 0.01, "seconds": 5.0, "attempts": 3,
    }  # fmt: skip
    return {key: value for key, value in (given | changes).items() if value is not None}


def service(server: Server, **changes: Any) -> Source:
    return source(**content(server, **changes))


Serve = Callable[[Callable[[Asked], Said]], Server]


@pytest.mark.parametrize("total", ["data.total", None])
def test_every_page_is_asked_for_once(total: str | None, desk: Desk, served: Serve) -> None:
    server = served(paged(population(range(10)), total=total is not None))
    report = fetch(desk, service(server, total=total))
    assert (report.declared, report.added, report.rejected) == (10, 10, 0)
    pages = [int(asked.said["pageNum"]) for asked in server.seen]
    assert pages == ([1, 2, 3] if total else [1, 2, 3, 4])
    assert desk.database.execute("select channel, partial from batch") == [("http", False)]


@pytest.mark.parametrize("body", ["json", "form"])
def test_parameters_are_sent_as_the_service_wants_them(body: str, desk: Desk, served: Serve) -> None:
    server = served(paged(population(range(3))))
    one = service(server, method="POST", body=body, parameters={"tableId": "7"}, headers={"X-Key": "k"})
    assert fetch(desk, one).added == 3
    assert server.seen[0].said["tableId"] == "7"
    assert server.seen[0].headers["X-Key"] == "k"


def test_a_cursor_is_followed_to_its_end(desk: Desk, served: Serve) -> None:
    rows = population(range(9))

    def answer(asked: Asked) -> Said:
        at = int(asked.said.get("after", 0))
        return answered({"rows": rows[at : at + 4], "next": at + 4 if at + 4 < len(rows) else None})

    server = served(answer)
    paging = {"kind": "cursor", "parameter": "after", "next": "next"}
    one = service(server, paging=paging, records="rows", total=None, success=None)
    assert fetch(desk, one).added == 9
    assert [asked.said for asked in server.seen] == [{}, {"after": "4"}, {"after": "8"}]


@pytest.mark.parametrize(
    "fault",
    [
        (500, {}, b""),
        (503, {"Retry-After": "0"}, b"busy"),
        (429, {"Retry-After": "0"}, b""),
        (200, {}, b'{"code": "0", "data": {"records": [{"\xe5'),
        (200, {"Content-Length": "100000"}, b'{"code": "0"'),
        (200, {"Content-Encoding": "gzip"}, b"no gzip"),
        None,
    ],
    ids=["500", "503", "429", "half a page", "broken off", "broken gzip", "silence"],
)
def test_what_may_pass_is_tried_again(fault: Said | None, desk: Desk, served: Serve) -> None:
    server = served(paged(population(range(10))))
    server.faults = [fault, fault]
    assert fetch(desk, service(server)).added == 10
    assert len(server.seen) == 5


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ((500, {}, b""), "does not answer: status 500"),
        ((200, {}, b'{"code"'), "does not answer: its answer is cut off"),
        (None, "does not answer: the connection broke"),
    ],
)
def test_what_does_not_pass_is_refused_by_name_and_the_next_fetch_goes_on(
    fault: Said | None, words: str, desk: Desk, served: Serve
) -> None:
    answer = paged(population(range(10)))
    broken = [False]

    def breaks(asked: Asked) -> Said:
        if asked.said["pageNum"] == "3" and not broken[0]:
            server.faults = [fault, fault]
            broken[0] = True
            return fault or (500, {}, b"")
        return answer(asked)

    server = served(breaks)
    with pytest.raises(IntakeError, match=words):
        fetch(desk, service(server))
    assert fetch(desk, service(server)).added == 10
    assert [asked.said["pageNum"] for asked in server.seen] == ["1", "2", "3", "3", "3", "3"]


def test_a_silent_service_is_given_up(desk: Desk, served: Serve) -> None:
    from time import sleep

    def slow(_: Asked) -> Said:
        sleep(0.6)
        return answered({})

    server = served(slow)
    with pytest.raises(IntakeError, match="does not answer: no answer in time"):
        fetch(desk, service(server, seconds=0.2, attempts=2))
    assert len(server.seen) == 2


@pytest.mark.parametrize("status", [302, 400, 403, 404])
def test_what_will_not_pass_is_not_tried_again(status: int, desk: Desk, served: Serve) -> None:
    server = served(lambda _: (status, {"Location": "/people"}, b""))
    with pytest.raises(IntakeError, match=f"status {status}"):
        fetch(desk, service(server))
    assert len(server.seen) == 1


def test_a_service_that_asks_for_an_hour_is_believed(desk: Desk, served: Serve) -> None:
    server = served(lambda _: (429, {"Retry-After": "3600"}, b""))
    with pytest.raises(IntakeError, match="come back in 3600 seconds"):
        fetch(desk, service(server))
    assert len(server.seen) == 1


def test_an_answer_too_large_is_not_read(desk: Desk, served: Serve) -> None:
    server = served(lambda _: (200, {}, b" " * 100_000))
    with pytest.raises(IntakeError, match="larger than 50,000 bytes"):
        fetch(desk, service(server, page_bytes=50_000))


def test_a_code_that_is_no_success_is_refused_without_its_words(desk: Desk, served: Serve) -> None:
    server = served(lambda _: answered({"code": "E-500", "message": f"{resident_id(1)} unknown"}))
    with pytest.raises(IntakeError, match="code E-500") as refused:
        fetch(desk, service(server))
    assert resident_id(1) not in str(refused.value)


@pytest.mark.parametrize("total", ["data.total", None])
def test_a_list_that_changes_while_it_is_read_is_noticed(total: str | None, desk: Desk, served: Serve) -> None:
    rows = population(range(10))

    def shifts(asked: Asked) -> Said:
        if asked.said["pageNum"] == "2":
            rows.insert(0, population([99])[0])
        return paged(rows, total=total is not None)(asked)

    server = served(shifts)
    words = "told 10 rows in all, and then 11" if total else "1 rows of page 1 came again on page 2"
    with pytest.raises(IntakeError, match=words):
        fetch(desk, service(server, total=total))
    assert desk.database.execute("select count(*) from batch") == [(0,)]
    server.answer = paged(rows, total=total is not None)
    assert fetch(desk, service(server, total=total)).added == 11  # from the first page on


def test_a_page_that_comes_twice_is_noticed(desk: Desk, served: Serve) -> None:
    rows = population(range(12))

    def twice(asked: Asked) -> Said:
        if asked.said["pageNum"] == "3":
            asked.said["pageNum"] = "2"
        return paged(rows)(asked)

    with pytest.raises(IntakeError, match="4 rows of page 2 came again on page 3"):
        fetch(desk, service(served(twice)))


def test_fewer_rows_than_were_told_are_refused(desk: Desk, served: Serve) -> None:
    rows = population(range(6))

    def answer(asked: Asked) -> Said:
        page = int(asked.said["pageNum"])
        return answered({"code": "0", "data": {"records": rows[(page - 1) * 4 : page * 4], "total": 9}})

    with pytest.raises(IntakeError, match="it tells 9 rows in all, and gave 6"):
        fetch(desk, service(served(answer)))


def test_a_fetch_that_is_killed_goes_on_at_the_next_page(desk: Desk, served: Serve) -> None:
    server = served(paged(population(range(22))))
    sources = written(desk.folder / "sources.toml", POPULATION, content(server))
    [(_, one)] = channel.read_sources(sources).items()
    killed(desk, sources, "fetch", 1)  # two pages are kept
    killed(desk, sources, "state", 1)  # the third is on the disk, its state is not; the first is that of the spool
    asked = [asked.said["pageNum"] for asked in server.seen]
    assert asked[:3] == ["1", "2", "3"]
    killed(desk, sources, "committed")
    assert desk.database.execute("select declared, added from batch") == [(22, 22)]
    pages = [asked.said["pageNum"] for asked in server.seen]
    assert sorted(set(pages), key=int) == ["1", "2", "3", "4", "5", "6"]
    assert max(pages.count(page) for page in pages) <= 2  # a page is asked for again only where it was not kept
    report = fetch(desk, one)
    assert (report.declared, report.added, report.changed, report.ended) == (22, 0, 0, 0)
    assert desk.database.execute("select count(*) from person") == [(22,)]
    assert not list((desk.folder / "spool").rglob("pages"))


def test_what_changed_since_is_asked_for_by_time_from_some_hours_before(desk: Desk, served: Serve) -> None:
    server = served(paged(population(range(3))))
    since = {"from": "start", "until": "end", "format": "%Y-%m-%d %H", "start": date(2026, 1, 1), "overlap_hours": 2}
    fetch(desk, service(server, since=since))
    fetch(desk, service(server, since=since))
    assert server.seen[0].said["start"] == "2026-01-01 00"
    first_end = datetime.strptime(server.seen[0].said["end"], "%Y-%m-%d %H")  # noqa: DTZ007
    assert server.seen[1].said["start"] == f"{first_end - timedelta(hours=2):%Y-%m-%d %H}"
    assert desk.database.execute("select partial, added from batch order by id") == [(True, 3), (True, 0)]


def test_flags_of_a_service_end_facts(desk: Desk, served: Serve) -> None:
    rows = [{**row, "flag": "i"} for row in population(range(3))]
    server = served(paged(rows))
    since = {"from": "start", "start": date(2026, 1, 1)}
    one = service(server, operation={"from": "flag", "delete": ["d"], "write": ["i"]}, since=since)
    assert fetch(desk, one).added == 3
    rows[1]["flag"] = "d"
    assert fetch(desk, one).ended == 1


def test_a_token_is_fetched_and_fetched_again_when_it_is_refused(desk: Desk, served: Serve) -> None:
    tokens = iter(["old", "new"])
    people = paged(population(range(3)))

    def answer(asked: Asked) -> Said:
        if asked.path == "/token":
            assert asked.said["client_secret"] == "geheim"
            return answered({"access_token": next(tokens)})
        return people(asked) if asked.headers["Authorization"] == "Bearer new" else (401, {}, b"")

    server = served(answer)
    auth = {
        "kind": "client_credentials",
        "token_url": f"{server.url}/token",
        "client_id": "hub",
        "client_secret": "geheim",
    }
    assert fetch(desk, service(server, auth=auth)).added == 3
    with pytest.raises(IntakeError, match=r"does not accept the credentials \(status 401\)"):
        fetch(desk, service(server, auth={"kind": "bearer", "token": "geheim"}))


APP_KEY = "0123456789abcdef"


class Platform:
    """The national platform's two calls, as clients know them."""

    def __init__(self, rows: list[dict[str, str]], *, place: str = "headers", iv: str | None = None) -> None:
        self.people, self.place, self.iv = paged(rows), place, iv
        self.secrets, self.valid, self.skew, self.lives = 0, b"", timedelta(0), timedelta(minutes=5)

    def __call__(self, asked: Asked) -> Said:
        now = datetime.now(UTC) + self.skew
        given = asked.headers if self.place == "headers" else asked.said
        rid, sid, rtime, sign = (given[f"gjgxjhpt_{name}"] for name in ("rid", "sid", "rtime", "sign"))
        date_header = {"Date": format_datetime(now, usegmt=True)}
        key = APP_KEY.encode() if asked.path == "/secret" else self.valid
        right = b64encode(digest(key, f"{sid}{rid}{rtime}".encode(), sha256)).decode() == sign
        if not right or abs(int(rtime) / 1000 - now.timestamp()) > 300:
            return answered({"code": "E-106" if self.secrets % 2 else "-1"}, **date_header)
        if asked.path != "/secret":
            status, headers, body = self.people(asked)
            return status, headers | date_header, body
        self.secrets += 1
        self.valid = f"secret-{self.secrets}".encode()
        padder = PKCS7(128).padder()
        mode = modes.CBC(self.iv.encode()) if self.iv else modes.ECB()  # noqa: S305 - the platform's
        sealer = Cipher(algorithms.AES(APP_KEY.encode()), mode).encryptor()
        sealed = sealer.update(padder.update(self.valid) + padder.finalize()) + sealer.finalize()
        ends = str(int((now + self.lives).timestamp() * 1000))
        return answered(
            {"code": "0", "data": {"secret": b64encode(sealed).decode(), "secretEndTime": ends}}, **date_header
        )


def national(server: Server, **changes: Any) -> Source:
    auth = {"kind": "national", "rid": "R1", "sid": "S1", "app_key": APP_KEY, "secret_url": f"{server.url}/secret"}
    return service(server, auth=auth | changes)


@pytest.mark.parametrize(
    "changes",
    [{}, {"place": "parameters"}, {"cipher": "cbc", "iv": "fedcba9876543210"}],
    ids=["ecb", "parameters", "cbc"],
)
def test_the_platforms_calls_are_signed_under_a_secret_fetched_first(
    changes: dict[str, str], desk: Desk, served: Serve
) -> None:
    platform = Platform(population(range(10)), place=changes.get("place", "headers"), iv=changes.get("iv"))
    server = served(platform)
    assert fetch(desk, national(server, **changes)).added == 10
    assert [asked.path for asked in server.seen] == ["/secret", "/people", "/people", "/people"]


def test_a_secret_that_has_ended_is_fetched_again(desk: Desk, served: Serve) -> None:
    platform = Platform(population(range(10)))
    platform.lives = timedelta(seconds=1)  # ended before it is used a second time
    assert fetch(desk, national(served(platform))).added == 10
    assert platform.secrets == 3


@pytest.mark.parametrize("code", ["-1", "E-106"])
def test_a_secret_that_is_refused_is_fetched_again_once(code: str, desk: Desk, served: Serve) -> None:
    platform = Platform(population(range(10)))
    server = served(platform)
    refused = [True, False]

    def answer(asked: Asked) -> Said:
        if asked.path == "/people" and refused.pop(0) if refused else False:
            return answered({"code": code})
        return platform(asked)

    server.answer = answer
    assert fetch(desk, national(server)).added == 10
    assert platform.secrets == 2
    server.answer = lambda asked: answered({"code": code}) if asked.path == "/people" else platform(asked)
    with pytest.raises(IntakeError, match=f"does not accept the credentials \\(code {code}\\)"):
        fetch(desk, national(server))
    assert platform.secrets == 4


def test_a_clock_that_is_wrong_is_said_plainly(desk: Desk, served: Serve) -> None:
    platform = Platform(population(range(3)))
    platform.skew = timedelta(minutes=4)
    [warning] = fetch(desk, national(served(platform))).warnings
    assert warning.startswith("this machine's clock is 2")
    assert warning.endswith("seconds behind the service's")
    platform.skew = timedelta(minutes=-20)
    with pytest.raises(IntakeError) as refused:
        fetch(desk, national(served(platform)))
    assert "the platform gives no secret" in refused.value.message
    assert re.search(r"(119\d|120\d) seconds ahead of", refused.value.hint)


def test_a_wrong_app_key_is_told_without_it(desk: Desk, served: Serve) -> None:
    server = served(Platform(population(range(3))))
    for key, words in (("another-key-0123", "gives no secret"), (APP_KEY, "does not open")):
        changes = {"app_key": key} | ({"cipher": "cbc", "iv": "0" * 16} if key == APP_KEY else {})
        with pytest.raises(IntakeError, match=words) as refused:
            fetch(desk, national(server, **changes))
        assert key not in str(refused.value)


ENVELOPE = """<?xml version="1.0" encoding="GBK"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>
<query><name>查询 人口</name><page>{pageNum}</page><rows>{pageSize}</rows></query></soapenv:Body></soapenv:Envelope>"""


def soap(rows: list[dict[str, str]], *, inner: bool) -> Callable[[Asked], Said]:
    from xml.etree import ElementTree as ET

    def answer(asked: Asked) -> Said:
        sent = asked.body.decode("gb18030")
        assert "查询 人口" in sent
        page = int(sent.split("<page>")[1].split("<")[0])
        package = ET.Element("PACKAGE")
        ET.SubElement(package, "CODE").text = "0"
        ET.SubElement(package, "TOTAL").text = str(len(rows))
        for row in rows[(page - 1) * 4 : page * 4]:
            element = ET.SubElement(package, "ROW")
            for name, text in row.items():
                ET.SubElement(element, name).text = text
        text = ET.tostring(package, "unicode")
        if inner:
            envelope = ET.Element("{urn:soap}Envelope")
            ET.SubElement(
                ET.SubElement(envelope, "{urn:soap}Body"), "return"
            ).text = f'<?xml version="1.0" encoding="GBK"?>{text}'
            text = ET.tostring(envelope, "unicode")
        return (
            200,
            {"Content-Type": "text/xml; charset=GBK"},
            f'<?xml version="1.0" encoding="GBK"?>{text}'.encode("gbk"),
        )

    return answer


@pytest.mark.parametrize("inner", [False, True], ids=["plain", "a document in a document"])
def test_an_older_service_is_asked_and_answers_in_gbk(inner: bool, desk: Desk, served: Serve) -> None:
    server = served(soap(population(range(10)), inner=inner))
    one = service(
        server, kind="soap", envelope=ENVELOPE, records="ROW", total="TOTAL", success={"path": "CODE", "values": ["0"]},
        inner="Body.return" if inner else None, action="urn:query",
    )  # fmt: skip
    server.faults = [(200, {}, server.answer(Asked_of(1))[2][:-20])]
    assert fetch(desk, one).added == 10
    assert server.seen[-1].headers["SOAPAction"] == '"urn:query"'


def Asked_of(page: int) -> Any:
    class One:
        body = ENVELOPE.replace("{pageNum}", str(page)).encode("gb18030")

    return One()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x><ROW><a>&a;</a></ROW></x>',
            "cut off, or no document",
        ),
        ("<e><Body><Fault><faultstring>somebody</faultstring></Fault></Body></e>", "answered with a fault"),
        ("<x><CODE>0</CODE><ROW><a>1</a><a>2</a></ROW></x>", "'a' is more than one value"),
    ],
)
def test_what_xml_could_smuggle_is_refused(body: str, words: str, desk: Desk, served: Serve) -> None:
    one = service(served(lambda _: (200, {}, body.encode("gbk"))), kind="soap", envelope="<a/>", records="ROW", total=None,
                  success={"path": "CODE", "values": ["0"]}, paging=None, attempts=1)  # fmt: skip
    with pytest.raises(IntakeError, match=words) as refused:
        fetch(desk, one)
    assert "somebody" not in str(refused.value)


def test_numbers_keep_their_spelling_and_structures_are_refused_by_name(desk: Desk, served: Serve) -> None:
    [row] = population([1])
    body = json.dumps(row, ensure_ascii=False)[:-1] + ', "服务处所": 12345678901234567890}'
    server = served(lambda _: (200, {}, f"[{body}]".encode()))
    plain = {"records": "", "total": None, "success": None, "paging": None}
    assert fetch(desk, service(server, **plain)).added == 1
    server.answer = lambda _: answered([{**row, "户籍详细地址": ["a"]}])
    with pytest.raises(IntakeError, match=r"column '户籍详细地址' holds a value that is no text \(list\)"):
        fetch(desk, service(server, **plain))


def test_no_credential_and_no_person_is_in_any_log_message_or_event(
    desk: Desk, served: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = served(paged(population(range(3))))
    server.faults = [(500, {}, b""), None]
    secret = {
        "headers": {"X-Key": "geheim-1"},
        "auth": {"kind": "bearer", "token": "geheim-2"},
        "parameters": {"key": "geheim-3"},
    }
    fetch(desk, service(server, **secret))
    with pytest.raises(IntakeError) as refused:
        fetch(desk, service(server, **secret, records="nothing"))
    told = [caplog.text, str(refused.value), repr(service(server, **secret)),
            str(desk.database.execute("select files, refusal from batch")),
            str(desk.database.execute("select position from channel_position")),
            str([bytes(leaf) for (leaf,) in desk.database.execute("select leaf from audit_event")])]  # fmt: skip
    for text in told:
        assert "geheim-1" not in text
        assert "geheim-2" not in text
        assert resident_id(1) not in text
    assert all("geheim-3" not in text for text in told[:2])


def test_trying_a_service_tells_columns_nobody_declared(desk: Desk, served: Serve) -> None:
    rows = population(range(3))
    server = served(paged(rows))
    assert channel.try_source(POPULATION, service(server), desk.declarations).problem is None
    rows[0]["手机号"] = "1"
    problem = channel.try_source(POPULATION, service(server), desk.declarations).problem
    assert problem is not None
    assert "column '手机号' is not declared" in problem
    ignored = service(server, ignored=["手机号"])
    assert channel.try_source(POPULATION, ignored, desk.declarations).problem is None
    assert fetch(desk, ignored).added == 3
    assert desk.database.execute("select count(*) from batch") == [(1,)]


def test_the_file_of_sources_is_for_nobody_elses_eyes(desk: Desk, served: Serve) -> None:
    path = written(desk.folder / "sources.toml", POPULATION, content(served(paged([]))))
    assert list(channel.read_sources(path)) == [POPULATION]
    path.chmod(0o640)
    with pytest.raises(DeclarationError, match="can be read by others") as refused:
        channel.read_sources(path)
    assert "chmod 600" in refused.value.hint
    path.chmod(0o600)
    given = path.read_text()
    for text, words in (
        (given + "pagin = 1\n", "did you mean 'paging'"),
        (given.replace("http://127", "http://user:geheim@127"), "credentials and parameters have keys of their own"),
        (given.replace("'''http'''", "'''ftp'''"), "'kind' is one of"),
        (given + 'geheim = "', "is not valid TOML"),
    ):
        path.write_text(text)
        with pytest.raises(DeclarationError) as refused:
            channel.read_sources(path)
        assert words in str(refused.value)
        assert "geheim@" not in str(refused.value)
    with pytest.raises(DeclarationError, match="no file of sources is set"):
        channel.read_sources(None)


def test_the_connector_stays_what_it_is(desk: Desk) -> None:
    assert read_connector(desk.declarations, POPULATION).delivery == "snapshot"
