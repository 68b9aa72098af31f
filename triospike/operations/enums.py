"""Orders, write flags and return types of list and map operations (protocol sections 10.3 to 10.6)."""

from __future__ import annotations

from enum import STRICT, Enum, IntEnum, IntFlag
from typing import Any

__all__ = [
    "ListOrder",
    "ListReturnType",
    "ListSortFlags",
    "ListWriteFlags",
    "MapOrder",
    "MapReturnType",
    "MapWriteFlags",
    "PathReturn",
    "check_nested_order",
    "check_order",
    "check_return_type",
]

PERSIST_INDEX = 0x10
"""Added to an order: the server keeps the index of a top-level list or map with the record."""

_INVERTED = 0x10000


class ListOrder(IntEnum):
    """How the server keeps a list (C: ``as_list_order``)."""

    UNORDERED = 0
    """In the order of insertion."""
    ORDERED = 1
    """Sorted by value."""


class ListWriteFlags(IntFlag, boundary=STRICT):
    """What a write to a list may do (C: ``as_list_write_flags``)."""

    DEFAULT = 0
    """Duplicates are allowed, and so are positions beyond the end: nils fill the gap."""
    ADD_UNIQUE = 1
    """Refuse a value that the list has already, with `ElementError`."""
    INSERT_BOUNDED = 2
    """Refuse a position beyond the end, with `OperationNotApplicable`."""
    NO_FAIL = 4
    """Do nothing where one of the other flags would refuse."""
    PARTIAL = 8
    """With `NO_FAIL`: store those of several values that are not refused."""


class ListSortFlags(IntFlag, boundary=STRICT):
    """How `triospike.operations.lists.sort` sorts (C: ``as_list_sort_flags``)."""

    DEFAULT = 0
    """Ascending, and duplicates stay."""
    DESCENDING = 1
    """The highest value first."""
    DROP_DUPLICATES = 2
    """Of equal values, keep one; the server refuses it beside `DESCENDING` with `InvalidRequest`."""


class MapOrder(IntEnum):
    """How the server keeps a map (C: ``as_map_order``)."""

    UNORDERED = 0
    """Not sorted; a read gives a dict."""
    KEY_ORDERED = 1
    """Sorted by key; a read gives a `KeyOrderedMap`."""
    KEY_VALUE_ORDERED = 3
    """Sorted by key, with an index by value beside it; a read gives a `KeyOrderedMap`."""


class MapWriteFlags(IntFlag, boundary=STRICT):
    """What a write to a map may do (C: ``as_map_write_flags``)."""

    DEFAULT = 0
    """Create a key or replace its value."""
    CREATE_ONLY = 1
    """Refuse a key that is there, with `ElementError`."""
    UPDATE_ONLY = 2
    """Refuse a key that is not there, with `ElementError`."""
    NO_FAIL = 4
    """Do nothing where one of the other flags would refuse."""
    PARTIAL = 8
    """With `NO_FAIL`: store those of several items that are not refused."""


class _ReturnType(IntFlag):
    """Numbers of which only `INVERTED` is a flag; the others are alternatives."""

    def __repr__(self) -> str:
        return "|".join(f"{type(self).__name__}.{name}" for name in _names(self))

    def __str__(self) -> str:
        return "|".join(_names(self))


class ListReturnType(_ReturnType):
    """What a selection of a list's elements gives (C: ``as_list_return_type``).

    A selection of one element gives one value, any other a list of them. An index is a position in the list,
    a rank a position among the sorted values, both from 0; the reversed ones count from the end. Add
    `INVERTED` to work on the elements that are *not* selected: ``ListReturnType.VALUE | ListReturnType.INVERTED``.
    """

    NONE = 0
    """Nothing."""
    INDEX = 1
    """Positions."""
    REVERSE_INDEX = 2
    """Positions from the end: 0 is the last element."""
    RANK = 3
    """Ranks: 0 is the lowest value."""
    REVERSE_RANK = 4
    """Ranks from the top: 0 is the highest value."""
    COUNT = 5
    """How many were selected, an int."""
    VALUE = 7
    """The elements."""
    EXISTS = 13
    """Whether any was selected, a bool."""
    INVERTED = _INVERTED
    """A flag for the others: work on what is not selected."""


class MapReturnType(_ReturnType):
    """What a selection of a map's items gives (C: ``as_map_return_type``).

    A selection of one item gives one value, any other a list of them, or a map. An index is a position by key,
    a rank a position by value, both from 0; the reversed ones count from the end. Add `INVERTED` to work on the
    items that are *not* selected: ``MapReturnType.KEY | MapReturnType.INVERTED``.
    """

    NONE = 0
    """Nothing."""
    INDEX = 1
    """Positions by key."""
    REVERSE_INDEX = 2
    """Positions by key from the end: 0 is the highest key."""
    RANK = 3
    """Positions by value: 0 is the lowest value."""
    REVERSE_RANK = 4
    """Positions by value from the top: 0 is the highest value."""
    COUNT = 5
    """How many were selected, an int."""
    KEY = 6
    """The keys."""
    VALUE = 7
    """The values."""
    KEY_VALUE = 8
    """Pairs in the order of the selection: a list of tuples."""
    EXISTS = 13
    """Whether any was selected, a bool."""
    UNORDERED_MAP = 16
    """A dict."""
    ORDERED_MAP = 17
    """A `KeyOrderedMap`."""
    INVERTED = _INVERTED
    """A flag for the others: work on what is not selected."""


class PathReturn(IntEnum):
    """What `triospike.operations.select_by_path` gives (C: ``as_exp_path_select_flags``)."""

    MATCHING_TREE = 0
    """The bin's list or map, with only those branches that lead to a selected leaf."""
    VALUE = 1
    """The leaves, a list."""
    MAP_KEY = 2
    """The leaves' keys, a list."""
    MAP_KEY_VALUE = 3
    """A list of a key, its value, the next key, its value, and so on."""


def _names(value: _ReturnType) -> list[str]:
    kind = type(value)
    plain = int(value) & ~_INVERTED
    names = [member.name or "" for member in kind.__members__.values() if int(member) == plain] or [str(plain)]
    return [*names, "INVERTED"] if int(value) & _INVERTED else names


def check_return_type(value: Any, kind: type[_ReturnType]) -> int:
    """The number of a return type.

    Raises:
        TypeError: It is not of that enumeration.
        ValueError: It is a combination of more than one alternative and `INVERTED`.
    """
    if not isinstance(value, kind):
        raise TypeError(f"return_type must be a {kind.__name__}, not {type(value).__name__}")
    number = int(value)
    plain = number & ~_INVERTED
    if not any(int(member) == plain for member in kind.__members__.values()):
        raise ValueError(f"return_type must be one of {kind.__name__}, maybe with INVERTED, not {number}")
    return number


def check_order(value: Any, kind: type[Enum], *, persist_index: bool = False) -> int:
    """The number of an order, with the flag for a kept index.

    Raises:
        TypeError: It is not of that enumeration, or persist_index is no bool.
    """
    if not isinstance(value, kind):
        raise TypeError(f"order must be a {kind.__name__}, not {type(value).__name__}")
    if not isinstance(persist_index, bool):
        raise TypeError(f"persist_index must be a bool, not {type(persist_index).__name__}")
    return int(value.value) | (PERSIST_INDEX if persist_index else 0)


def check_nested_order(persist_index: bool) -> None:
    """Refuse what only top-level lists and maps have.

    Raises:
        ValueError: A nested index is to be kept.
    """
    if persist_index:
        raise ValueError("persist_index is for a list or map that is a bin's value; with a context there is none")
