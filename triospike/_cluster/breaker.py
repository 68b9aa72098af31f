"""The circuit breaker of one node: how many errors a window may hold (protocol section 16.10). No I/O."""

from __future__ import annotations

import math

__all__ = ["ErrorWindow"]


class ErrorWindow:
    """Counts the errors of one node, window by window.

    A window with too many errors halves what the next one may hold; a good one doubles it again, up to the
    configured number: a node that fails keeps getting some commands, so that its recovery is noticed.

    Args:
        max_errors: Errors that a window may hold; 0 is no limit.

    Attributes:
        errors: Errors in the present window.
        limit: Errors that the present window may hold; infinite without a limit.
    """

    __slots__ = ("_max", "errors", "limit")

    def __init__(self, max_errors: int) -> None:
        self._max: float = max_errors or math.inf
        self.errors = 0
        self.limit: float = self._max

    @property
    def exceeded(self) -> bool:
        """True when commands shall fail at once instead of going to the node."""
        return self.errors > self.limit

    def end(self) -> None:
        """The window is over: begin the next."""
        if self.exceeded:
            self.limit = self.limit // 2 if self.limit >= 4 else 1
        else:
            self.limit = min(self.limit * 2, self._max)
        self.errors = 0

    def reset(self) -> None:
        """Forget everything: the node has begun anew."""
        self.errors = 0
        self.limit = self._max
