"""Requests that this server does not carry out: refused in the shape that their clients wait for."""

from __future__ import annotations

from ..._wire.flags import FrameType
from ..._wire.proto import pack_frame
from ...result_code import ResultCode
from ..reply import reply

__all__ = ["refuse_admin", "refuse_compressed"]

_ADMIN_HEADER_SIZE = 16


def refuse_admin(frame: bytes) -> bytes:
    """Users and roles belong to the Enterprise Edition, whatever the command (protocol section 13)."""
    body = bytearray(_ADMIN_HEADER_SIZE)
    body[1] = ResultCode.SECURITY_NOT_SUPPORTED
    return pack_frame(FrameType.ADMIN, bytes(body))


def refuse_compressed(frame: bytes) -> bytes:
    """Compression belongs to the Enterprise Edition (protocol section 1.2)."""
    return reply(ResultCode.ENTERPRISE_ONLY)
