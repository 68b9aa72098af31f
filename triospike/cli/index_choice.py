"""Which secondary index answers which condition."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import attrs

import triospike

from ..values import GeoJSON
from .where import Condition

__all__ = ["Choice", "choose", "index_filter"]

IndexKind = triospike.IndexKind
CollectionKind = triospike.CollectionKind

_LOWEST, _HIGHEST = -(1 << 63), (1 << 63) - 1
_COLLECTIONS = {
    "contains": CollectionKind.LIST,
    "has key": CollectionKind.MAP_KEYS,
    "has value": CollectionKind.MAP_VALUES,
}
_KINDS = {int: IndexKind.INTEGER, str: IndexKind.STRING, bytes: IndexKind.BLOB, GeoJSON: IndexKind.GEO}


@attrs.frozen
class Choice:
    """An index and the condition that it answers.

    Attributes:
        index: The index.
        condition: One of the conditions.
        filter: The condition as a question to the index.
    """

    index: triospike.IndexInfo
    condition: Condition
    filter: triospike.Filter


def choose(
    indexes: Iterable[triospike.IndexInfo], set_name: str, conditions: Sequence[Condition]
) -> Choice | None:
    """The first condition that one of the indexes answers, equality before ranges; None if there is none.

    Args:
        indexes: Those of the namespace.
        set_name: The set that is queried; empty for none in particular.
        conditions: What the records must fulfil.
    """
    usable = [index for index in indexes if index.readable and (index.set_name or "") == set_name]
    for condition in sorted(conditions, key=lambda condition: condition.operator not in ("=", *_COLLECTIONS)):
        for index in usable:
            asked = index_filter(index, condition)
            if asked is not None:
                return Choice(index, condition, asked)
    return None


def index_filter(index: triospike.IndexInfo, condition: Condition) -> triospike.Filter | None:
    """A condition as a question to an index; None if the index does not answer it.

    Args:
        index: Of the set that is queried.
        condition: What the records must fulfil.
    """
    plain = index.bin == condition.bin and not index.context and index.expression is None
    value: Any = condition.value
    collection = _COLLECTIONS.get(condition.operator, CollectionKind.DEFAULT)
    if not plain or index.collection != collection or index.kind != _KINDS.get(type(value)):
        return None
    if collection != CollectionKind.DEFAULT:
        return triospike.Filter.contains(condition.bin, value, collection)
    if condition.operator == "=":
        return triospike.Filter.equal(condition.bin, value)
    if isinstance(value, GeoJSON):
        return _geo(condition.bin, value) if condition.operator == "within" else None
    return _range(condition) if isinstance(value, int) else None


def _range(condition: Condition) -> triospike.Filter | None:
    """A range of integers; None if it is empty or no range."""
    value: Any = condition.value
    ranges = {
        "between": (value, condition.end),
        "<": (_LOWEST, value - 1),
        "<=": (_LOWEST, value),
        ">": (value + 1, _HIGHEST),
        ">=": (value, _HIGHEST),
    }
    low, high = ranges.get(condition.operator, (1, 0))
    if not isinstance(high, int) or not _LOWEST <= low <= high <= _HIGHEST:
        return None
    return triospike.Filter.between(condition.bin, low, high)


def _geo(bin_name: str, value: GeoJSON) -> triospike.Filter:
    """The points within a region, or the regions around a point."""
    try:
        kind = json.loads(value.text)["type"]
    except (ValueError, TypeError, KeyError):
        kind = None
    if kind == "Point":
        return triospike.Filter.regions_containing(bin_name, value)
    return triospike.Filter.within_region(bin_name, value)
