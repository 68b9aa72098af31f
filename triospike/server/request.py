"""A request as a server reads it (protocol sections 2 to 4).

It differs from `_wire.message` in what a server has to know and a client has not: of repeated fields the first
counts, and an operation may carry a time stamp of cross-datacenter replication in front of its value. Being on
every command's path, it also makes fewer objects.
"""

from __future__ import annotations

import struct
from typing import TypeAlias

from .._wire.message import FIRST_FIELD, read_header
from ..errors import ProtocolError

__all__ = ["Op", "Request", "parse_fields", "parse_ops", "parse_request"]

Op: TypeAlias = tuple[int, int, bytes, bytes]
"""Operation, particle type, bin name, value."""

_FIELD = struct.Struct(">IB")
_OP = struct.Struct(">IBBBB")
_TIME_STAMP_SIZE = 8


class Request:
    """One message of a client, taken apart but not judged.

    Attributes:
        info1: Bits of `Info1`.
        info2: Bits of `Info2`.
        info3: Bits of `Info3`.
        info4: Bits of `Info4`.
        generation: Expected generation.
        ttl: Time to live in seconds or a special value, 32 bits.
        fields: Field type to value.
        ops: Operations in order.
    """

    __slots__ = ("fields", "generation", "info1", "info2", "info3", "info4", "ops", "ttl")

    def __init__(self, header: tuple[int, ...]) -> None:
        _, self.info1, self.info2, self.info3, self.info4, _, self.generation, self.ttl, _, _, _ = header
        self.fields: dict[int, bytes] = {}
        self.ops: list[Op] = []


def parse_request(frame: bytes) -> Request:
    """Take a whole frame apart.

    Raises:
        ProtocolError: A size does not fit, or bytes are left over.
    """
    header = read_header(frame)
    request = Request(header)
    at = parse_fields(frame, FIRST_FIELD, header[9], request.fields)
    n_ops = header[10]
    if n_ops:
        at = parse_ops(frame, at, n_ops, request.ops)
    if at != len(frame):
        raise ProtocolError(f"{len(frame) - at} bytes follow the last operation at byte offset {at}")
    return request


def parse_fields(frame: bytes, at: int, n_fields: int, fields: dict[int, bytes]) -> int:
    """Take fields apart, of repeated ones the first; return the offset behind them.

    Args:
        frame: The whole frame.
        at: Offset of the first field.
        n_fields: How many there are.
        fields: Where they are put.

    Raises:
        ProtocolError: A size does not fit.
    """
    end = len(frame)
    unpack = _FIELD.unpack_from
    for _ in range(n_fields):
        if at + 5 > end:
            raise ProtocolError(f"field cut off at byte offset {at}")
        size, kind = unpack(frame, at)
        behind = at + 4 + size
        if size == 0 or behind > end:
            raise ProtocolError(f"field of {size} bytes does not fit at byte offset {at}")
        if kind not in fields:
            fields[kind] = frame[at + 5 : behind]
        at = behind
    return at


def parse_ops(frame: bytes, at: int, n_ops: int, ops: list[Op]) -> int:
    """Take operations apart; return the offset behind them.

    Args:
        frame: The whole frame.
        at: Offset of the first operation.
        n_ops: How many there are.
        ops: Where they are put.

    Raises:
        ProtocolError: A size does not fit.
    """
    end = len(frame)
    unpack = _OP.unpack_from
    for _ in range(n_ops):
        if at + 8 > end:
            raise ProtocolError(f"operation cut off at byte offset {at}")
        size, kind, particle_type, flags, name_size = unpack(frame, at)
        behind = at + 4 + size
        name_end = at + 8 + name_size
        value_at = name_end + _TIME_STAMP_SIZE if flags & 1 else name_end
        if value_at > behind or behind > end:
            raise ProtocolError(f"operation of {size} bytes does not fit at byte offset {at}")
        ops.append((kind, particle_type, frame[at + 8 : name_end], frame[value_at:behind]))
        at = behind
    return at
