"""Keys and sealed values: what is sealed opens only where it belongs, and keys stay where they are."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from hub.sealing import (
    HEADER,
    NONCE,
    Keyring,
    SealingError,
    fingerprint,
    new_keyring,
    read_keyring,
    rotated,
    write_keyring,
)

RINGS = {"aes": new_keyring("aes"), "sm": new_keyring("sm")}
SUITES = pytest.mark.parametrize("ring", RINGS.values(), ids=RINGS)


@SUITES
@given(plain=st.binary(max_size=200), context=st.binary(max_size=40))
def test_what_is_sealed_opens_again(ring: Keyring, plain: bytes, context: bytes) -> None:
    assert ring.open(ring.seal(plain, context), context) == plain
    assert ring.seal_all([plain, plain], [context, context])[0] != ring.seal(plain, context)


@SUITES
@given(st.data())
def test_an_altered_byte_or_another_place_does_not_open(ring: Keyring, data: st.DataObject) -> None:
    sealed = ring.seal(b"content", b"person:1")
    with pytest.raises(SealingError):
        ring.open(sealed, b"person:2")
    at = data.draw(st.integers(0, len(sealed) - 1))
    altered = sealed[:at] + bytes([sealed[at] ^ data.draw(st.integers(1, 255))]) + sealed[at + 1 :]
    with pytest.raises(SealingError):
        ring.open(altered, b"person:1")
    with pytest.raises(SealingError):
        ring.open(sealed[: data.draw(st.integers(0, len(sealed) - 1))], b"person:1")


def test_sm4_gcm_is_what_seals_in_the_sm_suite() -> None:
    """Opened with the library's SM4 alone, under the derived key."""
    ring = RINGS["sm"]
    sealed = ring.seal(b"content", b"c")
    from hub.sealing import _derive

    key = _derive(ring.roots[ring.sealing], "seal/sm", 16)
    nonce, body = sealed[HEADER : HEADER + NONCE], sealed[HEADER + NONCE :]
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, body[-16:])).decryptor()
    decryptor.authenticate_additional_data(b"c")
    assert decryptor.update(body[:-16]) + decryptor.finalize() == b"content"


@SUITES
def test_after_a_rotation_old_values_open_new_ones_use_the_new_key_and_pseudonyms_stay(ring: Keyring) -> None:
    old = ring.seal(b"content", b"c")
    newer = rotated(ring)
    assert newer.open(old, b"c") == b"content"
    assert newer.key_id(newer.seal(b"x", b"c")) != ring.key_id(old)
    assert newer.person_key("CN:1") == ring.person_key("CN:1")
    assert newer.conceal(b"id", b"c") == ring.conceal(b"id", b"c")
    with pytest.raises(SealingError):
        ring.open(newer.seal(b"x", b"c"), b"c")


@SUITES
def test_pseudonyms_are_version_8_and_of_one_hub_only(ring: Keyring) -> None:
    key = ring.person_key("CN:11010519491231002X")
    assert key.version == 8
    assert key == ring.person_key("CN:11010519491231002X")
    assert key != ring.employer_key("CN:11010519491231002X")
    assert key != new_keyring(ring.suite).person_key("CN:11010519491231002X")


@SUITES
def test_concealing_is_equal_for_equals_in_one_context_only(ring: Keyring) -> None:
    assert ring.conceal(b"1", b"a") == ring.conceal(b"1", b"a")
    assert ring.conceal(b"1", b"a") != ring.conceal(b"1", b"b")
    assert ring.conceal(b"1", b"a") != ring.conceal(b"2", b"a")
    assert ring.open(ring.conceal(b"1", b"a"), b"a") == b"1"
    # Context and value cannot trade places at their border.
    assert ring.conceal(b"bc", b"a") != ring.conceal(b"c", b"ab")


def test_the_key_file_is_for_its_owner_alone_and_read_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_keyring(RINGS["aes"], path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_keyring(path) == RINGS["aes"]


def test_a_key_file_is_not_overwritten_by_mistake(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_keyring(RINGS["aes"], path)
    with pytest.raises(SealingError, match="there already"):
        write_keyring(new_keyring(), path)
    assert fingerprint(read_keyring(path)) == fingerprint(RINGS["aes"])


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_keyring(RINGS["aes"], path)
    path.chmod(0o640)
    with pytest.raises(SealingError, match="chmod 600"):
        read_keyring(path)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": "hub-keys/1"}', '{"format": "other"}'])
def test_what_is_no_key_file_is_refused_without_its_content(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    os.chmod(path, 0o600)  # noqa: PTH101 - as an operator would
    with pytest.raises(SealingError, match="not a key file"):
        read_keyring(path)
    with pytest.raises(SealingError, match="hub keys init"):
        read_keyring(tmp_path / "none.json")


def test_no_key_is_shown_by_accident() -> None:
    ring = replace(RINGS["aes"])
    shown = repr(ring) + str(ring)
    for secret in (*ring.roots.values(), ring.log_key, ring.token_key):
        assert repr(secret) not in shown
        assert secret.hex() not in shown
