"""A second reader of what travels: slow and plain, written from the protocol's description alone.

The tests trust it where the package's own decoder would prove nothing. It is strict: it insists on the smallest
form of every number and length, which servers do too where they compare bytes.
"""

from __future__ import annotations

import struct
from typing import Any

from triospike.values import HLL, GeoJSON, KeyOrderedMap, OpaqueBlob

__all__ = ["PlainReader", "plain_bins", "plain_value"]


def plain_bins(frame: bytes) -> list[tuple[str, Any]]:
    """Names and values of the bins in an answer with one message and no fields."""
    n_fields, n_ops = struct.unpack_from(">HH", frame, 8 + 18)
    assert n_fields == 0
    at, bins = 30, []
    for _ in range(n_ops):
        size, particle_type, name_size = struct.unpack_from(">IxBxB", frame, at)
        name = frame[at + 8 : at + 8 + name_size].decode()
        bins.append((name, plain_value(particle_type, frame[at + 8 + name_size : at + 4 + size])))
        at += 4 + size
    assert at == len(frame)
    return bins


def plain_value(particle_type: int, data: bytes) -> Any:
    """The value of a particle (protocol section 4.3)."""
    if particle_type == 1:
        return struct.unpack(">q", data)[0]
    if particle_type == 2:
        return struct.unpack(">d", data)[0]
    if particle_type == 3:
        return data.decode()
    if particle_type == 17:
        return {b"\0": False, b"\1": True}[data]
    if particle_type in {19, 20}:
        assert data[0] in _FIRST_BYTES[particle_type]
        reader = PlainReader(data)
        value = reader.value()
        assert reader.at == len(data)
        return value
    if particle_type == 23:
        (cells,) = struct.unpack_from(">xH", data)
        return GeoJSON(data[3 + 8 * cells :].decode())
    if 7 <= particle_type <= 12:
        return OpaqueBlob(particle_type, data)
    return {0: None, 4: data, 16: data, 18: HLL(data)}[particle_type]


_FIRST_BYTES = {19: [*range(0x80, 0x90), 0xDE, 0xDF], 20: [*range(0x90, 0xA0), 0xDC, 0xDD]}


class PlainReader:
    """Reads MessagePack of the Aerospike dialect (protocol section 10.2), value by value."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def value(self) -> Any:
        head = self._number("B")
        if head < 0x80:
            return head
        if head >= 0xE0:
            return head - 0x100
        if head in _PLAIN:
            return _PLAIN[head]
        if head in _NUMBERS:
            code, smallest, largest = _NUMBERS[head]
            number = self._number(code)
            assert not smallest <= number <= largest, f"{number} has a smaller form than {head:#x}"
            return number
        if 0xA0 <= head < 0xC0 or head in {0xD9, 0xDA, 0xDB}:
            return _typed(self._bytes(self._size(head, head & 0x1F, {0xD9: "B", 0xDA: "H", 0xDB: "I"}, 0xA0)))
        if 0x90 <= head < 0xA0 or head in {0xDC, 0xDD}:
            return self._list(self._size(head, head & 0x0F, {0xDC: "H", 0xDD: "I"}, 0x90))
        assert 0x80 <= head < 0x90 or head in {0xDE, 0xDF}, f"unknown byte {head:#x}"
        return self._map(self._size(head, head & 0x0F, {0xDE: "H", 0xDF: "I"}, 0x80))

    def marker(self) -> int | None:
        """The type of the order marker that stands here, if one does."""
        if self.data[self.at : self.at + 2] != b"\xc7\x00":
            return None
        self.at += 3
        return self.data[self.at - 1]

    def _number(self, code: str) -> Any:
        (number,) = struct.unpack_from(">" + code, self.data, self.at)
        self.at += struct.calcsize(code)
        return number

    def _size(self, head: int, small: int, codes: dict[int, str], first: int) -> int:
        if head not in codes:
            return small
        size: int = self._number(codes[head])
        below = {"B": 31, "H": 255 if first == 0xA0 else 15, "I": 65535}[codes[head]]
        assert size > below, f"a size of {size} has a smaller form than {head:#x}"
        return size

    def _bytes(self, size: int) -> bytes:
        self.at += size
        assert self.at <= len(self.data)
        return self.data[self.at - size : self.at]

    def _list(self, size: int) -> list[Any]:
        if size and self.marker() is not None:
            size -= 1
        return [self.value() for _ in range(size)]

    def _map(self, size: int) -> Any:
        order = self.marker() if size else None
        if order is not None:
            assert self._number("B") == 0xC0
            size -= 1
        pairs = [(self.value(), self.value()) for _ in range(size)]
        keys = [key for key, _ in pairs]
        assert len(set(map(_key_order, keys))) == len(keys)
        if order is not None and order & 1:
            assert keys == sorted(keys, key=_key_order)
            return KeyOrderedMap(pairs)
        return pairs if order is not None and order & 8 else dict(pairs)


_PLAIN: dict[int, Any] = {0xC0: None, 0xC2: False, 0xC3: True}
# Head, form, and the numbers that a smaller form holds.
_NUMBERS: dict[int, tuple[str, float, float]] = {
    0xCC: ("B", 0, 0x7F),
    0xCD: ("H", 0, 0xFF),
    0xCE: ("I", 0, 0xFFFF),
    0xCF: ("Q", 0, 0xFFFFFFFF),
    0xD0: ("b", -0x20, 0x7F),
    0xD1: ("h", -0x80, 0x7FFF),
    0xD2: ("i", -0x8000, 0x7FFFFFFF),
    0xD3: ("q", -0x80000000, 1 << 63),
    0xCA: ("f", 1, 0),
    0xCB: ("d", 1, 0),
}


def _typed(content: bytes) -> Any:
    if not content:
        return ""
    kind, data = content[0], content[1:]
    if kind == 3:
        return data.decode()
    if kind == 23:
        return GeoJSON(data.decode())
    return data if kind == 4 else HLL(data) if kind == 18 else OpaqueBlob(kind, data)


def _key_order(key: Any) -> tuple[int, Any]:
    """Ints by value, then strings, then blobs, both byte by byte."""
    if isinstance(key, str):
        return 1, key.encode()
    return (2, key) if isinstance(key, bytes) else (0, key)
