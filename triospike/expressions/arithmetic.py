"""Numbers: sums, products, rounding. Ints and floats don't mix; `to_float` and `to_int` convert.

The operators of `IntExp` and `FloatExp` are the usual way to write most of these. What can't be computed is
unknown: a division of an int by zero, for example.
"""

from __future__ import annotations

from typing import overload

from .._wire.opcodes import ExpOp
from .alike import alike
from .kinds import AnyExp, FloatExp, FloatLike, IntExp, IntLike, kind_of
from .nodes import Expression, as_float, form, pack_part, written

__all__ = [
    "abs_",
    "add",
    "ceil",
    "div",
    "floor",
    "log",
    "max_",
    "min_",
    "mod",
    "mul",
    "pow_",
    "sub",
    "to_float",
    "to_int",
]


@overload
def add(first: IntLike, *more: IntLike) -> IntExp: ...  # type: ignore[overload-overlap]
@overload
def add(first: FloatLike, *more: FloatLike) -> FloatExp: ...
@written
def add(first: IntLike | FloatLike, *more: IntLike | FloatLike) -> Expression:
    """The sum of numbers, as with ``+`` (C: ``as_exp_add``). That of ints wraps around at 64 bits."""
    return _folded(ExpOp.ADD, first, *more)


@overload
def sub(first: IntLike, *more: IntLike) -> IntExp: ...  # type: ignore[overload-overlap]
@overload
def sub(first: FloatLike, *more: FloatLike) -> FloatExp: ...
@written
def sub(first: IntLike | FloatLike, *more: IntLike | FloatLike) -> Expression:
    """The first number less all others, as with ``-`` (C: ``as_exp_sub``); one alone is negated."""
    return _folded(ExpOp.SUB, first, *more)


@overload
def mul(first: IntLike, *more: IntLike) -> IntExp: ...  # type: ignore[overload-overlap]
@overload
def mul(first: FloatLike, *more: FloatLike) -> FloatExp: ...
@written
def mul(first: IntLike | FloatLike, *more: IntLike | FloatLike) -> Expression:
    """The product of numbers, as with ``*`` (C: ``as_exp_mul``). That of ints wraps around at 64 bits."""
    return _folded(ExpOp.MUL, first, *more)


@overload
def div(first: IntLike, *more: IntLike) -> IntExp: ...  # type: ignore[overload-overlap]
@overload
def div(first: FloatLike, *more: FloatLike) -> FloatExp: ...
@written
def div(first: IntLike | FloatLike, *more: IntLike | FloatLike) -> Expression:
    """The first number divided by all others (C: ``as_exp_div``); one alone gives its reciprocal.

    A quotient of ints is rounded towards zero: -7 divided by 2 is -3, while ``-7 // 2`` in Python is -4. With
    floats, ``/`` does the same.
    """
    return _folded(ExpOp.DIV, first, *more)


@written
def mod(numerator: IntLike, denominator: IntLike) -> IntExp:
    """The remainder of a division of ints (C: ``as_exp_mod``).

    It has the numerator's sign: -7 modulo 3 is -1, while ``-7 % 3`` in Python is 2.
    """
    return IntExp(form(ExpOp.MOD, pack_part(numerator, "numerator"), pack_part(denominator, "denominator")))


@written
def pow_(base: FloatLike, exponent: FloatLike) -> FloatExp:
    """A float raised to a power, as with ``**`` (C: ``as_exp_pow``)."""
    return FloatExp(form(ExpOp.POW, _float(base, "base"), _float(exponent, "exponent")))


@written
def log(number: FloatLike, base: FloatLike) -> FloatExp:
    """The logarithm of a float (C: ``as_exp_log``)."""
    return FloatExp(form(ExpOp.LOG, _float(number, "number"), _float(base, "base")))


@overload
def abs_(number: IntLike) -> IntExp: ...  # type: ignore[overload-overlap]
@overload
def abs_(number: FloatLike) -> FloatExp: ...
@written
def abs_(number: IntLike | FloatLike) -> Expression:
    """A number without its sign, as with ``abs()`` (C: ``as_exp_abs``)."""
    return _folded(ExpOp.ABS, number)


@written
def floor(number: FloatLike) -> FloatExp:
    """A float rounded down (C: ``as_exp_floor``); still a float."""
    return FloatExp(form(ExpOp.FLOOR, _float(number, "number")))


@written
def ceil(number: FloatLike) -> FloatExp:
    """A float rounded up (C: ``as_exp_ceil``); still a float."""
    return FloatExp(form(ExpOp.CEIL, _float(number, "number")))


@written
def to_int(number: FloatLike) -> IntExp:
    """A float rounded towards zero, as an int (C: ``as_exp_to_int``)."""
    return IntExp(form(ExpOp.TO_INT, _float(number, "number")))


@written
def to_float(number: IntLike) -> FloatExp:
    """An int as a float (C: ``as_exp_to_float``)."""
    return FloatExp(form(ExpOp.TO_FLOAT, pack_part(number, "number")))


@overload
def min_(first: IntLike, *more: IntLike) -> IntExp: ...  # type: ignore[overload-overlap]
@overload
def min_(first: FloatLike, *more: FloatLike) -> FloatExp: ...
@written
def min_(first: IntLike | FloatLike, *more: IntLike | FloatLike) -> Expression:
    """The smallest of numbers (C: ``as_exp_min``)."""
    return _folded(ExpOp.MIN, first, *more)


@overload
def max_(first: IntLike, *more: IntLike) -> IntExp: ...  # type: ignore[overload-overlap]
@overload
def max_(first: FloatLike, *more: FloatLike) -> FloatExp: ...
@written
def max_(first: IntLike | FloatLike, *more: IntLike | FloatLike) -> Expression:
    """The greatest of numbers (C: ``as_exp_max``)."""
    return _folded(ExpOp.MAX, first, *more)


def _folded(operation: ExpOp, *numbers: object) -> Expression:
    """An operation on ints or on floats; ints beside floats are made floats."""
    kinds = {kind_of(number) for number in numbers}
    parts = [pack_part(number, f"number {position}") for position, number in enumerate(alike(numbers), 1)]
    kind = next((each for each in (FloatExp, IntExp) if each in kinds), AnyExp)
    return kind(form(operation, *parts))


def _float(number: object, where: str) -> bytes:
    return pack_part(as_float(number, where), where)
