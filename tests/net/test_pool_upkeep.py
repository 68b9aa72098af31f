from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from fixtures.raw_server import Peer, Script, silent
from fixtures.wire import answer
from triospike._net.carrier import DeadlineExpired
from triospike._net.connection import Connection
from triospike._net.pool import IDLE_LIMIT
from triospike.errors import ClientClosed, ConnectionFailed
from triospike.host import Host

from .exchanging import exchange
from .pooling import OpenPool, counts, give_back, take, wait_in_turn

# Idle times.


async def test_a_connection_is_used_until_max_socket_idle_and_not_after(
    clock: MockClock, open_pool: OpenPool
) -> None:
    pool, _ = await open_pool(max_socket_idle=10)
    a = await take(pool)
    give_back(pool, a)
    await trio.sleep(9.9)
    assert await take(pool) is a
    give_back(pool, a)
    await trio.sleep(10.1)
    assert await take(pool) is not a
    assert a.closed
    assert counts(pool) == {"open": 1, "in_use": 1}


async def test_without_max_socket_idle_a_connection_is_used_however_long_it_was_idle(
    clock: MockClock, open_pool: OpenPool
) -> None:
    pool, _ = await open_pool()
    a = await take(pool)
    give_back(pool, a)
    await trio.sleep(1000)
    assert await take(pool) is a


@pytest.mark.parametrize(("max_socket_idle", "limit"), [(0.0, IDLE_LIMIT), (20.0, 20.0)])
async def test_trim_closes_what_was_idle_for_too_long_the_oldest_first(
    clock: MockClock, open_pool: OpenPool, max_socket_idle: float, limit: float
) -> None:
    pool, server = await open_pool(max_socket_idle=max_socket_idle)
    a, b, c = [await take(pool) for _ in range(3)]
    for connection in (a, b, c):
        give_back(pool, connection)
        await trio.sleep(5)
    pool.trim()
    assert counts(pool) == {"open": 3, "idle": 3}
    await trio.sleep(limit - 9)  # idle for limit + 6, limit + 1, limit - 4
    pool.trim()
    assert (a.closed, b.closed, c.closed) == (True, True, False)
    await trio.sleep(0.1)
    assert (counts(pool), server.open) == ({"open": 1, "idle": 1}, 1)


async def test_trim_keeps_the_minimum(clock: MockClock, open_pool: OpenPool) -> None:
    pool, _ = await open_pool(min_connections=2)
    give_back(pool, *[await take(pool) for _ in range(3)])
    await trio.sleep(1000)
    pool.trim()
    assert counts(pool) == {"open": 2, "idle": 2}


# Opening ahead.


async def test_fill_opens_the_minimum_and_restores_it(clock: MockClock, open_pool: OpenPool) -> None:
    pool, server = await open_pool(limit=5, min_connections=3)
    await pool.fill()
    await trio.sleep(0.1)
    assert (counts(pool), server.open) == ({"open": 3, "idle": 3}, 3)
    await pool.fill()
    assert pool.statistics().opened == 3
    lost = await take(pool)
    lost.close()
    give_back(pool, lost)
    await pool.fill()
    assert (counts(pool), pool.statistics().opened) == ({"open": 3, "idle": 3}, 4)


async def test_fill_never_passes_the_limit_and_serves_those_who_wait(
    clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery
) -> None:
    pool, server = await open_pool(limit=2, min_connections=2)
    async with trio.open_nursery() as fillers:
        for _ in range(5):
            fillers.start_soon(pool.fill)
    a, b = await take(pool), await take(pool)
    takers = await wait_in_turn(nursery, pool, 2)
    await pool.fill()
    assert counts(pool) == {"open": 2, "in_use": 2, "waiting": 2}
    give_back(pool, a, b)
    await wait_all_tasks_blocked()
    assert [taker.got for taker in takers] == [a, b]
    assert server.peak == 2


async def test_fill_that_fails_or_is_cancelled_keeps_no_place(
    clock: MockClock, open_pool: OpenPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, _ = await open_pool(min_connections=2)

    async def hang(host: Host) -> None:
        await trio.sleep_forever()

    async def refuse(host: Host) -> None:
        await trio.lowlevel.checkpoint()
        raise ConnectionFailed(f"can't connect to {host}")

    monkeypatch.setattr("triospike._net.socket_end.connect_socket", hang)
    with trio.move_on_after(5) as scope:
        await pool.fill()
    assert scope.cancelled_caught
    monkeypatch.setattr("triospike._net.socket_end.connect_socket", refuse)
    with pytest.raises(ConnectionFailed):
        await pool.fill()
    assert counts(pool) == {}


# The end.


async def test_closing_closes_idle_ones_now_and_used_ones_when_they_come_back(
    clock: MockClock, open_pool: OpenPool
) -> None:
    pool, server = await open_pool()
    used, idle = await take(pool), await take(pool)
    give_back(pool, idle)
    pool.close()
    assert (used.closed, idle.closed) == (False, True)
    assert counts(pool) == {"open": 1, "in_use": 1}
    give_back(pool, used)
    assert (used.closed, counts(pool)) == (True, {})
    with pytest.raises(ConnectionFailed, match="node A has left the cluster") as caught:
        await pool.take()
    assert caught.value.node == "A"
    await pool.fill()
    await trio.sleep(0.1)
    assert server.open == 0


async def test_closing_tells_those_who_wait(clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery) -> None:
    pool, _ = await open_pool(limit=1)
    await take(pool)
    takers = await wait_in_turn(nursery, pool, 3)
    pool.close()
    await wait_all_tasks_blocked()
    assert all("has left the cluster" in str(taker.failed) for taker in takers)
    assert counts(pool) == {"open": 1, "in_use": 1}


async def test_aborting_closes_those_in_use_and_those_being_opened_too(
    clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery
) -> None:
    pool, server = await open_pool(silent)
    used = await take(pool)
    failures: list[BaseException] = []

    async def ask() -> None:
        with pytest.raises(ClientClosed) as caught:
            await exchange(used)
        failures.append(caught.value)
        give_back(pool, used)

    async def connect() -> None:
        with pytest.raises((ClientClosed, ConnectionFailed)) as caught:
            await pool.take()
        failures.append(caught.value)

    nursery.start_soon(ask)
    await wait_all_tasks_blocked()
    nursery.start_soon(connect)
    await trio.lowlevel.checkpoint()
    pool.abort()
    assert counts(pool) == {}
    await trio.sleep(0.1)
    assert (len(failures), server.open) == (2, 0)
    assert pool.statistics().opened == pool.statistics().closed


# Late answers.


async def late(peer: Peer) -> None:
    await peer.request()
    await peer.send(answer(0, n=1), pause=3)
    await peer.request()
    await peer.send(answer(0, n=2))


async def half(peer: Peer) -> None:
    await peer.request()
    await peer.send(answer(0, n=1)[:10])
    await peer.send(answer(0, n=1)[10:], pause=3)
    await peer.request()
    await peer.send(answer(0, n=2))


async def never(peer: Peer) -> None:
    await peer.closed()


async def too_much(peer: Peer) -> None:
    await peer.request()
    await peer.send(answer() + b"!", pause=3)
    await peer.closed()


async def leaves(peer: Peer) -> None:
    await peer.request()
    await trio.sleep(3)


async def abandon(connection: Connection) -> None:
    with pytest.raises(DeadlineExpired):
        await exchange(connection, total=1)


@pytest.mark.parametrize("script", [late, half])
async def test_a_late_answer_is_read_and_the_connection_used_again(
    clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery, script: Script
) -> None:
    pool, server = await open_pool(script, limit=1)
    connection = await take(pool)
    await abandon(connection)
    nursery.start_soon(pool.drain, connection, 3.0)
    (taker,) = await wait_in_turn(nursery, pool, 1)
    assert counts(pool) == {"open": 1, "draining": 1, "waiting": 1}
    await trio.sleep(3)
    assert taker.got is connection
    assert counts(pool) == {"open": 1, "in_use": 1}
    assert await exchange(connection) == answer(0, n=2)
    assert (pool.statistics().recovered, pool.statistics().aborted, len(server.peers)) == (1, 0, 1)


@pytest.mark.parametrize("script", [never, too_much, leaves])
async def test_a_connection_whose_late_answer_does_not_come_is_closed_and_its_place_handed_on(
    clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery, script: Script
) -> None:
    pool, server = await open_pool(script, limit=1)
    connection = await take(pool)
    await abandon(connection)
    nursery.start_soon(pool.drain, connection, 5.0)
    (taker,) = await wait_in_turn(nursery, pool, 1)
    assert counts(pool) == {"open": 1, "draining": 1, "waiting": 1}
    await trio.sleep(6)
    assert connection.closed
    assert taker.got is not None
    assert taker.got is not connection
    assert counts(pool) == {"open": 1, "in_use": 1}
    assert (pool.statistics().recovered, pool.statistics().aborted) == (0, 1)
    assert server.open == 1


@pytest.mark.parametrize("how", ["close", "abort", "cancel"])
async def test_draining_ends_with_the_pool_and_with_its_task(
    clock: MockClock, open_pool: OpenPool, how: str
) -> None:
    pool, server = await open_pool(never)
    connection = await take(pool)
    await abandon(connection)
    async with trio.open_nursery() as draining:
        draining.start_soon(pool.drain, connection, 1000.0)
        await wait_all_tasks_blocked()
        {"close": pool.close, "abort": pool.abort, "cancel": draining.cancel_scope.cancel}[how]()
    assert counts(pool) == {}
    assert pool.statistics().aborted == 1
    await trio.sleep(0.1)
    assert server.open == 0


async def test_the_repr_tells_the_numbers(clock: MockClock, open_pool: OpenPool) -> None:
    pool, _ = await open_pool(limit=4)
    a, _ = await take(pool), await take(pool)
    give_back(pool, a)
    assert repr(pool) == "<Pool of A: 2 of 4 open, 1 in use, 1 idle, 0 draining, 0 waiting>"
    pool.close()
    assert repr(pool) == "<Pool of A: 1 of 4 open, 1 in use, 0 idle, 0 draining, 0 waiting, closed>"
