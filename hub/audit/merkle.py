"""The Merkle tree of the log: hashing, growing, proving, verifying.

In charge of every hash in the tree and of nothing else: pure functions over 32-byte SHA-256 hashes; no database, no
keys.
A proof that does not fit its tree is refused by answering False (`verify_…`) or by `ProofInvalid`.

A node is named by `(level, index)`: it covers the leaves from `index << level` to `(index + 1) << level`, all of them
present ("perfect"). Only nodes whose level is a multiple of `TILE` are worth storing: any other is made of at most 128
of those, and the right edge of the tree needs no storing at all.

Source: RFC 9162 §2.1 (the same hashes as RFC 6962 §2.1).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

Node = tuple[int, int]

EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""

TILE = 8
"""Levels between two stored nodes: one stored hash for every 256 leaves, one more for every 65,536, and so on."""


class ProofInvalid(ValueError):  # noqa: N818 -- says what is the case
    """The proof does not fit a tree of that size."""


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The perfect subtrees of a tree of `size` leaves, the largest (leftmost) first: all that growing it needs."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def root(self) -> bytes:
        return join(self.hashes)


def grow(frontier: Frontier, leaves: Iterable[bytes]) -> tuple[Frontier, list[tuple[Node, bytes]]]:
    """Append leaf hashes; also the nodes that became perfect by it, leaves included, each once."""
    size, edge = frontier.size, list(frontier.hashes)
    completed: list[tuple[Node, bytes]] = []
    for leaf in leaves:
        level, index, digest = 0, size, leaf
        completed.append(((0, index), digest))
        while index & 1:  # the left sibling waits on the edge: as in a binary counter, a one means a carry
            digest = node_hash(edge.pop(), digest)
            level, index = level + 1, index >> 1
            completed.append(((level, index), digest))
        edge.append(digest)
        size += 1
    return Frontier(size, tuple(edge)), completed


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    return grow(Frontier(), leaves)[0].root()


def paths(leaves: Sequence[bytes]) -> tuple[bytes, list[tuple[bytes, ...]]]:
    """The root over one or more leaf hashes, and the inclusion proof of each: for a tree that is proven all at once."""
    if len(leaves) == 1:
        return leaves[0], [()]
    middle = _split(len(leaves))
    left, left_paths = paths(leaves[:middle])
    right, right_paths = paths(leaves[middle:])
    proofs = [(*path, right) for path in left_paths] + [(*path, left) for path in right_paths]
    return node_hash(left, right), proofs


# --------------------------------------------------------------------------------------------- what a proof consists of


def cover(begin: int, end: int) -> list[Node]:
    """The perfect nodes over the leaves `begin` to `end`, left to right; a subtree that wide must start at `begin`."""
    nodes = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        nodes.append((level, begin >> level))
        begin += 1 << level
    return nodes


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose subtree hashes prove leaf `index` in a tree of `size`, from the leaf up."""
    if not 0 <= index < size:
        raise ProofInvalid(f"leaf {index} is not in a tree of {size} leaves")
    ranges = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((begin, middle))
            begin = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose subtree hashes prove that a tree of `new` leaves begins with the tree of `old`."""
    if not 0 < old <= new:
        raise ProofInvalid(f"no proof leads from a tree of {old} leaves to one of {new}")
    ranges = []
    begin, end = 0, new
    while end != old:  # Source: RFC 9162 §2.1.4.1, SUBPROOF
        middle = begin + _split(end - begin)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((begin, middle))
            begin = middle
    if begin > 0:  # the verifier holds the old root itself when the old tree is one perfect subtree
        ranges.append((begin, end))
    return ranges[::-1]


def stored(nodes: Iterable[Node]) -> list[tuple[int, int, int]]:
    """`(level, first, end)`: the stored nodes from which these can be computed."""
    wanted = set()
    for level, index in nodes:
        below = level % TILE
        wanted.add((level - below, index << below, (index + 1) << below))
    return sorted(wanted)


def prove(ranges: Iterable[tuple[int, int]], hashes: Mapping[Node, bytes]) -> list[bytes]:
    """The hashes of the ranges; `hashes` holds what `stored` named for their nodes. `KeyError` when it does not."""
    return [join([_from_stored(node, hashes) for node in cover(begin, end)]) for begin, end in ranges]


def frontier(size: int, hashes: Mapping[Node, bytes]) -> Frontier:
    """The frontier at `size`, from the stored nodes; `KeyError` when one is missing."""
    return Frontier(size, tuple(_from_stored(node, hashes) for node in cover(0, size)))


# ------------------------------------------------------------------------------------------------------------ verifying


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """The root that the proof leads to. Source: RFC 9162 §2.1.3.2."""
    if not 0 <= index < size:
        raise ProofInvalid(f"leaf {index} is not in a tree of {size} leaves")
    place, last, digest = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofInvalid("the proof is longer than the tree is high")
        if place & 1 or place == last:
            digest = node_hash(sibling, digest)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofInvalid("the proof is shorter than the tree is high")
    return digest


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a tree of `size` leaves with this root has this leaf hash at `index`."""
    try:
        return root_from_inclusion(index, size, leaf, proof) == root
    except ProofInvalid:
        return False


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `new` leaves begins with the tree of `old`. Source: RFC 9162 §2.1.4.2."""
    if old == 0:
        return not proof and old_root == EMPTY  # every tree begins with the empty one
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new:
        return False
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    seen_old = seen_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            seen_old, seen_new = node_hash(sibling, seen_old), node_hash(sibling, seen_new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            seen_new = node_hash(seen_new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and seen_old == old_root and seen_new == new_root


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def join(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return EMPTY
    *rest, digest = hashes
    for left in reversed(rest):
        digest = node_hash(left, digest)
    return digest


def _from_stored(node: Node, hashes: Mapping[Node, bytes]) -> bytes:
    level, index = node
    below = level % TILE
    row = [hashes[level - below, place] for place in range(index << below, (index + 1) << below)]
    while len(row) > 1:
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]
