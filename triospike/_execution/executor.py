"""Running one command that has its place: attempts on connections, until one succeeds or none may follow.

The first attempt of a command in its caller's task is the hot path, and has a form of its own in `EventLoop.run`.
"""

from __future__ import annotations

import math
from typing import Any, Protocol, TypeVar

import trio

from .._cluster.cluster import Cluster
from .._cluster.node import Node
from .._commands.base import Command, request_within
from .._net.carrier import Carrier, DeadlineExpired, State
from .._net.deadlines import Deadlines
from .._net.pool import AnyPool
from .._net.turn import Turn
from ..errors import (
    AerospikeError,
    AttemptTimes,
    CommandTimeout,
    ConnectionFailed,
    KeyBusy,
    MaxErrorRate,
    ProtocolError,
)
from ..result_code import facts_of
from .core import ClientCore
from .retry import Attempts

__all__ = [
    "Host",
    "Trace",
    "attempt",
    "attempt_in_turn",
    "choose_node",
    "count_failure",
    "execute",
    "give_back",
    "no_connection",
    "retry",
    "spoils_connection",
    "timed_out",
    "too_many_errors",
]

T = TypeVar("T")
_IDLE = State.IDLE


class Host(Protocol):
    """What a command needs of the event loop that runs it."""

    deadlines: Deadlines

    def abandon(self, pool: AnyPool, connection: Carrier, timeout_delay: float) -> None:
        """Take over a connection whose answer nobody waits for any more."""


class Trace:
    """What a command came to so far, and the present attempt's times as far as they are not zero.

    Args:
        began: Trio's time when the attempt began.
        queue: Seconds that the command waited for its place.
    """

    __slots__ = ("answered", "began", "connected", "connection", "doubtful", "node", "queue", "sleep")

    def __init__(self, began: float, queue: float = 0.0) -> None:
        self.began = self.connected = began
        self.queue = queue
        self.sleep = 0.0
        self.node: Node | None = None
        self.connection: Carrier | None = None
        self.answered = False
        self.doubtful = False

    def after(self, node: Node | None, connection: Carrier | None, *, answered: bool) -> Trace:
        """This trace, after an attempt that was made without it, unless it had to wait for a connection.

        Args:
            node: Where it went, if that far.
            connection: What it was sent on, if there was one at once.
            answered: An answer came on that.
        """
        self.node = node
        if connection is not None:
            self.connection, self.answered = connection, answered
        return self

    def begin_again(self, now: float, slept: float) -> None:
        """Another attempt begins."""
        self.began = self.connected = now
        self.queue, self.sleep = 0.0, slept
        self.node = self.connection = None
        self.answered = False

    def may_have_arrived(self) -> bool:
        """A request of this command was sent whole, and no answer says that it was refused."""
        connection = self.connection
        return self.doubtful or (connection is not None and connection.delivered and not self.answered)

    def times(self, now: float) -> AttemptTimes:
        """Where the attempt's time went, now that it has failed."""
        node, connection = self.node.name if self.node else None, self.connection
        if connection is None:
            return AttemptTimes(node, self.queue, connection=now - self.began, sleep=self.sleep)
        sent = connection.sent_at or (self.connected if connection.delivered else now)
        first_byte = connection.first_byte_at or now
        return AttemptTimes(
            node,
            queue=self.queue,
            connection=self.connected - self.began,
            send=sent - self.connected,
            wait=first_byte - sent,
            read=now - first_byte,
            sleep=self.sleep,
        )


async def execute(host: Host, core: ClientCore, command: Command[T], deadline: float, trace: Trace) -> T:
    """Run a command to its end.

    Args:
        host: The event loop.
        core: The client: where the nodes are.
        command: What to do.
        deadline: Trio's time at which its total timeout ends.
        trace: Takes note of what happens.

    Returns:
        The command's result.

    Raises:
        AerospikeError: It failed, after all the attempts that its policy allows.
        ValueError: Its namespace is unknown to the cluster.
    """
    try:
        return await attempt(host, core.cluster, command, command.request, deadline, trace)
    except AerospikeError as error:
        first = error
    return await retry(host, core, command, deadline, first, trace)


async def attempt(
    host: Host,
    cluster: Cluster,
    command: Command[T],
    request: bytes,
    deadline: float,
    trace: Trace,
    replica_index: int = 0,
    failed: Node | None = None,
) -> T:
    """One attempt on one connection. `EventLoop.run` has these steps in a shorter form for a first attempt.

    Args:
        host: The event loop.
        cluster: Where the nodes are.
        command: What to do.
        request: What to send.
        deadline: Trio's time at which the command's total timeout ends.
        trace: Takes note of what happens.
        replica_index: Which replica to go to.
        failed: The node that the last attempt went to.

    Raises:
        AerospikeError: It failed.
        ValueError: The cluster has no such namespace.
    """
    policy = command.policy
    node = trace.node = choose_node(cluster, command, replica_index, failed)
    if not node.is_open():
        raise too_many_errors(node)
    connection = node.pool.take_nowait(host.deadlines.now)
    if connection is None:
        return await attempt_in_turn(host, node, command, request, deadline, trace)
    trace.connection = connection
    try:
        frame = await connection.exchange(request, deadline, policy.socket_timeout or math.inf, host.deadlines.now)
        trace.answered = True
        return command.parse(frame)
    except DeadlineExpired:
        raise timed_out(command, deadline) from None
    except AerospikeError as error:
        if spoils_connection(error):
            connection.close()
        raise
    finally:
        give_back(host, node, connection, policy.timeout_delay)


async def attempt_in_turn(
    host: Host, node: Node, command: Command[T], request: bytes, deadline: float, trace: Trace
) -> T:
    """One attempt on a connection that the node does not have yet: it is waited for, or opened.

    Args:
        host: The event loop.
        node: Where it goes.
        command: What to do.
        request: What to send.
        deadline: Trio's time at which the command's total timeout ends.
        trace: Takes note of what happens.

    Raises:
        AerospikeError: There is no connection in time, or it could not be opened, or the command failed.
    """
    policy = command.policy
    silence = policy.socket_timeout or math.inf
    turn = Turn(deadline, host.deadlines, request, silence)
    try:
        carrier = await node.pool.take(policy.connect_timeout or silence, turn)
        frame = turn.answer or await carrier.exchange(request, deadline, silence, host.deadlines.now)
        trace.answered = True
        return command.parse(frame)
    except DeadlineExpired:
        raise (timed_out(command, deadline) if turn.carrier is not None else no_connection(node.pool)) from None
    except AerospikeError as error:
        if turn.carrier is not None and spoils_connection(error):
            turn.carrier.close()
        raise
    finally:
        if turn.carrier is not None:
            trace.connection, trace.connected = turn.carrier, turn.given_at
            give_back(host, node, turn.carrier, policy.timeout_delay)


def give_back(host: Host, node: Node, connection: Carrier, timeout_delay: float) -> None:
    """Give a connection back after an exchange, however that ended.

    Args:
        host: Reads the late answer, if there is one to come.
        node: Whose it is.
        connection: In whatever state.
        timeout_delay: Seconds to wait for that answer.
    """
    if connection.state is _IDLE:
        node.pool.put(connection, host.deadlines.now)
    else:
        host.abandon(node.pool, connection, timeout_delay)


def choose_node(
    cluster: Cluster, command: Command[Any], replica_index: int = 0, failed: Node | None = None
) -> Node:
    """The node that a command goes to.

    Args:
        cluster: Where the nodes are.
        command: What to do.
        replica_index: Which replica to go to.
        failed: The node that the last attempt went to.

    Raises:
        AerospikeError: There is none.
        ValueError: The cluster has no such namespace.
    """
    key = command.key
    return cluster.node_for(
        key.namespace,
        key.partition_id,
        command.policy.replica,
        replica_index,
        write=command.is_write,
        sc_mode=command.sc_mode,
        failed=failed,
    )


def too_many_errors(node: Node) -> MaxErrorRate:
    """The error of a command whose node takes none at the moment."""
    return MaxErrorRate(f"{node.name} had more errors than max_error_rate in this window")


def no_connection(pool: AnyPool) -> CommandTimeout:
    """The error of an attempt that got no connection before its time was over."""
    now = pool.statistics()
    return CommandTimeout(
        f"no connection in time: {now.open} of {now.limit} open, {now.in_use} in use, {now.waiting} commands wait"
    )


def spoils_connection(error: AerospikeError) -> bool:
    """Whether a connection can't be used again after an error."""
    return isinstance(error, ProtocolError) or facts_of(error.result_code).closes_connection


def timed_out(command: Command[Any], deadline: float) -> CommandTimeout:
    """The error of an attempt whose time is over: the command's, or the longest silence."""
    policy = command.policy
    if trio.current_time() >= deadline:
        return CommandTimeout(f"total_timeout of {policy.total_timeout:g} s ended")
    return CommandTimeout(f"socket_timeout of {policy.socket_timeout:g} s ended")


async def retry(
    host: Host, core: ClientCore, command: Command[T], deadline: float, error: AerospikeError, trace: Trace
) -> T:
    """All that follows a failed first attempt.

    Raises:
        AerospikeError: The last failure, when no attempt may follow it.
    """
    attempts = Attempts(
        command.policy, command.policy.replica, command.sc_mode, is_write=command.is_write, deadline=deadline
    )
    while True:
        pause = _note_failure(attempts, error, trace)
        if pause is None:
            raise attempts.final()
        core.retries += 1
        trace.doubtful = attempts.in_doubt
        await trio.sleep(pause)
        now = host.deadlines.now = trio.current_time()
        if now >= deadline:  # other tasks kept this one from going on
            raise attempts.final()
        failed = trace.node
        trace.begin_again(now, pause)
        request = command.request
        if deadline != math.inf:
            limit = min(deadline - now, command.policy.socket_timeout or math.inf)
            request = request_within(command.request, limit)
        try:
            return await attempt(
                host, core.cluster, command, request, deadline, trace, attempts.replica_index, failed
            )
        except AerospikeError as next_error:
            error = next_error


def _note_failure(attempts: Attempts, error: AerospikeError, trace: Trace) -> float | None:
    """Count a failure where it belongs; return the pause before the next attempt, or None."""
    now = trio.current_time()
    if trace.node is not None:
        error.node = error.node or trace.node.name
        count_failure(trace.node, error, trace)
    return attempts.failed(
        error,
        trace.times(now),
        now,
        delivered=trace.connection is not None and trace.connection.delivered,
        answered=trace.answered,
    )


def count_failure(node: Node, error: AerospikeError, trace: Trace) -> None:
    """Count a failed attempt for its node: towards ``max_error_rate`` if it is of that kind."""
    if isinstance(error, MaxErrorRate):
        return
    if isinstance(error, CommandTimeout):
        node.count_timeout()
        if not trace.answered and (trace.connection is None or trace.connection.state is not State.CLOSED):
            return  # this client's own timeout counts as an error only if it cost a connection
    if isinstance(error, KeyBusy):
        node.count_key_busy()
    elif facts_of(error.result_code).counts_as_error:
        node.count_error()
    if isinstance(error, ConnectionFailed):
        node.pool.on_broken()
