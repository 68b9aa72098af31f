"""Maps that are changed; see `triospike.expressions.maps` for the vocabulary. They give a changed copy."""

from __future__ import annotations

from collections.abc import Sequence

from .._wire.opcodes import MapOp
from ..operations._packing import check_flags, pack_int
from ..operations.context import ContextLike
from ..operations.enums import MapOrder, MapWriteFlags, check_order
from .calls import Container, cdt_modify, counted, interval, removal
from .kinds import FloatLike, IntLike, ListLike, MapExp, MapLike
from .maps import KeyLike
from .nodes import Expression, Value, pack_part, written

__all__ = [
    "map_clear",
    "map_increment",
    "map_put",
    "map_put_items",
    "map_remove_by_index",
    "map_remove_by_index_range",
    "map_remove_by_key",
    "map_remove_by_key_list",
    "map_remove_by_key_range",
    "map_remove_by_key_rel_index_range",
    "map_remove_by_rank",
    "map_remove_by_rank_range",
    "map_remove_by_value",
    "map_remove_by_value_list",
    "map_remove_by_value_range",
    "map_remove_by_value_rel_rank_range",
]


@written
def map_put(
    items: Container,
    key: KeyLike,
    value: Value,
    *,
    order: MapOrder | None = None,
    flags: MapWriteFlags | None = None,
    context: ContextLike | None = None,
) -> Container:
    """The map with a value under a key (C: ``as_exp_map_put``)."""
    return cdt_modify(
        MapExp,
        MapOp.PUT,
        [pack_part(key, "key"), pack_part(value, "value"), *_policy(order, flags)],
        items,
        context,
    )


@written
def map_put_items(
    items: Container,
    values: MapLike,
    *,
    order: MapOrder | None = None,
    flags: MapWriteFlags | None = None,
    context: ContextLike | None = None,
) -> Container:
    """The map with the items of another one (C: ``as_exp_map_put_items``)."""
    return cdt_modify(
        MapExp, MapOp.PUT_ITEMS, [pack_part(values, "values"), *_policy(order, flags)], items, context
    )


@written
def map_increment(
    items: Container,
    key: KeyLike,
    amount: IntLike | FloatLike,
    *,
    order: MapOrder | None = None,
    context: ContextLike | None = None,
) -> Container:
    """The map with an amount added to the number under a key (C: ``as_exp_map_increment``)."""
    return cdt_modify(
        MapExp,
        MapOp.INCREMENT,
        [pack_part(key, "key"), pack_part(amount, "amount"), *_order(order)],
        items,
        context,
    )


@written
def map_clear(items: Container, *, context: ContextLike | None = None) -> Container:
    """The map without items (C: ``as_exp_map_clear``)."""
    return cdt_modify(MapExp, MapOp.CLEAR, [], items, context)


@written
def map_remove_by_key(items: Container, key: KeyLike, *, context: ContextLike | None = None) -> Container:
    """The map without the item of a key (C: ``as_exp_map_remove_by_key``)."""
    return cdt_modify(MapExp, MapOp.REMOVE_BY_KEY, [removal(), pack_part(key, "key")], items, context)


@written
def map_remove_by_key_list(
    items: Container, keys: ListLike, *, inverted: bool = False, context: ContextLike | None = None
) -> Container:
    """The map without the items of some keys (C: ``as_exp_map_remove_by_key_list``)."""
    return cdt_modify(
        MapExp, MapOp.REMOVE_BY_KEY_LIST, [removal(inverted), pack_part(keys, "keys")], items, context
    )


@written
def map_remove_by_key_range(
    items: Container,
    begin: KeyLike | None,
    end: KeyLike | Expression | None = None,
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> Container:
    """The map without the items in a range of keys (C: ``as_exp_map_remove_by_key_range``)."""
    return cdt_modify(
        MapExp, MapOp.REMOVE_BY_KEY_INTERVAL, [removal(inverted), *interval(begin, end)], items, context
    )


@written
def map_remove_by_key_rel_index_range(
    items: Container,
    key: KeyLike,
    index: IntLike,
    count: IntLike | None = None,
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> Container:
    """The map without some items by index, counted from a key (C: ``as_exp_map_remove_by_key_rel_index_range``).

    Without a count, C: ``…_to_end``. Index 0 is the key itself, or the next higher one if it is not there.
    """
    return cdt_modify(
        MapExp,
        MapOp.REMOVE_BY_KEY_REL_INDEX_RANGE,
        [removal(inverted), pack_part(key, "key"), pack_part(index, "index"), *counted(count)],
        items,
        context,
    )


@written
def map_remove_by_value(
    items: Container, value: Value, *, inverted: bool = False, context: ContextLike | None = None
) -> Container:
    """The map without all items of a value (C: ``as_exp_map_remove_by_value``)."""
    return cdt_modify(
        MapExp, MapOp.REMOVE_ALL_BY_VALUE, [removal(inverted), pack_part(value, "value")], items, context
    )


@written
def map_remove_by_value_list(
    items: Container, values: ListLike, *, inverted: bool = False, context: ContextLike | None = None
) -> Container:
    """The map without all items of some values (C: ``as_exp_map_remove_by_value_list``)."""
    return cdt_modify(
        MapExp, MapOp.REMOVE_BY_VALUE_LIST, [removal(inverted), pack_part(values, "values")], items, context
    )


@written
def map_remove_by_value_range(
    items: Container,
    begin: Value,
    end: Value = None,
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> Container:
    """The map without the items in a range of values (C: ``as_exp_map_remove_by_value_range``)."""
    return cdt_modify(
        MapExp, MapOp.REMOVE_BY_VALUE_INTERVAL, [removal(inverted), *interval(begin, end)], items, context
    )


@written
def map_remove_by_value_rel_rank_range(
    items: Container,
    value: Value,
    rank: IntLike,
    count: IntLike | None = None,
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> Container:
    """The map without some items by rank, counted from a value (C: ``as_exp_map_remove_by_value_rel_rank_range``).

    Without a count, C: ``…_to_end``. Rank 0 is the value itself, or the next higher one if it is not there.
    """
    return cdt_modify(
        MapExp,
        MapOp.REMOVE_BY_VALUE_REL_RANK_RANGE,
        [removal(inverted), pack_part(value, "value"), pack_part(rank, "rank"), *counted(count)],
        items,
        context,
    )


@written
def map_remove_by_index(items: Container, index: IntLike, *, context: ContextLike | None = None) -> Container:
    """The map without the item at a position (C: ``as_exp_map_remove_by_index``)."""
    return cdt_modify(MapExp, MapOp.REMOVE_BY_INDEX, [removal(), pack_part(index, "index")], items, context)


@written
def map_remove_by_index_range(
    items: Container,
    index: IntLike,
    count: IntLike | None = None,
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> Container:
    """The map without some items from a position on (C: ``as_exp_map_remove_by_index_range``).

    Without a count, C: ``…_to_end``.
    """
    return cdt_modify(
        MapExp,
        MapOp.REMOVE_BY_INDEX_RANGE,
        [removal(inverted), pack_part(index, "index"), *counted(count)],
        items,
        context,
    )


@written
def map_remove_by_rank(items: Container, rank: IntLike, *, context: ContextLike | None = None) -> Container:
    """The map without the item with a rank (C: ``as_exp_map_remove_by_rank``)."""
    return cdt_modify(MapExp, MapOp.REMOVE_BY_RANK, [removal(), pack_part(rank, "rank")], items, context)


@written
def map_remove_by_rank_range(
    items: Container,
    rank: IntLike,
    count: IntLike | None = None,
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> Container:
    """The map without some items from a rank on (C: ``as_exp_map_remove_by_rank_range``).

    Without a count, C: ``…_to_end``.
    """
    return cdt_modify(
        MapExp,
        MapOp.REMOVE_BY_RANK_RANGE,
        [removal(inverted), pack_part(rank, "rank"), *counted(count)],
        items,
        context,
    )


def _policy(order: MapOrder | None, flags: MapWriteFlags | None) -> Sequence[bytes]:
    """Order and write flags: both, or nothing at all if neither is asked for."""
    if order is None and flags is None:
        return ()
    number = check_flags(MapWriteFlags.DEFAULT if flags is None else flags, MapWriteFlags, "flags")
    return (*_order(MapOrder.UNORDERED if order is None else order), pack_int(number))


def _order(order: MapOrder | None) -> Sequence[bytes]:
    return () if order is None else (pack_int(check_order(order, MapOrder)),)
