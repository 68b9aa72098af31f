"""One end of a connected socket: opened, looked at, received from and closed in the same way by all who use it."""

from __future__ import annotations

import socket as stdlib_socket
from collections.abc import Callable

import trio
from trio.lowlevel import notify_closing

from .._wire.proto import FrameBuffer
from ..errors import AerospikeError, ClientClosed, ConnectionFailed, ProtocolError
from ..host import Host
from .carrier import Carrier, State
from .poller import NEVER, Poller
from .stream import connect_socket, describe_os_error, looker

__all__ = ["SocketEnd"]

_RECEIVE_SIZE = 64 << 10

_NEW, _IDLE, _SENDING, _WAITING, _READING, _CLOSED = State


class SocketEnd(Carrier):
    """A socket that carries frames.

    Args:
        host: Whom to connect to.
        on_close: Told once when it is closed.
        poller: Receives for it while its task is parked.

    Attributes:
        host: Whom it is connected to.
        idle_since: Trio's time when the connection came back to its pool.
        emptied: The turn of Trio's loop in which its last answer was received, with nothing behind it.
        lost: It was closed while it was idle, on account of the server.
    """

    __slots__ = (
        "_buffer",
        "_fd",
        "_look",
        "_on_close",
        "_poller",
        "_socket",
        "emptied",
        "host",
        "idle_since",
        "lost",
    )

    def __init__(self, host: Host, on_close: Callable[..., None] | None, poller: Poller | None) -> None:
        super().__init__(_NEW)
        self.host = host
        self.idle_since = 0.0
        self.emptied = NEVER
        self.lost = False
        self._on_close = on_close
        self._poller = poller or Poller()
        self._socket: stdlib_socket.socket
        self._fd = -1
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
        return self._fd >= 0

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
        self._fd = connected.fileno()
        self._look = looker(connected)
        self.state = _IDLE

    def is_good(self, now: float) -> bool:
        """True when an idle connection can be used: its peer has neither closed it nor sent anything.

        Args:
            now: Trio's time.
        """
        seen = self._poller.has_seen(self._fd, self.emptied, now)
        return self.state is _IDLE and (seen or not self._look(0))

    def _send_more(self, request: bytes, sent: int) -> int:
        """Send what the kernel takes of a request after its first bytes; returns how many are sent now."""
        try:
            sent += self._socket.send(memoryview(request)[sent:])
        except BlockingIOError:
            return sent
        if sent == len(request):
            self.state = _WAITING
            self.delivered = True
            self.sent_at = trio.current_time()
        return sent

    def _receive_answer(self) -> bytes | None:
        """Receive what is there; the whole answer, if that is it.

        Raises:
            ConnectionFailed: The connection broke; it is closed.
            ProtocolError: What came is no answer; the connection is closed.
        """
        try:
            data = self._socket.recv(_RECEIVE_SIZE)
        except BlockingIOError:
            return None
        except OSError as error:
            raise self._broken(error) from error
        if not data:
            raise self._broken("closed by the server")
        try:
            frame = self._buffer.receive(data)
            if frame is None:
                self._note_reading()
            elif self._buffer.rest:
                raise self._surplus()
            else:
                self.state = _IDLE
                self.emptied = self._poller.turn
        except ProtocolError:
            self.close()
            raise
        return frame

    def _note_reading(self) -> None:
        """A part of the answer is here."""
        if self.state is _WAITING:
            self.state = _READING
            self.first_byte_at = trio.current_time()

    def _surplus(self) -> ProtocolError:
        return ProtocolError(f"{self.host} sent {len(self._buffer)} bytes more than it was asked for")

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
        """See `Carrier.close`."""
        state, self.state = self.state, _CLOSED
        if state is _CLOSED:
            return
        if self._fd >= 0:
            self._poller.forget(self._fd)
            notify_closing(self._fd)
            self._socket.close()
        if self._on_close is not None:
            self._on_close(self)
