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
    reschedule,
    wait_readable,
    wait_task_rescheduled,
    wait_writable,
)

from ..errors import AerospikeError, ProtocolError
from ..host import Host
from .arrived import Arrived
from .carrier import PARKED, DeadlineExpired, State
from .conversation import FOREVER, Conversation
from .poller import Poller

__all__ = ["Connection", "open_connection"]

_NOT_BEGUN = -1
_IDLE, _SENDING, _WAITING, _READING = State.IDLE, State.SENDING, State.WAITING, State.READING


class Connection(Conversation):
    """A connection to a server, for one command at a time. A `Carrier`. Not safe for two tasks at once.

    Args:
        host: Whom to connect to.
        on_close: Told once when it is closed.
        poller: Sends and receives for it while its task is parked.
    """

    __slots__ = (
        "_arrived",
        "_deadline",
        "_request",
        "_sent",
        "_socket_timeout",
        "_task",
    )

    def __init__(
        self,
        host: Host,
        on_close: Callable[..., None] | None = None,
        poller: Poller | None = None,
    ) -> None:
        super().__init__(host, on_close, poller)
        # Of an exchange whose task is parked:
        self._task: trio.lowlevel.Task | None = None
        self._arrived = Arrived()  # one for all its exchanges
        self._request = b""  # what is to be sent, until all of it is
        self._sent = _NOT_BEGUN  # bytes of it
        self._deadline = self._socket_timeout = math.inf

    def exchange(
        self,
        request: bytes,
        deadline: float,
        socket_timeout: float,
        now: float,
        for_task: trio.lowlevel.Task | None = None,
    ) -> Awaitable[bytes]:
        """See `Carrier.exchange`."""
        if self.state is not _IDLE:
            raise self._closed_meanwhile()
        self.state = _SENDING
        self.delivered = False
        self.sent_at = self.first_byte_at = 0.0
        self._ends = None
        until = deadline
        if socket_timeout < deadline - now:  # else the deadline comes first anyway
            until = min(deadline, trio.current_time() + socket_timeout)
        poller = self.poller
        self.until = until
        if until < self.alarm:
            poller.alarms.set(self)
        if for_task is None and not ((poller.parked or poller.alone) and poller.shares):
            return self._exchange_alone(request, deadline, socket_timeout)
        self._deadline, self._socket_timeout = deadline, socket_timeout
        self._request = request
        self._task = for_task or current_task()
        if not (poller.parked and self.is_attended):
            self.is_attended = True
            poller.attend(self.fd, self)
        poller.parked += 1
        poller.write_soon(self)
        # Who wakes the task has its answer: no coroutine of ours need stand between.
        return PARKED if for_task else wait_task_rescheduled(self.abort)  # noqa: ASYNC105 (the caller awaits it)

    def begin(
        self,
        request: bytes,
        deadline: float,
        socket_timeout: float,
        now: float,
        ends: Callable[[bytes], bool],
    ) -> Awaitable[bytes]:
        """Send a request whose answer has many frames, and return the first of them; to be awaited at once.

        The others are to be taken with `next_here` and `next_frame`; behind the last, say `end`.

        Args:
            request: A whole frame.
            deadline: Trio's time at which to give up.
            socket_timeout: Longest silence in seconds; math.inf is no limit.
            now: Trio's time, or what it was a moment ago.
            ends: Tells whether a frame is the answer's last, for `drain`.

        Raises:
            DeadlineExpired: The deadline came first; the connection is to be drained or closed.
            ConnectionFailed: The connection broke; it is closed.
            ProtocolError: What came is no answer; the connection is closed.
        """
        first = self.exchange(request, deadline, socket_timeout, now)
        self._ends = ends  # nothing is received before the caller awaits
        self._expired = False
        return first

    async def _exchange_alone(self, request: bytes, deadline: float, socket_timeout: float) -> bytes:
        """An exchange whose task sends, waits and receives by itself."""
        self._expired = False
        poller = self.poller
        try:
            try:
                sent = self._socket.send(request)
            except BlockingIOError:
                sent = 0
            while sent != len(request):
                await wait_writable(self.fd)
                sent = self._send_more(request, sent)
                self._go_on(deadline, socket_timeout)
            self.state = _WAITING
            self.delivered = True
            while True:
                poller.alone += 1
                try:
                    await wait_readable(self.fd)
                finally:
                    poller.alone -= 1
                if not poller.takes_part:
                    poller.begin_turn()
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
            self.until = FOREVER

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
            self.poller.start_soon(self._write_rest)

    async def _write_rest(self) -> None:
        request = self._request
        try:
            while self._request is request and self._sent != len(request):
                await wait_writable(self.fd)
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
            else:  # somebody receives from it by himself, at his leisure: it would be readable for long
                self.is_attended = False
                self.poller.forget(self.fd)
            return
        try:
            frame = self._receive_answer()
            if self._request and (frame is not None or self._buffer.rest):
                self.close()
                raise ProtocolError(f"{self.host} sent an answer before it was asked")
        except AerospikeError as error:
            self._finish(task, Error(error))
            return
        if frame is None:
            self._task = task
            if self.state is _READING:
                self._wait_on()
            return
        self.poller.parked -= 1  # as `_finish` does, without a call
        self.until = FOREVER
        self._arrived.frame = frame
        reschedule(task, self._arrived)

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
        self.poller.parked -= 1
        self.until = FOREVER
        reschedule(task, outcome)

    def _give_up(self) -> None:
        """The parked task stops waiting: what was not begun to be sent never will be."""
        if self._request and self._sent == _NOT_BEGUN and self._broken_by is None:
            self._request = b""
            self.state = _IDLE

    def abort(self, cancelled: object) -> Abort:
        """See `Carrier.abort`."""
        self._task = None
        self._give_up()
        self.poller.parked -= 1
        self.until = FOREVER
        return Abort.SUCCEEDED

    def expire(self) -> None:
        """See `Waiting.expire`."""
        task, self._task = self._task, None
        if task is None:
            super().expire()
        else:
            self._give_up()
            self._finish(task, Error(DeadlineExpired()))

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
