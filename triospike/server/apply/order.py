"""The server's order of values inside lists and maps (protocol section 10.2).

Values are compared by keys that Python orders the same way: one flat tuple for each, with the type's rank in front
of every value and an end behind every list. Being flat, they compare however deep a value is nested.
"""

from __future__ import annotations

import struct
from typing import Any, Final, TypeAlias

from .cursor import Cursor

__all__ = ["Pattern", "SearchKey", "SortKey", "is_map_key", "same", "search_key", "sort_key"]

SortKey: TypeAlias = tuple[Any, ...]

_END: Final = -1
"""Behind a list's last element: a list is less than one that goes on."""
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
_WILDCARD: Final = 11
_INFINITY: Final = 12

_WITH_VALUE = frozenset({_INTEGER, _STRING, _MAP, _BLOB, _FLOAT, _GEOJSON, _EXTENSION})

_TEXT_TYPES = {0x03: _STRING, 0x17: _GEOJSON}
_KEY_TEXTS = frozenset({0x03, 0x04})
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
_STRING_WIDTHS = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
_CONTAINER_WIDTHS = {0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}
_EXTENSION_WIDTHS = {0xC7: 1, 0xC8: 2, 0xC9: 4}
_FIXED_EXTENSIONS = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
_EXTENSIONS = frozenset({*_EXTENSION_WIDTHS, *_FIXED_EXTENSIONS})

_NOT_STORED = 0xFF
_NOT_STORED_RANKS = {b"\0": _WILDCARD, b"\1": _INFINITY}


class Pattern:
    """A key with wildcards: it is neither less nor greater than the values that it stands for.

    Args:
        key: The flat key.
    """

    __slots__ = ("_key",)

    def __init__(self, key: SortKey) -> None:
        self._key = key

    def __lt__(self, other: object) -> bool:
        return self._compare(other) < 0

    def __gt__(self, other: object) -> bool:
        return self._compare(other) > 0

    def _compare(self, other: object) -> int:
        right = other._key if isinstance(other, Pattern) else other
        assert isinstance(right, tuple)
        left = self._key
        at = 0
        while at < len(left) and at < len(right):
            if _WILDCARD in {left[at], right[at]} and _END not in {left[at], right[at]}:
                return 0
            width = 2 if left[at] in _WITH_VALUE else 1
            if left[at : at + width] != right[at : at + width]:
                return -1 if left[at : at + width] < right[at : at + width] else 1
            at += width
        return 0


SearchKey: TypeAlias = SortKey | Pattern


def sort_key(piece: bytes) -> SortKey:
    """The key by which a packed value is ordered.

    Args:
        piece: One whole value that has been checked.
    """
    first = piece[0]
    if first < 0x80:
        return (_INTEGER, first)
    if first & 0xE0 == 0xA0 and first != 0xA0:
        return (_TEXT_TYPES.get(piece[1], _BLOB), piece[1:])
    key: list[Any] = []
    _add(key, piece)
    return tuple(key)


def search_key(piece: bytes) -> SearchKey:
    """The key of a value to compare with, which may hold wildcards and infinity."""
    key = sort_key(piece)
    return Pattern(key) if _has_wildcard(key) else key


def same(left: SearchKey, right: SearchKey) -> bool:
    """Whether two values are equal to the server: a wildcard and everything, a float and not-a-number."""
    return not left < right and not right < left


def is_map_key(piece: bytes) -> bool:
    """Whether a value in canonical form may be a map's key: an integer, a string or a blob."""
    first = piece[0]
    if first < 0x80 or first >= 0xE0 or 0xCC <= first <= 0xD3:
        return True
    if first & 0xE0 == 0xA0:
        return len(piece) > 1 and piece[1] in _KEY_TEXTS
    width = _STRING_WIDTHS.get(first)
    return width is not None and len(piece) > 1 + width and piece[1 + width] in _KEY_TEXTS


def _has_wildcard(key: SortKey) -> bool:
    at = 0
    while at < len(key):
        if key[at] == _WILDCARD:
            return True
        at += 2 if key[at] in _WITH_VALUE else 1
    return False


def _add(key: list[Any], data: bytes) -> None:
    """Append the key of the value that data begins with."""
    at = 0
    missing = [1]
    """Elements still to come of each open container; those of a map are marked by a sign."""
    while missing:
        if not missing[-1]:
            missing.pop()
            continue
        if missing[-1] == _END:  # a list's elements are followed by its end
            key.append(_END)
            missing.pop()
            continue
        missing[-1] -= 1
        at = _add_one(key, data, at, missing)


def _add_one(key: list[Any], data: bytes, at: int, missing: list[int]) -> int:
    """Append one value or open a container; return where the next value begins."""
    first = data[at]
    if first < 0x80:
        key += (_INTEGER, first)
        return at + 1
    if first >= 0xE0:
        key += (_INTEGER, first - 256)
        return at + 1
    if first < 0xA0:
        return _open(key, data, at + 1, first & 0x0F, missing, is_list=first >= 0x90)
    if first < 0xC0:
        return _add_text(key, data, at + 1, first & 0x1F)
    if first in _CONSTANTS:
        key.append(_CONSTANTS[first])
        return at + 1
    if first in _NUMBERS:
        rank, number = _NUMBERS[first]
        key += (rank, number.unpack_from(data, at + 1)[0])
        return at + 1 + number.size
    width = _STRING_WIDTHS.get(first)
    if width is not None:
        return _add_text(key, data, at + 1 + width, _number(data, at + 1, width))
    width = _CONTAINER_WIDTHS.get(first)
    if width is not None:
        n = _number(data, at + 1, width)
        return _open(key, data, at + 1 + width, n, missing, is_list=first <= 0xDD)
    return _add_extension(key, data, at)


def _open(key: list[Any], data: bytes, at: int, n: int, missing: list[int], *, is_list: bool) -> int:
    if n and data[at] in _EXTENSIONS:
        kind, _, behind = _extension(data, at)
        if kind != _NOT_STORED:
            n -= 1
            at = behind if is_list else _behind(data, behind)
    if is_list:
        key.append(_LIST)
        missing += (_END, n)
    else:
        key += (_MAP, n)
        missing.append(2 * n)
    return at


def _behind(data: bytes, at: int) -> int:
    cursor = Cursor(data, at)
    cursor.skip()
    return cursor.at


def _number(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "big")


def _add_text(key: list[Any], data: bytes, at: int, size: int) -> int:
    text = data[at : at + size]
    key += (_TEXT_TYPES.get(text[0], _BLOB) if text else _BLOB, text)
    return at + size


def _extension(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Type and content of the extension object here, and where it ends."""
    width = _EXTENSION_WIDTHS.get(data[at])
    size = _FIXED_EXTENSIONS[data[at]] if width is None else _number(data, at + 1, width)
    start = at + 2 + (width or 0)
    return data[start - 1], data[start : start + size], start + size


def _add_extension(key: list[Any], data: bytes, at: int) -> int:
    kind, content, behind = _extension(data, at)
    rank = _NOT_STORED_RANKS.get(content) if kind == _NOT_STORED else None
    key += (_EXTENSION, content) if rank is None else (rank,)
    return behind
