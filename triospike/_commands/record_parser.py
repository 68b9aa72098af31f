"""From an answer's bytes to a Record: the decoding half of the hot path."""

from __future__ import annotations

import struct
from typing import Any

from .. import clock
from .._wire.message import FIRST_FIELD
from .._wire.particle import decode_value
from .._wire.proto import FRAME_HEADER_SIZE
from .._wire.units import ttl_from_void_time
from ..errors import ProtocolError
from ..key import Key
from ..record import Record
from ..values import decode_text

__all__ = ["parse_bins", "parse_record", "parse_ttl"]

_RECORD_HEADER = struct.Struct(">6xII4xHH")  # of a message header: generation, void-time, how many fields and bins
_U32 = struct.Struct(">I")
_OP = struct.Struct(">IBBBB")
_INT64 = struct.Struct(">q")


def parse_record(frame: bytes, key: Key) -> Record:
    """The record that a successful answer holds; of several values for one bin, the last.

    Raises:
        ProtocolError: The answer is malformed; the message names the byte offset.
    """
    try:
        generation, void_time, n_fields, n_ops = _RECORD_HEADER.unpack_from(frame, FRAME_HEADER_SIZE)
    except struct.error:
        raise ProtocolError(f"message header cut off: the frame has {len(frame)} bytes") from None
    bins: dict[str, Any] = dict(parse_bins(frame, n_fields, n_ops)) if n_ops else {}
    return Record(key, bins, generation, parse_ttl(void_time) if void_time else None)


def parse_ttl(void_time: int) -> int | None:
    """Seconds left until a void-time, None for never; the clock is read only when it matters."""
    return ttl_from_void_time(void_time, clock.wall_clock()) if void_time else None


def parse_bins(frame: bytes, n_fields: int, n_ops: int) -> list[tuple[str, Any]]:
    """Name and value of each bin of an answer, in its order.

    Raises:
        ProtocolError: A size does not fit, or a value is malformed.
    """
    at = _skip_fields(frame, n_fields) if n_fields else FIRST_FIELD
    bins: list[tuple[str, Any]] = []
    end = len(frame)
    try:
        for _ in range(n_ops):
            size, _, particle_type, _, name_size = _OP.unpack_from(frame, at)
            value_at = at + 8 + name_size
            behind = at + 4 + size
            if behind > end or value_at > behind:
                raise ProtocolError(f"bin of {size} bytes does not fit at byte offset {at} of {end}")
            name = frame[at + 8 : value_at].decode()
            if particle_type == 1 and behind - value_at == 8:
                bins.append((name, _INT64.unpack_from(frame, value_at)[0]))
            elif particle_type == 3:
                bins.append((name, decode_text(frame[value_at:behind])))
            else:
                bins.append((name, decode_value(particle_type, frame[value_at:behind])))
            at = behind
    except struct.error:
        raise ProtocolError(f"bin cut off at byte offset {at} of {end}") from None
    except UnicodeDecodeError as error:
        raise ProtocolError(f"name of the bin at byte offset {at} is not UTF-8: {error}") from error
    if at != end:
        raise ProtocolError(f"{end - at} bytes too many at byte offset {at}")
    return bins


def _skip_fields(frame: bytes, n_fields: int) -> int:
    at = FIRST_FIELD
    for _ in range(n_fields):
        if at + 5 > len(frame):
            raise ProtocolError(f"field cut off at byte offset {at}")
        behind = at + 4 + _U32.unpack_from(frame, at)[0]
        if behind > len(frame):
            raise ProtocolError(f"field of {behind - at - 4} bytes does not fit at byte offset {at}")
        at = behind
    return at
