"""One node's share of a command that fans out: a batch, a scan, a query.

The parent runs its parts side by side, in a nursery of its own. Each part is admitted by the event loop as one
command, and the parent holds no place, so it can't deadlock whatever the limit is. An answer of many frames
comes over a connection of its own, never over one that others share.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import trio

from .._cluster.node import Node
from .._commands.base import ends_answer
from .._net.carrier import Carrier, DeadlineExpired, State
from .._net.connection import Connection
from .._net.turn import Turn
from ..errors import AerospikeError, CommandTimeout, MaxErrorRate, ProtocolError
from ..policy.base import BasePolicy
from ..result_code import facts_of
from .core import ClientCore
from .event_loop import EventLoop
from .executor import Trace, count_failure, no_connection

__all__ = ["Part", "run_part"]


class Part(ABC):
    """What one node is asked, and what becomes of its answer.

    Attributes:
        request: The whole frame.
        is_write: A failed attempt may have changed records.
        paced: `relieve` may wait.
        drainable: The rest of an abandoned answer is short and may be read in the background, for
            ``timeout_delay``; else the connection is closed, which ends the work in the server too.
    """

    __slots__ = ("request",)

    request: bytes
    is_write: bool = False
    paced: bool = True
    drainable: bool = False

    @abstractmethod
    def receive(self, frame: bytes) -> bool:
        """Take in a frame of the answer.

        Args:
            frame: One whole frame, which may hold many records.

        Returns:
            True when it was the last one.

        Raises:
            AerospikeError: The part failed.
            ProtocolError: This is no such answer.
        """

    @abstractmethod
    async def relieve(self) -> None:
        """Wait while the consumer is behind, if `paced`; after each frame but the last, while no timeout runs."""


async def run_part(
    loop: EventLoop,
    core: ClientCore,
    node: Node,
    part: Part,
    policy: BasePolicy,
    deadline: float,
    trace: Trace | None = None,
) -> None:
    """Run one part, once, to its end.

    Args:
        loop: Whose limits it runs under.
        core: The client.
        node: Whom to ask.
        part: What to ask, and where the answer goes.
        policy: Its ``socket_timeout`` bounds each silence, ``connect_timeout`` the opening of a connection.
        deadline: Trio's time at which the parent's total timeout ends.
        trace: Takes note of what happens.

    Raises:
        QueueFull: The loop's queue is full and ``when_queue_full`` is "raise".
        AerospikeError: It failed; the error names the node and says whether a write may have been applied.
    """
    trace = trace or Trace(loop.poller.time())
    trace.node = node
    await loop.admit(core, deadline, trace)
    failure: BaseException | None = None
    try:
        if not node.is_open():
            raise MaxErrorRate(f"{node.name} had more errors than max_error_rate in this window")
        await _converse(loop, node, part, policy, deadline, trace)
    except AerospikeError as error:
        failure = error
        error.node = error.node or node.name
        error.in_doubt = part.is_write and trace.may_have_arrived()
        count_failure(node, error, trace)
        raise
    except BaseException as error:
        failure = error
        raise
    finally:
        loop.leave(failure)


async def _converse(
    loop: EventLoop, node: Node, part: Part, policy: BasePolicy, deadline: float, trace: Trace
) -> None:
    """Send the request and hand on frame after frame."""
    now = loop.deadlines.now
    connection = node.streams.take_nowait(now)
    if connection is None:
        connection = await _connect(loop, node, policy, deadline)
        now = loop.deadlines.now = loop.poller.time()
    assert isinstance(connection, Connection)
    trace.connected = now
    trace.connection = connection
    silence = policy.socket_timeout or math.inf
    frame = b""
    try:
        frame = await connection.begin(part.request, deadline, silence, now, ends_answer)
        while not part.receive(frame):
            if part.paced:
                await part.relieve()
            frame = connection.next_here() or await connection.next_frame(deadline, silence)
        trace.answered = True
        connection.end()
    except DeadlineExpired:
        raise _timeout(policy, deadline) from None
    except ProtocolError:
        connection.close()
        raise
    except AerospikeError as error:
        if connection.state is not State.CLOSED and ends_answer(frame):
            # The server refused the whole, in a message that is its last word.
            trace.answered = True
            if facts_of(error.result_code).closes_connection:
                connection.close()
            else:
                connection.end()
        raise
    finally:
        if connection.state is not State.IDLE and not part.drainable:
            connection.close()
        loop.abandon(node.streams, connection, policy.timeout_delay)


async def _connect(loop: EventLoop, node: Node, policy: BasePolicy, deadline: float) -> Carrier:
    try:
        connection: Carrier = await node.streams.take(
            policy.connect_timeout or policy.socket_timeout or math.inf, Turn(deadline, loop.deadlines)
        )
    except DeadlineExpired:
        raise no_connection(node.streams) from None
    return connection


def _timeout(policy: BasePolicy, deadline: float) -> CommandTimeout:
    if trio.current_time() >= deadline:
        return CommandTimeout(f"total_timeout of {policy.total_timeout:g} s ended")
    return CommandTimeout(f"socket_timeout of {policy.socket_timeout:g} s ended")
