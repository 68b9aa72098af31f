"""One connection to a node: one request, one answer, in turn.

This is the hot path: `Connection.exchange` does no more than hand over the request and park until the answer is
here. The poller sends at the end of the turn, when every task that was ready has had its step, and receives at the
beginning of one: to go back and forth between the kernel and Python for each command takes twice the time, on both
sides of the wire. Where nobody else waits the task itself sends, waits and receives.

It knows bytes and deadlines; what the bytes mean, and what to do when they fail to come, is decided above.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable

import trio
from outcome import Error, Outcome
from trio.lowlevel import (
    Abort,
    current_task,
    notify_closing,
    reschedule,
    wait_readable,
    wait_task_rescheduled,
    wait_writable,
)

from .._wire.proto import MAX_BODY_SIZE
from ..errors import AerospikeError, ProtocolError
from ..host import Host
from .arrived import Arrived
from .carrier import DeadlineExpired, State
from .poller import Poller
from .socket_end import SocketEnd

__all__ = ["Connection", "open_connection"]

_RECEIVE_SIZE = 64 << 10
_STREAM_SIZE = 256 << 10
"""What is received at once of an answer of many frames, in bytes."""

_NOT_BEGUN = -1
_NEVER = math.inf

_NEW, _IDLE, _SENDING, _WAITING, _READING, _CLOSED = State


class Connection(SocketEnd):
    """A connection to a server. Not safe for two tasks at once.

    Args:
        host: Whom to connect to.
        on_close: Told once when it is closed.
        poller: Sends and receives for it while its task is parked.

    Attributes:
        is_attended: The poller looks at it whenever it looks.
        until: Trio's time until which a task waits; see `Waiting`.
        alarm: See `Waiting`.
    """

    __slots__ = (
        "_arrived",
        "_broken_by",
        "_deadline",
        "_ends",
        "_expired",
        "_request",
        "_sent",
        "_socket_timeout",
        "_task",
        "alarm",
        "is_attended",
        "until",
    )

    def __init__(
        self,
        host: Host,
        on_close: Callable[[Connection], None] | None = None,
        poller: Poller | None = None,
    ) -> None:
        super().__init__(host, on_close, poller)
        self.until = self.alarm = math.inf
        self._expired = False
        self._ends: Callable[[bytes], bool] | None = None
        # Of an exchange whose task is parked:
        self._task: trio.lowlevel.Task | None = None
        self._arrived = Arrived()  # one for all its exchanges
        self.is_attended = False
        self._request = b""  # what is to be sent, until all of it is
        self._sent = _NOT_BEGUN  # bytes of it
        self._broken_by: OSError | None = None  # why it could not be
        self._deadline = self._socket_timeout = math.inf

    def exchange(self, request: bytes, deadline: float, socket_timeout: float, now: float) -> Awaitable[bytes]:
        """See `Carrier.exchange`."""
        if self.state is not _IDLE:
            raise self._closed_meanwhile()
        self.state = _SENDING
        self.delivered = False
        self.sent_at = self.first_byte_at = 0.0
        until = deadline
        if socket_timeout < deadline - now:  # else the deadline comes first anyway
            until = min(deadline, trio.current_time() + socket_timeout)
        poller = self._poller
        self.until = until
        if until < self.alarm:
            poller.alarms.set(self)
        if not ((poller.parked or poller.alone) and poller.shares):
            return self._exchange_alone(request, deadline, socket_timeout)
        self._deadline, self._socket_timeout = deadline, socket_timeout
        self._request = request
        self._task = current_task()
        if not (poller.parked and self.is_attended):
            self.is_attended = True
            poller.attend(self._fd, self)
        poller.parked += 1
        poller.write_soon(self)
        # Who wakes the task has its answer: no coroutine of ours need stand between.
        return wait_task_rescheduled(self._abort)  # noqa: ASYNC105 (the caller awaits it)

    async def _exchange_alone(self, request: bytes, deadline: float, socket_timeout: float) -> bytes:
        """An exchange whose task sends, waits and receives by itself."""
        self._expired = False
        poller = self._poller
        try:
            try:
                sent = self._socket.send(request)
            except BlockingIOError:
                sent = 0
            while sent != len(request):
                await wait_writable(self._fd)
                sent = self._send_more(request, sent)
                self._go_on(deadline, socket_timeout)
            self.state = _WAITING
            self.delivered = True
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
                    self._go_on(deadline, socket_timeout)
        except OSError as error:
            raise self._broken(error) from error
        except trio.ClosedResourceError:
            self._check_expired()
            raise self._closed_meanwhile() from None
        finally:
            self.until = _NEVER

    # For the poller, while the exchange's task is parked.

    def write_gathered(self) -> bool:
        """See `Writer.write_gathered`."""
        request = self._request
        if request and self._sent == _NOT_BEGUN:
            try:
                sent = self._socket.send(request)
            except BlockingIOError:
                sent = 0
            except OSError as error:
                self._broken_by = error
                return False
            if sent != len(request):
                self._sent = sent
                return False
            self._request = b""
            self.state = _WAITING
            self.delivered = True
        return True  # it may have been given up meanwhile

    def after_writing(self) -> None:
        """See `Writer.after_writing`."""
        if self._broken_by is not None:
            self._break(self._broken_by)
        elif self._request:
            self._poller.start_soon(self._write_rest)

    async def _write_rest(self) -> None:
        request = self._request
        try:
            while self._request is request and self._sent != len(request):
                await wait_writable(self._fd)
                if self._request is request:
                    self._sent = self._send_more(request, self._sent)
                    self._wait_on()
        except OSError as error:
            self._break(error)
        except trio.ClosedResourceError:
            pass  # whoever closed it has told the task
        if self._request is request:
            self._request, self._sent = b"", _NOT_BEGUN

    def on_readable(self) -> None:
        """See `Polled.on_readable`."""
        task, self._task = self._task, None
        if task is None:
            if self.state is _IDLE:
                self.lose()
            return  # else somebody waits for it by himself
        try:
            frame = self._receive_answer()
            if self._request and (frame is not None or self._buffer.rest):
                self.close()
                raise ProtocolError(f"{self.host} sent an answer before it was asked")
        except AerospikeError as error:
            self._finish(task, Error(error))
            return
        if frame is not None:
            self._arrived.frame = frame
            self._finish(task, self._arrived)
            return
        self._task = task
        if self.state is _READING:
            self._wait_on()

    def _wait_on(self) -> None:
        """There was progress: the silence begins anew."""
        if self._task is not None:
            self._wait_until(self._deadline, self._socket_timeout)

    def _break(self, cause: OSError) -> None:
        task, self._task = self._task, None  # it shall not hear of a closed connection
        failure = self._broken(cause)
        if task is not None:
            self._finish(task, Error(failure))

    def _finish(self, task: trio.lowlevel.Task, outcome: Outcome[bytes]) -> None:
        self._poller.parked -= 1
        self.until = _NEVER
        reschedule(task, outcome)

    def _give_up(self) -> None:
        """The parked task stops waiting: what was not begun to be sent never will be."""
        if self._request and self._sent == _NOT_BEGUN and self._broken_by is None:
            self._request = b""
            self.state = _IDLE

    def _abort(self, _: object) -> Abort:
        """The parked task is cancelled."""
        self._task = None
        self._give_up()
        self._poller.parked -= 1
        self.until = _NEVER
        return Abort.SUCCEEDED

    # Deadlines.

    def _go_on(self, deadline: float, socket_timeout: float) -> None:
        """There was progress: the silence begins anew."""
        self._check_expired()
        self._wait_until(deadline, socket_timeout)

    def _wait_until(self, deadline: float, socket_timeout: float) -> None:
        self.until = min(deadline, trio.current_time() + socket_timeout)
        if self.until < self.alarm:
            self._poller.alarms.set(self)

    def _check_expired(self) -> None:
        """Raise if the deadline came while this task was on its way: it will not come again."""
        if self._expired:
            raise DeadlineExpired

    def expire(self) -> None:
        """The deadline of the running exchange has come: wake its task, leaving the connection open."""
        self._expired = True
        task, self._task = self._task, None
        if task is not None:
            self._give_up()
            self._finish(task, Error(DeadlineExpired()))
        elif self.state is not _CLOSED:
            notify_closing(self._fd)

    # An answer of many frames.

    async def begin(
        self,
        request: bytes,
        deadline: float,
        socket_timeout: float,
        ends: Callable[[bytes], bool],
    ) -> None:
        """Send a request whose answer has many frames: take them with `next_frame`, and say `end` after the last.

        Args:
            request: A whole frame.
            deadline: Trio's time at which to give up.
            socket_timeout: Longest silence in seconds; math.inf is no limit.
            ends: Tells whether a frame is the answer's last, for `drain`.

        Raises:
            DeadlineExpired: The deadline came first.
            ConnectionFailed: The connection broke; it is closed.
        """
        self._check_usable()
        self.state = _SENDING
        self.delivered = self._expired = False
        self.sent_at = self.first_byte_at = 0.0
        self._ends = ends
        self.is_attended = False
        self._poller.forget(self._fd)  # what came and was not asked for yet is none of the poller's business
        sent = 0
        while True:
            try:
                sent = self._send_more(request, sent)
            except OSError as error:
                raise self._broken(error) from error
            if sent == len(request):
                return
            await self._wait(wait_writable, deadline, socket_timeout)

    async def next_frame(self, deadline: float, socket_timeout: float) -> bytes:
        """The next frame of the answer that `begin` asked for.

        Args:
            deadline: Trio's time at which to give up.
            socket_timeout: Longest silence in seconds; math.inf is no limit.

        Raises:
            DeadlineExpired: The deadline came first; the connection is to be drained or closed.
            ConnectionFailed: The connection broke; it is closed.
            ProtocolError: What came is no answer; the connection is closed.
        """
        try:
            frame = self._buffer.next_frame()
            while frame is None:
                await self._wait(wait_readable, deadline, socket_timeout)
                frame = self._take_in(_STREAM_SIZE)
                self._note_reading()
        except ProtocolError:
            self.close()
            raise
        return frame

    async def _wait(
        self, for_what: Callable[[int], Awaitable[None]], deadline: float, socket_timeout: float
    ) -> None:
        self._check_usable()
        self._go_on(deadline, socket_timeout)
        try:
            await for_what(self._fd)
        except trio.ClosedResourceError:
            self._check_expired()
            raise self._closed_meanwhile() from None
        finally:
            self.until = _NEVER

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
                await wait_readable(self._fd)
            except trio.ClosedResourceError:
                raise self._closed_meanwhile() from None
            frame = self._take_in(_RECEIVE_SIZE)
        return frame

    def close(self) -> None:
        """See `Carrier.close`."""
        super().close()
        self._request = b""
        task, self._task = self._task, None
        if task is not None:
            self._finish(task, Error(self._closed_meanwhile()))


async def open_connection(host: Host) -> Connection:
    """A connection that belongs to no pool.

    Raises:
        ConnectionFailed: The host can't be reached; the message names it.
    """
    connection = Connection(host)
    await connection.connect()
    return connection
