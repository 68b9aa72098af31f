"""Running a batch: rows to nodes, one part or more for each node, and again what failed and may be tried again.

The parent holds no place in the event loop and no connection. Parts for different nodes run side by side, those
for one node one after the other, so that a batch of any size has at most as many parts in flight as there are
nodes. A row that is alone with its node goes as a plain command, as in the C client.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import trio

from .._cluster.node import Node
from .._commands.batch import BatchRow, pack_batch
from .._commands.batch_answer import Answer
from ..errors import AerospikeError, ServerError
from .batch_part import BatchPart, PartAttempts, Sink, no_response
from .batch_plan import Batch
from .batch_split import Groups, Splitter
from .core import ClientCore
from .event_loop import EventLoop
from .executor import Trace
from .parts import run_part

__all__ = ["BatchExecutor"]

_Serve = Callable[[Node, list[int]], Coroutine[Any, Any, None]]


class BatchExecutor:
    """Runs one batch. See the top of this file.

    Args:
        loop: Whose limits its parts run under.
        core: The client.
        batch: What is asked.
        sink: Where the answers go.

    Raises:
        ValueError: The cluster has no such namespace, or a row is too large; the message names it.
        ClientClosed: The client is closed.
    """

    def __init__(self, loop: EventLoop, core: ClientCore, batch: Batch, sink: Sink) -> None:
        if not core.usable:
            core.check_usable()
        batch.check_sizes()
        self._loop = loop
        self._core = core
        self._batch = batch
        self._sink = sink
        total = batch.policy.total_timeout
        self._time = loop.poller.time
        self._deadline = self._time() + total if total else math.inf
        self._splitter = Splitter(core.cluster, batch)
        self._generations = self._splitter.generations()
        self._groups = self._split(range(len(batch.keys)))
        self._at_work = 0
        self._ended: trio.lowlevel.ParkingLot | None = None

    def run(self) -> Awaitable[None]:
        """Have every row answered or failed; once. To be awaited at once."""
        return _side_by_side(self._serve, self._groups)

    def _split(self, indices: Sequence[int], replica_index: int = 0, failed: Node | None = None) -> Groups:
        groups, lost = self._splitter.split(indices, replica_index, failed)
        for index, error in lost.items():
            self._sink.fail(index, error, in_doubt=False)
        return groups

    # The rows of one node.

    def _serve(self, node: Node, indices: list[int]) -> Coroutine[Any, Any, None]:
        if len(indices) == 1:
            return self._serve_one(indices[0])
        parts = self._batch.parts(indices)
        return self._carry(node, indices) if len(parts) == 1 else self._serve_parts(node, parts)

    async def _serve_parts(self, node: Node, parts: list[list[int]]) -> None:
        for part in parts:
            if self._generations == self._splitter.generations():
                await self._carry(node, part)
            else:  # nodes have come or gone: this part may belong elsewhere
                await _side_by_side(self._carry, self._split(part))

    async def _serve_one(self, index: int) -> None:
        """The only row of its node, as a command of its own, which knows how to try again."""
        batch, sink = self._batch, self._sink
        command = BatchRow(batch.keys[index], batch.row(index), batch.policy)
        if self._at_work:
            await self._wait_for_room()
        self._at_work += 1
        try:
            answer = await self._loop.run(self._core, command)
        except ServerError as error:
            sink.take(index, Answer(error.result_code), error.node, in_doubt=error.in_doubt)
        except AerospikeError as error:
            sink.fail(index, error, in_doubt=error.in_doubt)
        else:
            sink.take(index, answer, None, in_doubt=False)
        finally:
            self._end_work()

    async def _carry(self, node: Node, indices: list[int], attempts: PartAttempts | None = None) -> None:
        """Some rows in one request to a node; and again, there or elsewhere, as far as the policy allows.

        Args:
            node: Whom to ask first.
            indices: The rows.
            attempts: What has failed so far.
        """
        is_write = self._batch.writes(indices)
        while True:
            doubtful = attempts is not None and attempts.in_doubt
            part = BatchPart(self._sink, indices, node, is_write=is_write, doubtful=doubtful)
            trace = Trace(self._time())
            error = await self._attempt(part, trace, again=attempts is not None)
            waiting = part.waiting()
            if not waiting:
                return
            attempts = attempts or PartAttempts(self._batch.policy, is_write=is_write, deadline=self._deadline)
            pause = attempts.note(error or no_response("the answer ended without it"), trace)
            indices = self._fail_finally(waiting, attempts, pause)
            if pause is None or not indices:
                return
            await trio.sleep(pause)
            groups = self._split(indices, attempts.replica_index, node)
            self._core.retries += len(groups)
            if len(groups) != 1:
                await self._carry_on(groups, attempts)
                return
            ((node, indices),) = groups.items()

    async def _carry_on(self, groups: Groups, attempts: PartAttempts) -> None:
        """The rows of a part that failed go to several nodes now."""

        async def carry(node: Node, indices: list[int]) -> None:
            await self._carry(node, indices, attempts.branch())

        if groups:
            await _side_by_side(carry, groups)

    async def _attempt(self, part: BatchPart, trace: Trace, *, again: bool) -> AerospikeError | None:
        """Send a part once; returns why it failed, or None."""
        batch = self._batch
        limit = None
        if again and batch.policy.total_timeout:
            limit = max(self._deadline - self._time(), 0.001)
        part.request = pack_batch(part.indices, batch.keys, batch.rows, batch.policy, limit)
        if self._at_work:
            await self._wait_for_room()
        self._at_work += 1
        try:
            await run_part(self._loop, self._core, part.node, part, batch.policy, self._deadline, trace)
        except AerospikeError as error:
            return error
        finally:
            self._end_work()
        return None

    def _fail_finally(self, waiting: list[int], attempts: PartAttempts, pause: float | None) -> list[int]:
        """Fail the rows that must not be tried again; returns the others."""
        batch = self._batch
        again: list[int] = []
        error = None
        for index in waiting:
            write = batch.row(index).is_write
            if pause is not None and attempts.count <= batch.policy.retries(write=write):
                again.append(index)
                continue
            error = error or attempts.final()
            self._sink.fail(index, error, in_doubt=write and attempts.in_doubt)
        return again

    # A batch shall not be refused since its own parts fill the event loop's queue.

    async def _wait_for_room(self) -> None:
        """Wait for a part of this batch to end, while they are why there is no room in the queue."""
        while self._at_work and not _has_room(self._loop):
            if self._ended is None:
                self._ended = trio.lowlevel.ParkingLot()
            await self._ended.park()

    def _end_work(self) -> None:
        self._at_work -= 1
        if self._ended is not None:
            self._ended.unpark_all()


def _has_room(loop: EventLoop) -> bool:
    """Whether the event loop would take one more command."""
    limits = loop.policy
    if not limits.max_commands_in_process or not limits.max_commands_in_queue or limits.when_queue_full == "wait":
        return True
    return loop.statistics().queued < limits.max_commands_in_queue


def _side_by_side(serve: _Serve, groups: Groups) -> Coroutine[Any, Any, None]:
    """Serve each node's rows; a single node's in the caller's own task. To be awaited at once."""
    if len(groups) == 1:
        ((node, indices),) = groups.items()
        return serve(node, indices)
    return _in_nursery(serve, groups)


async def _in_nursery(serve: _Serve, groups: Groups) -> None:
    if not groups:
        await trio.lowlevel.checkpoint()
    async with trio.open_nursery() as nursery:
        for node, indices in groups.items():
            nursery.start_soon(serve, node, indices)
