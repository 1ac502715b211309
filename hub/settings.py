"""Every setting of the hub, with its meaning and its default.

A setting is read from the environment as ``HUB_<NAME>``; nothing else configures a hub. No secret is a setting:
keys live in the key file (see ``hub/sealing.py``), client secrets as hashes in the database, credentials for
departments' sources in the file that ``HUB_SOURCES`` names.
"""

from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One attribute a setting; `hub settings` prints this table."""

    model_config = SettingsConfigDict(env_prefix="HUB_", extra="ignore", frozen=True)

    data: Path = Field(
        Path(".hub"), description="Folder of the embedded database, the archive of deliveries and the key file."
    )
    database_url: str | None = Field(
        None,
        description="Your own PostgreSQL (15 or newer), as the owner: postgresql://owner@host/db. Unset: the hub's.",
    )
    writer_url: str | None = Field(
        None, description="The same database as the writer. Unset: the owner's URL, in the role hub_writer."
    )
    reader_url: str | None = Field(
        None, description="The same database as the reader. Unset: the owner's URL, in the role hub_reader."
    )
    key_file: Path | None = Field(None, description="The key file. Unset: keys.json in the data folder.")
    sources: Path | None = Field(
        None,
        description="The file of sources that deliveries are fetched from, with their credentials (mode 0600).",
    )
    returns: Path | None = Field(
        None,
        description="Folder of the returns to the national participation store. Unset: returns in the data folder.",
    )
    suite: Literal["aes", "sm"] = Field(
        "aes", description="Cryptography of a new key file: aes (AES-256-GCM, HMAC-SHA256) or sm (SM4-GCM, HMAC-SM3)."
    )
    today: date | None = Field(
        None, description="The day that counts as today, for demonstrations and replays. Unset: the day in China."
    )
    declarations: Path = Field(
        Path(), description="Folder that holds connectors/ and access_policies/ (the project's root by default)."
    )
    parameters: Path | None = Field(
        None,
        description="Folder of the parameter values that the city sets itself. Unset: parameters in the data folder.",
    )
    region: str = Field("371082", description="The division this hub serves (GB/T 2260); chooses regional parameters.")
    url: str = Field(
        "http://127.0.0.1:8000", description="The hub's own address: issuer of tokens, audience of assertions."
    )
    log_origin: str = Field("hub.example/access-log", description="Origin line of the access log's checkpoints (C2SP).")
    checkpoint_seconds: float = Field(
        1.0, description="How often recorded events are integrated and a checkpoint is signed.", gt=0
    )
    token_seconds: int = Field(600, description="Life of an access token.", gt=0, le=3600)
    statement_seconds: float = Field(10.0, description="Longest time one statement of a query may take.", gt=0)
    request_seconds: float = Field(30.0, description="Longest time one request may take, waiting included.", gt=0)
    body_bytes: int = Field(1_000_000, description="Largest body of a GraphQL request.", gt=0)
    push_bytes: int | None = Field(
        None, description="Largest delivery that may be pushed. Unset: as large as the data folder's disk takes.", gt=0
    )
    push_seconds: float = Field(
        50.0, description="How long a push waits for its batch; then it is told where to ask for it.", gt=0
    )
    query_depth: int = Field(12, description="Deepest nesting of fields in a query.", gt=0)
    query_fields: int = Field(
        500, description="Most fields of a query, counted after fragments are put in place.", gt=0
    )
    query_cost: int = Field(
        50_000, description="Most cells an answer may hold, reckoned from the page sizes asked for.", gt=0
    )
    page_size: int = Field(1000, description="Largest page of a connection.", gt=0)
    connections: int = Field(8, description="Database connections of one serving process.", gt=1)

    unpacked_bytes: int = Field(100 << 30, description="Most bytes that the files of one ZIP may unpack to.", gt=0)
    unpacked_ratio: int = Field(200, description="Most times its packed size that a file of a ZIP may unpack to.", gt=0)
    workbook_bytes: int = Field(
        2 << 30, description="Most bytes that a workbook may unpack to: XLSX and XLS are read whole into memory.", gt=0
    )
    signers: Path | None = Field(
        None,
        description="TOML file of the departments' public keys that sign manifests. Unset: nobody's signature holds.",
    )

    office: str | None = Field(
        None, description="The office that signs letters. Unset: the human resources bureau of the hub's region."
    )
    office_mark: str = Field("人社", description="What the numbers of its letters begin with (机关代字).")
    office_contact: str = Field("", description="Where who gets a letter can ask, as letters say it. May be empty.")
    channels: Path | None = Field(
        None,
        description="TOML file of the mail server and the message gateway, with credentials (mode 0600). Unset: none.",
    )
    quiet_from: time = Field(time(20), description="From when in the evening no message is sent, in China.")
    quiet_until: time = Field(time(8), description="Until when in the morning none is sent, in China.")

    @property
    def keys_path(self) -> Path:
        return self.key_file or self.data / "keys.json"

    @property
    def returns_path(self) -> Path:
        return self.returns or self.data / "returns"

    @property
    def parameters_path(self) -> Path:
        return self.parameters or self.data / "parameters"

    @property
    def spool_path(self) -> Path:
        return self.data / "spool"

    @property
    def archive_path(self) -> Path:
        return self.data / "archive"


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
