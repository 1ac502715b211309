"""Chance as a function: the same draw for the same key, purpose and seed, in any order, on any machine. No I/O.

Drawing by hashing instead of from a stream keeps the city equal when one part of it changes, lets large tables be
drawn a slice at a time, and stays inside polars. The mixing is that of splitmix64.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import polars as pl

_GOLDEN = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


def _lit(value: int) -> pl.Expr:
    return pl.lit(value & _MASK, dtype=pl.UInt64)


def _shifted(value: pl.Expr, bits: int) -> pl.Expr:
    return value.xor(value // _lit(1 << bits))


@dataclass(frozen=True, slots=True)
class Chance:
    """The draws of one city."""

    seed: int

    def unit(self, purpose: str, *keys: str) -> pl.Expr:
        """A number in [0, 1) for each row, by its integer columns `keys` (by default `pid`)."""
        salt = (self.seed * 0xD1342543DE82EF95 + crc32(purpose.encode()) * 0x2545F4914F6CDD1D) & _MASK
        mixed = _lit(salt)
        for key in keys or ("pid",):
            mixed = mixed.xor(pl.col(key).cast(pl.UInt64)) * _lit(_GOLDEN) + _lit(_GOLDEN)
            mixed = _shifted(mixed, 30) * _lit(0xBF58476D1CE4E5B9)
            mixed = _shifted(mixed, 27) * _lit(0x94D049BB133111EB)
            mixed = _shifted(mixed, 31)
        return (mixed // _lit(1 << 11)).cast(pl.Float64) / float(1 << 53)

    def below(self, limit: int, purpose: str, *keys: str) -> pl.Expr:
        """A whole number from 0 up to but not including `limit`."""
        return (self.unit(purpose, *keys) * limit).cast(pl.Int64)

    def pick(self, values: Sequence[str], purpose: str, *keys: str) -> pl.Expr:
        """One of the values, all equally likely."""
        return pl.lit(pl.Series(values, dtype=pl.String)).gather(self.below(len(values), purpose, *keys))

    def happens(self, probability: float, purpose: str, *keys: str) -> pl.Expr:
        return self.unit(purpose, *keys) < probability
