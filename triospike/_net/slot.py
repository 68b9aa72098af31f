"""One command's share of a connection that several use at once.

It is used by one command after the other, as a connection of its own would be; one that was left by its command
stands in the connection's line until its answer has come and was dropped.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING

import trio
from outcome import Error, Outcome
from trio.lowlevel import Abort, current_task, reschedule, wait_readable, wait_task_rescheduled

from ..errors import AerospikeError, ProtocolError
from .arrived import Arrived
from .carrier import PARKED, DeadlineExpired, State

if TYPE_CHECKING:
    from .pipeline import PipelinedConnection
    from .poller import Poller

__all__ = ["Slot", "finish_slots"]

_IDLE, _CLOSED = State.IDLE, State.CLOSED


class Slot:
    """One command's share of a pipelined connection. A `Carrier`.

    Attributes:
        state: See `Carrier`.
        delivered: See `Carrier`.
        sent_at: See `Carrier`.
        first_byte_at: See `Carrier`.
        connection: What it is a share of.
        request: What is to be sent, until the sending begins.
        end: How many bytes the connection will have sent in parts, with this request; 0 if it went whole.
        frame: The answer, once it is here, for a task that is not parked.
        error: Why there will be no answer.
        until: Trio's time until which a task waits; math.inf while none does, or without end.
    """

    __slots__ = (
        "_arrived",
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
        self.until = math.inf
        self._task: trio.lowlevel.Task | None = None
        self._arrived = Arrived()  # one for all its exchanges
        self._expired = False

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
        self.delivered = self._expired = False
        self.sent_at = self.first_byte_at = 0.0
        self.end = 0
        self.frame = None  # one may have come in the moment in which its command gave up
        alone = for_task is None and not (poller.parked or poller.alone)
        if alone:
            connection.send(self, request, now)
        else:
            connection.gather(self, request)
        until = deadline
        if socket_timeout < deadline - now:  # else the deadline comes first anyway
            until = min(deadline, trio.current_time() + socket_timeout)
        self._deadline, self._socket_timeout = deadline, socket_timeout
        self.until = until
        if until < connection.until:
            connection.until = until
            if until < connection.alarm:
                poller.alarms.set(connection)
        if alone:
            if self.error is not None:
                raise self.error
            return self._answer()
        self._task = for_task or current_task()
        if poller.parked and poller.shares and connection.is_attended:
            poller.parked += 1  # as `park` does, for nearly all
        else:
            connection.park()
        # Who wakes the task has its answer: no coroutine of ours need stand between.
        return PARKED if for_task else wait_task_rescheduled(self.abort)  # noqa: ASYNC105 (the caller awaits it)

    async def ask(self, request: bytes, *, max_body: int) -> bytes:
        """See `Carrier.ask`; the size is bounded as on the whole connection."""
        return await self.exchange(request, math.inf, math.inf, 0.0)

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
                    parked: bytes = await wait_task_rescheduled(self.abort)
                    return parked
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
                    if not poller.takes_part:
                        poller.begin_turn()
                    frame = connection.receive_alone(self)
                    if frame is not None:
                        return frame
            frame, self.frame = self.frame, None
            return frame
        finally:
            self.until = math.inf
            if self.request:  # as `_leave`, without a call
                connection.withdraw(self)

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


def finish_slots(pending: deque[Slot], frames: Sequence[bytes], poller: Poller) -> None:
    """Hand out answers, in the order of the requests.

    Args:
        pending: Those who wait on one connection, or did; the ones that are answered are taken out.
        frames: The answers.
        poller: The connection's.

    Raises:
        ProtocolError: There are more frames than requests that were sent.
    """
    for frame in frames:
        if not pending or not pending[0].delivered:
            raise ProtocolError("a frame that nobody asked for")
        slot = pending.popleft()
        slot.state = _IDLE
        task = slot._task
        if task is None:
            slot.frame = frame
        else:
            slot._task = None  # as `_wake`, of a request that was sent
            slot.until = math.inf
            poller.parked -= 1
            slot._arrived.frame = frame
            reschedule(task, slot._arrived)
