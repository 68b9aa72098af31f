"""How a row looks: which of its bytes are the same in each row like it, and where its values are.

Rows of the same look are read by a function that was made for it, see `alike_rows`.
"""

from __future__ import annotations

import enum
import struct
from typing import NamedTuple

from .._wire.flags import FieldType, ParticleType
from .._wire.message import FIRST_FIELD, MESSAGE_HEADER_SIZE
from .._wire.proto import FRAME_HEADER_SIZE
from ..key import DIGEST_BYTES

__all__ = [
    "FIXED",
    "SIZED",
    "SKIPPED",
    "Look",
    "Piece",
    "Role",
    "answer_look",
    "batch_look",
    "scan_look",
]

FIXED = {"q": "q", "d": "d", "?": "?", "I": "I", "D": f"{DIGEST_BYTES}s", "V": "8s"}
"""The letter of each value whose size is always the same: how `struct` takes it."""

SIZED = {
    "t": "{value}.decode()",
    "b": "{value}",
    "v": "decode_value(KIND{at}, {value})",
    "o": "OpaqueBlob(KIND{at}, {value})",
}
"""The letter of each value of variable size: how it is made of its bytes, in Python."""

SKIPPED = "6x"
"""What is skipped, likewise."""

_FIELD = struct.Struct(">IB")
_OP = struct.Struct(">IxBxB")
_NUMBERS: dict[int, tuple[str, int]] = {
    ParticleType.INTEGER: ("q", 8),
    ParticleType.FLOAT: ("d", 8),
    ParticleType.BOOL: ("?", 1),
}
_KEYS: dict[int, str] = {ParticleType.STRING: "t", ParticleType.BLOB: "b"}
_CONTAINERS = frozenset({ParticleType.LIST, ParticleType.MAP})
_MOST_BINS = 64
_MOST_FIELDS = 16
_LONGEST_SAME = 1 << 10


class Role(enum.Enum):
    """What a piece of a row is; the value is how a reader calls it."""

    SAME = "same"
    SKIPPED = "skipped"
    GENERATION = "generation"
    VOID_TIME = "void_time"
    INDEX = "index"
    DIGEST = "digest"
    USER_KEY = "user_key"
    INDEX_VALUE = "index_value"
    BIN = ""


class Piece(NamedTuple):
    """One value of a row, with what stands before it; or bytes that are the same in each row.

    Attributes:
        role: What it is; of what is skipped, nothing else is said: it is the size of a frame.
        head: The bytes before the value; without its size where that varies.
        letter: How it is read: one of `FIXED`; "n" is nothing at all; of variable size are "t", text, "b", bytes,
            "v", any value, and "o", a value to be left as it is.
        name: The bin's name.
        kind: The type of its value.
    """

    role: Role
    head: bytes
    letter: str = ""
    name: str = ""
    kind: int = 0


Look = tuple[Piece, ...]
"""How a row looks."""


def answer_look(frame: bytes, n_ops: int) -> Look | None:
    """How the answer to a read of one record looks that has been read already.

    Args:
        frame: The answer; it has no fields.
        n_ops: How many bins it has.

    Returns:
        Its pieces; None where it is not worth the while.
    """
    bins = _bins(frame, FIRST_FIELD, n_ops) if 0 < n_ops <= _MOST_BINS else None
    if bins is None:
        return None
    at = FRAME_HEADER_SIZE + 6
    return (
        Piece(Role.SAME, frame[:2]),
        Piece(Role.SKIPPED, b""),
        Piece(Role.SAME, frame[FRAME_HEADER_SIZE:at]),
        Piece(Role.GENERATION, b"", "I"),
        Piece(Role.VOID_TIME, b"", "I"),
        Piece(Role.SAME, frame[at + 8 : FIRST_FIELD]),
        *bins,
    )


def batch_look(frame: bytes, at: int, n_ops: int) -> Look | None:
    """How a row of a batch looks that has been read already, so that its sizes are right.

    Args:
        frame: Where it stands.
        at: The offset of its first bin; it has no fields.
        n_ops: How many bins it has.

    Returns:
        Its pieces; None where it is not worth the while.
    """
    if not 0 < n_ops <= _MOST_BINS:
        return None
    header = at - MESSAGE_HEADER_SIZE
    bins = _bins(frame, at, n_ops)
    if bins is None:
        return None
    return (
        Piece(Role.SAME, frame[header : header + 6]),
        Piece(Role.GENERATION, b"", "I"),
        Piece(Role.VOID_TIME, b"", "I"),
        Piece(Role.INDEX, b"", "I"),
        Piece(Role.SAME, frame[at - 4 : at]),
        *bins,
    )


def scan_look(frame: bytes, at: int, *, deserialize: bool = True) -> Look | None:
    """How a row of a scan or query looks that has been read already.

    Args:
        frame: Where it stands.
        at: Its offset.
        deserialize: Make Python values of lists and maps.

    Returns:
        Its pieces; None where it is not worth the while.
    """
    behind = at + MESSAGE_HEADER_SIZE
    n_fields, n_ops = struct.unpack_from(">HH", frame, behind - 4)
    if n_fields > _MOST_FIELDS or n_ops > _MOST_BINS:
        return None
    look = [
        Piece(Role.SAME, frame[at : at + 6]),
        Piece(Role.GENERATION, b"", "I"),
        Piece(Role.VOID_TIME, b"", "I"),
        Piece(Role.SAME, frame[at + 14 : behind]),
    ]
    for _ in range(n_fields):
        size = _FIELD.unpack_from(frame, behind)[0]
        piece = _field(frame[behind : behind + 4 + size])
        if piece is None:
            return None
        look.append(piece)
        behind += 4 + size
    roles = [piece.role for piece in look if piece.role is not Role.SAME]
    bins = _bins(frame, behind, n_ops, deserialize=deserialize)
    if bins is None or len(set(roles)) < len(roles):
        return None
    return (*look, *bins)


def _field(field: bytes) -> Piece | None:
    kind, head, size = field[4], field[: _FIELD.size], len(field) - _FIELD.size
    if kind == FieldType.DIGEST:
        return Piece(Role.DIGEST, head, "D")
    if kind == FieldType.BIN_VALUES:
        return Piece(Role.INDEX_VALUE, head, "V") if size == 8 else None
    if kind != FieldType.KEY:
        return Piece(Role.SAME, field) if size <= _LONGEST_SAME else None
    of_type = field[5] if size else 0
    if of_type == ParticleType.INTEGER and size == 9:
        return Piece(Role.USER_KEY, field[:6], "q")
    letter = _KEYS.get(of_type)
    return Piece(Role.USER_KEY, field[4:6], letter) if letter else None


def _bins(frame: bytes, at: int, n_ops: int, *, deserialize: bool = True) -> list[Piece] | None:
    pieces = []
    for _ in range(n_ops):
        size, kind, name_size = _OP.unpack_from(frame, at)
        value_at, behind = at + 8 + name_size, at + 4 + size
        letter, fits = _letter(kind, behind - value_at, deserialize)
        if not fits:
            return None
        head = frame[at:value_at] if letter in FIXED or letter == "n" else frame[at + 4 : value_at]
        pieces.append(Piece(Role.BIN, head, letter, frame[at + 8 : value_at].decode(), kind))
        at = behind
    return pieces


def _letter(kind: int, size: int, deserialize: bool) -> tuple[str, bool]:
    """How a value is read, and whether it is as large as it has to be."""
    number = _NUMBERS.get(kind)
    if number is not None:
        return number[0], size == number[1]
    if kind == ParticleType.NULL:
        return "n", size == 0
    if kind == ParticleType.STRING:
        return "t", True
    if kind == ParticleType.BLOB:
        return "b", True
    return ("v" if deserialize or kind not in _CONTAINERS else "o"), True
