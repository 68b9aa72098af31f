"""Makes operations of calls on lists and maps: checks and packs arguments, and says what was called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from .._wire import msgpack
from .._wire.flags import OpType, ParticleType
from .._wire.opcodes import ListOp, MapOp
from ..values import INT64_MAX
from ._packing import check_flags, check_int, pack_call, pack_int
from .context import ContextLike, pack_context
from .enums import (
    ListOrder,
    ListReturnType,
    ListWriteFlags,
    MapReturnType,
    check_order,
    check_return_type,
)
from .operation import Operation, check_bin_name

__all__ = [
    "amount_argument",
    "argument",
    "arguments_list",
    "bounds",
    "count_argument",
    "index_argument",
    "items_argument",
    "list_call",
    "list_flags",
    "list_policy",
    "list_selection",
    "map_call",
    "map_selection",
    "stored",
    "stored_list",
]

_SHOWN = 8


def list_call(
    number: ListOp,
    word: str,
    bin_name: str,
    context: ContextLike | None,
    arguments: Iterable[bytes] = (),
    shown: tuple[Any, ...] = (),
) -> Operation:
    """An operation on a list.

    Args:
        number: The protocol's number.
        word: The function's name, for people.
        bin_name: Name of the bin.
        context: Path to the list.
        arguments: Each packed.
        shown: What to show of them to people.
    """
    is_read = ListOp.SIZE <= number < ListOp.REMOVE_BY_INDEX
    operand = _operand(number, bin_name, arguments, context)
    kind = OpType.CDT_READ if is_read else OpType.CDT_MODIFY
    return Operation(kind, bin_name, ParticleType.BLOB, operand, _described(f"lists.{word}", bin_name, shown))


def map_call(
    number: MapOp,
    word: str,
    bin_name: str,
    context: ContextLike | None,
    arguments: Iterable[bytes] = (),
    shown: tuple[Any, ...] = (),
) -> Operation:
    """An operation on a map; arguments as for `list_call`."""
    kind = OpType.CDT_READ if number >= MapOp.SIZE else OpType.CDT_MODIFY
    operand = _operand(number, bin_name, arguments, context)
    described = _described(f"maps.{word}", bin_name, shown)
    return Operation(kind, bin_name, ParticleType.BLOB, operand, described, is_map=True)


def _operand(
    number: ListOp | MapOp, bin_name: str, arguments: Iterable[bytes], context: ContextLike | None
) -> bytes:
    check_bin_name(bin_name)
    return pack_call(number, arguments, pack_context(context))


def _described(word: str, bin_name: str, shown: tuple[Any, ...]) -> str:
    return f"{word}({', '.join(map(_short, (bin_name, *shown)))})"


def _short(value: Any) -> str:
    """The beginning of a value's repr, without making all of it."""
    if isinstance(value, str | bytes | list | tuple):
        value = value[: _SHOWN * 8] if isinstance(value, str | bytes) else value[:_SHOWN]
    elif isinstance(value, Mapping):
        value = dict(islice(value.items(), _SHOWN))
    return f"{value!r:.60}"


# Arguments.


def stored(value: Any, name: str) -> bytes:
    """A value that will be stored."""
    return msgpack.pack(value, name)


def stored_list(values: Sequence[Any], name: str) -> bytes:
    """Values that will be stored."""
    return msgpack.pack(_checked_list(values, name), name)


def argument(value: Any, name: str) -> bytes:
    """A value to compare with: wildcards and infinity are allowed."""
    return msgpack.pack_argument(value, name)


def arguments_list(values: Sequence[Any], name: str) -> bytes:
    """Values to compare with."""
    return msgpack.pack_argument(_checked_list(values, name), name)


def _checked_list(values: Any, name: str) -> list[Any] | tuple[Any, ...]:
    if not isinstance(values, list | tuple):
        raise TypeError(f"{name} must be a list, not {type(values).__name__}")
    return values


def items_argument(items: Mapping[Any, Any], name: str) -> bytes:
    """Items that will be stored; what order they get is an argument of its own."""
    if not isinstance(items, Mapping):
        raise TypeError(f"{name} must be a dict, not {type(items).__name__}")
    return msgpack.pack(dict(items), name)


def index_argument(value: int, name: str) -> bytes:
    """A position or rank, which may be negative."""
    return pack_int(check_int(value, name))


def count_argument(count: int | None) -> tuple[bytes, ...]:
    """How many; nothing at all for "up to the end"."""
    return () if count is None else (pack_int(check_int(count, "count", 0, INT64_MAX)),)


def bounds(begin: Any, end: Any) -> tuple[bytes, ...]:
    """An interval: no begin is nil, the lowest value, and no end is nothing at all."""
    lower = argument(begin, "begin")
    return (lower,) if end is None else (lower, argument(end, "end"))


def amount_argument(amount: int | float) -> bytes:
    """A number to add."""
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise TypeError(f"amount must be int or float, not {type(amount).__name__}")
    return msgpack.pack(amount, "amount")


def list_selection(return_type: ListReturnType) -> bytes:
    """What a selection from a list returns."""
    return pack_int(check_return_type(return_type, ListReturnType))


def map_selection(return_type: MapReturnType) -> bytes:
    """What a selection from a map returns."""
    return pack_int(check_return_type(return_type, MapReturnType))


def list_flags(flags: ListWriteFlags | None) -> tuple[bytes, ...]:
    """Write flags; nothing at all for the default of the server."""
    return () if flags is None else (pack_int(check_flags(flags, ListWriteFlags, "flags")),)


def list_policy(order: ListOrder | None, flags: ListWriteFlags | None) -> tuple[bytes, ...]:
    """Order and write flags: both, or nothing at all if neither is asked for."""
    if order is None and flags is None:
        return ()
    attributes = check_order(ListOrder.UNORDERED if order is None else order, ListOrder)
    return pack_int(attributes), *list_flags(ListWriteFlags.DEFAULT if flags is None else flags)
