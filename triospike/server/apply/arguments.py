"""Packed calls: ``[number of the operation, arguments...]``, one argument after another (protocol section 11)."""

from __future__ import annotations

import struct

from ...result_code import ResultCode
from ..refusal import Refusal
from .containers import Malformed, canonical
from .cursor import Cursor

__all__ = ["Arguments"]


class Arguments(Cursor):
    """A cursor over a packed call, behind the number of its operation.

    Args:
        call: The packed call. Bytes behind it are not looked at.

    Attributes:
        operation: The number of the operation.
        count: How many arguments there are.
    """

    __slots__ = ("count", "operation")

    def __init__(self, call: bytes) -> None:
        super().__init__(call)
        self.count = self.list_size() - 1
        if self.count < 0:
            raise Refusal(ResultCode.PARAMETER)
        self.operation = self.unsigned()

    def element(self) -> bytes:
        """Any value, in canonical form."""
        try:
            _, piece, self.at = canonical(self.data, self.at)
        except (Malformed, struct.error, IndexError):
            raise Refusal(ResultCode.PARAMETER) from None
        return piece
