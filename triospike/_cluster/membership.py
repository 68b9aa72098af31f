"""Who belongs to the cluster: seeds, peers, joining and leaving (protocol sections 16.2, 16.3 and 16.5)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

import attrs
import trio

from ..errors import AerospikeError
from ..host import Host
from .advice import Unreachable, explain, peers_unreachable, seeds_failed
from .asker import Asker
from .cluster import Cluster
from .node import Node
from .node_validator import Network, Validated, Validator
from .peers_parser import Peer, PeersReply
from .seeds import SeedSearch
from .tend import NodeFacts, leavers, plan_peers

__all__ = ["Membership", "Round"]

log = logging.getLogger("triospike.cluster")


@attrs.define
class Round:
    """What one tend has found out.

    Attributes:
        answered: Nodes that answered.
        refused: Addresses that can't be used, and why; they are not tried again in this tend.
        unreachable: Advertised nodes that can't be used.
    """

    answered: set[Node] = attrs.field(factory=set)
    refused: dict[Host, Exception] = attrs.field(factory=dict)
    unreachable: dict[str, Unreachable] = attrs.field(factory=dict)

    def unreachable_by_name(self) -> tuple[Unreachable, ...]:
        """`unreachable` in the order of the names."""
        return tuple(self.unreachable[name] for name in sorted(self.unreachable))


class Membership:
    """Brings nodes into a cluster and lets them go.

    Args:
        cluster: Where they belong.
        network: How to reach servers.
        asker: Asks nodes.
    """

    def __init__(self, cluster: Cluster, network: Network, asker: Asker) -> None:
        policy = cluster.policy
        self._cluster = cluster
        self._seeds_only = policy.force_single_node
        self._alternate = policy.use_services_alternate
        self._network = network
        self._asker = asker
        self._validator = Validator(network, cluster_name=policy.cluster_name, timeout=policy.conn_timeout)
        self._every_seed_answered = False

    async def side_by_side(
        self, job: Callable[[Node, Round], Awaitable[None]], nodes: Iterable[Node], round_: Round
    ) -> None:
        """Do something with every node, each within ``conn_timeout``; one that fails has failed this tend."""
        async with trio.open_nursery() as nursery:
            for node in nodes:
                nursery.start_soon(self._try, job, node, round_)

    async def _try(self, job: Callable[[Node, Round], Awaitable[None]], node: Node, round_: Round) -> None:
        try:
            await self._asker.within(node.host, lambda: job(node, round_))
        except (AerospikeError, OSError) as error:
            if not node.active:
                return  # it was removed, and its connection closed, meanwhile
            if not node.tending.failures:
                log.warning("node %s at %s failed a tend: %s", node.name, node.host, explain(error))
            node.failed(error)
            round_.answered.discard(node)

    # Seeds.

    def needs_seeds(self, round_: Round) -> bool:
        """True when no node answered; without peers also while a seed is missing."""
        return not round_.answered or (self._seeds_only and not self._every_seed_answered)

    async def seed(self, round_: Round) -> None:
        """Begin from the seeds; `Cluster.last_error` says why if none can be used."""
        search = SeedSearch(self._network, self._validator, self._asker, self._cluster.policy)
        try:
            await search.run(self._cluster.seeds)
        except BaseException:
            search.close()
            raise
        self._every_seed_answered = search.answered == set(self._cluster.seeds)
        lists: dict[Node, PeersReply] = {}
        for found in search.take(all_of_them=self._seeds_only):
            known = self._cluster.get(found.validated.identity.name)
            if known is not None and known in round_.answered:
                found.validated.connection.close()
                continue
            node = self._adopt(found.validated, round_)
            node.tending.peers_count = len(found.peers.peers)
            lists[node] = found.peers
        self._cluster.last_error = None if round_.answered else seeds_failed(search.failures)
        await self._grow(lists, round_)

    async def why_unreachable(self, node: Node, round_: Round) -> AerospikeError:
        """The error for a node none of whose peers can be reached; asks it what addresses there are else."""
        other: Sequence[Peer] = ()
        connection = node.tending.connection
        if connection is not None:
            try:
                reply = await self._asker.within(
                    node.host, lambda: self._asker.peers(connection, alternate=not self._alternate)
                )
                other = reply.peers
            except (AerospikeError, OSError) as error:
                log.debug("the other kind of addresses can't be read: %s", error)
        return peers_unreachable(node.host, round_.unreachable_by_name(), alternate=self._alternate, other=other)

    # Peers.

    async def refresh_peers(self, round_: Round) -> None:
        """Read all lists of peers if one has changed or a node failed; then see who leaves, and who joins."""
        if self._seeds_only:
            self._let_go(frozenset(), round_)
            return
        nodes = self._cluster.nodes
        if round_.answered and not any(node.tending.wants_peers for node in nodes):
            return
        lists = await self._read_peers([node for node in nodes if node in round_.answered], round_)
        plan = plan_peers((reply.peers for reply in lists.values()), self._facts())
        self._let_go(plan.friends, round_)
        await self._grow(lists, round_)

    async def _read_peers(self, nodes: Sequence[Node], round_: Round) -> dict[Node, PeersReply]:
        lists: dict[Node, PeersReply] = {}

        async def read(node: Node, _: Round) -> None:
            lists[node] = await self._asker.peers(node.connection())
            node.tending.peers_count = len(lists[node].peers)

        await self.side_by_side(read, nodes, round_)
        return lists

    def _facts(self) -> Mapping[str, NodeFacts]:
        owners = self._cluster.partition_map.nodes()
        return {node.name: node.facts(owns_partitions=node in owners) for node in self._cluster.nodes}

    def _let_go(self, friends: frozenset[str], round_: Round) -> None:
        facts = list(self._facts().values())
        for name, reason in leavers(facts, friends, len(round_.answered), seeds_only=self._seeds_only):
            node = self._cluster.get(name)
            if node is not None:
                self.remove(node, reason, round_)

    def remove(self, node: Node, reason: str, round_: Round) -> None:
        """Let a node go."""
        self._cluster.remove(node, reason)
        self._every_seed_answered = False
        round_.answered.discard(node)

    async def _grow(self, lists: dict[Node, PeersReply], round_: Round) -> None:
        """Connect to the nodes that are in the lists, and to those in their lists, until none is new."""
        while lists:
            plan = plan_peers((reply.peers for reply in lists.values()), self._facts())
            joined: list[Node] = []
            async with trio.open_nursery() as nursery:
                for peer in plan.wanted:
                    nursery.start_soon(self._meet, peer, joined, round_)
            for node, reply in lists.items():
                self._note_peers(node, reply)
            lists = await self._read_peers(joined, round_)

    def _note_peers(self, node: Node, reply: PeersReply) -> None:
        """Remember a list whose nodes are all here; another one is read again in the next tend."""
        if all(self._cluster.get(peer.name) for peer in reply.peers):
            node.tending.seen = attrs.evolve(node.tending.seen, peers=reply.generation)
            node.tending.wants_peers = False

    async def _meet(self, peer: Peer, joined: list[Node], round_: Round) -> None:
        hosts = [host for host in peer.hosts if host not in round_.refused]
        found, refused = await self._validator.first_of(hosts, expected=peer.name)
        round_.refused.update(refused)
        if found is not None:
            joined.append(self._adopt(found, round_))
            round_.unreachable.pop(peer.name, None)
        else:
            reasons = {host: round_.refused[host] for host in peer.hosts if host in round_.refused}
            round_.unreachable[peer.name] = Unreachable(peer.name, reasons)

    def _adopt(self, found: Validated, round_: Round) -> Node:
        """Add a node; one that is there already, and fails, is revived, or replaced if it has moved."""
        node = self._cluster.get(found.identity.name)
        if node is not None and node.host == found.host:
            node.close_tending()
            node.tending.connection = found.connection
            node.answered()
        else:
            if node is not None:
                self.remove(node, f"it is at {found.host} now", round_)
            node = self._cluster.join(found)
        round_.answered.add(node)
        return node
