"""Operations that add to a list or change what is in it; see `triospike.operations.lists` for the vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._wire.opcodes import ListOp
from .._calls import amount_argument, index_argument, list_call, list_flags, list_policy, stored, stored_list
from .._packing import check_bool, check_flags, check_int, pack_int
from ..context import ContextLike, with_creation
from ..enums import ListOrder, ListSortFlags, ListWriteFlags, check_nested_order, check_order
from ..operation import Operation

__all__ = [
    "append",
    "append_items",
    "clear",
    "create",
    "increment",
    "insert",
    "insert_items",
    "set_",
    "set_order",
    "sort",
    "trim",
]


def create(
    bin_name: str,
    order: ListOrder = ListOrder.UNORDERED,
    *,
    pad: bool = False,
    persist_index: bool = False,
    context: ContextLike | None = None,
) -> Operation:
    """Make an empty list (C: ``as_operations_list_create_all``).

    With defaults, C: ``as_operations_list_create``. A list that is there keeps its elements and takes the order.

    Result: None.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        order: Order of the list.
        pad: Allow a position in the context beyond the end of the outer list, which nils then fill up; for an
            unordered list.
        persist_index: Keep the index of the list with the record; not for nested lists.
        context: Path to the list, whose last step need not be there yet.
    """
    check_bool(pad, "pad")
    attributes = check_order(order, ListOrder, persist_index=persist_index)
    path = context
    if context:
        check_nested_order(persist_index)
        path = with_creation(context, order, pad=pad)
    return list_call(ListOp.SET_TYPE, "create", bin_name, path, [pack_int(attributes)], (order,))


def set_order(
    bin_name: str,
    order: ListOrder,
    *,
    persist_index: bool = False,
    context: ContextLike | None = None,
) -> Operation:
    """Change the order of a list (C: ``as_operations_list_set_order``).

    Result: None.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        order: The order; `ListOrder.ORDERED` sorts the elements.
        persist_index: Keep the index of the list with the record; not for nested lists.
        context: Path to the list, if it is nested.
    """
    attributes = check_order(order, ListOrder, persist_index=persist_index)
    if context:
        check_nested_order(persist_index)
    return list_call(ListOp.SET_TYPE, "set_order", bin_name, context, [pack_int(attributes)], (order,))


def sort(
    bin_name: str,
    flags: ListSortFlags = ListSortFlags.DEFAULT,
    *,
    context: ContextLike | None = None,
) -> Operation:
    """Sort a list once (C: ``as_operations_list_sort``).

    An unordered list stays one: what is added later goes to the end. An ordered one is always ascending.

    Result: None.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        flags: Descending, and whether to drop duplicates.
        context: Path to the list, if it is nested.
    """
    number = check_flags(flags, ListSortFlags, "flags")
    return list_call(ListOp.SORT, "sort", bin_name, context, [pack_int(number)], (flags,))


def append(
    bin_name: str,
    value: Any,
    *,
    order: ListOrder | None = None,
    flags: ListWriteFlags | None = None,
    context: ContextLike | None = None,
) -> Operation:
    """Add a value at the end, or at its place in an ordered list (C: ``as_operations_list_append``).

    Result: the size of the list.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        value: Any value that can be stored.
        order: Order of the list, if this makes it.
        flags: What the write may do.
        context: Path to the list, if it is nested.
    """
    arguments = [stored(value, "value"), *list_policy(order, flags)]
    return list_call(ListOp.APPEND, "append", bin_name, context, arguments, (value,))


def append_items(
    bin_name: str,
    values: Sequence[Any],
    *,
    order: ListOrder | None = None,
    flags: ListWriteFlags | None = None,
    context: ContextLike | None = None,
) -> Operation:
    """Add several values at the end, or at their places (C: ``as_operations_list_append_items``).

    Result: the size of the list.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        values: A list or tuple of values.
        order: Order of the list, if this makes it.
        flags: What the write may do.
        context: Path to the list, if it is nested.
    """
    arguments = [stored_list(values, "values"), *list_policy(order, flags)]
    return list_call(ListOp.APPEND_ITEMS, "append_items", bin_name, context, arguments, (values,))


def insert(
    bin_name: str,
    index: int,
    value: Any,
    *,
    flags: ListWriteFlags | None = None,
    context: ContextLike | None = None,
) -> Operation:
    """Insert a value before a position (C: ``as_operations_list_insert``).

    An ordered list refuses it: `OperationNotApplicable`.

    Result: the size of the list.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        index: Position, from 0; negative from the end.
        value: Any value that can be stored.
        flags: What the write may do.
        context: Path to the list, if it is nested.
    """
    arguments = [index_argument(index, "index"), stored(value, "value"), *list_flags(flags)]
    return list_call(ListOp.INSERT, "insert", bin_name, context, arguments, (index, value))


def insert_items(
    bin_name: str,
    index: int,
    values: Sequence[Any],
    *,
    flags: ListWriteFlags | None = None,
    context: ContextLike | None = None,
) -> Operation:
    """Insert several values before a position (C: ``as_operations_list_insert_items``).

    An ordered list refuses it: `OperationNotApplicable`.

    Result: the size of the list.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        index: Position, from 0; negative from the end.
        values: A list or tuple of values.
        flags: What the write may do.
        context: Path to the list, if it is nested.
    """
    arguments = [index_argument(index, "index"), stored_list(values, "values"), *list_flags(flags)]
    return list_call(ListOp.INSERT_ITEMS, "insert_items", bin_name, context, arguments, (index, values))


def set_(
    bin_name: str,
    index: int,
    value: Any,
    *,
    flags: ListWriteFlags | None = None,
    context: ContextLike | None = None,
) -> Operation:
    """Replace the value at a position (C: ``as_operations_list_set``).

    An ordered list refuses it: `OperationNotApplicable`.

    Result: None.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        index: Position, from 0; negative from the end.
        value: Any value that can be stored.
        flags: What the write may do.
        context: Path to the list, if it is nested.
    """
    arguments = [index_argument(index, "index"), stored(value, "value"), *list_flags(flags)]
    return list_call(ListOp.SET, "set_", bin_name, context, arguments, (index, value))


def increment(
    bin_name: str,
    index: int,
    amount: int | float = 1,
    *,
    order: ListOrder | None = None,
    flags: ListWriteFlags | None = None,
    context: ContextLike | None = None,
) -> Operation:
    """Add to the number at a position (C: ``as_operations_list_increment``).

    An element that is no number is refused: `InvalidRequest`.

    Result: the sum.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        index: Position, from 0; negative from the end.
        amount: An int or float; a float is cut to an int for an element that is one.
        order: Order of the list, if this makes it.
        flags: What the write may do.
        context: Path to the list, if it is nested.
    """
    arguments = [index_argument(index, "index"), amount_argument(amount), *list_policy(order, flags)]
    return list_call(ListOp.INCREMENT, "increment", bin_name, context, arguments, (index, amount))


def trim(
    bin_name: str,
    index: int,
    count: int,
    *,
    context: ContextLike | None = None,
) -> Operation:
    """Remove all elements outside a range (C: ``as_operations_list_trim``).

    Result: how many elements were removed.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        index: Position of the first element that stays, from 0; negative from the end.
        count: How many stay.
        context: Path to the list, if it is nested.
    """
    arguments = [index_argument(index, "index"), index_argument(check_int(count, "count", 0), "count")]
    return list_call(ListOp.TRIM, "trim", bin_name, context, arguments, (index, count))


def clear(
    bin_name: str,
    *,
    context: ContextLike | None = None,
) -> Operation:
    """Remove all elements (C: ``as_operations_list_clear``).

    Result: None.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        context: Path to the list, if it is nested.
    """
    return list_call(ListOp.CLEAR, "clear", bin_name, context)
