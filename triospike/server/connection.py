"""One client's connection: frames in, answers out, and the faults in between. This is the server's hot path.

Frames are cut out of what arrives and answered strictly in order. Nothing more is read before everything that was
read is answered and handed to the system, so a peer that never reads its answers stops being read from. An answer
that is a stream is made no faster than the peer takes it.
"""

from __future__ import annotations

import math
from typing import Final, NoReturn, Protocol

import trio

from .._wire.flags import FrameType, Info2, Info3
from .._wire.info import pack_info_answer, parse_info_request
from .._wire.message import pack_message
from .._wire.proto import FRAME_HEADER_SIZE, PROTO_VERSION
from ..result_code import describe
from .damage import cut, garbled, silenced
from .dispatch import Session, answer
from .faults import CommandKind, Fault, FaultKind, command_kind
from .framing import RequestBuffer
from .node import NodeState, ServerNode
from .stream import Stream

__all__ = ["Connection", "Socket"]

_RECEIVE_SIZE = 65536
_FLUSH_SIZE = 262144
"""Answers to pipelined requests are gathered up to about so many bytes."""
_INFO2_OFFSET = FRAME_HEADER_SIZE + 2
_ENDLESS_CHUNK = bytes(65536)
_MESSAGE = int(FrameType.MESSAGE)
_INFO = int(FrameType.INFO)
_PEEK: Final = 2
"""The flag of `recv` that leaves in place what is there; the same on all systems."""


class Socket(Protocol):
    """What a connection needs of a non-blocking socket."""

    def fileno(self) -> int:
        """The file descriptor."""

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Receive what is there."""

    def send(self, data: bytes | memoryview, /) -> int:
        """Send what fits."""

    def close(self) -> None:
        """Close at once."""


class _Closed(Exception):
    """The connection is over: the peer is gone, or the server ends it."""


class _TooSlow(_Closed):
    """The peer has read nothing for longer than it said it would."""


class Connection:
    """Serves one accepted socket until either side closes it.

    Args:
        node: The node that accepted it.
        socket: Non-blocking; closed when `run` ends.
        peer: The client's address.
    """

    def __init__(self, node: ServerNode, socket: Socket, peer: str) -> None:
        self._node = node
        self._socket = socket
        self._session = Session(peer)
        self._requests = RequestBuffer()
        self._at_work = 0
        self._is_data = False
        self._patience = math.inf
        node.counters.connection_opened()

    async def run(self) -> None:
        """Answer requests until the connection ends."""
        try:
            while True:
                await self._serve_once()
        except _Closed:
            pass
        finally:
            self._socket.close()
            self._node.counters.answered(0, self._at_work)
            self._node.counters.connection_closed(data=self._is_data)

    async def _serve_once(self) -> None:
        """Receive once, and answer all requests that are complete then."""
        node = self._node
        await trio.lowlevel.wait_readable(self._socket)
        if node.state is not NodeState.RUNNING:
            await self._wait_running()
        frames = self._receive()
        replies: list[bytes] = []
        size = ended = 0
        for frame in frames:
            if node.faults or node.config.service_time:
                await self._send(replies, ended)
                reply = await self._answer_with_faults(frame)
                replies, size, ended = [], 0, 0
            else:
                reply = answer(node, self._session, frame)
            if not isinstance(reply, bytes):
                await self._send(replies, ended)
                if reply is None:
                    raise _Closed
                await self._stream(reply, ended=1)
                replies, size, ended = [], 0, 0
                continue
            replies.append(reply)
            size += len(reply)
            ended += frame[1] >= _MESSAGE
            if size > _FLUSH_SIZE:
                await self._send(replies, ended)
                replies, size, ended = [], 0, 0
        if replies:
            await self._send(replies, ended)
        if self._requests.is_broken:
            raise _Closed  # to a peer that does not speak the protocol, a server says nothing

    def _receive(self) -> list[bytes]:
        """Receive what is there, count it, and cut it into whole requests."""
        try:
            data = self._socket.recv(_RECEIVE_SIZE)
        except BlockingIOError:
            return []
        except OSError as error:
            raise _Closed from error
        if not data:
            raise _Closed
        frames = self._requests.receive(data)
        self._count(frames, len(data))
        return frames

    def _count(self, frames: list[bytes], size: int) -> None:
        info = read = write = other = 0
        for frame in frames:
            kind = frame[1]
            if kind == _INFO:
                info += 1
            elif kind < _MESSAGE:
                other += 1
            elif len(frame) > _INFO2_OFFSET and frame[_INFO2_OFFSET] & Info2.WRITE:
                write += 1
            else:
                read += 1
        began = read + write
        if began and not self._is_data:
            self._is_data = True
            self._node.counters.data_connection()
        self._at_work += began
        self._node.counters.received(size, info, read, write, other)

    async def _send(self, replies: list[bytes], ended: int) -> None:
        """Hand answers to the system, waiting while the peer does not read; they end so many commands."""
        if not replies:
            return
        data: bytes | memoryview = replies[0] if len(replies) == 1 else b"".join(replies)
        size = len(data)
        while data:
            try:
                sent = self._socket.send(data)
            except BlockingIOError:
                sent = 0
            except OSError as error:
                raise _Closed from error
            if sent == len(data):
                break
            data = memoryview(data)[sent:]
            await self._wait_writable()
        self._at_work -= ended
        self._node.counters.answered(size, ended)

    async def _wait_writable(self) -> None:
        with trio.move_on_after(self._patience) as scope:
            await trio.lowlevel.wait_writable(self._socket)
        if scope.cancelled_caught:
            raise _TooSlow

    async def _stream(self, stream: Stream, *, ended: int) -> None:
        """Make a stream and send it, no faster than the peer reads; it ends so many commands."""
        self._patience = stream.patience
        try:
            for step in stream.steps:
                if isinstance(step, bytes):
                    await self._send([step], 0)
                else:
                    await trio.sleep(step)
                if self._node.state is not NodeState.RUNNING:
                    await self._wait_running()
                self._check_peer()
        except _Closed as closed:
            stream.give_up(is_slow=isinstance(closed, _TooSlow))
            raise
        finally:
            self._patience = math.inf
            stream.steps.close()
        self._at_work -= ended
        self._node.counters.answered(0, ended)

    def _check_peer(self) -> None:
        """Notice that the peer has closed, though nothing is being sent."""
        try:
            if not self._socket.recv(1, _PEEK):
                raise _Closed
        except BlockingIOError:
            pass
        except OSError as error:
            raise _Closed from error

    async def _wait_running(self) -> None:
        if not await self._node.wait_running():
            raise _Closed

    # --- what is not the hot path ----------------------------------------------------------------------------

    async def _answer_with_faults(self, frame: bytes) -> bytes | Stream | None:
        """What `answer` gives, after the service time, with what the faults make of it."""
        node = self._node
        verdict = node.faults.judge(node.index, node.node_id, frame)
        delay = verdict.delay + (node.config.service_time if frame[1] != _INFO else 0)
        if delay:
            await trio.sleep(delay)
            await self._wait_running()
        fault = verdict.fault
        if fault is None:
            return answer(node, self._session, frame)
        match fault.kind:
            case FaultKind.DROP:
                await self._ignore_everything()
            case FaultKind.CLOSE_BEFORE:
                return None
            case FaultKind.RESULT_CODE:
                return _refusal(frame, fault.code)
            case FaultKind.ENDLESS:
                await self._send_forever(frame, fault.answer_size)
        return await self._damaged(fault, answer(node, self._session, frame))

    async def _damaged(self, fault: Fault, reply: bytes | Stream | None) -> Stream | None:
        """An answer as the fault leaves it; None closes the connection."""
        if reply is None:
            return None
        steps = reply.steps if isinstance(reply, Stream) else iter([reply])
        if fault.kind is FaultKind.GARBLE:
            return Stream(garbled(steps, fault.part))
        if fault.kind is FaultKind.CLOSE_AFTER:
            rest = silenced(steps)
        else:
            is_bounded_by_rows = fault.rows is not None and fault.size is None
            rest = cut(steps, None if is_bounded_by_rows else fault.answer_size, fault.rows)
        await self._stream(Stream(rest), ended=0)
        if fault.kind is FaultKind.STALL:
            await self._ignore_everything()
        return None

    async def _ignore_everything(self) -> NoReturn:
        """Read on without answering until the peer gives up. What it sent is no longer at work."""
        self._node.counters.answered(0, self._at_work)
        self._at_work = 0
        while True:
            await trio.lowlevel.wait_readable(self._socket)
            ignored = self._receive()
            ended = sum(frame[1] >= _MESSAGE for frame in ignored)
            self._at_work -= ended
            self._node.counters.answered(0, ended)

    async def _send_forever(self, frame: bytes, announced: int) -> NoReturn:
        """Begin an answer of an announced size, and send until the peer closes."""
        await self._send([_frame_header(frame[1], announced)], 0)
        while True:
            await self._send([_ENDLESS_CHUNK], 0)
            await trio.lowlevel.checkpoint()


def _refusal(frame: bytes, code: int) -> bytes:
    """The answer with a result code, to a message or to every command of an info request."""
    if frame[1] == _INFO:
        value = f"ERROR:{code}:{describe(code)}"
        return pack_info_answer((command, value) for command in parse_info_request(frame))
    is_batch = command_kind(frame) is CommandKind.BATCH
    return pack_message(0, 0, Info3.LAST if is_batch else 0, result_code=code)


def _frame_header(kind: int, size: int) -> bytes:
    return (PROTO_VERSION << 56 | kind << 48 | size).to_bytes(FRAME_HEADER_SIZE, "big")
