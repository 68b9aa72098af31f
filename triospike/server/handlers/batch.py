"""Batches: many records in one request, each row with an answer of its own (protocol section 8).

Every row is carried out as if it had come alone, by the same handlers. An error in one row does not keep the
others from being carried out: it only ends what the client is told, unless the client asks to be told everything.
"""

from __future__ import annotations

import struct
from collections.abc import Generator

from ..._wire.flags import FrameType, Info3, OpType
from ..._wire.message import FIRST_FIELD
from ..._wire.proto import FRAME_HEADER_SIZE, pack_frame
from ...errors import ProtocolError
from ...result_code import ResultCode
from ..evaluate.expression import build_filter
from ..ports import NodeView
from ..refusal import Refusal
from ..reply import reply
from ..stream import Step, Stream
from .batch_rows import Batch, Row, parse_batch
from .record import answer_for_record

__all__ = ["answer_batch"]

_RESPOND_ALL = 0x04
_REPORT_ERROR_ROW = 0x08
_HARMLESS = frozenset({ResultCode.OK, ResultCode.NOT_FOUND, ResultCode.FILTERED_OUT})
"""Results that don't count as a row's error."""

_BLOCK_SIZE = 131040
"""Most bytes of rows that share a frame; a larger row has one for itself."""
_ROWS_AT_A_TIME = 128
"""Rows that are carried out before others on this thread get a turn."""
_ABANDONED_AFTER = 30.0
"""Seconds for which a client that set no time limit may stop reading."""

_DIGEST_SIZE = 20
_CODE_OFFSET = 5
_N_FIELDS_AND_OPS = struct.Struct(">HH")
_COUNTS_OFFSET = 18
_INDEX_OFFSET = FRAME_HEADER_SIZE + 14
_INDEX_END = _INDEX_OFFSET + 4
_READ = int(OpType.READ)


def answer_batch(node: NodeView, frame: bytes) -> bytes | Stream:
    """The answer to a batch: frames with rows, and one with the last message.

    A large batch is carried out while it is answered, so that others get their turn, and so that the answer never
    need be there as a whole. A client that closes its connection ends it; a real server would go on.

    Args:
        node: The node that received it.
        frame: The whole frame.
    """
    try:
        batch = _accept(node, frame)
    except Refusal as refusal:
        return reply(refusal.code, info3=Info3.LAST)
    steps = _answers(node, batch)
    if batch.n_rows > _ROWS_AT_A_TIME:
        return Stream(steps, patience=batch.timeout / 1000 or _ABANDONED_AFTER)
    return b"".join(step for step in steps if isinstance(step, bytes))


def _answers(node: NodeView, batch: Batch) -> Generator[Step, None, None]:
    """Carry out the rows; give the frames as they become full."""
    gatherer = _Gatherer(batch.flags)
    until_pause = _ROWS_AT_A_TIME
    try:
        for row in batch.rows(node):
            gatherer.add(_answer_row(node, row))
            until_pause -= 1
            if gatherer.frames:
                yield gatherer.take()
            if not until_pause:
                until_pause = _ROWS_AT_A_TIME
                yield 0.0
    except ProtocolError:
        gatherer.fail(ResultCode.PARAMETER)
    gatherer.end_block()
    yield gatherer.take() + reply(gatherer.code, info3=Info3.LAST)


def _accept(node: NodeView, frame: bytes) -> Batch:
    """The batch, if nothing is wrong with it as a whole."""
    config = node.config
    if not config.batch_index_threads:
        raise Refusal(ResultCode.BATCH_DISABLED)
    try:
        batch = parse_batch(frame)
    except ProtocolError:
        raise Refusal(ResultCode.PARAMETER) from None
    if not batch.n_rows:
        raise Refusal(ResultCode.PARAMETER)
    if 0 < config.batch_max_requests < batch.n_rows:
        raise Refusal(ResultCode.BATCH_MAX_REQUESTS)
    if batch.filter is not None:
        build_filter(batch.filter)
    return batch


def _answer_row(node: NodeView, row: Row) -> bytes:
    """The message that answers a row, without a frame around it."""
    index, digest, order = row
    if order.namespace is None:
        answer = reply(ResultCode.NAMESPACE)
    elif order.digest is not None and len(order.digest) != _DIGEST_SIZE:
        answer = reply(ResultCode.PARAMETER)
    else:
        answer = answer_for_record(node, order.namespace, order.request, order.digest or digest)
    if order.is_told_as_reads:
        answer = _with_reads_only(answer)
    return answer[FRAME_HEADER_SIZE:_INDEX_OFFSET] + index + answer[_INDEX_END:]


def _with_reads_only(answer: bytes) -> bytes:
    """An answer in which all operations are called reads, as servers do in rows that write nothing."""
    row = bytearray(answer)
    n_fields, n_ops = _N_FIELDS_AND_OPS.unpack_from(row, FRAME_HEADER_SIZE + _COUNTS_OFFSET)
    at = FIRST_FIELD
    for position in range(n_fields + n_ops):
        if position >= n_fields:
            row[at + 4] = _READ
        at += 4 + int.from_bytes(row[at : at + 4], "big")
    return bytes(row)


class _Gatherer:
    """Puts rows into frames, as far as the client is to be told of them.

    Args:
        flags: The batch's.
    """

    def __init__(self, flags: int) -> None:
        self.code: int = ResultCode.OK
        """Result of the batch as a whole; once it is an error, no more rows are sent."""
        self._is_error_told = not flags & _RESPOND_ALL
        self._is_error_row_sent = flags & _REPORT_ERROR_ROW != 0
        self._rows: list[bytes] = []
        self._size = 0
        self._block_code: int = ResultCode.OK
        self.frames: list[bytes] = []
        """Frames that were not taken yet."""

    def add(self, row: bytes) -> None:
        """Add a row, behind a frame of those that were added before it if they fill one."""
        if self._size + len(row) > _BLOCK_SIZE:
            self.end_block()
        self._rows.append(row)
        self._size += len(row)
        code = row[_CODE_OFFSET]
        if self._is_error_told and code not in _HARMLESS:
            if self._is_error_row_sent:
                self._block_code = code
            else:
                self.code = code

    def end_block(self) -> None:
        """Make a frame of the rows so far, unless an error has ended the answer already."""
        if self._rows and self.code == ResultCode.OK:
            self.code = self._block_code
            self.frames.append(pack_frame(FrameType.MESSAGE, b"".join(self._rows)))
        self._rows = []
        self._size = 0

    def fail(self, code: int) -> None:
        """End the answer with an error; rows that are in no frame yet are not sent."""
        self.code = code

    def take(self) -> bytes:
        """The frames that were made since the last time."""
        frames = b"".join(self.frames)
        self.frames = []
        return frames
