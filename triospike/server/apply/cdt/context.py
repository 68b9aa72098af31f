"""The way into nested lists and maps, and back out with a changed element (protocol section 10.6).

A step may make what it does not find, if it says so; everything below it is then made too. The steps are read only
as they are taken: what follows a step that fails is not looked at.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import Final

import attrs

from ....result_code import ResultCode
from ...refusal import Refusal
from ..containers import Malformed, canonical
from ..cursor import Cursor
from ..order import search_key, sort_key
from . import list_selectors, map_selectors
from .ranks import heap_select
from .selection import clip
from .values import INDEXED, LARGEST_GAP, Container, ListValue, MapValue, is_list, is_map, unpack_list, unpack_map

__all__ = ["Way", "find_way", "unpack"]

_BASE: Final = 0x0F
_LIST: Final = 0x10
_MAP: Final = 0x20
_TYPE: Final = 0x3F
_INDEX: Final = 0
_RANK: Final = 1
_KEY: Final = 2
_VALUE: Final = 3

_CREATE: Final = 0x1C0
_PADDED: Final = 0x80
_ORDERED: Final = 0xC0
_PERSIST: Final = 0x100
_ORDERS: Final = _CREATE & ~_PERSIST
_MAP_ORDERS = {0x80: 1, 0xC0: 3}

_NIL = b"\xc0"


def _not_applicable() -> Refusal:
    return Refusal(ResultCode.OP_NOT_APPLICABLE)


@attrs.frozen
class _Made:
    """A container that a step makes, with one element.

    Attributes:
        order: The step's create flags.
        key: The element's key; None in a list.
        gap: Nils in front of the element.
    """

    order: int
    key: bytes | None
    gap: int

    def around(self, piece: bytes) -> Container:
        """The container with its element."""
        indexed = INDEXED if self.order & _PERSIST else 0
        if self.key is not None:
            return MapValue((self.key,), (piece,), order=_MAP_ORDERS.get(self.order & _ORDERS, 0) | indexed)
        return ListValue((*[_NIL] * self.gap, piece), ordered=self.order & _ORDERS == _ORDERED)

    def added_to(self, host: Container, piece: bytes) -> Container:
        """A container that is there with the element added."""
        if isinstance(host, MapValue):
            assert self.key is not None
            return host.inserted(bisect_left(host.keys, sort_key(self.key)), self.key, piece)
        pieces = (*host.pieces, *[_NIL] * self.gap, piece)
        return host.evolve(sorted(pieces, key=sort_key) if host.ordered else pieces)


@attrs.frozen
class Way:
    """A way that has been gone.

    Attributes:
        passed: The containers on the way and the position at which each was left.
        found: The element at the end, packed; None if it is to be made.
        host: The last container that is there, if something is to be made in it.
        made: What is to be made, from there on.
    """

    passed: list[tuple[Container, int]]
    found: bytes | None
    host: Container | None = None
    made: tuple[_Made, ...] = ()

    def back(self, piece: bytes) -> Container:
        """The outermost container with another element at the end of the way."""
        inner: Container | None = None
        for made in reversed(self.made[1:] if self.host is not None else self.made):
            inner = made.around(piece)
            piece = inner.pack()
        if self.host is not None:
            inner = self.made[0].added_to(self.host, piece)
        for container, at in reversed(self.passed):
            inner = container.replaced(at, piece if inner is None else inner.pack())
        assert inner is not None
        return inner


def unpack(piece: bytes) -> Container:
    """Take a list or map apart.

    Raises:
        Refusal: It is neither.
    """
    if is_list(piece):
        return unpack_list(piece)
    if is_map(piece):
        return unpack_map(piece)
    raise _not_applicable()


def find_way(top: bytes | None, cursor: Cursor, *, may_make: bool) -> Way:
    """Go into a bin's value, step by step.

    Args:
        top: The value, packed; None if there is no bin.
        cursor: At the path; behind it afterwards.
        may_make: The operation modifies, so that steps may make what they don't find.

    Raises:
        Refusal: The path is malformed, or leads nowhere.
    """
    n = cursor.list_size()
    if n == 0 or n % 2:
        raise Refusal(ResultCode.PARAMETER)
    passed: list[tuple[Container, int]] = []
    piece = top
    for remaining in reversed(range(n // 2)):
        kind = cursor.unsigned()
        if kind & _BASE > _VALUE or (kind & _CREATE and not kind & (_LIST | _MAP)):
            raise _not_applicable()
        if piece is None:
            made = (_new_bin(cursor, kind), *_make_rest(cursor, remaining))
            return Way(passed, None, None, made)
        container = unpack(piece)
        at = _take_step(container, cursor, kind)
        if isinstance(at, _Made):
            if not may_make:
                raise _not_applicable()
            return Way(passed, None, container, (at, *_make_rest(cursor, remaining)))
        passed.append((container, at))
        piece = container.pieces[at] if isinstance(container, ListValue) else container.values[at]
    return Way(passed, piece)


def _take_step(container: Container, cursor: Cursor, kind: int) -> int | _Made:
    """Position of the element that a step leads to, or what it makes."""
    other = _MAP if isinstance(container, ListValue) else _LIST
    if kind & other:
        raise _not_applicable()
    try:
        if isinstance(container, ListValue):
            return _LIST_STEPS[kind & _BASE](container, cursor, kind & _CREATE)
        return _MAP_STEPS[kind & _BASE](container, cursor, kind & _CREATE)
    except (Refusal, Malformed):
        raise _not_applicable() from None


def _list_index(items: ListValue, cursor: Cursor, create: int) -> int | _Made:
    index = cursor.integer()
    total = len(items)
    at = index + total if index < 0 else index
    if 0 <= at < total:
        return at
    if not create & _ORDERS:
        raise _not_applicable()
    if index == total or items.ordered or (index == -1 and not total):
        return _Made(create, None, 0)
    if create != _PADDED or not 0 <= index - total <= LARGEST_GAP:
        raise _not_applicable()
    return _Made(create, None, index - total)


def _list_rank(items: ListValue, cursor: Cursor, create: int) -> int | _Made:
    if items.ordered:
        return _list_index(items, cursor, create)
    rank, _ = clip(cursor.integer(), 1, len(items), single=True)
    return heap_select(items.keys, rank, 1)[0]


def _list_key(items: ListValue, cursor: Cursor, create: int) -> int:
    raise _not_applicable()


def _list_value(items: ListValue, cursor: Cursor, create: int) -> int:
    return _there(list_selectors.first_with_value(items, search_key(cursor.piece())))


def _map_index(items: MapValue, cursor: Cursor, create: int) -> int:
    return clip(cursor.integer(), 1, len(items), single=True)[0]


def _map_rank(items: MapValue, cursor: Cursor, create: int) -> int:
    return items.ranked[clip(cursor.integer(), 1, len(items), single=True)[0]]


def _map_key(items: MapValue, cursor: Cursor, create: int) -> int | _Made:
    key = _storable(cursor)
    at = map_selectors.find_key(items, sort_key(key))
    if at is not None:
        return at
    if not create & _ORDERS:
        raise _not_applicable()
    return _Made(create, key, 0)


def _map_value(items: MapValue, cursor: Cursor, create: int) -> int:
    return _there(map_selectors.first_with_value(items, search_key(cursor.piece())))


def _there(at: int | None) -> int:
    if at is None:
        raise _not_applicable()
    return at


def _storable(cursor: Cursor) -> bytes:
    piece = cursor.piece()
    return canonical(piece, 0)[1]


_LIST_STEPS: dict[int, Callable[[ListValue, Cursor, int], int | _Made]] = {
    _INDEX: _list_index,
    _RANK: _list_rank,
    _KEY: _list_key,
    _VALUE: _list_value,
}
_MAP_STEPS: dict[int, Callable[[MapValue, Cursor, int], int | _Made]] = {
    _INDEX: _map_index,
    _RANK: _map_rank,
    _KEY: _map_key,
    _VALUE: _map_value,
}


def _new_bin(cursor: Cursor, kind: int) -> _Made:
    """What the first step makes where there is no bin."""
    if not kind & _ORDERS:
        raise _not_applicable()
    return _make(cursor, kind)


def _make_rest(cursor: Cursor, count: int) -> list[_Made]:
    """What the steps make that follow one that makes something."""
    made = []
    for _ in range(count):
        try:
            kind = cursor.unsigned()
        except Refusal:
            raise _not_applicable() from None
        if kind & _PERSIST or (kind & _CREATE and not kind & (_LIST | _MAP)):
            raise _not_applicable()
        made.append(_make(cursor, kind))
    return made


def _make(cursor: Cursor, kind: int) -> _Made:
    create = kind & _CREATE
    try:
        if kind & _TYPE == _MAP | _KEY:
            return _Made(create, _storable(cursor), 0)
        if kind & _TYPE == _LIST | _INDEX:
            return _Made(create, None, _gap(cursor.integer(), create))
    except (Refusal, Malformed):
        pass
    raise _not_applicable()


def _gap(index: int, create: int) -> int:
    """Nils in front of the first element of a list that is made."""
    if index < -1 or index > LARGEST_GAP:
        raise _not_applicable()
    if create & _ORDERS == _PADDED:
        return max(index, 0)
    if index > 0 and create & _ORDERS != _ORDERED and not create & _PERSIST:
        raise _not_applicable()
    return 0
