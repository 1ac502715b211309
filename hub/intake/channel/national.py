"""The national platform's signing (国家数据共享交换平台): a secret fetched first, then a signature a call.

``gjgxjhpt_sign`` = Base64(HMAC-SHA256(secret, sid ‖ rid ‖ rtime)), rtime in milliseconds. The secret comes from a call
signed in the same way with the app key; it is encrypted under that key by AES, and short-lived. Nothing official that
could be had says in which mode: AES-ECB with PKCS #7 is what published clients do, and the default; a deployment whose
platform says otherwise sets ``cipher``. In charge of secrets and signatures; sends nothing, touches no database.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC
from hashlib import sha256
from hmac import digest
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from hub.errors import IntakeError

from .answer import at, read_json
from .form import National

PREFIX = "gjgxjhpt_"
EARLY = 5.0  # seconds before its end at which a secret is no longer used


def signed(source: National, secret: bytes, now: float) -> dict[str, str]:
    """What a call carries, at ``now`` (seconds since 1970)."""
    rtime = str(int(now * 1000))
    sign = b64encode(digest(secret, (source.sid + source.rid + rtime).encode(), sha256)).decode()
    said = {"rid": source.rid, "sid": source.sid, "rtime": rtime, "sign": sign}
    return {PREFIX + name: value for name, value in said.items()}


class Secret:
    """The secret of one service, fetched when it is needed and when it has ended."""

    def __init__(self, source: National, fetch: Callable[[dict[str, str]], bytes], clock: Callable[[], float]) -> None:
        """``fetch``: sends the signed call for the secret and gives the body of the answer."""
        self._source, self._fetch, self._clock = source, fetch, clock
        self._secret: bytes | None = None
        self._ends = 0.0

    def forget(self) -> None:
        """It was not accepted."""
        self._secret = None

    def sign(self) -> dict[str, str]:
        if self._secret is None or self._clock() >= self._ends - EARLY:
            app_key = self._source.app_key.get_secret_value().encode()
            body = self._fetch(signed(self._source, app_key, self._clock()))
            self._secret, self._ends = _opened(read_json(body, "utf-8"), self._source)
        return signed(self._source, self._secret, self._clock())


def _opened(document: Any, source: National) -> tuple[bytes, float]:
    """The secret of an answer, and when it ends."""
    if str(at(document, "code")) != "0":
        raise IntakeError(
            "INTAKE_CHANNEL", "the platform gives no secret", f"its code is {short(at(document, 'code'))}",
            "check rid, sid, app_key and that this machine's address is on the platform's list",
        )  # fmt: skip
    sealed, ends = at(document, "data.secret"), at(document, "data.secretEndTime")
    try:
        secret = decrypted(b64decode(str(sealed), validate=True), source)
    except (ValueError, binascii.Error):
        raise IntakeError(
            "INTAKE_CHANNEL", "the platform's secret does not open with the app key", f"AES-{source.cipher.upper()}",
            "check app_key, app_key_form and cipher",
        ) from None  # fmt: skip
    text = str(ends)
    if text.isascii() and text.isdigit():
        return secret, int(text) / (1000 if len(text) > 10 else 1)
    return secret, float("inf")  # its end is told in no form that is known: it is used until it is refused


def decrypted(sealed: bytes, source: National) -> bytes:
    """ValueError: another key, another mode, or altered."""
    text = source.app_key.get_secret_value()
    readers: dict[str, Callable[[str], bytes]] = {"text": str.encode, "base64": b64decode, "hex": bytes.fromhex}
    iv = source.iv.get_secret_value().encode() if source.iv else b""
    mode = modes.CBC(iv) if iv else modes.ECB()  # noqa: S305 - the platform's choice, not ours
    opener = Cipher(algorithms.AES(readers[source.app_key_form](text)), mode).decryptor()
    unpadder = PKCS7(128).unpadder()
    return unpadder.update(opener.update(sealed) + opener.finalize()) + unpadder.finalize()


def short(code: Any) -> str:
    """A service's code as it may be quoted."""
    text = str(code)
    return text if text.isascii() and len(text) <= 12 and text.replace("-", "").replace("_", "").isalnum() else "…"


def skewed(date_header: str | None, now: float) -> float:
    """By how many seconds this machine's clock is ahead of a service's, as far as its Date header tells."""
    from email.utils import parsedate_to_datetime

    try:
        there = parsedate_to_datetime(date_header or "")
    except (TypeError, ValueError):
        return 0.0
    return now - (there if there.tzinfo else there.replace(tzinfo=UTC)).timestamp()
