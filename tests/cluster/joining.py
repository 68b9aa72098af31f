"""Connecting to scripted servers."""

from __future__ import annotations

import pytest

from triospike._cluster.cluster import Cluster
from triospike._cluster.tender import connect
from triospike.errors import AerospikeError
from triospike.host import Host
from triospike.policy import ClientPolicy

from .scripted import ScriptedNetwork


async def join(network: ScriptedNetwork, *seeds: str, policy: ClientPolicy | None = None) -> Cluster:
    hosts = [Host(seed) for seed in seeds]
    return await connect(hosts, policy or ClientPolicy(), limit=10, network=network.network)


def names(cluster: Cluster) -> list[str]:
    return sorted(node.name for node in cluster.nodes)


async def fails(network: ScriptedNetwork, *seeds: str, policy: ClientPolicy | None = None) -> AerospikeError:
    """The error of a `connect` that must fail, and must leave nothing open."""
    with pytest.raises(AerospikeError) as caught:
        await join(network, *seeds, policy=policy)
    assert network.open_connections() == 0
    return caught.value
