"""Deadlines of those who wait in line for a connection, and of those who open one."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from triospike._net.carrier import DeadlineExpired
from triospike._net.connection_pool import ConnectionPool
from triospike._net.deadlines import Deadlines
from triospike._net.pool import AnyPool
from triospike._net.turn import Turn
from triospike.host import Host

from .pooling import OpenPool, counts, give_back, take, wait_in_turn


async def expires(pool: AnyPool, seconds: float, deadlines: Deadlines) -> None:
    start = trio.current_time()
    with pytest.raises(DeadlineExpired):
        await pool.take(turn=Turn(start + seconds, deadlines))
    assert trio.current_time() == pytest.approx(start + seconds)


async def test_who_has_waited_until_his_deadline_leaves_and_the_others_stay(
    autojump_clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery, deadlines: Deadlines
) -> None:
    pool, _ = await open_pool(limit=1)
    only = await take(pool)
    (before,) = await wait_in_turn(nursery, pool, 1)
    async with trio.open_nursery() as impatient:
        for seconds in (3, 1, 2):
            impatient.start_soon(expires, pool, seconds, deadlines)
        await wait_all_tasks_blocked()
        (behind,) = await wait_in_turn(nursery, pool, 1)
    assert counts(pool) == {"open": 1, "in_use": 1, "waiting": 2}
    assert len(deadlines) == 0
    give_back(pool, only)
    await wait_all_tasks_blocked()
    assert (before.got, behind.got) == (only, None)


async def test_a_deadline_in_the_past_ends_the_wait_at_once(
    autojump_clock: MockClock, open_pool: OpenPool, deadlines: Deadlines
) -> None:
    pool, _ = await open_pool(limit=1)
    await take(pool)
    with pytest.raises(DeadlineExpired):
        await pool.take(turn=Turn(trio.current_time() - 1, deadlines))
    assert counts(pool) == {"open": 1, "in_use": 1}


async def test_who_gets_a_connection_in_time_has_no_deadline_any_more(
    autojump_clock: MockClock, open_pool: OpenPool, nursery: trio.Nursery, deadlines: Deadlines
) -> None:
    pool, _ = await open_pool(limit=1)
    only = await take(pool)
    got = []

    async def wait() -> None:
        got.append(await pool.take(turn=Turn(trio.current_time() + 5, deadlines)))

    nursery.start_soon(wait)
    await wait_all_tasks_blocked()
    assert len(deadlines) == 1
    give_back(pool, only)
    await wait_all_tasks_blocked()
    assert got == [only]
    assert len(deadlines) == 0
    await trio.sleep(10)


async def test_who_is_cancelled_in_line_has_no_deadline_any_more(
    autojump_clock: MockClock, open_pool: OpenPool, deadlines: Deadlines
) -> None:
    pool, _ = await open_pool(limit=1)
    await take(pool)
    with trio.move_on_after(1) as scope:
        await pool.take(turn=Turn(trio.current_time() + 5, deadlines))
    assert scope.cancelled_caught
    assert counts(pool) == {"open": 1, "in_use": 1}
    assert len(deadlines) == 0


class Silent(trio.abc.HostnameResolver):
    """Answers nobody."""

    async def getaddrinfo(self, *_: object, **__: object) -> Any:
        await trio.sleep_forever()

    async def getnameinfo(self, *_: object) -> Any:
        await trio.sleep_forever()


async def test_a_deadline_ends_the_opening_of_a_connection_and_frees_its_place(
    autojump_clock: MockClock, deadlines: Deadlines
) -> None:
    trio.socket.set_custom_hostname_resolver(Silent())
    pool = ConnectionPool(Host("db1", 3000), limit=1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(expires, pool, 2, deadlines)
        await wait_all_tasks_blocked()
        nursery.start_soon(expires, pool, 1, deadlines)  # in line behind it
        await wait_all_tasks_blocked()
        assert counts(pool) == {"open": 1, "in_use": 1, "waiting": 1}
    assert counts(pool) == {}
