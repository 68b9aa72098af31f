"""Answers for single records, packed here byte by byte."""

from __future__ import annotations

import struct

__all__ = ["answer", "op", "person"]


def op(name: str, kind: int, value: bytes) -> bytes:
    encoded = name.encode()
    return struct.pack(">IBBBB", 4 + len(encoded) + len(value), 1, kind, 0, len(encoded)) + encoded + value


def answer(*ops: bytes, code: int = 0, generation: int = 1, void_time: int = 0, fields: bytes = b"") -> bytes:
    head = struct.pack(">BBBBBBIIIHH", 22, 0, 0, 0, 0, code, generation, void_time, 0, bool(fields), len(ops))
    body = head + fields + b"".join(ops)
    return b"\2\3" + len(body).to_bytes(6, "big") + body


def person(name: str, age: int, score: float = 0.5, *, generation: int = 1, void_time: int = 0) -> bytes:
    ops = (
        op("name", 3, name.encode()),
        op("age", 1, struct.pack(">q", age)),
        op("score", 2, struct.pack(">d", score)),
    )
    return answer(*ops, generation=generation, void_time=void_time)
