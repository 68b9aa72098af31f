"""Which partitions of a scan or query are still to be asked for, whom, and from where on (protocol section 9.5).

No I/O. Two of these positions exist for one query: this one, of what was received, which retries start from; and
that of what was handed out, which cursors are made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import attrs

from .._cluster.node import Node
from .._cluster.partition_map import PartitionGroup, pack_partitions
from ..key import N_PARTITIONS
from ..policy.enums import Replica
from ..query.cursor import Cursor, ResumePoint
from ..query.partition_filter import PartitionFilter
from ..query.statement import Statement

__all__ = ["NodeChooser", "PartitionTracker", "Position", "Share"]

_ASK_MASTERS = frozenset({Replica.SEQUENCE, Replica.MASTER})
"""With these, the master is asked first."""
_NONE: frozenset[int] = frozenset()


class NodeChooser(Protocol):
    """What is needed of a cluster."""

    def node_for(
        self,
        namespace: str,
        partition_id: int,
        replica: Replica,
        replica_index: int,
        *,
        write: bool,
        failed: Node | None = None,
    ) -> Node:
        """The node to ask for a partition."""


class Position:
    """Partitions that are done, and the last record of those begun.

    Args:
        begin: The first partition.
        count: How many.

    Attributes:
        done: Partitions that are done.
        points: Partition to its last record.
        records: How many records so far.
    """

    def __init__(self, begin: int, count: int) -> None:
        self.begin = begin
        self.count = count
        self.done: frozenset[int] = frozenset()
        self.points: dict[int, ResumePoint] = {}
        self.records = 0

    @classmethod
    def of(cls, start: PartitionFilter | Cursor, statement: Statement) -> Position:
        """Where a query starts.

        Raises:
            TypeError: It is neither a PartitionFilter nor a Cursor.
            ValueError: The cursor is of another statement, or a query shall start behind a digest.
        """
        if isinstance(start, Cursor):
            if start.fingerprint != statement.fingerprint:
                raise ValueError("the cursor is of another statement: namespace, set and filter must be the same")
            position = cls(start.begin, start.count)
            position.done = start.finished
            position.points.update(start.points)
            position.records = start.records
            return position
        if not isinstance(start, PartitionFilter):
            raise TypeError(f"partitions must be a PartitionFilter or a Cursor, not {type(start).__name__}")
        position = cls(start.begin, start.count)
        if start.digest is not None:
            if statement.filter is not None:
                raise ValueError("PartitionFilter.after is for scans: an index is not in the order of digests")
            position.points[start.begin] = start.digest, 0
        return position

    @property
    def extent(self) -> tuple[int, int]:
        """Grows with every record and with every partition that is done."""
        return self.records, len(self.done)

    @property
    def complete(self) -> bool:
        """Every partition is done."""
        return len(self.done) == self.count

    def add_done(self, done: frozenset[int]) -> None:
        """These partitions are done too."""
        if done:
            self.done = self.done | done if self.done else done  # a single node's are not copied

    @property
    def untouched(self) -> bool:
        """All partitions are to be gone through from their beginning."""
        return self.count == N_PARTITIONS and not self.done

    def pending(self) -> list[int]:
        """The partitions that are not done, in order."""
        return [pid for pid in range(self.begin, self.begin + self.count) if pid not in self.done]


@attrs.define(slots=True, eq=False)
class Share:
    """What one node is asked for in one round.

    Attributes:
        node: The node.
        group: The partitions.
        max_records: Most records that it shall send; 0 is no limit.
        received: Records that it has sent.
        cut: It has sent more than was wanted.
        unavailable: Of the partitions, those that it does not serve at the moment.
    """

    node: Node
    group: PartitionGroup
    max_records: int = 0
    received: int = 0
    cut: bool = False
    unavailable: set[int] = attrs.field(factory=set)

    @property
    def partitions(self) -> frozenset[int]:
        """The partitions."""
        return self.group.members

    @property
    def left(self) -> int:
        """How many records it may still send, 0 for no limit."""
        return max(self.max_records - self.received, 1) if self.max_records else 0


class PartitionTracker:
    """The partitions of one query: divided among the nodes, round after round, until all are done.

    Args:
        namespace: The namespace.
        position: Where to start; it moves with what is received.
        replica: Which replica to ask.
        max_records: Most records to receive from now on; 0 is no limit.
    """

    def __init__(self, namespace: str, position: Position, replica: Replica, max_records: int = 0) -> None:
        self.position = position
        self._namespace = namespace
        self._replica = replica
        self._room = max_records
        self._limited = max_records > 0
        self._replica_index: dict[int, int] = {}
        self._failed: dict[int, Node] = {}

    @property
    def finished(self) -> bool:
        """Nothing is left to be asked for."""
        return self.position.complete or self.full

    @property
    def full(self) -> bool:
        """As many records as wanted are here."""
        return self._limited and self._room == 0

    def assign(self, cluster: NodeChooser, masters: Mapping[Node, PartitionGroup] | None = None) -> list[Share]:
        """Divide what is left among the nodes.

        Args:
            cluster: Knows whom to ask for a partition.
            masters: All partitions by their masters, where each has one that is active: who must ask for all of
                them, and has not met a failure, need not look them up one by one.

        Raises:
            ValueError: The cluster has no such namespace.
            InvalidNode: There is no node.
        """
        if masters is None or self._failed or self._replica not in _ASK_MASTERS or not self.position.untouched:
            masters = self._groups(cluster)
        shares = [Share(node, group) for node, group in masters.items()]
        if self._limited:
            self._divide(shares)
        return shares

    def _groups(self, cluster: NodeChooser) -> dict[Node, PartitionGroup]:
        partitions: dict[Node, list[int]] = {}
        for pid in self.position.pending():
            node = cluster.node_for(
                self._namespace,
                pid,
                self._replica,
                self._replica_index.get(pid, 0),
                write=False,
                failed=self._failed.get(pid),
            )
            partitions.setdefault(node, []).append(pid)
        return {node: PartitionGroup.of(mine) for node, mine in partitions.items()}

    def _divide(self, shares: list[Share]) -> None:
        # Each is asked for one at least: else records of nodes that are left out might never be found. What
        # comes too many is dropped.
        each, rest = divmod(self._room, len(shares))
        for number, share in enumerate(shares):
            share.max_records = max(each + (number < rest), 1)

    def split(self, share: Share) -> tuple[bytes, list[ResumePoint]]:
        """A share's partitions to be gone through from their beginning, packed, and where in the others."""
        points = self.position.points
        begun = share.partitions.intersection(points)
        if not begun and not share.unavailable:
            return share.group.packed, []
        whole = sorted(share.partitions - begun - share.unavailable)
        return pack_partitions(whole), [points[pid] for pid in sorted(begun - share.unavailable)]

    def wants(self, share: Share) -> bool:
        """There is something that its node can be asked for."""
        enough = self.full or (share.max_records and share.received >= share.max_records)
        return not enough and len(share.unavailable) < len(share.partitions)

    def room(self, share: Share, size: int) -> int:
        """How many of so many records of a node are still wanted."""
        if not self._limited:
            return size
        return min(size, self._room, share.max_records - share.received)

    def received(self, share: Share, points: Mapping[int, ResumePoint], size: int) -> None:
        """Take note of records.

        Args:
            share: Whose they are.
            points: The last of each partition.
            size: How many they are.
        """
        self.position.points.update(points)
        self.position.records += size
        share.received += size
        if self._limited:
            self._room -= size

    def completed(self, share: Share) -> frozenset[int]:
        """A node has sent all that it was asked for; the partitions that are done now."""
        for pid in share.unavailable:
            self._look_elsewhere(pid, share.node)
        if share.cut or (share.max_records and share.received >= share.max_records):
            return _NONE  # there may be more in any of them
        done = share.partitions - share.unavailable if share.unavailable else share.partitions
        points = self.position.points
        for pid in done.intersection(points):
            del points[pid]
        self.position.add_done(done)
        return done

    def failed(self, share: Share) -> None:
        """A node has failed: its partitions are to be asked for elsewhere."""
        for pid in share.partitions:
            self._look_elsewhere(pid, share.node)

    def _look_elsewhere(self, pid: int, node: Node) -> None:
        self._replica_index[pid] = self._replica_index.get(pid, 0) + 1
        self._failed[pid] = node
