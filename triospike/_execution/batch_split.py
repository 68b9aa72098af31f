"""Which row of a batch goes to which node."""

from __future__ import annotations

from collections.abc import Sequence

from .._cluster.cluster import Cluster
from .._cluster.node import Node
from ..errors import AerospikeError, InvalidNode
from ..policy.enums import Replica
from .batch_plan import Batch

__all__ = ["Groups", "Splitter"]

Groups = dict[Node, list[int]]
"""Indices of rows, by the node that they go to."""


class Splitter:
    """Splits the rows of one batch.

    Args:
        cluster: Where the nodes are.
        batch: What is asked.
    """

    __slots__ = ("_batch", "_cluster")

    def __init__(self, cluster: Cluster, batch: Batch) -> None:
        self._cluster = cluster
        self._batch = batch

    def generations(self) -> tuple[int, int]:
        """Changes whenever the nodes or the partition map do."""
        return self._cluster.generation, self._cluster.partition_map.generation

    def split(
        self, indices: Sequence[int], replica_index: int = 0, failed: Node | None = None
    ) -> tuple[Groups, dict[int, AerospikeError]]:
        """Rows by node, and those that have none.

        Args:
            indices: Which rows.
            replica_index: 0 at first; a retry that shall go to another replica adds 1.
            failed: The node that the last attempt went to.

        Raises:
            ValueError: The cluster has no such namespace; the message names the key.
            ClientClosed: The cluster was closed.
        """
        groups: Groups = {}
        lost: dict[int, AerospikeError] = {}
        replica = self._batch.policy.replica
        keys = self._batch.keys
        nodes = self._cluster.nodes
        known = self._cluster.partition_map.owners.keys()
        if len(nodes) == 1 and replica is not Replica.MASTER:
            these = keys if len(indices) == len(keys) else [keys[index] for index in indices]
            if {names.namespace for names in {key._names for key in these}} <= known:  # all roads lead to it
                return ({nodes[0]: list(indices)} if indices else {}), lost
        # In nearly all batches every row goes to its partition's master.
        simple = not replica_index and (replica is Replica.SEQUENCE or replica is Replica.MASTER)
        owners = self._cluster.partition_map.owners if simple else {}
        namespace = None
        masters = None
        for index in indices:
            key = keys[index]
            if key._names.namespace is not namespace:
                namespace = key._names.namespace
                masters = owners.get(namespace)
            if masters is not None:
                digest = key._digest
                node = masters[(digest[0] | digest[1] << 8) & 0x0FFF][0]
                if node is not None and node.active:
                    try:
                        groups[node].append(index)
                    except KeyError:
                        groups[node] = [index]
                    continue
            try:
                node = self._choose(index, replica_index, failed)
            except InvalidNode as error:
                lost[index] = error
            else:
                groups.setdefault(node, []).append(index)
        return groups, lost

    def _choose(self, index: int, replica_index: int, failed: Node | None) -> Node:
        batch = self._batch
        key = batch.keys[index]
        write = batch.row(index).is_write
        try:
            return self._cluster.node_for(
                key.namespace,
                key.partition_id,
                batch.policy.replica,
                replica_index,
                write=write,
                sc_mode=None if write else batch.policy.read_mode_sc,
                failed=failed,
            )
        except ValueError as error:
            raise ValueError(f"{batch.name_of(index)}: {error}") from None
