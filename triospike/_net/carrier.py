"""What carries one command to a server and its answer back: a connection of its own, or a share of one."""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from enum import Enum
from typing import Final, NoReturn, Protocol

import trio
from trio.lowlevel import Abort

__all__ = ["PARKED", "Carrier", "DeadlineExpired", "State"]


class State(Enum):
    """Where a carrier is in its life, and what may be done with it when its command is cancelled or timed out.

    ========== =============================================================== ===========================
    state      meaning                                                         left by a cancel or timeout
    ========== =============================================================== ===========================
    NEW        not connected yet                                               closed
    IDLE       between two exchanges                                           stays in use, or pooled
    SENDING    a request waits to be sent                                      IDLE again: never sent
               it is partly sent: the server can't carry it out                closed
    WAITING    a request is sent, no byte of its answer is here                drained
    READING    a part of an answer is here                                     drained
    CLOSED     the end; no state follows
    ========== =============================================================== ===========================
    """

    NEW = "new"
    IDLE = "idle"
    SENDING = "sending"
    WAITING = "waiting"
    READING = "reading"
    CLOSED = "closed"


class DeadlineExpired(Exception):
    """The deadline of an exchange came before its answer. A signal between rooms; it never leaves them."""


class _Parked:
    """What an exchange for a task that is parked already returns."""

    def __await__(self) -> Generator[NoReturn, NoReturn, bytes]:
        raise RuntimeError("another task waits for this exchange already")


PARKED: Final = _Parked()


class Carrier(Protocol):
    """Carries one command at a time: a whole connection, or a slot of one.

    Attributes:
        state: What may be done with it.
        delivered: The last request was handed to the kernel whole, so the server may carry it out.
        sent_at: Trio's time when the last request was sent, if that took more than one step, else 0.
        first_byte_at: Trio's time when the last answer began, if it came in several parts, else 0.
    """

    state: State
    delivered: bool
    sent_at: float
    first_byte_at: float

    def exchange(
        self,
        request: bytes,
        deadline: float,
        socket_timeout: float,
        now: float,
        for_task: trio.lowlevel.Task | None = None,
    ) -> Awaitable[bytes]:
        """Send one request and return the whole frame that answers it; to be awaited at once.

        Args:
            request: A whole frame.
            deadline: Trio's time at which to give up.
            socket_timeout: Longest silence in seconds; math.inf is no limit.
            now: Trio's time, or what it was a moment ago.
            for_task: A task that is parked already, whose abort function calls `abort`: it is woken as if it had
                awaited this, and nobody else is to await what is returned. Only where the poller shares its set.

        Raises:
            DeadlineExpired: The deadline came first; the carrier is to be drained or closed.
            ConnectionFailed: The connection broke; it is closed.
            ProtocolError: The answer is none; the connection is closed.
        """

    def abort(self, cancelled: object) -> Abort:
        """The task that is parked for an answer is cancelled: an abort function of Trio's."""

    async def ask(self, request: bytes, *, max_body: int) -> bytes:
        """Send a request and return the frame that answers it, bounded by the caller's cancel scopes.

        For tending and info, where a cancel scope costs little. If this fails or is cancelled, the
        connection is to be closed.

        Args:
            request: A whole frame.
            max_body: Longest body of an answer to accept, in bytes.

        Raises:
            ConnectionFailed: The connection broke.
            ProtocolError: The answer is none.
        """

    async def drain(self) -> None:
        """Read the answer that an abandoned exchange left, so that the connection can be used again.

        The caller bounds it in time, and closes when this fails.

        Raises:
            ConnectionFailed: The connection broke.
            ProtocolError: The answer is none.
        """

    def close(self) -> None:
        """Close the connection at once; tasks that wait on it are woken. Does nothing the second time."""
