"""What a department says of its own delivery: period, rows, the digest of each file, and its signature over all of it.

In charge of finding a manifest (given, beside the files as ``<file>.manifest.toml`` or ``.json``, or in a ZIP as
``manifest.toml`` or ``.json``), of its signature (``<manifest>.sig``, base64 or bytes: Ed25519, or SM2 with SM3, over
the manifest's bytes), and of holding the delivery against it. Refuses every mismatch by name, and a delivery without a
signed manifest where the connector asks for one. Touches no database.

Public keys stand in the file ``HUB_SIGNERS``, by the department's folder in ``connectors/``::

    [[civil_affairs]]
    algorithm = "sm2"      # or "ed25519"
    key = "BASE64"         # as in a PEM file, or the point (65 bytes), or the 32 bytes of an Ed25519 key
"""

import json
import re
import tomllib
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from gmalg import SM2
from gmalg.errors import GMError
from pydantic import Field, RootModel, ValidationError, field_validator, model_validator

from hub.declaration import Form, read_form
from hub.errors import DeclarationError, IntakeError
from hub.intake.archive import digest
from hub.intake.connector import Connector
from hub.intake.extract import Delivered, Report, packed
from hub.intake.extract.detect import detect
from hub.settings import settings
from hub.terms import InvalidTerm, month

SUFFIXES: Final = (".manifest.toml", ".manifest.json")
SIGNATURE: Final = ".sig"
LARGEST: Final = 16 << 20  # bytes of a manifest
_FORM: Final = "it says period = '2026-10', and of each of its files 'name' and 'sha256'"
SM2_ID: Final = b"1234567812345678"  # the signer's id where nothing else is agreed. Source: GM/T 0009 Section 10
#: What stands before the key itself in a SubjectPublicKeyInfo.
_SPKI: Final = {
    "ed25519": bytes.fromhex("302a300506032b6570032100"),
    "sm2": bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200"),
}


class Listed(Form):
    """One file as the department delivered it. ``rows``: of data, without titles, totals and deleted ones."""

    name: str
    sha256: str
    rows: int | None = None

    @field_validator("sha256")
    @classmethod
    def _hex(cls, given: str) -> str:
        if not re.fullmatch(r"[0-9a-fA-F]{64}", given):
            raise ValueError("64 hexadecimal figures are a SHA-256")
        return given.lower()


class Manifest(Form):
    """The manifest of one batch. ``rows``: over all its files."""

    delivery: str | None = None
    period: str
    rows: int | None = None
    files: list[Listed] = Field(min_length=1)


class Signer(Form):
    """One public key of a department."""

    algorithm: Literal["ed25519", "sm2"]
    key: str

    @model_validator(mode="after")
    def _a_key(self) -> Self:
        if not self.raw:
            raise ValueError("no key")
        return self

    @property
    def raw(self) -> bytes:
        """The key itself. ValueError: it is none."""
        lines = [line for line in self.key.split("\n") if "-----" not in line]
        raw = b64decode("".join("".join(lines).split()), validate=True).removeprefix(_SPKI[self.algorithm])
        if self.algorithm == "sm2" and not (len(raw) == 65 and raw[0] == 4 and SM2().verify_pk(raw)):
            raise ValueError("no point of the curve of SM2")
        if self.algorithm == "ed25519" and len(raw) != 32:
            raise ValueError("not the 32 bytes of an Ed25519 key")
        return raw

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is this key's over ``message``."""
        try:
            if self.algorithm == "ed25519":
                Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
                return True
            if len(signature) == 64:
                r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            else:
                r, s = decode_dss_signature(signature)
            return bool(SM2(uid=SM2_ID, pk=self.raw).verify(message, r.to_bytes(32, "big"), s.to_bytes(32, "big")))
        except (InvalidSignature, ValueError, OverflowError, GMError):
            return False


class Signers(RootModel[dict[str, list[Signer]]]):
    """Every department's keys: more than one while a key is being replaced."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A manifest that holds so far. ``base``: what file names have before its names; ``told``: what is noted."""

    manifest: Manifest
    base: str
    told: Report

    def covers(self, name: str) -> bool:
        """Whether it speaks of a delivered file, or lies in it."""
        return self.told["name"].startswith(f"{name}/") or any(one.name == name for one in self.manifest.files)


def beside(files: Sequence[Path]) -> Path | None:
    """The manifest that stands beside one of the files. IntakeError: there are two."""
    found = [path for file in files for suffix in SUFFIXES if (path := file.with_name(file.name + suffix)).is_file()]
    if len(found) > 1:
        raise _refused("FORM", f"{found[0].name} and {found[1].name} both speak of one batch", "", "keep the right one")
    return found[0] if found else None


def signature_of(manifest: Path) -> Path:
    return manifest.with_name(manifest.name + SIGNATURE)


def check(
    files: Sequence[Delivered], digests: Sequence[str], connector: Connector, period: date, given: Path | None
) -> list[Checked]:
    """The manifests of a delivery, held against its files. ``digests``: SHA-256 of each file, in hexadecimal.

    IntakeError: one says otherwise, is not signed as it must be, or there is none where there must be.
    """
    checked: list[Checked] = []
    unsigned = {file.name for file in files}
    if given is not None:
        signature = Delivered.at(signature_of(given)) if signature_of(given).is_file() else None
        checked.append(_read(Delivered.at(given), signature, connector, period))
        _hold(checked[-1], {file.name: digest for file, digest in zip(files, digests, strict=True)})
        if checked[-1].told["signed_by"]:
            unsigned.clear()
    for file in files:
        if detect(file, {}) == "zip" and (inside := packed.manifests(file)):
            checked.append(_in_zip(file, inside, connector, period))
            if checked[-1].told["signed_by"]:
                unsigned.discard(file.name)
    if connector.source.signed and unsigned:
        raise _refused(
            "MISSING", f"{min(unsigned)} comes without a signed manifest", "this delivery must be signed",
            f"ask the department for <file>{SUFFIXES[0]} and its signature, <file>{SUFFIXES[0]}{SIGNATURE}",
        )  # fmt: skip
    return checked


def recount(checked: Sequence[Checked], reports: Sequence[Report]) -> None:
    """IntakeError: a file has not the rows that its manifest says. ``reports``: of the files, once they are read."""
    found = {part["name"]: part["rows"] for report in reports for part in (report, *report.get("files", ()))}
    for one in checked:
        rows = {listed.name: found[one.base + listed.name] for listed in one.manifest.files}
        for listed in one.manifest.files:
            _same("ROWS", one.base + listed.name, "rows", listed.rows, rows[listed.name])
        _same("ROWS", one.told["name"], "rows in all", one.manifest.rows, sum(rows.values()))


def _in_zip(file: Delivered, inside: dict[str, Delivered], connector: Connector, period: date) -> Checked:
    given = [name for name in inside if not name.lower().endswith(SIGNATURE)]
    if len(given) != 1:
        raise _refused("FORM", f"{file.name} holds {len(given)} manifests", "", "put one into it")
    [name] = given
    checked = _read(inside[name], inside.get(name + SIGNATURE), connector, period)
    members = {one.name: one for one in packed.members(file, {})}
    listed = {checked.base + one.name for one in checked.manifest.files}
    _hold(checked, {name: digest(one)[0].hex() if name in listed else "" for name, one in members.items()})
    return checked


def _read(file: Delivered, signature: Delivered | None, connector: Connector, period: date) -> Checked:
    """A manifest and who signed it. IntakeError: it is none, of another delivery or month, or not rightly signed."""
    content = _content(file)
    manifest = _parsed(file.name, content)
    _same("DELIVERY", file.name, "delivery", manifest.delivery, connector.name)
    try:
        said = month(manifest.period)
    except InvalidTerm:
        raise _refused("FORM", f"{file.name}: 'period' is no month", "", "write it as 2026-10") from None
    _same("PERIOD", file.name, "period", f"{said:%Y-%m}", f"{period:%Y-%m}")
    told: Report = {"name": file.name, "sha256": sha256(content).hexdigest(), "signed_by": None}
    if signature is not None:
        department = connector.name.split("/")[0]
        told |= {"signed_by": department, **_signed_with(department, signature, content, file.name)}
    folder, slash, _ = file.name.rpartition("/")
    return Checked(manifest, folder + slash, told)


def _content(file: Delivered) -> bytes:
    with file.open() as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise _refused("FORM", f"{file.name} is larger than any manifest", f"{LARGEST} bytes", "")
    return content


def _parsed(name: str, content: bytes) -> Manifest:
    try:
        text = content.decode("utf-8-sig")
        return Manifest.model_validate(tomllib.loads(text) if name.lower().endswith(".toml") else json.loads(text))
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise _refused("FORM", f"{name} is no manifest", problems, _FORM) from None
    except (ValueError, RecursionError) as error:
        raise _refused("FORM", f"{name} is no manifest", type(error).__name__, _FORM) from None


def _signed_with(department: str, signature: Delivered, content: bytes, name: str) -> dict[str, str]:
    """The key that signed: its algorithm, and the start of its SHA-256. IntakeError: none of the department's did."""
    given = _content(signature)
    with suppress(NoBase64):  # else it is the signature's own bytes
        given = b64decode(b"".join(given.split()), validate=True)
    known = read_signers().get(department, [])
    for signer in known:
        if signer.signed(content, given):
            return {"algorithm": signer.algorithm, "key": sha256(signer.raw).hexdigest()[:16]}
    raise _refused(
        "SIGNATURE", f"{name} is not signed by {department}", f"{len(known)} keys of {department} are registered",
        "was it altered after it was signed? register the department's public key in HUB_SIGNERS",
    )  # fmt: skip


def read_signers() -> dict[str, list[Signer]]:
    """The registered public keys, by department. DeclarationError: the file is not there, or not right."""
    path = settings().signers
    if path is None:
        return {}
    if not path.is_file():
        raise DeclarationError("DECLARATION_UNKNOWN", f"there is no file {path}", "HUB_SIGNERS names it", "")
    return read_form(Signers, path.read_text("utf-8"), path).root


def _hold(checked: Checked, found: dict[str, str]) -> None:
    """IntakeError: not the files listed. ``found``: digest of each file by its name."""
    listed = {checked.base + one.name: one.sha256 for one in checked.manifest.files}
    where = checked.told["name"]
    if len(listed) < len(checked.manifest.files):
        raise _refused("FORM", f"{where} lists a file twice", "", "ask for it again")
    if absent := sorted(listed.keys() - found.keys()):
        raise _refused("FILES", f"{absent[0]} is not delivered", f"{where} lists it", "ask for the missing file")
    if unlisted := sorted(found.keys() - listed.keys()):
        raise _refused("FILES", f"{unlisted[0]} is delivered and not listed", f"in {where}", "load what is listed")
    for name, expected in listed.items():
        _same("DIGEST", name, "SHA-256", expected, found[name])


def _same(code: str, name: str, what: str, expected: Any, found: Any) -> None:
    if expected is not None and expected != found:
        raise _refused(
            code,
            f"{name} is not what its manifest says",
            f"{what}: expected {expected}, found {found}",
            "ask for it again",
        )


def _refused(code: str, message: str, detail: str, hint: str) -> IntakeError:
    return IntakeError(f"INTAKE_MANIFEST_{code}", message, detail, hint)
