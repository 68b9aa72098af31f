"""Packing of calls: the operands of list, map, bit and HyperLogLog operations, which expressions use too.

A call is an array of a number and arguments (protocol section 10.1). Its parts come packed, so that an argument
may be a value or, inside an expression, another expression.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from enum import IntEnum, IntFlag
from typing import Any

from .._wire import msgpack
from .._wire.opcodes import CdtCall
from ..values import INT64_MAX, INT64_MIN

__all__ = ["check_bool", "check_flags", "check_int", "pack_array", "pack_call", "pack_int", "pack_text"]


def pack_array(parts: Sequence[bytes]) -> bytes:
    """An array of parts that are packed already."""
    size = len(parts)
    if size < 16:
        head = bytes([0x90 | size])
    elif size < 1 << 16:
        head = struct.pack(">BH", 0xDC, size)
    else:
        head = struct.pack(">BI", 0xDD, size)
    return head + b"".join(parts)


def pack_int(value: int) -> bytes:
    """A number in its smallest form."""
    return msgpack.pack(int(value), "number")


def pack_call(number: int, arguments: Iterable[bytes], context: bytes | None = None) -> bytes:
    """One operation: ``[number, argument...]``, or ``[0xff, context, [number, argument...]]``.

    Args:
        number: The operation's number.
        arguments: Each packed.
        context: The packed path to a nested element, if it is not the bin itself that is operated on.
    """
    call = pack_array([pack_int(number), *arguments])
    if context is None:
        return call
    return pack_array([pack_int(CdtCall.CONTEXT), context, call])


def check_int(value: Any, argument: str, lowest: int = INT64_MIN, highest: int = INT64_MAX) -> int:
    """An int within bounds.

    Raises:
        TypeError: It is no int.
        ValueError: It is out of bounds; the message names the argument.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{argument} must be an int, not {type(value).__name__}")
    if not lowest <= value <= highest:
        raise ValueError(f"{argument} must be {lowest} to {highest}, not {value}")
    return int(value)


def check_bool(value: Any, argument: str) -> bool:
    """A bool.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{argument} must be a bool, not {type(value).__name__}")
    return value


def check_flags(value: Any, kind: type[IntFlag] | type[IntEnum], argument: str) -> int:
    """The number of a member of an enumeration, or of a combination of flags.

    Raises:
        TypeError: It is not of that enumeration: a plain number could mean something else elsewhere.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{argument} must be a {kind.__name__}, not {type(value).__name__}")
    return int(value)


def pack_text(text: bytes) -> bytes:
    """A name, pattern or other text that travels without a type byte: a plain MessagePack string.

    Args:
        text: In UTF-8.
    """
    size = len(text)
    if size < 32:
        return bytes([0xA0 | size]) + text
    if size < 1 << 8:
        return struct.pack(">BB", 0xD9, size) + text
    if size < 1 << 16:
        return struct.pack(">BH", 0xDA, size) + text
    return struct.pack(">BI", 0xDB, size) + text
