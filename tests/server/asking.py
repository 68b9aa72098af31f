"""Asks a node for one thing at a time, and reads what it answers."""

from __future__ import annotations

import struct

import attrs
from comparing import messages
from lone_node import LoneNode

from triospike.key import Key
from triospike.server.dispatch import Session, answer

__all__ = ["Answer", "ask_info", "delete", "integer", "op", "read", "send", "write"]

WRITE = 0x01
DELETE = 0x02
READ_ALL = 0x03


@attrs.frozen
class Answer:
    """What a single-record request got."""

    code: int
    generation: int
    void_time: int
    bins: list[tuple[str, int, str]]


def integer(number: int) -> bytes:
    return struct.pack(">q", number)


def op(kind: int, name: str = "", particle_type: int = 0, value: bytes = b"") -> bytes:
    packed = name.encode()
    size = 4 + len(packed) + len(value)
    return struct.pack(">IBBBB", size, kind, particle_type, 0, len(packed)) + packed + value


def field(kind: int, value: bytes) -> bytes:
    return struct.pack(">IB", len(value) + 1, kind) + value


def frame(body: bytes) -> bytes:
    return struct.pack(">Q", 2 << 56 | 3 << 48 | len(body)) + body


def send(
    node: LoneNode,
    key: Key,
    *ops: bytes,
    info: tuple[int, int, int] = (0, 0, 0),
    generation: int = 0,
    ttl: int = 0,
    fields: tuple[bytes, ...] = (),
) -> Answer:
    all_fields = [field(0, key.namespace.encode()), field(1, key.set_name.encode()), field(4, key.digest), *fields]
    header = struct.pack(">BBBBBBIIIHH", 22, *info, 0, 0, generation, ttl, 1000, len(all_fields), len(ops))
    given = answer(node, Session(), frame(header + b"".join(all_fields) + b"".join(ops)))
    assert isinstance(given, bytes)
    (message,) = messages(given)
    bins = [(found["name"], found["type"], found["value"]) for found in message["ops"]]
    return Answer(message["code"], message["generation"], message["void_time"], bins)


def write(node: LoneNode, key: Key, *ops: bytes, ttl: int = 0, info3: int = 0) -> Answer:
    return send(node, key, *(ops or (op(2, "a", 1, integer(1)),)), info=(0, WRITE, info3), ttl=ttl)


def read(node: LoneNode, key: Key, *, ttl: int = 0) -> Answer:
    return send(node, key, info=(READ_ALL, 0, 0), ttl=ttl)


def delete(node: LoneNode, key: Key) -> Answer:
    return send(node, key, info=(0, WRITE | DELETE, 0))


def ask_info(node: LoneNode, command: str, session: Session | None = None) -> str:
    body = f"{command}\n".encode()
    given = answer(node, session or Session(), struct.pack(">Q", 2 << 56 | 1 << 48 | len(body)) + body)
    assert isinstance(given, bytes)
    echo, _, value = given[8:].decode().removesuffix("\n").partition("\t")
    assert echo == command
    return value
