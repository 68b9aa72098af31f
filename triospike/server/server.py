"""The embedded cluster as its owner sees it: nodes to stop and start, faults to add, counters to read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import attrs
import trio

from ..host import Host
from .config import ServerConfig
from .counters import Counters, CounterValues
from .faults import FaultTable
from .indexes.kept import Catalog
from .migration import Migration
from .node import NodeState, ServerNode, node_id
from .storage.namespace import Namespace
from .topology import Topology
from .udf.modules import Modules

__all__ = ["Door", "NodeStatistics", "Server", "ServerStatistics"]


class Door(Protocol):
    """Where a node's connections come in."""

    async def open(self) -> None:
        """Listen; return once connections are accepted."""

    async def close(self) -> None:
        """Stop listening and break all connections; return once they are closed."""


@attrs.frozen(kw_only=True)
class NodeStatistics:
    """One node at one moment.

    Attributes:
        node_id: Its id.
        host: Its address.
        state: Whether it runs.
        records: Records that it keeps, in all namespaces; with rf 2 a record counts on two nodes.
        counters: Its connections and commands.
    """

    node_id: str
    host: Host
    state: NodeState
    records: int
    counters: CounterValues


@attrs.frozen(kw_only=True)
class ServerStatistics:
    """The cluster at one moment.

    Attributes:
        nodes: All nodes, also those that are stopped.
        counters: Connections and commands of all nodes together. Its peaks are of all nodes at one moment.
        moves_pending: Partitions that wait to be migrated.
        partitions_moved: Partitions migrated so far.
        partitions_unavailable: Partitions of all namespaces that no running node has the data of.
    """

    nodes: tuple[NodeStatistics, ...]
    counters: CounterValues
    moves_pending: int
    partitions_moved: int
    partitions_unavailable: int


class Server:
    """An embedded cluster. `serve_aerospike` makes it and runs it.

    Args:
        config: Settings.
        wall_clock: Unix seconds, by which records expire.

    Attributes:
        config: Settings, as the server was started with.
        nodes: All nodes, also those that are stopped.
        faults: What shall go wrong.
        counters: Connections and commands of all nodes together.
        catalogs: What the indexes of each namespace are.
        modules: User-defined functions.
    """

    def __init__(self, config: ServerConfig, wall_clock: Callable[[], float]) -> None:
        self.config = config
        self.faults = FaultTable()
        self.counters = Counters()
        self._topology = Topology(
            [node_id(index) for index in range(config.nodes)],
            {namespace.name: namespace.replication_factor for namespace in config.namespaces},
            config.rack_ids,
        )
        self.catalogs = {namespace.name: Catalog() for namespace in config.namespaces}
        self.modules = Modules(wall_clock)
        nodes: list[ServerNode] = []
        for index in range(config.nodes):
            nodes.append(
                ServerNode(
                    index,
                    config,
                    self._topology,
                    nodes,
                    self.faults,
                    self.counters,
                    wall_clock,
                    self.catalogs,
                    self.modules,
                )
            )
        self.nodes = tuple(nodes)
        self.migration = Migration(self._topology, self._storage, config.migration_interval)
        self._doors: tuple[Door, ...] = ()
        self._changes = trio.Lock()

    @property
    def hosts(self) -> tuple[Host, ...]:
        """Addresses of the nodes that are not stopped: seeds for a client."""
        return tuple(node.host for node in self.nodes if node.state is not NodeState.STOPPED)

    def node(self, ref: int | str) -> ServerNode:
        """A node by index or id.

        Raises:
            LookupError: There is no such node; the message names those that exist.
        """
        if isinstance(ref, int):
            if 0 <= ref < len(self.nodes):
                return self.nodes[ref]
        else:
            for node in self.nodes:
                if node.node_id == ref:
                    return node
        raise LookupError(f"no node {ref!r}; there are {', '.join(node.node_id for node in self.nodes)}")

    async def stop_node(self, ref: int | str) -> None:
        """Stop a node as SIGKILL would: all its sockets close at once. It keeps its records.

        The others take over in the same moment, and begin to migrate what is now kept once too few. Stopping a
        stopped node does nothing.

        Raises:
            LookupError: There is no such node.
        """
        node = self.node(ref)
        async with self._changes:
            if node.state is not NodeState.STOPPED:
                node.set_state(NodeState.STOPPED)
                node.jobs.abort_all()
                self._rebalance()
                await self._doors[node.index].close()

    async def start_node(self, ref: int | str) -> None:
        """Start a stopped node again, on its port; return once it accepts.

        What it kept of partitions that others served meanwhile is dropped and migrated anew. Starting a node
        that runs does nothing.

        Raises:
            LookupError: There is no such node.
        """
        node = self.node(ref)
        async with self._changes:
            if node.state is NodeState.STOPPED:
                await self._open(node)
                self._rebalance()

    async def pause_node(self, ref: int | str) -> None:
        """Let a node do nothing, with its sockets open: to its clients a black hole. The cluster keeps it.

        Pausing a paused node does nothing.

        Raises:
            LookupError: There is no such node.
            ValueError: The node is stopped.
        """
        self._set_paused(self.node(ref), NodeState.PAUSED)
        await trio.lowlevel.checkpoint()

    async def resume_node(self, ref: int | str) -> None:
        """Let a paused node go on: it answers what it was asked meanwhile.

        Resuming a node that runs does nothing.

        Raises:
            LookupError: There is no such node.
            ValueError: The node is stopped.
        """
        self._set_paused(self.node(ref), NodeState.RUNNING)
        await trio.lowlevel.checkpoint()

    async def wait_stable(self) -> None:
        """Wait until all partitions are where they shall be."""
        await self.migration.stable.wait_value(True)

    def unavailable_partitions(self, namespace: str) -> list[int]:
        """Ids of the partitions that no running node has the data of; commands on them get result code 11.

        Raises:
            KeyError: There is no such namespace.
        """
        return self._topology.unavailable(namespace)

    def statistics(self) -> ServerStatistics:
        """Everything countable, as it is now."""
        return ServerStatistics(
            nodes=tuple(
                NodeStatistics(
                    node_id=node.node_id,
                    host=node.host,
                    state=node.state,
                    records=sum(namespace.count for namespace in node.namespaces.values()),
                    counters=node.counters.values(),
                )
                for node in self.nodes
            ),
            counters=self.counters.values(),
            moves_pending=self._topology.pending,
            partitions_moved=self.migration.moved,
            partitions_unavailable=sum(len(self._topology.unavailable(ns.name)) for ns in self.config.namespaces),
        )

    async def attach(self, doors: tuple[Door, ...]) -> None:
        """Open the doors and bring the cluster up. Only `serve_aerospike` calls this, once."""
        self._doors = doors
        async with self._changes:
            for node in self.nodes:
                await self._open(node)
            self._rebalance()

    async def _open(self, node: ServerNode) -> None:
        # It runs before it is part of the cluster, and until then says that it is not ready.
        node.set_state(NodeState.RUNNING)
        try:
            await self._doors[node.index].open()
        except BaseException:
            node.set_state(NodeState.STOPPED)
            raise

    def _rebalance(self) -> None:
        self.migration.rebalance([node.index for node in self.nodes if node.state is not NodeState.STOPPED])
        for node in self.nodes:
            if node.state is not NodeState.STOPPED:
                node.see_peers()

    def _storage(self, node: int, namespace: str) -> Namespace:
        return self.nodes[node].namespaces[namespace]

    def _set_paused(self, node: ServerNode, state: NodeState) -> None:
        if node.state is NodeState.STOPPED:
            raise ValueError(f"node {node.node_id} is stopped")
        node.set_state(state)

    def __repr__(self) -> str:
        nodes = ", ".join(f"{node.host} {node.state.value}" for node in self.nodes)
        pending = self._topology.pending
        return (
            f"<Server {self.config.cluster_name!r}: {nodes}; {self.counters.connections_open} connections open, "
            + (f"{pending} partitions to migrate>" if pending else "stable>")
        )
