from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from triospike.server.config import NamespaceConfig
from triospike.server.migration import Migration
from triospike.server.storage.namespace import Namespace
from triospike.server.storage.record import StoredRecord
from triospike.server.topology import PARTITIONS, Topology

DIGESTS = [bytes((pid & 0xFF, pid >> 8)) + bytes(18) for pid in range(PARTITIONS)]


class Cluster:
    """Three nodes without a network, and with a record in each partition."""

    def __init__(self, interval: float = 0) -> None:
        self.topology = Topology(["A", "B", "C"], {"test": 2})
        self.storages = [Namespace(NamespaceConfig("test"), lambda: 2e9) for _ in range(3)]
        self.migration = Migration(self.topology, lambda node, name: self.storages[node], interval)
        self.migration.rebalance([0, 1, 2])

    def put(self, digest: bytes, generation: int = 1) -> None:
        for node in self.topology.partitions("test")[digest[0] | digest[1] << 8].holders:
            self.storages[node].put(digest, StoredRecord(b"", None, {}, generation, 0, 0))

    def remove(self, digest: bytes) -> None:
        for node in self.topology.partitions("test")[digest[0] | digest[1] << 8].holders:
            self.storages[node].remove(digest)

    def served(self, digest: bytes) -> StoredRecord | None:
        master = self.topology.partitions("test")[digest[0] | digest[1] << 8].master
        assert master is not None
        return self.storages[master].get(digest)

    def settle(self) -> None:
        while self.migration.step():
            pass


@pytest.fixture
def cluster() -> Cluster:
    made = Cluster()
    for digest in DIGESTS:
        made.put(digest)
    return made


def copies(cluster: Cluster) -> int:
    return sum(storage.count for storage in cluster.storages)


def test_every_record_is_kept_twice_again_after_a_node_went_down(cluster: Cluster) -> None:
    cluster.migration.rebalance([1, 2])
    cluster.settle()
    assert cluster.storages[1].count == cluster.storages[2].count == PARTITIONS


def test_all_is_as_before_once_the_node_returned(cluster: Cluster) -> None:
    before = [storage.count for storage in cluster.storages]
    for live in ([1, 2], [0, 1, 2]):
        cluster.migration.rebalance(live)
        cluster.settle()
    assert [storage.count for storage in cluster.storages] == before
    assert copies(cluster) == 2 * PARTITIONS


def test_a_record_deleted_meanwhile_does_not_come_back(cluster: Cluster) -> None:
    cluster.migration.rebalance([1, 2])
    for digest in DIGESTS:
        cluster.remove(digest)
    cluster.settle()
    cluster.migration.rebalance([0, 1, 2])
    cluster.settle()
    assert copies(cluster) == 0


def test_writes_during_the_migration_reach_every_copy(cluster: Cluster) -> None:
    cluster.migration.rebalance([1, 2])
    for generation, digest in enumerate(DIGESTS, 2):
        cluster.migration.step()
        cluster.put(digest, generation)
    cluster.migration.rebalance([0, 1, 2])
    cluster.settle()
    for live in ([1, 2], [0, 2], [0, 1]):
        cluster.migration.rebalance(live)
        for generation, digest in enumerate(DIGESTS, 2):
            record = cluster.served(digest)
            assert record is not None
            assert record.generation == generation
        cluster.migration.rebalance([0, 1, 2])
        cluster.settle()


def test_a_node_that_dies_in_the_middle_loses_nothing(cluster: Cluster) -> None:
    cluster.migration.rebalance([1, 2])
    cluster.settle()
    cluster.migration.rebalance([0, 1, 2])
    for _ in range(500):
        cluster.migration.step()
    cluster.migration.rebalance([0, 2])
    assert cluster.topology.unavailable("test") == []
    assert all(cluster.served(digest) is not None for digest in DIGESTS)


async def test_partitions_are_paced(cluster: Cluster, autojump_clock: MockClock) -> None:
    paced = Migration(cluster.topology, lambda node, name: cluster.storages[node], 0.5)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(paced.run)
        await wait_all_tasks_blocked()
        paced.rebalance([1, 2])
        moves = cluster.topology.pending
        began = trio.current_time()
        await paced.stable.wait_value(True)
        assert trio.current_time() - began == pytest.approx(0.5 * moves)
        assert paced.moved == moves
        nursery.cancel_scope.cancel()


async def test_others_run_while_partitions_move(cluster: Cluster) -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            await trio.lowlevel.checkpoint()
            turns += 1

    async with trio.open_nursery() as nursery:
        nursery.start_soon(other)
        nursery.start_soon(cluster.migration.run)
        cluster.migration.rebalance([1, 2])
        moves = cluster.topology.pending
        await cluster.migration.stable.wait_value(True)
        nursery.cancel_scope.cancel()
    assert turns >= moves / 64
