"""Leaving a scan early, being slow with it, using the client inside it: nothing leaks, nothing waits forever."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from execution.querying import DIGESTS, SCAN, found, start_nodes
from fixtures.lone_client import open_lone_client
from fixtures.query_node import LAST, QueryNode, digests_of, row
from fixtures.raw_server import Gone, Peer, start_raw_server
from fixtures.wire import answer, frame
from triospike import (
    Client,
    ClientClosed,
    EventPolicy,
    Key,
    QueryPolicy,
    QueryRecords,
    QueueFull,
    ReadPolicy,
    Statement,
)

MANY = digests_of(5000)
ONE_PLACE = EventPolicy(max_commands_in_process=1)


class Endless:
    """A node whose answer goes on as long as somebody takes it, in frames of about 60 KiB."""

    def __init__(self) -> None:
        self.sent = 0
        self.closed = trio.Event()

    async def __call__(self, peer: Peer) -> None:
        await peer.request()
        part = frame(3, b"".join(row(digest, 0) for digest in MANY[:750]))
        try:
            while True:
                await peer.send(part)
                self.sent += len(part)
        except (trio.BrokenResourceError, Gone):
            self.closed.set()
            raise


def left_nothing(client: Client) -> None:
    pool = client.nodes[0].pool.statistics()
    assert (pool.open, pool.in_use, pool.waiting) == (0, 0, 0)
    (loop,) = client.statistics().event_loops
    assert (loop.in_process, loop.queued, loop.draining) == (0, 0, 0)


async def test_break_ends_the_work_of_the_server(nursery: trio.Nursery) -> None:
    node = Endless()
    server = await start_raw_server(nursery, node)
    async with open_lone_client(server.host) as client:
        async with client.query(SCAN) as records:
            async for _ in records:
                break
        left_nothing(client)
        await node.closed.wait()
    nursery.cancel_scope.cancel()


async def test_an_exception_leaves_the_block_as_it_is(nursery: trio.Nursery) -> None:
    node = Endless()
    server = await start_raw_server(nursery, node)
    async with open_lone_client(server.host) as client:

        async def fail() -> None:
            async with client.query(SCAN) as records:
                await anext(records)
                raise KeyError("mine")

        with pytest.raises(KeyError, match="mine"):
            await fail()
        left_nothing(client)
        await node.closed.wait()
    nursery.cancel_scope.cancel()


async def test_a_cancel_from_outside_leaves_nothing(nursery: trio.Nursery) -> None:
    node = Endless()
    server = await start_raw_server(nursery, node)
    taken = 0
    async with open_lone_client(server.host) as client:
        with trio.CancelScope() as scope:
            async with client.query(SCAN) as records:
                async for _ in records:
                    taken += 1
                    if taken == 3000:
                        scope.cancel()
        assert scope.cancelled_caught
        left_nothing(client)
        await node.closed.wait()
    nursery.cancel_scope.cancel()


async def test_a_cancelled_wait_for_a_record_loses_none(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        for digest in DIGESTS:
            await peer.send(frame(3, row(digest, 0)), pause=1.0)
        await peer.send(frame(3, LAST))
        await peer.closed()

    server = await start_raw_server(nursery, script)
    taken = []
    async with open_lone_client(server.host) as client, client.query(SCAN) as records:
        while records.progress().fraction < 1:
            with trio.move_on_after(0.7):
                async for some in records.chunks(7):
                    taken += some
            with trio.move_on_after(0.7):
                async for record in records:
                    taken.append(record)  # what was taken before the cancel counts
    assert found(taken) == DIGESTS
    nursery.cancel_scope.cancel()


async def test_records_can_not_be_taken_behind_the_block(nursery: trio.Nursery) -> None:
    async with open_lone_client(*await start_nodes(nursery, QueryNode(DIGESTS))) as client:
        async with client.query(SCAN) as records:
            pass
        with pytest.raises(ClientClosed, match="block was left"):
            await anext(records)
    nursery.cancel_scope.cancel()


async def test_an_unknown_namespace_raises_on_entry(nursery: trio.Nursery) -> None:
    async with open_lone_client(*await start_nodes(nursery, QueryNode(DIGESTS))) as client:
        with pytest.raises(ValueError, match="unknown namespace 'nope'"):
            async with client.query(Statement("nope")):
                pass
    nursery.cancel_scope.cancel()


# Slow consumers.


async def test_a_slow_consumer_holds_up_the_server(nursery: trio.Nursery) -> None:
    node = Endless()
    server = await start_raw_server(nursery, node)
    async with open_lone_client(server.host) as client, client.query(SCAN) as records:
        await anext(records)
        before = -1
        while before != node.sent:
            before = node.sent
            await trio.sleep(0.05)
        for _ in range(100):
            await anext(records)
            await wait_all_tasks_blocked(0.0001)
        assert node.sent == before < 16 << 20  # what the kernel's buffers hold
    nursery.cancel_scope.cancel()


async def test_a_stream_is_put_down_before_the_server_loses_patience_and_taken_up_again(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    node = QueryNode(MANY, rows_in_frame=2000)
    taken = []
    async with open_lone_client(*await start_nodes(nursery, node)) as client:
        async with client.query(SCAN, policy=QueryPolicy(socket_timeout=10.0)) as records:
            async for some in records.chunks(500):
                taken += some
                await trio.sleep(8)
                assert client.nodes[0].pool.statistics().in_use <= 1
        assert client.statistics().retries == 0
    assert found(taken) == MANY
    assert len(node.asked) > 1
    nursery.cancel_scope.cancel()


# The client inside its own scan.


class Both(QueryNode):
    """It answers gets too."""

    async def __call__(self, peer: Peer) -> None:
        while True:
            request = await peer.request()
            if request[8 + 3] & 4:
                await self.serve(peer, request)
            else:
                await peer.send(answer(n=1))


@pytest.mark.parametrize("limit", [1, 2])
async def test_a_get_for_each_record_of_a_scan_under_any_limit(
    limit: int, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    node = Both(MANY, rows_in_frame=2000)
    taken: list[bytes] = []
    event_policy = EventPolicy(max_commands_in_process=limit)
    async with open_lone_client(*await start_nodes(nursery, node), event_policy=event_policy) as client:
        async with client.query(SCAN) as records:
            async for record in records:
                taken.append(record.key.digest)
                assert await client.get(record.key, policy=ReadPolicy(max_retries=0)) is not None
        (loop,) = client.statistics().event_loops
        assert loop.peak_in_process <= limit
        assert client.statistics().retries == 0
    assert taken == MANY
    nursery.cancel_scope.cancel()


async def test_a_get_for_each_record_on_a_single_connection(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    node = Both(MANY, rows_in_frame=2000)
    taken: list[bytes] = []
    async with open_lone_client(*await start_nodes(nursery, node), limit=1) as client:
        async with client.query(SCAN) as records:
            async for record in records:
                taken.append(record.key.digest)
                await client.get(record.key)
        assert client.nodes[0].pool.statistics().peak_open == 1
    assert taken == MANY
    nursery.cancel_scope.cancel()


async def test_a_scan_inside_a_scan_on_one_place(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    node = Both(MANY[:600], rows_in_frame=100)

    async def count(records: QueryRecords) -> int:
        return len([record async for record in records])

    async with open_lone_client(*await start_nodes(nursery, node), event_policy=ONE_PLACE) as client:
        counts = []
        async with client.query(SCAN) as outer:
            async for chunk in outer.chunks(200):
                async with client.query(SCAN) as inner:
                    counts.append((len(chunk), await count(inner)))
    assert counts == [(200, 600)] * 3
    nursery.cancel_scope.cancel()


async def test_the_limit_of_one_admits_other_keys_too(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    node = Both(MANY, rows_in_frame=1000)
    hosts = await start_nodes(nursery, node)
    async with open_lone_client(*hosts, event_policy=ONE_PLACE) as client, client.query(SCAN) as records:
        await anext(records)
        await client.put(Key("test", "demo", 1), {"n": 1})  # while the scan waits for its consumer
        assert len([record async for record in records]) == len(MANY) - 1
    nursery.cancel_scope.cancel()


async def test_a_scan_that_gave_up_its_place_waits_for_room_in_the_queue(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    node = Both(MANY, rows_in_frame=1000)
    event_policy = EventPolicy(max_commands_in_process=1, max_commands_in_queue=1)
    taken: list[bytes] = []
    refused = 0

    async def get(client: Client, digest: bytes) -> None:
        nonlocal refused
        try:
            await client.get(Key.from_digest("test", "demo", digest))
        except QueueFull:
            refused += 1

    hosts = await start_nodes(nursery, node)
    async with open_lone_client(*hosts, event_policy=event_policy) as client, client.query(SCAN) as records:
        async for some in records.chunks(500):
            taken += found(some)
            async with trio.open_nursery() as getters:
                for digest in taken[-3:]:
                    getters.start_soon(get, client, digest)
    assert taken == MANY
    assert refused > 0
    nursery.cancel_scope.cancel()
