"""One operation of an `operate` call."""

from __future__ import annotations

from typing import Any

import attrs

from .._wire.flags import OpType
from .._wire.message import pack_op
from ..values import encode_text

__all__ = ["MAX_BIN_NAME_BYTES", "Operation", "check_bin_name"]

MAX_BIN_NAME_BYTES = 15


@attrs.frozen(slots=True)
class Operation:
    """What to do to one bin; made by the functions of `triospike.operations`.

    Attributes:
        kind: The protocol's operation.
        bin_name: Name of the bin; empty for operations on the whole record.
        particle_type: Type of the operand.
        operand: The operand's bytes.
        is_map: It works on a map; the wire has the same kinds for lists and maps, but other rules for answers.
        description: How a program would write it, for people.
    """

    kind: OpType
    bin_name: str
    particle_type: int = 0
    operand: bytes = attrs.field(default=b"", repr=False)
    description: str = attrs.field(default="", eq=False)
    is_map: bool = attrs.field(default=False, eq=False, kw_only=True)
    packed: bytes = attrs.field(init=False, eq=False, repr=False)
    """As it stands in a request: packed once, however often it is used."""

    @packed.default
    def _pack(self) -> bytes:
        return pack_op(self.kind, self.bin_name.encode(), self.particle_type, self.operand)

    @property
    def is_write(self) -> bool:
        """True when it changes the record."""
        return self.kind in _WRITES

    def __str__(self) -> str:
        return self.description or f"{self.kind.name.lower()}({self.bin_name!r})"


_WRITES = frozenset(
    {
        OpType.WRITE,
        OpType.CDT_MODIFY,
        OpType.INCR,
        OpType.EXP_MODIFY,
        OpType.APPEND,
        OpType.PREPEND,
        OpType.TOUCH,
        OpType.BITS_MODIFY,
        OpType.DELETE_ALL,
        OpType.HLL_MODIFY,
        OpType.STRING_MODIFY,
    }
)


def check_bin_name(name: Any, argument: str = "bin_name") -> bytes:
    """The bytes of a bin's name.

    Raises:
        TypeError: It is not a str.
        ValueError: It is empty, longer than 15 bytes, or holds a NUL; the message names the argument.
    """
    if not isinstance(name, str):
        raise TypeError(f"{argument} must be a str, not {type(name).__name__}")
    encoded = encode_text(name, argument)
    if not 1 <= len(encoded) <= MAX_BIN_NAME_BYTES or b"\0" in encoded:
        raise ValueError(f"{argument} must be 1 to {MAX_BIN_NAME_BYTES} bytes without NUL, not {name!r}")
    return encoded
