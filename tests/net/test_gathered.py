"""Requests that wait for the end of their turn, on connections of their own: sent then, or not at all."""

from __future__ import annotations

import math
import socket

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from fixtures.raw_server import Peer
from fixtures.wire import answer
from triospike._net.carrier import DeadlineExpired, State
from triospike._net.connection import Connection
from triospike.errors import ConnectionFailed, ProtocolError

from .exchanging import REQUEST, Dial, exchange

LARGE = b"\x02\x03" + (16 << 20).to_bytes(6, "big") + bytes(16 << 20)


async def echo(peer: Peer) -> None:
    while True:
        await peer.request()
        await peer.send(answer())


async def test_a_request_goes_out_at_the_end_of_its_turn(clock: MockClock, dial_busy: Dial) -> None:
    connection, server = await dial_busy(echo)
    answered = connection.exchange(REQUEST, math.inf, math.inf, 0.0)
    assert (connection.state, connection.delivered, server.requests) == (State.SENDING, False, [])
    assert await answered == answer()
    assert (connection.state, connection.delivered, server.requests) == (State.IDLE, True, [REQUEST])


async def test_what_is_cancelled_before_the_end_of_its_turn_is_never_sent(
    clock: MockClock, dial_busy: Dial
) -> None:
    connection, server = await dial_busy(echo)
    with trio.CancelScope() as scope:
        scope.cancel()
        await exchange(connection)
    assert scope.cancelled_caught
    assert (connection.state, connection.delivered) == (State.IDLE, False)
    await wait_all_tasks_blocked(0.01)
    assert server.requests == []
    assert await exchange(connection) == answer()
    assert server.requests == [REQUEST]


async def test_what_is_cancelled_and_followed_by_another_in_the_same_turn_is_sent_once(
    clock: MockClock, dial_busy: Dial
) -> None:
    connection, server = await dial_busy(echo)
    with trio.CancelScope() as scope:
        scope.cancel()
        await exchange(connection, REQUEST[:-4] + b"gone")
    assert await exchange(connection) == answer()
    assert server.requests == [REQUEST]


async def test_a_request_that_the_kernel_takes_in_parts_arrives_whole(clock: MockClock, dial_busy: Dial) -> None:
    async def late(peer: Peer) -> None:
        await trio.sleep(1)
        await echo(peer)

    connection, server = await dial_busy(late)
    assert await exchange(connection, LARGE) == answer()
    assert server.requests == [LARGE]
    assert connection.sent_at >= 1
    assert await exchange(connection) == answer()


async def test_who_gives_up_with_a_request_partly_sent_leaves_no_connection_behind(
    clock: MockClock, dial_busy: Dial
) -> None:
    async def reads_nothing(peer: Peer) -> None:
        await trio.sleep_forever()

    connection, _ = await dial_busy(reads_nothing)
    with pytest.raises(DeadlineExpired):
        await exchange(connection, LARGE, total=1)
    assert (connection.state, connection.delivered) == (State.SENDING, False)
    connection.close()
    await wait_all_tasks_blocked(0.01)


async def test_a_silence_counts_from_the_last_bytes_that_were_sent(clock: MockClock, dial_busy: Dial) -> None:
    async def reads_slowly(peer: Peer) -> None:
        for _ in range(4):
            await trio.sleep(0.7)
            for _ in range(80):
                await peer.receive(1 << 16)
        await peer.closed()

    connection, _ = await dial_busy(reads_slowly)
    began = trio.current_time()
    with pytest.raises(DeadlineExpired):
        await exchange(connection, LARGE, silence=1)
    assert trio.current_time() - began > 2


async def test_a_connection_that_breaks_while_a_request_is_partly_sent_is_not_in_doubt(
    clock: MockClock, dial_busy: Dial
) -> None:
    async def resets(peer: Peer) -> None:
        await peer.receive(1000)
        await trio.sleep(1)
        peer.reset()

    connection, _ = await dial_busy(resets)
    with pytest.raises(ConnectionFailed, match="broke"):
        await exchange(connection, LARGE)
    assert (connection.state, connection.delivered) == (State.CLOSED, False)


async def test_a_connection_that_cannot_be_written_to_fails_its_command_alone(
    clock: MockClock, dial_busy: Dial
) -> None:
    connection, _ = await dial_busy(echo)
    connection._socket.shutdown(socket.SHUT_WR)
    with pytest.raises(ConnectionFailed, match="broke"):
        await exchange(connection)
    assert (connection.state, connection.delivered) == (State.CLOSED, False)


async def test_an_answer_that_is_here_before_the_request_is_nobodys(clock: MockClock, dial_busy: Dial) -> None:
    async def hasty(peer: Peer) -> None:
        await peer.receive(1000)
        await peer.send(answer())
        await peer.closed()

    connection, _ = await dial_busy(hasty)
    with pytest.raises(ProtocolError, match="before it was asked"):
        await exchange(connection, LARGE)
    assert connection.state is State.CLOSED


async def test_a_deadline_that_has_come_already_is_still_told(clock: MockClock, dial_busy: Dial) -> None:
    connection, _ = await dial_busy(echo)
    with pytest.raises(DeadlineExpired):
        await connection.exchange(REQUEST, trio.current_time() - 1, math.inf, trio.current_time())


async def test_a_connection_that_is_lost_on_its_way_to_a_command_fails_it_as_a_broken_one(
    clock: MockClock, dial_busy: Dial
) -> None:
    closed: list[Connection] = []
    connection, _ = await dial_busy(echo)
    connection._on_close = closed.append
    connection.lose()
    with pytest.raises(ConnectionFailed, match="closed by the server"):
        await exchange(connection)
    with pytest.raises(ConnectionFailed, match="closed by the server"):
        await connection.begin(REQUEST, math.inf, math.inf, 0.0, bool)
    assert closed == [connection]
