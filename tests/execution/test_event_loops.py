"""Event loops as a whole: opened, watched, shared, closed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

import triospike
from fixtures.lone_client import open_lone_client
from fixtures.raw_server import answering, silent, start_raw_server
from triospike._execution.statistics import EventLoopStatistics
from triospike.errors import ClientClosed, CommandTimeout
from triospike.policy import ClientPolicy, EventPolicy, ReadPolicy
from triospike.server import Server, ServerConfig, serve_aerospike

from .holding import Caller, Gate, call_in_turn, key, settle

PATIENT = ClientPolicy(read=ReadPolicy(total_timeout=0, socket_timeout=0))
ONE = EventPolicy(max_commands_in_process=1)


class UserError(Exception):
    pass


def tasks_below(nursery: trio.Nursery) -> int:
    """Tasks in a nursery, and in the nurseries of these."""
    count = 0
    for task in nursery.child_tasks:
        count += 1 + sum(tasks_below(inner) for inner in task.child_nurseries)
    return count


# Opening.


@pytest.mark.parametrize("n", [0, -1])
async def test_there_is_at_least_one_loop(n: int) -> None:
    with pytest.raises(ValueError, match=f"n must be at least 1, not {n}"):
        async with triospike.open_event_loops(n):
            pass


@pytest.mark.parametrize("n", [True, 2.0, "3"])
async def test_the_number_of_loops_is_an_int(n: Any) -> None:
    with pytest.raises(TypeError, match="n must be an int"):
        async with triospike.open_event_loops(n):
            pass


async def test_loops_are_a_sequence_that_is_taken_in_turn() -> None:
    async with triospike.open_event_loops(3, ONE) as loops:
        assert len(loops) == 3
        assert [loop.index for loop in loops] == [0, 1, 2]
        assert loops[-1] is loops[2]
        assert loops[1:] == (loops[1], loops[2])
        assert [loops.next().index for _ in range(7)] == [0, 1, 2, 0, 1, 2, 0]
        assert loops.policy is loops[0].policy is ONE


async def test_a_view_runs_its_commands_on_its_loop(clock: MockClock, embedded: Server) -> None:
    async with (
        triospike.open_event_loops(3) as loops,
        triospike.open_client(*embedded.hosts, event_loops=loops) as client,
    ):
        view = client.on(loops[1])
        for _ in range(4):
            await view.get(key(1))
        handle = view.submit(view.prepare.get(key(1)))
        await handle.wait()
        assert [loop.statistics().completed for loop in loops] == [0, 5, 0]
        for _ in range(3):
            await client.get(key(1))
        assert [loop.statistics().completed for loop in loops] == [1, 6, 1]


# Watching.


async def test_the_counts_can_be_awaited(clock: MockClock, nursery: trio.Nursery) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    seen: list[str] = []

    async def tell(name: str, wait: Callable[[], Any]) -> None:
        await wait()
        seen.append(name)

    async with open_lone_client(server.host, policy=PATIENT, event_policy=ONE) as client:
        loop = client.event_loops[0]
        assert (loop.in_process.value, loop.queued.value) == (0, 0)
        async with trio.open_nursery() as tasks:
            tasks.start_soon(tell, "one in process", lambda: loop.in_process.wait_value(1))
            tasks.start_soon(tell, "two queued", lambda: loop.queued.wait_value(2))
            callers = await call_in_turn(tasks, client, 4)
            assert seen == ["one in process", "two queued"]
            assert (loop.in_process.value, loop.queued.value) == (1, 3)
            callers[2].scope.cancel()
            await settle()
            assert loop.queued.value == 2
            tasks.start_soon(tell, "nothing queued", lambda: loop.queued.wait_value(0))
            tasks.start_soon(tell, "idle", lambda: loop.in_process.wait_value(0))
            await gate.release(2)
            assert seen[2:] == ["nothing queued"]
            await gate.release()
        assert seen[2:] == ["nothing queued", "idle"]


async def test_a_place_that_is_handed_on_is_never_seen_free(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, answering)
    async with open_lone_client(server.host, event_policy=ONE) as client:
        loop = client.event_loops[0]
        values: list[int] = []
        note = values.append

        async def watch() -> None:
            async for value, _ in loop.in_process.transitions():
                note(value)

        nursery.start_soon(watch)
        await wait_all_tasks_blocked()
        handles = [loop.submit(client.prepare.get(key(number))) for number in range(10)]
        async with trio.open_nursery() as tasks:
            for number in range(10):
                tasks.start_soon(client.get, key(number))
        for handle in handles:
            await handle.wait()
        await wait_all_tasks_blocked()
    assert values == [1, 0]


async def test_every_command_is_counted_once_by_how_it_ended(clock: MockClock, nursery: trio.Nursery) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    policy = EventPolicy(max_commands_in_process=1, max_commands_in_queue=3)
    async with open_lone_client(server.host, event_policy=policy) as client:
        loop = client.event_loops[0]
        async with trio.open_nursery() as tasks:
            callers = await call_in_turn(tasks, client, 4)
            rejected, *_ = [*await call_in_turn(tasks, client, 1)]
            callers[1].scope.cancel()  # in the queue
            await gate.release()  # the first is done, the third runs
            callers[2].scope.cancel()  # while it runs
            await settle()
            await trio.sleep(2)  # the fourth times out
            assert type(callers[3].error) is CommandTimeout
            assert type(rejected.error).__name__ == "QueueFull"
        now = loop.statistics()
    assert (now.completed, now.failed, now.timed_out, now.cancelled, now.rejected) == (1, 1, 1, 2, 1)
    assert (now.in_process, now.queued, now.peak_in_process, now.peak_queued) == (0, 0, 1, 3)


# Sharing.


async def test_two_clients_of_two_clusters_share_the_places(clock: MockClock, nursery: trio.Nursery) -> None:
    config = ServerConfig(service_time=0.01)
    servers: list[Server] = [await nursery.start(serve_aerospike, config) for _ in range(2)]
    async with (
        triospike.open_event_loops(2, EventPolicy(max_commands_in_process=3)) as loops,
        triospike.open_client(*servers[0].hosts, event_loops=loops) as first,
        triospike.open_client(*servers[1].hosts, event_loops=loops) as second,
    ):
        for server in servers:
            server.nodes[0].counters.reset_peaks()
        peak = 0

        async def watch() -> None:
            nonlocal peak
            while True:
                await trio.sleep(0.005)
                peak = max(peak, sum(server.counters.commands_at_work for server in servers))

        async with trio.open_nursery() as watching:
            watching.start_soon(watch)
            async with trio.open_nursery() as callers:
                for number in range(60):
                    callers.start_soon(first.put, key(number), {"of": 1})
                    callers.start_soon(second.put, key(number), {"of": 2})
            watching.cancel_scope.cancel()
        assert peak == 6
        for client, of in ((first, 1), (second, 2)):
            record = await client.get(key(7))
            assert record is not None
            assert record.bins == {"of": of}


async def test_a_client_that_ends_leaves_the_shared_loops_to_the_other(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    gate = Gate()
    busy, free = await start_raw_server(nursery, gate), await start_raw_server(nursery, answering)
    async with triospike.open_event_loops(1, ONE) as loops, open_lone_client(free.host, loops=loops) as stays:
        handles: list[triospike.Submitted[triospike.Record | None]] = []
        clients: list[triospike.Client] = []

        async def leave() -> None:
            async with open_lone_client(busy.host, loops=loops, policy=PATIENT) as leaves:
                clients.append(leaves)
                handles.extend(leaves.submit(leaves.prepare.get(key(number))) for number in range(5))
                await settle()
                raise UserError

        with pytest.raises(UserError):
            await leave()
        assert [handle.state.value for handle in handles] == ["cancelled"] * 5
        assert (loops[0].statistics().in_process, loops[0].statistics().queued) == (0, 0)
        await stays.get(key(1))
        with pytest.raises(ClientClosed):
            await clients[0].get(key(1))


# The end.


async def test_leaving_the_block_leaves_no_task(clock: MockClock, embedded: Server, nursery: trio.Nursery) -> None:
    await wait_all_tasks_blocked()
    before = trio.lowlevel.current_statistics().tasks_living
    async with (
        triospike.open_event_loops(5) as loops,
        triospike.open_client(*embedded.hosts, event_loops=loops) as client,
        trio.open_nursery() as callers,
    ):
        for number in range(50):
            callers.start_soon(client.get, key(number))
    await settle()
    assert trio.lowlevel.current_statistics().tasks_living == before
    assert embedded.counters.connections_open == 0


@pytest.mark.parametrize("limit", [0, 1])
async def test_leaving_the_block_waits_for_what_other_tasks_run(
    clock: MockClock, nursery: trio.Nursery, limit: int
) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    ended: list[int] = []

    async def get(client: triospike.Client, number: int) -> None:
        await client.get(key(number))
        ended.append(number)

    async def release() -> None:
        await trio.sleep(3)
        await gate.release(3)

    cluster_open = trio.Event()
    async with trio.open_nursery() as outer, open_lone_client(server.host, policy=PATIENT) as client:
        async with triospike.open_event_loops(1, EventPolicy(max_commands_in_process=limit)) as loops:
            for number in range(3):
                outer.start_soon(get, client.on(loops[0]), number)
            await settle()
            outer.start_soon(release)
        assert len(ended) == 3
        cluster_open.set()


async def test_callers_that_wait_when_the_loops_end_by_an_error_are_told(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    server = await start_raw_server(nursery, silent)
    policy = EventPolicy(max_commands_in_process=1, max_commands_in_queue=2, when_queue_full="wait")
    callers: list[Caller] = []
    statistics: list[Callable[[], EventLoopStatistics]] = []

    async def leave() -> None:
        async with open_lone_client(server.host, policy=PATIENT, event_policy=policy) as client:
            callers.extend(await call_in_turn(nursery, client, 6))
            statistics.append(client.event_loops[0].statistics)
            assert client.event_loops[0].statistics().waiting_for_room == 3
            raise UserError

    with pytest.raises(UserError):
        await leave()
    await settle()
    assert [type(caller.error) for caller in callers] == [ClientClosed] * 6
    now = statistics[0]()
    assert (now.in_process, now.queued, now.waiting_for_room) == (0, 0, 0)


async def test_a_command_that_is_cancelled_as_its_loop_ends_raises_nothing_else(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    server = await start_raw_server(nursery, silent)
    async with open_lone_client(server.host) as client:
        (caller,) = await call_in_turn(nursery, client, 1)
        caller.scope.cancel()
        client.nodes[0].pool.abort()
    await settle()
    assert caller.error is None


async def test_the_longest_wait_has_no_deadline(clock: MockClock, nursery: trio.Nursery) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    async with open_lone_client(server.host, policy=PATIENT, event_policy=ONE) as client:
        async with trio.open_nursery() as tasks:
            callers = await call_in_turn(tasks, client, 3)
            await trio.sleep(80_000)
            assert not any(caller.ended_at for caller in callers)
            assert trio.lowlevel.current_statistics().seconds_to_next_deadline == math.inf
            await gate.release(3)
        assert all(caller.done for caller in callers)
