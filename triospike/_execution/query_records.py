"""What a program holds of a running scan or query: its records, one by one or many at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from operator import length_hint

import trio

from .._commands.rows import Rows
from ..errors import ClientClosed
from ..query.cursor import Cursor, ResumePoint
from ..query.progress import QueryProgress
from ..query.statement import Statement
from ..record import Record
from .partition_tracker import Position
from .query_part import Chunk

__all__ = ["QueryRecords", "RecordChunks"]


class QueryRecords:
    """The records of a scan or query as they come: ``async for record in records``.

    Made by `Client.query`, for one task, inside its block. The nodes answer at once, so there is no order among
    their records. Those not taken yet wait in the servers: at most some hundred of each node are here, and a
    frame of its answer. A cancelled wait loses nothing. When the query fails, its `AerospikeError` is raised
    behind the records that came before.
    """

    def __init__(
        self, receive: trio.MemoryReceiveChannel[Chunk], position: Position, statement: Statement
    ) -> None:
        self._receive = receive
        self._statement = statement
        self._position = position  # behind the records that came before those here
        self._rows = Rows()
        self._records: Iterator[Record] = iter(())  # of these rows, those not handed out yet
        self._done: frozenset[int] = frozenset()  # partitions that are done when all of the rows were handed out
        self._error: Exception | None = None

    def __repr__(self) -> str:
        now = self.progress()
        return f"<QueryRecords: {now.records} so far, {now.partitions_done} of {now.partitions} partitions done>"

    def __aiter__(self) -> QueryRecords:
        return self

    async def __anext__(self) -> Record:
        for record in self._records:
            return record
        # A checkpoint with each chunk: one with each record would cost more than all the rest.
        while await self._next_rows():
            for record in self._records:
                return record
        raise StopAsyncIteration

    def chunks(self, size: int) -> RecordChunks:
        """The records many at once: ``async for some in records.chunks(100)``.

        To take them so costs about what it costs to take them one by one, with lists of a thousand a little more:
        Python's garbage collector goes through all that are kept. It pays where many are used at once.

        Args:
            size: How many make one list; the last may be shorter.
        """
        if isinstance(size, bool) or not isinstance(size, int):
            raise TypeError(f"size must be an int, not {type(size).__name__}")
        if size < 1:
            raise ValueError(f"size must be at least 1, not {size}")
        return RecordChunks(self, size)

    async def next_chunk(self, size: int) -> list[Record]:
        """So many records, or fewer at the end; for `RecordChunks`."""
        while (here := length_hint(self._records)) < size and await self._next_rows(keep=here > 0):
            pass
        return list(islice(self._records, size))

    def cursor(self) -> Cursor:
        """The position behind the records handed out so far, the last one included."""
        position = self._position
        points, done = self._now()
        finished = position.done | done
        return Cursor(
            self._statement.fingerprint,
            position.begin,
            position.count,
            position.records + self._handed_out,
            finished,
            {pid: point for pid, point in {**position.points, **points}.items() if pid not in finished},
        )

    def progress(self) -> QueryProgress:
        """How far it is."""
        position = self._position
        done = len(position.done) + (0 if length_hint(self._records) else len(self._done))
        return QueryProgress(done, position.count, position.records + self._handed_out)

    def fail(self, error: Exception) -> None:
        """The query has failed; for those who run it."""
        self._error = error

    @property
    def _handed_out(self) -> int:
        """How many of the rows that are here."""
        return len(self._rows.records) - length_hint(self._records)

    def _now(self) -> tuple[dict[int, ResumePoint], frozenset[int]]:
        """What is known beyond the position: last records of partitions, partitions that are done."""
        handed_out = self._handed_out
        points = self._rows.last_of_partitions(handed_out) if handed_out else {}
        return points, frozenset() if length_hint(self._records) else self._done

    async def _next_rows(self, *, keep: bool = False) -> bool:
        """Wait for more rows; False when there are none.

        Args:
            keep: Some of those that are here were not handed out yet.
        """
        try:
            chunk = await self._receive.receive()
        except trio.EndOfChannel:
            if self._error is not None and not keep:
                raise self._error from None
            return False
        except trio.ClosedResourceError:
            raise ClientClosed("the query's `async with` block was left") from None
        position, handed_out = self._position, self._handed_out
        points, done = self._now()
        position.points.update(points)
        position.add_done(done)
        position.records += handed_out
        if keep:
            self._rows.replace_first(handed_out, chunk.rows)
            self._done |= chunk.done
        else:
            self._rows, self._done = chunk.rows, chunk.done
        self._records = iter(self._rows.records)
        return True


class RecordChunks:
    """The records of a query as lists of one size; made by `QueryRecords.chunks`."""

    def __init__(self, records: QueryRecords, size: int) -> None:
        self._source = records
        self._size = size

    def __aiter__(self) -> RecordChunks:
        return self

    async def __anext__(self) -> list[Record]:
        chunk = await self._source.next_chunk(self._size)
        if not chunk:
            raise StopAsyncIteration
        return chunk
