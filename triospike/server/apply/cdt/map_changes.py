"""Operations that put items in a map or change them (protocol section 10.5)."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from ....result_code import ResultCode
from ...refusal import Refusal
from ..containers import Malformed, canonical
from ..order import is_map_key, search_key, sort_key
from .answers import int_particle
from .map_selectors import find_key
from .numbers import add
from .outcome import Outcome, Place, unless_no_fail
from .values import INDEXED, MapValue, is_map, unpack_map

__all__ = [
    "clear",
    "create",
    "create_items",
    "decrement",
    "increment",
    "put",
    "put_items",
    "replace",
    "replace_items",
    "set_type",
]

_CREATE_ONLY: Final = 1
_UPDATE_ONLY: Final = 2
_NO_FAIL: Final = 4
_PARTIAL: Final = 8

_KEY_AND_VALUE_ORDERED: Final = 3
_ORDERS = _KEY_AND_VALUE_ORDERED | INDEXED


def new_map(order: int, place: Place) -> MapValue:
    """An empty map; an order that there is none of makes it unordered."""
    order &= 0xFF
    if order & ~_ORDERS or not order & _KEY_AND_VALUE_ORDERED:
        order = 0
    return MapValue(order=order if place.is_top else order & ~INDEXED)


def set_type(target: MapValue | None, place: Place, order: int) -> Outcome:
    """Order the map, or leave it unordered from now on."""
    items = _or_new(target, 0, place)
    order &= 0xFF
    if order & ~_ORDERS:
        raise Refusal(ResultCode.OP_NOT_APPLICABLE)
    return Outcome(MapValue(items.names, items.values, order=order if place.is_top else order & ~INDEXED))


def put(
    target: MapValue | None, place: Place, name: bytes, value: bytes, order: int = 0, flags: int = 0
) -> Outcome:
    """Put one item."""
    if not is_map_key(name):
        raise Refusal(ResultCode.PARAMETER)
    items = _or_new(target, order, place)
    at = find_key(items, sort_key(name))
    if not _is_allowed(at is not None, flags):
        return Outcome(items, int_particle(len(items)), is_touched=False)
    if at is not None:
        return Outcome(items.replaced(at, value), int_particle(len(items)))
    result = _inserted(items, name, value)
    return Outcome(result, int_particle(len(result)))


def create(target: MapValue | None, place: Place, name: bytes, value: bytes, order: int = 0) -> Outcome:
    """Put one item that must be new."""
    return put(target, place, name, value, order, _CREATE_ONLY)


def replace(target: MapValue | None, place: Place, name: bytes, value: bytes) -> Outcome:
    """Put one item that must be there."""
    return put(target, place, name, value, 0, _UPDATE_ONLY)


def put_items(target: MapValue | None, place: Place, values: bytes, order: int = 0, flags: int = 0) -> Outcome:
    """Put items: all of them, or those that the flags allow."""
    if not is_map(values):
        raise Refusal(ResultCode.PARAMETER)
    new = unpack_map(values)
    items = _or_new(target, order, place)
    if not len(new):
        return Outcome(items, int_particle(len(items)))
    if not len(items) and flags & (_NO_FAIL | _PARTIAL) == _NO_FAIL | _PARTIAL:
        flags &= ~_UPDATE_ONLY  # a server forgets it then
    merged = dict(zip(items.keys, zip(items.names, items.values, strict=True), strict=True))
    for key, name, value in zip(new.keys, new.names, new.values, strict=True):
        if _is_allowed(find_key(items, key) is not None, flags):
            merged[key] = name, value
        elif not flags & _PARTIAL:
            return Outcome(items, int_particle(len(items)), is_touched=False)
    pairs = [merged[key] for key in sorted(merged)]
    result = items.evolve((name for name, _ in pairs), (value for _, value in pairs))
    return Outcome(result, int_particle(len(result)))


def create_items(target: MapValue | None, place: Place, values: bytes, order: int = 0) -> Outcome:
    """Put items that must be new."""
    return put_items(target, place, values, order, _CREATE_ONLY)


def replace_items(target: MapValue | None, place: Place, values: bytes) -> Outcome:
    """Put items that must be there."""
    return put_items(target, place, values, 0, _UPDATE_ONLY)


def increment(
    target: MapValue | None, place: Place, name: bytes, delta: bytes | None = None, order: int = 0
) -> Outcome:
    """Add to a number; where there is no item, put the number."""
    return _add(target, place, name, delta, order, sign=1)


def decrement(
    target: MapValue | None, place: Place, name: bytes, delta: bytes | None = None, order: int = 0
) -> Outcome:
    """Subtract from a number; where there is no item, put the negative number."""
    return _add(target, place, name, delta, order, sign=-1)


def clear(target: MapValue | None, place: Place) -> Outcome:
    """Remove all items."""
    assert target is not None
    return Outcome(target.evolve((), ()))


def _add(
    target: MapValue | None, place: Place, name: bytes, delta: bytes | None, order: int, *, sign: int
) -> Outcome:
    items = _or_new(target, order, place)
    at = find_key(items, search_key(name))
    value, result = add(None if at is None else items.values[at], delta, sign=sign)
    return Outcome(put(items, place, _canonical(name), value).value, result)


def _canonical(name: bytes) -> bytes:
    """The key to store for one that was looked up as it stands."""
    try:
        return canonical(name, 0)[1]
    except Malformed:
        raise Refusal(ResultCode.PARAMETER) from None


def _or_new(target: MapValue | None, order: int, place: Place) -> MapValue:
    return new_map(order, place) if target is None else target


def _is_allowed(is_there: bool, flags: int) -> bool:
    """Whether an item may be put.

    Raises:
        Refusal: It may not, and the operation is to fail then.
    """
    if is_there and flags & _CREATE_ONLY:
        unless_no_fail(flags, _NO_FAIL, ResultCode.ELEMENT_EXISTS)
        return False
    if not is_there and flags & _UPDATE_ONLY:
        unless_no_fail(flags, _NO_FAIL, ResultCode.ELEMENT_NOT_FOUND)
        return False
    return True


def _inserted(items: MapValue, name: bytes, value: bytes) -> MapValue:
    return items.inserted(bisect_left(items.keys, sort_key(name)), name, value)
