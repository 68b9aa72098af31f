"""Frames between a parent and its worker, over a pair of pipes: the same class at both ends.

A frame is a head and a body; bodies are pickles, which this file does not look into. Only parent and child hold
the pipes. What is sent in one turn goes out in one write.
"""

from __future__ import annotations

import enum
import struct

import attrs
import trio

__all__ = ["Frame", "Kind", "Link"]

_HEAD = struct.Struct("!BQQ")
_AT_ONCE = 1 << 18


class Kind(enum.IntEnum):
    """What a frame says."""

    SETUP = enum.auto()
    CALL = enum.auto()
    CANCEL = enum.auto()
    """Of the call with this number; it is answered as if it had not come."""
    END = enum.auto()
    """There are no more calls."""
    READY = enum.auto()
    NOT_READY = enum.auto()
    """The client could not be opened: the body is the error."""
    VALUE = enum.auto()
    ERROR = enum.auto()
    CANCELLED = enum.auto()


@attrs.define(eq=False)
class Frame:
    """One message.

    Attributes:
        kind: What it says.
        number: The call that it is about; 0 for none.
        body: A pickle, or nothing.
        sent: It is on its way, if only in part.
        dropped: It is not to be sent any more.
    """

    kind: Kind
    number: int = 0
    body: bytes = attrs.field(default=b"", repr=False)
    sent: bool = False
    dropped: bool = False


class Link:
    """One end.

    Args:
        receive_fd: Where frames come from; is closed with the link.
        send_fd: Where they go to; is closed with the link.
    """

    def __init__(self, receive_fd: int, send_fd: int) -> None:
        self._receive = trio.lowlevel.FdStream(receive_fd)
        self._send = trio.lowlevel.FdStream(send_fd)
        self._here = bytearray()
        self._outbox: list[Frame] = []
        self._wake = trio.Event()
        self._sending = trio.Lock()

    def send(self, frame: Frame) -> None:
        """Have a frame sent by `pump`."""
        self._outbox.append(frame)
        self._wake.set()

    @trio.lowlevel.enable_ki_protection
    async def pump(self) -> None:
        """Send what there is to send, until cancelled or the other end has gone."""
        try:
            while True:
                await self._wake.wait()
                self._wake = trio.Event()
                await self.flush()
        except trio.BrokenResourceError:
            return  # whoever receives learns it too

    async def flush(self) -> None:
        """Wait until everything is with the operating system.

        Raises:
            trio.BrokenResourceError: The other end has gone.
        """
        async with self._sending:
            while self._outbox:
                frames, self._outbox = self._outbox, []
                parts: list[bytes] = []
                for frame in frames:
                    if not frame.dropped:
                        frame.sent = True
                        parts += (_HEAD.pack(frame.kind, frame.number, len(frame.body)), frame.body)
                await self._send.send_all(b"".join(parts))

    async def receive(self) -> list[Frame]:
        """Wait for frames; none means that the other end has gone."""
        while not (frames := self._take()):
            try:
                data = await self._receive.receive_some(_AT_ONCE)
            except trio.BrokenResourceError:
                return []
            if not data:
                return []
            self._here += data
        return frames

    def _take(self) -> list[Frame]:
        """The frames that are here whole."""
        frames: list[Frame] = []
        here, start = self._here, 0
        while len(here) - start >= _HEAD.size:
            kind, number, length = _HEAD.unpack_from(here, start)
            end = start + _HEAD.size + length
            if end > len(here):
                break
            frames.append(Frame(Kind(kind), number, bytes(here[start + _HEAD.size : end])))
            start = end
        del here[:start]
        return frames

    async def aclose(self) -> None:
        """Close both pipes."""
        try:
            await self._send.aclose()
        finally:
            await self._receive.aclose()
