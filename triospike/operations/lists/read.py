"""Operations that read from a list; see `triospike.operations.lists` for the vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._wire.opcodes import ListOp
from .._calls import argument, arguments_list, bounds, count_argument, index_argument, list_call, list_selection
from ..context import ContextLike
from ..enums import ListReturnType
from ..operation import Operation

__all__ = [
    "get",
    "get_by_index",
    "get_by_index_range",
    "get_by_rank",
    "get_by_rank_range",
    "get_by_value",
    "get_by_value_list",
    "get_by_value_range",
    "get_by_value_rel_rank_range",
    "get_range",
    "join",
    "size",
]


def size(
    bin_name: str,
    *,
    context: ContextLike | None = None,
) -> Operation:
    """Count the elements (C: ``as_operations_list_size``).

    Result: how many there are.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        context: Path to the list, if it is nested.
    """
    return list_call(ListOp.SIZE, "size", bin_name, context)


def get(
    bin_name: str,
    index: int,
    *,
    context: ContextLike | None = None,
) -> Operation:
    """Read the element at a position (C: ``as_operations_list_get``).

    A position outside the list is refused: `OperationNotApplicable`.

    Result: the element.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        index: Position, from 0; negative from the end.
        context: Path to the list, if it is nested.
    """
    return list_call(ListOp.GET, "get", bin_name, context, [index_argument(index, "index")], (index,))


def get_range(
    bin_name: str,
    index: int,
    count: int | None = None,
    *,
    context: ContextLike | None = None,
) -> Operation:
    """Read elements from a position on (C: ``as_operations_list_get_range``).

    Without a count, C: ``as_operations_list_get_range_from``.

    Result: the elements, a list.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        index: Position, from 0; negative from the end.
        count: How many; None for all up to the end.
        context: Path to the list, if it is nested.
    """
    arguments = [index_argument(index, "index"), *count_argument(count)]
    return list_call(ListOp.GET_RANGE, "get_range", bin_name, context, arguments, (index, count))


def get_by_index(
    bin_name: str,
    index: int,
    *,
    return_type: ListReturnType = ListReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read the element at a position (C: ``as_operations_list_get_by_index``).

    A position outside the list is refused: `OperationNotApplicable`.

    Result: what `return_type` says of the element.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        index: Position, from 0; negative from the end.
        return_type: What to give of the selected elements.
        context: Path to the list, if it is nested.
    """
    arguments = [list_selection(return_type), index_argument(index, "index")]
    return list_call(ListOp.GET_BY_INDEX, "get_by_index", bin_name, context, arguments, (index,))


def get_by_index_range(
    bin_name: str,
    index: int,
    count: int | None = None,
    *,
    return_type: ListReturnType = ListReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read elements from a position on (C: ``as_operations_list_get_by_index_range``).

    Without a count, C: ``as_operations_list_get_by_index_range_to_end``.

    Result: what `return_type` says of the elements.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        index: Position, from 0; negative from the end.
        count: How many; None for all up to the end.
        return_type: What to give of the selected elements.
        context: Path to the list, if it is nested.
    """
    arguments = [list_selection(return_type), index_argument(index, "index"), *count_argument(count)]
    return list_call(ListOp.GET_BY_INDEX_RANGE, "get_by_index_range", bin_name, context, arguments, (index, count))


def get_by_rank(
    bin_name: str,
    rank: int,
    *,
    return_type: ListReturnType = ListReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read the element with a rank (C: ``as_operations_list_get_by_rank``).

    A rank outside the list is refused: `OperationNotApplicable`.

    Result: what `return_type` says of the element.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        rank: 0 is the lowest value; negative from the highest.
        return_type: What to give of the selected elements.
        context: Path to the list, if it is nested.
    """
    arguments = [list_selection(return_type), index_argument(rank, "rank")]
    return list_call(ListOp.GET_BY_RANK, "get_by_rank", bin_name, context, arguments, (rank,))


def get_by_rank_range(
    bin_name: str,
    rank: int,
    count: int | None = None,
    *,
    return_type: ListReturnType = ListReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read elements from a rank on (C: ``as_operations_list_get_by_rank_range``).

    Without a count, C: ``as_operations_list_get_by_rank_range_to_end``.

    Result: what `return_type` says of the elements.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        rank: 0 is the lowest value; negative from the highest.
        count: How many; None for all up to the end.
        return_type: What to give of the selected elements.
        context: Path to the list, if it is nested.
    """
    arguments = [list_selection(return_type), index_argument(rank, "rank"), *count_argument(count)]
    return list_call(ListOp.GET_BY_RANK_RANGE, "get_by_rank_range", bin_name, context, arguments, (rank, count))


def get_by_value(
    bin_name: str,
    value: Any,
    *,
    return_type: ListReturnType = ListReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read all elements that equal a value (C: ``as_operations_list_get_by_value``).

    Result: what `return_type` says of the elements.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        value: Any value; may hold wildcards.
        return_type: What to give of the selected elements.
        context: Path to the list, if it is nested.
    """
    arguments = [list_selection(return_type), argument(value, "value")]
    return list_call(ListOp.GET_ALL_BY_VALUE, "get_by_value", bin_name, context, arguments, (value,))


def get_by_value_list(
    bin_name: str,
    values: Sequence[Any],
    *,
    return_type: ListReturnType = ListReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read all elements that equal one of several values (C: ``as_operations_list_get_by_value_list``).

    Result: what `return_type` says of the elements.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        values: A list or tuple of values; may hold wildcards.
        return_type: What to give of the selected elements.
        context: Path to the list, if it is nested.
    """
    arguments = [list_selection(return_type), arguments_list(values, "values")]
    return list_call(ListOp.GET_ALL_BY_VALUE_LIST, "get_by_value_list", bin_name, context, arguments, (values,))


def get_by_value_range(
    bin_name: str,
    begin: Any = None,
    end: Any = None,
    *,
    return_type: ListReturnType = ListReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read all elements within a range of values (C: ``as_operations_list_get_by_value_range``).

    Result: what `return_type` says of the elements.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        begin: The lowest value that is selected; None for no bound.
        end: The first value above the range; None for no bound.
        return_type: What to give of the selected elements.
        context: Path to the list, if it is nested.
    """
    arguments = [list_selection(return_type), *bounds(begin, end)]
    return list_call(
        ListOp.GET_BY_VALUE_INTERVAL, "get_by_value_range", bin_name, context, arguments, (begin, end)
    )


def get_by_value_rel_rank_range(
    bin_name: str,
    value: Any,
    rank: int,
    count: int | None = None,
    *,
    return_type: ListReturnType = ListReturnType.VALUE,
    context: ContextLike | None = None,
) -> Operation:
    """Read elements by rank relative to a value (C: ``as_operations_list_get_by_value_rel_rank_range``).

    Without a count, C: ``as_operations_list_get_by_value_rel_rank_range_to_end``.

    Result: what `return_type` says of the elements.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        value: What to count from, whether it is in the list or not.
        rank: Where to begin: 0 is the lowest element that is not below the value, -1 the one before.
        count: How many; None for all up to the end.
        return_type: What to give of the selected elements.
        context: Path to the list, if it is nested.
    """
    arguments = [
        list_selection(return_type),
        argument(value, "value"),
        index_argument(rank, "rank"),
        *count_argument(count),
    ]
    return list_call(
        ListOp.GET_BY_VALUE_REL_RANK_RANGE,
        "get_by_value_rel_rank_range",
        bin_name,
        context,
        arguments,
        (value, rank, count),
    )


def join(
    bin_name: str,
    separator: str | None = None,
    *,
    context: ContextLike | None = None,
) -> Operation:
    """Read the strings of a list as one (Python: ``list_join``; server 8.1.3).

    A list with anything else than strings is refused: `InvalidRequest`, as every such call by an older server.

    Result: str; an empty one for an empty list.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        separator: What to write between them; None for nothing.
        context: Path to the list, if it is nested.
    """
    if separator is None:
        return list_call(ListOp.JOIN, "join", bin_name, context)
    if not isinstance(separator, str):
        raise TypeError(f"separator must be a str, not {type(separator).__name__}")
    return list_call(ListOp.JOIN, "join", bin_name, context, [argument(separator, "separator")], (separator,))
