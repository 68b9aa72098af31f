"""The hash under which an index keeps strings and blobs: wyhash, final version 3, with a server's seed."""

from __future__ import annotations

from struct import unpack_from
from typing import Final

__all__ = ["hash_of"]

_SECRETS: Final = (0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3)
_SEED: Final = 0x29FBB14CC886F ^ _SECRETS[0]
_MASK: Final = (1 << 64) - 1
_SIGN: Final = 1 << 63
_BLOCK: Final = 16
_BLOCKS: Final = 48


def hash_of(data: bytes) -> int:
    """The hash of some bytes, as an integer of 64 bits with a sign."""
    size = len(data)
    seed = _SEED
    if size > _BLOCK:
        seed, at = _absorbed(data, seed)
        one, other = unpack_from("<QQ", data, at - _BLOCK)
    elif size >= 4:
        half = size >> 3 << 2
        (a,), (b,) = unpack_from("<I", data), unpack_from("<I", data, half)
        (c,), (d,) = unpack_from("<I", data, size - 4), unpack_from("<I", data, size - 4 - half)
        one, other = a << 32 | b, c << 32 | d
    elif size:
        one, other = data[0] << 16 | data[size >> 1] << 8 | data[-1], 0
    else:
        one = other = 0
    mixed = _mix(_SECRETS[1] ^ size, _mix(one ^ _SECRETS[1], other ^ seed))
    return mixed - (1 << 64) if mixed & _SIGN else mixed


def _absorbed(data: bytes, seed: int) -> tuple[int, int]:
    """The seed mixed with all whole blocks but the last bytes, and the offset of the end."""
    at, left = 0, len(data)
    if left > _BLOCKS:
        second = third = seed
        while left > _BLOCKS:
            a, b, c, d, e, f = unpack_from("<6Q", data, at)
            seed = _mix(a ^ _SECRETS[1], b ^ seed)
            second = _mix(c ^ _SECRETS[2], d ^ second)
            third = _mix(e ^ _SECRETS[3], f ^ third)
            at += _BLOCKS
            left -= _BLOCKS
        seed ^= second ^ third
    while left > _BLOCK:
        a, b = unpack_from("<QQ", data, at)
        seed = _mix(a ^ _SECRETS[1], b ^ seed)
        at += _BLOCK
        left -= _BLOCK
    return seed, at + left


def _mix(one: int, other: int) -> int:
    product = one * other
    return (product ^ product >> 64) & _MASK
