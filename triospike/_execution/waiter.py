"""A caller's task in the queue of an event loop."""

from __future__ import annotations

import math
from collections.abc import Awaitable
from typing import Any, Protocol

import trio
from outcome import Error
from trio.lowlevel import Abort, current_task, reschedule, wait_task_rescheduled

from .._cluster.node import Node
from .._commands.base import Command
from .._net.arrived import Arrived
from .._net.carrier import Carrier
from .._net.deadlines import Watch
from ..errors import AerospikeError
from .core import ClientCore

__all__ = ["QueuedCommand", "Waiter"]

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
        granted: It has its place.
        granted_at: Trio's time when it got that.
    """

    __slots__ = ("_line", "_task", "granted", "granted_at", "live", "start", "watch")

    def __init__(self, line: Line, start: float) -> None:
        self._line = line
        self._task: trio.lowlevel.Task | None = None
        self.start = self.granted_at = start
        self.live = self.granted = False
        self.watch: Watch

    def park(self) -> Awaitable[bytes]:
        """Wait until woken; to be awaited at once.

        Returns:
            Nothing, or the answer that came instead.

        Raises:
            Exception: What `fail` was given, or the error of the loop for a wait that takes too long.
        """
        self._task = current_task()
        return wait_task_rescheduled(self._abort)  # noqa: ASYNC105 (the caller awaits it)

    def _abort(self, cancelled: object) -> Abort:
        self._line.withdraw(self)
        return Abort.SUCCEEDED

    def grant(self, now: float) -> None:
        """It has its place, and has left the queue: its task, if that is parked already, is woken.

        Args:
            now: Trio's time.
        """
        self.granted = True
        self.granted_at = now
        if self._task is not None:
            reschedule(self._task, _GRANTED)

    def fail(self, error: Exception) -> None:
        """There will be no place."""
        if self._task is not None:
            reschedule(self._task, Error(error))

    def expire(self) -> None:
        """The command's total timeout ended in the queue."""
        self.fail(self._line.withdraw_expired(self))


class QueuedCommand(Waiter):
    """A command that is begun by whoever grants its place: its task has its next step when the answer is here.

    Where there is no connection at once, or its first node is not to be used, the task is woken and does the rest.

    Args:
        line: The event loop.
        core: The client.
        command: What is to be sent.
        start: Trio's time when it began.
        deadline: Trio's time at which its total timeout ends.

    Attributes:
        node: Where it was sent.
        carrier: What it was sent on; to be given back, however the exchange ended.
    """

    __slots__ = ("_command", "_core", "_deadline", "carrier", "node")

    def __init__(self, line: Line, core: ClientCore, command: Command[Any], start: float, deadline: float) -> None:
        super().__init__(line, start)
        self._core = core
        self._command = command
        self._deadline = deadline
        self.node: Node | None = None
        self.carrier: Carrier | None = None

    def _abort(self, cancelled: object) -> Abort:
        if self.carrier is not None:
            return self.carrier.abort(cancelled)
        return super()._abort(cancelled)

    def grant(self, now: float) -> None:
        """See `Waiter.grant`."""
        task, core, command = self._task, self._core, self._command
        if task is not None and core.event_loops.poller.shares:
            node = core.cluster.first_node(command.key, command.policy.replica)
            if node is not None and node.window.errors <= node.window.limit:
                carrier = node.pool.take_nowait(now)
                if carrier is not None:
                    self.granted = True
                    self.granted_at = now
                    self.node, self.carrier = node, carrier
                    silence = command.policy.socket_timeout or math.inf
                    try:
                        carrier.exchange(command.request, self._deadline, silence, now, task)
                    except AerospikeError as error:
                        self.fail(error)
                    return
        super().grant(now)
