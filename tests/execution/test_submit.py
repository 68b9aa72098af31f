from __future__ import annotations

import gc

import pytest
import trio
from trio.testing import MockClock

import triospike
from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, silent, start_raw_server
from fixtures.wire import answer
from triospike._execution.submitted import SubmitState
from triospike.errors import (
    CommandCancelled,
    CommandTimeout,
    InvalidRequest,
    QueueFull,
)
from triospike.policy import ClientPolicy, EventPolicy, ReadPolicy, WritePolicy
from triospike.server import Server

from .holding import Gate, key, settle

PATIENT = ClientPolicy(
    read=ReadPolicy(total_timeout=0, socket_timeout=0), write=WritePolicy(total_timeout=0, socket_timeout=0)
)
ONE = EventPolicy(max_commands_in_process=1)
QUEUED, RUNNING, DONE, FAILED, CANCELLED = SubmitState


async def test_a_submitted_command_goes_from_queued_to_running_to_done(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    async with open_lone_client(server.host, policy=PATIENT, event_policy=ONE) as client:
        first, second = (client.submit(client.prepare.get(key(number))) for number in range(2))
        assert (first.state, second.state) == (QUEUED, QUEUED)
        await settle()
        assert (first.state, second.state) == (RUNNING, QUEUED)
        await gate.release()
        assert (first.state, second.state) == (DONE, RUNNING)
        await gate.release()
        assert (first.state, second.state) == (DONE, DONE)
        assert repr(second) == f"<Submitted <ReadCommand {key(1)!r}>: done>"
    assert gate.numbers(2) == [0, 1]


async def test_every_kind_of_command_gives_its_own_result(clock: MockClock, embedded: Server) -> None:
    async with triospike.open_client(*embedded.hosts) as client:
        prepare = client.prepare
        await client.submit(prepare.put(key(1), {"n": 1, "s": "b"})).result()
        await client.submit(prepare.add(key(1), {"n": 41})).result()
        await client.submit(prepare.append(key(1), {"s": "c"})).result()
        await client.submit(prepare.prepend(key(1), {"s": "a"})).result()
        await client.submit(prepare.touch(key(1))).result()
        record = await client.submit(prepare.get(key(1))).result()
        assert record is not None
        assert (record.bins, record.generation) == ({"n": 42, "s": "abc"}, 5)
        header = await client.submit(prepare.get_header(key(1))).result()
        assert header is not None
        assert (header.bins, header.generation) == ({}, 5)
        read = await client.submit(prepare.operate(key(1), [triospike.operations.read("n")])).result()
        assert read.bins == {"n": 42}
        assert await client.submit(prepare.exists(key(1))).result() is True
        assert await client.submit(prepare.delete(key(1))).result() is True
        assert await client.submit(prepare.delete(key(1))).result() is False
        assert await client.submit(prepare.get(key(1))).result() is None


async def test_a_prepared_command_can_be_submitted_any_number_of_times(clock: MockClock, embedded: Server) -> None:
    async with triospike.open_client(*embedded.hosts) as client:
        add = client.prepare.add(key(1), {"n": 1})
        for handle in [client.submit(add) for _ in range(20)]:
            await handle.result()
        record = await client.get(key(1))
        assert record is not None
        assert record.bins == {"n": 20}


async def test_bad_arguments_are_refused_when_the_command_is_prepared(clock: MockClock, embedded: Server) -> None:
    async with triospike.open_client(*embedded.hosts) as client:
        with pytest.raises(ValueError, match="bins must not be empty"):
            client.prepare.put(key(1), {})


async def test_a_failure_is_raised_to_whoever_awaits_the_result(clock: MockClock, nursery: trio.Nursery) -> None:
    async def refuses(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer(4))

    server = await start_raw_server(nursery, refuses)
    async with open_lone_client(server.host) as client:
        handle = client.submit(client.prepare.put(key(1), {"b": 1}))
        await handle.wait()
        assert handle.state is FAILED
        for _ in range(2):
            with pytest.raises(InvalidRequest):
                await handle.result()
        now = client.event_loops[0].statistics()
        assert (now.failed, now.completed, now.in_process) == (1, 0, 0)


async def test_a_failure_that_nobody_awaits_harms_nobody(clock: MockClock, nursery: trio.Nursery) -> None:
    async def closes(peer: Peer) -> None:
        await peer.request()

    server = await start_raw_server(nursery, closes)
    async with open_lone_client(server.host) as client:
        handle = client.submit(client.prepare.get(key(1)))
    assert handle.state is FAILED


async def test_an_unknown_namespace_fails_the_command_and_not_the_loop(clock: MockClock, embedded: Server) -> None:
    async with triospike.open_client(*embedded.hosts) as client:
        handle = client.submit(client.prepare.get(triospike.Key("nowhere", "s", 1)))
        with pytest.raises(ValueError, match="unknown namespace 'nowhere'"):
            await handle.result()
        assert handle.state is FAILED
        assert await client.submit(client.prepare.get(key(1))).result() is None


async def test_several_tasks_await_one_handle_before_and_after_its_end(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    results: list[object] = []
    async with open_lone_client(server.host, policy=PATIENT) as client:
        handle = client.submit(client.prepare.exists(key(1)))

        async def ask() -> None:
            results.append(await handle.result())

        async with trio.open_nursery() as tasks:
            for _ in range(3):
                tasks.start_soon(ask)
            await settle()
            await gate.release()
            for _ in range(2):
                tasks.start_soon(ask)
    assert results == [True] * 5


async def test_who_awaits_a_handle_may_be_cancelled_and_the_command_goes_on(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    async with open_lone_client(server.host, policy=PATIENT) as client:
        handle = client.submit(client.prepare.exists(key(1)))
        with trio.move_on_after(1) as scope:
            await handle.result()
        assert scope.cancelled_caught
        assert handle.state is RUNNING
        await gate.release()
        assert await handle.result() is True


# Cancelling.


async def test_a_queued_command_that_is_cancelled_leaves_at_once_and_is_never_sent(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    async with open_lone_client(server.host, policy=PATIENT, event_policy=ONE) as client:
        handles = [client.submit(client.prepare.put(key(number), {"b": 1})) for number in range(4)]
        await settle()
        assert handles[2].cancel() is True
        assert handles[2].state is CANCELLED
        assert client.event_loops[0].statistics().queued == 2
        with pytest.raises(CommandCancelled, match="in the queue; never sent") as caught:
            await handles[2].result()
        assert (caught.value.in_doubt, caught.value.result_code) == (False, -5)
        assert handles[2].cancel() is False
        await gate.release(3)
        assert gate.numbers(4) == [0, 1, 3]
        assert [handle.cancel() for handle in handles] == [False] * 4


@pytest.mark.parametrize("write", [True, False])
async def test_a_running_command_that_is_cancelled_is_abandoned_and_its_place_handed_on(
    clock: MockClock, nursery: trio.Nursery, write: bool
) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    async with open_lone_client(server.host, policy=PATIENT, event_policy=ONE) as client:
        prepare = client.prepare
        running = client.submit(prepare.put(key(0), {"b": 1}) if write else prepare.touch(key(0)))
        reading = client.submit(prepare.get(key(1)))
        await settle()
        assert running.cancel() is True
        await settle()
        assert (running.state, reading.state) == (CANCELLED, RUNNING)
        with pytest.raises(CommandCancelled, match="while it ran; in doubt") as caught:
            await running.result()
        assert caught.value.in_doubt is True
        assert reading.cancel() is True
        with pytest.raises(CommandCancelled) as caught:
            await reading.result()
        assert caught.value.in_doubt is False
        await gate.release(2)
        assert client.event_loops[0].statistics().cancelled == 2


async def test_a_command_that_is_cancelled_before_its_task_has_begun_is_never_sent(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    async with open_lone_client(server.host, policy=PATIENT, event_policy=ONE) as client:
        client.submit(client.prepare.get(key(0)))  # opens the connection: the next could be sent at once
        await settle()
        await gate.release()
        first = client.submit(client.prepare.put(key(1), {"b": 1}))
        second = client.submit(client.prepare.put(key(2), {"b": 1}))
        assert first.cancel() is True
        await settle()
        assert (first.state, second.state) == (CANCELLED, RUNNING)
        with pytest.raises(CommandCancelled, match="never sent") as caught:
            await first.result()
        assert caught.value.in_doubt is False
        await gate.release()
    assert gate.numbers(3) == [0, 2]


async def test_a_write_that_the_server_timed_out_is_in_doubt_though_it_is_cancelled_later(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    async def times_out(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer(9))
        await peer.closed()

    server = await start_raw_server(nursery, times_out)
    policy = WritePolicy(total_timeout=0, max_retries=5, sleep_between_retries=10)
    async with open_lone_client(server.host) as client:
        handle = client.submit(client.prepare.put(key(0), {"b": 1}, policy=policy))
        await trio.sleep(5)  # between the attempts
        handle.cancel()
        with pytest.raises(CommandCancelled) as caught:
            await handle.result()
        assert caught.value.in_doubt is True


# Time.


async def test_the_total_timeout_of_a_submitted_command_covers_the_queue(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    server = await start_raw_server(nursery, silent)
    async with open_lone_client(server.host, policy=PATIENT, event_policy=ONE) as client:
        busy = client.submit(client.prepare.get(key(0)))
        policy = WritePolicy(total_timeout=0.5)
        queued = client.submit(client.prepare.put(key(1), {"b": 1}, policy=policy))
        began = trio.current_time()
        with pytest.raises(CommandTimeout, match="queue; never sent") as caught:
            await queued.result()
        assert trio.current_time() - began == pytest.approx(0.5, abs=0.01)
        assert (queued.state, caught.value.in_doubt) == (FAILED, False)
        assert caught.value.attempts[0].queue == pytest.approx(0.5, abs=0.01)
        now = client.event_loops[0].statistics()
        assert (now.queued, now.timed_out_in_queue) == (0, 1)
        busy.cancel()
    assert len(server.requests) <= 1


async def test_the_time_in_the_queue_counts(clock: MockClock, nursery: trio.Nursery) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    async with open_lone_client(server.host, policy=PATIENT, event_policy=ONE) as client:
        client.submit(client.prepare.get(key(0)))
        handle = client.submit(client.prepare.get(key(1), policy=ReadPolicy(total_timeout=1, max_retries=0)))
        await trio.sleep(0.6)
        await gate.release()
        with pytest.raises(CommandTimeout) as caught:
            await handle.result()
        times = caught.value.attempts[0]
        assert times.queue == pytest.approx(0.6, abs=0.02)
        assert times.wait == pytest.approx(0.4, abs=0.02)
        await gate.release()


# Limits.


async def test_the_one_over_the_limit_is_refused_even_where_callers_would_wait(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    policy = EventPolicy(max_commands_in_process=2, max_commands_in_queue=3, when_queue_full="wait")
    async with open_lone_client(server.host, policy=PATIENT, event_policy=policy) as client:
        handles = [client.submit(client.prepare.get(key(number))) for number in range(5)]
        with pytest.raises(QueueFull) as caught:
            client.submit(client.prepare.get(key(5)))
        assert caught.value.result_code == -11
        await settle()
        await gate.release(5)
        assert [handle.state for handle in handles] == [DONE] * 5
        assert gate.peak == 2


async def test_callers_and_submitted_commands_wait_in_one_queue(clock: MockClock, nursery: trio.Nursery) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate)
    async with (
        open_lone_client(server.host, policy=PATIENT, event_policy=ONE) as client,
        trio.open_nursery() as tasks,
    ):
        for number in range(6):
            if number % 2:
                client.submit(client.prepare.get(key(number)))
            else:
                tasks.start_soon(client.get, key(number))
            await settle()
        await gate.release(6)
    assert gate.numbers(6) == list(range(6))


async def test_queued_commands_have_neither_tasks_nor_connections_and_are_small(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    tracemalloc = pytest.importorskip("tracemalloc", reason="PyPy has none")
    server = await start_raw_server(nursery, silent)
    async with open_lone_client(server.host, policy=PATIENT, event_policy=ONE) as client:
        prepared = client.prepare.get(key(1))
        handles = [client.submit(prepared)]
        await settle()
        tasks = trio.lowlevel.current_statistics().tasks_living
        gc.collect()
        tracemalloc.start()
        handles += [client.submit(prepared) for _ in range(2000)]
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        await settle()
        assert trio.lowlevel.current_statistics().tasks_living == tasks
        assert (server.open, client.nodes[0].pool.statistics().open) == (1, 1)
        assert size / 2000 < 600
        for handle in handles:
            handle.cancel()
