"""A caller's task in the queue of an event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import trio

from .._net.deadlines import Watch
from .queue import CommandQueue

__all__ = ["Waiter"]


class Waiter:
    """A ticket with a task behind it.

    Attributes:
        live: It stands in the queue.
        expired: It left the queue since its time was over.
        closed: It left the queue since the event loop ended.
        watch: Its deadline.
    """

    __slots__ = ("_queue", "_task", "closed", "expired", "live", "watch")

    def __init__(self, queue: CommandQueue[Any]) -> None:
        self._queue = queue
        self._task: trio.lowlevel.Task | None = None
        self.live = False
        self.expired = False
        self.closed = False
        self.watch: Watch

    async def park(self, on_cancel: Callable[[Waiter], None]) -> None:
        """Wait until woken."""

        def abort(_: object) -> trio.lowlevel.Abort:
            on_cancel(self)
            return trio.lowlevel.Abort.SUCCEEDED

        self._task = trio.lowlevel.current_task()
        await trio.lowlevel.wait_task_rescheduled(abort)

    def wake(self) -> None:
        """The wait is over; does nothing for a task that has not begun it."""
        if self._task is not None:
            trio.lowlevel.reschedule(self._task)

    def expire(self) -> None:
        """The command's total timeout ended in the queue."""
        self._queue.remove(self)
        self.expired = True
        self.wake()
