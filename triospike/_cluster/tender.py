"""The tend task: asks every node what has changed, and applies it (protocol sections 16.2 to 16.6).

What the answers mean is decided in `tend`; here is the I/O. Nodes are asked side by side, each within
``conn_timeout``, so that one that hangs costs the others no more than that. What goes wrong with a server is
recorded and tried again in the next tend; only a bug ends the task.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import NoReturn

import attrs
import trio

from .._net.poller import Poller
from ..errors import AerospikeError, ConnectionFailed
from ..host import Host
from ..policy.client import ClientPolicy
from .advice import seeds_failed
from .asker import Asker
from .cluster import Cluster
from .membership import Membership, Round
from .node import Node
from .node_validator import Network
from .peers_parser import check_ip_map
from .tend import UNKNOWN, Generations, compare, may_read_map

__all__ = ["Tender", "connect", "tend"]

log = logging.getLogger("triospike.cluster")

TENDS_PER_TRIM = 30
"""Regular tends between two looks for connections that were idle for too long."""


async def connect(
    seeds: Sequence[Host],
    policy: ClientPolicy,
    *,
    limit: int,
    network: Network | None = None,
    poller: Poller | None = None,
) -> Cluster:
    """Find the cluster: its nodes, and who owns which partition.

    Args:
        seeds: Where to begin.
        policy: The client's.
        limit: Most connections to one node.
        network: How to reach servers; None for the real way.
        poller: Of the event loops that the commands will run on.

    Returns:
        The cluster, to be tended by `tend` and closed by its `Cluster.close`. Without any node if none can
        be reached and ``fail_if_not_connected`` is False.

    Raises:
        ValueError: The policy's ``ip_map`` holds what is no address.
        ConnectionFailed: No seed can be used; the message gives each with its reason.
        ClusterNameMismatch: A seed belongs to another cluster.
        PeersUnreachable: A seed answers, but none of its peers can be reached.
        ProtocolError: The seeds speak another protocol.
    """
    check_ip_map(policy.ip_map)
    cluster = Cluster(seeds, policy, limit=limit, poller=poller)
    tender = Tender(cluster, network or Network())
    try:
        await tender.begin()
        cluster.tend_once = tender.tend
    except BaseException:
        cluster.close()
        raise
    return cluster


async def tend(cluster: Cluster, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> NoReturn:
    """Keep a cluster true, until cancelled: every ``tend_interval``, and earlier when something breaks.

    Args:
        cluster: What `connect` returned.
        task_status: Told that the task runs.
    """
    task_status.started()
    await cluster.pace.run(cluster.tend_once)


class Tender:
    """Tends one cluster.

    Args:
        cluster: What to keep true.
        network: How to reach servers.
    """

    def __init__(self, cluster: Cluster, network: Network) -> None:
        self._cluster = cluster
        self._policy = cluster.policy
        self._asker = Asker(network, cluster.policy)
        self._membership = Membership(cluster, network, self._asker)
        self._regular_tends = 0
        self._complaint = ""

    async def begin(self) -> None:
        """The first tend. Raises where `tend` records, if ``fail_if_not_connected`` says so.

        Raises:
            AerospikeError: The cluster can't be reached; see `connect`.
        """
        round_ = Round()
        cluster = self._cluster
        must_connect = self._policy.fail_if_not_connected
        await self._membership.seed(round_)
        if must_connect and cluster.last_error is not None:
            raise cluster.last_error
        if must_connect and len(cluster.nodes) == 1 and round_.unreachable:
            raise await self._membership.why_unreachable(cluster.nodes[0], round_)
        await self._complete(round_)
        if must_connect and not cluster.partition_map.tables:
            raise self._no_map()

    async def tend(self, regular: bool = True) -> None:
        """One tend.

        Args:
            regular: Its time had come. The others were brought forward, and count for no window.
        """
        round_ = Round()
        membership = self._membership
        await membership.side_by_side(self._refresh, self._cluster.nodes, round_)
        await membership.refresh_peers(round_)
        if membership.needs_seeds(round_):
            await membership.seed(round_)
        await self._complete(round_)
        if regular:
            self._count_tend()

    async def _complete(self, round_: Round) -> None:
        side_by_side = self._membership.side_by_side
        await side_by_side(self._refresh_map, self._readers(round_), round_)
        if self._policy.rack_aware:
            await side_by_side(self._refresh_racks, list(round_.answered), round_)
        if self._policy.async_min_conns_per_node:
            await self._fill_pools(round_)
        cluster = self._cluster
        cluster.unreachable = round_.unreachable_by_name()
        cluster.tends += 1
        cluster.last_tend = trio.current_time()
        self._complain()

    # What has changed.

    async def _refresh(self, node: Node, round_: Round) -> None:
        had_connection = node.tending.connection is not None
        try:
            name, now = await self._asker.generations(node)
        except ConnectionFailed:
            if not had_connection:
                raise
            # A connection of an earlier tend: it idled for too long, or the node has been restarted.
            node.distrust()
            name, now = await self._asker.generations(node)
        if name != node.name:
            self._membership.remove(node, f"its address is that of node {name!r} now", round_)
        else:
            self._apply(node, now)
            round_.answered.add(node)

    def _apply(self, node: Node, now: Generations) -> None:
        tending = node.tending
        changes = compare(tending.seen, now)
        tending.wants_peers = tending.wants_peers or changes.peers
        tending.wants_map = tending.wants_map or changes.partitions
        tending.wants_racks = tending.wants_racks or changes.racks
        if changes.restarted:
            node.window.reset()
        if tending.failures:
            log.info("node %s at %s answers again", node.name, node.host)
        node.answered()

    # Partitions, racks, connections.

    def _readers(self, round_: Round) -> list[Node]:
        """The nodes whose replica map is to be read."""
        seeds_only = self._policy.force_single_node
        answered = len(round_.answered)
        return [
            node
            for node in self._cluster.nodes
            if node in round_.answered
            and node.tending.wants_map
            and may_read_map(node.tending.peers_count, answered, seeds_only=seeds_only)
        ]

    async def _refresh_map(self, node: Node, _: Round) -> None:
        generation, maps = await self._asker.replica_maps(node)
        if generation == UNKNOWN:
            return  # not ready: it is asked again in the next tend
        node.tending.seen = attrs.evolve(node.tending.seen, partitions=generation)
        node.tending.wants_map = False
        for loser in self._cluster.partition_map.merge(node, maps):
            loser.tending.wants_map = True

    async def _refresh_racks(self, node: Node, _: Round) -> None:
        if node.tending.wants_racks:
            generation, node.racks = await self._asker.racks(node)
            node.tending.seen = attrs.evolve(node.tending.seen, rebalance=generation)
            node.tending.wants_racks = False

    async def _fill_pools(self, round_: Round) -> None:
        """Open connections ahead. What fails says nothing of the node that tending did not find out itself."""

        async def fill(node: Node) -> None:
            try:
                await node.pool.fill()
            except (AerospikeError, OSError) as error:
                node.tending.last_error = error

        with trio.move_on_after(self._policy.conn_timeout or math.inf):
            async with trio.open_nursery() as nursery:
                for node in round_.answered:
                    if node.is_open():
                        nursery.start_soon(fill, node)

    def _count_tend(self) -> None:
        self._regular_tends += 1
        for node in self._cluster.nodes:
            if self._regular_tends % self._policy.error_rate_window == 0:
                node.window.end()
            if self._regular_tends % TENDS_PER_TRIM == 0:
                for pool in node.pools:
                    pool.trim()

    # What is wrong.

    def _no_map(self) -> AerospikeError:
        failures = {
            str(node.host): error for node in self._cluster.nodes if (error := node.tending.last_error) is not None
        }
        return seeds_failed(failures) if failures else ConnectionFailed("no node has sent its partition map")

    def _complain(self) -> None:
        """Log what is wrong with seeds or peers, but not again and again."""
        cluster = self._cluster
        error = cluster.last_error if not cluster.nodes else None
        complaint = (
            str(error)
            if error
            else "; ".join(f"a node is advertised that can't be used: {peer}" for peer in cluster.unreachable)
        )
        if complaint and complaint != self._complaint:
            log.warning("%s", complaint)
        self._complaint = complaint
