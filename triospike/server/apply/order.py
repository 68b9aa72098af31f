"""The server's order of values inside lists and maps (protocol section 10.2).

Values are compared by keys that Python orders the same way: tuples of the type's rank and the value.
"""

from __future__ import annotations

import struct
from typing import Any, Final, TypeAlias

__all__ = ["SortKey", "is_map_key", "sort_key"]

SortKey: TypeAlias = tuple[Any, ...]

_NIL: Final = 0
_FALSE: Final = 1
_TRUE: Final = 2
_INTEGER: Final = 3
_STRING: Final = 4
_LIST: Final = 5
_MAP: Final = 6
_BLOB: Final = 7
_FLOAT: Final = 8
_GEOJSON: Final = 9
_EXTENSION: Final = 10

_TEXT_TYPES = {0x03: _STRING, 0x17: _GEOJSON}
_CONSTANTS = {0xC0: _NIL, 0xC2: _FALSE, 0xC3: _TRUE}
_NUMBERS = {
    0xCA: (_FLOAT, struct.Struct(">f")),
    0xCB: (_FLOAT, struct.Struct(">d")),
    0xCC: (_INTEGER, struct.Struct(">B")),
    0xCD: (_INTEGER, struct.Struct(">H")),
    0xCE: (_INTEGER, struct.Struct(">I")),
    0xCF: (_INTEGER, struct.Struct(">Q")),
    0xD0: (_INTEGER, struct.Struct(">b")),
    0xD1: (_INTEGER, struct.Struct(">h")),
    0xD2: (_INTEGER, struct.Struct(">i")),
    0xD3: (_INTEGER, struct.Struct(">q")),
}
_STRING_WIDTHS = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_EXTENSION_WIDTHS = {0xC7: 1, 0xC8: 2, 0xC9: 4}
_FIXED_EXTENSIONS = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}


def sort_key(piece: bytes) -> SortKey:
    """The key by which a value in canonical form is ordered.

    Raises:
        RecursionError: The value is nested deeper than Python's stack.
    """
    key, _ = _key_at(piece, 0)
    return key


def is_map_key(piece: bytes) -> bool:
    """Whether a value in canonical form may be a map's key: an integer, a string or a blob."""
    first = piece[0]
    if first < 0x80 or first >= 0xE0 or 0xCC <= first <= 0xD3:
        return True
    if first & 0xE0 == 0xA0 or first in _STRING_WIDTHS:
        return bool(sort_key(piece)[0] != _GEOJSON)
    return False


def _key_at(data: bytes, at: int) -> tuple[SortKey, int]:
    first = data[at]
    if first < 0x80:
        return (_INTEGER, first), at + 1
    if first >= 0xE0:
        return (_INTEGER, first - 256), at + 1
    if first < 0x90:
        return _map_key(data, at + 1, first & 0x0F)
    if first < 0xA0:
        return _list_key(data, at + 1, first & 0x0F)
    if first < 0xC0:
        return _text_key(data, at + 1, first & 0x1F)
    if first in _CONSTANTS:
        return (_CONSTANTS[first],), at + 1
    if first in _NUMBERS:
        rank, number = _NUMBERS[first]
        return (rank, number.unpack_from(data, at + 1)[0]), at + 1 + number.size
    return _long_key(data, at, first)


def _long_key(data: bytes, at: int, first: int) -> tuple[SortKey, int]:
    width = _STRING_WIDTHS.get(first)
    if width is not None:
        return _text_key(data, at + 1 + width, _number(data, at + 1, width))
    if 0xDC <= first <= 0xDF:
        width = 4 if first & 1 else 2
        make = _list_key if first <= 0xDD else _map_key
        return make(data, at + 1 + width, _number(data, at + 1, width))
    width = _EXTENSION_WIDTHS.get(first)
    size = _FIXED_EXTENSIONS[first] if width is None else _number(data, at + 1, width)
    start = at + 2 + (width or 0)
    return (_EXTENSION, data[start : start + size]), start + size


def _number(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "big")


def _text_key(data: bytes, at: int, size: int) -> tuple[SortKey, int]:
    text = data[at : at + size]
    return (_TEXT_TYPES.get(text[0], _BLOB) if text else _BLOB, text), at + size


def _skip_marker(data: bytes, at: int, n: int, size: int) -> tuple[int, int]:
    """Where the elements begin and how many there are, behind the order marker if there is one."""
    if n and data[at] == 0xC7 and data[at + 1] == 0:
        return at + size, n - 1
    return at, n


def _list_key(data: bytes, at: int, n: int) -> tuple[SortKey, int]:
    at, n = _skip_marker(data, at, n, 3)
    elements = []
    for _ in range(n):
        key, at = _key_at(data, at)
        elements.append(key)
    return (_LIST, elements), at


def _map_key(data: bytes, at: int, n: int) -> tuple[SortKey, int]:
    at, n = _skip_marker(data, at, n, 4)
    elements = []
    for _ in range(2 * n):
        key, at = _key_at(data, at)
        elements.append(key)
    return (_MAP, n, elements), at
