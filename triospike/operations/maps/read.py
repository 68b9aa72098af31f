"""Operations that read from a map; see `triospike.operations.maps` for the vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._wire.opcodes import MapOp
from ...values import MapKey
from .._calls import argument, arguments_list, bounds, count_argument, index_argument, map_call, map_selection
from ..context import ContextLike
from ..enums import MapReturnType
from ..operation import Operation

__all__ = [
    "get_by_index",
    "get_by_index_range",
    "get_by_key",
    "get_by_key_list",
    "get_by_key_range",
    "get_by_key_rel_index_range",
    "get_by_rank",
    "get_by_rank_range",
    "get_by_value",
    "get_by_value_list",
    "get_by_value_range",
    "get_by_value_rel_rank_range",
    "size",
]


def size(
    bin_name: str,
    *,
    context: ContextLike | None = None,
) -> Operation:
    """Count the items (C: ``as_operations_map_size``).

    Result: how many there are.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        context: Path to the map, if it is nested.
    """
    return map_call(MapOp.SIZE, "size", bin_name, context)


def get_by_key(
    bin_name: str,
    key: MapKey,
    *,
    return_type: MapReturnType = MapReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read the item with a key (C: ``as_operations_map_get_by_key``).

    Result: what `return_type` says of the item; None for a value that is not there.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        key: The key; a type that no key has selects nothing.
        return_type: What to give of the selected items.
        context: Path to the map, if it is nested.
    """
    arguments = [map_selection(return_type), argument(key, "key")]
    return map_call(MapOp.GET_BY_KEY, "get_by_key", bin_name, context, arguments, (key,))


def get_by_key_list(
    bin_name: str,
    keys: Sequence[Any],
    *,
    return_type: MapReturnType = MapReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read the items with several keys (C: ``as_operations_map_get_by_key_list``).

    Result: what `return_type` says of the items.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        keys: A list or tuple of keys.
        return_type: What to give of the selected items.
        context: Path to the map, if it is nested.
    """
    arguments = [map_selection(return_type), arguments_list(keys, "keys")]
    return map_call(MapOp.GET_BY_KEY_LIST, "get_by_key_list", bin_name, context, arguments, (keys,))


def get_by_key_range(
    bin_name: str,
    begin: Any = None,
    end: Any = None,
    *,
    return_type: MapReturnType = MapReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read the items within a range of keys (C: ``as_operations_map_get_by_key_range``).

    Result: what `return_type` says of the items.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        begin: The lowest key that is selected; None for no bound.
        end: The first key above the range; None for no bound.
        return_type: What to give of the selected items.
        context: Path to the map, if it is nested.
    """
    arguments = [map_selection(return_type), *bounds(begin, end)]
    return map_call(MapOp.GET_BY_KEY_INTERVAL, "get_by_key_range", bin_name, context, arguments, (begin, end))


def get_by_key_rel_index_range(
    bin_name: str,
    key: MapKey,
    index: int,
    count: int | None = None,
    *,
    return_type: MapReturnType = MapReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read items by index relative to a key (C: ``as_operations_map_get_by_key_rel_index_range``).

    Without a count, C: ``as_operations_map_get_by_key_rel_index_range_to_end``.

    Result: what `return_type` says of the items.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        key: What to count from, whether it is in the map or not.
        index: Where to begin: 0 is the lowest key that is not below the key, -1 the one before.
        count: How many; None for all up to the end.
        return_type: What to give of the selected items.
        context: Path to the map, if it is nested.
    """
    arguments = [
        map_selection(return_type),
        argument(key, "key"),
        index_argument(index, "index"),
        *count_argument(count),
    ]
    return map_call(
        MapOp.GET_BY_KEY_REL_INDEX_RANGE,
        "get_by_key_rel_index_range",
        bin_name,
        context,
        arguments,
        (key, index, count),
    )


def get_by_value(
    bin_name: str,
    value: Any,
    *,
    return_type: MapReturnType = MapReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read all items with a value (C: ``as_operations_map_get_by_value``).

    Result: what `return_type` says of the items.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        value: Any value; may hold wildcards.
        return_type: What to give of the selected items.
        context: Path to the map, if it is nested.
    """
    arguments = [map_selection(return_type), argument(value, "value")]
    return map_call(MapOp.GET_ALL_BY_VALUE, "get_by_value", bin_name, context, arguments, (value,))


def get_by_value_list(
    bin_name: str,
    values: Sequence[Any],
    *,
    return_type: MapReturnType = MapReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read all items with one of several values (C: ``as_operations_map_get_by_value_list``).

    Result: what `return_type` says of the items.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        values: A list or tuple of values; may hold wildcards.
        return_type: What to give of the selected items.
        context: Path to the map, if it is nested.
    """
    arguments = [map_selection(return_type), arguments_list(values, "values")]
    return map_call(MapOp.GET_BY_VALUE_LIST, "get_by_value_list", bin_name, context, arguments, (values,))


def get_by_value_range(
    bin_name: str,
    begin: Any = None,
    end: Any = None,
    *,
    return_type: MapReturnType = MapReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read all items within a range of values (C: ``as_operations_map_get_by_value_range``).

    Result: what `return_type` says of the items.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        begin: The lowest value that is selected; None for no bound.
        end: The first value above the range; None for no bound.
        return_type: What to give of the selected items.
        context: Path to the map, if it is nested.
    """
    arguments = [map_selection(return_type), *bounds(begin, end)]
    return map_call(MapOp.GET_BY_VALUE_INTERVAL, "get_by_value_range", bin_name, context, arguments, (begin, end))


def get_by_value_rel_rank_range(
    bin_name: str,
    value: Any,
    rank: int,
    count: int | None = None,
    *,
    return_type: MapReturnType = MapReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read items by rank relative to a value (C: ``as_operations_map_get_by_value_rel_rank_range``).

    Without a count, C: ``as_operations_map_get_by_value_rel_rank_range_to_end``.

    Result: what `return_type` says of the items.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        value: What to count from, whether it is in the map or not.
        rank: Where to begin: 0 is the lowest value that is not below the value, -1 the one before.
        count: How many; None for all up to the end.
        return_type: What to give of the selected items.
        context: Path to the map, if it is nested.
    """
    arguments = [
        map_selection(return_type),
        argument(value, "value"),
        index_argument(rank, "rank"),
        *count_argument(count),
    ]
    return map_call(
        MapOp.GET_BY_VALUE_REL_RANK_RANGE,
        "get_by_value_rel_rank_range",
        bin_name,
        context,
        arguments,
        (value, rank, count),
    )


def get_by_index(
    bin_name: str,
    index: int,
    *,
    return_type: MapReturnType = MapReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read the item at a position by key (C: ``as_operations_map_get_by_index``).

    An index outside the map is refused: `OperationNotApplicable`.

    Result: what `return_type` says of the item.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        index: Position by key, from 0; negative from the end.
        return_type: What to give of the selected items.
        context: Path to the map, if it is nested.
    """
    arguments = [map_selection(return_type), index_argument(index, "index")]
    return map_call(MapOp.GET_BY_INDEX, "get_by_index", bin_name, context, arguments, (index,))


def get_by_index_range(
    bin_name: str,
    index: int,
    count: int | None = None,
    *,
    return_type: MapReturnType = MapReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read items from a position by key on (C: ``as_operations_map_get_by_index_range``).

    Without a count, C: ``as_operations_map_get_by_index_range_to_end``.

    Result: what `return_type` says of the items.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        index: Position by key, from 0; negative from the end.
        count: How many; None for all up to the end.
        return_type: What to give of the selected items.
        context: Path to the map, if it is nested.
    """
    arguments = [map_selection(return_type), index_argument(index, "index"), *count_argument(count)]
    return map_call(MapOp.GET_BY_INDEX_RANGE, "get_by_index_range", bin_name, context, arguments, (index, count))


def get_by_rank(
    bin_name: str,
    rank: int,
    *,
    return_type: MapReturnType = MapReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read the item with a rank among the values (C: ``as_operations_map_get_by_rank``).

    A rank outside the map is refused: `OperationNotApplicable`.

    Result: what `return_type` says of the item.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        rank: 0 is the lowest value; negative from the highest.
        return_type: What to give of the selected items.
        context: Path to the map, if it is nested.
    """
    arguments = [map_selection(return_type), index_argument(rank, "rank")]
    return map_call(MapOp.GET_BY_RANK, "get_by_rank", bin_name, context, arguments, (rank,))


def get_by_rank_range(
    bin_name: str,
    rank: int,
    count: int | None = None,
    *,
    return_type: MapReturnType = MapReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read items from a rank on (C: ``as_operations_map_get_by_rank_range``).

    Without a count, C: ``as_operations_map_get_by_rank_range_to_end``.

    Result: what `return_type` says of the items.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        rank: 0 is the lowest value; negative from the highest.
        count: How many; None for all up to the end.
        return_type: What to give of the selected items.
        context: Path to the map, if it is nested.
    """
    arguments = [map_selection(return_type), index_argument(rank, "rank"), *count_argument(count)]
    return map_call(MapOp.GET_BY_RANK_RANGE, "get_by_rank_range", bin_name, context, arguments, (rank, count))
