"""The Aerospike dialect of MessagePack (protocol section 10.2), on top of the msgpack package.

Strings and blobs both travel as MessagePack strings with a leading byte that tells their type, and order
markers are extension objects in front of a container's elements. The package's C code does the packing; here
values are only dressed for it. Arbitrary bytes pass through its str type by surrogate escapes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import msgpack

from ..errors import ProtocolError
from ..values import (
    HLL,
    INT64_MAX,
    INT64_MIN,
    ArgumentMark,
    GeoJSON,
    KeyOrderedMap,
    OpaqueBlob,
    decode_text,
    encode_text,
)
from .flags import ParticleType

__all__ = ["pack", "pack_argument", "split_array", "unpack"]

_STRING = chr(ParticleType.STRING)
_BLOB = chr(ParticleType.BLOB)
_GEOJSON = chr(ParticleType.GEOJSON)
_HLL = chr(ParticleType.HLL)
_KEY_ORDERED = msgpack.ExtType(1, b"")
_MAX_DEPTH = 200  # a level takes three frames here, and Python allows a thousand of them by default


def pack(value: Any, where: str) -> bytes:
    """Pack a value of a list or map, or such a container itself.

    Args:
        value: None, bool, int, float, str, bytes, GeoJSON, HLL, or a list or dict of such.
        where: What the value is, for messages: ``bins["a"]``.

    Raises:
        TypeError: A part has a type that can't be stored; the message names the path to it.
        ValueError: An int does not fit in 64 bits, or the nesting is too deep; the message names the path.
    """
    try:
        packed: bytes = msgpack.packb(_dress(value, where, 0), unicode_errors="surrogateescape")
    except RecursionError:  # the caller has used up most of the frames
        raise ValueError(f"{where} is nested too deep") from None
    return packed


def pack_argument(value: Any, where: str) -> bytes:
    """Pack an argument of an operation that selects: like `pack`, with wildcards and infinities in it.

    Raises:
        TypeError: See `pack`.
        ValueError: See `pack`.
    """
    try:
        return pack(_mark(value), where)
    except RecursionError:
        raise ValueError(f"{where} is nested too deep") from None


class _Mark(NamedTuple):
    """A wildcard or infinity where it is allowed; anywhere else its type can't be stored."""

    extension: msgpack.ExtType


# Extension type -1 is the standard's timestamp, so the package's constructor refuses it.
_MARKS = {mark: _Mark(msgpack.ExtType._make((-1, bytes([mark.value])))) for mark in ArgumentMark}


def _mark(value: Any) -> Any:
    if isinstance(value, ArgumentMark):
        return _MARKS[value]
    if isinstance(value, list | tuple):
        return [_mark(item) for item in value]
    if isinstance(value, Mapping):
        marked = {key: _mark(item) for key, item in value.items()}
        return KeyOrderedMap(marked) if isinstance(value, KeyOrderedMap) else marked
    return value


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


def _dress(value: Any, where: str, depth: int) -> Any:
    if type(value) is int:
        if not INT64_MIN <= value <= INT64_MAX:
            raise ValueError(f"{where} does not fit in 64 bits: {value}")
        return value
    if type(value) is str:
        return _STRING + (value if value.isascii() else _check_text(value, where))
    dress = _DRESSERS.get(type(value)) or _dresser_of_subclass(value, where)
    return dress(value, where, depth)


def _dress_mark(value: _Mark, where: str, depth: int) -> Any:
    return value.extension


def _dress_int(value: int, where: str, depth: int) -> int:
    plain: int = _dress(int(value), where, depth)
    return plain


def _dress_plain(value: Any, where: str, depth: int) -> Any:
    return value


def _dress_str(value: str, where: str, depth: int) -> str:
    return _STRING + _check_text(str.__str__(value), where)


def _check_text(value: str, where: str) -> str:
    """The text itself; half a surrogate pair would travel as a byte that is no text."""
    encode_text(value, where)
    return value


def _dress_bytes(value: bytes, where: str, depth: int) -> str:
    return _BLOB + bytes(value).decode("utf-8", "surrogateescape")


def _dress_geojson(value: GeoJSON, where: str, depth: int) -> str:
    return _GEOJSON + _check_text(value.text, where)


def _dress_hll(value: HLL, where: str, depth: int) -> str:
    return _HLL + value.data.decode("utf-8", "surrogateescape")


def _dress_opaque(value: OpaqueBlob, where: str, depth: int) -> str:
    return (bytes([value.particle_type]) + value.data).decode("utf-8", "surrogateescape")


def _dress_list(value: Sequence[Any], where: str, depth: int) -> list[Any]:
    _check_depth(where, depth)
    return [
        item
        if type(item) is int and INT64_MIN <= item <= INT64_MAX
        else _dress(item, f"{where}[{index}]", depth + 1)
        for index, item in enumerate(value)
    ]


def _dress_map(value: Mapping[Any, Any], where: str, depth: int) -> dict[Any, Any]:
    _check_depth(where, depth)
    dressed: dict[Any, Any] = {_KEY_ORDERED: None} if isinstance(value, KeyOrderedMap) else {}
    for key in sorted(value, key=lambda key: _map_key_order(key, where)):
        path = f"{where}[{key!r}]"
        dressed[_dress(key, f"key {path}", depth + 1)] = _dress(value[key], path, depth + 1)
    return dressed


def _map_key_order(key: object, where: str) -> tuple[int, Any]:
    """Rank of a map key in the server's order: ints, then strings, then blobs; no other type is a key."""
    if isinstance(key, int) and not isinstance(key, bool):
        return 0, key
    if isinstance(key, str):
        return 1, key.encode() if key.isascii() else encode_text(key, f"key {where}[{key!r}]")
    if isinstance(key, bytes):
        return 2, key
    raise TypeError(f"map key {key!r} in {where} must be an int, str or bytes, not {type(key).__name__}")


def _check_depth(where: str, depth: int) -> None:
    if depth >= _MAX_DEPTH:
        raise ValueError(f"containers are nested more than {_MAX_DEPTH} deep at {where[:60]}...")


_Dresser = Callable[[Any, str, int], Any]
_DRESSERS: dict[type, _Dresser] = {
    type(None): _dress_plain,
    bool: _dress_plain,
    float: _dress_plain,
    bytes: _dress_bytes,
    bytearray: _dress_bytes,
    memoryview: _dress_bytes,
    GeoJSON: _dress_geojson,
    HLL: _dress_hll,
    OpaqueBlob: _dress_opaque,
    list: _dress_list,
    tuple: _dress_list,
    dict: _dress_map,
    KeyOrderedMap: _dress_map,
    _Mark: _dress_mark,
}
_SUBCLASS_DRESSERS: tuple[tuple[type, _Dresser], ...] = (
    (int, _dress_int),
    (float, lambda value, where, depth: float(value)),
    (str, _dress_str),
    (bytes, _dress_bytes),
    (Mapping, _dress_map),
    (list, _dress_list),
    (tuple, _dress_list),
)


def _dresser_of_subclass(value: object, where: str) -> _Dresser:
    for base, dress in _SUBCLASS_DRESSERS:
        if isinstance(value, base):
            return dress
    if isinstance(value, ArgumentMark):
        raise TypeError(f"{where} can't be stored: {value!r} stands for values in arguments that select")
    raise TypeError(f"{where} can't be stored: {type(value).__name__} has no Aerospike type")


def unpack(data: bytes) -> Any:
    """The value that data, one packed value of a peer, holds.

    Raises:
        ProtocolError: The bytes are not of this dialect.
    """
    try:
        return _undress(
            msgpack.unpackb(
                data,
                raw=False,
                unicode_errors="surrogateescape",
                strict_map_key=False,
                ext_hook=_Extension,
                list_hook=_undress_list,
                object_pairs_hook=_undress_pairs,
            )
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise ProtocolError(f"MessagePack value of {len(data)} bytes is malformed: {error}") from error


class _Extension:
    """An extension object: an order marker in front of a container's elements, a wildcard or infinity."""

    __slots__ = ("code", "data")

    def __init__(self, code: int, data: bytes) -> None:
        self.code = code
        self.data = data


def _undress(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return _undress_str(value)
    if kind is bytes:  # an old header for the same typed content
        return _undress_str(value.decode("utf-8", "surrogateescape"))
    if kind in _DRESSED:
        raise ValueError("extension object where a value belongs")
    return value


# What the package gives that is no value yet. Of extension objects of type -1 it makes timestamps by itself.
_DRESSED = frozenset({str, bytes, _Extension, msgpack.Timestamp})


def _undress_str(text: str) -> Any:
    kind = text[:1]
    if kind == _STRING:
        rest = text[1:]
        if rest.isascii():
            return rest
        data = text.encode("utf-8", "surrogateescape")
        return decode_text(data[1:])
    data = text.encode("utf-8", "surrogateescape")
    if kind == _BLOB:
        return data[1:]
    if kind == _GEOJSON:
        return GeoJSON(data[1:].decode())
    if kind == _HLL:
        return HLL(data[1:])
    # Some other client's serialization, or a string that none of them wrote: kept, not looked at.
    return OpaqueBlob(data[0], data[1:]) if data else ""


def _undress_list(items: list[Any]) -> list[Any]:
    if items and type(items[0]) is _Extension:
        del items[0]
    for index, item in enumerate(items):
        kind = type(item)
        if kind is str:
            items[index] = _undress_str(item)
        elif kind in _DRESSED:
            items[index] = _undress(item)
    return items


def _undress_pairs(pairs: list[tuple[Any, Any]]) -> Any:
    order = 0
    if pairs and type(pairs[0][0]) is _Extension:
        order = pairs.pop(0)[0].code
    items = [(_undress(key), _undress(value) if type(value) in _DRESSED else value) for key, value in pairs]
    if order & 0x08:  # "preserve order": pairs of a result, in the order of the server's choice
        return items
    return KeyOrderedMap(items) if order & 0x01 else dict(items)
