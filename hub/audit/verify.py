"""Verifying without trusting: receipts, proofs and checkpoints that somebody kept, offline.

In charge of saying, in sentences, what holds and what does not; pure, no database, no private key. It raises nothing
for what was tampered with: that is its result.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from . import merkle
from .checkpoint import NoteInvalid, Verifier, read_checkpoint, read_vkey
from .receipt import read_proof, read_receipt, verify_signed


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether everything holds, and what was found, a sentence each."""

    ok: bool
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What somebody kept elsewhere, to be held against the log: signed notes; event ids by their leaf hash."""

    checkpoints: tuple[str, ...] = ()
    events: Mapping[bytes, str] = field(default_factory=dict)


def verify_receipt(document: str | bytes | Mapping[str, Any], vkey: str) -> Verdict:
    """Verify a receipt, or a proof file with or without one, by the log's public key alone."""
    try:
        verifier = read_vkey(vkey)
        file = document if isinstance(document, Mapping) else _object(document)
        if "proof" not in file:
            return Verdict(
                ok=True, says=(_receipt(file, verifier), "It has no place in the tree yet: ask for its proof.")
            )
        return Verdict(ok=True, says=tuple(_proof(file, verifier)))
    except NoteInvalid as error:
        return Verdict(ok=False, says=(f"Not valid: {error}.",))


def _object(document: str | bytes) -> Mapping[str, Any]:
    try:
        file = orjson.loads(document)
    except orjson.JSONDecodeError:
        raise NoteInvalid("the file is not JSON") from None
    if not isinstance(file, dict):
        raise NoteInvalid("the file holds no receipt and no proof")
    return file


def _receipt(file: Mapping[str, Any], verifier: Verifier) -> str:
    receipt = read_receipt(file)
    verify_signed(receipt, verifier)
    return f"{verifier.name} signed that event {receipt.event} was recorded at {receipt.at}."


def _proof(file: Mapping[str, Any], verifier: Verifier) -> Iterable[str]:
    leaf, text = file.get("leaf"), file["proof"]
    if not isinstance(leaf, str) or not isinstance(text, str):
        raise NoteInvalid("a proof file holds the leaf and the proof as text")
    proof = read_proof(text)
    checkpoint = read_checkpoint(proof.checkpoint, verifier)
    digest = merkle.leaf_hash(leaf.encode())
    if not merkle.verify_inclusion(proof.index, checkpoint.size, digest, proof.hashes, checkpoint.root):
        raise NoteInvalid(f"the leaf is not at {proof.index} in the tree of {checkpoint.size} leaves that was signed")
    event = _object(leaf)
    yield f"Event {event.get('id')} ({event.get('kind')}, {event.get('at')}) is leaf {proof.index} of {verifier.name}."
    yield f"The tree of {checkpoint.size} leaves that holds it was signed by the log."
    if (receipt := file.get("receipt")) is not None:
        if not isinstance(receipt, Mapping):
            raise NoteInvalid("not a receipt")
        says = _receipt(receipt, verifier)
        if read_receipt(receipt).leaf_hash != digest:
            raise NoteInvalid("the receipt is of another event than the proof")
        yield says


def read_kept(document: str | Mapping[str, Any], verifier: Verifier) -> Kept:
    """What a checkpoint (a signed note), a receipt or a proof file holds the log to. `NoteInvalid` if not the log's."""
    if isinstance(document, str):
        read_checkpoint(document, verifier)
        return Kept((document,))
    if "proof" not in document:
        _receipt(document, verifier)
        receipt = read_receipt(document)
        return Kept(events={receipt.leaf_hash: str(receipt.event)})
    list(_proof(document, verifier))
    leaf = document["leaf"].encode()
    checkpoint = read_proof(document["proof"]).checkpoint
    return Kept((checkpoint,), {merkle.leaf_hash(leaf): str(_object(leaf).get("id"))})


def together(kept: Iterable[Kept]) -> Kept:
    everything = list(kept)
    return Kept(
        tuple(note for one in everything for note in one.checkpoints),
        {digest: event for one in everything for digest, event in one.events.items()},
    )
