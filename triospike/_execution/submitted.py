"""Commands that were submitted: queued without a task or a connection, and held by a handle."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar, cast

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

    @property
    def has_ended(self) -> bool:
        """True for the last three, which no state follows."""
        return self not in _BEFORE_THE_END


_BEFORE_THE_END = (SubmitState.QUEUED, SubmitState.RUNNING)


class Submitted(Generic[T]):
    """A submitted command. Await its `result`, or `cancel` it.

    Attributes:
        prepared: The command and the client it belongs to.
        state: Where it is.
    """

    __slots__ = (
        "_cancel_asked",
        "_done",
        "_error",
        "_loop",
        "_result",
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
        self._result: T | None = None
        self._error: BaseException | None = None
        self._done: trio.Event | None = None

    def __repr__(self) -> str:
        return f"<Submitted {self.prepared.command!r}: {self.state.value}>"

    async def wait(self) -> None:
        """Wait until the command has ended, however it ended."""
        if self.state.has_ended:
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
        if self._error is not None:
            raise self._error
        return cast("T", self._result)

    def cancel(self) -> bool:
        """Cancel it: a queued command leaves the queue at once and was never sent; a running one is abandoned.

        Returns:
            False when it had ended already.
        """
        if self.state.has_ended:
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
        self.finish_failed(self._loop.withdraw_expired(self))

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
        self._error = error
        self._finish(SubmitState.CANCELLED)

    def finish_failed(self, error: BaseException) -> None:
        """Note that it failed."""
        self._error = error
        self._finish(SubmitState.FAILED)

    def finish_done(self, result: T) -> None:
        """Note its result."""
        self._result = result
        self._finish(SubmitState.DONE)

    def _finish(self, state: SubmitState) -> None:
        self.state = state
        self._scope = None
        self.prepared.core.submitted_ended(self)
        if self._done is not None:
            self._done.set()
