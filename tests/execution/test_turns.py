"""Commands that wait for a connection: their requests go out when one is free, without a step of their tasks."""

from __future__ import annotations

import select
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, start_raw_server
from fixtures.wire import answer, digest_of
from triospike.client import Client
from triospike.errors import CommandTimeout, ConnectionFailed, ProtocolError
from triospike.policy import ClientPolicy, ReadPolicy, WritePolicy

from .turning import KEYS, MODES, NUMBER, ONCE, Gate, Steps, get, rooms, start_gets


@pytest.fixture(params=MODES)
def policy(request: pytest.FixtureRequest) -> ClientPolicy:
    return MODES[request.param]


async def test_a_command_that_waited_for_a_connection_has_no_step_before_its_answer(
    nursery: trio.Nursery, policy: ClientPolicy
) -> None:
    gate, results, steps = Gate(), dict[int, Any](), Steps()
    server = await start_raw_server(nursery, gate.script)
    async with open_lone_client(server.host, policy=policy, limit=1) as client, trio.open_nursery() as gets:
        trio.lowlevel.add_instrument(steps)
        await start_gets(client, gets, results, 6)
        assert sorted(gate.asked) == list(range(rooms(policy)))
        gate.open(6)
    trio.lowlevel.remove_instrument(steps)
    assert results == {number: number for number in range(6)}
    assert gate.asked == list(range(6))  # first come, first served
    assert [steps.of[f"get {number}"] for number in range(rooms(policy), 6)] == [2] * (6 - rooms(policy))
    assert server.peak == 1


async def test_where_there_is_no_epoll_each_task_sends_its_own_request_in_its_turn(
    nursery: trio.Nursery, policy: ClientPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(select, "epoll")
    gate, results = Gate(), dict[int, Any]()
    server = await start_raw_server(nursery, gate.script)
    async with open_lone_client(server.host, policy=policy, limit=1) as client, trio.open_nursery() as gets:
        await start_gets(client, gets, results, 6)
        gate.open(6)
    assert results == {number: number for number in range(6)}
    assert gate.asked == list(range(6))


async def test_submitted_commands_take_their_turns_and_may_be_cancelled_in_them(
    clock: MockClock, nursery: trio.Nursery, policy: ClientPolicy
) -> None:
    gate = Gate()
    server = await start_raw_server(nursery, gate.script)
    async with open_lone_client(server.host, policy=policy, limit=1) as client:
        handles = [client.submit(client.prepare.get(key, policy=ONCE)) for key in KEYS[:6]]
        await wait_all_tasks_blocked()
        asked = list(gate.asked)
        in_line = min({*range(6)} - {*asked})
        handles[in_line].cancel()
        gate.open(1)
        await wait_all_tasks_blocked()
        (in_exchange,) = gate.asked[len(asked) :]
        handles[in_exchange].cancel()
        gate.open(6)
        others = {*range(6)} - {in_line, in_exchange}
        records = {number: await handles[number].result() for number in others}
    assert {number: record and record.bins["n"] for number, record in records.items()} == {n: n for n in others}
    assert in_line not in gate.asked
    assert server.peak == 1


async def test_a_command_that_is_cancelled_in_line_is_never_sent(
    nursery: trio.Nursery, policy: ClientPolicy
) -> None:
    gate, results = Gate(), dict[int, Any]()
    server = await start_raw_server(nursery, gate.script)
    async with open_lone_client(server.host, policy=policy, limit=1) as client, trio.open_nursery() as gets:
        await start_gets(client, gets, results, 2)
        async with trio.open_nursery() as cancelled:
            cancelled.start_soon(get, client, 6, results)
            await wait_all_tasks_blocked()
            gets.start_soon(get, client, 7, results)
            await wait_all_tasks_blocked()
            cancelled.cancel_scope.cancel()
        gate.open(3)
    assert results == {0: 0, 1: 1, 7: 7}
    assert 6 not in gate.asked


async def test_a_command_that_is_cancelled_as_it_gets_its_connection_is_never_sent(
    nursery: trio.Nursery, policy: ClientPolicy
) -> None:
    gate, results = Gate(), dict[int, Any]()
    server = await start_raw_server(nursery, gate.script)

    async def get_and_cancel(client: Client, scope: trio.CancelScope) -> None:
        await get(client, 0, results)
        scope.cancel()  # in the very step in which its connection was handed over

    async with open_lone_client(server.host, policy=policy, limit=1) as client:
        scope = trio.CancelScope()
        async with trio.open_nursery() as gets:
            gets.start_soon(get_and_cancel, client, scope)
            await wait_all_tasks_blocked()
            for number in range(1, rooms(policy)):
                gets.start_soon(get, client, number, results)
            await wait_all_tasks_blocked()
            with scope:
                gate.open(1)
                await get(client, 6, results)
            gate.open(5)
            await get(client, 7, results)
        (node,) = client.nodes
        pool = node.statistics().pool
    assert scope.cancelled_caught
    assert 6 not in gate.asked
    assert results == {number: number for number in [*range(rooms(policy)), 7]}
    assert (pool.open, pool.waiting, pool.draining, pool.closed) == (1, 0, 0, 0)


async def test_a_command_that_is_cancelled_in_its_exchange_leaves_its_answer_to_nobody(
    clock: MockClock, nursery: trio.Nursery, policy: ClientPolicy
) -> None:
    gate, results = Gate(), dict[int, Any]()
    server = await start_raw_server(nursery, gate.script)
    async with open_lone_client(server.host, policy=policy, limit=1) as client, trio.open_nursery() as gets:
        await start_gets(client, gets, results, rooms(policy))
        async with trio.open_nursery() as cancelled:
            cancelled.start_soon(get, client, 6, results, ReadPolicy(timeout_delay=3))
            await wait_all_tasks_blocked()
            gate.open(1)
            await wait_all_tasks_blocked()
            assert 6 in gate.asked
            cancelled.cancel_scope.cancel()
        gets.start_soon(get, client, 7, results)
        await wait_all_tasks_blocked()
        gate.open(6)
    assert results == {number: number for number in [*range(rooms(policy)), 7]}
    assert server.peak == 1


async def test_a_deadline_in_the_exchange_tells_the_wait_for_the_connection_from_that_for_the_answer(
    clock: MockClock, nursery: trio.Nursery, policy: ClientPolicy
) -> None:
    gate, results = Gate(), dict[int, Any]()
    server = await start_raw_server(nursery, gate.script)
    async with open_lone_client(server.host, policy=policy, limit=1) as client, trio.open_nursery() as gets:
        await start_gets(client, gets, results, rooms(policy))
        gets.start_soon(get, client, 7, results, ReadPolicy(max_retries=0, total_timeout=1))
        await wait_all_tasks_blocked()
        await trio.sleep(0.3)
        gate.open(1)
        await trio.sleep(1)
        gate.open(9)
    error = results.pop(7)
    assert isinstance(error, CommandTimeout)
    assert "total_timeout of 1 s ended" in str(error)
    (attempt,) = error.attempts
    assert attempt.connection == pytest.approx(0.3, abs=0.01)
    assert attempt.wait == pytest.approx(0.7, abs=0.01)
    assert attempt.node == "A"
    assert results == {number: number for number in range(rooms(policy))}


async def test_a_silence_in_the_exchange_counts_from_when_the_connection_was_free(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    gate, results = Gate(), dict[int, Any]()
    server = await start_raw_server(nursery, gate.script)
    async with open_lone_client(server.host, limit=1) as client, trio.open_nursery() as gets:
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
        asked = [NUMBER[digest_of(await peer.request())] for _ in range(rooms(policy))]
        await go_on.wait()
        await peer.send(*(answer(n=number) for number in asked))
        await peer.request()

    async def put(client: Client) -> None:
        with pytest.raises(ConnectionFailed, match="closed by the server") as caught:
            await client.put(KEYS[7], {"n": 1}, policy=WritePolicy(max_retries=0))
        assert caught.value.in_doubt
        assert caught.value.node == "A"

    results: dict[int, Any] = {}
    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host, policy=policy, limit=1) as client, trio.open_nursery() as gets:
        await start_gets(client, gets, results, rooms(policy))
        gets.start_soon(put, client)
        await wait_all_tasks_blocked()
        go_on.set()
    assert results == {number: number for number in range(rooms(policy))}
    assert len(server.requests) == rooms(policy) + 1


async def test_nonsense_for_an_answer_closes_the_connection_and_the_next_in_line_opens_one(
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
    async with open_lone_client(server.host, limit=1) as client, trio.open_nursery() as gets:
        await start_gets(client, gets, results, 3)
    assert isinstance(results[1], ProtocolError)
    assert {0: results[0], 2: results[2]} == {0: 1, 2: 1}
    assert (len(server.peers), server.peak) == (2, 1)
