"""The workers of a block, and who gets which call."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

import trio

from .. import Client
from .._execution.service_nursery import open_service_nursery
from ..errors import ClientClosed
from .call import Call
from .died import WorkerDied
from .mapping import MappedResults, open_map
from .pickles import MainProgram, dumps
from .worker import Worker

__all__ = ["Workers"]

P = ParamSpec("P")
A = TypeVar("A")
T = TypeVar("T")


class Workers:
    """Processes with a client each, made by `open_workers`.

    Functions are called by name: they must stand at the top of a module, or of the main program if it begins its
    work under ``if __name__ == "__main__":``. Arguments, what is returned and what is raised are pickled.
    """

    def __init__(self, number: int, setup: bytes, main: MainProgram) -> None:
        self._workers = [Worker(index, setup, main, self._died) for index in range(number)]
        self._main = main
        self._turn = 0
        self._closed = False
        self._block = trio.CancelScope()
        self._death: WorkerDied | None = None

    def __len__(self) -> int:
        return len(self._workers)

    def __repr__(self) -> str:
        return f"<Workers: {len(self)}, calls at work: {', '.join(map(str, self.loads))}>"

    @property
    def pids(self) -> tuple[int, ...]:
        """Numbers of the processes."""
        return tuple(worker.pid for worker in self._workers)

    @property
    def loads(self) -> tuple[int, ...]:
        """How many calls each worker has; one that was cancelled counts until its task has ended."""
        return tuple(worker.load for worker in self._workers)

    async def run(
        self, function: Callable[Concatenate[Client, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call an async function in the worker that has least to do.

        A cancelled call is over at once; the worker cancels its task at the task's next checkpoint, and what it
        has sent to the cluster by then may have been applied.

        Args:
            function: Called with the worker's client before the other arguments.
            args: For the function.
            kwargs: For the function.

        Returns:
            What the function returns.

        Raises:
            TypeError: Function or arguments can't be pickled.
            WorkerDied: The worker ended during the call; ``in_doubt`` if the call had been sent.
            ClientClosed: The block has ended.
            Exception: What the function raises, with the traceback of the worker as a note; a `RuntimeError` in
                its place if it can't be pickled.
        """
        await trio.lowlevel.checkpoint_if_cancelled()
        worker, call = self.begin(function, args, kwargs)
        try:
            await call.wait()
        finally:
            worker.give_up(call)
        result: T = call.result(self._main)
        return result

    def map(
        self,
        function: Callable[[Client, A], Awaitable[T]],
        items: Iterable[A] | AsyncIterable[A],
        *,
        chunk: int = 100,
        in_flight: int | None = None,
        tasks: int = 10,
        ordered: bool = True,
    ) -> AbstractAsyncContextManager[MappedResults[T]]:
        """Call an async function for each of many items: ``async with workers.map(f, items) as results``.

        Items are taken only as results are: never more than ``in_flight`` chunks lie between the two. Leaving the
        block cancels what is still at work.

        Args:
            function: Called with the worker's client and one item.
            items: Anything to iterate over, by ``for`` or by ``async for``, such as a memory channel. Of an async
                source that is slower than the workers, what there is makes a chunk.
            chunk: Items that cross the border together.
            in_flight: Chunks at work, on their way, or waiting to be taken. Default: two for each worker.
            tasks: Items of one chunk that a worker is at together.
            ordered: Results come in the order of the items; else chunk by chunk as they are done.

        Raises:
            TypeError: An argument is of the wrong kind.
            ValueError: A number is less than 1.
        """
        if in_flight is None:
            in_flight = 2 * len(self)
        for name, value in (("chunk", chunk), ("in_flight", in_flight), ("tasks", tasks)):
            at_least_one(name, value)
        return open_map(self, function, items, chunk=chunk, in_flight=in_flight, tasks=tasks, ordered=ordered)

    def begin(
        self,
        function: Callable[..., Awaitable[Any]],
        args: Sequence[Any],
        kwargs: dict[str, Any],
        when_over: Callable[[Call], None] | None = None,
    ) -> tuple[Worker, Call]:
        """Begin a call without waiting for it; for `run` and `map`."""
        if self._death is not None:
            raise WorkerDied(self._death.message)
        if self._closed:
            raise ClientClosed("the block of the workers was left")
        body = dumps((function, tuple(args), kwargs), f"the call of {function!r}")
        worker = self._next()
        return worker, worker.begin(body, when_over)

    def result(self, call: Call) -> Any:
        """The outcome of a call that is over; for `map`."""
        return call.result(self._main)

    def _next(self) -> Worker:
        """The one with least to do; in turn where several have."""
        first, self._turn = self._turn, (self._turn + 1) % len(self)
        return min(self._workers[first:] + self._workers[:first], key=lambda worker: worker.load)

    @asynccontextmanager
    async def keep(self) -> AsyncIterator[None]:
        """Start the processes, and let none outlive the block; for `open_workers`."""
        async with open_service_nursery() as nursery:
            with self._block:
                for worker in self._workers:
                    nursery.start_soon(worker.keep)
                for worker in self._workers:
                    await worker.ready.wait()
                    if worker.failure is not None:
                        raise worker.failure
                yield
                self._closed = True
                for worker in self._workers:
                    worker.finish()
                for worker in self._workers:
                    await worker.over.wait()
            if self._death is not None:
                raise self._death

    def _died(self, death: WorkerDied) -> None:
        if self._death is None:
            self._death = death
        self._block.cancel()


def at_least_one(name: str, value: object) -> None:
    """Check a number.

    Args:
        name: For the message.
        value: An int from 1 on.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, not {value}")
