"""Packed calls: ``[number of the operation, arguments...]``, read one element after another (protocol section 11)."""

from __future__ import annotations

import struct

from ...result_code import ResultCode
from ..refusal import Refusal
from .containers import Malformed, canonical

__all__ = ["Arguments"]

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
_STRING_WIDTHS = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
_LIST_WIDTHS = {0xDC: 2, 0xDD: 4}
_SIGN = 1 << 63
_WRAP = 1 << 64


class Arguments:
    """A cursor over a packed call, behind the number of its operation.

    Every reader raises `Refusal` with PARAMETER when something else stands here than it is to read.

    Args:
        call: The packed call. Bytes behind it are not looked at.

    Attributes:
        operation: The number of the operation.
        count: How many arguments there are.
    """

    __slots__ = ("_at", "_data", "count", "operation")

    def __init__(self, call: bytes) -> None:
        self._data = call
        self._at = 0
        self.count = self.list_size() - 1
        if self.count < 0:
            raise Refusal(ResultCode.PARAMETER)
        self.operation = self.unsigned()

    def list_size(self) -> int:
        """Enter a list: how many elements follow."""
        first = self._first()
        if first >> 4 == 0x9:
            self._at += 1
            return first & 0x0F
        width = _LIST_WIDTHS.get(first)
        if width is None:
            raise Refusal(ResultCode.PARAMETER)
        return self._length(width)

    def is_list(self) -> bool:
        """Whether a list comes next."""
        first = self._first()
        return first >> 4 == 0x9 or first in _LIST_WIDTHS

    def is_container(self) -> bool:
        """Whether a list or map comes next."""
        first = self._first()
        return first >> 5 == 0b100 or 0xDC <= first <= 0xDF

    def integer(self) -> int:
        """An integer of 64 bits with a sign; larger ones wrap."""
        number = self.unsigned()
        return number - _WRAP if number & _SIGN else number

    def unsigned(self) -> int:
        """An integer of 64 bits without a sign; negative ones wrap."""
        first = self._first()
        self._at += 1
        if first < 0x80:
            return first
        if first >= 0xE0:
            return first - 256 + _WRAP
        kind = _INTEGERS.get(first)
        if kind is None or self._at + kind.size > len(self._data):
            raise Refusal(ResultCode.PARAMETER)
        (number,) = kind.unpack_from(self._data, self._at)
        self._at += kind.size
        return int(number) % _WRAP

    def boolean(self) -> bool:
        """True or false."""
        first = self._first()
        if first not in {0xC2, 0xC3}:
            raise Refusal(ResultCode.PARAMETER)
        self._at += 1
        return first == 0xC3

    def text(self) -> bytes:
        """Content of a string or blob, with the byte that tells its type in front."""
        first = self._first()
        if first & 0xE0 == 0xA0:
            self._at += 1
            size = first & 0x1F
        else:
            width = _STRING_WIDTHS.get(first)
            if width is None:
                raise Refusal(ResultCode.PARAMETER)
            size = self._length(width)
        return self._take(size)

    def element(self) -> bytes:
        """Any value, in canonical form."""
        try:
            _, piece, self._at = canonical(self._data, self._at)
        except (Malformed, struct.error, IndexError):
            raise Refusal(ResultCode.PARAMETER) from None
        return piece

    def _first(self) -> int:
        if self._at >= len(self._data):
            raise Refusal(ResultCode.PARAMETER)
        return self._data[self._at]

    def _length(self, width: int) -> int:
        self._at += 1
        return int.from_bytes(self._take(width), "big")

    def _take(self, size: int) -> bytes:
        behind = self._at + size
        if behind > len(self._data):
            raise Refusal(ResultCode.PARAMETER)
        taken = self._data[self._at : behind]
        self._at = behind
        return taken
