"""When a program last waited for I/O: tells whether anything can have happened since."""

from __future__ import annotations

import trio

__all__ = ["NEVER", "Ticks"]

NEVER = -1
"""The tick of what has not happened."""


class Ticks(trio.abc.Instrument):
    """Counts the turns of Trio's run loop. In each of them a task takes at most one step.

    So a task that sees the same count twice has run without a pause in between.

    Attributes:
        count: Turns so far.
    """

    def __init__(self) -> None:
        self.count = 0

    def after_io_wait(self, timeout: float) -> None:
        """Trio's: the next turn begins."""
        self.count += 1
