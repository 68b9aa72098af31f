"""What a scan or query asks for."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import attrs

from ..key import DIGEST_BYTES, Key
from ..operations.operation import Operation, check_bin_name
from .filter import Filter

__all__ = ["Statement"]


def _set_name(value: str | None) -> str:
    return "" if value is None else value


def _bins(value: Sequence[str] | None) -> tuple[str, ...] | None:
    if isinstance(value, str):
        raise TypeError("bins must be a sequence of names, not one str")
    return None if value is None else tuple(value)


def _operations(value: Sequence[Operation]) -> tuple[Operation, ...]:
    return tuple(value)


@attrs.frozen
class Statement:
    """Records of a namespace or set: all of them, which is a scan, or those that an index finds, which is a query.

    Attributes:
        namespace: Name of the namespace.
        set_name: Name of the set; empty or None for all sets of the namespace.
        bins: Names of the bins to return; None returns all, an empty sequence only keys and headers. A record that
            has none of the named bins is not returned at all.
        filter: Which records, by a secondary index; None for all. For conditions without an index there is
            ``filter_exp`` of the policy.
        operations: Read operations whose results are returned instead of bins; other than plain reads they need
            server 8.1.2.

    Raises:
        TypeError: An argument has another type.
        ValueError: A name is too long, bins and operations are both given, or an operation writes.
    """

    namespace: str
    set_name: str = attrs.field(default="", converter=_set_name)
    bins: tuple[str, ...] | None = attrs.field(default=None, converter=_bins, kw_only=True)
    filter: Filter | None = attrs.field(default=None, kw_only=True)
    operations: tuple[Operation, ...] = attrs.field(default=(), converter=_operations, kw_only=True)

    def __attrs_post_init__(self) -> None:
        Key.from_digest(self.namespace, self.set_name, bytes(DIGEST_BYTES))  # checks the names
        if self.filter is not None and not isinstance(self.filter, Filter):
            raise TypeError(f"filter must be a Filter, not {type(self.filter).__name__}")
        for name in self.bins or ():
            check_bin_name(name, "a bin name in bins")
        for operation in self.operations:
            _check_read(operation)
        if self.operations and self.bins is not None:
            raise ValueError("bins and operations can't both be given: a bin is read by operations.read")

    @property
    def fingerprint(self) -> bytes:
        """Eight bytes that tell which records are meant and in which order a node goes through them."""
        told = repr((self.namespace, self.set_name, self.filter and self.filter.identity))
        return blake2b(told.encode(), digest_size=8).digest()


def _check_read(operation: Any) -> None:
    if not isinstance(operation, Operation):
        raise TypeError(f"operations must be made by triospike.operations, not {type(operation).__name__}")
    if operation.is_write:
        raise ValueError(
            f"operations of a query must be read operations, which {operation} is not: query_execute writes"
        )
