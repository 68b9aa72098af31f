"""Running a scan or query: rounds of parts on the nodes, until every partition is done.

The tasks that talk to the nodes live in a nursery around the consumer's block, and put chunks of records into one
channel. Errors go the same way: the consumer meets them behind the records that came before them.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs
import trio

from .._cluster.node import Node
from .._cluster.partition_map import PartitionGroup
from .._commands.query import QueryRequest
from .._commands.rows import RowReader, Rows
from ..errors import (
    AerospikeError,
    CommandTimeout,
    ConnectionFailed,
    IndexFailed,
    InvalidNode,
    MaxErrorRate,
    PartitionUnavailable,
    QueueFull,
)
from ..policy.enums import Replica
from ..policy.query import QueryPolicy
from ..query.cursor import Cursor
from ..query.partition_filter import PartitionFilter
from ..query.statement import Statement
from ..result_code import ResultCode
from .core import ClientCore
from .event_loop import EventLoop
from .partition_tracker import PartitionTracker, Position, Share
from .parts import run_part
from .query_part import Chunk, QueryPart
from .query_records import QueryRecords
from .service_nursery import open_service_nursery

__all__ = ["QueryPlan", "new_task_id", "open_query"]

_BUFFERED_CHUNKS = 2
_PATIENCE_OF_SERVERS = 0.5
"""The part of ``socket_timeout`` for which a server may wait for a consumer; then its connection is given up."""
_WAIT_FOR_ROOM = 0.02  # seconds until a full queue is looked at again
_SLEEPS = (0.0, 0.05, 0.2, 0.8, 2.0)
"""Least seconds before each further round after a node failed: about the time that a cluster needs to notice."""
_RETRYABLE = frozenset({ResultCode.INDEX_NOT_FOUND, ResultCode.INDEX_NOT_READABLE, ResultCode.UNAVAILABLE})


def new_task_id() -> int:
    """A number for a job in the servers."""
    return random.getrandbits(64) or 1


@attrs.frozen(slots=True)
class QueryPlan:
    """A query whose arguments were found good.

    Attributes:
        statement: Which records.
        policy: How.
        start: Where it starts.
        request: Makes its requests.
    """

    statement: Statement
    policy: QueryPolicy
    start: PartitionFilter | Cursor
    request: QueryRequest

    @classmethod
    def of(cls, statement: Statement, policy: QueryPolicy, start: PartitionFilter | Cursor | None) -> QueryPlan:
        """Check the arguments of a query, and pack what can be packed.

        Raises:
            TypeError: An argument has another type.
            ValueError: The arguments do not go together.
        """
        if not isinstance(statement, Statement):
            raise TypeError(f"statement must be a Statement, not {type(statement).__name__}")
        start = PartitionFilter.all() if start is None else start
        Position.of(start, statement)
        return cls(statement, policy, start, QueryRequest(statement, policy))


@asynccontextmanager
async def open_query(loop: EventLoop, core: ClientCore, plan: QueryPlan) -> AsyncIterator[QueryRecords]:
    """Run a query while the block lasts; leaving it ends the work of the servers.

    Args:
        loop: Whose limits its parts run under.
        core: The client.
        plan: The query.

    Raises:
        ValueError: The cluster has no such namespace.
        ClientClosed: The client is closed.
    """
    core.check_usable()
    core.cluster.node_for(
        plan.statement.namespace, 0, Replica.SEQUENCE, 0, write=False
    )  # is there such a namespace?
    send, receive = trio.open_memory_channel[Chunk](_BUFFERED_CHUNKS)
    records = QueryRecords(receive, Position.of(plan.start, plan.statement), plan.statement)
    run = _QueryRun(loop, core, plan, send, records)
    await trio.lowlevel.checkpoint()
    with receive:
        async with open_service_nursery() as nursery:
            nursery.start_soon(run.run)
            yield records


class _QueryRun:
    """One query at work."""

    def __init__(
        self,
        loop: EventLoop,
        core: ClientCore,
        plan: QueryPlan,
        send: trio.MemorySendChannel[Chunk],
        records: QueryRecords,
    ) -> None:
        self._loop = loop
        self._core = core
        self._plan = plan
        self._send = send
        self._records = records
        policy = plan.policy
        self._deadline = trio.current_time() + policy.total_timeout if policy.total_timeout else math.inf
        self._tracker = PartitionTracker(
            plan.statement.namespace,
            Position.of(plan.start, plan.statement),
            policy.replica,
            policy.max_records,
        )
        self._errors: list[AerospikeError] = []  # of the rounds so far, in order
        self._fatal: AerospikeError | None = None
        self._rounds = 0

    async def run(self) -> None:
        """Go on until all is done, or it can't be."""
        with self._send:
            try:
                await self._run_rounds()
            except (AerospikeError, ValueError) as error:  # ValueError: a namespace that has vanished
                self._records.fail(error)

    async def _run_rounds(self) -> None:
        failures = 0
        while not self._tracker.finished:
            errors, before = len(self._errors), self._tracker.position.extent
            await self._run_round(self._shares())
            if self._fatal is not None:
                raise self._final(self._fatal)
            if len(self._errors) == errors:
                failures = 0
                continue
            failures = failures + 1 if self._tracker.position.extent == before else 1
            if failures > self._plan.policy.max_retries:
                raise self._final(self._errors.pop())
            await self._sleep(failures, self._errors[-1])

    def _shares(self) -> list[Share]:
        self._rounds += 1
        try:
            shares = self._tracker.assign(self._core.cluster, self._masters())
        except InvalidNode as error:
            self._errors.append(error)
            return []
        if self._rounds > 1:
            self._core.retries += len(shares)
        return shares

    def _masters(self) -> dict[Node, PartitionGroup] | None:
        table = self._core.cluster.partition_map.tables.get(self._plan.statement.namespace)
        return None if table is None else table.masters()

    def _final(self, error: AerospikeError) -> AerospikeError:
        error.iterations = self._rounds
        error.sub_errors = tuple(self._errors)
        return error

    async def _sleep(self, failures: int, error: AerospikeError) -> None:
        seconds = self._plan.policy.sleep_between_retries
        if not isinstance(error, IndexFailed):
            seconds = max(seconds, _SLEEPS[min(failures, len(_SLEEPS)) - 1])
        if trio.current_time() + seconds >= self._deadline:
            raise self._final(self._timeout())
        await trio.sleep(seconds)

    def _timeout(self) -> CommandTimeout:
        return CommandTimeout(f"total_timeout of {self._plan.policy.total_timeout:g} s ended")

    async def _run_round(self, shares: list[Share]) -> None:
        waiting = deque(shares)
        if not shares:
            return
        width = min(
            len(shares),
            self._plan.policy.max_concurrent_nodes or len(shares),
            # More could not be at work at once, and would only wait in the queue before other commands.
            self._loop.policy.max_commands_in_process or len(shares),
        )
        async with trio.open_nursery() as nursery:
            for _ in range(width):
                nursery.start_soon(self._work, waiting, nursery)

    async def _work(self, waiting: deque[Share], nursery: trio.Nursery) -> None:
        while waiting:
            share = waiting.popleft()
            try:
                await self._run_share(share)
            except AerospikeError as error:
                if not _is_retryable(error) or trio.current_time() >= self._deadline:
                    self._fatal = error
                    nursery.cancel_scope.cancel()
                    return
                self._errors.append(error)
                self._tracker.failed(share)

    async def _run_share(self, share: Share) -> None:
        """Ask a node until its share is done: again when a slow consumer made it give up its connection."""
        ended = resumed = False
        while not ended and self._tracker.wants(share):
            part = self._part(share)
            failure: AerospikeError | None = None
            with part.scope:
                try:
                    await run_part(self._loop, self._core, share.node, part, self._plan.policy, self._deadline)
                except AerospikeError as error:
                    failure = error
            await part.hand_over_rest(decode=failure is None)
            if resumed and isinstance(failure, QueueFull):
                await trio.sleep(_WAIT_FOR_ROOM)  # it had a place, and gave it up for others
                continue
            if failure is not None:
                raise failure
            ended, resumed = part.ended, True
        done = self._tracker.completed(share)
        if share.unavailable:
            self._errors.append(_unavailable(share))
        if done:
            await self._send.send(Chunk(Rows(), done))

    def _part(self, share: Share) -> QueryPart:
        plan, policy = self._plan, self._plan.policy
        seconds = policy.total_timeout
        if seconds and (self._rounds > 1 or share.received):
            seconds = max(self._deadline - trio.current_time(), 0.001)
        whole, begun = self._tracker.split(share)
        request = plan.request.pack(new_task_id(), whole, begun, max_records=share.left, seconds=seconds)
        reader = RowReader(
            plan.statement.namespace,
            share.partitions,
            with_values=plan.statement.filter is not None,
            deserialize=policy.deserialize,
            gathers=bool(plan.statement.operations),
        )
        patience = policy.socket_timeout * _PATIENCE_OF_SERVERS or math.inf
        node = share.node

        def should_yield(paused: float) -> bool:
            loop = self._loop.statistics()
            return (
                paused >= patience
                or loop.queued > 0
                or loop.waiting_for_room > 0
                or node.streams.statistics().waiting > 0
            )

        return QueryPart(request, reader, self._tracker, share, self._send, should_yield)


def _unavailable(share: Share) -> PartitionUnavailable:
    first = min(share.unavailable)
    return PartitionUnavailable(
        f"{len(share.unavailable)} partitions are not available, {first} the first of them", node=share.node.name
    )


def _is_retryable(error: AerospikeError) -> bool:
    """Whether other nodes, or this one a moment later, may do better."""
    return error.result_code in _RETRYABLE or isinstance(
        error, CommandTimeout | ConnectionFailed | InvalidNode | MaxErrorRate
    )
