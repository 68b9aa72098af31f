"""What an expression looks at: an index keeps only what can't change without the record being written."""

from __future__ import annotations

from typing import Final

from ..._wire.opcodes import ExpOp
from ..apply.cursor import Cursor, Piece

__all__ = ["looks_only_at_bins"]

_BINS: Final = frozenset({int(ExpOp.BIN), int(ExpOp.BIN_TYPE), int(ExpOp.DIGEST_MODULO)})
_OTHERS: Final = frozenset(
    int(op)
    for op in (
        ExpOp.DEVICE_SIZE,
        ExpOp.MEMORY_SIZE,
        ExpOp.RECORD_SIZE,
        ExpOp.LAST_UPDATE,
        ExpOp.SINCE_UPDATE,
        ExpOp.VOID_TIME,
        ExpOp.TTL,
        ExpOp.SET_NAME,
        ExpOp.KEY_EXISTS,
        ExpOp.IS_TOMBSTONE,
        ExpOp.KEY,
    )
)
_QUOTE: Final = int(ExpOp.QUOTE)
_CALL: Final = int(ExpOp.CALL)


def looks_only_at_bins(packed: bytes) -> bool:
    """Whether an expression that can be built looks at bins or the digest, and at nothing else of the record.

    Args:
        packed: The expression.
    """
    found: set[int] = set()
    pending = [packed]
    while pending:
        cursor = Cursor(pending.pop())
        if not cursor.is_list():
            continue
        count = cursor.list_size() - 1
        if count < 0 or cursor.peek() not in {Piece.INTEGER, Piece.NEGATIVE}:
            continue
        code = cursor.unsigned()
        found.add(code)
        pieces = [cursor.piece() for _ in range(count)]
        if code == _CALL:
            pending += pieces[-1:]  # the operation's own numbers are none of expressions
        elif code != _QUOTE:
            pending += pieces
    return bool(found & _BINS) and not found & _OTHERS
