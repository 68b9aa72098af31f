"""Commands that were submitted: queued without a task or a connection, and held by a handle."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar

import outcome
import trio

from .._net.deadlines import Watch
from ..errors import CommandCancelled
from .prepared import Prepared

if TYPE_CHECKING:
    from .event_loop import EventLoop

__all__ = ["SubmitState", "Submitted"]

T = TypeVar("T")


class SubmitState(Enum):
    """Where a submitted command is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Submitted(Generic[T]):
    """A submitted command. Await its `result`, or `cancel` it.

    Attributes:
        prepared: The command and the client it belongs to.
        state: Where it is.
    """

    __slots__ = (
        "_cancel_asked",
        "_done",
        "_loop",
        "_outcome",
        "_scope",
        "deadline",
        "live",
        "prepared",
        "start",
        "state",
        "watch",
    )

    def __init__(self, loop: EventLoop, prepared: Prepared[T], start: float, deadline: float) -> None:
        self.prepared = prepared
        self.state = SubmitState.QUEUED
        self.start = start
        self.deadline = deadline
        self.live = False  # in the queue; the queue sets it
        self.watch: Watch
        self._scope: trio.CancelScope | None = None
        self._cancel_asked = False
        self._loop = loop
        self._outcome: outcome.Value[T] | outcome.Error | None = None
        self._done: trio.Event | None = None

    def __repr__(self) -> str:
        return f"<Submitted {self.prepared.command!r}: {self.state.value}>"

    async def wait(self) -> None:
        """Wait until the command has ended, however it ended."""
        if self._outcome is not None:
            await trio.lowlevel.checkpoint()
            return
        if self._done is None:
            self._done = trio.Event()
        await self._done.wait()

    async def result(self) -> T:
        """Wait for the command's result; any number of tasks may, at any time.

        Raises:
            CommandCancelled: It was cancelled by `cancel`, or by the end of its client.
            AerospikeError: The command failed.
        """
        await self.wait()
        assert self._outcome is not None
        if isinstance(self._outcome, outcome.Error):
            raise self._outcome.error
        return self._outcome.value

    def cancel(self) -> bool:
        """Cancel it: a queued command leaves the queue at once and was never sent; a running one is abandoned.

        Returns:
            False when it had ended already.
        """
        if self._outcome is not None:
            return False
        if self.live:
            self._loop.withdraw(self)
            self.finish_cancelled()
        elif self._scope is not None:
            self._scope.cancel()
        else:
            self._cancel_asked = True
        return True

    # For the event loop.

    def expire(self) -> None:
        """Its total timeout ended in the queue."""
        self.finish(SubmitState.FAILED, outcome.Error(self._loop.withdraw_expired(self)))

    def begin(self, scope: trio.CancelScope) -> None:
        """It has its place, and a task that runs it inside scope."""
        self._scope = scope
        if self._cancel_asked:  # while the task was on its way
            scope.cancel()
        else:
            self.state = SubmitState.RUNNING

    def finish_cancelled(self, *, in_doubt: bool = False) -> None:
        """Note that it was cancelled."""
        where = "while it ran" if self.state is SubmitState.RUNNING else "in the queue; never sent"
        error = CommandCancelled(f"the submitted command was cancelled {where}", in_doubt=in_doubt)
        self.finish(SubmitState.CANCELLED, outcome.Error(error))

    def finish(self, state: SubmitState, result: outcome.Value[T] | outcome.Error) -> None:
        """Note the end; whoever waits is woken."""
        self.state = state
        self._scope = None
        self._outcome = result
        self.prepared.core.submitted_ended(self)
        if self._done is not None:
            self._done.set()
