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
from collections.abc import Callable

import trio
from trio.lowlevel import notify_closing, wait_readable, wait_writable

from ..errors import AerospikeError, ClientClosed, ConnectionFailed, ProtocolError
from ..host import Host
from .carrier import State
from .poller import Poller
from .slot import Slot, finish_slots
from .socket_end import SocketEnd
from .stream import describe_os_error

__all__ = ["PipelinedConnection"]

_RECEIVE_SIZE = 64 << 10
_MOST_RECEIVED = 8
"""How often at once, while that much is there: other connections shall have their turn."""
_IDLE, _SENDING, _WAITING, _CLOSED = State.IDLE, State.SENDING, State.WAITING, State.CLOSED


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
        spare: Slots that were given back, for the next commands.
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
        "spare",
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
        self.spare: list[Slot] = []
        self._rest: bytes | memoryview = b""  # what the kernel did not take of those that are
        self._given = 0  # bytes whose sending was begun, of requests that went out in parts
        self._sent = 0  # bytes of these that were sent
        self._gathering = False  # the poller will call `write_gathered`
        self._writes = False  # a task sends the rest
        self._reads = False  # a task receives, where the poller does not
        self.is_alone = False

    def open_slot(self) -> Slot:
        """A share for one command."""
        self.in_flight += 1
        return self.spare.pop() if self.spare else Slot(self)

    # Sending.

    def gather(self, slot: Slot, request: bytes) -> None:
        """Send a request with all others of this turn.

        Args:
            slot: Whose it is.
            request: A whole frame.

        Raises:
            ConnectionFailed: The connection broke.
            ClientClosed: It was closed.
        """
        if self.state is _CLOSED:
            slot.state = _CLOSED
            raise slot.error or self._closed_meanwhile()
        if not self._pending:
            self.last_progress = self.poller.time()
        self._pending.append(slot)
        self._unsent.append(slot)
        slot.state = _SENDING
        slot.request = request
        if not self._gathering:
            self._gathering = True
            self.poller.write_last(self)

    def send(self, slot: Slot, request: bytes, now: float) -> None:
        """Send a request at once, since nobody else waits for anything; otherwise as `gather`.

        Args:
            slot: Whose it is.
            request: A whole frame.
            now: Trio's time, or what it was a moment ago.

        Raises:
            ConnectionFailed: The connection broke.
            ClientClosed: It was closed.
        """
        if not (self._pending or self._rest or self.state is _CLOSED):
            self.last_progress = now
            try:
                sent = self._socket.send(request)
            except OSError:  # what there is to say, the second try will say
                sent = 0
            if sent == len(request):
                self._pending.append(slot)
                slot.delivered = True
                slot.state = _WAITING
                return
            if sent:
                self._send_rest_of(slot, request, sent)
                return
        self.gather(slot, request)
        self._write()
        self.after_writing()

    def _send_rest_of(self, slot: Slot, request: bytes, sent: int) -> None:
        self._pending.append(slot)
        self._given += len(request)
        self._sent += sent
        slot.state = _SENDING
        slot.end = self._given
        self._rest = memoryview(request)[sent:]
        self.after_writing()

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
        requests, unsent = self._rest, self._unsent
        took_steps = bool(requests)
        if not took_steps:
            if not unsent:
                return
            requests = unsent[0].request if len(unsent) == 1 else b"".join([slot.request for slot in unsent])
        try:
            sent = self._socket.send(requests)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            sent = 0
            self._broken_by = error
        if sent == len(requests) and not took_steps:
            for slot in unsent:
                slot.request = b""
                slot.delivered = True
                slot.state = _WAITING
            unsent.clear()
            return
        self._sent += sent
        if not took_steps:
            self._begin(unsent)
        self._rest = b"" if sent == len(requests) else memoryview(requests)[sent:]
        self._note_delivered(trio.current_time() if took_steps else 0.0)

    def _begin(self, unsent: list[Slot]) -> None:
        """Requests that go out in parts: none can be withdrawn any more, and each is sent at its own time."""
        for slot in unsent:
            self._given += len(slot.request)
            slot.end = self._given
            slot.request = b""
        unsent.clear()

    def _note_delivered(self, now: float) -> None:
        for slot in reversed(self._pending):
            if slot.delivered:
                break
            if 0 < slot.end <= self._sent:
                slot.delivered = True
                slot.state = _WAITING
                slot.sent_at = now

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
        for _ in range(_MOST_RECEIVED):
            data = self._receive_some()
            if not data or not self._hand_out(data) or len(data) < _RECEIVE_SIZE:
                break

    def receive_alone(self, slot: Slot) -> bytes | None:
        """As `receive`, for one who waits alone.

        Returns:
            The slot's answer, if nothing else is there; None if the slot has what came of it.
        """
        data = self._receive_some()
        if not data:
            return None
        pending = self._pending
        if len(pending) == 1 and pending[0] is slot and slot.delivered and self._buffer.is_frame(data):
            pending.clear()
            slot.state = _IDLE
            self.emptied = self.poller.turn
            return data
        self._hand_out(data)
        return None

    def _receive_some(self) -> bytes:
        """Receive once; empty if nothing is there, or the connection has ended."""
        try:
            data = self._socket.recv(_RECEIVE_SIZE)
        except BlockingIOError:
            return b""
        except OSError as error:
            self._fail(f"broke: {describe_os_error(error)}", error)
            return b""
        if not data:
            self._fail("broke: closed by the server", None)
        else:
            self.last_progress = self.poller.time()
        return data

    def _hand_out(self, data: bytes) -> bool:
        """Give each its answer; False if the connection ends with that."""
        poller = self.poller
        try:
            finish_slots(self._pending, self._buffer.split(data), poller)
            if self._buffer.rest:
                self._hand_out_rest()
            else:
                self.emptied = poller.turn
        except ProtocolError as error:
            self._fail(f"carried what is no answer: {error}", error)
            return False
        return True

    def _hand_out_rest(self) -> None:
        """What came in pieces, or is not as it should be."""
        buffer, pending = self._buffer, self._pending
        while (frame := buffer.next_frame()) is not None:
            finish_slots(pending, (frame,), self.poller)
        if buffer.rest and not pending:
            raise ProtocolError(f"{len(buffer)} bytes that nobody asked for")
        if buffer.rest and pending[0].state is _WAITING:
            pending[0].state = State.READING
            pending[0].first_byte_at = self.last_progress

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
        self.spare.clear()
        self._rest = b""
        super().close()
        if isinstance(cause, ProtocolError):
            kind = ProtocolError
        for slot in pending:
            error = kind(message)  # each has one of its own: it is raised in another task
            error.__cause__ = cause
            slot.fail(error)
