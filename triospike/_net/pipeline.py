"""A connection shared by several commands at once: requests one behind the other, answers in the same order.

No task of its own reads or writes. Of the commands that wait, one at a time has the duty to read for all of
them, and one to write what the kernel did not take at once; whoever is done, or gives up, passes its duty on.
So a command that is alone on its connection does what it would do on a connection of its own: send, wait, read.

A command that gives up leaves its slot behind, so that its answer, when it comes, is dropped and nobody else
takes it for his. When the connection breaks, each slot learns for itself whether its request was sent whole.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import trio
from trio.lowlevel import notify_closing, wait_readable, wait_writable

from ..errors import AerospikeError, ClientClosed, ConnectionFailed, ProtocolError
from ..host import Host
from .carrier import Carrier, DeadlineExpired, State
from .connection import Connection
from .deadlines import Deadlines, Watch
from .stream import describe_os_error

__all__ = ["PipelinedConnection", "Slot"]

_RECEIVE_SIZE = 64 << 10


class Slot(Carrier):
    """One command's share of a pipelined connection.

    Attributes:
        connection: What it is a share of.
        end: How many bytes the connection had been given in all, with this request.
        frame: The answer, once it is here.
        error: Why there will be no answer.
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
    )

    def __init__(self, connection: PipelinedConnection) -> None:
        super().__init__(State.IDLE)
        self.connection = connection
        self.end = 0
        self.frame: bytes | None = None
        self.error: AerospikeError | None = None
        self._task: trio.lowlevel.Task | None = None
        self._expired = False

    def __repr__(self) -> str:
        return f"<Slot of {self.connection!r}, {self.state.value}>"

    async def exchange(
        self, request: bytes, deadline: float, socket_timeout: float, deadlines: Deadlines
    ) -> bytes:
        """See `Carrier.exchange`."""
        self._deadline, self._socket_timeout, self._deadlines = deadline, socket_timeout, deadlines
        until = deadline
        if socket_timeout < deadline - deadlines.now:  # else the deadline comes first anyway
            until = min(deadline, trio.current_time() + socket_timeout)
        self._watch: Watch = deadlines.watch(until, self)
        try:
            self.connection.send(self, request)
            return await self._answer()
        finally:
            deadlines.forget(self._watch)

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
                if not await connection.do_duty(self):
                    await self._park()
        finally:
            connection.pass_duties()
        return self.frame

    async def _park(self) -> None:
        def abort(_: object) -> trio.lowlevel.Abort:
            self._task = None
            return trio.lowlevel.Abort.SUCCEEDED

        self._task = trio.lowlevel.current_task()
        await trio.lowlevel.wait_task_rescheduled(abort)

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

    __slots__ = ("_given", "_outgoing", "_pending", "_reader", "_sent", "_writer", "in_flight", "last_progress")

    def __init__(self, host: Host, on_close: Callable[[Connection], None] | None = None) -> None:
        super().__init__(host, on_close)
        self.in_flight = 0
        self.last_progress = 0.0
        self._pending: deque[Slot] = deque()  # in the order of their requests; the abandoned ones too
        self._outgoing = bytearray()  # what the kernel did not take at once
        self._given = self._sent = 0  # bytes that slots gave to send, and bytes that were sent
        self._reader: Slot | None = None
        self._writer: Slot | None = None

    def open_slot(self) -> Slot:
        """A share for one command."""
        self.in_flight += 1
        return Slot(self)

    def send(self, slot: Slot, request: bytes) -> None:
        """Send a request, or as much of it as is possible now.

        Raises:
            ConnectionFailed: The connection broke.
            ClientClosed: It was closed.
        """
        if self.closed:
            slot.state = State.CLOSED
            raise slot.error or self._closed_meanwhile()
        if not self._pending:
            self.last_progress = trio.current_time()
        self._pending.append(slot)
        slot.state = State.SENDING
        self._given += len(request)
        slot.end = self._given
        if not self._outgoing:
            try:
                sent = self._socket.send(request)
            except BlockingIOError:
                sent = 0
            except OSError as error:
                self._fail(f"broke: {describe_os_error(error)}", error)
                return
            self._sent += sent
            if sent == len(request):
                slot.state = State.WAITING
                slot.delivered = True
                return
            request = request[sent:]
        self._outgoing += request

    async def do_duty(self, slot: Slot) -> bool:
        """Write or read once for all, if nobody does; False when others do and the slot has to wait."""
        try:
            if self._outgoing and self._writer is None:
                self._writer = slot
                await self._write_some()
            elif self._reader is None:
                self._reader = slot
                await self._read_some(slot)
            else:
                return False
        except trio.ClosedResourceError:
            pass  # disturbed: whose deadline it was will know, and a closed connection has told its slots
        finally:
            if self._writer is slot:
                self._writer = None
            if self._reader is slot:
                self._reader = None
        return True

    async def _write_some(self) -> None:
        await wait_writable(self._fd)
        try:
            sent = self._socket.send(self._outgoing)
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(f"broke: {describe_os_error(error)}", error)
            return
        del self._outgoing[:sent]
        self._sent += sent
        for slot in self._pending:
            if not slot.delivered and slot.end <= self._sent:
                slot.delivered = True
                slot.state = State.WAITING
                slot.sent_at = trio.current_time()

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
            slot.state = State.IDLE
            if slot is not reader:
                slot.wake()
            frame = self._buffer.next_frame()
        if len(self._buffer):
            if not pending:
                raise ProtocolError(f"{len(self._buffer)} bytes that nobody asked for")
            if pending[0].state is State.WAITING:
                pending[0].state = State.READING
                pending[0].first_byte_at = self.last_progress

    def pass_duties(self) -> None:
        """Wake somebody who waits if there is something to do that nobody does."""
        if self._pending and (self._reader is None or (self._outgoing and self._writer is None)):
            for slot in self._pending:
                if slot.is_parked:
                    slot.wake()
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
        super().close()
        for slot in pending:
            slot.state = State.CLOSED
            slot.error = slot.error or ClientClosed(f"the connection to {self.host} was closed under the command")
            slot.wake()
