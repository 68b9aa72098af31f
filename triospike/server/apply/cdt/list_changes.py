"""Operations that add to a list or change its elements (protocol section 10.4)."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from ....result_code import ResultCode
from ...refusal import Refusal
from ..order import SortKey, same, sort_key
from .answers import int_particle
from .list_selectors import first_with_value
from .numbers import add
from .outcome import Outcome, Place, unless_no_fail
from .values import INDEXED, LARGEST_GAP, ORDERED, ListValue, is_list, unpack_list

__all__ = ["append", "append_items", "clear", "increment", "insert", "insert_items", "set_at", "set_type", "sort"]

_ADD_UNIQUE: Final = 1
_INSERT_BOUNDED: Final = 2
_NO_FAIL: Final = 4
_PARTIAL: Final = 8

_DESCENDING: Final = 1
_DROP_DUPLICATES: Final = 2

_ORDERS = ORDERED | INDEXED
_MAX_INDEX = (1 << 31) - 1
_NIL = b"\xc0"


def new_list(order: int) -> ListValue:
    """An empty list; an order that there is none of makes it unordered."""
    return ListValue(ordered=order & 0xFF & ~_ORDERS == 0 and bool(order & ORDERED))


def set_type(target: ListValue | None, place: Place, order: int) -> Outcome:
    """Order the list, or leave it unordered from now on."""
    items = _or_new(target, 0)
    if order & 0xFF & ~_ORDERS:
        raise Refusal(ResultCode.OP_NOT_APPLICABLE)
    ordered = bool(order & ORDERED)
    pieces = sorted(items.pieces, key=sort_key) if ordered else items.pieces
    return Outcome(ListValue(pieces, ordered=ordered))


def append(target: ListValue | None, place: Place, value: bytes, order: int = 0, flags: int = 0) -> Outcome:
    """Add an element at the end, or where it belongs."""
    items = _or_new(target, order)
    return _append_ordered(items, [value], flags) if items.ordered else _insert(items, len(items), [value], flags)


def append_items(target: ListValue | None, place: Place, values: bytes, order: int = 0, flags: int = 0) -> Outcome:
    """Add elements at the end, or where they belong."""
    pieces = _pieces_of(values)
    items = _or_new(target, order)
    if not pieces:
        return Outcome(items, int_particle(len(items)))
    if items.ordered:
        return _append_items_ordered(items, pieces, flags)
    return _insert(items, len(items), pieces, flags, several=True)


def insert(target: ListValue | None, place: Place, index: int, value: bytes, flags: int = 0) -> Outcome:
    """Insert an element."""
    return _insert(_unordered(target), index, [value], flags)


def insert_items(target: ListValue | None, place: Place, index: int, values: bytes, flags: int = 0) -> Outcome:
    """Insert elements."""
    pieces = _pieces_of(values)
    items = _unordered(target)
    if not pieces:
        return Outcome(items, int_particle(len(items)))
    return _insert(items, index, pieces, flags, several=True)


def set_at(target: ListValue | None, place: Place, index: int, value: bytes, flags: int = 0) -> Outcome:
    """Put an element in place of another, or behind the last."""
    items = _unordered(target)
    total = len(items)
    if index >= total:
        outcome = _insert(items, index, [value], flags)
        return Outcome(outcome.value, None, outcome.is_touched)
    at = index + total if index < 0 else index
    if at < 0:
        raise Refusal(ResultCode.OP_NOT_APPLICABLE)
    if flags & _ADD_UNIQUE and _is_elsewhere(items, at, sort_key(value)):
        unless_no_fail(flags, _NO_FAIL, ResultCode.ELEMENT_EXISTS)
        return Outcome(items, None, is_touched=False)
    return Outcome(items.replaced(at, value))


def increment(
    target: ListValue | None, place: Place, index: int, delta: bytes | None = None, order: int = 0, flags: int = 0
) -> Outcome:
    """Add to a number; where there is no element, put the number."""
    items = _or_new(target, order)
    at = _insert_position(items, index)
    current = items.pieces[at] if at < len(items) else None
    value, result = add(current, delta)
    if not items.ordered:
        outcome = set_at(items, place, at, value, flags)
    else:
        outcome = _replace_ordered(items, at, value, flags)
    return Outcome(outcome.value, result, outcome.is_touched)


def sort(target: ListValue | None, place: Place, flags: int = 0) -> Outcome:
    """Sort the elements once."""
    if place.is_bin_new:
        raise Refusal(ResultCode.BIN_TYPE)
    items = _or_new(target, 0)
    if len(items) <= 1:
        return Outcome(items, is_touched=False)
    descending = bool(flags & _DESCENDING) and not items.ordered
    pieces = sorted(items.pieces, key=sort_key, reverse=descending)
    if flags & _DROP_DUPLICATES:
        pieces = _distinct(pieces)
    return Outcome(items.evolve(pieces))


def clear(target: ListValue | None, place: Place) -> Outcome:
    """Remove all elements."""
    assert target is not None
    return Outcome(target.evolve(()))


def _or_new(target: ListValue | None, order: int) -> ListValue:
    return new_list(order) if target is None else target


def _unordered(target: ListValue | None) -> ListValue:
    items = _or_new(target, 0)
    if items.ordered:
        raise Refusal(ResultCode.OP_NOT_APPLICABLE)
    return items


def _pieces_of(values: bytes) -> list[bytes]:
    if not is_list(values):
        raise Refusal(ResultCode.PARAMETER)
    return list(unpack_list(values).pieces)


def _distinct(pieces: list[bytes]) -> list[bytes]:
    """The elements that are greater than the one in front; sorted downwards that is refused, as by the server."""
    kept = pieces[:1]
    for left, right in pairwise(pieces):
        before, behind = sort_key(left), sort_key(right)
        if behind < before:
            raise Refusal(ResultCode.PARAMETER)
        if before < behind:
            kept.append(right)
    return kept


def _insert_position(items: ListValue, index: int) -> int:
    at = index + len(items) if index < 0 else index
    if not 0 <= at <= _MAX_INDEX:
        raise Refusal(ResultCode.OP_NOT_APPLICABLE)
    return at


def _insert(items: ListValue, index: int, pieces: list[bytes], flags: int, *, several: bool = False) -> Outcome:
    """Insert in an unordered list; behind its end, nils fill the gap."""
    total = len(items)
    at = _insert_position(items, index)
    unchanged = Outcome(items, int_particle(total), is_touched=False)
    if flags & _INSERT_BOUNDED and at > total:
        unless_no_fail(flags, _NO_FAIL, ResultCode.OP_NOT_APPLICABLE)
        return unchanged
    if flags & _ADD_UNIQUE:
        pieces = _new_ones(items, pieces, flags)
        if not pieces:
            return unchanged
    gap = max(at - total, 0)
    if at >= total and at + len(pieces) >= _MAX_INDEX:
        raise Refusal(ResultCode.PARAMETER)
    if gap > LARGEST_GAP:
        raise Refusal(ResultCode.RECORD_TOO_BIG)
    result = items.evolve((*items.pieces[:at], *[_NIL] * gap, *pieces, *items.pieces[at:]))
    return Outcome(result, int_particle(len(result)))


def _new_ones(items: ListValue, pieces: list[bytes], flags: int) -> list[bytes]:
    """Those that are not in the list yet; none if one that is spoils all of them."""
    new: list[bytes] = []
    seen: list[SortKey] = []
    for piece in pieces:
        key = sort_key(piece)
        is_there = first_with_value(items, key) is not None
        if not is_there and not any(same(key, other) for other in seen):
            new.append(piece)
        else:
            code = ResultCode.ELEMENT_EXISTS if is_there else ResultCode.OP_NOT_APPLICABLE
            unless_no_fail(flags, _NO_FAIL, code)
            if not flags & _PARTIAL:
                return []
        seen.append(key)
    return new


def _append_ordered(items: ListValue, pieces: list[bytes], flags: int) -> Outcome:
    if flags & _ADD_UNIQUE and first_with_value(items, sort_key(pieces[0])) is not None:
        unless_no_fail(flags, _NO_FAIL, ResultCode.ELEMENT_EXISTS)
        return Outcome(items, int_particle(len(items)), is_touched=False)
    result = items.evolve(sorted((*pieces, *items.pieces), key=sort_key))
    return Outcome(result, int_particle(len(result)))


def _append_items_ordered(items: ListValue, pieces: list[bytes], flags: int) -> Outcome:
    """Of values to be unique, a server first looks at those that came twice, and then at those that are there."""
    unchanged = Outcome(items, int_particle(len(items)), is_touched=False)
    pieces = sorted(pieces, key=sort_key)
    if flags & _ADD_UNIQUE:
        distinct = _distinct(pieces)
        if len(distinct) < len(pieces):
            unless_no_fail(flags, _NO_FAIL, ResultCode.OP_NOT_APPLICABLE)
            if not flags & _PARTIAL:
                return unchanged
        pieces = [piece for piece in distinct if first_with_value(items, sort_key(piece)) is None]
        if len(pieces) < len(distinct):
            unless_no_fail(flags, _NO_FAIL, ResultCode.ELEMENT_EXISTS)
            if not flags & _PARTIAL:
                return unchanged
    result = items.evolve(sorted((*pieces, *items.pieces), key=sort_key))
    return Outcome(result, int_particle(len(result)))


def _is_elsewhere(items: ListValue, at: int, key: SortKey) -> bool:
    return any(same(key, other) for place, other in enumerate(items.keys) if place != at)


def _replace_ordered(items: ListValue, at: int, value: bytes, flags: int) -> Outcome:
    if at > len(items):
        raise Refusal(ResultCode.OP_NOT_APPLICABLE)
    found = first_with_value(items, sort_key(value))
    if flags & _ADD_UNIQUE and found is not None:
        if found != at:
            unless_no_fail(flags, _NO_FAIL, ResultCode.ELEMENT_EXISTS)
        return Outcome(items, is_touched=False)
    if at == len(items):
        return Outcome(items.evolve(sorted((*items.pieces, value), key=sort_key)))
    return Outcome(items.replaced(at, value))
