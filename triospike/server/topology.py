"""Who holds which partition: everything that decides it lives here, without any I/O.

Each partition has a succession: all live nodes in an order that hashing gives, so that a node that leaves or
returns moves only its own partitions. The first `replication_factor` of them are its replicas. Every copy carries
a version. A copy is full when it carries the partition's present version, and the version moves on whenever a
node with a full copy goes down while another stays: the copy that went down is then known to be stale, and is
replaced as a whole when its node returns, so that deleted records stay deleted. A partition without a full copy
on a live node is not available until one returns.
"""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b

import attrs

__all__ = ["PARTITIONS", "Copy", "Move", "Partition", "Topology"]

PARTITIONS = 4096
_BITMAP_BYTES = PARTITIONS // 8
_NOT_READY = -1


@attrs.frozen(slots=True)
class Copy:
    """One node's copy of one partition."""

    namespace: str
    partition_id: int
    node: int


@attrs.frozen(slots=True)
class Move:
    """A partition to be copied, as a whole, from one node to another."""

    namespace: str
    partition_id: int
    source: int
    target: int


class Partition:
    """One partition of one namespace. Nodes are named by their index.

    Attributes:
        succession: All live nodes, in the order in which they shall hold it.
        replicas: Those that shall hold it, the one that shall be its master first; empty while the
            partition is not available.
        holders: Live nodes whose copy is full, in the order of succession.
        master: The node that serves it now: the first holder. None while it is not available.
        version: The present version.
        copies: Version of each node's copy, also of nodes that are down; 0 for none.
    """

    __slots__ = ("copies", "holders", "master", "replicas", "succession", "version")

    def __init__(self, nodes: int) -> None:
        self.succession: tuple[int, ...] = ()
        self.replicas: tuple[int, ...] = ()
        self.holders: tuple[int, ...] = ()
        self.master: int | None = None
        self.version = 0
        self.copies = [0] * nodes

    def find_holders(self) -> None:
        """Work out again who holds it, of those in its succession. At least one of them must."""
        copies, version = self.copies, self.version
        self.holders = tuple([node for node in self.succession if copies[node] == version])
        self.master = self.holders[0]

    def missing(self) -> int | None:
        """The replica to be filled next: the master to be before all others, None when all are full."""
        for node in self.replicas:
            if node not in self.holders:
                return node
        return None

    def columns(self, node: int) -> Iterator[int]:
        """Columns of the replica map that a node claims (protocol section 6.5).

        The acting master claims the master's column, its own, and those of replicas that are not filled yet.
        """
        for column, replica in enumerate(self.replicas):
            if node == self.master:
                if column == 0 or replica == node or replica not in self.holders:
                    yield column
            elif replica == node and node in self.holders:
                yield column

    def serves_reads(self, node: int) -> bool:
        """True for the master, and for a replica that has all of the data."""
        return node == self.master or (node in self.replicas and node in self.holders)


class Topology:
    """The partition map of a cluster, and the copies that its nodes keep, also while they are down.

    Args:
        node_ids: Names of all nodes; their order gives the indexes used everywhere here.
        replication_factors: Copies of each record, by namespace.
        racks: Rack of each node; copies go to different racks while there are some. Empty for no racks.
    """

    def __init__(
        self,
        node_ids: Sequence[str],
        replication_factors: Mapping[str, int],
        racks: Sequence[int] = (),
    ) -> None:
        self._node_ids = tuple(node_ids)
        self._factors = dict(replication_factors)
        self._racks = tuple(racks) if len(set(racks)) > 1 else ()
        self._ranking = _rankings(self._node_ids)
        self._partitions = {
            name: [Partition(len(self._node_ids)) for _ in range(PARTITIONS)] for name in self._factors
        }
        self._pending: deque[tuple[str, int]] = deque()
        self._texts: dict[tuple[int, int | None], tuple[int, str]] = {}
        self.live: frozenset[int] = frozenset()
        self.generations = [_NOT_READY] * len(self._node_ids)
        """Partition generation of each node; -1 while it is down."""
        self.rebalances = 0
        """Number of rebalances so far."""

    def partitions(self, namespace: str) -> list[Partition]:
        """All partitions of a namespace, in order.

        Raises:
            KeyError: There is no such namespace.
        """
        return self._partitions[namespace]

    @property
    def is_stable(self) -> bool:
        """True when no partition waits to be copied."""
        return not self._pending

    @property
    def pending(self) -> int:
        """Number of partitions that wait to be copied."""
        return len(self._pending)

    def unavailable(self, namespace: str) -> list[int]:
        """Ids of the partitions that no live node has a full copy of."""
        return [pid for pid, p in enumerate(self._partitions[namespace]) if p.master is None]

    def cluster_key(self) -> str:
        """Key of the present cluster, upper-case hexadecimal: another one after every rebalance."""
        names = ",".join(self._node_ids[index] for index in sorted(self.live))
        digest = blake2b(f"{self.rebalances}:{names}".encode(), digest_size=6).digest()
        return f"{int.from_bytes(digest, 'big') | 1 << 44:X}"

    def rebalance(self, live: Collection[int]) -> list[Copy]:
        """Take in which nodes are live now.

        Returns:
            The copies on live nodes that are stale or no longer wanted: their records must be dropped.
        """
        for node in range(len(self._node_ids)):
            self.generations[node] = self.generations[node] + 1 if node in live else _NOT_READY
        self.live = frozenset(live)
        self.rebalances += 1
        self._texts.clear()
        self._pending.clear()
        dropped: list[Copy] = []
        for namespace, partitions in self._partitions.items():
            successions = {
                ranking: self._succession(ranking, self._factors[namespace]) for ranking in set(self._ranking)
            }
            for pid, partition in enumerate(partitions):
                dropped += self._rebalance_one(namespace, pid, partition, successions[self._ranking[pid]])
                if partition.missing() is not None:
                    self._pending.append((namespace, pid))
        return dropped

    def next_move(self) -> Move | None:
        """The copy to make next, or None when there is none."""
        while self._pending:
            namespace, pid = self._pending[0]
            partition = self._partitions[namespace][pid]
            target = partition.missing()
            if target is not None and partition.master is not None:
                return Move(namespace, pid, partition.master, target)
            self._pending.popleft()
        return None

    def moved(self, move: Move) -> list[Copy]:
        """Take in that a copy was made, in one step with the copying.

        Returns:
            The copies that are no longer wanted: their records must be dropped.
        """
        partition = self._partitions[move.namespace][move.partition_id]
        touched = {*partition.replicas, *partition.holders}
        partition.copies[move.target] = partition.version
        partition.find_holders()
        for node in touched:
            self.generations[node] += 1
        dropped = _drop_superfluous(move.namespace, move.partition_id, partition)
        if partition.missing() is None:
            self._pending.popleft()
        return dropped

    def replicas_text(self, node: int, max_replicas: int | None = None) -> str:
        """Value of ``replicas`` as a node tells it (protocol section 6.5).

        Args:
            node: Index of the node.
            max_replicas: Most columns to tell; None or 0 for all.
        """
        generation = self.generations[node]
        known = self._texts.get((node, max_replicas))
        if known is not None and known[0] == generation:
            return known[1]
        text = ";".join(
            f"{namespace}:0,{len(maps)}," + ",".join(base64.b64encode(bitmap).decode() for bitmap in maps)
            for namespace in self._partitions
            for maps in [self._bitmaps(namespace, node, max_replicas)]
        )
        self._texts[node, max_replicas] = generation, text
        return text

    def _bitmaps(self, namespace: str, node: int, max_replicas: int | None) -> list[bytearray]:
        columns = max(1, min(self._factors[namespace], len(self.live)))
        bitmaps = [bytearray(_BITMAP_BYTES) for _ in range(columns)]
        for pid, partition in enumerate(self._partitions[namespace]):
            for column in partition.columns(node):
                bitmaps[column][pid >> 3] |= 0x80 >> (pid & 7)
        return bitmaps[: max_replicas or columns]

    def _rebalance_one(
        self, namespace: str, pid: int, partition: Partition, succession: tuple[int, ...]
    ) -> list[Copy]:
        partition.succession = succession
        partition.replicas = succession[: self._factors[namespace]]
        if not partition.version:
            partition.version = 1
            for node in partition.replicas:
                partition.copies[node] = 1
        copies, version = partition.copies, partition.version
        full = [node for node in succession if copies[node] == version]
        if not full:
            partition.replicas, partition.holders, partition.master = (), (), None
            return []
        if copies.count(version) > len(full):  # a full copy is down: from now on it is stale
            version = partition.version = version + 1
            for node in full:
                copies[node] = version
        stale = [node for node in succession if copies[node] and copies[node] != version]
        for node in stale:
            copies[node] = 0
        partition.find_holders()
        return [Copy(namespace, pid, node) for node in stale] + _drop_superfluous(namespace, pid, partition)

    def _succession(self, ranking: tuple[int, ...], factor: int) -> tuple[int, ...]:
        live = [node for node in ranking if node in self.live]
        if not self._racks:
            return tuple(live)
        replicas: list[int] = []
        while live and len(replicas) < factor:
            used = {self._racks[node] for node in replicas}
            chosen = next((node for node in live if self._racks[node] not in used), live[0])
            replicas.append(chosen)
            live.remove(chosen)
        return (*replicas, *live)


@lru_cache(maxsize=8)  # tests start the same cluster again and again
def _rankings(node_ids: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    return tuple(_ranked(node_ids, pid) for pid in range(PARTITIONS))


def _ranked(node_ids: Sequence[str], pid: int) -> tuple[int, ...]:
    """All nodes, by the hash of their name and the partition: the highest first."""

    def weight(node: int) -> tuple[bytes, int]:
        return blake2b(f"{node_ids[node]}/{pid}".encode(), digest_size=8).digest(), node

    return tuple(sorted(range(len(node_ids)), key=weight, reverse=True))


def _drop_superfluous(namespace: str, pid: int, partition: Partition) -> list[Copy]:
    """Once all replicas are full, nobody else needs a copy."""
    if partition.missing() is not None:
        return []
    dropped = [node for node in partition.holders if node not in partition.replicas]
    for node in dropped:
        partition.copies[node] = 0
    partition.holders = tuple(node for node in partition.holders if node in partition.replicas)
    return [Copy(namespace, pid, node) for node in dropped]
