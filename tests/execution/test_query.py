"""Scans on nodes that break off, vanish, or serve only some partitions: every record comes exactly once."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from execution.querying import DIGESTS, SCAN, found, split_between, start_nodes, take, take_into
from fixtures.lone_client import open_lone_client
from fixtures.query_node import LAST, QueryNode, message, partition_of, row
from fixtures.raw_server import Peer, silent, start_raw_server
from fixtures.wire import frame
from triospike import (
    CommandTimeout,
    ConnectionFailed,
    Cursor,
    EventPolicy,
    Filter,
    IndexNotFound,
    Key,
    PartitionFilter,
    PartitionUnavailable,
    QueryPolicy,
    Statement,
)


async def test_a_scan_returns_every_record_once(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    node = QueryNode(DIGESTS)
    server = await start_raw_server(nursery, node)
    async with open_lone_client(server.host) as client:
        records = await take(client)
    assert found(records) == DIGESTS
    assert [record.bins for record in records] == [{"n": number} for number in range(60)]
    assert [(record.generation, record.ttl, record.key.set_name) for record in records] == [(1, None, "demo")] * 60
    nursery.cancel_scope.cancel()


async def test_the_end_may_come_in_the_frame_of_the_last_records(nursery: trio.Nursery) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        rows = b"".join(row(digest, 0) for digest in DIGESTS)
        await peer.send(frame(3, b""), frame(3, rows + LAST))
        await peer.closed()

    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host) as client:
        assert found(await take(client)) == DIGESTS
        assert client.nodes[0].pool.statistics().idle == 1
    nursery.cancel_scope.cancel()


async def test_records_come_as_lists_of_one_size(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, QueryNode(DIGESTS, rows_in_frame=7))
    async with open_lone_client(server.host) as client, client.query(SCAN) as records:
        chunks = [chunk async for chunk in records.chunks(25)]
    assert [len(chunk) for chunk in chunks] == [25, 25, 10]
    assert found([record for chunk in chunks for record in chunk]) == DIGESTS
    nursery.cancel_scope.cancel()


# Retries.


@pytest.mark.parametrize("broken_at", range(0, 60 * 84, 97))
async def test_a_node_that_breaks_off_anywhere_costs_no_record_and_doubles_none(
    broken_at: int, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    first, second = QueryNode(DIGESTS, break_after=broken_at), QueryNode(DIGESTS)
    async with open_lone_client(*await start_nodes(nursery, first, second)) as client:
        records = await take(client)
    assert sorted(found(records)) == sorted(DIGESTS)
    assert len(second.asked) == 1
    assert second.asked[0].partitions.isdisjoint(second.asked[0].begun)
    nursery.cancel_scope.cancel()


async def test_a_query_goes_on_behind_the_value_and_digest_of_the_last_record(nursery: trio.Nursery) -> None:
    first = QueryNode(DIGESTS, break_after=1000, values=True)
    second = QueryNode(DIGESTS, values=True)
    statement = Statement("test", "demo", filter=Filter.between("n", 0, 100))
    async with open_lone_client(*await start_nodes(nursery, first, second)) as client:
        records = await take(client, statement=statement)
    assert sorted(found(records)) == sorted(DIGESTS)
    (asked,) = second.asked
    values = [int.from_bytes(asked.fields[15][at : at + 8], "little") for at in range(0, len(asked.fields[15]), 8)]
    assert [DIGESTS[value] for value in values] == list(asked.begun.values())
    nursery.cancel_scope.cancel()


async def test_partitions_that_a_node_does_not_serve_are_asked_for_elsewhere(nursery: trio.Nursery) -> None:
    gone = frozenset(map(partition_of, DIGESTS[::3]))
    first, second = QueryNode(DIGESTS, unavailable=gone), QueryNode(DIGESTS)
    async with open_lone_client(*await start_nodes(nursery, first, second)) as client:
        records = await take(client)
        assert client.statistics().retries == 1
    assert sorted(found(records)) == sorted(DIGESTS)
    assert second.asked[0].partitions == gone
    nursery.cancel_scope.cancel()


async def test_partitions_that_nobody_serves_end_the_scan_behind_the_other_records(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    gone = frozenset(map(partition_of, DIGESTS[:3]))
    node = QueryNode(DIGESTS, unavailable=gone)
    digests: list[bytes] = []
    async with open_lone_client(*await start_nodes(nursery, node)) as client:
        with pytest.raises(PartitionUnavailable, match="partitions are not available") as caught:
            await take_into(digests, client)
    assert sorted(digests) == sorted(DIGESTS[3:])
    assert caught.value.iterations == 6
    assert len(caught.value.sub_errors) == 5
    assert node.asked[-1].partitions == gone
    nursery.cancel_scope.cancel()


async def test_a_scan_gives_up_after_max_retries_in_a_row_without_progress(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()

    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host) as client:
        with pytest.raises(ConnectionFailed) as caught:
            await take(client, QueryPolicy(max_retries=2, sleep_between_retries=10.0))
    assert caught.value.iterations == len(server.requests) == 3
    assert trio.current_time() == pytest.approx(20, abs=0.1)
    nursery.cancel_scope.cancel()


async def test_progress_begins_the_count_of_retries_anew(nursery: trio.Nursery) -> None:
    node = QueryNode(DIGESTS, rows_in_frame=1, break_always_after=250)
    async with open_lone_client(*await start_nodes(nursery, node)) as client:
        records = await take(client, QueryPolicy(max_retries=1))
    assert sorted(found(records)) == sorted(DIGESTS)
    assert len(node.asked) > 20
    nursery.cancel_scope.cancel()


async def test_an_index_that_is_not_found_is_looked_for_as_often_as_the_policy_says(nursery: trio.Nursery) -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(frame(3, message(code=201)))

    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host) as client:
        with pytest.raises(IndexNotFound) as caught:
            await take(client, statement=Statement("test", "demo", filter=Filter.equal("n", 1)))
        assert client.nodes[0].pool.statistics().opened == 1
    assert caught.value.iterations == len(server.requests) == 6
    nursery.cancel_scope.cancel()


async def test_a_refusal_ends_the_scan_at_once(nursery: trio.Nursery) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(frame(3, row(DIGESTS[0], 0)), frame(3, message(info3=1, code=15)))
        await peer.closed()

    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host) as client:
        with pytest.raises(Exception, match="SCAN_ABORTED") as caught:
            await take(client)
    assert getattr(caught.value, "node", None) == "A"
    assert len(server.requests) == 1
    nursery.cancel_scope.cancel()


# Times.


async def test_total_timeout_ends_the_scan(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    server = await start_raw_server(nursery, silent)
    async with open_lone_client(server.host) as client:
        with pytest.raises(CommandTimeout, match="total_timeout of 7 s"):
            await take(client, QueryPolicy(total_timeout=7.0))
    assert trio.current_time() == pytest.approx(7, abs=0.1)
    nursery.cancel_scope.cancel()


async def test_socket_timeout_is_a_silence_that_another_node_may_break(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    node = QueryNode(DIGESTS)
    mute = await start_raw_server(nursery, silent)
    (host,) = await start_nodes(nursery, node)
    async with open_lone_client(mute.host, host) as client:
        records = await take(client, QueryPolicy(socket_timeout=3.0, total_timeout=100.0))
    assert found(records) == DIGESTS
    assert trio.current_time() == pytest.approx(3, abs=0.1)
    assert node.asked[0].timeout == pytest.approx(97_000, abs=100)
    nursery.cancel_scope.cancel()


# Limits.


@pytest.mark.parametrize("wanted", [1, 2, 3, 29, 59, 60, 1000])
async def test_max_records_is_exact_on_several_nodes(
    wanted: int, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    # Nearly all of the records are on one of the nodes.
    nodes = [QueryNode(DIGESTS), QueryNode(DIGESTS), QueryNode(DIGESTS)]
    async with open_lone_client(*await start_nodes(nursery, *nodes)) as client:
        split_between(client, [3700, 300, 96])
        records = await take(client, QueryPolicy(max_records=wanted))
    assert len(set(found(records))) == len(records) == min(wanted, 60)
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize("page_size", [1, 7, 25, 60, 100])
async def test_pages_bring_every_record_once(
    page_size: int, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    nodes = [QueryNode(DIGESTS), QueryNode(DIGESTS)]
    policy = QueryPolicy(max_records=page_size)
    pages: list[int] = []
    digests: list[bytes] = []
    cursor: Cursor | None = None
    async with open_lone_client(*await start_nodes(nursery, *nodes)) as client:
        split_between(client, [3000, 1096])
        while cursor is None or not cursor.done:
            async with client.query(SCAN, partitions=cursor, policy=policy) as records:
                digests += [record.key.digest async for record in records]
                pages.append(len(digests) - sum(pages))
                cursor = Cursor.from_bytes(records.cursor().to_bytes())
                assert records.progress().records == len(digests)
        async with client.query(SCAN, partitions=cursor) as records:
            assert [record async for record in records] == []
    assert sorted(digests) == sorted(DIGESTS)
    assert all(size == page_size for size in pages[: 60 // page_size])
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize("taken", range(0, 61, 4))
async def test_a_cursor_goes_on_behind_the_last_record_taken(
    taken: int, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    node = QueryNode(DIGESTS, rows_in_frame=9)
    digests: list[bytes] = []
    async with open_lone_client(*await start_nodes(nursery, node)) as client:
        async with client.query(SCAN) as records:
            while len(digests) < taken:
                digests.append((await anext(records)).key.digest)
            cursor = records.cursor()
        assert cursor.records == taken
        async with client.query(SCAN, partitions=Cursor.from_bytes(cursor.to_bytes())) as records:
            digests += [record.key.digest async for record in records]
            assert records.progress().fraction == 1
    assert digests == DIGESTS
    nursery.cancel_scope.cancel()


async def test_a_cursor_is_for_its_own_statement(nursery: trio.Nursery) -> None:
    async with open_lone_client(*await start_nodes(nursery, QueryNode(DIGESTS))) as client:
        async with client.query(SCAN) as records:
            cursor = records.cursor()
        with pytest.raises(ValueError, match="cursor is of another statement"):
            client.query(Statement("test", "other"), partitions=cursor)
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("partitions", "expected"),
    [
        (PartitionFilter.all(), DIGESTS),
        (PartitionFilter.one(partition_of(DIGESTS[9])), [DIGESTS[9]]),
        (PartitionFilter.range(1000, 2000), [each for each in DIGESTS if 1000 <= partition_of(each) < 3000]),
        (PartitionFilter.after(DIGESTS[9]), []),
        (PartitionFilter.after(bytes([DIGESTS[9][0], DIGESTS[9][1] & 15]) + bytes(18)), [DIGESTS[9]]),
        (PartitionFilter.after(Key.from_digest("test", None, DIGESTS[9])), []),
    ],
)
async def test_a_scan_of_some_partitions(
    partitions: PartitionFilter, expected: list[bytes], nursery: trio.Nursery
) -> None:
    node = QueryNode(DIGESTS)
    async with open_lone_client(*await start_nodes(nursery, node)) as client:
        assert found(await take(client, partitions=partitions)) == expected
    assert len(node.asked[0].partitions) + len(node.asked[0].begun) == partitions.count
    nursery.cancel_scope.cancel()


async def test_max_concurrent_nodes_bounds_the_nodes_at_work(nursery: trio.Nursery) -> None:
    at_work, peak = 0, 0

    async def script(peer: Peer) -> None:
        nonlocal at_work, peak
        await peer.request()
        at_work += 1
        peak = max(peak, at_work)
        await trio.testing.wait_all_tasks_blocked()
        at_work -= 1
        await peer.send(frame(3, LAST))
        await peer.closed()

    hosts = [(await start_raw_server(nursery, script)).host for _ in range(4)]
    async with open_lone_client(*hosts) as client:
        split_between(client, [1024] * 4)
        await take(client, QueryPolicy(max_concurrent_nodes=2))
    assert peak == 2
    nursery.cancel_scope.cancel()


async def test_no_more_nodes_are_at_work_than_the_event_loop_admits(nursery: trio.Nursery) -> None:
    nodes = [QueryNode(DIGESTS) for _ in range(3)]
    async with open_lone_client(
        *await start_nodes(nursery, *nodes), event_policy=EventPolicy(max_commands_in_process=1)
    ) as client:
        split_between(client, [1000, 1000, 2096])
        assert sorted(found(await take(client))) == sorted(DIGESTS)
        (loop,) = client.statistics().event_loops
    assert (loop.peak_in_process, loop.peak_queued, loop.completed) == (1, 0, 3)
    nursery.cancel_scope.cancel()
