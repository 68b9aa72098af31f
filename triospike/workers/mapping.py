"""One function, many items: chunks of them go to the workers, results come back."""

from __future__ import annotations

import math
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

import trio

from .. import Client
from .._execution.service_nursery import open_service_nursery
from ..errors import ClientClosed
from .call import Call

if TYPE_CHECKING:
    from .team import Workers
    from .worker import Worker

__all__ = ["MappedResults", "open_map", "run_chunk"]

A = TypeVar("A")
T = TypeVar("T")


async def run_chunk(
    client: Client, function: Callable[[Client, A], Awaitable[T]], items: list[A], tasks: int
) -> list[T]:
    """Call a function for each item, in a worker.

    Args:
        client: The worker's.
        function: Called with it and an item.
        items: The items.
        tasks: How many of them at a time.

    Returns:
        The results, in the order of the items.

    Raises:
        Exception: The first of the function's own; the other items are cancelled.
    """
    results: dict[int, T] = {}
    failures: list[Exception] = []
    waiting = enumerate(items)

    async def work() -> None:
        for place, item in waiting:
            try:
                results[place] = await function(client, item)
            except Exception as error:  # all of them, since the first one ends the chunk
                failures.append(error)
                nursery.cancel_scope.cancel()
                return

    async with trio.open_nursery() as nursery:
        for _ in range(min(tasks, len(items))):
            nursery.start_soon(work)
    if failures:
        raise failures[0]
    return [results[place] for place in range(len(items))]


class MappedResults(Generic[T]):
    """The results of `Workers.map` as they come: ``async for result in results``.

    For one task, inside the block. When the function raises for an item, that is raised in the place of the
    results of the whole chunk, and the other items of the chunk are cancelled. When the items themselves raise,
    that comes behind the results of the items before.
    """

    def __init__(self, workers: Workers, slots: trio.Semaphore, done: trio.MemoryReceiveChannel[Call]) -> None:
        self._workers = workers
        self._slots = slots
        self._done = done
        self._now: Call | None = None
        self._results: Iterator[T] = iter(())
        self._error: Exception | None = None

    def __aiter__(self) -> MappedResults[T]:
        return self

    async def __anext__(self) -> T:
        for result in self._results:
            return result
        # A checkpoint with each chunk: one with each result would cost more than the rest.
        while await self._next_chunk():
            for result in self._results:
                return result
        raise StopAsyncIteration

    async def _next_chunk(self) -> bool:
        """Wait for the results of a chunk; False at the end."""
        if self._now is None:
            try:
                self._now = await self._done.receive()
            except trio.EndOfChannel:
                if self._error is not None:
                    raise self._error from None
                return False
            except trio.ClosedResourceError:
                raise ClientClosed("the block of `map` was left") from None
        await self._now.wait()
        call, self._now = self._now, None
        self._slots.release()
        self._results = iter(self._workers.result(call))
        return True

    def fail(self, error: Exception) -> None:
        """There are no more items, since these have failed."""
        self._error = error


class _Map(Generic[A, T]):
    """Makes chunks of the items and begins a call with each, as long as there is a free slot.

    A slot is taken before the items are, and given back when the results are taken: that is what bounds the map.
    """

    def __init__(
        self,
        workers: Workers,
        function: Callable[[Client, A], Awaitable[T]],
        *,
        chunk: int,
        in_flight: int,
        tasks: int,
        ordered: bool,
    ) -> None:
        self._workers = workers
        self._function = function
        self._chunk = chunk
        self._tasks = tasks
        self._ordered = ordered
        self._slots = trio.Semaphore(in_flight)
        self._send, self._receive = trio.open_memory_channel[Call](math.inf)
        self._begun: dict[Call, Worker] = {}
        self._fed = False
        self.results: MappedResults[T] = MappedResults(workers, self._slots, self._receive)

    async def feed(self, items: Iterable[A] | AsyncIterable[A]) -> None:
        """Take all items, as slots become free."""
        try:
            if isinstance(items, AsyncIterable):
                await self._feed_as_they_come(items)
            else:
                await self._feed_whole_chunks(iter(items))
        except Exception as error:  # whatever the items raise, or a call that can't be begun
            self.results.fail(error)
        self._fed = True
        self._close_if_done()

    async def _feed_whole_chunks(self, items: Iterator[A]) -> None:
        await self._slots.acquire()
        while some := list(islice(items, self._chunk)):
            self._begin(some)
            await self._slots.acquire()

    async def _feed_as_they_come(self, items: AsyncIterable[A]) -> None:
        async with open_service_nursery() as nursery:
            send, receive = trio.open_memory_channel[A](self._chunk)
            nursery.start_soon(_forward, items, send)
            await self._slots.acquire()
            async for first in receive:
                self._begin([first, *_at_hand(receive, self._chunk - 1)])
                await self._slots.acquire()

    def _begin(self, some: list[A]) -> None:
        args = (self._function, some, self._tasks)
        worker, call = self._workers.begin(run_chunk, args, {}, self._over)
        self._begun[call] = worker
        if self._ordered:
            self._send.send_nowait(call)

    def _over(self, call: Call) -> None:
        del self._begun[call]
        if not self._ordered:
            self._send.send_nowait(call)
        self._close_if_done()

    def _close_if_done(self) -> None:
        if self._fed and not self._begun:
            self._send.close()

    def close(self) -> None:
        """Cancel what is still at work."""
        for call, worker in self._begun.items():
            worker.give_up(call)
        self._receive.close()
        self._send.close()


async def _forward(items: AsyncIterable[A], send: trio.MemorySendChannel[A]) -> None:
    async with send:
        async for item in items:
            await send.send(item)


def _at_hand(receive: trio.MemoryReceiveChannel[A], most: int) -> Iterator[A]:
    """What can be had without waiting."""
    try:
        for _ in range(most):
            yield receive.receive_nowait()
    except (trio.WouldBlock, trio.EndOfChannel):
        return


@asynccontextmanager
async def open_map(
    workers: Workers,
    function: Callable[[Client, A], Awaitable[T]],
    items: Iterable[A] | AsyncIterable[A],
    *,
    chunk: int,
    in_flight: int,
    tasks: int,
    ordered: bool,
) -> AsyncIterator[MappedResults[T]]:
    """Run a map for the length of a block; see `Workers.map`."""
    run = _Map(workers, function, chunk=chunk, in_flight=in_flight, tasks=tasks, ordered=ordered)
    try:
        async with open_service_nursery() as nursery:
            nursery.start_soon(run.feed, items)
            yield run.results
    finally:
        run.close()
