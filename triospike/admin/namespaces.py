"""Namespaces and sets, as servers count them (protocol section 6.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from .._wire.units import EPOCH_2010
from .pairs import flag_of, largest, number_of, parse_pairs, parse_rows, ratio_of, smallest, total

__all__ = ["NamespaceInfo", "SetInfo", "merge_namespaces", "merge_sets", "parse_namespace", "parse_sets"]

_UNKNOWN = ("type=unknown", "ns_type=unknown")


@attrs.frozen(kw_only=True)
class NamespaceInfo:
    """One namespace, on one node or on all that were asked. None stands for what servers do not tell.

    Attributes:
        name: Its name.
        replication_factor: Copies kept of each record: as configured, but no more than there are nodes.
        records: Records, each counted once.
        objects: Copies of records on the nodes that were asked.
        tombstones: Marks of deleted records on them.
        stop_writes: A node refuses writes.
        high_water_breached: A node evicts records to make room.
        data_used_bytes: Bytes of records.
        data_total_bytes: Bytes that there are for records.
        data_available_percent: Room left, where there is least.
        index_used_bytes: Bytes of the primary index.
        sindex_used_bytes: Bytes of secondary indexes.
        migrations_remaining: Partitions that still have to move.
        dead_partitions: Partitions that have lost data.
        unavailable_partitions: Partitions that can't be used.
        default_ttl: Seconds that records live by default, 0 for ever.
        strong_consistency: The namespace promises strong consistency.
        nodes: Name of each node that was asked to its own numbers; empty for one node's own numbers.
        raw: All that one node said; empty for several nodes.
    """

    name: str
    replication_factor: int | None
    records: int | None
    objects: int | None
    tombstones: int | None
    stop_writes: bool | None
    high_water_breached: bool | None
    data_used_bytes: int | None
    data_total_bytes: int | None
    data_available_percent: float | None
    index_used_bytes: int | None
    sindex_used_bytes: int | None
    migrations_remaining: int | None
    dead_partitions: int | None
    unavailable_partitions: int | None
    default_ttl: int | None
    strong_consistency: bool | None
    nodes: Mapping[str, NamespaceInfo] = attrs.field(factory=dict, repr=False)
    raw: Mapping[str, str] = attrs.field(factory=dict, repr=False)


@attrs.frozen(kw_only=True)
class SetInfo:
    """One set, on one node or on all that were asked. None stands for what servers do not tell.

    Attributes:
        namespace: Where it is.
        name: Its name.
        objects: Copies of its records on the nodes that were asked; one record has as many as its namespace's
            ``replication_factor``.
        tombstones: Marks of deleted records.
        data_used_bytes: Bytes of its records.
        truncated_before: Unix seconds: records last written before were truncated. None if it never was.
        truncating: Truncated records are still being removed; nobody sees them any more.
        indexes: Secondary indexes on it.
        has_set_index: It has an index of its records.
        default_ttl: Seconds that its records live by default; 0 is as the namespace has it.
        stop_writes_count: Records at which writes are refused; 0 is no limit.
        nodes: Name of each node that was asked to its own numbers; empty for one node's own numbers.
        raw: All that one node said; empty for several nodes.
    """

    namespace: str
    name: str
    objects: int | None
    tombstones: int | None
    data_used_bytes: int | None
    truncated_before: float | None
    truncating: bool | None
    indexes: int | None
    has_set_index: bool | None
    default_ttl: int | None
    stop_writes_count: int | None
    nodes: Mapping[str, SetInfo] = attrs.field(factory=dict, repr=False)
    raw: Mapping[str, str] = attrs.field(factory=dict, repr=False)


def parse_namespace(name: str, text: str) -> NamespaceInfo | None:
    """Read the value of ``namespace/<name>``; None if the node has none of that name."""
    if text in _UNKNOWN:
        return None
    pairs = parse_pairs(text)
    return NamespaceInfo(
        name=name,
        replication_factor=number_of(pairs, "effective_replication_factor", "replication-factor", "repl-factor"),
        records=number_of(pairs, "master_objects"),
        objects=number_of(pairs, "objects"),
        tombstones=number_of(pairs, "tombstones"),
        stop_writes=flag_of(pairs, "stop_writes"),
        high_water_breached=flag_of(pairs, "hwm_breached"),
        data_used_bytes=number_of(pairs, "data_used_bytes", "device_used_bytes", "memory_used_data_bytes"),
        data_total_bytes=number_of(pairs, "data_total_bytes", "device_total_bytes", "memory-size"),
        data_available_percent=ratio_of(pairs, "data_avail_pct", "device_available_pct", "memory_free_pct"),
        index_used_bytes=number_of(pairs, "index_used_bytes", "memory_used_index_bytes"),
        sindex_used_bytes=number_of(pairs, "sindex_used_bytes", "memory_used_sindex_bytes"),
        migrations_remaining=total(
            number_of(pairs, f"migrate_{way}_partitions_remaining") for way in ("tx", "rx")
        ),
        dead_partitions=number_of(pairs, "dead_partitions"),
        unavailable_partitions=number_of(pairs, "unavailable_partitions"),
        default_ttl=number_of(pairs, "default-ttl"),
        strong_consistency=flag_of(pairs, "strong-consistency"),
        raw=pairs,
    )


def merge_namespaces(by_node: Mapping[str, NamespaceInfo]) -> NamespaceInfo:
    """One namespace's numbers from several nodes: sums, and of states the worst."""
    parts = tuple(by_node.values())
    return NamespaceInfo(
        name=parts[0].name,
        replication_factor=_most(part.replication_factor for part in parts),
        records=total(part.records for part in parts),
        objects=total(part.objects for part in parts),
        tombstones=total(part.tombstones for part in parts),
        stop_writes=_any([part.stop_writes for part in parts]),
        high_water_breached=_any([part.high_water_breached for part in parts]),
        data_used_bytes=total(part.data_used_bytes for part in parts),
        data_total_bytes=total(part.data_total_bytes for part in parts),
        data_available_percent=smallest(part.data_available_percent for part in parts),
        index_used_bytes=total(part.index_used_bytes for part in parts),
        sindex_used_bytes=total(part.sindex_used_bytes for part in parts),
        migrations_remaining=total(part.migrations_remaining for part in parts),
        # Each node tells how many there are in the cluster.
        dead_partitions=_most(part.dead_partitions for part in parts),
        unavailable_partitions=_most(part.unavailable_partitions for part in parts),
        default_ttl=parts[0].default_ttl,
        strong_consistency=_any([part.strong_consistency for part in parts]),
        nodes=dict(by_node),
    )


def parse_sets(text: str) -> list[SetInfo]:
    """Read the value of ``sets`` or ``sets/<namespace>``; empty for a namespace that the node does not have."""
    if text in _UNKNOWN:
        return []
    return [_set(row) for row in parse_rows(text) if "ns" in row and ("set" in row or "set_name" in row)]


def _set(row: Mapping[str, str]) -> SetInfo:
    return SetInfo(
        namespace=row["ns"],
        name=row.get("set") or row.get("set_name", ""),
        objects=number_of(row, "objects", "n_objects"),
        tombstones=number_of(row, "tombstones"),
        data_used_bytes=number_of(row, "data_used_bytes", "device_data_bytes", "memory_data_bytes"),
        truncated_before=_truncated(number_of(row, "truncate_lut")),
        truncating=flag_of(row, "truncating"),
        indexes=number_of(row, "sindexes"),
        has_set_index=flag_of(row, "enable-index"),
        default_ttl=number_of(row, "default-ttl"),
        stop_writes_count=number_of(row, "stop-writes-count"),
        raw=row,
    )


def _truncated(lut: int | None) -> float | None:
    """From milliseconds since 2010, as servers keep times of updates."""
    return lut / 1000 + EPOCH_2010 if lut else None


def merge_sets(by_node: Mapping[str, Sequence[SetInfo]]) -> list[SetInfo]:
    """The sets of several nodes, each once, by namespace and name."""
    found: dict[tuple[str, str], dict[str, SetInfo]] = {}
    for node, sets in by_node.items():
        for one in sets:
            found.setdefault((one.namespace, one.name), {})[node] = one
    return [_merged_set(parts) for _, parts in sorted(found.items())]


def _merged_set(by_node: Mapping[str, SetInfo]) -> SetInfo:
    parts = tuple(by_node.values())
    first = parts[0]
    return SetInfo(
        namespace=first.namespace,
        name=first.name,
        objects=total(part.objects for part in parts),
        tombstones=total(part.tombstones for part in parts),
        data_used_bytes=total(part.data_used_bytes for part in parts),
        truncated_before=largest(part.truncated_before for part in parts),
        truncating=_any([part.truncating for part in parts]),
        indexes=_most(part.indexes for part in parts),
        has_set_index=_any([part.has_set_index for part in parts]),
        default_ttl=first.default_ttl,
        stop_writes_count=first.stop_writes_count,
        nodes=dict(by_node),
    )


def _any(values: Sequence[bool | None]) -> bool | None:
    known = [value for value in values if value is not None]
    return any(known) if known else None


def _most(values: Iterable[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)
