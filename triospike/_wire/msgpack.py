"""The Aerospike dialect of MessagePack (protocol section 10.2), on top of the msgpack package.

Strings and blobs both travel as MessagePack strings with a leading byte that tells their type, and order
markers are extension objects in front of a container's elements. The package's C code does the packing and
unpacking; `dressing` and `undressing` stand between it and the values.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from struct import error as StructError, pack as pack_struct  # noqa: N812
from typing import Any

import msgpack

from ..errors import ProtocolError
from ..values import KeyOrderedMap
from .dressing import FEW, Notes, dress, dress_flat, raise_fault
from .undressing import Extension, undress, undress_flat

__all__ = ["pack", "pack_argument", "split_array", "unpack"]

_LARGEST_KEPT = 1 << 16
# Large maps that nothing is around pass through the package as lists of keys and values in turn: so these are put
# into no dict on their way, nor into tuples.
_MAPS = frozenset({dict, KeyOrderedMap})
_MAP_16 = b"\xde"
_LARGE_MAPS = frozenset({_MAP_16, b"\xdf"})


def pack(value: Any, where: str) -> bytes:
    """Pack a value of a list or map, or such a container itself.

    Args:
        value: None, bool, int, float, str, bytes, GeoJSON, HLL, or a list or dict of such.
        where: What the value is, for messages: ``bins["a"]``.

    Raises:
        TypeError: A part has a type that can't be stored; the message names the path to it.
        ValueError: An int does not fit in 64 bits, or the nesting is too deep; the message names the path.
    """
    return _pack(value, where, marks=False)


def pack_argument(value: Any, where: str) -> bytes:
    """Pack an argument of an operation that selects: like `pack`, with wildcards and infinities in it.

    Raises:
        TypeError: See `pack`.
        ValueError: See `pack`.
    """
    return _pack(value, where, marks=True)


def _pack(value: Any, where: str, *, marks: bool) -> bytes:
    notes = Notes()
    try:
        try:
            is_large_map = type(value) in _MAPS and len(value) > FEW
            dressed = dress_flat(value, notes) if is_large_map else dress(value, 0, notes)
        except (TypeError, ValueError, StructError):
            raise_fault(value, where, marks=marks)
            raise
        if notes.marked and not marks:
            raise_fault(value, where, marks=False)
        packed = (_ESCAPING if notes.escaped else _STRICT).pack(dressed)
        return _map_of(dressed, packed) if is_large_map else packed
    except RecursionError:  # the caller has used up most of the frames
        raise ValueError(f"{where} is nested too deep") from None


def _map_of(flat: list[Any], packed: bytes) -> bytes:
    """The map whose keys and values in turn were packed as a list."""
    count = len(flat) // 2
    if count < 16:
        head = bytes([0x80 | count])
    elif count <= 0xFFFF:
        head = pack_struct(">BH", 0xDE, count)
    else:
        head = pack_struct(">BI", 0xDF, count)
    return head + packed[3 if len(flat) <= 0xFFFF else 5 :]


class _Packers:
    """Packers of the package that nobody uses at the moment, for the next who needs one.

    To make one takes longer than to pack something small. Each has one user at a time, whatever the thread.
    """

    __slots__ = ("_errors", "_idle")

    def __init__(self, errors: str | None) -> None:
        self._errors = errors
        self._idle: list[msgpack.Packer] = []

    def pack(self, dressed: Any) -> bytes:
        try:
            packer = self._idle.pop()
        except IndexError:
            packer = msgpack.Packer(unicode_errors=self._errors)
        packed: bytes = packer.pack(dressed)
        if len(packed) <= _LARGEST_KEPT:  # a packer's memory grows with its largest value
            self._idle.append(packer)
        return packed


# Without an error handler the package takes a string's UTF-8 form from Python as it is.
_STRICT = _Packers(None)
_ESCAPING = _Packers("surrogateescape")


def split_array(data: bytes) -> list[bytes]:
    """The elements of a packed array, each still packed.

    Raises:
        ValueError: The bytes are no array, or not exactly one.
    """
    unpacker = msgpack.Unpacker(raw=True, strict_map_key=False)
    unpacker.feed(data)
    try:
        ends = [unpacker.tell() for _ in _skipped(unpacker)]
    except (msgpack.UnpackException, ValueError) as error:
        raise ValueError(f"{len(data)} bytes are not a packed array: {error}") from error
    if ends[-1] != len(data):
        raise ValueError(f"{len(data)} bytes are a packed array and {len(data) - ends[-1]} bytes more")
    return [data[start:end] for start, end in pairwise(ends)]


def _skipped(unpacker: msgpack.Unpacker) -> Iterator[None]:
    """Go past the head of an array, then past each of its elements."""
    size = unpacker.read_array_header()
    yield
    for _ in range(size):
        unpacker.skip()
        yield


def unpack(data: bytes) -> Any:
    """The value that data, one packed value of a peer, holds.

    Raises:
        ProtocolError: The bytes are not of this dialect.
    """
    flat = _flat(data) if data[:1] in _LARGE_MAPS else None
    try:
        unpacked = msgpack.unpackb(
            flat or data,
            raw=True,
            strict_map_key=False,
            ext_hook=Extension,
            object_pairs_hook=tuple,
        )
        return undress_flat(unpacked) if flat else undress(unpacked)
    except (ValueError, TypeError, RecursionError) as error:
        raise ProtocolError(f"MessagePack value of {len(data)} bytes is malformed: {error}") from error


def _flat(data: bytes) -> bytes | None:
    """A list of the keys and values in turn of a large map, packed; None for one that is too large."""
    size = 2 if data[:1] == _MAP_16 else 4
    count = 2 * int.from_bytes(data[1 : 1 + size], "big")
    return pack_struct(">BI", 0xDD, count) + data[1 + size :] if 0 < count <= 0xFFFF_FFFF else None
