"""The connections of one node in pipelined mode: each carries up to ``depth`` commands at once."""

from __future__ import annotations

from typing import Literal

import attrs
import trio

from ..host import Host
from .carrier import State
from .pipeline import PipelinedConnection
from .poller import Poller
from .pool import IDLE_LIMIT, Pool, PoolStatistics
from .slot import Slot

__all__ = ["PipelinePool"]

_IDLE, _CLOSED = State.IDLE, State.CLOSED


class PipelinePool(Pool[PipelinedConnection, Slot]):
    """As `Pool`, but what it gives out are slots. A connection is filled before another one is opened.

    Among the idle connections are all those with room, be they in use or not.

    Args:
        host: Where the node listens.
        depth: Most commands on one connection at once.
        limit: Most connections at once.
        min_connections: How many `fill` keeps open.
        max_socket_idle: Seconds after which an idle connection is not used any more; 0 checks nothing on use.
        when_no_connection: What happens at the limit, when every connection is full: "wait" or "raise".
        name: The node's name, for messages.
        poller: Receives for the connections, and tells them when to send.
    """

    def __init__(
        self,
        host: Host,
        *,
        depth: int,
        limit: int,
        min_connections: int = 0,
        max_socket_idle: float = 0.0,
        when_no_connection: Literal["wait", "raise"] = "wait",
        name: str = "",
        poller: Poller | None = None,
    ) -> None:
        super().__init__(
            host,
            limit=limit,
            min_connections=min_connections,
            max_socket_idle=max_socket_idle,
            when_no_connection=when_no_connection,
            name=name,
            poller=poller,
        )
        self._depth = depth
        self._connecting: set[PipelinedConnection] = set()

    def statistics(self) -> PoolStatistics:
        """Numbers of this moment; ``draining`` counts slots, whose connections are in use."""
        idle = sum(1 for one in self._all if one.state is _IDLE and not one.in_flight)
        now = super().statistics()
        return attrs.evolve(now, idle=idle, in_use=now.open - idle)

    def take_nowait(self, now: float) -> Slot | None:
        """A slot of the connection that had room last, or None when none has."""
        room, poller = self._idle, self._poller
        while room:
            connection = next(reversed(room))
            if connection.state is _CLOSED or not (
                connection.in_flight
                or (connection.emptied == poller.turn and now < poller.fresh_until)  # as `_is_good` would say
                or self._is_good(connection, now)
            ):
                room.popitem()
                connection.close()
                continue
            connection.in_flight = taken = connection.in_flight + 1  # as `open_slot`, without a call
            if taken >= self._depth:
                room.popitem()
            return connection.spare.pop() if connection.spare else Slot(connection)
        return None

    def _is_at_limit(self) -> bool:
        return len(self._waiting) >= len(self._connecting) * (self._depth - 1)

    def _new_connection(self) -> PipelinedConnection:
        return PipelinedConnection(self.host, self._on_close, self._poller)

    def _reserve(self) -> PipelinedConnection | None:
        """A new connection; None at the limit, or while those being opened have room for all who wait."""
        if len(self._waiting) < len(self._connecting) * (self._depth - 1):
            return None
        connection = super()._reserve()
        if connection is not None:
            self._connecting.add(connection)
        return connection

    def _on_close(self, connection: PipelinedConnection) -> None:
        self._connecting.discard(connection)
        super()._on_close(connection)

    def _share(self, connection: PipelinedConnection) -> Slot:
        """A slot for the task that has opened the connection; those who wait get the next ones."""
        self._connecting.discard(connection)
        slot = connection.open_slot()
        while self._waiting and connection.in_flight < self._depth:
            self._hand_over(connection.open_slot())
        if connection.in_flight < self._depth:
            self._idle[connection] = None
        return slot

    def put(self, carrier: Slot, now: float) -> None:
        """Give back a slot, in whatever state; one whose answer did not come closes its connection."""
        connection = carrier.connection
        connection.in_flight = others = connection.in_flight - 1
        if not others:
            connection.idle_since = now
        if carrier.state is not _IDLE or (self.closed and not others):
            carrier.close()
            return
        if self._waiting:
            self._hand_over(connection.open_slot())
        elif others + 1 >= self._depth:
            self._idle[connection] = None
        # Not for who is handed one now: its last command may look at it until the end of this step.
        connection.spare.append(carrier)

    def trim(self) -> None:
        """Close connections that carried nothing for too long, but keep the minimum."""
        oldest = trio.current_time() - (self._max_idle or IDLE_LIMIT)
        for connection in list(self._idle):
            if not connection.closed and not connection.in_flight and connection.idle_since < oldest:
                if len(self._all) <= self._min:
                    break
                connection.close()

    def close(self) -> None:
        """Refuse further use; connections are closed when their last slot comes back."""
        for connection in list(self._all):
            if connection.in_flight:
                continue
            connection.close()
        self._idle.clear()
        super().close()
