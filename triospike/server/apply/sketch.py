"""HyperLogLog sketches: how many different elements a set has, from very few bytes (protocol section 11).

The count is Ertl's improved estimate (arXiv 1702.01284, algorithm 6). Sketches with minhash bits are HyperMinHash
sketches (arXiv 1710.08436), whose registers also tell how similar two sets are.
"""

from __future__ import annotations

import math
import struct
from collections import Counter
from collections.abc import Sequence
from typing import Final

import attrs

from .murmur import murmur

__all__ = ["Sketch", "are_bits_valid", "intersect_count", "similarity", "union"]

_HEADER = struct.Struct(">BBB8s")
_CACHE = struct.Struct("<Q")
_RANK_BITS: Final = 6
_MAX_RANK: Final = 1 << _RANK_BITS
_INDEX_BITS = range(4, 17)
_MINHASH_BITS = frozenset({0, *range(4, 52)})
_BITS_OF_BOTH: Final = 64
_GROUP: Final = 8
"""Registers that together fill whole bytes."""

_NAN_OF_DIVISION: Final[float] = struct.unpack(">d", bytes.fromhex("fff8000000000000"))[0]
"""What the hardware makes of zero divided by zero: with the sign bit set."""


def are_bits_valid(index_bits: int, minhash_bits: int) -> bool:
    """Whether a sketch may be of this make."""
    return (
        index_bits in _INDEX_BITS and minhash_bits in _MINHASH_BITS and index_bits + minhash_bits <= _BITS_OF_BOTH
    )


@attrs.define
class Sketch:
    """One sketch, its registers unpacked.

    Attributes:
        index_bits: The sketch has two to the power of this registers.
        minhash_bits: Bits of each register besides the six of the rank.
        registers: Rank and minhash of each.
        cache: The count, or 0 if it has to be estimated.
    """

    index_bits: int
    minhash_bits: int
    registers: list[int]
    cache: int = 0

    @classmethod
    def empty(cls, index_bits: int, minhash_bits: int) -> Sketch:
        """A sketch of nothing."""
        return cls(index_bits, minhash_bits, [0] * (1 << index_bits))

    @classmethod
    def unpack(cls, data: bytes) -> Sketch | None:
        """The sketch that these bytes hold; None if they hold none."""
        if len(data) < _HEADER.size:
            return None
        flags, index_bits, minhash_bits, cache = _HEADER.unpack_from(data)
        # Each alone: what an operand may be of is not checked together.
        if flags or index_bits not in _INDEX_BITS or minhash_bits not in _MINHASH_BITS:
            return None
        width = _RANK_BITS + minhash_bits
        if len(data) != _HEADER.size + (width << index_bits) // 8:
            return None
        registers = _unpack_registers(data[_HEADER.size :], width)
        return cls(index_bits, minhash_bits, registers, _CACHE.unpack(cache)[0])

    def pack(self) -> bytes:
        """The bytes of the sketch."""
        width = _RANK_BITS + self.minhash_bits
        header = _HEADER.pack(0, self.index_bits, self.minhash_bits, _CACHE.pack(self.cache))
        return header + _pack_registers(self.registers, width)

    def copy(self) -> Sketch:
        """Another sketch of the same set."""
        return Sketch(self.index_bits, self.minhash_bits, list(self.registers), self.cache)

    def add(self, element: bytes) -> bool:
        """Add an element, packed in canonical form; return whether that made a difference."""
        index, value = self._place(element)
        if self.registers[index] >= value:
            return False
        self.registers[index] = value
        self.cache = 0
        return True

    def may_contain(self, element: bytes) -> bool:
        """Whether an element may have been added."""
        index, value = self._place(element)
        return value <= self.registers[index]

    def merge(self, other: Sketch) -> None:
        """Add all elements of another sketch, which has as many registers or more."""
        mask = len(self.registers) - 1
        dropped = 0 if self.minhash_bits else other.minhash_bits
        registers = self.registers
        for index, value in enumerate(other.registers):
            rank = value >> dropped
            if registers[index & mask] < rank:
                registers[index & mask] = rank

    def count(self) -> int:
        """How many different elements were added, as the cache or else the estimate has it."""
        return self.cache or self._estimate()

    def has_data(self) -> bool:
        """Whether anything was added, as a server looks at it: only at as many bytes as there are registers."""
        return any(self.pack()[_HEADER.size : _HEADER.size + len(self.registers)])

    def used_registers(self) -> int:
        """How many registers are not empty."""
        return len(self.registers) - self.registers.count(0)

    def _place(self, element: bytes) -> tuple[int, int]:
        low, high = murmur(element)
        index = low & len(self.registers) - 1
        minhash = low >> self.index_bits & (1 << self.minhash_bits) - 1
        rank = (high & -high).bit_length() if high else _MAX_RANK + 1
        return index, rank << self.minhash_bits | minhash

    def _estimate(self) -> int:
        n = len(self.registers)
        ranks = Counter(value >> self.minhash_bits for value in self.registers)
        total = n * _tau(ranks[_MAX_RANK] / n)
        for rank in range(_MAX_RANK, 0, -1):
            total = 0.5 * (total + ranks[rank])
        total += n * _sigma(ranks[0] / n)
        return _rounded(_alpha(self.index_bits) * n * n / total)


def _unpack_registers(packed: bytes, width: int) -> list[int]:
    registers = []
    mask = (1 << width) - 1
    shifts = range(width * (_GROUP - 1), -1, -width)
    for start in range(0, len(packed), width):
        group = int.from_bytes(packed[start : start + width], "big")
        registers += [group >> shift & mask for shift in shifts]
    return registers


def _pack_registers(registers: Sequence[int], width: int) -> bytes:
    packed = bytearray()
    for start in range(0, len(registers), _GROUP):
        group = 0
        for value in registers[start : start + _GROUP]:
            group = group << width | value
        packed += group.to_bytes(width, "big")
    return bytes(packed)


def union(sketches: Sequence[Sketch]) -> Sketch:
    """The sketch of all elements of several, of the finest make that all of them allow."""
    makes = {sketch.minhash_bits for sketch in sketches}
    index_bits = min(sketch.index_bits for sketch in sketches)
    merged = Sketch.empty(index_bits, makes.pop() if len(makes) == 1 else 0)
    for sketch in sketches:
        merged.merge(sketch)
    return merged


def intersect_count(sketches: Sequence[Sketch]) -> int:
    """How many different elements all of them have in common, estimated: up to three without minhash bits."""
    united = union(sketches)
    if not united.minhash_bits:
        return _intersect_count_without_minhash(sketches, united)
    alike = similarity(sketches)
    return 0 if math.isnan(alike) else _rounded(united.count() * alike)


def similarity(sketches: Sequence[Sketch]) -> float:
    """How much they have in common, 0.0 to 1.0; not a number if nothing has been added to any of them."""
    united = union(sketches)
    if not united.minhash_bits:
        common = _intersect_count_without_minhash(sketches, united)
        total = united.count()
        return common / total if total else _NAN_OF_DIVISION
    filled = [sketch.has_data() for sketch in sketches]
    if not all(filled):
        return 0.0 if any(filled) else math.nan
    common = _common_registers(sketches, united)
    by_chance = _collisions(united, *(sketch.count() for sketch in sketches)) if len(sketches) == 2 else 0.0
    return max(0.0, (common - by_chance) / united.used_registers())


def _intersect_count_without_minhash(sketches: Sequence[Sketch], united: Sketch) -> int:
    """By inclusion and exclusion, which allows no more than three sketches."""
    total = sum(sketch.count() for sketch in sketches)
    if len(sketches) == 2:
        return max(0, total - united.count())
    one, other, third = sketches
    pairs = sum(intersect_count(pair) for pair in ((one, other), (other, third), (one, third)))
    return max(0, united.count() - (total - pairs))


def _common_registers(sketches: Sequence[Sketch], united: Sketch) -> int:
    """Registers that are the same in all; all registers of a finer one are to be like the coarser one's."""
    common = Sketch.empty(united.index_bits, united.minhash_bits)
    common.merge(sketches[0])
    mask = len(common.registers) - 1
    for sketch in sketches[1:]:
        for index, value in enumerate(sketch.registers):
            if common.registers[index & mask] != value:
                common.registers[index & mask] = 0
    return common.used_registers()


def _collisions(make: Sketch, count: int, other_count: int) -> float:
    """Registers of two sets without common elements that are the same by chance."""
    n = len(make.registers)
    likely = 0.0
    for rank in range(1, _MAX_RANK + 1):
        low = 0.0 if rank == _MAX_RANK else 2.0**-rank / n
        high = 2.0 ** (1 - rank) / n
        one = math.pow(1 - low, count) - math.pow(1 - high, count)
        other = math.pow(1 - low, other_count) - math.pow(1 - high, other_count)
        likely += one * other
    return likely * n / 2.0**make.minhash_bits


def _tau(share: float) -> float:
    if share in {0.0, 1.0}:
        return 0.0
    y, z, previous = 1.0, 1 - share, math.nan
    while previous != z:
        share = math.sqrt(share)
        previous = z
        y *= 0.5
        z -= math.pow(1 - share, 2) * y
    return z / 3


def _sigma(share: float) -> float:
    if share == 1.0:
        return math.inf
    y, z, previous = 1.0, share, math.nan
    while previous != z:
        share *= share
        previous = z
        z += share * y
        y += y
    return z


def _alpha(index_bits: int) -> float:
    """Corrects the estimate for the number of registers."""
    return {4: 0.673, 5: 0.697, 6: 0.709}.get(index_bits, 0.7213 / (1.0 + 1.079 / (1 << index_bits)))


def _rounded(number: float) -> int:
    """Halves go up."""
    whole = math.floor(number)
    return whole + (number - whole >= 0.5)
