"""How the cluster is, with reasons: what `Client.health` returns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import trio

from .._net.pool import PoolStatistics
from ..errors import AerospikeError
from .advice import Unreachable, explain
from .node import Node
from .partition_map import PartitionMap

__all__ = ["ClientHealth", "NamespaceHealth", "NodeHealth", "examine"]


@attrs.frozen(kw_only=True)
class NodeHealth:
    """One node.

    Attributes:
        name: The node's id.
        address: Where it is connected to.
        active: It belongs to the cluster.
        last_tend: Seconds since it last answered the tend task.
        last_error: What went wrong in the last tend, or None.
        failures: Tends in a row that it did not answer.
        pool: Its connections.
        accepts_commands: False while its error rate is exceeded.
        errors_in_window: Errors in the present window.
        max_errors_in_window: How many the present window may hold; None without a limit.
        racks: The rack it is on, by namespace; empty unless the client is rack aware.
    """

    name: str
    address: str
    active: bool
    last_tend: float
    last_error: str | None
    failures: int
    pool: PoolStatistics
    accepts_commands: bool
    errors_in_window: int
    max_errors_in_window: int | None
    racks: dict[str, int] = attrs.field(factory=dict, hash=False)


@attrs.frozen(kw_only=True)
class NamespaceHealth:
    """One namespace.

    Attributes:
        name: Its name.
        strong_consistency: It promises strong consistency.
        regime: The latest regime of any of its partitions; 0 without strong consistency.
        without_owner: The partitions that no active node is the master of.
    """

    name: str
    strong_consistency: bool
    regime: int
    without_owner: tuple[int, ...]


@attrs.frozen(kw_only=True)
class ClientHealth:
    """The cluster at one moment.

    Attributes:
        problems: What is wrong, in words; empty when nothing is.
        nodes: The nodes of the cluster.
        namespaces: Its namespaces.
        unreachable: Nodes that others advertise, and that can't be used, in words.
        tends: How many tends there were.
        last_tend: Seconds since the last one ended.
        last_error: Why the seeds could not be used when they were last needed, or None.
    """

    problems: tuple[str, ...]
    nodes: tuple[NodeHealth, ...]
    namespaces: tuple[NamespaceHealth, ...]
    unreachable: tuple[str, ...]
    tends: int
    last_tend: float
    last_error: str | None

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return not self.problems


def examine(
    *,
    nodes: Sequence[Node],
    partition_map: PartitionMap,
    unreachable: Sequence[Unreachable],
    tends: int,
    last_tend: float,
    last_error: AerospikeError | None,
) -> ClientHealth:
    """Gather what is known of a cluster."""
    node_healths = tuple(map(_node_health, nodes))
    namespaces = tuple(
        NamespaceHealth(
            name=name,
            strong_consistency=table.strong_consistency,
            regime=max(table.regimes),
            without_owner=table.without_owner(),
        )
        for name, table in sorted(partition_map.tables.items())
    )
    return ClientHealth(
        problems=tuple(_problems(node_healths, namespaces, unreachable, last_error)),
        nodes=node_healths,
        namespaces=namespaces,
        unreachable=tuple(map(str, unreachable)),
        tends=tends,
        last_tend=last_tend,
        last_error=explain(last_error) if last_error is not None else None,
    )


def _node_health(node: Node) -> NodeHealth:
    tending = node.tending
    statistics = node.statistics()
    return NodeHealth(
        name=node.name,
        address=statistics.address,
        active=node.active,
        last_tend=trio.current_time() - tending.last_answer,
        last_error=explain(tending.last_error) if tending.last_error is not None else None,
        failures=tending.failures,
        pool=statistics.pool,
        accepts_commands=statistics.accepts_commands,
        errors_in_window=statistics.errors_in_window,
        max_errors_in_window=statistics.max_errors_in_window,
        racks=dict(node.racks),
    )


def _problems(
    nodes: Sequence[NodeHealth],
    namespaces: Sequence[NamespaceHealth],
    unreachable: Sequence[Unreachable],
    last_error: AerospikeError | None,
) -> Iterator[str]:
    if not nodes:
        reason = f": {explain(last_error)}" if last_error is not None else ""
        yield f"no node can be reached{reason}"
    elif not namespaces:
        yield "no node has sent its partition map yet"
    for node in nodes:
        if node.failures:
            yield f"node {node.name} at {node.address} failed {node.failures} tends in a row: {node.last_error}"
        elif node.last_error is not None:
            yield f"node {node.name} at {node.address}: {node.last_error}"
        if not node.accepts_commands:
            yield (
                f"node {node.name} gets no commands: {node.errors_in_window} errors in this window, "
                f"at most {node.max_errors_in_window} are allowed"
            )
    for namespace in namespaces:
        if namespace.without_owner:
            yield f"{len(namespace.without_owner)} partitions of namespace {namespace.name!r} have no owner"
    for peer in unreachable:
        yield f"a node is advertised that can't be used: {peer}"
