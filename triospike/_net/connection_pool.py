"""The connections of one node where each carries one command at a time: the default mode."""

from __future__ import annotations

from .carrier import State
from .connection import Connection
from .pool import Pool

__all__ = ["ConnectionPool"]

_IDLE = State.IDLE


class ConnectionPool(Pool[Connection, Connection]):
    """As `Pool`; what it gives out are connections."""

    def take_nowait(self, now: float) -> Connection | None:
        """See `Pool.take_nowait`: the connection that came back last."""
        idle, poller = self._idle, self._poller
        while idle:
            connection, _ = idle.popitem()
            if now < poller.fresh_until:  # as `_is_good` would say, for nearly all
                if connection.emptied == poller.turn:
                    return connection  # a task whose last answer has just come is back
                if connection.is_attended and poller.looked == poller.turn and not self._max_idle:
                    return connection
            if self._is_good(connection, now):
                return connection
            connection.lose()
        return None

    def put(self, carrier: Connection, now: float) -> None:
        """See `Pool.put`."""
        if carrier.state is not _IDLE or self.closed:
            carrier.close()
        elif self._waiting:
            self._hand_over(carrier)
        else:
            carrier.idle_since = now
            self._idle[carrier] = None

    def _new_connection(self) -> Connection:
        return Connection(self.host, self._on_close, self._poller)

    def _share(self, connection: Connection) -> Connection:
        return connection
