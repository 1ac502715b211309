"""Keys, sealing, keyed pseudonyms.

In charge of every secret of the hub. Direct identifiers rest sealed (authenticated encryption, a random nonce a
value); persons and employers are keyed by keyed pseudonyms, so that any delivery computes the key of a person without
a look-up and the database alone tells nobody who it is. Refuses a key file that others can read.
Touches no database; logs nothing.

A sealed value: ``suite (1 byte) ‖ key id (4 bytes) ‖ nonce (12) ‖ ciphertext ‖ tag (16)``. The context (the table and
the subject) is authenticated with it: a sealed value moved to another row does not open.
A new format takes a new suite byte; old values keep opening.

The algorithms are the functions of GB/T 32907 and 32905 (SM4, SM3) or FIPS 197 and 180 in software; neither is a
certified module. Where one is required, it takes the place of ``Keyring``.
"""

import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Suite = Literal["aes", "sm"]
SUITES: Final[dict[int, Suite]] = {1: "aes", 2: "sm"}
SUITE_BYTES: Final[dict[Suite, int]] = {name: byte for byte, name in SUITES.items()}
HEADER: Final = 5
NONCE: Final = 12
TAG: Final = 16
OVERHEAD: Final = HEADER + NONCE + TAG  # bytes a sealed value is longer than what was sealed


class SealingError(Exception):
    """A value that does not open, or a key file that will not do. Never carries a value."""


def _derive(root: bytes, purpose: str, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=b"hub/" + purpose.encode()).derive(root)


def _seal_sm4(key: bytes, nonce: bytes, plain: bytes, context: bytes) -> bytes:
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(context)
    return encryptor.update(plain) + encryptor.finalize() + encryptor.tag


def _open_sm4(key: bytes, nonce: bytes, sealed: bytes, context: bytes) -> bytes:
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, sealed[-TAG:])).decryptor()
    decryptor.authenticate_additional_data(context)
    return decryptor.update(sealed[:-TAG]) + decryptor.finalize()


def _mac(key: bytes, algorithm: hashes.HashAlgorithm) -> Callable[[bytes], bytes]:
    started = HMAC(key, algorithm)  # copying a started MAC spares the key schedule of every message

    def mac(message: bytes) -> bytes:
        one = started.copy()
        one.update(message)
        return one.finalize()

    return mac


@dataclass(frozen=True)
class Keyring:
    """The keys of one hub.

    ``roots``: key id → 32 secret bytes, from which every key but the signing ones is derived by purpose.
    ``sealing``: the root that seals now; older ones still open. ``pseudonyms``: the root of pseudonyms, which never
    changes, because every stored key rests on it.
    """

    suite: Suite
    roots: dict[str, bytes] = field(repr=False)
    sealing: str
    pseudonyms: str
    log_key: bytes = field(repr=False)
    token_key: bytes = field(repr=False)

    @cached_property
    def _sealers(self) -> dict[tuple[int, bytes], tuple[Callable[..., bytes], Callable[..., bytes]]]:
        made: dict[tuple[int, bytes], tuple[Callable[..., bytes], Callable[..., bytes]]] = {}
        for key_id, root in self.roots.items():
            aes = AESGCM(_derive(root, "seal/aes", 32))
            sm4 = _derive(root, "seal/sm", 16)
            made[1, key_id.encode()] = (aes.encrypt, aes.decrypt)
            made[2, key_id.encode()] = (
                lambda n, p, c, key=sm4: _seal_sm4(key, n, p, c),
                lambda n, s, c, key=sm4: _open_sm4(key, n, s, c),
            )
        return made

    @cached_property
    def _head(self) -> bytes:
        return bytes([SUITE_BYTES[self.suite]]) + self.sealing.encode()

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """``plain`` sealed for ``context`` with the key that seals now."""
        nonce = os.urandom(NONCE)
        head = self._head
        return head + nonce + self._sealers[head[0], head[1:]][0](nonce, plain, context)

    def seal_all(self, plains: Iterable[bytes], contexts: Iterable[bytes]) -> list[bytes]:
        """Many values at once: one call for the nonces, no look-ups inside."""
        head, plains = self._head, list(plains)
        encrypt = self._sealers[head[0], head[1:]][0]
        noise = os.urandom(NONCE * len(plains))
        return [
            head + (nonce := noise[i : i + NONCE]) + encrypt(nonce, plain, context)
            for i, plain, context in zip(range(0, len(noise), NONCE), plains, contexts, strict=True)
        ]

    def conceal(self, plain: bytes, context: bytes) -> bytes:
        """``plain`` sealed so that the same value looks the same in one context, and different in another.

        The nonce is a MAC of context and value: only equal values under equal contexts share one.
        Sealed under the root of pseudonyms, so that what clients hold survives a rotation.
        """
        nonce = self._conceal_mac(len(context).to_bytes(4) + context + plain)[:NONCE]
        head = bytes([SUITE_BYTES[self.suite]]) + self.pseudonyms.encode()
        return head + nonce + self._sealers[head[0], head[1:]][0](nonce, plain, context)

    @cached_property
    def _conceal_mac(self) -> Callable[[bytes], bytes]:
        return self.mac("conceal")

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """What was sealed. SealingError: another key, another context, or altered bytes."""
        try:
            unseal = self._sealers[sealed[0], sealed[1:HEADER]][1]
            return unseal(sealed[HEADER : HEADER + NONCE], sealed[HEADER + NONCE :], context)
        except (KeyError, IndexError, InvalidTag, ValueError):
            raise SealingError("a sealed value does not open: wrong key, wrong place, or altered") from None

    def key_id(self, sealed: bytes) -> str:
        """The id of the key that sealed a value: which rows a rotation has still to reach."""
        return sealed[1:HEADER].decode()

    def mac(self, purpose: str) -> Callable[[bytes], bytes]:
        """A keyed 32-byte digest for one purpose (pseudonyms, change detection, cursors). Stable for a hub's life."""
        return _mac(self.mac_key(purpose).encode(), hashes.SHA256() if self.suite == "aes" else hashes.SM3())

    def mac_key(self, purpose: str) -> str:
        """The key of ``mac``, for those who compute it over whole columns: 256 bits as text, a block of the hash."""
        return _derive(self.roots[self.pseudonyms], f"mac/{purpose}", 32).hex()

    @cached_property
    def _person_mac(self) -> Callable[[bytes], bytes]:
        return self.mac("person")

    @cached_property
    def _employer_mac(self) -> Callable[[bytes], bytes]:
        return self.mac("employer")

    def person_key(self, document: str) -> UUID:
        """The key of the person whose canonical document (``hub.terms.canonical_document``) this is."""
        return uuid8(self._person_mac(document.encode()))

    def employer_key(self, number: str) -> UUID:
        """The key of the employer: of its USCC, or ``<kind>:<number>`` where it has none."""
        return uuid8(self._employer_mac(number.encode()))

    @cached_property
    def log_signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.log_key)

    @cached_property
    def delivery_signer(self) -> Ed25519PrivateKey:
        """Signs the manifests of deliveries out. Of the root of pseudonyms, so that it stands through a rotation."""
        return Ed25519PrivateKey.from_private_bytes(_derive(self.roots[self.pseudonyms], "sign/delivery", 32))

    @cached_property
    def token_signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.token_key)


def uuid8(digest: bytes) -> UUID:
    """The first 128 bits of a digest as a UUID of version 8. Source: RFC 9562 §5.8."""
    number = int.from_bytes(digest[:16])
    number = number & ~(0xF << 76) | (8 << 76)
    return UUID(int=number & ~(0x3 << 62) | (2 << 62))


def new_keyring(suite: Suite = "aes") -> Keyring:
    """Fresh keys."""
    key_id = secrets.token_hex(2)
    return Keyring(
        suite=suite,
        roots={key_id: secrets.token_bytes(32)},
        sealing=key_id,
        pseudonyms=key_id,
        log_key=secrets.token_bytes(32),
        token_key=secrets.token_bytes(32),
    )


def rotated(keyring: Keyring) -> Keyring:
    """The same keys, and a new root that seals from now on. Pseudonyms stay."""
    key_id = secrets.token_hex(2)
    while key_id in keyring.roots:
        key_id = secrets.token_hex(2)
    return Keyring(
        suite=keyring.suite,
        roots={**keyring.roots, key_id: secrets.token_bytes(32)},
        sealing=key_id,
        pseudonyms=keyring.pseudonyms,
        log_key=keyring.log_key,
        token_key=keyring.token_key,
    )


FORMAT: Final = "hub-keys/1"


def write_keyring(keyring: Keyring, path: Path, *, replace: bool = False) -> None:
    """Write the key file, mode 0600. SealingError: it is there already and ``replace`` is not said."""
    content = {
        "format": FORMAT,
        "suite": keyring.suite,
        "roots": {key_id: b64encode(root).decode() for key_id, root in keyring.roots.items()},
        "sealing": keyring.sealing,
        "pseudonyms": keyring.pseudonyms,
        "log_key": b64encode(keyring.log_key).decode(),
        "token_key": b64encode(keyring.token_key).decode(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not replace:
        raise SealingError(f"{path} is there already. Without its keys nothing that is stored can be read: keep it.")
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def read_keyring(path: Path) -> Keyring:
    """The keys of ``path``. SealingError: missing, readable by others, or not a key file."""
    if not path.exists():
        raise SealingError(
            f"No key file at {path}. Put your copy back: without it nothing stored can be read. "
            "Only for a new, empty database: hub keys init"
        )
    if path.stat().st_mode & 0o077:
        raise SealingError(f"{path} can be read by others. Close it with: chmod 600 {path}")
    try:
        content = json.loads(path.read_text())
        if content["format"] != FORMAT:
            raise SealingError(f"{path} is not a key file of this hub ({FORMAT})")
        return Keyring(
            suite=content["suite"],
            roots={key_id: b64decode(root) for key_id, root in content["roots"].items()},
            sealing=content["sealing"],
            pseudonyms=content["pseudonyms"],
            log_key=b64decode(content["log_key"]),
            token_key=b64decode(content["token_key"]),
        )
    except (ValueError, KeyError, TypeError):
        raise SealingError(f"{path} is not a key file of this hub ({FORMAT})") from None


def fingerprint(keyring: Keyring) -> str:
    """Short text that tells two key files apart without telling a key."""
    return sha256(b"hub/fingerprint" + keyring.roots[keyring.pseudonyms]).hexdigest()[:12]
