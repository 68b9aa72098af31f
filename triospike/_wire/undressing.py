"""Values of what the msgpack package unpacked, without Aerospike's dress (protocol section 10.2).

Strings of all types come as bytes with their type in front, maps as tuples of pairs, order markers as extension
objects. The containers of one depth are looked at together: a hundred small ones cost little more than a large
one, and nesting takes no frames of the stack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

import msgpack

from ..values import HLL, GeoJSON, KeyOrderedMap, OpaqueBlob
from .flags import ParticleType

__all__ = ["Extension", "undress", "undress_flat"]

_FEW = 16  # up to so many values, a look at each costs less than the calls that look at all
_FEW_STRINGS = 4  # the same for strings alone
_STRING = int(ParticleType.STRING)  # plain ints are equal faster
_BLOB = int(ParticleType.BLOB)
_GEOJSON = int(ParticleType.GEOJSON)
_HLL = int(ParticleType.HLL)
_KEY_ORDERED = 0x01
_PRESERVE_ORDER = 0x08  # pairs of a result, in the order of the server's choice


class Extension:
    """An extension object: an order marker in front of a container's elements, a wildcard or infinity."""

    __slots__ = ("code", "data")

    def __init__(self, code: int, data: bytes) -> None:
        self.code = code
        self.data = data


# What the package gives that is no value yet. Of extension objects of type -1 it makes timestamps by itself.
_DRESSED = frozenset({bytes, list, tuple, Extension, msgpack.Timestamp})
_ONLY_BYTES = frozenset({bytes})

_Pairs = tuple[tuple[Any, Any], ...]
_Lists = list[list[Any]]
_Maps = list[tuple[dict[Any, Any] | list[Any], _Pairs]]
"""What is to hold the pairs and has its place already, and the pairs as they were unpacked."""


def undress(value: Any) -> Any:
    """The value that was unpacked.

    Args:
        value: What the package gave. Its lists become lists of the result.

    Raises:
        ValueError: It is, or holds, an extension object that does not belong there, or GeoJSON that is no text.
        TypeError: A map has a container for a key.
    """
    if type(value) not in _DRESSED or value == []:
        return value
    lists: _Lists = []
    maps: _Maps = []
    if type(value) is list and (first := type(value[0])) is not Extension:
        if first not in _DRESSED and _DRESSED.isdisjoint(map(type, value)):
            return value
        undressed = value
        _undress_items(value, lists, maps)
    else:
        undressed = _undress_one(value, lists, maps)
    _go_down(lists, maps)
    return undressed


def undress_flat(flat: list[Any]) -> Any:
    """The map whose keys and values in turn were unpacked as a list.

    Args:
        flat: What the package gave; at least one key and value.

    Raises:
        ValueError: See `undress`.
        TypeError: See `undress`.
    """
    lists: _Lists = []
    maps: _Maps = []
    container: dict[Any, Any] | list[Any] = {}
    if type(flat[0]) is Extension:
        container = _container_in_order(flat[0].code)
        del flat[:2]
    _put(container, _undress_entries(flat, lists, maps))
    _go_down(lists, maps)
    return container


def _go_down(lists: _Lists, maps: _Maps) -> None:
    """Undress what is in containers, and what is in these."""
    while lists or maps:
        if lists:
            these_lists, lists = lists, []
            if len(these_lists) == 1:
                _undress_items(these_lists[0], lists, maps)
            else:
                _undress_lists(these_lists, lists, maps)
        if maps:
            these_maps, maps = maps, []
            _fill_maps(these_maps, lists, maps)


def _undress_one(value: Any, lists: _Lists, maps: _Maps) -> Any:
    """A value; if it is a container, the empty one, or the list that is not undressed yet."""
    kind = type(value)
    if kind is bytes:
        return _undress_string(value)
    if kind is list:
        if value and type(value[0]) is Extension:  # what the order is makes no difference to a reader
            del value[0]
        lists.append(value)
        return value
    if kind is tuple:
        container: dict[Any, Any] | list[Any] = {}
        if value and type(value[0][0]) is Extension:
            container = _container_in_order(value[0][0].code)
            value = value[1:]
        maps.append((container, value))
        return container
    if kind in _DRESSED:
        raise ValueError("extension object where a value belongs")
    return value


def _container_in_order(order: int) -> dict[Any, Any] | list[Any]:
    if order & _PRESERVE_ORDER:
        return []
    return KeyOrderedMap() if order & _KEY_ORDERED else {}


def _undress_lists(these: _Lists, lists: _Lists, maps: _Maps) -> None:
    if _DRESSED.isdisjoint(map(type, chain.from_iterable(these))):
        return
    items = list(chain.from_iterable(these))
    _undress_items(items, lists, maps)
    undressed = iter(items)
    for part in these:
        part[:] = islice(undressed, len(part))


def _fill_maps(these: _Maps, lists: _Lists, maps: _Maps) -> None:
    if len(these) == 1:
        container, pairs = these[0]
        _fill_map(container, pairs, lists, maps)
        return
    items = _undress_pairs(chain.from_iterable([own for _, own in these]), lists, maps)
    for container, own in these:
        _put(container, islice(items, len(own)))


def _fill_map(container: dict[Any, Any] | list[Any], pairs: _Pairs, lists: _Lists, maps: _Maps) -> None:
    if len(pairs) > _FEW or isinstance(container, list):
        _put(container, _undress_pairs(pairs, lists, maps))
        return
    for key, value in pairs:
        if type(value) in _DRESSED:
            value = _undress_one(value, lists, maps)
        container[_undress_one(key, lists, maps) if type(key) in _DRESSED else key] = value


def _undress_pairs(pairs: Iterable[tuple[Any, Any]], lists: _Lists, maps: _Maps) -> Iterator[tuple[Any, Any]]:
    return _undress_entries(list(chain.from_iterable(pairs)), lists, maps)


def _undress_entries(flat: list[Any], lists: _Lists, maps: _Maps) -> Iterator[tuple[Any, Any]]:
    keys, values = flat[::2], flat[1::2]
    _undress_items(keys, lists, maps)
    _undress_items(values, lists, maps)
    return zip(keys, values, strict=True)


def _put(container: dict[Any, Any] | list[Any], items: Iterator[tuple[Any, Any]]) -> None:
    if isinstance(container, dict):
        container.update(items)
    else:
        container.extend(items)


def _undress_items(items: list[Any], lists: _Lists, maps: _Maps) -> None:
    """Put the values in the place of what was unpacked."""
    if len(items) > _FEW_STRINGS:
        if (texts := _decode_together(items)) is not None:
            items[:] = texts
            return
        if type(items[0]) is bytes and _ONLY_BYTES.issuperset(map(type, items)):
            items[:] = _undress_strings(items)
            return
        if len(items) > _FEW and _undress_many(items):
            return
    for place, item in enumerate(items):
        kind = type(item)
        if kind is bytes:
            items[place] = _undress_string(item)
        elif kind in _DRESSED:
            if kind is not list:
                items[place] = _undress_one(item, lists, maps)
            elif item:  # as there, without the call
                if type(item[0]) is Extension:
                    del item[0]
                lists.append(item)


def _undress_many(items: list[Any]) -> bool:
    """Do it if strings are all there is to undress; false if there is more."""
    dressed = _DRESSED.intersection(map(type, items))
    if not dressed:
        return True
    if dressed != _ONLY_BYTES:
        return False
    places = [place for place, item in enumerate(items) if type(item) is bytes]
    strings = _undress_strings([items[place] for place in places])
    for place, string in zip(places, strings, strict=True):
        items[place] = string
    return True


def _undress_strings(items: list[bytes]) -> list[Any]:
    if len(items) > _FEW_STRINGS:
        texts = _decode_together(items)
        if texts is not None:
            return texts
        if {item[:1] for item in items} == {b"\4"}:
            return [item[1:] for item in items]
    return [_undress_string(item) for item in items]


def _decode_together(items: list[Any]) -> list[Any] | None:
    """Texts that have no zeros in them, if that is all there is.

    Zeros put between the strings, each followed by the type of the next one, show in the whole where to divide it.
    """
    first, last = items[0], items[-1]
    if not (type(first) is type(last) is bytes and first[:1] == last[:1] == b"\3"):
        return None
    try:
        joined = b"\0".join(items)
    except TypeError:  # there is something else in between
        return None
    if joined.count(b"\0") == len(items) - 1:
        try:
            texts = joined[1:].decode().split("\0\3")
        except UnicodeDecodeError:
            return None
        if len(texts) == len(items):
            return texts
    return None


def _undress_string(data: bytes) -> Any:
    if not data:
        return ""
    kind = data[0]
    if kind == _STRING:
        try:
            return data[1:].decode()
        except UnicodeDecodeError:
            return OpaqueBlob(kind, data[1:])
    if kind == _BLOB:
        return data[1:]
    if kind == _GEOJSON:
        return GeoJSON(data[1:].decode())
    if kind == _HLL:
        return HLL(data[1:])
    # Some other client's serialization, or a string that none of them wrote: kept, not looked at.
    return OpaqueBlob(kind, data[1:])
