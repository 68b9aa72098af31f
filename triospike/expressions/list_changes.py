"""Lists that are changed; see `triospike.expressions.lists` for the vocabulary. They give a changed copy."""

from __future__ import annotations

from .._wire.opcodes import ListOp
from ..operations._calls import list_flags, list_policy
from ..operations._packing import check_flags, pack_int
from ..operations.context import ContextLike
from ..operations.enums import ListOrder, ListSortFlags, ListWriteFlags
from .calls import Container, cdt_modify, counted, interval, removal
from .kinds import FloatLike, IntLike, ListExp, ListLike
from .nodes import Value, pack_part, written

__all__ = [
    "list_append",
    "list_append_items",
    "list_clear",
    "list_increment",
    "list_insert",
    "list_insert_items",
    "list_remove_by_index",
    "list_remove_by_index_range",
    "list_remove_by_rank",
    "list_remove_by_rank_range",
    "list_remove_by_rel_rank_range",
    "list_remove_by_value",
    "list_remove_by_value_list",
    "list_remove_by_value_range",
    "list_set",
    "list_sort",
]


@written
def list_append(
    items: Container,
    value: Value,
    *,
    order: ListOrder | None = None,
    flags: ListWriteFlags | None = None,
    context: ContextLike | None = None,
) -> Container:
    """The list with a value at the end, or sorted into an ordered one (C: ``as_exp_list_append``)."""
    return cdt_modify(
        ListExp, ListOp.APPEND, [pack_part(value, "value"), *list_policy(order, flags)], items, context
    )


@written
def list_append_items(
    items: Container,
    values: ListLike,
    *,
    order: ListOrder | None = None,
    flags: ListWriteFlags | None = None,
    context: ContextLike | None = None,
) -> Container:
    """The list with values at the end, or sorted into an ordered one (C: ``as_exp_list_append_items``)."""
    return cdt_modify(
        ListExp, ListOp.APPEND_ITEMS, [pack_part(values, "values"), *list_policy(order, flags)], items, context
    )


@written
def list_insert(
    items: Container,
    index: IntLike,
    value: Value,
    *,
    flags: ListWriteFlags | None = None,
    context: ContextLike | None = None,
) -> Container:
    """The list with a value before a position (C: ``as_exp_list_insert``)."""
    return cdt_modify(
        ListExp,
        ListOp.INSERT,
        [pack_part(index, "index"), pack_part(value, "value"), *list_flags(flags)],
        items,
        context,
    )


@written
def list_insert_items(
    items: Container,
    index: IntLike,
    values: ListLike,
    *,
    flags: ListWriteFlags | None = None,
    context: ContextLike | None = None,
) -> Container:
    """The list with values before a position (C: ``as_exp_list_insert_items``)."""
    return cdt_modify(
        ListExp,
        ListOp.INSERT_ITEMS,
        [pack_part(index, "index"), pack_part(values, "values"), *list_flags(flags)],
        items,
        context,
    )


@written
def list_increment(
    items: Container,
    index: IntLike,
    amount: IntLike | FloatLike,
    *,
    order: ListOrder | None = None,
    flags: ListWriteFlags | None = None,
    context: ContextLike | None = None,
) -> Container:
    """The list with an amount added to the number at a position (C: ``as_exp_list_increment``)."""
    return cdt_modify(
        ListExp,
        ListOp.INCREMENT,
        [pack_part(index, "index"), pack_part(amount, "amount"), *list_policy(order, flags)],
        items,
        context,
    )


@written
def list_set(
    items: Container,
    index: IntLike,
    value: Value,
    *,
    flags: ListWriteFlags | None = None,
    context: ContextLike | None = None,
) -> Container:
    """The list with another value at a position (C: ``as_exp_list_set``)."""
    return cdt_modify(
        ListExp,
        ListOp.SET,
        [pack_part(index, "index"), pack_part(value, "value"), *list_flags(flags)],
        items,
        context,
    )


@written
def list_clear(items: Container, *, context: ContextLike | None = None) -> Container:
    """The list without elements (C: ``as_exp_list_clear``)."""
    return cdt_modify(ListExp, ListOp.CLEAR, [], items, context)


@written
def list_sort(
    items: Container, flags: ListSortFlags = ListSortFlags.DEFAULT, *, context: ContextLike | None = None
) -> Container:
    """The list, sorted (C: ``as_exp_list_sort``)."""
    return cdt_modify(ListExp, ListOp.SORT, [pack_int(check_flags(flags, ListSortFlags, "flags"))], items, context)


@written
def list_remove_by_value(
    items: Container, value: Value, *, inverted: bool = False, context: ContextLike | None = None
) -> Container:
    """The list without all elements that equal a value (C: ``as_exp_list_remove_by_value``)."""
    return cdt_modify(
        ListExp, ListOp.REMOVE_ALL_BY_VALUE, [removal(inverted), pack_part(value, "value")], items, context
    )


@written
def list_remove_by_value_list(
    items: Container, values: ListLike, *, inverted: bool = False, context: ContextLike | None = None
) -> Container:
    """The list without all elements that equal one of some values (C: ``as_exp_list_remove_by_value_list``)."""
    return cdt_modify(
        ListExp, ListOp.REMOVE_ALL_BY_VALUE_LIST, [removal(inverted), pack_part(values, "values")], items, context
    )


@written
def list_remove_by_value_range(
    items: Container,
    begin: Value,
    end: Value = None,
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> Container:
    """The list without the elements in a range of values (C: ``as_exp_list_remove_by_value_range``)."""
    return cdt_modify(
        ListExp, ListOp.REMOVE_BY_VALUE_INTERVAL, [removal(inverted), *interval(begin, end)], items, context
    )


@written
def list_remove_by_rel_rank_range(
    items: Container,
    value: Value,
    rank: IntLike,
    count: IntLike | None = None,
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> Container:
    """The list without some elements by rank, counted from a value (C: ``as_exp_list_remove_by_rel_rank_range``).

    Without a count, C: ``…_to_end``. Rank 0 is the value itself, or the next higher one if it is not there.
    """
    return cdt_modify(
        ListExp,
        ListOp.REMOVE_BY_VALUE_REL_RANK_RANGE,
        [removal(inverted), pack_part(value, "value"), pack_part(rank, "rank"), *counted(count)],
        items,
        context,
    )


@written
def list_remove_by_index(items: Container, index: IntLike, *, context: ContextLike | None = None) -> Container:
    """The list without the element at a position (C: ``as_exp_list_remove_by_index``)."""
    return cdt_modify(ListExp, ListOp.REMOVE_BY_INDEX, [removal(), pack_part(index, "index")], items, context)


@written
def list_remove_by_index_range(
    items: Container,
    index: IntLike,
    count: IntLike | None = None,
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> Container:
    """The list without some elements from a position on (C: ``as_exp_list_remove_by_index_range``).

    Without a count, C: ``…_to_end``.
    """
    return cdt_modify(
        ListExp,
        ListOp.REMOVE_BY_INDEX_RANGE,
        [removal(inverted), pack_part(index, "index"), *counted(count)],
        items,
        context,
    )


@written
def list_remove_by_rank(items: Container, rank: IntLike, *, context: ContextLike | None = None) -> Container:
    """The list without the element with a rank (C: ``as_exp_list_remove_by_rank``)."""
    return cdt_modify(ListExp, ListOp.REMOVE_BY_RANK, [removal(), pack_part(rank, "rank")], items, context)


@written
def list_remove_by_rank_range(
    items: Container,
    rank: IntLike,
    count: IntLike | None = None,
    *,
    inverted: bool = False,
    context: ContextLike | None = None,
) -> Container:
    """The list without some elements from a rank on (C: ``as_exp_list_remove_by_rank_range``).

    Without a count, C: ``…_to_end``.
    """
    return cdt_modify(
        ListExp,
        ListOp.REMOVE_BY_RANK_RANGE,
        [removal(inverted), pack_part(rank, "rank"), *counted(count)],
        items,
        context,
    )
