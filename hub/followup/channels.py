"""The ways out that a deployment has: the file that ``HUB_CHANNELS`` names, with its credentials (mode 0600).

In charge of its form. Refuses a file that others can read, and a connection in the clear to another machine::

    [mail]
    host = "smtp.example.cn"
    security = "tls"                # or "starttls"; "none" only on this machine
    user = "…"
    password = "…"
    sender = "hub@example.cn"
    per_minute = 60

    [gateway]
    url = "https://sms.example.cn/messages"
    token = "…"
    per_minute = 300
"""

import re
import ssl
import tomllib
from pathlib import Path
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from hub.declaration import Form, form_of
from hub.errors import DeclarationError

HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
PORTS: Final = {"tls": 465, "starttls": 587, "none": 25}


class Mail(Form):
    """A mail server. ``sender``: the address that letters come from."""

    host: str
    port: int = 0  # unset: the usual one of its security
    security: Literal["tls", "starttls", "none"] = "tls"
    user: str | None = None
    password: SecretStr | None = None
    sender: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    ca: Path | None = None  # certificates to trust; unset: those of the system
    seconds: float = Field(30, gt=0, le=120)
    per_minute: int = Field(60, gt=0)

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.security == "none" and self.host not in HERE:
            raise ValueError("mail to another machine goes over tls or starttls")
        if (self.user is None) != (self.password is None):
            raise ValueError("'user' and 'password' belong together")
        return self


class Gateway(Form):
    """A message gateway over HTTP: one POST a message, see ``gateway.py``."""

    url: str
    token: SecretStr | None = None
    ca: Path | None = None
    seconds: float = Field(30, gt=0, le=120)  # without a byte
    call_seconds: float = Field(60, gt=0, le=300)  # for one answer in all: less than a message is leased for
    per_minute: int = Field(300, gt=0)

    @field_validator("url")
    @classmethod
    def _safe(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in HERE):
            raise ValueError("a gateway on another machine is reached by https")
        if parts.username or parts.password:
            raise ValueError("credentials stand in 'token', not in the address")
        return url


class Channels(Form):
    """What there is; either may be missing."""

    mail: Mail | None = None
    gateway: Gateway | None = None


def read_channels(file: Path | None) -> Channels:
    """The ways out of a deployment; none where no file is set. DeclarationError: readable by others, or not right."""
    if file is None:
        return Channels()
    if not file.is_file():
        raise DeclarationError("DECLARATION_CHANNELS", f"there is no file {file}", "", "HUB_CHANNELS names it")
    if file.stat().st_mode & 0o077:
        raise DeclarationError(
            "DECLARATION_CHANNELS", f"{file} can be read by others, and holds credentials", "", f"chmod 600 {file}"
        )
    try:
        content: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:  # its words may quote what stands there
        at = re.search(r"at line \d+, column \d+", str(error))
        raise DeclarationError("DECLARATION_SYNTAX", f"{file} is not valid TOML", at[0] if at else "") from None
    return form_of(Channels, content, file)


def trusted(ca: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=None if ca is None else str(ca))
