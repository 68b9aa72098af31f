"""Running an aggregation: the nodes reduce what they find, and what comes of that is reduced here, in Lua.

The nodes' answers go into one channel, packed as they come. The consumer's task takes them out and feeds them to
the function, value by value, and lets others have their turn in between.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import attrs
import trio

from .._cluster.node import Node
from .._commands.aggregate import PackedValue, read_values, value_of
from .._commands.query import FunctionCall, QueryRequest
from .._lua.state import LuaState, Scope, Step
from ..errors import AerospikeError, ClientClosed, UdfError
from ..policy.enums import Replica
from ..policy.query import QueryPolicy
from .core import ClientCore
from .event_loop import EventLoop
from .parts import Part, run_part
from .query_executor import new_task_id
from .service_nursery import open_service_nursery

__all__ = ["AggregatedValues", "AggregationPlan", "FetchModule", "open_aggregation"]

FetchModule = Callable[[str], Awaitable[tuple[bytes, str] | None]]
"""Finds source and path of a module by its name without extension; None if there is none."""

_BUFFERED_FRAMES: Final = 4
_LONGEST_TURN: Final = 0.002
"""Seconds after which others have their turn."""
_MOST_MODULES: Final = 100


@attrs.frozen(slots=True)
class AggregationPlan:
    """An aggregation whose arguments were found good.

    Attributes:
        namespace: Where.
        policy: How.
        call: The function.
        request: Makes the request.
        fetch: Finds modules.
    """

    namespace: str
    policy: QueryPolicy
    call: FunctionCall
    request: QueryRequest
    fetch: FetchModule


@asynccontextmanager
async def open_aggregation(
    loop: EventLoop, core: ClientCore, plan: AggregationPlan
) -> AsyncIterator[AggregatedValues]:
    """Run an aggregation while the block lasts; leaving it ends the work of the servers.

    Args:
        loop: Whose limits its parts run under.
        core: The client.
        plan: The aggregation.

    Raises:
        ValueError: The cluster has no such namespace.
        ClientClosed: The client is closed.
        InvalidNode: There is no node.
        UdfError: The module is not there, or can't be loaded.
    """
    core.check_usable()
    core.cluster.random_node()  # raises if there is none
    core.cluster.node_for(plan.namespace, 0, Replica.SEQUENCE, 0, write=False)  # is there such a namespace?
    state = await _load(plan)
    send, receive = trio.open_memory_channel[list[PackedValue]](_BUFFERED_FRAMES)
    values = AggregatedValues(receive, state, plan.call)
    run = _Run(loop, core, plan, send, values)
    with receive:
        async with open_service_nursery() as nursery:
            nursery.start_soon(run.run, core.cluster.nodes)
            yield values


class _Sources:
    """Modules that were fetched, and the first that Lua asked for in vain."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[bytes, str] | None] = {}
        self.missing: str | None = None

    def source(self, name: str) -> tuple[bytes, str] | None:
        if name not in self.found and self.missing is None:
            self.missing = name
        return self.found.get(name)

    def log(self, level: int, where: str, line: int, text: str) -> None:
        return None

    def now_ms(self) -> int:
        return 0


async def _load(plan: AggregationPlan) -> LuaState:
    """An interpreter with the module in it, and all modules that it requires."""
    sources = _Sources()
    for _ in range(_MOST_MODULES):
        await trio.lowlevel.checkpoint()
        state = LuaState(sources)
        problem = state.load(plan.call.module)
        if problem is None:
            return state
        missing = sources.missing
        if missing is None:
            raise UdfError(problem)
        sources.found[missing] = await plan.fetch(missing)
        sources.missing = None
    raise UdfError(f"module {plan.call.module!r} requires too many others")


class AggregatedValues:
    """What an aggregation gives: ``async for value in values``.

    Made by `Client.aggregate`, for one task, inside its block. A stream that is reduced gives one value, or none
    if no record was found; any other gives its values as they come.
    """

    def __init__(
        self, receive: trio.MemoryReceiveChannel[list[PackedValue]], state: LuaState, call: FunctionCall
    ) -> None:
        self._receive = receive
        self._state = state
        self._call = call
        self._waiting: deque[PackedValue] = deque()
        self._step: tuple[Step, int, bytes] | None = None
        self._error: Exception | None = None
        self._turn_ends = 0.0

    def __aiter__(self) -> AggregatedValues:
        return self

    async def __anext__(self) -> Any:
        await trio.lowlevel.checkpoint()
        state = self._state
        step = self._step
        if step is None:
            step = state.begin_stream(self._call.function.encode(), Scope.CLIENT, self._call.arguments)
        elif step[0] is Step.WRITE:
            step = state.go_on()
        while step[0] is Step.READ:
            self._step = step  # should a cancellation come while it waits
            step = state.feed_value(*await self._next())
        self._step = step
        what, kind, content = step
        if what is Step.FAILED:
            raise UdfError(content.decode("utf-8", "replace"))
        if what is Step.END:
            raise StopAsyncIteration
        return value_of(kind, content)

    def fail(self, error: Exception) -> None:
        """The aggregation has failed; for those who run it."""
        self._error = error

    async def _next(self) -> PackedValue:
        """The next value for the function; of type 0 when there are no more."""
        while not self._waiting:
            try:
                self._waiting.extend(await self._receive.receive())
            except trio.EndOfChannel:
                if self._error is not None:
                    raise self._error from None
                return 0, b""
            except trio.ClosedResourceError:
                raise ClientClosed("the aggregation's `async with` block was left") from None
            self._turn_ends = trio.current_time() + _LONGEST_TURN
        if trio.current_time() > self._turn_ends:
            await trio.lowlevel.checkpoint()
            self._turn_ends = trio.current_time() + _LONGEST_TURN
        return self._waiting.popleft()


class _ValuesPart(Part):
    """One node's answer."""

    __slots__ = ("_frames", "_send")

    def __init__(self, request: bytes, send: trio.MemorySendChannel[list[PackedValue]]) -> None:
        self.request = request
        self._send = send
        self._frames: deque[list[PackedValue]] = deque()

    def receive(self, frame: bytes) -> bool:
        """See `Part.receive`."""
        values, is_last = read_values(frame)
        # A stream in Lua ends with nothing: what is nothing can't be in it.
        present = [value for value in values if value[0]]
        if present:
            self._frames.append(present)
        return is_last

    async def relieve(self) -> None:
        """See `Part.relieve`."""
        while self._frames:
            await self._send.send(self._frames[0])
            self._frames.popleft()


class _Run:
    """One aggregation at work."""

    def __init__(
        self,
        loop: EventLoop,
        core: ClientCore,
        plan: AggregationPlan,
        send: trio.MemorySendChannel[list[PackedValue]],
        values: AggregatedValues,
    ) -> None:
        self._loop = loop
        self._core = core
        self._plan = plan
        self._send = send
        self._values = values
        seconds = plan.policy.total_timeout
        self._deadline = trio.current_time() + seconds if seconds else math.inf

    async def run(self, nodes: tuple[Node, ...]) -> None:
        """Ask all nodes, until all have answered or one has failed."""
        waiting = deque(nodes)
        width = min(
            len(nodes),
            self._plan.policy.max_concurrent_nodes or len(nodes),
            self._loop.policy.max_commands_in_process or len(nodes),
        )
        with self._send:
            async with trio.open_nursery() as nursery:
                for _ in range(width):
                    nursery.start_soon(self._work, waiting, nursery)

    async def _work(self, waiting: deque[Node], nursery: trio.Nursery) -> None:
        policy = self._plan.policy
        while waiting:
            node = waiting.popleft()
            request = self._plan.request.pack(new_task_id(), seconds=policy.total_timeout)
            part = _ValuesPart(request, self._send)
            try:
                await run_part(self._loop, self._core, node, part, policy, self._deadline)
                await part.relieve()
            except AerospikeError as error:
                self._values.fail(error)
                nursery.cancel_scope.cancel()
                return
