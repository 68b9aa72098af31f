"""What policies and operations need to know of an expression: its bytes, and whether it is one that filters.

The expressions themselves live above the policies (`triospike.exp`); these protocols let them pass.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias

__all__ = ["FilterLike", "Packed", "PackedFilter", "PackedLike", "packed_bytes", "packed_filter_bytes"]


class Packed(Protocol):
    """An expression, of any type."""

    @property
    def packed(self) -> bytes:
        """The expression as it travels (protocol section 12.1)."""


class PackedFilter(Packed, Protocol):
    """An expression that is true or false, so that it can filter records."""

    @property
    def packed_filter(self) -> bytes:
        """The same bytes as `packed`; only such expressions have it."""


PackedLike: TypeAlias = Packed | bytes
FilterLike: TypeAlias = PackedFilter | bytes


def packed_bytes(expression: PackedLike, where: str) -> bytes:
    """The bytes of an expression, or the bytes themselves if that is what was given.

    Args:
        expression: Made by `triospike.exp`, or packed by whatever means.
        where: What it is, for messages.

    Raises:
        TypeError: It is neither.
        ValueError: There are no bytes.
    """
    return _checked(expression, "packed", "an expression", where)


def packed_filter_bytes(expression: FilterLike, where: str) -> bytes:
    """Like `packed_bytes`, for an expression that filters.

    Raises:
        TypeError: It is neither bytes nor an expression that is true or false.
        ValueError: There are no bytes.
    """
    return _checked(expression, "packed_filter", "an expression that is true or false", where)


def _checked(expression: object, attribute: str, wanted: str, where: str) -> bytes:
    found = expression if isinstance(expression, bytes) else getattr(expression, attribute, None)
    if not isinstance(found, bytes):
        raise TypeError(f"{where} must be {wanted}, or one packed to bytes, not {type(expression).__name__}")
    if not found:
        raise ValueError(f"{where} must not be empty")
    return found
