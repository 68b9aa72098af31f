"""Which elements have some ranks, and in which order the server tells them.

A real server does not sort. For a range of ranks in an unordered list it uses a binary heap, from which the lower
half of the ranks comes out from the highest to the lowest; for one rank on a path it divides the elements until
that one is found. Which of equal elements is taken follows from that, and clients see it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..order import SortKey

__all__ = ["heap_select", "quick_select"]


class _Heap:
    """Positions in a heap, the least or the greatest key on top."""

    def __init__(self, keys: Sequence[SortKey], *, least_first: bool) -> None:
        self._keys = keys
        self._least_first = least_first
        self._places = list(range(len(keys)))
        for place in reversed(range(len(keys) // 2)):
            self._sift(place)

    def pop(self) -> int:
        """Remove the top."""
        places = self._places
        top = places[0]
        last = places.pop()
        if places:
            places[0] = last
            self._sift(0)
        return top

    def _is_before(self, left: int, right: int) -> bool:
        if self._least_first:
            return self._keys[left] < self._keys[right]
        return self._keys[left] > self._keys[right]

    def _sift(self, place: int) -> None:
        places = self._places
        while True:
            child = 2 * place + 1
            if child >= len(places):
                return
            if child + 1 < len(places) and self._is_before(places[child + 1], places[child]):
                child += 1
            if not self._is_before(places[child], places[place]):
                return
            places[place], places[child] = places[child], places[place]
            place = child


def heap_select(keys: Sequence[SortKey], rank: int, count: int) -> list[int]:
    """Positions of the elements with some ranks, in the order in which a server tells them.

    Args:
        keys: Sort keys of the elements.
        rank: The first rank.
        count: How many ranks; rank plus count is at most the number of elements.
    """
    above = len(keys) - rank - count
    least_first = rank <= above
    heap = _Heap(keys, least_first=least_first)
    taken = [heap.pop() for _ in range(count + (rank if least_first else above))]
    taken.reverse()
    return taken[:count]


def quick_select(keys: Sequence[SortKey], rank: int) -> int:
    """Position of the element with one rank.

    Args:
        keys: Sort keys of the elements.
        rank: The rank, less than the number of elements.
    """
    places = list(range(len(keys)))
    low, high = 0, len(places) - 1
    while low < high:
        middle = low + (high - low) // 2
        places[low], places[middle] = places[middle], places[low]
        pivot = places[low]
        border = _divide(keys, places, low, high)
        places[low], places[border] = places[border], pivot
        if border == rank:
            return pivot
        low, high = (border + 1, high) if border < rank else (low, border - 1)
    return places[low]


def _divide(keys: Sequence[SortKey], places: list[int], low: int, high: int) -> int:
    """Bring what is less than the first place's element to the left; return where that one belongs."""
    pivot = keys[places[low]]
    left, right = low + 1, high
    while True:
        while left < right and keys[places[left]] < pivot:
            left += 1
        while right != low and left <= right and keys[places[right]] > pivot:
            right -= 1
        if left >= right:
            return right
        places[left], places[right] = places[right], places[left]
        left, right = left + 1, right - 1
