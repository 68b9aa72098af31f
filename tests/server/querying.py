"""Scans and queries by hand, and their answers taken apart without the product's own decoder."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import attrs
from asking import field, frame
from comparing import messages
from lone_node import LoneNode

from triospike.server.dispatch import Session, answer
from triospike.server.stream import Stream

__all__ = ["ALL", "Found", "ask", "between", "equal", "parse", "query", "text_equal"]

ALL = range(4096)
_LAST, _DONE = 1, 4


@attrs.frozen
class Found:
    """An answer.

    Attributes:
        rows: Records, as digest to integer bins, in order.
        bvals: Of each row, the value of the index.
        unavailable: Ids of the partitions that the node does not serve.
        code: Result code of the end, or of the refusal.
        is_refusal: There is no last message.
    """

    rows: list[tuple[bytes, dict[str, int]]]
    bvals: list[int]
    unavailable: list[int]
    code: int
    is_refusal: bool

    @property
    def values(self) -> list[int]:
        """The values of bin a."""
        return [bins["a"] for _, bins in self.rows]


def query(
    partitions: Iterable[int] = ALL,
    *more: bytes,
    set_name: str = "",
    ops: tuple[bytes, ...] = (),
    info: tuple[int, int, int] = (1, 0, 4),
    ttl: int = 0xFFFFFFFF,
) -> bytes:
    fields = [field(0, b"test"), field(1, set_name.encode()), *more]
    ids = b"".join(struct.pack("<H", partition) for partition in partitions)
    if ids:
        fields.append(field(11, ids))
    header = struct.pack(">BBBBBBIIIHH", 22, *info, 0, 0, 0, ttl, 1000, len(fields), len(ops))
    return frame(header + b"".join(fields) + b"".join(ops))


def between(name: str, low: int, high: int) -> bytes:
    values = struct.pack(">IqIq", 8, low, 8, high)
    return field(22, bytes([1, len(name)]) + name.encode() + b"\x01" + values)


def equal(name: str, number: int) -> bytes:
    return between(name, number, number)


def text_equal(name: str, text: str) -> bytes:
    value = struct.pack(">I", len(text)) + text.encode()
    return field(22, bytes([1, len(name)]) + name.encode() + b"\x03" + value + value)


def ask(node: LoneNode, request: bytes) -> Found:
    given = answer(node, Session("1.2.3.4:5"), request)
    assert given is not None
    return parse(given.gathered() if isinstance(given, Stream) else given)


def parse(data: bytes) -> Found:
    rows, bvals, unavailable = [], [], []
    code, is_refusal = -1, True
    while data:
        end = 8 + int.from_bytes(data[2:8], "big")
        for message in messages(data[:end]):
            if message["info"][2] & _LAST:
                code, is_refusal = message["code"], False
            elif message["info"][2] & _DONE:
                assert message["code"] == 11
                unavailable.append(message["generation"])
            elif message["code"]:
                code = message["code"]
            else:
                fields = dict(message["fields"])
                bins = {
                    op["name"]: int.from_bytes(bytes.fromhex(op["value"]), "big", signed=True)
                    for op in message["ops"]
                }
                rows.append((bytes.fromhex(fields[4]), bins))
                if 15 in fields:
                    bvals.append(int.from_bytes(bytes.fromhex(fields[15]), "little", signed=True))
        data = data[end:]
    return Found(rows, bvals, unavailable, code, is_refusal)
