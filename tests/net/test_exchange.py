from __future__ import annotations

import errno
import math
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from fixtures.raw_server import Peer, answering, silent
from fixtures.wire import PUT_SIZE, answer, frame, info_answer
from triospike._net.carrier import DeadlineExpired, State
from triospike._net.connection import Connection
from triospike.errors import ClientClosed, ConnectionFailed, ProtocolError
from triospike.host import Host

from .exchanging import REQUEST, Dial, exchange

LONG = answer()


async def test_one_request_gets_one_answer_and_the_next_its_own(clock: MockClock, dial: Dial) -> None:
    async def script(peer: Peer) -> None:
        for number in range(3):
            assert await peer.request() == REQUEST
            await peer.send(answer(0, n=number))

    connection, server = await dial(script)
    for number in range(3):
        assert await exchange(connection) == answer(0, n=number)
        assert (connection.state, connection.delivered) == (State.IDLE, True)
    assert len(server.peers) == 1
    assert connection.until == math.inf


@pytest.mark.parametrize("sizes", [[1], [8], [7, 1], [3, 20], [22, 8, 1]])
async def test_an_answer_in_pieces_is_put_together(clock: MockClock, dial: Dial, sizes: list[int]) -> None:
    async def script(peer: Peer) -> None:
        for _ in range(2):
            await peer.request()
            at = 0
            while at < len(LONG):
                size = sizes[at % len(sizes)]
                await peer.send(LONG[at : at + size], pause=0.01)
                at += size

    connection, _ = await dial(script)
    assert await exchange(connection) == LONG
    assert await exchange(connection) == LONG
    assert connection.state is State.IDLE


async def test_a_request_larger_than_the_buffers_is_sent_whole(clock: MockClock, dial: Dial) -> None:
    big = frame(3, bytes(range(256)) * (PUT_SIZE // 256))

    async def script(peer: Peer) -> None:
        await trio.sleep(1)  # the sender fills the buffers and has to wait
        await peer.request()
        await peer.send(answer())

    connection, server = await dial(script)
    began = trio.current_time()
    assert await exchange(connection, big) == answer()
    assert server.requests == [big]
    assert connection.delivered
    assert connection.sent_at >= began + 1


async def test_a_large_answer_arrives_whole(clock: MockClock, dial: Dial) -> None:
    big = frame(3, bytes(range(256)) * (PUT_SIZE // 256))

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(big)

    connection, _ = await dial(script)
    assert await exchange(connection) == big


async def closes_without_an_answer(peer: Peer) -> None:
    await peer.request()


async def resets(peer: Peer) -> None:
    await peer.request()
    peer.reset()


async def closes_within_the_answer(peer: Peer) -> None:
    await peer.request()
    await peer.send(LONG[:20])


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (closes_without_an_answer, "closed by the server"),
        (closes_within_the_answer, "closed by the server"),
        (resets, "connection reset by peer"),
    ],
)
async def test_a_broken_connection_is_closed_and_the_error_names_host_and_reason(
    clock: MockClock, dial: Dial, script: Any, reason: str
) -> None:
    connection, server = await dial(script)
    with pytest.raises(ConnectionFailed, match=f"{server.host}.*{reason}"):
        await exchange(connection)
    assert (connection.closed, connection.delivered) == (True, True)
    assert connection.until == math.inf


async def test_a_connection_that_breaks_while_sending_has_delivered_nothing(clock: MockClock, dial: Dial) -> None:
    async def script(peer: Peer) -> None:
        await peer.receive(1000)
        peer.reset()

    connection, _ = await dial(script)
    with pytest.raises(ConnectionFailed, match="broke"):
        await exchange(connection, frame(3, bytes(PUT_SIZE)))
    assert (connection.closed, connection.delivered) == (True, False)


async def test_a_connection_that_is_dead_already_has_delivered_nothing(clock: MockClock, dial: Dial) -> None:
    async def script(peer: Peer) -> None:
        peer.reset()

    connection, _ = await dial(script)
    await trio.sleep(0.1)
    with pytest.raises(ConnectionFailed) as caught:
        await exchange(connection)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno in {errno.ECONNRESET, errno.EPIPE}
    assert not connection.delivered


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (answer() + b"\x02", "1 bytes more than it was asked for"),
        (answer() + answer(), "30 bytes more than it was asked for"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP peer"),
        (b"\x15\x03\x03\x00\x02\x02\x28" + bytes(10), "TLS peer"),
        (b"\x03\x03" + bytes(6), "not an Aerospike frame"),
        (b"\x02\x09" + bytes(6), "not an Aerospike frame"),
        (b"\x02\x03\xff\xff\xff\xff\xff\xff", "over the limit"),
        (b"\x02\x03\x00\x00\x08\x00\x00\x01", "over the limit"),
    ],
)
@pytest.mark.parametrize("in_pieces", [False, True])
async def test_what_is_no_answer_is_refused_and_the_connection_closed(
    clock: MockClock, dial: Dial, sent: bytes, message: str, in_pieces: bool
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        if in_pieces:
            await peer.send(sent[:5])
            await peer.send(sent[5:], pause=0.1)
        else:
            await peer.send(sent)
        await peer.closed()

    connection, _ = await dial(script)
    with pytest.raises(ProtocolError, match=message):
        await exchange(connection)
    assert connection.closed
    assert connection.until == math.inf


async def test_a_body_that_never_ends_ends_with_the_deadline_and_takes_no_memory_in_advance(
    clock: MockClock, dial: Dial
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"\x02\x03\x00\x00\x08\x00\x00\x00")  # 128 MiB, the most there may be
        while True:
            await peer.send(bytes(100), pause=0.2)

    connection, _ = await dial(script)
    with pytest.raises(DeadlineExpired):
        await exchange(connection, total=5)
    inside: Any = connection
    assert len(inside._buffer) <= 26 * 100 + 8


async def test_a_frame_of_another_type_is_handed_up_for_the_command_to_judge(clock: MockClock, dial: Dial) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(info_answer("node\tA\n"))

    connection, _ = await dial(script)
    assert await exchange(connection) == info_answer("node\tA\n")


async def test_closing_wakes_the_task_that_waits_for_an_answer(
    clock: MockClock, nursery: trio.Nursery, dial: Dial
) -> None:
    connection, _ = await dial(silent)

    async def close() -> None:
        await trio.sleep(1)
        connection.close()

    nursery.start_soon(close)
    with pytest.raises(ClientClosed, match=str(connection.host)):
        await exchange(connection)
    assert connection.until == math.inf


async def test_closing_twice_tells_the_owner_once(clock: MockClock, dial: Dial) -> None:
    _, server = await dial(answering)
    told: list[Connection] = []
    connection = Connection(server.host, told.append)
    await connection.connect()
    connection.close()
    connection.close()
    assert told == [connection]


async def test_a_connection_closed_while_it_connects_stays_closed(clock: MockClock, dial: Dial) -> None:
    _, server = await dial(answering)
    connection = Connection(server.host)
    connection.close()
    with pytest.raises(ClientClosed, match="while connecting"):
        await connection.connect()
    assert connection.closed
    await trio.sleep(0.1)
    assert server.open == 1


async def test_a_refused_connection_names_host_and_reason(clock: MockClock) -> None:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listener.socket.getsockname()[1]
    await listener.aclose()
    connection = Connection(Host("127.0.0.1", port))
    with pytest.raises(ConnectionFailed, match=f"127.0.0.1:{port}: connection refused"):
        await connection.connect()
    assert connection.closed


async def test_an_idle_connection_is_stale_once_the_peer_has_closed_it(clock: MockClock, dial: Dial) -> None:
    leave = trio.Event()

    async def script(peer: Peer) -> None:
        await leave.wait()

    connection, _ = await dial(script)
    assert connection.is_good(trio.current_time())
    leave.set()
    await trio.sleep(0.1)
    assert not connection.is_good(trio.current_time())


async def test_an_idle_connection_is_stale_once_the_peer_has_sent_what_nobody_asked_for(
    clock: MockClock,
    dial: Dial,
) -> None:
    async def script(peer: Peer) -> None:
        await peer.send(b"\x00", pause=1)
        await peer.closed()

    connection, _ = await dial(script)
    assert connection.is_good(trio.current_time())
    await trio.sleep(1.1)
    assert not connection.is_good(trio.current_time())
