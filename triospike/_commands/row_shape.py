"""The layout of a row: rows of one set often share it byte for byte, and are then taken apart in a single step.

Which bytes are the same in each of them, all headers and names, and which are values: that is a format for
`struct`, and one comparison tells whether the next row is of it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

from .._wire.flags import FieldType
from .._wire.message import MESSAGE_HEADER_SIZE

__all__ = ["RowShape"]

_COUNTS = struct.Struct(">HH")
_FIELD = struct.Struct(">IB")
_OP = struct.Struct(">IxBxB")
_NUMBERS = {(1, 8): "q", (2, 8): "d"}
_MOST_BINS = 64
_LONGEST_ROW = 16 << 10


class RowShape:
    """The layout of one row.

    Args:
        row: The row: one message, known to be whole.
        names: Names of its bins, as they travel, to their texts.
        set_name: The row's set.
        fields: `request_fields` of it.

    Attributes:
        size: Bytes of each such row.
        unpack: Takes a row apart.
        constant: Picks what must be equal in each such row.
        expected: What it must be equal to.
        generation: Place of the generation.
        void_time: Place of the void-time.
        digest: Place of the digest.
        user_key: Place of the user key with its type, 0 for none.
        value: Place of the value in the index, little-endian, 0 for none.
        bins: Name, particle type and place of each bin. Integers and floats of eight bytes are values already, and
            have the type 0.
        set_name: The set.
        fields: `request_fields` of it.
    """

    __slots__ = (
        "bins",
        "constant",
        "digest",
        "expected",
        "fields",
        "generation",
        "set_name",
        "size",
        "unpack",
        "user_key",
        "value",
        "void_time",
    )

    def __init__(self, row: bytes, names: Mapping[bytes, str], set_name: str, fields: bytes) -> None:
        layout = _Layout(row)
        layout.same(6)
        self.generation = layout.varies("I", 4)
        self.void_time = layout.varies("I", 4)
        layout.same(8)
        n_fields, n_ops = _COUNTS.unpack_from(row, MESSAGE_HEADER_SIZE - _COUNTS.size)
        places = dict(layout.field() for _ in range(n_fields))
        self.digest = places[FieldType.DIGEST]
        self.user_key = places.get(FieldType.KEY, 0)
        self.value = places.get(FieldType.BIN_VALUES, 0)
        self.bins = [layout.bin(names) for _ in range(n_ops)]
        layout.end()
        self.size = len(row)
        self.unpack = struct.Struct(layout.format).unpack_from
        self.constant: Callable[[tuple[Any, ...]], Any] = itemgetter(*layout.places)
        self.expected = tuple(layout.constants)
        self.set_name = set_name
        self.fields = fields

    @classmethod
    def of(cls, row: bytes, names: Mapping[bytes, str], set_name: str, fields: bytes) -> RowShape | None:
        """The layout of a row, or None where it is not worth while."""
        n_ops = _COUNTS.unpack_from(row, MESSAGE_HEADER_SIZE - _COUNTS.size)[1]
        if n_ops > _MOST_BINS or len(row) > _LONGEST_ROW:
            return None
        return cls(row, names, set_name, fields)


class _Layout:
    """A format under construction."""

    def __init__(self, row: bytes) -> None:
        self.format = ">"
        self.constants: list[bytes] = []
        self.places: list[int] = []
        self._row = row
        self._at = 0
        self._same = b""  # what is the same since the last value
        self._place = 0

    def same(self, size: int) -> None:
        """So many bytes are the same in each row."""
        self._same += self._row[self._at : self._at + size]
        self._at += size

    def end(self) -> None:
        """No more bytes are the same before the next value."""
        if self._same:
            self.format += f"{len(self._same)}s"
            self.constants.append(self._same)
            self.places.append(self._place)
            self._place += 1
            self._same = b""

    def varies(self, code: str, size: int) -> int:
        """A value follows; its place among all that is unpacked."""
        self.end()
        self.format += code
        self._at += size
        self._place += 1
        return self._place - 1

    def field(self) -> tuple[int, int]:
        """A field: its type, and the place of its value, 0 where it is the same in each row."""
        size, kind = _FIELD.unpack_from(self._row, self._at)
        if kind not in {FieldType.DIGEST, FieldType.KEY, FieldType.BIN_VALUES}:
            self.same(size + 4)
            return kind, 0
        self.same(_FIELD.size)
        return kind, self.varies(f"{size - 1}s", size - 1)

    def bin(self, names: Mapping[bytes, str]) -> tuple[str, int, int]:
        """A bin: its name, and type and place of its value."""
        size, kind, name_size = _OP.unpack_from(self._row, self._at)
        name_at = self._at + _OP.size
        self.same(_OP.size + name_size)
        value_size = size - 4 - name_size
        number = _NUMBERS.get((kind, value_size))
        place = self.varies(number or f"{value_size}s", value_size)
        return names[self._row[name_at : name_at + name_size]], 0 if number else kind, place
