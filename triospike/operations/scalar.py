"""Operations on whole bin values (C: ``as_operations_add_read`` and its siblings)."""

from __future__ import annotations

from typing import Any

from .._wire.flags import OpType
from .._wire.particle import encode_value
from .operation import Operation, check_bin_name

__all__ = ["add", "append", "delete", "prepend", "read", "read_all", "touch", "write"]


def read(bin_name: str) -> Operation:
    """Read a bin.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
    """
    check_bin_name(bin_name)
    return Operation(OpType.READ, bin_name, description=f"read({bin_name!r})")


def read_all() -> Operation:
    """Read all bins. It can't stand beside operations that have results of their own."""
    return Operation(OpType.READ, "", description="read_all()")


def write(bin_name: str, value: Any) -> Operation:
    """Write a bin; None removes it.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        value: Any value that `put` takes.

    Raises:
        TypeError: The value has a type that can't be stored.
        ValueError: An int in it does not fit in 64 bits.
    """
    return _with_operand(OpType.WRITE, "write", bin_name, value)


def add(bin_name: str, amount: int | float) -> Operation:
    """Add to an integer or float bin; a missing bin takes the amount.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        amount: An int for an integer bin, a float for a float bin.
    """
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise TypeError(f"amount must be int or float, not {type(amount).__name__}")
    return _with_operand(OpType.INCR, "add", bin_name, amount)


def append(bin_name: str, value: str | bytes) -> Operation:
    """Append to a string or blob bin; a missing bin takes the value.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        value: A str for a string bin, bytes for a blob.
    """
    _check_text_or_blob(value)
    return _with_operand(OpType.APPEND, "append", bin_name, value)


def prepend(bin_name: str, value: str | bytes) -> Operation:
    """Prepend to a string or blob bin; a missing bin takes the value.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        value: A str for a string bin, bytes for a blob.
    """
    _check_text_or_blob(value)
    return _with_operand(OpType.PREPEND, "prepend", bin_name, value)


def touch() -> Operation:
    """Renew the record's expiry and raise its generation; the record must exist."""
    return Operation(OpType.TOUCH, "", description="touch()")


def delete() -> Operation:
    """Remove all bins; the record is deleted unless a later operation writes one."""
    return Operation(OpType.DELETE_ALL, "", description="delete()")


def _check_text_or_blob(value: object) -> None:
    if not isinstance(value, str | bytes | bytearray | memoryview):
        raise TypeError(f"value must be str or bytes, not {type(value).__name__}")


def _with_operand(kind: OpType, word: str, bin_name: str, value: Any) -> Operation:
    check_bin_name(bin_name)
    particle_type, operand = encode_value(value, f"{word}({bin_name!r}, value)")
    return Operation(kind, bin_name, particle_type, operand, f"{word}({bin_name!r}, {value!r:.60})")
