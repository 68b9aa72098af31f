"""A batch taken apart: the outer message, and its rows one by one (protocol sections 8.1 to 8.3).

A server reads rows as it carries them out, so those in front of a malformed one count. It does not look where the
field with the rows ends either: rows go on to the end of the message, as far as their number says.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TypeAlias

import attrs

from ..._wire.flags import FieldType, Info1, Info2, Info3, OpType
from ..._wire.message import FIRST_FIELD, read_header
from ...errors import ProtocolError
from ..ports import NodeView
from ..request import Request, parse_fields, parse_ops
from .record import namespace_of

__all__ = ["Batch", "Order", "Row", "parse_batch"]

_READ = int(OpType.READ)
_FIELD = struct.Struct(">IB")
_ROWS = struct.Struct(">IB")
_COUNTS = struct.Struct(">HH")
_GENERATION = struct.Struct(">H")
_TTL = struct.Struct(">I")

_BATCH_FIELDS = frozenset({FieldType.BATCH_INDEX, FieldType.BATCH_INDEX_WITH_SET})
_NOT_IN_ROWS = ~(Info1.COMPRESS_RESPONSE | Info1.XDR)
_INHERITED = Info3.SC_READ_RELAX | Info3.SC_READ_TYPE

_REPEAT = 0x01
_HAS_INFO = 0x02
_HAS_GENERATION = 0x04
_HAS_TTL = 0x08
_HAS_INFO4 = 0x10

_FLAGS_OFFSET = 24
_REPEATED_SIZE = 25
_SMALLEST_SIZE = 35
"""A row with none of the optional numbers, up to the header of its first field."""


class Order:
    """What a row asks for that is given in full, and all rows that repeat it.

    Attributes:
        request: The row as a request of its own.
        namespace: Name of the namespace, or None if no field of that type is there.
        digest: The record that counts in place of those that the rows name, or None.
        is_told_as_reads: The answer is to call all operations reads, as servers do where nothing is written.
    """

    __slots__ = ("digest", "is_told_as_reads", "namespace", "request")

    def __init__(self, node: NodeView, request: Request) -> None:
        self.request = request
        namespace = namespace_of(node, request.fields.get(FieldType.NAMESPACE))
        self.namespace = None if namespace is None else namespace.name
        self.digest = request.fields.get(FieldType.DIGEST)
        self.is_told_as_reads = not request.info2 & Info2.WRITE and any(op[0] != _READ for op in request.ops)


Row: TypeAlias = tuple[bytes, bytes, Order]
"""The client's number for the row, as the four bytes that are sent back; the record's digest; what to do."""


@attrs.frozen(slots=True)
class Batch:
    """The outer message of a batch.

    Attributes:
        frame: The whole frame.
        at: Offset of the first row.
        n_rows: How many rows there should be.
        flags: How they are to be carried out and answered.
        timeout: The client's time limit, in milliseconds; 0 for none.
        info3: Bits that rows without bits of their own inherit.
        filter: Packed filter expression for all rows that have none, or None.
    """

    frame: bytes
    at: int
    n_rows: int
    flags: int
    timeout: int
    info3: int
    filter: bytes | None

    def rows(self, node: NodeView) -> Iterator[Row]:
        """The rows in order.

        Raises:
            ProtocolError: Where the first malformed row is, or one is missing; those in front of it were given.
        """
        frame, at = self.frame, self.at
        end = len(frame)
        order: Order | None = None
        for _ in range(self.n_rows):
            flags_at = at + _FLAGS_OFFSET
            if flags_at >= end:
                raise ProtocolError(f"row cut off at byte offset {at}")
            index = frame[at : at + 4]
            digest = frame[at + 4 : flags_at]
            if not frame[flags_at] & _REPEAT:
                request, at = self._parse_row(node, at)
                order = Order(node, request)
            elif order is None or FieldType.KEY in order.request.fields:
                raise ProtocolError(f"nothing to be repeated at byte offset {at}")
            else:
                at += _REPEATED_SIZE
            yield index, digest, order

    def _parse_row(self, node: NodeView, at: int) -> tuple[Request, int]:
        """The request of a row that is given in full, and the offset behind the row."""
        frame = self.frame
        header, behind = _parse_header(frame, at, self.info3)
        n_fields, n_ops = _COUNTS.unpack_from(frame, behind)
        behind += _COUNTS.size
        request = Request(header)
        behind = _parse_namespace(node, frame, behind, request)
        behind = parse_fields(frame, behind, (n_fields or 1) - 1, request.fields)
        behind = parse_ops(frame, behind, n_ops, request.ops)
        if self.filter is not None:
            request.fields.setdefault(FieldType.FILTER_EXP, self.filter)
        return request, behind


def parse_batch(frame: bytes) -> Batch:
    """Take the outer message of a batch apart. Of repeated fields the last counts, other than in single requests.

    Raises:
        ProtocolError: A size does not fit, or there are no rows.
    """
    header = read_header(frame)
    at = FIRST_FIELD
    rows_at = 0
    packed_filter: bytes | None = None
    for _ in range(header[9]):
        if at + _FIELD.size > len(frame):
            raise ProtocolError(f"field cut off at byte offset {at}")
        size, kind = _FIELD.unpack_from(frame, at)
        if size == 0 or at + 4 + size > len(frame):
            raise ProtocolError(f"field of {size} bytes does not fit at byte offset {at}")
        if kind in _BATCH_FIELDS:
            rows_at = at + _FIELD.size
        elif kind == FieldType.FILTER_EXP:
            packed_filter = frame[at + _FIELD.size : at + 4 + size]
        at += 4 + size
    if not rows_at or rows_at + _ROWS.size > len(frame):
        raise ProtocolError("batch without rows")
    n_rows, flags = _ROWS.unpack_from(frame, rows_at)
    return Batch(frame, rows_at + _ROWS.size, n_rows, flags, header[8], header[3] & _INHERITED, packed_filter)


def _parse_header(frame: bytes, at: int, inherited: int) -> tuple[tuple[int, ...], int]:
    """The numbers of a row, as those of a message of its own, and the offset behind them."""
    flags = frame[at + _FLAGS_OFFSET]
    if at + _SMALLEST_SIZE + _optional_size(flags) > len(frame):
        raise ProtocolError(f"row cut off at byte offset {at}")
    at += _REPEATED_SIZE
    info1 = frame[at] & _NOT_IN_ROWS
    at += 1
    info2, info3, info4, generation, ttl = 0, inherited, 0, 0, 0
    if flags & _HAS_INFO:
        info2, info3 = frame[at], frame[at + 1]
        at += 2
    if flags & _HAS_INFO4:
        info4 = frame[at]
        at += 1
    if flags & _HAS_GENERATION:
        (generation,) = _GENERATION.unpack_from(frame, at)
        at += _GENERATION.size
    if flags & _HAS_TTL:
        (ttl,) = _TTL.unpack_from(frame, at)
        at += _TTL.size
    return (0, info1, info2, info3, info4, 0, generation, ttl, 0, 0, 0), at


def _parse_namespace(node: NodeView, frame: bytes, at: int, request: Request) -> int:
    """Take the first field for the namespace, whatever its type says; return the offset behind it."""
    size, kind = _FIELD.unpack_from(frame, at)
    behind: int = at + 4 + size
    value = frame[at + _FIELD.size : behind]
    if behind > len(frame) or namespace_of(node, value) is None:
        raise ProtocolError(f"row without a known namespace at byte offset {at}")
    if kind == FieldType.NAMESPACE:
        request.fields[kind] = value
    return behind


def _optional_size(flags: int) -> int:
    """Bytes of the numbers that a row may go without."""
    size = 2 if flags & _HAS_INFO else 0
    size += 1 if flags & _HAS_INFO4 else 0
    size += _GENERATION.size if flags & _HAS_GENERATION else 0
    return size + (_TTL.size if flags & _HAS_TTL else 0)
