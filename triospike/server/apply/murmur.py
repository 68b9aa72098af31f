"""MurmurHash3 with 128 bits, in its variant for machines of 64 bits, with seed 0: how sketches hash elements."""

from __future__ import annotations

import struct
from typing import Final

__all__ = ["murmur"]

_MASK: Final = (1 << 64) - 1
_C1: Final = 0x87C37B91114253D5
_C2: Final = 0x4CF5AD432745937F
_BLOCK = struct.Struct("<QQ")


def murmur(data: bytes) -> tuple[int, int]:
    """Both halves of the hash, 64 bits each."""
    h1 = h2 = 0
    whole = len(data) - len(data) % _BLOCK.size
    for k1, k2 in _BLOCK.iter_unpack(data[:whole]):
        h1 ^= _mixed_first(k1)
        h1 = (_rotated(h1, 27) + h2) * 5 + 0x52DCE729 & _MASK
        h2 ^= _mixed_second(k2)
        h2 = (_rotated(h2, 31) + h1) * 5 + 0x38495AB5 & _MASK
    tail = data[whole:]
    if tail:
        k1, k2 = _BLOCK.unpack(tail.ljust(_BLOCK.size, b"\0"))
        h1 ^= _mixed_first(k1)
        h2 ^= _mixed_second(k2)
    h1 ^= len(data)
    h2 ^= len(data)
    h1 = h1 + h2 & _MASK
    h2 = h1 + h2 & _MASK
    h1, h2 = _final(h1), _final(h2)
    h1 = h1 + h2 & _MASK
    return h1, h1 + h2 & _MASK


def _mixed_first(block: int) -> int:
    return _rotated(block * _C1 & _MASK, 31) * _C2 & _MASK


def _mixed_second(block: int) -> int:
    return _rotated(block * _C2 & _MASK, 33) * _C1 & _MASK


def _rotated(number: int, by: int) -> int:
    return (number << by | number >> 64 - by) & _MASK


def _final(number: int) -> int:
    number ^= number >> 33
    number = number * 0xFF51AFD7ED558CCD & _MASK
    number ^= number >> 33
    number = number * 0xC4CEB9FE1A85EC53 & _MASK
    return number ^ number >> 33
