"""What a tend decides, on plain data and without any I/O: what changed, who joins, who leaves.

The rules are those of protocol sections 16.3 to 16.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from .._wire.info import info_error
from ..errors import ProtocolError
from ..host import Host
from .peers_parser import Peer

__all__ = [
    "MAX_FAILURES",
    "UNKNOWN",
    "Changes",
    "Generations",
    "NodeFacts",
    "PeersPlan",
    "compare",
    "is_loopback",
    "leavers",
    "may_read_map",
    "plan_peers",
    "read_generation",
    "read_value",
]

UNKNOWN = -1
"""A generation that no node has; as a partition generation: the node is not ready."""

MAX_FAILURES = 5
"""Tends in a row without an answer after which a node leaves though no other node is there to tell."""

_MAX_DIGITS = 20


@attrs.frozen
class Generations:
    """Counters by which a node tells that something has changed.

    Attributes:
        peers: Of its list of peers.
        partitions: Of its replica map; -1 while it is not ready.
        rebalance: Of its racks; -1 when not asked for.
    """

    peers: int = UNKNOWN
    partitions: int = UNKNOWN
    rebalance: int = UNKNOWN


@attrs.frozen
class Changes:
    """What a node's new generations mean.

    Attributes:
        peers: Its list of peers is to be read again.
        partitions: Its replica map is to be read again.
        racks: Its racks are to be read again.
        restarted: It has begun anew, so quickly that no tend failed.
    """

    peers: bool
    partitions: bool
    racks: bool
    restarted: bool


def compare(seen: Generations, now: Generations) -> Changes:
    """What changed between two answers of one node."""
    return Changes(
        peers=now.peers != seen.peers,
        partitions=now.partitions not in {seen.partitions, UNKNOWN},
        racks=now.rebalance not in {seen.rebalance, UNKNOWN},
        restarted=now.peers < seen.peers,
    )


def read_value(answer: Mapping[str, str], command: str) -> str:
    """The value of an info command.

    Raises:
        ProtocolError: The answer lacks it.
        AerospikeError: The server answered with an error.
    """
    value = answer.get(command)
    if value is None:
        raise ProtocolError(f"the answer lacks a value for {command!r}")
    error = info_error(value)
    if error is not None:
        raise error
    return value


def read_generation(answer: Mapping[str, str], command: str) -> int:
    """The value of an info command that is a generation.

    Raises:
        ProtocolError: The value is missing, or no integer.
        AerospikeError: The server answered with an error.
    """
    value = read_value(answer, command)
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS):
        raise ProtocolError(f"{command} is no integer: {value[:80]!r}")
    return int(value)


def is_loopback(name: str) -> bool:
    """True for the addresses of this machine to itself."""
    return name == "localhost" or name == "::1" or name.startswith("127.")


@attrs.frozen
class NodeFacts:
    """A known node, as far as decisions need it.

    Attributes:
        name: The node's id.
        address: Where it is connected to: name and port.
        loopback: This address is one of the own machine.
        active: It belongs to the cluster.
        failures: Tends in a row that it did not answer.
        owns_partitions: The partition map names it somewhere.
    """

    name: str
    address: tuple[str, int]
    loopback: bool = False
    active: bool = True
    failures: int = 0
    owns_partitions: bool = True


@attrs.frozen
class PeersPlan:
    """What lists of peers mean.

    Attributes:
        friends: Known nodes that are in some list.
        wanted: Nodes to connect to: unknown ones, and known ones that fail and have moved.
    """

    friends: frozenset[str]
    wanted: tuple[Peer, ...]


def plan_peers(lists: Iterable[Sequence[Peer]], known: Mapping[str, NodeFacts]) -> PeersPlan:
    """Sort the peers of all lists into friends and wanted ones.

    Args:
        lists: Lists of peers, with addresses as they are to be connected to.
        known: The nodes that the client has, by name.
    """
    friends: set[str] = set()
    wanted: dict[str, Peer] = {}
    for peers in lists:
        for peer in peers:
            node = known.get(peer.name)
            if node is not None and (not node.failures or node.loopback or _listens_at(peer, node)):
                friends.add(peer.name)
            elif peer.name not in wanted:
                wanted[peer.name] = peer
            else:
                hosts = (*wanted[peer.name].hosts, *peer.hosts)
                wanted[peer.name] = attrs.evolve(peer, hosts=tuple(dict.fromkeys(hosts)))
    return PeersPlan(frozenset(friends), tuple(peer for name, peer in wanted.items() if name not in friends))


def _listens_at(peer: Peer, node: NodeFacts) -> bool:
    return any(_address(host) == node.address for host in peer.hosts)


def _address(host: Host) -> tuple[str, int]:
    return host.name, host.port


def leavers(
    nodes: Sequence[NodeFacts], friends: frozenset[str], answered: int, *, seeds_only: bool = False
) -> list[tuple[str, str]]:
    """The nodes that are to be removed, each with the reason.

    Args:
        nodes: All known nodes.
        friends: Names that are in some node's list of peers.
        answered: How many nodes answered in this tend.
        seeds_only: Nodes are not expected to be in any list.
    """
    leaving: list[tuple[str, str]] = []
    for node in nodes:
        reason = ""
        if not node.active:
            reason = "it is inactive"
        elif not answered:
            if node.failures >= MAX_FAILURES:
                reason = f"it failed {node.failures} tends in a row"
        elif len(nodes) > 1 and node.name not in friends:
            if node.failures:
                reason = "it does not answer, and no other node knows it"
            elif not node.owns_partitions and not seeds_only:
                reason = "no other node knows it, and it owns no partition"
        if reason:
            leaving.append((node.name, reason))
    return leaving


def may_read_map(peers_count: int, answered: int, *, seeds_only: bool = False) -> bool:
    """True when a node's replica map can be trusted.

    A node that knows no peers while others are there has lost its cluster, and would claim all partitions.
    """
    return seeds_only or peers_count > 0 or answered == 1
