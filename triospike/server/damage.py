"""What faults make of an answer under way: it ends too early, or arrives damaged."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from struct import Struct
from typing import Final

from .._wire.flags import FrameType, Info3
from .._wire.proto import FRAME_HEADER_SIZE
from .stream import Step

__all__ = ["cut", "garbled", "silenced"]

_GARBLE_OFFSET: Final = FRAME_HEADER_SIZE + 6
_MESSAGE_HEADER: Final = Struct(">BBBBBBIIIHH")
_SIZE: Final = Struct(">I")
_MARKS: Final = int(Info3.LAST | Info3.PARTITION_DONE)


def silenced(steps: Iterator[Step]) -> Generator[Step, None, None]:
    """All that is done, and nothing sent."""
    for step in steps:
        yield 0.0 if isinstance(step, bytes) else step


def cut(steps: Iterator[Step], size: int | None, rows: int | None) -> Generator[Step, None, None]:
    """The beginning of an answer.

    Args:
        steps: All of it.
        size: Bytes of it.
        rows: Whole rows of it, if that is less.
    """
    for step in steps:
        if not isinstance(step, bytes):
            yield step
            continue
        end = len(step) if size is None else min(size, len(step))
        if rows is not None:
            found, behind = _rows_of(step, rows)
            end = min(end, behind)
            rows -= found
        yield step[:end]
        if size is not None:
            size -= end
        if end < len(step) or rows == 0 or size == 0:
            return


def _rows_of(frame: bytes, limit: int) -> tuple[int, int]:
    """How many rows a frame has, at most so many, and where they end."""
    if frame[1] != FrameType.MESSAGE:
        return 0, len(frame)
    found, at = 0, FRAME_HEADER_SIZE
    while found < limit and at < len(frame):
        header = _MESSAGE_HEADER.unpack_from(frame, at)
        found += not header[3] & _MARKS
        at += _MESSAGE_HEADER.size
        for _ in range(header[9] + header[10]):
            at += _SIZE.size + int(_SIZE.unpack_from(frame, at)[0])
    return found, at


def garbled(steps: Iterator[Step], part: str) -> Generator[Step, None, None]:
    """The answer with its first frame damaged, the ``header`` of it or the ``body``."""
    is_whole = True
    for step in steps:
        if is_whole and isinstance(step, bytes):
            is_whole = False
            yield _garbled(step, part)
        else:
            yield step


def _garbled(frame: bytes, part: str) -> bytes:
    start, end = (0, FRAME_HEADER_SIZE) if part == "header" else (_body_to_garble(frame), len(frame))
    return frame[:start] + bytes(byte ^ 0xFF for byte in frame[start:end]) + frame[end:]


def _body_to_garble(frame: bytes) -> int:
    """Where damage to a body begins: a message keeps its result code, so that damage is not mistaken for one."""
    return min(len(frame), _GARBLE_OFFSET if frame[1] == FrameType.MESSAGE else FRAME_HEADER_SIZE)
