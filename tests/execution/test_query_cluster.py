"""Scans of a cluster whose nodes stop and come back: every record comes exactly once."""

from __future__ import annotations

import pytest
import trio

import triospike
from triospike import ClientPolicy, Key, QueryPolicy, Statement, WritePolicy
from triospike.server import NamespaceConfig, Server, ServerConfig, serve_aerospike

SCAN = Statement("test", "scan")
COUNT = 3000


async def filled(nursery: trio.Nursery) -> Server:
    config = ServerConfig(nodes=3, namespaces=(NamespaceConfig("test"),))
    server = await nursery.start(serve_aerospike, config)
    assert isinstance(server, Server)
    async with triospike.open_client(*server.hosts) as client, trio.open_nursery() as writers:
        limit = trio.CapacityLimiter(50)

        async def put(number: int) -> None:
            async with limit:
                await client.put(Key("test", "scan", number), {"n": number}, policy=WritePolicy(max_retries=2))

        for number in range(COUNT):
            writers.start_soon(put, number)
    return server


@pytest.mark.parametrize("stop_at", [1, 700, 2500])
async def test_a_node_that_stops_in_the_middle_costs_no_record(stop_at: int, nursery: trio.Nursery) -> None:
    server = await filled(nursery)
    numbers: list[int] = []
    async with triospike.open_client(*server.hosts, policy=ClientPolicy(tend_interval=0.1)) as client:
        async with client.query(SCAN, policy=QueryPolicy(max_retries=20)) as records:
            async for record in records:
                numbers.append(record.bins["n"])
                if len(numbers) == stop_at:
                    await server.stop_node(1)
        assert sorted(numbers) == list(range(COUNT))
    nursery.cancel_scope.cancel()
