from __future__ import annotations

from collections.abc import Callable

import pytest

from triospike._cluster.cluster import Cluster
from triospike._cluster.node import Node
from triospike._cluster.node_validator import Identity, Validated
from triospike._cluster.partition_parser import ReplicaMap
from triospike._net.connection import Connection
from triospike.errors import ClientClosed, InvalidNode
from triospike.host import Host
from triospike.policy import ClientPolicy
from triospike.policy.enums import ReadModeSC, Replica

from .scripted import bitmap


def make_cluster(*names: str, regime: int = 0) -> Cluster:
    """Partition n has its master on node n, its replica on the next."""
    cluster = Cluster([Host("10.0.0.1")], ClientPolicy(), limit=10)
    for at, name in enumerate(names):
        host = Host(f"10.0.0.{at + 1}")
        node = cluster.join(Validated(host, Identity(name, (8, 1)), Connection(host)))
        claims = ReplicaMap("test", regime, (bitmap([at]), bitmap([(at - 1) % len(names)])))
        cluster.partition_map.merge(node, [claims])
    return cluster


def route(cluster: Cluster, replica: Replica = Replica.SEQUENCE, index: int = 0, **more: bool) -> str:
    write = more.get("write", False)
    return cluster.node_for("test", 0, replica, index, write=write, sc_mode=ReadModeSC.SESSION).name


async def test_first_attempts_go_to_the_master() -> None:
    cluster = make_cluster("A", "B", "C")

    assert {route(cluster), route(cluster, Replica.MASTER), route(cluster, write=True)} == {"A"}


async def test_any_reads_from_all_replicas_and_writes_to_the_master() -> None:
    cluster = make_cluster("A", "B", "C")

    assert {route(cluster, Replica.ANY) for _ in range(4)} == {"A", "B"}
    assert {route(cluster, Replica.ANY, write=True) for _ in range(4)} == {"A"}


async def test_reads_of_a_session_in_strong_consistency_go_to_the_master() -> None:
    cluster = make_cluster("A", "B", "C", regime=1)

    assert {route(cluster, Replica.ANY, index) for index in range(4)} == {"A"}


async def test_a_master_that_left_is_skipped_but_not_by_the_master_policy() -> None:
    cluster = make_cluster("A", "B", "C")
    cluster.remove(cluster.node_named("A"), "the test says so")

    assert route(cluster) == "B"
    with pytest.raises(InvalidNode, match="no active node owns partition 0 of namespace 'test'"):
        route(cluster, Replica.MASTER)


async def test_an_unknown_namespace_is_a_value_error_that_names_the_known_ones() -> None:
    cluster = make_cluster("A")

    for replica in Replica:
        with pytest.raises(ValueError, match="unknown namespace 'tset'; the cluster has 'test'"):
            cluster.node_for("tset", 0, replica, 0, write=False)


async def test_a_partition_that_nobody_owns_has_no_master() -> None:
    cluster = make_cluster("A")

    with pytest.raises(InvalidNode, match="partition 9"):
        cluster.node_for("test", 9, Replica.MASTER, 0, write=False)


async def test_any_node_takes_a_command_whose_partition_nobody_is_known_to_own() -> None:
    cluster = make_cluster("A")

    assert cluster.node_for("test", 9, Replica.SEQUENCE, 0, write=True).name == "A"


async def test_without_nodes_nothing_can_be_said_of_a_namespace() -> None:
    cluster = make_cluster()

    with pytest.raises(InvalidNode, match="no node of the cluster can be reached"):
        cluster.node_for("test", 0, Replica.SEQUENCE, 0, write=False)


async def test_random_node_takes_each_in_its_turn() -> None:
    cluster = make_cluster("A", "B", "C")

    assert {cluster.random_node().name for _ in range(3)} == {"A", "B", "C"}


async def test_a_node_is_found_by_its_name_and_an_unknown_name_answered_with_the_known_ones() -> None:
    cluster = make_cluster("A", "B")

    assert cluster.node_named("B").host == Host("10.0.0.2")
    with pytest.raises(InvalidNode, match="there is no node 'X'; there are A, B"):
        cluster.node_named("X")


async def test_a_closed_cluster_says_so() -> None:
    cluster = make_cluster("A", "B")
    nodes = cluster.nodes
    cluster.close()
    cluster.close()

    assert cluster.closed
    assert not any(node.active for node in nodes)
    calls: list[Callable[[], object]] = [
        lambda: cluster.node_for("test", 0, Replica.SEQUENCE, 0, write=False),
        lambda: cluster.node_for("test", 0, Replica.ANY, 1, write=False),
        lambda: cluster.node_for("nope", 0, Replica.ANY, 1, write=False),
        cluster.random_node,
        lambda: cluster.node_named("A"),
    ]
    for call in calls:
        with pytest.raises(ClientClosed):
            call()


async def test_generation_grows_as_nodes_come_and_go() -> None:
    cluster = make_cluster("A", "B")
    before = cluster.generation

    cluster.remove(cluster.node_named("A"), "the test says so")

    assert cluster.generation == before + 1


async def test_a_node_counts_what_it_is_told() -> None:
    node: Node = make_cluster("A").node_named("A")
    node.count_error()
    node.count_timeout()
    node.count_timeout()
    node.count_key_busy()

    statistics = node.statistics()

    assert (statistics.errors, statistics.timeouts, statistics.key_busy) == (1, 2, 1)
    assert (statistics.errors_in_window, statistics.max_errors_in_window) == (1, 100)
    assert (statistics.name, statistics.address, statistics.pool.limit) == ("A", "10.0.0.1:3000", 10)
    assert statistics.streams is None  # what has answers of many frames uses the same pool


async def test_health_names_the_partitions_without_an_owner() -> None:
    cluster = make_cluster("A", "B")

    health = cluster.health()

    (namespace,) = health.namespaces
    assert (namespace.name, namespace.regime, namespace.strong_consistency) == ("test", 0, False)
    assert namespace.without_owner == tuple(range(2, 4096))
    assert health.problems == ("4094 partitions of namespace 'test' have no owner",)
    assert [(node.name, node.address, node.failures, node.accepts_commands) for node in health.nodes] == [
        ("A", "10.0.0.1:3000", 0, True),
        ("B", "10.0.0.2:3000", 0, True),
    ]


async def test_texts_for_people_tell_the_state() -> None:
    cluster = make_cluster("A")
    node = cluster.node_named("A")

    assert repr(cluster) == "<Cluster of seeds 10.0.0.1:3000: 1 nodes, 0 tends>"
    assert repr(node) == "<Node A at 10.0.0.1:3000, active>"
    node.failed(OSError("broken"))
    assert repr(node) == "<Node A at 10.0.0.1:3000, active, 1 tends failed>"
    cluster.close()
    assert repr(cluster) == "<Cluster of seeds 10.0.0.1:3000: closed>"
    assert repr(node) == "<Node A at 10.0.0.1:3000, has left, 1 tends failed>"
