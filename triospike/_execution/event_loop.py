"""One event loop: a nursery, and whatever runs in it or under its limits.

A command that finds a free place and an empty queue runs at once in its caller's task. Otherwise it waits in the
queue, and whoever gives a place back begins it.
"""

from __future__ import annotations

import math
from collections.abc import Coroutine
from typing import Any, TypeVar

import trio
from trio.lowlevel import checkpoint_if_cancelled

from .._commands.base import Command
from .._net.carrier import Carrier, DeadlineExpired, State
from .._net.poller import Poller
from .._net.pool import AnyPool
from ..errors import AerospikeError, ClientClosed
from ..policy.event_loop import EventPolicy
from .admission import Admission
from .core import ClientCore
from .executor import (
    Trace,
    attempt,
    attempt_in_turn,
    choose_node,
    execute,
    give_back,
    retry,
    spoils_connection,
    timed_out,
    too_many_errors,
)
from .prepared import Prepared
from .submitted import Submitted
from .waiter import QueuedCommand, Waiter

__all__ = ["EventLoop"]

T = TypeVar("T")
_IDLE = State.IDLE
_NEVER = math.inf
_DRAINABLE = (State.WAITING, State.READING)


class EventLoop(Admission):
    """Runs commands, and parts of those that fan out, as `Admission` admits them.

    Made by `open_event_loops`; many tasks, and several clients, may use it at once.
    """

    def __init__(self, index: int, policy: EventPolicy, poller: Poller | None = None) -> None:
        super().__init__(index, policy, poller)
        self._nursery: trio.Nursery | None = None

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

    def run(self, core: ClientCore, command: Command[T]) -> Coroutine[Any, Any, T]:
        """Run a command under this loop's limits; what `Client.get` and its siblings do. To be awaited at once.

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
        queue = self._queue
        if self._running >= self._most or queue.live or queue.room_given:
            return self._run_queued(core, command)
        return self._run_at_once(core, command)

    async def _run_at_once(self, core: ClientCore, command: Command[T]) -> T:
        """A command that finds a free place."""
        poller = core.event_loops.poller  # its connections', also where this loop is not one of the client's
        # Where it parks behind others, Trio says before its request is sent if its caller is cancelled already.
        if not (poller.parked and poller.shares):
            await checkpoint_if_cancelled()  # a caller that is cancelled already sends nothing
        # Nothing has happened since `run` has looked: that lets nobody else have a step, unless it raises.
        if self._running == self._places or self._in_process_value is not None:
            has_place = self._begin()
        else:  # as that would do, without a call
            self._running += 1
            has_place = True
        if not has_place:
            return await self._run_queued(core, command)
        start = self.deadlines.now = self._time()
        policy = command.policy
        deadline = start + (policy.total_timeout or _NEVER)
        node, carrier, trace, answered = None, None, None, False
        try:
            # What `attempt` does, without a coroutine of its own, and with notes of it only if it fails.
            cluster = core.cluster
            node = cluster.first_node(command.key, policy.replica) or choose_node(cluster, command)
            window = node.window
            if window.errors > window.limit:
                raise too_many_errors(node)
            pool = node.pool
            carrier = pool.take_nowait(start)
            if carrier is None:
                trace = Trace(start)
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
            trace = (trace or Trace(start)).after(node, carrier, answered=answered)
            result = await self._retry(core, command, deadline, error, trace)
        except trio.Cancelled:
            self._cancelled += 1
            raise
        finally:
            if self._queue.live or self._in_process_value is not None:
                self._end()
            else:  # as that would do, without a call
                self._running -= 1
        self._completed += 1
        return result

    async def _run_queued(self, core: ClientCore, command: Command[T]) -> T:
        """A command that has to wait for its place. Who grants it that begins its exchange too, if that can be."""
        poller = core.event_loops.poller
        if not (poller.parked and poller.shares):
            await checkpoint_if_cancelled()
        began = self.deadlines.now = self._time()
        deadline = began + (command.policy.total_timeout or _NEVER)
        waiting = QueuedCommand(self, core, command, began, deadline)
        trace, answered = None, False
        try:
            try:
                frame = await self._wait_for_place(waiting, deadline)
                if waiting.carrier is None:
                    trace = Trace(waiting.granted_at, waiting.granted_at - began)
                    if not (poller.parked and poller.shares):
                        await checkpoint_if_cancelled()  # in the moment in which it was granted its place
                    result = await attempt(self, core.cluster, command, command.request, deadline, trace)
                else:
                    answered = True
                    result = command.parse(frame)
            except DeadlineExpired:
                raise timed_out(command, deadline) from None
            except AerospikeError as error:
                if waiting.carrier is not None and spoils_connection(error):
                    waiting.carrier.close()
                raise
            finally:
                if waiting.carrier is not None and waiting.node is not None:
                    give_back(self, waiting.node, waiting.carrier, command.policy.timeout_delay)
        except AerospikeError as error:
            if not waiting.granted:
                raise
            if trace is None:
                trace = Trace(waiting.granted_at, waiting.granted_at - began)
                trace.after(waiting.node, waiting.carrier, answered=answered)
            result = await self._retry(core, command, deadline, error, trace)
        except trio.Cancelled:
            if waiting.granted:  # else it was counted as it left the queue
                self._cancelled += 1
            raise
        finally:
            if waiting.granted:
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
        if not core.usable:
            core.check_usable()
        if self._nursery is None:
            raise self._closed()
        poller = core.event_loops.poller
        if not (poller.parked and poller.shares):  # as in `run`
            await checkpoint_if_cancelled()
        self.deadlines.now = self._time()
        if not self._take_place():
            waiter = Waiter(self, trace.began)
            try:
                await self._wait_for_place(waiter, deadline)
                await checkpoint_if_cancelled()
            except trio.Cancelled:
                if waiter.granted:  # in this very moment
                    self._cancelled += 1
                    self._end()
                raise
            trace.queue = waiter.granted_at - trace.began
            trace.began = trace.connected = waiter.granted_at

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

    def _start_work(self, ticket: Submitted[Any]) -> None:
        if self._nursery is not None:
            self._nursery.start_soon(self._work, ticket)

    def _close(self) -> None:
        """The loop ends: whoever still waits is told so."""
        while self._queue.live:
            ticket = self._queue.get()
            self.deadlines.forget(ticket.watch)
            if isinstance(ticket, Waiter):
                ticket.fail(ClientClosed("the event loops were closed while the command waited in the queue"))
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
