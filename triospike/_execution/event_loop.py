"""One event loop: a nursery, a limiter of commands in process, and a bounded queue.

A command that finds a free place and an empty queue runs at once in its caller's task. Otherwise it waits in
the queue, and whoever gives a place back hands it on in the same step: no dispatcher task stands between
them.

A place is borrowed of the limiter when all that were borrowed are in use, and is kept then: one command leaves it
to the next, which costs a comparison where the limiter costs as much as parsing an answer.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable
from typing import Any, TypeVar

import trio
from trio.lowlevel import checkpoint_if_cancelled
from trio_util import AsyncValue

from .._commands.base import Command
from .._net.carrier import Carrier, DeadlineExpired, State
from .._net.deadlines import Deadlines
from .._net.poller import Poller
from .._net.pool import AnyPool
from ..errors import AerospikeError, AttemptTimes, ClientClosed, CommandTimeout, QueueFull
from ..policy.event_loop import EventPolicy
from .core import ClientCore
from .executor import (
    Trace,
    attempt_in_turn,
    choose_node,
    execute,
    retry,
    spoils_connection,
    timed_out,
    too_many_errors,
)
from .prepared import Prepared
from .queue import CommandQueue
from .statistics import EventLoopStatistics
from .submitted import Submitted
from .waiter import Waiter

__all__ = ["EventLoop"]

T = TypeVar("T")
_IDLE = State.IDLE
_NEVER = math.inf
_DRAINABLE = (State.WAITING, State.READING)


class EventLoop:
    """Admits a bounded number of commands at once and queues a bounded number more. See `EventPolicy`.

    Made by `open_event_loops`; many tasks, and several clients, may use it at once.

    Attributes:
        index: Its number among its siblings.
        policy: Its limits.
        poller: Receives answers, for all loops that were opened together.
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
        self._nursery: trio.Nursery | None = None
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

    async def serve(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Own the loop's nursery until cancelled; for `open_event_loops`."""
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            try:
                await self.deadlines.run()
            finally:
                self._nursery = None  # before it is closed, and can take no more tasks
                self._close()

    # A command in its caller's task.

    async def run(self, core: ClientCore, command: Command[T]) -> T:
        """Run a command under this loop's limits; what `Client.get` and its siblings do.

        Args:
            core: The client.
            command: What to do; one object for each run.

        Raises:
            QueueFull: The queue is full and ``when_queue_full`` is "raise".
            AerospikeError: The command failed.
        """
        if not core.usable:
            core.check_usable()
        if self._nursery is None:
            raise self._closed()
        poller = core.event_loops.poller  # its connections', also where this loop is not one of the client's
        if not (poller.parked and poller.shares):
            await checkpoint_if_cancelled()  # a caller that is cancelled already sends nothing
        # Else it parks behind others, and Trio tells it so before the turn ends and its request is sent.
        began = start = self.deadlines.now = self._time()
        policy = command.policy
        deadline = start + (policy.total_timeout or _NEVER)
        queued = not self._take_place()
        if queued:
            await self._wait_for_place(start, deadline)
            start = self.deadlines.now = self._time()
        node, carrier, trace, answered = None, None, None, False
        try:
            if queued and not (poller.parked and poller.shares):
                await checkpoint_if_cancelled()  # in the moment in which it was granted its place
            # What `attempt` does, without a coroutine of its own, and with notes of it only if it fails.
            cluster = core.cluster
            node = cluster.first_node(command.key, command.replica) or choose_node(cluster, command)
            window = node.window
            if window.errors > window.limit:
                raise too_many_errors(node)
            pool = node.pool
            carrier = pool.take_nowait(start)
            if carrier is None:
                trace = Trace(start, start - began)
                result = await attempt_in_turn(self, node, command, command.request, deadline, trace)
            else:
                try:
                    silence = policy.socket_timeout or _NEVER
                    frame = await carrier.exchange(command.request, deadline, silence, start)
                    answered = True
                    result = command.parse(frame)
                except DeadlineExpired:
                    raise timed_out(command, deadline) from None
                except AerospikeError as error:
                    if spoils_connection(error):
                        carrier.close()
                    raise
                finally:
                    if carrier.state is _IDLE:  # as `give_back` does
                        pool.put(carrier, self.deadlines.now)
                    else:
                        self.abandon(pool, carrier, policy.timeout_delay)
        except AerospikeError as error:
            trace = (trace or Trace(start, start - began)).after(node, carrier, answered=answered)
            result = await self._retry(core, command, deadline, error, trace)
        except trio.Cancelled:
            self._cancelled += 1
            raise
        finally:
            self._end()
        self._completed += 1
        return result

    # A part of a command that fans out; see `run_part`.

    async def admit(self, core: ClientCore, deadline: float, trace: Trace) -> None:
        """Wait for a place for one part, under the same rules as for any command.

        Args:
            core: The client.
            deadline: Trio's time at which the parent's total timeout ends.
            trace: Takes note of the wait.

        Raises:
            QueueFull: The queue is full and ``when_queue_full`` is "raise".
            CommandTimeout: The deadline came first.
            ClientClosed: The client or the event loops are closed.
        """
        core.check_usable()
        if self._nursery is None:
            raise self._closed()
        poller = core.event_loops.poller
        if not (poller.parked and poller.shares):  # as in `run`
            await checkpoint_if_cancelled()
        self.deadlines.now = self._time()
        if not self._take_place():
            await self._wait_for_place(trace.began, deadline)
            now = self.deadlines.now = self._time()
            trace.queue = now - trace.began
            trace.began = trace.connected = now
            try:
                await checkpoint_if_cancelled()
            except trio.Cancelled:  # in the moment in which it was granted its place
                self._cancelled += 1
                self._end()
                raise

    def leave(self, failure: BaseException | None) -> None:
        """Give a part's place back, and count how it ended.

        Args:
            failure: Why the part failed, or None.
        """
        self._end()
        if failure is None:
            self._completed += 1
        elif isinstance(failure, trio.Cancelled):
            self._cancelled += 1
        else:
            self._count_failure(failure)

    def _closed(self) -> ClientClosed:
        return ClientClosed("the event loops are closed: their `async with` block was left")

    async def _retry(
        self, core: ClientCore, command: Command[T], deadline: float, error: AerospikeError, trace: Trace
    ) -> T:
        try:
            return await retry(self, core, command, deadline, error, trace)
        except AerospikeError as last:
            self._count_failure(last)
            raise
        except trio.Cancelled:
            self._cancelled += 1
            raise

    def _wait_for_place(self, start: float, deadline: float) -> Awaitable[None]:
        """Wait in the queue until a place is granted; to be awaited at once."""
        # Not a coroutine of its own: it would be kept by each of the tens of thousands that may wait.
        return self._wait_for_room(start, deadline) if self._queue.is_full else self._queue_up(start, deadline)

    def _queue_up(self, start: float, deadline: float) -> Awaitable[None]:
        waiter = Waiter(self, start)
        waiter.watch = self.deadlines.watch(deadline, waiter)
        self._queue.put(waiter)
        if self._running < self._most:  # a place fell free while this task was on its way into the queue
            self._grant()
        else:
            self._publish_queued()
        if waiter.live:
            return waiter.park()
        return checkpoint_if_cancelled()  # noqa: ASYNC105 (the caller awaits it)

    async def _wait_for_room(self, start: float, deadline: float) -> None:
        if self.policy.when_queue_full == "raise":
            raise self._full()
        try:
            with trio.CancelScope(deadline=deadline) as scope:
                await self._queue.wait_for_room()
        except trio.Cancelled:
            self._cancelled += 1
            raise
        if scope.cancelled_caught:
            raise self._queue_timeout("total_timeout ended while the event loop's queue was full", start)
        await self._queue_up(start, deadline)

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

    # Submitted commands.

    def submit(self, prepared: Prepared[T]) -> Submitted[T]:
        """Queue a command without giving it a task or a connection; it runs when its place comes.

        Its total timeout begins now. The client's block does not end normally before the command has.

        Args:
            prepared: Made by ``client.prepare``.

        Returns:
            A handle, to await the result or to cancel.

        Raises:
            QueueFull: ``max_commands_in_queue`` commands wait already, whatever ``when_queue_full`` says: to
                wait is not possible without a task.
            ClientClosed: The client or the event loops are closed.
        """
        if not isinstance(prepared, Prepared):
            raise TypeError(f"prepared must be made by client.prepare, not {type(prepared).__name__}")
        prepared.core.check_usable()
        if self._nursery is None:
            raise self._closed()
        start = trio.current_time()
        total = prepared.command.policy.total_timeout
        handle = Submitted(self, prepared, start, start + total if total else math.inf)
        if self._take_place():
            prepared.core.submitted_begun(handle)
            self._nursery.start_soon(self._work, handle)
            return handle
        if self._queue.is_full:
            raise self._full()
        prepared.core.submitted_begun(handle)
        handle.watch = self.deadlines.watch(handle.deadline, handle)
        self._queue.put(handle)
        self._publish_queued()
        return handle

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

    async def _work(self, first: Submitted[Any]) -> None:
        """Run a submitted command that has its place, and then others as long as places and commands last."""
        ready = [first]
        try:
            while ready:
                with trio.CancelScope() as scope:  # one for all, until a handle cancels it
                    while ready and not scope.cancel_called:
                        await self._run_submitted(ready, scope)
        finally:
            for handle in ready:  # a place that was handed to this task just as it ended
                self._end()
                handle.finish_cancelled()

    async def _run_submitted(self, ready: list[Submitted[Any]], scope: trio.CancelScope) -> None:
        handle = ready.pop()
        prepared = handle.prepared
        handle.begin(scope)
        now = self.deadlines.now = trio.current_time()
        trace = Trace(now, now - handle.start)
        try:
            await checkpoint_if_cancelled()
            value = await execute(self, prepared.core, prepared.command, handle.deadline, trace)
            self._completed += 1
            handle.finish_done(value)
        except (AerospikeError, ValueError) as error:  # ValueError: a namespace that the cluster does not have
            self._count_failure(error)
            handle.finish_failed(error)
        except trio.Cancelled:
            self._cancelled += 1
            if not scope.cancel_called:
                self._close()  # it is the whole loop that ends: nothing of the queue is to be begun
            handle.finish_cancelled(in_doubt=prepared.command.is_write and trace.may_have_arrived())
            raise
        except BaseException as error:  # a bug, or Ctrl-C: it ends the loop, and nobody shall wait for a result
            handle.finish_failed(error)
            raise
        finally:
            mine = self._end(reuse=True)
            if mine is not None:
                ready.append(mine)

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
        while queue.live and self._running < self._most:
            self._begin()
            ticket = queue.get()
            self.deadlines.forget(ticket.watch)
            if isinstance(ticket, Waiter):
                ticket.wake()
            elif reuse and mine is None:
                mine = ticket
            elif self._nursery is not None:
                self._nursery.start_soon(self._work, ticket)
        if self._queued_value is not None:
            self._publish_queued()
        return mine

    def _publish_queued(self) -> None:
        if self._queued_value is not None:
            self._queued_value.value = self._queue.live

    def _count_failure(self, error: BaseException) -> None:
        self._failed += 1
        if isinstance(error, CommandTimeout):
            self._timed_out += 1

    def _close(self) -> None:
        """The loop ends: whoever still waits is told so."""
        while self._queue.live:
            ticket = self._queue.get()
            self.deadlines.forget(ticket.watch)
            if isinstance(ticket, Waiter):
                ticket.wake(ClientClosed("the event loops were closed while the command waited in the queue"))
            else:
                ticket.finish_cancelled()

    # Abandoned answers.

    def abandon(self, pool: AnyPool, connection: Carrier, timeout_delay: float) -> None:
        """Take over a connection that a command left in the middle: drain it if that is possible, else close it.

        Args:
            pool: Whose connection it is.
            connection: In whatever state.
            timeout_delay: Seconds to wait for the late answer.
        """
        if connection.state in _DRAINABLE and timeout_delay > 0 and self._nursery is not None:
            self._nursery.start_soon(self._drain, pool, connection, timeout_delay)
        else:
            pool.put(connection, self._time())

    async def _drain(self, pool: AnyPool, connection: Carrier, seconds: float) -> None:
        self._draining += 1
        try:
            await pool.drain(connection, seconds)
        finally:
            self._draining -= 1
