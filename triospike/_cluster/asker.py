"""The questions that tending asks of a node, and their answers as values (protocol section 6.3)."""

from __future__ import annotations

import base64
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

import attrs
import trio

from .._net.connection import Connection
from .._version import __version__
from ..errors import ConnectionFailed, SecurityError, ServerError
from ..host import Host
from ..policy.client import ClientPolicy
from .node import Node
from .node_validator import Network
from .partition_parser import ReplicaMap, parse_replicas
from .peers_parser import PeersReply, parse_peers, translate
from .racks import parse_rack_ids
from .tend import UNKNOWN, Generations, read_generation, read_value

__all__ = ["Asker"]

T = TypeVar("T")

_KNOWS_USER_AGENTS = (8, 1)
_USER_AGENT = "user-agent-set:value=" + base64.b64encode(f"1,python-triospike-{__version__},-".encode()).decode()


class Asker:
    """Asks nodes, each within ``conn_timeout``.

    Args:
        network: How to reach servers.
        policy: The client's.
    """

    def __init__(self, network: Network, policy: ClientPolicy) -> None:
        self._network = network
        self._ip_map = policy.ip_map
        self._alternate = policy.use_services_alternate
        self._rack_aware = policy.rack_aware
        self._timeout = policy.conn_timeout or math.inf

    async def within(self, host: Host, ask: Callable[[], Awaitable[T]]) -> T:
        """Wait for an answer of a host.

        Raises:
            ConnectionFailed: It did not come in time.
        """
        with trio.move_on_after(self._timeout):
            return await ask()
        raise ConnectionFailed(f"{host} did not answer within {self._timeout:g} s")

    def services_command(self) -> str:
        """What asks a node for its own addresses."""
        return "service-clear-alt" if self._alternate else "service-clear-std"

    async def generations(self, node: Node) -> tuple[str, Generations]:
        """Who is there, and what it has changed since; opens the node's connection if there is none.

        Raises:
            AerospikeError: No answer, or none that can be used.
        """
        tending = node.tending
        if tending.connection is None:
            tending.connection = await self._network.open_connection(node.host)
        commands = ["node", "peers-generation", "partition-generation"]
        if self._rack_aware:
            commands.append("rebalance-generation")
        if not tending.introduced and node.build >= _KNOWS_USER_AGENTS:
            commands.append(_USER_AGENT)  # its answer does not matter
            tending.introduced = True
        answer = await self._network.info(tending.connection, commands)
        return read_value(answer, "node"), Generations(
            peers=read_generation(answer, "peers-generation"),
            partitions=read_generation(answer, "partition-generation"),
            rebalance=read_generation(answer, "rebalance-generation") if self._rack_aware else UNKNOWN,
        )

    async def peers(self, connection: Connection, *, alternate: bool | None = None) -> PeersReply:
        """A node's peers, with addresses as they are to be connected to.

        Args:
            connection: To the node.
            alternate: Ask for alternate addresses; None goes by the policy.

        Raises:
            AerospikeError: No answer, or none that can be used.
        """
        use_alternate = self._alternate if alternate is None else alternate
        command = "peers-clear-alt" if use_alternate else "peers-clear-std"
        answer = await self._network.info(connection, [command])
        reply = parse_peers(read_value(answer, command))
        peers = (
            attrs.evolve(peer, hosts=tuple(translate(host, self._ip_map) for host in peer.hosts))
            for peer in reply.peers
        )
        return attrs.evolve(reply, peers=tuple(peers))

    async def replica_maps(self, node: Node) -> tuple[int, tuple[ReplicaMap, ...]]:
        """A node's partition generation and its claims; none of them while the generation is unknown.

        Raises:
            AerospikeError: No answer, or none that can be used.
        """
        answer = await self._network.info(node.connection(), ["partition-generation", "replicas"])
        generation = read_generation(answer, "partition-generation")
        if generation == UNKNOWN:
            return generation, ()
        return generation, parse_replicas(read_value(answer, "replicas"))

    async def racks(self, node: Node) -> tuple[int, dict[str, int]]:
        """A node's rebalance generation and its rack in each namespace; no racks where it knows none.

        Raises:
            AerospikeError: No answer, or none that can be used.
        """
        answer = await self._network.info(node.connection(), ["rebalance-generation", "rack-ids"])
        generation = read_generation(answer, "rebalance-generation")
        try:
            return generation, parse_rack_ids(read_value(answer, "rack-ids"))
        except SecurityError:
            raise
        except ServerError:  # the Community Edition has no racks
            return generation, {}
