"""From a frame to its answer: which handler a request belongs to (protocol section 2)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final, TypeAlias

from .._wire.flags import FieldType, FrameType, Info1, Info2, Info4
from .._wire.message import FIRST_FIELD
from .._wire.proto import FRAME_HEADER_SIZE, MAX_BODY_SIZE, PROTO_VERSION
from ..errors import ProtocolError
from ..result_code import ResultCode
from .handlers.delete import delete
from .handlers.read import read
from .handlers.refused import refuse_admin, refuse_batch, refuse_compressed, refuse_query
from .handlers.write import write
from .info import answer_info
from .ports import NodeView
from .reply import reply
from .request import Request, parse_request
from .session import Session
from .storage.namespace import partition_of

__all__ = ["NO_ANSWER", "Session", "answer", "request_size"]

NO_ANSWER: Final = b""
"""What `answer` returns for a frame that is taken and not answered."""

_HEADER = struct.Struct(">Q")
_SIZE_MASK = (1 << 48) - 1
_DIGEST_SIZE = 20
_INFO1_OFFSET = FRAME_HEADER_SIZE + 1
_ROLL = Info4.MRT_ROLL_FORWARD | Info4.MRT_ROLL_BACK


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


def answer(node: NodeView, session: Session, frame: bytes) -> bytes | None:
    """Answer one whole frame.

    Args:
        node: The node that received it.
        session: State of the connection that it came by.
        frame: Header and body, of the size that `request_size` told.

    Returns:
        The frame to send; `NO_ANSWER` if there is none; None if the connection is to be closed.
    """
    handle = _BY_TYPE.get(frame[1])
    return handle(node, session, frame) if handle is not None else None


def _answer_message(node: NodeView, session: Session, frame: bytes) -> bytes:
    try:
        request = parse_request(frame)
    except ProtocolError:
        if len(frame) >= FIRST_FIELD and frame[_INFO1_OFFSET] & Info1.BATCH:
            return refuse_batch(None)
        return reply(ResultCode.PARAMETER)
    if request.info1 & Info1.BATCH:
        return refuse_batch(request)
    name = request.fields.get(FieldType.NAMESPACE)
    namespace = None if name is None else node.namespaces.get(_namespace_name(name))
    if namespace is None:
        return reply(ResultCode.NAMESPACE)
    digest = request.fields.get(FieldType.DIGEST)
    if digest is None:
        return refuse_query(request)
    if len(digest) != _DIGEST_SIZE:
        return reply(ResultCode.PARAMETER)
    return _answer_for_record(node, namespace.name, request, digest)


def _namespace_name(name: bytes) -> str:
    # A server compares up to a terminator that no client sends.
    return name.partition(b"\0")[0].decode("utf-8", "replace")


def _answer_for_record(node: NodeView, name: str, request: Request, digest: bytes) -> bytes:
    is_write = request.info2 & Info2.WRITE != 0
    if not is_write and not request.info1 & Info1.READ:
        return reply(ResultCode.PARAMETER)
    owner = node.owner_of(name, partition_of(digest), write=is_write)
    if owner is None:
        return reply(ResultCode.UNAVAILABLE)
    namespace = owner.namespaces[name]
    if not is_write:
        if request.info4 & Info4.MRT_VERIFY_READ:
            return reply(ResultCode.ENTERPRISE_ONLY)
        return read(owner, namespace, request, digest)
    if request.info2 & Info2.DELETE:
        return delete(owner, namespace, request, digest)
    if FieldType.UDF_FILENAME in request.fields:
        return reply(ResultCode.UNSUPPORTED_FEATURE)
    if request.info4 & _ROLL:
        return reply(ResultCode.ENTERPRISE_ONLY)
    return write(owner, namespace, request, digest)


_Answer: TypeAlias = Callable[[NodeView, Session, bytes], bytes]
_BY_TYPE: dict[int, _Answer] = {
    FrameType.INFO: answer_info,
    FrameType.ADMIN: lambda node, session, frame: refuse_admin(frame),
    FrameType.MESSAGE: _answer_message,
    FrameType.COMPRESSED: lambda node, session, frame: refuse_compressed(frame),
    FrameType.XDR: lambda node, session, frame: NO_ANSWER,
}
