"""A command's turn for a connection, where all are in use: first come, first served, until its deadline.

Where there are more commands than connections, each of them stands in line. So this is no
`trio.lowlevel.ParkingLot` in a cancel scope: the scope would cost more than the command. And a command that has
said what to send is not woken to send it: whoever hands over the connection starts the exchange on its behalf, and
its task has its next step when the answer is here.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Awaitable
from typing import TypeAlias

import trio
from outcome import Error, Outcome, Value
from trio.lowlevel import Abort, current_task, reschedule, wait_task_rescheduled

from ..errors import AerospikeError
from .carrier import Carrier, DeadlineExpired
from .deadlines import Deadlines, Watch
from .socket_end import SocketEnd

__all__ = ["Line", "Turn"]


class Turn:
    """Of one task, to wait once.

    Args:
        deadline: Trio's time at which to give up.
        deadlines: Watches it while the task stands in line; None leaves it to the task's cancel scopes.
        request: A whole frame, to be sent as soon as there is a connection; empty if the task is to do so.
        socket_timeout: Longest silence in seconds while its answer is waited for; math.inf is no limit.

    Attributes:
        deadline: See above.
        carrier: What it got; whoever waited has to give it back, also if the exchange failed.
        fresh: What it got instead: a connection that is to be opened.
        given_at: Trio's time when it got it.
        answer: That to the request; empty if it is still to be sent.
    """

    __slots__ = (
        "_deadlines",
        "_line",
        "_request",
        "_socket_timeout",
        "_task",
        "_watch",
        "answer",
        "carrier",
        "deadline",
        "fresh",
        "given_at",
    )

    def __init__(
        self,
        deadline: float = math.inf,
        deadlines: Deadlines | None = None,
        request: bytes = b"",
        socket_timeout: float = math.inf,
    ) -> None:
        self.deadline = deadline
        self.carrier: Carrier | None = None
        self.fresh: SocketEnd | None = None
        self.given_at = 0.0
        self.answer = b""
        self._deadlines = deadlines
        self._request = request
        self._socket_timeout = socket_timeout
        self._watch: Watch | None = None
        self._line: Line
        self._task: trio.lowlevel.Task

    def wait(self, line: Line) -> Awaitable[bytes]:
        """Stand at the end of a line; to be awaited at once.

        Returns:
            The answer to the request; nothing if it is still to be sent.

        Raises:
            DeadlineExpired: The deadline came first, in line or in the exchange.
            AerospikeError: What `fail` was given, or why the exchange failed.
        """
        self._line = line
        line[self] = None
        if self._deadlines is not None:
            self._watch = self._deadlines.watch(self.deadline, self)
        self._task = current_task()
        return wait_task_rescheduled(self._abort)  # noqa: ASYNC105 (the caller awaits it)

    def give(self, carrier: Carrier, now: float, *, begin: bool) -> None:
        """The turn has come.

        Args:
            carrier: What is free.
            now: Trio's time.
            begin: The exchange can be begun, if there is a request; else the task is woken.
        """
        self._leave()
        self.carrier = carrier
        self.given_at = now
        if not (begin and self._request):
            reschedule(self._task, Value(b""))
            return
        try:
            carrier.exchange(self._request, self.deadline, self._socket_timeout, now, self._task)
        except AerospikeError as error:
            reschedule(self._task, Error(error))

    def give_fresh(self, connection: SocketEnd) -> None:
        """The wait is over: there is room for a connection."""
        self.fresh = connection
        self._wake(Value(b""))

    def fail(self, error: Exception) -> None:
        """There will be none."""
        self._wake(Error(error))

    def expire(self) -> None:
        """The deadline has come."""
        self._wake(Error(DeadlineExpired()))

    def _wake(self, outcome: Outcome[bytes]) -> None:
        self._leave()
        reschedule(self._task, outcome)

    def _abort(self, cancelled: object) -> Abort:
        """The task is cancelled, in line or in the exchange."""
        if self.carrier is not None:
            return self.carrier.abort(cancelled)
        self._leave()
        return Abort.SUCCEEDED

    def _leave(self) -> None:
        del self._line[self]
        if self._watch is not None and self._deadlines is not None:
            self._deadlines.forget(self._watch)


Line: TypeAlias = "OrderedDict[Turn, None]"
"""Who came first is the first. Not a plain dict: to find its first key takes time for all that were before it."""
