"""Nodes, racks and settings, as servers tell them (protocol section 6.3)."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ..errors import ProtocolError
from .pairs import flag_of, number_of, parse_pairs, ratio_of, text_of

__all__ = ["Configuration", "NodeInfo", "parse_node", "parse_racks"]


@attrs.frozen(kw_only=True)
class NodeInfo:
    """What a node says of itself. None stands for what it does not tell.

    Attributes:
        name: Its id.
        build: Version of its server, such as "8.1.2.0".
        uptime: Seconds since its start.
        cluster_size: Nodes of its cluster.
        cluster_key: What the cluster calls its present state; all nodes of a cluster have the same.
        in_cluster: It sees itself as a member of the cluster.
        client_connections: Open connections of clients.
        objects: Copies of records that it has, of all namespaces.
        tombstones: Marks of deleted records.
        queries_active: Long queries that it runs.
        migrations_remaining: Partitions that still have to move.
        migrations_allowed: Partitions may move.
        process_cpu_percent: Load of the server, 100 being one processor.
        system_free_memory_percent: Memory of its machine that is free.
        clock_skew_seconds: By how much the clocks of the cluster differ.
        raw: All of its statistics.
    """

    name: str
    build: str
    uptime: int | None
    cluster_size: int | None
    cluster_key: str | None
    in_cluster: bool | None
    client_connections: int | None
    objects: int | None
    tombstones: int | None
    queries_active: int | None
    migrations_remaining: int | None
    migrations_allowed: bool | None
    process_cpu_percent: float | None
    system_free_memory_percent: float | None
    clock_skew_seconds: float | None
    raw: Mapping[str, str] = attrs.field(repr=False)


@attrs.frozen
class Configuration:
    """Settings of one context, node by node, as the servers write them.

    Attributes:
        context: "service", "network", "namespace", "security" or "xdr".
        namespace: The namespace, for the context "namespace".
        nodes: Name of each node that was asked to its settings.
    """

    context: str
    namespace: str | None
    nodes: Mapping[str, Mapping[str, str]] = attrs.field(repr=False)

    def __getitem__(self, name: str) -> str:
        """The value of a setting, where all nodes have the same.

        Raises:
            KeyError: A node does not have the setting, or the nodes do not agree.
        """
        found = {pairs.get(name) for pairs in self.nodes.values()}
        if len(found) == 1 and (value := found.pop()) is not None:
            return value
        told = {node: pairs.get(name) for node, pairs in self.nodes.items()}
        raise KeyError(f"{name!r} is not one value on all nodes: {told}")

    @property
    def common(self) -> dict[str, str]:
        """The settings that are the same on all nodes."""
        first = next(iter(self.nodes.values()), {})
        return {
            name: value
            for name, value in first.items()
            if all(pairs.get(name) == value for pairs in self.nodes.values())
        }

    @property
    def differing(self) -> dict[str, dict[str, str | None]]:
        """The settings that are not: name of each to the value on each node, None where there is none."""
        common = self.common
        names = {name: None for pairs in self.nodes.values() for name in pairs if name not in common}
        return {name: {node: pairs.get(name) for node, pairs in self.nodes.items()} for name in names}


def parse_node(name: str, build: str, text: str) -> NodeInfo:
    """Read the value of ``statistics``.

    Args:
        name: The node's id.
        build: Version of its server.
        text: The value.
    """
    pairs = parse_pairs(text)
    skew = ratio_of(pairs, "cluster_clock_skew_ms")
    return NodeInfo(
        name=name,
        build=build,
        uptime=number_of(pairs, "uptime"),
        cluster_size=number_of(pairs, "cluster_size"),
        cluster_key=text_of(pairs, "cluster_key"),
        in_cluster=flag_of(pairs, "cluster_is_member"),
        client_connections=number_of(pairs, "client_connections"),
        objects=number_of(pairs, "objects"),
        tombstones=number_of(pairs, "tombstones"),
        queries_active=number_of(pairs, "long_queries_active", "queries_active"),
        migrations_remaining=number_of(pairs, "migrate_partitions_remaining"),
        migrations_allowed=flag_of(pairs, "migrate_allowed"),
        process_cpu_percent=ratio_of(pairs, "process_cpu_pct"),
        system_free_memory_percent=ratio_of(pairs, "system_free_mem_pct"),
        clock_skew_seconds=None if skew is None else skew / 1000,
        raw=pairs,
    )


def parse_racks(text: str) -> dict[str, dict[int, tuple[str, ...]]]:
    """Read the value of ``racks:``: namespace to number of a rack to the names of its nodes.

    Raises:
        ProtocolError: The text is not of this grammar.
    """
    found: dict[str, dict[int, tuple[str, ...]]] = {}
    for row in text.split(";"):
        if not row:
            continue
        pairs = parse_pairs(row, ":")
        namespace = pairs.pop("ns", "")
        racks: dict[int, tuple[str, ...]] = {}
        for word, nodes in pairs.items():
            number = number_of({"": word.removeprefix("rack_")}, "")
            if number is None or not word.startswith("rack_"):
                raise ProtocolError(f"malformed racks of a namespace: {row[:80]!r}")
            racks[number] = tuple(node for node in nodes.split(",") if node)
        if not namespace:
            raise ProtocolError(f"racks of no namespace: {row[:80]!r}")
        found[namespace] = racks
    return found
