"""The bounded queue of an event loop: first in, first out, and whoever gives up leaves at once.

It is a memory channel of tickets. A channel gives nothing back from its middle, so a ticket that leaves is
marked and skipped later; the bound counts the live ones only. Marked tickets are swept out when they outnumber
the live ones: constant time for each, and the channel never holds more than twice the bound.
"""

from __future__ import annotations

import math
from typing import Generic, Protocol, TypeVar

import trio

__all__ = ["CommandQueue", "Ticket"]

_FEW = 64


class Ticket(Protocol):
    """A command in the queue."""

    live: bool
    """False once it has left the queue, by whatever way."""


T = TypeVar("T", bound=Ticket)


class CommandQueue(Generic[T]):
    """Tickets in the order of their coming.

    Args:
        limit: Most live tickets; 0 is no bound.

    Attributes:
        live: How many tickets wait.
        peak: Most that waited at once.
        room_given: Tasks that were given room and are on their way to take it.
    """

    __slots__ = ("_marked", "_receive", "_room", "_send", "limit", "live", "peak", "room_given")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.peak = 0
        self.live = 0
        self._marked = 0
        self._send, self._receive = trio.open_memory_channel[T](2 * limit + _FEW if limit else math.inf)
        self._room = trio.lowlevel.ParkingLot()
        self.room_given = 0

    @property
    def is_idle(self) -> bool:
        """True when nobody waits in the queue or is on the way into it."""
        return not (self.live or self.room_given)

    @property
    def waiting_for_room(self) -> int:
        """How many tasks wait for room."""
        return len(self._room)

    @property
    def is_full(self) -> bool:
        """True when the bound is reached, or others wait for room already."""
        return bool(self.limit) and (self.live + self.room_given >= self.limit or bool(self._room))

    async def wait_for_room(self) -> None:
        """Wait, first in, first out, until there is room; the caller must use it before its next checkpoint."""
        await self._room.park()
        self.room_given -= 1

    def put(self, ticket: T) -> None:
        """Append a ticket; the caller has seen that there is room."""
        self._send.send_nowait(ticket)
        ticket.live = True
        self.live += 1
        if self.live > self.peak:
            self.peak = self.live

    def get(self) -> T:
        """Take the ticket that waits longest; there must be one."""
        while True:
            ticket = self._receive.receive_nowait()
            if ticket.live:
                break
            self._marked -= 1
        self._leave(ticket)
        return ticket

    def remove(self, ticket: T) -> None:
        """Let a live ticket leave from wherever it stands."""
        self._marked += 1
        self._leave(ticket)
        if self._marked > _FEW and self._marked > self.live:
            self._sweep()

    def _leave(self, ticket: T) -> None:
        ticket.live = False
        self.live -= 1
        if self._room and self.live + self.room_given < self.limit:
            self._room.unpark()
            self.room_given += 1

    def _sweep(self) -> None:
        keep = []
        try:
            while True:
                ticket = self._receive.receive_nowait()
                if ticket.live:
                    keep.append(ticket)
        except trio.WouldBlock:
            pass
        for ticket in keep:
            self._send.send_nowait(ticket)
        self._marked = 0
