"""The cluster as commands see it: nodes, and for each key the one to go to.

Everything here is synchronous. The tend task changes it, commands only read.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn

import trio

from .._net.poller import Poller
from .._net.pool import AnyPool
from .._net.pools import make_pools
from ..errors import AerospikeError, ClientClosed, InvalidNode
from ..host import Host
from ..key import Key
from ..policy.client import ClientPolicy
from ..policy.enums import ReadModeSC, Replica
from .advice import Unreachable
from .health import ClientHealth, examine
from .node import Node
from .node_validator import Validated
from .pace import Pace
from .partition_map import PartitionMap
from .replica import choose, effective_replica

__all__ = ["Cluster"]

# Looked up in their class for each command, they would cost more than what is asked of them.
_SEQUENCE, _MASTER = Replica.SEQUENCE, Replica.MASTER

log = logging.getLogger("triospike.cluster")


async def _not_connected(regular: bool) -> NoReturn:
    raise RuntimeError("only a cluster that `connect` returned can be tended")


class Cluster:
    """Nodes and partition map of one cluster.

    Args:
        seeds: Where to begin, and to begin again when every node is lost.
        policy: The client's.
        limit: Most connections to one node.
        poller: Of the event loops that the commands run on; receives for the connections.

    Attributes:
        seeds: Where to begin.
        policy: The client's.
        nodes: The active nodes, by name; replaced as a whole.
        partition_map: Who owns which partition.
        closed: It was closed; no node is active any more.
        generation: Grows whenever a node joins or leaves.
        tends: How many tends there were.
        last_tend: Trio's time of the end of the last tend.
        last_error: Why the seeds could not be used when they were last needed, else None.
        unreachable: Nodes that others advertise, and that could not be used in the last tend.
        pace: When the next tend is due.
        tend_once: Tends; for the tend task.
    """

    def __init__(
        self, seeds: Sequence[Host], policy: ClientPolicy, *, limit: int, poller: Poller | None = None
    ) -> None:
        self.seeds = tuple(seeds)
        self.policy = policy
        self.nodes: tuple[Node, ...] = ()
        self.partition_map = PartitionMap()
        self.closed = False
        self.generation = 0
        self.tends = 0
        self.last_tend = trio.current_time()
        self.last_error: AerospikeError | None = None
        self.unreachable: tuple[Unreachable, ...] = ()
        self.pace = Pace(policy.tend_interval)
        self.tend_once: Callable[[bool], Awaitable[None]] = _not_connected
        self._limit = limit
        self._poller = poller
        self._by_name: dict[str, Node] = {}
        self._owners = self.partition_map.owners
        self._rack_ids = policy.rack_ids
        self._left: list[AnyPool] = []  # of nodes that have left while commands were on their connections
        self._turn = 0

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"{len(self.nodes)} nodes, {self.tends} tends"
        return f"<Cluster of seeds {', '.join(map(str, self.seeds))}: {state}>"

    # For commands.

    def first_node(self, key: Key, replica: Replica) -> Node | None:
        """The master of a record's partition, where a first attempt goes to it; None: ask `node_for`.

        Args:
            key: The record's.
            replica: The policy's choice.
        """
        if replica is _SEQUENCE or replica is _MASTER:
            owners = self._owners.get(key._names.namespace)
            if owners is not None:
                digest = key._digest
                node = owners[(digest[0] | digest[1] << 8) & 0x0FFF][0]  # as `Key.partition_id`, without a call
                if node is not None and node.active:
                    return node
        return None

    def node_for(
        self,
        namespace: str,
        partition_id: int,
        replica: Replica,
        replica_index: int,
        *,
        write: bool,
        sc_mode: ReadModeSC | None = None,
        failed: Node | None = None,
    ) -> Node:
        """The node that a command goes to.

        Args:
            namespace: The key's.
            partition_id: The key's.
            replica: The policy's choice.
            replica_index: 0 at first; a retry that shall go to another replica adds 1.
            write: The command writes.
            sc_mode: The policy's for reads in a strong-consistency namespace.
            failed: The node that the last attempt went to.

        Raises:
            ValueError: The cluster has no such namespace.
            InvalidNode: There is no node; for Replica.MASTER, none that owns the partition.
            ClientClosed: The cluster was closed.
        """
        table = self.partition_map.tables.get(namespace)
        if table is None:
            self._raise_unknown(namespace)
        if (
            (write or replica is _SEQUENCE or replica is _MASTER)
            and not replica_index
            and (first := table.owners[partition_id][0]) is not None
            and first.active
            and failed is None
        ):
            return first  # what `choose` would say: nearly every command ends here
        self._turn = turn = self._turn + 1
        node = choose(
            effective_replica(replica, write=write, strong_consistency=table.strong_consistency, sc_mode=sc_mode),
            table.owners[partition_id],
            replica_index,
            turn=turn,
            namespace=namespace,
            rack_ids=self._rack_ids,
            failed=failed,
        )
        if node is not None:
            return node
        if replica is not _MASTER or self.policy.force_single_node:
            # The map is behind the cluster, or the owner can't be reached from here. Any node passes the
            # command on to the owner, or says that there is none.
            return self.random_node()
        self._raise_closed_or_empty()
        raise InvalidNode(f"no active node owns partition {partition_id} of namespace {namespace!r}")

    def random_node(self) -> Node:
        """Any active node; each in its turn.

        Raises:
            InvalidNode: There is none.
            ClientClosed: The cluster was closed.
        """
        self._raise_closed_or_empty()
        self._turn += 1
        return self.nodes[self._turn % len(self.nodes)]

    def node_named(self, name: str) -> Node:
        """The active node of this name.

        Raises:
            InvalidNode: There is none; the message names those that there are.
            ClientClosed: The cluster was closed.
        """
        self._raise_closed_or_empty()
        node = self._by_name.get(name)
        if node is None:
            raise InvalidNode(
                f"there is no node {name!r}; there are {', '.join(sorted(self._by_name))}", node=name
            )
        return node

    def hasten(self) -> None:
        """Something broke: bring the next tend forward."""
        self.pace.hasten()

    def health(self) -> ClientHealth:
        """How the cluster is, and why."""
        return examine(
            nodes=self.nodes,
            partition_map=self.partition_map,
            unreachable=self.unreachable,
            tends=self.tends,
            last_tend=trio.current_time() - self.last_tend,
            last_error=self.last_error,
        )

    def _raise_unknown(self, namespace: str) -> NoReturn:
        self._raise_closed_or_empty()
        known = ", ".join(map(repr, sorted(self._owners)))
        if not known:
            raise InvalidNode("no node has sent its partition map yet")
        raise ValueError(f"unknown namespace {namespace!r}; the cluster has {known}")

    def _raise_closed_or_empty(self) -> None:
        if self.closed:
            raise ClientClosed("the client is closed")
        if not self.nodes:
            reason = f": {self.last_error}" if self.last_error else ""
            raise InvalidNode(f"no node of the cluster can be reached{reason}")

    # For the tend task.

    def get(self, name: str) -> Node | None:
        """The active node of this name, or None."""
        return self._by_name.get(name)

    def join(self, validated: Validated) -> Node:
        """Add a node. Its connection becomes the one that it is tended on."""
        name, host = validated.identity.name, validated.host
        policy = self.policy
        pool, streams = make_pools(
            host,
            limit=self._limit,
            min_connections=policy.async_min_conns_per_node,
            max_socket_idle=policy.max_socket_idle,
            when_no_connection=policy.when_no_connection,
            pipeline_depth=policy.pipeline_depth,
            pipeline_limit=policy.pipe_max_conns_per_node or self._limit,
            name=name,
            poller=self._poller,
        )
        pool.on_broken = streams.on_broken = self.hasten
        node = Node(
            name,
            host,
            pool,
            build=validated.identity.build,
            max_error_rate=policy.max_error_rate,
            connection=validated.connection,
            streams=streams,
        )
        self._by_name[name] = node
        self._count_nodes()
        log.info("node %s at %s joined", name, host)
        return node

    def remove(self, node: Node, reason: str) -> None:
        """Let a node go. The partition map may go on naming it until another claims its partitions."""
        node.leave()
        if self._by_name.get(node.name) is node:
            del self._by_name[node.name]
        self._left = [left for left in (*self._left, *node.pools) if left.statistics().open]
        self._count_nodes()
        log.warning("node %s at %s left: %s", node.name, node.host, reason)

    def _count_nodes(self) -> None:
        self.nodes = tuple(sorted(self._by_name.values(), key=lambda node: node.name))
        self.generation += 1

    def close(self) -> None:
        """Close every connection and refuse further use. Does nothing the second time."""
        self.closed = True
        for node in self.nodes:
            node.leave()
            for pool in node.pools:
                pool.abort()
        for pool in self._left:
            pool.abort()
        self.nodes = ()
        self._by_name.clear()
