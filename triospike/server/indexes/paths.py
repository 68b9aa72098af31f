"""Paths into lists and maps that an index may be defined by (protocol section 10.6)."""

from __future__ import annotations

from typing import Final

from ..apply.containers import Malformed, canonical
from ..apply.cursor import Cursor
from ..refusal import Refusal

__all__ = ["is_path", "is_shortest"]

_BASE: Final = 0x0F
_GREATEST: Final = 0x23
_VALUE: Final = 3
_KEY_OF_LIST: Final = 0x12


def is_path(packed: bytes) -> bool:
    """Whether the bytes are a path of steps that can be taken by index, rank, key or value."""
    cursor = Cursor(packed)
    try:
        n = cursor.list_size()
        if n == 0 or n % 2:
            return False
        for _ in range(n // 2):
            if not _is_step(cursor.unsigned() & 0xFF):
                return False
            cursor.skip()
    except Refusal:
        return False
    return True


def _is_step(kind: int) -> bool:
    return kind <= _GREATEST and kind & _BASE <= _VALUE and kind != _KEY_OF_LIST


def is_shortest(packed: bytes) -> bool:
    """Whether everything in a path is packed as short as can be."""
    try:
        return canonical(packed, 0)[1] == packed
    except (Malformed, Refusal):
        return False
