"""Lists. The functions that change a list give a changed copy of it; nothing is written.

Vocabulary of the arguments:

- ``items``: the list; or with a ``context``, the list or map in which it is nested.
- ``context``: the path to a nested list, made by `triospike.operations.context`.
- ``index``: a position, from 0; below zero it counts from the end.
- ``rank``: a position among the sorted values, 0 being the lowest; below zero it counts from the highest.
- ``begin``, ``end``: a range of values, the end not among them; None for no bound.
- ``count``: how many; None for all up to the end.
- ``returns``: what to give of the selected elements: see `One`, where the type of the value alone stands for the
  value, and `Many`.
- ``inverted``: work on the elements that are *not* selected.
- ``order``, ``flags``: as for `triospike.operations.lists`; None leaves both to the server.

Where a path, position or type does not fit, the result is unknown.
"""

from __future__ import annotations

from typing import TypeVar

from .._wire.opcodes import ListOp
from ..operations.context import ContextLike
from .calls import ContainerLike, cdt_read, counted, interval, selection_of_many, selection_of_one
from .kinds import IntExp, IntLike, ListExp, ListLike, StringExp, StringLike
from .nodes import Expression, Value, pack_part, written
from .returns import Many, One

__all__ = [
    "list_get_by_index",
    "list_get_by_index_range",
    "list_get_by_rank",
    "list_get_by_rank_range",
    "list_get_by_rel_rank_range",
    "list_get_by_value",
    "list_get_by_value_list",
    "list_get_by_value_range",
    "list_join",
    "list_size",
]

_Kind = TypeVar("_Kind", bound=Expression)


@written
def list_size(items: ContainerLike, *, context: ContextLike | None = None) -> IntExp:
    """How many elements there are (C: ``as_exp_list_size``)."""
    return cdt_read(IntExp, ListExp, ListOp.SIZE, [], items, context)


@written
def list_get_by_value(
    items: ContainerLike,
    value: Value,
    returns: Many[_Kind],
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> _Kind:
    """All elements that equal a value (C: ``as_exp_list_get_by_value``)."""
    kind, selection = selection_of_many(returns, inverted, ListExp)
    return cdt_read(kind, ListExp, ListOp.GET_ALL_BY_VALUE, [selection, pack_part(value, "value")], items, context)


@written
def list_get_by_value_range(
    items: ContainerLike,
    begin: Value,
    end: Value,
    returns: Many[_Kind],
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> _Kind:
    """The elements in a range of values (C: ``as_exp_list_get_by_value_range``)."""
    kind, selection = selection_of_many(returns, inverted, ListExp)
    return cdt_read(
        kind, ListExp, ListOp.GET_BY_VALUE_INTERVAL, [selection, *interval(begin, end)], items, context
    )


@written
def list_get_by_value_list(
    items: ContainerLike,
    values: ListLike,
    returns: Many[_Kind],
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> _Kind:
    """All elements that equal one of some values (C: ``as_exp_list_get_by_value_list``)."""
    kind, selection = selection_of_many(returns, inverted, ListExp)
    return cdt_read(
        kind, ListExp, ListOp.GET_ALL_BY_VALUE_LIST, [selection, pack_part(values, "values")], items, context
    )


@written
def list_get_by_rel_rank_range(
    items: ContainerLike,
    value: Value,
    rank: IntLike,
    count: IntLike | None,
    returns: Many[_Kind],
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> _Kind:
    """Some elements by rank, counted from a value (C: ``as_exp_list_get_by_rel_rank_range``).

    Without a count, C: ``…_to_end``. Rank 0 is the value itself, or the next higher one if it is not there.
    """
    kind, selection = selection_of_many(returns, inverted, ListExp)
    return cdt_read(
        kind,
        ListExp,
        ListOp.GET_BY_VALUE_REL_RANK_RANGE,
        [selection, pack_part(value, "value"), pack_part(rank, "rank"), *counted(count)],
        items,
        context,
    )


@written
def list_get_by_index(
    items: ContainerLike, index: IntLike, returns: type[_Kind] | One[_Kind], *, context: ContextLike | None = None
) -> _Kind:
    """The element at a position (C: ``as_exp_list_get_by_index``)."""
    kind, selection = selection_of_one(returns, ListExp)
    return cdt_read(kind, ListExp, ListOp.GET_BY_INDEX, [selection, pack_part(index, "index")], items, context)


@written
def list_get_by_index_range(
    items: ContainerLike,
    index: IntLike,
    count: IntLike | None,
    returns: Many[_Kind],
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> _Kind:
    """Some elements from a position on (C: ``as_exp_list_get_by_index_range``).

    Without a count, C: ``…_to_end``.
    """
    kind, selection = selection_of_many(returns, inverted, ListExp)
    return cdt_read(
        kind,
        ListExp,
        ListOp.GET_BY_INDEX_RANGE,
        [selection, pack_part(index, "index"), *counted(count)],
        items,
        context,
    )


@written
def list_get_by_rank(
    items: ContainerLike, rank: IntLike, returns: type[_Kind] | One[_Kind], *, context: ContextLike | None = None
) -> _Kind:
    """The element with a rank (C: ``as_exp_list_get_by_rank``)."""
    kind, selection = selection_of_one(returns, ListExp)
    return cdt_read(kind, ListExp, ListOp.GET_BY_RANK, [selection, pack_part(rank, "rank")], items, context)


@written
def list_get_by_rank_range(
    items: ContainerLike,
    rank: IntLike,
    count: IntLike | None,
    returns: Many[_Kind],
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> _Kind:
    """Some elements from a rank on (C: ``as_exp_list_get_by_rank_range``).

    Without a count, C: ``…_to_end``.
    """
    kind, selection = selection_of_many(returns, inverted, ListExp)
    return cdt_read(
        kind,
        ListExp,
        ListOp.GET_BY_RANK_RANGE,
        [selection, pack_part(rank, "rank"), *counted(count)],
        items,
        context,
    )


@written
def list_join(
    items: ContainerLike, separator: StringLike | None = None, *, context: ContextLike | None = None
) -> StringExp:
    """The strings of a list in one (official Python client: ``ListJoin``; server 8.1.3).

    Args:
        items: The list.
        separator: What to write between them; None for nothing.
        context: Path to the list, if it is nested.
    """
    arguments = () if separator is None else (pack_part(separator, "separator"),)
    return cdt_read(StringExp, ListExp, ListOp.JOIN, arguments, items, context)
