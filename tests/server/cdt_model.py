"""What operations on lists and maps do, told with Python's own lists and dicts.

It shares nothing with the server but the protocol's words. Values are None, ints, strings and lists of them; not
bools, since Python takes them for ints.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["ListModel", "MapModel", "RefusedError", "order"]

ADD_UNIQUE, INSERT_BOUNDED = 1, 2
CREATE_ONLY, UPDATE_ONLY = 1, 2
NO_FAIL = 4
PARTIAL = 8

TYPES = {type(None): 0, int: 2, str: 3, list: 4}

PARAMETER, ELEMENT_NOT_FOUND, ELEMENT_EXISTS, NOT_APPLICABLE = 4, 23, 24, 26


class RefusedError(Exception):
    """The operation fails with a result code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def order(value: Any) -> tuple[Any, ...]:
    """Sorts values of all types as the protocol says."""
    if isinstance(value, list):
        return TYPES[list], [order(item) for item in value]
    return TYPES[type(value)], value


def wrapped(total: int) -> int:
    """A sum in the 64 bits that a real server adds in."""
    return (total + 2**63) % 2**64 - 2**63


def inside(index: int, count: int | None, total: int) -> list[int]:
    """The numbers of a range that exist."""
    start = index + total if index < 0 else index
    end = total if count is None else start + count
    return [at for at in range(start, end) if 0 <= at < total]


def only(index: int, total: int) -> list[int]:
    """The one number, which must exist."""
    found = inside(index, 1, total)
    if not found:
        raise RefusedError(NOT_APPLICABLE)
    return found


def between(values: list[Any], start: Any, end: Any, *, has_end: bool) -> list[int]:
    """Where the values are that a half-open interval holds."""
    return [
        at
        for at, value in enumerate(values)
        if order(start) <= order(value) and (not has_end or order(value) < order(end))
    ]


def by_rank(values: list[Any]) -> list[int]:
    """Positions in the order of values."""
    return sorted(range(len(values)), key=lambda at: order(values[at]))


def below(values: list[Any], limit: Any) -> int:
    """How many values are less."""
    return sum(order(value) < order(limit) for value in values)


class ListModel:
    """A list bin, or none yet."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.ordered = False
        self.exists = False

    def select(self, by: str, *args: Any) -> list[int]:
        """Positions of what a selector selects."""
        items, total = self.items, len(self.items)
        selectors: dict[str, Callable[..., list[int]]] = {
            "index": lambda index: only(index, total),
            "index range": lambda index, count=None: inside(index, count, total),
            "rank": lambda rank: [by_rank(items)[at] for at in only(rank, total)],
            "rank range": lambda rank, count=None: [by_rank(items)[at] for at in inside(rank, count, total)],
            "value": lambda value: [at for at in range(total) if items[at] == value],
            "value list": lambda values: [at for at in range(total) if items[at] in values],
            "value interval": lambda start, *end: between(items, start, *(end or [None]), has_end=bool(end)),
            "relative rank": lambda value, rank, *count: self._relative(value, rank, *count),
        }
        return selectors[by](*args)

    def _relative(self, value: Any, rank: int, count: int | None = None) -> list[int]:
        start = below(self.items, value) + rank
        ranked = by_rank(self.items)
        end = len(ranked) if count is None else start + count
        return [ranked[at] for at in range(start, end) if 0 <= at < len(ranked)]

    def remove(self, positions: list[int]) -> None:
        """Drop elements."""
        self.items = [item for at, item in enumerate(self.items) if at not in positions]

    def append(self, value: Any, flags: int) -> int:
        return self.append_items([value], flags, single=True)

    def append_items(self, values: list[Any], flags: int, *, single: bool = False) -> int:
        self.exists = True
        return self._add(len(self.items), values, flags, single=single)

    def insert(self, index: int, value: Any, flags: int) -> int:
        if self.ordered:
            raise RefusedError(NOT_APPLICABLE)
        at = index + len(self.items) if index < 0 else index
        if at < 0 or (flags & INSERT_BOUNDED and at > len(self.items) and not flags & NO_FAIL):
            raise RefusedError(NOT_APPLICABLE)
        self.exists = True
        if flags & INSERT_BOUNDED and at > len(self.items):
            return len(self.items)
        return self._add(at, [value], flags, single=True)

    def _add(self, at: int, values: list[Any], flags: int, *, single: bool) -> int:
        new: list[Any] = []
        if flags & ADD_UNIQUE:
            if not flags & NO_FAIL:
                self._refuse_duplicates(values, single=single)
            for value in values:
                if value not in self.items and value not in new:
                    new.append(value)
            if len(new) < len(values) and not flags & PARTIAL:
                return len(self.items)
        else:
            new = values
        if new:
            self.items += [None] * (at - len(self.items))
            self.items[at:at] = new
        if self.ordered:
            self.items.sort(key=order)
        return len(self.items)

    def _refuse_duplicates(self, values: list[Any], *, single: bool) -> None:
        twice = [at for at, value in enumerate(values) if value in values[:at]]
        there = [at for at, value in enumerate(values) if value in self.items]
        if self.ordered and twice and not single:
            raise RefusedError(NOT_APPLICABLE)
        for at in range(len(values)):
            if at in there:
                raise RefusedError(ELEMENT_EXISTS)
            if at in twice:
                raise RefusedError(NOT_APPLICABLE)

    def set_at(self, index: int, value: Any) -> None:
        if self.ordered:
            raise RefusedError(NOT_APPLICABLE)
        total = len(self.items)
        at = index + total if index < 0 else index
        if at < 0:
            raise RefusedError(NOT_APPLICABLE)
        self.exists = True
        self.items += [None] * (at + 1 - total)
        self.items[at] = value

    def increment(self, index: int, delta: int) -> int:
        total = len(self.items)
        at = index + total if index < 0 else index
        if at < 0 or (self.ordered and at > total):
            raise RefusedError(NOT_APPLICABLE)
        current = self.items[at] if at < total else 0
        if type(current) is not int:
            raise RefusedError(PARAMETER)
        self.exists = True
        self.items += [None] * (at + 1 - total)
        self.items[at] = changed = wrapped(current + delta)
        if self.ordered:
            self.items.sort(key=order)
        return changed

    def set_order(self, ordered: bool) -> None:
        self.exists = True
        self.ordered = ordered
        if ordered:
            self.items.sort(key=order)

    def sort(self, flags: int) -> None:
        if not self.exists:
            raise RefusedError(12)
        if flags & 2:
            self.items = [item for at, item in enumerate(self.items) if item not in self.items[:at]]
        self.items.sort(key=order, reverse=bool(flags & 1) and not self.ordered)


class MapModel:
    """A map bin, or none yet. Its order is invisible but for the marker."""

    def __init__(self) -> None:
        self.items: dict[Any, Any] = {}
        self.exists = False

    @property
    def keys(self) -> list[Any]:
        return sorted(self.items, key=order)

    @property
    def values(self) -> list[Any]:
        return [self.items[key] for key in self.keys]

    def select(self, by: str, *args: Any) -> list[int]:
        """Positions, in the order of keys, of what a selector selects."""
        keys, values, total = self.keys, self.values, len(self.items)
        selectors: dict[str, Callable[..., list[int]]] = {
            "key": lambda key: [at for at in range(total) if keys[at] == key],
            "key list": lambda some: [at for at in range(total) if keys[at] in some],
            "key interval": lambda start, *end: between(keys, start, *(end or [None]), has_end=bool(end)),
            "index": lambda index: only(index, total),
            "index range": lambda index, count=None: inside(index, count, total),
            "rank": lambda rank: [by_rank(values)[at] for at in only(rank, total)],
            "rank range": lambda rank, count=None: [by_rank(values)[at] for at in inside(rank, count, total)],
            "value": lambda value: [at for at in range(total) if values[at] == value],
            "value list": lambda some: [at for at in range(total) if values[at] in some],
            "value interval": lambda start, *end: between(values, start, *(end or [None]), has_end=bool(end)),
            "relative index": lambda key, index, count: [
                at for at in range(below(keys, key) + index, below(keys, key) + index + count) if 0 <= at < total
            ],
            "relative rank": lambda value, rank, count: [
                by_rank(values)[at]
                for at in range(below(values, value) + rank, below(values, value) + rank + count)
                if 0 <= at < total
            ],
        }
        return selectors[by](*args)

    def remove(self, positions: list[int]) -> None:
        """Drop items."""
        keys = self.keys
        for at in positions:
            del self.items[keys[at]]

    def put_items(self, new: dict[Any, Any], flags: int) -> int:
        if flags & PARTIAL and flags & NO_FAIL and not self.items:
            flags &= ~UPDATE_ONLY
        forbidden = [key for key in new if flags & (CREATE_ONLY if key in self.items else UPDATE_ONLY)]
        if forbidden and not flags & NO_FAIL:
            first = min(forbidden, key=order)
            raise RefusedError(ELEMENT_EXISTS if first in self.items else ELEMENT_NOT_FOUND)
        self.exists = True
        if not forbidden or flags & PARTIAL:
            self.items |= {key: value for key, value in new.items() if key not in forbidden}
        return len(self.items)

    def increment(self, key: Any, delta: int) -> int:
        current = self.items.get(key, 0)
        if type(current) is not int:
            raise RefusedError(PARAMETER)
        self.exists = True
        self.items[key] = changed = wrapped(current + delta)
        return changed
