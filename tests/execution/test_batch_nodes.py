"""Batches on several nodes: limits counted on the server's side, and nodes that die in the middle."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from trio.testing import MockClock

import triospike
from fixtures.batches import batch_answer, indices_of, is_batch
from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, start_raw_server
from fixtures.wire import answer
from triospike import (
    BatchError,
    BatchPolicy,
    BatchRead,
    BatchWrite,
    Client,
    ClientPolicy,
    EventPolicy,
    Key,
    QueueFull,
    Replica,
    operations as op,
)
from triospike.server import Fault, Server, ServerConfig, serve_aerospike

KEYS = [Key("test", "nodes", number) for number in range(600)]
NODES = 3


@pytest.fixture
async def cluster(nursery: trio.Nursery) -> Server:
    started = await nursery.start(serve_aerospike, ServerConfig(nodes=NODES))
    assert isinstance(started, Server)
    return started


@asynccontextmanager
async def client_of(cluster: Server, events: EventPolicy | None = None, **policy: Any) -> AsyncIterator[Client]:
    policy.setdefault("tend_interval", 0.1)
    async with (
        triospike.open_event_loops(1, events) as loops,
        triospike.open_client(*cluster.hosts, policy=ClientPolicy(**policy), event_loops=loops) as client,
    ):
        yield client


@pytest.fixture
async def client(cluster: Server) -> AsyncIterator[Client]:
    async with client_of(cluster) as client:
        results = await client.batch([BatchWrite(key, {"n": at}) for at, key in enumerate(KEYS)])
        assert all(result.ok for result in results)
        yield client


def numbers(records: Any) -> list[Any]:
    return [None if record is None else record.bins["n"] for record in records]


async def test_every_node_gets_its_own_rows_in_one_request(client: Client, cluster: Server) -> None:
    before = [node.counters.commands_total - node.counters.commands_info for node in cluster.nodes]
    assert numbers(await client.batch_get(KEYS)) == list(range(600))
    after = [node.counters.commands_total - node.counters.commands_info for node in cluster.nodes]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1]
    results = await client.batch_operate(KEYS, [op.read("n")])
    assert len({result.node for result in results}) == NODES


async def test_parts_run_side_by_side(clock: MockClock, client: Client, cluster: Server) -> None:
    with cluster.faults.add(Fault("delay", command="batch", seconds=0.1)):
        for node in cluster.nodes:
            node.counters.reset_peaks()
        began = trio.current_time()
        await client.batch_get(KEYS)
        assert trio.current_time() - began < 0.25
    assert client.event_loops[0].statistics().peak_in_process == NODES


@pytest.mark.parametrize("queue", [0, 1, 2])
@pytest.mark.parametrize("limit", [1, 2])
async def test_batches_keep_every_limit_and_never_deadlock(
    clock: MockClock, client: Client, cluster: Server, limit: int, queue: int
) -> None:
    events = EventPolicy(max_commands_in_process=limit, max_commands_in_queue=queue)
    cluster.counters.reset_peaks()
    async with client_of(cluster, events, async_max_conns_per_node=limit) as limited:
        with cluster.faults.add(Fault("delay", command="batch", probability=0.5, seconds=0.01, seed=1)):
            for _ in range(5):
                assert numbers(await limited.batch_get(KEYS)) == list(range(600))
        now = limited.event_loops[0].statistics()
        assert (now.peak_in_process, now.in_process, now.queued, now.rejected) == (limit, 0, 0, 0)
    assert cluster.counters.commands_at_work_peak <= limit


async def test_many_batches_at_once_wait_for_each_other(client: Client, cluster: Server) -> None:
    events = EventPolicy(max_commands_in_process=2)
    cluster.counters.reset_peaks()
    async with client_of(cluster, events) as limited, trio.open_nursery() as nursery:
        seen: list[list[Any]] = []

        async def get() -> None:
            seen.append(numbers(await limited.batch_get(KEYS, policy=BatchPolicy(total_timeout=60))))

        for _ in range(20):
            nursery.start_soon(get)
    assert seen == [list(range(600))] * 20
    assert cluster.counters.commands_at_work_peak <= 2


async def test_a_queue_that_others_fill_refuses_a_batch(clock: MockClock, cluster: Server) -> None:
    events = EventPolicy(max_commands_in_process=1, max_commands_in_queue=1)
    async with client_of(cluster, events) as client, trio.open_nursery() as nursery:
        with cluster.faults.add(Fault("delay", command="read", seconds=0.2)):
            for key in KEYS[:2]:
                nursery.start_soon(client.get, key)
            await trio.testing.wait_all_tasks_blocked()
            with pytest.raises(BatchError) as caught:
                await client.batch_get(KEYS)
        assert any(isinstance(error, QueueFull) for error in caught.value.sub_errors)
        assert not caught.value.in_doubt


async def test_a_node_that_is_stopped_in_the_middle_loses_nothing(
    clock: MockClock, client: Client, cluster: Server
) -> None:
    client = client.with_policy(batch=BatchPolicy(total_timeout=20, max_retries=10, sleep_between_retries=0.05))
    seen: list[list[Any]] = []

    async def get_again_and_again() -> None:
        seen.extend([numbers(await client.batch_get(KEYS)) for _ in range(12)])

    with cluster.faults.add(Fault("delay", command="batch", probability=0.5, seconds=0.02, seed=2)):
        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(get_again_and_again)
            await trio.sleep(0.1)
            await cluster.stop_node(0)
            await trio.sleep(0.3)
            await cluster.start_node(0)
    assert seen == [list(range(600))] * 36
    assert client.statistics().retries > 0
    assert client.event_loops[0].in_process.value == 0


async def test_writes_of_a_dead_node_fail_and_the_others_are_kept(client: Client, cluster: Server) -> None:
    at_node_0 = {
        result.index
        for result in await client.batch_operate(KEYS, [op.read("n")])
        if result.node == cluster.nodes[0].name
    }
    with cluster.faults.add(Fault("close_before", node=0, command="batch")), pytest.raises(BatchError) as caught:
        await client.batch_operate(KEYS, [op.add("n", 1000)])
    results = caught.value.results
    assert {result.index for result in results if not result.ok} == at_node_0
    assert all(result.in_doubt for result in results if not result.ok)
    assert numbers(await client.batch_get(KEYS)) == [at if at in at_node_0 else at + 1000 for at in range(600)]


async def test_a_part_that_failed_is_split_among_the_replicas(nursery: trio.Nursery) -> None:
    """Of three nodes, each the master of a third, one refuses: its rows go to the two others."""

    async def answers(peer: Peer) -> None:
        while True:
            request = await peer.request()
            await peer.send(batch_answer(*indices_of(request)) if is_batch(request) else answer(n=0))

    async def closes(peer: Peer) -> None:
        await peer.request()

    servers = [await start_raw_server(nursery, script) for script in (closes, answers, answers)]
    async with open_lone_client(*(server.host for server in servers)) as client:
        table = client._core.cluster.partition_map.tables["test"]
        nodes = table.owners[0]
        table.owners = client._core.cluster.partition_map.owners["test"] = [
            (nodes[0], nodes[1 + partition % 2], nodes[2 - partition % 2]) for partition in range(4096)
        ]
        records = await client.batch_get(KEYS)
    assert numbers(records) == list(range(600))
    second, third = ([indices_of(request) for request in server.requests] for server in servers[1:])
    assert (len(second), len(third)) == (1, 1)
    assert sorted(second[0] + third[0]) == list(range(600))
    assert all(KEYS[index].partition_id % 2 == 0 for index in second[0])
    assert client.statistics().retries == 2


async def test_rows_are_split_anew_when_the_map_changes_between_parts(
    nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triospike._execution.batch_plan.MOST_ROWS", 200)
    client: Client

    async def moves_away(peer: Peer) -> None:
        request = await peer.request()
        cluster = client._core.cluster
        table = cluster.partition_map.tables["test"]
        table.owners = cluster.partition_map.owners["test"] = [owners[::-1] for owners in table.owners]
        cluster.partition_map.generation += 1
        await peer.send(batch_answer(*indices_of(request)))

    async def answers(peer: Peer) -> None:
        while True:
            await peer.send(batch_answer(*indices_of(await peer.request())))

    servers = [await start_raw_server(nursery, script) for script in (moves_away, answers)]
    async with open_lone_client(*(server.host for server in servers)) as client:
        assert numbers(await client.batch_get(KEYS)) == list(range(600))
    assert [[len(indices_of(request)) for request in server.requests] for server in servers] == [[200], [200, 200]]


async def test_racks_are_preferred(nursery: trio.Nursery) -> None:
    async def answers(peer: Peer) -> None:
        while True:
            request = await peer.request()
            await peer.send(batch_answer(*indices_of(request)))

    servers = [await start_raw_server(nursery, answers) for _ in range(3)]
    policy = ClientPolicy(rack_aware=True, rack_ids=(7, 8))
    async with open_lone_client(*(server.host for server in servers), policy=policy) as client:
        client.nodes[1].racks["test"] = 8
        client.nodes[2].racks["test"] = 7
        near = BatchPolicy(replica=Replica.PREFER_RACK)
        await client.batch_get(KEYS[:10], policy=near)
        assert [len(server.requests) for server in servers] == [0, 0, 1]
        await client.batch([BatchWrite(key, {"n": 1}) for key in KEYS[:10]], policy=near)
        assert [len(server.requests) for server in servers] == [1, 0, 1]
        items = [BatchRead(key) if at % 2 else BatchWrite(key, {"n": 1}) for at, key in enumerate(KEYS[:10])]
        await client.batch(items, policy=near)
        assert [len(server.requests) for server in servers] == [2, 0, 2]


async def test_a_batch_cancelled_on_several_nodes_leaves_nothing_behind(
    client: Client, cluster: Server, clock: MockClock
) -> None:
    with cluster.faults.add(Fault("delay", command="batch", seconds=0.5)):
        with trio.move_on_after(0.1) as scope:
            await client.batch_get(KEYS, policy=BatchPolicy(total_timeout=5))
        assert scope.cancelled_caught
        now = client.event_loops[0].statistics()
        assert (now.in_process, now.cancelled) == (0, NODES)
        await trio.sleep(2)
    assert all(node.pool.statistics().in_use == node.pool.statistics().draining == 0 for node in client.nodes)
    assert sum(node.pool.statistics().recovered for node in client.nodes) == NODES
    assert numbers(await client.batch_get(KEYS)) == list(range(600))
