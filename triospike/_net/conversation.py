"""A connection on which a task sends and receives by itself: questions of the upkeep, answers of many frames."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable

import trio
from trio.lowlevel import notify_closing, wait_readable, wait_writable

from .._wire.proto import MAX_BODY_SIZE
from ..errors import ProtocolError
from ..host import Host
from .carrier import DeadlineExpired, State
from .poller import Poller
from .socket_end import SocketEnd

__all__ = ["FOREVER", "Conversation"]

FOREVER = math.inf
"""Until when somebody waits who has no deadline; also where nobody waits, see `Waiting`."""

_RECEIVE_SIZE = 64 << 10
_STREAM_SIZE = 256 << 10
"""What is received at once of an answer of many frames, in bytes."""

_, _IDLE, _SENDING, _WAITING, _READING, _CLOSED = State


class Conversation(SocketEnd):
    """A connection to a server, one request after the other. Not safe for two tasks at once.

    Args:
        host: Whom to connect to.
        on_close: Told once when it is closed.
        poller: Watches deadlines.

    Attributes:
        delivered: See `Carrier`.
        sent_at: See `Carrier`.
        first_byte_at: See `Carrier`.
    """

    __slots__ = ("_ends", "_expired", "delivered", "first_byte_at", "sent_at")

    def __init__(
        self,
        host: Host,
        on_close: Callable[..., None] | None = None,
        poller: Poller | None = None,
    ) -> None:
        super().__init__(host, on_close, poller)
        self.delivered = False
        self.sent_at = self.first_byte_at = 0.0
        self._expired = False
        self._ends: Callable[[bytes], bool] | None = None

    # One request, one answer.

    async def ask(self, request: bytes, *, max_body: int = MAX_BODY_SIZE) -> bytes:
        """See `Carrier.ask`; if it fails or is cancelled, the connection is closed."""
        self.state = _SENDING
        self._buffer.max_body = max_body
        try:
            sent = 0
            while sent != len(request):
                await wait_writable(self.fd)
                sent = self._send_more(request, sent)
            frame = await self._receive_frame()
            if len(self._buffer):
                raise self._surplus()
        except OSError as error:
            raise self._broken(error) from error
        except trio.ClosedResourceError:
            raise self._closed_meanwhile() from None
        except BaseException:
            self.close()
            raise
        self._buffer.max_body = MAX_BODY_SIZE
        self.state = _IDLE
        return frame

    async def _receive_frame(self) -> bytes:
        frame = self._buffer.next_frame()
        while frame is None:
            self._check_usable()
            try:
                await wait_readable(self.fd)
            except trio.ClosedResourceError:
                raise self._closed_meanwhile() from None
            frame = self._take_in(_RECEIVE_SIZE)
        return frame

    # The rest of an answer of many frames, whose first came by an exchange.

    async def next_frame(self, deadline: float, socket_timeout: float) -> bytes:
        """The next frame of the answer that `Connection.begin` asked for.

        Args:
            deadline: Trio's time at which to give up.
            socket_timeout: Longest silence in seconds; math.inf is no limit.

        Raises:
            DeadlineExpired: The deadline came first; the connection is to be drained or closed.
            ConnectionFailed: The connection broke; it is closed.
            ProtocolError: What came is no answer; the connection is closed.
        """
        frame = self.next_here()
        try:
            while frame is None:
                await self._wait(wait_readable, deadline, socket_timeout)
                frame = self._take_in(_STREAM_SIZE)
                self._note_reading()
        except ProtocolError:
            self.close()
            raise
        return frame

    def next_here(self) -> bytes | None:
        """The next frame of the answer, if it is here already.

        Raises:
            ProtocolError: What came is no answer; the connection is closed.
        """
        try:
            return self._buffer.next_frame()
        except ProtocolError:
            self.close()
            raise

    async def _wait(
        self, for_what: Callable[[int], Awaitable[None]], deadline: float, socket_timeout: float
    ) -> None:
        self._check_usable()
        self._go_on(deadline, socket_timeout)
        try:
            await for_what(self.fd)
        except trio.ClosedResourceError:
            self._check_expired()
            raise self._closed_meanwhile() from None
        finally:
            self.until = FOREVER

    def end(self) -> None:
        """The last frame is here: the connection is idle again.

        Raises:
            ProtocolError: More bytes came behind it; the connection is closed.
        """
        self._ends = None
        if len(self._buffer):
            self.close()
            raise self._surplus()
        self.state = _IDLE

    async def drain(self) -> None:
        """See `Carrier.drain`."""
        ends = self._ends
        frame = await self._receive_frame()
        while ends is not None and not ends(frame):
            frame = await self._receive_frame()
        self.end()

    # Bytes.

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
            elif self._ends is not None:  # more frames are to come, or are here
                self._note_reading()
                self.emptied = self.poller.turn
            elif self._buffer.rest:
                raise self._surplus()
            else:
                self.state = _IDLE
                self.emptied = self.poller.turn
        except ProtocolError:
            self.close()
            raise
        return frame

    def _note_reading(self) -> None:
        """A part of the answer is here."""
        if self.state is _WAITING:
            self.state = _READING
            self.first_byte_at = self.poller.time()

    def _surplus(self) -> ProtocolError:
        return ProtocolError(f"{self.host} sent {len(self._buffer)} bytes more than it was asked for")

    def _take_in(self, size: int) -> bytes | None:
        """Receive what is there; the first whole frame, if there is one now."""
        try:
            data = self._socket.recv(size)
        except BlockingIOError:
            return None
        except OSError as error:
            raise self._broken(error) from error
        if not data:
            raise self._broken("closed by the server")
        self.emptied = self.poller.turn
        return self._buffer.receive(data)

    # Deadlines.

    def _go_on(self, deadline: float, socket_timeout: float) -> None:
        """There was progress: the silence begins anew."""
        self._check_expired()
        self._wait_until(deadline, socket_timeout)

    def _wait_until(self, deadline: float, socket_timeout: float) -> None:
        self.until = min(deadline, trio.current_time() + socket_timeout)
        if self.until < self.alarm:
            self.poller.alarms.set(self)

    def _check_expired(self) -> None:
        """Raise if the deadline came while this task was on its way: it will not come again."""
        if self._expired:
            raise DeadlineExpired

    def expire(self) -> None:
        """See `Waiting.expire`: wake the task, leaving the connection open."""
        self._expired = True
        if self.state is not _CLOSED:
            notify_closing(self.fd)
