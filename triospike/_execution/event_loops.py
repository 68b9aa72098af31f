"""Event loops: opened together, shared by clients, taken in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from typing import overload

from .._net.poller import Poller
from ..policy.event_loop import EventPolicy
from .event_loop import EventLoop
from .service_nursery import open_service_nursery
from .statistics import EventLoopStatistics

__all__ = ["EventLoops", "open_event_loops"]


class EventLoops(Sequence[EventLoop]):
    """The event loops that one `open_event_loops` opened.

    Attributes:
        policy: The limits of each of them.
        poller: Receives answers for all of them.
    """

    def __init__(self, n: int, policy: EventPolicy) -> None:
        self.policy = policy
        self.poller = Poller()
        self._loops = tuple(EventLoop(index, policy, self.poller) for index in range(n))
        self._turns = cycle(self._loops)

    @overload
    def __getitem__(self, index: int) -> EventLoop: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[EventLoop, ...]: ...
    def __getitem__(self, index: int | slice) -> EventLoop | tuple[EventLoop, ...]:
        return self._loops[index]

    def __len__(self) -> int:
        return len(self._loops)

    def __iter__(self) -> Iterator[EventLoop]:
        return iter(self._loops)

    def __repr__(self) -> str:
        return f"<EventLoops: {len(self)} of {self.policy!r}>"

    def next(self) -> EventLoop:
        """The loop whose turn it is."""
        return next(self._turns)

    def statistics(self) -> tuple[EventLoopStatistics, ...]:
        """Numbers of each loop."""
        return tuple(loop.statistics() for loop in self._loops)


@asynccontextmanager
async def open_event_loops(n: int = 1, policy: EventPolicy | None = None) -> AsyncIterator[EventLoops]:
    """Open event loops, to be shared by any number of clients.

    Leaving the block normally waits for every command that is in process or queued; leaving it by an error or
    a cancel cancels them.

    Args:
        n: How many, at least 1.
        policy: The limits of each of them.

    Raises:
        ValueError: n is less than 1.
    """
    if isinstance(n, bool) or not isinstance(n, int):
        raise TypeError(f"n must be an int, not {type(n).__name__}")
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}")
    policy = policy or EventPolicy()
    loops = EventLoops(n, policy)
    async with open_service_nursery() as nursery:
        await nursery.start(loops.poller.run)
        for loop in loops:
            await nursery.start(loop.serve)
        yield loops
        for loop in loops:
            await loop.queued.wait_value(0)
            await loop.in_process.wait_value(0)
