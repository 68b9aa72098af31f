"""Bits of integers. For the bits of blobs, see the functions whose names begin with ``bit_``."""

from __future__ import annotations

from .._wire.opcodes import ExpOp
from .kinds import BoolLike, IntExp, IntLike
from .nodes import form, pack_part, written

__all__ = [
    "int_and",
    "int_arshift",
    "int_count",
    "int_lscan",
    "int_lshift",
    "int_not",
    "int_or",
    "int_rscan",
    "int_rshift",
    "int_xor",
]


@written
def int_and(first: IntLike, *more: IntLike) -> IntExp:
    """The bits that are set in all, as with ``&`` (C: ``as_exp_int_and``)."""
    return _folded(ExpOp.INT_AND, first, *more)


@written
def int_or(first: IntLike, *more: IntLike) -> IntExp:
    """The bits that are set in any, as with ``|`` (C: ``as_exp_int_or``)."""
    return _folded(ExpOp.INT_OR, first, *more)


@written
def int_xor(first: IntLike, *more: IntLike) -> IntExp:
    """The bits that are set in an odd number of them, as with ``^`` (C: ``as_exp_int_xor``)."""
    return _folded(ExpOp.INT_XOR, first, *more)


@written
def int_not(number: IntLike) -> IntExp:
    """The bits that are not set, as with ``~`` (C: ``as_exp_int_not``)."""
    return _folded(ExpOp.INT_NOT, number)


@written
def int_lshift(number: IntLike, shift: IntLike) -> IntExp:
    """Shifted to the left, as with ``<<`` (C: ``as_exp_int_lshift``).

    Args:
        number: The integer, of 64 bits.
        shift: By how many bits.
    """
    return _folded(ExpOp.INT_LSHIFT, number, shift)


@written
def int_rshift(number: IntLike, shift: IntLike) -> IntExp:
    """Shifted to the right, with zeros coming in (C: ``as_exp_int_rshift``). Arguments: see `int_lshift`."""
    return _folded(ExpOp.INT_RSHIFT, number, shift)


@written
def int_arshift(number: IntLike, shift: IntLike) -> IntExp:
    """Shifted to the right, keeping the sign, as with ``>>`` (C: ``as_exp_int_arshift``). See `int_lshift`."""
    return _folded(ExpOp.INT_ARSHIFT, number, shift)


@written
def int_count(number: IntLike) -> IntExp:
    """How many bits are set (C: ``as_exp_int_count``)."""
    return _folded(ExpOp.INT_COUNT, number)


@written
def int_lscan(number: IntLike, value: BoolLike) -> IntExp:
    """Where the first bit of a kind is, from the left (C: ``as_exp_int_lscan``).

    Args:
        number: The integer; its most significant bit is bit 0.
        value: Look for a bit that is set, or for one that is not; -1 if there is none.
    """
    return _folded(ExpOp.INT_LSCAN, number, value)


@written
def int_rscan(number: IntLike, value: BoolLike) -> IntExp:
    """Where the last bit of a kind is, counted from the left too (C: ``as_exp_int_rscan``). See `int_lscan`."""
    return _folded(ExpOp.INT_RSCAN, number, value)


def _folded(operation: ExpOp, *operands: object) -> IntExp:
    parts = [pack_part(operand, f"operand {position}") for position, operand in enumerate(operands, 1)]
    return IntExp(form(operation, *parts))
