"""Receipts and proofs hold offline, with the public key alone, and only for what they were given for."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.audit import merkle
from hub.audit.checkpoint import NoteInvalid, Signer, encode, read_checkpoint, sign_checkpoint
from hub.audit.event import Event, Kind, Leaf, Outcome, leaf
from hub.audit.receipt import InclusionProof, proof_file, read_proof, read_receipt, sign_receipts, verify_signed
from hub.audit.verify import verify_receipt

SIGNER = Signer("hub.example/audit", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Signer("other.example/audit", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))


def events(count: int) -> list[Leaf]:
    return [
        leaf(Event(kind=Kind.query_answered, outcome=Outcome.allowed, details={"n": number})) for number in range(count)
    ]


def proof_of(leaves: list[Leaf], index: int, signer: Signer = SIGNER) -> dict[str, Any]:
    tree, completed = merkle.grow(merkle.Frontier(), (merkle.leaf_hash(one.public) for one in leaves))
    hashes = merkle.prove(merkle.inclusion_ranges(index, len(leaves)), dict(completed))
    note = sign_checkpoint(tree.size, tree.root(), signer)
    return proof_file(leaves[index].public, InclusionProof(index, tuple(hashes), note))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 33])
def test_every_receipt_of_a_group_verifies_alone(size: int) -> None:
    leaves = events(size)
    for one, receipt in zip(leaves, sign_receipts(leaves, SIGNER), strict=True):
        verdict = verify_receipt(json.dumps(receipt.json()), SIGNER.vkey)
        assert verdict.ok
        assert str(one.event.event_id) in verdict.says[0]


def test_a_receipt_reads_back() -> None:
    for receipt in sign_receipts(events(3), SIGNER):
        assert read_receipt(json.loads(json.dumps(receipt.json()))) == receipt


def test_no_member_of_a_receipt_can_be_exchanged() -> None:
    ours, theirs = (sign_receipts(events(3), SIGNER)[1].json() for _ in range(2))
    for name in ("event", "at", "leafHash", "path", "signature"):
        assert ours[name] != theirs[name] or name == "at"
        changed = {**ours, name: theirs[name] if name != "at" else "2020-01-01T00:00:00.000000Z"}
        assert not verify_receipt(changed, SIGNER.vkey).ok
    for group in ([0, 3], [1, 2], [3, 3], [-1, 3], [1.0, 3], [1], "13"):
        assert not verify_receipt({**ours, "group": group}, SIGNER.vkey).ok


def test_a_receipt_of_another_log_is_refused() -> None:
    receipt = sign_receipts(events(1), OTHER)[0].json()
    verdict = verify_receipt(receipt, SIGNER.vkey)
    assert not verdict.ok
    assert "another key" in verdict.says[0]
    assert verify_receipt(receipt, OTHER.vkey).ok


def test_what_is_signed_for_a_receipt_is_never_a_checkpoint() -> None:
    one = leaf(Event(kind=Kind.check_run, outcome=Outcome.allowed))
    receipt = sign_receipts([one], SIGNER)[0]
    root = merkle.leaf_hash(receipt.event.bytes + receipt.leaf_hash + receipt.at.encode())
    text = f"hub/receipt@v1\n{SIGNER.name}\n1\n{encode(root)}\n"
    note = f"{text}\n— {SIGNER.name} {receipt.signature}\n"
    with pytest.raises(NoteInvalid, match="another log"):
        read_checkpoint(note, SIGNER.verifier)


@pytest.mark.parametrize("size", [1, 2, 5, 8])
def test_a_proof_file_verifies_for_every_leaf(size: int) -> None:
    leaves = events(size)
    for index in range(size):
        verdict = verify_receipt(json.dumps(proof_of(leaves, index)), SIGNER.vkey)
        assert verdict.ok
        assert f"is leaf {index} of hub.example/audit" in verdict.says[0]


def test_a_proof_is_in_the_form_of_a_tlog_proof() -> None:
    text = proof_of(events(5), 4)["proof"]
    head, checkpoint = text.split("\n\n", 1)
    assert head.split("\n")[:2] == ["c2sp.org/tlog-proof@v1", "index 4"]
    assert len(head.split("\n")) == 2 + 1
    assert checkpoint.startswith("hub.example/audit\n5\n")
    assert read_proof(text).text() == text
    with_extra = text.replace("index 4", "extra AAAA\nindex 4")
    assert read_proof(with_extra) == read_proof(text)


def test_a_proof_with_the_receipt_of_its_event_says_both() -> None:
    leaves = events(3)
    receipt = sign_receipts(leaves, SIGNER)[1].json()
    assert len(verify_receipt({**proof_of(leaves, 1), "receipt": receipt}, SIGNER.vkey).says) == 3


def test_a_receipt_beside_the_proof_of_another_event_is_refused() -> None:
    leaves = events(3)
    receipt = sign_receipts(leaves, SIGNER)[0].json()
    verdict = verify_receipt({**proof_of(leaves, 1), "receipt": receipt}, SIGNER.vkey)
    assert not verdict.ok
    assert "another event" in verdict.says[0]


def test_an_altered_leaf_has_no_proof() -> None:
    file = proof_of(events(4), 2)
    verdict = verify_receipt({**file, "leaf": file["leaf"].replace('"persons":0', '"persons":1')}, SIGNER.vkey)
    assert not verdict.ok
    assert "not at 2 in the tree of 4 leaves" in verdict.says[0]


def test_a_proof_of_another_log_is_refused() -> None:
    assert not verify_receipt(proof_of(events(4), 2, OTHER), SIGNER.vkey).ok


def test_a_forged_checkpoint_proves_nothing() -> None:
    file = proof_of(events(4), 2)
    signature = proof_of(events(4), 2)["proof"].split("\n\n")[-1]
    forged = "\n\n".join([*file["proof"].split("\n\n")[:-1], signature])
    verdict = verify_receipt({**file, "proof": forged}, SIGNER.vkey)
    assert not verdict.ok
    assert "signature" in verdict.says[0]


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "7",
        "{}",
        "{",
        '{"receipt": "x"}',
        '{"proof": 1}',
        '{"proof": "", "leaf": ""}',
        '{"receipt": null}',
        b"\xff",
    ],
)
def test_what_is_no_receipt_is_refused_in_words(document: str | bytes) -> None:
    verdict = verify_receipt(document, SIGNER.vkey)
    assert not verdict.ok
    assert verdict.says[0].startswith("Not valid: ")


def test_a_wrong_public_key_is_refused_in_words() -> None:
    assert not verify_receipt(sign_receipts(events(1), SIGNER)[0].json(), "no key").ok


def test_a_receipt_signed_with_the_logs_name_by_another_key_is_refused() -> None:
    impostor = Signer(SIGNER.name, Ed25519PrivateKey.generate())
    with pytest.raises(NoteInvalid):
        verify_signed(sign_receipts(events(1), impostor)[0], SIGNER.verifier)
