"""Answers of many frames: the first comes as any answer does, the others at the leisure of who takes them."""

from __future__ import annotations

import math

import pytest
import trio
from trio.testing import MockClock

from fixtures.raw_server import Peer
from fixtures.wire import answer
from triospike._net.carrier import DeadlineExpired, State
from triospike._net.connection import Connection
from triospike.errors import ProtocolError

from .exchanging import REQUEST, Dial, exchange

LAST = answer(3)
LARGE = b"\x02\x03" + (1 << 20).to_bytes(6, "big") + bytes(1 << 20)


@pytest.fixture(params=["alone", "beside others"])
def dial_either(request: pytest.FixtureRequest, dial: Dial, dial_busy: Dial) -> Dial:
    """Connects as one that waits alone, and as one that waits beside others."""
    return dial if request.param == "alone" else dial_busy


async def begin(connection: Connection, silence: float = math.inf) -> bytes:
    return await connection.begin(REQUEST, math.inf, silence, trio.current_time(), LAST.__eq__)


async def rest(connection: Connection, silence: float = math.inf) -> list[bytes]:
    """All frames behind the first."""
    frames = [await connection.next_frame(math.inf, silence)]
    while frames[-1] != LAST:
        frames.append(await connection.next_frame(math.inf, silence))
    connection.end()
    return frames


def in_the_middle(connection: Connection) -> bool:
    assert connection.state in (State.READING, State.IDLE)
    return connection.state is State.READING


async def test_frames_that_come_together_are_taken_one_by_one(clock: MockClock, dial_either: Dial) -> None:
    async def serve(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(answer() + answer(2) + LAST)

    connection, _ = await dial_either(serve)
    for _ in range(3):
        assert await begin(connection) == answer()
        assert in_the_middle(connection)
        assert await rest(connection) == [answer(2), LAST]
        assert not in_the_middle(connection)
        assert connection.is_good(trio.current_time())


async def test_frames_may_take_their_time(clock: MockClock, dial_either: Dial) -> None:
    async def serve(peer: Peer) -> None:
        await peer.request()
        for frame in (answer(), LARGE, answer(2), LAST):
            await trio.sleep(1)
            await peer.send(frame)

    connection, _ = await dial_either(serve)
    assert await begin(connection, silence=1.5) == answer()
    assert await rest(connection, silence=1.5) == [LARGE, answer(2), LAST]
    assert trio.current_time() == pytest.approx(4, abs=0.1)


async def test_silence_ends_the_wait_for_the_first_frame_and_for_each_other(
    clock: MockClock, dial_either: Dial
) -> None:
    async def serve(peer: Peer) -> None:
        await peer.request()
        await trio.sleep(3)
        await peer.send(answer())
        await trio.sleep(3)
        await peer.send(answer(2) + LAST)
        while True:
            await peer.request()
            await peer.send(answer() + answer(2) + LAST)

    connection, _ = await dial_either(serve)
    with pytest.raises(DeadlineExpired):
        await begin(connection, silence=2)
    assert trio.current_time() == pytest.approx(2, abs=0.1)
    await connection.drain()
    assert trio.current_time() == pytest.approx(6, abs=0.1)
    # What has expired once does not expire again.
    assert await begin(connection, silence=2) == answer()
    assert await rest(connection, silence=2) == [answer(2), LAST]


async def test_what_is_left_in_the_middle_can_be_drained(clock: MockClock, dial_either: Dial) -> None:
    async def serve(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(answer() + answer(2))
            await trio.sleep(1)
            await peer.send(LAST)

    connection, _ = await dial_either(serve)
    assert await begin(connection) == answer()
    assert in_the_middle(connection)
    await connection.drain()
    assert not in_the_middle(connection)
    assert await begin(connection) == answer()
    assert await rest(connection) == [answer(2), LAST]


async def test_to_expect_many_frames_ends_with_the_exchange_that_did(clock: MockClock, dial_busy: Dial) -> None:
    async def serve(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer() + LAST)

    connection, server = await dial_busy(serve)
    with trio.CancelScope() as scope:
        scope.cancel()
        await begin(connection)
    assert scope.cancelled_caught
    assert (connection.state, server.requests) == (State.IDLE, [])
    with pytest.raises(ProtocolError, match="more than it was asked for"):
        await exchange(connection)
    assert connection.closed


async def test_frames_that_nobody_takes_yet_do_not_keep_the_loop_awake(clock: MockClock, dial_busy: Dial) -> None:
    async def serve(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(answer() + LARGE + LARGE + LAST)

    connection, _ = await dial_busy(serve)
    for round_ in range(2):
        assert await begin(connection) == answer()
        with trio.fail_after(60):  # of the clock that only jumps when nothing is to be done
            await trio.sleep(30)
        turn = connection.poller.turn
        await trio.sleep(30)
        assert connection.poller.turn - turn < 20
        assert trio.current_time() == pytest.approx(60 * (round_ + 1), abs=0.1)
        assert await rest(connection) == [LARGE, LARGE, LAST]
