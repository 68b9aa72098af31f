"""Secondary indexes, as servers list them (protocol section 6.6)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from enum import Enum

import attrs

from .._wire.opcodes import CollectionKind
from ..errors import ProtocolError
from ..operations.context import ContextStep, from_base64
from .pairs import number_of, parse_pairs, parse_rows, smallest, text_of, total

__all__ = [
    "IndexInfo",
    "IndexKind",
    "IndexStatistics",
    "merge_indexes",
    "merge_statistics",
    "parse_indexes",
    "parse_load",
]


class IndexKind(Enum):
    """The values that an index is on. Values of other kinds are not in it; that is no error.

    Attributes:
        INTEGER: Integers (C: ``AS_INDEX_NUMERIC``, ``AS_INDEX_INTEGER``).
        STRING: Strings.
        BLOB: Bytes (server 7.0).
        GEO: GeoJSON, points and regions.
    """

    INTEGER = "integer"
    STRING = "string"
    BLOB = "blob"
    GEO = "geo2dsphere"


_KINDS = {
    "numeric": IndexKind.INTEGER,
    "integer": IndexKind.INTEGER,
    "string": IndexKind.STRING,
    "blob": IndexKind.BLOB,
    "geo2dsphere": IndexKind.GEO,
}
_COLLECTIONS = {
    "default": CollectionKind.DEFAULT,
    "none": CollectionKind.DEFAULT,
    "list": CollectionKind.LIST,
    "mapkeys": CollectionKind.MAP_KEYS,
    "mapvalues": CollectionKind.MAP_VALUES,
}
_SET = "set"
_READABLE = "RW"


@attrs.frozen(kw_only=True)
class IndexInfo:
    """One index.

    Attributes:
        namespace: Where it is.
        name: Its name.
        set_name: The set that it is on; None for records of all sets and of none.
        bin: The bin that it is on; None for an expression, and for a set.
        kind: The values that are in it; None for an index of a set.
        collection: Where in the bin they are; None for an index of a set.
        context: The path to them inside the bin, or None.
        expression: The packed expression that gives them, or None.
        is_set_index: It holds all records of its set, whatever their values.
        readable: Queries can use it: on all nodes that were asked, it is built.
        nodes: Name of each node that was asked to whether the index can be used there.
        raw: What one of the nodes said, as it said it.
    """

    namespace: str
    name: str
    set_name: str | None
    bin: str | None
    kind: IndexKind | None
    collection: CollectionKind | None
    context: tuple[ContextStep, ...] | None
    expression: bytes | None
    is_set_index: bool
    readable: bool
    nodes: Mapping[str, bool] = attrs.field(factory=dict)
    raw: Mapping[str, str] = attrs.field(factory=dict, repr=False)


@attrs.frozen(kw_only=True)
class IndexStatistics:
    """Numbers of one index. None stands for what servers do not tell.

    Attributes:
        entries: Entries on all nodes that were asked, those for replicas too.
        used_bytes: Memory on all of them.
        loaded: How far it is built where it is built least, from 0 to 1.
        load_seconds: How long building took, where it took longest.
        raw: Name of each node that was asked to all that it said.
    """

    entries: int | None
    used_bytes: int | None
    loaded: float
    load_seconds: float | None
    raw: Mapping[str, Mapping[str, str]] = attrs.field(repr=False)


def parse_indexes(text: str) -> list[IndexInfo]:
    """Read the value of ``sindex-list``, with contexts and expressions in base64.

    Raises:
        ProtocolError: A row is malformed, or of a kind that is not known.
    """
    return [_index(row) for row in parse_rows(text)]


def _index(row: Mapping[str, str]) -> IndexInfo:
    namespace, name = row.get("ns"), row.get("indexname")
    place = row.get("indextype", "default").lower()
    kind = _KINDS.get(row.get("type", "").lower())
    if not namespace or not name or (place != _SET and (kind is None or place not in _COLLECTIONS)):
        raise ProtocolError(f"malformed index in a list: {dict(row)!r:.200}")
    context, expression = text_of(row, "context"), text_of(row, "exp")
    try:
        return IndexInfo(
            namespace=namespace,
            name=name,
            set_name=text_of(row, "set"),
            bin=text_of(row, "bin"),
            kind=kind,
            collection=_COLLECTIONS.get(place),
            context=None if context is None else tuple(from_base64(context)),
            expression=None if expression is None else base64.b64decode(expression, validate=True),
            is_set_index=place == _SET,
            # A row about a set's index has no state: scans of the set work without it, and use it when they can.
            readable=row.get("state", _READABLE if place == _SET else "").upper() == _READABLE,
            raw=row,
        )
    except (ValueError, binascii.Error) as error:
        raise ProtocolError(f"malformed index in a list: {dict(row)!r:.200}") from error


def merge_indexes(by_node: Mapping[str, Sequence[IndexInfo]]) -> list[IndexInfo]:
    """The indexes that several nodes listed, each once, by namespace and name.

    Args:
        by_node: Name of each node to its indexes. An index that a node does not list is not readable there.
    """
    found: dict[tuple[str, str], dict[str, IndexInfo]] = {}
    for node, indexes in by_node.items():
        for index in indexes:
            found.setdefault((index.namespace, index.name), {})[node] = index
    merged = []
    for _, listed in sorted(found.items()):
        nodes = {node: node in listed and listed[node].readable for node in by_node}
        first = next(iter(listed.values()))
        merged.append(attrs.evolve(first, nodes=nodes, readable=all(nodes.values())))
    return merged


def parse_load(text: str) -> float:
    """Read how far an index is built from the value of ``sindex-stat``: from 0 to 1.

    Raises:
        ProtocolError: It is not told.
    """
    percent = number_of(parse_pairs(text), "load_pct")
    if percent is None:
        raise ProtocolError(f"no load_pct in the numbers of an index: {text[:80]!r}")
    return min(max(percent / 100, 0.0), 1.0)


def merge_statistics(by_node: Mapping[str, str]) -> IndexStatistics:
    """One index's numbers from several nodes.

    Args:
        by_node: Name of each node to its value of ``sindex-stat``.

    Raises:
        ProtocolError: A value is malformed.
    """
    loads = [parse_load(text) for text in by_node.values()]
    raw = {node: parse_pairs(text) for node, text in by_node.items()}
    times = [number for pairs in raw.values() if (number := number_of(pairs, "load_time")) is not None]
    return IndexStatistics(
        entries=total(number_of(pairs, "entries") for pairs in raw.values()),
        used_bytes=total(number_of(pairs, "used_bytes") for pairs in raw.values()),
        loaded=smallest(loads) or 0.0,
        load_seconds=max(times) / 1000 if times else None,
        raw=raw,
    )
