"""Makes operations of calls on strings: checks and packs arguments."""

from __future__ import annotations

from collections.abc import Sequence

from ..._wire import msgpack
from ..._wire.flags import OpType, ParticleType
from ..._wire.opcodes import StringOp
from .._packing import check_flags, check_int, pack_array, pack_call, pack_int
from ..context import ContextLike, pack_context
from ..operation import Operation, check_bin_name
from .flags import StringWriteFlags

__all__ = ["number", "string_call", "text", "text_pair", "texts", "write_flags"]


def string_call(
    kind: OpType, number: StringOp, bin_name: str, arguments: Sequence[bytes], context: ContextLike | None
) -> Operation:
    """An operation on a string.

    Args:
        kind: Reading or modifying.
        number: The protocol's number.
        bin_name: Name of the bin.
        arguments: Each packed.
        context: Path to the string, if it is nested.
    """
    check_bin_name(bin_name)
    operand = pack_call(number, arguments, pack_context(context))
    return Operation(kind, bin_name, ParticleType.STRING, operand, f"strings.{number.name.lower()}({bin_name!r})")


def text(value: str, argument: str) -> bytes:
    """A string."""
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be a str, not {type(value).__name__}")
    return msgpack.pack(value, argument)


def texts(values: Sequence[str]) -> bytes:
    """Several strings."""
    if not isinstance(values, list | tuple):
        raise TypeError(f"values must be a list, not {type(values).__name__}")
    return pack_array([text(value, f"values[{index}]") for index, value in enumerate(values)])


def text_pair(first: str, replacement: str, argument: str) -> bytes:
    """What to replace, and by what."""
    return pack_array([text(first, argument), text(replacement, "replacement")])


def number(value: int, argument: str) -> bytes:
    """A position or count."""
    return pack_int(check_int(value, argument))


def write_flags(flags: StringWriteFlags) -> bytes:
    """What to make of a refusal."""
    return pack_int(check_flags(flags, StringWriteFlags, "flags"))
