"""The tree agrees with the definitions of RFC 9162, written down a second time here, plainly and recursively."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.audit import merkle

SIZES = range(18)
PAIRS = [(old, new) for new in SIZES for old in range(new + 1)]

# The vectors of the certificate-transparency reference implementation.
VECTOR_LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
VECTOR_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def largest_power_below(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 §2.1.1."""
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return sha(b"\x00" + leaves[0])
    split = largest_power_below(len(leaves))
    return sha(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:]))


def naive_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162 §2.1.3.1."""
    if len(leaves) == 1:
        return []
    split = largest_power_below(len(leaves))
    if index < split:
        return [*naive_path(index, leaves[:split]), naive_root(leaves[split:])]
    return [*naive_path(index - split, leaves[split:]), naive_root(leaves[:split])]


def naive_proof(old: int, leaves: list[bytes], *, complete: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 9162 §2.1.4.1."""
    if old == len(leaves):
        return [] if complete else [naive_root(leaves)]
    split = largest_power_below(len(leaves))
    if old <= split:
        return [*naive_proof(old, leaves[:split], complete=complete), naive_root(leaves[split:])]
    return [*naive_proof(old - split, leaves[split:], complete=False), naive_root(leaves[:split])]


def leaves_of(count: int) -> list[bytes]:
    return [VECTOR_LEAVES[place] if place < len(VECTOR_LEAVES) else b"leaf %d" % place for place in range(count)]


def store_of(leaves: list[bytes]) -> dict[merkle.Node, bytes]:
    """What the log stores: the leaves' hashes and every node at a multiple of the tile height."""
    _, completed = merkle.grow(merkle.Frontier(), map(merkle.leaf_hash, leaves))
    return {node: digest for node, digest in completed if node[0] % merkle.TILE == 0}


@pytest.mark.parametrize("size", range(len(VECTOR_ROOTS)))
def test_the_roots_are_those_of_the_reference_vectors(size: int) -> None:
    assert merkle.root(map(merkle.leaf_hash, VECTOR_LEAVES[:size])).hex() == VECTOR_ROOTS[size]


@pytest.mark.parametrize("size", SIZES)
def test_the_root_is_the_recursive_definition(size: int) -> None:
    leaves = leaves_of(size)
    assert merkle.root(map(merkle.leaf_hash, leaves)) == naive_root(leaves)
    assert merkle.frontier(size, store_of(leaves)).root() == naive_root(leaves)


@pytest.mark.parametrize(("index", "size"), [(index, size) for size in SIZES for index in range(size)])
def test_every_leaf_is_proven_in_every_tree_and_nowhere_else(index: int, size: int) -> None:
    leaves = leaves_of(size)
    proof = merkle.prove(merkle.inclusion_ranges(index, size), store_of(leaves))
    digest, root = merkle.leaf_hash(leaves[index]), naive_root(leaves)
    assert proof == naive_path(index, leaves)
    assert merkle.verify_inclusion(index, size, digest, proof, root)
    for other in range(size):
        assert merkle.verify_inclusion(other, size, digest, proof, root) == (other == index)
    assert not merkle.verify_inclusion(size, size, digest, proof, root)
    assert not merkle.verify_inclusion(index, size, merkle.leaf_hash(b"another"), proof, root)
    assert not merkle.verify_inclusion(index, size, digest, [*proof, digest], root)
    for left_out in range(len(proof)):
        assert not merkle.verify_inclusion(index, size, digest, proof[:left_out] + proof[left_out + 1 :], root)
        damaged = [*proof[:left_out], sha(proof[left_out]), *proof[left_out + 1 :]]
        assert not merkle.verify_inclusion(index, size, digest, damaged, root)


@pytest.mark.parametrize(("old", "new"), [(old, new) for old, new in PAIRS if old])
def test_every_tree_is_proven_to_begin_with_every_smaller_one(old: int, new: int) -> None:
    leaves = leaves_of(new)
    proof = merkle.prove(merkle.consistency_ranges(old, new), store_of(leaves))
    old_root, new_root = naive_root(leaves[:old]), naive_root(leaves)
    assert proof == naive_proof(old, leaves)
    assert merkle.verify_consistency(old, new, old_root, new_root, proof)
    assert not merkle.verify_consistency(old, new, sha(old_root), new_root, proof)
    assert not merkle.verify_consistency(old, new, old_root, sha(new_root), proof)
    assert not merkle.verify_consistency(old, new, old_root, new_root, [*proof, new_root])
    for left_out in range(len(proof)):
        assert not merkle.verify_consistency(old, new, old_root, new_root, proof[:left_out] + proof[left_out + 1 :])


@pytest.mark.parametrize("size", [size for size in SIZES if size])
def test_proving_all_leaves_at_once_is_proving_each(size: int) -> None:
    leaves = leaves_of(size)
    root, proofs = merkle.paths([merkle.leaf_hash(leaf) for leaf in leaves])
    assert root == naive_root(leaves)
    assert [list(proof) for proof in proofs] == [naive_path(index, leaves) for index in range(size)]


def test_a_rewritten_past_has_no_consistency_proof() -> None:
    leaves = leaves_of(13)
    rewritten = [*leaves[:4], b"rewritten", *leaves[5:]]
    for old in range(5, 13):
        proof = merkle.prove(merkle.consistency_ranges(old, 13), store_of(rewritten))
        assert not merkle.verify_consistency(old, 13, naive_root(leaves[:old]), naive_root(rewritten), proof)


def test_every_tree_begins_with_the_empty_one() -> None:
    assert merkle.verify_consistency(0, 7, merkle.EMPTY, naive_root(leaves_of(7)), [])
    assert not merkle.verify_consistency(0, 7, naive_root(leaves_of(7)), naive_root(leaves_of(7)), [])


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 3)])
def test_no_consistency_proof_is_made_for_sizes_that_cannot_have_one(old: int, new: int) -> None:
    with pytest.raises(merkle.ProofInvalid):
        merkle.consistency_ranges(old, new)


@pytest.mark.parametrize(("index", "size"), [(3, 3), (-1, 3), (0, 0)])
def test_no_inclusion_proof_is_made_for_a_leaf_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(merkle.ProofInvalid):
        merkle.inclusion_ranges(index, size)


@given(st.lists(st.integers(0, 40), max_size=6))
def test_growing_in_steps_is_growing_at_once(steps: list[int]) -> None:
    leaves = [merkle.leaf_hash(b"%d" % place) for place in range(sum(steps))]
    tree, completed, begin = merkle.Frontier(), [], 0
    for step in steps:
        tree, more = merkle.grow(tree, leaves[begin : begin + step])
        completed += more
        begin += step
    assert (tree, completed) == merkle.grow(merkle.Frontier(), leaves)
    assert len({node for node, _ in completed}) == len(completed)


BIG = 70_000  # over the second level of stored nodes, which begins at 65,536
BIG_LEAVES = [sha(b"%d" % place) for place in range(BIG)]
BIG_STORE = {
    node: digest for node, digest in merkle.grow(merkle.Frontier(), BIG_LEAVES)[1] if node[0] % merkle.TILE == 0
}


@given(st.data())
def test_a_big_tree_is_proven_from_the_few_nodes_that_are_stored(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, BIG))
    old = data.draw(st.integers(1, new))
    index = data.draw(st.integers(0, new - 1))

    def fetched(ranges: list[tuple[int, int]]) -> dict[merkle.Node, bytes]:
        wanted = merkle.stored(node for begin, end in ranges for node in merkle.cover(begin, end))
        found = {(level, at): BIG_STORE[level, at] for level, first, end in wanted for at in range(first, end)}
        assert len(found) <= 3 * 2 * 256
        return found

    old_root = merkle.frontier(old, fetched([(0, old)])).root()
    new_root = merkle.frontier(new, fetched([(0, new)])).root()
    inclusion = merkle.inclusion_ranges(index, new)
    assert merkle.verify_inclusion(index, new, BIG_LEAVES[index], merkle.prove(inclusion, fetched(inclusion)), new_root)
    ranges = merkle.consistency_ranges(old, new)
    assert merkle.verify_consistency(old, new, old_root, new_root, merkle.prove(ranges, fetched(ranges)))


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_cover_is_whole_and_without_overlap(begin: int, length: int) -> None:
    width = 1 << max(length - 1, 0).bit_length()
    start = begin * width
    covered = [(index << level, (index + 1) << level) for level, index in merkle.cover(start, start + length)]
    assert [end for _, end in covered][-1:] == ([start + length] if length else [])
    assert all(left[1] == right[0] for left, right in pairwise(covered))
    assert covered[:1] == ([] if not length else [(start, covered[0][1])])
