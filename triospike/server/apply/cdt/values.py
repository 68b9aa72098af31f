"""Lists and maps taken apart into packed elements, and put together again.

Elements stay packed: most of them are only moved. Their sort keys are made when something is compared, once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from ....result_code import ResultCode
from ...refusal import Refusal
from ..containers import Indexed
from ..cursor import Cursor
from ..order import SortKey, sort_key
from ..packing import pack_list_header, pack_map_header

__all__ = [
    "INDEXED",
    "LARGEST_GAP",
    "ORDERED",
    "Container",
    "ListValue",
    "MapValue",
    "is_list",
    "is_map",
    "unpack_list",
    "unpack_map",
]

ORDERED: Final = 0x01
"""In the order of a list or map: sorted by element, or by key."""

INDEXED: Final = 0x10
"""In the order of a list or map: the server keeps an index with it. That is never sent."""

LARGEST_GAP: Final = 8 << 20
"""How many nils may be made at once: no record is larger, whatever the configuration."""

_MAP_ORDERS: Final = 0x03
_MARKER = b"\xc7\0"
_NIL = 0xC0
_EXTENSIONS = frozenset({*range(0xC7, 0xCA), *range(0xD4, 0xD9)})


class ListValue:
    """A list of packed elements. Never changed: operations make another.

    Args:
        pieces: The elements.
        ordered: They are sorted, and stay so.
    """

    __slots__ = ("_keys", "ordered", "pieces")

    def __init__(self, pieces: Iterable[bytes] = (), *, ordered: bool = False) -> None:
        self.pieces = tuple(pieces)
        self.ordered = ordered
        self._keys: list[SortKey] | None = None

    def __len__(self) -> int:
        return len(self.pieces)

    @property
    def keys(self) -> list[SortKey]:
        """Sort keys of the elements."""
        if self._keys is None:
            self._keys = [sort_key(piece) for piece in self.pieces]
        return self._keys

    def evolve(self, pieces: Iterable[bytes]) -> ListValue:
        """Other elements in a list of this kind."""
        return ListValue(pieces, ordered=self.ordered)

    def without(self, positions: Iterable[int]) -> ListValue:
        """All elements but some."""
        gone = set(positions)
        return self.evolve(piece for at, piece in enumerate(self.pieces) if at not in gone)

    def replaced(self, at: int, piece: bytes) -> ListValue:
        """Another element in place of one; an ordered list moves it where it belongs."""
        rest = [*self.pieces[:at], *self.pieces[at + 1 :]]
        if not self.ordered:
            return self.evolve([*rest[:at], piece, *rest[at:]])
        return self.evolve(sorted([*rest, piece], key=sort_key))

    def pack(self) -> bytes:
        """The list in canonical form."""
        if not self.ordered:
            return pack_list_header(len(self.pieces)) + b"".join(self.pieces)
        return pack_list_header(len(self.pieces) + 1) + _MARKER + b"\1" + b"".join(self.pieces)


class MapValue:
    """A map of packed keys and values, always sorted by key. Never changed: operations make another.

    Args:
        names: The keys, sorted.
        values: The value of each.
        order: 0 unordered, 1 ordered by key, 3 by key and value; `INDEXED` added if it is kept with an index.
    """

    __slots__ = ("_keys", "_ranked", "_value_keys", "names", "order", "values")

    def __init__(self, names: Iterable[bytes] = (), values: Iterable[bytes] = (), *, order: int = 0) -> None:
        self.names = tuple(names)
        self.values = tuple(values)
        self.order = order
        self._keys: list[SortKey] | None = None
        self._value_keys: list[SortKey] | None = None
        self._ranked: list[int] | None = None

    def __len__(self) -> int:
        return len(self.names)

    @property
    def is_ranked(self) -> bool:
        """An index by value is kept with it."""
        return self.order & (INDEXED | 0x02) == INDEXED | 0x02 and len(self.names) > 1

    @property
    def keys(self) -> list[SortKey]:
        """Sort keys of the map's keys."""
        if self._keys is None:
            self._keys = [sort_key(name) for name in self.names]
        return self._keys

    @property
    def value_keys(self) -> list[SortKey]:
        """Sort keys of the values."""
        if self._value_keys is None:
            self._value_keys = [sort_key(value) for value in self.values]
        return self._value_keys

    @property
    def ranked(self) -> list[int]:
        """Positions of the items, sorted by value; items of the same value by key."""
        if self._ranked is None:
            keys = self.value_keys
            self._ranked = sorted(range(len(keys)), key=keys.__getitem__)
        return self._ranked

    def evolve(self, names: Iterable[bytes], values: Iterable[bytes]) -> MapValue:
        """Other items in a map of this kind."""
        return MapValue(names, values, order=self.order)

    def without(self, positions: Iterable[int]) -> MapValue:
        """All items but some."""
        gone = set(positions)
        kept = [at for at in range(len(self.names)) if at not in gone]
        return self.evolve((self.names[at] for at in kept), (self.values[at] for at in kept))

    def replaced(self, at: int, piece: bytes) -> MapValue:
        """Another value in place of one."""
        return self.evolve(self.names, (*self.values[:at], piece, *self.values[at + 1 :]))

    def inserted(self, at: int, name: bytes, value: bytes) -> MapValue:
        """One more item."""
        return self.evolve(
            (*self.names[:at], name, *self.names[at:]), (*self.values[:at], value, *self.values[at:])
        )

    def pack(self) -> bytes:
        """The map in canonical form."""
        items = b"".join([name + value for name, value in zip(self.names, self.values, strict=True)])
        order = self.order & _MAP_ORDERS
        if order:
            packed = pack_map_header(len(self.names) + 1) + _MARKER + bytes((order, _NIL)) + items
        else:
            packed = pack_map_header(len(self.names)) + items
        return Indexed(packed) if self.order & INDEXED else packed


Container: TypeAlias = ListValue | MapValue


def is_list(piece: bytes) -> bool:
    """Whether a packed value is a list."""
    return piece[0] >> 4 == 0x9 or piece[0] in {0xDC, 0xDD}


def is_map(piece: bytes) -> bool:
    """Whether a packed value is a map."""
    return piece[0] >> 4 == 0x8 or piece[0] in {0xDE, 0xDF}


def unpack_list(packed: bytes) -> ListValue:
    """Take a list apart.

    Raises:
        Refusal: The bytes are no list.
    """
    cursor = Cursor(packed)
    n = cursor.list_size()
    order = _order(cursor, n)
    if order is not None:
        n -= 1
    return ListValue(_pieces(cursor, n), ordered=bool(order and order & ORDERED))


def unpack_map(packed: bytes) -> MapValue:
    """Take a map apart.

    Raises:
        Refusal: The bytes are no map.
    """
    cursor = Cursor(packed)
    n = cursor.map_size()
    order = _order(cursor, n)
    if order is not None:
        cursor.skip()
        n -= 1
    pieces = _pieces(cursor, 2 * n)
    flags = (order or 0) & _MAP_ORDERS | (INDEXED if isinstance(packed, Indexed) else 0)
    return MapValue(pieces[::2], pieces[1::2], order=flags)


def _order(cursor: Cursor, n: int) -> int | None:
    """What the order marker in front of the elements says; None if there is none."""
    if not n or cursor.is_at_end() or cursor.data[cursor.at] not in _EXTENSIONS:
        return None
    return cursor.extension()[0]


def _pieces(cursor: Cursor, n: int) -> list[bytes]:
    data, at = cursor.data, cursor.at
    if n > len(data) - at:
        raise Refusal(ResultCode.PARAMETER)
    pieces = []
    for _ in range(n):
        first = data[at] if at < len(data) else _NIL
        if first < 0x80 or first >= 0xE0:  # small integers and short strings are most of what there is
            behind = at + 1
        elif first & 0xE0 == 0xA0:
            behind = at + 1 + (first & 0x1F)
        else:
            cursor.at = at
            cursor.skip()
            behind = cursor.at
        pieces.append(data[at:behind])
        at = behind
    if at > len(data):
        raise Refusal(ResultCode.PARAMETER)
    return pieces
