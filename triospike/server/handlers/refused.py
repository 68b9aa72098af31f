"""Requests that this server does not carry out: refused in the shape that their clients wait for."""

from __future__ import annotations

import struct

from ..._wire.flags import FieldType, FrameType, Info3
from ..._wire.proto import pack_frame
from ...result_code import ResultCode
from ..reply import reply
from ..request import Request

__all__ = ["refuse_admin", "refuse_batch", "refuse_compressed", "refuse_query"]

_ADMIN_HEADER_SIZE = 16
_ROWS = struct.Struct(">IB")
_SMALLEST_ROW = 25
_N_PARTITIONS = 4096


def refuse_admin(frame: bytes) -> bytes:
    """Users and roles belong to the Enterprise Edition, whatever the command (protocol section 13)."""
    body = bytearray(_ADMIN_HEADER_SIZE)
    body[1] = ResultCode.SECURITY_NOT_SUPPORTED
    return pack_frame(FrameType.ADMIN, bytes(body))


def refuse_compressed(frame: bytes) -> bytes:
    """Compression belongs to the Enterprise Edition (protocol section 1.2)."""
    return reply(ResultCode.ENTERPRISE_ONLY)


def refuse_batch(request: Request | None) -> bytes:
    """A batch, None if its sizes do not fit: one last message with the result (protocol section 8.4)."""
    return reply(_judge_batch(request), info3=Info3.LAST)


def _judge_batch(request: Request | None) -> ResultCode:
    if request is None or request.ops:
        return ResultCode.PARAMETER
    rows = request.fields.get(FieldType.BATCH_INDEX) or request.fields.get(FieldType.BATCH_INDEX_WITH_SET)
    if rows is None or len(rows) < _ROWS.size:
        return ResultCode.PARAMETER
    n_rows, _ = _ROWS.unpack_from(rows)
    if not n_rows or n_rows * _SMALLEST_ROW > len(rows) - _ROWS.size:
        return ResultCode.PARAMETER
    return ResultCode.UNSUPPORTED_FEATURE


def refuse_query(request: Request) -> bytes:
    """A scan or query: an error found before it starts carries no LAST bit (protocol section 9.4)."""
    partitions = request.fields.get(FieldType.PARTITION_IDS, b"")
    timeout = request.fields.get(FieldType.SOCKET_TIMEOUT)
    if len(partitions) > 2 * _N_PARTITIONS or (timeout is not None and len(timeout) != 4):
        return reply(ResultCode.PARAMETER)
    return reply(ResultCode.UNSUPPORTED_FEATURE)
