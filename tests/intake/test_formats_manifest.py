"""A manifest is held against its delivery; every mismatch refuses the batch by name; signatures say who sent it."""

import base64
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from format_files import cremated, csv, packed
from gmalg import SM2
from intake_factory import Desk

from hub.errors import DeclarationError, IntakeError
from hub.intake import manifest as manifests
from hub.settings import settings

DELIVERY = "civil_affairs/cremation"
Sign = Callable[[bytes], bytes]


def stated(*files: Path, rows: int | None = None, **more: Any) -> dict[str, Any]:
    listed = [{"name": file.name, "sha256": sha256(file.read_bytes()).hexdigest(), "rows": rows} for file in files]
    return {"delivery": DELIVERY, "period": "2026-10", "rows": None, "files": listed} | more


def beside(file: Path, content: dict[str, Any]) -> Path:
    path = file.with_name(file.name + ".manifest.json")
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    return csv(tmp_path / "a.csv", [cremated(1), cremated(2)]), csv(tmp_path / "b.csv", [cremated(3), cremated(4)])


def test_a_manifest_beside_the_files_is_checked_and_noted(two: tuple[Path, Path], desk: Desk) -> None:
    path = beside(two[0], stated(*two, rows=2) | {"rows": 4})
    report = desk.load(DELIVERY, *two)
    assert report.loaded == 4
    told = {"name": "a.csv.manifest.json", "sha256": sha256(path.read_bytes()).hexdigest(), "signed_by": None}
    assert [file["manifests"] for file in report.files] == [[told], [told]]
    assert desk.database.execute("select files->0->'manifests'->0->>'name' from batch") == [("a.csv.manifest.json",)]
    sealed = {file.name for file in (desk.folder / "archive").glob("*/*")}
    assert f"{told['sha256']}.sealed" in sealed


def test_a_manifest_in_toml_may_be_given(two: tuple[Path, Path], desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.toml"
    digests = [sha256(file.read_bytes()).hexdigest() for file in two]
    path.write_text('period = "202610"\n' + "".join(
        f'[[files]]\nname = "{file.name}"\nsha256 = "{digest}"\n' for file, digest in zip(two, digests, strict=True)
    ))  # fmt: skip
    assert desk.load(DELIVERY, *two, manifest=path).files[1]["manifests"][0]["name"] == "elsewhere.toml"


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"period": "2026-09"}, "PERIOD", "period: expected 2026-09, found 2026-10"),
        ({"period": "soon"}, "FORM", "write it as 2026-10"),
        ({"delivery": "civil_affairs/low_income"}, "DELIVERY", "expected civil_affairs/low_income, found civil_affairs/cremation"),
        ({"rows": 5}, "ROWS", "rows in all: expected 5, found 4"),
        ({"rowz": 5}, "FORM", "rowz"),
        ({"files": []}, "FORM", "files"),
        (("rows", 3), "ROWS", "a.csv is not what its manifest says. rows: expected 3, found 2"),
        (("sha256", "0" * 64), "DIGEST", f"a.csv is not what its manifest says. SHA-256: expected {'0' * 64}, found "),
        (("sha256", "x"), "FORM", "64 hexadecimal figures"),
        (("name", "c.csv"), "FILES", "c.csv is not delivered"),
    ],
)  # fmt: skip
def test_every_mismatch_refuses_the_batch_by_name(
    change: dict[str, Any] | tuple[str, Any], code: str, said: str, two: tuple[Path, Path], desk: Desk
) -> None:
    content = stated(*two)
    if isinstance(change, dict):
        content |= change
    else:
        content["files"][0][change[0]] = change[1]
    beside(two[0], content)
    with pytest.raises(IntakeError) as refused:
        desk.load(DELIVERY, *two)
    assert refused.value.code == f"INTAKE_MANIFEST_{code}"
    assert said in str(refused.value)
    assert desk.database.execute("select status, loaded from batch") == [("refused", 0)]
    assert desk.facts("life_event") == []


def test_a_file_that_is_not_listed_refuses_the_batch(two: tuple[Path, Path], desk: Desk) -> None:
    beside(two[1], stated(two[0]))
    with pytest.raises(IntakeError, match=r"b.csv is delivered and not listed"):
        desk.load(DELIVERY, *two)


def test_two_manifests_of_one_batch_are_refused(two: tuple[Path, Path], desk: Desk) -> None:
    for file in two:
        beside(file, stated(*two))
    with pytest.raises(IntakeError) as refused:
        desk.load(DELIVERY, *two)
    assert refused.value.code == "INTAKE_MANIFEST_FORM"


def in_zip(folder: Path, **more: Any) -> Path:
    content = csv(folder / "a.csv", [cremated(1), cremated(2)]).read_bytes()
    listed = {"name": "数据/a.csv", "sha256": sha256(content).hexdigest(), "rows": 2} | more
    text = json.dumps({"period": "2026-10", "files": [listed]}).encode()
    return packed(folder / "x.zip", {"十月/manifest.json": text, "十月/数据/a.csv": content})


def test_a_manifest_in_a_zip_speaks_of_the_files_beside_it(tmp_path: Path, desk: Desk) -> None:
    report = desk.load(DELIVERY, in_zip(tmp_path))
    assert (report.loaded, report.files[0]["manifests"][0]["name"]) == (2, "x.zip/十月/manifest.json")


@pytest.mark.parametrize(
    ("change", "code"), [({"sha256": "0" * 64}, "DIGEST"), ({"rows": 1}, "ROWS"), ({"name": "b"}, "FILES")]
)
def test_a_manifest_in_a_zip_refuses_every_mismatch(
    change: dict[str, Any], code: str, tmp_path: Path, desk: Desk
) -> None:
    with pytest.raises(IntakeError) as refused:
        desk.load(DELIVERY, in_zip(tmp_path, **change))
    assert refused.value.code == f"INTAKE_MANIFEST_{code}"
    assert "x.zip/十月/" in refused.value.message


def ed25519() -> tuple[str, list[str], Sign]:
    key = Ed25519PrivateKey.generate()
    public = key.public_key()
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return "ed25519", [base64.b64encode(raw).decode(), pem], key.sign


def sm2() -> tuple[str, list[str], Sign]:
    secret, public = SM2().generate_keypair()

    def sign(message: bytes) -> bytes:
        r, s = SM2(sk=secret, uid=b"1234567812345678", pk=public).sign(message)
        return encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))

    spki = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200") + public
    pem = f"-----BEGIN PUBLIC KEY-----\n{base64.encodebytes(spki).decode()}-----END PUBLIC KEY-----\n"
    return "sm2", [base64.b64encode(public).decode(), pem], sign


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str], None]:
    """Registers the public key of a department."""
    path = tmp_path / "signers.toml"
    path.touch()
    monkeypatch.setattr(manifests, "settings", lambda: settings().model_copy(update={"signers": path}))

    def add(department: str, algorithm: str, key: str) -> None:
        with path.open("a") as file:
            file.write(f'[[{department}]]\nalgorithm = "{algorithm}"\nkey = """{key}"""\n')

    return add


@pytest.mark.parametrize("form", [0, 1], ids=["the key itself", "PEM"])
@pytest.mark.parametrize("made", [ed25519, sm2])
def test_a_signature_says_who_delivered(
    made: Callable[[], tuple[str, list[str], Sign]], form: int, two: tuple[Path, Path], desk: Desk, register: Any
) -> None:
    algorithm, keys, sign = made()
    register("civil_affairs", algorithm, made()[1][0])  # an older key, which still holds
    register("civil_affairs", algorithm, keys[form])
    path = beside(two[0], stated(*two))
    signature = path.with_name(path.name + ".sig")
    signature.write_bytes(base64.encodebytes(sign(path.read_bytes())))
    [told] = desk.load(DELIVERY, *two).files[0]["manifests"]
    assert (told["signed_by"], told["algorithm"], len(told["key"])) == ("civil_affairs", algorithm, 16)
    path.write_text(path.read_text().replace('"2026-10"', '"202610"'))
    with pytest.raises(IntakeError) as refused:
        desk.load(DELIVERY, *two)
    assert refused.value.code == "INTAKE_MANIFEST_SIGNATURE"


def test_a_signature_of_another_department_is_none(two: tuple[Path, Path], desk: Desk, register: Any) -> None:
    algorithm, keys, sign = ed25519()
    register("tax", algorithm, keys[0])
    path = beside(two[0], stated(*two))
    path.with_name(path.name + ".sig").write_bytes(sign(path.read_bytes()))
    with pytest.raises(IntakeError, match="is not signed by civil_affairs"):
        desk.load(DELIVERY, *two)


def must_be_signed(desk: Desk) -> None:
    file = desk.declarations / "connectors" / f"{DELIVERY}.toml"
    file.write_text(file.read_text().replace("[expect]\n", "[source]\nsigned = true\n\n[expect]\n"))
    assert "signed = true" in file.read_text()


def test_a_delivery_that_must_be_signed_is_refused_without(two: tuple[Path, Path], desk: Desk, register: Any) -> None:
    must_be_signed(desk)
    for prepare in (lambda: None, lambda: beside(two[0], stated(*two))):
        prepare()
        with pytest.raises(IntakeError) as refused:
            desk.load(DELIVERY, *two)
        assert refused.value.code == "INTAKE_MANIFEST_MISSING"
    algorithm, keys, sign = ed25519()
    register("civil_affairs", algorithm, keys[0])
    path = two[0].with_name("a.csv.manifest.json")
    path.with_name(path.name + ".sig").write_bytes(sign(path.read_bytes()))
    assert desk.load(DELIVERY, *two).loaded == 4


def test_every_file_of_a_signed_batch_is_covered(tmp_path: Path, desk: Desk, register: Any) -> None:
    must_be_signed(desk)
    algorithm, keys, sign = ed25519()
    register("civil_affairs", algorithm, keys[0])
    content = csv(tmp_path / "a.csv", [cremated(1)]).read_bytes()
    text = json.dumps(
        {"period": "2026-10", "files": [{"name": "a.csv", "sha256": sha256(content).hexdigest()}]}
    ).encode()
    zipped = packed(tmp_path / "x.zip", {"manifest.json": text, "manifest.json.sig": sign(text), "a.csv": content})
    other = csv(tmp_path / "b.csv", [cremated(2)])
    with pytest.raises(IntakeError, match=r"b.csv comes without a signed manifest"):
        desk.load(DELIVERY, zipped, other)
    assert desk.load(DELIVERY, zipped).files[0]["manifests"][0]["signed_by"] == "civil_affairs"


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [("ed25519", "AAAA"), ("sm2", base64.b64encode(b"\4" + bytes(64)).decode()), ("rsa", "AAAA"), ("ed25519", "?")],
)
def test_a_key_that_is_none_is_told(algorithm: str, key: str, register: Any) -> None:
    register("civil_affairs", algorithm, key)
    with pytest.raises(DeclarationError, match=r"signers.toml is not right"):
        manifests.read_signers()


def test_a_signature_made_by_openssl_holds() -> None:
    point = (
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEsazgRxb+Zm48kh3yw8dDjpB2t9A3\n"
        "uMzZA4WrORpZsPo621EDa1VEZeaJIPSC5DBvO4q+yMWnEuGMkd6rMY6iRQ==\n-----END PUBLIC KEY-----\n"
    )
    made = "MEYCIQD+T47UjqZctpZlLFzFeOUPflTsmQgNwtePtiDPnDOQAAIhAOQGyFsiFoGU6lNX7MRCc4WVqJOlDSjXBIpAPBtM+ME+"
    signer = manifests.Signer(algorithm="sm2", key=point)
    assert signer.signed(b'period = "2026-10"\n', base64.b64decode(made))
    assert not signer.signed(b'period = "2026-11"\n', base64.b64decode(made))
    assert not signer.signed(b'period = "2026-10"\n', b"\0" * 64)
