"""Operations that compute: results of expressions, read or written into bins (C: ``as_operations_exp_*``)."""

from __future__ import annotations

from enum import STRICT, IntFlag

from .._wire.flags import OpType, ParticleType
from ..packed import PackedLike, packed_bytes
from ._packing import check_flags, pack_array, pack_int
from .operation import Operation, check_bin_name

__all__ = ["ExpReadFlags", "ExpWriteFlags", "read", "write"]


class ExpReadFlags(IntFlag, boundary=STRICT):
    """What to make of an expression without a result (C: ``as_exp_read_flags``)."""

    DEFAULT = 0
    EVAL_NO_FAIL = 16
    """Give None instead of failing."""


class ExpWriteFlags(IntFlag, boundary=STRICT):
    """When to write, and what to make of a refusal (C: ``as_exp_write_flags``)."""

    DEFAULT = 0
    CREATE_ONLY = 1
    """Fail with `BinExists` if the bin exists."""
    UPDATE_ONLY = 2
    """Fail with `BinNotFound` if it does not."""
    ALLOW_DELETE = 4
    """A result of nil removes the bin; else it is refused."""
    POLICY_NO_FAIL = 8
    """Do nothing where one of the flags above would refuse."""
    EVAL_NO_FAIL = 16
    """Do nothing if the expression has no result."""


def read(bin_name: str, expression: PackedLike, *, flags: ExpReadFlags = ExpReadFlags.DEFAULT) -> Operation:
    """Compute, without writing anything (C: ``as_operations_exp_read``).

    Result: that of the expression, under the given name.

    The server refuses an expression that is malformed, with `InvalidRequest`, and one without a result, with
    `OperationNotApplicable`.

    Args:
        bin_name: Name of the result, at most 15 bytes; there need not be such a bin.
        expression: Made by `triospike.exp`, or packed already.
        flags: What to make of an expression without a result.

    Raises:
        TypeError: An argument has the wrong type; the message names it.
        ValueError: The name is not 1 to 15 bytes.
    """
    number = check_flags(flags, ExpReadFlags, "flags")
    return _operation(OpType.EXP_READ, "read", bin_name, expression, number)


def write(bin_name: str, expression: PackedLike, *, flags: ExpWriteFlags = ExpWriteFlags.DEFAULT) -> Operation:
    """Compute, and write the result into a bin (C: ``as_operations_exp_write``). Result: None.

    The server refuses an expression that is malformed, with `InvalidRequest`, one without a result, with
    `OperationNotApplicable`, and what the flags forbid, with `BinExists` or `BinNotFound`.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        expression: Made by `triospike.exp`, or packed already.
        flags: When to write.

    Raises:
        TypeError: An argument has the wrong type; the message names it.
        ValueError: The name is not 1 to 15 bytes.
    """
    number = check_flags(flags, ExpWriteFlags, "flags")
    return _operation(OpType.EXP_MODIFY, "write", bin_name, expression, number)


def _operation(kind: OpType, word: str, bin_name: str, expression: PackedLike, flags: int) -> Operation:
    check_bin_name(bin_name)
    operand = pack_array([packed_bytes(expression, "expression"), pack_int(flags)])
    description = f"expression.{word}({bin_name!r}, {expression!r:.200})"
    return Operation(kind, bin_name, ParticleType.BLOB, operand, description)
