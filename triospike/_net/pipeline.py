"""A connection shared by several commands at once: requests one behind the other, answers in the same order.

No task of its own reads or writes. Of the commands that wait, one at a time has the duty to read for all of
them, and one to write; whoever is done, or gives up, passes its duty on. A command that is alone on its connection
does what it would do on a connection of its own: send, wait, read. Where others are under way already, the writer
lets the tasks that are ready now have their turn first, and sends what they all ask for at once.

A command that gives up leaves its slot behind, so that its answer, when it comes, is dropped and nobody else
takes it for his. When the connection breaks, each slot learns for itself whether its request was sent whole.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import trio
from trio.lowlevel import current_task, notify_closing, wait_readable, wait_task_rescheduled, wait_writable

from ..errors import AerospikeError, ClientClosed, ConnectionFailed, ProtocolError
from ..host import Host
from .carrier import Carrier, DeadlineExpired, State
from .connection import Connection
from .deadlines import Deadlines, Watch
from .stream import describe_os_error

__all__ = ["PipelinedConnection", "Slot"]

_RECEIVE_SIZE = 64 << 10
_IDLE, _SENDING, _WAITING, _CLOSED = State.IDLE, State.SENDING, State.WAITING, State.CLOSED


class Slot(Carrier):
    """One command's share of a pipelined connection.

    Attributes:
        connection: What it is a share of.
        request: What is to be sent, until the sending begins.
        end: How many bytes the connection will have sent in all, with this request.
        frame: The answer, once it is here.
        error: Why there will be no answer.
        has_read: Its own task received the answer.
    """

    __slots__ = (
        "_deadline",
        "_deadlines",
        "_expired",
        "_socket_timeout",
        "_task",
        "_watch",
        "connection",
        "end",
        "error",
        "frame",
        "has_read",
        "request",
    )

    def __init__(self, connection: PipelinedConnection) -> None:
        # One is made for each command: `Carrier.__init__` is not called, but written out.
        self.state = _IDLE
        self.delivered = False
        self.sent_at = self.first_byte_at = 0.0
        self.connection = connection
        self.request = b""
        self.end = 0
        self.frame: bytes | None = None
        self.has_read = False
        self.error: AerospikeError | None = None
        self._task: trio.lowlevel.Task | None = None
        self._expired = False
        self._watch: Watch | None = None

    def __repr__(self) -> str:
        return f"<Slot of {self.connection!r}, {self.state.value}>"

    def exchange(
        self, request: bytes, deadline: float, socket_timeout: float, deadlines: Deadlines
    ) -> Coroutine[Any, Any, bytes]:
        """See `Carrier.exchange`. The coroutine is that of the answer: one of its own would cost as much again."""
        self._deadline, self._socket_timeout, self._deadlines = deadline, socket_timeout, deadlines
        until = deadline
        if socket_timeout < deadline - deadlines.now:  # else the deadline comes first anyway
            until = min(deadline, trio.current_time() + socket_timeout)
        self._watch = deadlines.watch(until, self)
        try:
            self.connection.send(self, request)
        except BaseException:
            deadlines.forget(self._watch)
            raise
        return self._answer()

    async def ask(self, request: bytes, *, max_body: int) -> bytes:
        """See `Carrier.ask`; the size is bounded as on the whole connection."""
        self.connection.send(self, request)
        return await self._answer()

    async def drain(self) -> None:
        """See `Carrier.drain`."""
        self._expired = False
        await self._answer()

    async def _answer(self) -> bytes:
        connection = self.connection
        try:
            while self.frame is None:
                if self.error is not None:
                    raise self.error
                if self._expired:
                    raise DeadlineExpired
                if connection.has_duty(self):
                    await connection.do_duty(self)
                else:
                    self._task = current_task()
                    await wait_task_rescheduled(self._abort)
        finally:
            if self._watch is not None:
                self._deadlines.forget(self._watch)
            if self.request:
                connection.withdraw(self)
            connection.pass_duties(self)
        return self.frame

    def _abort(self, _: object) -> trio.lowlevel.Abort:
        """Its task is cancelled while it is parked."""
        self._task = None
        return trio.lowlevel.Abort.SUCCEEDED

    @property
    def is_parked(self) -> bool:
        """True while its task waits for others to read or write."""
        return self._task is not None

    def wake(self) -> None:
        """Let its task look again; does nothing when there is none that waits."""
        task, self._task = self._task, None
        if task is not None:
            trio.lowlevel.reschedule(task)

    def expire(self) -> None:
        """Its deadline has come; a socket timeout counts from the connection's last sign of life."""
        now = trio.current_time()
        alive_until = self.connection.last_progress + self._socket_timeout
        if now < self._deadline and now < alive_until:
            self._watch = self._deadlines.watch(min(self._deadline, alive_until), self)
            return
        self._expired = True
        if self._task is not None:
            self.wake()
        else:
            self.connection.disturb()

    def close(self) -> None:
        """Close the whole connection: what comes on it can't be trusted, or does not come."""
        self.state = State.CLOSED
        self.connection.close()


class PipelinedConnection(Connection):
    """A connection with up to ``depth`` commands at once. See the top of this file.

    Attributes:
        in_flight: Slots that are out.
        last_progress: Trio's time when bytes last arrived.
    """

    __slots__ = (
        "_given",
        "_heir",
        "_pending",
        "_reader",
        "_rest",
        "_sent",
        "_unsent",
        "_writer",
        "in_flight",
        "last_progress",
    )

    def __init__(self, host: Host, on_close: Callable[[Connection], None] | None = None) -> None:
        super().__init__(host, on_close)
        self.in_flight = 0
        self.last_progress = 0.0
        self._pending: deque[Slot] = deque()  # in the order of their requests; the abandoned ones too
        self._unsent: list[Slot] = []  # the last of these, whose requests are not begun
        self._rest: bytes | memoryview = b""  # what the kernel did not take of those that are
        self._given = self._sent = 0  # bytes whose sending was begun, and bytes that were sent
        self._reader: Slot | None = None
        self._writer: Slot | None = None
        self._heir: Slot | None = None  # was woken to take a duty, and has not had its turn yet

    def open_slot(self) -> Slot:
        """A share for one command."""
        self.in_flight += 1
        return Slot(self)

    def send(self, slot: Slot, request: bytes) -> None:
        """Send a request at once if nothing else is under way; else leave it to whoever has the duty to write.

        Raises:
            ConnectionFailed: The connection broke.
            ClientClosed: It was closed.
        """
        if self.state is _CLOSED:
            slot.state = State.CLOSED
            raise slot.error or self._closed_meanwhile()
        is_alone = not self._pending
        self._pending.append(slot)
        self._unsent.append(slot)
        slot.state = _SENDING
        slot.request = request
        if is_alone:
            self.last_progress = trio.current_time()
            self._write()

    def withdraw(self, slot: Slot) -> None:
        """Its command gives up before the sending of its request was begun: nobody will ever know of it."""
        slot.request = b""
        self._unsent.remove(slot)
        self._pending.remove(slot)
        slot.state = State.IDLE

    def has_duty(self, slot: Slot) -> bool:
        """Whether there is something to do that nobody does, or was called to do."""
        if self._heir is slot:
            self._heir = None
        elif self._heir is not None:
            return False
        return self._reader is None or (self._writer is None and bool(self._unsent or self._rest))

    async def do_duty(self, slot: Slot) -> None:
        """Write or read once for all."""
        try:
            if self._writer is None and (self._unsent or self._rest):
                self._writer = slot
                if self._rest:
                    await wait_writable(self._fd)
                else:
                    await trio.lowlevel.cancel_shielded_checkpoint()  # others may have something to send too
                if not self.closed:
                    self._write()
            else:
                self._reader = slot
                await self._read_some(slot)
        except trio.ClosedResourceError:
            pass  # disturbed: whose deadline it was will know, and a closed connection has told its slots
        finally:
            if self._writer is slot:
                self._writer = None
            if self._reader is slot:
                self._reader = None

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
            self._fail(f"broke: {describe_os_error(error)}", error)
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

    async def _read_some(self, reader: Slot) -> None:
        await wait_readable(self._fd)
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
        self.last_progress = trio.current_time()
        try:
            self._hand_out(self._buffer.receive(data), reader)
        except ProtocolError as error:
            self._fail(f"carried what is no answer: {error}", error)

    def _hand_out(self, frame: bytes | None, reader: Slot) -> None:
        pending = self._pending
        while frame is not None:
            if not pending or not pending[0].delivered:
                raise ProtocolError("a frame that nobody asked for")
            slot = pending.popleft()
            slot.frame = frame
            slot.state = _IDLE
            if slot is reader:
                slot.has_read = True
            else:
                slot.wake()
            frame = self._buffer.next_frame()
        if len(self._buffer):
            if not pending:
                raise ProtocolError(f"{len(self._buffer)} bytes that nobody asked for")
            if pending[0].state is State.WAITING:
                pending[0].state = State.READING
                pending[0].first_byte_at = self.last_progress

    def pass_duties(self, slot: Slot) -> None:
        """Wake somebody who waits if there is something to do that nobody does.

        Args:
            slot: Whose command has ended.
        """
        if self._heir is slot:
            self._heir = None
        if not self._pending or self._heir is not None:
            return
        if self._reader is None or (self._writer is None and (self._unsent or self._rest)):
            # The one that came last reads for the longest time before its own answer is there.
            for waiting in reversed(self._pending):
                if waiting.is_parked:
                    self._heir = waiting
                    waiting.wake()
                    break

    def disturb(self) -> None:
        """Wake whoever reads or writes, to see whether its time is over."""
        if not self.closed:
            notify_closing(self._fd)

    def _fail(self, reason: str, cause: BaseException | None) -> None:
        """The connection broke: every command on it learns so, each with an error of its own."""
        kind = ProtocolError if isinstance(cause, ProtocolError) else ConnectionFailed
        for slot in self._pending:
            slot.error = kind(f"the connection to {self.host} {reason}")
            slot.error.__cause__ = cause
        self.close()

    def close(self) -> None:
        """Close it at once; every command on it ends."""
        pending, self._pending = self._pending, deque()
        self._unsent.clear()
        super().close()
        for slot in pending:
            slot.request = b""
            slot.state = State.CLOSED
            slot.error = slot.error or ClientClosed(f"the connection to {self.host} was closed under the command")
            slot.wake()
