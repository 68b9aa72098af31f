"""One connection to a node: one request, one answer, in turn.

This is the hot path: `Connection.exchange` does no more than send, and park until the answer is here: the poller
receives it, or, where nobody else waits, the task itself. It knows bytes and deadlines; what the bytes mean, and
what to do when they fail to come, is decided above.
"""

from __future__ import annotations

import math
import socket as stdlib_socket
from collections.abc import Awaitable, Callable

import trio
from outcome import Error, Value
from trio.lowlevel import (
    Abort,
    current_task,
    notify_closing,
    reschedule,
    wait_readable,
    wait_task_rescheduled,
    wait_writable,
)

from .._wire.proto import MAX_BODY_SIZE, FrameBuffer
from ..errors import AerospikeError, ClientClosed, ConnectionFailed, ProtocolError
from ..host import Host
from .carrier import Carrier, DeadlineExpired, State
from .deadlines import Deadlines, Watch
from .poller import NEVER, Poller
from .stream import connect_socket, describe_os_error, looker

__all__ = ["Connection", "open_connection"]

_RECEIVE_SIZE = 64 << 10
_STREAM_SIZE = 256 << 10
"""What is received at once of an answer of many frames, in bytes."""


_NEW, _IDLE, _SENDING, _WAITING, _READING, _CLOSED = State


class Connection(Carrier):
    """A connection to a server. Not safe for two tasks at once.

    Attributes:
        host: Whom it is connected to.
        idle_since: Trio's time when the connection came back to its pool.
        emptied: The turn of Trio's loop in which its last answer was received, with nothing behind it.
    """

    __slots__ = (
        "_buffer",
        "_deadline",
        "_deadlines",
        "_ends",
        "_expired",
        "_fd",
        "_is_attended",
        "_look",
        "_on_close",
        "_poller",
        "_socket",
        "_socket_timeout",
        "_task",
        "_watch",
        "emptied",
        "host",
        "idle_since",
    )

    def __init__(
        self,
        host: Host,
        on_close: Callable[[Connection], None] | None = None,
        poller: Poller | None = None,
    ) -> None:
        super().__init__(_NEW)
        self.host = host
        self.idle_since = 0.0
        self.emptied = NEVER
        self._on_close = on_close
        self._poller = poller or Poller()
        # Of an exchange whose task is parked:
        self._task: trio.lowlevel.Task | None = None
        self._is_attended = False
        self._deadline = self._socket_timeout = math.inf
        self._deadlines: Deadlines
        self._watch: Watch
        self._socket: stdlib_socket.socket
        self._fd = -1
        self._expired = False
        self._ends: Callable[[bytes], bool] | None = None
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

    def is_stale(self) -> bool:
        """True when an idle connection has become readable: the peer closed it, or sent what nobody asked for."""
        return self.state is not _IDLE or bool(self._look(0))

    def is_good(self, now: float) -> bool:
        """True when an idle connection can be used: its peer has neither closed it nor sent anything.

        Args:
            now: Trio's time.
        """
        seen = self._poller.has_seen(self._fd, self.emptied, now)
        return self.state is _IDLE and (seen or not self._look(0))

    def exchange(
        self, request: bytes, deadline: float, socket_timeout: float, deadlines: Deadlines
    ) -> Awaitable[bytes]:
        """See `Carrier.exchange`."""
        self.state = _SENDING
        self.delivered = False
        self.sent_at = self.first_byte_at = 0.0
        try:
            sent = self._socket.send(request)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise self._broken(describe_os_error(error)) from error
        until = deadline
        if socket_timeout < deadline - deadlines.now:  # else the deadline comes first anyway
            until = min(deadline, trio.current_time() + socket_timeout)
        watch = deadlines.watch(until, self)
        if sent == len(request):
            self.state = _WAITING
            self.delivered = True
            poller = self._poller
            if (poller.parked or poller.alone) and poller.shares:
                self._deadline, self._socket_timeout, self._deadlines = deadline, socket_timeout, deadlines
                self._watch = watch
                self._task = current_task()
                if not (poller.parked and self._is_attended):
                    self._is_attended = True
                    poller.attend(self._fd, self)
                poller.parked += 1
                # Who wakes the task has its answer: no coroutine of ours need stand between.
                return wait_task_rescheduled(self._abort)  # noqa: ASYNC105 (the caller awaits it)
        return self._exchange_alone(request, sent, watch, deadline, socket_timeout, deadlines)

    async def _exchange_alone(
        self,
        request: bytes,
        sent: int,
        watch: Watch,
        deadline: float,
        socket_timeout: float,
        deadlines: Deadlines,
    ) -> bytes:
        """The rest of an exchange whose task waits for the socket by itself."""
        self._expired = False
        poller = self._poller
        try:
            while sent != len(request):
                await wait_writable(self._fd)
                sent = self._send_more(request, sent)
                deadlines.forget(watch)
                watch = self._go_on(deadline, socket_timeout, deadlines)
            while True:
                poller.alone += 1
                try:
                    await wait_readable(self._fd)
                finally:
                    poller.alone -= 1
                frame = self._receive_answer()
                if frame is not None:
                    return frame
                self._check_expired()
                if self.state is _READING:
                    deadlines.forget(watch)
                    watch = self._go_on(deadline, socket_timeout, deadlines)
        except OSError as error:
            raise self._broken(describe_os_error(error)) from error
        except trio.ClosedResourceError:
            self._check_expired()
            raise self._closed_meanwhile() from None
        finally:
            deadlines.forget(watch)

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
            raise self._broken(describe_os_error(error)) from error
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

    # For the poller, while the exchange's task is parked.

    def on_readable(self) -> None:
        """See `Polled.on_readable`."""
        if self._task is None:
            if self.state is _IDLE:
                self.close()  # the peer closed it, or sent what nobody asked for
            return  # else somebody waits for it by himself
        try:
            frame = self._receive_answer()
        except AerospikeError as error:
            self._wake(Error(error))
            return
        if frame is not None:
            self._wake(Value(frame))
        elif self.state is _READING:  # there was progress: the silence begins anew
            self._deadlines.forget(self._watch)
            until = min(self._deadline, trio.current_time() + self._socket_timeout)
            self._watch = self._deadlines.watch(until, self)

    def _wake(self, outcome: Value[bytes] | Error) -> None:
        """End the exchange of the parked task, if there is one."""
        task = self._task
        if task is not None:
            self._leave()
            reschedule(task, outcome)

    def _leave(self) -> None:
        self._task = None
        self._poller.parked -= 1
        self._deadlines.forget(self._watch)

    def _abort(self, _: object) -> Abort:
        """The parked task is cancelled."""
        self._leave()
        return Abort.SUCCEEDED

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

    def _note_reading(self) -> None:
        """A part of the answer is here."""
        if self.state is _WAITING:
            self.state = _READING
            self.first_byte_at = trio.current_time()

    def _go_on(self, deadline: float, socket_timeout: float, deadlines: Deadlines) -> Watch:
        """There was progress: the silence begins anew."""
        self._check_expired()
        return deadlines.watch(min(deadline, trio.current_time() + socket_timeout), self)

    def _check_expired(self) -> None:
        """Raise if the deadline came while this task was on its way: it will not come again."""
        if self._expired:
            raise DeadlineExpired

    def expire(self) -> None:
        """The deadline of the running exchange has come: wake its task, leaving the connection open."""
        self._expired = True
        if self._task is not None:
            self._wake(Error(DeadlineExpired()))
        elif self.state is not _CLOSED:
            notify_closing(self._fd)

    # An answer of many frames.

    async def begin(
        self,
        request: bytes,
        deadline: float,
        socket_timeout: float,
        deadlines: Deadlines,
        ends: Callable[[bytes], bool],
    ) -> None:
        """Send a request whose answer has many frames: take them with `next_frame`, and say `end` after the last.

        Args:
            request: A whole frame.
            deadline: Trio's time at which to give up.
            socket_timeout: Longest silence in seconds; math.inf is no limit.
            deadlines: Watches the deadline.
            ends: Tells whether a frame is the answer's last, for `drain`.

        Raises:
            DeadlineExpired: The deadline came first.
            ConnectionFailed: The connection broke; it is closed.
        """
        self.state = _SENDING
        self.delivered = self._expired = False
        self.sent_at = self.first_byte_at = 0.0
        self._ends = ends
        self._is_attended = False
        self._poller.forget(self._fd)  # what came and was not asked for yet is none of the poller's business
        sent = 0
        while True:
            try:
                sent = self._send_more(request, sent)
            except OSError as error:
                raise self._broken(describe_os_error(error)) from error
            if sent == len(request):
                return
            await self._wait(wait_writable, deadline, socket_timeout, deadlines)

    async def next_frame(self, deadline: float, socket_timeout: float, deadlines: Deadlines) -> bytes:
        """The next frame of the answer that `begin` asked for.

        Args:
            deadline: Trio's time at which to give up.
            socket_timeout: Longest silence in seconds; math.inf is no limit.
            deadlines: Watches the deadline.

        Raises:
            DeadlineExpired: The deadline came first; the connection is to be drained or closed.
            ConnectionFailed: The connection broke; it is closed.
            ProtocolError: What came is no answer; the connection is closed.
        """
        try:
            frame = self._buffer.next_frame()
            while frame is None:
                await self._wait(wait_readable, deadline, socket_timeout, deadlines)
                frame = self._take_in(_STREAM_SIZE)
                self._note_reading()
        except ProtocolError:
            self.close()
            raise
        return frame

    async def _wait(
        self,
        until: Callable[[int], Awaitable[None]],
        deadline: float,
        socket_timeout: float,
        deadlines: Deadlines,
    ) -> None:
        self._check_usable()
        self._check_expired()
        watch = deadlines.watch(min(deadline, trio.current_time() + socket_timeout), self)
        try:
            await until(self._fd)
        except trio.ClosedResourceError:
            self._check_expired()
            raise self._closed_meanwhile() from None
        finally:
            deadlines.forget(watch)

    def _take_in(self, size: int) -> bytes | None:
        """Receive what is there; the first whole frame, if there is one now."""
        try:
            data = self._socket.recv(size)
        except BlockingIOError:
            return None
        except OSError as error:
            raise self._broken(describe_os_error(error)) from error
        if not data:
            raise self._broken("closed by the server")
        return self._buffer.receive(data)

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

    async def ask(self, request: bytes, *, max_body: int = MAX_BODY_SIZE) -> bytes:
        """See `Carrier.ask`; if it fails or is cancelled, the connection is closed."""
        self.state = _SENDING
        self._buffer.max_body = max_body
        try:
            sent = 0
            while sent != len(request):
                await wait_writable(self._fd)
                sent = self._send_more(request, sent)
            frame = await self._receive_frame()
            if len(self._buffer):
                raise self._surplus()
        except OSError as error:
            raise self._broken(describe_os_error(error)) from error
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
                await wait_readable(self._fd)
            except trio.ClosedResourceError:
                raise self._closed_meanwhile() from None
            frame = self._take_in(_RECEIVE_SIZE)
        return frame

    def _surplus(self) -> ProtocolError:
        return ProtocolError(f"{self.host} sent {len(self._buffer)} bytes more than it was asked for")

    def _broken(self, reason: str) -> ConnectionFailed:
        self.close()
        return ConnectionFailed(f"the connection to {self.host} broke: {reason}")

    def _check_usable(self) -> None:
        """Raise if the connection was closed while this task was elsewhere."""
        if self.state is _CLOSED:
            raise self._closed_meanwhile()

    def _closed_meanwhile(self) -> ClientClosed:
        return ClientClosed(f"the client was closed during a command to {self.host}")

    def close(self) -> None:
        """See `Carrier.close`."""
        state, self.state = self.state, _CLOSED
        if state is _CLOSED:
            return
        if self._fd >= 0:
            self._poller.forget(self._fd)
            notify_closing(self._fd)
            self._socket.close()
        if self._task is not None:
            self._wake(Error(self._closed_meanwhile()))
        if self._on_close is not None:
            self._on_close(self)


async def open_connection(host: Host) -> Connection:
    """A connection that belongs to no pool.

    Raises:
        ConnectionFailed: The host can't be reached; the message names it.
    """
    connection = Connection(host)
    await connection.connect()
    return connection
