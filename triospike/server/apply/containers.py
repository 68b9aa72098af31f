"""Lists and maps as they arrive, checked and brought into canonical form (protocol section 10.2).

Canonical means: the shortest form of every header and integer, unordered maps sorted by key, no index that a
client asked to be kept with the value. What a container holds can be nested to any depth, so this works on a
stack of its own instead of recursing.
"""

from __future__ import annotations

import struct
from itertools import pairwise

from ..._wire.flags import ParticleType
from ...result_code import ResultCode
from ..refusal import Refusal
from .order import is_map_key, sort_key
from .packing import pack_extension, pack_header, pack_integer, pack_text_header

__all__ = ["Indexed", "Malformed", "canonical", "canonical_list", "canonical_map"]

_LIST = ParticleType.LIST
_MAP = ParticleType.MAP
_SCALAR = ParticleType.NULL

_ORDERED = 0x01
_LIST_ORDERS = _ORDERED
_MAP_ORDERS = 0x03
_INDEXED = 0x10
_NOT_STORED = 0xFF
"""Extension type of wildcard and infinity, which only compare."""

_U16 = struct.Struct(">H")
_U32 = struct.Struct(">I")
_INTEGERS = {
    0xCC: struct.Struct(">B"),
    0xCD: struct.Struct(">H"),
    0xCE: struct.Struct(">I"),
    0xCF: struct.Struct(">Q"),
    0xD0: struct.Struct(">b"),
    0xD1: struct.Struct(">h"),
    0xD2: struct.Struct(">i"),
    0xD3: struct.Struct(">q"),
}
_LENGTH_WIDTHS = {
    **dict.fromkeys((0xC4, 0xD9, 0xC7), 1),
    **dict.fromkeys((0xC5, 0xDA, 0xC8, 0xDC, 0xDE), 2),
    **dict.fromkeys((0xC6, 0xDB, 0xC9, 0xDD, 0xDF), 4),
}
_STRINGS = frozenset({0xC4, 0xC5, 0xC6, 0xD9, 0xDA, 0xDB})
_FIXED_EXTENSIONS = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
_FIXED_WIDTHS = {0xC0: 1, 0xC2: 1, 0xC3: 1, 0xCA: 5, 0xCB: 9}


class Indexed(bytes):
    """A map as it is sent, which is kept with an index; clients can tell by the order of some results."""

    __slots__ = ()


class Malformed(Exception):
    """The bytes are no list or map that a server stores."""


def canonical_list(value: bytes) -> bytes:
    """The list to store.

    Raises:
        Refusal: It is no well-formed list.
    """
    return _whole(value, _LIST)


def canonical_map(value: bytes) -> bytes:
    """The map to store.

    Raises:
        Refusal: It is no well-formed map.
    """
    packed = _whole(value, _MAP)
    return Indexed(packed) if _asks_for_index(value) else packed


def _asks_for_index(value: bytes) -> bool:
    _, n, at = _container(value, 0)
    if not n or not (value[at] in _FIXED_EXTENSIONS or value[at] in {0xC7, 0xC8, 0xC9}):
        return False
    order, _, _ = _extension(value, at)
    return bool(order & _INDEXED)


def _whole(value: bytes, kind: ParticleType) -> bytes:
    try:
        found, piece, behind = canonical(value, 0)
    except (Malformed, struct.error, IndexError, RecursionError):
        raise Refusal(ResultCode.SERVER) from None
    if found != kind or behind != len(value):
        raise Refusal(ResultCode.SERVER)
    return piece


class _Open:
    """A container whose elements are still being read."""

    __slots__ = ("kind", "missing", "order", "parts")

    def __init__(self, kind: ParticleType, missing: int, order: int) -> None:
        self.kind = kind
        self.missing = missing
        self.order = order
        self.parts: list[bytes] = []

    def close(self) -> bytes:
        return _close_list(self) if self.kind == _LIST else _close_map(self)


def canonical(data: bytes, at: int) -> tuple[ParticleType, bytes, int]:
    """Read one value; return what it is (LIST, MAP, or NULL for anything else), its form, and where it ends.

    Raises:
        Malformed: The value is not one that a server stores; also struct.error and IndexError when it is cut off.
    """
    stack: list[_Open] = []
    while True:
        kind, n, at_elements = _container(data, at)
        if kind == _SCALAR:
            piece, at = _scalar(data, at)
        else:
            opened, at = _open(data, at_elements, kind, n)
            if opened.missing:
                stack.append(opened)
                continue
            piece = opened.close()
        while stack:
            top = stack[-1]
            top.parts.append(piece)
            top.missing -= 1
            if top.missing:
                break
            piece = top.close()
            kind = top.kind
            stack.pop()
        if not stack:
            return kind, piece, at


def _container(data: bytes, at: int) -> tuple[ParticleType, int, int]:
    first = data[at]
    if first >> 4 == 0x9:
        return _LIST, first & 0x0F, at + 1
    if first >> 4 == 0x8:
        return _MAP, first & 0x0F, at + 1
    if 0xDC <= first <= 0xDF:
        length, behind = _length(data, at + 1, _LENGTH_WIDTHS[first])
        return (_LIST if first <= 0xDD else _MAP), length, behind
    return _SCALAR, 0, at


def _open(data: bytes, at: int, kind: ParticleType, n: int) -> tuple[_Open, int]:
    """Open a container; an extension object in front of its elements tells its order and is none of them."""
    order = 0
    if n and at < len(data) and (data[at] in _FIXED_EXTENSIONS or data[at] in {0xC7, 0xC8, 0xC9}):
        order, _, at = _extension(data, at)
        n -= 1
        if kind == _MAP:
            _, at = _scalar(data, at)
    if kind == _LIST:
        return _Open(kind, n, order & _LIST_ORDERS), at
    return _Open(kind, 2 * n, order & _MAP_ORDERS), at


def _close_list(opened: _Open) -> bytes:
    parts = opened.parts
    if opened.order:
        keys = [sort_key(part) for part in parts]
        if any(left > right for left, right in pairwise(keys)):
            raise Malformed("ordered list is not in order")
        return pack_header(0x90, 0xDC, len(parts) + 1) + b"\xc7\0" + bytes((opened.order,)) + b"".join(parts)
    return pack_header(0x90, 0xDC, len(parts)) + b"".join(parts)


def _close_map(opened: _Open) -> bytes:
    names, values = opened.parts[::2], opened.parts[1::2]
    if not all(map(is_map_key, names)):
        raise Malformed("map key of a type that is none")
    keys = [sort_key(name) for name in names]
    items = list(zip(keys, names, values, strict=True))
    if any(left >= right for left, right in pairwise(keys)):
        if opened.order:
            raise Malformed("ordered map is not in order")
        items.sort(key=lambda item: item[0])
        if any(left[0] == right[0] for left, right in pairwise(items)):
            raise Malformed("map key occurs twice")
    marker = b"\xc7\0" + bytes((opened.order,)) + b"\xc0" if opened.order else b""
    header = pack_header(0x80, 0xDE, len(items) + bool(marker))
    return header + marker + b"".join([name + value for _, name, value in items])


def _scalar(data: bytes, at: int) -> tuple[bytes, int]:
    first = data[at]
    if first < 0x80 or first >= 0xE0:
        return data[at : at + 1], at + 1
    if first & 0xE0 == 0xA0:
        return _slice(data, at, at + 1 + (first & 0x1F))
    width = _FIXED_WIDTHS.get(first)
    if width is not None:
        return _slice(data, at, at + width)
    integer = _INTEGERS.get(first)
    if integer is not None:
        (number,) = integer.unpack_from(data, at + 1)
        return pack_integer(number), at + 1 + integer.size
    if first in _STRINGS:
        length, start = _length(data, at + 1, _LENGTH_WIDTHS[first])
        text, behind = _slice(data, start, start + length)
        return pack_text_header(length) + text, behind
    if first in _FIXED_EXTENSIONS or first in {0xC7, 0xC8, 0xC9}:
        kind, content, behind = _extension(data, at)
        return pack_extension(kind, content), behind
    raise Malformed(f"element of an unknown kind at byte offset {at}: {first:#x}")


def _slice(data: bytes, start: int, end: int) -> tuple[bytes, int]:
    if end > len(data):
        raise Malformed(f"element cut off at byte offset {start}")
    return data[start:end], end


def _length(data: bytes, at: int, width: int) -> tuple[int, int]:
    if width == 1:
        return data[at], at + 1
    unpack = _U16 if width == 2 else _U32
    return int(unpack.unpack_from(data, at)[0]), at + width


def _extension(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Type and content of the extension object here, and where it ends."""
    first = data[at]
    size = _FIXED_EXTENSIONS.get(first)
    at += 1
    if size is None:
        size, at = _length(data, at, _LENGTH_WIDTHS[first])
    content, behind = _slice(data, at + 1, at + 1 + size)
    if data[at] == _NOT_STORED and 0 < size < 4:
        raise Malformed("wildcard or infinity")
    return data[at], content, behind
