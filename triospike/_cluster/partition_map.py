"""Who owns which partition, merged from the claims of all nodes (protocol section 16.6). No I/O."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import TypeAlias

import attrs

from ..key import N_PARTITIONS
from .node import Node
from .partition_parser import ReplicaMap, partitions_of

__all__ = ["Owners", "PartitionGroup", "PartitionMap", "PartitionTable", "pack_partitions"]

Owners: TypeAlias = list[tuple[Node | None, ...]]
"""For each partition its nodes, the master first; None where nobody has claimed the place. The nodes may be
inactive: an entry stays until somebody else claims it."""


def pack_partitions(partitions: Iterable[int]) -> bytes:
    """Partitions as a request names them."""
    numbers = tuple(partitions)
    return struct.pack(f"<{len(numbers)}H", *numbers)


@attrs.frozen(slots=True, eq=False)
class PartitionGroup:
    """Some partitions, in each of the forms that a query needs, so that they are made once for many queries.

    Attributes:
        members: The partitions.
        packed: The same in their order, as a request names them.
    """

    members: frozenset[int]
    packed: bytes

    @classmethod
    def of(cls, partitions: Iterable[int]) -> PartitionGroup:
        """The group of some partitions."""
        members = frozenset(partitions)
        return cls(members, pack_partitions(sorted(members)))


class PartitionTable:
    """The partitions of one namespace.

    Attributes:
        owners: What commands read; replaced as a whole, so that they never see it half changed.
        regimes: The latest regime of each partition.
        strong_consistency: The namespace promises strong consistency.
    """

    def __init__(self) -> None:
        self.owners: Owners = [(None,)] * N_PARTITIONS
        self.regimes = [0] * N_PARTITIONS
        self.strong_consistency = False
        self._columns: list[list[Node | None]] = [[None] * N_PARTITIONS]
        self._grouped: Owners = []  # the owners that the groups were made of
        self._groups: dict[Node | None, PartitionGroup] = {}

    def masters(self) -> dict[Node, PartitionGroup] | None:
        """Each node with the partitions that it is the master of; None while some have no active one.

        To group them takes some hundred microseconds, and is done once for each map.
        """
        if self._grouped is not self.owners:
            numbers: dict[Node | None, list[int]] = {}
            for partition, (master, *_) in enumerate(self.owners):
                numbers.setdefault(master, []).append(partition)
            self._groups = {node: PartitionGroup.of(mine) for node, mine in numbers.items()}
            self._grouped = self.owners
        groups = {node: group for node, group in self._groups.items() if node is not None and node.active}
        return groups if len(groups) == len(self._groups) else None

    def merge(self, node: Node, replicas: ReplicaMap) -> set[Node]:
        """Take in the claims of a node; returns the nodes that have lost an entry to it."""
        lost: set[Node] = set()
        changed = False
        self.strong_consistency = self.strong_consistency or replicas.regime > 0
        while len(self._columns) < len(replicas.bitmaps):
            self._columns.append([None] * N_PARTITIONS)
        for column, bitmap in zip(self._columns, replicas.bitmaps, strict=False):
            for partition in partitions_of(bitmap):
                if replicas.regime < self.regimes[partition]:
                    continue  # an old claim: the partition has moved on since
                self.regimes[partition] = replicas.regime
                owner = column[partition]
                if owner is not node:
                    column[partition] = node
                    changed = True
                    if owner is not None:
                        lost.add(owner)
        if changed:
            # All columns, though this node may have sent fewer: one that has just lost its cluster claims no
            # replicas for a moment, and they are what a command needs then.
            # Alike ones are one object: commands read any of 4096, and few objects stay in the processor's cache.
            shared: dict[tuple[Node | None, ...], tuple[Node | None, ...]] = {}
            self.owners = [shared.setdefault(nodes, nodes) for nodes in zip(*self._columns, strict=True)]
        return lost

    def nodes(self) -> set[Node]:
        """All nodes that own something."""
        return {node for column in self._columns for node in set(column) if node is not None}

    def without_owner(self) -> tuple[int, ...]:
        """The partitions that no active node is the master of."""
        return tuple(
            partition
            for partition, owners in enumerate(self.owners)
            if (master := owners[0]) is None or not master.active
        )


@attrs.define
class PartitionMap:
    """The partitions of all namespaces.

    Attributes:
        tables: By namespace. Namespaces are added, never removed.
        owners: The same, cut down to what a command needs: one look-up and one index.
        generation: Grows whenever the map changes.
    """

    tables: dict[str, PartitionTable] = attrs.field(factory=dict)
    owners: dict[str, Owners] = attrs.field(factory=dict)
    generation: int = 0

    def merge(self, node: Node, maps: Iterable[ReplicaMap]) -> set[Node]:
        """Take in the claims of a node; returns the nodes that have lost an entry to it."""
        lost: set[Node] = set()
        for replicas in maps:
            table = self.tables.get(replicas.namespace)
            if table is None:
                table = self.tables[replicas.namespace] = PartitionTable()
            lost |= table.merge(node, replicas)
            if self.owners.get(replicas.namespace) is not table.owners:
                self.owners[replicas.namespace] = table.owners
                self.generation += 1
        return lost

    def nodes(self) -> set[Node]:
        """All nodes that own something."""
        return {node for table in self.tables.values() for node in table.nodes()}
