"""Arguments of operations on bits, and their flags (protocol section 11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import attrs

from ..._wire.proto import MAX_BODY_SIZE
from ...result_code import ResultCode
from ..refusal import Refusal
from .arguments import Arguments

__all__ = [
    "BitCall",
    "Detail",
    "Flag",
    "Parse",
    "Unchanged",
    "parse_arithmetic",
    "parse_byte_offset",
    "parse_byte_size",
    "parse_call",
    "parse_data",
    "parse_flags",
    "parse_integer_size",
    "parse_new_byte_size",
    "parse_offset",
    "parse_resizing",
    "parse_shift",
    "parse_signed",
    "parse_size",
    "parse_sought_bit",
    "parse_value",
]


class Flag:
    """Flags of writes. Plain ints, to be combined."""

    CREATE_ONLY: Final = 1
    UPDATE_ONLY: Final = 2
    NO_FAIL: Final = 4
    PARTIAL: Final = 8


class Detail:
    """Flags of resizing, and those of arithmetic. Plain ints, to be combined."""

    FROM_FRONT: Final = 1
    GROW_ONLY: Final = 2
    SHRINK_ONLY: Final = 4

    SIGNED: Final = 1
    SATURATE: Final = 2
    WRAP: Final = 4


_MAX_BITS_OF_INTEGER: Final = 64


class Unchanged(Exception):
    """The operation can't be done, and its flags say that it then is not to be done."""


@attrs.define
class BitCall:
    """What an operation is to do.

    Attributes:
        offset: Where, in bits; from the end if negative.
        size: How many bits.
        value: An operand that is a number.
        data: An operand that is a blob.
        flags: Of `Flag`.
        details: Of `Detail`.
    """

    offset: int = 0
    size: int = 0
    value: int = 0
    data: bytes = b""
    flags: int = 0
    details: int = 0

    def give_up(self, code: int) -> Exception:
        """What to raise when the blob does not let this be done."""
        return Unchanged() if self.flags & Flag.NO_FAIL else Refusal(code)


Parse: TypeAlias = Callable[[Arguments, BitCall], None]
"""Reads one argument into the call."""


def parse_call(arguments: Arguments, parse: tuple[Parse, ...], least: int) -> BitCall:
    """Read all arguments.

    Args:
        arguments: Where they begin.
        parse: What reads each of them, in order.
        least: How many must be there.

    Raises:
        Refusal: There are too few or too many, or one of them is not what it must be.
    """
    if not least <= arguments.count <= len(parse):
        raise Refusal(ResultCode.PARAMETER)
    call = BitCall()
    for parse_one in parse[: arguments.count]:
        parse_one(arguments, call)
    return call


def parse_byte_offset(arguments: Arguments, call: BitCall) -> None:
    """Where, in bytes."""
    offset = arguments.integer()
    if abs(offset) > MAX_BODY_SIZE:
        raise Refusal(ResultCode.PARAMETER)
    call.offset = 8 * offset


def parse_offset(arguments: Arguments, call: BitCall) -> None:
    """Where, in bits."""
    call.offset = arguments.integer()
    if abs(call.offset) > 8 * MAX_BODY_SIZE:
        raise Refusal(ResultCode.PARAMETER)


def parse_new_byte_size(arguments: Arguments, call: BitCall) -> None:
    """How many bytes there are to be."""
    size = arguments.unsigned()
    if size > MAX_BODY_SIZE:
        raise Refusal(ResultCode.PARAMETER)
    call.size = 8 * size


def parse_byte_size(arguments: Arguments, call: BitCall) -> None:
    """How many bytes, not none."""
    parse_new_byte_size(arguments, call)
    if call.size == 0:
        raise Refusal(ResultCode.PARAMETER)


def _size_up_to(most: int) -> Parse:
    def parse(arguments: Arguments, call: BitCall) -> None:
        call.size = arguments.unsigned()
        if not 0 < call.size <= most:
            raise Refusal(ResultCode.PARAMETER)

    return parse


def parse_value(arguments: Arguments, call: BitCall) -> None:
    """An operand that is a number, of which as many bits as fit count."""
    call.value = arguments.unsigned()


def parse_shift(arguments: Arguments, call: BitCall) -> None:
    """By how many bits."""
    call.value = arguments.unsigned()
    if call.value > 8 * MAX_BODY_SIZE:
        raise Refusal(ResultCode.PARAMETER)


def parse_sought_bit(arguments: Arguments, call: BitCall) -> None:
    """Whether bits that are set are looked for, or those that are not."""
    call.value = arguments.boolean()


def parse_data(arguments: Arguments, call: BitCall) -> None:
    """Bytes of an operand, whatever type they claim. Alone they tell the size, otherwise there must be enough."""
    call.data = arguments.text()[1:]
    if not call.data or 8 * len(call.data) < call.size:
        raise Refusal(ResultCode.PARAMETER)
    call.size = call.size or 8 * len(call.data)


def parse_flags(arguments: Arguments, call: BitCall) -> None:
    """Flags of the operation, checked by itself."""
    call.flags = arguments.unsigned()


def _details(known: int, one_of: int) -> Parse:
    """Flags of one operation: which there are, and which of them exclude each other."""

    def parse(arguments: Arguments, call: BitCall) -> None:
        call.details = arguments.unsigned()
        if call.details & ~known or (one_of and call.details & one_of == one_of):
            raise Refusal(ResultCode.PARAMETER)

    return parse


parse_size = _size_up_to(8 * MAX_BODY_SIZE)
parse_integer_size = _size_up_to(_MAX_BITS_OF_INTEGER)
parse_arithmetic = _details(Detail.SIGNED | Detail.SATURATE | Detail.WRAP, Detail.SATURATE | Detail.WRAP)
parse_signed = _details(Detail.SIGNED, 0)
parse_resizing = _details(
    Detail.FROM_FRONT | Detail.GROW_ONLY | Detail.SHRINK_ONLY, Detail.GROW_ONLY | Detail.SHRINK_ONLY
)
