"""Other work on the same loop: a tenth of a millisecond of Python in every millisecond.

It tells what a client does to its neighbours: how late they wake. Its own CPU is not counted as the client's.
"""

from __future__ import annotations

import time
from array import array

from .sampling import percentiles

__all__ = ["INTERVAL", "Neighbour"]

INTERVAL = 0.001
"""Seconds that the other work sleeps between two pieces."""

_STEPS = 1500


class Neighbour:
    """Counts the pieces of work and how late each began. ``sleep`` for `INTERVAL`, then call `work`."""

    def __init__(self) -> None:
        self._late = array("d")
        self._cpu = 0.0
        self._began = self._due = time.perf_counter()
        self.asleep()

    def asleep(self) -> None:
        """The sleep begins now."""
        self._due = time.perf_counter() + INTERVAL

    def work(self) -> None:
        """One piece of work; the next sleep begins at its end."""
        self._late.append(max(time.perf_counter() - self._due, 0.0))
        began = time.thread_time()
        total = 0
        for number in range(_STEPS):
            total += number & 7
        self._cpu += time.thread_time() - began
        self.asleep()

    def result(self) -> dict[str, float]:
        """Pieces per second, how late they were in seconds, and the CPU seconds they took."""
        late = {f"late_{name}": value for name, value in percentiles(self._late).items()}
        seconds = max(time.perf_counter() - self._began, INTERVAL)
        return {"per_second": len(self._late) / seconds, "cpu": self._cpu, **late}
