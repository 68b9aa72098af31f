"""A client of a few lines that knows the protocol by itself: nothing of triospike's encoders is used here."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

READ, GET_ALL = 0x01, 0x02
WRITE, DELETE = 0x01, 0x02
INTEGER, STRING = 1, 3


def frame(kind: int, body: bytes) -> bytes:
    return struct.pack(">BBHI", 2, kind, 0, len(body)) + body


def info(*commands: str) -> bytes:
    return frame(1, "".join(command + "\n" for command in commands).encode())


def digest_of(set_name: str, user_key: str) -> bytes:
    return hashlib.new("ripemd160", set_name.encode() + b"\x03" + user_key.encode()).digest()


def partition_of(digest: bytes) -> int:
    return int(struct.unpack_from("<H", digest)[0]) & 0xFFF


def field(kind: int, value: bytes) -> bytes:
    return struct.pack(">IB", len(value) + 1, kind) + value


def op(kind: int, name: str, particle: int = 0, value: bytes = b"") -> bytes:
    return struct.pack(">IBBBB", 4 + len(name) + len(value), kind, particle, 0, len(name)) + name.encode() + value


def message(
    info1: int, info2: int, digest: bytes, *ops: bytes, namespace: str = "test", set_name: str = "s"
) -> bytes:
    head = struct.pack(">BBBBBBIIIHH", 22, info1, info2, 0, 0, 0, 0, 0, 1000, 3, len(ops))
    fields = field(0, namespace.encode()) + field(1, set_name.encode()) + field(4, digest)
    return frame(3, head + fields + b"".join(ops))


def put(key: str, number: int, **kwargs: str) -> bytes:
    return message(0, WRITE, digest_of("s", key), op(2, "n", INTEGER, struct.pack(">q", number)), **kwargs)


def get(key: str) -> bytes:
    return message(READ | GET_ALL, 0, digest_of("s", key))


def delete(key: str) -> bytes:
    return message(0, WRITE | DELETE, digest_of("s", key))


def operate(key: str, number: int) -> bytes:
    add = op(5, "n", INTEGER, struct.pack(">q", number))
    return message(READ, WRITE, digest_of("s", key), add, op(1, "n"))


def result(answer: bytes) -> int:
    assert answer[:2] == b"\x02\x03", answer[:8]
    return answer[13]


def number(answer: bytes) -> int:
    """The value of an answer's only bin, an integer."""
    assert result(answer) == 0
    assert struct.unpack_from(">HH", answer, 26) == (0, 1)
    return int(struct.unpack(">q", answer[-8:])[0])


class RawClient:
    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self._buffer = b""

    async def send(self, data: bytes) -> None:
        await self.stream.send_all(data)

    async def receive(self, size: int) -> bytes:
        """So many bytes, fewer if the server closes the connection."""
        while len(self._buffer) < size:
            try:
                data = await self.stream.receive_some(65536)
            except trio.BrokenResourceError:
                data = b""
            if not data:
                size = len(self._buffer)
            self._buffer += data
        received, self._buffer = self._buffer[:size], self._buffer[size:]
        return received

    async def answer(self) -> bytes:
        """The next whole answer; empty if the server closed the connection."""
        header = await self.receive(8)
        if len(header) < 8:
            return header
        return header + await self.receive(int.from_bytes(header[2:], "big"))

    async def ask(self, request: bytes) -> bytes:
        await self.send(request)
        return await self.answer()

    async def ask_info(self, command: str) -> str:
        """The value of one info command."""
        text = (await self.ask(info(command)))[8:].decode()
        name, _, value = text.rstrip("\n").partition("\t")
        assert name == command
        return value


@asynccontextmanager
async def connect(port: int, host: str = "127.0.0.1") -> AsyncIterator[RawClient]:
    stream = await trio.open_tcp_stream(host, port)
    async with stream:
        yield RawClient(stream)
