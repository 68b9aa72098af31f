"""Cuts what a client sends into whole requests."""

from __future__ import annotations

from .._wire.proto import FRAME_HEADER_SIZE, cut_off
from ..errors import ProtocolError
from .dispatch import request_size

__all__ = ["RequestBuffer"]


class RequestBuffer:
    """Bytes of one connection that wait for the rest of their request.

    It reserves nothing for a size that a header only announces.
    """

    __slots__ = ("_buffer", "_need", "is_broken")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._need = 0  # size of the first request once its header is here, else 0
        self.is_broken = False
        """True once bytes arrived that can't begin a request: nothing after them can be understood."""

    def __len__(self) -> int:
        return len(self._buffer)

    def receive(self, data: bytes) -> list[bytes]:
        """Take in some bytes; return all requests that are whole now, in order."""
        buffer = self._buffer
        requests: list[bytes] = []
        try:
            if not buffer and len(data) >= FRAME_HEADER_SIZE and request_size(data) == len(data):
                return [data]
            buffer += data
            while len(buffer) >= (self._need or FRAME_HEADER_SIZE):
                if not self._need:
                    self._need = request_size(buffer)
                    continue
                requests.append(cut_off(buffer, self._need))
                self._need = 0
        except ProtocolError:
            self.is_broken = True
            buffer.clear()
        return requests
