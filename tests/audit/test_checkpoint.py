"""Notes and checkpoints are in the C2SP forms, and nothing else is taken for one."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from hub.audit.checkpoint import (
    NoteInvalid,
    Signer,
    read_checkpoint,
    read_vkey,
    sign_checkpoint,
    verify_note,
)

# The key and note of the Go checksum database's documentation (golang.org/x/mod/sumdb/note).
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""

ORIGIN = "hub.example/audit"
SIGNER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
ROOT = bytes(range(100, 132))


def test_a_note_signed_by_another_implementation_verifies() -> None:
    assert verify_note(GO_NOTE, read_vkey(GO_VKEY)).startswith("If you think cryptography")
    assert read_vkey(GO_VKEY).vkey == GO_VKEY


def test_a_checkpoint_is_origin_size_and_root_then_a_signature_line() -> None:
    note = sign_checkpoint(20_852_163, ROOT, SIGNER)
    origin, size, root, blank, signature, end = note.split("\n")
    assert (origin, size, root, blank, end) == (ORIGIN, "20852163", base64.b64encode(ROOT).decode(), "", "")
    assert signature.startswith(f"— {ORIGIN} ")
    assert base64.b64decode(signature.split(" ")[2])[:4].hex() == SIGNER.vkey.split("+")[1]


def test_a_checkpoint_reads_back() -> None:
    checkpoint = read_checkpoint(sign_checkpoint(7, ROOT, SIGNER), read_vkey(SIGNER.vkey))
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (ORIGIN, 7, ROOT)


def test_a_witness_may_add_its_signature() -> None:
    note = sign_checkpoint(7, ROOT, SIGNER)
    witness = Signer("witness.example", Ed25519PrivateKey.generate())
    cosigned = note + f"— witness.example {witness.signature(note)}\n"
    assert read_checkpoint(cosigned, SIGNER.verifier).size == 7


def test_a_key_of_the_same_name_does_not_sign_for_the_log() -> None:
    with pytest.raises(NoteInvalid, match="not signed by"):
        read_checkpoint(sign_checkpoint(7, ROOT, OTHER), SIGNER.verifier)


def test_the_signature_of_one_checkpoint_does_not_serve_another() -> None:
    ours, forged = sign_checkpoint(7, ROOT, SIGNER), sign_checkpoint(8, ROOT, SIGNER)
    with pytest.raises(NoteInvalid, match="signature is not of"):
        read_checkpoint(forged.split("\n\n")[0] + "\n\n" + ours.split("\n\n")[1], SIGNER.verifier)


def test_a_false_signature_of_the_log_is_not_passed_over_for_a_true_one() -> None:
    note = sign_checkpoint(7, ROOT, SIGNER)
    false = SIGNER.signature("something else\n")
    with pytest.raises(NoteInvalid, match="signature is not of"):
        read_checkpoint(note + f"— {ORIGIN} {false}\n", SIGNER.verifier)


def test_a_checkpoint_of_another_origin_is_not_the_logs() -> None:
    note = SIGNER.sign(f"elsewhere.example\n7\n{base64.b64encode(ROOT).decode()}\n")
    with pytest.raises(NoteInvalid, match="another log"):
        read_checkpoint(note, SIGNER.verifier)


@pytest.mark.parametrize("size", ["", "07", "-1", "７", "1_0", "0x1", "9" * 40])
def test_a_size_has_one_spelling(size: str) -> None:
    note = SIGNER.sign(f"{ORIGIN}\n{size}\n{base64.b64encode(ROOT).decode()}\n")
    with pytest.raises(NoteInvalid):
        read_checkpoint(note, SIGNER.verifier)


@pytest.mark.parametrize(
    "root", ["", "AAAA", base64.b64encode(ROOT).decode()[:-1], base64.b64encode(ROOT + b"x").decode()]
)
def test_a_root_is_one_hash(root: str) -> None:
    with pytest.raises(NoteInvalid):
        read_checkpoint(SIGNER.sign(f"{ORIGIN}\n7\n{root}\n"), SIGNER.verifier)


@given(st.data())
def test_no_character_of_a_checkpoint_can_be_changed(data: st.DataObject) -> None:
    note = sign_checkpoint(12, ROOT, SIGNER)
    place = data.draw(st.integers(0, len(note) - 1))
    char = data.draw(st.characters(codec="utf-8").filter(lambda char: char != note[place]))
    with pytest.raises(NoteInvalid):
        read_checkpoint(note[:place] + char + note[place + 1 :], SIGNER.verifier)


@given(st.text())
def test_any_text_is_refused_in_words(text: str) -> None:
    with pytest.raises(NoteInvalid):
        read_checkpoint(text, SIGNER.verifier)
    with pytest.raises(NoteInvalid):
        read_vkey(text)


def test_a_public_key_with_the_wrong_id_is_refused() -> None:
    name, key_id, key = SIGNER.vkey.split("+", 2)
    with pytest.raises(NoteInvalid, match="mixed up"):
        read_vkey(f"{name}+{'0' * len(key_id)}+{key}")


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u3000b", "a\nb"])
def test_a_key_name_holds_no_space_and_no_plus(name: str) -> None:
    with pytest.raises(NoteInvalid):
        Signer(name, Ed25519PrivateKey.generate())


def test_a_text_that_is_no_note_is_not_signed() -> None:
    for text in ("no newline", "tab\there\n"):
        with pytest.raises(NoteInvalid):
            SIGNER.sign(text)
