"""Results of a batch as they arrive, no faster than they are taken."""

from __future__ import annotations

from collections import deque

import trio

from ..batch import BatchResult
from .batch_plan import Batch
from .batch_sinks import ResultSink

__all__ = ["BatchStream", "StreamSink"]

_MOST_WAITING = 1_000
"""Results that may wait to be taken before the connections are left alone."""
_FEW_WAITING = 250
"""Results that still wait when the connections are read again."""
_ROWS_PER_CHECKPOINT = 64


class StreamSink(ResultSink):
    """Holds the results that nobody has taken yet.

    Args:
        batch: What is asked.
    """

    paced = True

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch)
        self.ended = False
        self._waiting: deque[BatchResult] = deque()
        self._arrived = trio.lowlevel.ParkingLot()
        self._taken = trio.lowlevel.ParkingLot()

    def put(self, result: BatchResult) -> None:
        """Let a result wait to be taken."""
        self.answers[result.index] = None
        self._waiting.append(result)
        self._arrived.unpark_all()

    async def relieve(self) -> None:
        """Wait while too many results wait."""
        while len(self._waiting) > _MOST_WAITING:
            await self._taken.park()

    def end(self) -> None:
        """No more results come."""
        self.ended = True
        self._arrived.unpark_all()

    async def get(self) -> BatchResult | None:
        """The next result, or None when there are no more."""
        while not self._waiting:
            if self.ended:
                return None
            await self._arrived.park()
        result = self._waiting.popleft()
        if len(self._waiting) == _FEW_WAITING:
            self._taken.unpark_all()
        return result


class BatchStream:
    """The results of a batch, in the order in which they arrive; made by `Client.batch_stream`.

    Its results say which key or item they belong to by their ``index``. Rows whose node failed come as results
    too, with their ``error``: a stream does not raise for them.
    """

    def __init__(self, sink: StreamSink) -> None:
        self._sink = sink
        self._count = 0

    def __aiter__(self) -> BatchStream:
        """Itself."""
        return self

    async def __anext__(self) -> BatchResult:
        """The next result."""
        self._count += 1
        if self._count % _ROWS_PER_CHECKPOINT:
            await trio.lowlevel.checkpoint_if_cancelled()
        else:  # others want to run too, when results come faster than they are taken
            await trio.lowlevel.checkpoint()
        result = await self._sink.get()
        if result is None:
            await trio.lowlevel.checkpoint()
            raise StopAsyncIteration
        return result
