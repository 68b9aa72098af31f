"""Batches made by hand, and what a node answers to them. Nothing of triospike's encoders is used here."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Any

import attrs
from asking import field, frame, integer, op
from comparing import messages
from lone_node import LoneNode
from replaying import frames_of

from triospike.key import Key
from triospike.server.dispatch import Session, answer
from triospike.server.stream import Stream

__all__ = ["BatchAnswer", "RowAnswer", "ask", "batch", "key", "parse", "put", "repeat", "row", "same_key"]

READ, READ_ALL, HEADER = 0x01, 0x03, 0x21
WRITE, DELETE, ALL_OPS = 0x01, 0x03, 0x80
INLINE, RESPOND_ALL, REPORT_ROW = 0x01, 0x04, 0x08
EVERYTHING = INLINE | RESPOND_ALL | REPORT_ROW
NAMESPACE_AND_SET = field(0, b"test") + field(1, b"demo")


@attrs.frozen
class RowAnswer:
    """What one row got; bins as op, name, particle type and hexadecimal value."""

    index: int
    code: int
    generation: int
    void_time: int
    bins: tuple[tuple[int, str, int, str], ...] = ()


@attrs.frozen
class BatchAnswer:
    """All rows in the order in which they came, by frames; and the result of the last message."""

    frames: tuple[tuple[RowAnswer, ...], ...]
    code: int

    @property
    def rows(self) -> list[RowAnswer]:
        return [row for frame in self.frames for row in frame]

    @property
    def codes(self) -> dict[int, int]:
        """Index to result code."""
        return {row.index: row.code for row in self.rows}


def key(name: str | int) -> Key:
    return Key("test", "demo", name)


def row(
    index: int,
    name: str | int,
    info: tuple[int, int, int] = (READ_ALL, 0, 0),
    *ops: bytes,
    fields: Sequence[bytes] = (),
    head: bytes = NAMESPACE_AND_SET,
    n_head: int = 2,
    n_ops: int | None = None,
    generation: int = 0,
    ttl: int = 0,
) -> bytes:
    """A row in full, with information bits, generation and ttl."""
    counts = struct.pack(">HH", n_head + len(fields), len(ops) if n_ops is None else n_ops)
    numbers = bytes((0x0E, *info)) + struct.pack(">HI", generation, ttl) + counts
    return struct.pack(">I", index) + key(name).digest + numbers + head + b"".join(fields) + b"".join(ops)


def put(index: int, name: str | int, number: int, **more: int) -> bytes:
    """A row that writes one integer."""
    return row(index, name, (0, WRITE, 0), op(2, "a", 1, integer(number)), **more)  # type: ignore[arg-type]


def repeat(index: int, name: str | int) -> bytes:
    """A row that repeats the one before."""
    return struct.pack(">I", index) + key(name).digest + b"\x01"


def same_key(index: int, name: str | int, kind: int = 0x03) -> bytes:
    """A row of the kind that servers before 6.0 knew: a read without any optional numbers."""
    return struct.pack(">I", index) + key(name).digest + b"\0" + bytes((kind, 0, 2, 0, 0)) + NAMESPACE_AND_SET


def batch(
    *rows: bytes,
    flags: int = EVERYTHING,
    n_rows: int | None = None,
    before: Sequence[bytes] = (),
    after: Sequence[bytes] = (),
    info: tuple[int, int, int] = (0x08, 0, 0),
    n_ops: int = 0,
    tail: bytes = b"",
    kind: int = 41,
) -> bytes:
    """A whole frame with a batch."""
    count = len(rows) if n_rows is None else n_rows
    fields = [*before, field(kind, struct.pack(">IB", count, flags) + b"".join(rows)), *after]
    header = struct.pack(">BBBBBBIIIHH", 22, *info, 0, 0, 0, 0, 1000, len(fields), n_ops)
    return frame(header + b"".join(fields) + tail)


def parse(frames: Iterable[bytes]) -> BatchAnswer:
    """The answer in all these frames, the last of which has to be the end."""
    *several, end = [list(messages(each)) for each in frames]
    (last,) = end
    assert last["info"] == [0, 0, 1, 0]
    found = []
    for rows in several:
        assert all(row["info"] == [0, 0, 0, 0] for row in rows)
        found.append(tuple(_row_answer(row) for row in rows))
    return BatchAnswer(tuple(found), int(last["code"]))


def _row_answer(message: dict[str, Any]) -> RowAnswer:
    bins = tuple((op["op"], op["name"], op["type"], op["value"]) for op in message["ops"])
    return RowAnswer(message["index"], message["code"], message["generation"], message["void_time"], bins)


def ask(node: LoneNode, request: bytes) -> BatchAnswer:
    """Send one batch to a node."""
    given = answer(node, Session(), request)
    assert given
    return parse(frames_of(given.gathered() if isinstance(given, Stream) else given))
