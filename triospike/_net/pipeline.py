"""A connection shared by several commands at once: requests one behind the other, answers in the same order.

No task of its own reads or writes. The commands wait until the poller has received their answers; their requests
are gathered, and go out in one send at the end of the turn, when every task that was ready has had its step. A
command while no other waits anywhere does what it would do on a connection of its own: send, wait, read.

A command that gives up leaves its slot behind, so that its answer, when it comes, is dropped and nobody else
takes it for his. When the connection breaks, each slot learns for itself whether its request was sent whole.
"""

from __future__ import annotations

import math
from collections import deque
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

from ..errors import AerospikeError, ClientClosed, ConnectionFailed, ProtocolError
from ..host import Host
from .arrived import Arrived
from .carrier import PARKED, DeadlineExpired, State
from .poller import Poller
from .socket_end import SocketEnd
from .stream import describe_os_error

__all__ = ["PipelinedConnection", "Slot"]

_RECEIVE_SIZE = 64 << 10
_IDLE, _SENDING, _WAITING, _CLOSED = State.IDLE, State.SENDING, State.WAITING, State.CLOSED


class Slot:
    """One command's share of a pipelined connection. A `Carrier`.

    Attributes:
        state: See `Carrier`.
        delivered: See `Carrier`.
        sent_at: See `Carrier`.
        first_byte_at: See `Carrier`.
        connection: What it is a share of.
        request: What is to be sent, until the sending begins.
        end: How many bytes the connection will have sent in all, with this request.
        frame: The answer, once it is here.
        error: Why there will be no answer.
        until: Trio's time until which a task waits; math.inf while none does, or without end.
    """

    __slots__ = (
        "_deadline",
        "_expired",
        "_socket_timeout",
        "_task",
        "connection",
        "delivered",
        "end",
        "error",
        "first_byte_at",
        "frame",
        "request",
        "sent_at",
        "state",
        "until",
    )

    def __init__(self, connection: PipelinedConnection) -> None:
        self.state: State = _IDLE
        self.delivered = False
        self.sent_at = self.first_byte_at = 0.0
        self.connection = connection
        self.request = b""
        self.end = 0
        self.frame: bytes | None = None
        self.error: AerospikeError | None = None
        self._task: trio.lowlevel.Task | None = None
        self._expired = False
        self.until = math.inf

    def __repr__(self) -> str:
        return f"<Slot of {self.connection!r}, {self.state.value}>"

    def exchange(
        self,
        request: bytes,
        deadline: float,
        socket_timeout: float,
        now: float,
        for_task: trio.lowlevel.Task | None = None,
    ) -> Awaitable[bytes]:
        """See `Carrier.exchange`."""
        connection = self.connection
        poller = connection.poller
        alone = for_task is None and not (poller.parked or poller.alone)
        connection.send(self, request, alone=alone)
        until = deadline
        if socket_timeout < deadline - now:  # else the deadline comes first anyway
            until = min(deadline, trio.current_time() + socket_timeout)
        self._deadline, self._socket_timeout = deadline, socket_timeout
        self.until = until
        if until < connection.until:
            connection.until = until
            if until < connection.alarm:
                poller.alarms.set(connection)
        if self.error is not None:
            raise self.error
        if alone:
            return self._answer()
        self._task = for_task or current_task()
        connection.park()
        # Who wakes the task has its answer: no coroutine of ours need stand between.
        return PARKED if for_task else wait_task_rescheduled(self.abort)  # noqa: ASYNC105 (the caller awaits it)

    async def ask(self, request: bytes, *, max_body: int) -> bytes:
        """See `Carrier.ask`; the size is bounded as on the whole connection."""
        poller = self.connection.poller
        self.connection.send(self, request, alone=not (poller.parked or poller.alone))
        return await self._answer()

    async def drain(self) -> None:
        """See `Carrier.drain`."""
        self._expired = False
        await self._answer()

    async def _answer(self) -> bytes:
        connection = self.connection
        poller = connection.poller
        try:
            while self.frame is None:  # looks itself for what came of it, until it parks
                if self.error is not None:
                    raise self.error
                if self._expired:
                    raise DeadlineExpired
                if poller.parked or poller.alone or not poller.shares:
                    self._task = current_task()
                    connection.park()
                    frame: bytes = await wait_task_rescheduled(self.abort)
                    return frame
                disturbed = False
                connection.is_alone = True
                poller.alone += 1
                try:
                    await wait_readable(connection.fd)
                except trio.ClosedResourceError:
                    disturbed = True
                finally:
                    connection.is_alone = False
                    poller.alone -= 1
                if not disturbed:
                    connection.receive()
            return self.frame
        finally:
            self._leave()

    def abort(self, cancelled: object) -> Abort:
        """See `Carrier.abort`."""
        self._task = None
        self.connection.poller.parked -= 1
        self._leave()
        return Abort.SUCCEEDED

    def _leave(self) -> None:
        self.until = math.inf
        if self.request:
            self.connection.withdraw(self)

    def finish(self, frame: bytes) -> None:
        """Its answer is here."""
        self.state = _IDLE
        self.frame = frame
        if self._task is not None:
            self._wake(Arrived(frame))

    def fail(self, error: AerospikeError) -> None:
        """There will be no answer."""
        self.state = _CLOSED
        self.request = b""
        self.error = error
        self._wake(Error(error))

    def expire(self, now: float) -> None:
        """Its deadline has come; a socket timeout counts from the connection's last sign of life."""
        alive_until = self.connection.last_progress + self._socket_timeout
        if now < self._deadline and now < alive_until:
            self.until = min(self._deadline, alive_until)
            return
        self.until = math.inf
        self._expired = True
        if self._task is not None:
            self._wake(Error(DeadlineExpired()))
        else:
            self.connection.disturb()

    def _wake(self, outcome: Outcome[bytes]) -> None:
        """End the wait of the parked task, if there is one."""
        task = self._task
        if task is not None:
            self._task = None
            self.connection.poller.parked -= 1
            self._leave()
            reschedule(task, outcome)

    def close(self) -> None:
        """Close the whole connection: what comes on it can't be trusted, or does not come."""
        self.state = _CLOSED
        self.connection.close()


class PipelinedConnection(SocketEnd):
    """A connection with up to ``depth`` commands at once. See the top of this file.

    Args:
        host: Whom to connect to.
        on_close: Told once when it is closed.
        poller: Receives for it, and tells it when to send.

    Attributes:
        in_flight: Slots that are out.
        is_alone: A task waits for the socket by itself.
        last_progress: Trio's time when bytes last arrived.
    """

    __slots__ = (
        "_gathering",
        "_given",
        "_pending",
        "_reads",
        "_rest",
        "_sent",
        "_unsent",
        "_writes",
        "in_flight",
        "is_alone",
        "last_progress",
    )

    def __init__(
        self,
        host: Host,
        on_close: Callable[..., None] | None = None,
        poller: Poller | None = None,
    ) -> None:
        super().__init__(host, on_close, poller)
        self.in_flight = 0
        self.last_progress = 0.0
        self._pending: deque[Slot] = deque()  # in the order of their requests; the abandoned ones too
        self._unsent: list[Slot] = []  # the last of these, whose requests are not begun
        self._rest: bytes | memoryview = b""  # what the kernel did not take of those that are
        self._given = 0  # bytes whose sending was begun
        self._sent = 0  # bytes that were sent
        self._gathering = False  # the poller will call `write_gathered`
        self._writes = False  # a task sends the rest
        self._reads = False  # a task receives, where the poller does not
        self.is_alone = False

    def open_slot(self) -> Slot:
        """A share for one command."""
        self.in_flight += 1
        return Slot(self)

    # Sending.

    def send(self, slot: Slot, request: bytes, *, alone: bool) -> None:
        """Send a request.

        Args:
            slot: Whose it is.
            request: A whole frame.
            alone: Send it at once, since nobody waits for anything; else with all others of this turn.

        Raises:
            ConnectionFailed: The connection broke.
            ClientClosed: It was closed.
        """
        if self.state is _CLOSED:
            slot.state = _CLOSED
            raise slot.error or self._closed_meanwhile()
        if not self._pending:
            self.last_progress = self.poller.time()
            if alone and self._send_at_once(slot, request):
                return
        self._pending.append(slot)
        self._unsent.append(slot)
        slot.state = _SENDING
        slot.request = request
        if alone:
            self._write()
            self.after_writing()
        elif not self._gathering:
            self._gathering = True
            self.poller.write_soon(self)

    def _send_at_once(self, slot: Slot, request: bytes) -> bool:
        """Send what the kernel takes of the only request that there is; False if that is nothing."""
        if self._rest:
            return False
        try:
            sent = self._socket.send(request)
        except OSError:  # what there is to say, the second try will say
            return False
        self._given += len(request)
        self._sent += sent
        self._pending.append(slot)
        slot.end = self._given
        if sent == len(request):
            slot.delivered = True
            slot.state = _WAITING
        else:
            slot.state = _SENDING
            self._rest = memoryview(request)[sent:]
            self.after_writing()  # which sends the rest
        return True

    def withdraw(self, slot: Slot) -> None:
        """Its command gives up before the sending of its request was begun: nobody will ever know of it."""
        slot.request = b""
        self._unsent.remove(slot)
        self._pending.remove(slot)
        slot.state = _IDLE

    def write_gathered(self) -> bool:
        """See `Writer.write_gathered`."""
        self._gathering = False
        self._write()
        return not self._rest and self._broken_by is None

    def after_writing(self) -> None:
        """See `Writer.after_writing`: tell the slots that it broke, or send the rest when the kernel takes it."""
        if self._rest and not self._writes:
            self._writes = True
            self.poller.start_soon(self._write_rest)
        if self._broken_by is not None:
            self._fail(f"broke: {describe_os_error(self._broken_by)}", self._broken_by)

    def _write(self) -> None:
        """Send what the kernel takes of the rest, or of all requests that wait."""
        took_steps = bool(self._rest)
        if not self._rest:
            if not self._unsent:
                return
            self._rest = self._begin_requests()
        try:
            sent = self._socket.send(self._rest)
        except BlockingIOError:
            return
        except OSError as error:
            self._broken_by = error
            return
        self._sent += sent
        self._rest = b"" if sent == len(self._rest) else memoryview(self._rest)[sent:]
        for slot in reversed(self._pending):
            if slot.delivered:
                break
            if 0 < slot.end <= self._sent:
                slot.delivered = True
                slot.state = _WAITING
                if took_steps:
                    slot.sent_at = trio.current_time()

    def _begin_requests(self) -> bytes:
        requests = []
        for slot in self._unsent:
            requests.append(slot.request)
            self._given += len(slot.request)
            slot.end = self._given
            slot.request = b""
        self._unsent.clear()
        return requests[0] if len(requests) == 1 else b"".join(requests)

    async def _write_rest(self) -> None:
        try:
            while self._rest or self._unsent:
                try:
                    await wait_writable(self.fd)
                except trio.ClosedResourceError:  # somebody was disturbed, or it is closed and nothing is left
                    continue
                self._write()
                self.after_writing()
        finally:
            self._writes = False

    # Receiving.

    def park(self) -> None:
        """One of its commands begins to wait until it is woken."""
        poller = self.poller
        if not (poller.parked and self.is_attended):
            self.is_attended = True
            poller.attend(self.fd, self)
        poller.parked += 1
        if not (poller.shares or self._reads):
            self._reads = True
            poller.start_soon(self._read)

    async def _read(self) -> None:
        """Receive where the poller can't, as long as an answer is to come."""
        try:
            while self._pending:
                try:
                    await wait_readable(self.fd)
                except trio.ClosedResourceError:
                    continue
                self.receive()
        finally:
            self._reads = False

    def on_readable(self) -> None:
        """See `Polled.on_readable`."""
        if not self._pending:
            self.lose()
            return
        self.receive()
        self.disturb()  # who waits alone may wait for what has just been received

    def disturb(self) -> None:
        """Wake the task that waits alone, to look again."""
        if self.is_alone and not self.closed:
            notify_closing(self.fd)

    def receive(self) -> None:
        """Receive what is there, for whom it may be."""
        try:
            data = self._socket.recv(_RECEIVE_SIZE)
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(f"broke: {describe_os_error(error)}", error)
            return
        if not data:
            self._fail("broke: closed by the server", None)
            return
        self.last_progress = self.poller.time()
        try:
            self._hand_out(data)
        except ProtocolError as error:
            self._fail(f"carried what is no answer: {error}", error)

    def _hand_out(self, data: bytes) -> None:
        buffer = self._buffer
        for frame in buffer.split(data):
            self._finish_first(frame)
        if not buffer.rest:
            self.emptied = self.poller.turn
            return
        while (rest := buffer.next_frame()) is not None:  # what came in pieces, or is not as it should be
            self._finish_first(rest)
        pending = self._pending
        if buffer.rest and not pending:
            raise ProtocolError(f"{len(buffer)} bytes that nobody asked for")
        if buffer.rest and pending[0].state is _WAITING:
            pending[0].state = State.READING
            pending[0].first_byte_at = self.last_progress

    def _finish_first(self, frame: bytes) -> None:
        pending = self._pending
        if not pending or not pending[0].delivered:
            raise ProtocolError("a frame that nobody asked for")
        pending.popleft().finish(frame)

    # The end.

    def expire(self) -> None:
        """The earliest of its commands' deadlines has come, if that command still waits."""
        now = trio.current_time()
        for slot in list(self._pending):
            if slot.until <= now:
                slot.expire(now)
        self.until = min((slot.until for slot in self._pending), default=math.inf)

    def _fail(self, reason: str, cause: BaseException | None) -> None:
        """The connection broke: every command on it learns so."""
        self._end(f"the connection to {self.host} {reason}", cause)

    def close(self) -> None:
        """Close it at once; every command on it ends."""
        self._end(f"the connection to {self.host} was closed under the command", None, ClientClosed)

    def _end(
        self, message: str, cause: BaseException | None, kind: type[AerospikeError] = ConnectionFailed
    ) -> None:
        pending, self._pending = self._pending, deque()
        self._unsent.clear()
        self._rest = b""
        super().close()
        if isinstance(cause, ProtocolError):
            kind = ProtocolError
        for slot in pending:
            error = kind(message)  # each has one of its own: it is raised in another task
            error.__cause__ = cause
            slot.fail(error)
