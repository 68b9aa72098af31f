"""Values made ready for the msgpack package, which knows nothing of Aerospike's types (protocol section 10.2).

A string gets its type byte in front, a blob becomes such a string, a key-ordered map its marker. It happens
container by container, and where a container's values are of one type, in a few calls for all of them. Nothing
here keeps account of where in the whole a value is: if one can't be stored, `raise_fault` goes to look for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from struct import pack as pack_struct
from typing import Any

import msgpack

from ..values import HLL, INT64_MAX, INT64_MIN, ArgumentMark, GeoJSON, KeyOrderedMap, OpaqueBlob, encode_text
from .flags import ParticleType

__all__ = ["FEW", "Notes", "dress", "dress_flat", "raise_fault"]

_STRING = chr(ParticleType.STRING)
_BLOB = chr(ParticleType.BLOB)
_GEOJSON = chr(ParticleType.GEOJSON)
_HLL = chr(ParticleType.HLL)
_KEY_ORDERED = msgpack.ExtType(1, b"")
# Extension type -1 is the standard's timestamp, so the package's constructor refuses it.
_MARKS = {mark: msgpack.ExtType._make((-1, bytes([mark.value]))) for mark in ArgumentMark}
_MAX_DEPTH = 200  # a level takes three frames here, and Python allows a thousand of them by default
FEW = 12  # up to so many values, looking at each costs less than the calls that look at all

_ONLY_STR = frozenset({str})
_ONLY_INT = frozenset({int})
_ONLY_BYTES = frozenset({bytes})
_UNCHANGED = frozenset({type(None), bool, float})
_UNCHANGED_OR_INT = _UNCHANGED | {int}


class Notes:
    """What the dressing of a value came upon.

    Attributes:
        escaped: Bytes that are no ASCII are in the strings, as surrogate escapes.
        marked: Wildcards or infinities are among the values.
    """

    escaped = False
    marked = False


def dress(value: Any, depth: int, notes: Notes) -> Any:
    """What the package shall pack for a value.

    Args:
        value: What to store, or an argument of an operation.
        depth: The number of containers around it.
        notes: Where to note what came up.

    Raises:
        TypeError: A part has a type that can't be stored. Here as below, the message does not matter.
        ValueError: An int or the nesting is beyond the limits, or a string has no UTF-8 form.
        struct.error: An int is beyond the limits.
    """
    return _DRESSERS.get(type(value), _dress_other)(value, depth, notes)


def dress_flat(value: Mapping[Any, Any], notes: Notes) -> list[Any]:
    """The keys of a map and their values in turn, as the package shall pack them.

    Args:
        value: What to store, or an argument of an operation; no container around it.
        notes: Where to note what came up.

    Raises:
        TypeError: See `dress`.
        ValueError: See `dress`.
        struct.error: See `dress`.
    """
    keys, values = _dress_entries(value, 1, notes)
    flat = [None] * (2 * len(keys))
    flat[::2], flat[1::2] = keys, values
    return [_KEY_ORDERED, None, *flat] if isinstance(value, KeyOrderedMap) else flat


def _dress_list(value: Sequence[Any], depth: int, notes: Notes) -> Sequence[Any]:
    if depth >= _MAX_DEPTH:
        raise ValueError
    return _dress_items(value, depth + 1, notes)


def _dress_items(items: Sequence[Any], depth: int, notes: Notes) -> Sequence[Any]:
    if len(items) > FEW:
        kinds = frozenset(map(type, items))
        if kinds <= _UNCHANGED_OR_INT:
            _check_ints(items, kinds)
            return items
        if kinds == _ONLY_STR:
            return _dress_texts(items)
        if kinds == _ONLY_BYTES:
            return _dress_blobs(items, notes)
    return [
        item
        if (kind := type(item)) is int and INT64_MIN <= item <= INT64_MAX
        else _STRING + item
        if kind is str and item.isascii()
        else item
        if kind in _UNCHANGED
        else _DRESSERS.get(kind, _dress_other)(item, depth, notes)
        for item in items
    ]


def _check_ints(items: Sequence[Any], kinds: frozenset[type]) -> None:
    """Ints of 64 bits with a sign have a place in a struct, all others have none."""
    if int in kinds:
        ints = items if len(kinds) == 1 else [item for item in items if type(item) is int]
        pack_struct(f"{len(ints)}q", *ints)


def _check_texts(texts: Iterable[str]) -> None:
    """Half a surrogate pair would travel as a byte that is no text; it has no UTF-8 form."""
    text = "".join(texts)
    if not text.isascii():
        text.encode()


def _dress_blobs(items: Sequence[bytes], notes: Notes) -> list[str]:
    if b"".join(items).isascii():
        return [_BLOB + item.decode() for item in items]
    notes.escaped = True
    return [_BLOB + item.decode("utf-8", "surrogateescape") for item in items]


def _dress_map(value: Mapping[Any, Any], depth: int, notes: Notes) -> dict[Any, Any]:
    if depth >= _MAX_DEPTH:
        raise ValueError
    if len(value) <= FEW and _ONLY_STR.issuperset(map(type, value)):
        dressed = _dress_few_texts(value, depth + 1, notes)
    else:
        dressed = dict(zip(*_dress_entries(value, depth + 1, notes), strict=True))
    return {_KEY_ORDERED: None, **dressed} if isinstance(value, KeyOrderedMap) else dressed


def _dress_entries(value: Mapping[Any, Any], depth: int, notes: Notes) -> tuple[Sequence[Any], Sequence[Any]]:
    """The keys of a map, in the server's order, and their values."""
    kinds = frozenset(map(type, value))
    if kinds in (_ONLY_STR, _ONLY_INT):
        keys = sorted(value)  # texts by code point, which is the order of their UTF-8 forms too
    else:
        keys = sorted(value, key=lambda key: _map_key_order(key, ""))
    as_they_are = keys == list(value)
    values = list(value.values() if as_they_are else map(value.__getitem__, keys))
    dressed = _dress_texts(keys) if kinds == _ONLY_STR else _dress_items(keys, depth, notes)
    return dressed, _dress_items(values, depth, notes)


def _dress_texts(texts: Sequence[str]) -> list[str]:
    """Texts that have no zeros in them get their type all at once: zeros show where to divide them again."""
    joined = ("\0" + _STRING).join(texts)
    if not joined.isascii():
        joined.encode()  # see `_check_texts`
    dressed = (_STRING + joined).split("\0")
    return dressed if len(dressed) == len(texts) else [_STRING + text for text in texts]


def _dress_few_texts(value: Mapping[str, Any], depth: int, notes: Notes) -> dict[Any, Any]:
    keys = sorted(value)
    _check_texts(keys)
    return {
        _STRING + key: item
        if type(item := value[key]) is int and INT64_MIN <= item <= INT64_MAX
        else _DRESSERS.get(type(item), _dress_other)(item, depth, notes)
        for key in keys
    }


def _map_key_order(key: object, where: str) -> tuple[int, Any]:
    """Rank of a map key in the server's order: ints, then strings, then blobs; no other type is a key."""
    if isinstance(key, int) and not isinstance(key, bool):
        return 0, key
    if isinstance(key, str):
        return 1, key.encode() if key.isascii() else encode_text(key, f"key {where}[{key!r}]")
    if isinstance(key, bytes):
        return 2, key
    raise TypeError(f"map key {key!r} in {where} must be an int, str or bytes, not {type(key).__name__}")


def _dress_unchanged(value: Any, depth: int, notes: Notes) -> Any:
    return value


def _dress_int(value: int, depth: int, notes: Notes) -> int:
    if not INT64_MIN <= value <= INT64_MAX:
        raise ValueError
    return value


def _dress_str(value: str, depth: int, notes: Notes) -> str:
    _check_texts((value,))
    return _STRING + value


def _dress_bytes(value: bytes | bytearray | memoryview, depth: int, notes: Notes) -> str:
    return _BLOB + _escape(bytes(value), notes)


def _escape(data: bytes, notes: Notes) -> str:
    if data.isascii():
        return data.decode()
    notes.escaped = True
    return data.decode("utf-8", "surrogateescape")


def _dress_geojson(value: GeoJSON, depth: int, notes: Notes) -> str:
    _check_texts((value.text,))
    return _GEOJSON + value.text


def _dress_hll(value: HLL, depth: int, notes: Notes) -> str:
    return _HLL + _escape(value.data, notes)


def _dress_opaque(value: OpaqueBlob, depth: int, notes: Notes) -> str:
    return _escape(bytes([value.particle_type]) + value.data, notes)


def _dress_mark(value: ArgumentMark, depth: int, notes: Notes) -> Any:
    notes.marked = True
    return _MARKS[value]


_Dresser = Callable[[Any, int, Notes], Any]
_DRESSERS: dict[type, _Dresser] = {
    int: _dress_int,
    str: _dress_str,
    type(None): _dress_unchanged,
    bool: _dress_unchanged,
    float: _dress_unchanged,
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
    ArgumentMark: _dress_mark,
}


_SUBCLASS_DRESSERS: tuple[tuple[type, _Dresser], ...] = (
    (int, lambda value, depth, notes: _dress_int(int(value), depth, notes)),
    (float, lambda value, depth, notes: float(value)),
    (str, lambda value, depth, notes: _dress_str(str.__str__(value), depth, notes)),
    (bytes, _dress_bytes),
    (Mapping, _dress_map),
    (list, _dress_list),
    (tuple, _dress_list),
)


def _dress_other(value: Any, depth: int, notes: Notes) -> Any:
    for base, dress_subclass in _SUBCLASS_DRESSERS:
        if isinstance(value, base):
            return dress_subclass(value, depth, notes)
    raise TypeError


def raise_fault(value: Any, where: str, *, marks: bool) -> None:
    """Raise what is wrong with a value that can't be dressed, with the path to the culprit.

    Args:
        value: The value.
        where: What it is, for messages: ``bins["a"]``.
        marks: Whether wildcards and infinities are allowed in it.

    Raises:
        TypeError: A part has a type that can't be stored.
        ValueError: An int or the nesting is beyond the limits, or a string has no UTF-8 form.
    """
    _raise_fault(value, where, 0, marks)


def _raise_fault(value: Any, where: str, depth: int, marks: bool) -> None:
    if type(value) in _NEVER_AT_FAULT or (marks and isinstance(value, ArgumentMark)):
        return
    if isinstance(value, int):
        if not INT64_MIN <= value <= INT64_MAX:
            raise ValueError(f"{where} does not fit in 64 bits: {int(value)}")
    elif isinstance(value, str | GeoJSON):
        encode_text(value.text if isinstance(value, GeoJSON) else str.__str__(value), where)
    elif isinstance(value, Mapping):
        _raise_fault_in_map(value, where, depth, marks)
    elif isinstance(value, list | tuple):
        _check_depth(where, depth)
        for index, item in enumerate(value):
            _raise_fault(item, f"{where}[{index}]", depth + 1, marks)
    elif isinstance(value, ArgumentMark):
        raise TypeError(f"{where} can't be stored: {value!r} stands for values in arguments that select")
    elif not isinstance(value, float | bytes):
        raise TypeError(f"{where} can't be stored: {type(value).__name__} has no Aerospike type")


_NEVER_AT_FAULT = _UNCHANGED | {bytes, bytearray, memoryview, HLL, OpaqueBlob}


def _raise_fault_in_map(value: Mapping[Any, Any], where: str, depth: int, marks: bool) -> None:
    _check_depth(where, depth)
    for key in sorted(value, key=lambda key: _map_key_order(key, where)):
        path = f"{where}[{key!r}]"
        _raise_fault(value[key], path, depth + 1, marks)
        _raise_fault(key, f"key {path}", depth + 1, marks)


def _check_depth(where: str, depth: int) -> None:
    if depth >= _MAX_DEPTH:
        raise ValueError(f"containers are nested more than {_MAX_DEPTH} deep at {where[:60]}...")
