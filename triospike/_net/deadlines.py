"""One cancel scope for the deadlines of all that wait in a queue.

A cancel scope per command is the dearest thing that a short command can do (design section 8). Here every
waiting party puts its deadline into one heap, and a single task sleeps in a single cancel scope until the
earliest of them. What expires is told so; what ends in time takes itself out, in constant time. Connections, of
which each waits again and again, have `alarms`.
"""

from __future__ import annotations

import heapq
import math
from typing import Protocol

import trio

from .watchman import Watchman

__all__ = ["Deadlines", "Expirable", "Watch"]

_FEW = 64


class Expirable(Protocol):
    """Something that waits until a deadline at most."""

    def expire(self) -> None:
        """Told once, from another task, when the deadline has come. Must not block or raise."""


Watch = list[object]
"""An entry of the heap, ``[deadline, number, who waits or None]``: a list, since it is compared and changed."""


class Deadlines(Watchman):
    """Tells whoever waits that its deadline has come. One task must be in `run`."""

    __slots__ = ("_heap", "_number", "_stale", "now")

    def __init__(self) -> None:
        super().__init__()
        self._heap: list[Watch] = []
        self._number = 0
        self._stale = 0  # entries of the heap that nobody waits for any more
        self.now = trio.current_time()
        """Trio's time when somebody last looked: good enough to tell how long a connection was idle."""

    def __len__(self) -> int:
        """How many deadlines are watched."""
        return len(self._heap) - self._stale

    def watch(self, deadline: float, waiting: Expirable) -> Watch:
        """Call ``waiting.expire()`` when Trio's clock reaches deadline, unless `forget` comes first."""
        self._number = number = self._number + 1
        entry: Watch = [deadline, number, waiting]
        if deadline == math.inf:
            entry[2] = None
            return entry
        heapq.heappush(self._heap, entry)
        if deadline < self._next:
            self._next = self._scope.deadline = deadline
        return entry

    def forget(self, entry: Watch) -> None:
        """Take a deadline out; nothing happens if it has come already."""
        if entry[2] is None:
            return
        entry[2] = None
        self._stale = stale = self._stale + 1
        if stale > _FEW and stale * 2 > len(self._heap):
            # Stale entries are dropped in bulk: constant time for each, however long the queue is.
            self._heap = [entry for entry in self._heap if entry[2] is not None]
            heapq.heapify(self._heap)
            self._stale = 0

    def _tell(self, now: float) -> float:
        heap = self._heap
        while heap:
            deadline, _, waiting = entry = heap[0]
            if waiting is None:
                self._stale -= 1
            elif deadline <= now:  # type: ignore[operator]  # a list can't be typed by position
                entry[2] = None
                waiting.expire()  # type: ignore[attr-defined]
            else:
                break
            heapq.heappop(heap)
        return heap[0][0] if heap else math.inf  # type: ignore[return-value]
