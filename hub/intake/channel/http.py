"""HTTP services: asked page by page, with retries, under a token or the national platform's signing.

In charge of one call (sizes, time-outs, what is tried again) and of the pages of one fetch, each kept in the spool with
what is asked next, so that a fetch that breaks off goes on at the next page. Refuses answers that are too large, cut
off, or that show that the list changed while it was read. Tried again, with growing waits: time-outs, connections that
break, half pages, 429 and 5xx; nothing else. Touches no database. Messages, and what the HTTP library logs, hold no
credential and no value of a row.
"""

import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic, time
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import stamina

from hub.errors import IntakeError
from hub.intake.batch import Progress
from hub.intake.connector import Connector, names
from hub.intake.extract.header import declared, normal

from .answer import Answer, HalfPageError, at, json_answer, read_json, succeeded
from .form import Bearer, ClientCredentials, Cursor, Http, National, Pages, Service, Soap, shown
from .national import Secret, short, skewed
from .rows import Lines
from .soap import envelope, soap_answer
from .spool import Spool

SKEW = 60.0  # seconds by which clocks may differ
for _noisy in ("httpx", "httpcore"):  # they log addresses with their parameters, and headers with their tokens
    logging.getLogger(_noisy).setLevel(logging.WARNING)


class _AgainError(Exception):
    """Worth another attempt. ``wait``: seconds the service asks for; None as usual."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.why, self.wait = why, wait


class _ExpiredError(Exception):
    """The token or the secret is not accepted."""


@dataclass(slots=True)
class Caller:
    """Calls one service."""

    source: Http | Soap
    client: httpx.Client
    token: str | None = None
    secret: Secret | None = None
    skew: float = 0.0

    @classmethod
    @contextmanager
    def of(cls, source: Http | Soap) -> Iterator["Caller"]:
        trusted = ssl.create_default_context(cafile=str(source.ca) if source.ca else None)
        limits = httpx.Timeout(source.seconds)
        # Proxies and passwords of the environment are not this source's; a redirect would carry credentials elsewhere.
        with httpx.Client(timeout=limits, verify=trusted, trust_env=False, follow_redirects=False) as client:
            caller = cls(source, client)
            if isinstance(source.auth, National):
                caller.secret = Secret(source.auth, caller._secret, time)
            yield caller

    def ask(self, parameters: Mapping[str, str]) -> Answer:
        """One answer, after as many attempts as it takes and is allowed. IntakeError: there is none."""
        source = self.source
        try:
            for attempt in stamina.retry_context(
                on=_backoff, attempts=source.attempts, timeout=None, wait_initial=source.wait_seconds,
                wait_jitter=source.wait_seconds, wait_max=source.longest_wait,
            ):  # fmt: skip
                with attempt:
                    try:
                        return self._once(parameters)
                    except _ExpiredError:
                        self._renew()
                    return self._once(parameters)
        except _ExpiredError as refused:
            raise self._unauthorized(str(refused)) from None
        except _AgainError as last:
            raise IntakeError(
                "INTAKE_CHANNEL", f"the service does not answer: {last.why}",
                f"{shown(source)}, tried {source.attempts} times", "what was fetched is kept; fetch again to go on",
            ) from None  # fmt: skip
        raise AssertionError("an attempt returns or raises")

    def _renew(self) -> None:
        """Have the next call fetch its token or secret anew."""
        self.token = None
        if self.secret:
            self.secret.forget()

    def _unauthorized(self, code: str) -> IntakeError:
        return IntakeError(
            "INTAKE_CHANNEL", f"the service does not accept the credentials ({code})", shown(self.source), self._check()
        )

    def _check(self) -> str:
        if abs(self.skew) > SKEW:
            return f"set the clock: this machine's is {_apart(self.skew)} the service's"
        return "check the credentials, and that this machine's address is on the list"

    def _once(self, parameters: Mapping[str, str]) -> Answer:
        source = self.source
        said, headers = {**source.parameters, **parameters}, self._headers()
        if isinstance(source.auth, National) and self.secret:
            try:
                signature = self.secret.sign()
            except HalfPageError:
                raise _AgainError("its answer with the secret is cut off") from None
            except IntakeError as refused:
                raise replace(refused, hint=self._check()) if abs(self.skew) > SKEW else refused from None
            if isinstance(source, Soap):
                said |= {name.removeprefix("gjgxjhpt_"): text for name, text in signature.items()}
            (said if source.auth.place == "parameters" else headers).update(signature)
        elif source.auth is not None:
            headers["Authorization"] = f"Bearer {self._token()}"
        try:
            if isinstance(source, Soap):
                headers |= {"Content-Type": f"text/xml; charset={source.encoding}", "SOAPAction": f'"{source.action}"'}
                body = self._send("POST", source.url, envelope(source, said), headers)
                answer = soap_answer(body, source)
            else:
                answer = json_answer(self._sent(source, said, headers), source)
        except HalfPageError:
            raise _AgainError("its answer is cut off, or no document") from None
        if isinstance(source.auth, National) and answer.code in source.auth.refused_codes:
            raise _ExpiredError(f"code {short(answer.code)}")
        if not succeeded(answer.code, source):
            raise IntakeError(
                "INTAKE_CHANNEL",
                f"the service answers with code {short(answer.code)}",
                shown(source),
                "ask its operator",
            )
        return answer

    def _sent(self, source: Http, said: Mapping[str, str], headers: dict[str, str]) -> bytes:
        if source.method == "GET":
            return self._send("GET", source.url, None, headers, parameters=said)
        if source.body == "form":
            return self._send("POST", source.url, said, headers)
        return self._send("POST", source.url, None, headers, json=said)

    def _secret(self, said: dict[str, str]) -> bytes:
        """The answer to the signed call for a secret."""
        match self.source.auth:
            case National(place="parameters", secret_url=address):
                return self._send("GET", address, None, {}, parameters=said)
            case National(secret_url=address):
                return self._send("GET", address, None, said)
        raise AssertionError("only the platform has secrets")

    def _headers(self) -> dict[str, str]:
        return {name: value.get_secret_value() for name, value in self.source.headers.items()}

    def _token(self) -> str:
        auth = self.source.auth
        if isinstance(auth, Bearer):
            return auth.token.get_secret_value()
        if self.token is None and isinstance(auth, ClientCredentials):
            form = {
                "grant_type": "client_credentials", "client_id": auth.client_id,
                "client_secret": auth.client_secret.get_secret_value(), **({"scope": auth.scope} if auth.scope else {}),
            }  # fmt: skip
            try:
                found = at(read_json(self._send("POST", auth.token_url, form, {}), "utf-8"), "access_token")
            except HalfPageError:
                raise _AgainError("the answer of its token service is cut off") from None
            if not isinstance(found, str) or not found:
                raise IntakeError("INTAKE_CHANNEL", "the token service gives no token", shown(self.source))
            self.token = str(found)
        return self.token or ""

    def _send(
        self,
        method: str,
        url: str,
        content: bytes | Mapping[str, str] | None,
        headers: Mapping[str, str],
        *,
        parameters: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> bytes:
        """The body of one answer of status 200."""
        plain, form = (content, None) if isinstance(content, bytes | None) else (None, dict(content))
        try:
            with self.client.stream(
                method, url, content=plain, data=form, json=json, params=parameters, headers=headers
            ) as answer:
                self.skew = skewed(answer.headers.get("date"), time())
                self._judge(answer)
                return self._body(answer)
        except httpx.TimeoutException:
            raise _AgainError("no answer in time") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _AgainError(f"the connection broke ({type(error).__name__})") from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise IntakeError("INTAKE_CHANNEL", "the service cannot be asked", type(error).__name__) from None

    def _judge(self, answer: httpx.Response) -> None:
        status = answer.status_code
        if status == httpx.codes.OK:
            return
        if status == httpx.codes.UNAUTHORIZED and isinstance(self.source.auth, ClientCredentials | National):
            raise _ExpiredError("status 401")
        if status == httpx.codes.UNAUTHORIZED:
            raise self._unauthorized("status 401")
        if status == httpx.codes.TOO_MANY_REQUESTS or status >= 500:
            wait = _retry_after(answer.headers.get("retry-after"))
            if wait is not None and wait > self.source.longest_wait:
                raise IntakeError(
                    "INTAKE_CHANNEL", f"the service asks to come back in {wait:.0f} seconds", shown(self.source),
                    "what was fetched is kept; fetch again then",
                )  # fmt: skip
            raise _AgainError(f"status {status}", wait)
        raise IntakeError(
            "INTAKE_CHANNEL", f"the service answers with status {status}", shown(self.source), "see the file of sources"
        )

    def _body(self, answer: httpx.Response) -> bytes:
        body, until = bytearray(), monotonic() + self.source.call_seconds
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > self.source.page_bytes:
                raise IntakeError(
                    "INTAKE_CHANNEL", f"an answer is larger than {self.source.page_bytes:,} bytes", shown(self.source),
                    "ask for smaller pages, or raise page_bytes",
                )  # fmt: skip
            if monotonic() > until:
                raise _AgainError("no whole answer in time")
        return bytes(body)


def _backoff(error: Exception) -> bool | float:
    if not isinstance(error, _AgainError):
        return False
    return True if error.wait is None else error.wait


def _retry_after(said: str | None) -> float | None:
    """Seconds, from seconds or from a date."""
    if said is None:
        return None
    if said.strip().isdigit():
        return float(said)
    try:
        return max(parsedate_to_datetime(said).timestamp() - time(), 0.0)
    except (TypeError, ValueError):
        return None


def _apart(skew: float) -> str:
    return f"{abs(skew):.0f} seconds {'ahead of' if skew > 0 else 'behind'}"


def lines_of(source: Service, connector: Connector) -> Lines:
    zone = ZoneInfo(source.since.time_zone if source.since else "Asia/Shanghai")
    return Lines(connector, source.columns, source.operation, ordered=False, zone=zone)


def aside(source: Service, lines: Lines) -> frozenset[str]:
    """Names in the answers that are no data: those the source leaves out, and what only says what a row does."""
    known = declared(lines.connector)
    control = names(source.operation.from_) if source.operation else []
    return frozenset(one for one in (*source.ignored, *control) if normal(lines.header(one))[0] not in known)


def pages(source: Http | Soap, connector: Connector, spool: Spool, progress: Progress) -> None:
    """Every page from where the spool stands."""
    lines, state = lines_of(source, connector), spool.state
    left_out = aside(source, lines)
    before = set(spool.last()) if state.pages else set[bytes]()
    window = _window(source, state.asked, state.since)
    with Caller.of(source) as caller:
        while state.next is not None or not state.pages:
            answer = caller.ask({**window, **_page(source, state.next)})
            rows = [lines.line(row, left_out) for row in answer.rows]
            _refuse_shifted(source, spool, answer, before.intersection(rows))
            spool.append(rows, [], _next(source, spool, answer))
            before = set(rows)
            progress("fetch", state.rows, state.total)
        if abs(caller.skew) > SKEW:
            state.notes.append(f"this machine's clock is {_apart(caller.skew)} the service's")
    spool.finish({"kind": source.kind, "asked": state.asked, **({"until": state.asked} if source.since else {})})


def _page(source: Service, following: Any) -> dict[str, str]:
    """The parameters that ask for a page."""
    match source.paging:
        case Pages(page=page, size=size, rows=rows, first=first):
            return {page: str(first if following is None else following), size: str(rows)}
        case Cursor(parameter=parameter):
            return {} if following is None else {parameter: str(following)}
    return {}


def _next(source: Service, spool: Spool, answer: Answer) -> Any:
    """What is asked after this answer; None where it was the last."""
    state, fetched = spool.state, spool.state.rows + len(answer.rows)
    if isinstance(source.paging, Cursor) and answer.next is not None:
        if answer.next == state.next:
            raise _shifted(source, "the cursor of a page leads to that page")
        return answer.next
    if isinstance(source.paging, Pages) and answer.rows and (state.total is None or fetched < state.total):
        return source.paging.first + state.pages + 1
    if state.total is not None and fetched != state.total:
        raise _shifted(source, f"it tells {state.total} rows in all, and gave {fetched}")
    return None


def _refuse_shifted(source: Service, spool: Spool, answer: Answer, again: set[bytes]) -> None:
    state = spool.state
    if source.total and answer.total is None and not state.pages:
        raise IntakeError("INTAKE_CHANNEL", f"the service tells no number at '{source.total}'", shown(source))
    if not state.pages:
        state.total = answer.total
    elif answer.total is not None and answer.total != state.total:
        raise _shifted(source, f"it told {state.total} rows in all, and then {answer.total}")
    if again and source.unique:
        raise _shifted(source, f"{len(again)} rows of page {state.pages} came again on page {state.pages + 1}")


class ShiftedError(IntakeError):
    """The list changed while it was read: what was fetched of it is of no use."""


def _shifted(source: Service, how: str) -> ShiftedError:
    return ShiftedError(
        "INTAKE_CHANNEL", "the service's list changed while it was read", f"{shown(source)}: {how}",
        "fetch again; where rows may be the same word for word, say unique = false",
    )  # fmt: skip


def _window(source: Service, asked: str, since: Mapping[str, Any] | None) -> dict[str, str]:
    """The parameters that ask for what changed since the position, from some hours before on."""
    window = source.since
    if window is None:
        return {}
    zone = ZoneInfo(window.time_zone)
    until = datetime.fromisoformat(asked).astimezone(zone)
    begin = datetime(window.start.year, window.start.month, window.start.day, tzinfo=zone)
    if since and since.get("until"):
        begin = datetime.fromisoformat(since["until"]).astimezone(zone) - timedelta(hours=window.overlap_hours)
    said = {window.from_: begin.strftime(window.format)}
    return said | ({window.until: until.strftime(window.format)} if window.until else {})


def tried(source: Http | Soap, connector: Connector) -> tuple[set[str], float]:
    """The headers of the first page, and the skew of the clocks."""
    lines = lines_of(source, connector)
    window = _window(source, datetime.now(ZoneInfo("UTC")).isoformat(), None)
    with Caller.of(source) as caller:
        answer = caller.ask({**window, **_page(source, None)})
        left_out = aside(source, lines)
        return {lines.header(name) for row in answer.rows for name in row if name not in left_out}, caller.skew
