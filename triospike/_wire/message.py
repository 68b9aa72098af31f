"""Messages: a 22-byte header, fields, operations (protocol sections 2 to 4), in both directions.

Everything that packs or unpacks a message lives here. The encoder trusts its callers, who have checked names
and sizes; the decoder trusts nobody.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

import attrs

from ..errors import ProtocolError
from .flags import FieldType, FrameType
from .proto import FRAME_HEADER_SIZE, MAX_BODY_SIZE, PROTO_VERSION

__all__ = [
    "FIRST_FIELD",
    "FRAME_START",
    "INFO3_OFFSET",
    "KNOWN_HEADER_SIZE",
    "MESSAGE",
    "MESSAGE_HEADER_SIZE",
    "N_OPS_OFFSET",
    "RESULT_CODE_OFFSET",
    "TIMEOUT_OFFSET",
    "Message",
    "WireOp",
    "decode_message",
    "decode_messages",
    "insert_fields",
    "known_header",
    "pack_field",
    "pack_known",
    "pack_message",
    "pack_op",
    "pack_op_head",
    "read_header",
]

MESSAGE = int(FrameType.MESSAGE)
"""The type of a frame with a message, to be compared with bytes: a member of an enum takes five times as long."""
MESSAGE_HEADER_SIZE = 22
MAX_OPS = 32768
"""Operations that a server takes in one request."""
FIRST_FIELD = FRAME_HEADER_SIZE + MESSAGE_HEADER_SIZE
"""Offset in a frame of its first message's first field."""
RESULT_CODE_OFFSET = FRAME_HEADER_SIZE + 5
INFO3_OFFSET = FRAME_HEADER_SIZE + 3
N_OPS_OFFSET = FIRST_FIELD - 1
"""Offset of the number of operations, as long as it is less than 256."""
TIMEOUT_OFFSET = FRAME_HEADER_SIZE + 14
"""Offset in a frame of the server's time limit, a u32 of milliseconds: the one thing that a retry changes."""

_FRAME_AND_HEADER = struct.Struct(">QBBBBBBIIIHH")
_HEADER = struct.Struct(">BBBBBBIIIHH")
_FIELD = struct.Struct(">IB")
_OP = struct.Struct(">IBBBB")
FRAME_START = PROTO_VERSION << 56 | FrameType.MESSAGE << 48
"""A message's frame begins with 8 bytes: this, and the size of all that follows them."""
KNOWN_HEADER_SIZE = 20
"""Bytes of `known_header`."""
_FRAME_AND_KNOWN = struct.Struct(f">Q{KNOWN_HEADER_SIZE}sH")


def pack_message(
    info1: int,
    info2: int,
    info3: int,
    *,
    info4: int = 0,
    result_code: int = 0,
    generation: int = 0,
    record_ttl: int = 0,
    transaction_ttl: int = 0,
    n_fields: int = 0,
    n_ops: int = 0,
    body: bytes = b"",
) -> bytes:
    """One whole frame with one message.

    Args:
        info1: Bits of `Info1`.
        info2: Bits of `Info2`.
        info3: Bits of `Info3`.
        info4: Bits of `Info4`.
        result_code: Result, in answers.
        generation: Expected or actual generation.
        record_ttl: Ttl in a request, void-time in an answer; 32 bits, already converted.
        transaction_ttl: The server's time limit in milliseconds; the row's index in batch answers.
        n_fields: How many fields body begins with.
        n_ops: How many operations follow them.
        body: The packed fields and operations.

    Raises:
        ValueError: There are more bytes or operations than a message can carry.
    """
    if len(body) > MAX_BODY_SIZE - MESSAGE_HEADER_SIZE or n_ops > MAX_OPS:
        raise ValueError(
            f"{n_ops} bins or operations of {len(body)} bytes do not fit into one request: "
            f"it carries {MAX_OPS} and {MAX_BODY_SIZE} bytes at most"
        )
    return (
        _FRAME_AND_HEADER.pack(
            FRAME_START | len(body) + MESSAGE_HEADER_SIZE,
            MESSAGE_HEADER_SIZE,
            info1,
            info2,
            info3,
            info4,
            result_code,
            generation,
            record_ttl,
            transaction_ttl,
            n_fields,
            n_ops,
        )
        + body
    )


def pack_field(kind: FieldType, value: bytes) -> bytes:
    """One field."""
    return _FIELD.pack(len(value) + 1, kind) + value


def known_header(request: bytes) -> bytes:
    """What `pack_known` needs of a request: its header from the first byte to the number of fields."""
    return request[FRAME_HEADER_SIZE : FIRST_FIELD - 2]


def pack_known(header: bytes, n_ops: int, body: bytes) -> bytes | None:
    """One whole frame like one that was packed before, or None if that is more than a message can carry.

    Args:
        header: From `known_header`.
        n_ops: How many operations body ends with.
        body: The packed fields, as many as there were, and operations.
    """
    size = len(body) + MESSAGE_HEADER_SIZE
    if n_ops > MAX_OPS or size > MAX_BODY_SIZE:
        return None
    return _FRAME_AND_KNOWN.pack(FRAME_START | size, header, n_ops) + body


def insert_fields(request: bytes, at: int, fields: bytes) -> bytes | None:
    """A frame with more fields, or None if it is more than a message can carry then.

    Args:
        request: One whole frame with one message, whose header counts the fields already.
        at: Where they belong.
        fields: The packed fields.
    """
    size = len(request) - FRAME_HEADER_SIZE + len(fields)
    if size > MAX_BODY_SIZE:
        return None
    return b"".join(((FRAME_START | size).to_bytes(8, "big"), request[FRAME_HEADER_SIZE:at], fields, request[at:]))


pack_op_head = _OP.pack
"""What stands before the name: size of all that follows, kind, particle type, 0, size of the name. For loops over
bins; `pack_op` is for all others."""


def pack_op(kind: int, name: bytes, particle_type: int = 0, value: bytes = b"") -> bytes:
    """One operation, or one bin of an answer."""
    return _OP.pack(len(name) + len(value) + 4, kind, particle_type, 0, len(name)) + name + value


@attrs.frozen(slots=True)
class WireOp:
    """One operation of a request, or one bin of an answer, undecoded."""

    kind: int
    particle_type: int
    name: bytes
    value: bytes


@attrs.define(slots=True)
class Message:
    """One decoded message. Fields keep their order; lookups find the first of a type."""

    info1: int = 0
    info2: int = 0
    info3: int = 0
    info4: int = 0
    result_code: int = 0
    generation: int = 0
    record_ttl: int = 0
    transaction_ttl: int = 0
    fields: list[tuple[int, bytes]] = attrs.field(factory=list)
    ops: list[WireOp] = attrs.field(factory=list)

    def field(self, kind: FieldType) -> bytes | None:
        """The value of the first field of this type, or None."""
        for found, value in self.fields:
            if found == kind:
                return value
        return None

    def pack(self) -> bytes:
        """The whole frame that holds this message alone."""
        body = [_FIELD.pack(len(value) + 1, kind) + value for kind, value in self.fields]
        body += [pack_op(op.kind, op.name, op.particle_type, op.value) for op in self.ops]
        return pack_message(
            self.info1,
            self.info2,
            self.info3,
            info4=self.info4,
            result_code=self.result_code,
            generation=self.generation,
            record_ttl=self.record_ttl,
            transaction_ttl=self.transaction_ttl,
            n_fields=len(self.fields),
            n_ops=len(self.ops),
            body=b"".join(body),
        )


def read_header(frame: bytes, offset: int = FRAME_HEADER_SIZE) -> tuple[int, ...]:
    """The eleven numbers of a message header.

    They are: header size, info1, info2, info3, info4, result code, generation, record ttl, transaction ttl,
    number of fields, number of operations.

    Raises:
        ProtocolError: The frame is too short for a header.
    """
    try:
        return _HEADER.unpack_from(frame, offset)
    except struct.error:
        raise ProtocolError(
            f"message header cut off: {len(frame) - offset} of 22 bytes at byte offset {offset}"
        ) from None


def decode_message(frame: bytes, offset: int = FRAME_HEADER_SIZE) -> tuple[Message, int]:
    """Decode the message at offset; return it and the offset behind it.

    Raises:
        ProtocolError: A size does not fit; the text names the byte offset.
    """
    _, i1, i2, i3, i4, code, generation, ttl, timeout, n_fields, n_ops = read_header(frame, offset)
    message = Message(i1, i2, i3, i4, code, generation, ttl, timeout)
    at = offset + MESSAGE_HEADER_SIZE
    end = len(frame)
    for _ in range(n_fields):
        if at + 5 > end:
            raise ProtocolError(f"field cut off at byte offset {at}")
        size, kind = _FIELD.unpack_from(frame, at)
        behind = at + 4 + size
        if size < 1 or behind > end:
            raise ProtocolError(f"field of {size} bytes does not fit at byte offset {at}")
        message.fields.append((kind, bytes(frame[at + 5 : behind])))
        at = behind
    for _ in range(n_ops):
        op, at = _decode_op(frame, at, end)
        message.ops.append(op)
    return message, at


def _decode_op(frame: bytes, at: int, end: int) -> tuple[WireOp, int]:
    if at + 8 > end:
        raise ProtocolError(f"operation cut off at byte offset {at}")
    size, kind, particle_type, _, name_size = _OP.unpack_from(frame, at)
    behind = at + 4 + size
    value_at = at + 8 + name_size
    if size < 4 + name_size or behind > end:
        raise ProtocolError(f"operation of {size} bytes does not fit at byte offset {at}")
    return WireOp(kind, particle_type, bytes(frame[at + 8 : value_at]), bytes(frame[value_at:behind])), behind


def decode_messages(frame: bytes) -> Iterable[Message]:
    """All messages of one frame, in order.

    Raises:
        ProtocolError: A size does not fit; the text names the byte offset.
    """
    at = FRAME_HEADER_SIZE
    while at < len(frame):
        message, at = decode_message(frame, at)
        yield message
