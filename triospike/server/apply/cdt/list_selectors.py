"""Selectors of a list's elements: by index, by rank, by value.

In an ordered list rank and index are the same, so that most selectors come down to a range of indexes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from ..order import SearchKey, same
from .finding import Found, find_items
from .ranks import heap_select
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
from .values import ListValue

__all__ = [
    "by_index_range",
    "by_rank_range",
    "by_relative_rank_range",
    "by_value",
    "by_value_interval",
    "by_value_list",
    "first_with_value",
]


def by_index_range(items: ListValue, want: Want, index: int, count: int = ALL) -> Selection:
    """Elements at some indexes.

    Raises:
        Refusal: There is no such single element.
    """
    total = len(items)
    start, n = clip(index, count, total, single=want.single)
    want.refuse_inverted_single()
    runs = inverted_range(start, n, total) if want.inverted else [(start, n)]
    if len(runs) == 1:
        start, n = runs[0]
        if not n:
            allowed = not want.inverted
            return nothing_at(total, start, index_range=allowed, rank_range=allowed)
    is_range = len(runs) == 1 and not want.inverted
    return Selection(
        total,
        [at for first, count in runs for at in range(first, first + count)],
        lambda: runs,
        lambda: _ranks_of_runs(items, runs),
        index_range=(start, n) if is_range else None,
        rank_range=(start, n) if is_range and items.ordered else None,
        exists=True,
    )


def _ranks_of_runs(items: ListValue, runs: Sequence[Run]) -> Runs:
    total = len(items)
    if items.ordered or list(runs) == [(0, total)]:
        return runs
    keys = items.keys
    ranked = sorted(keys)
    return each(bisect_left(ranked, keys[at]) for start, n in runs for at in range(start, start + n))


def first_with_value(items: ListValue, value: SearchKey) -> int | None:
    """Index of the first element of a value; None if there is none."""
    keys = items.keys
    if items.ordered:
        at = bisect_left(keys, value)
        return at if at < len(keys) and same(keys[at], value) else None
    return next((at for at, key in enumerate(keys) if same(key, value)), None)


def by_value(items: ListValue, want: Want, value: SearchKey) -> Selection:
    """Elements of a value; the first of them if one is wanted.

    Raises:
        Refusal: Everything but one is wanted as one.
    """
    want.refuse_inverted_single()
    keys = items.keys
    if items.ordered:
        start = bisect_left(keys, value)
        n = bisect_right(keys, value, lo=start) - start
        if want.single:
            if not n:
                return nothing_at(len(keys), 0)
            n = 1
        return by_index_range(items, want, start, n)
    positions = [at for at, key in enumerate(keys) if same(key, value)]
    if want.single:
        del positions[1:]
    return _scattered(items, want, sum(key < value for key in keys), positions)


def by_value_interval(items: ListValue, want: Want, start: SearchKey, end: SearchKey | None = None) -> Selection:
    """Elements of a value from start on and below end; without an end, all that follow."""
    keys = items.keys
    if items.ordered:
        first = bisect_left(keys, start)
        if end is None:
            return by_index_range(items, want, first, len(keys) - first)
        behind = bisect_left(keys, end, lo=first) if start < end else first
        return by_index_range(items, want, first, behind - first)
    positions = [at for at, key in enumerate(keys) if not key < start and (end is None or key < end)]
    return _scattered(items, want, sum(key < start for key in keys), positions)


def _scattered(items: ListValue, want: Want, rank: int, found: list[int]) -> Selection:
    """Elements found anywhere in an unordered list; their ranks follow each other."""
    total, n = len(items), len(found)
    if want.inverted:
        positions = others(total, found)
        ranks: Runs = outside(rank, n, total)
    else:
        positions, ranks = found, [(rank, n)]
    return Selection(
        total,
        positions,
        lambda: each(positions),
        lambda: ranks if n or want.inverted else (),
        rank_range=None if want.inverted else (rank, n),
        # A server asks whether something was found, and then whether that is what was wanted.
        exists=bool(n) != want.inverted,
    )


def by_rank_range(items: ListValue, want: Want, rank: int, count: int = ALL) -> Selection:
    """Elements of some ranks.

    Raises:
        Refusal: There is no such single element.
    """
    if items.ordered:
        return by_index_range(items, want, rank, count)
    want.refuse_inverted_single()
    total = len(items)
    start, n = clip(rank, count, total, single=want.single)
    taken = heap_select(items.keys, start, n)
    positions = others(total, taken) if want.inverted else taken
    if not positions:
        return nothing_at(total, start)
    return Selection(
        total,
        positions,
        lambda: each(sorted(positions)),
        lambda: outside(start, n, total) if want.inverted else [(start, n)],
        rank_range=None if want.inverted else (start, n),
        exists=bool(n) != want.inverted,
    )


def by_relative_rank_range(
    items: ListValue, want: Want, value: SearchKey, rank: int, count: int = ALL
) -> Selection:
    """Elements of ranks counted from where a value stands or would stand.

    Raises:
        Refusal: Everything but one is wanted as one.
    """
    keys = items.keys
    origin = bisect_left(keys, value) if items.ordered else sum(key < value for key in keys)
    return by_rank_range(items, want, *relative(rank, count, origin))


def by_value_list(items: ListValue, want: Want, values: Sequence[SearchKey]) -> Selection:
    """Elements of any of some values."""
    total = len(items)
    if not values:
        if want.inverted:
            everything = by_index_range(items, Want(want.kind, inverted=False, single=False), 0, total)
            return _without_ranges(everything)
        return nothing_at(total, 0, index_range=False, rank_range=False)
    if items.ordered:
        return _by_value_list_ordered(items, want, values)
    found = find_items(items.keys, values)
    positions = others(total, found.positions) if want.inverted else found.positions
    return Selection(
        total,
        positions,
        lambda: each(positions),
        lambda: _ranks_of_found(found, total, want),
        exists=bool(positions),
    )


def _ranks_of_found(found: Found, total: int, want: Want) -> Runs:
    return found.other_runs(total) if want.inverted else found.ranks()


def _without_ranges(selection: Selection) -> Selection:
    return Selection(
        selection.total, selection.positions, selection.indexes, selection.ranks, exists=selection.exists
    )


def _by_value_list_ordered(items: ListValue, want: Want, values: Sequence[SearchKey]) -> Selection:
    """In an ordered list each value has its run; a value that is asked for twice is told twice."""
    keys = items.keys
    runs: list[Run] = []
    for value in values:
        start = bisect_left(keys, value)
        runs.append((start, bisect_right(keys, value, lo=start) - start))
    positions = [at for start, n in runs for at in range(start, start + n)]
    if want.inverted:
        positions = others(len(keys), positions)
        return Selection(
            len(keys), positions, lambda: each(positions), lambda: each(positions), exists=bool(positions)
        )
    return Selection(len(keys), positions, lambda: runs, lambda: runs, exists=bool(positions))
