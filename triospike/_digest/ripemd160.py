"""RIPEMD-160: OpenSSL's where the platform has it, else a pure-Python one.

OpenSSL 3 moved the digest to its legacy provider, so ``hashlib.new("ripemd160")`` fails on some systems.
The tables are those of the algorithm's paper (Dobbertin, Bosselaers, Preneel, 1996).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from typing import Protocol

__all__ = ["Digest", "PythonDigest", "new_digest", "python_ripemd160"]

_MASK = 0xFFFFFFFF

# Which word of the block each step takes, and by how much it rotates: left line, right line.
_WORDS_LEFT = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
    (7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8),
    (3, 10, 14, 4, 9, 15, 8, 1, 2, 7, 0, 6, 13, 11, 5, 12),
    (1, 9, 11, 10, 0, 8, 12, 4, 13, 3, 7, 15, 14, 5, 6, 2),
    (4, 0, 5, 9, 7, 12, 2, 10, 14, 1, 3, 8, 11, 6, 15, 13),
)
_WORDS_RIGHT = (
    (5, 14, 7, 0, 9, 2, 11, 4, 13, 6, 15, 8, 1, 10, 3, 12),
    (6, 11, 3, 7, 0, 13, 5, 10, 14, 15, 8, 12, 4, 9, 1, 2),
    (15, 5, 1, 3, 7, 14, 6, 9, 11, 8, 12, 2, 10, 0, 4, 13),
    (8, 6, 4, 1, 3, 11, 15, 0, 5, 12, 2, 13, 9, 7, 10, 14),
    (12, 15, 10, 4, 1, 5, 8, 7, 6, 2, 13, 14, 0, 3, 9, 11),
)
_SHIFTS_LEFT = (
    (11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8),
    (7, 6, 8, 13, 11, 9, 7, 15, 7, 12, 15, 9, 11, 7, 13, 12),
    (11, 13, 6, 7, 14, 9, 13, 15, 14, 8, 13, 6, 5, 12, 7, 5),
    (11, 12, 14, 15, 14, 15, 9, 8, 9, 14, 5, 6, 8, 6, 5, 12),
    (9, 15, 5, 11, 6, 8, 13, 12, 5, 12, 13, 14, 11, 8, 5, 6),
)
_SHIFTS_RIGHT = (
    (8, 9, 9, 11, 13, 15, 15, 5, 7, 7, 8, 11, 14, 14, 12, 6),
    (9, 13, 15, 7, 12, 8, 9, 11, 7, 7, 12, 7, 6, 15, 13, 11),
    (9, 7, 15, 11, 8, 6, 6, 14, 12, 13, 5, 14, 13, 13, 7, 5),
    (15, 5, 8, 11, 14, 14, 6, 14, 6, 9, 12, 9, 12, 5, 15, 8),
    (8, 5, 12, 9, 12, 5, 14, 6, 8, 13, 6, 5, 15, 13, 11, 11),
)
_CONSTANTS_LEFT = (0x00000000, 0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xA953FD4E)
_CONSTANTS_RIGHT = (0x50A28BE6, 0x5C4DD124, 0x6D703EF3, 0x7A6D76E9, 0x00000000)
_FUNCTIONS: tuple[Callable[[int, int, int], int], ...] = (
    lambda x, y, z: x ^ y ^ z,
    lambda x, y, z: (x & y) | (~x & z),
    lambda x, y, z: (x | ~y) ^ z,
    lambda x, y, z: (x & z) | (y & ~z),
    lambda x, y, z: x ^ (y | ~z),
)
_State = tuple[int, int, int, int, int]
_START: _State = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)


def python_ripemd160(data: bytes) -> bytes:
    """The RIPEMD-160 digest of data, 20 bytes, computed without OpenSSL."""
    padded = data + b"\x80" + bytes((55 - len(data)) % 64) + struct.pack("<Q", len(data) * 8)
    state = _START
    for words in struct.iter_unpack("<16I", padded):
        left = _line(state, words, _WORDS_LEFT, _SHIFTS_LEFT, _CONSTANTS_LEFT, _FUNCTIONS)
        right = _line(state, words, _WORDS_RIGHT, _SHIFTS_RIGHT, _CONSTANTS_RIGHT, _FUNCTIONS[::-1])
        state = _combine(state, left, right)
    return struct.pack("<5I", *state)


def _line(
    state: _State,
    words: tuple[int, ...],
    order: tuple[tuple[int, ...], ...],
    shifts: tuple[tuple[int, ...], ...],
    constants: tuple[int, ...],
    functions: tuple[Callable[[int, int, int], int], ...],
) -> _State:
    a, b, c, d, e = state
    for index_of, shift_of, constant, function in zip(order, shifts, constants, functions, strict=True):
        for index, shift in zip(index_of, shift_of, strict=True):
            total = (a + function(b, c, d) + words[index] + constant) & _MASK
            a, e, d, c, b = e, d, _rotate(c, 10), b, (_rotate(total, shift) + e) & _MASK
    return a, b, c, d, e


def _combine(state: _State, left: _State, right: _State) -> _State:
    # Word i of the new state: old word i+1, left word i+2, right word i+3.
    a, b, c, d, e = ((state[(i + 1) % 5] + left[(i + 2) % 5] + right[(i + 3) % 5]) & _MASK for i in range(5))
    return a, b, c, d, e


def _rotate(word: int, by: int) -> int:
    return ((word << by) | (word >> (32 - by))) & _MASK


class Digest(Protocol):
    """A digest of bytes that come in pieces, as the objects of `hashlib` are."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""

    def copy(self) -> Digest:
        """Another that has the same bytes so far: cheaper than to begin anew."""

    def digest(self) -> bytes:
        """The digest of the bytes so far, 20 bytes."""


class PythonDigest:
    """A digest without OpenSSL."""

    def __init__(self, data: bytes = b"") -> None:
        self._data = data

    def update(self, data: bytes, /) -> None:
        """See `Digest.update`."""
        self._data += data

    def copy(self) -> PythonDigest:
        """See `Digest.copy`."""
        return PythonDigest(self._data)

    def digest(self) -> bytes:
        """See `Digest.digest`."""
        return python_ripemd160(self._data)


def new_digest() -> Digest:
    """A digest of nothing yet."""
    try:
        return hashlib.new("ripemd160", usedforsecurity=False)
    except ValueError:
        return PythonDigest()
