"""The outbox against a real mail server and a gateway that fails: once where it can be, never to who must not get it."""

import os
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from world import MONDAY, P02, WANG, World

from hub.audit.event import Kind
from hub.errors import DeclarationError
from hub.followup import clearing, outbox
from hub.followup.channels import Gateway, Mail, read_channels
from hub.followup.gateway import GatewayChannel
from hub.followup.mail import MailChannel
from hub.followup.outbox import TRIES, Channel, Content, Handed, Queued, is_quiet
from hub.sealing import write_keyring

QUIET = (time(20), time(8))
ALWAYS = (time(0), time(0))  # no quiet hours
TEXT = "【某局】您的养老保险已中断缴费。"


@dataclass
class Recording:
    """A channel that does as it is told, and remembers."""

    answers: list[Handed] = field(default_factory=list)
    per_minute: int = 1000
    got: list[tuple[UUID, Content]] = field(default_factory=list)

    def hand_over(self, message_id: UUID, content: Content) -> Handed:
        self.got.append((message_id, content))
        return self.answers.pop(0) if self.answers else Handed("sent")


def queue(world: World, *, channel: str = "gateway", about_id: UUID | None = None, to: str = "13800000000") -> UUID:
    """A message about an open finding; the finding."""
    key = world.person()
    found = world.find(key, P02)
    put(world, key, found, channel, about_id, to)
    return found


def put(
    world: World, key: UUID, found: UUID, channel: str = "gateway", about_id: UUID | None = None, to: str = "1"
) -> int:
    one = Queued(channel, "notice", about_id or uuid4(), key, found, Content(to, "提醒", TEXT, "<p>信</p>"))
    with world.engine.begin() as connection:
        return outbox.put(connection, [one], at=MONDAY, keyring=world.keyring)


def send(
    world: World, at: datetime = MONDAY, quiet: tuple[time, time] = QUIET, clock: Callable[[], datetime] | None = None,
    **channels: Channel,
) -> dict[str, int]:  # fmt: skip
    return outbox.send(
        world.engine, channels, quiet=quiet, keyring=world.keyring, signer=world.signer, clock=clock or (lambda: at)
    )


def states(world: World) -> list[tuple[Any, ...]]:
    return world.database.execute("select state, attempts, because from message order by queued_at, id")


# --- what may be sent, and when


def test_what_is_due_is_sent_once(world: World) -> None:
    queue(world)
    channel = Recording()
    with world.engine.connect() as connection:
        assert [outbox.is_due(connection, [name], MONDAY) for name in ("gateway", "mail")] == [True, False]
    assert send(world, gateway=channel)["sent"] == 1
    assert send(world, gateway=channel)["sent"] == 0
    with world.engine.connect() as connection:
        assert not outbox.is_due(connection, ["gateway"], MONDAY + timedelta(days=1))
    ((_, content),) = channel.got
    assert (content.to, content.text) == ("13800000000", TEXT)
    assert states(world) == [("sent", 1, None)]
    assert world.kinds() == [Kind.messages_sent]


def test_the_same_is_queued_once(world: World) -> None:
    key, about = world.person(), uuid4()
    found = world.find(key, P02)
    assert [put(world, key, found, "gateway", about) for _ in range(2)] == [1, 0]
    assert put(world, key, found, "mail", about) == 1


def test_what_failed_may_be_put_again_and_what_went_may_not(world: World) -> None:
    key, about = world.person(), uuid4()
    found = world.find(key, P02)
    put(world, key, found, "gateway", about, to="wrong")
    send(world, gateway=Recording([Handed("never", "GATEWAY_400")]))
    channel = Recording()
    assert put(world, key, found, "gateway", about, to="right") == 1
    assert send(world, gateway=channel)["sent"] == 1
    assert channel.got[0][1].to == "right"
    assert put(world, key, found, "gateway", about, to="right") == 0


@pytest.mark.parametrize(
    ("hour", "quiet"), [(0, True), (7, True), (8, False), (12, False), (19, False), (20, True), (23, True)]
)
def test_nobody_is_disturbed_at_night_in_china(world: World, hour: int, quiet: bool) -> None:
    at = MONDAY.replace(hour=0) + timedelta(hours=hour - 8)
    assert is_quiet(at, *QUIET) is quiet
    queue(world)
    later = at + timedelta(days=1)
    assert send(world, later, gateway=Recording())["sent"] == (0 if quiet else 1)


def test_quiet_hours_within_a_day_are_quiet_too() -> None:
    assert [is_quiet(MONDAY.replace(hour=hour), time(12), time(14)) for hour in (3, 4, 5, 6)] == [
        False,
        True,
        True,
        False,
    ]


def test_sending_stops_when_the_evening_comes(world: World) -> None:
    for _ in range(3):
        queue(world)
    evening = MONDAY.replace(hour=11, minute=59)
    channel = Recording()
    clock = lambda: evening + timedelta(minutes=2 * len(channel.got))
    assert send(world, clock=clock, gateway=channel)["sent"] == 1


def test_who_opted_out_gets_nothing_neither_new_nor_waiting(world: World) -> None:
    key = world.person()
    found = world.find(key, P02)
    put(world, key, found)
    for out in (True, False, True):
        with world.engine.begin() as connection:
            outbox.opt(
                connection,
                key,
                out=out,
                officer=WANG,
                at=MONDAY,
                signer=world.signer,
                keyring=world.keyring,
                person=True,
            )
    channel = Recording()
    assert send(world, gateway=channel)["cancelled"] == 1
    assert put(world, key, found) == 0
    assert channel.got == []
    assert states(world) == [("cancelled", 0, "opted_out")]


def test_a_finding_that_fell_is_not_spoken_of_and_one_in_doubt_waits(world: World) -> None:
    fell, doubted = queue(world), queue(world)
    world.judge(fell, "cleared", world.run(P02))
    world.judge(doubted, "unknown", world.run(P02, verdict="unknown"))
    channel = Recording()
    assert send(world, gateway=channel) == {"sent": 0, "later": 0, "never": 0, "cancelled": 1}
    world.judge(doubted, "open", world.run(P02))
    assert send(world, gateway=channel)["sent"] == 1


def test_settling_calls_off_what_waits(world: World) -> None:
    world.judge(queue(world), "cleared", world.run(P02))
    with world.engine.begin() as connection:
        assert clearing.settle(connection, at=MONDAY, signer=world.signer).messages == 1
    assert states(world) == [("cancelled", 0, "finding_cleared")]


def test_no_more_go_in_a_minute_than_the_channel_takes_over_all_workers(world: World) -> None:
    for _ in range(5):
        queue(world)
    assert [send(world, gateway=Recording(per_minute=2))["sent"] for _ in range(2)] == [2, 0]
    assert send(world, MONDAY + timedelta(seconds=59), gateway=Recording(per_minute=2))["sent"] == 0
    assert send(world, MONDAY + timedelta(seconds=61), gateway=Recording(per_minute=2))["sent"] == 2


def test_several_workers_send_each_message_once(world: World) -> None:
    for _ in range(12):
        queue(world)
    channel = Recording()
    threads = [threading.Thread(target=send, args=(world,), kwargs={"gateway": channel}) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(channel.got) == len({one for one, _ in channel.got}) == 12


def test_what_fails_is_tried_again_later_and_later_then_given_up(world: World) -> None:
    queue(world)
    at, waits = MONDAY, []
    channel = Recording([Handed("later", "GATEWAY_503")] * TRIES)
    for _ in range(TRIES):
        assert sum(send(world, at, ALWAYS, gateway=channel).values()) == 1
        ((until,),) = world.database.execute("select not_before from message")
        waits.append((until - at).total_seconds())
        at = max(until, at)
    assert states(world) == [("failed", TRIES, "GATEWAY_503")]
    assert waits == sorted(waits[:5]) + waits[5:]
    assert 48 <= waits[0] <= 72
    assert len({one for one, _ in channel.got}) == 1
    assert world.kinds() == [Kind.messages_sent]  # one event: that it was given up


def test_what_the_other_side_asks_to_wait_is_waited(world: World) -> None:
    queue(world)
    send(world, gateway=Recording([Handed("later", "GATEWAY_429", 3600)]))
    assert send(world, MONDAY + timedelta(seconds=3599), ALWAYS, gateway=Recording())["sent"] == 0
    assert send(world, MONDAY + timedelta(seconds=3601), ALWAYS, gateway=Recording())["sent"] == 1


def test_neither_the_store_nor_the_log_says_to_whom_or_what(world: World) -> None:
    queue(world)
    send(world, gateway=Recording())
    ((row, sealed),) = world.database.execute("select (to_jsonb(m) - 'sealed')::text, sealed from message m")
    for secret in ("13800000000", "养老保险"):
        assert secret not in row
        assert secret.encode() not in bytes(sealed)
        assert secret not in world.leaves()


# --- killed between handing over and marking

_DIES = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from datetime import time
from hub.audit.checkpoint import Signer
from hub.followup import outbox
from hub.followup.channels import Gateway
from hub.followup.gateway import GatewayChannel
from hub.sealing import read_keyring
from hub.store.engine import engine_for

class Dying:
    per_minute = 1000
    def __init__(self, url): self.inner = GatewayChannel(Gateway(url=url))
    def hand_over(self, message_id, content):
        self.inner.hand_over(message_id, content)
        os.kill(os.getpid(), signal.SIGKILL)

url, keys, at, gateway = sys.argv[1:]
outbox.send(
    engine_for("writer", url), {"gateway": Dying(gateway)}, quiet=(time(20), time(8)), keyring=read_keyring(Path(keys)),
    signer=Signer("hub.example/test", Ed25519PrivateKey.generate()), clock=lambda: datetime.fromisoformat(at),
)
"""


def test_killed_after_handing_over_the_same_goes_again_under_the_same_key(world: World, tmp_path: Path) -> None:
    queue(world)
    write_keyring(world.keyring, tmp_path / "keys.json")
    with gateway(lambda _: ok()) as (url, seen):
        killed = subprocess.run(
            [sys.executable, "-c", _DIES, world.database.url, str(tmp_path / "keys.json"), MONDAY.isoformat(), url],
            check=False, env=os.environ,
        )  # fmt: skip
        assert killed.returncode == -signal.SIGKILL
        channel = GatewayChannel(Gateway(url=url))
        assert send(world, MONDAY + timedelta(minutes=5), gateway=channel)["sent"] == 0  # still its
        assert send(world, MONDAY + timedelta(minutes=11), gateway=channel)["sent"] == 1
    assert [one["Idempotency-Key"] for one, _ in seen] == [seen[0][0]["Idempotency-Key"]] * 2
    assert states(world) == [("sent", 2, None)]


def test_what_kills_every_worker_is_given_up(world: World) -> None:
    queue(world)
    world.database.execute(
        "update message set state = 'sending', attempts = 8, not_before = now() - interval '9 years'"
    )
    channel = Recording()
    assert send(world, gateway=channel)["cancelled"] == 1
    assert (channel.got, states(world)) == ([], [("cancelled", 8, "gave_up")])


# --- a gateway over HTTP

Answer = Callable[[int], bytes | None]


def ok(body: bytes = b'{"accepted":true}', status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@contextmanager
def gateway(answer: Answer) -> Iterator[tuple[str, list[tuple[dict[str, str], Any]]]]:
    """A gateway on this machine: its address, and what came. ``answer``: bytes for the n-th call; None: says nothing."""
    seen: list[tuple[dict[str, str], Any]] = []
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((dict(self.headers), orjson.loads(body)))
            said = answer(len(seen))
            if said is None:
                over.wait(30)
            else:
                self.wfile.write(said)
            self.close_connection = True

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/messages", seen
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def hand(url: str, **more: Any) -> Handed:
    return GatewayChannel(Gateway(url=url, **more)).hand_over(UUID(int=7), Content("13800000000", "题", TEXT))


def test_a_gateway_gets_the_message_its_key_and_the_token() -> None:
    with gateway(lambda _: ok()) as (url, seen):
        assert hand(url, token="secret") == Handed("sent")
    ((headers, body),) = seen
    assert body == {"id": str(UUID(int=7)), "to": "13800000000", "text": TEXT}
    assert headers["Idempotency-Key"] == str(UUID(int=7))
    assert headers["Authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        (ok(status="202 Accepted"), Handed("sent")),
        (ok(b"", "409 Conflict"), Handed("sent", "GATEWAY_KNEW_IT")),
        (ok(b"", "500 Broken"), Handed("later", "GATEWAY_500")),
        (ok(b"", "429 Slow down", "Retry-After: 90"), Handed("later", "GATEWAY_429", 90)),
        (ok(b"", "429 Slow down", "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT"), Handed("later", "GATEWAY_429")),
        (ok(b"", "400 Bad number"), Handed("never", "GATEWAY_400")),
        (ok(b"", "401 Who"), Handed("later", "GATEWAY_401")),
        (ok(b"", "302 Elsewhere", "Location: http://127.0.0.1:1/"), Handed("never", "GATEWAY_302")),
        (ok(b'{"accepted":false}'), Handed("later", "GATEWAY_ANSWER")),
        (ok(b"<html>"), Handed("later", "GATEWAY_ANSWER")),
        (ok(b"x" * 70_000), Handed("later", "GATEWAY_ANSWER")),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"acce', Handed("later", "GATEWAY_RemoteProtocolError")),
        (b"nonsense\r\n\r\n", Handed("later", "GATEWAY_RemoteProtocolError")),
    ],
)  # fmt: skip
def test_what_a_gateway_answers_decides_whether_it_has_the_message(said: bytes, becomes: Handed) -> None:
    with gateway(lambda _: said) as (url, _):
        assert hand(url) == becomes


def test_a_gateway_that_says_nothing_or_is_not_there_is_tried_again() -> None:
    with gateway(lambda _: None) as (url, _):
        assert hand(url, seconds=0.2) == Handed("later", "GATEWAY_ReadTimeout")
    assert hand(url) == Handed("later", "GATEWAY_ConnectError")


def test_a_half_answer_then_a_duplicate_is_one_message_to_the_store(world: World) -> None:
    queue(world)
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"
    with gateway(lambda n: half if n == 1 else ok(b"", "409 Conflict")) as (url, seen):
        channel = GatewayChannel(Gateway(url=url))
        assert send(world, gateway=channel)["later"] == 1
        assert send(world, MONDAY + timedelta(minutes=2), gateway=channel)["sent"] == 1
    assert len({headers["Idempotency-Key"] for headers, _ in seen}) == 1
    assert states(world) == [("sent", 2, "GATEWAY_KNEW_IT")]


# --- a mail server


class Mailbox:
    """What a mail server takes, and how it answers."""

    def __init__(self, answer: str = "250 OK", recipient: str = "250 OK") -> None:
        self.answer, self.recipient = answer, recipient
        self.letters: list[Envelope] = []

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        self.letters.append(envelope)
        return self.answer


class AnyPort(Controller):
    """On whatever port the system gives."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


@contextmanager
def mail_server(box: Mailbox, **more: Any) -> Iterator[int]:
    controller = AnyPort(box, hostname="127.0.0.1", port=0, **more)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def post(port: int, to: str = "office@example.cn", **more: Any) -> Handed:
    form = Mail(**({"host": "127.0.0.1", "security": "none", "sender": "hub@example.cn"} | more), port=port)
    return MailChannel(form).hand_over(UUID(int=7), Content(to, "告知书", "正文", "<p>信</p>"))


def test_a_mail_goes_with_text_and_letter_under_a_message_id_that_does_not_change() -> None:
    box = Mailbox()
    with mail_server(box) as port:
        assert [post(port), post(port)] == [Handed("sent")] * 2
    first, second = (bytes(one.content or b"") for one in box.letters)
    for letter in (first, second):
        assert f"Message-ID: <{UUID(int=7)}@example.cn>".encode() in letter
        assert b"text/html" in letter
    assert box.letters[0].rcpt_tos == ["office@example.cn"]


@pytest.mark.parametrize(
    ("box", "becomes"),
    [
        (Mailbox(answer="451 Greylisted"), Handed("later", "MAIL_451")),
        (Mailbox(answer="554 Refused"), Handed("never", "MAIL_554")),
        (Mailbox(recipient="450 Try later"), Handed("later", "MAIL_RECIPIENT_450")),
        (Mailbox(recipient="550 office@example.cn unknown"), Handed("never", "MAIL_RECIPIENT_550")),
    ],
)
def test_what_a_mail_server_answers_decides_and_only_its_code_is_kept(box: Mailbox, becomes: Handed) -> None:
    with mail_server(box) as port:
        assert post(port) == becomes


def test_a_mail_server_that_is_not_there_is_tried_again() -> None:
    with mail_server(Mailbox()) as port:
        pass
    assert post(port) == Handed("later", "MAIL_ConnectionRefusedError")


def test_an_address_with_a_line_break_is_no_address() -> None:
    assert post(1, to="a@example.cn\nBcc: b@example.cn") == Handed("never", "MAIL_ADDRESS")


def test_mail_goes_over_tls_to_a_server_that_is_trusted_and_logs_in(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    box, logins = Mailbox(), []

    def login(_server: Any, _session: Any, _envelope: Any, _mechanism: Any, data: Any) -> AuthResult:
        logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)

    more = {"security": "starttls", "user": "hub", "ca": certificate}
    with mail_server(box, tls_context=context, require_starttls=True, authenticator=login, auth_required=True) as port:
        assert post(port, password="right", **more) == Handed("sent")
        assert post(port, password="wrong", **more) == Handed("later", "MAIL_LOGIN_535")
        assert post(port, password="right", **(more | {"ca": None})) == Handed("later", "MAIL_SSLCertVerificationError")
    assert len(box.letters) == 1
    assert set(logins) == {(b"hub", b"right"), (b"hub", b"wrong")}


def self_signed(folder: Path) -> tuple[Path, Path]:
    from datetime import UTC
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, private = folder / "server.pem", folder / "server.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


# --- the file of channels


def channels_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "channels.toml"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_channels_are_read_and_no_credential_is_shown(tmp_path: Path) -> None:
    file = channels_file(
        tmp_path,
        '[mail]\nhost = "smtp.example.cn"\nuser = "hub"\npassword = "s3cret"\nsender = "hub@example.cn"\n'
        '[gateway]\nurl = "https://sms.example.cn/m"\ntoken = "t0ken"\n',
    )
    read = read_channels(file)
    assert read.mail is not None
    assert read.mail.security == "tls"
    assert "s3cret" not in repr(read)
    assert "t0ken" not in repr(read)
    assert read_channels(None).gateway is None


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        ("", 0o644, "can be read by others"),
        ('[gateway]\nurl = "http://sms.example.cn/m"\n', 0o600, "reached by https"),
        ('[gateway]\nurl = "https://u:p@sms.example.cn/m"\n', 0o600, "credentials stand in 'token'"),
        ('[mail]\nhost = "mx.example.cn"\nsecurity = "none"\nsender = "a@b.cn"\n', 0o600, "over tls or starttls"),
        ('[mail]\nhost = "mx.example.cn"\nuser = "u"\nsender = "a@b.cn"\n', 0o600, "belong together"),
        ('[mail]\npassword = "s3cret', 0o600, "not valid TOML"),
    ],
)
def test_a_file_that_would_leak_is_refused(tmp_path: Path, text: str, mode: int, says: str) -> None:
    with pytest.raises(DeclarationError, match=says) as refused:
        read_channels(channels_file(tmp_path, text, mode))
    assert "s3cret" not in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="there is no file"):
        read_channels(tmp_path / "none.toml")
