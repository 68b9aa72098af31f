"""Who may run in an event loop now, and who waits for a place: a limiter, and a bounded queue.

Whoever gives a place back hands it on in the same step: no dispatcher task stands between them.

A place is borrowed of the limiter when all that were borrowed are in use, and is kept then: one command leaves it
to the next, which costs a comparison where the limiter costs as much as parsing an answer.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Awaitable
from typing import Any

import trio
from trio.lowlevel import checkpoint_if_cancelled
from trio_util import AsyncValue

from .._net.deadlines import Deadlines
from .._net.poller import Poller
from ..errors import AttemptTimes, CommandTimeout, QueueFull
from ..policy.event_loop import EventPolicy
from .queue import CommandQueue
from .statistics import EventLoopStatistics
from .submitted import Submitted
from .waiter import Waiter

__all__ = ["Admission"]


class Admission(ABC):
    """Admits a bounded number of commands at once and queues a bounded number more. See `EventPolicy`.

    Attributes:
        index: Its number among its siblings.
        policy: Its limits.
        poller: Receives answers, for all loops that were opened together.
        deadlines: Watches how long commands may wait.
    """

    def __init__(self, index: int, policy: EventPolicy, poller: Poller | None = None) -> None:
        self.index = index
        self.policy = policy
        self.poller = poller or Poller()
        self.deadlines = Deadlines()
        self._time = self.poller.time
        self._most = policy.max_commands_in_process or math.inf
        self._limiter = trio.CapacityLimiter(self._most)
        self._places = 0  # borrowed of the limiter
        self._running = 0  # of these, in use
        self._queue: CommandQueue[Waiter | Submitted[Any]] = CommandQueue(policy.max_commands_in_queue)
        self._in_process_value: AsyncValue[int] | None = None
        self._queued_value: AsyncValue[int] | None = None
        self._draining = 0
        self._completed = self._failed = self._timed_out = self._timed_out_in_queue = 0
        self._rejected = self._cancelled = 0

    def __repr__(self) -> str:
        limit = self.policy.max_commands_in_process or "unlimited"
        in_process = self._running
        return f"<EventLoop {self.index}: {in_process} of {limit} in process, {self._queue.live} queued>"

    def statistics(self) -> EventLoopStatistics:
        """Numbers of this moment and since the loop was opened."""
        return EventLoopStatistics(
            index=self.index,
            in_process=self._running,
            queued=self._queue.live,
            waiting_for_room=self._queue.waiting_for_room,
            peak_in_process=self._places,
            peak_queued=self._queue.peak,
            completed=self._completed,
            failed=self._failed,
            timed_out=self._timed_out,
            timed_out_in_queue=self._timed_out_in_queue,
            rejected=self._rejected,
            cancelled=self._cancelled,
            draining=self._draining,
        )

    @property
    def in_process(self) -> AsyncValue[int]:
        """How many commands have a place, as a value that can be awaited."""
        # Made when first asked for: a command pays for it only where somebody looks.
        if self._in_process_value is None:
            self._in_process_value = AsyncValue(self._running)
        return self._in_process_value

    @property
    def queued(self) -> AsyncValue[int]:
        """How many commands wait in the queue, as a value that can be awaited."""
        if self._queued_value is None:
            self._queued_value = AsyncValue(self._queue.live)
        return self._queued_value

    # Places.

    def _take_place(self) -> bool:
        """Take a free place, unless there is none or others wait for one."""
        queue = self._queue
        return not (queue.live or queue.room_given) and self._begin()  # `queue.is_idle`, without a call

    def _begin(self) -> bool:
        """Take a free place; False if there is none."""
        running = self._running
        if running == self._places:
            if running >= self._most:  # as the limiter would say, with an exception
                return False
            self._limiter.acquire_on_behalf_of_nowait(running)
            self._places += 1
        self._running = running + 1
        if self._in_process_value is not None:
            self._in_process_value.value = self._running
        return True

    def _end(self, *, reuse: bool = False) -> Submitted[Any] | None:
        """A command has ended: its place goes to who waits longest. See `_grant` for what is returned."""
        self._running -= 1
        mine = self._grant(reuse=reuse) if self._queue.live else None
        if self._in_process_value is not None:
            self._in_process_value.value = self._running
        return mine

    def _grant(self, *, reuse: bool = False) -> Submitted[Any] | None:
        """Hand free places to those who wait longest.

        Args:
            reuse: The calling task can run one submitted command itself.

        Returns:
            That command.
        """
        mine: Submitted[Any] | None = None
        queue = self._queue
        now = self.deadlines.now = self._time()
        while queue.live and self._running < self._most:
            self._begin()
            ticket = queue.get()
            self.deadlines.forget(ticket.watch)
            if isinstance(ticket, Waiter):
                ticket.grant(now)
            elif reuse and mine is None:
                mine = ticket
            else:
                self._start_work(ticket)
        if self._queued_value is not None:
            self._publish_queued()
        return mine

    @abstractmethod
    def _start_work(self, ticket: Submitted[Any]) -> None:
        """Run a submitted command that has its place in a task of its own."""

    # The queue.

    def _wait_for_place(self, waiter: Waiter, deadline: float) -> Awaitable[bytes]:
        """Wait in the queue until a place is granted; to be awaited at once.

        Args:
            waiter: Stands in the queue.
            deadline: Trio's time at which to give up.

        Returns:
            What the waiter brings: the answer to its command, if it has one and that was sent with the grant.

        Raises:
            QueueFull: The queue is full and ``when_queue_full`` is "raise".
            CommandTimeout: The deadline came first.
            ClientClosed: The event loops are closed.
        """
        # Not a coroutine of its own: it would be kept by each of the tens of thousands that may wait.
        if self._queue.is_full:
            return self._wait_for_room(waiter, deadline)
        return self._queue_up(waiter, deadline)

    def _queue_up(self, waiter: Waiter, deadline: float) -> Awaitable[bytes]:
        waiter.watch = self.deadlines.watch(deadline, waiter)
        self._queue.put(waiter)
        if self._running < self._most:  # a place fell free while this task was on its way into the queue
            self._grant()
        else:
            self._publish_queued()
        return waiter.park() if waiter.live else _nothing()

    async def _wait_for_room(self, waiter: Waiter, deadline: float) -> bytes:
        if self.policy.when_queue_full == "raise":
            raise self._full()
        try:
            with trio.CancelScope(deadline=deadline) as scope:
                await self._queue.wait_for_room()
        except trio.Cancelled:
            self._cancelled += 1
            raise
        if scope.cancelled_caught:
            raise self._queue_timeout("total_timeout ended while the event loop's queue was full", waiter.start)
        return await self._queue_up(waiter, deadline)

    def _full(self) -> QueueFull:
        self._rejected += 1
        return QueueFull(
            f"event loop {self.index}: {self._queue.live} commands wait, "
            f"max_commands_in_queue is {self._queue.limit}"
        )

    def _queue_timeout(self, message: str, start: float) -> CommandTimeout:
        self._failed += 1
        self._timed_out += 1
        self._timed_out_in_queue += 1
        error = CommandTimeout(f"{message}; never sent")
        error.attempts = (AttemptTimes(queue=trio.current_time() - start),)
        return error

    def withdraw(self, ticket: Waiter | Submitted[Any]) -> None:
        """Let a cancelled ticket leave the queue; for tickets themselves."""
        self._queue.remove(ticket)
        self.deadlines.forget(ticket.watch)
        self._cancelled += 1
        self._publish_queued()

    def withdraw_expired(self, ticket: Waiter | Submitted[Any]) -> CommandTimeout:
        """Let a ticket leave the queue, since its time is over; for tickets themselves."""
        self._queue.remove(ticket)
        self._publish_queued()
        return self._queue_timeout("total_timeout ended in the event loop's queue", ticket.start)

    def _publish_queued(self) -> None:
        if self._queued_value is not None:
            self._queued_value.value = self._queue.live

    def _count_failure(self, error: BaseException) -> None:
        self._failed += 1
        if isinstance(error, CommandTimeout):
            self._timed_out += 1


async def _nothing() -> bytes:
    await checkpoint_if_cancelled()
    return b""
