"""One operation of an `operate` call."""

from __future__ import annotations

from typing import Any, Final

import attrs

from .._wire.flags import OpType
from .._wire.message import pack_op
from ..values import encode_text

__all__ = ["MAX_BIN_NAME_BYTES", "Operation", "Trait", "check_bin_name"]

MAX_BIN_NAME_BYTES = 15


class Trait:
    """Bits of what an operation asks of the request that carries it; plain ints, to be combined."""

    WRITES: Final = 0x01
    READS: Final = 0x02
    READS_ALL: Final = 0x04
    ANSWERS_EACH: Final = 0x08


# With one of these, one on a map, or by policy, the server answers every operation (C client's rule, protocol
# section 7.1).
_ANSWER_EACH = {
    OpType.EXP_READ,
    OpType.EXP_MODIFY,
    OpType.BITS_READ,
    OpType.BITS_MODIFY,
    OpType.HLL_READ,
    OpType.HLL_MODIFY,
    OpType.STRING_READ,
    OpType.STRING_MODIFY,
    OpType.TO_STRING,
}
_WRITES = {
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
_TRAITS = {
    int(kind): (Trait.WRITES if kind in _WRITES else Trait.READS)
    | (Trait.ANSWERS_EACH if kind in _ANSWER_EACH else 0)
    for kind in OpType
}


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
        packed: As it stands in a request: packed once, however often it is used.
        traits: Bits of `Trait`.
    """

    kind: OpType
    bin_name: str
    particle_type: int = 0
    operand: bytes = attrs.field(default=b"", repr=False)
    description: str = attrs.field(default="", eq=False)
    is_map: bool = attrs.field(default=False, eq=False, kw_only=True)
    packed: bytes = attrs.field(init=False, eq=False, repr=False)
    traits: int = attrs.field(init=False, eq=False, repr=False)

    @packed.default
    def _pack(self) -> bytes:
        return pack_op(self.kind, self.bin_name.encode(), self.particle_type, self.operand)

    @traits.default
    def _find_traits(self) -> int:
        traits = _TRAITS[int(self.kind)]
        if self.is_map:
            traits |= Trait.ANSWERS_EACH
        if self.kind is OpType.READ and not self.bin_name:
            traits |= Trait.READS_ALL
        return traits

    @property
    def is_write(self) -> bool:
        """True when it changes the record."""
        return self.traits & Trait.WRITES != 0

    def __str__(self) -> str:
        return self.description or f"{self.kind.name.lower()}({self.bin_name!r})"


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
