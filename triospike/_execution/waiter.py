"""A caller's task in the queue of an event loop."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Protocol

import trio
from outcome import Error
from trio.lowlevel import Abort, current_task, reschedule, wait_task_rescheduled

from .._net.arrived import Arrived
from .._net.deadlines import Watch

__all__ = ["Waiter"]

_GRANTED = Arrived()
"""Nothing, for all tasks that have a place now: `outcome.Value` can be used only once, and takes longer."""


class Line(Protocol):
    """Where it stands: the event loop."""

    def withdraw(self, ticket: Any) -> None:
        """Its task is cancelled."""

    def withdraw_expired(self, ticket: Any) -> Exception:
        """Its time is over; returns the error for that."""


class Waiter:
    """A ticket with a task behind it.

    While it waits there is nothing of ours but this object and the frames of the call: tens of thousands may wait.

    Args:
        line: The event loop.
        start: Trio's time when its command began.

    Attributes:
        live: It stands in the queue.
        watch: Its deadline.
    """

    __slots__ = ("_line", "_task", "live", "start", "watch")

    def __init__(self, line: Line, start: float) -> None:
        self._line = line
        self._task: trio.lowlevel.Task | None = None
        self.start = start
        self.live = False
        self.watch: Watch

    def park(self) -> Awaitable[None]:
        """Wait until woken; to be awaited at once.

        Raises:
            Exception: What `wake` was given, or the error of the loop for a wait that takes too long.
        """
        self._task = current_task()
        return wait_task_rescheduled(self._abort)  # noqa: ASYNC105 (the caller awaits it)

    def _abort(self, _: object) -> Abort:
        self._line.withdraw(self)
        return Abort.SUCCEEDED

    def wake(self, error: Exception | None = None) -> None:
        """The wait is over; does nothing for a task that has not begun it."""
        if self._task is None:
            return
        reschedule(self._task, _GRANTED if error is None else Error(error))

    def expire(self) -> None:
        """The command's total timeout ended in the queue."""
        self.wake(self._line.withdraw_expired(self))
