"""Finds which elements are among some values, and which ranks those values take."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cmp_to_key

import attrs

from ..order import Pattern, SearchKey, SortKey, same
from .selection import Run, Runs, each

__all__ = ["Found", "find_items"]


@attrs.frozen(eq=False)
class Found:
    """The elements among some values.

    Attributes:
        positions: Where they are, ascending.
        runs: For each value as it was asked for, the ranks of its elements; of equal values the last has them.
        by_value: The numbers of the values, sorted by value.
    """

    positions: list[int]
    runs: list[Run]
    by_value: list[int]

    def ranks(self) -> Runs:
        """Ranks of the elements, value after value as they were asked for."""
        return each(number for start, n in self.runs for number in range(start, start + n))

    def other_runs(self, total: int) -> Runs:
        """Ranks of all other elements."""
        runs = []
        behind = 0
        for number in self.by_value:
            start, n = self.runs[number]
            if n:
                runs.append((behind, start - behind))
                behind = start + n
        return [*runs, (behind, total - behind)]


def find_items(keys: Sequence[SortKey], values: Sequence[SearchKey]) -> Found:
    """Find the elements whose value is among some values.

    Args:
        keys: Sort keys of the elements, in any order.
        values: What to look for.
    """

    def compare(left: int, right: int) -> int:
        return -1 if values[left] < values[right] else 1 if values[right] < values[left] else 0

    by_value = sorted(range(len(values)), key=cmp_to_key(compare))
    wanted = [values[number] for number in by_value]
    counts = [0] * len(values)
    below = [0] * (len(values) + 1)
    positions = []
    any_of = any(isinstance(value, Pattern) for value in values)
    for at, key in enumerate(keys):
        behind = bisect_right(wanted, key)
        below[behind] += 1
        if behind and same(wanted[behind - 1], key):
            counts[behind - 1] += 1
            positions.append(at)
        elif any_of and any(same(value, key) for value in wanted):
            positions.append(at)
    return Found(positions, _runs(by_value, counts, below), by_value)


def _runs(by_value: list[int], counts: list[int], below: list[int]) -> list[Run]:
    runs: list[Run] = [(0, 0)] * len(by_value)
    rank = 0
    for place, number in enumerate(by_value):
        rank += below[place]
        runs[number] = rank, counts[place]
    return runs
