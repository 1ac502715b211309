"""Signed notes and checkpoints: how the log says, over its signature, what its tree is.

In charge of the text forms and of Ed25519; pure, no database. Refuses by `NoteInvalid` any text that is not exactly in
the form or not signed by the key asked for; a signature of another key beside it (a witness, an older key) is passed
over.

A checkpoint is a note of three lines, and anyone with the `vkey` can check it with any C2SP tool:

    hub.example/audit
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — hub.example/audit Az3grlgt…

Source: c2sp.org/signed-note, c2sp.org/tlog-checkpoint.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
HASH = 32
NOTE_LIMIT = 64 * 1024


class NoteInvalid(ValueError):  # noqa: N818 -- says what is the case
    """Not in the form, or not signed by the key asked for."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key and the name it signs under."""

    name: str
    key: bytes

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + ED25519 + self.key).digest()[:4]

    @property
    def vkey(self) -> str:
        """The public text form, `name+hexid+base64`: what is given to whoever should be able to verify."""
        return f"{self.name}+{self.key_id.hex()}+{encode(ED25519 + self.key)}"


class Signer:
    """The log's signing key and its name, which is also the origin of its checkpoints."""

    __slots__ = ("_key", "verifier")

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        if not is_name(name):
            raise NoteInvalid(f"a key name holds no space and no plus sign: {name!r}")
        self._key = key
        self.verifier = Verifier(name, key.public_key().public_bytes_raw())

    @property
    def name(self) -> str:
        return self.verifier.name

    @property
    def vkey(self) -> str:
        return self.verifier.vkey

    def signature(self, text: str) -> str:
        """base64 of key id and signature, as it stands in a signature line."""
        return encode(self.verifier.key_id + self._key.sign(text.encode()))

    def sign(self, text: str) -> str:
        """The signed note of a text, which must end in a newline."""
        if not text.endswith("\n") or any(char < " " and char != "\n" for char in text):
            raise NoteInvalid("a note ends in a newline and holds no other control character")
        return f"{text}\n— {self.name} {self.signature(text)}\n"


def read_vkey(vkey: str) -> Verifier:
    name, _, rest = vkey.strip().partition("+")
    key_id, _, key = rest.partition("+")
    raw = decode(key, 1 + HASH)
    if not is_name(name) or raw[:1] != ED25519:
        raise NoteInvalid("not the public key of an Ed25519 note signer (name+hexid+base64)")
    verifier = Verifier(name, raw[1:])
    if verifier.key_id.hex() != key_id:
        raise NoteInvalid(f"the key id {key_id!r} does not belong to the key: it was damaged or mixed up")
    return verifier


def verify_signature(text: str, signature: str, verifier: Verifier) -> None:
    """`NoteInvalid` unless `signature` (base64 of key id and signature) is the key's over the text."""
    raw = decode(signature, 4 + 64)
    if raw[:4] != verifier.key_id:
        raise NoteInvalid(f"signed by another key than {verifier.name}+{verifier.key_id.hex()}")
    try:
        Ed25519PublicKey.from_public_bytes(verifier.key).verify(raw[4:], text.encode())
    except InvalidSignature:
        raise NoteInvalid(f"the signature is not of {verifier.name}") from None


def verify_note(note: str, verifier: Verifier) -> str:
    """The text of a note signed by the key."""
    if len(note) > NOTE_LIMIT:
        raise NoteInvalid(f"a note of more than {NOTE_LIMIT} characters")
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n") or any(char < " " and char != "\n" for char in note):
        raise NoteInvalid("not a signed note: text, an empty line, signature lines")
    text += "\n"
    signed = False
    for line in signatures[:-1].split("\n"):
        dash, name, signature, *more = [*line.split(" "), "", ""]
        if dash != "—" or not is_name(name) or any(more):
            raise NoteInvalid("not a signature line: — name base64")
        raw = decode(signature)
        if name == verifier.name and raw[:4] == verifier.key_id:
            verify_signature(text, signature, verifier)
            signed = True
    if not signed:
        raise NoteInvalid(f"not signed by {verifier.name}+{verifier.key_id.hex()}")
    return text


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tree at one size. `origin` names the log; `root` is 32 bytes."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{encode(self.root)}\n"


def sign_checkpoint(size: int, root: bytes, signer: Signer) -> str:
    return signer.sign(Checkpoint(signer.name, size, root).text())


def read_checkpoint(note: str, verifier: Verifier) -> Checkpoint:
    """The checkpoint of a note signed by the log; the origin must be the log's own."""
    lines = verify_note(note, verifier).split("\n")
    if len(lines) < 4 or not all(lines[:-1]):
        raise NoteInvalid("not a checkpoint: origin, size, root")
    origin, size, root = lines[:3]
    if origin != verifier.name:
        raise NoteInvalid(f"a checkpoint of another log: {origin!r}, not {verifier.name!r}")
    if not (size.isascii() and size.isdigit()) or size != str(int(size[:20])):
        raise NoteInvalid(f"not a tree size: {size[:20]!r}")
    return Checkpoint(origin, int(size), decode(root, HASH))


def is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(char.isspace() or char < " " for char in name)


def encode(raw: bytes) -> str:
    return b64encode(raw).decode()


def decode(text: str, length: int | None = None) -> bytes:
    """The bytes of a base64 text that has exactly one spelling."""
    try:
        raw = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise NoteInvalid("not base64") from None
    if encode(raw) != text or (length is not None and len(raw) != length):
        raise NoteInvalid("not base64 of the expected length")
    return raw
