"""When connections have waited for long enough: one cancel scope for all, and no work for an answer in time.

A cancel scope for each command is the dearest thing that a short command can do (design section 8), and to put
each deadline into a heap and take it out again costs as much as to parse an answer. Here a connection only says
until when it waits. It has one entry in the heap, which is never later than that; when the entry's time has come
and the connection waits for longer by then, it gets another one. So there is an entry for each timeout that ends,
not for each command.
"""

from __future__ import annotations

import heapq
import math
from typing import Protocol

from .watchman import Watchman

__all__ = ["Alarms", "Waiting"]


class Waiting(Protocol):
    """A connection that waits, or not.

    Attributes:
        until: Trio's time until which it waits; math.inf while it does not, or without end.
        alarm: That of its entry in the heap; math.inf while it has none. For `Alarms` to change.
    """

    until: float
    alarm: float

    def expire(self) -> None:
        """It has waited until then: told from another task. Must not block or raise; may set ``until`` anew."""


class Alarms(Watchman):
    """Tells connections that their time is over. One task must be in `run`."""

    __slots__ = ("_heap", "_number")

    def __init__(self) -> None:
        super().__init__()
        self._heap: list[tuple[float, int, Waiting]] = []
        self._number = 0

    def __len__(self) -> int:
        """How many connections have an entry."""
        return len({id(waiting) for time, _, waiting in self._heap if waiting.alarm == time})

    def set(self, waiting: Waiting) -> None:
        """Call ``expire()`` at ``until``, or later if that is put off; only needed where ``until < alarm``."""
        waiting.alarm = time = waiting.until
        self._number = number = self._number + 1
        heapq.heappush(self._heap, (time, number, waiting))
        if time < self._next:
            self._next = self._scope.deadline = time

    def _tell(self, now: float) -> float:
        heap = self._heap
        while heap and heap[0][0] <= now:
            time, _, waiting = heapq.heappop(heap)
            if waiting.alarm != time:
                continue  # it got an earlier one since
            waiting.alarm = math.inf
            if waiting.until <= now:
                waiting.until = math.inf
                waiting.expire()
            if waiting.until < waiting.alarm:
                self.set(waiting)
        return heap[0][0] if heap else math.inf
