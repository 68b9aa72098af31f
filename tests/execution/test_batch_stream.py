"""Results of a batch as they arrive: no faster than they are taken, and no longer than they are wanted."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

import triospike
from fixtures.batches import batch_answer, indices_of, is_batch, last_message
from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, start_raw_server
from fixtures.wire import answer
from triospike import BatchPolicy, BatchRead, BatchWrite, Client, Key, ResultCode
from triospike.server import Server, ServerConfig, serve_aerospike

KEYS = [Key("test", "stream", number) for number in range(300)]


async def answers_all(peer: Peer) -> None:
    while True:
        request = await peer.request()
        await peer.send(batch_answer(*indices_of(request)) if is_batch(request) else answer(n=0))


@pytest.fixture
async def client(nursery: trio.Nursery) -> AsyncIterator[Client]:
    cluster = await nursery.start(serve_aerospike, ServerConfig(nodes=3))
    assert isinstance(cluster, Server)
    async with triospike.open_client(*cluster.hosts) as client:
        await client.batch([BatchWrite(key, {"n": at}) for at, key in enumerate(KEYS)])
        yield client


async def test_every_row_comes_once_and_says_whose_it_is(client: Client) -> None:
    missing = Key("test", "stream", "nobody")
    seen = {}
    async with client.batch_stream([*KEYS, missing, KEYS[0]]) as results:
        async for result in results:
            assert result.index not in seen
            seen[result.index] = result
    assert len(seen) == 302
    records = [seen[at].record for at in range(300)]
    assert [record and record.bins["n"] for record in records] == list(range(300))
    assert seen[300].result_code == ResultCode.NOT_FOUND
    assert seen[301].record is not None
    assert seen[301].key == KEYS[0]


async def test_items_of_all_kinds_are_streamed(client: Client) -> None:
    items = [BatchRead(key, ["n"]) if at % 2 else BatchWrite(key, {"n": -at}) for at, key in enumerate(KEYS)]
    async with client.batch_stream(items) as results:
        codes = [result.result_code async for result in results]
    assert codes == [0] * 300
    first = await client.get(KEYS[2])
    assert first is not None
    assert first.bins == {"n": -2}


async def test_rows_of_a_node_that_failed_come_with_their_error(nursery: trio.Nursery) -> None:
    async def closes(peer: Peer) -> None:
        await peer.request()

    server = await start_raw_server(nursery, closes)
    policy = BatchPolicy(max_retries=0)
    async with (
        open_lone_client(server.host) as client,
        client.batch_stream(KEYS[:5], policy=policy) as results,
    ):
        seen = [result async for result in results]
    assert sorted(result.index for result in seen) == [0, 1, 2, 3, 4]
    assert {result.result_code for result in seen} == {ResultCode.CONNECTION}


async def test_results_come_before_the_last_one_does(nursery: trio.Nursery) -> None:
    go_on = trio.Event()

    async def in_two_steps(peer: Peer) -> None:
        await peer.request()
        await peer.send(batch_answer(1)[: -len(last_message())])
        await go_on.wait()
        await peer.send(batch_answer(0))

    server = await start_raw_server(nursery, in_two_steps)
    async with open_lone_client(server.host) as client, client.batch_stream(KEYS[:2]) as results:
        assert (await anext(results)).index == 1
        go_on.set()
        assert [result.index async for result in results] == [0]


async def test_a_slow_consumer_holds_up_the_connection_and_not_the_memory(nursery: trio.Nursery) -> None:
    keys = [Key("test", "s", number) for number in range(20_000)]
    sent = 0

    async def in_many_frames(peer: Peer) -> None:
        nonlocal sent
        while True:
            indices = indices_of(await peer.request())
            for at in range(0, len(indices), 100):
                part = batch_answer(*indices[at : at + 100])
                await peer.send(part[: -len(last_message())])
                sent += 100
            await peer.send(last_message())

    server = await start_raw_server(nursery, in_many_frames)
    async with open_lone_client(server.host) as client, client.batch_stream(keys) as results:
        await anext(results)
        for _ in range(20):
            await wait_all_tasks_blocked(0.001)
        held = len(results._sink._waiting)
        assert 1_000 <= held <= 1_200
        first_part = sent
        taken = 1
        async for _ in results:
            taken += 1
    assert taken == 20_000
    assert first_part <= 5_000  # the second part is not even asked for


async def test_a_slow_consumer_meets_no_timeout(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start_raw_server(nursery, answers_all)
    keys = [Key("test", "s", number) for number in range(12_000)]
    policy = BatchPolicy(socket_timeout=0.5, total_timeout=0)
    async with open_lone_client(server.host) as client, client.batch_stream(keys, policy=policy) as results:
        count = 0
        async for result in results:
            assert result.ok
            count += 1
            if count % 1000 == 0:
                await trio.sleep(2)
    assert count == 12_000


async def test_without_a_policy_there_is_no_total_timeout(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start_raw_server(nursery, answers_all)
    keys = [Key("test", "s", number) for number in range(12_000)]
    async with open_lone_client(server.host) as client, client.batch_stream(keys) as results:
        count = 0
        async for _ in results:
            count += 1
            if count == 3_000:
                await trio.sleep(5)
    assert count == 12_000


@pytest.mark.parametrize("how", ["break", "error", "cancel"])
async def test_leaving_early_leaves_nothing_behind(client: Client, how: str) -> None:
    async def leave() -> None:
        async with client.batch_stream(KEYS) as results:
            async for _ in results:
                if how == "error":
                    raise KeyError("mine")
                if how == "cancel":
                    scope.cancel()
                    await trio.sleep_forever()
                break

    with trio.CancelScope() as scope:
        if how == "error":
            with pytest.raises(KeyError, match="mine"):
                await leave()
        else:
            await leave()
    assert scope.cancelled_caught == (how == "cancel")
    await trio.sleep(0.05)
    now = client.event_loops[0].statistics()
    assert (now.in_process, now.queued) == (0, 0)
    assert all(node.pool.statistics().in_use == 0 for node in client.nodes)
    assert len([1 for record in await client.batch_get(KEYS) if record]) == 300


async def test_arguments_are_looked_at_before_the_block(client: Client) -> None:
    with pytest.raises(TypeError, match=r"items\[1\] must be a BatchRead, BatchWrite, BatchDelete or BatchApply"):
        async with client.batch_stream([BatchRead(KEYS[0]), KEYS[1]]):  # type: ignore[arg-type]  # the point
            pytest.fail("nothing was asked")
    with pytest.raises(TypeError, match=r"keys\[1\] must be a Key, not str"):
        async with client.batch_stream([KEYS[0], "key"]):  # type: ignore[arg-type]  # the point
            pytest.fail("nothing was asked")


async def test_other_tasks_run_while_results_are_taken(client: Client) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await trio.lowlevel.checkpoint()
            turns += 1

    async with trio.open_nursery() as nursery:
        async with client.batch_stream(KEYS) as results:
            await trio.sleep(0.05)  # all of them are here
            nursery.start_soon(count)
            async for _ in results:
                pass
        nursery.cancel_scope.cancel()
    assert turns >= 3
