"""From a frame to its answer: which handler a request belongs to (protocol section 2)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final, TypeAlias

from .._wire.flags import FieldType, FrameType, Info1
from .._wire.proto import FRAME_HEADER_SIZE, MAX_BODY_SIZE, PROTO_VERSION
from ..errors import ProtocolError
from ..result_code import ResultCode
from .handlers.batch import answer_batch
from .handlers.query import answer_query
from .handlers.record import answer_for_record, namespace_of
from .handlers.refused import refuse_admin, refuse_compressed
from .info import answer_info
from .ports import NodeView
from .reply import reply
from .request import parse_request
from .session import Session
from .stream import Stream

__all__ = ["NO_ANSWER", "Session", "answer", "request_size"]

NO_ANSWER: Final = b""
"""What `answer` returns for a frame that is taken and not answered."""

_HEADER = struct.Struct(">Q")
_SIZE_MASK = (1 << 48) - 1
_DIGEST_SIZE = 20
_INFO1_OFFSET = FRAME_HEADER_SIZE + 1


def request_size(head: bytes | bytearray) -> int:
    """Size of the whole frame that a client's bytes begin.

    Args:
        head: At least the first eight bytes.

    Raises:
        ProtocolError: No request begins like this; a server then closes the connection without a word.
    """
    (word,) = _HEADER.unpack_from(head)
    version, kind, size = word >> 56, word >> 48 & 0xFF, word & _SIZE_MASK
    if version != PROTO_VERSION and not (version == 0 and kind == FrameType.ADMIN):
        raise ProtocolError(f"request of protocol version {version}")
    if not FrameType.INFO <= kind <= FrameType.XDR:
        raise ProtocolError(f"request frame of type {kind}")
    if size > MAX_BODY_SIZE:
        raise ProtocolError(f"request of {size} bytes is over the limit of {MAX_BODY_SIZE}")
    return int(size) + FRAME_HEADER_SIZE


def answer(node: NodeView, session: Session, frame: bytes) -> bytes | Stream | None:
    """Answer one whole frame.

    Args:
        node: The node that received it.
        session: State of the connection that it came by.
        frame: Header and body, of the size that `request_size` told.

    Returns:
        The frame to send, or a stream of frames; `NO_ANSWER` if there is none; None if the connection is to be
        closed.
    """
    handle = _BY_TYPE.get(frame[1])
    return handle(node, session, frame) if handle is not None else None


def _answer_message(node: NodeView, session: Session, frame: bytes) -> bytes | Stream:
    if len(frame) > _INFO1_OFFSET and frame[_INFO1_OFFSET] & Info1.BATCH:
        return answer_batch(node, frame)
    try:
        request = parse_request(frame)
    except ProtocolError:
        return reply(ResultCode.PARAMETER)
    namespace = namespace_of(node, request.fields.get(FieldType.NAMESPACE))
    if namespace is None:
        return reply(ResultCode.NAMESPACE)
    digest = request.fields.get(FieldType.DIGEST)
    if digest is None:
        return answer_query(node, namespace, session, request, frame)
    if len(digest) != _DIGEST_SIZE:
        return reply(ResultCode.PARAMETER)
    return answer_for_record(node, namespace.name, request, digest)


_Answer: TypeAlias = Callable[[NodeView, Session, bytes], bytes | Stream]
_BY_TYPE: dict[int, _Answer] = {
    FrameType.INFO: answer_info,
    FrameType.ADMIN: lambda node, session, frame: refuse_admin(frame),
    FrameType.MESSAGE: _answer_message,
    FrameType.COMPRESSED: lambda node, session, frame: refuse_compressed(frame),
    FrameType.XDR: lambda node, session, frame: NO_ANSWER,
}
