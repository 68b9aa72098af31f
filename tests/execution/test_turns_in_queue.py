"""Commands that wait for a place of their event loop: whoever grants it sends their requests."""

from __future__ import annotations

import math
import select
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, start_raw_server
from fixtures.wire import answer, digest_of
from triospike._execution.executor import Trace
from triospike.client import Client
from triospike.errors import CommandTimeout, ConnectionFailed, MaxErrorRate, ProtocolError
from triospike.key import Key
from triospike.policy import ClientPolicy, EventPolicy, ReadPolicy, WritePolicy

from .holding import settle
from .turning import KEYS, MODES, NUMBER, Gate, Steps, get, start_gets

ONE = EventPolicy(max_commands_in_process=1)


@pytest.fixture(params=MODES)
def policy(request: pytest.FixtureRequest) -> ClientPolicy:
    return MODES[request.param]


async def test_a_command_that_waited_for_a_place_has_no_step_before_its_answer(
    nursery: trio.Nursery, policy: ClientPolicy
) -> None:
    gate, results, steps = Gate(), dict[int, Any](), Steps()
    server = await start_raw_server(nursery, gate.script)
    async with open_lone_client(server.host, policy=policy, event_policy=ONE) as client:
        async with trio.open_nursery() as gets:
            trio.lowlevel.add_instrument(steps)
            await start_gets(client, gets, results, 6)
            assert gate.asked == [0]
            gate.open(6)
        trio.lowlevel.remove_instrument(steps)
        now = client.event_loops[0].statistics()
    assert results == {number: number for number in range(6)}
    assert gate.asked == list(range(6))  # first come, first served
    assert [steps.of[f"get {number}"] for number in range(1, 6)] == [2] * 5
    assert (now.completed, now.in_process, now.peak_in_process, now.peak_queued) == (6, 0, 1, 5)


async def test_where_there_is_no_epoll_each_task_sends_its_own_request_in_its_place(
    nursery: trio.Nursery, policy: ClientPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(select, "epoll")
    gate, results = Gate(), dict[int, Any]()
    server = await start_raw_server(nursery, gate.script)
    async with open_lone_client(server.host, policy=policy, event_policy=ONE) as client:
        async with trio.open_nursery() as gets:
            await start_gets(client, gets, results, 6)
            gate.open(6)
        assert client.event_loops[0].statistics().peak_in_process == 1
    assert results == {number: number for number in range(6)}
    assert gate.asked == list(range(6))


async def test_a_command_that_is_cancelled_as_it_gets_its_place_is_never_sent(
    nursery: trio.Nursery, policy: ClientPolicy
) -> None:
    gate, results = Gate(), dict[int, Any]()
    server = await start_raw_server(nursery, gate.script)

    async def get_and_cancel(client: Client, scope: trio.CancelScope) -> None:
        await get(client, 0, results)
        scope.cancel()  # in the very step in which its place was handed over

    async with open_lone_client(server.host, policy=policy, event_policy=ONE) as client:
        scope = trio.CancelScope()
        async with trio.open_nursery() as gets:
            gets.start_soon(get_and_cancel, client, scope)
            await wait_all_tasks_blocked()
            with scope:
                gate.open(1)
                await get(client, 6, results)
            gate.open(5)
            await get(client, 7, results)
        now, pool = client.event_loops[0].statistics(), client.nodes[0].statistics().pool
    assert scope.cancelled_caught
    assert gate.asked == [0, 7]
    assert results == {0: 0, 7: 7}
    assert (now.in_process, now.queued, now.cancelled, now.completed) == (0, 0, 1, 2)
    assert (pool.open, pool.waiting, pool.draining, pool.closed) == (1, 0, 0, 0)


async def test_a_command_that_is_cancelled_in_its_exchange_leaves_its_place_at_once_and_its_answer_to_nobody(
    clock: MockClock, nursery: trio.Nursery, policy: ClientPolicy
) -> None:
    gate, results = Gate(), dict[int, Any]()
    server = await start_raw_server(nursery, gate.script)
    async with (
        open_lone_client(server.host, policy=policy, event_policy=ONE, limit=3) as client,
        trio.open_nursery() as gets,
    ):
        await start_gets(client, gets, results, 1)
        async with trio.open_nursery() as cancelled:
            cancelled.start_soon(get, client, 6, results, ReadPolicy(timeout_delay=3))
            await wait_all_tasks_blocked()
            gate.open(1)
            await settle()
            assert gate.asked == [0, 6]
            cancelled.cancel_scope.cancel()
        await wait_all_tasks_blocked()
        now = client.event_loops[0].statistics()
        assert (now.in_process, now.cancelled, now.draining) == (0, 1, 1)
        gets.start_soon(get, client, 7, results)
        await wait_all_tasks_blocked()
        gate.open(6)
    assert results == {0: 0, 7: 7}


async def test_a_deadline_in_the_exchange_tells_the_wait_for_the_place_from_that_for_the_answer(
    clock: MockClock, nursery: trio.Nursery, policy: ClientPolicy
) -> None:
    gate, results = Gate(), dict[int, Any]()
    server = await start_raw_server(nursery, gate.script)
    async with (
        open_lone_client(server.host, policy=policy, event_policy=ONE) as client,
        trio.open_nursery() as gets,
    ):
        await start_gets(client, gets, results, 1)
        gets.start_soon(get, client, 7, results, ReadPolicy(max_retries=0, total_timeout=1))
        await wait_all_tasks_blocked()
        await trio.sleep(0.3)
        gate.open(1)
        await trio.sleep(1)
        now = client.event_loops[0].statistics()
        gate.open(9)
    error = results.pop(7)
    assert isinstance(error, CommandTimeout)
    assert "total_timeout of 1 s ended" in str(error)
    (attempt,) = error.attempts
    assert attempt.queue == pytest.approx(0.3, abs=0.01)
    assert attempt.connection == pytest.approx(0, abs=0.01)
    assert attempt.wait == pytest.approx(0.7, abs=0.01)
    assert attempt.node == "A"
    assert results == {0: 0}
    assert (now.timed_out, now.timed_out_in_queue, now.in_process) == (1, 0, 0)


async def test_a_silence_in_the_exchange_counts_from_when_the_place_was_free(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    gate, results = Gate(), dict[int, Any]()
    server = await start_raw_server(nursery, gate.script)
    async with open_lone_client(server.host, event_policy=ONE) as client, trio.open_nursery() as gets:
        await start_gets(client, gets, results, 1)
        began = trio.current_time()
        gets.start_soon(get, client, 7, results, ReadPolicy(max_retries=0, total_timeout=5, socket_timeout=1))
        await wait_all_tasks_blocked()
        await trio.sleep(2)
        gate.open(1)
    assert "socket_timeout of 1 s ended" in str(results[7])
    assert trio.current_time() - began == pytest.approx(3, abs=0.01)


async def test_a_write_whose_connection_breaks_behind_its_request_is_in_doubt(
    nursery: trio.Nursery, policy: ClientPolicy
) -> None:
    go_on = trio.Event()

    async def script(peer: Peer) -> None:
        number = NUMBER[digest_of(await peer.request())]
        await go_on.wait()
        await peer.send(answer(n=number))
        await peer.request()

    async def put(client: Client) -> None:
        with pytest.raises(ConnectionFailed, match="closed by the server") as caught:
            await client.put(KEYS[7], {"n": 1}, policy=WritePolicy(max_retries=0))
        assert caught.value.in_doubt
        assert caught.value.node == "A"

    results: dict[int, Any] = {}
    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host, policy=policy, event_policy=ONE) as client:
        async with trio.open_nursery() as gets:
            await start_gets(client, gets, results, 1)
            gets.start_soon(put, client)
            await wait_all_tasks_blocked()
            go_on.set()
        now = client.event_loops[0].statistics()
    assert results == {0: 0}
    assert len(server.requests) == 2
    assert (now.in_process, now.completed, now.failed) == (0, 1, 1)


async def test_a_read_whose_connection_breaks_is_tried_again_in_the_same_place(nursery: trio.Nursery) -> None:
    gate, results = Gate(), dict[int, Any]()
    broken: list[bytes] = []

    async def script(peer: Peer) -> None:
        if peer.index:
            await gate.script(peer)
        await peer.request()
        await gate.allowed.acquire()
        await peer.send(answer(n=0))
        broken.append(await peer.request())

    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host, event_policy=ONE) as client, trio.open_nursery() as gets:
        await start_gets(client, gets, results, 1)
        gets.start_soon(get, client, 5, results, ReadPolicy(max_retries=1))
        await wait_all_tasks_blocked()
        gate.open(2)
    assert [NUMBER[digest_of(request)] for request in broken] == gate.asked == [5]
    assert results == {0: 0, 5: 5}


async def test_nonsense_for_an_answer_closes_the_connection_and_the_next_in_the_queue_opens_one(
    nursery: trio.Nursery,
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer(n=1))
        await peer.request()
        await peer.send(b"\x07" * 8)
        await peer.closed()

    results: dict[int, Any] = {}
    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host, event_policy=ONE) as client:
        async with trio.open_nursery() as gets:
            await start_gets(client, gets, results, 3)
        assert client.event_loops[0].statistics().in_process == 0
    assert isinstance(results[1], ProtocolError)
    assert {0: results[0], 2: results[2]} == {0: 1, 2: 1}
    assert (len(server.peers), server.peak) == (2, 1)


async def test_an_answer_that_does_not_belong_to_the_command_costs_the_connection(nursery: trio.Nursery) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer(n=1))
        await peer.request()
        await peer.send(b"\x02\x03" + bytes(5) + b"\x01\x16")
        await peer.closed()

    results: dict[int, Any] = {}
    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host, event_policy=ONE) as client:
        async with trio.open_nursery() as gets:
            await start_gets(client, gets, results, 2)
        assert client.nodes[0].statistics().pool.open == 0
    assert isinstance(results[1], ProtocolError)


async def test_who_has_a_place_and_no_connection_waits_for_that_too(
    nursery: trio.Nursery, policy: ClientPolicy
) -> None:
    gate, results = Gate(), dict[int, Any]()
    server = await start_raw_server(nursery, gate.script)
    places = EventPolicy(max_commands_in_process=3)
    async with open_lone_client(server.host, policy=policy, event_policy=places, limit=1) as client:
        async with trio.open_nursery() as gets:
            await start_gets(client, gets, results, 7)
            gate.open(7)
        now = client.event_loops[0].statistics()
    assert results == {number: number for number in range(7)}
    assert gate.asked == list(range(7))
    assert (now.peak_in_process, now.peak_queued, server.peak) == (3, 4, 1)


async def test_who_has_a_place_while_the_node_is_shunned_is_told_so(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    gate, results = Gate(), dict[int, Any]()
    server = await start_raw_server(nursery, gate.script)
    policy = ClientPolicy(max_error_rate=1)
    async with (
        open_lone_client(server.host, policy=policy, event_policy=ONE) as client,
        trio.open_nursery() as gets,
    ):
        await start_gets(client, gets, results, 2)
        for _ in range(2):
            client.nodes[0].count_error()
        gate.open(1)
        await settle()
        assert client.event_loops[0].statistics().in_process == 0
    assert results.pop(0) == 0
    assert isinstance(results[1], MaxErrorRate)
    assert gate.asked == [0]


async def test_an_unknown_namespace_is_told_to_its_caller_and_not_to_who_grants_the_place(
    nursery: trio.Nursery,
) -> None:
    gate, results = Gate(), dict[int, Any]()
    server = await start_raw_server(nursery, gate.script)

    async def ask_nowhere(client: Client) -> None:
        with pytest.raises(ValueError, match="nowhere"):
            await client.get(Key("nowhere", "s", 1))

    async with open_lone_client(server.host, event_policy=ONE) as client:
        async with trio.open_nursery() as gets:
            await start_gets(client, gets, results, 1)
            gets.start_soon(ask_nowhere, client)
            await wait_all_tasks_blocked()
            gets.start_soon(get, client, 7, results)
            await wait_all_tasks_blocked()
            gate.open(2)
        assert client.event_loops[0].statistics().in_process == 0
    assert results == {0: 0, 7: 7}


@pytest.mark.parametrize("kind", ["command", "part"])
async def test_a_place_that_is_granted_on_the_way_into_the_queue_is_given_back_by_who_is_cancelled_there(
    nursery: trio.Nursery, kind: str
) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate.script)
    limits = EventPolicy(max_commands_in_process=1, max_commands_in_queue=1, when_queue_full="wait")
    async with open_lone_client(server.host, event_policy=limits) as client:
        (loop,) = client.event_loops

        async def wait(scope: trio.CancelScope) -> None:
            with scope:
                if kind == "command":
                    await client.get(KEYS[1])
                else:
                    await loop.admit(client._core, math.inf, Trace(trio.current_time()))

        await loop.admit(client._core, math.inf, Trace(trio.current_time()))
        in_queue, for_room = trio.CancelScope(), trio.CancelScope()
        async with trio.open_nursery() as waiting:
            for scope in (in_queue, for_room):
                waiting.start_soon(wait, scope)
                await wait_all_tasks_blocked()
            assert (loop.statistics().queued, loop.statistics().waiting_for_room) == (1, 1)
            # In one step: there is room, then a place, and who is on the way to both is cancelled.
            in_queue.cancel()
            loop.leave(None)
            for_room.cancel()
        assert for_room.cancelled_caught
        now = loop.statistics()
        assert (now.in_process, now.queued, now.cancelled) == (0, 0, 2)
        gate.open(1)
        assert await client.get(KEYS[2]) is not None
