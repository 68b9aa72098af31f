"""Maps. The functions that change a map give a changed copy of it; nothing is written.

Vocabulary of the arguments:

- ``items``: the map; or with a ``context``, the list or map in which it is nested.
- ``context``: the path to a nested map, made by `triospike.operations.context`.
- ``key``: an int, string or blob, or an expression for one.
- ``index``: a position by key, from 0; below zero it counts from the end.
- ``rank``: a position by value, 0 being the lowest; below zero it counts from the highest.
- ``begin``, ``end``: a range of keys or values, the end not among them; None for no bound.
- ``count``: how many; None for all up to the end.
- ``returns``: what to give of the selected items: see `One`, where the type of the value alone stands for the
  value, and `Many`.
- ``inverted``: work on the items that are *not* selected.
- ``order``, ``flags``: as for `triospike.operations.maps`; None leaves both to the server.

Where a path, key, position or type does not fit, the result is unknown.
"""

from __future__ import annotations

from typing import TypeAlias, TypeVar

from .._wire.opcodes import ExpOp, MapOp
from ..operations.context import ContextLike
from .calls import ContainerLike, cdt_read, counted, interval, selection_of_many, selection_of_one
from .kinds import AnyExp, BlobExp, IntExp, IntLike, ListExp, ListLike, MapExp, MapLike, StringExp
from .nodes import Expression, Value, form, pack_part, written
from .returns import Many, One

__all__ = [
    "KeyLike",
    "map_get_by_index",
    "map_get_by_index_range",
    "map_get_by_key",
    "map_get_by_key_list",
    "map_get_by_key_range",
    "map_get_by_key_rel_index_range",
    "map_get_by_rank",
    "map_get_by_rank_range",
    "map_get_by_value",
    "map_get_by_value_list",
    "map_get_by_value_range",
    "map_get_by_value_rel_rank_range",
    "map_keys",
    "map_size",
    "map_values",
]

KeyLike: TypeAlias = IntExp | StringExp | BlobExp | AnyExp | int | str | bytes

_Kind = TypeVar("_Kind", bound=Expression)


@written
def map_size(items: ContainerLike, *, context: ContextLike | None = None) -> IntExp:
    """How many items there are (C: ``as_exp_map_size``)."""
    return cdt_read(IntExp, MapExp, MapOp.SIZE, [], items, context)


@written
def map_get_by_key(
    items: ContainerLike, key: KeyLike, returns: type[_Kind] | One[_Kind], *, context: ContextLike | None = None
) -> _Kind:
    """The item of a key (C: ``as_exp_map_get_by_key``)."""
    kind, selection = selection_of_one(returns, MapExp)
    return cdt_read(kind, MapExp, MapOp.GET_BY_KEY, [selection, pack_part(key, "key")], items, context)


@written
def map_get_by_key_list(
    items: ContainerLike,
    keys: ListLike,
    returns: Many[_Kind],
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> _Kind:
    """The items of some keys (C: ``as_exp_map_get_by_key_list``)."""
    kind, selection = selection_of_many(returns, inverted, MapExp)
    return cdt_read(kind, MapExp, MapOp.GET_BY_KEY_LIST, [selection, pack_part(keys, "keys")], items, context)


@written
def map_get_by_key_range(
    items: ContainerLike,
    begin: KeyLike | None,
    end: KeyLike | Expression | None,
    returns: Many[_Kind],
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> _Kind:
    """The items in a range of keys (C: ``as_exp_map_get_by_key_range``)."""
    kind, selection = selection_of_many(returns, inverted, MapExp)
    return cdt_read(kind, MapExp, MapOp.GET_BY_KEY_INTERVAL, [selection, *interval(begin, end)], items, context)


@written
def map_get_by_key_rel_index_range(
    items: ContainerLike,
    key: KeyLike,
    index: IntLike,
    count: IntLike | None,
    returns: Many[_Kind],
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> _Kind:
    """Some items by index, counted from a key (C: ``as_exp_map_get_by_key_rel_index_range``).

    Without a count, C: ``…_to_end``. Index 0 is the key itself, or the next higher one if it is not there.
    """
    kind, selection = selection_of_many(returns, inverted, MapExp)
    return cdt_read(
        kind,
        MapExp,
        MapOp.GET_BY_KEY_REL_INDEX_RANGE,
        [selection, pack_part(key, "key"), pack_part(index, "index"), *counted(count)],
        items,
        context,
    )


@written
def map_get_by_value(
    items: ContainerLike,
    value: Value,
    returns: Many[_Kind],
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> _Kind:
    """All items of a value (C: ``as_exp_map_get_by_value``)."""
    kind, selection = selection_of_many(returns, inverted, MapExp)
    return cdt_read(kind, MapExp, MapOp.GET_ALL_BY_VALUE, [selection, pack_part(value, "value")], items, context)


@written
def map_get_by_value_list(
    items: ContainerLike,
    values: ListLike,
    returns: Many[_Kind],
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> _Kind:
    """All items of some values (C: ``as_exp_map_get_by_value_list``)."""
    kind, selection = selection_of_many(returns, inverted, MapExp)
    return cdt_read(
        kind, MapExp, MapOp.GET_BY_VALUE_LIST, [selection, pack_part(values, "values")], items, context
    )


@written
def map_get_by_value_range(
    items: ContainerLike,
    begin: Value,
    end: Value,
    returns: Many[_Kind],
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> _Kind:
    """The items in a range of values (C: ``as_exp_map_get_by_value_range``)."""
    kind, selection = selection_of_many(returns, inverted, MapExp)
    return cdt_read(kind, MapExp, MapOp.GET_BY_VALUE_INTERVAL, [selection, *interval(begin, end)], items, context)


@written
def map_get_by_value_rel_rank_range(
    items: ContainerLike,
    value: Value,
    rank: IntLike,
    count: IntLike | None,
    returns: Many[_Kind],
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> _Kind:
    """Some items by rank, counted from a value (C: ``as_exp_map_get_by_value_rel_rank_range``).

    Without a count, C: ``…_to_end``. Rank 0 is the value itself, or the next higher one if it is not there.
    """
    kind, selection = selection_of_many(returns, inverted, MapExp)
    return cdt_read(
        kind,
        MapExp,
        MapOp.GET_BY_VALUE_REL_RANK_RANGE,
        [selection, pack_part(value, "value"), pack_part(rank, "rank"), *counted(count)],
        items,
        context,
    )


@written
def map_get_by_index(
    items: ContainerLike, index: IntLike, returns: type[_Kind] | One[_Kind], *, context: ContextLike | None = None
) -> _Kind:
    """The item at a position (C: ``as_exp_map_get_by_index``)."""
    kind, selection = selection_of_one(returns, MapExp)
    return cdt_read(kind, MapExp, MapOp.GET_BY_INDEX, [selection, pack_part(index, "index")], items, context)


@written
def map_get_by_index_range(
    items: ContainerLike,
    index: IntLike,
    count: IntLike | None,
    returns: Many[_Kind],
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> _Kind:
    """Some items from a position on (C: ``as_exp_map_get_by_index_range``).

    Without a count, C: ``…_to_end``.
    """
    kind, selection = selection_of_many(returns, inverted, MapExp)
    return cdt_read(
        kind,
        MapExp,
        MapOp.GET_BY_INDEX_RANGE,
        [selection, pack_part(index, "index"), *counted(count)],
        items,
        context,
    )


@written
def map_get_by_rank(
    items: ContainerLike, rank: IntLike, returns: type[_Kind] | One[_Kind], *, context: ContextLike | None = None
) -> _Kind:
    """The item with a rank (C: ``as_exp_map_get_by_rank``)."""
    kind, selection = selection_of_one(returns, MapExp)
    return cdt_read(kind, MapExp, MapOp.GET_BY_RANK, [selection, pack_part(rank, "rank")], items, context)


@written
def map_get_by_rank_range(
    items: ContainerLike,
    rank: IntLike,
    count: IntLike | None,
    returns: Many[_Kind],
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> _Kind:
    """Some items from a rank on (C: ``as_exp_map_get_by_rank_range``).

    Without a count, C: ``…_to_end``.
    """
    kind, selection = selection_of_many(returns, inverted, MapExp)
    return cdt_read(
        kind,
        MapExp,
        MapOp.GET_BY_RANK_RANGE,
        [selection, pack_part(rank, "rank"), *counted(count)],
        items,
        context,
    )


@written
def map_keys(items: MapLike) -> ListExp:
    """All keys (C: ``as_exp_map_keys``; server 8.1.2)."""
    return ListExp(form(ExpOp.MAP_KEYS, pack_part(items, "items")))


@written
def map_values(items: MapLike) -> ListExp:
    """All values (C: ``as_exp_map_values``; server 8.1.2)."""
    return ListExp(form(ExpOp.MAP_VALUES, pack_part(items, "items")))
