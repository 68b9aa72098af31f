"""Commands about what the node keeps: namespaces, sets, statistics, truncation (protocol section 6.8)."""

from __future__ import annotations

from ..._wire.units import EPOCH_2010
from ...key import MAX_NAMESPACE_BYTES, MAX_SET_BYTES, N_PARTITIONS
from ...result_code import ResultCode
from ..indexes.definition import Collection
from ..ports import NodeView
from ..session import Session
from ..storage.namespace import Namespace
from ..storage.record import record_size
from .cluster import live_nodes
from .command import Command
from .names import NAMESPACE_STATISTICS, STATISTICS, join
from .params import InfoError, Params
from .settings import namespace_settings

__all__ = ["COMMANDS"]

_BYTES_OF_A_DIGEST = 64
_BYTES_OF_AN_INDEX = 1 << 24
_BYTES_OF_A_SET_ENTRY = 16
_NS_PER_MS = 1_000_000


def _namespaces(node: NodeView, session: Session, params: Params) -> str:
    return ";".join(node.namespaces)


def _namespace(node: NodeView, session: Session, params: Params) -> str:
    namespace = node.namespaces.get(params.text)
    if namespace is None:
        return "type=unknown"
    return join(NAMESPACE_STATISTICS | _counted(node, namespace) | namespace_settings(namespace.config))


def _counted(node: NodeView, namespace: Namespace) -> dict[str, str]:
    """The statistics of a namespace that are counted here."""
    mastered = 0
    used = 0
    for partition_id in range(N_PARTITIONS):
        records = namespace.records(partition_id)
        if records:
            used += sum(map(record_size, records.values()))
            if node.owner_of(namespace.name, partition_id, write=True) is node:
                mastered += len(records)
    replicas = min(namespace.config.replication_factor, node.cluster_size())
    return {
        "ns_cluster_size": str(node.cluster_size()),
        "effective_replication_factor": str(replicas),
        "objects": str(namespace.count),
        "master_objects": str(mastered),
        "prole_objects": str(namespace.count - mastered),
        "current_time": str(namespace.now_ms() // 1000),
        "data_used_bytes": str(used),
        "index_used_bytes": str(_BYTES_OF_A_DIGEST * namespace.count),
        "sindex_used_bytes": str(_BYTES_OF_AN_INDEX * len(namespace.indexes.all)),
        "set_index_used_bytes": str(_used_by_set_indexes(namespace)),
        "non_expirable_objects": str(namespace.count - namespace.expirable),
        "truncate_lut": str(namespace.truncated.get(None, 0)),
    } | {name: str(count) for name, count in namespace.statistics.items()}


def _used_by_set_indexes(namespace: Namespace) -> int:
    return sum(
        _BYTES_OF_A_SET_ENTRY * namespace.sets.get(index.definition.set_name, 0)
        for index in namespace.indexes
        if index.definition.collection is Collection.SET
    )


def _sets(node: NodeView, session: Session, params: Params) -> str:
    name, _, set_name = params.text.partition("/")
    if not name:
        return "".join(_sets_of(namespace) for namespace in node.namespaces.values())
    namespace = node.namespaces.get(name)
    if namespace is None:
        return "ns_type=unknown"
    if not set_name:
        return _sets_of(namespace)
    wanted = set_name.encode("utf-8", "surrogateescape")
    return _set_row(namespace, wanted) if wanted in namespace.sets else ""


def _sets_of(namespace: Namespace) -> str:
    rows = []
    for set_name in namespace.sets:
        if set_name:
            text = set_name.decode("utf-8", "surrogateescape")
            rows.append(f"ns={namespace.name}:set={text}:{_set_row(namespace, set_name)}")
    return "".join(rows)


def _set_row(namespace: Namespace, set_name: bytes) -> str:
    used = 0
    for partition_id in range(N_PARTITIONS):
        for record in namespace.records(partition_id).values():
            if record.set_name == set_name:
                used += record_size(record)
    values = {
        "objects": namespace.sets[set_name],
        "tombstones": 0,
        "data_used_bytes": used,
        "truncate_lut": namespace.truncated.get(set_name, 0),
        "sindexes": namespace.indexes.of_set(set_name),
        "index_populating": "false",
        "truncating": "false",
        "default-read-touch-ttl-pct": 0,
        "default-ttl": 0,
        "disable-eviction": "false",
        "enable-index": str(namespace.indexes.has_set_index(set_name)).lower(),
        "stop-writes-count": 0,
        "stop-writes-size": 0,
    }
    return ":".join(f"{name}={value}" for name, value in values.items()) + ";"


def _statistics(node: NodeView, session: Session, params: Params) -> str:
    known = {name: str(value) for name, value in node.statistics().items()}
    return join(
        STATISTICS
        | {
            "cluster_size": str(node.cluster_size()),
            "cluster_key": node.cluster_key(),
            "objects": _objects(node, session, params),
            "long_queries_active": str(len(node.jobs)),
        }
        | known
    )


def _objects(node: NodeView, session: Session, params: Params) -> str:
    return str(sum(namespace.count for namespace in node.namespaces.values()))


def _truncate(node: NodeView, session: Session, params: Params) -> str:
    name = params.required("namespace", limit=MAX_NAMESPACE_BYTES)
    set_name = params.required("set", limit=MAX_SET_BYTES)
    return _truncate_to(node, name, set_name.encode("utf-8", "surrogateescape"), params)


def _truncate_namespace(node: NodeView, session: Session, params: Params) -> str:
    name = params.required("namespace", limit=MAX_NAMESPACE_BYTES)
    _refuse_set(params)
    return _truncate_to(node, name, None, params)


def _refuse_set(params: Params) -> None:
    """Refuse to do to a namespace what was perhaps meant for one set of it."""
    if params.raw("set") is not None:
        raise InfoError(ResultCode.PARAMETER, "unexpected set name")


def _truncate_to(node: NodeView, name: str, set_name: bytes | None, params: Params) -> str:
    """Remove all records written before a time, on all nodes. A namespace that is none has nothing to remove."""
    lut = params.optional("lut", limit=23)
    now = int((node.wall_clock() - EPOCH_2010) * 1000)
    before = now + 1  # "now" takes with it what was written in this same millisecond
    if lut is not None:
        before = max(_number(lut) // _NS_PER_MS - EPOCH_2010 * 1000, 0)
        if before == 0:
            raise InfoError(ResultCode.PARAMETER, "would truncate to 0")
        if before > now:
            raise InfoError(ResultCode.PARAMETER, "would truncate in the future")
    if name in node.namespaces:
        for partition_id in range(N_PARTITIONS):
            owner = node.owner_of(name, partition_id, write=True)
            if owner is not None:
                owner.namespaces[name].truncated[set_name] = before
                for digest in owner.namespaces[name].remove_older(partition_id, before, set_name):
                    owner.replicate(name, digest)
    return "ok"


def _number(text: str) -> int:
    """A number as C reads it: decimal, hexadecimal or octal, and 0 for what is none."""
    try:
        return int(text, 8 if len(text) > 1 and text.startswith("0") and text.isdecimal() else 0)
    except ValueError:
        return 0


def _undo(node: NodeView, session: Session, params: Params) -> str:
    # What a real server undoes is the mark by which it hides truncated records; here they are gone at once.
    name = params.required("namespace", limit=MAX_NAMESPACE_BYTES)
    set_name = params.required("set", limit=MAX_SET_BYTES)
    return _forget_truncation(node, name, set_name.encode("utf-8", "surrogateescape"))


def _undo_namespace(node: NodeView, session: Session, params: Params) -> str:
    name = params.required("namespace", limit=MAX_NAMESPACE_BYTES)
    _refuse_set(params)
    return _forget_truncation(node, name, None)


def _forget_truncation(node: NodeView, name: str, set_name: bytes | None) -> str:
    for member in live_nodes(node):
        if name in member.namespaces:
            member.namespaces[name].truncated.pop(set_name, None)
    return "ok"


def _histogram(node: NodeView, session: Session, params: Params) -> str:
    params.namespace(node)
    params.required("type")
    return ""


_LATENCIES = ("read", "write", "udf", "batch-sub-read", "batch-sub-write", "batch-sub-udf", "pi-query", "si-query")


def _latencies(node: NodeView, session: Session, params: Params) -> str:
    """Histograms are off: the names, each without values, as a real server tells it."""
    known = ["batch-index", *(f"{{{name}}}-{kind}" for name in node.namespaces for kind in _LATENCIES)]
    wanted = params.optional("hist")
    if wanted is not None:
        if wanted not in known:
            raise InfoError(ResultCode.PARAMETER, "bad hist name")
        known = [wanted]
    return ";".join(f"{name}:" for name in known)


def _get_stats(node: NodeView, session: Session, params: Params) -> str:
    if params.required("context") == "xdr":
        raise InfoError(ResultCode.ENTERPRISE_ONLY, "enterprise only")
    raise InfoError(ResultCode.PARAMETER, "unknown context")


COMMANDS: dict[str, Command] = {
    "namespaces": _namespaces,
    "namespace": _namespace,
    "sets": _sets,
    "statistics": _statistics,
    "objects": _objects,
    "truncate": _truncate,
    "truncate-namespace": _truncate_namespace,
    "truncate-undo": _undo,
    "truncate-namespace-undo": _undo_namespace,
    "histogram": _histogram,
    "latencies": _latencies,
    "get-stats": _get_stats,
}
"""Answers by command name."""
