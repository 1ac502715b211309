"""The form of the file of sources: from where each delivery is fetched, and with which credentials.

That is the deployment's matter: one TOML file outside the project (``HUB_SOURCES``), one table a delivery. Refuses a
file that others can read, unknown keys and incomplete tables, quoting no value of them. Touches no database.
"""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, model_validator
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from hub.declaration import Form, form_of
from hub.errors import DeclarationError
from hub.intake.connector import Operation

Scalar = int | str


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("no such time zone (written as Asia/Shanghai)") from None
    return name


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or parts.query:
        raise ValueError("written http(s)://host/path; credentials and parameters have keys of their own")
    return url


def _database(url: SecretStr) -> SecretStr:
    try:
        make_url(url.get_secret_value())
    except ArgumentError:
        raise ValueError("written dialect+driver://user:password@host:port/database") from None
    return url


Zone = Annotated[str, AfterValidator(_zone)]
Address = Annotated[str, AfterValidator(_address)]


class Switch(Form):
    """The exchange switch: only rows with one of these values are fetched."""

    column: str
    on: list[Scalar] = Field(min_length=1)


class Processed(Form):
    """The processing state, written back after the batch is committed."""

    column: str
    loaded: Scalar
    rejected: Scalar | None = None  # unset: a rejected row keeps its state


class Database(Form):
    """A table of a front-end database."""

    kind: Literal["database"]
    url: Annotated[SecretStr, AfterValidator(_database)]
    table: str
    schema_: str | None = Field(None, alias="schema")
    mode: Literal["incremental", "snapshot"]
    columns: dict[str, str] = Field(default_factory=dict)  # column of the table → header that the connector knows
    ignored: tuple[str, ...] = ()  # further columns of the table that are no data of the delivery
    key: tuple[str, ...] = ()  # columns that tell the rows apart
    written: str | None = None  # the column that says when a row was written
    written_format: str | None = None  # of a write time that is text, as strptime has it; sorts like the time
    time_zone: Zone = "Asia/Shanghai"  # of times without one
    overlap_hours: float = Field(24, ge=0)  # how much longer than its write time a row may take to be committed
    operation: Operation | None = None
    switch: Switch | None = None
    processed: Processed | None = None
    page_rows: int = Field(5_000, gt=0, le=100_000)
    seconds: int = Field(60, gt=0)  # for connecting, and for one statement

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.mode == "incremental" and not (self.key and self.written):
            raise ValueError("an incremental source says 'key' and 'written'")
        if self.processed and not self.key:
            raise ValueError("'processed' needs 'key'")
        return self


class Pages(Form):
    """Pages by number, asked for until all of ``total`` are there, or, where nobody tells it, until one is empty."""

    kind: Literal["pages"]
    page: str = "pageNum"
    size: str = "pageSize"
    rows: int = Field(500, gt=0)
    first: int = 1


class Cursor(Form):
    """Pages of which each says how to ask for the next; the last says nothing."""

    kind: Literal["cursor"]
    parameter: str = "cursor"
    next: str = "next"


class Since(Form):
    """Parameters that ask only for what changed between two times."""

    from_: str = Field(alias="from")
    until: str | None = None
    format: str = "%Y-%m-%d"
    start: date  # from when on the first time
    overlap_hours: float = Field(24, ge=0)
    time_zone: Zone = "Asia/Shanghai"


class Success(Form):
    path: str = "code"
    values: tuple[str, ...] = ("0",)


class Bearer(Form):
    kind: Literal["bearer"]
    token: SecretStr


class ClientCredentials(Form):
    """A token fetched by OAuth 2.0 client credentials. Source: RFC 6749 §4.4."""

    kind: Literal["client_credentials"]
    token_url: Address
    client_id: str
    client_secret: SecretStr
    scope: str | None = None


class National(Form):
    """The national platform's signing. The cipher of the secret is not published: the default is what clients do."""

    kind: Literal["national"]
    rid: str  # gjgxjhpt_rid, the requester
    sid: str  # gjgxjhpt_sid, the service
    app_key: SecretStr
    secret_url: Address
    app_key_form: Literal["text", "base64", "hex"] = "text"  # of the app key, where it is the AES key
    cipher: Literal["ecb", "cbc"] = "ecb"
    iv: SecretStr | None = None  # cbc: sixteen characters
    place: Literal["headers", "parameters"] = "headers"
    refused_codes: tuple[str, ...] = ("-1", "E-106")  # the secret has expired, or is not accepted

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.cipher == "cbc") != (self.iv is not None):
            raise ValueError("'iv' belongs to the cipher cbc")
        return self


Auth = Annotated[Bearer | ClientCredentials | National, Field(discriminator="kind")]
Paging = Annotated[Pages | Cursor, Field(discriminator="kind")]


class Service(Form):
    """What every service over HTTP has."""

    url: Address
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    parameters: dict[str, str] = Field(default_factory=dict)
    auth: Auth | None = None
    paging: Paging | None = None
    since: Since | None = None
    success: Success | None = None
    columns: dict[str, str] = Field(default_factory=dict)  # name in the answer → header that the connector knows
    ignored: tuple[str, ...] = ()  # further names in the answer that are no data of the delivery
    operation: Operation | None = None
    total: str | None = None  # path of the number of rows in all
    unique: bool = True  # no two rows are the same word for word: one that comes again tells that pages have shifted
    ca: Path | None = None  # certificates to trust; unset: those of the system
    seconds: float = Field(60, gt=0)  # without a byte
    call_seconds: float = Field(600, gt=0)  # for one answer in all
    page_bytes: int = Field(32 << 20, gt=0)
    attempts: int = Field(5, ge=1)
    wait_seconds: float = Field(1, gt=0)  # before the second attempt; twice as long before each further one
    longest_wait: float = Field(300, gt=0)


class Http(Service):
    """A service that answers with JSON."""

    kind: Literal["http"]
    method: Literal["GET", "POST"] = "GET"
    body: Literal["form", "json"] = "json"  # POST: how parameters are sent
    records: str = "data"  # path of the list of rows
    encoding: str = "utf-8"


class Soap(Service):
    """An older service: an XML envelope in, XML out. ``{name}`` in the envelope stands for the parameter."""

    kind: Literal["soap"]
    action: str = ""
    envelope: str
    records: str  # path of the elements that are rows, by local names
    inner: str | None = None  # path of an element whose text is the document proper
    encoding: str = "gbk"


Source = Database | Http | Soap
KINDS: dict[str, type[Source]] = {"database": Database, "http": Http, "soap": Soap}


def read_sources(file: Path | None) -> dict[str, Source]:
    """The sources of a deployment, by delivery. DeclarationError: no file, readable by others, or not right."""
    if file is None:
        raise DeclarationError("DECLARATION_SOURCES", "no file of sources is set", "", "name it by HUB_SOURCES")
    if not file.is_file():
        raise DeclarationError("DECLARATION_SOURCES", f"there is no file {file}", "", "HUB_SOURCES names it")
    if file.stat().st_mode & 0o077:
        raise DeclarationError(
            "DECLARATION_SOURCES", f"{file} can be read by others, and holds credentials", "", f"chmod 600 {file}"
        )
    try:
        content: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:  # its words may quote what stands there
        at = re.search(r"at line \d+, column \d+", str(error))
        raise DeclarationError("DECLARATION_SYNTAX", f"{file} is not valid TOML", at[0] if at else "") from None
    return {name: _source(name, table, file) for name, table in content.items()}


def _source(name: str, table: Any, file: Path) -> Source:
    where = f'{file} ["{name}"]'
    kind = table.get("kind") if isinstance(table, dict) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise DeclarationError("DECLARATION_INVALID", f"{where} is not right", f"'kind' is one of {', '.join(KINDS)}")
    return form_of(KINDS[kind], table, where)


def shown(source: Database | Service) -> str:
    """Where a source is, without credentials, users and parameters."""
    if isinstance(source, Database):
        url = make_url(source.url.get_secret_value())
        place = f"{url.host or 'localhost'}{f':{url.port}' if url.port else ''}/{url.database or ''}"
        return f"{url.get_backend_name()}://{place} {source.table}"
    parts = urlsplit(source.url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"
