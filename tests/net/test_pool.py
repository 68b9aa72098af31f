from __future__ import annotations

import random

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from fixtures.raw_server import Peer, Script, answering
from triospike._net.carrier import Carrier
from triospike._net.connection_pool import ConnectionPool
from triospike._net.poller import Poller
from triospike.errors import ConnectionFailed, NoMoreConnections
from triospike.host import Host
from triospike.result_code import ResultCode

from .exchanging import exchange
from .pooling import OpenPool, counts, give_back, take, wait_in_turn


async def test_what_came_back_last_is_taken_first(clock: MockClock, open_pool: OpenPool) -> None:
    pool, server = await open_pool()
    a, b, c = [await take(pool) for _ in range(3)]
    give_back(pool, b, c, a)
    assert [await take(pool) for _ in range(3)] == [a, c, b]
    await trio.sleep(0.1)
    assert len(server.peers) == 3


async def test_an_idle_connection_is_used_before_a_new_one_is_opened(
    clock: MockClock, open_pool: OpenPool
) -> None:
    pool, server = await open_pool()
    for _ in range(5):
        give_back(pool, await take(pool))
    await trio.sleep(0.1)
    assert (len(server.peers), pool.statistics().opened) == (1, 1)


async def test_the_limit_is_exact_and_the_next_one_waits(
    clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery
) -> None:
    pool, server = await open_pool(limit=3)
    taken = [await take(pool) for _ in range(3)]
    (taker,) = await wait_in_turn(nursery, pool, 1)
    await trio.sleep(100)
    assert counts(pool) == {"open": 3, "in_use": 3, "waiting": 1}
    assert (taker.got, server.open) == (None, 3)
    give_back(pool, taken[1])
    await wait_all_tasks_blocked()
    assert taker.got is taken[1]
    assert counts(pool) == {"open": 3, "in_use": 3}
    assert len(server.peers) == 3


async def test_connections_that_come_back_are_handed_over_first_come_first_served(
    clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery
) -> None:
    pool, _ = await open_pool(limit=2)
    a, b = await take(pool), await take(pool)
    takers = await wait_in_turn(nursery, pool, 4)
    give_back(pool, a)
    give_back(pool, b)
    await wait_all_tasks_blocked()
    assert [taker.got for taker in takers] == [a, b, None, None]
    give_back(pool, b)
    await wait_all_tasks_blocked()
    assert [taker.got for taker in takers] == [a, b, b, None]
    assert pool.statistics().peak_waiting == 4


async def test_a_connection_that_waits_for_nobody_is_never_taken_past_those_who_wait(
    clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery
) -> None:
    pool, _ = await open_pool(limit=1)
    only = await take(pool)
    (taker,) = await wait_in_turn(nursery, pool, 1)
    give_back(pool, only)
    assert pool.take_nowait(trio.current_time()) is None
    await wait_all_tasks_blocked()
    assert taker.got is only


async def test_the_place_of_a_closed_connection_goes_to_the_one_who_waits_longest(
    clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery
) -> None:
    pool, server = await open_pool(limit=2)
    a, _ = await take(pool), await take(pool)
    first, second = await wait_in_turn(nursery, pool, 2)
    a.close()
    give_back(pool, a)
    await trio.sleep(0.1)
    assert first.got is not None
    assert not first.got.closed
    assert (first.got is a, second.got) == (False, None)
    assert counts(pool) == {"open": 2, "in_use": 2, "waiting": 1}
    assert (server.open, server.peak) == (2, 2)


async def test_who_is_cancelled_while_waiting_leaves_and_nothing_is_lost(
    clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery
) -> None:
    pool, _ = await open_pool(limit=1)
    only = await take(pool)
    takers = await wait_in_turn(nursery, pool, 3)
    takers[0].scope.cancel()
    takers[1].scope.cancel()
    await wait_all_tasks_blocked()
    assert counts(pool) == {"open": 1, "in_use": 1, "waiting": 1}
    give_back(pool, only)
    await wait_all_tasks_blocked()
    assert [taker.got for taker in takers] == [None, None, only]


async def test_who_is_cancelled_just_as_a_connection_is_handed_over_has_it(
    clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery
) -> None:
    pool, _ = await open_pool(limit=1)
    only = await take(pool)
    first, second = await wait_in_turn(nursery, pool, 2)
    give_back(pool, only)
    first.scope.cancel()
    await wait_all_tasks_blocked()
    assert (first.got, second.got) == (only, None)  # so that it is the taker's to give back
    give_back(pool, only)
    await wait_all_tasks_blocked()
    assert second.got is only


async def test_who_is_cancelled_just_as_a_place_is_handed_over_passes_it_on(
    clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery
) -> None:
    pool, server = await open_pool(limit=1)
    only = await take(pool)
    first, second = await wait_in_turn(nursery, pool, 2)
    only.close()
    first.scope.cancel()
    await trio.sleep(0.1)
    assert first.got is None
    assert second.got is not None
    assert counts(pool) == {"open": 1, "in_use": 1}
    assert server.peak <= 2  # the server may learn of the first one's end later


async def test_a_cancelled_caller_takes_nothing_out_of_the_pool(clock: MockClock, open_pool: OpenPool) -> None:
    pool, _ = await open_pool()
    give_back(pool, await take(pool))
    with trio.CancelScope() as scope:
        scope.cancel()
        await take(pool)
    assert scope.cancelled_caught
    assert counts(pool) == {"open": 1, "idle": 1}


async def test_at_the_limit_the_pool_raises_if_told_to(clock: MockClock, open_pool: OpenPool) -> None:
    pool, server = await open_pool(limit=2, when_no_connection="raise")
    a, _ = await take(pool), await take(pool)
    with pytest.raises(NoMoreConnections, match="A has all of its 2 connections in use") as caught:
        await take(pool)
    assert (caught.value.result_code, caught.value.node) == (ResultCode.NO_MORE_CONNECTIONS, "A")
    give_back(pool, a)
    assert await take(pool) is a
    await trio.sleep(0.1)
    assert (server.peak, pool.statistics().peak_waiting) == (2, 0)


# Connections that are no good.


async def sends_garbage(peer: Peer) -> None:
    await trio.sleep(1)
    await peer.send(b"\x00")
    await peer.closed()


async def closes(peer: Peer) -> None:
    await trio.sleep(1)


@pytest.mark.parametrize("script", [sends_garbage, closes])
async def test_a_pooled_connection_that_is_closed_or_readable_is_discarded_before_use(
    clock: MockClock, open_pool: OpenPool, script: Script
) -> None:
    pool, server = await open_pool(script)
    stale = [await take(pool) for _ in range(3)]
    give_back(pool, *stale)
    await trio.sleep(2)
    server.script = answering
    assert pool.take_nowait(trio.current_time()) is None
    assert counts(pool) == {}
    assert all(connection.closed for connection in stale)
    fresh = await take(pool)
    assert fresh not in stale
    assert counts(pool) == {"open": 1, "in_use": 1}


async def test_a_good_connection_below_stale_ones_is_found(clock: MockClock, open_pool: OpenPool) -> None:
    pool, server = await open_pool()
    good = await take(pool)
    await wait_all_tasks_blocked()
    server.script = closes
    give_back(pool, good, await take(pool))
    await trio.sleep(2)
    assert await take(pool) is good
    assert pool.statistics().open == 1


async def test_a_connection_that_came_back_a_moment_ago_is_looked_at_too(
    clock: MockClock, open_pool: OpenPool
) -> None:
    pool, _ = await open_pool(closes)
    stale = await take(pool)
    await trio.sleep(2)
    give_back(pool, stale)
    assert pool.take_nowait(trio.current_time()) is None


@pytest.mark.parametrize("pause", ["a turn of the loop", "a busy moment"])
async def test_what_was_just_emptied_is_looked_at_again_after(
    clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery, pause: str
) -> None:
    poller = Poller()
    await nursery.start(poller.run)
    pool, _ = await open_pool(closes, poller=poller)
    stale = await take(pool)
    await trio.sleep(2)
    stale.emptied = poller.turn  # as if an answer had been received in this very step
    give_back(pool, stale)
    assert pool.take_nowait(trio.current_time()) is stale
    give_back(pool, stale)
    if pause == "a turn of the loop":
        await trio.lowlevel.checkpoint()
    else:
        clock.jump(0.002)
    assert pool.take_nowait(trio.current_time()) is None
    assert stale.closed


# Connections that can't be had.


async def refusing_host() -> Host:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listener.socket.getsockname()[1]
    await listener.aclose()
    return Host("127.0.0.1", port)


async def test_a_connection_that_can_not_be_opened_frees_its_place(clock: MockClock) -> None:
    told: list[str] = []
    pool = ConnectionPool(await refusing_host(), limit=1, name="A")
    pool.on_broken = lambda: told.append("broken")
    for _ in range(3):
        with pytest.raises(ConnectionFailed, match="connection refused"):
            await take(pool)
    assert counts(pool) == {}
    assert (pool.statistics().failed, pool.statistics().opened, pool.statistics().closed) == (3, 0, 0)
    assert told == ["broken"] * 3


async def test_those_who_wait_behind_a_connection_that_can_not_be_opened_get_their_turn(
    clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery
) -> None:
    pool, _ = await open_pool(limit=1)
    only = await take(pool)
    takers = await wait_in_turn(nursery, pool, 3)
    pool.host = await refusing_host()
    only.close()
    await trio.sleep(0.1)
    assert [type(taker.failed) for taker in takers] == [ConnectionFailed] * 3
    assert takers[0].order == [0, 1, 2]
    assert counts(pool) == {}


async def test_who_is_cancelled_while_connecting_frees_the_place(
    clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, server = await open_pool(limit=1)

    async def never(host: Host) -> None:
        await trio.sleep_forever()

    with monkeypatch.context() as patched, trio.move_on_after(5) as scope:
        patched.setattr("triospike._net.socket_end.connect_socket", never)
        await take(pool)
    assert scope.cancelled_caught
    assert counts(pool) == {}
    assert (await take(pool)).host == server.host


# All at once.


@pytest.mark.parametrize("seed", range(3))
async def test_a_storm_of_takers_never_passes_the_limit_and_leaves_nothing_behind(
    clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery, seed: int
) -> None:
    dice = random.Random(seed)
    pool, server = await open_pool(limit=4)
    done = 0

    async def use(carrier: Carrier) -> None:
        try:
            if dice.random() < 0.1:
                carrier.close()
            else:
                await exchange(carrier)
        finally:
            give_back(pool, carrier)

    async def client() -> None:
        nonlocal done
        with trio.move_on_after(dice.choice([0, 0.001, 5, 100])):
            await use(await pool.take())
        done += 1
        assert counts(pool).get("open", 0) <= 4

    async with trio.open_nursery() as clients:
        for _ in range(300):
            clients.start_soon(client)
            if dice.random() < 0.2:
                await trio.lowlevel.checkpoint()
    assert done == 300
    await trio.sleep(1)
    now = pool.statistics()
    assert (now.in_use, now.waiting, now.draining, now.open) == (0, 0, 0, now.idle)
    assert now.opened - now.closed == now.open == server.open
    assert now.peak_open <= 4
