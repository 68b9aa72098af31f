"""Packing of values in their shortest form (protocol section 10.2)."""

from __future__ import annotations

import struct

__all__ = [
    "pack_extension",
    "pack_float",
    "pack_header",
    "pack_integer",
    "pack_list_header",
    "pack_map_header",
    "pack_text",
    "pack_text_header",
]

_U16 = struct.Struct(">H")
_U32 = struct.Struct(">I")
_DOUBLE = struct.Struct(">d")
_UNSIGNED = ((8, 0xCC), (16, 0xCD), (32, 0xCE), (64, 0xCF))
_SIGNED = ((8, 0xD0), (16, 0xD1), (32, 0xD2), (64, 0xD3))
_FIXED_EXTENSIONS = {1: 0xD4, 2: 0xD5, 4: 0xD6, 8: 0xD7, 16: 0xD8}


def pack_header(fix: int, wide: int, n: int) -> bytes:
    """Header of a container.

    Args:
        fix: First byte of the shortest header, for no elements.
        wide: First byte of the header with 16 bits for the number; the one with 32 bits follows it.
        n: The number.
    """
    if n < 16:
        return bytes((fix | n,))
    if n < 1 << 16:
        return bytes((wide,)) + _U16.pack(n)
    return bytes((wide + 1,)) + _U32.pack(n)


def pack_list_header(n: int) -> bytes:
    """What precedes a list's elements, an order marker counted among them."""
    return pack_header(0x90, 0xDC, n)


def pack_map_header(n: int) -> bytes:
    """What precedes a map's items, an order marker counted among them."""
    return pack_header(0x80, 0xDE, n)


def pack_text_header(length: int) -> bytes:
    """What precedes a string or blob; its type byte counts as part of it."""
    if length < 32:
        return bytes((0xA0 | length,))
    if length < 1 << 8:
        return bytes((0xD9, length))
    if length < 1 << 16:
        return b"\xda" + _U16.pack(length)
    return b"\xdb" + _U32.pack(length)


def pack_text(kind: int, data: bytes) -> bytes:
    """A string, blob or GeoJSON text, its particle type in front."""
    return pack_text_header(len(data) + 1) + bytes((kind,)) + data


def pack_integer(number: int) -> bytes:
    """An integer, -2^63 to 2^64 - 1."""
    if -32 <= number < 128:
        return number.to_bytes(1, "big", signed=number < 0)
    for bits, code in _UNSIGNED if number >= 0 else _SIGNED:
        if number < 1 << bits if number >= 0 else number >= -1 << bits - 1:
            return bytes((code,)) + number.to_bytes(bits // 8, "big", signed=number < 0)
    raise OverflowError(f"integer of more than 64 bits: {number}")


def pack_float(number: float) -> bytes:
    """A floating-point number of 64 bits."""
    return b"\xcb" + _DOUBLE.pack(number)


def pack_extension(kind: int, content: bytes) -> bytes:
    """An extension object of a type, 0 to 255."""
    size = len(content)
    fixed = _FIXED_EXTENSIONS.get(size)
    if fixed is not None:
        return bytes((fixed, kind)) + content
    if size < 1 << 8:
        return bytes((0xC7, size, kind)) + content
    if size < 1 << 16:
        return b"\xc8" + _U16.pack(size) + bytes((kind,)) + content
    return b"\xc9" + _U32.pack(size) + bytes((kind,)) + content
