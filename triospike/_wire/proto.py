"""Frames: eight bytes of header and a body (protocol section 1), cut out of a stream of bytes."""

from __future__ import annotations

import struct

from ..errors import ProtocolError
from .flags import FrameType

__all__ = [
    "FRAME_HEADER_SIZE",
    "MAX_BODY_SIZE",
    "PROTO_VERSION",
    "FrameBuffer",
    "cut_off",
    "frame_size",
    "frame_type",
    "pack_frame",
]

PROTO_VERSION = 2
FRAME_HEADER_SIZE = 8
MAX_BODY_SIZE = 128 << 20
"""Largest body that servers and clients accept."""

_HEADER = struct.Struct(">Q")
_UNPACK = _HEADER.unpack_from
_SIZE_MASK = (1 << 48) - 1
# The header of a message whose whole frame has size 0: add the size.
_MESSAGE_START = (PROTO_VERSION << 56 | FrameType.MESSAGE << 48) - FRAME_HEADER_SIZE


def pack_frame(kind: FrameType, body: bytes) -> bytes:
    """One whole frame around body."""
    return _HEADER.pack(PROTO_VERSION << 56 | kind << 48 | len(body)) + body


def frame_type(frame: bytes) -> int:
    """The type of a whole frame."""
    return frame[1]


def frame_size(header: bytes | bytearray, max_body: int = MAX_BODY_SIZE) -> int:
    """Size of the whole frame whose first eight bytes (or more) are given.

    Args:
        header: At least the first eight bytes of a frame.
        max_body: Largest body to accept, in bytes.

    Raises:
        ProtocolError: The version or type is none of this protocol, or the body is too large.
    """
    word: int = _HEADER.unpack_from(header)[0]
    if word >> 56 != PROTO_VERSION or not FrameType.INFO <= (word >> 48) & 0xFF <= FrameType.XDR:
        start = bytes(header[:8])
        raise ProtocolError(
            f"not an Aerospike frame at byte offset 0: {start.hex(' ')}"
            + (" (an HTTP peer?)" if start.startswith((b"HTTP", b"GET ")) else "")
            + (" (a TLS peer?)" if start.startswith((b"\x15\x03", b"\x16\x03")) else "")
        )
    size = word & _SIZE_MASK
    if size > max_body:
        raise ProtocolError(f"frame of {size} bytes at byte offset 2 is over the limit of {max_body}")
    return size + FRAME_HEADER_SIZE


def cut_off(buffer: bytearray, size: int) -> bytes:
    """Take the first bytes out of a buffer, copied once."""
    # Both views are released by hand: where nothing counts references, as in PyPy, they'd live on until the next
    # collection, and a buffer that is viewed can't be shortened.
    whole = memoryview(buffer)
    part = whole[:size]
    taken = bytes(part)
    part.release()
    whole.release()
    del buffer[:size]
    return taken


class FrameBuffer:
    """Cuts received bytes into whole frames.

    It never holds more than one frame and what arrived behind it, and never reserves memory for bytes that a
    header only announces.

    Attributes:
        max_body: Largest body to accept, in bytes.
        rest: Bytes that wait for the rest of their frame; to be looked at only.
    """

    __slots__ = ("_need", "max_body", "rest")

    def __init__(self, max_body: int = MAX_BODY_SIZE) -> None:
        self.max_body = max_body
        self.rest = bytearray()
        self._need = 0  # size of the first frame once its header is here, else 0

    def __len__(self) -> int:
        """Bytes that wait for the rest of their frame."""
        return len(self.rest)

    def receive(self, data: bytes) -> bytes | None:
        """Take in some bytes; return the first whole frame, if there is one now.

        Bytes behind that frame stay; call `next_frame` for them.

        Raises:
            ProtocolError: These bytes can't begin a frame.
        """
        size = len(data)
        if not self.rest and size >= FRAME_HEADER_SIZE:
            # One whole message is what nearly always arrives, or one and the end of the answer.
            length = _UNPACK(data)[0] - _MESSAGE_START
            if length == size and size <= self.max_body:
                return data
            if FRAME_HEADER_SIZE <= length < size and length <= self.max_body:
                self.rest += data[length:]
                return data[:length]
            if frame_size(data, self.max_body) == size:
                return data
        self.rest += data
        return self.next_frame()

    def is_frame(self, data: bytes) -> bool:
        """Whether some bytes are one whole message and nothing waits before them: they need not be taken in."""
        size = len(data)
        return (
            not self.rest
            and size >= FRAME_HEADER_SIZE
            and _UNPACK(data)[0] - _MESSAGE_START == size <= self.max_body
        )

    def split(self, data: bytes) -> list[bytes]:
        """Take in some bytes that may hold many messages; return those that are whole, as far as they are plain.

        What follows them stays: `next_frame` returns it, or tells what is wrong with it.
        """
        at, size = 0, len(data)
        frames: list[bytes] = []
        if self._need:  # the rest of a frame comes first; what is behind it need not pass through the buffer
            at = self._need - len(self.rest)
            if at <= size:
                frames.append(bytes(self.rest) + data[:at])
                self.rest.clear()
                self._need = 0
            else:
                at = 0
        if not self.rest:
            most = self.max_body
            if not at and size >= FRAME_HEADER_SIZE and _UNPACK(data)[0] - _MESSAGE_START == size <= most:
                return [data]  # as `is_frame` says, without a call
            while size - at >= FRAME_HEADER_SIZE:
                length = _UNPACK(data, at)[0] - _MESSAGE_START
                behind = at + length
                if behind > size or length < FRAME_HEADER_SIZE or length > most:
                    break
                frames.append(data[at:behind])
                at = behind
            if at == size:
                return frames
        self.rest += data[at:]
        return frames

    def next_frame(self) -> bytes | None:
        """The next whole frame that is already here, or None.

        Raises:
            ProtocolError: The bytes here can't begin a frame.
        """
        buffer = self.rest
        size = len(buffer)
        if not self._need:
            if size < FRAME_HEADER_SIZE:
                return None
            if _UNPACK(buffer)[0] - _MESSAGE_START == size <= self.max_body:  # one message, and that is all
                frame = bytes(buffer)
                buffer.clear()
                return frame
            self._need = frame_size(buffer, self.max_body)
        if size < self._need:
            return None
        if size == self._need:
            frame = bytes(buffer)
            buffer.clear()
        else:
            frame = cut_off(buffer, self._need)
        self._need = 0
        return frame
