"""Commands that tell of the cluster: what clients tend by (protocol sections 6.3 to 6.5)."""

from __future__ import annotations

from ...key import N_PARTITIONS
from ...result_code import ResultCode
from ..ports import NodeView
from ..session import Session
from .command import Command
from .params import InfoError, Params

__all__ = ["COMMANDS", "live_nodes"]


def live_nodes(node: NodeView) -> list[NodeView]:
    """All nodes that master a partition, which is every live one, by id from high to low."""
    found: dict[str, NodeView] = {}
    for name in node.namespaces:
        for partition_id in range(N_PARTITIONS):
            owner = node.owner_of(name, partition_id, write=True)
            if owner is not None:
                found.setdefault(owner.node_id, owner)
    return sorted(found.values(), key=lambda owner: int(owner.node_id, 16), reverse=True)


def _peers(kind: str) -> Command:
    def answer(node: NodeView, session: Session, params: Params) -> str:
        since = params.optional("generation")
        if since is not None and not since.isdecimal():
            raise InfoError(ResultCode.PARAMETER, "bad generation")
        return node.peers_text(kind, None if since is None else int(since))

    return answer


def _other_services(node: NodeView, session: Session, params: Params) -> str:
    addresses = [peer.service_text("clear-std") for peer in live_nodes(node) if peer.node_id != node.node_id]
    return ";".join(addresses)


def _other_services_alternate(node: NodeView, session: Session, params: Params) -> str:
    addresses = [peer.service_text("clear-alt") for peer in live_nodes(node) if peer.node_id != node.node_id]
    return ";".join(filter(None, addresses))


def _replicas(node: NodeView, session: Session, params: Params) -> str:
    limit = params.optional("max")
    if limit is not None and not limit.isdecimal():
        raise InfoError(ResultCode.PARAMETER, "bad max")
    return node.replicas_text(int(limit or 0) or None)


def _replicas_all(node: NodeView, session: Session, params: Params) -> str:
    items = []
    for item in node.replicas_text().split(";"):
        name, _, columns = item.partition(":")
        items.append(f"{name}:{columns.partition(',')[2]}")
    return ";".join(items)


def _replicas_master(node: NodeView, session: Session, params: Params) -> str:
    items = []
    for item in node.replicas_text(1).split(";"):
        name, _, columns = item.partition(":")
        items.append(f"{name}:{columns.split(',')[2]}")
    return ";".join(items)


def _cluster_stable(node: NodeView, session: Session, params: Params) -> str:
    size = params.optional("size")
    if size is not None:
        if not size.isdecimal():
            raise InfoError(ResultCode.PARAMETER, "bad size")
        if int(size) != node.cluster_size():
            raise InfoError(ResultCode.CLUSTER_CHANGE, "cluster not specified size")
    if not params.optional_flag("ignore-migrations", "bad ignore migrations"):
        params.optional_namespace(node)
        if not node.is_stable():
            raise InfoError(ResultCode.CLUSTER_CHANGE, "unstable cluster")
    return node.cluster_key()


def _rack_ids(node: NodeView, session: Session, params: Params) -> str:
    _refuse_without_racks(node)
    return ";".join(f"{name}:{rack}" for name, rack in node.rack_ids.items())


def _racks(node: NodeView, session: Session, params: Params) -> str:
    _refuse_without_racks(node)
    namespace = params.optional_namespace(node)
    nodes = live_nodes(node)
    if namespace is not None:
        return _racks_of(nodes, namespace.name)
    return ";".join(f"ns={name}:{_racks_of(nodes, name)}" for name in node.namespaces)


def _racks_of(nodes: list[NodeView], name: str) -> str:
    racks: dict[int, list[str]] = {}
    for member in nodes:
        racks.setdefault(member.rack_ids[name], []).append(member.node_id)
    return ":".join(f"rack_{rack}={','.join(ids)}" for rack, ids in sorted(racks.items()))


def _refuse_without_racks(node: NodeView) -> None:
    """Racks belong to the Enterprise Edition; a cluster that is given some answers as that edition does."""
    if not node.config.rack_ids:
        raise InfoError(ResultCode.ENTERPRISE_ONLY, "enterprise only")


COMMANDS: dict[str, Command] = {
    "node": lambda node, session, params: node.node_id,
    "name": lambda node, session, params: node.node_id,
    "cluster-name": lambda node, session, params: node.config.cluster_name,
    "partitions": lambda node, session, params: str(N_PARTITIONS),
    "partition-generation": lambda node, session, params: str(node.partition_generation),
    "peers-generation": lambda node, session, params: str(node.peers_generation),
    "rebalance-generation": lambda node, session, params: str(node.rebalance_generation),
    "peers-clear-std": _peers("clear-std"),
    "peers-clear-alt": _peers("clear-alt"),
    "alumni-clear-std": _peers("clear-std"),
    "alumni-clear-alt": _peers("clear-alt"),
    "service": lambda node, session, params: node.service_text("clear-std"),
    "service-clear-std": lambda node, session, params: node.service_text("clear-std"),
    "service-clear-alt": lambda node, session, params: node.service_text("clear-alt"),
    "services": _other_services,
    "services-alternate": _other_services_alternate,
    "services-alumni": _other_services,
    "replicas": _replicas,
    "replicas-all": _replicas_all,
    "replicas-master": _replicas_master,
    "cluster-stable": _cluster_stable,
    "rack-ids": _rack_ids,
    "racks": _racks,
    "status": lambda node, session, params: "ok",
}
"""Answers by command name."""
