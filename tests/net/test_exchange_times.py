"""Deadlines and cancels in each phase of an exchange, and what becomes of the connection."""

from __future__ import annotations

import math
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from fixtures.raw_server import Peer, Script, answering, silent
from fixtures.wire import PUT_SIZE, answer, frame, info_answer
from triospike._net.carrier import DeadlineExpired, State
from triospike._net.connection import Connection

from .exchanging import REQUEST, Dial, exchange

BIG = frame(3, bytes(PUT_SIZE))
LONG = answer()


async def reads_nothing(peer: Peer) -> None:
    await trio.sleep(100)


async def begins_an_answer(peer: Peer) -> None:
    await peer.request()
    await peer.send(LONG[:20])
    await peer.closed()


PHASES = [
    pytest.param(reads_nothing, BIG, State.SENDING, False, id="send"),
    pytest.param(silent, REQUEST, State.WAITING, True, id="wait"),
    pytest.param(begins_an_answer, REQUEST, State.READING, True, id="read"),
]


@pytest.mark.parametrize("limit", ["total", "silence"])
@pytest.mark.parametrize(("script", "request_", "state", "delivered"), PHASES)
async def test_a_deadline_ends_every_phase_on_time(
    clock: MockClock,
    dial: Dial,
    script: Script,
    request_: bytes,
    state: State,
    delivered: bool,
    limit: str,
) -> None:
    connection, _ = await dial(script)
    await trio.sleep(1)
    began = trio.current_time()
    with pytest.raises(DeadlineExpired):
        await exchange(
            connection,
            request_,
            total=2.5 if limit == "total" else 50,
            silence=2.5 if limit == "silence" else math.inf,
        )
    assert trio.current_time() - began == pytest.approx(2.5, abs=0.02)
    assert (connection.state, connection.delivered) == (state, delivered)
    assert connection.until == math.inf


@pytest.mark.parametrize(("script", "request_", "state", "delivered"), PHASES)
async def test_a_cancel_ends_every_phase_at_once(
    clock: MockClock,
    dial: Dial,
    script: Script,
    request_: bytes,
    state: State,
    delivered: bool,
) -> None:
    connection, _ = await dial(script)
    began = trio.current_time()
    with trio.move_on_after(1.5) as scope:
        await exchange(connection, request_, total=50)
    assert scope.cancelled_caught
    assert trio.current_time() - began == pytest.approx(1.5, abs=0.02)
    assert (connection.state, connection.delivered) == (state, delivered)
    assert connection.until == math.inf


async def test_the_socket_timeout_begins_anew_with_every_piece_of_the_answer(clock: MockClock, dial: Dial) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(*(LONG[at : at + 1] for at in range(len(LONG))), pause=0.5)

    connection, _ = await dial(script)
    began = trio.current_time()
    assert await exchange(connection, silence=0.6) == LONG
    assert trio.current_time() - began == pytest.approx(0.5 * len(LONG), abs=0.1)


async def test_silence_after_a_piece_of_the_answer_ends_it(clock: MockClock, dial: Dial) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(*(LONG[at : at + 1] for at in range(4)), pause=0.5)
        await peer.closed()

    connection, _ = await dial(script)
    began = trio.current_time()
    with pytest.raises(DeadlineExpired):
        await exchange(connection, silence=0.6)
    assert trio.current_time() - began == pytest.approx(4 * 0.5 + 0.6, abs=0.05)


async def test_progress_does_not_move_the_total_deadline(clock: MockClock, dial: Dial) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(*(LONG[at : at + 1] for at in range(len(LONG))), pause=0.5)

    connection, _ = await dial(script)
    began = trio.current_time()
    with pytest.raises(DeadlineExpired):
        await exchange(connection, total=3.2, silence=0.6)
    assert trio.current_time() - began == pytest.approx(3.2, abs=0.02)


async def test_the_socket_timeout_begins_anew_while_a_request_makes_progress(clock: MockClock, dial: Dial) -> None:
    huge = frame(3, bytes(8 * PUT_SIZE))

    async def script(peer: Peer) -> None:
        received = 0
        for chunk in range(1, 9):
            await trio.sleep(0.5)
            while received < chunk * PUT_SIZE:
                received += len(await peer.receive(PUT_SIZE))
        await peer.send(answer(), pause=0.5)

    connection, _ = await dial(script)
    began = trio.current_time()
    assert await exchange(connection, huge, silence=3) == answer()
    assert trio.current_time() - began > 4


class LateSocket:
    """Takes nothing at first, then everything, and the deadline comes in that very moment."""

    def __init__(self, connection: Connection) -> None:
        inside: Any = connection
        self._connection = connection
        self._real = inside._socket
        self._sends = 0

    def send(self, data: bytes) -> int:
        self._sends += 1
        if self._sends == 1:
            raise BlockingIOError
        self._connection.expire()
        sent: int = self._real.send(data)
        return sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


async def test_a_deadline_that_comes_as_the_last_byte_is_sent_knows_that_the_request_was_delivered(
    clock: MockClock, dial: Dial
) -> None:
    connection, _ = await dial(silent)
    inside: Any = connection
    inside._socket = LateSocket(connection)
    with pytest.raises(DeadlineExpired):
        await exchange(connection, total=5)
    assert (connection.state, connection.delivered) == (State.WAITING, True)


async def test_a_deadline_that_comes_together_with_nothing_to_read_ends_the_exchange(
    clock: MockClock, dial: Dial
) -> None:
    connection, _ = await dial(answering)
    inside: Any = connection
    real = inside._socket

    class Spurious:
        def recv(self, size: int) -> bytes:
            connection.expire()
            raise BlockingIOError

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

    inside._socket = Spurious()
    with trio.fail_after(5), pytest.raises(DeadlineExpired):
        await exchange(connection)


# What an abandoned exchange leaves.


async def late(peer: Peer) -> None:
    """Answers the first request after three seconds, the others at once; each answer has its number."""
    for number in range(10):
        await peer.request()
        if not number:
            await trio.sleep(3)
        await peer.send(answer(0, n=number))


async def late_in_two(peer: Peer) -> None:
    await peer.request()
    await peer.send(answer(0, n=0)[:10])
    await peer.send(answer(0, n=0)[10:], pause=3)
    await peer.request()
    await peer.send(answer(0, n=1))


@pytest.mark.parametrize("script", [late, late_in_two])
@pytest.mark.parametrize("how", ["deadline", "cancel"])
async def test_the_late_answer_is_drained_and_the_next_request_gets_its_own(
    clock: MockClock, dial: Dial, script: Script, how: str
) -> None:
    connection, _ = await dial(script)
    if how == "deadline":
        with pytest.raises(DeadlineExpired):
            await exchange(connection, total=1)
    else:
        with trio.move_on_after(1):
            await exchange(connection)
    await connection.drain()
    assert connection.state is State.IDLE
    assert await exchange(connection) == answer(0, n=1)


async def test_a_connection_whose_exchange_timed_out_serves_info_once_it_is_drained(
    clock: MockClock, dial: Dial
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer(), pause=3)
        await peer.request()
        await peer.send(info_answer("node\tA\n"))

    connection, _ = await dial(script)
    with pytest.raises(DeadlineExpired):
        await exchange(connection, total=1)
    await connection.drain()
    assert await connection.ask(frame(1, b"node\n")) == info_answer("node\tA\n")
    assert connection.state is State.IDLE
