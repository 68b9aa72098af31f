"""Batches in a cluster: rows of partitions that another node owns, and nodes that come and go."""

from __future__ import annotations

from collections import Counter

import batching
import pytest
import raw_client as raw
import trio
from batching import DELETE, WRITE, BatchAnswer, batch, key, put, repeat, row

from triospike.server.config import NamespaceConfig, ServerConfig
from triospike.server.serve import serve_aerospike
from triospike.server.server import Server

COUNT = 300


async def start(nursery: trio.Nursery, factor: int = 2) -> Server:
    namespaces = (NamespaceConfig("test", replication_factor=factor),)
    server = await nursery.start(serve_aerospike, ServerConfig(nodes=3, namespaces=namespaces))
    assert isinstance(server, Server)
    return server


async def ask(client: raw.RawClient, request: bytes) -> BatchAnswer:
    frames = [await client.ask(request)]
    while not (len(frames[-1]) == 30 and frames[-1][11] & 1):
        frames.append(await client.answer())
    return batching.parse(frames)


def writes() -> bytes:
    return batch(*(put(index, index, index) for index in range(COUNT)))


def reads(first: int = 0) -> bytes:
    return batch(row(0, first), *(repeat(index - first, index) for index in range(first + 1, COUNT)))


def values(answer: BatchAnswer) -> dict[int, int]:
    return {found.index: int(found.bins[0][3], 16) for found in answer.rows if found.bins}


@pytest.mark.parametrize("asked", range(3))
async def test_any_node_answers_a_batch_for_records_of_all_nodes(nursery: trio.Nursery, asked: int) -> None:
    server = await start(nursery, factor=1)
    async with raw.connect(server.nodes[asked].port) as client:
        assert Counter((await ask(client, writes())).codes.values()) == {0: COUNT}
    for node in server.nodes:
        async with raw.connect(node.port) as client:
            assert values(await ask(client, reads())) == {index: index for index in range(COUNT)}
    kept = [node.records for node in server.statistics().nodes]
    assert sum(kept) == COUNT
    assert min(kept) > COUNT / 6, "every node masters its share"


async def test_rows_are_replicated_and_survive_their_master(nursery: trio.Nursery) -> None:
    server = await start(nursery)
    async with raw.connect(server.nodes[1].port) as client:
        await ask(client, writes())
        assert sum(node.records for node in server.statistics().nodes) == 2 * COUNT
        await server.stop_node(0)
        assert values(await ask(client, reads())) == {index: index for index in range(COUNT)}
        gone = batch(row(0, 0, (0, DELETE, 0)), *(repeat(index, index) for index in range(1, COUNT)))
        assert Counter((await ask(client, gone)).codes.values()) == {0: COUNT}
    async with raw.connect(server.nodes[2].port) as client:
        assert Counter((await ask(client, reads())).codes.values()) == {2: COUNT}


async def test_batch_counts_as_one_command_on_one_connection(nursery: trio.Nursery) -> None:
    server = await start(nursery)
    async with raw.connect(server.nodes[0].port) as client:
        before = server.nodes[0].counters.commands_total
        await ask(client, writes())
        assert server.nodes[0].counters.commands_total == before + 1
        assert server.nodes[1].counters.commands_total == 0


async def test_rows_of_partitions_that_nobody_owns_are_told_so_and_the_others_served(
    nursery: trio.Nursery,
) -> None:
    server = await start(nursery, factor=1)
    async with raw.connect(server.nodes[0].port) as client:
        await ask(client, writes())
        await server.stop_node(1)
        found = await ask(client, reads())
    assert found.code == 0
    assert set(found.codes.values()) == {0, 11}
    assert all(each.bins for each in found.rows if not each.code)


async def test_pipelined_batches_and_single_commands_are_answered_in_order(nursery: trio.Nursery) -> None:
    server = await start(nursery)
    name = key("single").digest
    single = raw.message(3, 0, name, set_name="demo")
    async with raw.connect(server.nodes[2].port) as client:
        await client.send(writes() + single + reads() + single + batch(row(9, 9, (1, WRITE, 0), raw.op(1, "a"))))
        assert len(batching.parse([await client.answer(), await client.answer()]).rows) == COUNT
        assert raw.result(await client.answer()) == 2
        assert len(values(batching.parse([await client.answer(), await client.answer()]))) == COUNT
        assert raw.result(await client.answer()) == 2
        assert values(batching.parse([await client.answer(), await client.answer()])) == {9: 9}
