"""What tests of scans share."""

from __future__ import annotations

from collections.abc import Sequence

import trio

from fixtures.query_node import QueryNode, digests_of
from fixtures.raw_server import start_raw_server
from triospike import Client, Cursor, PartitionFilter, QueryPolicy, Record, Statement
from triospike._cluster.partition_parser import ReplicaMap
from triospike.host import Host

__all__ = ["DIGESTS", "SCAN", "found", "split_between", "start_nodes", "take", "take_into"]

SCAN = Statement("test", "demo")
DIGESTS = digests_of(60)


async def start_nodes(nursery: trio.Nursery, *nodes: QueryNode) -> list[Host]:
    return [(await start_raw_server(nursery, node)).host for node in nodes]


async def take(
    client: Client,
    policy: QueryPolicy | None = None,
    *,
    statement: Statement = SCAN,
    partitions: PartitionFilter | Cursor | None = None,
) -> list[Record]:
    async with client.query(statement, policy=policy, partitions=partitions) as records:
        return [record async for record in records]


async def take_into(digests: list[bytes], client: Client) -> None:
    """Like `take`, for scans that fail: what came before is in the list."""
    async with client.query(SCAN) as records:
        async for record in records:
            digests.append(record.key.digest)  # noqa: PERF401  # what came before an error counts


def found(records: Sequence[Record]) -> list[bytes]:
    return [record.key.digest for record in records]


def split_between(client: Client, sizes: Sequence[int]) -> None:
    """Each node becomes the master of so many partitions, in their order."""
    begin = 0
    for node, size in zip(client.nodes, sizes, strict=True):
        bits = ((1 << size) - 1) << (4096 - begin - size)  # the first partition is the highest bit
        begin += size
        client._core.cluster.partition_map.merge(node, [ReplicaMap("test", 1, (bits.to_bytes(512, "big"),))])
