"""Answers of batches: many rows in a frame, in any order, and a message that ends them (protocol section 8.4).

`read_records` is the hot path of `batch_get`: one pass, and for each row no object but its record. It guesses that
a row looks like the row before it, and leaves such rows to `alike_rows`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from .. import clock
from .._wire.flags import Info3
from .._wire.message import FIRST_FIELD, INFO3_OFFSET, MESSAGE, MESSAGE_HEADER_SIZE, RESULT_CODE_OFFSET
from .._wire.particle import decode_value
from .._wire.proto import FRAME_HEADER_SIZE
from .._wire.units import ttl_from_void_time
from ..batch import BatchResult
from ..errors import ProtocolError
from ..key import Key
from ..record import Record
from ..result_code import ResultCode
from .alike_rows import ReadRecords, ReadResults, known_reader, reader_of, records_reader, results_reader
from .batch_row import Row
from .record_parser import gather
from .row_look import Look, batch_look

__all__ = ["Answer", "end_of_batch", "parse_alone", "read_answers", "read_flags", "read_records"]

_HEADER = struct.Struct(">3xBxBIIIHH")
"""Of a row's header: info3, result code, generation, void-time, index, how many fields, how many operations."""
_SIZE = struct.Struct(">I")
_OP = struct.Struct(">IxBxB")
_LAST = Info3.LAST
_UDF, _NOT_FOUND = int(ResultCode.UDF), int(ResultCode.NOT_FOUND)
_Kind: TypeAlias = tuple[object, ...]
_RECORDS: _Kind = (records_reader,)
_MOST_GUESSES = 64
"""How often in a frame a row may look unlike the row before; from then on nothing is guessed."""
_MOST_MADE = 4
"""How many readers may be made for one frame."""


class Answer(NamedTuple):
    """What a row came to.

    Attributes:
        code: Its result code.
        record: What it answered, if anything.
        failure: What a function said when it failed, or nothing.
    """

    code: int
    record: Record | None = None
    failure: str = ""


def read_records(frame: bytes, keys: Sequence[Key], answers: list[Any], waiting: object) -> int | None:
    """Take the rows of a frame of an answer, as records.

    Args:
        frame: A whole frame.
        keys: All keys of the batch.
        answers: Gets, by index, a record, None for one that is missing, or the result code.
        waiting: What answers holds for the rows that may come.

    Returns:
        The result code of the whole, with the last frame, else None.

    Raises:
        ProtocolError: The answer is malformed, or has a row that was not asked for, or twice.
    """
    at, end = _begin(frame), len(frame)
    now = clock.wall_clock()
    guess = None
    reader: ReadRecords | None = _first_reader(keys, end, _RECORDS)
    try:
        while at < end:
            if reader is not None:
                at = reader(frame, at, end, keys, answers, waiting, now)
                if at == end:
                    break
            info3, code, generation, void_time, index, n_fields, n_ops = _HEADER.unpack_from(frame, at)
            if info3 & _LAST:
                return _end(frame, at, code)
            at += MESSAGE_HEADER_SIZE
            if n_fields:
                at = _skip_fields(frame, at, n_fields)
            found, behind = _read_bins(frame, at, end, n_ops)
            if answers[index] is not waiting:
                raise _unasked(index)
            if code:
                answers[index] = None if code == _NOT_FOUND else code
            else:
                ttl = ttl_from_void_time(void_time, now)
                answers[index] = Record(keys[index], dict(found), generation, ttl)
                guess = guess or _Guess(keys, _RECORDS)
                reader = None if n_fields else guess.after(frame, at, n_ops, records_reader)
            at = behind
    except struct.error:
        raise _cut_off(at, end) from None
    except IndexError:
        raise _not_in_batch(index, answers) from None
    return None


def end_of_batch(frame: bytes) -> int | None:
    """The result code of the whole, if a frame has its last message and no rows; None leaves it to the others."""
    if len(frame) == FIRST_FIELD and frame[INFO3_OFFSET] & _LAST and frame[1] == MESSAGE:
        return frame[RESULT_CODE_OFFSET]
    return None


def _first_reader(keys: Sequence[Key], end: int, kind: _Kind) -> Any | None:
    """The reader for the first row of a frame: it is guessed to look like the last one of its set.

    Args:
        keys: All keys of the batch.
        end: The frame's size; none is needed for one that is no more than an end.
        kind: Of which readers, and of what rows.
    """
    return keys[0]._names.row_readers.get(kind) if end > FIRST_FIELD else None


class _Guess:
    """What the next row of a frame will look like: like the last one, until that has been wrong too often.

    Args:
        keys: All keys of the batch.
        kind: Of which readers, and of what rows: see `_first_reader`.
    """

    __slots__ = ("_guesses", "_kind", "_known", "_last", "_made")

    def __init__(self, keys: Sequence[Key], kind: _Kind) -> None:
        self._guesses = _MOST_GUESSES
        self._made = 0
        self._last: Look | None = None
        self._kind = kind
        self._known = keys[0]._names.row_readers

    def after(self, frame: bytes, at: int, n_ops: int, make: Callable[..., Any], *how: bool) -> Any | None:
        """The reader for rows like the one whose bins begin at an offset, if one is known or worth making.

        Args:
            frame: Where the row stands; it has no fields.
            at: Where its bins begin.
            n_ops: How many they are.
            make: Makes such a reader.
            how: What it needs to know besides the look.
        """
        if not self._guesses:
            return None
        self._guesses -= 1
        look = batch_look(frame, at, n_ops)
        if look is None:
            return None
        last, self._last = self._last, look
        reader = known_reader(make, look, *how)
        if reader is None and look == last and self._made < _MOST_MADE:
            self._made += 1
            reader = reader_of(make, look, *how)
        if reader is not None:
            self._known[self._kind] = reader
        return reader


def read_flags(frame: bytes, answers: list[Any], waiting: object) -> int | None:
    """Take the rows of a frame whose result codes are all that matters.

    Args:
        frame: A whole frame.
        answers: Gets, by index, the result code.
        waiting: What answers holds for the rows that may come.

    Returns:
        The result code of the whole, with the last frame, else None.

    Raises:
        ProtocolError: As `read_records`.
    """
    at, end = _begin(frame), len(frame)
    try:
        while at < end:
            info3, code, _, _, index, n_fields, n_ops = _HEADER.unpack_from(frame, at)
            if info3 & _LAST:
                return _end(frame, at, code)
            at += MESSAGE_HEADER_SIZE
            if n_fields or n_ops:
                at = _skip_fields(frame, at, n_fields)
                at = _read_bins(frame, at, end, n_ops)[1]
            if answers[index] is not waiting:
                raise _unasked(index)
            answers[index] = code
    except struct.error:
        raise _cut_off(at, end) from None
    except IndexError:
        raise _not_in_batch(index, answers) from None
    return None


def read_answers(
    frame: bytes,
    keys: Sequence[Key],
    rows: Sequence[Row] | Row,
    answers: Sequence[Any],
    waiting: object,
    take: Callable[[int, Answer], None],
    put: Callable[[BatchResult], Any] | None = None,
    node: str = "",
) -> int | None:
    """Take the rows of a frame, of whatever kind.

    Args:
        frame: A whole frame.
        keys: All keys of the batch.
        rows: All rows of the batch, or the one for all.
        answers: What is known by index.
        waiting: What answers holds for the rows that may come.
        take: Called with the index and answer of each row; is to change answers there.
        put: Called instead with the result of most rows that succeeded; is to change answers too. None has all
            rows go to ``take``.
        node: Name of the node, for those results.

    Returns:
        The result code of the whole, with the last frame, else None.

    Raises:
        ProtocolError: As `read_records`.
    """
    at, end = _begin(frame), len(frame)
    one = rows if isinstance(rows, Row) else None
    kind: _Kind = (results_reader, one and one.operated)
    guess, now = None, clock.wall_clock()
    may_guess = put is not None and not (one and one.deletes)
    reader: ReadResults | None = _first_reader(keys, end, kind) if may_guess else None
    try:
        while at < end:
            if reader is not None:
                assert put is not None
                at = reader(frame, at, end, keys, answers, waiting, now, rows, node, put)
                if at == end:
                    break
            info3, code, generation, void_time, index, n_fields, n_ops = _HEADER.unpack_from(frame, at)
            if info3 & _LAST:
                return _end(frame, at, code)
            at += MESSAGE_HEADER_SIZE
            if n_fields:
                at = _skip_fields(frame, at, n_fields)
            found, behind = _read_bins(frame, at, end, n_ops)
            if answers[index] is not waiting:
                raise _unasked(index)
            row = rows if isinstance(rows, Row) else rows[index]
            take(index, _answer(code, keys[index], row, found, generation, void_time))
            if put is not None and not (code or n_fields or row.deletes):
                guess = guess or _Guess(keys, kind)
                reader = guess.after(frame, at, n_ops, results_reader, row.operated, one is None)
            at = behind
    except struct.error:
        raise _cut_off(at, end) from None
    except IndexError:
        raise _not_in_batch(index, answers) from None
    return None


def parse_alone(frame: bytes, key: Key, row: Row) -> Answer:
    """The answer to a row that was a request of its own.

    Raises:
        ProtocolError: The answer is malformed.
    """
    at, end = _begin(frame), len(frame)
    try:
        _, code, generation, void_time, _, n_fields, n_ops = _HEADER.unpack_from(frame, at)
        at += MESSAGE_HEADER_SIZE
        if n_fields:
            at = _skip_fields(frame, at, n_fields)
        found, at = _read_bins(frame, at, end, n_ops)
    except struct.error:
        raise _cut_off(at, end) from None
    if at != end:
        raise ProtocolError(f"{end - at} bytes too many at byte offset {at}")
    return _answer(code, key, row, found, generation, void_time)


def _answer(
    code: int, key: Key, row: Row, found: list[tuple[str, Any]], generation: int, void_time: int
) -> Answer:
    if code:
        message = dict(found).get("FAILURE") if code == _UDF else None
        return Answer(code, None, message if isinstance(message, str) else "")
    if row.deletes:
        return Answer(code)
    ttl = ttl_from_void_time(void_time, clock.wall_clock()) if void_time else None
    if row.operated:
        return Answer(code, Record(key, gather(found), generation, ttl, tuple(found)))
    return Answer(code, Record(key, dict(found), generation, ttl))


# Pieces of rows.


def _read_bins(frame: bytes, at: int, end: int, n_ops: int) -> tuple[list[tuple[str, Any]], int]:
    """Name and value of each bin of a row, in its order, and where it ends."""
    found: list[tuple[str, Any]] = []
    for _ in range(n_ops):
        size, kind, name_size = _OP.unpack_from(frame, at)
        value_at = at + 8 + name_size
        behind = at + 4 + size
        if not value_at <= behind <= end:
            raise _misfit(behind, end)
        try:
            name = frame[at + 8 : value_at].decode()
        except UnicodeDecodeError as error:
            raise ProtocolError(f"name of the bin at byte offset {at} is not UTF-8: {error}") from error
        found.append((name, decode_value(kind, frame[value_at:behind])))
        at = behind
    return found, at


def _skip_fields(frame: bytes, at: int, n_fields: int) -> int:
    for _ in range(n_fields):
        behind = at + 4 + _SIZE.unpack_from(frame, at)[0]
        if not at + 5 <= behind <= len(frame):
            raise ProtocolError(f"field of {behind - at - 4} bytes does not fit at byte offset {at}")
        at = behind
    return at


def _begin(frame: bytes) -> int:
    """Where the first row of a frame begins."""
    if len(frame) < FIRST_FIELD or frame[1] != MESSAGE:
        raise ProtocolError(f"expected a message, got a frame of type {frame[1]} and {len(frame)} bytes")
    return FRAME_HEADER_SIZE


def _end(frame: bytes, at: int, code: int) -> int:
    if len(frame) != at + MESSAGE_HEADER_SIZE:
        raise ProtocolError(f"{len(frame) - at - MESSAGE_HEADER_SIZE} bytes behind the last message of a batch")
    return code


def _unasked(index: int) -> ProtocolError:
    return ProtocolError(f"the row with index {index} was not asked of this node, or has come before")


def _not_in_batch(index: int, answers: Sequence[Any]) -> ProtocolError:
    return ProtocolError(f"a row with index {index}, in a batch of {len(answers)}")


def _misfit(behind: int, end: int) -> ProtocolError:
    return ProtocolError(f"a bin that ends at byte offset {behind} does not fit into a frame of {end} bytes")


def _cut_off(at: int, end: int) -> ProtocolError:
    return ProtocolError(f"row cut off at byte offset {at} of {end}")
