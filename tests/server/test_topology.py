from __future__ import annotations

import base64

import pytest

from triospike.server.topology import PARTITIONS, Copy, Topology

IDS = ["BB9010000000000", "BB9010000000001", "BB9010000000002"]


def topology(nodes: int = 3, factor: int = 2, racks: tuple[int, ...] = ()) -> Topology:
    made = Topology([f"BB901000000000{index}" for index in range(nodes)], {"test": factor}, racks)
    made.rebalance(range(nodes))
    return made


def migrate(cluster: Topology) -> list[Copy]:
    dropped = []
    while (move := cluster.next_move()) is not None:
        dropped += cluster.moved(move)
    return dropped


def claims(text: str) -> list[set[int]]:
    """The partitions that a node claims in each column, read as the protocol describes the bitmaps."""
    header, *maps = text.split(",")[1:]
    bits = [base64.b64decode(text) for text in maps]
    assert int(header) == len(bits)
    assert all(len(bitmap) == 512 for bitmap in bits)
    return [{pid for pid in range(PARTITIONS) if bitmap[pid // 8] & (0x80 >> pid % 8)} for bitmap in bits]


def test_one_node_owns_everything_in_one_column() -> None:
    assert topology(nodes=1).replicas_text(0) == "test:0,1," + "/" * 682 + "8="


def test_three_nodes_share_masters_and_replicas_evenly() -> None:
    cluster = topology()
    told = [claims(cluster.replicas_text(node)) for node in range(3)]
    for column in (0, 1):
        owners = [told[node][column] for node in range(3)]
        assert set().union(*owners) == set(range(PARTITIONS))
        assert sum(len(owned) for owned in owners) == PARTITIONS
        assert all(1200 < len(owned) < 1550 for owned in owners)
    assert all(not told[node][0] & told[node][1] for node in range(3))


def test_the_map_is_the_same_in_every_run() -> None:
    replicas = [partition.replicas for partition in topology().partitions("test")[:6]]
    assert replicas == [(1, 0), (1, 0), (2, 1), (0, 2), (1, 0), (0, 2)]


def test_max_limits_the_columns() -> None:
    cluster = topology(factor=3)
    assert cluster.replicas_text(0, 1).split(",")[1] == "1"
    assert cluster.replicas_text(0, 2).count(",") == 3
    assert cluster.replicas_text(0).split(",")[1] == "3"


def test_namespaces_are_told_in_order() -> None:
    cluster = Topology(IDS, {"b": 1, "a": 2})
    cluster.rebalance([0, 1, 2])
    first, second = cluster.replicas_text(0).split(";")
    assert first.startswith("b:0,1,")
    assert second.startswith("a:0,2,")


def test_replication_factor_is_bounded_by_the_live_nodes() -> None:
    assert topology(nodes=2, factor=3).replicas_text(0).startswith("test:0,2,")


def test_a_leaving_node_moves_only_its_own_partitions() -> None:
    cluster = topology()
    before = [partition.replicas for partition in cluster.partitions("test")]
    cluster.rebalance([1, 2])
    for old, partition in zip(before, cluster.partitions("test"), strict=True):
        assert partition.master == next(node for node in old if node != 0)
        assert partition.holders[0] == partition.master
        if 0 not in old:
            assert partition.replicas == old
            assert partition.missing() is None
        else:
            assert partition.missing() is not None


def test_acting_master_claims_the_columns_of_replicas_that_are_not_filled() -> None:
    cluster = topology()
    cluster.rebalance([1, 2])
    told = [claims(cluster.replicas_text(node)) for node in (1, 2)]
    for column in (0, 1):
        assert told[0][column] | told[1][column] == set(range(PARTITIONS))
        assert not told[0][column] & told[1][column]
    migrate(cluster)
    told = [claims(cluster.replicas_text(node)) for node in (1, 2)]
    assert told[0][0] == told[1][1]
    assert told[0][0] | told[1][0] == set(range(PARTITIONS))


def test_a_returning_master_serves_nothing_until_it_is_filled() -> None:
    cluster = topology()
    own = {pid for pid, p in enumerate(cluster.partitions("test")) if p.master == 0}
    cluster.rebalance([1, 2])
    migrate(cluster)
    cluster.rebalance([0, 1, 2])
    assert claims(cluster.replicas_text(0)) == [set(), set()]
    assert all(p.master != 0 for p in cluster.partitions("test"))
    migrate(cluster)
    assert {pid for pid, p in enumerate(cluster.partitions("test")) if p.master == 0} == own


def test_stale_copies_are_dropped_when_their_node_returns() -> None:
    cluster = topology()
    kept = {pid for pid, p in enumerate(cluster.partitions("test")) if 0 in p.replicas}
    cluster.rebalance([1, 2])
    dropped = cluster.rebalance([0, 1, 2])
    assert {copy.partition_id for copy in dropped if copy.node == 0} == kept


def test_extra_copies_are_dropped_only_once_all_replicas_are_full() -> None:
    cluster = topology()
    cluster.rebalance([1, 2])
    migrate(cluster)
    cluster.rebalance([0, 1, 2])
    partition = next(p for p in cluster.partitions("test") if p.replicas[0] == 0)
    assert set(partition.holders) == {1, 2}
    dropped = migrate(cluster)
    assert len(partition.holders) == 2
    assert {copy.node for copy in dropped} == {1, 2}


def test_without_a_second_copy_partitions_of_a_dead_node_are_not_available_until_it_returns() -> None:
    cluster = topology(factor=1)
    own = [pid for pid, p in enumerate(cluster.partitions("test")) if p.master == 0]
    cluster.rebalance([1, 2])
    assert cluster.unavailable("test") == own
    assert all(not claims(cluster.replicas_text(node))[0] & set(own) for node in (1, 2))
    assert cluster.is_stable
    assert cluster.rebalance([0, 1, 2]) == []
    assert cluster.unavailable("test") == []


def test_a_stale_copy_never_stands_in_for_one_that_is_down() -> None:
    cluster = topology(nodes=2)
    cluster.rebalance([1])
    cluster.rebalance([])
    cluster.rebalance([0])
    assert len(cluster.unavailable("test")) == PARTITIONS
    cluster.rebalance([0, 1])
    assert cluster.unavailable("test") == []
    assert all(p.master == 1 for p in cluster.partitions("test"))


def test_racks_keep_copies_apart() -> None:
    cluster = topology(nodes=4, racks=(1, 1, 2, 2))
    racks = (1, 1, 2, 2)
    assert all({racks[node] for node in p.replicas} == {1, 2} for p in cluster.partitions("test"))


def test_generations_move_with_the_map_and_say_when_a_node_is_down() -> None:
    cluster = Topology(IDS, {"test": 2})
    assert cluster.generations == [-1, -1, -1]
    cluster.rebalance([0, 1, 2])
    assert cluster.generations == [0, 0, 0]
    key = cluster.cluster_key()
    cluster.rebalance([1, 2])
    assert cluster.generations == [-1, 1, 1]
    assert cluster.cluster_key() != key
    text = cluster.replicas_text(1)
    migrate(cluster)
    assert cluster.generations[1] > 1
    assert cluster.replicas_text(1) != text


def test_cluster_key_is_twelve_hexadecimal_digits() -> None:
    key = topology().cluster_key()
    assert len(key) == 12
    assert key == f"{int(key, 16):X}"


def test_unknown_namespace_is_an_error() -> None:
    with pytest.raises(KeyError):
        topology().partitions("nope")
