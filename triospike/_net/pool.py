"""The connections of one node: one global limit, shared by all event loops, and a last-in-first-out pool.

A place of the limiter belongs to an open connection, from before it is connected until it is closed, and not
to a command: so the limiter counts connections, and a command that finds an idle one pays nothing for the
limit. Whoever finds neither an idle connection nor a place waits, first in, first out; a connection that comes
back, or a place that falls free, is handed to the one who waits longest.

Everything that changes the state is synchronous; what is awaited happens before or afterwards.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, Literal, TypeAlias, TypeVar, cast

import attrs
import trio

from ..errors import AerospikeError, ConnectionFailed, NoMoreConnections
from ..host import Host
from .carrier import Carrier, DeadlineExpired, State
from .poller import Poller
from .socket_end import SocketEnd
from .turn import Line, Turn

__all__ = ["IDLE_LIMIT", "AnyPool", "Pool", "PoolStatistics"]

IDLE_LIMIT = 55.0
"""Seconds after which an idle connection is closed where `max_socket_idle` is 0, as in the C client: older
servers close theirs after 60."""

E = TypeVar("E", bound=SocketEnd)
C = TypeVar("C", bound=Carrier)


@attrs.frozen(kw_only=True)
class PoolStatistics:
    """Connections of one node at one moment, and what happened since the start.

    Attributes:
        limit: Most connections allowed at once.
        open: Connections now, in whatever state; never more than the limit.
        in_use: Of these, in a command or being opened.
        idle: Of these, waiting in the pool.
        draining: Of these, waiting for the late answer of an abandoned command.
        waiting: Commands that wait for a connection.
        peak_open: Most connections at once so far.
        peak_waiting: Most waiting commands at once so far.
        opened: Connections opened so far.
        failed: Connections that could not be opened.
        closed: Connections closed so far.
        recovered: Abandoned connections whose late answer came, so that they could be used again.
        aborted: Abandoned connections that had to be closed.
    """

    limit: int
    open: int
    in_use: int
    idle: int
    draining: int
    waiting: int
    peak_open: int
    peak_waiting: int
    opened: int
    failed: int
    closed: int
    recovered: int
    aborted: int


def _ignore() -> None:
    """Nobody asked to be told."""


class Pool(ABC, Generic[E, C]):
    """The connections of one node, and who waits for them. What is given out of a connection, a subclass says.

    Its types are those of its connections and of what it gives out.

    Args:
        host: Where the node listens.
        limit: Most connections at once.
        min_connections: How many `fill` keeps open.
        max_socket_idle: Seconds after which an idle connection is not used any more; 0 checks nothing on use.
        when_no_connection: What happens at the limit: "wait" or "raise".
        name: The node's name, for messages.
        poller: Receives for the connections, where there is one.
    """

    def __init__(
        self,
        host: Host,
        *,
        limit: int,
        min_connections: int = 0,
        max_socket_idle: float = 0.0,
        when_no_connection: Literal["wait", "raise"] = "wait",
        name: str = "",
        poller: Poller | None = None,
    ) -> None:
        self.host = host
        self.name = name
        self.limit = limit
        self.closed = False
        self.on_broken: Callable[[], None] = _ignore
        self._min = min_connections
        self._max_idle = max_socket_idle
        self._raise_at_limit = when_no_connection == "raise"
        self._poller = poller or Poller()
        self._limiter = trio.CapacityLimiter(limit)
        self._idle: dict[E, None] = {}  # the one that came back last is the last
        self._draining: set[C] = set()
        self._waiting: Line = OrderedDict()
        self._all: set[E] = set()
        self._opened = self._failed = self._closed_count = 0
        self._recovered = self._aborted = 0
        self._peak_open = self._peak_waiting = 0

    def __repr__(self) -> str:
        now = self.statistics()
        return (
            f"<Pool of {self.name or self.host}: {now.open} of {now.limit} open, {now.in_use} in use, "
            f"{now.idle} idle, {now.draining} draining, {now.waiting} waiting{', closed' if self.closed else ''}>"
        )

    def statistics(self) -> PoolStatistics:
        """Numbers of this moment and since the start."""
        opened = self._limiter.borrowed_tokens
        return PoolStatistics(
            limit=self.limit,
            open=opened,
            in_use=opened - len(self._idle) - len(self._draining),
            idle=len(self._idle),
            draining=len(self._draining),
            waiting=len(self._waiting),
            peak_open=self._peak_open,
            peak_waiting=self._peak_waiting,
            opened=self._opened,
            failed=self._failed,
            closed=self._closed_count,
            recovered=self._recovered,
            aborted=self._aborted,
        )

    # Taking a connection...

    @abstractmethod
    def take_nowait(self, now: float) -> C | None:
        """What can be had at once, or None. Idle connections that can't be used any more are closed.

        Args:
            now: Trio's time, or what it was a moment ago.
        """

    def _is_good(self, connection: E, now: float) -> bool:
        return connection.is_good(now) and not (self._max_idle and now - connection.idle_since > self._max_idle)

    async def take(self, connect_timeout: float = math.inf, turn: Turn | None = None) -> C:
        """A connection: an idle one, a new one, or, at the limit, the next that becomes free.

        Args:
            connect_timeout: Seconds that opening a new one may take; the wait for its turn does not count.
            turn: Has the deadline, and perhaps a request that is to be carried as soon as there is a connection.
                Cancel scopes of the caller end the wait as well, but cost more.

        Returns:
            The turn's ``carrier``; the turn has an ``answer`` if the request was carried already.

        Raises:
            DeadlineExpired: The deadline came first.
            NoMoreConnections: The limit is reached and ``when_no_connection`` is "raise".
            ConnectionFailed: A new connection could not be opened, or the node has left the cluster.
            AerospikeError: The turn has a carrier, and this is why it did not carry the request.
        """
        turn = turn or Turn()
        if self._idle or self._raise_at_limit or len(self._all) < self.limit:
            await trio.lowlevel.checkpoint_if_cancelled()  # who has to wait is told so as he parks
        if self.closed:
            raise self._closed_error()
        carrier = self.take_nowait(trio.current_time()) if self._idle else None
        if carrier is None:
            fresh = self._reserve() or await self._wait_in_line(turn)
            if fresh is None:
                return cast("C", turn.carrier)
            with trio.CancelScope(deadline=turn.deadline) as scope:
                await self._connect(fresh, connect_timeout)
            if scope.cancelled_caught:
                raise DeadlineExpired
            carrier = self._share(fresh)
        turn.carrier = carrier
        turn.given_at = self._poller.time()
        return carrier

    async def _wait_in_line(self, turn: Turn) -> E | None:
        """Wait until the turn has a carrier; or until there is room for a connection, which is to be opened."""
        if self._raise_at_limit and self._is_at_limit():
            raise NoMoreConnections(f"{self.name} has all of its {self.limit} connections in use", node=self.name)
        waiting = turn.wait(self._waiting)
        self._peak_waiting = max(self._peak_waiting, len(self._waiting))
        turn.answer = await waiting
        return cast("E | None", turn.fresh)

    def _is_at_limit(self) -> bool:
        """No connection can be opened, and none is coming."""
        return True

    @abstractmethod
    def _new_connection(self) -> E:
        """A connection that is to be opened."""

    @abstractmethod
    def _share(self, connection: E) -> C:
        """What the task that has opened a connection gets of it."""

    def _reserve(self) -> E | None:
        """A new connection that holds a place of the limiter and is to be connected; None at the limit."""
        if len(self._all) >= self.limit:  # cheaper to ask than the limiter, which has the same number
            return None
        connection = self._new_connection()
        self._limiter.acquire_on_behalf_of_nowait(connection)
        self._all.add(connection)
        self._peak_open = max(self._peak_open, len(self._all))
        return connection

    async def _connect(self, connection: E, seconds: float = math.inf) -> None:
        try:
            with trio.move_on_after(seconds) as scope:
                await connection.connect()
            if scope.cancelled_caught:
                raise ConnectionFailed(f"can't connect to {self.host}: not within {seconds:g} s")
        except ConnectionFailed:
            self._failed += 1
            self.on_broken()
            raise
        self._opened += 1

    # ...and giving it back.

    @abstractmethod
    def put(self, carrier: C, now: float) -> None:
        """Give back what `take` gave, in whatever state; what is not idle is closed.

        Args:
            carrier: What `take` gave.
            now: Trio's time, or what it was a moment ago.
        """

    async def drain(self, carrier: C, seconds: float) -> None:
        """Wait for the late answer of an abandoned exchange, then give the carrier back, else close it.

        Args:
            carrier: One that is WAITING or READING.
            seconds: How long to wait at most.
        """
        self._draining.add(carrier)
        try:
            with trio.move_on_after(seconds):
                await carrier.drain()
        except AerospikeError:
            carrier.close()
        finally:
            self._draining.discard(carrier)
            if carrier.state is State.IDLE:
                self._recovered += 1
            else:
                self._aborted += 1
            self.put(carrier, trio.current_time())

    def _hand_over(self, carrier: C) -> None:
        """What became free goes to the one who waits longest."""
        poller = self._poller
        next(iter(self._waiting)).give(carrier, poller.time(), begin=poller.shares)

    def _on_close(self, connection: E) -> None:
        """A connection is closed, by whomever: its place goes to the one who waits longest."""
        self._all.discard(connection)
        self._idle.pop(connection, None)
        self._limiter.release_on_behalf_of(connection)
        self._closed_count += connection.was_open
        if self._waiting and not self.closed:
            fresh = self._reserve()
            if fresh is not None:
                next(iter(self._waiting)).give_fresh(fresh)

    # Upkeep, by the tend task.

    async def fill(self) -> None:
        """Open connections until there are `min_connections`.

        Raises:
            ConnectionFailed: One could not be opened.
        """
        while len(self._all) < self._min and not self.closed:
            connection = self._reserve()
            if connection is None:
                break
            await self._connect(connection)
            self.put(self._share(connection), trio.current_time())
        await trio.lowlevel.checkpoint()

    def trim(self) -> None:
        """Close connections that were idle for too long, the least recently used first, but keep the minimum."""
        oldest = trio.current_time() - (self._max_idle or IDLE_LIMIT)
        while self._idle and len(self._all) > self._min:
            connection = next(iter(self._idle))
            if connection.idle_since >= oldest:
                break
            connection.close()  # and leaves the pool

    def close(self) -> None:
        """Refuse further use: the node has left. Idle connections are closed, those in use when they come back."""
        self.closed = True
        for turn in list(self._waiting):
            turn.fail(self._closed_error())
        for idle in list(self._idle):
            idle.close()
        for draining in list(self._draining):
            draining.close()
        self._idle.clear()

    def abort(self) -> None:
        """Close every connection at once, those in use too: the client ends."""
        self.close()
        for connection in list(self._all):
            connection.close()

    def _closed_error(self) -> ConnectionFailed:
        return ConnectionFailed(f"node {self.name or self.host} has left the cluster", node=self.name)


AnyPool: TypeAlias = Pool[Any, Any]
"""Of whatever connections."""
