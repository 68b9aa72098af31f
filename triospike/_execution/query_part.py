"""One node's share of a scan or query: from frames on a connection to records in a channel.

Memory is bounded by the consumer's speed: a frame is decoded as far as there is room in the channel, and the
next one is not read before. While the consumer is behind, the connection and the place in the event loop lie
idle; when somebody else wants them, or the server would soon lose patience, they are given up, and the node is
asked later to go on from there.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs
import trio

from .._commands.rows import RowReader, Rows
from .partition_tracker import PartitionTracker, Share
from .parts import Part

__all__ = ["CHUNK_SIZE", "Chunk", "QueryPart"]

CHUNK_SIZE = 128
"""Records that are decoded, and handed from task to task, at once: few enough to stay in the processor's cache."""
_SMALL = 16 << 10
_LOOK = 0.02  # seconds between two looks whether somebody waits for what a paused part holds


@attrs.define(slots=True)
class Chunk:
    """What goes from a node's task to the consumer.

    Attributes:
        rows: Some records.
        done: Partitions that are done with them.
    """

    rows: Rows
    done: frozenset[int] = frozenset()


class QueryPart(Part):
    """One request, and its answer as far as it comes.

    Args:
        request: The whole frame.
        reader: Decodes the answer.
        tracker: Takes note of what is received.
        share: What the node is asked for.
        send: Where the records go.
        should_yield: Told for how many seconds the part has paused; whether it shall give up its connection.

    Attributes:
        scope: The scope in which the part is run; it is cancelled when the part gives up its connection.
    """

    __slots__ = ("_pending", "_reader", "_send", "_share", "_should_yield", "_tracker", "scope")

    is_write = False
    drainable = False

    def __init__(
        self,
        request: bytes,
        reader: RowReader,
        tracker: PartitionTracker,
        share: Share,
        send: trio.MemorySendChannel[Chunk],
        should_yield: Callable[[float], bool],
    ) -> None:
        self.request = request
        self.scope = trio.CancelScope()
        self._reader = reader
        self._tracker = tracker
        self._share = share
        self._send = send
        self._should_yield = should_yield
        self._pending: list[Chunk] = []  # received, and not handed over yet

    @property
    def ended(self) -> bool:
        """The answer is over."""
        return self._reader.ended

    def receive(self, frame: bytes) -> bool:
        """See `Part.receive`."""
        reader = self._reader
        reader.begin(frame)
        if len(frame) <= _SMALL or reader.may_end_here():
            # Whether it is the last frame is known when it has been read to its end.
            while not reader.exhausted:
                self._take()
        return reader.ended

    async def relieve(self) -> None:
        """See `Part.relieve`: hand over all that the frame holds."""
        while self._pending or self._take():
            chunk = self._pending[0]
            try:
                self._send.send_nowait(chunk)
            except trio.WouldBlock:
                if not await self._wait_for_room(chunk):
                    await self._give_up()
            del self._pending[0]
        if self._reader.ended:  # by a message that did not look like one
            await self._give_up()

    async def hand_over_rest(self, *, decode: bool) -> None:
        """Hand over what was received, after the connection was given back.

        Args:
            decode: Also what is not decoded yet.
        """
        while self._pending or (decode and self._take()):
            await self._send.send(self._pending[0])
            del self._pending[0]

    def _take(self) -> bool:
        """Decode some records, if there are any in the frame; they count as received from here on."""
        reader = self._reader
        while not reader.exhausted:
            rows = reader.read(CHUNK_SIZE)
            self._share.unavailable |= reader.unavailable
            size = len(rows.records)
            room = self._tracker.room(self._share, size)
            if room < size:
                self._share.cut = True
                rows.cut(room)
            if room:
                self._tracker.received(self._share, rows.last_of_partitions(), room)
                self._pending.append(Chunk(rows))
                return True
        return False

    async def _wait_for_room(self, chunk: Chunk) -> bool:
        """Wait while the consumer is behind; False when it is time to give up the connection."""
        paused = trio.current_time()
        while True:
            with trio.move_on_after(_LOOK):
                await self._send.send(chunk)
                return True
            if self._should_yield(trio.current_time() - paused):
                return False

    async def _give_up(self) -> None:
        self.scope.cancel()
        await trio.lowlevel.checkpoint()
