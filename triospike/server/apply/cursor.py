"""A cursor over MessagePack that is read piece by piece (protocol section 10.2).

The bytes come from a client and may be anything. Every reader raises `Refusal` with PARAMETER when something else
stands here than it is to read. Nothing recurses, whatever the depth of what is skipped.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Final

from ...result_code import ResultCode
from ..refusal import Refusal

__all__ = ["Cursor", "Piece"]


class Piece(IntEnum):
    """What a piece is; the numbers are in the server's order of types."""

    NIL = 1
    FALSE = 2
    TRUE = 3
    NEGATIVE = 4
    INTEGER = 5
    STRING = 6
    LIST = 7
    MAP = 8
    BLOB = 9
    FLOAT = 10
    GEOJSON = 11
    EXTENSION = 12
    WILDCARD = 13
    INFINITY = 14


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
_FLOATS = {0xCA: struct.Struct(">f"), 0xCB: struct.Struct(">d")}
_TEXT_WIDTHS = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
_LIST_WIDTHS = {0xDC: 2, 0xDD: 4}
_MAP_WIDTHS = {0xDE: 2, 0xDF: 4}
_EXTENSION_WIDTHS = {0xC7: 1, 0xC8: 2, 0xC9: 4}
_FIXED_EXTENSIONS = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
_CONSTANTS = {0xC0: Piece.NIL, 0xC2: Piece.FALSE, 0xC3: Piece.TRUE}
_TEXTS = {0x03: Piece.STRING, 0x17: Piece.GEOJSON}
_ONLY_COMPARED: Final = 0xFF
_COMPARED = {0x00: Piece.WILDCARD, 0x01: Piece.INFINITY}
_SIGN: Final = 1 << 63
_WRAP: Final = 1 << 64


def _malformed() -> Refusal:
    return Refusal(ResultCode.PARAMETER)


class Cursor:
    """A place in packed bytes, from which pieces are read.

    Args:
        data: The bytes.
        at: Where to begin.

    Attributes:
        data: The bytes.
        at: Where the next piece begins.
    """

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def is_at_end(self) -> bool:
        """Whether nothing is left to read."""
        return self.at >= len(self.data)

    def peek(self) -> Piece:
        """What comes next."""
        first = self._first()
        if first < 0x80 or 0xCC <= first <= 0xCF:
            return Piece.INTEGER
        if first >= 0xE0:
            return Piece.NEGATIVE
        if 0xD0 <= first <= 0xD3:
            return Piece.NEGATIVE if self._byte(1) & 0x80 else Piece.INTEGER
        if first >> 4 == 0x9 or first in _LIST_WIDTHS:
            return Piece.LIST
        if first >> 4 == 0x8 or first in _MAP_WIDTHS:
            return Piece.MAP
        if first >> 5 == 0b101 or first in _TEXT_WIDTHS:
            return self._kind_of_text()
        if first in _FLOATS:
            return Piece.FLOAT
        constant = _CONSTANTS.get(first)
        return self._kind_of_extension(first) if constant is None else constant

    def _kind_of_text(self) -> Piece:
        probe = Cursor(self.data, self.at)
        size = probe._text_size()
        return _TEXTS.get(probe._byte(0), Piece.BLOB) if size else Piece.BLOB

    def _kind_of_extension(self, first: int) -> Piece:
        if first == 0xD4:
            kind = _COMPARED.get(self._byte(2)) if self._byte(1) == _ONLY_COMPARED else None
            if kind is None:
                raise _malformed()
            return kind
        if first == 0xC7 and self._byte(1) == 1 and self._byte(2) == _ONLY_COMPARED:
            return _COMPARED.get(self._byte(3), Piece.EXTENSION)
        if first in _FIXED_EXTENSIONS or first in _EXTENSION_WIDTHS:
            return Piece.EXTENSION
        raise _malformed()

    def is_list(self) -> bool:
        """Whether a list comes next."""
        first = self._first()
        return first >> 4 == 0x9 or first in _LIST_WIDTHS

    def is_container(self) -> bool:
        """Whether a list or map comes next."""
        first = self._first()
        return first >> 5 == 0b100 or first in _LIST_WIDTHS or first in _MAP_WIDTHS

    def list_size(self) -> int:
        """Enter a list: how many pieces follow, an order marker among them."""
        return self._size(0x9, _LIST_WIDTHS)

    def map_size(self) -> int:
        """Enter a map: how many pairs follow, an order marker among them."""
        return self._size(0x8, _MAP_WIDTHS)

    def integer(self) -> int:
        """An integer of 64 bits with a sign; larger ones wrap."""
        number = self.unsigned()
        return number - _WRAP if number & _SIGN else number

    def unsigned(self) -> int:
        """An integer of 64 bits without a sign; negative ones wrap."""
        first = self._first()
        if first < 0x80 or first >= 0xE0:
            self.at += 1
            return first if first < 0x80 else first - 256 + _WRAP
        kind = _INTEGERS.get(first)
        if kind is None:
            raise _malformed()
        self.at += 1
        (number,) = kind.unpack(self._take(kind.size))
        return int(number) % _WRAP

    def boolean(self) -> bool:
        """True or false."""
        first = self._first()
        if first not in {0xC2, 0xC3}:
            raise _malformed()
        self.at += 1
        return first == 0xC3

    def number(self) -> float:
        """A floating-point number of either size."""
        kind = _FLOATS.get(self._first())
        if kind is None:
            raise _malformed()
        self.at += 1
        (number,) = kind.unpack(self._take(kind.size))
        return float(number)

    def text(self) -> bytes:
        """Content of a string or blob, with the byte that tells its type in front, if it has one."""
        return self._take(self._text_size())

    def extension(self) -> tuple[int, bytes]:
        """Type and content of an extension object."""
        first = self._first()
        size = _FIXED_EXTENSIONS.get(first)
        self.at += 1
        if size is None:
            width = _EXTENSION_WIDTHS.get(first)
            if width is None:
                raise _malformed()
            size = int.from_bytes(self._take(width), "big")
        content = self._take(1 + size)
        return content[0], content[1:]

    def piece(self) -> bytes:
        """The next piece with all that it holds, as it stands."""
        start = self.at
        self.skip()
        return self.data[start : self.at]

    def skip(self, count: int = 1) -> None:
        """Go behind pieces with all that they hold.

        Args:
            count: How many of them.
        """
        while count:
            if count > len(self.data) - self.at:
                raise _malformed()
            count += self._skip_one() - 1

    def _skip_one(self) -> int:
        """Go behind a piece, or into a container; return how many pieces it holds."""
        first = self._first()
        if first in _CONSTANTS:
            self.at += 1
        elif first < 0x80 or first >= 0xE0 or first in _INTEGERS:
            self.unsigned()
        elif first >> 4 == 0x9 or first in _LIST_WIDTHS:
            return self.list_size()
        elif first >> 4 == 0x8 or first in _MAP_WIDTHS:
            return 2 * self.map_size()
        elif first >> 5 == 0b101 or first in _TEXT_WIDTHS:
            self.text()
        elif first in _FLOATS:
            self.number()
        else:
            self.extension()
        return 0

    def _first(self) -> int:
        return self._byte(0)

    def _byte(self, ahead: int) -> int:
        at = self.at + ahead
        if at >= len(self.data):
            raise _malformed()
        return self.data[at]

    def _text_size(self) -> int:
        first = self._first()
        self.at += 1
        if first >> 5 == 0b101:
            return first & 0x1F
        width = _TEXT_WIDTHS.get(first)
        if width is None:
            raise _malformed()
        return int.from_bytes(self._take(width), "big")

    def _size(self, high: int, widths: dict[int, int]) -> int:
        first = self._first()
        self.at += 1
        if first >> 4 == high:
            return first & 0x0F
        width = widths.get(first)
        if width is None:
            raise _malformed()
        return int.from_bytes(self._take(width), "big")

    def _take(self, size: int) -> bytes:
        behind = self.at + size
        if behind > len(self.data):
            raise _malformed()
        taken = self.data[self.at : behind]
        self.at = behind
        return taken
