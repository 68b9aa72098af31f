"""Comparisons as functions, patterns, regions, and whether a list has a value.

The operators ``==``, ``<`` and so on are the usual way to compare. The functions of the same meaning are for a
constant on the left, and for programs that put expressions together from data: when the program runs they take
what they are given, and leave it to the server to refuse what can't be compared (`InvalidRequest`).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import STRICT, IntFlag
from typing import Any, Protocol, cast, overload

from .._wire.opcodes import ExpOp
from ..operations._packing import check_flags, pack_int
from ..values import encode_text
from .alike import alike
from .kinds import (
    BlobLike,
    BoolExp,
    BoolLike,
    FloatLike,
    GeoLike,
    HllLike,
    IntLike,
    ListLike,
    MapLike,
    NilLike,
    StringLike,
)
from .nodes import Value, form, pack_part, pack_text, written

__all__ = ["Comparison", "RegexFlags", "eq", "ge", "geo_compare", "gt", "in_list", "le", "lt", "ne", "regex"]


class Comparison(Protocol):
    """A function of two results of the same type."""

    @overload
    def __call__(self, left: IntLike, right: IntLike) -> BoolExp: ...
    @overload
    def __call__(self, left: FloatLike, right: FloatLike) -> BoolExp: ...
    @overload
    def __call__(self, left: StringLike, right: StringLike) -> BoolExp: ...
    @overload
    def __call__(self, left: BoolLike, right: BoolLike) -> BoolExp: ...
    @overload
    def __call__(self, left: BlobLike, right: BlobLike) -> BoolExp: ...
    @overload
    def __call__(self, left: ListLike, right: ListLike) -> BoolExp: ...
    @overload
    def __call__(self, left: MapLike, right: MapLike) -> BoolExp: ...
    @overload
    def __call__(self, left: GeoLike, right: GeoLike) -> BoolExp: ...
    @overload
    def __call__(self, left: HllLike, right: HllLike) -> BoolExp: ...
    @overload
    def __call__(self, left: NilLike, right: NilLike) -> BoolExp: ...


def _comparison(function: Callable[[Any, Any], BoolExp]) -> Comparison:
    return cast("Comparison", written(function))


class RegexFlags(IntFlag, boundary=STRICT):
    """How to read a pattern: POSIX ``regcomp`` of the server's C library, glibc.

    The values are those of glibc. Some clients' names for 4 and 8 are the other way round.
    """

    NONE = 0
    """A basic regular expression."""
    EXTENDED = 1
    """An extended one: ``+``, ``?``, ``|``, ``()`` and ``{}`` need no backslash."""
    ICASE = 2
    """Upper and lower case are the same."""
    NEWLINE = 4
    """``.`` does not match a newline; ``^`` and ``$`` match at each."""
    NOSUB = 8
    """Do not look for what the groups matched; nothing else changes."""


@_comparison
def eq(left: Value, right: Value) -> BoolExp:
    """Whether two results are equal, ``left == right`` (C: ``as_exp_cmp_eq``).

    Args:
        left: An expression or a value.
        right: One of the same type.
    """
    return _compared(ExpOp.EQ, left, right)


@_comparison
def ne(left: Value, right: Value) -> BoolExp:
    """Whether two results differ, ``left != right`` (C: ``as_exp_cmp_ne``). Arguments: see `eq`."""
    return _compared(ExpOp.NE, left, right)


@_comparison
def gt(left: Value, right: Value) -> BoolExp:
    """Whether the first is greater, ``left > right`` (C: ``as_exp_cmp_gt``). Arguments: see `eq`."""
    return _compared(ExpOp.GT, left, right)


@_comparison
def ge(left: Value, right: Value) -> BoolExp:
    """Whether the first is not smaller, ``left >= right`` (C: ``as_exp_cmp_ge``). Arguments: see `eq`."""
    return _compared(ExpOp.GE, left, right)


@_comparison
def lt(left: Value, right: Value) -> BoolExp:
    """Whether the first is smaller, ``left < right`` (C: ``as_exp_cmp_lt``). Arguments: see `eq`."""
    return _compared(ExpOp.LT, left, right)


@_comparison
def le(left: Value, right: Value) -> BoolExp:
    """Whether the first is not greater, ``left <= right`` (C: ``as_exp_cmp_le``). Arguments: see `eq`."""
    return _compared(ExpOp.LE, left, right)


@written
def regex(text: StringLike, pattern: str, flags: RegexFlags = RegexFlags.NONE) -> BoolExp:
    """Whether a pattern matches anywhere in a string (C: ``as_exp_cmp_regex``).

    Args:
        text: The string.
        pattern: A POSIX regular expression, a constant; the server refuses a malformed one.
        flags: How to read it.

    Raises:
        TypeError: The pattern is no str, or the flags are none.
    """
    if not isinstance(pattern, str):
        raise TypeError(f"pattern must be a str, not {type(pattern).__name__}")
    number = pack_int(check_flags(flags, RegexFlags, "flags"))
    packed = pack_text(encode_text(pattern, "pattern"))
    return BoolExp(form(ExpOp.CMP_REGEX, number, packed, pack_part(text, "text")))


@written
def geo_compare(left: GeoLike, right: GeoLike) -> BoolExp:
    """Whether a point is in a region, or a region has a point (C: ``as_exp_cmp_geo``).

    Args:
        left: A point or a region.
        right: A region or a point.
    """
    return _compared(ExpOp.CMP_GEO, left, right)


@written
def in_list(value: Value, items: ListLike) -> BoolExp:
    """Whether a list has a value among its elements (C: ``as_exp_in_list``; server 8.1.2).

    Args:
        value: The value.
        items: The list.
    """
    return BoolExp(form(ExpOp.IN_LIST, pack_part(value, "value"), pack_part(items, "items")))


def _compared(operation: ExpOp, left: object, right: object) -> BoolExp:
    left, right = alike([left, right])
    return BoolExp(form(operation, pack_part(left, "left"), pack_part(right, "right")))
