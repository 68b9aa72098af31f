"""What servers answer to an aggregation: messages with one value each (protocol section 9.6)."""

from __future__ import annotations

import struct
from typing import Any, TypeAlias

from .._wire.flags import FrameType, Info3
from .._wire.message import decode_messages
from .._wire.particle import decode_value
from ..errors import ProtocolError, UdfError, error_for
from ..result_code import ResultCode
from .apply import FAILURE, SUCCESS

__all__ = ["PackedValue", "read_values", "value_of"]

PackedValue: TypeAlias = tuple[int, bytes]
"""Particle type and content."""


def read_values(frame: bytes) -> tuple[list[PackedValue], bool]:
    """The values in one frame of an answer, and whether it was the last.

    Args:
        frame: The whole frame.

    Raises:
        UdfError: The function failed in the server.
        AerospikeError: The server refused the aggregation, or ended it.
        ProtocolError: This is no such answer.
    """
    if frame[1] != FrameType.MESSAGE:
        raise ProtocolError(f"expected messages, got a frame of type {frame[1]}")
    values: list[PackedValue] = []
    try:
        for message in decode_messages(frame):
            if message.result_code == ResultCode.NOT_FOUND:
                return values, True  # this node has no records of the set
            if message.result_code:
                raise error_for(message.result_code)
            if message.info3 & Info3.LAST:
                return values, True
            if len(message.ops) != 1:
                raise ProtocolError(f"a value of an aggregation has {len(message.ops)} bins instead of one")
            op = message.ops[0]
            if op.name == FAILURE:
                raise UdfError(op.value.decode("utf-8", "replace"))
            if op.name != SUCCESS:
                raise ProtocolError(f"a value of an aggregation is called {op.name!r}")
            values.append((op.particle_type, op.value))
    except struct.error as error:
        raise ProtocolError(f"answer to an aggregation is cut off: {error}") from error
    return values, False


def value_of(kind: int, content: bytes) -> Any:
    """The Python value of a packed one.

    Raises:
        ProtocolError: It can't be understood.
    """
    return decode_value(kind, content)
