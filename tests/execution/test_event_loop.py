from __future__ import annotations

from functools import partial

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

import triospike
from fixtures.lone_client import open_lone_client
from fixtures.raw_server import answering, start_raw_server
from triospike.errors import ClientClosed, CommandTimeout, QueueFull
from triospike.policy import ClientPolicy, EventPolicy, ReadPolicy, WritePolicy
from triospike.result_code import ResultCode
from triospike.server import Fault, Server, ServerConfig, serve_aerospike

from .holding import Gate, call_in_turn, key, settle

PATIENT = ClientPolicy(read=ReadPolicy(total_timeout=0, socket_timeout=0))


def one(queue: int = 0, **options: str) -> EventPolicy:
    return EventPolicy(max_commands_in_process=1, max_commands_in_queue=queue, **options)  # type: ignore[arg-type]


# In process.


@pytest.mark.parametrize("limit", [1, 3])
async def test_at_most_so_many_commands_are_in_process_as_the_server_counts_too(
    clock: MockClock, nursery: trio.Nursery, limit: int
) -> None:
    server: Server = await nursery.start(serve_aerospike, ServerConfig(nodes=2, service_time=0.01))
    policy = EventPolicy(max_commands_in_process=limit)
    async with (
        triospike.open_event_loops(4, policy) as loops,
        triospike.open_client(*server.hosts, event_loops=loops) as client,
        trio.open_nursery() as callers,
    ):
        for number in range(200):
            callers.start_soon(client.get, key(number))
    assert server.counters.commands_at_work_peak == 4 * limit
    assert [loop.statistics().peak_in_process for loop in loops] == [limit] * 4
    assert [loop.statistics().completed for loop in loops] == [50] * 4


async def test_without_a_limit_all_run_at_once_and_the_queue_is_not_used(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    policy = EventPolicy(max_commands_in_queue=1)
    async with open_lone_client(server.host, policy=PATIENT, event_policy=policy, limit=100) as client:
        async with trio.open_nursery() as callers:
            for number in range(100):
                callers.start_soon(client.get, key(number))
            await settle()
            assert (gate.at_work, client.event_loops[0].statistics().in_process) == (100, 100)
            await gate.release(100)
        assert client.event_loops[0].statistics().peak_queued == 0


async def test_commands_run_in_the_order_of_their_coming(clock: MockClock, nursery: trio.Nursery) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    policy = EventPolicy(max_commands_in_process=2)
    async with (
        open_lone_client(server.host, policy=PATIENT, event_policy=policy) as client,
        trio.open_nursery() as tasks,
    ):
        await call_in_turn(tasks, client, 8)
        assert gate.numbers(8) == [0, 1]
        await gate.release(8)
    assert gate.numbers(8) == list(range(8))
    assert gate.peak == 2


async def test_a_newcomer_does_not_overtake_those_who_wait(clock: MockClock, nursery: trio.Nursery) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    async with open_lone_client(server.host, policy=PATIENT, event_policy=one()) as client:
        async with trio.open_nursery() as tasks:
            first, _ = await call_in_turn(tasks, client, 2)
            first.scope.cancel()  # its place is granted to the second; a third comes in the same moment
            tasks.start_soon(client.get, key(2))
            await settle()
            await gate.release(3)
        assert gate.numbers(3) == [0, 1, 2]


# The fast path.


class Steps(trio.abc.Instrument):
    """Notes which tasks are spawned, and which take a step."""

    def __init__(self) -> None:
        self.spawned: list[trio.lowlevel.Task] = []
        self.stepped: set[trio.lowlevel.Task] = set()
        self.caller_steps = 0
        self._caller = trio.lowlevel.current_task()

    def task_spawned(self, task: trio.lowlevel.Task) -> None:
        self.spawned.append(task)

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        self.stepped.add(task)
        self.caller_steps += task is self._caller


@pytest.mark.parametrize("limit", [0, 1])
async def test_an_uncontended_command_runs_in_the_callers_task_without_a_hop(
    nursery: trio.Nursery, limit: int
) -> None:
    server = await start_raw_server(nursery, answering)
    policy = EventPolicy(max_commands_in_process=limit)
    async with open_lone_client(server.host, event_policy=policy) as client:
        await client.get(key(1))  # opens the connection
        await wait_all_tasks_blocked()
        steps = Steps()
        trio.lowlevel.add_instrument(steps)
        await client.get(key(1))
        trio.lowlevel.remove_instrument(steps)
    assert steps.spawned == []
    assert steps.caller_steps == 1  # it waits once, for the answer
    others = {task.name for task in steps.stepped - {trio.lowlevel.current_task()}}
    assert all("RawServer" in name or "handler" in name or "serve" in name for name in others), others


# The queue.


async def test_the_queue_takes_so_many_and_refuses_the_next_at_once(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    async with open_lone_client(server.host, policy=PATIENT, event_policy=one(queue=2)) as client:
        loop = client.event_loops[0]
        async with trio.open_nursery() as tasks:
            callers = await call_in_turn(tasks, client, 3)
            now = trio.current_time()
            with pytest.raises(QueueFull, match="2 commands wait, max_commands_in_queue is 2") as caught:
                await client.put(key(9), {"b": 1})
            assert trio.current_time() == now
            assert (caught.value.result_code, caught.value.in_doubt) == (ResultCode.ASYNC_QUEUE_FULL, False)
            assert caught.value.result_code == -11
            assert (loop.statistics().queued, loop.statistics().rejected) == (2, 1)
            callers[1].scope.cancel()  # makes room
            await settle()
            tasks.start_soon(client.get, key(3))
            await settle()
            assert loop.statistics().queued == 2
            await gate.release(3)
        assert gate.numbers(4) == [0, 2, 3]


async def test_callers_wait_for_room_in_their_order_if_told_to(clock: MockClock, nursery: trio.Nursery) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    policy = one(queue=2, when_queue_full="wait")
    async with open_lone_client(server.host, policy=PATIENT, event_policy=policy) as client:
        async with trio.open_nursery() as tasks:
            callers = await call_in_turn(tasks, client, 8)
            now = client.event_loops[0].statistics()
            assert (now.in_process, now.queued, now.waiting_for_room) == (1, 2, 5)
            callers[4].scope.cancel()
            await gate.release(7)
        assert gate.numbers(8) == [0, 1, 2, 3, 5, 6, 7]
        now = client.event_loops[0].statistics()
        assert (now.peak_queued, now.rejected, now.cancelled) == (2, 0, 1)


async def test_the_wait_for_room_ends_with_the_total_timeout(clock: MockClock, nursery: trio.Nursery) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    policy = one(queue=1, when_queue_full="wait")
    async with open_lone_client(server.host, policy=PATIENT, event_policy=policy) as client:
        async with trio.open_nursery() as tasks:
            await call_in_turn(tasks, client, 2)
            began = trio.current_time()
            with pytest.raises(CommandTimeout, match="queue was full; never sent") as caught:
                await client.put(key(9), {"b": 1}, policy=WritePolicy(total_timeout=0.5))
            assert trio.current_time() - began == pytest.approx(0.5, abs=0.01)
            assert caught.value.in_doubt is False
            assert caught.value.attempts[0].queue == pytest.approx(0.5, abs=0.01)
            now = client.event_loops[0].statistics()
            assert (now.timed_out, now.timed_out_in_queue, now.waiting_for_room) == (1, 1, 0)
            await gate.release(2)
        assert len(gate.digests) == 2


async def test_a_queued_command_that_is_cancelled_leaves_at_once_and_is_never_sent(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    async with open_lone_client(server.host, policy=PATIENT, event_policy=one()) as client:
        loop = client.event_loops[0]
        async with trio.open_nursery() as tasks:
            callers = await call_in_turn(tasks, client, 5)
            for number in (1, 3):
                callers[number].scope.cancel()
            assert (loop.statistics().queued, loop.statistics().cancelled) == (2, 2)
            await gate.release(3)
        assert gate.numbers(5) == [0, 2, 4]


async def test_a_queued_command_whose_time_ends_leaves_at_once_and_is_never_sent(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    async with open_lone_client(server.host, policy=PATIENT, event_policy=one()) as client:
        loop = client.event_loops[0]
        async with trio.open_nursery() as tasks:
            await call_in_turn(tasks, client, 2)
            began = trio.current_time()
            with pytest.raises(CommandTimeout, match="in the event loop's queue; never sent"):
                await client.put(key(9), {"b": 1}, policy=WritePolicy(total_timeout=0.5))
            assert trio.current_time() - began == pytest.approx(0.5, abs=0.01)
            now = loop.statistics()
            assert (now.queued, now.failed, now.timed_out, now.timed_out_in_queue) == (1, 1, 1, 1)
            await gate.release(2)
        assert gate.numbers(2) == [0, 1]


class CancelWhenDone(trio.abc.Instrument):
    """Cancels a scope right after the step in which a task is cancelled, before any other task runs."""

    def __init__(self, watched: trio.lowlevel.Task, scope: trio.CancelScope) -> None:
        self._watched = watched
        self._scope = scope

    def after_task_step(self, task: trio.lowlevel.Task) -> None:
        if task is self._watched:
            self._scope.cancel()


async def test_who_is_cancelled_just_as_a_place_is_granted_gives_it_to_the_next_and_sends_nothing(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    async with open_lone_client(server.host, policy=PATIENT, event_policy=one()) as client:
        loop = client.event_loops[0]
        tasks_by_number: dict[int, trio.lowlevel.Task] = {}

        async def get(which: triospike.Key) -> None:
            tasks_by_number[len(tasks_by_number)] = trio.lowlevel.current_task()
            await client.get(which)

        async with trio.open_nursery() as tasks:
            first, second, third = await call_in_turn(tasks, client, 3, get)
            instrument = CancelWhenDone(tasks_by_number[0], second.scope)
            trio.lowlevel.add_instrument(instrument)
            first.scope.cancel()
            await settle()
            trio.lowlevel.remove_instrument(instrument)
            assert second.scope.cancelled_caught
            assert (second.done, second.error) == (False, None)
            await gate.release(2)
            assert third.done
        assert gate.numbers(3) == [0, 2]
        now = loop.statistics()
        assert (now.in_process, now.queued, now.cancelled, now.completed) == (0, 0, 2, 1)
        await trio.sleep(5)  # a limiter that lost a place would not grant it now
        await gate_one_more(gate, client, nursery)


async def gate_one_more(gate: Gate, client: triospike.Client, nursery: trio.Nursery) -> None:
    nursery.start_soon(client.get, key(1))
    await settle()
    assert gate.at_work == 1
    await gate.release()


@pytest.mark.parametrize("namespace", ["test", "nowhere"])
async def test_a_place_is_given_back_whatever_the_command_meets(
    clock: MockClock, embedded: Server, namespace: str
) -> None:
    policy = ClientPolicy()
    async with (
        triospike.open_event_loops(1, one()) as loops,
        triospike.open_client(*embedded.hosts, policy=policy, event_loops=loops) as client,
    ):
        for _ in range(3):
            if namespace == "nowhere":
                with pytest.raises(ValueError, match="unknown namespace 'nowhere'; the cluster has 'test'"):
                    await client.get(triospike.Key("nowhere", "s", 1))
            else:
                with pytest.raises(triospike.RecordNotFound):
                    await client.touch(key(1))
        assert loops[0].statistics().in_process == 0
        assert await client.get(key(1)) is None


async def test_a_caller_that_is_cancelled_already_sends_nothing(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, answering)
    async with open_lone_client(server.host) as client:
        with trio.CancelScope() as scope:
            scope.cancel()
            await client.put(key(1), {"a": 1})
        await wait_all_tasks_blocked(0.01)
    assert scope.cancelled_caught
    assert server.requests == []


@pytest.mark.parametrize("depth", [1, 4], ids=["default", "pipelined"])
async def test_a_cancelled_caller_among_many_sends_nothing_and_closes_nothing(
    nursery: trio.Nursery, depth: int
) -> None:
    server = await start_raw_server(nursery, answering)

    async def put(client: triospike.Client, number: int) -> None:
        with trio.CancelScope() as scope:
            if number % 2:
                scope.cancel()
            await client.put(key(number), {"number": number})

    policy = ClientPolicy(pipeline_depth=depth)
    async with open_lone_client(server.host, policy=policy, limit=100) as client:
        for begun in (100, 150, 200):  # the first round opens the connections
            async with trio.open_nursery() as callers:
                for number in range(100):
                    callers.start_soon(*((client.get, key(number)) if begun == 100 else (put, client, number)))
            assert len(server.requests) == begun
        pool = client._core.cluster.nodes[0].pool.statistics()
        assert (pool.closed, pool.in_use, pool.waiting) == (0, 0, 0)
        loop = client.event_loops[0].statistics()
        assert (loop.in_process, loop.completed) == (0, 200)
        assert loop.cancelled <= 100  # those who find nobody at work are not even begun


async def test_a_cancelled_caller_sends_nothing_on_a_busy_event_loop_that_is_not_the_clients_own(
    nursery: trio.Nursery,
) -> None:
    gate = Gate()
    server, holding = await start_raw_server(nursery, answering), await start_raw_server(nursery, gate)
    async with (
        open_lone_client(holding.host, policy=PATIENT) as busy,
        open_lone_client(server.host) as client,
        trio.open_nursery() as callers,
    ):
        elsewhere = client.on(busy.event_loops[0])
        await elsewhere.get(key(1))
        for number in range(2):
            callers.start_soon(busy.get, key(number))
        await settle()
        with trio.CancelScope() as scope:
            scope.cancel()
            await elsewhere.put(key(1), {"a": 1})
        await settle()
        assert scope.cancelled_caught
        assert len(server.requests) == 1
        await gate.release(2)


async def test_who_waited_in_the_queue_takes_no_connection_that_was_idle_for_too_long_meanwhile(
    clock: MockClock, embedded: Server
) -> None:
    policy = ClientPolicy(async_max_conns_per_node=2, async_min_conns_per_node=2, max_socket_idle=5)
    unlucky = ReadPolicy(total_timeout=8, socket_timeout=0, max_retries=0, timeout_delay=0)
    async with (
        triospike.open_event_loops(2, one()) as loops,
        triospike.open_client(*embedded.hosts, policy=policy, event_loops=loops) as client,
    ):
        first = client.on(loops[0])
        await trio.sleep(2)
        pool = client.nodes[0].pool
        assert (pool.statistics().idle, pool.statistics().closed) == (2, 0)

        async def time_out() -> None:
            with pytest.raises(CommandTimeout):
                await first.get(key(1), policy=unlucky)

        with embedded.faults.add(Fault("drop", command="read")):
            async with trio.open_nursery() as callers:
                callers.start_soon(time_out)
                await settle()
                callers.start_soon(partial(first.put, key(2), {"a": 1}, policy=WritePolicy(total_timeout=30)))
        assert loops[0].statistics().peak_queued == 1
        assert pool.statistics().closed == 2  # that of the command that failed, and the one that lay idle


async def test_commands_on_a_closed_event_loop_say_so(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, answering)
    async with triospike.open_event_loops(1) as closed:
        pass
    async with open_lone_client(server.host) as client:
        with pytest.raises(ClientClosed, match="event loops are closed"):
            await client.on(closed[0]).get(key(1))
