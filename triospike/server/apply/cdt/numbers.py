"""Adding to a number inside a list or map."""

from __future__ import annotations

import math
from typing import TypeAlias

from ....result_code import ResultCode
from ...refusal import Refusal
from ...storage.record import Particle
from ..cursor import Cursor, Piece
from ..packing import pack_float, pack_integer
from .answers import particle_of

__all__ = ["add"]

_Number: TypeAlias = int | float

_INTEGERS = frozenset({Piece.INTEGER, Piece.NEGATIVE})
_WRAP = 1 << 64
_SIGN = 1 << 63


def add(current: bytes | None, delta: bytes | None, *, sign: int = 1) -> tuple[bytes, Particle | None]:
    """Add to an element.

    The result has the type of the element; only where there is none, that of the delta.

    Args:
        current: The element, packed; None if there is none.
        delta: What to add, packed; None or nil for 1.
        sign: -1 to subtract.

    Returns:
        The new element, packed and as a particle.

    Raises:
        Refusal: One of them is no number.
    """
    step = 1 if delta is None else _number(delta, nil=1)
    if current is None:
        total = step * sign
    else:
        base = _number(current)
        total = base + (_truncated(step * sign) if isinstance(base, int) else float(step * sign))
    piece = pack_float(total) if isinstance(total, float) else pack_integer(_wrapped(total))
    return piece, particle_of(piece)


def _number(piece: bytes, *, nil: int | None = None) -> _Number:
    cursor = Cursor(piece)
    kind = cursor.peek()
    if kind in _INTEGERS:
        return cursor.integer()
    if kind == Piece.FLOAT:
        return cursor.number()
    if kind == Piece.NIL and nil is not None:
        return nil
    raise Refusal(ResultCode.PARAMETER)


def _truncated(number: _Number) -> int:
    """A float as a processor converts it: what has no integer becomes the lowest one."""
    if isinstance(number, int):
        return number
    if not math.isfinite(number) or not -_SIGN <= number < _SIGN:
        return -_SIGN
    return int(number)


def _wrapped(number: int) -> int:
    number %= _WRAP
    return number - _WRAP if number & _SIGN else number
