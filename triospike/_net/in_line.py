"""A task's place in line for a connection: first come, first served, until its deadline.

Where there are more commands than connections, each of them stands here. So it is no `trio.lowlevel.ParkingLot` in
a cancel scope: the scope would cost more than the command.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable
from typing import TypeAlias

import trio
from outcome import Error, Outcome, Value
from trio.lowlevel import Abort, current_task, reschedule, wait_task_rescheduled

from .carrier import Carrier, DeadlineExpired
from .deadlines import Deadlines, Watch

__all__ = ["InLine", "Line"]


class InLine:
    """One place, at the end of the line.

    Args:
        line: The line.
        deadline: Trio's time at which to give up.
        deadlines: Watches it; None leaves it to the task's cancel scopes.
    """

    __slots__ = ("_deadlines", "_line", "_task", "_watch")

    def __init__(self, line: Line, deadline: float, deadlines: Deadlines | None) -> None:
        self._line = line
        self._deadlines = deadlines
        self._watch: Watch | None = deadlines.watch(deadline, self) if deadlines is not None else None
        self._task: trio.lowlevel.Task
        line[self] = None

    def wait(self) -> Awaitable[Carrier]:
        """Wait for a connection; to be awaited at once.

        Raises:
            DeadlineExpired: The deadline came first.
            AerospikeError: What `fail` was given.
        """
        self._task = current_task()
        return wait_task_rescheduled(self._abort)  # noqa: ASYNC105 (the caller awaits it)

    def give(self, carrier: Carrier) -> None:
        """The wait is over."""
        self._wake(Value(carrier))

    def fail(self, error: Exception) -> None:
        """There will be none."""
        self._wake(Error(error))

    def expire(self) -> None:
        """The deadline has come."""
        self._wake(Error(DeadlineExpired()))

    def _wake(self, outcome: Outcome[Carrier]) -> None:
        self._leave()
        reschedule(self._task, outcome)

    def _abort(self, _: object) -> Abort:
        self._leave()
        return Abort.SUCCEEDED

    def _leave(self) -> None:
        del self._line[self]
        if self._watch is not None and self._deadlines is not None:
            self._deadlines.forget(self._watch)


Line: TypeAlias = "OrderedDict[InLine, None]"
"""Who came first is the first. Not a plain dict: to find its first key takes time for all that were before it."""
