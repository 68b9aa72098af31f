"""A cluster that is tended on scripted servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from triospike._cluster.cluster import Cluster
from triospike._cluster.tender import connect, tend
from triospike.host import Host
from triospike.policy import ClientPolicy
from triospike.policy.enums import Replica

from .scripted import ScriptedNetwork

INTERVAL = 1.0


@asynccontextmanager
async def tended(
    network: ScriptedNetwork, seed: str = "10.0.0.1", policy: ClientPolicy | None = None
) -> AsyncIterator[Cluster]:
    cluster = await connect([Host(seed)], policy or ClientPolicy(), limit=10, network=network.network)
    async with trio.open_nursery() as nursery:
        await nursery.start(lambda task_status: tend(cluster, task_status=task_status))
        yield cluster
        nursery.cancel_scope.cancel()
    cluster.close()
    assert network.open_connections() == 0


async def next_tends(count: int = 1) -> None:
    await trio.sleep(count * INTERVAL + 0.01)


def names(cluster: Cluster) -> list[str]:
    return sorted(node.name for node in cluster.nodes)


def masters(cluster: Cluster, count: int = 4) -> str:
    return "".join(cluster.node_for("test", pid, Replica.MASTER, 0, write=True).name for pid in range(count))
