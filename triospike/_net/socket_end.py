"""One end of a connected socket: opened, looked at, received from and closed in the same way by all who use it."""

from __future__ import annotations

import math
import socket as stdlib_socket
from collections.abc import Callable

from trio.lowlevel import notify_closing

from .._wire.proto import FrameBuffer
from ..errors import AerospikeError, ClientClosed, ConnectionFailed
from ..host import Host
from .carrier import State
from .poller import NEVER, Poller
from .stream import connect_socket, describe_os_error, looker

__all__ = ["SocketEnd"]

_NEW, _IDLE, _CLOSED = State.NEW, State.IDLE, State.CLOSED


class SocketEnd:
    """A socket that carries frames.

    Args:
        host: Whom to connect to.
        on_close: Told once when it is closed.
        poller: Receives for it while tasks are parked.

    Attributes:
        host: Whom it is connected to.
        poller: Receives for it, and tells it when to send.
        fd: The socket's; negative until it is connected.
        state: What may be done with it.
        idle_since: Trio's time when the connection came back to its pool.
        emptied: The turn of Trio's loop in which its last answer was received, with nothing behind it.
        lost: It was closed while it was idle, on account of the server.
        is_attended: The poller looks at it whenever it looks.
        until: Trio's time until which a task waits; see `Waiting`.
        alarm: See `Waiting`.
    """

    __slots__ = (
        "_broken_by",
        "_buffer",
        "_look",
        "_on_close",
        "_socket",
        "alarm",
        "emptied",
        "fd",
        "host",
        "idle_since",
        "is_attended",
        "lost",
        "poller",
        "state",
        "until",
    )

    def __init__(
        self,
        host: Host,
        on_close: Callable[..., None] | None = None,
        poller: Poller | None = None,
    ) -> None:
        self.host = host
        self.state: State = _NEW
        self.idle_since = 0.0
        self.emptied = NEVER
        self.lost = False
        self.is_attended = False
        self.until = self.alarm = math.inf
        self._broken_by: OSError | None = None  # why a request could not be sent
        self._on_close = on_close
        self.poller = poller or Poller()
        self._socket: stdlib_socket.socket
        self.fd = -1
        self._buffer = FrameBuffer()
        self._look: Callable[[float], list[tuple[int, int]]]

    def __repr__(self) -> str:
        return f"<Connection to {self.host}, {self.state.value}>"

    @property
    def closed(self) -> bool:
        """True once the connection can't be used any more."""
        return self.state is _CLOSED

    @property
    def was_open(self) -> bool:
        """True once the connection was opened, and from then on."""
        return self.fd >= 0

    async def connect(self) -> None:
        """Open it.

        Raises:
            ConnectionFailed: The host can't be reached; the message names it.
        """
        try:
            connected = await connect_socket(self.host)
        except BaseException:
            self.close()
            raise
        if self.state is _CLOSED:  # closed by its owner meanwhile
            connected.close()
            raise ClientClosed(f"the client was closed while connecting to {self.host}")
        self._socket = connected
        self.fd = connected.fileno()
        self._look = looker(connected)
        self.state = _IDLE

    def is_good(self, now: float) -> bool:
        """True when an idle connection can be used: its peer has neither closed it nor sent anything.

        Args:
            now: Trio's time.
        """
        seen = self.poller.has_seen(self.fd, self.emptied, now)
        return self.state is _IDLE and (seen or not self._look(0))

    def _broken(self, reason: str | OSError) -> ConnectionFailed:
        self.close()
        text = reason if isinstance(reason, str) else describe_os_error(reason)
        failure = ConnectionFailed(f"the connection to {self.host} broke: {text}")
        if isinstance(reason, OSError):
            failure.__cause__ = reason  # `raise from` does not, where this is compiled
        return failure

    def _check_usable(self) -> None:
        """Raise if the connection was closed while this task was elsewhere."""
        if self.state is _CLOSED:
            raise self._closed_meanwhile()

    def _closed_meanwhile(self) -> AerospikeError:
        if self.lost:  # between two commands, of which the second has it already
            return ConnectionFailed(f"the connection to {self.host} broke: closed by the server")
        return ClientClosed(f"the client was closed during a command to {self.host}")

    def lose(self) -> None:
        """Close it while it is idle: the peer has closed it, or sent what nobody asked for."""
        self.lost = True
        self.close()

    def close(self) -> None:
        """Close it at once; tasks that wait for it by themselves are woken. Does nothing the second time."""
        state, self.state = self.state, _CLOSED
        if state is _CLOSED:
            return
        if self.fd >= 0:
            self.poller.forget(self.fd)
            notify_closing(self.fd)
            self._socket.close()
        if self._on_close is not None:
            self._on_close(self)
