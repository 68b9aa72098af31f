"""Operations that add to a map or change what is in it; see `triospike.operations.maps` for the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..._wire.opcodes import MapOp
from ...values import MapKey
from .._calls import amount_argument, items_argument, map_call, stored
from .._packing import check_flags, pack_int
from ..context import ContextLike, check_map_key, with_creation
from ..enums import MapOrder, MapWriteFlags, check_nested_order, check_order
from ..operation import Operation

__all__ = [
    "add",
    "add_items",
    "clear",
    "create",
    "decrement",
    "increment",
    "put",
    "put_items",
    "replace",
    "replace_items",
    "set_order",
]


def create(
    bin_name: str,
    order: MapOrder = MapOrder.UNORDERED,
    *,
    persist_index: bool = False,
    context: ContextLike | None = None,
) -> Operation:
    """Make an empty map (C: ``as_operations_map_create_all``).

    With defaults, C: ``as_operations_map_create``. A map that is there keeps its items and takes the order.

    Result: None.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        order: Order of the map.
        persist_index: Keep the index of the map with the record; not for nested maps.
        context: Path to the map, whose last step need not be there yet.
    """
    attributes = check_order(order, MapOrder, persist_index=persist_index)
    path = context
    if context:
        check_nested_order(persist_index)
        path = with_creation(context, order)
    return map_call(MapOp.SET_TYPE, "create", bin_name, path, [pack_int(attributes)], (order,))


def set_order(
    bin_name: str,
    order: MapOrder,
    *,
    persist_index: bool = False,
    context: ContextLike | None = None,
) -> Operation:
    """Change the order of a map (C: ``as_operations_map_set_policy``).

    Result: None.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        order: The order.
        persist_index: Keep the index of the map with the record; not for nested maps.
        context: Path to the map, if it is nested.
    """
    attributes = check_order(order, MapOrder, persist_index=persist_index)
    if context:
        check_nested_order(persist_index)
    return map_call(MapOp.SET_TYPE, "set_order", bin_name, context, [pack_int(attributes)], (order,))


def put(
    bin_name: str,
    key: MapKey,
    value: Any,
    *,
    order: MapOrder = MapOrder.UNORDERED,
    flags: MapWriteFlags = MapWriteFlags.DEFAULT,
    persist_index: bool = False,
    context: ContextLike | None = None,
) -> Operation:
    """Set the value under a key (C: ``as_operations_map_put``).

    Result: the size of the map.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        key: An int, str or bytes.
        value: Any value that can be stored.
        order: Order of the map, if this makes it.
        flags: What the write may do.
        persist_index: Keep the index of the map with the record, if this makes it; not for nested maps.
        context: Path to the map, if it is nested.
    """
    arguments = [check_map_key(key), stored(value, "value"), _order(order, persist_index, context)]
    return _put(MapOp.PUT, "put", bin_name, context, arguments, flags, (key, value))


def put_items(
    bin_name: str,
    items: Mapping[Any, Any],
    *,
    order: MapOrder = MapOrder.UNORDERED,
    flags: MapWriteFlags = MapWriteFlags.DEFAULT,
    persist_index: bool = False,
    context: ContextLike | None = None,
) -> Operation:
    """Set the values under several keys (C: ``as_operations_map_put_items``).

    Result: the size of the map.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        items: A dict whose keys are int, str or bytes.
        order: Order of the map, if this makes it.
        flags: What the write may do.
        persist_index: Keep the index of the map with the record, if this makes it; not for nested maps.
        context: Path to the map, if it is nested.
    """
    arguments = [items_argument(items, "items"), _order(order, persist_index, context)]
    return _put(MapOp.PUT_ITEMS, "put_items", bin_name, context, arguments, flags, (items,))


def add(
    bin_name: str,
    key: MapKey,
    value: Any,
    *,
    order: MapOrder = MapOrder.UNORDERED,
    persist_index: bool = False,
    context: ContextLike | None = None,
) -> Operation:
    """Set the value under a key that is not there yet (C: ``as_operations_map_put``).

    A key that is there is refused: `ElementError`. In C: the write mode ``AS_MAP_CREATE_ONLY``.

    Result: the size of the map.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        key: An int, str or bytes.
        value: Any value that can be stored.
        order: Order of the map, if this makes it.
        persist_index: Keep the index of the map with the record, if this makes it; not for nested maps.
        context: Path to the map, if it is nested.
    """
    arguments = [check_map_key(key), stored(value, "value"), _order(order, persist_index, context)]
    return map_call(MapOp.ADD, "add", bin_name, context, arguments, (key, value))


def add_items(
    bin_name: str,
    items: Mapping[Any, Any],
    *,
    order: MapOrder = MapOrder.UNORDERED,
    persist_index: bool = False,
    context: ContextLike | None = None,
) -> Operation:
    """Set the values under keys that are not there yet (C: ``as_operations_map_put_items``).

    A key that is there is refused: `ElementError`. In C: the write mode ``AS_MAP_CREATE_ONLY``.

    Result: the size of the map.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        items: A dict whose keys are int, str or bytes.
        order: Order of the map, if this makes it.
        persist_index: Keep the index of the map with the record, if this makes it; not for nested maps.
        context: Path to the map, if it is nested.
    """
    arguments = [items_argument(items, "items"), _order(order, persist_index, context)]
    return map_call(MapOp.ADD_ITEMS, "add_items", bin_name, context, arguments, (items,))


def replace(
    bin_name: str,
    key: MapKey,
    value: Any,
    *,
    context: ContextLike | None = None,
) -> Operation:
    """Replace the value under a key (C: ``as_operations_map_put``).

    A key that is not there is refused: `ElementError`. In C: the write mode ``AS_MAP_UPDATE_ONLY``.

    Result: the size of the map.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        key: An int, str or bytes.
        value: Any value that can be stored.
        context: Path to the map, if it is nested.
    """
    arguments = [check_map_key(key), stored(value, "value")]
    return map_call(MapOp.REPLACE, "replace", bin_name, context, arguments, (key, value))


def replace_items(
    bin_name: str,
    items: Mapping[Any, Any],
    *,
    context: ContextLike | None = None,
) -> Operation:
    """Replace the values under several keys (C: ``as_operations_map_put_items``).

    A key that is not there is refused: `ElementError`. In C: the write mode ``AS_MAP_UPDATE_ONLY``.

    Result: the size of the map.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        items: A dict whose keys are int, str or bytes.
        context: Path to the map, if it is nested.
    """
    return map_call(
        MapOp.REPLACE_ITEMS, "replace_items", bin_name, context, [items_argument(items, "items")], (items,)
    )


def increment(
    bin_name: str,
    key: MapKey,
    amount: int | float = 1,
    *,
    order: MapOrder = MapOrder.UNORDERED,
    persist_index: bool = False,
    context: ContextLike | None = None,
) -> Operation:
    """Add to the number under a key (C: ``as_operations_map_increment``).

    A key that is not there begins with 0; a value that is no number is refused: `InvalidRequest`.

    Result: the sum.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        key: An int, str or bytes.
        amount: An int or float; a float is cut to an int for a value that is one.
        order: Order of the map, if this makes it.
        persist_index: Keep the index of the map with the record, if this makes it; not for nested maps.
        context: Path to the map, if it is nested.
    """
    arguments = [check_map_key(key), amount_argument(amount), _order(order, persist_index, context)]
    return map_call(MapOp.INCREMENT, "increment", bin_name, context, arguments, (key, amount))


def decrement(
    bin_name: str,
    key: MapKey,
    amount: int | float = 1,
    *,
    order: MapOrder = MapOrder.UNORDERED,
    persist_index: bool = False,
    context: ContextLike | None = None,
) -> Operation:
    """Subtract from the number under a key (C: ``as_operations_map_decrement``).

    A key that is not there begins with 0; a value that is no number is refused: `InvalidRequest`.

    Result: the difference.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        key: An int, str or bytes.
        amount: An int or float; a float is cut to an int for a value that is one.
        order: Order of the map, if this makes it.
        persist_index: Keep the index of the map with the record, if this makes it; not for nested maps.
        context: Path to the map, if it is nested.
    """
    arguments = [check_map_key(key), amount_argument(amount), _order(order, persist_index, context)]
    return map_call(MapOp.DECREMENT, "decrement", bin_name, context, arguments, (key, amount))


def clear(
    bin_name: str,
    *,
    context: ContextLike | None = None,
) -> Operation:
    """Remove all items (C: ``as_operations_map_clear``).

    Result: None.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        context: Path to the map, if it is nested.
    """
    return map_call(MapOp.CLEAR, "clear", bin_name, context)


def _order(order: MapOrder, persist_index: bool, context: ContextLike | None) -> bytes:
    attributes = check_order(order, MapOrder, persist_index=persist_index)
    if context:
        check_nested_order(persist_index)
    return pack_int(attributes)


def _put(
    number: MapOp,
    word: str,
    bin_name: str,
    context: ContextLike | None,
    arguments: Iterable[bytes],
    flags: MapWriteFlags,
    shown: tuple[Any, ...],
) -> Operation:
    """With write flags only if there are some, as the C client does."""
    bits = check_flags(flags, MapWriteFlags, "flags")
    return map_call(number, word, bin_name, context, [*arguments, pack_int(bits)] if bits else arguments, shown)
