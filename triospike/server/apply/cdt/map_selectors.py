"""Selectors of a map's items: by key, by index, by value, by rank.

All maps are kept sorted by key, the unordered ones too. What a server tells of them still differs in places; so do
maps that it keeps with an index by value.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from ..order import SearchKey, same
from .finding import find_items
from .selection import (
    ALL,
    Run,
    Runs,
    Selection,
    Want,
    clip,
    each,
    inverted_range,
    nothing_at,
    others,
    outside,
    relative,
)
from .values import MapValue

__all__ = [
    "by_index_range",
    "by_key",
    "by_key_interval",
    "by_key_list",
    "by_rank_range",
    "by_relative_index_range",
    "by_relative_rank_range",
    "by_value",
    "by_value_interval",
    "by_value_list",
    "find_key",
    "first_with_value",
]


def find_key(items: MapValue, key: SearchKey) -> int | None:
    """Position of the item of a key; None if there is none."""
    at = bisect_left(items.keys, key)
    return at if at < len(items) and same(items.keys[at], key) else None


def first_with_value(items: MapValue, value: SearchKey) -> int | None:
    """Position of the first item of a value; None if there is none."""
    return next((at for at, key in enumerate(items.value_keys) if same(key, value)), None)


def _ranks(items: MapValue, positions: Iterable[int]) -> Runs:
    rank_of = {at: rank for rank, at in enumerate(items.ranked)}
    return each(rank_of[at] for at in positions)


def by_index_range(items: MapValue, want: Want, index: int, count: int = ALL) -> Selection:
    """Items at some indexes, in the order of keys.

    Raises:
        Refusal: There is no such single item.
    """
    total = len(items)
    start, n = clip(index, count, total, single=want.single)
    want.refuse_inverted_single()
    runs = inverted_range(start, n, total) if want.inverted else [(start, n)]
    if len(runs) == 1:
        start, n = runs[0]
        if not n:
            return nothing_at(total, start, rank_range=False)
        if n == total:
            return _everything(items, rank_range=False)
    positions = [at for first, n in runs for at in range(first, first + n)]
    return Selection(
        total,
        positions,
        lambda: runs,
        lambda: _ranks(items, positions),
        index_range=(start, n) if len(runs) == 1 else None,
        # Of an unordered map a server tells that nothing exists around a range that does.
        exists=len(runs) == 1 or bool(items.order),
    )


def _everything(items: MapValue, *, rank_range: bool = True) -> Selection:
    total = len(items)
    all_of_it: list[Run] = [(0, total)]
    return Selection(
        total,
        range(total),
        lambda: all_of_it,
        lambda: all_of_it,
        index_range=(0, total),
        rank_range=(0, total) if rank_range else None,
        exists=bool(total),
        turns=False,
    )


def by_key(items: MapValue, want: Want, key: SearchKey) -> Selection:
    """The item of a key.

    Raises:
        Refusal: Everything but one is wanted as one.
    """
    if not items.order:
        want.refuse_inverted_single()
    at = find_key(items, key)
    if at is None:
        return nothing_at(len(items), -1, rank_range=False)
    return by_index_range(items, want, at, 1)


def by_key_interval(items: MapValue, want: Want, start: SearchKey, end: SearchKey | None = None) -> Selection:
    """Items of a key from start on and below end; without an end, all that follow."""
    keys = items.keys
    total = len(keys)
    first = bisect_left(keys, start)
    behind = total if end is None else max(bisect_left(keys, end), first)
    n = behind - first
    if items.order:
        return by_index_range(items, want, first, n)
    found: Sequence[int] = range(first, behind)
    positions = others(total, found) if want.inverted else found
    return Selection(
        total,
        positions,
        lambda: outside(first, n, total) if want.inverted else [(first, n)],
        lambda: _ranks(items, positions),
        index_range=None if want.inverted else (first, n),
        exists=bool(n) != want.inverted,
    )


def by_relative_index_range(
    items: MapValue, want: Want, key: SearchKey, index: int, count: int = ALL
) -> Selection:
    """Items at indexes counted from where a key stands or would stand."""
    return by_index_range(items, want, *relative(index, count, bisect_left(items.keys, key)))


def by_key_list(items: MapValue, want: Want, keys: Sequence[SearchKey]) -> Selection:
    """Items of any of some keys. Their ranks can't be asked for."""
    total = len(items)
    if not keys:
        return _of_no_values(items, want, ranks=False)
    if items.order:
        runs = [_run_of_key(items, key) for key in keys]
        found = [at for start, n in runs for at in range(start, start + n)]
        positions = others(total, found) if want.inverted else sorted(set(found))
        return Selection(
            total,
            positions,
            lambda: each(positions) if want.inverted else runs,
            None,
            exists=bool(positions),
        )
    some = find_items(items.keys, keys)
    positions = others(total, some.positions) if want.inverted else some.positions
    return Selection(
        total,
        positions,
        lambda: some.other_runs(total) if want.inverted else some.ranks(),
        None,
        exists=bool(positions),
    )


def _run_of_key(items: MapValue, key: SearchKey) -> Run:
    start = bisect_left(items.keys, key)
    behind = bisect_right(items.keys, key, lo=start)
    return start, behind - start


def _of_no_values(items: MapValue, want: Want, *, ranks: bool) -> Selection:
    chosen = _everything(items) if want.inverted else nothing_at(len(items), 0)
    return Selection(
        chosen.total,
        chosen.positions,
        chosen.indexes,
        chosen.ranks if ranks else None,
        exists=chosen.exists,
    )


def by_value(items: MapValue, want: Want, value: SearchKey) -> Selection:
    """Items of a value; the first of them if one is wanted.

    Raises:
        Refusal: Everything but one is wanted as one.
    """
    keys = items.value_keys
    found = [at for at, key in enumerate(keys) if same(key, value)]
    if want.single:
        del found[1:]
    return _scattered(items, want, found, sum(key < value for key in keys))


def by_value_interval(items: MapValue, want: Want, start: SearchKey, end: SearchKey | None = None) -> Selection:
    """Items of a value from start on and below end; without an end, all that follow."""
    keys = items.value_keys
    found = [at for at, key in enumerate(keys) if not key < start and (end is None or key < end)]
    return _scattered(items, want, found, sum(key < start for key in keys))


def _scattered(items: MapValue, want: Want, found: list[int], rank: int) -> Selection:
    """Items found by their values; their ranks follow each other."""
    want.refuse_inverted_single()
    total, n = len(items), len(found)
    if not total:
        return nothing_at(0, -1, index_range=False)
    if not items.is_ranked and not n:
        return _everything_by_value(items) if want.inverted else nothing_at(total, rank, index_range=False)
    positions = others(total, found) if want.inverted else found
    if items.is_ranked and not want.inverted:
        some = set(found)
        positions = [at for at in items.ranked if at in some]
    return Selection(
        total,
        positions,
        lambda: each(positions),
        lambda: outside(rank, n, total) if want.inverted else [(rank, n)] if n else (),
        rank_range=None if want.inverted else (rank, n),
        exists=bool(n) != want.inverted,
    )


def _everything_by_value(items: MapValue) -> Selection:
    chosen = _everything(items)
    return Selection(
        chosen.total,
        chosen.positions,
        chosen.indexes,
        chosen.ranks,
        rank_range=chosen.rank_range,
        exists=chosen.exists,
        turns=False,
    )


def by_rank_range(items: MapValue, want: Want, rank: int, count: int = ALL) -> Selection:
    """Items of some ranks, in the order of values.

    Raises:
        Refusal: There is no such single item.
    """
    total = len(items)
    start, n = clip(rank, count, total, single=want.single)
    want.refuse_inverted_single()
    runs = inverted_range(start, n, total) if want.inverted else [(start, n)]
    if len(runs) == 1:
        start, n = runs[0]
        if not n:
            return nothing_at(total, start, index_range=False)
    positions = [items.ranked[at] for first, n in runs for at in range(first, first + n)]
    if len(runs) > 1:
        positions.sort()
    return Selection(
        total,
        positions,
        lambda: each(positions),
        lambda: runs,
        rank_range=(start, n) if len(runs) == 1 else None,
        exists=len(runs) == 1,
    )


def by_relative_rank_range(
    items: MapValue, want: Want, value: SearchKey, rank: int, count: int = ALL
) -> Selection:
    """Items of ranks counted from where a value stands or would stand."""
    origin = sum(key < value for key in items.value_keys)
    return by_rank_range(items, want, *relative(rank, count, origin))


def by_value_list(items: MapValue, want: Want, values: Sequence[SearchKey]) -> Selection:
    """Items of any of some values."""
    if not values:
        return _of_no_values(items, want, ranks=True)
    if items.is_ranked:
        return _by_value_list_ranked(items, want, values)
    total = len(items)
    some = find_items(items.value_keys, values)
    positions = others(total, some.positions) if want.inverted else some.positions
    return Selection(
        total,
        positions,
        lambda: each(positions),
        lambda: some.other_runs(total) if want.inverted else some.ranks(),
        exists=bool(positions),
    )


def _by_value_list_ranked(items: MapValue, want: Want, values: Sequence[SearchKey]) -> Selection:
    """With an index by value each value has its run of ranks, also one that is asked for twice."""
    ranked = items.ranked
    keys = [items.value_keys[at] for at in ranked]
    runs: list[Run] = []
    for value in values:
        start = bisect_left(keys, value)
        runs.append((start, bisect_right(keys, value, lo=start) - start))
    found = [ranked[rank] for start, n in runs for rank in range(start, start + n)]
    if want.inverted:
        positions = others(len(items), found)
        return Selection(
            len(items),
            positions,
            lambda: each(positions),
            lambda: _ranks(items, positions),
            exists=bool(positions),
        )
    return Selection(len(items), sorted(set(found)), lambda: each(found), lambda: runs, exists=bool(found))
