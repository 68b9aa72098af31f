"""One node of the embedded cluster: its records, its view of the others, what it answers about both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

import trio

from ..host import Host
from .config import ServerConfig
from .counters import Counters
from .faults import FaultTable
from .indexes.kept import Catalog
from .peers import Peers
from .queries.job import JobTable
from .storage.namespace import Namespace, partition_of
from .topology import Topology
from .udf.modules import Modules

if TYPE_CHECKING:
    from .ports import NodeView

__all__ = ["NodeState", "ServerNode", "node_id"]

_FIRST_ID = 0xBB9010000000000


class NodeState(StrEnum):
    """What a node does at the moment."""

    RUNNING = "running"
    PAUSED = "paused"
    """Its connections stay open, but it reads, answers and accepts nothing."""
    STOPPED = "stopped"


def node_id(index: int) -> str:
    """Id of the node with this index: upper-case hexadecimal."""
    return f"{_FIRST_ID + index:X}"


class ServerNode:
    """One node. `Server` makes it, starts and stops it; handlers see it as a `NodeView`.

    Args:
        index: Its place among the nodes of the server.
        config: Settings of the cluster.
        topology: The partition map, shared by all nodes.
        nodes: All nodes, itself included; filled by the server.
        faults: Faults in force, shared by all nodes.
        counters: The server's counters, which this node's count into.
        wall_clock: Unix seconds, by which records expire.
        catalogs: What the indexes of each namespace are, shared by all nodes.
        modules: User-defined functions, shared by all nodes.
    """

    def __init__(
        self,
        index: int,
        config: ServerConfig,
        topology: Topology,
        nodes: Sequence[ServerNode],
        faults: FaultTable,
        counters: Counters,
        wall_clock: Callable[[], float],
        catalogs: dict[str, Catalog],
        modules: Modules,
    ) -> None:
        self.index = index
        self.node_id = node_id(index)
        self.config = config
        self.wall_clock = wall_clock
        self.namespaces: Mapping[str, Namespace] = {
            namespace.name: Namespace(namespace, wall_clock, catalogs[namespace.name])
            for namespace in config.namespaces
        }
        self.catalogs = catalogs
        self.jobs = JobTable(trio.current_time)
        self.modules = modules
        self.counters = Counters(counters)
        self.faults = faults
        self.state = NodeState.STOPPED
        self.port = 0
        """The port that it listens on; known once it was started."""
        self._topology = topology
        self._nodes = nodes
        self._maps = {name: topology.partitions(name) for name in self.namespaces}
        self._std_peers = Peers(lambda node: (nodes[node].node_id, nodes[node].host))
        self._alt_peers = Peers(lambda node: (nodes[node].node_id, nodes[node].alternate_host or nodes[node].host))
        self._running = trio.Event()
        self._began = 0.0  # Trio's time when it was last started

    @property
    def name(self) -> str:
        """The node's id."""
        return self.node_id

    @property
    def host(self) -> Host:
        """The address that it tells its clients."""
        return Host(self.config.access_host or _reachable(self.config.host), self.port)

    @property
    def alternate_host(self) -> Host | None:
        """The address that it tells clients who ask for alternate addresses, or None."""
        return Host(self.config.alternate_host, self.port) if self.config.alternate_host else None

    # --- what handlers ask: NodeView ------------------------------------------------------------------------

    @property
    def partition_generation(self) -> int:
        """Changes with every change of this node's part of the map; -1 while the node is down."""
        return self._topology.generations[self.index]

    @property
    def peers_generation(self) -> int:
        """Changes whenever a peer comes or goes."""
        return self._std_peers.generation

    @property
    def rebalance_generation(self) -> int:
        """Number of rebalances of the cluster."""
        return self._topology.rebalances

    @property
    def rack_ids(self) -> Mapping[str, int]:
        """This node's rack in each namespace, 0 without racks."""
        racks = self.config.rack_ids
        return dict.fromkeys(self.namespaces, racks[self.index] if racks else 0)

    def peers_text(self, kind: str, since: int | None = None) -> str:
        """Value of ``peers-<kind>``, kind ``clear-std`` or ``clear-alt``."""
        if kind.endswith("-alt") and self.alternate_host is None:
            return f"{self._alt_peers.generation},3000,[]"
        return (self._alt_peers if kind.endswith("-alt") else self._std_peers).text(since)

    def service_text(self, kind: str) -> str:
        """Value of ``service-<kind>``: this node's own address, empty when it has none of that kind."""
        return str((self.alternate_host or "") if kind.endswith("-alt") else self.host)

    def replicas_text(self, max_replicas: int | None = None) -> str:
        """Value of ``replicas``."""
        return self._topology.replicas_text(self.index, max_replicas)

    def cluster_key(self) -> str:
        """Key of the present cluster, hexadecimal."""
        return self._topology.cluster_key()

    def cluster_size(self) -> int:
        """Number of live nodes."""
        return len(self._topology.live)

    def is_stable(self) -> bool:
        """True when no partition waits to be migrated."""
        return self._topology.is_stable

    def owner_of(self, namespace: str, partition_id: int, *, write: bool) -> NodeView | None:
        """The node that serves this partition: its acting master, and for reads this node if it has all data."""
        partition = self._maps[namespace][partition_id]
        master = partition.master
        if master is None or master == self.index:
            return None if master is None else self
        if not write and partition.serves_reads(self.index):
            return self
        return self._nodes[master]

    def replicate(self, namespace: str, digest: bytes) -> None:
        """Give all other full copies the present state of a record of this node."""
        holders = self._maps[namespace][partition_of(digest)].holders
        if len(holders) < 2:
            return
        record = self.namespaces[namespace].stored(digest)
        for holder in holders:
            if holder == self.index:
                continue
            copy = self._nodes[holder].namespaces[namespace]
            if record is None:
                copy.remove(digest)
            else:
                copy.put(digest, record)

    def statistics(self) -> Mapping[str, int | str]:
        """Counters of cluster, connections and commands, by the names of the ``statistics`` info command."""
        counters = self.counters
        return {
            "cluster_size": self.cluster_size(),
            "cluster_key": self.cluster_key(),
            "objects": sum(namespace.count for namespace in self.namespaces.values()),
            "client_connections": counters.connections_open,
            "client_connections_opened": counters.connections_total,
            "client_connections_closed": counters.connections_total - counters.connections_open,
            "migrate_partitions_remaining": self._topology.pending,
            "info_complete": counters.commands_info,
            "uptime": int(trio.current_time() - self._began),
        }

    # --- what the server does with it -----------------------------------------------------------------------

    def see_peers(self) -> None:
        """Take in which other nodes are live now."""
        live = self._topology.live - {self.index}
        self._std_peers.see(live)
        self._alt_peers.see(live)

    def set_state(self, state: NodeState) -> None:
        """Change what the node does; connections that wait in `wait_running` go on."""
        if state is NodeState.STOPPED:
            self._std_peers.forget()
            self._alt_peers.forget()
        if state is not NodeState.PAUSED:
            self._running.set()
        elif self.state is not NodeState.PAUSED:
            self._running = trio.Event()
        if self.state is NodeState.STOPPED:
            self._began = trio.current_time()
        self.state = state

    async def wait_running(self) -> bool:
        """Wait while the node is paused; return whether it runs, or else was stopped."""
        await self._running.wait()
        return self.state is NodeState.RUNNING

    def __repr__(self) -> str:
        return (
            f"<ServerNode {self.node_id} {self.state.value} at {self.host}, "
            f"{self.counters.connections_open} connections open>"
        )


def _reachable(host: str) -> str:
    """An address that clients on this machine reach, for one that means all addresses."""
    return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
