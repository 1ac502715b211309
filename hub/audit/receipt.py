"""What the client keeps: the receipt given with an answer, and the proof that it becomes.

In charge of both forms; pure, no database. `NoteInvalid` for anything that is not in the form or not signed.

A **receipt** is signed when the event is durable, before it has a place in the tree. The events of one commit share one
signature: it is over the root of the small tree of their statements, and the receipt carries the path to it. (Signing
each would cost a fifth of a busy server's time.) The statement names event, instant and leaf hash, so that none of them
can be exchanged.

A **proof** is a C2SP tlog-proof: the leaf's index, the hashes up to the root, the signed checkpoint. In a proof file it
stands beside the leaf itself, and beside the receipt where the holder has one; nothing else is needed to verify it.

Source: c2sp.org/tlog-proof.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from . import merkle
from .checkpoint import HASH, NoteInvalid, Signer, Verifier, decode, encode, verify_signature
from .event import Leaf

HEADER = "c2sp.org/tlog-proof@v1"
FORM = "hub/receipt@v1"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The hub's signed word that an event is recorded. `group` is (index, size) in the commit it shared."""

    event: UUID
    at: str
    leaf_hash: bytes
    group: tuple[int, int]
    path: tuple[bytes, ...]
    signature: str

    def json(self) -> dict[str, Any]:
        return {
            "receipt": FORM,
            "event": str(self.event),
            "at": self.at,
            "leafHash": encode(self.leaf_hash),
            "group": list(self.group),
            "path": [encode(digest) for digest in self.path],
            "signature": self.signature,
        }


def sign_receipts(leaves: Sequence[Leaf], signer: Signer) -> list[Receipt]:
    """The receipts of events that were committed together, in their order."""
    root, paths = merkle.paths([_statement(one.event.event_id, one.at, one.digest) for one in leaves])
    signature = signer.signature(_text(signer.name, len(leaves), root))
    return [
        Receipt(one.event.event_id, one.at, one.digest, (place, len(leaves)), path, signature)
        for place, (one, path) in enumerate(zip(leaves, paths, strict=True))
    ]


def read_receipt(document: Mapping[str, Any]) -> Receipt:
    """The receipt of its JSON form."""
    try:
        if document["receipt"] != FORM:
            raise NoteInvalid(f"not a receipt of a form known here: {str(document['receipt'])[:40]!r}")
        index, size = document["group"]
        if type(index) is not int or type(size) is not int:
            raise NoteInvalid("not a receipt: group holds an index and a size")
        return Receipt(
            UUID(document["event"]),
            str(document["at"]),
            decode(document["leafHash"], HASH),
            (index, size),
            tuple(decode(digest, HASH) for digest in document["path"]),
            str(document["signature"]),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, NoteInvalid):
            raise
        raise NoteInvalid("not a receipt: receipt, event, at, leafHash, group, path, signature") from None


def verify_signed(receipt: Receipt, verifier: Verifier) -> None:
    """`NoteInvalid` unless the hub signed this receipt."""
    try:
        statement = _statement(receipt.event, receipt.at, receipt.leaf_hash)
        root = merkle.root_from_inclusion(*receipt.group, statement, receipt.path)
    except merkle.ProofInvalid as error:
        raise NoteInvalid(str(error)) from None
    verify_signature(_text(verifier.name, receipt.group[1], root), receipt.signature, verifier)


def _statement(event: UUID, at: str, leaf: bytes) -> bytes:
    return merkle.leaf_hash(event.bytes + leaf + at.encode())


def _text(origin: str, size: int, root: bytes) -> str:
    """What is signed. Its first line keeps it from ever being read as a checkpoint, whose first line is the origin."""
    return f"{FORM}\n{origin}\n{size}\n{encode(root)}\n"


# ---------------------------------------------------------------------------------------------------------- tlog-proof


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That a leaf is at `index` of the tree of a checkpoint (a signed note)."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str

    def text(self) -> str:
        return "\n".join([HEADER, f"index {self.index}", *map(encode, self.hashes), "", self.checkpoint])


def read_proof(text: str) -> InclusionProof:
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines[0] != HEADER:
        raise NoteInvalid(f"not a tlog-proof: the first line is {HEADER}")
    rest = lines[2:] if len(lines) > 1 and lines[1].startswith("extra ") else lines[1:]
    word, _, index = rest[0].partition(" ") if rest else ("", "", "")
    if word != "index" or not (index.isascii() and index.isdigit()) or index != str(int(index[:20])):
        raise NoteInvalid("not a tlog-proof: no index")
    return InclusionProof(int(index), tuple(decode(line, HASH) for line in rest[1:]), checkpoint)


def proof_file(leaf: bytes, proof: InclusionProof, receipt: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The proof file, as `receiptProof` gives it and `hub audit verify-receipt` reads it."""
    file: dict[str, Any] = {"leaf": leaf.decode(), "proof": proof.text()}
    return file if receipt is None else {**file, "receipt": dict(receipt)}
